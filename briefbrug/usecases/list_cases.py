"""List a team's cases for the worklist: ordered and counted by the database, read in a few queries for all rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.orm import defer

from briefbrug.case import OPEN, CaseStatus
from briefbrug.store.papers import ACTIVE_LETTERS
from briefbrug.store.tables import CaseRow, Correction, Letter, Professional, Resident, WaitingElsewhere
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.hand_over import letters_shared

COUNTED = ("team", "mine", "waiting", "talking", "elsewhere", "unread")
TALKING = (CaseStatus.SPEAKING.value, CaseStatus.HANDED_BACK.value)


@dataclass(frozen=True, slots=True)
class Listed:
    """A case with its resident, the letters she shared and, for each letter, the number of its newest correction."""

    case: CaseRow
    resident: Resident | None
    letters: tuple[tuple[Letter, int], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A team's cases of one filter; `counts` are how many each filter of open cases has."""

    cases: tuple[Listed, ...]
    counts: Mapping[str, int]
    people: Mapping[str, Professional]


def _is_chosen(chosen: str, professional_ref: str) -> ColumnElement[bool]:
    """Return the condition of a filter: team, mine, waiting, talking, elsewhere, unread, any or closed."""
    match chosen:
        case "mine":
            return CaseRow.status.in_([status.value for status in OPEN]) & (
                CaseRow.professional_ref == professional_ref
            )
        case "waiting":
            return CaseRow.status == CaseStatus.WAITING.value
        case "talking":
            return CaseRow.status.in_(TALKING)
        case "elsewhere":
            waits = select(WaitingElsewhere.case_ref).where(WaitingElsewhere.ended_at.is_(None))
            return CaseRow.status.in_([status.value for status in OPEN]) & CaseRow.ref.in_(waits)
        case "unread":
            return CaseRow.status.in_([status.value for status in OPEN]) & CaseRow.unread.is_(True)
        case "any":
            return CaseRow.status.in_([status.value for status in CaseStatus])
        case "closed":
            return CaseRow.status == CaseStatus.CLOSED.value
        case _:
            return CaseRow.status.in_([status.value for status in OPEN])


def list_cases(
    work: Work,
    team_ref: str,
    professional_ref: str,
    chosen: str,
    limit: int,
    matching: ColumnElement[bool] | None = None,
    offset: int = 0,
) -> Listing:
    """Return a team's cases: danger first, then urgency, then who still waits for a human, then the least time left.

    Closed cases come newest first. `matching` narrows the rows, not the counts.
    """
    # Sorted by reference alone: the sealed columns of thousands of cases need not be carried through the sorting.
    query = select(CaseRow.ref).where(CaseRow.team_ref == team_ref, _is_chosen(chosen, professional_ref))
    if matching is not None:
        query = query.where(matching)
    if chosen == "closed":
        query = query.order_by(CaseRow.closed_at.desc(), CaseRow.ref)
    else:
        query = query.order_by(
            CaseRow.crisis.is_(None),
            CaseRow.urgency,
            CaseRow.first_human_at.is_not(None),
            CaseRow.promised_at,
            CaseRow.ref,
        )
    chosen_refs = list(work.session.scalars(query.limit(limit).offset(offset)))
    by_ref = {case.ref: case for case in work.session.scalars(select(CaseRow).where(CaseRow.ref.in_(chosen_refs)))}
    cases = [by_ref[ref] for ref in chosen_refs if ref in by_ref]
    # One walk over the open cases counts every filter.
    sums = [func.sum(cast(_is_chosen(each, professional_ref), Integer)) for each in COUNTED]
    opened = CaseRow.status.in_([status.value for status in OPEN])
    row = work.session.execute(select(*sums).where(CaseRow.team_ref == team_ref, opened)).one()
    counts = {each: int(row[number] or 0) for number, each in enumerate(COUNTED)}
    refs = {case.resident_ref for case in cases}
    residents = {each.ref: each for each in work.session.scalars(select(Resident).where(Resident.ref.in_(refs)))}
    shared = {case.ref: _shared(work, residents.get(case.resident_ref), case) for case in cases}
    wanted = [ref for each in shared.values() for ref in each]
    # What stands on a letter is large, and is loaded only where the case's gist must be made.
    briefly = select(Letter).where(Letter.ref.in_(wanted)).options(defer(Letter.facts_sealed))
    letters = {each.ref: each for each in work.session.scalars(briefly)}
    newest = _newest_corrections(work, wanted)
    listed = tuple(
        Listed(
            case,
            residents.get(case.resident_ref),
            tuple(
                (letters[ref], newest.get(ref, 0))
                for ref in shared[case.ref]
                if ref in letters
                and letters[ref].resident_ref == case.resident_ref
                and letters[ref].state in ACTIVE_LETTERS
            ),
        )
        for case in cases
    )
    people = {person.ref: person for person in work.people.professionals(active_only=False)}
    return Listing(listed, counts, people)


def list_one(work: Work, case: CaseRow, resident: Resident) -> Listed:
    """Return one case in the same shape."""
    letters = [each for each in letters_shared(work, resident, case) if each.state in ACTIVE_LETTERS]
    newest = _newest_corrections(work, [letter.ref for letter in letters])
    return Listed(case, resident, tuple((letter, newest.get(letter.ref, 0)) for letter in letters))


def _shared(work: Work, resident: Resident | None, case: CaseRow) -> tuple[str, ...]:
    if resident is None:
        return ()
    return tuple(json.loads(work.cases.preview(resident, case) or "{}").get("letters", ()))


def _newest_corrections(work: Work, letter_refs: Sequence[str]) -> dict[str, int]:
    query = (
        select(Correction.letter_ref, func.max(Correction.id))
        .where(Correction.letter_ref.in_(letter_refs))
        .group_by(Correction.letter_ref)
    )
    return {row[0]: row[1] for row in work.session.execute(query)}
