"""Whether two independent reasons speak for a value: two readers, a weekday, a second place, clear figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ocr.dates import DateSeen, same_date
from ocr.lines import Token
from ocr.money import find_amounts
from ocr.sheet import Sheet

CLEAR = 85.0
"""Word confidence from which a single reader is nearly always right on figures."""
AGREE = 80.0
"""Confidence of the second reader from which its view counts."""


def second_text(sheet: Sheet, tokens: Sequence[Token]) -> tuple[str, float] | None:
    """Return what the second reader saw over these tokens, and its lowest confidence; None when it did not look."""
    parts: list[str] = []
    lowest = 100.0
    seen: set[tuple[int, ...]] = set()
    for token in tokens:
        entry = sheet.rereads.get(token.index)
        if entry is None:
            return None
        words, text, confidence = entry
        if words in seen:
            continue
        seen.add(words)
        parts.append(text)
        lowest = min(lowest, confidence)
    return " ".join(parts), lowest


def is_clear(tokens: Sequence[Token], least: float = CLEAR) -> bool:
    """Return whether the recogniser was sure of every word, from `least` on (0 to 100)."""
    return bool(tokens) and min(t.confidence for t in tokens if re.search(r"\w", t.text) or True) >= least


def figures(text: str) -> str:
    """Return the figures of `text` alone."""
    return re.sub(r"\D", "", text)


def half_lost(sheet: Sheet, seen: DateSeen, tokens: Sequence[Token]) -> bool:
    """Return whether a day printed as one figure may be the second half of an "18": room for a figure before it.

    Both readers then see the same half, so only the place tells: the gap to the word before, or the edge of the column.
    """
    day = next((t for t in tokens if t.text.lstrip("(")[:1].isdigit()), None)
    if day is None or seen.day > 9 or not re.match(r"\(?\d(?:\D|$)", day.text):
        return False
    layout = sheet.layout
    for row in layout.rows:
        for piece in row:
            if piece.page != day.page or not any(t.index == day.index for t in piece.tokens):
                continue
            place = next(n for n, t in enumerate(piece.tokens) if t.index == day.index)
            after = piece.tokens[place + 1 : place + 2]
            # "1, november": what stood behind the first figure was scratched away.
            if day.text[-1] in ".,'" and after and not after[0].text[:1].isdigit():
                return True
            # A speck before the figure is what is left of one.
            before = [t for t in piece.tokens[:place] if any(c.isalnum() for c in t.text)]
            if before:
                return day.x0 - before[-1].x1 > 0.75 * day.height
            return not any(
                abs(other.x0 - day.x0) < 0.35 * day.height and 0 < abs(other.y0 - day.y0) < 9 * day.height
                for line in layout.rows
                for other in line
                if other.page == day.page
            )
    return True


def date_agreed(sheet: Sheet, tokens: Sequence[Token], value: date, seen: DateSeen | None, times: int) -> bool:
    """Return whether two independent reasons speak for a date."""
    if sheet.layout.digital:
        return True
    if seen is not None and (seen.weekday_right is False or seen.half):
        return False
    if seen is not None and not seen.weekday_right and times < 2 and half_lost(sheet, seen, tokens):
        return False
    second = second_text(sheet, tokens)
    if second is not None:
        agreed = same_date(second[0], value)
        if agreed is False and second[1] >= 60:
            return False
        if agreed:
            return seen is None or not seen.repaired or second[1] >= AGREE
        if agreed is None and seen is not None and seen.year is None:
            wanted = f"{value.day}"
            return wanted in re.findall(r"\d+", second[0]) and is_clear(tokens, 60)
        return bool(seen and seen.weekday_right and is_clear(tokens)) or (times > 1 and is_clear(tokens))
    if seen is not None and seen.repaired:
        return False
    if seen is not None and seen.weekday_right and is_clear(tokens, 60):
        return True
    return times > 1 and is_clear(tokens, 70) or is_clear(tokens, 93)


def amount_agreed(sheet: Sheet, tokens: Sequence[Token], value: Decimal, times: int) -> bool:
    """Return whether two independent reasons speak for an amount; `times` is how often it is printed."""
    if sheet.layout.digital:
        return True
    second = second_text(sheet, tokens)
    wanted = f"{abs(value):.2f}"
    if second is not None:
        seen = find_amounts(_spaced(second[0]).split())
        if seen:
            return any(abs(a.value) == abs(value) for a in seen)
        digits = figures(second[0])
        if digits in {figures(wanted), str(int(abs(value)))}:
            return True
        return False
    return times > 1 and is_clear(tokens, 65) or is_clear(tokens, 90)


def _spaced(text: str) -> str:
    return re.sub(r"(€|EUR)(?=\d)", r"\1 ", re.sub(r"(?<=[a-z])(?=[€\d])", " ", text))
