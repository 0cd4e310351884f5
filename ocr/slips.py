"""Words by which letters are understood, set right where print is weak and one letter was misread.

Only words: figures, dates and amounts are never touched here. The words stand in `cues/trade.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from ocr.cues import cues

WEAK = 90.0
"""Confidence (0 to 100) under which a word may hold a slip."""
LEAST_LETTERS = 6


def _open(word: str) -> Iterable[str]:
    """Yield a word with each of its letters in turn left open."""
    return (f"{word[:at]}?{word[at + 1 :]}" for at in range(len(word)))


def _shorter(word: str) -> Iterable[str]:
    """Yield a word with each of its letters in turn left out."""
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


@cache
def _trade() -> tuple[frozenset[str], dict[str, set[str]]]:
    """Return the words, and the words behind each form with a letter open or left out."""
    words = cues("trade").words["trade"]
    forms: dict[str, set[str]] = {}
    for word in words:
        for form in (*_open(word), *_shorter(word)):
            forms.setdefault(form, set()).add(word)
    return words, forms


@lru_cache(maxsize=4096)
def _meant(word: str) -> str:
    words, forms = _trade()
    if word in words:
        return word
    found = set(forms.get(word, ())).union(*(forms.get(form, ()) for form in _open(word)))
    found |= {other for other in (word.replace("rn", "m"), *_shorter(word)) if other in words}
    return found.pop() if len(found) == 1 else word


def set_right(text: str, confidence: float) -> str:
    """Return a printed word with its one slip set right, when it is weak and only one word of the trade is meant.

    Args:
        text: the word as read, with its punctuation.
        confidence: of the recogniser (0 to 100).
    """
    if confidence >= WEAK or len(text) < LEAST_LETTERS:
        return text
    core = text.strip(".,:;()!?")
    if len(core) < LEAST_LETTERS or not core.isalpha():
        return text
    small = core.lower()
    meant = _meant(small)
    if meant == small:
        return text
    capitals = sum(letter.isupper() for letter in core) > len(core) / 2
    shaped = meant.upper() if capitals else meant.capitalize() if core[0].isupper() else meant
    return text.replace(core, shaped)
