"""Lines under headings and round tables are taken off a sheet, and letters stay."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.reader import Reader
from ocr.ruled import without_rules
from tests.ocr.build import jpeg, photo, sheet

TOP = 172
"""Where the first line of `sheet` stands."""


def _grey() -> np.ndarray:
    return cv2.cvtColor(sheet(), cv2.COLOR_RGB2GRAY)


def _underlined(page: np.ndarray) -> np.ndarray:
    """Return a page of which the letterhead is underlined so closely that the line crosses the tails of its letters."""
    drawn = page.copy()
    foot = TOP + int(np.flatnonzero((drawn[TOP : TOP + 52] < 128).reshape(52, -1).any(axis=1)).max())
    cv2.line(drawn, (176, foot - 5), (760, foot - 5), (0,) * (drawn.ndim if drawn.ndim == 3 else 1), 3)
    return drawn


def test_the_line_goes_and_the_letters_stay() -> None:
    plain, lined = _grey(), _underlined(_grey())
    cleared = without_rules(lined)
    beside = np.s_[TOP : TOP + 60, 600:760]
    assert (lined[beside] < 128).sum() > 300
    assert (cleared[beside] < 128).sum() == 0
    above = np.s_[TOP : TOP + 26, 170:560]
    kept = (cleared[above] < 128).sum() / (plain[above] < 128).sum()
    assert kept > 0.97


def test_a_sheet_without_lines_is_left_alone() -> None:
    assert np.array_equal(without_rules(_grey()), _grey())


def test_an_underlined_letterhead_is_read() -> None:
    (page,) = Reader().read_file(jpeg(photo(_underlined(sheet())), quality=90))
    assert {"Woonstichting", "Linde"} <= {word.text for word in page.words[:6]}
