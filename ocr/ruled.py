"""Takes thin ruled lines off a sheet: a line under a heading joins its letters, so that they are found in part or not at all."""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np

from ocr.pixels import Pixels

SHORTEST = 0.04
"""Length of a ruled line as a share of the sheet's width: longer than any stroke of a letter of running text."""
THICKEST = 5
"""Pixels at 100 dpi; what is thicker is a bar or a stroke of a large heading."""
DARKER = 18
"""Grey levels under its neighbourhood from which a point counts as ink."""


def without_rules(grey: Pixels) -> Pixels:
    """Return a flat, even sheet without thin horizontal lines; letters that stand on one keep their feet."""
    width = grey.shape[1]
    ink = cv2.adaptiveThreshold(cast(Any, grey), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, DARKER)
    lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(20, round(SHORTEST * width))), np.uint8))
    if not lines.any():
        return grey
    thick = cv2.morphologyEx(lines, cv2.MORPH_OPEN, np.ones((THICKEST + 1, 1), np.uint8))
    lines = cv2.bitwise_and(lines, cv2.bitwise_not(cv2.dilate(thick, np.ones((THICKEST, 9), np.uint8))))
    # The soft rim of a line goes with it, but not the ink of a letter that touches it from above or below.
    rim = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    letters = cv2.bitwise_and(ink, cv2.bitwise_not(rim))
    # What stands on the line keeps the piece of it below: a letter without its foot is another letter.
    feet = cv2.dilate(letters, np.ones((2 * THICKEST - 1, 1), np.uint8))
    gone = cv2.bitwise_and(rim, cv2.bitwise_not(feet))
    plain = grey.copy()
    plain[gone > 0] = 255
    return plain
