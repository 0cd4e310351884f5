"""One whole running installation for many conversations at the same time, with a Telegram that makes trouble."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from starlette.responses import JSONResponse, Response

from briefbrug.house import House, build_house
from briefbrug.settings import read_settings
from tests.bot.servers import Served
from tests.bot.telegram_server import TOKEN, RefusedError, TelegramServer
from tests.conftest import add_team
from tests.scenarios.doors import Door, TelegramDoor, WebDoor
from tests.system import System

PROCESSES = ("actions", "worker", "web", "telegram")


class Trouble:
    """Refuses now and then what the bot sends: too fast, or broken for a moment."""

    def __init__(self, every: int = 23) -> None:
        self._every = every
        self._sent = itertools.count(1)

    def __call__(self, method: str, fields: Mapping[str, str]) -> Response | RefusedError | None:
        """Return the refusal of a call, or None."""
        if method not in {"sendMessage", "sendPhoto"}:
            return None
        number = next(self._sent)
        if number % self._every == 0:
            return RefusedError(429, "Too Many Requests: retry after 1", retry_after=1)
        if number % (self._every * 2) == 1:
            return JSONResponse({"ok": False, "error_code": 502, "description": "Bad Gateway"}, status_code=502)
        return None


class Running:
    """The processes, a look into their database, and new visitors at either door."""

    def __init__(self, folder: Path, telegram: TelegramServer, telegram_url: str, **settings: str) -> None:
        self.telegram = telegram
        self.system = System(
            folder, {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram_url, "WORKERS": "2", **settings}
        )
        self.system.run("migrate")
        self.house: House = build_house(read_settings(self.system.environment))
        self.first_person = add_team(self.house, "Melissa de Boer", "Ahmed Yilmaz", "Els van Dam")
        self._numbers = itertools.count(50_001)
        self._pages: list[WebDoor] = []

    def start(self) -> None:
        """Start every process and wait until they answer."""
        for name in ("rasa", *PROCESSES):
            self.system.start(name)
        self.system.wait_for_pages()
        self.system.wait_for_rasa()
        self.system.wait_for_actions()

    def enter(self, door: str) -> Door:
        """Return a new visitor at a door."""
        if door == "web":
            page = WebDoor(self.system.url, self.house)
            self._pages.append(page)
            return page
        return TelegramDoor(self.telegram, self.house, next(self._numbers))

    def close(self) -> None:
        """Stop everything."""
        for page in self._pages:
            page.client.close()
        self.system.close()
        self.house.close()


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Running]:
    """Yield an installation that is up; it is stopped afterwards."""
    telegram = TelegramServer(per_chat_seconds=1.0)
    telegram.fault = Trouble()
    with Served(telegram.app) as served:
        here = Running(folder, telegram, served.url, **settings)
        try:
            here.start()
            yield here
        finally:
            telegram.closing = True
            here.close()
