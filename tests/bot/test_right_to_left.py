"""The chat page for a reader of Arabic, in a real browser: the page runs right to left, each line its own way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect, sync_playwright
from sqlalchemy import select

from briefbrug.house import House
from briefbrug.store.tables import Resident
from tests.usecases.test_chain import choose, eviction, fine, send_bag
from tests.usecases.test_languages import ask, tap

expect.set_options(timeout=20_000)  # against hanging only: a busy machine is slow

pytestmark = pytest.mark.browser


def test_the_page_and_each_line_run_the_right_way(pages: str, web_house: House) -> None:
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_context(viewport={"width": 320, "height": 700}, locale="nl-NL").new_page()
        page.goto(pages)
        with web_house.look() as work:
            ref = work.session.scalars(select(Resident.ref)).one()
        choose(web_house, ref, "Ja, dat is goed")
        send_bag(web_house, ref, [fine(), eviction()])
        ask(web_house, ref, "action_change_language", language="ar")
        ask(web_house, ref, "action_explain_pile")
        ask(web_house, ref, "action_explain_letter", letter_ref="1")
        tap(web_house, ref, "what_to_do")
        tap(web_house, ref, "ready_sentence")
        # The page follows the language of the conversation by itself.
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("html")).to_have_attribute("lang", "ar")
        log = page.get_by_role("log")
        expect(log).to_contain_text("De Wit")
        lines = log.locator("bdi").evaluate_all(
            "all => all.map(one => [one.textContent, getComputedStyle(one).direction])"
        )
        arabic = [way for text, way in lines if re.search(r"[\u0600-\u06ff]", text.replace("(", " ").split(" ")[0])]
        assert len(arabic) > 10
        assert set(arabic) == {"rtl"}
        dutch = [way for text, way in lines if text.startswith("Goedendag.")]
        assert dutch
        assert set(dutch) == {"ltr"}
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        chromium.close()
