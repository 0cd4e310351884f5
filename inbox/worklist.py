"""The worklist: a team's cases in rows, found by filter and by words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from briefbrug.case import CaseStatus
from briefbrug.deadline import Deadline
from briefbrug.explanation import sender_name
from briefbrug.house import House
from briefbrug.meaning import Pile, Understood, understand_pile
from briefbrug.store.tables import Letter, Professional, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.find_cases import matching
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

ROWS_SHOWN = 100
REMEMBERED_CASES = 20_000
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
class Gist:
    """A case's letters in a few words: the first thing of the ranked pile."""

    title: str
    lost: str
    last_day: date | None


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
    """The rows to show; `counts` per filter; `stamp` changes when anything in it does."""

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    hidden: int
    stamp: str


class Gists:
    """Cases in a few words, kept in memory so that a long worklist opens fast; never written anywhere."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._known: dict[tuple[object, ...], Gist] = {}

    def of(self, work: Work, resident: Resident, letters: Sequence[tuple[Letter, int]]) -> Gist:
        """Return the gist of a case's letters (at least one), each with the number of its newest correction."""
        today = self.house.clock.today()
        key = (today, *((letter.ref, newest) for letter, newest in letters))
        if key not in self._known:
            if len(self._known) > REMEMBERED_CASES:
                self._known.clear()
            facts = {letter.ref: work.papers.facts(resident, letter) for letter, _ in letters}
            self._known[key] = _gist(self.house, understand_pile(facts, self.house.knowledge, today))
        return self._known[key]


def title_of(house: House, letter: Understood) -> str:
    """Return a letter as "Ymere · een dagvaarding"."""
    name = sender_name(letter, house.knowledge, house.texts["nl"])
    kind = house.knowledge.kinds[letter.kind].spoken if letter.kind else "soort onbekend"
    return f"{name[:1].upper()}{name[1:]} · {kind}"


def _gist(house: House, pile: Pile) -> Gist:
    first = pile.letters[0]
    last = first.deadline.heard if isinstance(first.deadline, Deadline) else None
    return Gist(title_of(house, first), SEVERITY.get(first.severity, ""), last)


def worklist(gists: Gists, visitor: Visitor, chosen: str = "team", search: str = "") -> Worklist:
    """Return the worklist of a visitor's own team."""
    now = gists.house.clock.now()
    with gists.house.look() as work:
        match = matching(gists.house, work, visitor.team_ref, search) if search.strip() else None
        # A search from the whole list looks through closed cases too.
        wanted = "any" if match is not None and chosen == "team" else CHOSEN[chosen]
        found = list_cases(work, visitor.team_ref, visitor.professional_ref, wanted, ROWS_SHOWN + 1, match)
        nothing = bool(search.strip()) and match is None
        rows = [row_of(gists, work, each, found.people, visitor, now) for each in found.cases if not nothing]
    counts = {code: found.counts[CHOSEN[code]] for code in FILTERS if CHOSEN[code] in found.counts}
    shown = tuple(rows[:ROWS_SHOWN])
    hidden = len(rows) - len(shown)
    if match is None and chosen in counts:
        hidden = max(0, counts[chosen] - ROWS_SHOWN)
    stamp = hashlib.sha256(repr((shown, counts)).encode()).hexdigest()[:16]
    return Worklist(shown, counts, hidden, stamp)


def row_of(
    gists: Gists, work: Work, listed: Listed, people: Mapping[str, Professional], visitor: Visitor, now: datetime
) -> Row:
    """Return a case as a row of the worklist."""
    case, resident = listed.case, listed.resident
    first = gists.of(work, resident, listed.letters) if resident and listed.letters else None
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
        lost=first.lost if first else "",
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
