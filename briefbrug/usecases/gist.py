"""A case in a few words for the worklist: sealed beside the case, so that a row costs one small opening."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from briefbrug.case import OPEN, CaseStatus
from briefbrug.clock import AMSTERDAM
from briefbrug.deadline import Deadline
from briefbrug.errors import BriefbrugError
from briefbrug.explanation import sender_name
from briefbrug.house import House
from briefbrug.meaning import Understood, understand_pile
from briefbrug.store.tables import CaseRow, Letter, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.list_cases import list_one

REMEMBERED_CASES = 20_000
AT_ONCE = 10
A_ROUND = 60
"""Cases of which the gist is made anew in one round of the worker; the top of the worklist goes first."""


@dataclass(frozen=True, slots=True)
class Gist:
    """The first thing of a case's ranked pile: what, what is lost (a severity), and the last day that is told."""

    title: str
    lost: str
    last_day: date | None


class Gists:
    """The gists of cases, as they are sealed or else made and kept in memory; what is kept is never written out."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._known: dict[str, Gist] = {}

    def of(self, work: Work, case: CaseRow, resident: Resident, letters: Sequence[tuple[Letter, int]]) -> Gist:
        """Return the gist of a case's letters (at least one), each with the number of its newest correction."""
        on = day_of(self.house, case)
        mark = _mark(on, letters)
        known = self._known.get(mark) or _opened(work, case, resident, mark)
        if known is None:
            if len(self._known) > REMEMBERED_CASES:
                self._known.clear()
            known = self._known[mark] = _made(self.house, work, resident, letters, on)
        return known


def title_of(house: House, letter: Understood) -> str:
    """Return a letter as "Ymere · een dagvaarding"."""
    name = sender_name(letter, house.knowledge, house.texts["nl"])
    kind = house.knowledge.kinds[letter.kind].spoken if letter.kind else "soort onbekend"
    return f"{name[:1].upper()}{name[1:]} · {kind}"


def day_of(house: House, case: CaseRow) -> date:
    """Return the day on which a case's letters are weighed: today, or for a closed case the day it closed."""
    if case.status == CaseStatus.CLOSED.value and case.closed_at is not None:
        return case.closed_at.astimezone(AMSTERDAM).date()
    return house.clock.today()


def _mark(on: date, letters: Sequence[tuple[Letter, int]]) -> str:
    parts = [on.isoformat(), *(f"{letter.ref}/{newest}" for letter, newest in letters)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


def _opened(work: Work, case: CaseRow, resident: Resident, mark: str) -> Gist | None:
    """Return the sealed gist, when it says what these letters say on this day; None when it must be made."""
    if case.gist_sealed is None:
        return None
    try:
        kept = json.loads(work.residents.open(resident, case.gist_sealed, "gist"))
    except BriefbrugError:
        # Sealed before two threads of hers became one.
        return None
    if kept["mark"] != mark:
        return None
    return Gist(kept["title"], kept["lost"], date.fromisoformat(kept["last_day"]) if kept["last_day"] else None)


def _made(house: House, work: Work, resident: Resident, letters: Sequence[tuple[Letter, int]], on: date) -> Gist:
    facts = {letter.ref: work.papers.facts(resident, letter) for letter, _ in letters}
    first = understand_pile(facts, house.knowledge, on).letters[0]
    last = first.deadline.heard if isinstance(first.deadline, Deadline) else None
    return Gist(title_of(house, first), first.severity, last)


def keep_gist(house: House, work: Work, case: CaseRow, resident: Resident | None) -> None:
    """Seal the gist of a case as it stands; a case without shared letters keeps none."""
    on = day_of(house, case)
    case.gist_on, case.gist_sealed = on, None
    letters = list_one(work, case, resident).letters if resident is not None else ()
    if resident is None or not letters:
        return
    gist = _made(house, work, resident, letters, on)
    last_day = gist.last_day.isoformat() if gist.last_day else ""
    kept = {"mark": _mark(on, letters), "title": gist.title, "lost": gist.lost, "last_day": last_day}
    case.gist_sealed = work.residents.seal(resident, json.dumps(kept), "gist")


def renew_gists(house: House) -> int:
    """Seal the gists that are missing or of another day, some at a time, the top of the worklist first."""
    open_statuses = [status.value for status in OPEN]
    is_old = CaseRow.status.in_(open_statuses) & (CaseRow.gist_on < house.clock.today())
    query = (
        select(CaseRow.ref)
        .where(or_(CaseRow.gist_on.is_(None), is_old))
        .order_by(CaseRow.status == CaseStatus.CLOSED.value, CaseRow.urgency, CaseRow.promised_at)
        .limit(A_ROUND)
    )
    with house.look() as work:
        refs = list(work.session.scalars(query))
    for start in range(0, len(refs), AT_ONCE):
        with house.work() as work:
            for ref in refs[start : start + AT_ONCE]:
                case = work.cases.get(ref, lock=True)
                if case is not None:
                    keep_gist(house, work, case, work.residents.get(case.resident_ref))
    return len(refs)
