"""Citizen service numbers (BSN) in text: found by the 11-proef, shown with three digits at most."""

from __future__ import annotations

import re
from collections.abc import Iterator

VISIBLE = 3
"""How many digits stay readable, at the end (design.md section 2)."""

_SOLID = re.compile(r"(?<![\w.,/\-€])\d{9}(?![\w€]|[.,/\-]\d)")
_GROUPED = re.compile(
    r"(?<![\w.,/\-€])(?<!\d )(?:\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3}|\d{2}[. ]\d{3}[. ]\d{4})(?![\w€]|[.,/\-]\d| \d)"
)
_INSIDE = re.compile(r"(?<![\w.])(\d{4}\.?\s?\d{2}\.?\s?\d{3})(?=\s?\.?\s?[A-Z]\s?\.?\s?\d{1,2}(?:\s?\.?\s?\d{1,6})?)")
"""The head of an aanslag-, beschikkings- or toeslagnummer: 1234.56.789.H.66.01 or 123456789T260012."""
_LABELLED = re.compile(
    r"\b(?:bsn|burger\s?service\s?(?:nummer|nr\.?)|sofi-?\s?(?:nummer|nr\.?)|citizen service number)(?:/sofinummer)?[\s:.\-–]{0,6}(?:is\s|nummer\s|nr\.?\s?)?"
    r"([0-9OolI|SB][0-9OolI|SB.\s]{6,11}[0-9OolI|SB])(?![\w])",
    re.IGNORECASE,
)


def passes_eleven(digits: str) -> bool:
    """Return whether nine digits pass the 11-proef: 9, 8, .. 2 times the first eight minus the last, modulo 11 zero."""
    if len(digits) != 9 or not digits.isdigit() or digits == "000000000":
        return False
    total = sum(int(d) * w for d, w in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return total % 11 == 0


def bsn_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of every BSN in `text`, in order, not overlapping.

    A BSN is nine digits that pass the 11-proef and stand alone, or sit at the head of an aanslag- or toeslagnummer;
    or eight or nine figures behind the words BSN or sofinummer, also when the proof fails: there a reader may have
    misread one of them, and hiding too much is the safe side.
    """
    found: list[tuple[int, int]] = []

    def keep(start: int, end: int) -> None:
        if not any(start < e and s < end for s, e in found):
            found.append((start, end))

    for match in _LABELLED.finditer(text):
        figures = [c for c in match.group(1) if not c.isspace() and c != "."]
        if 8 <= len(figures) <= 9 and sum(c.isdigit() for c in figures) >= 6:
            keep(*match.span(1))
    for pattern, group in ((_INSIDE, 1), (_SOLID, 0), (_GROUPED, 0)):
        for match in pattern.finditer(text):
            if passes_eleven(re.sub(r"\D", "", match.group(group))):
                keep(*match.span(group))
    return sorted(found)


def mask_bsn(text: str) -> str:
    """Return `text` with every BSN reduced to its last three digits; length and everything else stay as they are."""
    out = list(text)
    for start, end in bsn_spans(text):
        places = [i for i in range(start, end) if out[i].isalnum() or out[i] == "|"]
        for place in places[:-VISIBLE]:
            out[place] = "*"
    return "".join(out)


def each_bsn(text: str) -> Iterator[str]:
    """Yield the digits of each BSN in `text`."""
    for start, end in bsn_spans(text):
        yield re.sub(r"\D", "", text[start:end])
