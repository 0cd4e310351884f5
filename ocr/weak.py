"""Lines that were read weakly, read again by the second reader; what both saw is laid side by side, word by word.

Measured on 66 bad and 20 table photos: where both saw the same, 92 to 99 of 100 words are right, whatever the first reader
thought of them; where they differ, the first is right in 1 of 20, the second as often as `SECOND_RIGHT` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocr.pixels import Pixels, cut_along, quantile
from ocr.words import Seen, mean_confidence

WEAK = 88.0
"""Mean confidence of a line under which it is read again."""
MOST_LINES = 60
BOTH = 80.0
"""Confidence of a word at least when two readers saw the same."""
SECOND_SEEN = (50.0, 75.0, 82.0, 87.0, 92.0, 96.0, 100.0)
SECOND_RIGHT = (12.0, 22.0, 32.0, 45.0, 62.0, 72.0, 74.0)
"""The second reader's confidence in a word that only it saw so, and what that is worth: never clear print."""
PAD = 0.16

SecondSeen = tuple[str, float, float, float]
"""A word as the second reader tells it: text, left and right edge as shares of the crop's width, confidence (0..100)."""


def weak_lines(words: Sequence[Seen]) -> list[list[Seen]]:
    """Return the lines (words from left to right) that deserve a second look, the weakest of the long ones first."""
    lines: dict[tuple[int, int, int], list[Seen]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    weak = [sorted(line, key=lambda w: w.x0) for line in lines.values() if mean_confidence(line) < WEAK]
    worth = sorted(weak, key=lambda line: -sum(len(w.text) for w in line))
    return worth[:MOST_LINES]


def cut_out(grey: Pixels, line: Sequence[Seen]) -> tuple[Pixels, float, float]:
    """Return the line's pixels along its slant with a little margin, and the left and right edge of the crop on the sheet."""
    high = float(np.median([w.height for w in line]))
    pad = max(2.0, PAD * high)
    left, right = min(w.x0 for w in line) - 2 * pad, max(w.x1 for w in line) + 2 * pad
    middles = np.array([(w.x0 + w.x1) / 2 for w in line])
    feet = np.array([float(w.y1) for w in line])
    slope = 0.0
    if len(line) >= 4 and np.ptp(middles) > 6 * high:
        slope = float(np.clip(np.polyfit(middles, feet, 1)[0], -0.12, 0.12))
    tops = np.array([float(w.y0) for w in line]) - slope * middles
    # The outermost heights are those of a speck or a neighbour as often as of the line.
    top, foot = quantile(tops, 0.1), quantile(feet - slope * middles, 0.9)
    wide, tall = max(8, round(right - left)), max(8, round(foot - top + 2 * pad))
    return cut_along(grey, left, top - pad + slope * left, slope, wide, tall), left, right


def laid_together(first: Sequence[Seen], second: Sequence[SecondSeen], left: float, right: float) -> list[Seen]:
    """Return the words of one line after both views, left to right.

    Args:
        first: the words of the recogniser of the sheet, left to right.
        second: those of the second reader on the crop between `left` and `right`.
    """
    if not second:
        return list(first)
    wide = right - left
    others = [
        Seen(text, round(left + a * wide), 0, max(round(left + a * wide) + 1, round(left + b * wide)), 0, sure)
        for text, a, b, sure in second
    ]
    out: list[Seen] = []
    for mine, theirs in _beside(first, others):
        if not theirs:
            out += [replace(w, confidence=min(w.confidence, 40.0)) for w in mine]
        elif "".join(w.text for w in mine) == "".join(w.text for w in theirs):
            # Glued or apart: the recogniser of the sheet knows better where words end.
            out += [replace(w, confidence=max(w.confidence, BOTH)) for w in mine]
        else:
            out += _taken(mine, theirs, first)
    return out


def _beside(first: Sequence[Seen], second: Sequence[Seen]) -> list[tuple[list[Seen], list[Seen]]]:
    """Return the words of both in groups that stand at the same place."""
    groups: list[tuple[list[Seen], list[Seen]]] = []
    begin = end = float("-inf")
    for word, own in sorted([(w, 0) for w in first] + [(w, 1) for w in second], key=lambda pair: pair[0].x0):
        if not groups or end - word.x0 <= 0.25 * min(word.x1 - word.x0, end - begin):
            groups.append(([], []))
            begin = word.x0
        groups[-1][own].append(word)
        end = max(end, word.x1)
    return groups


def _taken(mine: Sequence[Seen], theirs: Sequence[Seen], line: Sequence[Seen]) -> list[Seen]:
    """Return the words of the second reader, with the heights of the first and what the first saw there."""
    near = mine or [min(line, key=lambda w: abs(w.x0 - theirs[0].x0))]
    y0, y1 = round(float(np.median([w.y0 for w in near]))), round(float(np.median([w.y1 for w in near])))
    saw = " ".join(w.text for w in mine)
    return [
        Seen(w.text, w.x0, y0, w.x1, y1, float(np.interp(w.confidence, SECOND_SEEN, SECOND_RIGHT)), near[0].line, saw)
        for w in theirs
    ]
