"""Tells open pages that a thread changed: one small question to the database for all of them together."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from briefbrug.house import House
from briefbrug.usecases.show_thread import changes_of

log = logging.getLogger("bot.watching")

LOOK_SECONDS = 0.25
AWAY_SECONDS = 2.0
GONE = -1


class Watcher:
    """Knows the newest change of every resident whose page is open."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._open: Counter[str] = Counter()
        self._newest: dict[str, int] = {}
        self._news: dict[str, asyncio.Event] = {}
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, resident_ref: str) -> Generator[None]:
        """Watch a resident's thread while the block runs."""
        self._open[resident_ref] += 1
        self._news.setdefault(resident_ref, asyncio.Event())
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._open[resident_ref] -= 1
            if not self._open[resident_ref]:
                del self._open[resident_ref]
                self._newest.pop(resident_ref, None)
                self._news.pop(resident_ref, None)

    def touch(self, resident_ref: str) -> None:
        """Say that a thread has just changed in this process, so that its pages need not wait for the next look."""
        news = self._news.get(resident_ref)
        if news is not None:
            news.set()

    async def changed(self, resident_ref: str, after: int, seconds: float) -> None:
        """Return when the thread may have changed after `after`, or after `seconds`."""
        news = self._news[resident_ref]
        newest = self._newest.get(resident_ref, after)
        if newest > after or newest == GONE:
            return
        try:
            await asyncio.wait_for(news.wait(), seconds)
        except TimeoutError:
            return
        finally:
            news.clear()

    async def _look(self) -> None:
        while self._open:
            refs = list(self._open)
            try:
                found = await asyncio.to_thread(changes_of, self._house, refs)
            except Exception as error:  # noqa: BLE001 a door: pages stay open while the database is away
                log.warning("changes_not_read error=%s", type(error).__name__)
                await asyncio.sleep(AWAY_SECONDS)
                continue
            for ref in refs:
                change = found.get(ref, GONE)
                if ref in self._open and self._newest.get(ref) != change:
                    self._newest[ref] = change
                    self._news[ref].set()
            await asyncio.sleep(LOOK_SECONDS)
