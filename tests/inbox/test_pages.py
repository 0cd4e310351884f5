"""The desk in a real browser: letters are text, keys work, nothing comes from elsewhere, axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from briefbrug.store.thread import Said
from briefbrug.usecases.demo_letters import BENEFIT, CARE, EVICTION, FINE, RENT, DemoLetter
from briefbrug.usecases.work_on_case import close_case, note, reply_to_case
from tests.inbox.conftest import PASSWORD, Desk

expect.set_options(timeout=20_000)  # against hanging only: a busy machine is slow

pytestmark = pytest.mark.browser

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, served: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=served, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    troubles: list[str] = []
    page.on("console", lambda told: troubles.append(told.text) if told.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda asked: check_host(asked, served, troubles))
    yield page
    context.close()
    assert troubles == []


def check_host(asked: Request, served: str, troubles: list[str]) -> None:
    if not asked.url.startswith(served):
        troubles.append(f"asked {asked.url}")


def enter(page: Page, first: str = "melissa") -> None:
    page.goto("/inbox")
    page.get_by_label("E-mailadres").fill(f"{first}@example.org")
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    page.wait_for_url("**/inbox" if first != "daan" else "**/monitor")


def test_a_letter_that_wants_to_be_a_page_is_text(desk: Desk, page: Page, hostile: DemoLetter) -> None:
    bad = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    case_ref = desk.case(letters=(hostile, RENT), goal=f"doel {bad}", note=f"woorden {bad} \u202ered")
    melissa = desk.refs["melissa"]
    with desk.house.work() as work:
        person = work.people.professional(desk.refs["samir"])
        row = work.cases.get(case_ref)
        resident = work.residents.get(row.resident_ref) if row else None
        assert person is not None
        assert row is not None
        assert resident is not None
        person.name, person.role = f"Samir {bad}", f"rol {bad}"
        resident.helper_sealed = work.residents.seal(resident, f"zus {bad}", "helper")
        letter = work.papers.letters(resident)[0]
        work.papers.add_correction(resident, letter, "reference", f"verbeterd {bad}", "resident", None, f"eerst {bad}")
        work.thread.add(resident, "resident", Said(text=f"chat {bad}\n\u2066om"), case_ref=case_ref)
        row.crisis = "crisis_violence"
    note(desk.house, case_ref, melissa, f"notitie {bad}", "k1")
    reply_to_case(desk.house, case_ref, melissa, f"antwoord {bad}", "k2")
    enter(page)
    expect(page.locator("[data-case]")).to_have_count(1)
    page.locator("[data-case]").first.click()
    for details in page.locator("details").all():
        details.evaluate("each => { each.open = true; }")
    body = page.locator("main")
    for start in (
        "doel",
        "woorden",
        "chat",
        "notitie",
        "antwoord",
        "verbeterd",
        "eerst",
        "zus",
        "Huur",
        "Titel",
        "Samir",
        "K",
    ):
        expect(body).to_contain_text(f"{start} <img src=x onerror=")
    expect(body).to_contain_text("⟨U+202E⟩")
    assert page.evaluate("[...document.images].every(each => each.src.includes('/inbox/pagina/'))")
    assert page.evaluate("document.querySelectorAll('main script, main iframe, main object').length") == 0
    assert page.title() not in {"1", "2"}
    page.goto(f"/inbox?zoek={'<script>1</script>'}")
    expect(page.locator("#zoek")).to_have_value("<script>1</script>")
    assert page.title() not in {"1", "2"}


def test_a_day_at_the_desk_with_the_keyboard(desk: Desk, page: Page) -> None:
    first = desk.case(letters=(EVICTION, CARE, RENT))
    second = desk.case("samir", letters=(BENEFIT,), urgency=2)
    enter(page)
    rows = page.locator("[data-case]")
    expect(rows).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator(f'[data-case="{first}"]')).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(f'[data-case="{second}"]')).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/inbox/zaak/{first}")
    page.keyboard.press("r")
    expect(page.get_by_label("Antwoord aan de inwoner")).to_be_focused()
    page.keyboard.type("Wij hebben conform de vigerende regels uw verzoek in behandeling genomen en berichten u.")
    expect(page.locator("[data-advice]")).to_contain_text("Kan het eenvoudiger?")
    page.get_by_label("Antwoord aan de inwoner").fill("Ik ben Melissa. Ik bel u om drie uur.")
    page.get_by_role("button", name="Verstuur antwoord").click()
    expect(page.locator('[data-from="human"]')).to_contain_text("Ik bel u om drie uur.")
    assert desk.lines(first) == [("human", "Ik ben Melissa. Ik bel u om drie uur.")]
    page.get_by_role("button", name="Terug naar de assistent").click()
    expect(page.locator('[data-from="machine"]')).to_contain_text("Melissa Voorbeeld")
    page.get_by_text("Overdragen aan een collega").click()
    page.get_by_label("Collega", exact=True).select_option(label="Samir Voorbeeld, hulpverlener")
    page.get_by_role("button", name="Draag over").click()
    expect(page.locator('[data-from="machine"]').last).to_contain_text("Samir Voorbeeld, hulpverlener")
    page.locator("#sluiten summary").click()
    page.get_by_label("Regeling of afspraak gemaakt").check()
    page.get_by_role("button", name="Zaak sluiten").click()
    expect(page.get_by_text("De zaak is gesloten.").first).to_be_visible()
    assert desk.row(first).status == "closed"
    page.goto("/inbox")
    page.keyboard.press("/")
    expect(page.locator("#zoek")).to_be_focused()


def test_a_resident_who_writes_appears_without_loading(desk: Desk, page: Page) -> None:
    case_ref = desk.case()
    reply_to_case(desk.house, case_ref, desk.refs["melissa"], "Dag.", "k")
    enter(page)
    page.goto(f"/inbox/zaak/{case_ref}")
    page.get_by_label("Antwoord aan de inwoner").fill("Ik schrijf nog")
    with desk.house.work() as work:
        resident = work.residents.get(desk.row(case_ref).resident_ref)
        assert resident is not None
        work.thread.add(resident, "resident", Said(text="Er staat iemand aan de deur."), case_ref=case_ref)
    expect(page.locator('[data-from="resident"]')).to_contain_text("aan de deur")
    expect(page.locator("#meld")).to_contain_text("Er is een nieuw bericht.")
    expect(page.get_by_label("Antwoord aan de inwoner")).to_have_value("Ik schrijf nog")


def test_a_letter_from_close_by(desk: Desk, page: Page) -> None:
    case_ref = desk.case(letters=(EVICTION, CARE))
    enter(page)
    page.goto(f"/inbox/zaak/{case_ref}")
    page.get_by_role("button", name="Bladzijde 1 van 1 van dichtbij, brief 1").click()
    viewer = page.get_by_role("dialog")
    expect(viewer.locator("img")).to_have_attribute("alt", "Bladzijde 1 van brief 1")
    before = viewer.locator("img").bounding_box()
    viewer.get_by_role("button", name="Groter").click()
    after = viewer.locator("img").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"] * 1.2
    viewer.get_by_role("button", name="Volgende").click()
    expect(viewer.locator("img")).to_have_attribute("alt", "Bladzijde 1 van brief 2")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()


def test_the_marks_lie_on_the_words(desk: Desk, page: Page) -> None:
    case_ref = desk.case()
    enter(page)
    page.goto(f"/inbox/zaak/{case_ref}")
    page.evaluate("Promise.all([...document.images].map(each => each.decode()))")
    sheet = page.locator(".sheet__open img").first.bounding_box()
    mark = page.locator(".sheet__open .mark--deadline").first.bounding_box()
    assert sheet is not None
    assert mark is not None
    assert sheet["x"] <= mark["x"]
    assert mark["x"] + mark["width"] <= sheet["x"] + sheet["width"]
    # The line stands a little above the middle of the typed page, and is one line high.
    assert 0.35 < (mark["y"] - sheet["y"]) / sheet["height"] < 0.55
    assert mark["height"] / sheet["height"] < 0.05


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(desk: Desk, chromium: Browser, served: str, width: int, scheme: str) -> None:
    open_ref = desk.case(letters=(EVICTION, RENT, CARE, FINE), note="Ik durfde niet meer.")
    closed = desk.case("samir", letters=(BENEFIT,), urgency=2)
    danger = desk.case("melissa", letters=(), share=False)
    note(desk.house, open_ref, desk.refs["samir"], "Belde met de verhuurder.", "k1")
    reply_to_case(desk.house, open_ref, desk.refs["melissa"], "Dag, ik ben Melissa.", "k2")
    close_case(desk.house, closed, desk.refs["samir"], "solved", "k3")
    with desk.house.work() as work:
        row = work.cases.get(danger)
        assert row is not None
        row.crisis = "crisis_urgent_home"
    context = chromium.new_context(base_url=served, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto("/inbox/inloggen")
    found = violations(page, "log-in")
    enter(page)
    paths = [
        "/inbox",
        "/inbox?toon=gesloten",
        "/inbox?zoek=niets",
        "/monitor",
        "/inbox/kennis/woningcorporatie/ontruiming",
        "/inbox/zaak/C-0",
    ]
    for path in [*paths, *(f"/inbox/zaak/{ref}?gedaan=antwoord" for ref in (open_ref, closed, danger))]:
        page.goto(path)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        found += violations(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert found == []


def violations(page: Page, where: str) -> list[str]:
    results = Axe().run(page, options=TAGS)
    return [
        f"{where}: {each['id']} {node['target']} {node.get('failureSummary', '')[:300]}"
        for each in results.response["violations"]
        for node in each["nodes"][:3]
    ]


def test_every_target_is_large_enough_for_a_thumb(desk: Desk, chromium: Browser, served: str) -> None:
    case_ref = desk.case(letters=(EVICTION,))
    context = chromium.new_context(base_url=served, viewport={"width": 390, "height": 800})
    page = context.new_page()
    enter(page)
    page.goto(f"/inbox/zaak/{case_ref}")
    small = page.evaluate(
        """[...document.querySelectorAll('button, summary, input:not([type=hidden]), select, textarea, nav a, .jump')]
        .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
        .filter(([, box]) => box.width && box.height && (box.height < 24 || box.width < 24)).map(([name]) => name)"""
    )
    context.close()
    assert small == []


def test_the_pages_read_without_script(desk: Desk, chromium: Browser, served: str) -> None:
    case_ref = desk.case(letters=(EVICTION, CARE))
    context = chromium.new_context(base_url=served, java_script_enabled=False)
    page = context.new_page()
    enter(page)
    page.goto(f"/inbox/zaak/{case_ref}")
    page.get_by_label("Antwoord aan de inwoner").fill("Dag, ik ben er.")
    page.get_by_role("button", name="Verstuur antwoord").click()
    expect(page.locator('[data-from="human"]')).to_contain_text("Dag, ik ben er.")
    page.goto("/monitor")
    expect(page.locator("svg.graph").first).to_be_visible()
    context.close()
