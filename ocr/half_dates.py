"""Dates of which the words were half read on a bad photo: a damaged month, a damaged year, a day beside them.

What comes from here is always marked as repaired and never counts as sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ocr.dates import MONTHS, DateSeen, find_dates, letters_apart
from ocr.lines import plain

NAMES = tuple("januari februari maart april mei juni juli augustus september oktober november december".split())
WEAK = 90.0
"""Confidence (0 to 100) of a word under which it may be damaged."""
WEAK_YEAR = 80.0
"""The same for a year beside a damaged month."""
CLEAR_YEAR = (2, 4)
"""Figures that clear print may hold behind a month without being a damaged year."""
LEAST = 5
"""Letters from which a damaged word still tells which month it was."""
DAMAGED = 0.375
"""Share of a month's letters that may be wrong or lost."""
LEAD = 1
"""By how many letters the nearest month must be nearer than the next."""
PIECES = 4
"""Words into which month and year may have fallen."""
FIRST_YEAR, LAST_YEAR = 2015, 2040
NEAR_DAYS = 200
"""Days within which another day of the letter must lie for it to prove a year."""

_LETTERS = str.maketrans({"0": "o", "1": "i", "5": "s", "8": "b", "6": "b", "|": "l", "!": "i"})
_FIGURES = str.maketrans({"o": "0", "q": "0", "l": "1", "i": "1", "|": "1", "z": "2", "s": "5", "b": "6", "g": "9"})
_DAY = re.compile(r"^\(?(\d{1,2})[.,]?$")
_ELEVEN = frozenset({"u", "n", "ii", "il", "li", "ll"})
"""What two strokes beside each other are read as."""
_DAY_GLUED = re.compile(r"^\(?(\d{1,2})([a-z|]{4}.*)$")
_MONTH_YEAR = re.compile(r"^((?:[a-z]|[1|!](?=[a-z]))[a-z0158|!]*?[a-z|])([2z][0-9oqli|zsbg]{1,4})$")
_SPECKS = re.compile(r"[^a-z0-9|!]")
_FOLLOWED = re.compile(r"^(?:[a-z]|€|%)")


@lru_cache(maxsize=2048)
def month_meant(word: str) -> int | None:
    """Return the month (1 to 12) that is clearly the nearest to a damaged word; None when there is no clear one."""
    text = plain(word).translate(_LETTERS)
    text = re.sub(r"[^a-z]", "", text)
    if text in MONTHS:
        return MONTHS[text]
    if not LEAST <= len(text) <= 12:
        return None
    ranked = sorted(
        (min(letters_apart(name, one, 8) for one in {text, text.replace("rn", "m")}), number)
        for number, name in enumerate(NAMES, 1)
    )
    (best, number), (second, _) = ranked[:2]
    clear = best <= DAMAGED * len(NAMES[number - 1]) and second - best >= LEAD
    return number if clear else None


def is_whole(seen: DateSeen, texts: Sequence[str]) -> bool:
    """Return whether a date was read with a year that can be that of a letter: "17 sovember 20" is not of 2020."""
    year = seen.year is not None and FIRST_YEAR <= seen.year <= LAST_YEAR
    return year and not (seen.repaired and re.fullmatch(r"\D*20\D*", texts[seen.last]) is not None)


@dataclass(frozen=True, slots=True)
class HalfRead:
    """A day, perhaps a month and perhaps a year, at places `first` to `last` of a run of words.

    `month` is None when no month is clearly the nearest; `year` is None when its figures are damaged, `figures`
    is what stands for it, and `doubtful` whether month and year are both weakly read.
    """

    first: int
    last: int
    day: int
    month: int | None
    year: int | None
    figures: str
    doubtful: bool


def half_read(texts: Sequence[str], confidences: Sequence[float]) -> Iterator[HalfRead]:
    """Yield the dates of a run of words that are damaged: figures beside something like a month and a year.

    Args:
        texts: the words.
        confidences: how certain each is (0 to 100); only weakly read words can be damaged.
    """
    taken = -1
    for index, text in enumerate(texts):
        if index <= taken or len(text) > 14:
            continue
        day, glued = _day(text, confidences[index])
        if day is None:
            continue
        found = _month_and_year(texts, confidences, index, glued)
        if found is None:
            continue
        month, figures, last, damaged = found
        whole = len(figures) == 4 and figures.isdigit() and FIRST_YEAR <= int(figures) <= LAST_YEAR
        taken = last
        yield HalfRead(index, last, day, month, int(figures) if whole else None, figures, damaged)


def _day(text: str, confidence: float) -> tuple[int | None, str]:
    """Return the day that a word names, and what of a month is glued to it."""
    if match := _DAY.match(text):
        day, glued = int(match.group(1)), ""
    elif text[:2].strip("(")[:1].isdigit() and (match := _DAY_GLUED.match(plain(text))):
        day, glued = int(match.group(1)), _SPECKS.sub("", match.group(2))
    elif text in _ELEVEN and confidence < WEAK:
        day, glued = 11, ""
    else:
        return None, ""
    return (day if 1 <= day <= 31 else None), glued


def _month_and_year(
    texts: Sequence[str], confidences: Sequence[float], index: int, glued: str
) -> tuple[int | None, str, int, bool] | None:
    """Return what stands behind a day: month, the figures of a year, its last place, whether month and year are damaged.

    None when it is no date.
    """
    joined = glued
    for last in range(index if glued else index + 1, min(len(texts), index + 1 + PIECES)):
        if last > index:
            joined += _SPECKS.sub("", plain(texts[last]))
        if len(joined) > 22:
            return None
        match = _MONTH_YEAR.match(joined)
        if match is None:
            continue
        figures = match.group(2).translate(_FIGURES)
        exact = match.group(1) in MONTHS
        if (
            exact
            and min(confidences[index : last + 1]) >= WEAK
            and len(figures) in CLEAR_YEAR
            and texts[last].isalnum()
        ):
            return None
        after = texts[last + 1] if last + 1 < len(texts) else ""
        if len(figures) < 4 and _FOLLOWED.match(after):
            return None  # "op 12 november 20 euro"
        month = month_meant(match.group(1))
        damaged = not exact and confidences[last] < WEAK_YEAR
        return (month, figures, last, damaged) if month is not None or _like_month(match.group(1)) else None
    return None


@lru_cache(maxsize=2048)
def _like_month(text: str) -> bool:
    """Return whether a word is damaged but can only be one of two months: "spvember"."""
    return min(letters_apart(name, text, 8) / len(name) for name in NAMES if len(name) >= LEAST) <= DAMAGED


def _fits(figures: str, year: int) -> bool:
    """Return whether damaged figures can be those of a year: one lost, added or misread, or only its first ones left."""
    return letters_apart(figures, str(year), 1) <= 1 or str(year).startswith(figures)


def _proven_year(figures: str, day: int, month: int, known: Iterable[date]) -> int | None:
    """Return the one year that fits the damaged figures and in which other days of the letter lie near this one."""
    fitting: set[int] = set()
    for other in known:
        for year in (other.year - 1, other.year, other.year + 1):
            value = day_of(year, month, day)
            if value and _fits(figures, year) and abs((value - other).days) <= NEAR_DAYS:
                fitting.add(year)
    return fitting.pop() if len(fitting) == 1 else None


def _borne_out(year: int, month: int, day: int, known: Iterable[date]) -> bool:
    """Return whether another day of the letter lies near this one."""
    value = day_of(year, month, day)
    return value is not None and any(abs((value - other).days) <= NEAR_DAYS for other in known)


def day_of(year: int, month: int, day: int) -> date | None:
    """Return a day, or None when there is none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def half_dates(
    texts: Sequence[str], confidences: Sequence[float], known: Iterable[date], again: Sequence[str | None] = ()
) -> list[DateSeen]:
    """Return the damaged dates of a run of words that can be told: one month is clear, the letter proves the year.

    Args:
        texts: the words.
        confidences: how certain each is (0 to 100).
        known: the days that the letter names in whole.
        again: for each word what the second reader saw of it and its neighbours, as far as it looked.
    """
    found: list[DateSeen] = []
    for half in half_read(texts, confidences):
        month, year = half.month, half.year
        view = next((text for text in again[half.first : half.last + 1] if text), None)
        other = _seen_again(view, half.day) if view else None
        if other is not None:
            month = month or other.month
            year = year or other.year
        if month is None:
            continue
        # Beside a damaged month a year that both readers see otherwise, and no other day bears out, is damaged as well.
        doubtful = view is not None and half.doubtful and not _borne_out(year or 0, month, half.day, known)
        if year is None or (doubtful and _year_differs(view or "", half.figures)):
            year = _proven_year(half.figures, half.day, month, known) or year
        if year is None or day_of(year, month, half.day) is None:
            continue
        found.append(DateSeen(half.first, half.last, half.day, month, year, repaired=True, half=True))
    return found


def _year_differs(view: str, figures: str) -> bool:
    """Return whether the second reader saw another year than `figures`."""
    texts = view.split()
    return any(one.figures != figures for one in half_read(texts, [0.0] * len(texts)))


def _seen_again(view: str, day: int) -> DateSeen | None:
    """Return the whole date with the same day that the second reader saw."""
    seen = [one for one in find_dates(view.split()) if one.year is not None and one.day == day]
    return seen[0] if len(seen) == 1 else None
