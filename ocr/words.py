"""Words with boxes, put back into printed lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import cast

import numpy as np

from ocr.pixels import Pixels


@dataclass(frozen=True, slots=True)
class Seen:
    """One word on a sheet: its text, its edges in sheet pixels, confidence 0..100 and the recogniser's own line.

    `otherwise` is set where the second reader's word was taken: what the first saw in its place ("" for nothing).
    """

    text: str
    x0: int
    y0: int
    x1: int
    y1: int
    confidence: float
    line: tuple[int, int, int] = (0, 0, 0)
    otherwise: str | None = None

    @property
    def height(self) -> int:
        """Height in sheet pixels."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Height of its middle line on the sheet."""
        return (self.y0 + self.y1) / 2


_JUNK = re.compile(r"^[^\w€]+$")


def without_specks(words: Sequence[Seen]) -> list[Seen]:
    """Return `words` without what is no print: specks, edges of paper, texture of a table."""
    kept = [
        w for w in words if not (w.confidence < 35 and (_JUNK.match(w.text) or len(w.text) <= 2)) and w.confidence >= 8
    ]
    if not kept:
        return []
    typical = median(w.height for w in kept)
    return [w for w in kept if w.height < 6 * typical and (w.height > 0.25 * typical or w.confidence > 60)]


TALL = 1.5
"""A word this much higher than most of its page has the box of its row, not its own."""


def with_tight_boxes(grey: Pixels, words: Sequence[Seen]) -> list[Seen]:
    """Return `words` with the boxes of the recogniser's rows, two lines high, drawn in to the ink of the word itself.

    Faint or small print gets such boxes; they would join lines that are two. `grey` is the evened sheet.
    """
    heights = sorted(w.height for w in words if len(w.text) > 1)
    if len(heights) < 8:
        return list(words)
    usual = heights[len(heights) // 4]
    return [_drawn_in(grey, w, usual) if w.height > TALL * usual else w for w in words]


def _drawn_in(grey: Pixels, word: Seen, usual: int) -> Seen:
    """Return the word with its box on the rows of ink round its middle; as it was where these are as high as the box."""
    part = grey[max(0, word.y0) : word.y1, max(0, word.x0) : word.x1]
    if part.shape[0] < 4 or part.shape[1] < 4:
        return word
    rows = 255 - part.mean(axis=1)
    rows = rows - rows.min()
    inked = rows > 0.22 * rows.max()
    # The strongest band as high as usual print is the word's own line; what hangs in from above and below is not.
    band = np.convolve(rows, np.ones(max(2, min(usual, len(rows)))), mode="valid")
    top = int(np.argmax(band))
    bottom = min(len(rows), top + max(2, usual))
    reach = max(1, usual // 3)
    for _ in range(reach):
        if top > 0 and inked[top - 1]:
            top -= 1
        if bottom < len(rows) and inked[bottom]:
            bottom += 1
    while bottom - top > 3 and not inked[top]:
        top += 1
    while bottom - top > 3 and not inked[bottom - 1]:
        bottom -= 1
    if bottom - top < 0.5 * usual:
        return word
    return replace(word, y0=max(0, word.y0) + top, y1=max(0, word.y0) + bottom)


def mean_confidence(words: Sequence[Seen]) -> float:
    """Return the mean confidence (0..100), each word weighted by its length; 0 without words."""
    letters = sum(len(w.text) for w in words)
    return sum(w.confidence * len(w.text) for w in words) / letters if letters else 0.0


def in_lines(words: Sequence[Seen]) -> list[list[Seen]]:
    """Return the words in printed lines over the whole width of the sheet, from top to bottom, left to right.

    The recogniser's own pieces of a line are kept together and joined to their neighbour on the same height, so that
    a label in one column and its value in another stand on one line, also where the paper bends.
    """
    pieces: dict[tuple[int, int, int], list[Seen]] = {}
    for word in words:
        pieces.setdefault(word.line, []).append(word)
    for piece in pieces.values():
        piece.sort(key=lambda w: w.x0)
    guides = _guides(list(pieces.values()))
    rows: list[list[list[Seen]]] = []
    for piece in sorted(pieces.values(), key=lambda p: median(w.middle for w in p)):
        best: tuple[float, int] | None = None
        for index in range(len(rows) - 1, max(-1, len(rows) - 10), -1):
            distance = _distance(rows[index], piece, guides)
            if distance is not None and (best is None or distance < best[0]):
                best = (distance, index)
        if best is None:
            rows.append([piece])
        else:
            rows[best[1]].append(piece)
    lines = [sorted((w for piece in row for w in piece), key=lambda w: w.x0) for row in rows]
    return sorted(lines, key=lambda line: median(w.middle for w in line))


@dataclass(frozen=True, slots=True)
class _Guide:
    """A long line of text as a curve: how lines run at its height, where the paper bends or the photo slants."""

    x0: float
    x1: float
    y: float
    curve: tuple[float, float, float]

    def at(self, x: float) -> float:
        x = min(max(x, self.x0), self.x1)
        a, b, c = self.curve
        return a * x * x + b * x + c


def _guides(pieces: Sequence[Sequence[Seen]]) -> list[_Guide]:
    if not pieces:
        return []
    width = max(w.x1 for p in pieces for w in p) - min(w.x0 for p in pieces for w in p)
    guides: list[_Guide] = []
    for piece in pieces:
        if len(piece) < 6 or piece[-1].x1 - piece[0].x0 < 0.4 * width:
            continue
        # Bottoms are steadier than middles; words with descenders would pull them down, so the upper half counts.
        xs = np.array([(w.x0 + w.x1) / 2 for w in piece])
        ys = np.array([float(w.y1) for w in piece])
        try:
            first = np.polyfit(xs, ys, 1)
            low = ys - np.polyval(first, xs) <= 2
            if int(low.sum()) >= 4:
                xs, ys = xs[low], ys[low]
            fitted = np.polyfit(xs, ys, 2 if len(xs) >= 8 else 1)
        except (np.linalg.LinAlgError, ValueError):
            continue
        curve = (0.0, *fitted) if len(fitted) == 2 else tuple(fitted)
        guides.append(
            _Guide(float(piece[0].x0), float(piece[-1].x1), float(np.mean(ys)), cast(tuple[float, float, float], curve))
        )
    return guides


def _drift(guides: Sequence[_Guide], x_from: float, x_to: float, y: float) -> float:
    """Return how much lower a line of text stands at `x_to` than at `x_from`, judged by the long lines near `y`."""
    near = sorted(
        (g for g in guides if g.x0 - 80 <= min(x_from, x_to) and g.x1 + 80 >= max(x_from, x_to)),
        key=lambda g: abs(g.y - y),
    )[:2]
    if not near:
        near = sorted(guides, key=lambda g: abs(g.y - y))[:2]
    if not near:
        return 0.0
    weights = [1 / (20 + abs(g.y - y)) for g in near]
    return sum(w * (g.at(x_to) - g.at(x_from)) for w, g in zip(weights, near, strict=True)) / sum(weights)


def _distance(row: list[list[Seen]], piece: list[Seen], guides: Sequence[_Guide]) -> float | None:
    """Return how far `piece` lies from the row's height beside it, in letter heights; None when it is another line."""
    first, last = piece[0], piece[-1]
    best: float | None = None
    for other in row:
        if other[0].x0 <= first.x0 < other[-1].x1 - 2 or first.x0 <= other[0].x0 < last.x1 - 2:
            return None  # one above the other: never the same line
        near, mine = (other[-1], first) if other[-1].x1 <= first.x0 + 2 else (other[0], last)
        # Heights differ with ascenders: compare the bottoms as well as the middles.
        high = max(6.0, (median(w.height for w in other) + median(w.height for w in piece)) / 2)
        drift = _drift(guides, (near.x0 + near.x1) / 2, (mine.x0 + mine.x1) / 2, near.y1)
        apart = min(abs(mine.middle - near.middle - drift), abs(mine.y1 - near.y1 - drift)) / high
        if apart > 0.5:
            continue
        if best is None or apart < best:
            best = apart
    return best
