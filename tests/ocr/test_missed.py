"""Print that was passed over: the day beside a month that was read, and words that both readers read alike."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ocr.missed import missed_lines
from ocr.words import Seen
from tests.ocr.build import sheet

ROWS = ("Datum", "13 nov. 2026", *(f"Dit is regel nummer {n} van een gewone brief" for n in range(12)))


def _words(page: np.ndarray) -> list[Seen]:
    """Return a word for every run of ink on each printed line, certain, in reading order."""
    rows = np.flatnonzero((page < 128).any(axis=1))
    words: list[Seen] = []
    for number, run in enumerate(np.split(rows, np.flatnonzero(np.diff(rows) > 4) + 1)):
        top, bottom = int(run[0]), int(run[-1]) + 1
        columns = np.flatnonzero((page[top:bottom] < 128).any(axis=0))
        for part in np.split(columns, np.flatnonzero(np.diff(columns) > 5) + 1):
            words.append(Seen("woord", int(part[0]), top, int(part[-1]) + 1, bottom, 95, (0, number, 0)))
    return words


def test_the_day_of_a_date_is_found_beside_its_month() -> None:
    page = np.asarray(Image.fromarray(sheet(ROWS)).convert("L"))
    words = _words(page)
    assert missed_lines(page, words) == []
    day, month, year = (w for w in words if w.line[1] == 1)
    left = [w for w in words if w not in {day, year}]
    (piece,) = missed_lines(page, left)
    assert [left[i] for i in piece.replaces] == [month]
    assert piece.x0 <= day.x0 and piece.x1 >= year.x1
