"""Understands dates and amounts as residents type them; what is unclear is None, never a guess."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

MONTHS = {
    "januari": 1, "jan": 1, "februari": 2, "feb": 2, "maart": 3, "mrt": 3, "april": 4, "apr": 4, "mei": 5,
    "juni": 6, "jun": 6, "juli": 7, "jul": 7, "augustus": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9,
    "oktober": 10, "okt": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip
_NAMED = re.compile(r"\b(\d{1,2})(?:e|ste|de)?\s+([a-z]{3,9})\.?(?:\s+(\d{4}|\d{2}))?\b")
_NUMBERS = re.compile(r"\b(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{4}|\d{2}))?\b")
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_AMOUNT = re.compile(
    r"(?:€|eur(?:o)?)?\s*(\d{1,3}(?:\.\d{3})+|\d{1,7})(?:,(\d{2}|-{1,2}))?(?:\s*(?:€|eur(?:o)?))?\b", re.IGNORECASE
)
HALF_YEAR = timedelta(days=183)
LONGEST = 500
"""Characters of a line that are looked at; a date is never said in more."""


def said_date(text: str, today: date) -> date | None:
    """Return the one date in a resident's line; None when there is none, or more than one.

    A day without a year is the nearest such day to `today`, not more than half a year away.
    """
    found: set[date] = set()
    short = text.lower()[:LONGEST]
    for match in _ISO.finditer(short):
        _add(found, int(match[3]), int(match[2]), match[1], today)
    if found:
        return found.pop() if len(found) == 1 else None
    for match in _NAMED.finditer(short):
        if match[2] in MONTHS:
            _add(found, int(match[1]), MONTHS[match[2]], match[3], today)
    for match in _NUMBERS.finditer(short):
        _add(found, int(match[1]), int(match[2]), match[3], today)
    if not found:
        for word, days in (("overmorgen", 2), ("morgen", 1), ("vandaag", 0)):
            if re.search(rf"\b{word}\b", short):
                return today + timedelta(days=days)
    return found.pop() if len(found) == 1 else None


def _add(found: set[date], day: int, month: int, year: str | None, today: date) -> None:
    years = (
        [int(year) if len(year) == 4 else 2000 + int(year)] if year else [today.year - 1, today.year, today.year + 1]
    )
    options: list[date] = []
    for each in years:
        try:
            options.append(date(each, month, day))
        except ValueError:
            continue
    if year is None:
        options = [option for option in options if abs(option - today) <= HALF_YEAR]
    if options:
        found.add(min(options, key=lambda option: abs(option - today)))


def said_amount(text: str) -> Decimal | None:
    """Return the one amount in euros in a resident's line; None when there is none, or more than one."""
    found: set[Decimal] = set()
    for match in _AMOUNT.finditer(text[:LONGEST]):
        cents = match[2] if match[2] and match[2].isdigit() else "00"
        try:
            found.add(Decimal(f"{match[1].replace('.', '')}.{cents}"))
        except InvalidOperation:
            continue
    return found.pop() if len(found) == 1 else None
