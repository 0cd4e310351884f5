"""The printed letter as a piece of paper: what ink and fibres make of it, and how it is bent and folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import augraphy
import cv2
import numpy as np

from tests.bed.camera import Floats, Picture
from tests.bed.second_camera.linear import CENTRE, PAGE_H, PAGE_W, Reals, smooth_noise, to_linear
from tests.bed.second_camera.scene import Scene

STEP_MM = 0.25
COPIER_SIDES = ("left", "right", "top", "bottom", "top_left", "top_right", "bottom_left", "bottom_right")


def _faults(wear: float, rng: np.random.Generator) -> list[tuple[float, Any]]:
    """Return augraphy's faults of print and paper, each with the chance that a letter has it.

    Its Folding and DirtyRollers do not follow a seed and its DepthSimulatedBlur takes half a minute a page: folds and
    blur are made here and in `lens.py`. The dirt of a copier stays on one side: over the whole sheet nobody could read
    it; and no clean page has it.
    """
    copied = augraphy.BadPhotoCopy(
        noise_type=2,
        noise_side=str(rng.choice(COPIER_SIDES)),
        noise_iteration=(1, 1),
        noise_size=(1, 2),
        noise_sparsity=(0.1, 0.4),
        noise_concentration=(0.05, 0.2),
        blur_noise=1,
        wave_pattern=0,
        edge_effect=0,
    )
    return [
        (0.5, augraphy.InkBleed((0.1, 0.2 + wear), (3, 3), (0.1, 0.2 + wear / 2))),
        (0.25 * wear, augraphy.LowInkRandomLines((2, 5))),
        (0.2 * wear, augraphy.LowInkPeriodicLines((1, 2), (16, 40))),
        (0.5 * wear, augraphy.InkMottling((0.1, 0.25))),
        (0.5 * wear, augraphy.Letterpress((80, 200), (80, 200), (800, 3000), (150, 240))),
        (0.9 * max(0.0, wear - 0.2), copied),
        (0.5, augraphy.SubtleNoise(4)),
        (0.3, augraphy.BrightnessTexturize((0.96, 0.99), 0.02)),
        (0.4 * wear, augraphy.NoiseTexturize((1, 2), (2, 4))),
    ]


def printed(page: Picture, scene: Scene, folds: list[float], rng: np.random.Generator) -> Floats:
    """Return how much light each point of the printed page gives back (linear RGB, 0 to 1).

    `folds` are the heights of the folds in mm from the top; there the print is worn.
    """
    out = np.ascontiguousarray(page)
    for chance, fault in _faults(scene.wear, rng):
        if rng.random() < chance:
            out = np.ascontiguousarray(fault(out, force=True)[..., :3])
    light = to_linear(out)
    if scene.through:
        back = cv2.GaussianBlur(page[:, ::-1], (0, 0), page.shape[1] / 700)
        light *= 1 - scene.through * (1 - to_linear(back))
    px_per_mm = page.shape[0] / PAGE_H
    y = np.arange(page.shape[0]) / px_per_mm
    for fold in folds:  # the fibres break: ink flakes off, and the line itself is a little grey
        rough = np.clip(0.7 + 0.25 * smooth_noise(rng, (1, page.shape[1]), 1, 8 * px_per_mm), 0, 1)
        broken = np.exp(-(((y - fold) / rng.uniform(0.15, 0.35)) ** 2))[:, None] * rough
        near = np.flatnonzero(np.abs(y - fold) < 2)
        broken = broken[near]
        flaked = light[near] + (0.75 - light[near]) * (broken * rng.uniform(0.1, 0.5))[..., None]
        light[near] = flaked * (1 - rng.uniform(0.02, 0.12) * broken[..., None])
    yellow = np.array([1.0, 1.0, 1.0]) - rng.uniform(0, 0.06) * np.array([0.0, 0.25, 1.0])
    return light * np.float32(rng.uniform(0.8, 0.9)) * yellow.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the table a sheet lies: moved by `x` and `y` mm from the middle, turned by `angle` degrees."""

    x: float = 0.0
    y: float = 0.0
    angle: float = 0.0


class Surface(NamedTuple):
    """Points of a sheet in the world (mm) and its slopes dz/dx and dz/dy there."""

    x: Reals
    y: Reals
    z: Reals
    slope_x: Reals
    slope_y: Reals


@dataclass(frozen=True, slots=True)
class _Ridge:
    """A bend along one direction (cosine, sine): height and slope over the way `t` (mm), of true arc length."""

    cos: float
    sin: float
    t: Reals
    height: Reals
    slope: Reals
    lost: Reals
    """How much shorter the shadow of the paper is than the paper, from the middle on, in mm."""


class Sheet:
    """A sheet of A4 whose height over the table is a sum of ridges.

    `folds` are the heights of its folds in mm from the top; `lift` the height of its flat parts over the table.
    """

    def __init__(self, scene: Scene, rng: np.random.Generator, place: Place | None = None) -> None:
        self.place = place or Place()
        self.folds: list[float] = []
        self.lift = 0.0
        self._ridges: list[_Ridge] = []
        t = np.linspace(-420, 420, round(840 / STEP_MM) + 1)
        if scene.bend:
            length, way = rng.uniform(200, 420), rng.choice([0.0, 90.0]) + rng.normal(0, 12)
            height = scene.bend * rng.choice([-1, 1]) * np.cos(2 * np.pi * t / length + rng.uniform(-1, 1)) / 2
            self._add(way, t, height)
        if rng.random() < 0.5 and scene.light != "scanner":  # paper that was damp is wavy
            way, height = rng.uniform(0, 180), rng.uniform(0.1, 0.4)
            self._add(way, t, height * np.sin(2 * np.pi * t / rng.uniform(60, 140) + rng.uniform(0, 6)))
        if scene.curl:
            corner = np.arctan2(rng.choice([-1, 1]) * PAGE_H, rng.choice([-1, 1]) * PAGE_W)
            way = np.degrees(corner) + rng.normal(0, 6)
            start, reach = rng.uniform(90, 130), 0.5 * np.hypot(PAGE_W, PAGE_H)
            self._add(way, t, scene.curl * (np.clip(t - start, 0, None) / (reach - start)) ** 2)
        if scene.fold:
            parts = range(1, scene.fold_parts)
            self.folds = [PAGE_H * part / scene.fold_parts + rng.normal(0, 2) for part in parts]
            rolled = np.array([1, 1 if rng.random() < 0.6 else -1])[: len(self.folds)]  # else a zigzag
            slopes = rolled * np.tan(np.radians(scene.fold)) * rng.uniform(0.7, 1.1, len(self.folds))
            kinks = [_kink(t + CENTRE[1] - at, slope) for slope, at in zip(slopes, self.folds, strict=True)]
            self._add(90.0, t, np.sum(kinks, axis=0), 0.6)
        for _ in range(scene.crumple):
            slope = np.tan(np.radians(rng.uniform(2, 5))) * rng.choice([-1, 1])
            self._add(rng.uniform(0, 180), t, _kink(t - rng.uniform(-110, 110), 0.6 * slope), 0.5)
        u, v = np.meshgrid(np.linspace(0, PAGE_W, 43), np.linspace(0, PAGE_H, 61))
        self.lift = 0.4 - float(self.at(u, v).z.min())  # its lowest point rests on the table

    def _add(self, angle: float, t: Reals, height: Reals, smooth: float = 0.0) -> None:
        """Add a ridge along `angle` degrees; `smooth` mm round off its kinks, as stiff paper does."""
        if smooth:
            reach = int(4 * smooth / STEP_MM)
            kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP_MM / smooth) ** 2)
            wide = np.pad(height, reach, mode="reflect", reflect_type="odd")
            height = np.convolve(wide, kernel / kernel.sum(), "valid")
        slope = np.gradient(height, t)
        lost = np.cumsum(slope**2 / 2) * (t[1] - t[0])
        lost -= lost[len(t) // 2]
        way = np.radians(angle)
        self._ridges.append(_Ridge(float(np.cos(way)), float(np.sin(way)), t, height, slope, lost))

    def at(self, u: Reals, v: Reals) -> Surface:
        """Return where points (u, v), in mm on the flat page from its top left, lie in the world."""
        x, y = np.array(u, float) - CENTRE[0], np.array(v, float) - CENTRE[1]
        z = np.full(np.shape(u), self.lift)
        slope_x, slope_y = np.zeros(np.shape(u)), np.zeros(np.shape(u))
        for ridge in self._ridges:
            way = (u - CENTRE[0]) * ridge.cos + (v - CENTRE[1]) * ridge.sin
            at = np.interp(way, ridge.t, np.arange(len(ridge.t)))
            index = np.minimum(at.astype(int), len(ridge.t) - 2)
            part = at - index
            height, slope, lost = (
                line[index] * (1 - part) + line[index + 1] * part for line in (ridge.height, ridge.slope, ridge.lost)
            )
            x, y, z = x - lost * ridge.cos, y - lost * ridge.sin, z + height
            slope_x, slope_y = slope_x + slope * ridge.cos, slope_y + slope * ridge.sin
        cos, sin = np.cos(np.radians(self.place.angle)), np.sin(np.radians(self.place.angle))
        return Surface(
            x * cos - y * sin + CENTRE[0] + self.place.x,
            x * sin + y * cos + CENTRE[1] + self.place.y,
            z,
            slope_x * cos - slope_y * sin,
            slope_x * sin + slope_y * cos,
        )

    def rim(self, points: int) -> Reals:
        """Return the edge of the sheet in the world, clockwise: x, y and z (mm) of `points` points on each side."""
        there, back = np.linspace(0, 1, points), np.linspace(1, 0, points)
        u = np.concatenate([there, np.ones(points), back, np.zeros(points)]) * PAGE_W
        v = np.concatenate([np.zeros(points), there, np.ones(points), back]) * PAGE_H
        return np.stack(self.at(u, v)[:3])


def _kink(t: Reals, slope: float) -> Reals:
    """Return two planes that meet at t = 0, with the raised or pressed line that is left of a fold."""
    return slope * (np.abs(t) / 2 - 2.5 * np.exp(-np.abs(t) / 2.5))
