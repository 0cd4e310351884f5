"""Tesseract's layout and Tesseract's network, with all lines of a sheet read together: the recogniser of the warm reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from briefbrug.letter import Box
from ocr.decode import WordSeen, words_of
from ocr.language import LANGUAGE, load_language
from ocr.network import LineNetwork
from ocr.pixels import Pixels, cut_along, percentiles
from ocr.words import Seen

Bools = npt.NDArray[np.bool_]

PSM_SPARSE = 11
"""How Tesseract looks for lines: as much text as possible in no order, which copes best with bent lines."""
LEAST_HIGH = 7
MOST_LINES = 600
MARGIN = 4
"""Pixels round a line, as Tesseract leaves them."""
DEEP = 0.3
"""Share of a line's height above its foot that is kept below it: a line without tails is cut as high as one with."""
WEAK_LINE = -0.15
"""Mean certainty of a line's characters below which it is cut out again, along its slant and with a wider margin."""
BETTER = 0.02
WIDE_MARGIN = 6
FLOOR = -3.0

CERTAINTIES = (-6.0, -3.0, -1.6, -0.8, -0.4, -0.2, -0.1, -0.05, -0.02, -0.01, 0.0)
CONFIDENCES = (4.0, 20.0, 40.0, 60.0, 73.0, 82.0, 87.0, 90.0, 94.0, 96.0, 97.0)
"""Certainty (natural logarithm) as confidence in percent, so that words are at least as often right as with Tesseract's
own (measured on 44 photos: of 5,000 words from 90 on 996 in 1,000 were right, of those under 60 a quarter)."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line as the layout sees it: its box and the ends of its foot, in sheet pixels."""

    x0: int
    y0: int
    x1: int
    y1: int
    foot: tuple[tuple[int, int], tuple[int, int]]

    @property
    def slope(self) -> float:
        (ax, ay), (bx, by) = self.foot
        return (by - ay) / max(1, bx - ax)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A line cut out of the sheet: its pixels, where its corner lies on the sheet, how much it drops for each pixel to
    the right, and the rows between which its letters stand.
    """

    pixels: Pixels
    left: int
    top: float
    slope: float
    rows: tuple[int, int]


def _straight(grey: Pixels, line: _Line) -> _Cut:
    """Return the line as its box, with room for tails."""
    foot = (line.foot[0][1] + line.foot[1][1]) / 2
    low = max(line.y1, round(foot + DEEP * (foot - line.y0)))
    left, top = max(0, line.x0 - MARGIN), max(0, line.y0 - MARGIN)
    pixels = grey[top : low + MARGIN, left : line.x1 + MARGIN]
    return _Cut(pixels, left, float(top), 0.0, (line.y0 - top, line.y1 - top))


def _along(grey: Pixels, line: _Line) -> _Cut:
    """Return the line cut out along its slant, with a wider margin."""
    slope, middle = line.slope, (line.x0 + line.x1) / 2
    rise = abs(slope) * (line.x1 - line.x0)
    if rise > 0.8 * (line.y1 - line.y0):
        slope, rise = 0.0, 0.0
    foot = line.foot[0][1] + line.slope * (middle - line.foot[0][0])
    above, below = foot - line.y0 - rise / 2, line.y1 - foot - rise / 2
    if above < 5:
        above, below = foot - line.y0, line.y1 - foot
    below = max(below, DEEP * above)
    margin = WIDE_MARGIN
    left, top = line.x0 - margin, foot - slope * (middle - line.x0 + margin) - above - margin
    high = max(LEAST_HIGH + 1, round(above + below + 2 * margin))
    pixels = cut_along(grey, left, top, slope, line.x1 - line.x0 + 2 * margin, high)
    return _Cut(pixels, left, top, slope, (margin, round(above + below) + margin))


def _mean_certainty(words: Sequence[WordSeen]) -> float:
    letters = sum(len(w.text) for w in words)
    return sum(len(w.text) * max(w.certainty, FLOOR) for w in words) / letters if letters else 2 * FLOOR


class Batched:
    """Words of a sheet; warm, for one thread at a time."""

    def __init__(self, tessdata: str) -> None:
        """Load layout and network.

        Raises:
            ImportError: a library is missing.
            ValueError: language data of a make that is not known here.
        """
        import tesserocr

        self._language = load_language(Path(tessdata) / f"{LANGUAGE}.traineddata")
        self._network = LineNetwork(self._language)
        self._level = cast(Any, tesserocr).RIL.TEXTLINE
        self._api = cast(Any, tesserocr).PyTessBaseAPI(path=tessdata, init=False)
        self._api.InitForAnalysePage()

    def _lines(self, grey: Pixels) -> list[_Line]:
        height, width = grey.shape[:2]
        self._api.SetPageSegMode(PSM_SPARSE)
        self._api.SetImageBytes(np.ascontiguousarray(grey).tobytes(), width, height, 1, width)
        self._api.SetSourceResolution(max(90, min(300, round(width / 8.27))))
        found: list[_Line] = []
        try:
            at = self._api.AnalyseLayout()
            more = at is not None
            while more and len(found) < MOST_LINES:
                box, foot = at.BoundingBox(self._level), at.Baseline(self._level)
                if box and foot:
                    x0, y0, x1, y1 = cast(tuple[int, int, int, int], box)
                    if min(x1 - x0, y1 - y0) >= LEAST_HIGH:
                        found.append(_Line(x0, y0, x1, y1, foot))
                more = at.Next(self._level)
        finally:
            self._api.Clear()
        return found

    def recognise(self, grey: Pixels) -> list[Seen]:
        """Return the words of `grey` (see `tesseract.Recogniser`)."""
        lines = self._lines(grey)
        cuts = [_straight(grey, line) for line in lines]
        words = self._read(cuts)
        weak = [i for i, seen in enumerate(words) if _mean_certainty(seen) < WEAK_LINE]
        again = [_along(grey, lines[i]) for i in weak]
        for i, cut, seen in zip(weak, again, self._read(again), strict=True):
            if _mean_certainty(seen) > _mean_certainty(words[i]) + BETTER:
                cuts[i], words[i] = cut, seen
        return [
            one
            for number, (cut, seen) in enumerate(zip(cuts, words, strict=True))
            for one in self._placed(cut, seen, number)
        ]

    def lines(self, grey: Pixels) -> list[Box]:
        """Return the boxes of the printed lines of `grey`, with room for tails."""
        found = [(line, _straight(grey, line)) for line in self._lines(grey)]
        return [Box(line.x0, line.y0, line.x1, round(cut.top) + len(cut.pixels) - MARGIN) for line, cut in found]

    def certainty(self, crops: Sequence[Pixels]) -> float:
        """Return how certainly pieces of lines are read (see `tesseract.Recogniser`)."""
        sums = letters = 0.0
        for chances in self._network.read(crops):
            picks = chances.argmax(axis=1)
            begins = (picks != self._language.nothing) & (np.diff(picks, prepend=-1) != 0)
            sums += float(np.log(np.maximum(chances.max(axis=1)[begins], np.exp(FLOOR))).sum())
            letters += int(begins.sum())
        return sums / letters if letters else 2 * FLOOR

    def _read(self, cuts: Sequence[_Cut]) -> list[list[WordSeen]]:
        chances = self._network.read([cut.pixels for cut in cuts])
        return [words_of(one, self._language) for one in chances]

    def _placed(self, cut: _Cut, words: Sequence[WordSeen], number: int) -> list[Seen]:
        """Return the words of a line with their boxes on the sheet: between the gaps of its ink."""
        if not words:
            return []
        height, width = cut.pixels.shape
        pixel = height / self._network.height * self._network.step
        dark, light = percentiles(cut.pixels[::2, ::2], 4, 90)
        ink = cut.pixels < (dark + light) / 2
        first, last = cut.rows
        columns = cast(Bools, ink[max(0, first) : last].any(axis=0))
        begins = [min(width - 1, int((w.first + 0.5) * pixel)) for w in words]
        ends = [min(width, max(b + 1, int((w.last + 0.5) * pixel) + 1)) for b, w in zip(begins, words, strict=True)]
        gaps = [_widest_gap(columns, end, begin) for end, begin in zip(ends[:-1], begins[1:], strict=True)]
        lefts = [_edge(columns, begins[0], -1, height), *(gap[1] for gap in gaps)]
        rights = [*(gap[0] for gap in gaps), _edge(columns, ends[-1] - 1, 1, height) + 1]
        out: list[Seen] = []
        for word, x0, x1 in zip(words, lefts, rights, strict=True):
            inked = np.flatnonzero(columns[x0:x1])
            x0, x1 = (x0 + int(inked[0]), x0 + int(inked[-1]) + 1) if len(inked) else (x0, max(x0 + 1, x1))
            rows = np.flatnonzero(ink[max(0, first) : last, x0:x1].any(axis=1)) + max(0, first)
            y0, y1 = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (first, last)
            drop = cut.slope * (x0 + x1) / 2 + cut.top
            confidence = float(np.interp(word.certainty, CERTAINTIES, CONFIDENCES))
            out.append(
                Seen(
                    word.text,
                    max(0, cut.left + x0),
                    max(0, round(drop + y0)),
                    max(1, cut.left + x1),
                    max(1, round(drop + y1)),
                    confidence,
                    (0, 0, number),
                )
            )
        return out


def _widest_gap(columns: Bools, begin: int, end: int) -> tuple[int, int]:
    """Return where the widest stretch without ink between two columns begins and ends; the middle when there is none."""
    middle = (begin + end) // 2
    if end <= begin:
        return middle, middle
    blank = np.flatnonzero(np.diff(np.concatenate([[True], columns[begin:end], [True]]).astype(np.int8)))
    if not len(blank):
        return middle, middle
    starts, stops = blank[0::2], blank[1::2]
    widest = int(np.argmax(stops - starts))
    return begin + int(starts[widest]), begin + int(stops[widest])


def _edge(columns: Bools, at: int, step: int, height: int) -> int:
    """Return the last column with ink from `at` on in one direction, before a gap of a third of the line's height."""
    last, gap = at, 0
    while 0 <= at + step < len(columns) and gap <= height / 3:
        at += step
        gap = 0 if columns[at] else gap + 1
        last = at if columns[at] else last
    return last
