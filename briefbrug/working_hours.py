"""Working time: a team's hours, breaks and days off, in Dutch local time with summer time right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError, Reason

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ONE_DAY = timedelta(days=1)
FAR_DAYS = 400
"""No promise lies further away; a calendar without hours is an error, not an endless loop."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Spans of local time per weekday (0 is Monday) and the days on which nobody works."""

    week: Mapping[int, tuple[tuple[time, time], ...]]
    days_off: frozenset[date] = field(default_factory=frozenset[date])
    _known: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict[date, tuple[tuple[datetime, datetime], ...]], init=False, repr=False, compare=False
    )
    """Days computed before: a report asks for the same days thousands of times."""
    _totals: dict[date, float] = field(default_factory=dict[date, float], init=False, repr=False, compare=False)

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the working spans of a local day as aware UTC times, in order."""
        known = self._known.get(day)
        if known is None:
            open_day = () if day in self.days_off else self.week.get(day.weekday(), ())
            known = self._known[day] = tuple(
                (
                    datetime.combine(day, start, AMSTERDAM).astimezone(UTC),
                    datetime.combine(day, end, AMSTERDAM).astimezone(UTC),
                )
                for start, end in open_day
            )
        return known

    def seconds_on(self, day: date) -> float:
        """Return the seconds of working time on a local day."""
        known = self._totals.get(day)
        if known is None:
            known = sum((end - start).total_seconds() for start, end in self.spans(day))
            self._totals[day] = known
        return known

    def is_open(self, moment: datetime) -> bool:
        """Return whether somebody works at `moment`."""
        day = moment.astimezone(AMSTERDAM).date()
        return any(start <= moment < end for start, end in self.spans(day))


def hours_from(calendar: Mapping[str, Any], days_off: frozenset[date] = frozenset()) -> WorkingHours:
    """Return working hours from a team's calendar.

    Args:
        calendar: `{"week": {"monday": ["09:00-12:30", "13:00-17:00"], ...}, "days_off": ["2026-12-24", ...]}`.
        days_off: further days, such as the legal holidays.

    Raises:
        BriefbrugError: SETTINGS, naming the span that is not "HH:MM-HH:MM" or ends before it starts.
    """
    week: dict[int, tuple[tuple[time, time], ...]] = {}
    for name, spans in dict(calendar.get("week", {})).items():
        if name not in WEEKDAYS:
            raise BriefbrugError(Reason.SETTINGS, f"{name} is no weekday")
        parsed: list[tuple[time, time]] = []
        for span in spans:
            try:
                start, end = (time.fromisoformat(part.strip()) for part in str(span).split("-"))
            except ValueError as error:
                raise BriefbrugError(Reason.SETTINGS, f"{name}: {span} is not like 09:00-17:00") from error
            if start >= end:
                raise BriefbrugError(Reason.SETTINGS, f"{name}: {span} ends before it starts")
            parsed.append((start, end))
        week[WEEKDAYS.index(name)] = tuple(sorted(parsed))
    own = frozenset(date.fromisoformat(str(day)) for day in calendar.get("days_off", ()))
    return WorkingHours(week, own | days_off)


def working_seconds(start: datetime, end: datetime, hours: WorkingHours) -> float:
    """Return the seconds of working time between two aware times; 0 when `end` is not after `start`."""
    if end <= start:
        return 0.0
    day, last = start.astimezone(AMSTERDAM).date(), end.astimezone(AMSTERDAM).date()
    total = _inside(hours.spans(day), start, end)
    while (day := day + ONE_DAY) < last:
        total += hours.seconds_on(day)
    return total + _inside(hours.spans(day), start, end) if day == last else total


def _inside(spans: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> float:
    return sum(
        (min(span_end, end) - max(span_start, start)).total_seconds()
        for span_start, span_end in spans
        if span_start < end and start < span_end
    )


def after_working_time(start: datetime, wait: timedelta, hours: WorkingHours) -> datetime:
    """Return the moment at which `wait` of working time has passed since `start`.

    Raises:
        BriefbrugError: SETTINGS, when the calendar has no such moment within 400 days.
    """
    left = wait
    day = start.astimezone(AMSTERDAM).date()
    for _ in range(FAR_DAYS):
        for span_start, span_end in hours.spans(day):
            begin = max(span_start, start)
            if begin >= span_end:
                continue
            if span_end - begin >= left:
                return begin + left
            left -= span_end - begin
        day += ONE_DAY
    raise BriefbrugError(Reason.SETTINGS, "the team's calendar has too few working hours")
