"""Finds the sheets of paper in a photo, on any ground, also under shadows and on white."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from ocr.pixels import Pixels
from ocr.sides import in_order, sheet_by_sides

TOUCHING = 1.08
"""Area round two halves over their own areas up to which nothing but a fold lies between them."""
BY_SIDES = 0.9
"""Fit of a sheet that was found by its sides alone: nothing tells what lies on it, so it does not count as whole."""
A4 = 1.414
TALL = (1.36, 1.5)
"""Long side over short side of a sheet of A4 as most photos show it; outside of it a part may be missing."""
LARGEST_HEAD = 1.35
"""A sheet with its coloured band, over the sheet without it, at most."""
HALVED = (1.8, 2.3)
"""A sheet over its half, cut at a fold or a shadow: half of A4 has the shape of A4 too."""
LIGHTER, COLOURED = 0.15, 5.0
"""Share of its lightness, and steps of colour in L*a*b*, by which paper differs from place to place."""
MOST_PAPER = 0.4
PRINT_OUTSIDE = 0.12
"""Share of the specks of the size of letters outside a sheet from which it may be a part only."""
FIND_SIDE_PX = 640
"""Long side of the small picture on which sheets are looked for."""


def _enclosing_quad(hull: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
    """Return the four points of a small quadrilateral that still contains the whole hull; None when there is none.

    Starting from the hull's polygon, the edge is removed whose neighbours, drawn on until they meet, add the least
    area. So a folded or curled edge never costs text, unlike a polygon that is simplified inwards.
    """
    length = cv2.arcLength(hull, True)
    polygon = cast(Any, cv2.approxPolyDP(hull, 0.004 * length, True)).reshape(-1, 2).astype(np.float64)
    points: list[npt.NDArray[np.float64]] = [np.array(point) for point in polygon]
    if len(points) < 4:
        return None
    while len(points) > 4:
        best: tuple[float, int, npt.NDArray[np.float64]] | None = None
        for i in range(len(points)):
            a, b, c, d = (points[(i + k - 1) % len(points)] for k in range(4))
            v, u = b - a, c - d
            cross = v[0] * u[1] - v[1] * u[0]
            if abs(cross) < 1e-9:
                continue
            # where the edges a-b and d-c meet beyond b and c
            t = ((c[0] - b[0]) * u[1] - (c[1] - b[1]) * u[0]) / cross
            s = ((c[0] - b[0]) * v[1] - (c[1] - b[1]) * v[0]) / cross
            if t < 0 or s < 0:
                continue
            meet = b + v * t
            area = abs((c[0] - b[0]) * (meet[1] - b[1]) - (c[1] - b[1]) * (meet[0] - b[0])) / 2
            if best is None or area < best[0]:
                best = (area, i, meet)
        if best is None:
            return None
        _, i, meet = best
        after = (i + 1) % len(points)
        points[i] = meet
        del points[after]
    return np.array(points, dtype=np.float32)


def _channels(small: Pixels, lab: Pixels) -> list[Pixels]:
    """Return pictures in which paper is bright: little colour (blind to shadow), little saturation, light, light as a mask."""
    a, b = lab[:, :, 1].astype(np.float32), lab[:, :, 2].astype(np.float32)
    lightness = lab[:, :, 0]
    # The colour of the light itself is not the paper's: measure the distance from the brightest third.
    few = lab[::2, ::2].reshape(-1, 3)
    bright = few[few[:, 0] >= np.percentile(few[:, 0], 66)]
    a0, b0 = float(np.median(bright[:, 1])), float(np.median(bright[:, 2]))
    chroma = np.clip(255 - 4 * np.hypot(a - a0, b - b0), 0, 255).astype(np.uint8)
    saturation = 255 - cv2.cvtColor(small, cv2.COLOR_BGR2HSV)[:, :, 1]
    return cast(list[Pixels], [chroma, lightness, saturation])


def sheet_edges(lab_small: Pixels) -> npt.NDArray[np.float32]:
    """Return how strong the edges are (0..1, 1 for the strongest fiftieth), in light and in colour."""
    lab = cv2.GaussianBlur(lab_small, (5, 5), 0).astype(np.float32)
    strength = np.zeros(lab_small.shape[:2], dtype=np.float32)
    for channel in range(3):
        plane = np.ascontiguousarray(lab[:, :, channel])
        steep = cv2.magnitude(cv2.Scharr(plane, cv2.CV_32F, 1, 0), cv2.Scharr(plane, cv2.CV_32F, 0, 1))
        strength = np.maximum(strength, steep)
    top = float(np.percentile(strength[::2, ::2], 98)) or 1.0
    return np.clip(strength / top, 0, 1).astype(np.float32)


def _between_edges(edges: npt.NDArray[np.float32], least: float) -> Pixels:
    """Return the largest region without edges above `least` as a mask: paper on a ground of the same colour."""
    walls = cv2.dilate((edges > least).astype(np.uint8), np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - walls, connectivity=4)
    if count < 2:
        return np.zeros(edges.shape, dtype=np.uint8)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    mask = (labels == largest).astype(np.uint8) * 255
    return cast(Pixels, cv2.dilate(mask, np.ones((3, 3), np.uint8)))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A quadrilateral that may be a sheet: corners, area in sight, how well the blob fills it, and its worth (0..1)."""

    quad: npt.NDArray[np.float32]
    area: float
    fit: float
    worth: float = 0.0


def _worth_of(quad: npt.NDArray[np.float32], area: float, fit: float, edges: npt.NDArray[np.float32]) -> float:
    """Return how much a quadrilateral looks like a sheet of paper seen from above (0..1).

    Its corners are nearly right, its opposite sides alike, its shape near A4, and its sides lie on edges in the photo
    and not on the photo's own border.
    """
    height, width = edges.shape
    sides = [quad[(i + 1) % 4] - quad[i] for i in range(4)]
    lengths = [float(np.linalg.norm(side)) for side in sides]
    if min(lengths) < 20:
        return 0.0
    skew = max(abs(float(np.dot(sides[i], sides[(i + 1) % 4]))) / (lengths[i] * lengths[(i + 1) % 4]) for i in range(4))
    alike = min(min(lengths[i], lengths[i + 2]) / max(lengths[i], lengths[i + 2]) for i in range(2))
    across, down = (lengths[0] + lengths[2]) / 2, (lengths[1] + lengths[3]) / 2
    shape = max(across, down) / min(across, down)
    like_a4 = float(np.exp(-(((shape - 1.414) / 0.28) ** 2)))
    near = cv2.dilate(edges, np.ones((5, 5), np.uint8))
    support, borders = 0.0, 0
    for i in range(4):
        points = quad[i] + np.linspace(0.06, 0.94, 40)[:, None] * sides[i]
        inside = (points[:, 0] >= 2) & (points[:, 0] < width - 2) & (points[:, 1] >= 2) & (points[:, 1] < height - 2)
        if inside.sum() < 10:
            borders += 1
            continue
        seen = points[inside].astype(np.int32)
        support += float(np.minimum(1.0, near[seen[:, 1], seen[:, 0]] / 0.25).mean())
    counted = 4 - borders
    if counted < 2:
        return 0.0
    support = support / counted
    square = max(0.0, 1 - max(0.0, skew - 0.12) / 0.45)
    return (
        fit
        * square
        * alike**0.5
        * (0.35 + 0.65 * like_a4)
        * (0.2 + 0.8 * support)
        * 0.85**borders
        * min(1.0, area / (height * width) / 0.25) ** 0.25
    )


def _candidates(channel: Pixels, edges: npt.NDArray[np.float32]) -> list[_Candidate]:
    """Return paper-like quadrilaterals in one channel, largest first."""
    blurred = cv2.GaussianBlur(channel, (5, 5), 0)
    _, mask = cv2.threshold(blurred, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((17, 17), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    height, width = channel.shape[:2]
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found: list[_Candidate] = []
    for contour in contours:
        area = cv2.contourArea(contour)
        if area < 0.05 * width * height:
            continue
        hull = cast(Any, cv2.convexHull(contour)).astype(np.float32)
        quad = _enclosing_quad(hull)
        if quad is None:
            continue
        quad_area = cv2.contourArea(quad)
        if quad_area <= 0 or np.abs(quad).max() > 2.5 * max(width, height):
            continue
        # The parts outside the photo are no paper that was missed.
        frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
        ordered = in_order(quad)
        seen = max(1.0, float(cv2.intersectConvexConvex(ordered, frame)[0]))
        fit = min(1.0, area / seen)
        found.append(_Candidate(ordered, seen, fit, _worth_of(ordered, seen, fit, edges)))
    return sorted(found, key=lambda c: -c.area)


def find_papers(pixels: Pixels) -> list[tuple[npt.NDArray[np.float32], float]]:
    """Return the corners of each sheet of paper, in photo pixels, and how much of it is paper (0..1).

    Empty when no edge is sure. Several are returned only when they are of comparable size and do not overlap (two
    letters in one photo).
    """
    height, width = pixels.shape[:2]
    scale = FIND_SIDE_PX / max(height, width)
    thin = 1
    while scale * thin * 2 < 0.6:
        thin *= 2  # large photos: fewer pixels first, then the average; edges of paper need no more
    rough = np.ascontiguousarray(pixels[::thin, ::thin]) if thin > 1 else pixels
    reduce = scale * thin
    small = (
        cast(Pixels, cv2.resize(rough, None, fx=reduce, fy=reduce, interpolation=cv2.INTER_AREA))
        if reduce < 1
        else rough
    )
    scale = small.shape[1] / width
    frame = small.shape[0] * small.shape[1]
    lab = cast(Pixels, cv2.cvtColor(small, cv2.COLOR_BGR2LAB))
    edges = sheet_edges(lab)
    best: list[_Candidate] = []
    every: list[_Candidate] = []
    channels = _channels(small, lab)
    for look in range(6):
        channel = channels[look] if look < 3 else _between_edges(edges, (0.22, 0.4, 0.6)[look - 3])
        good = [c for c in _candidates(channel, edges) if c.fit >= 0.82 and c.worth > 0.3 and c.area < 0.985 * frame]
        if not good:
            continue
        every += good
        first = max(good, key=lambda c: c.worth)
        sheets = [c for c in good if c.area >= 0.35 * first.area and c.worth >= 0.6 * first.worth]
        if not best or max(c.worth for c in sheets) > max(c.worth for c in best):
            best = sheets
        if first.worth > 0.85 and (len(best) > 1 or _beside(best[0], small) is None):
            break
    best = [c for c in best if not any(o is not c and o.area > c.area and _overlap(o.quad, c.quad) for o in best)]
    # Half a page, cut at a fold or under a shadow: no edge is better than a wrong one.
    half = len(best) == 1 and best[0].worth < 0.62 and _text_outside(small, best[0].quad) > PRINT_OUTSIDE
    if half or sum(c.area for c in best) < 0.06 * frame:
        sheet = sheet_by_sides(lab, edges)
        return [((sheet / scale).astype(np.float32), BY_SIDES)] if sheet is not None else []
    beside = _beside(best[0], small) if len(best) == 1 else None
    if len(best) == 1 and beside is None and _may_be_part(best[0], small):
        best = [_with_rest(best[0], sheet_by_sides(lab, edges, best[0].quad), lab)]
    if beside is not None:
        # A second letter that the best view does not show is looked for in the others; no letter is lost in silence.
        others = [c for c in every if c.area >= 0.35 * best[0].area and not _overlap(c.quad, best[0].quad)]
        best.append(max(others, key=lambda c: c.worth) if others else beside)
    return [((c.quad / scale).astype(np.float32), c.fit) for c in best]


def _tallness(quad: npt.NDArray[np.float32]) -> float:
    """Return the long sides of a quadrilateral over its short ones: about 1.41 for A4."""
    sides = [float(np.linalg.norm(quad[(i + 1) % 4] - quad[i])) for i in range(4)]
    across, down = sides[0] + sides[2], sides[1] + sides[3]
    return max(across, down) / max(1.0, min(across, down))


def _may_be_part(one: _Candidate, small: Pixels) -> bool:
    """Return whether more of the paper may lie outside: another shape than A4, or half the photo free and print there."""
    if not TALL[0] < _tallness(one.quad) < TALL[1]:
        return True
    return one.area < small.shape[0] * small.shape[1] / HALVED[0] and _text_outside(small, one.quad) > PRINT_OUTSIDE


def _with_rest(one: _Candidate, sheet: npt.NDArray[np.float32] | None, lab: Pixels) -> _Candidate:
    """Return the sheet with the coloured band or the half that its paper ends at, where four sides go round all of it."""
    if sheet is None:
        return one
    whole, shared = float(cv2.contourArea(sheet)), float(cv2.intersectConvexConvex(sheet, one.quad)[0])
    nearer = abs(_tallness(sheet) - A4) <= abs(_tallness(one.quad) - A4) and whole <= LARGEST_HEAD * one.area
    doubled = TALL[0] < _tallness(sheet) < TALL[1] and HALVED[0] < whole / one.area < HALVED[1]
    doubled = doubled and _same_paper(one.quad, sheet, lab)
    return replace(one, quad=sheet, area=whole) if shared >= 0.96 * one.area and (nearer or doubled) else one


def _same_paper(one: npt.NDArray[np.float32], sheet: npt.NDArray[np.float32], lab: Pixels) -> bool:
    """Return whether the rest of a sheet is as light and as coloured as its part: paper, and no ground."""
    part, rest = (np.zeros(lab.shape[:2], dtype=np.uint8) for _ in range(2))
    cv2.fillConvexPoly(rest, sheet.astype(np.int32), 1)
    cv2.fillConvexPoly(part, one.astype(np.int32), 1)
    rest[part > 0] = 0
    if not part.any() or not rest.any():
        return False
    paper, there = np.median(lab[part > 0].astype(np.float32), axis=0), lab[rest > 0].astype(np.float32)
    like = (np.abs(there[:, 0] / paper[0] - 1) < LIGHTER) & (np.hypot(*(there[:, 1:] - paper[1:]).T) < COLOURED)
    return bool(like.mean() > MOST_PAPER)


def one_folded(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
    """Return the corners round two halves of one sheet that touch along a fold; None when they do not touch."""
    both = _enclosing_quad(cast(Any, cv2.convexHull(np.concatenate([one, other]))).astype(np.float32))
    if both is None or cv2.contourArea(both) > TOUCHING * (cv2.contourArea(one) + cv2.contourArea(other)):
        return None
    return in_order(both)


def _beside(one: _Candidate, small: Pixels) -> _Candidate | None:
    """Return the part of a landscape photo beside its only sheet, where it has room for another and holds print."""
    height, width = small.shape[:2]
    left, right = max(0.0, float(one.quad[:, 0].min())), min(float(width), float(one.quad[:, 0].max()))
    x0, x1 = (0.0, left) if left > width - right else (right, float(width))
    if width < 1.2 * height or x1 - x0 < 0.35 * width or _text_outside(small, one.quad) < 0.2:
        return None
    quad = np.array([[x0, 0], [x1, 0], [x1, height], [x0, height]], dtype=np.float32)
    return _Candidate(quad, (x1 - x0) * height, 0.0)


def _text_outside(small: Pixels, quad: npt.NDArray[np.float32]) -> float:
    """Return which share (0..1) of the specks of the size of letters lies outside the quadrilateral."""
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 15, 12)
    _, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    letters = (stats[:, 3] >= 2) & (stats[:, 3] <= 10) & (stats[:, 2] <= 60) & (stats[:, 2] >= 2)
    points = centres[letters]
    if len(points) < 30:
        return 0.0
    inside = sum(cv2.pointPolygonTest(quad, (float(x), float(y)), False) >= 0 for x, y in points)
    return 1 - inside / len(points)


def _overlap(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> bool:
    shared, _ = cv2.intersectConvexConvex(one, other)
    return shared > 0.2 * min(cv2.contourArea(one), cv2.contourArea(other))
