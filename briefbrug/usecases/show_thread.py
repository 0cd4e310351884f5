"""Show a resident her own thread: who said what, with a name and a face for humans (F37)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from briefbrug.house import House
from briefbrug.store.tables import ChatMessage, Door, Resident
from briefbrug.store.thread import HUMAN, RESIDENT, Line, Said
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.open_door import is_stale


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a door shows it. `name` and `role` are a human's; `has_face` says whether a photo exists.

    `shows_face` says the same of the person that a machine's message speaks about.
    """

    ref: str
    sender: str
    said: Said
    at: datetime
    change: int
    professional_ref: str | None = None
    name: str = ""
    role: str = ""
    has_face: bool = False
    shows_face: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What a page needs. `change` is the newest change, shown or not; `consent` is asked, yes or no."""

    language: str
    consent: str
    change: int
    lines: tuple[Shown, ...]


def who_is_at(house: House, kind: str, address: str) -> str | None:
    """Return the reference of the resident behind a door, or None for a stranger; nothing is made or changed."""
    with house.look() as work:
        resident = work.residents.by_door(kind, address)
        return resident.ref if resident else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands at a door; after a long silence nothing old may be shown there before a fresh code (S38)."""

    resident_ref: str
    is_stale: bool
    language: str


def standing_at(house: House, kind: str, address: str) -> Standing | None:
    """Return who stands at a door, or None for a stranger; nothing is made or changed."""
    with house.look() as work:
        index = work.vault.index(address, f"door-{kind}")
        door = work.session.scalar(select(Door).where(Door.kind == kind, Door.address_index == index))
        if door is None:
            return None
        resident = work.residents.get(door.resident_ref)
        return Standing(
            door.resident_ref, is_stale(door, work.clock.now()), resident.language if resident is not None else "nl"
        )


def is_there(house: House, resident_ref: str) -> bool:
    """Return whether a resident is still with us; False after she had everything erased."""
    with house.look() as work:
        return work.residents.get(resident_ref) is not None


def show_thread(house: House, resident_ref: str, after_change: int = 0, limit: int = 200) -> View | None:
    """Return what is new or edited after a change, oldest first; None when the resident is gone."""
    with house.look() as work:
        resident = work.residents.get(resident_ref)
        if resident is None:
            return None
        lines = tuple(_shown(work, line) for line in work.thread.lines(resident, after_change, limit))
        return View(resident.language, resident.consent, resident.last_change, lines)


def line_of(house: House, resident_ref: str, message_ref: str) -> Said | None:
    """Return what one message of this resident's own thread says; another's is None."""
    with house.look() as work:
        resident = work.residents.get(resident_ref)
        line = work.thread.line(resident, message_ref) if resident else None
        return line.said if line else None


def changes_of(house: House, resident_refs: Collection[str]) -> dict[str, int]:
    """Return the newest change of each resident; who is gone is left out."""
    with house.look() as work:
        query = select(Resident.ref, Resident.last_change).where(Resident.ref.in_(resident_refs))
        return {row.ref: row.last_change for row in work.session.execute(query)}


def last_heard(house: House, resident_ref: str) -> str | None:
    """Return the source key of the line the resident wrote last, or None when she wrote nothing yet."""
    with house.look() as work:
        query = (
            select(ChatMessage.source_key)
            .where(ChatMessage.resident_ref == resident_ref, ChatMessage.sender == RESIDENT)
            .order_by(ChatMessage.at.desc(), ChatMessage.change.desc())
            .limit(1)
        )
        return work.session.scalar(query)


def _shown(work: Work, line: Line) -> Shown:
    person = work.people.professional(line.professional_ref) if line.sender == HUMAN and line.professional_ref else None
    told = work.people.professional(line.said.face) if line.said.face else None
    return Shown(
        shows_face=told is not None and told.photo is not None,
        ref=line.ref,
        sender=line.sender,
        said=line.said,
        at=line.at,
        change=line.change,
        professional_ref=person.ref if person else None,
        name=person.name if person else "",
        role=person.role if person else "",
        has_face=person is not None and person.photo is not None,
    )
