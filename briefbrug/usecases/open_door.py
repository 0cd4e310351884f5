"""Open a door: a resident is greeted by a machine that says so and asks leave before anything is read (F8, F88)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.store.tables import Door, Resident
from briefbrug.store.thread import MACHINE
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Choice, Reply, render
from briefbrug.usecases.join_threads import destroy_joined, join_threads

STALE_AFTER = timedelta(days=30)
"""After so long a silence nothing old is shown before a fresh code: the phone may be somebody else's (S38)."""

HELPER = "helper"
"""The kind of door of somebody the resident trusts: it reads along, and decides nothing for her (F41)."""

CONSENT_CHOICES = (Choice("button_yes", "consent_yes"), Choice("button_no", "consent_no"))


@dataclass(frozen=True, slots=True)
class Opened:
    """Who stands at the door."""

    resident_ref: str
    is_new: bool


def is_stale(door: Door, now: datetime) -> bool:
    """Return whether a door was silent for so long that it is not trusted with old content."""
    return now - door.last_seen_at > STALE_AFTER


def ask_leave(resident: Resident, *first: str) -> Reply:
    """Return the question whether her letters may be read, after other sentences; a "ja" then gives leave."""
    resident.asked = "consent"
    return Reply((*map(Message, first), Message("ask_consent")), CONSENT_CHOICES)


def no_letters_yet(resident: Resident) -> Reply:
    """Return what is said when nothing was sent: the invitation, and the question when leave was not given."""
    # Whoever goes on asking hears it in other words, and again and again that a person is there: never a loop.
    resident.not_understood = (resident.not_understood + 1) % 3
    if resident.consent == "yes" and resident.not_understood == 1:
        return Reply((Message("no_letters_yet"),))
    if resident.consent == "yes":
        return Reply((Message("no_letters_or_human"),), (Choice("button_human", "request_human"),))
    if resident.not_understood == 1:
        return ask_leave(resident, "send_letters_first")
    resident.asked = "consent"
    choices = (*CONSENT_CHOICES, Choice("button_human", "request_human"))
    return Reply((Message("leave_first" if resident.not_understood else "leave_or_human"),), choices)


def not_read_yet(work: Work, resident: Resident) -> Reply | None:
    """Return what is said while her photos wait for "that was all" or are being read; None when none do."""
    bag = work.papers.latest_bag(resident)
    if bag is None or bag.explained_at is not None or not work.papers.photos(bag):
        return None
    if bag.closed_at:
        return Reply((Message("still_reading"),))
    return Reply((Message("photos_waiting"),), (Choice("button_all", "all_photos"),))


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
    """Join a door to the resident of `code`; return her reference, or None when the code is wrong or used.

    What was sent at that door before comes along, so that nothing is lost and there is one overview (F35). A code for
    somebody she trusts opens a page that reads along (F41), and nothing at another kind of door.
    """
    other: Resident | None = None
    old_names: list[str] = []
    with house.work() as work:
        resident = work.residents.use_link_code(code)
        if resident is None and kind == "web":
            resident = work.residents.use_link_code(code, HELPER)
            if resident is None:
                return None
            work.residents.close_door(kind, address)
            work.residents.move_door(HELPER, address, resident)
            said = Reply((Message("helper_joined"),), (Choice("button_end_joining", "end_joining"),))
            work.thread.add(resident, MACHINE, render(said, house.texts_in(resident.language)))
            return resident.ref
        if resident is None:
            return None
        other = work.residents.by_door(kind, address)
        if other is None or other.ref == resident.ref or _was_away(work, kind, address, other):
            other = None
        else:
            old_names = join_threads(house, work, other, resident)
        work.residents.move_door(kind, address, resident)
    if other is not None:
        destroy_joined(house, other.ref, old_names)
    return resident.ref


def _was_away(work: Work, kind: str, address: str, resident: Resident) -> bool:
    """Return whether the door was silent for so long that what stands behind it may be somebody else's (S38)."""
    return any(
        door.kind == kind and work.residents.address(door) == address and is_stale(door, work.clock.now())
        for door in work.residents.doors(resident)
    )


def begin_anew(house: House, kind: str, address: str, language: str = "nl") -> str:
    """Let a door forget whose it was and greet a new resident there; the old thread waits for its code."""
    with house.work() as work:
        work.residents.close_door(kind, address)
    return open_door(house, kind, address, language).resident_ref


def nearest_phone(house: House) -> str:
    """Return a telephone number where a human of the house answers; empty when no team has one."""
    with house.look() as work:
        return next((team.phone for team in work.people.teams() if team.phone), "")


def the_resident(work: Work, resident_ref: str, *, lock: bool = True) -> Resident:
    """Return the resident.

    Raises:
        BriefbrugError: NOT_FOUND, when she was erased.
    """
    resident = work.residents.get(resident_ref, lock=lock)
    if resident is None:
        raise BriefbrugError(Reason.NOT_FOUND, resident_ref)
    return resident
