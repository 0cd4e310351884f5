"""A simulated phone: turns a flat page into the photograph a resident would make, and keeps track of every box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]
Quad = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that decides one photograph.

    `offset` moves the sheet (share of the frame) and `may_leave` lets it run out of the frame; `cover` lays an
    envelope over it. `long_side` is in pixels of the photo as stored; `fill` the share of the frame the sheet takes;
    `angle` in degrees clockwise; `tilt` the perspective as a share of the sheet (0 none, 0.1 strong); `surface` names a
    background; `light` the mean brightness of white paper (0 to 1); `shade` the depth of the light's slope; `hand` the
    depth of a hand's shadow (0 none); `blur` and `motion` in pixels at 1600 px long side; `folds` the number of
    creases; `curl` the paper's bend in thousandths of its height; `noise` the sensor's noise in grey levels;
    `turn` the clockwise turn of the stored picture in degrees; `quality` of the JPEG; `passes` how often it is saved.
    """

    long_side: int = 2048
    fill: float = 0.93
    angle: float = 0.0
    tilt: float = 0.02
    surface: str = "wood"
    light: float = 0.9
    shade: float = 0.1
    hand: float = 0.0
    blur: float = 0.0
    motion: float = 0.0
    folds: int = 0
    curl: float = 1.0
    noise: float = 3.0
    turn: int = 0
    quality: int = 85
    passes: int = 1
    tint: float = 0.0
    cover: str = ""
    offset: tuple[float, float] = (0.0, 0.0)
    may_leave: bool = False
    faults: tuple[str, ...] = ()


def turned_point(x: float, y: float, turn: int, right: float, bottom: float) -> tuple[float, float]:
    """Return where a point of an upright picture lies after a clockwise turn of 0, 90, 180 or 270 degrees.

    `right` and `bottom` are the ends of the upright picture in pixels.
    """
    return {0: (x, y), 90: (bottom - y, x), 180: (right - x, bottom - y), 270: (y, right - x)}[turn]


def bounding_box(
    point: Callable[[float, float], tuple[float, float]], quad: Quad, width: int, height: int
) -> tuple[int, int, int, int]:
    """Return the box in pixels round a rectangle on the page (fractions), cut off at the photo's own edges.

    `point` maps fractions of the page to pixels of a photo of `width` by `height`; lines may be bent on it.
    """
    x0, y0, x1, y1 = quad
    steps = np.linspace(0, 1, 5)
    edge = [point(x0 + (x1 - x0) * s, y) for s in steps for y in (y0, y1)]
    xs, ys = [p[0] for p in edge], [p[1] for p in edge]
    return (
        max(0, int(np.floor(min(xs)))),
        max(0, int(np.floor(min(ys)))),
        min(width, int(np.ceil(max(xs)))),
        min(height, int(np.ceil(max(ys)))),
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page lying in the photo: maps fractions of the page to pixels of the photo as stored."""

    matrix: NDArray[np.float64]
    bend: Floats
    turn: int
    width: int
    height: int

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of the point at `x`, `y` (fractions of the A4 page, origin top left)."""
        rows, columns = self.bend.shape[:2]
        shift = self.bend[min(max(int(y * rows), 0), rows - 1), min(max(int(x * columns), 0), columns - 1)]
        v = self.matrix @ np.array([x + float(shift[0]), y + float(shift[1]), 1.0])
        px, py = float(v[0] / v[2]), float(v[1] / v[2])
        w, h = (self.width, self.height) if self.turn % 180 == 0 else (self.height, self.width)
        return turned_point(px, py, self.turn, w, h)

    def box(self, quad: Quad) -> tuple[int, int, int, int]:
        """Return the bounding box in pixels of a rectangle on the page (x0, y0, x1, y1 as fractions)."""
        return bounding_box(self.point, quad, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Shot:
    """A photograph: RGB picture as stored, the sheets in it (in the order of the pages given), and its scene."""

    picture: Picture
    sheets: tuple[Sheet, ...]
    scene: Scene
    covered: tuple[tuple[int, int, int, int], ...] = field(default=())

    def hides(self, x: float, y: float) -> bool:
        """Return whether something lies over the sheet at this pixel."""
        return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in self.covered)


# --- surfaces -------------------------------------------------------------------------------------------------------


def _smooth(rng: np.random.Generator, h: int, w: int, cells: float, stretch: float = 1.0) -> Floats:
    """Return soft noise in -1..1 with about `cells` bumps over the height; `stretch` lengthens them sideways."""
    ch, cw = max(2, int(cells)), max(2, int(cells * w / h / stretch))
    small = rng.standard_normal((ch, cw)).astype(np.float32)
    big = cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)
    return np.clip(big / 2.2, -1, 1)


def _wood(rng: np.random.Generator, h: int, w: int) -> Floats:
    base = np.array([(150, 108, 70), (112, 76, 48), (190, 152, 108), (88, 62, 44)][rng.integers(4)], np.float32)
    grain = 0.6 * _smooth(rng, h, w, h / 9, 40) + 0.4 * _smooth(rng, h, w, h / 30, 25)
    rings = np.sin((np.linspace(0, rng.uniform(20, 45), h, dtype=np.float32)[:, None]) + 3.2 * _smooth(rng, h, w, 5, 3))
    out = base * (1 + 0.13 * grain + 0.06 * rings)[..., None]
    for y in np.arange(rng.uniform(0, h / 4), h, h / rng.uniform(2.2, 4.5)):
        out[int(y) : int(y) + max(2, h // 420)] *= 0.55
    return out


def _cloth(rng: np.random.Generator, h: int, w: int) -> Floats:
    base = np.array(
        [(168, 40, 46), (58, 84, 128), (204, 196, 176), (96, 122, 92), (70, 66, 74)][rng.integers(5)], np.float32
    )
    step = max(3, h // 300)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    weave = 0.07 * np.sin(2 * np.pi * xx / step) * np.sin(2 * np.pi * yy / step)
    out = base * (1 + weave + 0.16 * _smooth(rng, h, w, 4) + 0.05 * _smooth(rng, h, w, h / 5))[..., None]
    if rng.random() < 0.5:
        band = max(14, h // int(rng.integers(7, 13)))
        check = ((xx // band) % 2) * 0.16 + ((yy // band) % 2) * 0.16
        out = out * (1 - check)[..., None] + 215 * check[..., None]
    return out


def _tiles(rng: np.random.Generator, h: int, w: int) -> Floats:
    base = np.array([(214, 210, 202), (122, 118, 114), (176, 128, 98), (60, 62, 66)][rng.integers(4)], np.float32)
    size = h // int(rng.integers(3, 6))
    yy, xx = np.mgrid[0:h, 0:w]
    joint = max(3, h // 200)
    out = np.broadcast_to(base, (h, w, 3)).astype(np.float32).copy()
    tone = 1 + 0.06 * rng.standard_normal((h // size + 2, w // size + 2)).astype(np.float32)
    out *= tone[yy // size, xx // size][..., None]
    out *= (1 + 0.05 * _smooth(rng, h, w, 40) + 0.03 * _smooth(rng, h, w, h / 6))[..., None]
    out[((yy % size) < joint) | ((xx % size) < joint)] *= 0.62 if base.mean() > 100 else 1.7
    return out


def _plain(rng: np.random.Generator, h: int, w: int) -> Floats:
    base = np.array(
        [(92, 98, 104), (64, 58, 52), (130, 120, 108), (46, 62, 78), (150, 140, 126)][rng.integers(5)], np.float32
    )
    return base * (1 + 0.05 * _smooth(rng, h, w, 6) + 0.025 * _smooth(rng, h, w, h / 5))[..., None]


def _white(rng: np.random.Generator, h: int, w: int) -> Floats:
    base = np.array([(236, 235, 232), (228, 227, 222), (241, 241, 240)][rng.integers(3)], np.float32)
    return base * (1 + 0.012 * _smooth(rng, h, w, 4) + 0.006 * _smooth(rng, h, w, h / 5))[..., None]


def _carpet(rng: np.random.Generator, h: int, w: int) -> Floats:
    base = np.array([(104, 92, 84), (72, 78, 92), (132, 120, 102)][rng.integers(3)], np.float32)
    return (
        base
        * (1 + 0.22 * _smooth(rng, h, w, h / 3) + 0.12 * _smooth(rng, h, w, h / 14) + 0.1 * _smooth(rng, h, w, 5))[
            ..., None
        ]
    )


SURFACES: dict[str, Callable[[np.random.Generator, int, int], Floats]] = {
    "wood": _wood,
    "cloth": _cloth,
    "tiles": _tiles,
    "plain": _plain,
    "white": _white,
    "carpet": _carpet,
}


def _surface(name: str, rng: np.random.Generator, h: int, w: int) -> Floats:
    """Return the background at full size; its texture is drawn at no more than 1000 rows to be quick."""
    sh = min(h, 1000)
    sw = max(2, round(w * sh / h))
    small = np.clip(SURFACES[name](rng, sh, sw), 0, 255).astype(np.float32)
    if rng.random() < 0.5 and name == "wood":
        small = np.ascontiguousarray(cv2.resize(np.ascontiguousarray(np.rot90(small)), (sw, sh)))
    return small if sh == h else cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)


# --- paper ----------------------------------------------------------------------------------------------------------


def _paper(page: Picture, scene: Scene, rng: np.random.Generator, height: int) -> Floats:
    """Return the page as printed paper at `height` pixels: tone, weak grain, show-through, creases' light."""
    width = round(height * page.shape[1] / page.shape[0])
    small = cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    tone = np.array([255, 254 - 2 * rng.random(), 250 - 9 * rng.random() - 18 * scene.tint], np.float32) / 255
    ink = rng.uniform(0.9, 1.0)
    small = (255 - (255 - small) * ink) * tone
    small *= (1 + 0.008 * _smooth(rng, height, width, 60))[..., None]
    if rng.random() < 0.35:
        back = cv2.GaussianBlur(small[:, ::-1], (0, 0), height / 500)
        small = small * (1 - 0.05 * (1 - back / 255))
    for i in range(scene.folds):
        across = rng.random() < 0.75 or i < 2
        n = height if across else width
        at = (i + 1) / (scene.folds + 1) * n + rng.normal(0, n * 0.02) if across else n / 2
        slope = rng.normal(0, 0.008)
        other = np.arange(width if across else height, dtype=np.float32)
        line = at + slope * (other - other.size / 2)
        grid = np.arange(n, dtype=np.float32)
        dist = grid[:, None] - line[None, :] if across else (grid[None, :] - line[:, None])
        wide = n * rng.uniform(0.015, 0.04)
        depth = rng.uniform(0.04, 0.13) * (1 if rng.random() < 0.5 else -1)
        light = 1 + depth * np.sign(dist) * np.exp(-np.abs(dist) / wide)
        edge = 1 - rng.uniform(0.05, 0.2) * np.exp(-((dist / max(1.0, n / 900)) ** 2))
        small *= (light * edge)[..., None]
    return small


def _bend(scene: Scene, rng: np.random.Generator) -> Floats:
    """Return the paper's bend as shifts (dx, dy) in fractions of the page on a coarse grid."""
    rows, columns = 48, 34
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    y, x = y / rows, x / columns
    amount = scene.curl / 1000
    phase = rng.uniform(0, np.pi, 3)
    dy = amount * (np.sin(np.pi * x * rng.uniform(0.7, 1.6) + phase[0]) + 0.4 * np.sin(2 * np.pi * y + phase[1]))
    dx = 0.5 * amount * np.sin(np.pi * y * rng.uniform(0.7, 1.5) + phase[2])
    for i in range(scene.folds):
        at = (i + 1) / (scene.folds + 1)
        dy = dy + amount * 0.9 * np.abs(y - at) * rng.choice([-1, 1]) * np.sin(np.pi * x)
    return np.dstack([dx, dy]).astype(np.float32)


def _corners(scene: Scene, rng: np.random.Generator, w: int, h: int, ratio: float) -> NDArray[np.float64]:
    """Return the four corners of the sheet in the upright photo, clockwise from the page's own top left."""
    sheet_h = min(h * scene.fill, w * scene.fill * ratio)
    sheet_w = sheet_h / ratio
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64) * (sheet_w / 2, sheet_h / 2)
    t = scene.tilt
    squeeze_top, squeeze_side = rng.uniform(-t, t), rng.uniform(-t, t) * 0.7
    square[[0, 1], 0] *= 1 - squeeze_top
    square[[2, 3], 0] *= 1 + squeeze_top
    square[[0, 3], 1] *= 1 - squeeze_side
    square[[1, 2], 1] *= 1 + squeeze_side
    square += rng.normal(0, 0.004 * sheet_w, (4, 2))
    a = np.deg2rad(scene.angle)
    square = square @ np.array([(np.cos(a), np.sin(a)), (-np.sin(a), np.cos(a))])
    if not scene.may_leave:  # a resident who takes care keeps the whole sheet in the frame, also a slanted one
        square *= min(1.0, 0.985 * w / np.ptp(square[:, 0]), 0.985 * h / np.ptp(square[:, 1]))
    spare_x, spare_y = w - np.ptp(square[:, 0]), h - np.ptp(square[:, 1])
    centre = (w / 2 + scene.offset[0] * w, h / 2 + scene.offset[1] * h)
    shift = (rng.uniform(-0.3, 0.3) * max(0.0, spare_x), rng.uniform(-0.3, 0.3) * max(0.0, spare_y))
    middle = (square.min(0) + square.max(0)) / 2
    return square - middle + np.array(centre) + np.array(shift)


# --- light and lens -------------------------------------------------------------------------------------------------


def _light(scene: Scene, rng: np.random.Generator, h: int, w: int) -> Floats:
    """Return the light over the photo (1 is full), drawn small and enlarged."""
    sh, sw = 120, max(2, round(120 * w / h))
    y, x = np.mgrid[0:sh, 0:sw].astype(np.float32)
    y, x = y / sh - 0.5, x / sw - 0.5
    a = rng.uniform(0, 2 * np.pi)
    field_ = 1 + scene.shade * (np.cos(a) * x + np.sin(a) * y) * 2 - 0.25 * scene.shade * (x * x + y * y) * 2
    field_ = field_ + 0.05 * scene.shade * _smooth(rng, sh, sw, 3)
    if scene.hand > 0:
        mask = np.zeros((sh, sw), np.float32)
        side = rng.integers(4)
        px, py = [(0.15, 0.9), (0.85, 0.9), (0.1, 0.4), (0.9, 0.5)][side]
        centre = np.array([px * sw + rng.normal(0, 6), py * sh + rng.normal(0, 6)])
        goal = np.array([0.5 * sw, 0.42 * sh]) + rng.normal(0, 8, 2)
        aim = (goal - centre) / np.linalg.norm(goal - centre)
        cross = np.array([-aim[1], aim[0]])
        cv2.ellipse(
            mask,
            tuple(int(v) for v in centre),
            (int(0.30 * sh), int(0.22 * sh)),
            float(np.degrees(np.arctan2(aim[1], aim[0]))),
            0,
            360,
            1.0,
            -1,
        )
        for finger in range(5):
            start = centre + cross * (finger - 2) * 0.075 * sh
            end = start + aim * sh * (0.34 + 0.06 * (2 - abs(finger - 2))) + cross * (finger - 2) * 0.03 * sh
            cv2.line(mask, tuple(int(v) for v in start), tuple(int(v) for v in end), 1.0, max(3, int(0.055 * sh)))
        arm = centre - aim * sh
        cv2.line(mask, tuple(int(v) for v in centre), tuple(int(v) for v in arm), 1.0, int(0.2 * sh))
        mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(1.6, 4.5))
        field_ = field_ * (1 - scene.hand * np.clip(mask, 0, 1))
    return cv2.resize(np.clip(field_, 0.05, 1.5), (w, h), interpolation=cv2.INTER_LINEAR)


def _motion_kernel(length: float, angle: float) -> Floats:
    n = max(3, int(np.ceil(length)) | 1)
    kernel = np.zeros((n, n), np.float32)
    c = (n - 1) / 2
    d = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    cv2.line(kernel, (round(c - d[0]), round(c - d[1])), (round(c + d[0]), round(c + d[1])), 1.0, 1)
    return kernel / kernel.sum()


def _lens(picture: Floats, scene: Scene, rng: np.random.Generator) -> Floats:
    scale = max(picture.shape[:2]) / 1600
    if scene.blur * scale > 0.25:
        picture = cv2.GaussianBlur(picture, (0, 0), scene.blur * scale)
    if scene.motion * scale >= 1.2:
        picture = cv2.filter2D(picture, -1, _motion_kernel(scene.motion * scale, rng.uniform(0, np.pi)))
    return picture


def _sensor(picture: Floats, scene: Scene, rng: np.random.Generator) -> Picture:
    """Return the picture as eight bits: white balance, exposure, noise of a phone (finer in the light), sharpening."""
    balance = np.array([1 + rng.normal(0, 0.025), 1.0, 1 + rng.normal(0, 0.035)], np.float32)
    picture = picture * (balance * np.float32(scene.light))
    h, w = picture.shape[:2]
    grain = rng.standard_normal((min(h, 1024), min(w, 1024), 1), dtype=np.float32)
    if rng.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (0, 0), 0.6)[..., None] * 1.6
    grain = np.tile(grain, (-(-h // grain.shape[0]), -(-w // grain.shape[1]), 1))[:h, :w]
    picture += grain * scene.noise
    return np.clip(picture, 0, 255).astype(np.uint8)


def _envelope(canvas: Floats, box: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Draw an envelope with a window over the quadrilateral `box`, in place."""
    h, w = canvas.shape[:2]
    paper = np.array([(238, 236, 230), (206, 186, 150), (196, 214, 232)][rng.integers(3)], np.float32)
    sheet = np.ones((600, 1180, 3), np.float32) * paper
    sheet *= (1 + 0.02 * _smooth(rng, 600, 1180, 12))[..., None]
    cv2.line(sheet, (0, 8), (590, 300), tuple(float(v) * 0.9 for v in paper), 4)
    cv2.line(sheet, (1180, 8), (590, 300), tuple(float(v) * 0.9 for v in paper), 4)
    m = cv2.getPerspectiveTransform(
        np.array([(0, 0), (1180, 0), (1180, 600), (0, 600)], np.float32), box.astype(np.float32)
    )
    mask = cv2.warpPerspective(np.ones((600, 1180), np.float32), m, (w, h))
    shadow = cv2.GaussianBlur(mask, (0, 0), max(2.0, h / 160))
    canvas *= (1 - 0.35 * np.clip(shadow - mask, 0, 1))[..., None]
    warped = cv2.warpPerspective(sheet, m, (w, h))
    np.copyto(canvas, canvas * (1 - mask[..., None]) + warped * mask[..., None])


def _page_map(
    inverse: NDArray[np.float64], bend: Floats, window: tuple[int, int, int, int], step: int = 8
) -> tuple[Floats, Floats]:
    """Return for every pixel of a window (x0, y0, x1, y1) where it lies on the page, as fractions.

    The map is smooth, so it is computed at every eighth pixel and enlarged.
    """
    x0, y0, x1, y1 = window
    w, h = x1 - x0, y1 - y0
    columns, rows = -(-w // step) + 2, -(-h // step) + 2
    xs = (x0 + (np.arange(columns) - 1 + 0.5) * step - 0.5)[None, :]
    ys = (y0 + (np.arange(rows) - 1 + 0.5) * step - 0.5)[:, None]
    deep = inverse[2, 0] * xs + inverse[2, 1] * ys + inverse[2, 2]
    u = ((inverse[0, 0] * xs + inverse[0, 1] * ys + inverse[0, 2]) / deep).astype(np.float32)
    v = ((inverse[1, 0] * xs + inverse[1, 1] * ys + inverse[1, 2]) / deep).astype(np.float32)
    at_x, at_y = u * bend.shape[1] - 0.5, v * bend.shape[0] - 0.5
    shift = cv2.remap(bend, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    whole = np.dstack([u - shift[..., 0], v - shift[..., 1]])
    big = cv2.resize(whole, (columns * step, rows * step), interpolation=cv2.INTER_LINEAR)
    inner = big[step : step + h, step : step + w]
    return np.ascontiguousarray(inner[..., 0]), np.ascontiguousarray(inner[..., 1])


def _place(
    canvas: Floats, page: Picture, corners: NDArray[np.float64], scene: Scene, rng: np.random.Generator
) -> Sheet:
    """Lay one page on the canvas, in place, and return where it lies."""
    h, w = canvas.shape[:2]
    tall = float(max(np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1])))
    ratio = page.shape[1] / page.shape[0]
    ph = int(min(page.shape[0], max(200, tall * 1.15)))
    pw = round(ph * ratio)
    paper = _paper(page, scene, rng, ph)
    bend = _bend(scene, rng)
    unit = cv2.getPerspectiveTransform(
        np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32), corners.astype(np.float32)
    )
    x0, y0 = np.maximum(np.floor(corners.min(0)) - 30, 0).astype(int)
    x1, y1 = np.minimum(np.ceil(corners.max(0)) + 30, (w, h)).astype(int)
    u, v = _page_map(np.linalg.inv(unit), bend, (int(x0), int(y0), int(x1), int(y1)))
    eight = np.clip(paper, 0, 255).astype(np.uint8)
    patch = cv2.remap(eight, u * pw - 0.5, v * ph - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.clip(np.minimum(np.minimum(u, 1 - u) * pw, np.minimum(v, 1 - v) * ph) + 0.5, 0, 1)
    region = canvas[y0:y1, x0:x1]
    whole = np.zeros((h // 4 + 1, w // 4 + 1), np.float32)
    cv2.fillConvexPoly(whole, np.round((corners + (tall * 0.006, tall * 0.008)) / 4).astype(np.int32), 1.0)
    soft = cv2.GaussianBlur(whole, (0, 0), max(1.0, tall / 4 / 110))
    drop = cv2.resize(soft, (whole.shape[1] * 4, whole.shape[0] * 4))[y0:y1, x0:x1]
    region *= (1 - 0.4 * np.clip(drop, 0, 1) * (1 - mask))[..., None]
    np.copyto(region, region * (1 - mask[..., None]) + patch * mask[..., None])
    tw, th = (w, h) if scene.turn % 180 == 0 else (h, w)
    return Sheet(unit.astype(np.float64), bend, scene.turn, tw, th)


def saved_again(picture: Picture, quality: int) -> Picture:
    """Return the picture after it was saved as a JPEG of this quality (0 to 100) and opened again."""
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def photograph(pages: list[Picture], scene: Scene, rng: np.random.Generator) -> Shot:
    """Return the photograph of one page, or of several sheets side by side.

    Args:
        pages: RGB pictures of flat A4 pages, one or two.
        scene: what the resident's table, hand and phone do to it.
        rng: the only source of chance.
    """
    landscape = len(pages) == 2
    short = round(scene.long_side * 3 / 4)
    w, h = (scene.long_side, short) if landscape else (short, scene.long_side)
    canvas = _surface(scene.surface, rng, h, w)
    sheets: list[Sheet] = []
    covered: list[tuple[int, int, int, int]] = []
    for index, page in enumerate(pages):
        here = scene
        if landscape:
            here = replace(scene, angle=scene.angle + rng.uniform(-4, 4))
            corners = _corners(here, rng, w // 2 - w // 60, h, page.shape[0] / page.shape[1]) + (
                index * (w // 2 + w // 60),
                0,
            )
        else:
            corners = _corners(here, rng, w, h, page.shape[0] / page.shape[1])
        sheets.append(_place(canvas, page, corners, here, rng))
        if scene.cover:
            span_x, span_y = corners[1] - corners[0], corners[3] - corners[0]
            at = {"bottom": (0.25, 0.72), "side": (0.62, 0.35), "top": (0.45, -0.12)}[scene.cover]
            origin = corners[0] + span_x * at[0] + span_y * at[1]
            tip = np.deg2rad(rng.uniform(-14, 14))
            spin = np.array([(np.cos(tip), np.sin(tip)), (-np.sin(tip), np.cos(tip))])
            quad = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) * (
                np.linalg.norm(span_x) * 1.02,
                np.linalg.norm(span_x) * 0.52,
            )
            quad = quad @ spin + origin
            _envelope(canvas, quad, rng)
            covered.append((*(int(q) for q in quad.min(0)), *(int(q) for q in quad.max(0))))  # type: ignore[arg-type]
    canvas *= _light(scene, rng, h, w)[..., None]
    picture = _sensor(_lens(canvas, scene, rng), scene, rng)
    if scene.turn:
        picture = np.ascontiguousarray(np.rot90(picture, k=-(scene.turn // 90)))
    for _ in range(scene.passes - 1):
        picture = saved_again(picture, scene.quality)
    return Shot(picture, tuple(sheets), scene, tuple(covered))


def scan(page: Picture, rng: np.random.Generator, dpi: int = 200) -> Shot:
    """Return a flatbed scan of a page at `dpi`: nearly straight, even light, a little noise."""
    h = round(297 / 25.4 * dpi)
    w = round(h * page.shape[1] / page.shape[0])
    small = cv2.resize(page, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32)
    angle = np.deg2rad(rng.uniform(-0.6, 0.6))
    to_pixels = np.diag([w, h, 1.0])
    turned = np.array([(np.cos(angle), -np.sin(angle), 0), (np.sin(angle), np.cos(angle), 0), (0, 0, 1.0)])
    middle = np.array([(1, 0, w / 2), (0, 1, h / 2), (0, 0, 1.0)])
    m = middle @ turned @ np.linalg.inv(middle)
    small = cv2.warpPerspective(small, m, (w, h), flags=cv2.INTER_LINEAR, borderValue=(250, 250, 250))
    small = np.clip((small - 128) * rng.uniform(0.95, 1.05) + 128, 0, 250)
    grain = rng.standard_normal((h, w, 1), dtype=np.float32) * 2
    picture = np.clip(small + grain, 0, 255).astype(np.uint8)
    sheet = Sheet(m @ to_pixels, np.zeros((2, 2, 2), np.float32), 0, w, h)
    return Shot(picture, (sheet,), Scene(long_side=h, surface="scan"))


# --- profiles -------------------------------------------------------------------------------------------------------


def _good(rng: np.random.Generator) -> Scene:
    return Scene(
        long_side=int(rng.choice([1600, 2048, 2560, 2560, 4032])),
        fill=rng.uniform(0.9, 0.98),
        angle=rng.uniform(-2.5, 2.5),
        tilt=rng.uniform(0, 0.025),
        surface=str(rng.choice(["plain", "wood"])),
        light=rng.uniform(0.84, 0.98),
        shade=rng.uniform(0.03, 0.16),
        blur=rng.uniform(0, 0.45),
        folds=int(rng.choice([0, 0, 2])),
        curl=rng.uniform(0, 2),
        noise=rng.uniform(1, 4),
        quality=int(rng.integers(80, 95)),
    )


def _table(rng: np.random.Generator) -> Scene:
    return Scene(
        long_side=int(rng.choice([1280, 1600, 2560, 4032], p=[0.25, 0.35, 0.3, 0.1])),
        fill=rng.uniform(0.74, 0.92),
        angle=rng.uniform(-12, 12),
        tilt=rng.uniform(0.03, 0.08),
        surface=str(rng.choice(["wood", "cloth", "tiles", "carpet"])),
        light=rng.uniform(0.72, 0.95),
        shade=rng.uniform(0.1, 0.35),
        blur=rng.uniform(0, 0.55),
        folds=int(rng.choice([0, 2, 2])),
        curl=rng.uniform(0.5, 4),
        noise=rng.uniform(2, 6),
        quality=int(rng.integers(74, 92)),
    )


def _bad(rng: np.random.Generator) -> Scene:
    faults = {
        str(f)
        for f in rng.choice(["hand", "motion", "creases", "low", "turned"], size=int(rng.integers(2, 4)), replace=False)
    }
    base = replace(
        _table(rng),
        long_side=1600,
        fill=rng.uniform(0.8, 0.95),
        noise=rng.uniform(3, 8),
        quality=int(rng.integers(55, 76)),
        passes=2,
    )
    if "hand" in faults:
        base = replace(base, hand=rng.uniform(0.3, 0.6))
    if "motion" in faults:
        base = replace(base, motion=rng.uniform(2.0, 4.2), blur=rng.uniform(0.3, 0.7))
    if "creases" in faults:
        base = replace(base, folds=int(rng.integers(3, 6)), curl=rng.uniform(3, 8))
    if "low" in faults:
        base = replace(base, light=rng.uniform(0.4, 0.58), noise=rng.uniform(6, 11))
    if "turned" in faults:
        base = replace(base, turn=int(rng.choice([90, 180, 270])))
    return replace(base, faults=tuple(sorted(faults)))


def _dark(rng: np.random.Generator) -> Scene:
    return replace(_table(rng), light=rng.uniform(0.13, 0.26), noise=rng.uniform(5, 10), faults=("dark",))


def _far(rng: np.random.Generator) -> Scene:
    return replace(
        _table(rng), fill=rng.uniform(0.36, 0.5), faults=("far",), long_side=int(rng.choice([1280, 1600, 2560]))
    )


def _covered(rng: np.random.Generator) -> Scene:
    return replace(_table(rng), cover=str(rng.choice(["bottom", "side", "top"])), faults=("covered",))


def _white_on_white(rng: np.random.Generator) -> Scene:
    return replace(
        _good(rng), surface="white", fill=rng.uniform(0.8, 0.92), angle=rng.uniform(-7, 7), faults=("white",)
    )


def _cut(rng: np.random.Generator) -> Scene:
    away = rng.uniform(0.12, 0.24) * rng.choice([-1, 1])
    return replace(
        _table(rng),
        fill=rng.uniform(0.94, 1.1),
        may_leave=True,
        offset=(float(away), float(rng.uniform(-0.1, 0.1))),
        faults=("cut",),
    )


def _blurred(rng: np.random.Generator) -> Scene:
    return replace(_table(rng), blur=rng.uniform(3, 6), motion=rng.uniform(0, 12), faults=("blurred",))


def _two(rng: np.random.Generator) -> Scene:
    return replace(
        _table(rng),
        long_side=int(rng.choice([2048, 2560, 4032])),
        tilt=rng.uniform(0.01, 0.03),
        angle=rng.uniform(-3, 3),
        fill=rng.uniform(0.82, 0.88),
        faults=("two",),
    )


SCENES: dict[str, Callable[[np.random.Generator], Scene]] = {
    "good": _good,
    "table": _table,
    "bad": _bad,
    "dark": _dark,
    "far": _far,
    "covered": _covered,
    "white": _white_on_white,
    "two": _two,
    "cut": _cut,
    "blurred": _blurred,
}


def closed_envelope(
    sender_lines: list[str], address: list[str], rng: np.random.Generator, long_side: int = 1600
) -> Picture:
    """Return the photo of a closed envelope on a table: printed return address, the addressee behind a window."""
    from PIL import Image, ImageDraw, ImageFont

    ew, eh = 1760, 880
    paper = [(244, 243, 239), (176, 204, 232), (222, 204, 170)][int(rng.integers(3))]
    image = Image.new("RGB", (ew, eh), paper)
    draw = ImageDraw.Draw(image)

    def type_face(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype("LiberationSans-Bold.ttf" if bold else "LiberationSans-Regular.ttf", size)

    draw.text((90, 70), sender_lines[0], font=type_face(46, True), fill=(40, 40, 60))
    for i, line in enumerate(sender_lines[1:]):
        draw.text((90, 130 + 34 * i), line, font=type_face(28), fill=(60, 60, 70))
    draw.rounded_rectangle((160, 420, 1010, 770), 30, fill=(250, 250, 249), outline=(150, 150, 150), width=3)
    draw.text((200, 445), "Retouradres: " + ", ".join(sender_lines)[:52], font=type_face(20), fill=(50, 50, 50))
    for i, line in enumerate(address):
        draw.text((200, 520 + 56 * i), line, font=type_face(42), fill=(25, 25, 25))
    draw.rectangle((1490, 60, 1690, 260), outline=(120, 60, 60), width=4)
    draw.text((1512, 120), "Port\nbetaald", font=type_face(42), fill=(120, 60, 60))
    flat = np.asarray(image, np.uint8)
    w, h = long_side, round(long_side * 3 / 4)
    scene = replace(_table(rng), long_side=long_side, turn=0)
    canvas = _surface(scene.surface, rng, h, w)
    corners = _corners(replace(scene, fill=0.86, tilt=0.03), rng, w, h, eh / ew)
    _place(canvas, flat, corners, replace(scene, folds=0, curl=0.5), rng)
    canvas *= _light(scene, rng, h, w)[..., None]
    return _sensor(_lens(canvas, scene, rng), scene, rng)
