"""What a professional does with a case: answer, hand over, hand back, close, note, correct; each once and recorded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from briefbrug.case import OPEN, Actor, EventKind
from briefbrug.deadline import Deadline
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.handover import Chosen, choose_professional
from briefbrug.house import House
from briefbrug.letter import UNKNOWN_SENDER, LetterFacts
from briefbrug.said import said_amount, said_date
from briefbrug.speech import Message
from briefbrug.store.papers import ACTIVE_LETTERS
from briefbrug.store.tables import CaseRow, Professional, Resident
from briefbrug.store.thread import HUMAN, MACHINE, Said
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Choice, Reply, render
from briefbrug.usecases.at_the_desk import Done, clean, open_case, tell, was_done
from briefbrug.usecases.come_back import reopen_case
from briefbrug.usecases.enclose import Harmless, announced, enclose, seal_files
from briefbrug.usecases.hand_over import letters_shared
from briefbrug.usecases.pile import pile_of
from briefbrug.usecases.roster import colleagues
from briefbrug.usecases.what_comes_next import ask_outcome

LONGEST_ANSWER = 3500
"""Characters of one answer: with a name in front it stays below Telegram's 4096."""

LONGEST_NOTE = 8000
LONGEST_NAME = 80
TYPING = timedelta(seconds=8)
"""How long one sign of typing lasts on the resident's page."""

LOOK_AGAIN = timedelta(minutes=5)
"""A page that draws itself anew within this time is the same look."""

CORRECTABLE = ("sender", "kind", "letter_date", "deadline", "amount", "reference", "iban")


class Outcome(StrEnum):
    """How a case ended."""

    SOLVED = "solved"
    ARRANGED = "arranged"
    HANDED_ON = "handed_on"
    NO_CONTACT = "no_contact"
    OTHER = "other"


def reply_to_case(
    house: House,
    case_ref: str,
    professional_ref: str,
    text: str,
    source_key: str,
    files: Sequence[Harmless] = (),
) -> Done:
    """Send a human's own message to the resident; this and nothing else stops the clock. Once per `source_key`.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD for a too long text, or an empty one without files; WRONG_STATE when the case
            is closed.
    """
    words = "" if files and not text.strip() else clean(text, LONGEST_ANSWER)
    stored: tuple[str, ...] = ()
    if files:
        with house.look() as work:
            resident_ref = open_case(house, work, case_ref, professional_ref)[1].ref
        stored = seal_files(house, resident_ref, files)
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if work.thread.has(resident, source_key):
            return Done(is_new=False)
        work.cases.record(case, EventKind.HUMAN_ANSWERED, Actor.HUMAN, person.ref, {"once": source_key})
        case.unread = False
        said = Said(text=words, files=announced(files))
        message_ref = work.thread.add(
            resident, HUMAN, said, professional_ref=person.ref, case_ref=case.ref, source_key=source_key
        )
        if message_ref is not None:
            enclose(work, resident, case, message_ref, said.files, stored)
        return Done(is_new=True)


def show_typing(house: House, case_ref: str, professional_ref: str) -> None:
    """Let the resident's page say for a few seconds that a human is writing; nothing else changes."""
    with house.work() as work:
        case, _, _ = open_case(house, work, case_ref, professional_ref)
        if case.status in {status.value for status in OPEN}:
            case.typing_until = house.clock.real_now() + TYPING


def hand_back(house: House, case_ref: str, professional_ref: str, source_key: str) -> Done:
    """Let the assistant speak again; the professional stays responsible and the resident is told so."""
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        work.cases.record(case, EventKind.HANDED_BACK, Actor.HUMAN, person.ref, {"once": source_key})
        name = _responsible(work, case, person).name
        tell(house, work, resident, case, source_key, Message("desk_handed_back", {"name": name}))
        return Done(is_new=True)


def close_case(
    house: House, case_ref: str, professional_ref: str, outcome: str, source_key: str, words: str = ""
) -> Done:
    """Close a case with an outcome; `words` are the resident's own about it, kept sealed.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD, when there is no such outcome; WRONG_STATE, when it is closed already.
    """
    if outcome not in set(Outcome):
        raise BriefbrugError(Reason.NOT_UNDERSTOOD, "no such outcome")
    own = clean(words, LONGEST_NOTE) if words.strip() else None
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        work.cases.record(
            case, EventKind.CLOSED, Actor.HUMAN, person.ref, {"once": source_key, "outcome": outcome}, body=own
        )
        case.unread = False
        name = _responsible(work, case, person).name
        tell(house, work, resident, case, source_key, Message("desk_closed", {"name": name}))
        if outcome != Outcome.NO_CONTACT:
            ask_outcome(house, work, resident, case)
            choices = (Choice("button_outcome_tell", "outcome_ask"), Choice("button_no", "say_no"))
            question = render(Reply((Message("outcome_question"),), choices), house.texts_in(resident.language))
            work.thread.add(resident, MACHINE, question, case_ref=case.ref, source_key=f"{source_key}/outcome")
        return Done(is_new=True)


def reopen(house: House, case_ref: str, professional_ref: str, source_key: str) -> Done:
    """Open a closed case again, with a new promise that the resident hears."""
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        reopen_case(house, work, case, resident, Actor.HUMAN, person.ref, source_key)
        return Done(is_new=True)


def assign_to(house: House, case_ref: str, to_ref: str, by_ref: str, source_key: str, warm_note: str = "") -> Done:
    """Hand a case to a named colleague, also of another team; the resident is told who, the clock runs on.

    Args:
        house: the house.
        case_ref: the case.
        to_ref: who gets it.
        by_ref: who hands it over.
        source_key: of this click.
        warm_note: what the next person must know, so that nobody has to tell it again; needed for another team.

    Raises:
        BriefbrugError: NOT_ALLOWED, when the colleague is disabled or sees no cases, or a note is needed and missing.
    """
    words = clean(warm_note, LONGEST_NOTE) if warm_note.strip() else ""
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, by_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        colleague = work.people.professional(to_ref)
        if colleague is None or not can_take(colleague):
            raise BriefbrugError(Reason.NOT_ALLOWED, f"professional_ref={to_ref} cannot take case_ref={case_ref}")
        if colleague.ref == case.professional_ref:
            return Done(is_new=False)
        if colleague.team_ref != case.team_ref and not words:
            raise BriefbrugError(Reason.NOT_ALLOWED, f"case_ref={case_ref} goes to another team with a note only")
        if words:
            work.cases.record(case, EventKind.NOTE, Actor.HUMAN, person.ref, {"warm": True}, body=words)
        _assign(house, work, case, resident, colleague, Actor.HUMAN, person.ref, source_key)
        return Done(is_new=True)


def can_take(person: Professional) -> bool:
    """Return whether a professional may have cases: an active account with a role that sees them."""
    return person.active and "professional" in person.roles


def _assign(
    house: House,
    work: Work,
    case: CaseRow,
    resident: Resident,
    colleague: Professional,
    actor: Actor,
    by_ref: str | None,
    source_key: str,
) -> None:
    before = case.professional_ref
    why = ["colleague"] if actor is Actor.HUMAN else ["account_ended"]
    detail: dict[str, Any] = {"once": source_key, "to": colleague.ref, "before": before, "why": why}
    team = work.people.team(colleague.team_ref)
    is_other_team = colleague.team_ref != case.team_ref
    if is_other_team:
        detail["from_team"], detail["to_team"] = case.team_ref, colleague.team_ref
    work.cases.record(case, EventKind.ASSIGNED, actor, by_ref, detail)
    case.professional_ref = colleague.ref
    case.team_ref = colleague.team_ref
    case.unread = True
    values = {"name": colleague.name, "role": colleague.role}
    who = Message("desk_new_person", values)
    if is_other_team and team is not None:
        who = Message("desk_new_team", {**values, "team": team.name})
    tell(house, work, resident, case, source_key, who)


def reroute(house: House, work: Work, gone: Professional) -> int:
    """Give the open cases of somebody who left to her stand-in or the best colleague; return how many moved."""
    open_statuses = [status.value for status in OPEN]
    cases = work.session.scalars(
        select(CaseRow).where(CaseRow.professional_ref == gone.ref, CaseRow.status.in_(open_statuses))
    )
    team = {person.ref for person in work.people.professionals(gone.team_ref)}
    moved = 0
    for case in list(cases):
        resident = work.residents.get(case.resident_ref, lock=True)
        if resident is None:
            continue
        everybody = [one for one in colleagues(work) if one.ref in team]
        stand_in = [one for one in everybody if one.ref == gone.stand_in_ref and not one.is_absent(house.clock.today())]
        chosen = choose_professional(stand_in or everybody, on=house.clock.today(), language=resident.language)
        if not isinstance(chosen, Chosen):
            continue
        colleague = work.people.professional(chosen.colleague.ref)
        assert colleague is not None
        key = f"reroute/{case.ref}/{gone.ref}"
        _assign(house, work, case, resident, colleague, Actor.MACHINE, None, key)
        moved += 1
    return moved


def note(house: House, case_ref: str, professional_ref: str, text: str, source_key: str) -> Done:
    """Keep a note for colleagues; it never reaches the chat and never stops the clock."""
    words = clean(text, LONGEST_NOTE)
    with house.work() as work:
        case, _, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        work.cases.record(case, EventKind.NOTE, Actor.HUMAN, person.ref, {"once": source_key}, body=words)
        return Done(is_new=True)


def call_her(house: House, case_ref: str, professional_ref: str, name: str, source_key: str) -> Done:
    """Keep what the resident wants to be called, as she said it; an empty name forgets it."""
    words = clean(name, LONGEST_NAME) if name.strip() else ""
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        resident.name_sealed = work.residents.seal(resident, words, "name") if words else None
        detail = {"once": source_key, "field": "name"}
        work.cases.record(case, EventKind.CORRECTED, Actor.HUMAN, person.ref, detail)
        case.indexed_at = None
        return Done(is_new=True)


def correct_fact(
    house: House, case_ref: str, professional_ref: str, letter_ref: str, field: str, typed: str, source_key: str
) -> Done:
    """Keep a professional's correction beside the machine's reading and rank the pile again.

    Raises:
        BriefbrugError: NOT_FOUND, when the letter is not this resident's; DATE_NOT_UNDERSTOOD or NOT_UNDERSTOOD,
            when what was typed is no value of that field.
    """
    value = read_typed(house, field, typed)
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        shared = letters_shared(work, resident, case)
        letter = next((one for one in shared if one.ref == letter_ref), None)
        if letter is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"letter_ref={letter_ref}")
        before = shown_value(house, work, resident, letter_ref, field)
        work.papers.add_correction(resident, letter, field, value, "professional", person.ref, before)
        detail = {"once": source_key, "letter": letter.ref, "field": field}
        work.cases.record(case, EventKind.CORRECTED, Actor.HUMAN, person.ref, detail)
        case.indexed_at = None
        pile = pile_of(house, work, resident, [one for one in shared if one.state in ACTIVE_LETTERS])
        if pile.letters:
            # The promise was told to the resident and stays; only the place in the worklist moves.
            case.urgency = min(int(understood.urgency) for understood in pile.letters)
        return Done(is_new=True)


def shown_value(house: House, work: Work, resident: Resident, letter_ref: str, field: str) -> str:
    """Return a field of a letter as it stands now, as text; "" when it is unknown."""
    letter = work.papers.letter(resident, letter_ref)
    if letter is None:
        return ""
    if field == "deadline":
        found = next((one for one in pile_of(house, work, resident, [letter]).letters if one.ref == letter_ref), None)
        deadline = found.deadline if found else None
        return deadline.last_day.isoformat() if isinstance(deadline, Deadline) else ""
    return fact_text(work.papers.facts(resident, letter), field)


def fact_text(facts: LetterFacts, field: str) -> str:
    """Return a fact as text: dates ISO, amounts with a point; "" when unknown."""
    found = getattr(facts, "deadline_said" if field == "deadline" else field)
    if found is None:
        return ""
    return found.value.isoformat() if isinstance(found.value, date) else str(found.value)


IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
POINT_AMOUNT = re.compile(r"\d+\.\d{2}")


def read_typed(house: House, field: str, typed: str) -> str | date | Decimal:
    """Return what a professional typed for a field, in that field's type.

    Dates as 3-12-2026, 3 december or 2026-12-03, amounts as 1.234,56 or 1234.56, senders and kinds as their codes.

    Raises:
        BriefbrugError: DATE_NOT_UNDERSTOOD or NOT_UNDERSTOOD.
    """
    text = clean(typed, 200)
    if field in {"letter_date", "deadline"}:
        day = said_date(text, house.clock.today())
        if day is None:
            raise BriefbrugError(Reason.DATE_NOT_UNDERSTOOD, f"field={field}")
        return day
    if field == "amount":
        amount = said_amount(text.replace(".", ",") if POINT_AMOUNT.fullmatch(text) else text)
        if amount is not None:
            return amount
    elif field == "iban":
        iban = re.sub(r"\s", "", text).upper()
        if IBAN.fullmatch(iban) and _iban_checks(iban):
            return iban
    elif (
        field == "reference"
        or (field == "sender" and text in {*house.knowledge.senders, UNKNOWN_SENDER})
        or (field == "kind" and text in house.knowledge.kinds)
    ):
        return text
    raise BriefbrugError(Reason.NOT_UNDERSTOOD, f"field={field}")


def _iban_checks(iban: str) -> bool:
    """Return whether the check digits of an IBAN are right (ISO 7064, modulo 97)."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def mark_viewed(
    house: House, case_ref: str, professional_ref: str, what: str = "case", object_ref: str | None = None
) -> None:
    """Note that a professional looked (F77): a row for the resident, and one event at her first look at the case."""
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        recent = house.clock.now() - LOOK_AGAIN
        looks = work.cases.looks(resident)
        same = (person.ref, case.ref, what, object_ref)
        if not any(
            look.at > recent and (look.professional_ref, look.case_ref, look.what, look.object_ref) == same
            for look in looks
        ):
            work.cases.looked(person.ref, case, what, object_ref)
        if what != "case":
            return
        seen = any(e.kind == EventKind.VIEWED.value and e.actor_ref == person.ref for e in work.cases.events(case.ref))
        if not seen:
            work.cases.record(case, EventKind.VIEWED, Actor.HUMAN, person.ref)
        if case.professional_ref == person.ref:
            case.unread = False


def _responsible(work: Work, case: CaseRow, otherwise: Professional) -> Professional:
    return work.people.professional(case.professional_ref) or otherwise
