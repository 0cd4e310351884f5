"""Fixtures of the doors: a house with a Rasa beside it, and its pages over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.bot_api import open_bot
from bot.deliver import Deliverer
from bot.fetch import Fetcher
from bot.rasa_client import RasaClient
from bot.telegram import TelegramDoor
from bot.webchat import routes
from briefbrug.house import House
from briefbrug.store.tables import Photo, Resident
from tests.bot.servers import Loop, RasaDouble, Served, templates_kept, with_headers
from tests.bot.telegram_server import BOT_ID, TOKEN, TelegramServer
from tests.conftest import MakeHouse, wait_until

kept = templates_kept("bot.web_door.Environment")


@pytest.fixture
def rasa() -> Iterator[RasaDouble]:
    """A Rasa on its own port."""
    double = RasaDouble()
    with Served(double.app) as served:
        double.url = served.url  # type: ignore[attr-defined]
        yield double


@pytest.fixture
def web_house(make_house: MakeHouse, rasa: RasaDouble) -> House:
    """A house whose Rasa is the double."""
    return make_house(RASA_URL=rasa.url, RASA_TOKEN=rasa.token)  # type: ignore[attr-defined]


@pytest.fixture
def pages(web_house: House) -> Iterator[str]:
    """The address of the house's web door."""
    client = RasaClient(web_house.settings, seconds=2.0)
    with Served(with_headers(routes(web_house, client), client.close)) as served:
        yield served.url


class Telegram:
    """A house behind an invented Telegram: its door is open, its outbox delivered, its files fetched."""

    def __init__(self, house: House, server: TelegramServer, loop: Loop, *, polls: bool) -> None:
        self.house = house
        self.server = server
        self.loop = loop
        self.stopped = asyncio.Event()
        self._polls = polls
        self._running: list[Any] = []
        self.door: TelegramDoor | None = None

    def start(self) -> None:
        """Open the door, after a stop too."""

        async def open_door() -> None:
            self.stopped = asyncio.Event()
            opened, sending = open_bot(self.house.settings), open_bot(self.house.settings)
            rasa = RasaClient(self.house.settings, seconds=2.0)
            self.door = TelegramDoor(self.house, rasa, opened.bot)
            deliverer, fetcher = (
                Deliverer(self.house, sending.bot, "worker"),
                Fetcher(self.house, sending.bot, "worker"),
            )
            self.deliver, self.fetch = deliverer.deliver, fetcher.fetch
            self._close = [opened.close, sending.close, fetcher.close, rasa.close]

        self.loop.run(open_door())
        assert self.door is not None
        self._running = [self.loop.start(self.door.handle_forever(self.stopped)), self.loop.start(self._pump())]
        if self._polls:
            self._running.append(self.loop.start(self.door.poll(self.stopped)))

    def stop(self) -> None:
        """Close the door as a stop of the process does."""
        self.loop.loop.call_soon_threadsafe(self.stopped.set)
        for each in self._running:
            each.result(30)
        for close in self._close:
            self.loop.run(close())

    async def _pump(self) -> None:
        """Do what the worker's queues do: deliver and fetch what the rows ask for."""
        fetching: set[str] = set()
        tasks: set[asyncio.Task[None]] = set()
        while not self.stopped.is_set():
            residents, photos = await asyncio.to_thread(self._due)
            for ref in residents:
                tasks.add(asyncio.ensure_future(self.deliver(ref)))
            for ref in photos - fetching:
                fetching.add(ref)
                tasks.add(asyncio.ensure_future(self.fetch(ref)))
            tasks = {task for task in tasks if not task.done()}
            await asyncio.sleep(0.05)
        if tasks:
            await asyncio.wait(tasks, timeout=30)

    def _due(self) -> tuple[list[str], set[str]]:
        with self.house.look() as work:
            wanted = work.session.scalars(
                select(Photo.ref)
                .join(Resident, Resident.ref == Photo.resident_ref)
                .where(Photo.state == "received", Resident.consent == "yes")
            )
            return work.thread.due_residents(work.clock.now()), set(wanted)

    def photos(self) -> list[Photo]:
        """Return all photos of the house."""
        with self.house.look() as work:
            return list(work.session.scalars(select(Photo).order_by(Photo.position)))

    def unhandled(self) -> int:
        """Return how many updates still wait for their effect."""
        with self.house.look() as work:
            return len(work.updates.unhandled(str(BOT_ID), limit=100_000))

    def wait_text(self, chat_id: int, words: str, count: int = 1) -> None:
        """Wait until the chat shows these words."""
        wait_until(
            lambda: sum(words in text for text in self.server.texts(chat_id)) >= count, what=f"'{words}' in the chat"
        )

    def says_yes(self, chat_id: int) -> None:
        """Start a chat and give leave."""
        self.server.types(chat_id, "/start")
        wait_until(lambda: "Ja, dat is goed" in self.server.buttons(chat_id), what="the question")
        self.server.presses(chat_id, "Ja, dat is goed")
        self.wait_text(chat_id, "Dank u")


@pytest.fixture
def true_pace(request: pytest.FixtureRequest) -> bool:
    """Whether Telegram's true pace holds in this test; else both sides go faster, so that tests do not wait."""
    return request.node.get_closest_marker("slow") is not None


@pytest.fixture
def bot_api(true_pace: bool, monkeypatch: pytest.MonkeyPatch) -> Iterator[TelegramServer]:
    """The invented Telegram."""
    if not true_pace:
        monkeypatch.setattr("briefbrug.usecases.deliver.BETWEEN_SECONDS", 0.06)
        monkeypatch.setattr("bot.deliver.BETWEEN_SECONDS", 0.06)
    server = TelegramServer() if true_pace else TelegramServer(per_chat_seconds=0.05, per_second=1000)
    with Served(server.app) as served:
        server.url = served.url  # type: ignore[attr-defined]
        yield server
        server.closing = True


@pytest.fixture
def telegram_house(make_house: MakeHouse, rasa: RasaDouble, bot_api: TelegramServer) -> House:
    """A house with a Telegram door that polls."""
    return make_house(
        RASA_URL=rasa.url, RASA_TOKEN=rasa.token, TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_URL=bot_api.url,  # type: ignore[attr-defined]
    )  # fmt: skip


@pytest.fixture
def telegram(telegram_house: House, bot_api: TelegramServer) -> Iterator[Telegram]:
    """A running Telegram door."""
    with Loop() as loop:
        found = Telegram(telegram_house, bot_api, loop, polls=True)
        found.start()
        yield found
        found.stop()
