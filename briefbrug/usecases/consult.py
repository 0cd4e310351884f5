"""Ask a colleague or specialist in a side thread (F57): the resident stays where she is and sees nothing of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from briefbrug.case import Actor, EventKind
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.tables import CaseRow, Consult, ConsultLine, Professional, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.at_the_desk import Done, clean, open_case

LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True)
class ConsultView:
    """A side thread: who asks whom, its lines (who, when, words), whether there is something new for the viewer."""

    ref: str
    case_ref: str
    asked_by: str
    asked_of: str
    lines: tuple[tuple[str, datetime, str], ...]
    is_open: bool
    is_new: bool
    sees_case: bool


def who_can_be_asked(work: Work, person: Professional) -> list[tuple[Professional, str]]:
    """Return every active professional but `person`, with the team's name: her own team first."""
    teams = {team.ref: team.name for team in work.people.teams()}
    others = [each for each in work.people.professionals() if each.ref != person.ref and "professional" in each.roles]
    return [
        (each, teams.get(each.team_ref, "")) for each in sorted(others, key=lambda e: e.team_ref != person.team_ref)
    ]


def ask_colleague(
    house: House, case_ref: str, professional_ref: str, colleague_ref: str, question: str, source_key: str
) -> Done:
    """Open a side thread with a question; the case stays with whom it is. Once per `source_key`.

    A colleague of another team reads this thread alone, never the case.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD for an empty question; NOT_ALLOWED for who cannot be asked.
    """
    words = clean(question, LONGEST_LINE)
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if _has(work, source_key):
            return Done(is_new=False)
        if colleague_ref not in {each.ref for each, _ in who_can_be_asked(work, person)}:
            raise BriefbrugError(Reason.NOT_ALLOWED, f"professional_ref={colleague_ref[:40]} cannot be asked")
        row = Consult(
            ref=f"O-{secrets.token_hex(16)}",
            case_ref=case.ref,
            resident_ref=resident.ref,
            asked_by=person.ref,
            asked_of=colleague_ref,
            opened_at=house.clock.now(),
            unread_by=colleague_ref,
        )
        work.session.add(row)
        work.session.flush()
        _add(house, work, row, resident, person, words, source_key)
        work.cases.record(case, EventKind.CONSULT_ASKED, Actor.HUMAN, person.ref, {"to": colleague_ref})
        return Done(is_new=True)


def say_in_consult(house: House, consult_ref: str, professional_ref: str, text: str, source_key: str) -> Done:
    """Add a line to a side thread, once per `source_key`; who was asked becomes one of the hands around the case.

    Raises:
        BriefbrugError: NOT_FOUND for who is no part of it; WRONG_STATE when it is closed.
    """
    words = clean(text, LONGEST_LINE)
    with house.work() as work:
        row, resident, case, person = _mine(work, consult_ref, professional_ref)
        if _has(work, source_key):
            return Done(is_new=False)
        if row.closed_at is not None:
            raise BriefbrugError(Reason.WRONG_STATE, f"consult_ref={consult_ref} is closed")
        _add(house, work, row, resident, person, words, source_key)
        is_answer = person.ref == row.asked_of
        row.unread_by = row.asked_by if is_answer else row.asked_of
        if is_answer:
            work.cases.record(case, EventKind.CONSULT_ANSWERED, Actor.HUMAN, person.ref)
        return Done(is_new=True)


def close_consult(house: House, consult_ref: str, professional_ref: str) -> Done:
    """Close a side thread; it stays readable."""
    with house.work() as work:
        row, _, _, _ = _mine(work, consult_ref, professional_ref)
        if row.closed_at is not None:
            return Done(is_new=False)
        row.closed_at, row.unread_by = house.clock.now(), None
        return Done(is_new=True)


def read_consults(house: House, professional_ref: str) -> list[ConsultView]:
    """Return the side threads somebody asked or was asked in, new ones first, and note that she has seen them."""
    with house.work() as work:
        person = work.people.professional(professional_ref)
        if person is None:
            return []
        query = (
            select(Consult)
            .where(or_(Consult.asked_by == person.ref, Consult.asked_of == person.ref))
            .order_by(Consult.closed_at.is_not(None), Consult.opened_at.desc())
            .limit(100)
        )
        rows = list(work.session.scalars(query))
        views = [view for row in rows if (view := _view(work, row, person)) is not None]
        for row in rows:
            if row.unread_by == person.ref:
                row.unread_by = None
        return sorted(views, key=lambda view: not view.is_new)


def count_new(work: Work, professional_ref: str) -> int:
    """Return how many side threads have something new for somebody."""
    return len(list(work.session.scalars(select(Consult.ref).where(Consult.unread_by == professional_ref))))


def consults_of_case(work: Work, case: CaseRow, person: Professional) -> list[ConsultView]:
    """Return the side threads of a case, newest first, for the case's own team."""
    query = select(Consult).where(Consult.case_ref == case.ref).order_by(Consult.opened_at.desc())
    return [view for row in work.session.scalars(query) if (view := _view(work, row, person)) is not None]


def _view(work: Work, row: Consult, person: Professional) -> ConsultView | None:
    resident = work.residents.get(row.resident_ref)
    case = work.cases.get(row.case_ref)
    if resident is None or case is None:
        return None
    names = {each.ref: each.name for each in work.people.professionals(active_only=False)}
    lines = work.session.scalars(select(ConsultLine).where(ConsultLine.consult_ref == row.ref).order_by(ConsultLine.id))
    return ConsultView(
        row.ref,
        row.case_ref,
        names.get(row.asked_by, ""),
        names.get(row.asked_of, ""),
        tuple(
            (names.get(each.by_ref, ""), each.at, work.residents.open(resident, each.body_sealed, "consult"))
            for each in lines
        ),
        row.closed_at is None,
        row.unread_by == person.ref,
        case.team_ref == person.team_ref,
    )


def _mine(work: Work, consult_ref: str, professional_ref: str) -> tuple[Consult, Resident, CaseRow, Professional]:
    row = work.session.get(Consult, consult_ref)
    person = work.people.professional(professional_ref)
    case = work.cases.get(row.case_ref) if row else None
    resident = work.residents.get(row.resident_ref) if row else None
    if row is None or person is None or not person.active or case is None or resident is None:
        raise BriefbrugError(Reason.NOT_FOUND, f"consult_ref={consult_ref[:40]}")
    if person.ref not in {row.asked_by, row.asked_of} and person.team_ref != case.team_ref:
        raise BriefbrugError(Reason.NOT_FOUND, f"consult_ref={consult_ref[:40]} professional_ref={professional_ref}")
    return row, resident, case, person


def _has(work: Work, source_key: str) -> bool:
    return work.session.scalar(select(ConsultLine.id).where(ConsultLine.once == source_key)) is not None


def _add(
    house: House, work: Work, row: Consult, resident: Resident, person: Professional, words: str, source_key: str
) -> None:
    work.session.add(
        ConsultLine(
            consult_ref=row.ref,
            by_ref=person.ref,
            at=house.clock.now(),
            body_sealed=work.residents.seal(resident, words, "consult"),
            once=source_key,
        )
    )
