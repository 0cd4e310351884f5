"""Photos as files: JPEG (also turned by EXIF), PNG, WebP, HEIC and PDF, with the true boxes in their own pixels."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.bed.camera import Quad, Sheet
from tests.bed.render import A4_MM, Mark, Paper

PDF_DPI = 200
_ORIENTATION = {0: 1, 90: 8, 180: 3, 270: 6}
"""EXIF's Orientation that undoes a clockwise turn of the stored picture."""


class Laid(Protocol):
    """A page lying in a photo, whichever camera took it."""

    def box(self, quad: Quad) -> tuple[int, int, int, int]:
        """Return the bounding box in pixels of a rectangle on the page (x0, y0, x1, y1 as fractions)."""
        ...


class Circumstances(Protocol):
    """What the truth tells about how a photo was taken: see the `Scene` of each camera."""

    @property
    def turn(self) -> int: ...
    @property
    def quality(self) -> int: ...
    @property
    def surface(self) -> str: ...
    @property
    def faults(self) -> tuple[str, ...]: ...


class Photo(Protocol):
    """A photograph, whichever camera took it: see the `Shot` of each camera."""

    @property
    def picture(self) -> NDArray[np.uint8]: ...
    @property
    def sheets(self) -> Sequence[Laid]: ...
    @property
    def scene(self) -> Circumstances: ...

    def hides(self, x: float, y: float) -> bool:
        """Return whether something lies over the sheet at this pixel."""
        ...


def save_picture(
    picture: NDArray[np.uint8], path: Path, quality: int = 85, exif_undo_turn: int = 0, max_bytes: int = 0
) -> None:
    """Write an RGB picture; the suffix chooses the format.

    Args:
        exif_undo_turn: the clockwise turn of the stored picture that the EXIF tag must undo (0: no tag).
        max_bytes: lower the quality until the file is no larger (0: no limit).
    """
    image = Image.fromarray(picture)
    options: dict[str, Any] = {}
    if exif_undo_turn:
        exif = Image.Exif()
        exif[0x0112] = _ORIENTATION[exif_undo_turn]
        options["exif"] = exif
    kind = path.suffix.lower()
    if kind == ".png":
        image.save(path, optimize=True)
        return
    if kind == ".heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    if kind == ".pdf":
        image.save(path, "PDF", resolution=image.width / (A4_MM[0] / 25.4), quality=quality)
        return
    form = {".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".heic": "HEIF"}[kind]
    while True:
        buffer = io.BytesIO()
        image.save(buffer, form, quality=quality, **options)
        if not max_bytes or buffer.tell() <= max_bytes or quality < 30:
            break
        quality -= 4
    path.write_bytes(buffer.getvalue())


def boxes_on(sheet: Laid, marks: Iterable[Mark], scale: float = 1.0) -> dict[str, list[dict[str, Any]]]:
    """Return per field the marked values with their boxes in the photo's own pixels times `scale`.

    `span` is the box of the value itself, `line` that of the printed line it stands on; one entry per printed line.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for mark in marks:
        for span, line in zip(mark.spans, mark.lines, strict=True):
            found.setdefault(mark.field, []).append(
                {
                    "text": mark.text,
                    "span": [round(v * scale) for v in sheet.box(span)],
                    "line": [round(v * scale) for v in sheet.box(line)],
                }
            )
    return found


def flat_sheet(dpi: int = PDF_DPI) -> Sheet:
    """Return the sheet of a PDF page seen straight on at `dpi`."""
    w, h = round(A4_MM[0] / 25.4 * dpi), round(A4_MM[1] / 25.4 * dpi)
    return Sheet(np.diag([w, h, 1.0]), np.zeros((2, 2, 2), np.float32), 0, w, h)


def copy_text_pdf(paper: Paper, path: Path) -> None:
    """Write the letter's own PDF, with its text layer."""
    shutil.copyfile(paper.pdf, path)


def hidden_fields(shot: Photo, boxes: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Return the fields of which no printed value is left in sight: under an envelope, or outside the frame."""
    height, width = shot.picture.shape[:2]

    def gone(box: list[int]) -> bool:
        x0, y0, x1, y1 = box
        if x0 <= 0 or y0 <= 0 or x1 >= width or y1 >= height:
            return True
        middle = (y0 + y1) / 2
        return any(shot.hides(x, middle) for x in (x0 + 2, (x0 + x1) / 2, x1 - 2))

    return [name for name, entries in boxes.items() if all(gone(entry["span"]) for entry in entries)]
