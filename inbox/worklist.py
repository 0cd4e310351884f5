"""The worklist: a team's cases in rows, found by filter and by words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from briefbrug.case import CaseStatus
from briefbrug.store.tables import Professional
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.find_cases import matching
from briefbrug.usecases.gist import Gists
from briefbrug.usecases.list_cases import Listed, list_cases
from briefbrug.usecases.log_in import Visitor
from inbox.words import (
    CRISIS,
    SEVERITY,
    STATUS,
    URGENCY,
    URGENCY_TONE,
    moment,
    short_day,
    short_ref,
    time_left,
)  # fmt: skip

ROWS_SHOWN = 50
FILTERS = {
    "team": "Alle open zaken",
    "mijn": "Mijn zaken",
    "wacht": "Wacht op een mens",
    "gesprek": "In gesprek",
    "elders": "Wacht op een ander",
    "nieuw": "Nieuw bericht",
    "gesloten": "Gesloten",
}
CHOSEN = {
    "team": "team",
    "mijn": "mine",
    "wacht": "waiting",
    "gesprek": "talking",
    "elders": "elsewhere",
    "nieuw": "unread",
    "gesloten": "closed",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the worklist."""

    ref: str
    short: str
    urgency: int
    urgency_word: str
    tone: str
    status: str
    status_word: str
    crisis: str
    first: str
    lost: str
    last_day: str
    letters: int
    who: str
    mine: bool
    unread: bool
    sent: str
    promised: str
    left: str
    left_tone: str


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of rows, counted from 1; `counts` per filter; `stamp` changes when anything in it does."""

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    page: int
    has_more: bool
    stamp: str


def worklist(gists: Gists, visitor: Visitor, chosen: str = "team", search: str = "", page: int = 1) -> Worklist:
    """Return a page of the worklist of a visitor's own team."""
    now = gists.house.clock.now()
    start = (page - 1) * ROWS_SHOWN
    with gists.house.look() as work:
        match = matching(gists.house, work, visitor.team_ref, search) if search.strip() else None
        # A search from the whole list looks through closed cases too.
        wanted = "any" if match is not None and chosen == "team" else CHOSEN[chosen]
        found = list_cases(work, visitor.team_ref, visitor.professional_ref, wanted, ROWS_SHOWN + 1, match, start)
        nothing = bool(search.strip()) and match is None
        cases = () if nothing else found.cases
        rows = tuple(row_of(gists, work, each, found.people, visitor, now) for each in cases[:ROWS_SHOWN])
    counts = {code: found.counts[CHOSEN[code]] for code in FILTERS if CHOSEN[code] in found.counts}
    stamp = hashlib.sha256(repr((rows, counts)).encode()).hexdigest()[:16]
    return Worklist(rows, counts, page, len(cases) > ROWS_SHOWN, stamp)


def row_of(
    gists: Gists, work: Work, listed: Listed, people: Mapping[str, Professional], visitor: Visitor, now: datetime
) -> Row:
    """Return a case as a row of the worklist."""
    case, resident = listed.case, listed.resident
    first = gists.of(work, case, resident, listed.letters) if resident and listed.letters else None
    who = people.get(case.professional_ref)
    left_tone, left = time_left(case.promised_at, now)
    if case.status == CaseStatus.CLOSED.value:
        left_tone, left = "done", "gesloten"
    elif case.first_human_at is not None:
        left_tone, left = "answered", "beantwoord"
    return Row(
        ref=case.ref,
        short=short_ref(case.ref),
        urgency=case.urgency,
        urgency_word=URGENCY[case.urgency],
        tone=URGENCY_TONE[case.urgency],
        status=case.status,
        status_word=STATUS[case.status],
        crisis=CRISIS.get(case.crisis or "", "Signaal van gevaar") if case.crisis else "",
        first=first.title if first else "Nog geen brieven gedeeld",
        lost=SEVERITY.get(first.lost, "") if first else "",
        last_day=short_day(first.last_day) if first and first.last_day else "",
        letters=len(listed.letters),
        who=who.name if who else "Niemand",
        mine=case.professional_ref == visitor.professional_ref,
        unread=case.unread,
        sent=moment(case.sent_at, now),
        promised=moment(case.promised_at, now),
        left=left,
        left_tone=left_tone,
    )
