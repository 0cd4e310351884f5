"""Killed at the worst moments, nothing is lost, nothing is done twice (promises R1, R2, R6).

The real processes over SQLite, a Bot API over HTTP as the ledger outside the system.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from briefbrug.house import House, build_house
from briefbrug.settings import read_settings
from tests.bot.servers import Served
from tests.bot.telegram_server import TOKEN, TelegramServer
from tests.conftest import ROOT_SAMPLES, add_team, wait_until
from tests.system import System

pytestmark = pytest.mark.slow

PHOTO = (ROOT_SAMPLES / "bag" / "foto-05.jpg").read_bytes()


class Installation:
    """The processes, the outside ledger, and a look into the database."""

    def __init__(self, folder: Path, telegram: TelegramServer, url: str) -> None:
        self.telegram = telegram
        self.system = System(folder, {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": url})
        self.system.run("migrate")
        self.house: House = build_house(read_settings(self.system.environment))
        add_team(self.house)

    def chat(self, number: int) -> str:
        """Open a chat that has said yes and is ready for photos."""
        self.telegram.types(number, "/start")
        self.see(number, "Mag ik uw brieven lezen?")
        self.telegram.presses(number, "Ja, dat is goed")
        self.see(number, "Maak nu foto's")
        return str(number)

    def see(self, number: int, words: str, seconds: float = 90) -> None:
        """Return when the chat shows these words."""
        wait_until(
            lambda: any(words in text for text in self.telegram.texts(number)), seconds, f"{words!r} in {number}"
        )

    def photos(self) -> Counter[str]:
        """Return how many photos are in each state."""
        with self.house.look() as work:
            return Counter(work.papers.count_by_state())


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    telegram = TelegramServer(per_chat_seconds=1.0)
    with Served(telegram.app) as served:
        here = Installation(tmp_path_factory.mktemp("crash"), telegram, served.url)
        try:
            yield here
        finally:
            here.system.close()
            here.house.close()


def killed_at(here: Installation, process: str, *points: str) -> None:
    """Let a process run into one armed point after the other, started anew each time; then start it unarmed."""
    for point in points:
        marker = here.system.data / f"killed-at-{point}"
        here.system.start(process, KILL_AT=point)
        wait_until(lambda: here.system.is_dead(process), 120, f"the kill at {point}")
        assert marker.exists(), here.system.log(process)[-2000:]
        here.system.kill(process)
    here.system.start(process)


@pytest.mark.timeout(1200)
def test_one_photo_through_twelve_kills(installation: Installation) -> None:
    """One photo, killed at K1 to K12 on its way, is one letter, one overview and one case."""
    here, number = installation, 5000
    here.system.start("telegram")
    here.system.start("worker")
    here.chat(number)
    for name in ("worker", "telegram"):
        here.system.kill(name)
    here.telegram.sends_photo(number, PHOTO)
    killed_at(here, "telegram", "K1", "K2")
    killed_at(here, "worker", "K3", "K4", "K5", "K6", "K7", "K8", "K9")
    here.see(number, "Ik heb 1 foto van u")
    wait_until(lambda: here.photos()["read"] == 1, 120, "the reading")
    here.system.kill("worker")
    here.telegram.presses(number, "Dat was alles")
    killed_at(here, "worker", "K10", "K11")
    here.see(number, "Wilt u dat een mens met u meekijkt?")
    here.telegram.presses(number, "Ja, stuur naar een mens")
    here.see(number, "Overslaan mag ook")
    here.telegram.presses(number, "Overslaan")
    here.see(number, "Klopt dit?")
    here.system.kill("telegram")
    here.telegram.presses(number, "Klopt, verstuur dit")
    killed_at(here, "telegram", "K12")
    here.see(number, "Verstuurd.")
    assert here.photos() == Counter(read=1)
    said = here.telegram.texts(number)
    assert sum("(nogmaals)" in text for text in said) <= 12
    for words in ("Verstuurd.", "Wilt u dat een mens"):
        assert sum(words in text for text in said if "(nogmaals)" not in text) == 1
    with here.house.look() as work:
        resident = work.residents.by_door("telegram", str(number))
        assert resident is not None
        assert len(work.papers.letters(resident, active_only=False)) == 1
        case = work.cases.open_for(resident)
        assert case is not None
        assert [event.kind for event in work.cases.events(case.ref)].count("sent") == 1


def has_come_further(here: Installation, goal: int) -> bool:
    now = here.photos()
    return sum(now.values()) >= goal or now["received"] == 0


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("kills", [pytest.param(4, id="short"), pytest.param(25, id="long", marks=pytest.mark.crash)])
def test_killed_at_random(installation: Installation, kills: int) -> None:
    """Several residents send photos while the worker is killed at random moments; everything is settled once."""
    here = installation
    chance = random.Random(kills)
    for name in ("telegram", "worker"):
        if name not in here.system.running or here.system.is_dead(name):
            here.system.start(name)
    numbers = [7000 + kills * 100 + i for i in range(4)]
    for number in numbers:
        here.chat(number)
    before = here.photos()
    photos = 0
    for _ in range(kills):
        for number in numbers:
            here.telegram.sends_photo(number, PHOTO)
            photos += 1
        settled = sum(here.photos().values())
        goal = chance.randint(1, 3)
        wait_until(partial(has_come_further, here, settled + goal), 60, "progress")
        here.system.kill("worker")
        here.system.start("worker")
    wait_until(lambda: here.photos()["read"] - before["read"] == photos, 60 + 6 * photos, "the drain")
    after = here.photos()
    assert sum(after.values()) - sum(before.values()) == photos
    assert after["received"] == after["stored"] == after["needs_human"] == 0
