"""From a bag of photos to a named human's answer, through the real processes and a real browser; nothing leaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import ROOT_SAMPLES, wait_until
from tests.system import System

expect.set_options(timeout=20_000)  # against hanging only: a busy machine is slow

pytestmark = [pytest.mark.browser, pytest.mark.rasa]

BAG = sorted(path for path in (ROOT_SAMPLES / "bag").iterdir() if path.suffix in {".jpg", ".heic", ".webp", ".pdf"})
NAMES_ON_THE_LETTERS = (b"Kroos", b"KROOS")
SECRET_WORDS = "Ik wil weer rustig slapen met mijn gezin"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    here = System(tmp_path_factory.mktemp("chain"), {"WORKERS": "2"})
    here.run("migrate")
    here.run("demo")
    for name in ("rasa", "actions", "worker", "web"):
        here.start(name)
    here.wait_for_pages()
    here.wait_for_rasa()
    yield here
    here.close()


def say(page: Page, words: str, answer: str) -> None:
    """Type a line and wait for a machine's message with these words after it."""
    before = page.get_by_role("log").locator("[data-from=machine]").count()
    page.get_by_label("Uw bericht").fill(words)
    page.get_by_role("button", name="Verstuur", exact=True).click()
    fresh = page.get_by_role("log").locator("[data-from=machine]")
    wait_until(
        lambda: any(re.search(answer, fresh.nth(i).inner_text()) for i in range(before, fresh.count())),
        60,
        f"an answer like {answer!r} to {words!r}",
    )


def test_from_the_bag_to_the_answer(system: System, browser: Browser) -> None:
    resident = browser.new_context(viewport={"width": 390, "height": 844}, locale="nl-NL").new_page()
    problems: list[str] = []
    resident.on("pageerror", lambda error: problems.append(str(error)))
    resident.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    resident.goto(f"{system.url}/")
    log = resident.get_by_role("log")
    expect(log).to_contain_text("Ik ben een computer, geen mens")
    resident.get_by_role("button", name="Ja, dat is goed").last.click()
    expect(log).to_contain_text("Maak nu foto's", timeout=30_000)
    resident.get_by_label("Foto's kiezen").set_input_files([str(path) for path in BAG])
    expect(log).to_contain_text(f"Ik heb {len(BAG)} foto's", timeout=90_000)
    resident.get_by_role("button", name="Dat was alles").last.click()
    expect(log).to_contain_text("Wilt u dat een mens met u meekijkt?", timeout=180_000)

    first = log.locator("[data-key^=first]").last
    expect(first).to_contain_text("donderdag 26 november")
    picture = first.locator("img").first
    wait_until(lambda: picture.evaluate("image => image.naturalWidth") > 50, 20, "the proof's picture")
    expect(log).to_contain_text("Dit kan wachten")

    say(resident, "welke brief moet eerst", "26 november")
    say(resident, "wat staat er in die van het CJIB", "CJIB")
    say(resident, "ik snap het niet", r"\w")
    say(resident, "ik wil met een mens praten", "eigen woorden")
    assert log.get_by_text("Overslaan mag ook").count() == 1, "said once, not once more by the language model"
    say(resident, SECRET_WORDS, "Klopt dit")
    expect(log).to_contain_text("geeft u antwoord vóór maandag 23 november om")
    resident.get_by_role("button", name="Klopt, verstuur dit").last.click()
    expect(log).to_contain_text("Verstuurd.", timeout=30_000)

    logins = (system.data / "demo-logins.txt").read_text().splitlines()
    name = re.search(r"Verstuurd\. ([\w' -]+?) geeft", log.inner_text())
    assert name
    email, password = next(line.split()[:2] for line in logins if name[1] in line)
    desk = browser.new_context(viewport={"width": 1280, "height": 900}, locale="nl-NL").new_page()
    desk.goto(f"{system.url}/inbox")
    desk.get_by_label("E-mailadres").fill(email)
    desk.get_by_label("Wachtwoord").fill(password)
    desk.get_by_role("button", name="Inloggen").click()
    expect(desk.locator("[data-case]").first).to_be_visible()
    # The demonstration has cases of its own: hers is the one that carries her words.
    rows = desk.locator("[data-case]")
    cases = [rows.nth(place).get_attribute("href") or "" for place in range(rows.count())]
    for address in cases:
        desk.goto(f"{system.url}{address}")
        if desk.get_by_text(SECRET_WORDS).count():
            break
    expect(desk.get_by_text(SECRET_WORDS).first).to_be_visible()
    desk.get_by_label("Antwoord aan de inwoner").fill("Dag, ik bel vandaag de gemeente voor u.")
    desk.get_by_role("button", name="Verstuur antwoord").click()

    answer = log.locator("[data-from=human]").last
    expect(answer).to_contain_text("Dag, ik bel vandaag de gemeente voor u.", timeout=30_000)
    expect(answer).to_contain_text(name[1])
    before = log.locator("[data-from=machine]").count()
    resident.get_by_label("Uw bericht").fill("dank u wel!")
    resident.get_by_role("button", name="Verstuur", exact=True).click()
    expect(log.locator("[data-from=resident]").last).to_contain_text("dank u wel!")
    expect(desk.get_by_text("dank u wel!").first).to_be_visible(timeout=30_000)
    assert log.locator("[data-from=machine]").count() == before

    desk.goto(f"{system.url}/monitor")
    expect(desk.get_by_role("heading", name="Hoe lang wachten inwoners op een mens?")).to_be_visible()
    assert problems == []


def test_no_word_of_the_letters_or_the_resident_stands_open_anywhere(system: System) -> None:
    """S40, S51: logs, databases, the language model's memory and stored files, all searched byte by byte."""
    searched = 0
    secret = SECRET_WORDS.encode()
    for path in Path(system.folder).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            searched += len(content)
            for word in (*NAMES_ON_THE_LETTERS, secret, b"rustig slapen"):
                assert word not in content, f"{path.name} shows {word!r}"
    assert searched > 1_000_000


def test_rasa_answers_nobody_without_its_token(system: System) -> None:
    """S55."""
    import httpx

    base = f"http://127.0.0.1:{system.rasa_port}"
    assert httpx.get(f"{base}/conversations/x/tracker").status_code == 401
    assert httpx.post(f"{base}/webhooks/rest/webhook", json={"sender": "x", "message": "hallo"}).status_code in {
        401,
        403,
    }
