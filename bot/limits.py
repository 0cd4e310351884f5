"""Limits at the resident's doors: how often, and how many at the same time; kept in memory, per process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager

FORGET_ABOVE = 10_000
"""Keys kept before those with nothing recent are dropped."""


class Window:
    """Allows `limit` acts per key in any `seconds`."""

    def __init__(self, limit: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._now = now
        self._acts: dict[str, deque[float]] = {}

    def wait(self, key: str) -> float:
        """Count one act and return 0, or return after how many seconds the next one is allowed."""
        now = self._now()
        acts = self._acts.setdefault(key, deque())
        while acts and now - acts[0] >= self._seconds:
            acts.popleft()
        if len(acts) >= self._limit:
            return acts[0] + self._seconds - now
        acts.append(now)
        if len(self._acts) > FORGET_ABOVE:
            self._acts = {
                other: times for other, times in self._acts.items() if times and now - times[-1] < self._seconds
            }
        return 0.0


class Together:
    """Allows `limit` acts per key at the same time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._busy: dict[str, int] = {}

    @contextmanager
    def enter(self, key: str) -> Generator[bool]:
        """Yield whether there is room; it is taken until the block ends."""
        has_room = self._busy.get(key, 0) < self._limit
        if has_room:
            self._busy[key] = self._busy.get(key, 0) + 1
        try:
            yield has_room
        finally:
            if has_room:
                left = self._busy[key] - 1
                if left:
                    self._busy[key] = left
                else:
                    del self._busy[key]
