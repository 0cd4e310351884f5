"""The pages of the desk and the monitor: log-in, worklist, case, page images, knowledge, figures."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.usecases.log_in import LoggedIn, Visitor, log_in, log_out
from briefbrug.usecases.picture import page_image
from briefbrug.usecases.report_response_times import as_csv, as_json, month_from, report_response_times
from briefbrug.usecases.report_response_times import definitions as definitions_of
from briefbrug.usecases.work_on_case import (
    LONGEST_ANSWER,
    assign_to,
    close_case,
    correct_fact,
    hand_back,
    mark_viewed,
    note,
    reopen,
    reply_to_case,
)  # fmt: skip
from briefbrug.web_security import FILE_POLICY
from inbox import access as door
from inbox import charts, words
from inbox.access import Asking, desk_route, new_token, origin_of, same_token
from inbox.cases import FILTERS, Gists, case_of_page, export_case, knowledge_entry, show_case, show_chat, worklist
from inbox.plain import advice_on

log = logging.getLogger("briefbrug.desk")

HERE = Path(__file__).parent
HTML = "text/html"
THEME = "voorbeeld-theme"
"""The class of the design tokens; a municipality's own theme brings its own."""

Page = Callable[..., HTMLResponse]


class Pages:
    """Draws the pages from their templates; everything that goes in is escaped there."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            visible=words.visible, span=words.span, working=words.working_span, percent=words.percent,
            month=words.month_name,
        )  # fmt: skip
        parts: dict[str, Any] = {
            "theme": THEME,
            "demo": house.settings.demo,
            "municipality": house.settings.municipality,
            "words": words,
            "icon_path": ICONS.get,
        }
        self._templates.globals.update(parts)

    def draw(self, name: str, visitor: Visitor | None, *, code: int = 200, **values: Any) -> HTMLResponse:
        """Return a page."""
        text = self._templates.get_template(name).render(
            visitor=visitor, csrf=visitor.csrf if visitor else "", **values
        )
        return HTMLResponse(text, status_code=code, headers={"cache-control": "no-store"})

    def problem(
        self, request: Request, reason: Reason, status: int, visitor: Visitor | None, mark: str = ""
    ) -> Response:
        """Return the page of a refusal; a half-drawn page gets the sentence alone."""
        told = words.PROBLEM.get(reason.value, words.PROBLEM["not_understood"])
        back = request.headers.get("referer", "") if status in {400, 403, 409} else ""
        if "x-part" in request.headers:
            return HTMLResponse(told, status_code=status)
        has_back = back.startswith(str(request.base_url))
        return self.draw("problem.html", visitor, code=status, told=told, mark=mark, back=back if has_back else "")


ICONS: dict[str, str] = {
    "alarm": "M12 3 2 20h20L12 3Zm0 6v5m0 3v.01",
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4v5l3.5 2",
    "calendar": "M4 6h16v14H4V6Zm0 4h16M8 3v5m8-5v5",
    "folder": "M3 6h6l2 2h10v11H3V6Z",
    "check": "m4 12.5 5 5L20 6.5",
    "chat": "M4 5h16v11H10l-5 4v-4H4V5Z",
    "person": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20c.8-3.6 3.8-6 7.5-6s6.7 2.4 7.5 6",
    "eye": "M2 12s3.5-6.5 10-6.5S22 12 22 12s-3.5 6.5-10 6.5S2 12 2 12Zm10-3a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
    "note": "M5 3h10l4 4v14H5V3Zm4 8h6m-6 4h6",
    "pencil": "m4 20 1-4L16 5l3 3L8 19l-4 1Zm10-13 3 3",
    "letter": "M3 6h18v12H3V6Zm0 1 9 6 9-6",
    "robot": "M6 9h12v9H6V9Zm6-4v4M9.5 13v.01m5 0v.01M3 12v3m18-3v3",
    "lock": "M6 11h12v9H6v-9Zm2 0V8a4 4 0 0 1 8 0v3",
    "reopen": "M4 12a8 8 0 1 0 3-6.2M4 4v4.5h4.5",
    "send": "m3 11 18-8-7 18-3-7-8-3Z",
    "house": "M3 11.5 12 4l9 7.5M6 10v10h12V10",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.5L21 21",
    "back": "M10 5l-7 7 7 7m-7-7h18",
    "print": "M7 8V3h10v5M5 8h14v9h-3v4H8v-4H5V8Z",
    "download": "M12 3v11m-4-4 4 4 4-4M4 20h16",
    "chart": "M4 20V10m6 10V4m6 16v-8m4 8H2",
    "out": "M14 4h6v16h-6M4 12h11m-4-4 4 4-4 4",
    "zoom": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.5L21 21M10.5 7.5v6m-3-3h6",
    "flag": "M5 21V4h12l-2 4 2 4H5",
    "coins": "M9 5a6 3 0 1 0 0 6 6 3 0 0 0 0-6ZM3 8v5c0 1.7 2.7 3 6 3m6-8v2m-3 4a4.5 2.5 0 1 0 9 0 4.5 2.5 0 0 0-9 0Zm0 0v4c0 1.4 2 2.5 4.5 2.5S21 19.4 21 18v-4",
    "hourglass": "M6 3h12M6 21h12M7 3c0 5 4 6 5 9-1 3-5 4-5 9M17 3c0 5-4 6-5 9 1 3 5 4 5 9",
    "clip": "m8 12 6-6a3.5 3.5 0 0 1 5 5l-8.5 8.5a5.5 5.5 0 0 1-8-8L11 3",
    "steps": "M4 19h5v-5h5V9h5V4",
    "speak": "M4 9v6h4l5 4V5L8 9H4Zm12-1a5 5 0 0 1 0 8m2-11a9 9 0 0 1 0 14",
    "heart": "M12 20S4 15 4 9.5A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.5C20 15 12 20 12 20Z",
}
"""Own line drawings, 24 by 24, one path each."""


def routes(house: House) -> list[BaseRoute]:
    """Return the routes of the desk and the monitor, each behind its door."""
    pages = Pages(house)
    gists = Gists(house)
    fail = pages.problem
    desk = partial(desk_route, house, fail=fail)

    def show_worklist(asking: Asking) -> Response:
        chosen = asking.request.query_params.get("toon", "team")
        chosen = chosen if chosen in FILTERS else "team"
        search = asking.request.query_params.get("zoek", "").strip()[:100]
        found = worklist(gists, asking.visitor, chosen, search)
        values: dict[str, Any] = {"found": found, "chosen": chosen, "search": search, "filters": FILTERS}
        return pages.draw("worklist.html", asking.visitor, **values)

    def worklist_part(asking: Asking) -> Response:
        chosen = asking.request.query_params.get("toon", "team")
        search = asking.request.query_params.get("zoek", "").strip()[:100]
        found = worklist(gists, asking.visitor, chosen if chosen in FILTERS else "team", search)
        if asking.request.query_params.get("stempel") == found.stamp:
            return Response(status_code=204)
        return pages.draw("_rows.html", asking.visitor, found=found, search=search, chosen=chosen)

    def case_page(asking: Asking) -> Response:
        case = asking.case()
        mark_viewed(house, case.case_ref, asking.visitor.professional_ref)
        door.note("case_viewed", case.case_ref, "ok", origin_of(house, asking.request), asking.visitor.professional_ref)
        view = show_case(house, case)
        told = TOLD.get(asking.request.query_params.get("gedaan", ""), "")
        values: dict[str, Any] = {
            "case": view,
            "told": told,
            "once": new_token,
            "outcomes": words.OUTCOME,
            "longest": LONGEST_ANSWER,
        }
        values["senders"] = sorted((s.name_nl, code) for code, s in house.knowledge.senders.items())
        values["kinds"] = [(k.spoken, code) for code, k in house.knowledge.kinds.items()]
        return pages.draw("case.html", asking.visitor, **values)

    def chat_part(asking: Asking) -> Response:
        chat, stamp, status = show_chat(house, asking.case())
        if asking.request.query_params.get("stempel") == stamp:
            return Response(status_code=204)
        return pages.draw("_chat.html", asking.visitor, chat=chat, stamp=stamp, status=status)

    def answer(asking: Asking) -> Response:
        case = asking.case()
        reply_to_case(house, case.case_ref, asking.visitor.professional_ref, asking.typed("antwoord"), _once(asking))
        return _done(asking, case.case_ref, "antwoord", "#gesprek")

    def give_back(asking: Asking) -> Response:
        case = asking.case()
        hand_back(house, case.case_ref, asking.visitor.professional_ref, _once(asking))
        return _done(asking, case.case_ref, "terug", "#gesprek")

    def close(asking: Asking) -> Response:
        case = asking.case()
        outcome, own = asking.typed("uitkomst"), asking.typed("woorden")
        close_case(house, case.case_ref, asking.visitor.professional_ref, outcome, _once(asking), own)
        return _done(asking, case.case_ref, "gesloten")

    def open_again(asking: Asking) -> Response:
        case = asking.case()
        reopen(house, case.case_ref, asking.visitor.professional_ref, _once(asking))
        return _done(asking, case.case_ref, "open")

    def hand_on(asking: Asking) -> Response:
        case = asking.case()
        assign_to(house, case.case_ref, asking.typed("collega"), asking.visitor.professional_ref, _once(asking))
        return _done(asking, case.case_ref, "overgedragen")

    def keep_note(asking: Asking) -> Response:
        case = asking.case()
        note(house, case.case_ref, asking.visitor.professional_ref, asking.typed("notitie"), _once(asking))
        return _done(asking, case.case_ref, "notitie", "#notities")

    def correct(asking: Asking) -> Response:
        case = asking.case()
        letter, field = asking.typed("brief"), asking.typed("veld")
        who = asking.visitor.professional_ref
        correct_fact(house, case.case_ref, who, letter, field, asking.typed("waarde"), _once(asking))
        return _done(asking, case.case_ref, "verbeterd", f"#brief-{letter}")

    def check_words(asking: Asking) -> Response:
        asking.case()
        return pages.draw("_advice.html", asking.visitor, advice=advice_on(asking.typed("antwoord")[:LONGEST_ANSWER]))

    def dossier(asking: Asking) -> Response:
        case = asking.case()
        mark_viewed(house, case.case_ref, asking.visitor.professional_ref, "export")
        door.note(
            "case_exported", case.case_ref, "ok", origin_of(house, asking.request), asking.visitor.professional_ref
        )
        name = f"zaak-{words.short_ref(case.case_ref)}.json"
        return Response(export_case(house, case), media_type="application/json", headers=_attachment(name))

    def page(asking: Asking) -> Response:
        params, query = asking.request.path_params, asking.request.query_params
        photo_ref, number = params["photo"], params["page"]
        case = case_of_page(house, asking.visitor, photo_ref, number, query.get("tot", ""), query.get("sleutel", ""))
        content = page_image(house, case.resident_ref, photo_ref, number)
        if content is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"photo_ref={photo_ref} page={number}")
        mark_viewed(house, case.case_ref, asking.visitor.professional_ref, "page", photo_ref)
        headers = {
            "content-security-policy": FILE_POLICY,
            "content-disposition": f'inline; filename="pagina-{number + 1}.jpg"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        return Response(content, media_type="image/jpeg", headers=headers)

    def knowledge(asking: Asking) -> Response:
        entry, sources = knowledge_entry(house, asking.request.path_params["name"])
        sender, kind = house.knowledge.senders[entry.sender], house.knowledge.kinds[entry.kind]
        helpers = [house.knowledge.helpers[name] for name in entry.helpers]
        values: dict[str, Any] = {
            "entry": entry,
            "sources": sources,
            "sender": sender,
            "kind": kind,
            "helpers": helpers,
        }
        return pages.draw("knowledge.html", asking.visitor, **values)

    def still_here(asking: Asking) -> Response:
        return Response(status_code=204)

    def leave(asking: Asking) -> Response:
        log_out(house, asking.visitor.secret)
        response = RedirectResponse(door.LOGIN_PATH, status_code=303)
        door.drop_cookie(house, response, "staff")
        return response

    def report_for(asking: Asking) -> Any:
        now = house.clock.today()
        month = month_from(asking.request.query_params.get("maand") or f"{now.year:04d}-{now.month:02d}")
        return report_response_times(house, month, asking.visitor.team_ref if asking.visitor.is_lead else None)

    def monitor(asking: Asking) -> Response:
        report = report_for(asking)
        values: dict[str, Any] = {"report": report, "definitions": definitions_of(house), "now": house.clock.now()}
        values["trend"] = charts.trend_chart(report)
        values["teams"] = charts.team_chart(report)
        values["people"] = _names(house, report)
        return pages.draw("monitor.html", asking.visitor, **values)

    def monitor_json(asking: Asking) -> Response:
        report = report_for(asking)
        door.note(
            "figures_exported", report.month, "json", origin_of(house, asking.request), asking.visitor.professional_ref
        )
        headers = _attachment(f"wachttijden-{report.month}.json")
        return Response(as_json(house, report), media_type="application/json", headers=headers)

    def monitor_csv(asking: Asking) -> Response:
        report = report_for(asking)
        door.note(
            "figures_exported", report.month, "csv", origin_of(house, asking.request), asking.visitor.professional_ref
        )
        headers = _attachment(f"wachttijden-{report.month}.csv")
        return Response(as_csv(report), media_type="text/csv; charset=utf-8", headers=headers)

    def change(path: str, handler: door.Handler, **more: Any) -> Route:
        return desk(path, handler, methods=("POST",), **more)

    return [
        Mount("/inbox/static", StaticFiles(directory=HERE / "static"), name="inbox-static"),
        *_login_routes(house, pages),
        desk("/inbox", show_worklist),
        desk("/inbox/rijen", worklist_part, is_activity=False),
        desk("/inbox/zaak/{ref}", case_page),
        desk("/inbox/zaak/{ref}/gesprek", chat_part, is_activity=False),
        change("/inbox/zaak/{ref}/antwoord", answer),
        change("/inbox/zaak/{ref}/terug", give_back),
        change("/inbox/zaak/{ref}/sluiten", close),
        change("/inbox/zaak/{ref}/heropenen", open_again),
        change("/inbox/zaak/{ref}/overdragen", hand_on),
        change("/inbox/zaak/{ref}/notitie", keep_note),
        change("/inbox/zaak/{ref}/verbeteren", correct),
        change("/inbox/zaak/{ref}/taal", check_words),
        desk("/inbox/zaak/{ref}/dossier.json", dossier),
        desk("/inbox/pagina/{photo}/{page:int}", page),
        desk("/inbox/kennis/{name:path}", knowledge),
        change("/inbox/bezig", still_here, figures_only=True),
        change("/inbox/uitloggen", leave, figures_only=True, is_activity=False),
        desk("/monitor", monitor, figures_only=True),
        desk("/monitor.json", monitor_json, figures_only=True),
        desk("/monitor.csv", monitor_csv, figures_only=True),
    ]


TOLD = {
    "antwoord": "Uw antwoord is verstuurd. De assistent is nu stil.",
    "terug": "De assistent praat weer met de inwoner. De zaak blijft van u.",
    "gesloten": "De zaak is gesloten. De inwoner heeft bericht gekregen.",
    "open": "De zaak is weer open. De inwoner heeft bericht gekregen.",
    "overgedragen": "De zaak is overgedragen. De inwoner weet wie nu helpt.",
    "notitie": "Uw notitie is bewaard. Alleen collega's zien haar.",
    "verbeterd": "Het gegeven is verbeterd. De brieven staan opnieuw op volgorde.",
}


def _once(asking: Asking) -> str:
    """Return the key that makes a double click one wish; a form without one is its own wish."""
    given = asking.typed("eenmalig")[:40]
    return f"desk/{given or secrets.token_hex(12)}"


def _done(asking: Asking, case_ref: str, what: str, where: str = "") -> Response:
    """Send the browser back to the case, so that loading the page again repeats nothing."""
    return RedirectResponse(f"/inbox/zaak/{case_ref}?{urlencode({'gedaan': what})}{where}", status_code=303)


def _attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def _names(house: House, report: Any) -> dict[str, str]:
    """Return the names of those who are responsible for the waiting cases of the viewer's own team."""
    with house.look() as work:
        found = {each.professional_ref: work.people.professional(each.professional_ref) for each in report.waiting}
    return {ref: person.name if person else "niemand" for ref, person in found.items()}


def _login_routes(house: House, pages: Pages) -> list[Route]:
    """Return the only routes without a session: the log-in page and its form."""

    def page(wrong: str = "", wait: int = 0, email: str = "", status: int = 200) -> Response:
        token = new_token()
        values: dict[str, Any] = {
            "token": token,
            "wrong": wrong,
            "wait": wait,
            "email": email,
            "needs_code": not house.settings.demo,
        }
        response = pages.draw("login.html", None, code=status, **values)
        door.set_cookie(house, response, "form", token, 3600)
        return response

    async def show(request: Request) -> Response:
        if request.method == "POST":
            return await enter(request)
        return page()

    async def enter(request: Request) -> Response:
        form = await door.form_of(request)
        origin = origin_of(house, request)
        given = form.get("csrf", "") if form else ""
        expected = request.cookies.get(door.cookie_name(house, "form"), "")
        if (
            form is None
            or not isinstance(given, str)
            or not same_token(given, expected)
            or not door.is_own_origin(house, request)
        ):
            door.note("form_refused", door.LOGIN_PATH, "csrf", origin, "unknown")
            return page(wrong="De pagina was te lang open. Probeer het nog een keer.", status=403)
        email, password, code = (str(form.get(name, "")) for name in ("email", "wachtwoord", "code"))
        device = request.cookies.get(door.cookie_name(house, "device"), "")
        old = request.cookies.get(door.cookie_name(house, "staff"), "")
        result = await run_in_threadpool(
            partial(log_in, house, email, password, code, origin, device=device, old_secret=old)
        )
        if not isinstance(result, LoggedIn):
            waits = result.wait_seconds > 0
            door.note("login", "session", "throttled" if waits else "refused", origin, "unknown")
            wrong = "Te vaak geprobeerd." if waits else "Dit klopt niet. Controleer uw e-mailadres, wachtwoord en code."
            response = page(wrong, result.wait_seconds, email[:200], 429 if waits else 401)
            if waits:
                response.headers["retry-after"] = str(result.wait_seconds)
            return response
        door.note("login", "session", "ok", origin, result.professional_ref)
        with house.look() as work:
            person = work.people.professional(result.professional_ref)
            figures_only = person is not None and not {"professional", "lead"} & set(person.roles)
        response = RedirectResponse("/monitor" if figures_only else "/inbox", status_code=303)
        door.set_cookie(house, response, "staff", result.secret, door.SESSION_SECONDS)
        door.set_cookie(house, response, "device", result.device, door.DEVICE_SECONDS)
        door.drop_cookie(house, response, "form")
        return response

    return [Route(door.LOGIN_PATH, show, methods=["GET", "POST"], name="login")]
