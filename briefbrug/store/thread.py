"""The one thread with a resident: what was said by whom, and what still has to reach a door."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from briefbrug.clock import Clock
from briefbrug.store.papers import DEAD_AFTER
from briefbrug.store.residents import Residents
from briefbrug.store.tables import ChatMessage, Heartbeat, Outbox, Resident

MACHINE, HUMAN, RESIDENT = "machine", "human", "resident"
WRITTEN_DOORS = ("telegram",)
"""Doors that must be written to; the web page asks by itself."""


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under a message: its words, the use case it runs and that use case's values."""

    label: str
    do: str
    values: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Picture:
    """A cut-out of a letter as proof: the page's photo and a box on it in pixels of the stored page image."""

    photo_ref: str
    page: int
    box: tuple[int, int, int, int] | None
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that a professional sent along; `size` in bytes."""

    ref: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a message holds: text, buttons, pictures, links (label, address), files, the face to show beside it.

    `face` is the reference of the professional the text speaks about; `key` the text key it began with; `language`
    that of the machine's text, empty for what people write.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    pictures: tuple[Picture, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    key: str = ""
    face: str = ""
    language: str = ""
    files: tuple[Enclosed, ...] = ()


def said_from(data: dict[str, Any]) -> Said:
    """Return `Said` from its JSON."""
    return Said(
        text=data["text"],
        buttons=tuple(Button(b["label"], b["do"], dict(b["values"])) for b in data["buttons"]),
        pictures=tuple(
            Picture(p["photo_ref"], p["page"], tuple(p["box"]) if p["box"] else None, p.get("alt", ""))
            for p in data["pictures"]
        ),
        links=tuple((label, address) for label, address in data["links"]),
        key=data.get("key", ""),
        face=data.get("face", ""),
        language=data.get("language", ""),
        files=tuple(Enclosed(f["ref"], f["name"], f["media_type"], f["size"]) for f in data.get("files", ())),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the thread, opened."""

    ref: str
    sender: str
    professional_ref: str | None
    said: Said
    at: datetime
    change: int
    case_ref: str | None = None


class Thread:
    """Adds to and reads from the thread."""

    def __init__(self, session: Session, residents: Residents, clock: Clock, enqueue: Callable[..., None]) -> None:
        self._session = session
        self._residents = residents
        self._clock = clock
        self._enqueue = enqueue

    def add(
        self,
        resident: Resident,
        sender: str,
        said: Said,
        *,
        professional_ref: str | None = None,
        case_ref: str | None = None,
        source_key: str | None = None,
    ) -> str | None:
        """Add a message and, unless the resident wrote it, put it in the outbox of her last written door.

        Returns:
            The message's reference; None when `source_key` was there already (the same update once more).
        """
        if source_key and self.has(resident, source_key):
            return None
        resident.last_change += 1
        message = ChatMessage(
            ref=f"M-{secrets.token_hex(16)}",
            resident_ref=resident.ref,
            sender=sender,
            professional_ref=professional_ref,
            case_ref=case_ref,
            body_sealed=self._residents.seal(resident, json.dumps(asdict(said)), "message"),
            at=self._clock.now(),
            change=resident.last_change,
            source_key=source_key,
        )
        self._session.add(message)
        self._session.flush()
        if sender != RESIDENT:
            self._send(resident, message.ref, "send")
        return message.ref

    def edit(self, resident: Resident, message_ref: str, said: Said) -> None:
        """Replace what an own message says; doors show the new text."""
        message = self._session.get(ChatMessage, message_ref)
        if message is None:
            return
        resident.last_change += 1
        message.change = resident.last_change
        message.body_sealed = self._residents.seal(resident, json.dumps(asdict(said)), "message")
        waiting = select(Outbox.id).where(Outbox.message_ref == message_ref, Outbox.state == "waiting")
        if self._session.scalar(waiting) is None:
            self._send(resident, message_ref, "edit")

    def _send(self, resident: Resident, message_ref: str, kind: str) -> None:
        door = next((door for door in self._residents.doors(resident) if door.kind in WRITTEN_DOORS), None)
        if door is None or door.gone:
            return
        now = self._clock.now()
        row = Outbox(
            resident_ref=resident.ref, message_ref=message_ref, kind=kind, state="waiting", created_at=now, next_at=now
        )
        self._session.add(row)
        self._enqueue("deliver", resident.ref)

    def has(self, resident: Resident, source_key: str) -> bool:
        """Return whether a message with this source was added before."""
        query = select(ChatMessage.ref).where(
            ChatMessage.resident_ref == resident.ref, ChatMessage.source_key == source_key
        )
        return self._session.scalar(query) is not None

    def lines(self, resident: Resident, after_change: int = 0, limit: int = 400) -> list[Line]:
        """Return messages that are new or changed after `after_change`, in the order they were written."""
        query = (
            select(ChatMessage)
            .where(ChatMessage.resident_ref == resident.ref, ChatMessage.change > after_change)
            .order_by(ChatMessage.at.desc(), ChatMessage.change.desc())
            .limit(limit)
        )
        return [self._line(resident, row) for row in reversed(list(self._session.scalars(query)))]

    def line(self, resident: Resident, message_ref: str) -> Line | None:
        """Return one message of this resident's own thread."""
        row = self._session.get(ChatMessage, message_ref)
        if row is None or row.resident_ref != resident.ref:
            return None
        return self._line(resident, row)

    def _line(self, resident: Resident, row: ChatMessage) -> Line:
        said = said_from(json.loads(self._residents.open(resident, row.body_sealed, "message")))
        return Line(row.ref, row.sender, row.professional_ref, said, row.at, row.change, row.case_ref)

    def waiting(self, resident_ref: str, now: datetime) -> list[Outbox]:
        """Return what still has to reach the resident's written door, oldest first; empty until the first is due."""
        query = select(Outbox).where(Outbox.resident_ref == resident_ref, Outbox.state == "waiting").order_by(Outbox.id)
        rows = list(self._session.scalars(query))
        return rows if rows and rows[0].next_at <= now else []

    def first_waiting(self, resident_ref: str) -> Outbox | None:
        """Return the oldest message that still has to reach the resident's written door, due or not."""
        return self._session.scalar(
            select(Outbox)
            .where(Outbox.resident_ref == resident_ref, Outbox.state == "waiting")
            .order_by(Outbox.id)
            .limit(1)
        )

    def follow_up(self, sent: Outbox, change: int) -> None:
        """Send the newest text of a message once more as an edit, when it was edited after `change` was sent."""
        message = self._session.get(ChatMessage, sent.message_ref)
        resident = self._session.get(Resident, sent.resident_ref)
        if message is None or resident is None or message.change <= change:
            return
        waiting = select(Outbox.id).where(Outbox.message_ref == sent.message_ref, Outbox.state == "waiting")
        if self._session.scalar(waiting) is None:
            self._send(resident, sent.message_ref, "edit")

    def due_residents(self, now: datetime, limit: int = 500) -> list[str]:
        """Return residents with a message that is due, for the sweep."""
        query = (
            select(Outbox.resident_ref).where(Outbox.state == "waiting", Outbox.next_at <= now).distinct().limit(limit)
        )
        return list(self._session.scalars(query))

    def states_of(self, message_ref: str) -> set[str]:
        """Return how far a message came at the doors that must be written to; empty for a page only."""
        return set(self._session.scalars(select(Outbox.state).where(Outbox.message_ref == message_ref)))

    def outbox(self, outbox_id: int) -> Outbox | None:
        """Return one row of the outbox."""
        return self._session.get(Outbox, outbox_id)

    def remote_id(self, message_ref: str) -> int | None:
        """Return the door's own number of a message that was sent (the newest, if it was sent anew), for editing it."""
        sent = Outbox.message_ref == message_ref, Outbox.remote_id.is_not(None)
        query = select(Outbox.remote_id).where(*sent).order_by(Outbox.id.desc()).limit(1)
        return self._session.scalar(query)

    def lease(self, resident_ref: str, holder: str, now: datetime, seconds: float) -> bool:
        """Take the right to write to a resident's door; False when another worker ("executor#start") holds it.

        An earlier start of the same executor is dead, and so is a worker without a sign of life: their leases are free.
        """
        own = Resident.delivering_by == holder
        if "#" in holder:
            own = Resident.delivering_by.startswith(holder.partition("#")[0] + "#", autoescape=True)
        living = select(Heartbeat.executor).where(
            Heartbeat.at > now - DEAD_AFTER, Resident.delivering_by.like(Heartbeat.executor + "#%")
        )
        dead = Resident.delivering_by.contains("#") & ~living.exists()
        free = Resident.delivering_until.is_(None) | (Resident.delivering_until < now) | own | dead
        result = self._session.execute(
            update(Resident)
            .where(Resident.ref == resident_ref, free)
            .values(delivering_by=holder, delivering_until=now + timedelta(seconds=seconds))
        )
        return bool(getattr(result, "rowcount", 0))

    def is_unattended(self, resident: Resident, worker: str, now: datetime) -> bool:
        """Return whether nobody living writes to a door: no lease, a past one, or one of an earlier start."""
        if resident.delivering_by is None or resident.delivering_until is None or resident.delivering_until < now:
            return True
        same_executor = resident.delivering_by.partition("#")[0] == worker.partition("#")[0]
        return same_executor and resident.delivering_by != worker

    def release(self, resident_ref: str, holder: str) -> None:
        """Give the lease back."""
        self._session.execute(
            update(Resident)
            .where(Resident.ref == resident_ref, Resident.delivering_by == holder)
            .values(delivering_by=None, delivering_until=None)
        )

    def count_waiting(self) -> int:
        """Return how many messages wait for a door, for the metrics."""
        return self._session.scalar(select(func.count()).select_from(Outbox).where(Outbox.state == "waiting")) or 0
