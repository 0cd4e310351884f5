"""Days named without a date of their own ("de laatste dag van november", "zondag de 22e", "oudejaarsdag"), as dates."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ocr.cues import cues
from ocr.dates import MONTHS, NUMBER_WORDS, ORDINALS, WEEKDAYS, DateSeen
from ocr.lines import Marked
from ocr.sheet import Run

FRIDAY = 4
LOOKS_AHEAD = 200
"""Days after the letter within which a named month lies; one further on is a month of the past year."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A day named from `start` to `end` of a run's text; `last` says that it is a last one by its own words."""

    start: int
    end: int
    day: date
    last: bool = False
    certain: bool = True
    weekday: int | None = None


def _said(name: str) -> re.Pattern[str]:
    """Return a phrase by its name in `cues/named_days.yaml`."""
    return cues("named_days").phrases[name]


def with_named_days(run: Run, letter_date: date | None) -> Run:
    """Return `run` with its named days as dates behind the printed ones; a last one has "uiterlijk" before its mark."""
    if letter_date is None or run.row:
        return run
    text = run.text.text
    named = _without_overlap(_named_days(text, letter_date))
    # "Morgen over een week, donderdag 26 november": the printed day says which one is meant.
    named = [one for one in named if not _said("printed_beside").match(text, one.end)]
    return _marked_anew(run, named) if named else run


def _named_days(text: str, letter_date: date) -> Iterator[_Named]:
    """Yield the days that `text` names, counted from the date of the letter; they may overlap."""
    for name, last in (("last_day", False), ("by_end", True), ("the_end", False)):
        for match in _each(name, text):
            if day := _month_end(match, letter_date):
                yield _Named(match.start(), match.end(), day, last)
    for match in _each("last_working_day", text):
        if day := _month_end(match, letter_date):
            yield _Named(match.start(), match.end(), day - timedelta(days=max(0, day.weekday() - FRIDAY)))
    for match in _each("end_of_week", text):
        friday = letter_date + timedelta(days=FRIDAY - letter_date.weekday())
        if match.groupdict().get("next"):
            friday += timedelta(days=7)
        yield _Named(match.start(), match.end(), max(friday, letter_date), last=True, certain=False)
    for match in _each("before_month", text):
        if day := _month_meant(match, letter_date):
            yield _Named(match.start(), match.end(), day.replace(day=1))
    for pattern, (number, month, certain) in cues("named_days").rows["feasts"]:
        for match in pattern.finditer(text):
            if _said("price_of").search(text[: match.start()]):
                continue
            day = date(letter_date.year + ((month, number) < (letter_date.month, letter_date.day)), month, number)
            yield _Named(match.start(), match.end(), day, certain=certain)
    for match in _each("weekday_of_month", text):
        if day := _weekday_of_month(match, letter_date):
            yield _Named(match.start(), match.end(), day)
    for match in _each("weekday_of_week", text):
        monday = letter_date - timedelta(days=letter_date.weekday()) + timedelta(weeks=1 if match.group("next") else 0)
        day = monday + timedelta(days=WEEKDAYS[match.group("weekday")])
        if day > letter_date:
            yield _Named(match.start(), match.end(), day, certain=False)
    for match in _each("day_of_that_month", text):
        spoken = [MONTHS[one[1]] for one in _said("month_named").finditer(text[: match.start()])]
        ahead = (letter_date + timedelta(days=n) for n in range(LOOKS_AHEAD))
        number = _number(match.group("n"))
        found = next((day for day in ahead if spoken and (day.month, day.day) == (spoken[-1], number)), None)
        if found is not None:
            yield _Named(match.start(), match.end(), found)
    for match in _each("day_of_month", text):
        yield from _numbered(match, letter_date)
    for match in _each("weekday_ahead", text):
        ahead = (WEEKDAYS[match.group("day")] - letter_date.weekday() - 1) % 7 + 1
        yield _Named(match.start(), match.end(), letter_date + timedelta(days=ahead), certain=False)
    for match in _said("in_some_time").finditer(text):
        days = _number(match.group("n")) * (7 if match.group("unit").startswith("we") else 1)
        if 0 < days < LOOKS_AHEAD:
            yield _Named(match.start(), match.end(), letter_date + timedelta(days=days), certain=False)
    for match in _said("tomorrow").finditer(text):
        days = 2 if match.group("over") else 1
        yield _Named(match.start(), match.end(), letter_date + timedelta(days=days), certain=False)
    for match in _said("nth_day").finditer(text):
        if n := _number(match.group("n")):
            yield _Named(match.start(), match.end(), letter_date + timedelta(days=n))


def _each(name: str, text: str) -> Iterator[re.Match[str]]:
    """Yield where a row of `cues/named_days.yaml` fits."""
    for pattern, _ in cues("named_days").rows[name]:
        yield from pattern.finditer(text)


def _number(text: str) -> int:
    """Return the number of "12", "12e", "twaalf" or "twaalfde"; 0 when it is none."""
    figures = re.match(r"\d+", text)
    return int(figures[0]) if figures else NUMBER_WORDS.get(text) or ORDINALS.get(text, 0)


def _month_meant(match: re.Match[str], letter_date: date) -> date | None:
    """Return a day in the month that a phrase names, this one where it names none; None for one that is past."""
    named = match.groupdict()
    if named.get("next"):
        return letter_date.replace(day=1) + timedelta(days=32)
    if named.get("all"):
        return date(letter_date.year, 12, 1)
    name, year = named.get("name"), named.get("year")
    if not name:
        return letter_date
    month = MONTHS[name]
    found = date(int(year) if year else letter_date.year + (month < letter_date.month), month, 1)
    return found if (found - letter_date).days < LOOKS_AHEAD and found.replace(day=28) >= letter_date else None


def _month_end(match: re.Match[str], letter_date: date) -> date | None:
    """Return the last day of the month or year that a phrase names."""
    meant = _month_meant(match, letter_date)
    return meant.replace(day=calendar.monthrange(meant.year, meant.month)[1]) if meant else None


def _weekday_of_month(match: re.Match[str], letter_date: date) -> date | None:
    """Return "de eerste vrijdag van december"; None for a day up to that of the letter, or that the month has not."""
    meant = _month_meant(match, letter_date)
    if meant is None:
        return None
    first = meant.replace(day=1)
    first += timedelta(days=(WEEKDAYS[match.group("weekday")] - first.weekday()) % 7)
    every = [day for n in range(5) if (day := first + timedelta(weeks=n)).month == meant.month]
    place = -1 if match.group("which") == "laatste" else ORDINALS[match.group("which")] - 1
    return every[place] if every[place] > letter_date else None


def _numbered(match: re.Match[str], letter_date: date) -> Iterator[_Named]:
    """Yield the day of "de 22e" or "de achtste dag van december": the first such day from the letter on."""
    named = match.groupdict()
    number = _number(named["n"])
    weekday = WEEKDAYS[named["weekday"]] if named.get("weekday") else None
    if not 1 <= number <= 31:
        return
    if named.get("name") or named.get("next"):
        meant = _month_meant(match, letter_date)
        if meant and number <= calendar.monthrange(meant.year, meant.month)[1]:
            yield _Named(match.start(), match.end(), meant.replace(day=number), weekday=weekday)
        return
    ahead = (letter_date + timedelta(days=n) for n in range(62))
    if spoken := _said("month_spoken_of").search(match.string[: match.start()]):
        # "in de loop van december, doch niet later dan de 20e"
        ahead = (letter_date + timedelta(days=n) for n in range(LOOKS_AHEAD))
        ahead = (day for day in ahead if day.month == MONTHS[spoken[1]])
    found = next((day for day in ahead if day.day == number), None)
    if found is not None:
        if named.get("this") and found.month == letter_date.month:
            yield _Named(match.start(), match.end(), found, weekday=weekday)  # "de 24e van deze maand"
            return
        right = weekday is not None and found.weekday() == weekday
        yield _Named(match.start(), match.end(), found, certain=right, weekday=weekday)


def _without_overlap(named: Iterator[_Named]) -> list[_Named]:
    """Return the days in the order of the text; of two that overlap the one that begins first, then the longer."""
    kept: list[_Named] = []
    for one in sorted(named, key=lambda n: (n.start, -n.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _marked_anew(run: Run, named: list[_Named]) -> Run:
    """Return `run` with marks in the place of the words that name a day."""
    old = run.text
    dates = list(run.dates)
    parts: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int]] = []
    length = 0
    waiting = list(named)
    place = 0
    while place < len(old.starts):
        begin = old.starts[place]
        behind = old.starts[place + 1] - 1 if place + 1 < len(old.starts) else len(old.text)
        one = waiting[0] if waiting and begin <= waiting[0].start < behind else None
        first = old.spans[place][0]
        if one is None:
            part, last, place = old.text[begin:behind], old.spans[place][1], place + 1
        else:
            waiting.pop(0)
            while place < len(old.starts) and old.starts[place] < one.end:
                behind = old.starts[place + 1] - 1 if place + 1 < len(old.starts) else len(old.text)
                place += 1
            last = old.spans[place - 1][1]
            tail = old.text[one.end : behind]
            part = f"{'uiterlijk ' if one.last else ''}<d{len(dates)}>{tail}"
            often = _said("every_time").search(old.text[max(0, one.start - 60) : one.end + 30]) is not None
            right = None if one.weekday is None else one.day.weekday() == one.weekday
            dates.append(
                DateSeen(
                    first, last - 1, one.day.day, one.day.month, one.day.year, right, in_words=True, inferred=often or not one.certain
                )
            )  # fmt: skip
        parts.append(part)
        starts.append(length)
        spans.append((first, last))
        length += len(part) + 1
    text = Marked(" ".join(parts), old.tokens, tuple(starts), tuple(spans))
    return replace(run, dates=tuple(dates), text=text)
