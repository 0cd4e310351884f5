"""The second camera itself: flat pages in, the photograph and where everything lies on it out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import cv2
import numpy as np

from tests.bed.camera import Picture, Quad, bounding_box, turned_point
from tests.bed.second_camera.exposure import exposed
from tests.bed.second_camera.lens import blurred, developed, stored
from tests.bed.second_camera.linear import PAGE_H, PAGE_W, Reals
from tests.bed.second_camera.paper import Place, Sheet, printed
from tests.bed.second_camera.pinhole import Pinhole
from tests.bed.second_camera.scene import SCENES, Scene

__all__ = ["SCENES", "LaidSheet", "Shot", "photograph"]


@dataclass(frozen=True, slots=True)
class _File:
    """From pixels of the captured frame to those of the picture as stored, made smaller and turned.

    `width` and `height` are those of the stored picture in pixels.
    """

    camera: Pinhole
    turn: int
    width: int
    height: int

    def pixel(self, px: float, py: float) -> tuple[float, float]:
        upright = self.turn % 180 == 0
        w, h = (self.width, self.height) if upright else (self.height, self.width)
        px, py = (px + 0.5) * w / self.camera.width - 0.5, (py + 0.5) * h / self.camera.height - 0.5
        return turned_point(px, py, self.turn, w - 1, h - 1)


@dataclass(frozen=True, slots=True)
class LaidSheet:
    """A page lying in the photo: maps fractions of the page to pixels of the photo as stored."""

    sheet: Sheet
    file: _File

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of the point at `x`, `y` (fractions of the A4 page); it may lie outside of the photo."""
        there = self.sheet.at(np.array(x * PAGE_W), np.array(y * PAGE_H))
        px, py = self.file.camera.project(there.x, there.y, there.z)
        return self.file.pixel(float(px), float(py))

    def box(self, quad: Quad) -> tuple[int, int, int, int]:
        """Return the bounding box in pixels of a rectangle on the page (x0, y0, x1, y1 as fractions)."""
        return bounding_box(self.point, quad, self.file.width, self.file.height)


@dataclass(frozen=True, slots=True)
class Shot:
    """A photograph: RGB picture as stored, the sheets in it (in the order of the pages given), and its scene.

    `covered` are the corners, in pixels, of what lies over the sheets.
    """

    picture: Picture
    sheets: tuple[LaidSheet, ...]
    scene: Scene
    covered: tuple[Reals, ...] = field(default=())

    def hides(self, x: float, y: float) -> bool:
        """Return whether something lies over the sheet at this pixel."""
        return any(cv2.pointPolygonTest(c.astype(np.float32), (x, y), measureDist=False) >= 0 for c in self.covered)


@contextmanager
def _chance_of_libraries(rng: np.random.Generator) -> Iterator[None]:
    """Let Python's and NumPy's own generators, which augraphy uses, follow `rng`, and put them back afterwards."""
    python, numpy = random.getstate(), np.random.get_state()
    random.seed(int(rng.integers(2**31)))
    np.random.seed(int(rng.integers(2**31)))
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def _places(number: int, rng: np.random.Generator) -> list[Place]:
    """Return where the sheets lie: one in the middle, two beside each other with a gap."""
    if number == 1:
        return [Place()]
    away = PAGE_W / 2 + rng.uniform(5, 14)
    return [Place(side * away, rng.uniform(-8, 8), rng.uniform(-2.5, 2.5)) for side in (-1, 1)]


def photograph(pages: Sequence[Picture], scene: Scene, rng: np.random.Generator) -> Shot:
    """Return the photograph of one page, or of two sheets side by side.

    Args:
        pages: RGB pictures of flat, upright A4 pages, one or two.
        scene: what the resident's table, light, hand and phone do to it; two pages want a frame on its side.
        rng: the only source of chance.
    """
    with _chance_of_libraries(rng):
        sheets = [Sheet(scene, rng, place) for place in _places(len(pages), rng)]
        camera = Pinhole(scene, [sheet.rim(21) for sheet in sheets], rng)
        papers = [printed(page, scene, sheet.folds, rng) for page, sheet in zip(pages, sheets, strict=True)]
        light, lying = exposed(papers, sheets, scene, camera, rng)
        picture = stored(developed(blurred(light, scene, rng), scene, rng), scene)
    file = _File(camera, scene.turn, picture.shape[1], picture.shape[0])
    covered: list[Reals] = []
    if lying is not None:
        covered.append(np.array([file.pixel(float(px), float(py)) for px, py in lying.pixels(camera)]))
    return Shot(picture, tuple(LaidSheet(sheet, file) for sheet in sheets), scene, tuple(covered))
