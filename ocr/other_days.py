"""The days of a letter's story that a term counts from: "binnen twee weken na de einddatum", "na die brief"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from ocr.cues import cues
from ocr.dates import DateSeen

FAR_OFF_DAYS = 150
"""A day without a year that would lie further ahead is one of the past year."""
NEAR = 45
"""How many letters from a day the word can stand that says what it was the day of."""
_MARK = re.compile(r"<d(\d+)>")


def other_day(before: str, tail: str, dates: Sequence[DateSeen], letter_date: date | None) -> date | None:
    """Return the day of the letter's story that a term counts from ("binnen twee weken na de einddatum").

    Args:
        before: the paragraph up to the term.
        tail: what stands behind the term, up to the end of its clause.
        dates: the dates of the paragraph.
        letter_date: tells the year of a day without one.
    """
    if letter_date is None:
        return None

    def day_of(number: str) -> date | None:
        seen = dates[int(number)]
        day = seen.on(letter_date)
        if day is not None and seen.year is None and (day - letter_date).days > FAR_OFF_DAYS:
            return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else None  # of the past year
        return day

    if named := cues("terms").phrases["after_day"].search(tail):
        day = day_of(named[1])
        return day if day != letter_date else None
    for said, (beside,) in cues("terms").rows["other_days"]:
        if not said.search(tail) and not re.search(said.pattern + "[^.;<]{0,25}$", before):
            continue
        for mark in reversed(list(_MARK.finditer(before))):
            near = before[max(0, mark.start() - NEAR) : mark.end() + NEAR]
            day = day_of(mark[1])
            if day is not None and day != letter_date and re.search(beside, near):
                return day
    return None
