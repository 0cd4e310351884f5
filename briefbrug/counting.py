"""Counts a phrase into a day as the law counts: terms, working days, holidays and the Algemene termijnenwet."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.knowledge.load import Holidays
from briefbrug.letter import DeadlineBasis, DeadlineClue, Found

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY, MONDAY, FRIDAY = 5, 6, 0, 4


@lru_cache(maxsize=512)
def easter(year: int) -> date:
    """Return Easter Sunday of a year in the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    u = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * u) // 451
    month, day = divmod(h + u - 7 * m + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=512)
def general_holidays(year: int) -> frozenset[date]:
    """Return the days of Algemene termijnenwet art. 3 lid 1 and 2 in a year: fixed days, and days around Easter.

    Good Friday is set equal by lid 2. 5 May counts every year, not only in lustrum years. Koningsdag moves to
    Saturday 26 April when 27 April is a Sunday.
    """
    paas = easter(year)
    koningsdag = date(year, 4, 27)
    if koningsdag.weekday() == SUNDAY:
        koningsdag -= ONE_DAY
    return frozenset(
        {
            date(year, 1, 1),
            paas - 2 * ONE_DAY,
            paas + ONE_DAY,
            koningsdag,
            date(year, 5, 5),
            paas + 39 * ONE_DAY,
            paas + 50 * ONE_DAY,
            date(year, 12, 25),
            date(year, 12, 26),
        }
    )


@dataclass(frozen=True, slots=True)
class LegalCalendar:
    """The days that move a statutory term (Algemene termijnenwet art. 1 and 3).

    Days set equal by decree are known only from `covers_from` until `covers_until`; past that day no statutory term
    is counted, because no date is better than a wrong date.
    """

    equated: frozenset[date]
    covers_from: date
    covers_until: date

    @classmethod
    def of(cls, holidays: Holidays) -> LegalCalendar:
        """Return the calendar of the knowledge."""
        return cls(frozenset(holidays.equated), holidays.covers_from, holidays.covers_until)

    def is_holiday(self, day: date) -> bool:
        """Return whether `day` is a general holiday or set equal to one (Algemene termijnenwet art. 3)."""
        return day in general_holidays(day.year) or day in self.equated

    def is_rest_day(self, day: date) -> bool:
        """Return whether a statutory term cannot end on `day`: a weekend day or a holiday."""
        return day.weekday() in {SATURDAY, SUNDAY} or self.is_holiday(day)

    def is_working_day(self, day: date) -> bool:
        """Return whether offices and courts count `day` as an ordinary day."""
        return not self.is_rest_day(day)

    def is_delivery_day(self, day: date) -> bool:
        """Return whether the post counts `day` (HR 25 November 2016: no Sunday, no Monday, no holiday).

        Good Friday and days set equal by decree are ordinary days for the post, which gives the earlier receipt.
        """
        good_friday = easter(day.year) - 2 * ONE_DAY
        holiday = day in general_holidays(day.year) and day != good_friday
        return day.weekday() not in {SUNDAY, MONDAY} and not holiday

    def next_working_day(self, day: date) -> date:
        """Return the first working day after `day`."""
        day += ONE_DAY
        while self.is_rest_day(day):
            day += ONE_DAY
        return day

    def last_working_day(self, day: date) -> date:
        """Return `day` when it is a working day, else the last working day before it."""
        while self.is_rest_day(day):
            day -= ONE_DAY
        return day

    def add_working_days(self, day: date, n: int) -> date:
        """Return the `n`-th working day after `day`; `day` itself does not count."""
        for _ in range(n):
            day = self.next_working_day(day)
        return day

    def back_from(self, day: date, n: int, unit: str) -> date:
        """Return the day `n` units before `day`; working days are counted as such, other units as plain time."""
        if unit == "working_days":
            for _ in range(n):
                day = self.last_working_day(day - ONE_DAY)
            return day
        return add_term(day, -n, unit)

    def presumed_receipt(self, sent: date) -> date:
        """Return the day a letter is presumed delivered: the second delivery day after sending (HR 2016)."""
        day, seen = sent, 0
        while seen < 2:
            day += ONE_DAY
            seen += self.is_delivery_day(day)
        return day

    def extend(self, start: date, last: date) -> date:
        """Return the end of a statutory term that starts the day after `start` and would end on `last`.

        It runs on to the next ordinary day (Algemene termijnenwet art. 1 lid 1), and a term of at least three days
        holds at least two ordinary days (art. 2).

        Raises:
            BriefbrugError: CALENDAR_TOO_SHORT, when the answer lies past `covers_until`.
        """
        if (last - start).days >= 3:
            ordinary, day = 0, start
            # A term of more than a fortnight always holds two ordinary days; no need to count them all.
            while day < min(last, start + timedelta(days=14)):
                day += ONE_DAY
                ordinary += self.is_working_day(day)
            while ordinary < 2:
                last += ONE_DAY
                ordinary += self.is_working_day(last)
        while self.is_rest_day(last):
            last += ONE_DAY
        if last > self.covers_until:
            raise BriefbrugError(Reason.CALENDAR_TOO_SHORT, f"{last} > {self.covers_until}")
        return last


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which one can still act (design.md section 6).

    `safe_day` is the last working day on which an office can still be reached. `printed` is the last day that
    follows from a date on the paper, `computed` the one that follows from a term; both are kept when they differ.
    `other_reading` is a second way to read the phrase ("tot 1 december"). `rule` is the regime of terms.yaml.
    `estimated`: a day had to be presumed (receipt, service). `sure` is False wherever a person should look;
    `doubted`: because of more than a phrase that says too little (another day, a way of counting, the letter's date).
    """

    last_day: date
    basis: DeadlineBasis
    safe_day: date
    sure: bool
    printed: date | None = None
    computed: date | None = None
    other_reading: date | None = None
    rule: str = ""
    clue: Found[DeadlineClue] | None = None
    estimated: bool = False
    doubted: bool = False

    @property
    def heard(self) -> date:
        """The day the resident hears: the earlier of a printed and a computed one."""
        return min(day for day in (self.last_day, self.printed, self.computed) if day is not None)


@dataclass(frozen=True, slots=True)
class DeadlineUnknown:
    """There is or may be a deadline, but it cannot be known.

    `why`: no_term (nothing on the paper sets a time), letter_date_unknown, service_unknown, phrase_unclear,
    calendar_too_short.
    """

    why: str


def add_months(day: date, n: int) -> date:
    """Return the same day number `n` months later, or the last day of that month when it does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def add_term(day: date, n: int, unit: str) -> date:
    """Return the day `n` units after `day` in plain calendar time; hours are rounded up to whole days."""
    match unit:
        case "hours":
            return day + timedelta(days=-(-n // 24))
        case "weeks":
            return day + timedelta(weeks=n)
        case "months":
            return add_months(day, n)
        case "years":
            return add_months(day, 12 * n)
        case _:
            return day + timedelta(days=n)


EXTENDED = frozenset({"statutory_awb", "statutory_civil"})
RECEIPT = frozenset({"receipt", "veertiendagenbrief_received", "veertiendagenbrief_presumed"})
WORKING = frozenset({"working_days", "working_days_set"})
EVENTS = frozenset({"event_date", "court_summons"})
NAMED_DAY = frozenset(
    {"", "explicit", "printed_date", "on_or_before", "before", "before_no_year", "on_or_before_no_year",
     "until_ambiguous", "start_date", "event_date", "court_summons"}
)  # fmt: skip


def is_extended(n: int, unit: str) -> bool:
    """Return whether the Algemene termijnenwet can move a term of this length at all (art. 4).

    Not terms in hours or years, and not terms longer than 90 days, twelve weeks or three months.
    """
    longest = {"days": 90, "weeks": 12, "months": 3, "working_days": 90}
    return unit in longest and n <= longest[unit]


def _on_printed_day(clue: DeadlineClue, letter_date: date | None, law: LegalCalendar) -> Deadline | DeadlineUnknown:
    """Return the deadline of a phrase that names a day."""
    if clue.printed is None:
        return DeadlineUnknown("phrase_unclear")
    day, regime = clue.printed, clue.regime or "on_or_before"
    if regime.endswith("_no_year"):
        if letter_date is None:
            return DeadlineUnknown("letter_date_unknown")
        # A day without a year is the first such day on or after the date of the letter (29 February skips ahead).
        for year in range(letter_date.year, letter_date.year + 9):
            if day.day <= months.monthrange(year, day.month)[1] and date(year, day.month, day.day) >= letter_date:
                day = date(year, day.month, day.day)
                break
    other = None
    if regime in {"before", "before_no_year", "start_date"}:
        day -= ONE_DAY
    elif regime == "until_ambiguous":
        other, day = day, day - ONE_DAY
    if regime in EVENTS:
        safe = law.last_working_day(day - ONE_DAY)
        return Deadline(day, DeadlineBasis.APPOINTMENT, safe, True, printed=day, rule=regime)
    safe = law.last_working_day(day)
    sure = other is None
    return Deadline(day, DeadlineBasis.EXPLICIT, safe, sure, printed=day, other_reading=other, rule=regime)


def _on_term(
    clue: DeadlineClue,
    letter_date: date | None,
    law: LegalCalendar,
    served: date | None,
    received: date | None,
    sent: date | None,
) -> Deadline | DeadlineUnknown:
    """Return the deadline of a phrase that names a term: `n` units after an anchor."""
    if clue.n is None:
        return DeadlineUnknown("phrase_unclear")
    n, unit, regime = clue.n, clue.unit or "days", clue.regime
    known_date = letter_date if letter_date is not None else sent
    estimated = False
    start: date | None
    if regime in RECEIPT:
        start = received
        if start is None:
            posted = sent or letter_date
            start, estimated = (law.presumed_receipt(posted) if posted else None), True
    elif regime == "statutory_civil":
        start = served or received
        if start is None:
            start = known_date
            if clue.anchor in {"ontvangst", "bezorging"} and start is not None:
                start, estimated = law.presumed_receipt(start), True
            elif clue.anchor == "betekening":
                estimated = True
    elif regime in {"statutory_awb", "tax_payment_no_atw"}:
        # Sending later than the printed date moves the start (Awb 6:8, AWR 22j); an earlier postmark does not.
        start = max((d for d in (letter_date, sent) if d is not None), default=None)
    elif clue.anchor in {"ontvangst", "bezorging"} and regime == "contractual":
        start = received or (law.presumed_receipt(known_date) if known_date else None)
        estimated = received is None
    elif clue.anchor == "betekening":
        start, estimated = served or known_date, served is None
    elif clue.anchor == "verzending":
        start = sent or letter_date
    else:
        start = known_date
    if start is None:
        return DeadlineUnknown("letter_date_unknown")
    if regime in WORKING or unit == "working_days":
        plain = last = law.add_working_days(start, n)
    else:
        plain = last = add_term(start, n, unit)
    if regime in EXTENDED and is_extended(n, unit) and unit != "working_days":
        last = law.extend(start, plain)
    # Days set equal by decree are unknown before `covers_from`, so the end can be off by a day there.
    sure = not (regime in EXTENDED and plain < law.covers_from) and not (estimated and clue.anchor == "betekening")
    safe = law.last_working_day(plain)
    return Deadline(last, DeadlineBasis.TERM, safe, sure, computed=last, rule=regime, estimated=estimated)


def count(
    clue: DeadlineClue,
    letter_date: date | None,
    today: date,
    calendar: LegalCalendar,
    served: date | None = None,
    received: date | None = None,
    sent: date | None = None,
) -> Deadline | DeadlineUnknown:
    """Return the last day on which the resident can still act, or why it cannot be known.

    Args:
        clue: the phrase, with a regime of terms.yaml ("" is a named day, or a plain term).
        letter_date: the dagtekening; for a report or a judgment, the day of that.
        today: the day on which the letter is read ("per omgaande" counts from it).
        calendar: the legal holidays.
        served: the day of service of an exploot.
        received: the day of delivery, when known.
        sent: the day of posting, when known (postmark).

    Raises:
        BriefbrugError: CALENDAR_TOO_SHORT, when a statutory term ends past `calendar.covers_until`.
    """
    regime = clue.regime
    if regime == "no_deadline":
        return DeadlineUnknown("no_term")
    if regime == "immediate":
        day = calendar.next_working_day(today)
        return Deadline(day, DeadlineBasis.TERM, day, True, computed=day, rule=regime)
    if regime in {"this_week", "end_of_month"}:
        base = clue.printed or letter_date
        if base is None:
            return DeadlineUnknown("letter_date_unknown")
        if regime == "this_week":
            day = base + timedelta(days=FRIDAY - base.weekday())
            if day < base:
                # A letter written in the weekend means the Sunday at most; the day of the letter is the safe one.
                day = base
            sunday = base + timedelta(days=SUNDAY - base.weekday())
            return Deadline(day, DeadlineBasis.TERM, calendar.last_working_day(day), False, computed=day,
                            other_reading=sunday, rule=regime)  # fmt: skip
        day = base.replace(day=months.monthrange(base.year, base.month)[1])
        return Deadline(day, DeadlineBasis.TERM, calendar.last_working_day(day), True, computed=day, rule=regime)
    if regime == "before_event":
        if clue.printed is None or clue.n is None:
            return DeadlineUnknown("phrase_unclear")
        # Counted back from an event, so never moved (Algemene termijnenwet art. 1 lid 2).
        day = calendar.back_from(clue.printed, clue.n, clue.unit or "days")
        return Deadline(day, DeadlineBasis.TERM, calendar.last_working_day(day), True, computed=day, rule=regime)
    if regime == "extension_granted":
        if clue.printed is None or clue.n is None:
            return DeadlineUnknown("phrase_unclear")
        day = add_term(clue.printed, clue.n, clue.unit or "days")
        # Uitstel replaces the old day only when it was confirmed in writing, so a person looks.
        return Deadline(day, DeadlineBasis.TERM, calendar.last_working_day(day), False, computed=day,
                        other_reading=clue.printed, rule=regime)  # fmt: skip
    if clue.printed is not None and (regime in NAMED_DAY or clue.n is None):
        named = _on_printed_day(clue, letter_date, calendar)
        if clue.n is None or isinstance(named, DeadlineUnknown) or regime in EVENTS:
            return named
        term = _on_term(replace(clue, printed=None), letter_date, calendar, served, received, sent)
        return against(named, term)
    term = _on_term(clue, letter_date, calendar, served, received, sent)
    if clue.printed is not None:
        named = _on_printed_day(replace(clue, regime="on_or_before"), letter_date, calendar)
        if isinstance(named, Deadline):
            return against(named, term)
    return term


def against(named: Deadline, term: Deadline | DeadlineUnknown) -> Deadline:
    """Return the printed deadline, checked against the computed one: printed wins, a difference is never sure."""
    if isinstance(term, DeadlineUnknown):
        return named
    return replace(named, computed=term.last_day, sure=named.sure and named.last_day == term.last_day)
