"""Blacking out: where a citizen service number stands on a page, and a stored copy that no longer shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from briefbrug.bsn import bsn_spans, mask_bsn
from briefbrug.letter import KEPT_SIDE_PX, Box, Word
from ocr.limits import DEFAULT_LIMITS, Limits
from ocr.page import Matrix, exif_matrix, map_box, open_picture

__all__ = ["CleanImage", "clean_image", "find_bsn", "mask_bsn"]


def find_bsn(words: Sequence[Word]) -> tuple[Box, ...]:
    """Return the boxes of the words that hold a BSN, in pixels of the file as stored; words in reading order.

    A number whose groups became several words is found, and one whose label stands on the line above.
    """
    text = ""
    places: list[tuple[int, int, int]] = []
    for index, word in enumerate(words):
        if text:
            text += " " if index and words[index - 1].line == word.line and words[index - 1].page == word.page else "\n"
        places.append((len(text), len(text) + len(word.text), index))
        text += word.text
    hidden: set[int] = set()
    for start, end in bsn_spans(text):
        hidden.update(i for s, e, i in places if s < end and start < e)
    return tuple(words[i].box for i in sorted(hidden))


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A stored copy: a JPEG without any metadata, turned upright, with black boxes.

    `map_box` leads from boxes in pixels of the original file to boxes in this copy.
    """

    content: bytes
    width: int
    height: int
    matrix: tuple[float, ...]

    def map_box(self, box: Box) -> Box:
        """Return where a box of the original stands in this copy."""
        matrix = np.array(self.matrix, dtype=np.float64).reshape(3, 3)
        return map_box((box.x0, box.y0, box.x1, box.y1), matrix, self.width, self.height)


def clean_image(
    content: bytes, boxes: Sequence[Box], turn: int | None = None, limits: Limits = DEFAULT_LIMITS
) -> CleanImage:
    """Return a copy of a photo that may be kept: re-encoded, no EXIF, XMP or IPTC, `boxes` blacked out.

    Args:
        content: the photo as sent.
        boxes: what to hide, in pixels of the photo as stored.
        turn: the clockwise turn of the stored picture that makes it upright (`PageReading.turn`); None applies the
            EXIF mark only.
        limits: bounds on the picture.

    Raises:
        BriefbrugError: FILE_DAMAGED or PICTURE_TOO_LARGE.
    """
    picture = open_picture(content, limits)
    pixels, to_stored = picture.pixels, picture.to_stored
    more = 0 if turn is None else (turn - picture.exif_turn) % 360
    if more:
        height, width = pixels.shape[:2]
        codes = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
        forward, _ = exif_matrix({90: 6, 180: 3, 270: 8}[more], width, height)
        pixels = cast("np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", cv2.rotate(pixels, codes[more]))
        to_stored = to_stored @ np.linalg.inv(forward)
    scale = min(1.0, KEPT_SIDE_PX / max(pixels.shape[:2]))
    if scale < 1:
        pixels = cast(
            "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]",
            cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA),
        )
    else:
        pixels = pixels.copy()
    matrix = np.diag([scale, scale, 1.0]) @ np.linalg.inv(to_stored)
    height, width = pixels.shape[:2]
    for box in boxes:
        pad = max(2, round(0.12 * (box.y1 - box.y0)))
        here = map_box((box.x0 - pad, box.y0 - pad, box.x1 + pad, box.y1 + pad), cast(Matrix, matrix), width, height)
        pixels[here.y0 : here.y1, here.x0 : here.x1] = 0
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 82])
    return CleanImage(encoded.tobytes(), width, height, tuple(float(v) for v in matrix.reshape(-1)))
