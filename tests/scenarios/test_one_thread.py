"""Both doors have letters and a case when they are joined: the running house makes one thread of them (F35)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from briefbrug.case import OPEN
from briefbrug.store.tables import CaseRow, Letter, Resident
from tests.bot.servers import Served
from tests.bot.telegram_server import TelegramServer
from tests.conftest import ROOT_SAMPLES, wait_until
from tests.scenarios.doors import Door, TelegramDoor, WebDoor
from tests.scenarios.running import Running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LONG = 240
"""Seconds: an upper bound against hanging."""


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The house without its language model: photos and buttons need none."""
    telegram = TelegramServer(per_chat_seconds=1.0)
    with Served(telegram.app) as served:
        found = Running(tmp_path_factory.mktemp("joined"), telegram, served.url)
        try:
            for name in ("worker", "web", "telegram"):
                found.system.start(name)
            found.system.wait_for_pages()
            yield found
        finally:
            telegram.closing = True
            found.close()


def sees(door: Door, words: str) -> None:
    wait_until(lambda: any(words in each.text for each in door.heard()), LONG, f"{words!r} at {door.name}")


def sends_to_a_human(door: Door, photo: str) -> None:
    door.press("Ja, dat is goed")
    sees(door, "Maak nu foto's")
    door.photo(photo, (ROOT_SAMPLES / "bag" / photo).read_bytes())
    sees(door, "Ik heb 1 foto")
    door.press("Dat was alles")
    sees(door, "met u meekijkt")
    door.press("Ja, stuur naar een mens")
    sees(door, "Overslaan mag ook")
    door.press("Overslaan")
    sees(door, "Klopt dit?")
    door.press("Klopt, verstuur dit")
    sees(door, "Verstuurd.")


def test_both_doors_had_letters_and_a_case(here: Running) -> None:
    page, chat = here.enter("web"), here.enter("telegram")
    assert isinstance(page, WebDoor)
    assert isinstance(chat, TelegramDoor)
    sends_to_a_human(page, "foto-05.jpg")
    sends_to_a_human(chat, "foto-11.jpg")
    before = len(page.heard())
    chat.join(page.code())
    sees(chat, "nu één gesprek")
    sees(page, "nu één gesprek")
    assert len(page.heard()) > before
    with here.house.look() as work:
        assert work.session.query(Resident).count() == 1
        assert sorted(letter.number for letter in work.session.query(Letter)) == [1, 2]
        still = work.session.query(CaseRow).where(CaseRow.status.in_([each.value for each in OPEN])).all()
        assert len(still) == 1
    told = [each.text for each in page.heard()]
    overview = " ".join(told[next(at for at, text in enumerate(told) if "nu één gesprek" in text) :])
    assert re.search(r"Eerst|eerst", overview)
    # Pictures and buttons of both halves still work, at the door that they came from and at the other one.
    for path in re.findall(r'href="(/chat/picture/[^"]+)"', page.client.get("/", headers={"accept": "text/html"}).text):
        assert page.client.get(path).headers["content-type"].startswith("image/")
