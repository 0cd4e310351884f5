"""Where conversations rest: sealed, short, and gone when the resident asks or the days are over."""

from __future__ import annotations

import hmac
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

KEY_BYTES = 32
NONCE_BYTES = 12
DAY_S = 86_400
# About ten turns. The rules look at the last message only, so a longer memory would only cost time and privacy.
KEPT_EVENTS = 60
_STORED = "_briefbrug_stored_events"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL,
    kind TEXT NOT NULL,
    at REAL NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS events_of_conversation ON events (conversation, id);
CREATE INDEX IF NOT EXISTS events_by_age ON events (at);
"""


def read_or_make_key(path: Path) -> bytes:
    """Return the 32-byte key in `path`; the first call makes it, readable by its owner only.

    Raises:
        ValueError: when the file does not hold exactly 32 bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
    else:
        key = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
    if len(key) != KEY_BYTES:
        raise ValueError(f"{path.name} must hold {KEY_BYTES} bytes, it holds {len(key)}")
    return key


def house_time() -> float:
    """Return the house's clock in seconds since 1970: real time, shifted by the whole days of BRIEFBRUG_TODAY."""
    told = os.environ.get("BRIEFBRUG_TODAY", "").strip()
    started = _STARTED_ON
    shift = (date.fromisoformat(told) - started).days if told else 0
    return time.time() + shift * DAY_S


# When the process started: BRIEFBRUG_TODAY moves the clock by whole days from here.
_STARTED_ON = date.today()  # noqa: TID251 - a door to the clock


class SealedTrackerStore(TrackerStore):
    """A small SQLite file of sealed events; a conversation is known there by an HMAC of its reference only."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        db: str = "",
        key_file: str = "",
        retention_days: Any = 7,
        **kwargs: dict[str, Any],
    ) -> None:
        """Open `db` (a path), sealed with the key in `key_file`; events older than `retention_days` go."""
        super().__init__(domain, event_broker, **kwargs)
        key = read_or_make_key(Path(key_file))
        self._seal = AESGCM(hmac.new(key, b"seal", sha256).digest())
        self._name_key = hmac.new(key, b"name", sha256).digest()
        self._retention_s = float(retention_days) * DAY_S
        self._cleaned_at = 0.0
        self._guard = threading.Lock()
        path = Path(db)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA auto_vacuum=FULL")
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA secure_delete=ON")
        self._connection.executescript(_SCHEMA)
        self._drop_old()

    def _name(self, sender_id: str) -> str:
        return hmac.new(self._name_key, sender_id.encode("utf-8"), sha256).hexdigest()

    def _close(self, name: str, event: dict[str, Any]) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, json.dumps(event).encode("utf-8"), name.encode("ascii"))

    def _open(self, name: str, sealed: bytes) -> dict[str, Any]:
        plain = self._seal.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode("ascii"))
        event: dict[str, Any] = json.loads(plain)
        return event

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the last turns of a conversation with its slots, or None when nothing is kept of it."""
        name = self._name(sender_id)
        with self._guard:
            rows = self._connection.execute(
                "SELECT sealed FROM events WHERE conversation = ? AND at >= ? ORDER BY id",
                (name, house_time() - self._retention_s),
            ).fetchall()
        if not rows:
            return None
        tracker = DialogueStateTracker.from_dict(
            sender_id, [self._open(name, row[0]) for row in rows], self.domain.slots, self.max_event_history
        )
        setattr(tracker, _STORED, len(tracker.events))
        return tracker

    async def keys(self) -> Iterable[str]:
        """Return nothing: the file does not know the references of its conversations."""
        return []

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append what is new in `tracker`; a tracker that was not read from here replaces what was kept."""
        await self.stream_events(tracker)
        name = self._name(tracker.sender_id)
        known = getattr(tracker, _STORED, None)
        now = house_time()
        fresh = [event.as_dict() for event in list(tracker.events)[known or 0 :]]
        rows = [(name, str(event.get("event", "")), now, self._close(name, event)) for event in fresh]
        with self._guard:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                if known is None:
                    self._connection.execute("DELETE FROM events WHERE conversation = ?", (name,))
                self._connection.executemany(
                    "INSERT INTO events (conversation, kind, at, sealed) VALUES (?, ?, ?, ?)", rows
                )
                self._trim(name, now)
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
        setattr(tracker, _STORED, len(tracker.events))
        if now - self._cleaned_at > 3600:
            self._drop_old()

    def _trim(self, name: str, now: float) -> None:
        """Keep the last events of a conversation, from a turn's start on, led by the last value of every slot."""
        rows: list[Any] = self._connection.execute(
            "SELECT id, kind, sealed FROM events WHERE conversation = ? ORDER BY id", (name,)
        ).fetchall()
        if len(rows) <= 2 * KEPT_EVENTS:
            return
        cut = len(rows) - KEPT_EVENTS
        while cut > 0 and rows[cut][1] != "user":
            cut -= 1
        slots: dict[str, Any] = {}
        for row in rows[:cut]:
            if row[1] == "slot":
                slots[self._open(name, row[2])["name"]] = row
        # A user's message is heard only after a listening action, so the one just before the cut stays.
        listening = [row for row in rows[:cut] if row[1] == "action"][-1:]
        kept = {row[0] for row in [*slots.values(), *listening, *rows[cut:]]}
        self._connection.executemany("DELETE FROM events WHERE id = ?", [(r[0],) for r in rows if r[0] not in kept])

    def _drop_old(self) -> None:
        self._cleaned_at = house_time()
        with self._guard:
            gone = self._connection.execute(
                "DELETE FROM events WHERE at < ?", (self._cleaned_at - self._retention_s,)
            ).rowcount
            if gone:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def forget(self, sender_id: str) -> int:
        """Destroy everything kept of a conversation, also in the write-ahead file; return how many events went."""
        with self._guard:
            gone = self._connection.execute(
                "DELETE FROM events WHERE conversation = ?", (self._name(sender_id),)
            ).rowcount
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone
