"""Measures the whole running house from outside: `python -m tests.scenarios.bench` (or `make bench-house`).

A turn through the web door beside the same turn on a stock Rasa server, in the same run: one after another, and with 50
residents who chat while the reader has as much work as it can take. Then P15: a photo in until it is acknowledged, and
"Dat was alles" until the first explanation, for one letter; and the model bag of samples/bag. Times are milliseconds;
rounds are interleaved and medians of the rounds are shown. The gates are for an idle machine.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.conftest import ROOT_SAMPLES, wait_until
from tests.rasa.bench import SAYINGS, Peer, p95, stock_rasa
from tests.scenarios.running import Running, running
from tests.system import Visitor

ROUNDS = 3
TURNS = 40
RESIDENTS = 50
PAUSE_S = 10.0
"""A resident reads and types: the shortest time between two of her messages while 50 chat."""
LETTERS = 8

Say = Callable[[str], None]


def timed(say: Say, text: str) -> float:
    """Say `text` and return the milliseconds until the answer is there."""
    began = time.perf_counter()
    say(text)
    return (time.perf_counter() - began) * 1000


class AtRasa:
    """A resident at a bare Rasa server."""

    numbers = itertools.count(1)

    def __init__(self, peer: Peer, client: httpx.Client) -> None:
        self._peer, self._client, self._name = peer, client, f"R-bench-{next(self.numbers)}"

    def say(self, text: str) -> None:
        """Say `text` and wait for the answer."""
        answer = self._client.post(
            f"{self._peer.url}/webhooks/rest/webhook",
            headers={"Authorization": f"Bearer {self._peer.token}"},
            json={"sender": self._name, "message": text},
        )
        if not answer.raise_for_status().json():
            raise RuntimeError("an empty answer")


class AtWeb:
    """A resident at the web page, who has agreed to the reading of her letters."""

    def __init__(self, url: str) -> None:
        self.visitor = Visitor(url)
        self.visitor.press("Ja, dat is goed")

    def say(self, text: str) -> None:
        """Say `text`; the request of the page ends when the house has answered."""
        if not self.visitor.say(text).json()["messages"]:
            raise RuntimeError("an empty answer")


def one_by_one(enter: Callable[[], Say]) -> list[float]:
    """Return the times of residents who come one after another, with five messages each."""
    times: list[float] = []
    for _ in range(TURNS // len(SAYINGS)):
        say = enter()
        times += [timed(say, text) for text in SAYINGS]
    return times


def together(says: list[Say]) -> list[float]:
    """Return the times of all residents, each with five messages and a pause between them."""
    ready = threading.Barrier(len(says))

    def resident(number: int) -> list[float]:
        ready.wait()
        pause, times = threading.Event(), list[float]()
        pause.wait(PAUSE_S * number / len(says))
        for text in SAYINGS:
            times.append(timed(says[number], text))
            pause.wait(max(0.0, PAUSE_S - times[-1] / 1000))
        return times

    with ThreadPoolExecutor(len(says)) as pool:
        return [each for times in pool.map(resident, range(len(says))) for each in times]


@contextmanager
def busy_reader(here: Running) -> Generator[list[int]]:
    """Yield the number of photos sent while four residents keep the reader at work."""
    over, sent, photos = threading.Event(), [0], sorted((ROOT_SAMPLES / "bag").glob("*.jpg"))

    def sender(number: int) -> None:
        # The same file twice is one letter, so each resident sends each photo once and then comes anew.
        while not over.is_set():
            guest = AtWeb(here.system.url)
            for photo in photos:
                if over.is_set():
                    return
                guest.visitor.upload(photo.read_bytes(), f"busy-{number}-{sent[0]:06d}", photo.name).raise_for_status()
                sent[0] += 1
            guest.visitor.press("Dat was alles")
            while not over.wait(2.0) and len(guest.visitor.articles()) <= 6:
                pass  # a look at the page every two seconds, so that waiting is no work for the house

    with ThreadPoolExecutor(4) as pool:
        for number in range(4):
            pool.submit(sender, number)
        try:
            yield sent
        finally:
            over.set()


def one_letter(here: Running, photo: Path) -> tuple[float, float]:
    """Return the times until a photo is acknowledged, and from "Dat was alles" until its explanation."""
    guest = AtWeb(here.system.url).visitor
    content, began = photo.read_bytes(), time.perf_counter()
    guest.upload(content, "one-letter-0001", photo.name).raise_for_status()
    acknowledged = (time.perf_counter() - began) * 1000
    before, began = len(guest.articles()), time.perf_counter()
    guest.press("Dat was alles")
    # Her own press and the thanks come first; what follows is the explanation.
    wait_until(lambda: len(guest.articles()) >= before + 3, 60, "the explanation")
    return acknowledged, (time.perf_counter() - began) * 1000


def main() -> int:
    """Measure and print; return 1 when a gate is missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    found: dict[str, list[float]] = {}
    with (
        tempfile.TemporaryDirectory() as house_at,
        tempfile.TemporaryDirectory() as stock_at,
        running(Path(house_at)) as here,
        stock_rasa(Path(stock_at)) as stock,
        httpx.Client(timeout=120) as client,
    ):
        doors: dict[str, Callable[[], Say]] = {
            "web": lambda: AtWeb(here.system.url).say,
            "stock": lambda: AtRasa(stock, client).say,
        }
        for _ in range(rounds):
            for name, enter in doors.items():
                found.setdefault(f"{name} alone", []).append(p95(one_by_one(enter)))
        for photo in sorted((ROOT_SAMPLES / "bag").glob("*.jpg"))[:LETTERS]:
            acknowledged, explained = one_letter(here, photo)
            found.setdefault("acknowledged", []).append(acknowledged)
            found.setdefault("explained", []).append(explained)
        for name, enter in doors.items():
            says = [enter() for _ in range(RESIDENTS)]
            with busy_reader(here) as sent:
                found[f"{name} beside reading"] = [p95(together(says))]
            print(f"{name}: {RESIDENTS} residents, {RESIDENTS * len(SAYINGS)} turns, {sent[0]} photos sent beside them")
    middle = {name: statistics.median(times) for name, times in found.items()}
    for name, value in middle.items():
        print(f"{name:22} {value:8.1f} ms")
    gates = [
        ("a web turn above a bare one, p95", middle["web alone"] - middle["stock alone"], 60.0),
        (f"the same, {RESIDENTS} residents and a busy reader",
         middle["web beside reading"] - middle["stock beside reading"], 60.0),
        ("P15 photo acknowledged, p95", p95(found["acknowledged"]), 300.0),
        ("P15 first explanation, p50", middle["explained"], 1000.0),
        ("P15 first explanation, p95", max(found["explained"]), 3000.0),
    ]  # fmt: skip
    for name, value, gate in gates:
        print(f"{'held  ' if value <= gate else 'MISSED'} {name}: {value:.0f} (<= {gate:g})")
    return 1 if any(value > gate for _, value, gate in gates) else 0


if __name__ == "__main__":
    sys.exit(main())
