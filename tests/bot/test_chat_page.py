"""The chat page in a real browser: photos, buttons, live answers, the quick way out, and nobody shut out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from briefbrug.house import House
from briefbrug.store.tables import Photo, Resident
from briefbrug.store.thread import HUMAN, MACHINE, Button, Picture, Said
from tests.bot.servers import RasaDouble
from tests.conftest import wait_until

expect.set_options(timeout=20_000)  # against hanging only: a busy machine is slow

pytestmark = pytest.mark.browser
BAG = Path(__file__).parents[2] / "samples" / "bag"
SOME = [BAG / "foto-01.jpg", BAG / "foto-02.jpg", BAG / "foto-10.heic"]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Browser, pages: str) -> Iterator[Page]:
    """The chat page on a small phone; no request may leave for another host, and no error may be thrown."""
    context = chromium.new_context(viewport={"width": 320, "height": 640}, has_touch=True, reduced_motion="reduce")
    found = context.new_page()
    problems: list[str] = []
    found.on("pageerror", lambda error: problems.append(str(error)))
    found.on("console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None)
    found.on(
        "request",
        lambda request: problems.append(request.url) if not request.url.startswith((pages, "blob:", "data:")) else None,
    )
    found.goto(pages)
    yield found
    context.close()
    assert problems == []


def photos(house: House) -> int:
    with house.look() as work:
        return work.session.query(Photo).count()


def say(house: House, said: Said, sender: str = MACHINE) -> None:
    """Let something be said in the only thread, as another process would."""
    with house.work() as work:
        resident = work.session.query(Resident).one()
        person = None
        if sender == HUMAN:
            team = work.people.add_team("Wijkteam", {})
            person = work.people.add_professional(
                team, email="m@voorbeeld.invalid", name="Melissa Voorbeeld", role="wijkteam", password_hash="x"
            )
        work.thread.add(resident, sender, said, professional_ref=person.ref if person else None)


def test_photos_wait_for_the_yes_and_are_then_all_there(page: Page, web_house: House):
    page.get_by_label("Foto's kiezen").set_input_files(SOME)
    expect(page.get_by_text("Wacht op uw ja")).to_have_count(3)
    assert photos(web_house) == 0
    page.get_by_role("button", name="Ja, dat is goed").click()
    expect(page.get_by_role("log").get_by_text("Ik heb 3 foto")).to_be_visible()
    assert photos(web_house) == 3
    page.get_by_role("button", name="Dat was alles").click()
    expect(page.locator('[data-from="resident"]').last).to_contain_text("Dat was alles")


def test_a_no_drops_the_photos_that_waited(page: Page, web_house: House):
    page.get_by_label("Foto's kiezen").set_input_files(SOME)
    expect(page.get_by_text("Wacht op uw ja")).to_have_count(3)
    page.get_by_role("button", name="Nee, liever niet").click()
    expect(page.get_by_text("Wacht op uw ja")).to_have_count(0)
    assert photos(web_house) == 0


def test_photos_survive_a_reload(page: Page, web_house: House):
    page.get_by_label("Foto's kiezen").set_input_files(SOME)
    expect(page.get_by_text("Wacht op uw ja")).to_have_count(3)
    page.reload()
    expect(page.get_by_text("Wacht op uw ja")).to_have_count(3)
    page.get_by_role("button", name="Ja, dat is goed").click()
    expect(page.get_by_role("log").get_by_text("Ik heb 3 foto")).to_be_visible()


def test_a_bad_line_loses_no_photo(page: Page, web_house: House):
    page.get_by_role("button", name="Ja, dat is goed").click()
    expect(page.locator('[data-from="resident"]')).to_have_count(1)
    broken = []

    def break_once(route) -> None:
        if len(broken) < 2:
            broken.append(1)
            route.abort()
        else:
            route.continue_()

    page.route("**/chat/photo", break_once)
    page.get_by_label("Foto's kiezen").set_input_files(SOME[:2])
    wait_until(lambda: page.evaluate("1") and photos(web_house) == 2, what="both photos")
    expect(page.get_by_role("log").get_by_text("Ik heb 2 foto")).to_be_visible()


def test_words_are_answered_and_a_human_appears_by_herself(page: Page, web_house: House, rasa: RasaDouble):
    page.get_by_role("textbox", name="Uw bericht").fill("ik slaap niet meer")
    page.get_by_role("button", name="Verstuur", exact=True).click()
    expect(page.locator('[data-from="resident"]').last).to_contain_text("ik slaap niet meer")
    expect(page.locator('[data-from="machine"]').last).to_contain_text("Dat heb ik gelezen.")
    say(web_house, Said("Ik bel u vanmiddag."), HUMAN)
    human = page.locator('[data-from="human"]')
    expect(human).to_contain_text("Ik bel u vanmiddag.")
    expect(human).to_contain_text("Melissa Voorbeeld")
    expect(human).to_contain_text("mens")


def test_the_same_choice_is_offered_once_the_newest(page: Page, web_house: House):
    for number in range(3):
        say(web_house, Said(f"Vraag {number}", buttons=(Button("Ja, stuur naar een mens", "request_human"),)))
    expect(page.get_by_text("Vraag 2")).to_be_visible()
    expect(page.get_by_role("button", name="Ja, stuur naar een mens")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("button", name="Ja, stuur naar een mens")).to_have_count(1)


def test_hostile_words_stay_words(page: Page, web_house: House):
    say(web_house, Said('<img src=x onerror="document.title=1"><script>document.title=2</script>'))
    expect(page.get_by_role("log")).to_contain_text("<img src=x")
    assert page.title() == "Briefbrug"
    assert page.locator("[role=log] script, [role=log] img[src=x]").count() == 0


def test_a_proof_opens_large(page: Page, web_house: House):
    with web_house.work() as work:
        resident = work.session.query(Resident).one()
        photo = work.papers.add_photo(resident, work.papers.open_bag(resident), "bron", "web", "read")
        photo.page_files = [web_house.photos.put(work.residents.key(resident), (BAG / "foto-01.jpg").read_bytes())]
        said = Said("Eerst deze brief.", pictures=(Picture(photo.ref, 0, (100, 100, 900, 300), ""),), key="first_is")
        work.thread.add(resident, MACHINE, said)
    page.get_by_role("img", name="Een stukje van uw brief").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Sluiten").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_quick_way_out_leaves_nothing_to_go_back_to(page: Page, pages: str):
    page.evaluate("document.getElementById('quick-exit').href = '/privacy'")  # stays on this host in the test
    page.get_by_role("link", name="Snel weg").click()
    page.wait_for_url("**/privacy")
    page.go_back()
    assert "/privacy" in page.url or page.url == "about:blank"


def test_escape_closes_what_is_open_and_leaves_only_three_times_at_once(page: Page):
    page.evaluate("document.getElementById('quick-exit').href = '/privacy'")  # stays on this host in the test
    for _ in range(4):
        page.locator("summary").click()
        page.keyboard.press("Escape")
        expect(page.locator(".bb-menu__sheet")).to_be_hidden()
    expect(page.get_by_role("log")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url("**/privacy")


def test_everything_works_with_the_keyboard_alone(page: Page, web_house: House, rasa: RasaDouble):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Ga naar het gesprek"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.type("met het toetsenbord")
    page.keyboard.press("Enter")
    expect(page.locator('[data-from="machine"]').last).to_contain_text("Dat heb ik gelezen.")
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent") == "Ja, dat is goed":
            break
    page.keyboard.press("Enter")
    expect(page.locator('[data-from="resident"]')).to_have_count(2)


def test_large_letters_and_contrast_stay_chosen(page: Page):
    page.locator("summary").click()
    page.get_by_role("button", name="Grote letters").click()
    page.get_by_role("button", name="Meer contrast").click()
    page.reload()
    assert page.evaluate("document.documentElement.className").count("bb-") == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_samples_are_tried_in_the_demonstration(page: Page, web_house: House):
    page.get_by_role("button", name="Ja, dat is goed").click()
    expect(page.locator('[data-from="resident"]')).to_have_count(1)
    page.get_by_role("button", name="Probeer met voorbeeldbrieven").click()
    expect(page.get_by_role("log").get_by_text("Ik heb 14 foto")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("path", ["/", "/privacy", "/toegankelijkheid"])
@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256), (1280, 800)])
def test_axe_finds_nothing(chromium: Browser, pages: str, web_house: House, path: str, width: int, height: int):
    context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(pages)
    if path == "/":
        say(web_house, Said("Ik bel u.", buttons=(Button("Goed", "help"), Button("Nee", "say_no"))), HUMAN)
        say(web_house, Said("Bel nu.\n\n☎ Noodnummer: 112", links=(("Noodnummer: 112", "tel:112"),)))
        expect(page.get_by_role("link", name="Noodnummer")).to_be_visible()
        page.get_by_role("textbox", name="Uw bericht").fill("hallo")
        page.get_by_role("button", name="Verstuur", exact=True).click()
        expect(page.locator('[data-from="resident"]')).to_have_count(1)
        page.get_by_label("Foto's kiezen").set_input_files(SOME[:1])
        expect(page.get_by_text("Wacht op uw ja")).to_be_visible()
    else:
        page.goto(pages + path)
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_without_a_script_the_page_reads_and_writes(chromium: Browser, pages: str):
    context = chromium.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(pages)
    page.get_by_role("button", name="Ja, dat is goed").click()
    page.get_by_label("Foto's kiezen").set_input_files(SOME[:2])
    page.get_by_role("button", name="Verstuur foto's").click()
    expect(page.get_by_role("log").get_by_text("Ik heb 2 foto")).to_be_visible()
    page.get_by_role("textbox", name="Uw bericht").fill("zonder script")
    page.get_by_role("button", name="Verstuur", exact=True).click()
    expect(page.get_by_role("log").get_by_text("zonder script")).to_be_visible()
    expect(page.get_by_role("log").get_by_text("Dat heb ik gelezen.")).to_be_visible()
    context.close()
