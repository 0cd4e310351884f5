"""The chat page where things go wrong: no connection, a cut upload, no live line, an old page; and several shots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from briefbrug.house import House
from briefbrug.store.tables import Photo, Resident
from tests.bot.servers import RasaDouble
from tests.conftest import ROOT_SAMPLES, wait_until

expect.set_options(timeout=20_000)  # against hanging only: a busy machine is slow

pytestmark = pytest.mark.browser
BAG = ROOT_SAMPLES / "bag"
PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
TYPED = "ik durf mijn post niet open te maken"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", *FAKE_CAMERA])
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Browser, pages: str) -> Iterator[Page]:
    context = chromium.new_context(**PHONE)  # type: ignore[arg-type]
    found = context.new_page()
    found.goto(pages)
    yield found
    context.close()


def holds(page: Page, expression: str, what: str) -> None:
    """Wait for something in the page; the strict policy lets no test put a script of its own in it."""
    wait_until(lambda: page.evaluate(expression), what=what)


def stays_old(page: Page) -> None:
    """Keep the page from hearing by itself that it is old, so that only her own press tells it."""
    page.route("**/chat/events*", lambda route: route.abort())
    page.route("**/chat/messages*", lambda route: route.abort())
    page.route("**/chat/seen", lambda route: route.abort())
    page.reload()


def send(page: Page) -> None:
    page.get_by_role("button", name="Verstuur", exact=True).click()


def says_yes(page: Page) -> None:
    page.get_by_role("button", name="Ja, dat is goed").click()
    expect(page.locator('[data-from="resident"]')).to_have_count(1)


def photos(house: House) -> int:
    with house.look() as work:
        return work.session.query(Photo).count()


def test_the_page_can_be_kept_and_opens_without_a_connection(page: Page):
    holds(page, "navigator.serviceWorker.ready.then((ready) => Boolean(ready.active))", "the worker of the page")
    found = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert found["errors"] == []
    page.reload()
    page.get_by_role("textbox", name="Uw bericht").fill(TYPED)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="Er is even geen verbinding")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("textbox", name="Uw bericht")).to_have_value(TYPED, timeout=30_000)
    assert [cookie["name"] for cookie in page.context.cookies()] == ["briefbrug"]


def test_several_shots_in_a_row(page: Page, web_house: House):
    page.locator("#camera").click()
    expect(page.get_by_role("dialog", name="Foto maken")).to_be_visible()
    holds(page, "document.getElementById('viewfinder').videoWidth > 0", "a picture of the camera")
    for count in range(1, 4):
        page.get_by_role("button", name="Maak de foto").click()
        expect(page.locator(".bb-shot")).to_have_count(count)
    page.get_by_role("button", name="Klaar").click()
    expect(page.get_by_text("Wacht op uw ja")).to_have_count(3)
    assert page.evaluate("document.getElementById('viewfinder').srcObject === null")
    says_yes(page)
    expect(page.get_by_role("log").get_by_text("Ik heb 3 foto")).to_be_visible()
    assert photos(web_house) == 3


def test_without_leave_for_the_camera_the_phones_own_way_opens(playwright: Playwright, pages: str):
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_context(**PHONE).new_page()  # type: ignore[arg-type]
    page.goto(pages)
    with page.expect_file_chooser() as chooser:
        page.locator("#camera").click()
    chooser.value.set_files(BAG / "foto-01.jpg")
    expect(page.get_by_text("Wacht op uw ja")).to_have_count(1)
    browser.close()


def test_a_file_that_is_dropped_is_a_photo(page: Page):
    page.evaluate(
        """async () => {
          const all = new DataTransfer();
          const answer = await fetch("/static/icon-512.png");
          all.items.add(new File([await answer.blob()], "brief.png", { type: "image/png" }));
          for (const kind of ["dragover", "drop"]) {
            document.dispatchEvent(new DragEvent(kind, { dataTransfer: all, bubbles: true, cancelable: true }));
          }
        }"""
    )
    expect(page.get_by_text("Wacht op uw ja")).to_have_count(1)


def test_an_upload_cut_half_way_goes_on_after_a_reload_and_nothing_comes_twice(page: Page, web_house: House):
    says_yes(page)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")

    def pace(upload: float, *, offline: bool = False) -> None:
        conditions = {"offline": offline, "downloadThroughput": -1, "uploadThroughput": upload, "latency": 0}
        line.send("Network.emulateNetworkConditions", conditions)

    pace(40_000)
    page.get_by_label("Foto's kiezen").set_input_files([BAG / "foto-01.jpg", BAG / "foto-02.jpg"])
    half = "[...document.querySelectorAll('.bb-shot progress')].some((bar) => bar.value > 0.2 && bar.value < 0.95)"
    holds(page, half, "half an upload")
    pace(0, offline=True)
    expect(page.locator("#status")).to_contain_text("Uw foto's staan veilig op uw telefoon")
    pace(-1)
    page.reload()
    expect(page.get_by_role("log").get_by_text("Ik heb 2 foto")).to_be_visible(timeout=30_000)
    assert photos(web_house) == 2


@pytest.mark.parametrize("how", ["refused", "an error page", "silence"])
def test_without_a_live_line_the_page_asks(chromium: Browser, pages: str, rasa: RasaDouble, how: str):
    context = chromium.new_context(**PHONE, service_workers="block")  # type: ignore[arg-type]
    page, other = context.new_page(), context.new_page()
    ways = {
        "refused": lambda route: route.abort(),
        "an error page": lambda route: route.fulfill(status=502, body="no"),
        "silence": lambda route: None,
    }
    page.route("**/chat/events*", ways[how])
    page.goto(pages)
    other.goto(pages)
    other.get_by_role("textbox", name="Uw bericht").fill("hallo")
    send(other)
    expect(page.locator('[data-from="resident"]')).to_have_count(1, timeout=30_000)
    context.close()


def test_what_was_typed_on_an_old_page_is_not_lost(page: Page, pages: str, rasa: RasaDouble):
    """Another visit gave the browser another conversation: the page follows, the words stay, one press sends them."""
    stays_old(page)
    page.context.clear_cookies()
    page.context.new_page().goto(pages)
    field = page.get_by_role("textbox", name="Uw bericht")
    field.fill(TYPED)
    send(page)
    expect(page.locator("#status")).to_contain_text("Druk op Verstuur")
    expect(field).to_have_value(TYPED)
    send(page)
    expect(page.locator('[data-from="resident"]')).to_contain_text(TYPED)
    expect(field).to_have_value("")


def test_after_a_long_absence_the_words_stay_and_it_is_said_why(page: Page, web_house: House, rasa: RasaDouble):
    stays_old(page)
    with web_house.work() as work:
        resident = work.session.query(Resident).one()
        for door in work.residents.doors(resident):
            door.last_seen_at -= timedelta(days=31)
    page.get_by_role("textbox", name="Uw bericht").fill(TYPED)
    send(page)
    expect(page.get_by_role("log")).to_contain_text("U was lang weg")
    expect(page.get_by_role("textbox", name="Uw bericht")).to_have_value(TYPED)


def test_without_a_script_an_old_page_gives_the_words_back(chromium: Browser, pages: str, rasa: RasaDouble):
    context = chromium.new_context(**PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(pages)
    context.clear_cookies()
    page.get_by_role("textbox", name="Uw bericht").fill(TYPED)
    send(page)
    expect(page.get_by_role("heading", name="Uw bericht is er nog")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value(TYPED)
    send(page)
    expect(page.get_by_role("log")).to_contain_text(TYPED)
    context.close()


def test_a_visitor_from_a_link_elsewhere_keeps_her_conversation(page: Page, pages: str, rasa: RasaDouble):
    """A link in a mail or in Telegram: the browser brings the cookie along, so she is no stranger."""
    page.get_by_role("textbox", name="Uw bericht").fill("dit schreef ik eerder")
    send(page)
    expect(page.locator('[data-from="resident"]')).to_have_count(1)
    page.goto("data:text/html,<a href='" + pages + "'>Briefbrug</a>")
    page.get_by_role("link", name="Briefbrug").click()
    expect(page.get_by_role("log")).to_contain_text("dit schreef ik eerder")
