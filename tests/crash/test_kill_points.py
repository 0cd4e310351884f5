"""Killed at the worst moments, nothing is lost, nothing is done twice (promises R1, R2, R6).

The real processes over SQLite, a Bot API over HTTP as the ledger outside the system.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
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
POINTS = {
    "K1": "telegram",
    "K2": "telegram",
    "K3": "worker",
    "K4": "worker",
    "K5": "worker",
    "K6": "worker",
    "K7": "worker",
    "K8": "worker",
    "K9": "worker",
    "K10": "worker",
    "K11": "worker",
    "K12": "telegram",
}
"""Kill point -> the process that passes it."""


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


def restart_when_killed(here: Installation, point: str, process: str) -> None:
    marker = here.system.data / f"killed-at-{point}"
    wait_until(lambda: here.system.is_dead(process), 90, f"the kill at {point}")
    assert marker.exists()
    here.system.kill(process)
    here.system.start(process)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(installation: Installation, point: str) -> None:
    """One photo, one kill, one letter, one overview, one case."""
    here, process = installation, POINTS[point]
    for name in ("telegram", "worker"):
        if name not in here.system.running or here.system.is_dead(name):
            here.system.start(name)
    number = 5000 + int(point[1:])
    here.chat(number)
    before = here.photos()
    here.system.kill(process)
    here.system.start(process, KILL_AT=point)
    if point not in {"K11", "K12"}:
        here.telegram.sends_photo(number, PHOTO)
        if point in {"K10"}:
            here.see(number, "Ik heb 1 foto van u")
            here.telegram.presses(number, "Dat was alles")
        restart_when_killed(here, point, process)
    else:
        here.telegram.sends_photo(number, PHOTO)
        if point == "K11":
            restart_when_killed(here, point, process)
    here.see(number, "1 foto")
    if point != "K10":
        here.telegram.presses(number, "Dat was alles")
    here.see(number, "Wilt u dat een mens met u meekijkt?")
    here.telegram.presses(number, "Ja, stuur naar een mens")
    here.see(number, "Overslaan mag ook")
    here.telegram.presses(number, "Overslaan")
    here.see(number, "Klopt dit?")
    here.telegram.presses(number, "Klopt, verstuur dit")
    if point == "K12":
        restart_when_killed(here, point, process)
    here.see(number, "Verstuurd.")
    after = here.photos()
    assert after["read"] - before["read"] == 1 and sum(after.values()) == sum(before.values()) + 1
    said = here.telegram.texts(number)
    repeats = [text for text in said if "(nogmaals)" in text]
    assert len(repeats) <= 1
    assert sum("Verstuurd." in text for text in said if "(nogmaals)" not in text) == 1
    assert sum("Wilt u dat een mens" in text for text in said if "(nogmaals)" not in text) == 1
    with here.house.look() as work:
        resident = work.residents.by_door("telegram", str(number))
        assert resident is not None
        assert len(work.papers.letters(resident, active_only=False)) == 1
        events = [event.kind for event in work.cases.events(work.cases.open_for(resident).ref)]  # type: ignore[union-attr]
        assert events.count("sent") == 1


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
        wait_until(
            lambda: sum(here.photos().values()) >= settled + goal or here.photos()["received"] == 0, 60, "progress"
        )
        here.system.kill("worker")
        here.system.start("worker")
    wait_until(lambda: here.photos()["read"] - before["read"] == photos, 60 + 6 * photos, "the drain")
    after = here.photos()
    assert sum(after.values()) - sum(before.values()) == photos
    assert after["received"] == after["stored"] == after["needs_human"] == 0
