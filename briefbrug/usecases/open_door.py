"""Open a door: a resident is greeted by a machine that says so and asks leave before anything is read (F8, F88)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.store.tables import Resident
from briefbrug.store.thread import MACHINE
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Choice, Reply, render

CONSENT_CHOICES = (Choice("button_yes", "consent_yes"), Choice("button_no", "consent_no"))


@dataclass(frozen=True, slots=True)
class Opened:
    """Who stands at the door."""

    resident_ref: str
    is_new: bool


def greeting(house: House, kind: str) -> Reply:
    """Return the first message: what we are, what happens with the photos, and the question."""
    first = [Message("greeting", {"municipality": house.settings.municipality})]
    if kind == "telegram":
        first.append(Message("greeting_telegram", {"url": house.settings.public_url}))
    return Reply((*first, Message("ask_consent")), CONSENT_CHOICES)


def open_door(house: House, kind: str, address: str, language: str = "nl") -> Opened:
    """Return the resident behind a door; a stranger becomes a resident and is greeted."""
    with house.look() as work:
        known = work.residents.by_door(kind, address)
        if known is not None:
            return Opened(known.ref, is_new=False)
    try:
        with house.work() as work:
            resident = work.residents.add(kind, address, language)
            resident.asked = "consent"
            work.thread.add(
                resident, MACHINE, render(greeting(house, kind), house.texts_in(language)), source_key="greeting"
            )
            return Opened(resident.ref, is_new=True)
    except IntegrityError:
        # Two first messages at the same moment: the other one made the resident.
        with house.look() as work:
            known = work.residents.by_door(kind, address)
        assert known is not None
        return Opened(known.ref, is_new=False)


def link_code(house: House, resident_ref: str) -> str:
    """Return a short code with which the resident opens this same thread at another door (F35)."""
    with house.work() as work:
        return work.residents.new_link_code(the_resident(work, resident_ref))


def use_link_code(house: House, code: str, kind: str, address: str) -> str | None:
    """Join a door to the resident of `code`; return her reference, or None when the code is wrong or used."""
    with house.work() as work:
        resident = work.residents.use_link_code(code)
        if resident is None:
            return None
        work.residents.move_door(kind, address, resident)
        return resident.ref


def the_resident(work: Work, resident_ref: str, *, lock: bool = True) -> Resident:
    """Return the resident.

    Raises:
        BriefbrugError: NOT_FOUND, when she was erased.
    """
    resident = work.residents.get(resident_ref, lock=lock)
    if resident is None:
        raise BriefbrugError(Reason.NOT_FOUND, resident_ref)
    return resident
