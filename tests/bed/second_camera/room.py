"""What the letter lies on: table tops, cloths, floors, a pair of jeans, other papers, the lid of a scanner."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from tests.bed.camera import Floats
from tests.bed.second_camera.linear import PAGE_H, PAGE_W, Reals, smooth_noise, to_linear

Colour = tuple[int, int, int]


class _Top:
    """A square surface to be drawn: `n` by `n` pixels of `mm` millimetres, with x and y in mm and fine noise."""

    def __init__(self, n: int, mm: float, rng: np.random.Generator) -> None:
        self.n, self.mm, self.rng = n, mm, rng
        self.y, self.x = np.mgrid[:n, :n].astype(np.float32) * np.float32(mm)
        self.fine = rng.standard_normal((n, n), dtype=np.float32)

    def colour(self, *choices: Colour) -> Floats:
        """Return about one of these colours (grey levels) as linear light."""
        chosen = np.array(choices[self.rng.integers(len(choices))])
        return to_linear(np.clip(chosen + self.rng.integers(-8, 9, 3), 0, 255))

    def noise(self, cell_y: float, cell_x: float, octaves: int = 4) -> Floats:
        """Return smooth noise with lumps of `cell_y` by `cell_x` mm."""
        return smooth_noise(self.rng, (self.n, self.n), cell_y / self.mm, cell_x / self.mm, octaves)


class _Look(NamedTuple):
    """A surface: its colour, the logarithm of its tone at each pixel, and a second colour to multiply the first by."""

    base: Floats
    tone: Reals
    tint: Reals | None = None


def _wood(top: _Top) -> _Look:
    rng, n = top.rng, top.n
    base = top.colour((196, 160, 115), (122, 82, 54), (214, 178, 136), (202, 196, 184), (84, 60, 44), (168, 112, 68))
    wide = rng.uniform(60, 140)
    board = ((top.y + rng.uniform(0, wide)) / wide).astype(int)
    slide = rng.integers(0, n, board.max() + 2)
    grain, rings, warp = top.noise(1.1, 70, 3), top.noise(5, 160, 3), top.noise(45, 260, 2)
    rings = np.sin((top.y / rng.uniform(4, 9) + 2.2 * warp) * 2) * 0.6 + 0.5 * rings
    along = (np.arange(n)[None] + slide[board[:, 0]][:, None]) % (2 * n)
    along = np.where(along >= n, 2 * n - 1 - along, along)  # each board shows another piece of the same grain
    tone = np.take_along_axis(0.09 * grain + 0.10 * rings, along, 1)
    tone = tone + rng.normal(0, 0.12, board.max() + 2).astype(np.float32)[board]
    seam = np.concatenate([[False], np.diff(board[:, 0]) > 0])
    gap = np.repeat(seam[:, None], n, 1).astype(np.float32)
    gap = cv2.GaussianBlur(gap, (0, 0), max(0.5, 0.5 / top.mm))
    return _Look(base, tone - 1.6 * gap / max(float(gap.max()), 1e-6) * rng.uniform(0.3, 1))


def _cloth(top: _Top, flowers: bool) -> _Look:
    rng = top.rng
    base = top.colour((238, 234, 224), (226, 226, 230), (240, 228, 205))
    dye = top.colour((176, 40, 44), (44, 78, 140), (50, 112, 70), (196, 150, 60))
    if flowers:
        dyed = _flowers(top)
    else:
        size = rng.uniform(8, 32)
        dyed = ((top.x / size % 2 < 1).astype(np.float32) + (top.y / size % 2 < 1)) / 2
    tint = (dye / base - 1)[None, None] * dyed[..., None] + 1
    weave = np.sin(top.x * 2 * np.pi / 1.1) * np.sin(top.y * 2 * np.pi / 1.1)
    folds = np.gradient(top.noise(90, 140, 3), axis=1) / top.mm * 20
    return _Look(base, 0.05 * weave * (top.mm < 0.5) + 0.05 * top.fine + 0.07 * folds, tint)


def _flowers(top: _Top) -> Floats:
    """Return how much dye (0 to 1) is on a cloth with rows of flowers of five petals."""
    rng, mm = top.rng, top.mm
    dyed = np.zeros((top.n, top.n), np.float32)
    step = rng.uniform(45, 80) / mm
    for cy in np.arange(0, top.n, step):
        for cx in np.arange(0, top.n, step):
            middle = np.array([cx, cy]) + rng.uniform(-0.3, 0.3, 2) * step
            size, turn = rng.uniform(5, 10) / mm, rng.uniform(0, 72)
            for petal in range(5):
                way = np.radians(turn + 72 * petal)
                spot = (middle + size * np.array([np.cos(way), np.sin(way)])).astype(int).tolist()
                axes = (int(size * 0.9), int(size * 0.55))
                cv2.ellipse(dyed, spot, axes, turn + 72 * petal, 0, 360, 0.85, -1, cv2.LINE_AA)
            cv2.circle(dyed, middle.astype(int).tolist(), int(size * 0.5), 0.25, -1, cv2.LINE_AA)
    return dyed


def _checked(top: _Top) -> _Look:
    return _cloth(top, flowers=False)


def _flowered(top: _Top) -> _Look:
    return _cloth(top, flowers=True)


def _tiles(top: _Top) -> _Look:
    rng, x, y = top.rng, top.x, top.y
    base = top.colour((216, 208, 196), (150, 146, 140), (92, 94, 98), (196, 168, 140))
    size, joint = rng.uniform(100, 330), rng.uniform(2, 4)
    row, column = (y / size).astype(int), (x / size).astype(int)
    tone = rng.normal(0, 0.06, (row.max() + 1, column.max() + 1)).astype(np.float32)[row, column]
    tone = tone + 0.08 * top.noise(30, 30, 5) + 0.02 * top.fine
    edge = np.minimum(np.minimum(x % size, size - x % size), np.minimum(y % size, size - y % size))
    grout = np.clip((joint / 2 - edge) / top.mm + 0.5, 0, 1)
    tone += 0.25 * np.exp(-((edge - joint / 2 - 1) ** 2) / 1.5) * (edge > joint / 2) + 0.15 * grout * top.fine
    grey = to_linear((150, 144, 136)) * rng.uniform(0.5, 1.3)
    return _Look(base, tone, 1 + (grey / base - 1)[None, None] * grout[..., None])


def _carpet(top: _Top) -> _Look:
    base = top.colour((120, 112, 102), (90, 40, 40), (70, 84, 104), (168, 156, 136))
    pile = 0.35 * cv2.GaussianBlur(top.fine, (0, 0), max(0.7, 0.6 / top.mm)) * 2
    return _Look(base, pile + 0.2 * top.noise(3, 3, 2) + 0.12 * top.noise(90, 90, 3))


def _jeans(top: _Top) -> _Look:
    """Return somebody's lap: two legs with a dark valley between them."""
    rng, mm = top.rng, top.mm
    base, wide = top.colour((70, 82, 106), (46, 52, 68), (112, 126, 146)), rng.uniform(150, 185)
    across = np.abs(top.x - top.n * mm / 2 + 14 * top.noise(500, 500, 1)) / wide  # 0 in the valley, 0.5 on a leg
    twill = 0.22 * np.sin((top.x + top.y) * 2 * np.pi / 1.3) * (mm < 0.6)
    tone = twill + 0.18 * top.fine + 0.16 * top.noise(40, 12, 4)
    tone += 0.3 * np.gradient(top.noise(160, 60, 3), axis=1) / mm * 10
    round_ = np.clip(np.sin(np.pi * np.clip(across, 0.02, 0.98)), 0.1, 1)
    return _Look(base, tone + np.log(round_) * 0.8)


def _laminate(top: _Top) -> _Look:
    base = top.colour((224, 222, 216), (70, 70, 74), (178, 172, 160), (140, 106, 78), (120, 132, 126))
    return _Look(base, 0.012 * top.noise(50, 50, 5) + 0.02 * top.noise(1.2, 1.2, 1))


def _lid(top: _Top) -> _Look:
    base = top.colour((250, 250, 250), (225, 225, 225))
    return _Look(base, 0.008 * top.noise(50, 50, 5) + 0.02 * top.noise(1.2, 1.2, 1))


LOOKS: dict[str, Callable[[_Top], _Look]] = {
    "wood": _wood,
    "checked": _checked,
    "flowers": _flowered,
    "tiles": _tiles,
    "carpet": _carpet,
    "jeans": _jeans,
    "laminate": _laminate,
    "papers": _laminate,
    "newspaper": _laminate,
    "lid": _lid,
}


def surface(kind: str, mm: float, n: int, rng: np.random.Generator) -> Floats:
    """Return what a surface gives back (linear RGB, 0 to 1): `n` by `n` pixels of `mm` millimetres."""
    top = _Top(n, mm, rng)
    look = LOOKS[kind](top)
    out = look.base[None, None] * np.exp(look.tone)[..., None]
    if look.tint is not None:
        out = out * look.tint
    if kind in {"papers", "newspaper"}:
        for _ in range(int(rng.integers(1, 3))):
            out = _laid(out, look.tone, mm, rng, news=kind == "newspaper")
    return np.clip(out, 0.004, 0.92).astype(np.float32)


def _laid(out: Reals, tone: Reals, mm: float, rng: np.random.Generator, news: bool) -> Reals:
    """Return the surface with one more letter, or a newspaper, lying on it at any angle."""
    n = len(out)
    wide, high = (400, 560) if news else (PAGE_W, PAGE_H)
    sheet = np.full((int(high / mm), int(wide / mm)), 0.55 if news else 0.8, np.float32)
    head, edge = int(18 / mm), int((5 if news else 18) / mm)
    for column in range(int(rng.integers(4, 7)) if news else 1):
        step = int(66 / mm) if news else sheet.shape[1]
        block = sheet[head:-head, column * step + edge : (column + 1) * step - edge]
        if min(block.shape) > 20:
            block *= 1 - rng.uniform(0.6, 0.85) * nonsense(rng, block.shape, mm, 3.2 if news else 5.0)
            if news and rng.random() < 0.6:  # a picture in the column
                start = int(rng.integers(0, block.shape[0] // 2))
                picture = block[start : start + int(50 / mm)]
                picture[:] = 0.25 * np.exp(0.4 * smooth_noise(rng, picture.shape, 20 / mm, 20 / mm))
    turn = cv2.getRotationMatrix2D((sheet.shape[1] / 2, sheet.shape[0] / 2), rng.uniform(-25, 25), 1)
    turn[:, 2] += n / 2 + rng.uniform(-70, 70, 2) / mm - np.array(sheet.shape[::-1]) / 2
    mask = cv2.warpAffine(np.ones_like(sheet), turn, (n, n))[..., None]
    shade = cv2.GaussianBlur(mask, (0, 0), 1.5 / mm)[..., None]
    colour = np.array([1, 0.97, 0.9] if news else [1, 0.99, 0.97], np.float32)
    paper = cv2.warpAffine(sheet, turn, (n, n))[..., None] * colour
    return out * (1 - 0.35 * shade) * (1 - mask) + paper * np.exp(0.02 * tone[..., None])


def nonsense(rng: np.random.Generator, shape: tuple[int, ...], mm: float, pitch: float) -> Floats:
    """Return the ink (0 to 1) of lines of no words, `pitch` mm apart, as on papers that are not the letter."""
    ink, size = np.zeros(shape, np.uint8), 0.5 * pitch / mm / 22  # capitals of Hershey's letters are 22 units high
    for row in range(1, int(shape[0] * mm / pitch)):
        if rng.random() > 0.1:
            count = int(shape[1] / (19 * size) * (rng.uniform(0.3, 0.9) if rng.random() < 0.25 else 1))
            letters = rng.choice(list("eeeeennnaaatttirrodslgvhkmubpwjzc"), count)
            spaces = np.cumsum(rng.integers(3, 10, count))
            letters[spaces[spaces < count]] = " "
            at, thick = (0, int(row * pitch / mm)), max(1, int(3.2 * size))
            cv2.putText(ink, "".join(letters), at, cv2.FONT_HERSHEY_SIMPLEX, size, 255, thick, cv2.LINE_AA)
    return ink.astype(np.float32) / 255
