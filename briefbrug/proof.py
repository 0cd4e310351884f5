"""The very line of the letter that proves a finding, to be shown as a crop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from briefbrug.letter import Box, Found, Word

WIDE_GAP, WIDEST_GAP = 1.15, 1.7
"""A gap of more than this many letter heights ends a printed line: the next column begins. The second where all words
of a long line stand wide apart, as those of a typewriter do."""
RIM = 0.15
"""What a frame leaves free around its words, in letter heights: a printed line is a little higher than its ink."""
MANY_WORDS = 6
"""Words of a long line."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A printed line: index of its page in the letter, box in pixels of the file as stored, its words."""

    page: int
    box: Box
    text: str


def _gap(one: Word, other: Word) -> float:
    """Return the blank between two boxes in pixels; 0 when they touch or overlap."""
    a, b = one.box, other.box
    across = max(a.x0, b.x0) - min(a.x1, b.x1)
    down = max(a.y0, b.y0) - min(a.y1, b.y1)
    return float(max(0, across, down))


def _height(words: Sequence[Word]) -> float:
    return max(1.0, median(min(w.box.x1 - w.box.x0, w.box.y1 - w.box.y0) for w in words))


def _with_label(row: Sequence[Word], first: int, wide: float) -> int:
    """Return where the label of a value begins: the piece left of it, when that is short and holds no figures."""
    start = first
    while start > 0 and (start == first or _gap(row[start - 1], row[start]) <= wide):
        start -= 1
    label = row[start:first]
    if 0 < len(label) <= 6 and not any(c.isdigit() for w in label for c in w.text):
        return start
    return first


def proof_of(words: Sequence[Word], found: Found[Any]) -> Proof | None:
    """Return the printed line on which most of a finding stands; None when the finding has no words.

    Args:
        words: all words of the letter (`LetterFacts.words`), in reading order.
        found: a finding of that letter.
    """
    if not found.words:
        return None
    share: dict[tuple[int, int], int] = {}
    for word in found.words:
        share[word.page, word.line] = share.get((word.page, word.line), 0) + len(word.text)
    page, line = max(share, key=lambda key: share[key])
    mine = {(w.box, w.text) for w in found.words if (w.page, w.line) == (page, line)}
    row = [w for w in words if (w.page, w.line) == (page, line)]
    places = [i for i, w in enumerate(row) if (w.box, w.text) in mine]
    if not places:
        row = [w for w in found.words if (w.page, w.line) == (page, line)]
        places = list(range(len(row)))
    first, last = min(places), max(places)
    usual = median(_gap(one, other) for one, other in pairwise(row)) if len(row) >= MANY_WORDS else 0.0
    high = _height(row)
    wide = max(WIDE_GAP * high, min(WIDEST_GAP * high, 1.6 * usual))
    while first > 0 and _gap(row[first - 1], row[first]) <= wide:
        first -= 1
    while last + 1 < len(row) and _gap(row[last], row[last + 1]) <= wide:
        last += 1
    if not any(c.isalpha() for w in row[first : last + 1] for c in w.text.replace("€", "")) or last - first < 4:
        first = _with_label(row, first, wide)
    kept = row[first : last + 1]
    rim = round(RIM * _height(kept))
    box = Box(
        max(0, min(w.box.x0 for w in kept) - rim),
        max(0, min(w.box.y0 for w in kept) - rim),
        max(w.box.x1 for w in kept) + rim,
        max(w.box.y1 for w in kept) + rim,
    )
    return Proof(page, box, " ".join(w.text for w in kept))
