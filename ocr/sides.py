"""Finds a sheet of paper by its four straight sides, where neither colour nor light part it from its ground."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from ocr.pixels import Pixels

Floats = npt.NDArray[np.float64]

LEAST_SIDE = 0.06
"""Shortest piece of a side, as a share of the long side of the picture."""
ALONG = 2.5
"""Degrees, and pixels, by which pieces of one side may differ."""
MOST_LINES = 14
"""Sides tried in each direction, the longest first."""
JUDGED = 40
"""Quadrilaterals whose inside is looked at, those with the best sides first."""
CALM = 0.10
"""Strength of the edges inside a sheet, print left out, at which it is half believed."""


RIM = 6.0
"""Pixels by which a part of a sheet may stand out of it: its corners curl."""
MORE = 1.04
LIKELY = 0.3
"""Worth of a shape from which its sides are looked at."""
MOST_QUADS = 1500
PLAIN = 0.35
"""Worth from which fainter edges are not looked for."""
BELIEVED = 0.25
"""Worth from which a sheet is believed."""


BEHIND = 0.3
"""How far behind a side print is looked for, as a share of the sides beside it."""
MOST_BEHIND = 0.1
LEAST_PRINT = 40
"""Specks of print on a sheet; squares of a cloth have none."""


def in_order(quad: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the corners as top left, top right, bottom right, bottom left."""
    centre = quad.mean(axis=0)
    angles = np.arctan2(quad[:, 1] - centre[1], quad[:, 0] - centre[0])
    around = quad[np.argsort(angles)]
    start = int(np.argmin(around.sum(axis=1)))
    return np.roll(around, -start, axis=0)


def _pieces(plane: Pixels) -> Floats:
    """Return straight edges as rows of x0, y0, x1, y1."""
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(cv2.GaussianBlur(plane, (5, 5), 0))[0]
    # None where there is no edge at all.
    pieces = cast(Floats, np.asarray(() if cast(Any, found) is None else found, dtype=np.float64).reshape(-1, 4))
    long = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    return pieces[long >= LEAST_SIDE * max(plane.shape)]


def _sides(pieces: Floats) -> Floats:
    """Return straight lines as rows of angle (0 to pi), distance from the origin and length, pieces of one line joined."""
    delta = pieces[:, 2:] - pieces[:, :2]
    angle = np.arctan2(delta[:, 1], delta[:, 0]) % np.pi
    length = np.hypot(delta[:, 0], delta[:, 1])
    middle = (pieces[:, :2] + pieces[:, 2:]) / 2
    left = np.ones(len(pieces), dtype=bool)
    lines: list[tuple[float, float, float]] = []
    for i in np.argsort(-length):
        if not left[i]:
            continue
        normal = np.array([-np.sin(angle[i]), np.cos(angle[i])])
        turn = np.abs((angle - angle[i] + np.pi / 2) % np.pi - np.pi / 2)
        away = np.abs((middle - middle[i]) @ normal)
        same = left & (turn < np.radians(ALONG)) & (away < ALONG)
        left &= ~same
        lines.append((float(angle[i]), float(middle[i] @ normal), float(length[same].sum())))
    return np.array(lines).reshape(-1, 3)


def _meet(one: Floats, other: Floats) -> Floats:
    """Return where lines of two lists meet, row by row; far away where they hardly do."""
    a, b = (np.stack([-np.sin(line[:, 0]), np.cos(line[:, 0])], axis=1) for line in (one, other))
    area = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    area = np.where(np.abs(area) < 0.2, 1e-9, area)
    x = (one[:, 1] * b[:, 1] - other[:, 1] * a[:, 1]) / area
    y = (other[:, 1] * a[:, 0] - one[:, 1] * b[:, 0]) / area
    return np.stack([x, y], axis=1)


def _support(quad: Floats, near: npt.NDArray[np.float32]) -> float:
    """Return which part of the sides of a quadrilateral lies on edges: the weakest side counts as much as all others."""
    height, width = near.shape
    shares: list[float] = []
    for i in range(4):
        points = quad[i] + np.linspace(0.04, 0.96, 48)[:, None] * (quad[(i + 1) % 4] - quad[i])
        inside = (points[:, 0] >= 2) & (points[:, 0] < width - 2) & (points[:, 1] >= 2) & (points[:, 1] < height - 2)
        if inside.mean() < 0.5:
            return 0.0
        at = points[inside].astype(np.int32)
        shares.append(float(np.minimum(1.0, near[at[:, 1], at[:, 0]] / 0.2).mean()))
    return 0.5 * min(shares) + 0.5 * float(np.mean(shares))


def sheet_by_sides(
    lab: Pixels, edges: npt.NDArray[np.float32], part: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32] | None:
    """Return the corners of the quadrilateral most like a sheet; None when little speaks for any.

    Args:
        lab: small picture in L*a*b*.
        edges: strength of its edges, 0..1.
        part: corners of a part of the sheet that is known: only what holds it and more is looked for.
    """
    light, *colours = (np.ascontiguousarray(lab[:, :, i]) for i in range(3))
    # Print is closed over: only what parts paper from its ground stays.
    calm = cast(Pixels, cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)))
    spread = [cast(Pixels, cv2.normalize(plane, None, 0, 255, cv2.NORM_MINMAX)) for plane in colours]  # type: ignore[call-overload]
    pieces = [_pieces(plane) for plane in (calm, *spread)]
    inner = _inner(light)
    specks = _specks(light)
    best = _best_quad(_sides(np.concatenate(pieces)), edges, inner, specks, part)
    if best is None or best[1] < PLAIN:
        # White paper on a white cloth is parted by a grey level or two.
        pieces.append(_pieces(cast(Pixels, cv2.createCLAHE(6.0, (4, 4)).apply(calm))))
        again = _best_quad(_sides(np.concatenate(pieces)), edges, inner, specks, part)
        best = max((one for one in (best, again) if one is not None), key=lambda one: one[1], default=None)
    # Where a part is known, specks behind a side are those of the ground (a carpet, a newspaper): its sides go round it.
    if best is None or best[1] < BELIEVED or (part is None and _is_other(best[0], specks)):
        return None
    return in_order(best[0])


def _is_other(quad: npt.NDArray[np.float32], specks: Floats) -> bool:
    """Return whether there is no print, or print goes on behind a side: a strip or a fold of the sheet, not its edge."""

    def held(corners: npt.NDArray[np.float32]) -> int:
        return sum(cv2.pointPolygonTest(corners, (float(x), float(y)), False) >= 0 for x, y in specks)

    behind = 0
    for i in range(4):
        a, b, c, d = (quad[(i + k) % 4] for k in range(4))
        further = np.array([a, b, b + BEHIND * (b - c), a + BEHIND * (a - d)], dtype=np.float32)
        behind = max(behind, held(further))
    return held(quad) < LEAST_PRINT or behind > MOST_BEHIND * held(quad)


def _best_quad(
    lines: Floats,
    edges: npt.NDArray[np.float32],
    inner: npt.NDArray[np.float32],
    specks: Floats,
    part: npt.NDArray[np.float32] | None,
) -> tuple[npt.NDArray[np.float32], float] | None:
    height, width = edges.shape
    lines = lines[np.argsort(-lines[:, 2])][: 3 * MOST_LINES]
    near = cast(Any, cv2.dilate(edges, np.ones((5, 5), np.uint8)))
    quads = np.concatenate([_quads(first, second) for first, second in _directions(lines)])
    shape = _shapes(quads, width, height)
    if part is not None:
        shape *= _hold(quads, part)
    likely = [i for i in np.argsort(-shape)[:MOST_QUADS] if shape[i] > LIKELY]
    judged = sorted(((float(shape[i]) * _support(quads[i], near), quads[i]) for i in likely), key=lambda item: -item[0])
    best: tuple[npt.NDArray[np.float32], float] | None = None
    for worth, quad in judged[:JUDGED]:
        mask = np.zeros((height, width), dtype=np.uint8)
        middle = quad.mean(axis=0)
        cv2.fillConvexPoly(mask, (middle + 0.94 * (quad - middle)).astype(np.int32), 255)
        # The end of a coloured band is an edge as strong as that of the ground.
        worth *= CALM / (CALM + float(cv2.mean(inner, mask)[0])) if part is None else 1.0
        held = [cv2.pointPolygonTest(quad.astype(np.float32), (float(x), float(y)), False) >= 0 for x, y in specks]
        worth *= float(np.mean(held)) ** 0.5 if held else 1.0
        if best is None or worth > best[1]:
            best = (quad.astype(np.float32), worth)
    return best


def _inner(lightness: Pixels) -> npt.NDArray[np.float32]:
    """Return the edges that are left when print is closed over, 0..1: few on paper, many where its ground shows."""
    closed = cv2.GaussianBlur(cv2.morphologyEx(lightness, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8)), (5, 5), 0)
    plane = closed.astype(np.float32)
    steep = cv2.magnitude(cv2.Scharr(plane, cv2.CV_32F, 1, 0), cv2.Scharr(plane, cv2.CV_32F, 0, 1))
    return cast(Any, np.clip(steep / 300.0, 0, 1)).astype(np.float32)


def _specks(lightness: Pixels) -> Floats:
    """Return the middles of specks of the size of letters, of which a sheet holds most."""
    ink = cv2.adaptiveThreshold(lightness, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 15, 10)
    _, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    fit = (stats[:, 3] >= 2) & (stats[:, 3] <= 10) & (stats[:, 2] <= 60) & (stats[:, 2] >= 2)
    return cast(Floats, centres[fit])[:1000]


def _directions(lines: Floats) -> list[tuple[Floats, Floats]]:
    """Return the lines in two groups, for the two directions in which a sheet may lie."""
    out: list[tuple[Floats, Floats]] = []
    for base in (0.0, np.pi / 4):
        turn = (lines[:, 0] - base + np.pi / 4) % np.pi
        out.append((lines[turn < np.pi / 2][:MOST_LINES], lines[turn >= np.pi / 2][:MOST_LINES]))
    return out


def _quads(first: Floats, second: Floats) -> Floats:
    """Return the corners of every two lines of one group with every two of the other: [quadrilaterals, 4, 2]."""
    pairs = list(product(combinations(range(len(first)), 2), combinations(range(len(second)), 2)))
    if not pairs:
        return np.zeros((0, 4, 2))
    at = np.array([(*one, *other) for one, other in pairs])
    one, two, three, four = first[at[:, 0]], first[at[:, 1]], second[at[:, 2]], second[at[:, 3]]
    return np.stack([_meet(one, three), _meet(one, four), _meet(two, four), _meet(two, three)], axis=1)


def _hold(quads: Floats, part: npt.NDArray[np.float32]) -> Floats:
    """Return 1 for quadrilaterals that hold all corners of a part, and are clearly larger; else 0."""
    after = np.roll(quads, -1, axis=1)
    side = after - quads
    away = part[None, None] - quads[:, :, None]
    across = side[:, :, None, 0] * away[..., 1] - side[:, :, None, 1] * away[..., 0]
    long = np.maximum(np.linalg.norm(side, axis=2), 1e-6)[:, :, None]
    areas = (quads[..., 0] * after[..., 1] - quads[..., 1] * after[..., 0]).sum(axis=1) / 2
    inside = (across * np.sign(areas)[:, None, None] / long > -RIM).all(axis=(1, 2))
    return (inside & (np.abs(areas) > MORE * cv2.contourArea(part))).astype(np.float64)


def _shapes(quads: Floats, width: int, height: int) -> Floats:
    """Return how much quadrilaterals look like a sheet of A4 seen from above, by shape and size alone (0..1)."""
    long = max(width, height)
    x, y = quads[:, :, 0], quads[:, :, 1]
    share = np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2 / (width * height)
    fits = (np.abs(quads - long / 2).max(axis=(1, 2)) < 0.58 * long) & (share > 0.1) & (share < 0.97)
    sides = np.roll(quads, -1, axis=1) - quads
    lengths = np.maximum(np.linalg.norm(sides, axis=2), 1e-6)
    skew = (np.abs((sides * np.roll(sides, -1, axis=1)).sum(axis=2)) / (lengths * np.roll(lengths, -1, axis=1))).max(
        axis=1
    )
    pairs = np.stack([lengths[:, 0], lengths[:, 2], lengths[:, 1], lengths[:, 3]], axis=1).reshape(-1, 2, 2)
    alike = (pairs.min(axis=2) / pairs.max(axis=2)).min(axis=1)
    means = pairs.mean(axis=2)
    like_a4 = np.exp(-(((means.max(axis=1) / means.min(axis=1) - 1.414) / 0.25) ** 2))
    square = np.maximum(0.0, 1 - np.maximum(0.0, skew - 0.12) / 0.45)
    return fits * square * np.sqrt(alike) * (0.15 + 0.85 * like_a4) * np.maximum(share, 0.0) ** 0.15
