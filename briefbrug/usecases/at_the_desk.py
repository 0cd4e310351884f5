"""What every step at the desk shares: a case of one's own team, a click that counts once, a sentence of the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.speech import Message, say
from briefbrug.store.tables import CaseRow, Professional, Resident
from briefbrug.store.thread import MACHINE, Said
from briefbrug.store.unit_of_work import Work

MOVED = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Done:
    """Whether it happened now; False when the same click came before."""

    is_new: bool


def open_case(house: House, work: Work, case_ref: str, professional_ref: str) -> tuple[CaseRow, Resident, Professional]:
    """Return a case, its resident and the professional of its own team.

    Raises:
        BriefbrugError: NOT_FOUND, when the case is unknown or of another team, or its resident was erased;
            NOT_ALLOWED, when the account is disabled.
    """
    case = work.cases.get(case_ref, lock=True)
    person = work.people.professional(professional_ref)
    if case is None or person is None or case.team_ref != person.team_ref:
        raise BriefbrugError(Reason.NOT_FOUND, f"case_ref={case_ref} professional_ref={professional_ref}")
    if not person.active:
        raise BriefbrugError(Reason.NOT_ALLOWED, f"professional_ref={professional_ref} is disabled")
    resident = work.residents.get(case.resident_ref, lock=True)
    if resident is None:
        raise BriefbrugError(Reason.NOT_FOUND, f"case_ref={case_ref} has no resident")
    return case, resident, person


def was_done(work: Work, case: CaseRow, source_key: str) -> bool:
    """Return whether this click had its effect already."""
    return any(event.detail.get("once") == source_key for event in work.cases.events(case.ref))


def tell(house: House, work: Work, resident: Resident, case: CaseRow, source_key: str, *messages: Message) -> None:
    """Add a sentence of the machine to the thread, in the resident's language."""
    texts = house.texts_in(resident.language)
    text = "\n\n".join(say(message, texts) for message in messages)
    work.thread.add(resident, MACHINE, Said(text=text, key=messages[0].key), case_ref=case.ref, source_key=source_key)


def clean(text: str, longest: int) -> str:
    """Return a typed text without control signs and without signs that turn the reading direction.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD, when nothing is left or it is longer than `longest`.
    """
    plain = MOVED.sub("", CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    if not plain or len(plain) > longest:
        raise BriefbrugError(Reason.NOT_UNDERSTOOD, f"a text of 1 to {longest} signs, not {len(plain)}")
    return plain
