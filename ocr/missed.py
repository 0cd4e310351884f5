"""Print that the recogniser passed over: ink of the size of letters on which no word was read, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, cast

import cv2
import numpy as np

from ocr.pixels import Pixels, percentiles
from ocr.ruled import without_rules
from ocr.words import Seen

MOST_LINES = 12
"""So many pieces of a page are read again at most; each costs about 25 ms."""
SURE_WORD = 55.0
"""A word of lower confidence does not count as read."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A piece of a line on which nothing, or nothing certain, was read.

    Edges in pixels of the sheet; `replaces` holds the places of the doubtful words that a better reading replaces.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    letters: int
    replaces: tuple[int, ...] = ()


def missed_lines(grey: Pixels, words: Sequence[Seen]) -> list[Missed]:
    """Return the pieces of lines without a certain word, those in the head of the page first; at most MOST_LINES.

    `grey` is an evened sheet, paper white. What is fainter than half of the ink of the words that were read is no
    print: grain, shadow, the other side of the paper.
    """
    certain = [w for w in words if w.confidence >= SURE_WORD or (len(w.text) > 3 and w.confidence >= 40)]
    sized = [w.height for w in certain if len(w.text) > 2]
    if len(sized) < 10:
        return []
    height, width = grey.shape[:2]
    high = median(sized)
    shrink = 2 if high >= 14 else 1
    small = cv2.resize(grey, (width // shrink, height // shrink), interpolation=cv2.INTER_AREA) if shrink > 1 else grey
    # The line under a heading joins its letters to something of another size.
    small = without_rules(cast(Pixels, small))
    dark = np.array(
        [percentiles(grey[max(0, w.y0) : w.y1, max(0, w.x0) : w.x1 : 2], 12) for w in certain[:60] if w.y1 > w.y0 + 2]
    )
    ink = cast(Any, (small < 255 - 0.5 * (255 - float(np.median(dark)))).astype(np.uint8))
    h = high / shrink
    _, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    rows, columns = int(cast(Any, small).shape[0]), int(cast(Any, small).shape[1])
    cover = np.zeros((rows, columns), np.uint8)
    for w in certain:
        x0, y0, x1, y1 = (edge / shrink for edge in (w.x0, w.y0, w.x1, w.y1))
        cover[max(0, int(y0 - 0.15 * h)) : int(y1 + 0.15 * h), max(0, int(x0 - 0.3 * h)) : int(x1 + 0.3 * h)] = 1
    across, down = centres[:, 0].astype(np.int32), centres[:, 1].astype(np.int32)
    left, right = min(w.x0 for w in certain) / shrink - 3 * h, max(w.x1 for w in certain) / shrink + 3 * h
    top, bottom = min(w.y0 for w in certain) / shrink - 6 * h, max(w.y1 for w in certain) / shrink + 4 * h
    letter = (
        (stats[:, 3] >= 0.35 * h) & (stats[:, 3] <= 1.6 * h) & (stats[:, 2] <= 3.2 * h) & (stats[:, 4] >= 0.05 * h * h)
    )
    letter &= (across > left) & (across < right) & (down > top) & (down < bottom)
    letter[0] = False
    letter &= cover[np.clip(down, 0, rows - 1), np.clip(across, 0, columns - 1)] == 0
    places = np.nonzero(letter)[0]
    if len(places) < 3 or len(places) > 4000:
        return []
    lines = np.zeros((rows, columns), np.uint8)
    for i in places:
        x, y, w, hh = (int(edge) for edge in stats[i, :4])
        lines[y : y + hh, x : x + w] = 1
    joined = cv2.dilate(lines, np.ones((1, int(1.4 * h) | 1), np.uint8))
    count, marks, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    members = np.bincount(marks[down[places], across[places]], minlength=count)
    found: list[Missed] = []
    for number in range(1, count):
        x, y, w, hh = (int(edge) * shrink for edge in boxes[number, :4])
        if members[number] < 2 or hh > 2.4 * high:
            continue
        piece = _with_neighbours(Missed(x, y, x + w, y + hh, int(members[number])), words, high)
        # Two letters alone are dirt; beside a word they are the day of a date.
        if (members[number] > 2 and w >= 1.8 * high) or (piece.replaces and hh > 0.6 * high):
            found.append(piece)
    found = _joined(found)
    middle = (top + bottom) / 2 * shrink
    found.sort(key=lambda m: (m.y0 > middle, -m.letters))
    return found[:MOST_LINES]


def _joined(pieces: Sequence[Missed]) -> list[Missed]:
    """Return the pieces, those that lie on both sides of one word as one."""
    joined: list[Missed] = []
    for piece in sorted(pieces, key=lambda m: m.x0):
        for place, other in enumerate(joined):
            if set(piece.replaces) & set(other.replaces):
                joined[place] = Missed(
                    min(piece.x0, other.x0), min(piece.y0, other.y0), max(piece.x1, other.x1), max(piece.y1, other.y1),
                    piece.letters + other.letters, tuple(sorted({*piece.replaces, *other.replaces})),
                )  # fmt: skip
                break
        else:
            joined.append(piece)
    return joined


def _with_neighbours(piece: Missed, words: Sequence[Seen], high: float) -> Missed:
    """Return the piece with the doubtful words on it, and with the words that it was torn from."""
    x0, y0, x1, y1 = piece.x0, piece.y0, piece.x1, piece.y1
    taken: list[int] = []
    for place, word in enumerate(words):
        level = min(y1, word.y1) - max(y0, word.y0)
        if level < 0.5 * min(piece.y1 - piece.y0, word.height):
            continue
        apart = max(word.x0 - piece.x1, piece.x0 - word.x1)
        if apart < 0.45 * high and word.height < 2 * high and word.x1 - word.x0 < 14 * high:
            taken.append(place)
            x0, y0, x1, y1 = min(x0, word.x0), min(y0, word.y0), max(x1, word.x1), max(y1, word.y1)
    if y1 - y0 > 2.4 * high:
        return piece
    return Missed(x0, y0, x1, y1, piece.letters, tuple(taken))
