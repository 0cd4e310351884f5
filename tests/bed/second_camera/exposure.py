"""The light that reaches the lens at every pixel: table, sheets and what covers them, lit and exposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.bed.camera import Floats
from tests.bed.second_camera.cover import PX_PER_MM, Cover, covering
from tests.bed.second_camera.light import Light, on_canvas, shadow_of_the_holder, uneven
from tests.bed.second_camera.linear import CENTRE, PAGE_H, PAGE_W, Reals, to_linear
from tests.bed.second_camera.paper import Sheet, Surface
from tests.bed.second_camera.pinhole import Pinhole
from tests.bed.second_camera.room import surface
from tests.bed.second_camera.scene import Scene

STEP = 6
"""What is smooth (rays, light, the shape of paper) is worked out at every so many pixels, then enlarged."""
RIM_POINTS = 40


@dataclass(frozen=True, slots=True)
class Lying:
    """A cover on the sheet: `z` is the height in mm at which it lies."""

    paper: Cover
    z: float

    def pixels(self, camera: Pinhole) -> Reals:
        """Return its corners in pixels of the captured frame, one row each."""
        corners = self.paper.corners
        return np.stack(camera.project(corners[:, 0], corners[:, 1], np.full(4, self.z)), 1)


@dataclass(slots=True)
class _Seen:
    """A sheet as the coarse grid of rays meets it: (u, v) in mm on the flat page, its surface, the light on it."""

    u: Reals
    v: Reals
    surface: Surface
    light: Reals

    def inside(self) -> NDArray[np.bool_]:
        """Return which rays end on the sheet."""
        return (self.u > 0) & (self.u < PAGE_W) & (self.v > 0) & (self.v < PAGE_H)


class _Grid:
    """The coarse grid of rays over the frame."""

    def __init__(self, camera: Pinhole) -> None:
        self.camera = camera
        self.rows, self.columns = (-(-n // STEP) + 2 for n in (camera.height, camera.width))
        across, along = np.arange(self.columns) - 0.5, np.arange(self.rows) - 0.5
        self.px, self.py = np.meshgrid(across * STEP - 0.5, along * STEP - 0.5)
        self.rays = camera.rays(self.px, self.py)

    def full(self, values: Reals) -> Floats:
        """Return values of the grid for every pixel of the frame."""
        shape = (self.columns * STEP, self.rows * STEP)
        big = cv2.resize(values.astype(np.float32), shape, interpolation=cv2.INTER_LINEAR)
        return big[STEP : STEP + self.camera.height, STEP : STEP + self.camera.width]

    def falloff(self, scene: Scene) -> Reals:
        """Return how much of the light a lens lets through: cosine to the fourth, mostly evened out by the phone."""
        middle_x, middle_y = self.camera.width / 2, self.camera.height / 2
        slant = ((self.px - middle_x) ** 2 + (self.py - middle_y) ** 2) / self.camera.focal**2
        return (1 + slant) ** (0.0 if scene.light == "scanner" else -0.5)

    def on_sheet(self, sheet: Sheet) -> tuple[Reals, Reals, Surface]:
        """Return where on the flat page (mm) each ray meets the sheet, and its surface there.

        A fixed point: slopes are small, so a few steps are enough. Far from the sheet it is taken to go on level.
        """
        x, y = self.camera.meet(self.rays, 0.0)
        u, v = x - sheet.place.x, y - sheet.place.y
        for _ in range(8):
            near_u, near_v = np.clip(u, -30, PAGE_W + 30), np.clip(v, -30, PAGE_H + 30)
            here = sheet.at(near_u, near_v)
            met_x, met_y = self.camera.meet(self.rays, here.z)
            u, v = near_u + met_x - here.x, near_v + met_y - here.y
        return u, v, here


def exposed(
    pages: Sequence[Floats], sheets: Sequence[Sheet], scene: Scene, camera: Pinhole, rng: np.random.Generator
) -> tuple[Floats, Lying | None]:
    """Return the light at every pixel of the frame (linear RGB, white paper at the planned level), and the cover.

    `pages` is what each sheet gives back (see `printed`).
    """
    grid = _Grid(camera)
    ground = camera.meet(grid.rays, 0.0)
    met = [grid.on_sheet(sheet) for sheet in sheets]
    light = Light(scene, rng)
    frame = uneven(scene, (grid.rows, grid.columns)) * grid.falloff(scene)
    seen = [_Seen(u, v, here, light.on(*here) * frame) for u, v, here in met]
    on_ground = light.on(*ground, 0.0) * frame
    for sheet in sheets:
        rim = sheet.rim(RIM_POINTS)
        on_ground = on_ground * (1 - on_canvas(light.shadow_of(rim, 1.2 + 0.15 * rim[2].max()), *ground))
    usual = float(np.median(np.concatenate([one.light[one.inside()] for one in seen])))
    if scene.shadow:
        dark = scene.shadow_depth * (1 - 0.5 * scene.ambient) * shadow_of_the_holder(scene.shadow, rng)
        on_ground = on_ground * (1 - on_canvas(dark, *ground))
        for one in seen:
            one.light = one.light * (1 - on_canvas(dark, one.surface.x, one.surface.y))
    lying = None
    if scene.cover:
        first = seen[0]
        lying = Lying(covering(scene.cover, rng), float(first.surface.z[first.inside()].mean()) + 1.5)
        shade = light.shadow_of(lying.paper.outline(2.0), 1.5)
        first.light = first.light * (1 - on_canvas(shade, first.surface.x, first.surface.y))
        on_ground = on_ground * (1 - on_canvas(light.shadow_of(lying.paper.outline(lying.z), 2.5), *ground))
    out = _table(grid, ground, scene, rng) * grid.full(on_ground)[..., None]
    for page, one in zip(pages, seen, strict=True):
        _lay_sheet(out, page, one, grid, scene, rng)
    if lying is not None:
        x, y = camera.meet(grid.rays, lying.z)
        first = seen[0]
        _lay_cover(out, lying.paper, (x, y), light.on(first.surface.x, first.surface.y, lying.z) * frame, grid)
    white = float(to_linear(int(scene.level))) / (0.82 * usual)
    gain = white * np.array(scene.cast) / np.dot(scene.cast, [0.21, 0.72, 0.07])
    return out * gain.astype(np.float32) + np.float32(scene.veil), lying


def _edge(u: Floats, v: Floats, wide: float, high: float, scale: float) -> Floats:
    """Return how much of each pixel lies on a paper of `wide` by `high` mm; `scale` is in pixels a mm."""
    inner = np.minimum(np.minimum(u, wide - u), np.minimum(v, high - v))
    return np.clip(0.5 + inner * np.float32(scale), 0, 1)[..., None]


def _table(grid: _Grid, ground: tuple[Reals, Reals], scene: Scene, rng: np.random.Generator) -> Floats:
    x, y = ground[0] - CENTRE[0], ground[1] - CENTRE[1]
    turn = rng.choice([0, 90]) + rng.normal(0, 10)
    n = 2200 if scene.surface in {"papers", "newspaper"} else 1800
    mm = 2.3 * 1.05 * max(float(np.abs(x).max()), float(np.abs(y).max())) / n
    if scene.surface == "jeans":  # legs lead towards who holds the phone
        turn = rng.normal(0, 10)
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    top = surface(scene.surface, mm, n, rng)
    at_x, at_y = grid.full((x * cos + y * sin) / mm + n / 2), grid.full((y * cos - x * sin) / mm + n / 2)
    return cv2.remap(top, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def _lay_sheet(out: Floats, page: Floats, seen: _Seen, grid: _Grid, scene: Scene, rng: np.random.Generator) -> None:
    scale = grid.camera.scale
    ratio = PAGE_W * scale / page.shape[1]
    if ratio < 1:
        page = cv2.resize(page, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
    u, v = grid.full(seen.u), grid.full(seen.v)
    at_x, at_y = u * (page.shape[1] / PAGE_W) - 0.5, v * (page.shape[0] / PAGE_H) - 0.5
    laid = cv2.remap(page, at_x, at_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    laid = np.clip(laid, 0.005, 1) * grid.full(seen.light)[..., None]
    if scene.glare:
        laid += grid.full(_glare(seen, scene, rng))[..., None]
    out += _edge(u, v, PAGE_W, PAGE_H, scale) * (laid - out)


def _glare(seen: _Seen, scene: Scene, rng: np.random.Generator) -> Reals:
    """Return the light of a lamp that the paper mirrors: a slanted spot a few centimetres wide."""
    spot, way = CENTRE + rng.uniform(-0.3, 0.3, 2) * [PAGE_W, PAGE_H], rng.uniform(0, np.pi)
    u, v = seen.u - spot[0], seen.v - spot[1]
    along, across = u * np.cos(way) + v * np.sin(way), v * np.cos(way) - u * np.sin(way)
    return scene.glare * np.exp(-((along / rng.uniform(25, 60)) ** 2 + (across / rng.uniform(14, 30)) ** 2))


def _lay_cover(out: Floats, cover: Cover, met: tuple[Reals, Reals], light: Reals, grid: _Grid) -> None:
    x, y = met[0] - cover.corners[0, 0], met[1] - cover.corners[0, 1]
    cos, sin = np.cos(cover.angle), np.sin(cover.angle)
    u, v = grid.full(x * cos + y * sin), grid.full(y * cos - x * sin)
    share = min(1, grid.camera.scale / PX_PER_MM)
    small = cv2.resize(cover.picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    at_x, at_y = u * (small.shape[1] / cover.wide), v * (small.shape[0] / cover.high)
    laid = cv2.remap(small, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    out += _edge(u, v, cover.wide, cover.high, grid.camera.scale) * (laid * grid.full(light)[..., None] - out)
