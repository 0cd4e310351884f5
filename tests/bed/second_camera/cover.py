"""An envelope or another paper that lies over part of the letter."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tests.bed.camera import Floats
from tests.bed.render import A4_MM
from tests.bed.second_camera.linear import CENTRE, PAGE_H, PAGE_W, Reals, smooth_noise, to_linear
from tests.bed.second_camera.room import nonsense

KINDS = ("white envelope", "brown envelope", "window envelope", "letter", "leaflet")
PX_PER_MM = 4


@dataclass(frozen=True, slots=True)
class Cover:
    """A paper over the letter: what it gives back (linear RGB), its size in mm, and where it lies.

    `corners` are in mm in the world, clockwise from its own top left; `angle` is its turn in radians.
    """

    picture: Floats
    wide: float
    high: float
    corners: Reals
    angle: float

    def outline(self, z: float) -> Reals:
        """Return its edge at height `z`: x, y and z of ten points on each side."""
        following = np.roll(self.corners, -1, axis=0)
        edge = [np.linspace(a, b, 10) for a, b in zip(self.corners, following, strict=True)]
        return np.vstack([np.concatenate(edge).T, np.full(40, z)])


def covering(share: float, rng: np.random.Generator) -> Cover:
    """Return a paper that hides this share of the page, from any side."""
    kind = str(rng.choice(KINDS))
    envelope = (220.0, 110.0) if rng.random() < 0.6 else (229.0, 162.0)
    wide, high = {"letter": A4_MM, "leaflet": (148.0, 210.0)}.get(kind, envelope)
    picture = _picture(kind, wide, high, rng)
    corners, angle = _place(share, wide, high, rng)
    return Cover(picture, wide, high, corners, angle)


def _picture(kind: str, wide: float, high: float, rng: np.random.Generator) -> Floats:
    shape = (int(high * PX_PER_MM), int(wide * PX_PER_MM))
    paper = {"brown envelope": (176, 138, 96), "leaflet": (232, 226, 196)}.get(kind, (236, 236, 234))
    out = to_linear(paper) * np.exp(0.02 * smooth_noise(rng, shape, 40, 40))[..., None]
    if high > wide:
        block = out[80:-80, 70:-70]
        block *= 1 - 0.85 * nonsense(rng, block.shape[:2], 1 / PX_PER_MM, 5.0)[..., None]
    elif rng.random() < 0.5 and kind != "window envelope":  # its back, with the flap
        flap = [[0, 0], [shape[1] // 2, int(shape[0] * 0.55)], [shape[1], 0]]
        cv2.polylines(out, [np.array(flap, np.int32)], False, (0.35, 0.34, 0.32), 3, cv2.LINE_AA)
    else:
        address = out[shape[0] // 2 : shape[0] // 2 + 110, shape[1] // 8 : shape[1] // 8 + 340]
        ink = nonsense(rng, address.shape[:2], 1 / PX_PER_MM, 5.5)[..., None]
        address *= (0.85 if kind == "window envelope" else 1.0) - 0.6 * ink
        stamp = out[40:140, -140:-50]
        stamp[:] = to_linear(rng.integers(60, 200, 3)) * np.exp(0.3 * smooth_noise(rng, (100, 90), 30, 30))[..., None]
    return np.ascontiguousarray(out, np.float32)


def _place(share: float, wide: float, high: float, rng: np.random.Generator) -> tuple[Reals, float]:
    """Return corners (mm) and turn (radians) of a paper pushed over the page until it hides `share` of it."""
    normal = np.array([(1, 0), (-1, 0), (0, 1), (0, -1)][rng.integers(4)], float)
    skew = rng.normal(0, 8)
    upright = high < wide and normal[0] and rng.random() < 0.7
    angle = float(np.radians(skew + (90 if upright else 0)))
    cos, sin = np.cos(angle), np.sin(angle)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [wide / 2, high / 2]
    corners = corners @ np.array([[cos, sin], [-sin, cos]])
    start = CENTRE + normal * CENTRE + normal[::-1] * rng.uniform(-45, 45)
    page = np.array([[0, 0], [PAGE_W, 0], [PAGE_W, PAGE_H], [0, PAGE_H]], np.float32)
    near, far = -90.0, 260.0
    for _ in range(30):
        way = (near + far) / 2
        hidden = cv2.intersectConvexConvex((corners + start + normal * way).astype(np.float32), page)[0]
        near, far = (way, far) if hidden > share * PAGE_W * PAGE_H else (near, way)
    return corners + start + normal * way, angle
