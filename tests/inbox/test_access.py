"""Every route of the desk asks who you are; a case opens only through its gate; changes need our own form."""

from __future__ import annotations

import logging
import re

import pytest
from starlette.routing import Mount, Route

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.usecases.log_in import disable_professional, visitor_of
from inbox.access import LOGIN_PATH, access_case, cookie_name
from inbox.app import routes
from tests.inbox.conftest import Browser, Desk


def walked(desk: Desk) -> list[tuple[str, str]]:
    """Return (method, path pattern) of all routes but the log-in page and static files."""
    found = []
    for route in routes(desk.house):
        if isinstance(route, Mount):
            assert route.path == "/inbox/static"
            continue
        assert isinstance(route, Route)
        if route.path != LOGIN_PATH:
            found += [(method, route.path) for method in sorted(route.methods or ()) if method != "HEAD"]
    return found


def filled(path: str, case_ref: str, page: str) -> str:
    """Return a real address for a route's pattern."""
    if path.startswith("/inbox/pagina/"):
        return page
    path = path.replace("{ref}", case_ref).replace("{name:path}", "woningcorporatie/ontruiming")
    # Whatever else stands in a pattern is the number or reference of something that is not there.
    return re.sub(r"\{\w+:int\}", "1", re.sub(r"\{\w+\}", "X-0", path))


def a_page(browser: Browser, case_ref: str) -> str:
    """Return the link of a page image on a case's page."""
    found = re.search(r'src="(/inbox/pagina/[^"]+)"', browser.get(f"/inbox/zaak/{case_ref}").text)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_the_walk_sees_all_routes(desk: Desk) -> None:
    found = walked(desk)
    assert len(found) >= 20
    assert {method for method, _ in found} == {"GET", "POST"}


def test_each_route_refuses_without_a_session(desk: Desk, browse) -> None:
    case_ref = desk.case()
    page = a_page(browse("melissa"), case_ref)
    stranger = browse()
    for method, path in walked(desk):
        address = filled(path, case_ref, page)
        answer = stranger.client.request(method, address, headers={"accept": "text/html"})
        assert answer.status_code == 303, (method, path)
        assert answer.headers["location"] == LOGIN_PATH
        assert "Woonstichting" not in answer.text
        assert stranger.client.get(address, headers={"x-part": "1"}).status_code in {401, 405}, path
    assert desk.kinds(case_ref) == ["sent", "assigned", "viewed"]


def test_each_case_route_refuses_another_team(desk: Desk, browse, caplog: pytest.LogCaptureFixture) -> None:
    case_ref = desk.case()
    page = a_page(browse("melissa"), case_ref)
    joke = browse("joke")
    caplog.set_level(logging.INFO)
    tried = 0
    for method, path in walked(desk):
        if "{ref}" not in path and "{photo}" not in path:
            continue
        address = filled(path, case_ref, page)
        answer = (
            joke.get(address) if method == "GET" else joke.post(address, antwoord="x", notitie="x", uitkomst="solved")
        )
        assert answer.status_code == 404, (method, path)
        assert "Woonstichting" not in answer.text
        tried += 1
    assert tried >= 10
    assert desk.kinds(case_ref) == ["sent", "assigned", "viewed"]
    assert f"object={case_ref} result=team" in caplog.text


def test_each_change_refuses_a_missing_or_foreign_token_and_origin(desk: Desk, browse) -> None:
    case_ref = desk.case()
    melissa, samir = browse("melissa"), browse("samir")
    changes = [path for method, path in walked(desk) if method == "POST"]
    assert len(changes) >= 9
    for path in changes:
        address = filled(path, case_ref, "")
        fields = {"antwoord": "x", "notitie": "x", "uitkomst": "solved"}
        assert melissa.client.post(address, data=fields).status_code == 403, path
        assert melissa.client.post(address, data={**fields, "csrf": samir.csrf}).status_code == 403, path
        good = {**fields, "csrf": melissa.csrf}
        for headers in ({"origin": "https://kwaad.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
            assert melissa.client.post(address, data=good, headers=headers).status_code == 403, (path, headers)
    assert desk.kinds(case_ref) == ["sent", "assigned"]
    assert melissa.get("/inbox").status_code == 200


def test_reading_never_changes_a_case_by_get(desk: Desk, browse) -> None:
    case_ref = desk.case()
    melissa = browse("melissa")
    for method, path in walked(desk):
        if method == "POST":
            assert melissa.get(filled(path, case_ref, "")).status_code == 405, path


def test_policy_makers_see_figures_and_no_case(desk: Desk, browse) -> None:
    case_ref = desk.case("joke")
    page = a_page(browse("joke"), case_ref)
    daan = browse("daan")
    for method, path in walked(desk):
        address = filled(path, case_ref, page)
        answer = daan.get(address) if method == "GET" else daan.post(address)
        if path.startswith("/monitor"):
            # An empty reply to a signal that is not there is refused; it shows nothing either.
            assert answer.status_code == 200 if method == "GET" else answer.status_code in {400, 404}
            assert "Joke" not in answer.text
            assert case_ref not in answer.text
        elif path in {"/inbox/bezig", "/inbox/uitloggen", "/inbox/taal"}:
            assert answer.status_code in {204, 303}
            daan = browse("daan")
        else:
            assert answer.status_code == 404, (method, path)


def test_the_gate_says_the_same_for_unknown_and_foreign_cases(desk: Desk, browse) -> None:
    case_ref = desk.case()
    joke = browse("joke")
    visitor = visitor_of(desk.house, joke.client.cookies[cookie_name(desk.house, "staff")])
    assert visitor is not None
    for ref in (case_ref, "C-" + "0" * 32, "../../etc/passwd"):
        with pytest.raises(BriefbrugError) as refused:
            access_case(desk.house, visitor, ref)
        assert refused.value.reason is Reason.NOT_FOUND
    foreign, unknown = joke.get(f"/inbox/zaak/{case_ref}"), joke.get(f"/inbox/zaak/C-{'0' * 32}")
    assert (foreign.status_code, foreign.text) == (unknown.status_code, unknown.text)


def test_page_links_die_with_time_session_and_case(desk: Desk, browse) -> None:
    case_ref = desk.case()
    melissa, samir = browse("melissa"), browse("samir")
    link = a_page(melissa, case_ref)
    first = melissa.get(link)
    assert first.status_code == 200
    assert first.headers["content-type"] == "image/jpeg"
    assert first.content[:3] == b"\xff\xd8\xff"
    assert first.headers["cache-control"] == "no-store"
    assert "sandbox" in first.headers["content-security-policy"]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert "inline; filename=" in first.headers["content-disposition"]
    # A colleague of the same team has links of her own; this one was not made for her session.
    assert samir.get(link).status_code == 404
    later = re.sub(r"tot=(\d+)", lambda found: f"tot={int(found[1]) + 60}", link)
    assert melissa.get(later).status_code == 404
    assert melissa.get(re.sub(r"tot=\d+", "tot=1", link)).status_code == 404
    assert melissa.get(link.partition("?")[0]).status_code == 404
    assert melissa.get(link.replace("/0?", "/1?")).status_code == 404
    melissa.post("/inbox/uitloggen")
    assert melissa.get(link).status_code == 303


def test_only_shared_letters_are_shown(desk: Desk, browse) -> None:
    case_ref = desk.case(share=False)
    page = browse("melissa").get(f"/inbox/zaak/{case_ref}")
    assert page.status_code == 200
    assert "Woonstichting" not in page.text
    assert "/inbox/pagina/" not in page.text


def test_who_looked_is_kept_once(desk: Desk, browse) -> None:
    case_ref = desk.case()
    melissa = browse("melissa")
    for _ in range(3):
        melissa.get(a_page(melissa, case_ref))
    melissa.get(f"/inbox/zaak/{case_ref}/dossier.json")
    with desk.house.look() as work:
        looks = work.cases.looks(desk.resident(case_ref))
    assert sorted(look.what for look in looks) == ["case", "export", "page"]
    assert {look.professional_ref for look in looks} == {desk.refs["melissa"]}
    assert desk.kinds(case_ref).count("viewed") == 1


def test_headers_and_no_inline_script(desk: Desk, browse) -> None:
    case_ref = desk.case()
    melissa = browse("melissa")
    for path in (
        "/inbox",
        f"/inbox/zaak/{case_ref}",
        "/monitor",
        "/inbox/kennis/woningcorporatie/ontruiming",
        "/inbox/inloggen",
    ):
        page = melissa.get(path)
        assert page.status_code == 200, path
        assert "unsafe-inline" not in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=|javascript:", page.text), path
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", page.text), path


def test_log_lines_cannot_be_forged(desk: Desk, browse, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    browse("joke").get("/inbox/zaak/C-1%0Adesk action=case_viewed object=x")
    lines = [record.getMessage() for record in caplog.records if record.name == "briefbrug.desk"]
    assert lines
    assert all("\n" not in line and " at=" in line or line.startswith("desk_refused") for line in lines)
    assert not any("object=x" in line for line in lines)


def test_an_unexpected_failure_shows_a_reference_and_no_trace(
    desk: Desk, browse, caplog: pytest.LogCaptureFixture
) -> None:
    case_ref = desk.case()
    melissa = browse("melissa")
    with desk.house.work() as work:
        case = work.cases.get(case_ref)
        assert case is not None
        case.preview_sealed = b"broken beyond opening"
    page = melissa.get(f"/inbox/zaak/{case_ref}")
    assert page.status_code == 500
    assert "Noem dan deze code" in page.text
    assert "Traceback" not in page.text
    assert "Dat lukt niet" in page.text


def test_disabling_ends_all_sessions_and_gives_the_cases_away(desk: Desk, browse) -> None:
    case_ref = desk.case()
    one, two = browse("melissa"), browse("melissa")
    disable_professional(desk.house, desk.refs["melissa"])
    assert one.get("/inbox").status_code == 303
    assert two.get("/inbox").status_code == 303
    assert browse().log_in("melissa").status_code == 401
    assert desk.row(case_ref).professional_ref == desk.refs["samir"]
    assert desk.lines(case_ref)[-1][0] == "machine"
    assert "Samir Voorbeeld" in desk.lines(case_ref)[-1][1]
