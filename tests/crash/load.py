"""Many residents send photos at once, and the house is restarted meanwhile (promises R8 and R11).

`python -m tests.crash.load [residents] [photos] [seconds]`, or `make bench-load`: 200 residents send 5 photos each
within 60 seconds to a Bot API server that enforces 30 messages a second and one a second in a chat. The gates are for
an idle machine with two cores; the exit status says whether anything was lost or doubled, whatever the machine.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import select

from briefbrug.house import House, build_house
from briefbrug.settings import read_settings
from briefbrug.store.tables import Letter, Photo
from tests.bot.servers import Served
from tests.bot.telegram_server import TOKEN, TelegramServer
from tests.conftest import ROOT_SAMPLES, add_team, wait_until
from tests.system import System

FIRST_CHAT = 90_000
READ_SECONDS = 900
DOORS = ("web", "telegram", "worker")
PHOTO = (ROOT_SAMPLES / "bag" / "foto-05.jpg").read_bytes()


@dataclass
class Load:
    """One run: who sent what and when, and what came back."""

    house: House
    telegram: TelegramServer
    residents: int
    photos: int
    seconds: float
    sent_at: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list[float]))
    heard_at: dict[tuple[int, int], float] = field(default_factory=dict[tuple[int, int], float])

    @property
    def chats(self) -> range:
        """The chats of this run."""
        return range(FIRST_CHAT, FIRST_CHAT + self.residents)

    def open_chats(self) -> None:
        """Let everybody say yes before the clock runs."""
        for number in self.chats:
            self.telegram.types(number, "/start")
        wait_until(lambda: all(self.telegram.buttons(number) for number in self.chats), READ_SECONDS, "the greetings")
        for number in self.chats:
            self.telegram.presses(number, "Ja, dat is goed")
        wait_until(lambda: all(self.sees(number, "Maak nu foto") for number in self.chats), READ_SECONDS, "the yes")

    def sees(self, number: int, words: str) -> bool:
        """Return whether a chat shows these words."""
        return any(words in text for text in self.telegram.texts(number))

    def counted(self, number: int) -> int:
        """Return how many photos the newest count in a chat tells."""
        told = [text for text in self.telegram.texts(number) if "Ik heb" in text and "foto" in text]
        found = re.search(r"Ik heb (\d+) foto", told[-1]) if told else None
        return int(found[1]) if found else 0

    def send(self) -> None:
        """Send every photo at its moment, and note when it was acknowledged."""
        began = time.monotonic()
        total = self.residents * self.photos
        for index in range(total):
            number = FIRST_CHAT + index % self.residents
            due = began + self.seconds * index / total
            while time.monotonic() < due:
                self.look()
                time.sleep(0.01)
            self.telegram.sends_photo(number, PHOTO + index.to_bytes(4, "big"))
            self.sent_at[number].append(time.monotonic())
        wait_until(self.all_heard, READ_SECONDS, "the acknowledgements")

    def look(self) -> None:
        """Note which photos were acknowledged since the last look."""
        now = time.monotonic()
        for number in list(self.sent_at):
            waiting = [at for at in range(1, len(self.sent_at[number]) + 1) if (number, at) not in self.heard_at]
            if waiting:
                count = self.counted(number)
                self.heard_at.update(dict.fromkeys(((number, at) for at in waiting if at <= count), now))

    def all_heard(self) -> bool:
        """Return whether every photo was acknowledged."""
        self.look()
        return len(self.heard_at) == self.residents * self.photos

    def waits(self) -> list[float]:
        """Return the seconds from each photo to its acknowledgement."""
        return sorted(at - self.sent_at[number][place - 1] for (number, place), at in self.heard_at.items())

    def states(self) -> Counter[str]:
        """Return how many photos are in each state."""
        with self.house.look() as work:
            return Counter(work.papers.count_by_state())

    def in_order(self) -> bool:
        """Return whether each resident's photos stand in the order in which they were sent, each once."""
        with self.house.look() as work:
            rows = work.session.execute(select(Photo.resident_ref, Photo.position).order_by(Photo.received_at)).all()
        of: dict[str, list[int]] = defaultdict(list)
        for ref, position in rows:
            of[ref].append(position)
        return all(positions == list(range(self.photos)) for positions in of.values())

    def finish(self) -> int:
        """Press "dat was alles" in every chat, wait for the overviews, and return how many letters there are."""
        for number in self.chats:
            self.telegram.presses(number, "Dat was alles")
        wait_until(lambda: all(self.sees(each, "mens met u meekijkt") for each in self.chats), READ_SECONDS, "the ends")
        with self.house.look() as work:
            return work.session.query(Letter).count()

    def doubled(self) -> int:
        """Return how many messages came twice without the mark."""
        return sum(
            max(
                0,
                sum("mens met u meekijkt" in text and "(nogmaals)" not in text for text in self.telegram.texts(each))
                - 1,
            )
            for each in self.chats
        )


def stop(system: System, name: str) -> float:
    """Ask a process to stop as a service manager does; return the seconds until it was gone."""
    began = time.monotonic()
    process = system.running[name]
    os.kill(process.pid, signal.SIGTERM)
    process.wait(60)
    return time.monotonic() - began


def restart(system: System) -> str:
    """Stop and start the doors and the worker; return what that took (R11)."""
    with ThreadPoolExecutor(len(DOORS)) as pool:
        stopped = dict(zip(DOORS, pool.map(stop, [system] * len(DOORS), DOORS), strict=True))
    began = time.monotonic()
    for name in DOORS:
        system.start(name)
    wait_until(lambda: is_ready(system), 120, "the restart")
    ready = time.monotonic() - began
    told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in stopped.items())
    return f"graceful stop under load: {told} (gate 20 s); ready after {ready:.1f} s (gate 15 s)"


def is_ready(system: System) -> bool:
    """Return whether the pages answer."""
    try:
        return httpx.get(f"{system.url}/ready", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def main(residents: int = 200, photos: int = 5, seconds: float = 60.0) -> int:
    """Run the load once and print the figures; return 1 when anything was lost, doubled or out of order."""
    telegram = TelegramServer(per_chat_seconds=1.0, per_second=30)
    with tempfile.TemporaryDirectory() as folder, Served(telegram.app) as served:
        system = System(
            Path(folder), {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": served.url, "WORKERS": str(os.cpu_count() or 1)}
        )
        system.run("migrate")
        house = build_house(read_settings(system.environment))
        add_team(house)
        load = Load(house, telegram, residents, photos, seconds)
        try:
            for name in DOORS:
                system.start(name)
            load.open_chats()
            began = time.monotonic()
            with ThreadPoolExecutor(1) as pool:
                sending = pool.submit(load.send)
                wait_until(
                    lambda: sending.done() or len(load.heard_at) * 3 > residents * photos,
                    READ_SECONDS,
                    "a third of all",
                )
                told = restart(system)
                sending.result()
            total = residents * photos
            wait_until(lambda: load.states()["read"] == total, READ_SECONDS, "the reading")
            read = time.monotonic() - began
            letters = load.finish()
            lost, is_ordered = total - sum(load.states().values()), load.in_order()
        finally:
            telegram.closing = True
            system.close()
            house.close()
        waits = load.waits()
        p95 = waits[int(len(waits) * 0.95)]
        print(f"{residents} residents x {photos} photos within {seconds:g} s, load average {os.getloadavg()[0]:.1f}")
        print(
            f"acknowledged: median {statistics.median(waits):.2f} s, p95 {p95:.2f} s (gate 2 s; the restart is in it)"
        )
        print(f"all read after {read:.0f} s (gate 200 s for 1,000)")
        print(told)
        doubled = load.doubled()
        print(f"lost {lost}, doubled messages {doubled}, letters {letters}, in order: {'yes' if is_ordered else 'NO'}")
        print(f"refused by Telegram for pace: {telegram.refusals}")
        return 0 if not lost and not doubled and is_ordered else 1


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
