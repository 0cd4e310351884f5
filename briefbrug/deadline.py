"""Which of the days that a letter names is the last one on which the resident can still act, and how sure that is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from briefbrug.counting import EVENTS, ONE_DAY, Deadline, DeadlineUnknown, LegalCalendar, add_months, count
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.knowledge.load import Knowledge
from briefbrug.letter import UNKNOWN_SENDER, Action, DayChance, DeadlineBasis, DeadlineClue, Found, LetterFacts


def regime_of(clue: DeadlineClue, sender: str, kind: str, knowledge: Knowledge) -> str:
    """Return the regime of a clue: its own, or the first row of terms.yaml that fits sender, kind, anchor and unit."""
    if clue.regime:
        return clue.regime
    if clue.n is None:
        return "on_or_before"
    for row in knowledge.terms.regime_for:
        if (
            (not row.senders or sender in row.senders)
            and (not row.kinds or kind in row.kinds)
            and (not row.anchors or (clue.anchor or "dagtekening") in row.anchors)
            and (not row.units or (clue.unit or "days") in row.units)
            and (not row.actions or (clue.action is not None and clue.action in row.actions))
        ):
            return row.regime
    return "contractual"


WITHOUT_DEADLINE = frozenset({"informatie", "reclame"})
"""Kinds that ask for nothing: a date on such a letter is no deadline unless the phrase itself asks for an act."""

EVENT_KINDS = frozenset({"ontruiming", "dagvaarding", "uitnodiging"})
"""Kinds whose deadline is the day on which something happens."""
NEVER_WITHOUT = EVENT_KINDS | {"vonnis", "dwangbevel", "beslag", "afsluiting"}
"""Kinds whose day, once a phrase names it, is never dropped because known letters see none."""

ASKING = frozenset({Action.BETALEN, Action.BEZWAAR, Action.OPSTUREN, Action.VERSCHIJNEN})
"""Acts that a letter with information can still ask for; "laat het weten" on such a letter is an offer."""

OTHER_MATTER = 3
"""The fit of a phrase that is about something else than the letter's first action."""

STALE = timedelta(days=90)
"""A day longer ago than this belongs to the story of a letter whose own date could not be read."""

DEMANDS = frozenset({"factuur", "herinnering", "aanmaning", "veertiendagenbrief", "incasso", "boete", "dwangbevel"})
"""Kinds whose day to pay counts, also where calling or asking for an arrangement is the better first step."""

PAYING = frozenset({Action.BETALEN, Action.BELLEN})
ANSWERING = frozenset({Action.REAGEREN, Action.OPSTUREN, Action.BELLEN})


def _fits(clue: DeadlineClue, wanted: Action, kind: str) -> int:
    """Return how well a clue belongs to the first action of a letter: 0 is best, 3 is another matter."""
    event = clue.regime in EVENTS
    if kind in EVENT_KINDS:
        if event and clue.action is Action.BELLEN and kind == "uitnodiging":
            return 1  # "de uitslag hoort u telefonisch op ..": the visit comes first
        return 0 if event else 1 if clue.regime == "before_event" and clue.action in ANSWERING else 2
    if event and clue.action is Action.VERSCHIJNEN:
        return OTHER_MATTER
    if clue.action is None:
        return 2 if clue.regime == "start_date" else 1
    if clue.action == wanted or (clue.action is Action.BETALEN and wanted is Action.REAGEREN and kind in DEMANDS):
        return 0
    if {clue.action, wanted} <= PAYING or {clue.action, wanted} <= ANSWERING:
        return 1
    if wanted == Action.BELLEN:
        return 1 if clue.action != Action.BEZWAAR else 2
    return OTHER_MATTER


def deadline_of(
    facts: LetterFacts, knowledge: Knowledge, today: date, action: Action | None = None
) -> Deadline | DeadlineUnknown | None:
    """Return the deadline of a letter, `DeadlineUnknown` with the reason, or None where there rightly is none.

    A person's correction wins. Among several phrases the one that belongs to the letter's first action is taken
    (pay-by date before bezwaar term on a bill); a printed day wins over a counted one of the same action, and where
    they differ nobody is sure. What letters with a known answer make of the days (`day_chances`) may say that it is
    another one, or none; only where both say the same can it be sure.

    Args:
        today: the day of reading.
        action: the letter's first action; None takes the one of the kind.
    """
    ruled = _by_rules(facts, knowledge, today, action)
    if facts.deadline_said is not None or not facts.day_chances:
        return ruled
    told = ruled.last_day if isinstance(ruled, Deadline) else None
    named = _time_of(ruled.clue.value) if isinstance(ruled, Deadline) and ruled.clue is not None else None
    options: list[tuple[float, bool, DayChance, Deadline | None]] = []
    for one in facts.day_chances:
        day = _counted_chance(facts, one, knowledge, today)
        if day is None and one.clue is not None:
            continue
        own = (day.last_day if day is not None else None) == told or (
            one.clue is not None and _time_of(one.clue.value) == named
        )
        options.append((one.chance * (RULED if own else 1.0), own, one, day))
    if not any(own for _, own, _, _ in options):
        # The phrases name a day that stands for something else altogether ("steeds voor de eerste van de maand").
        faint = isinstance(ruled, Deadline) and ruled.printed is not None and not ruled.sure
        best = max(options, key=lambda option: option[0], default=None)
        if not faint or best is None or best[3] is None or best[0] < PLAIN:
            return ruled
    _, own, chosen, day = max(options, key=lambda option: option[0])
    if own:
        if not isinstance(ruled, Deadline):
            return ruled
        alike = [option[2] for option in options if option[1]]
        chance = sum(one.chance for one in alike)
        # The same day as one to act on, and as one to act before ("bel dan voor die dag"), are two days.
        before = ruled.rule == "before"
        proven = any(
            c is not None and c.sure and (c.value.regime == "before") == before for c in (o.clue for o in alike)
        )
        plain = chance >= PLAIN and proven
        sure = (ruled.sure and chance >= AGREED) or (plain and _stands(ruled, facts))
        return replace(ruled, sure=sure and not _perhaps_turned(ruled, facts))
    if day is None:
        # Home, court and what is taken by force: a day too many is asked of a person, a day too few is lost.
        grave = facts.kind is not None and facts.kind.value in NEVER_WITHOUT
        return replace(ruled, sure=False) if grave and isinstance(ruled, Deadline) else None
    return replace(day, sure=False, other_reading=told, clue=chosen.clue)


def _perhaps_turned(ruled: Deadline, facts: LetterFacts) -> bool:
    """Return whether a day before that of a cutting-off or an eviction is named: perhaps the last one to act."""
    if ruled.rule not in EVENTS or facts.kind is None or facts.kind.value not in TWO_DAYS:
        return False
    own = facts.letter_date.value if facts.letter_date is not None else None
    return any(own is not None and own < one.value < ruled.last_day for one in facts.dates)


def _stands(ruled: Deadline, facts: LetterFacts) -> bool:
    """Return whether only the faintness of its phrase, or the day of another matter, speaks against a day.

    Never so where the paper can be counted in two ways, or where what happens by itself asks for an act before it.
    """
    kind = facts.kind.value if facts.kind is not None else ""
    taken = ruled.rule in EVENTS and ruled.clue is not None and ruled.clue.value.action is Action.BETALEN
    if ruled.doubted or taken or ruled.rule == "start_date" or (ruled.rule in EVENTS and kind == "afsluiting"):
        return False
    if any(found.value.regime == "before_event" for found in facts.clues) and ruled.rule != "before_event":
        return False  # something is asked before the day itself
    if ruled.clue is not None and ruled.clue.value.n is not None and ruled.clue.value.anchor is None:
        return False  # "stelden wij u drie weken": from when is not said
    if ruled.other_reading is None:
        return True
    if ruled.last_day - ruled.other_reading > FIRST_OF_MORE:
        return False  # the first instalment, and the day by which all is paid
    # One day earlier by the other reading: the same words, read as "on" and as "before".
    counted_twice = ruled.other_reading == ruled.last_day - ONE_DAY or (
        ruled.printed is not None and ruled.computed not in {None, ruled.last_day}
    )
    return not counted_twice and kind not in TWO_DAYS


def _time_of(clue: DeadlineClue) -> tuple[date | None, int | None, str | None]:
    """Return the day or the term that a phrase names, whatever it is named for."""
    return clue.printed, clue.n, clue.unit


RULED = 2.0
"""How many times more the day counts that the phrases name; fitted on letters that neither knew."""
TWO_DAYS = frozenset({"ontruiming", "dagvaarding", "afsluiting"})
"""Kinds with a day on which something happens and perhaps one by which it can be turned: a person looks at both."""
FIRST_OF_MORE = timedelta(days=60)
"""A day that comes so long before the chosen one is perhaps the first of more: a person looks."""
PLAIN = 0.95
"""Chance from which a day that the phrases name is sure though they say too little for it themselves."""
AGREED = 0.6
"""Chance from which known letters agree with a day that the phrases name (5 of 589 such sure days were wrong, of all 16
of 630; measured on letters that neither knew)."""


def _counted_chance(facts: LetterFacts, one: DayChance, knowledge: Knowledge, today: date) -> Deadline | None:
    """Return the deadline that a day or term would be, by the phrase that names it where one does."""
    if one.clue is None:
        return None
    mine = one.clue.value
    same = (c.value for c in facts.clues if _time_of(c.value) == _time_of(mine))
    sender = facts.sender.value if facts.sender else UNKNOWN_SENDER
    kind = facts.kind.value if facts.kind else ""
    clue = next(same, mine)
    counted = _count_clue(
        replace(clue, regime=regime_of(clue, sender, kind, knowledge)),
        kind,
        facts.letter_date.value if facts.letter_date else None,
        today,
        LegalCalendar.of(knowledge.holidays),
        facts.served.value if facts.served else None,
    )
    return counted if isinstance(counted, Deadline) else None


def _by_rules(
    facts: LetterFacts, knowledge: Knowledge, today: date, action: Action | None
) -> Deadline | DeadlineUnknown | None:
    """Return the deadline by the phrases of a letter alone (see `deadline_of`)."""
    law = LegalCalendar.of(knowledge.holidays)
    sender = facts.sender.value if facts.sender else UNKNOWN_SENDER
    kind = facts.kind.value if facts.kind else ""
    letter_date = facts.letter_date.value if facts.letter_date else None
    served = facts.served.value if facts.served else None
    if facts.deadline_said is not None:
        said = facts.deadline_said.value
        safe = law.last_working_day(said)
        return Deadline(said, DeadlineBasis.EXPLICIT, safe, True, printed=said, rule="printed_date")
    if action is None:
        entry = knowledge.combination(sender, kind)
        action = entry.action if entry else None
        if action is None and kind in knowledge.kinds:
            action = knowledge.kinds[kind].action
    clues = list(facts.clues)
    advertises = sender == "reclame" and kind in {"factuur", "informatie", ""}
    if kind == "reclame" or "advertising" in facts.notes or advertises:
        return None
    if kind == "informatie":
        quiet = {"start_date", *EVENTS} if "no_action_needed" in facts.notes else {"start_date"}
        demanded = "answer_demanded" in facts.notes
        clues = [
            c
            for c in clues
            if (c.value.action in ASKING or (demanded and c.value.printed is not None and c.value.regime not in EVENTS))
            and c.value.regime not in quiet
        ]
        if {"no_action_needed", "no_account"} <= set(facts.notes):
            # Nothing to do and nobody to pay: a day of "betaling" is one on which money comes, or goes by itself.
            clues = [c for c in clues if c.value.action not in {Action.BETALEN, Action.OPSTUREN}]
    if not clues:
        rightly_none = kind in WITHOUT_DEADLINE or "no_action_needed" in facts.notes
        return None if rightly_none else DeadlineUnknown("no_term")

    wanted = action or Action.REAGEREN
    known: list[_Counted] = []
    unknown: list[tuple[int, int, DeadlineUnknown]] = []
    for place, found in enumerate(clues):
        clue = replace(found.value, regime=regime_of(found.value, sender, kind, knowledge))
        fits, counted = _fits(clue, wanted, kind), _count_clue(clue, kind, letter_date, today, law, served)
        if isinstance(counted, Deadline):
            if counted.last_day < (letter_date or today - STALE):
                # A day before the letter is part of its story, unless nothing else is there.
                fits += 4
            known.append(_Counted(fits, place, found, counted))
        else:
            unknown.append((fits, place, counted))
    nearest = min(unknown, key=lambda row: row[:2], default=None)
    best = min(known, key=lambda c: (c.fits, c.deadline.printed is None, c.place), default=None)
    if best is None or (nearest is not None and nearest[0] < best.fits and best.fits >= OTHER_MATTER):
        # The phrase that counts cannot be counted; the day of another matter would be a wrong day.
        return nearest[2] if nearest is not None else DeadlineUnknown("no_term")
    same = [c for c in known if c.fits == best.fits and c.found.value.action == best.found.value.action]
    rivals = [c for c in same if c is not best]
    if kind == "afsluiting":
        # A day to pay by and a day of cutting off: the earlier one is told, and a person looks.
        near = [c for c in known if c.fits <= 1]
        best = min(near or known, key=lambda c: (c.deadline.last_day, c.place))
        rivals = [c for c in near if c is not best]
    settled = _settle(best, rivals, facts, letter_date)
    earlier = [
        c.deadline.last_day
        for c in known
        if (c.fits < OTHER_MATTER or c.found.value.action in ANSWERING)
        and c.deadline.printed is not None
        and (letter_date or today) < c.deadline.last_day
    ]
    if settled.sure and earlier and min(earlier) < settled.last_day:
        # Another printed day for paying or answering comes first: a day too late is the worst that can be told.
        settled = replace(settled, sure=False, other_reading=settled.other_reading or min(earlier))
    decided = facts.kind is not None and facts.kind.sure
    objecting = best.found.value.action is Action.BEZWAAR
    # Where nothing else sets a time and no money is asked, there is no other matter.
    alone = "one_term" in facts.notes and facts.amount is None and best.fits == OTHER_MATTER
    alone = alone and best.found.value.action not in {Action.BEZWAAR, Action.BETALEN}
    if (best.fits >= OTHER_MATTER and not alone) or (objecting and (not decided or kind in WITHOUT_DEADLINE)):
        # The day of another matter is better than none, and never a sure one: the day to pay may not have been read.
        settled = replace(settled, sure=False)
    regime = knowledge.terms.regimes.get(settled.rule)
    if regime is not None and knowledge.status_of(regime.sources) == "check":
        # A way of counting that a lawyer still has to check gives a day that is never told as certain.
        return replace(settled, sure=False, doubted=True)
    by_itself = kind not in NEVER_WITHOUT or kind == "dagvaarding"
    if settled.rule == "event_date" and by_itself and best.found.value.action is None:
        # "De garantie eindigt op ..": something happens, and nobody is asked for anything.
        return replace(settled, sure=False, doubted=True)
    return settled


@dataclass(frozen=True, slots=True)
class _Counted:
    """A phrase of one letter with its day; `fits` 0 is best, `place` is its order in the facts."""

    fits: int
    place: int
    found: Found[DeadlineClue]
    deadline: Deadline


def _count_clue(
    clue: DeadlineClue,
    kind: str,
    letter_date: date | None,
    today: date,
    law: LegalCalendar,
    served: date | None,
) -> Deadline | DeadlineUnknown:
    """Count one clue of a letter; a term past the calendar is unknown, not wrong."""
    if clue.anchor == "betekening" and served is None and clue.printed is None and kind == "vonnis":
        # A judgment carries its own date, not the day on which a bailiff delivers it.
        return DeadlineUnknown("service_unknown")
    try:
        if clue.start is not None and clue.printed is None:
            # "Na de einddatum": counted from a day of the story, so a person looks.
            counted = count(replace(clue, anchor="dagtekening"), clue.start, today, law, served=served)
            return replace(counted, sure=False) if isinstance(counted, Deadline) else counted
        return count(clue, letter_date, today, law, served=served)
    except BriefbrugError as error:
        if error.reason is not Reason.CALENDAR_TOO_SHORT:
            raise
        return DeadlineUnknown("calendar_too_short")


def _settle(best: _Counted, rivals: list[_Counted], facts: LetterFacts, letter_date: date | None) -> Deadline:
    """Return the chosen deadline with what the other phrases and the proof say about it."""
    chosen = best.deadline
    computed, other, sure = chosen.computed, chosen.other_reading, chosen.sure
    firm, single = best.found.sure, True
    for rival in rivals:
        if chosen.rule not in EVENTS and rival.deadline.rule in EVENTS and rival.deadline.last_day > chosen.last_day:
            continue  # "betaal uiterlijk 1 december, anders komt op 8 december de monteur": no other last day
        counted = rival.deadline.printed is None
        if chosen.printed is not None and counted and computed is None:
            computed = rival.deadline.last_day
        if best.found.sure and not rival.found.sure and rival.deadline.last_day > chosen.last_day:
            continue  # a later day that hardly anything speaks for
        if rival.deadline.last_day != chosen.last_day:
            other, single = other or rival.deadline.last_day, False
        elif chosen.printed is not None and counted and other is None:
            # A printed day and a term on the same paper that give one day: two readings that agree.
            firm, single, sure = True, True, chosen.sure and facts.letter_date is not None and facts.letter_date.sure
    if (chosen.basis is DeadlineBasis.TERM and chosen.rule != "immediate") or chosen.rule.endswith("_no_year"):
        # The day rests on the day it counts from: that reading must be sure as well.
        start = facts.served if chosen.rule == "statutory_civil" and facts.served is not None else facts.letter_date
        sure = sure and start is not None and start.sure
    if letter_date is not None and not letter_date < chosen.last_day <= add_months(letter_date, 13):
        # A deadline on or before its own letter, or more than a year after it, is more likely a wrong reading.
        sure = False
    if chosen.rule == "veertiendagenbrief_short" and not re.search(
        r"dagtekening|datum|verz|heden", best.found.text.lower()
    ):
        # The statutory demand counts from receipt; a term from its date must stand there in so many words.
        sure = False
    return replace(
        chosen, sure=sure and firm and single, computed=computed, other_reading=other, clue=best.found, doubted=not sure
    )
