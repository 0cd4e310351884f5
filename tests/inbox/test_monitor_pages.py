"""The monitor in a real browser: axe finds nothing in any state, no page is wider than the phone, policy answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from briefbrug.house import House
from briefbrug.usecases.demo_team import LOGINS_FILE
from tests.inbox.conftest import serving

expect.set_options(timeout=20_000)  # against hanging only: a busy machine is slow

pytestmark = pytest.mark.browser

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
PAGES = ("/monitor", "/monitor/hulp", "/monitor/signalen", "/monitor/signalen/dossier", "/monitor/betekenis")


@pytest.fixture
def address(demo_house: House) -> Iterator[str]:
    """The demonstration over real HTTP."""
    with serving(demo_house) as served:
        yield served


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def enter(page: Page, house: House, first: str) -> None:
    """Log in as somebody of the demonstration."""
    lines = (house.settings.data / LOGINS_FILE).read_text(encoding="utf-8").splitlines()
    email, password = next(line.split("\t")[:2] for line in lines if line.startswith(first))
    page.goto("/inbox")
    page.get_by_label("E-mailadres").fill(email)
    page.get_by_label("Wachtwoord").fill(password)
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_role("navigation").first).to_be_visible()


def check(page: Page, what: str) -> None:
    """Look at each page of the monitor with everything unfolded."""
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        found = Axe().run(page, options=TAGS)
        assert found.violations_count == 0, f"{what} {path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        charts = page.locator("svg[role=img]")
        assert all(charts.nth(place).get_attribute("aria-label") for place in range(charts.count()))
        assert page.locator("main table").count() >= charts.count(), "a table behind each chart"


def test_axe_finds_nothing_in_any_state(demo_house: House, address: str, chromium: Browser) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900}, locale="nl-NL")
    page = context.new_page()
    enter(page, demo_house, "daan")
    check(page, "policy")
    page.goto("/monitor/signalen")
    page.get_by_label("Antwoord op dit signaal").first.fill("Dat gaan wij veranderen.")
    page.get_by_role("button", name="Verstuur antwoord op signaal").first.click()
    expect(page.get_by_text("Dat gaan wij veranderen.")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 320, "height": 800})
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    check(page, "dark, English, on a phone")
    page.emulate_media(color_scheme="light", forced_colors="active")
    check(page, "forced colours")
    context.close()


def test_a_lead_picks_a_month_with_the_keyboard(demo_house: House, address: str, chromium: Browser) -> None:
    context = chromium.new_context(base_url=address, viewport={"width": 390, "height": 844}, locale="nl-NL")
    page = context.new_page()
    enter(page, demo_house, "melissa")
    check(page, "lead")
    page.goto("/monitor")
    page.get_by_label("Maand", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**/monitor?maand=*")
    page.get_by_role("link", name="Hulp").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/monitor/hulp?maand=*")
    expect(page.get_by_role("heading", name="Wat hielp, en hoe snel?")).to_be_visible()
    context.close()
