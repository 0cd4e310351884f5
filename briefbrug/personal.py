"""Finds what points at a person in a text that must carry no personal data (the signals about rules)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from briefbrug.bsn import bsn_spans

IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \t]?[A-Z0-9]){10,30}\b")
POSTCODE = re.compile(r"\b[1-9]\d{3}\s?[A-Z]{2}\b")
MAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")
PHONE = re.compile(r"(?<!\d)(?:\+31|0031|0)[\s-]?[1-9](?:[\s-]?\d){7,8}(?!\d)")
DAY = re.compile(r"\b(?:geboren|geboortedatum)\b[^.\n]{0,40}", re.IGNORECASE)
LONG_NUMBER = re.compile(r"(?<![\d€])\d(?:[ .-]?\d){6,}(?!\d)")
"""Seven digits or more that belong together: a case or customer number. Amounts of money are shorter."""

_SALUTATION = re.compile(
    r"\b(?i:de heer(?: en mevrouw| of mevrouw)?|mevrouw|heer/mevrouw|mijnheer|meneer"
    r"|dhr\.?|mevr\.?|mw\.?|familie|fam\.?)"
    r"\s+((?:[A-Z]\.\s?)*(?:(?:van|de|der|den|ten|ter|el|al)\s+){0,3}[A-Z][\w'’-]+(?:[ -][A-Z][\w'’-]+){0,2})",
)
_SMALL = frozenset({"van", "de", "der", "den", "ten", "ter", "het", "en", "of", "heer", "mevrouw", "el", "al"})
SHORTEST_NAME = 3


def names_in(text: str) -> frozenset[str]:
    """Return the words of names behind a form of address in `text` ("mevrouw Kroos" gives "Kroos")."""
    found: set[str] = set()
    for match in _SALUTATION.finditer(text):
        found |= {
            word
            for word in re.findall(r"[A-Z][\w'’-]+", match.group(1))
            if len(word) >= SHORTEST_NAME and word.casefold() not in _SMALL
        }
    return frozenset(found)


def personal_pieces(text: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the pieces of `text` that point at a person, in order, each once.

    Args:
        text: what somebody wrote.
        known: words that name people or references of the case at hand; found as whole words, capitals ignored.
    """
    spans: list[tuple[int, int]] = list(bsn_spans(text))
    for pattern in (IBAN, POSTCODE, MAIL, PHONE, DAY, LONG_NUMBER):
        spans += [match.span() for match in pattern.finditer(text)]
    for name in names_in(text):
        spans += [match.span() for match in re.finditer(rf"\b{re.escape(name)}\b", text)]
    for word in known:
        if len(word.strip()) >= SHORTEST_NAME:
            pattern = re.compile(rf"(?<!\w){re.escape(word.strip())}(?!\w)", re.IGNORECASE)
            spans += [match.span() for match in pattern.finditer(text)]
    found: list[str] = []
    for start, end in sorted(set(spans)):
        piece = text[start:end].strip()
        if piece and not any(piece in other for other in found):
            found.append(piece)
    return tuple(found)
