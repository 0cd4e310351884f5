"""What the parts of the second camera share: the page in millimetres, linear light, and smooth noise."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from tests.bed.camera import Floats
from tests.bed.render import A4_MM

Reals = NDArray[np.floating]
PAGE_W, PAGE_H = A4_MM
CENTRE = np.array([PAGE_W / 2, PAGE_H / 2])
"""The middle of the page, in mm."""


def to_linear(levels: ArrayLike) -> Floats:
    """Return grey levels of 0 to 255 as linear light of 0 to 1 (sRGB, IEC 61966-2-1)."""
    table = np.arange(256) / 255
    curve = np.where(table <= 0.04045, table / 12.92, ((table + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return curve[np.asarray(levels, np.uint8)]


def to_srgb(linear: Floats) -> Floats:
    """Return linear light, clipped to 0 to 1, as stored values of 0 to 1.

    The straight piece of the curve near black (below 10 of 255) is left out.
    """
    out = cv2.pow(np.clip(linear, 0, 1), 1 / 2.4)
    out *= 1.055
    out -= 0.055
    return np.maximum(out, 0, out=out)


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, ...], cell_y: float, cell_x: float, octaves: int = 4
) -> Floats:
    """Return fractal noise of unit deviation whose largest lumps are `cell_y` by `cell_x` pixels."""
    out = np.zeros(shape, np.float32)
    for octave in range(octaves):
        rows, columns = (
            int(np.clip(n / cell * 2**octave + 2, 3, n + 2)) for n, cell in zip(shape, (cell_y, cell_x), strict=True)
        )
        lumps = rng.standard_normal((rows, columns), dtype=np.float32)
        out += 0.55**octave * cv2.resize(lumps, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return out / float(out.std() + 1e-6)
