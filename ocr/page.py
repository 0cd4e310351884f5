"""From a photo's bytes to flat, evenly lit, upright sheets of paper, each with its way back to the photo's pixels."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.letter import Box
from ocr.limits import DEFAULT_LIMITS, Limits

Pixels = npt.NDArray[np.uint8]
"""A picture: height x width (grey) or height x width x 3 (blue, green, red)."""
Matrix = npt.NDArray[np.float64]
"""A 3 x 3 projective transform of pixel coordinates (origin top left, edges of pixels)."""

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
"""The only decoders that may see a resident's file."""

FIND_SIDE_PX = 640
"""Long side of the small picture on which sheets are looked for."""

SHEET_WIDTH_PX = 1654
"""Width of an A4 sheet at 200 dpi: more pixels cost time and bring no words."""


CLEAR_WIDTH_PX = 1240
"""Width of an A4 sheet at 150 dpi: a sheet that is smaller on the photo is enlarged, because small print needs it."""
MOST_ENLARGED = 1.5


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded photo, turned as its EXIF mark says.

    `to_stored` leads from this picture's pixels back to those of the file as stored; `stored_width` and
    `stored_height` are the file's own size.
    """

    pixels: Pixels
    to_stored: Matrix
    stored_width: int
    stored_height: int
    exif_turn: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One flat sheet of paper, grey, ready for the recogniser.

    `to_picture` leads from its pixels to those of the `Picture`; `share` is the part of the photo it covers (0..1);
    `found` tells whether its edges were seen (False: the whole photo is taken for the sheet); `native_scale` is
    photo pixels per sheet pixel.
    """

    grey: Pixels
    to_picture: Matrix
    share: float
    found: bool
    native_scale: float


def format_of(content: bytes) -> str:
    """Return the kind of file by its first bytes: JPEG, PNG, WEBP, HEIF, PDF, or "" for anything else."""
    if content[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in {
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
        b"hevx",
        b"mif1",
        b"msf1",
    }:
        return "HEIF"
    if b"%PDF-" in content[:1024]:
        return "PDF"
    return ""


def check_file(content: bytes, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the kind of file (see `format_of`).

    Raises:
        BriefbrugError: FILE_EMPTY, FILE_TOO_LARGE, or FILE_KIND for a file that is no photo and no PDF.
    """
    if not content:
        raise BriefbrugError(Reason.FILE_EMPTY)
    if len(content) > limits.file_bytes:
        raise BriefbrugError(Reason.FILE_TOO_LARGE, f"bytes={len(content)} limit={limits.file_bytes}")
    kind = format_of(content)
    if not kind:
        raise BriefbrugError(Reason.FILE_KIND, f"bytes={len(content)}")
    return kind


def _register_heif() -> None:
    if "HEIF" not in Image.OPEN:
        import pillow_heif

        pillow_heif.register_heif_opener()


def open_image(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Image.Image:
    """Return the opened, not yet decoded image, its size checked from the header alone.

    Raises:
        BriefbrugError: FILE_DAMAGED, or PICTURE_TOO_LARGE when the header promises more than the limit.
    """
    if format_of(content) == "HEIF":
        _register_heif()
    Image.MAX_IMAGE_PIXELS = None  # our own limit below is stricter, and refuses instead of warning
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(content), formats=list(FORMATS))
    except UnidentifiedImageError as error:
        raise BriefbrugError(Reason.FILE_DAMAGED, "unidentified") from error
    except Exception as error:
        raise BriefbrugError(Reason.FILE_DAMAGED, type(error).__name__) from error
    width, height = image.size
    if width * height > limits.picture_pixels:
        raise BriefbrugError(Reason.PICTURE_TOO_LARGE, f"pixels={width}x{height} limit={limits.picture_pixels}")
    if width < 16 or height < 16:
        raise BriefbrugError(Reason.NO_PAPER, f"pixels={width}x{height}")
    return image


def _as_colour(image: Image.Image) -> Pixels:
    """Return blue-green-red pixels of any mode, transparency on white, 16 bits brought back to 8."""
    if image.mode in {"I;16", "I;16B", "I;16L", "I", "F"}:
        deep = np.asarray(image, dtype=np.float32)
        top = 65535.0 if float(deep.max(initial=0)) > 255 else 255.0
        grey = np.clip(deep * (255.0 / top), 0, 255).astype(np.uint8)
        return cast(Pixels, cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        rgba = image if image.mode == "RGBA" else image.convert("RGBA")
        if rgba.getchannel("A").getextrema() == (255, 255):
            return cast(Pixels, cv2.cvtColor(np.asarray(rgba), cv2.COLOR_RGBA2BGR))
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, rgba)
    # No copy more than needed: a photo of 24 megapixels is 72 megabytes each time.
    rgb = np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    return cast(Pixels, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))


_UPRIGHT: dict[int, Callable[[Pixels], Any]] = {
    2: lambda p: cv2.flip(p, 1),
    3: lambda p: cv2.rotate(p, cv2.ROTATE_180),
    4: lambda p: cv2.flip(p, 0),
    5: cv2.transpose,
    6: lambda p: cv2.rotate(p, cv2.ROTATE_90_CLOCKWISE),
    7: lambda p: cv2.rotate(cv2.transpose(p), cv2.ROTATE_180),
    8: lambda p: cv2.rotate(p, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
"""What EXIF's orientation asks for; the values of `exif_matrix`."""


def exif_matrix(orientation: int, width: int, height: int) -> tuple[Matrix, int]:
    """Return the transform from stored pixels to turned pixels and its clockwise turn in degrees.

    `width` and `height` are those of the stored picture. Values outside 2..8 change nothing.
    """
    w, h = float(width), float(height)
    rows: dict[int, tuple[tuple[float, ...], int]] = {
        2: ((-1, 0, w, 0, 1, 0), 0),
        3: ((-1, 0, w, 0, -1, h), 180),
        4: ((1, 0, 0, 0, -1, h), 180),
        5: ((0, 1, 0, 1, 0, 0), 90),
        6: ((0, -1, h, 1, 0, 0), 90),
        7: ((0, -1, h, -1, 0, w), 270),
        8: ((0, 1, 0, -1, 0, w), 270),
    }
    values, turn = rows.get(orientation, ((1, 0, 0, 0, 1, 0), 0))
    return np.array([*values, 0, 0, 1], dtype=np.float64).reshape(3, 3), turn


def open_picture(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Return the decoded photo, its first frame, turned as its EXIF mark says.

    Raises:
        BriefbrugError: FILE_DAMAGED or PICTURE_TOO_LARGE.
    """
    image = open_image(content, limits)
    width, height = image.size
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.seek(0)
            image.load()
            orientation = int(image.getexif().get(0x0112, 1) or 1)
            pixels = _as_colour(image)
            del image
            if orientation in _UPRIGHT:
                pixels = cast(Pixels, _UPRIGHT[orientation](pixels))
    except MemoryError:
        raise
    except Exception as error:
        raise BriefbrugError(Reason.FILE_DAMAGED, type(error).__name__) from error
    # A HEIF decoder turns by itself and hides the mark: then the picture as opened counts as stored.
    matrix, turn = exif_matrix(orientation, width, height)
    return Picture(pixels, cast(Matrix, np.linalg.inv(matrix)), width, height, turn)


# ---------------------------------------------------------------- finding sheets


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


def _ordered(quad: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the corners as top left, top right, bottom right, bottom left."""
    centre = quad.mean(axis=0)
    angles = np.arctan2(quad[:, 1] - centre[1], quad[:, 0] - centre[0])
    around = quad[np.argsort(angles)]
    start = int(np.argmin(around.sum(axis=1)))
    return np.roll(around, -start, axis=0)


def _channels(small: Pixels, lab: Pixels) -> list[Pixels]:
    """Return pictures in which paper is bright: little colour (blind to shadow), little saturation, light, light as a mask."""
    a, b = lab[:, :, 1].astype(np.float32), lab[:, :, 2].astype(np.float32)
    lightness = lab[:, :, 0]
    # The colour of the light itself is not the paper's: measure the distance from the brightest third.
    bright = lightness >= np.percentile(lightness, 66)
    a0, b0 = float(np.median(a[bright])), float(np.median(b[bright]))
    chroma = np.clip(255 - 4 * np.hypot(a - a0, b - b0), 0, 255).astype(np.uint8)
    saturation = 255 - cv2.cvtColor(small, cv2.COLOR_BGR2HSV)[:, :, 1]
    return cast(list[Pixels], [chroma, lightness, saturation])


def _edges(lab_small: Pixels) -> npt.NDArray[np.float32]:
    """Return how strong the edges are (0..1, 1 for the strongest fiftieth), in light and in colour."""
    lab = cv2.GaussianBlur(lab_small, (5, 5), 0).astype(np.float32)
    strength = np.zeros(lab_small.shape[:2], dtype=np.float32)
    for channel in range(3):
        plane = np.ascontiguousarray(lab[:, :, channel])
        steep = cv2.magnitude(cv2.Scharr(plane, cv2.CV_32F, 1, 0), cv2.Scharr(plane, cv2.CV_32F, 0, 1))
        strength = np.maximum(strength, steep)
    top = float(np.percentile(strength, 98)) or 1.0
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
        ordered = _ordered(quad)
        seen = max(1.0, float(cv2.intersectConvexConvex(ordered, frame)[0]))
        fit = min(1.0, area / seen)
        found.append(_Candidate(ordered, seen, fit, _worth_of(ordered, seen, fit, edges)))
    return sorted(found, key=lambda c: -c.area)


def find_quads(pixels: Pixels) -> list[npt.NDArray[np.float32]]:
    """Return the corners of each sheet of paper in the photo, in photo pixels; empty when no edge is sure.

    Several are returned only when they are of comparable size and do not overlap (two letters in one photo).
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
    edges = _edges(lab)
    best: list[_Candidate] = []
    channels = _channels(small, lab)
    for look in range(6):
        channel = channels[look] if look < 3 else _between_edges(edges, (0.22, 0.4, 0.6)[look - 3])
        good = [c for c in _candidates(channel, edges) if c.fit >= 0.82 and c.worth > 0.3 and c.area < 0.985 * frame]
        if not good:
            continue
        first = max(good, key=lambda c: c.worth)
        sheets = [c for c in good if c.area >= 0.35 * first.area and c.worth >= 0.6 * first.worth]
        if not best or max(c.worth for c in sheets) > max(c.worth for c in best):
            best = sheets
        if first.worth > 0.85:
            break
    best = [c for c in best if not any(o is not c and o.area > c.area and _overlap(o.quad, c.quad) for o in best)]
    if sum(c.area for c in best) < 0.06 * frame:
        return []
    if len(best) == 1 and best[0].worth < 0.62 and _text_outside(small, best[0].quad) > 0.12:
        return []  # half a page, cut at a fold or under a shadow: no edge is better than a wrong one
    return [(c.quad / scale).astype(np.float32) for c in best]


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


# ---------------------------------------------------------------- flattening


NOISY = 2.5
"""Grain of an evened sheet (grey levels) from which averaging over alike places saves letters. It takes longer than
reading, but grain read as letters takes longest. Plain smoothing was tried: it joins letters and makes boxes too high;
so was pushing faint grey to white: it thins blurred letters."""


def even_light(grey: Pixels) -> Pixels:
    """Return `grey` with shadows and gradients divided out: paper becomes white, ink keeps its strength."""
    height, width = grey.shape[:2]
    eighth = cv2.resize(grey, (max(8, width // 8), max(8, height // 8)), interpolation=cv2.INTER_AREA)
    # A wider median would smear the edge of a hand's shadow over the letters beside it.
    light = cv2.medianBlur(cv2.dilate(eighth, np.ones((5, 5), np.uint8)), 7)
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return cast(Pixels, cv2.divide(grey, cv2.max(light, np.full_like(light, 8)), scale=255))


def grain(grey: Pixels) -> float:
    """Return the noise of a sheet in grey levels: how far pixels stand from the middle of their neighbours."""
    height, width = grey.shape[:2]
    part = np.ascontiguousarray(grey[height // 4 : 3 * height // 4, width // 8 : 7 * width // 8])
    return float(cv2.absdiff(part, cv2.medianBlur(part, 3)).mean()) if part.size else 0.0


def without_grain(flat: Pixels) -> Pixels:
    """Return a flat sheet with even light, and without the grain of a dim photo."""
    even = even_light(flat)
    if grain(even) <= NOISY:
        return even
    strength = float(np.clip(3 * grain(flat), 4, 25))
    return even_light(cast(Pixels, cv2.fastNlMeansDenoising(flat, None, strength, 5, 11)))


def _ink(grey: Pixels) -> Pixels:
    """Return the ink of a sheet as a mask of at most 900 pixels high or wide."""
    scale = 900 / max(grey.shape[:2])
    if scale < 0.55:
        # Every second pixel is enough for specks, and an average over all of them costs more than reading them.
        grey, scale = np.ascontiguousarray(grey[::2, ::2]), scale * 2
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR) if scale < 1 else grey
    return cast(
        Pixels, cv2.adaptiveThreshold(cast(Any, small), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 14)
    )


def text_runs_vertically(grey: Pixels) -> bool:
    """Return whether the lines of text run from top to bottom: the photo is turned by 90 or 270 degrees.

    Two views vote. Lines of text make the profile across them jump between ink and white, taken in strips so that a
    slanting page still shows its lines; folds jump as well. The middles of the letters of one line stand on one
    height, which folds do not copy; grain does at times. Together they told 300 pages right, each alone missed some.
    """
    ink = _ink(grey)
    return _jumps(ink) ** 2 * _rows(ink) > 1


def _jumps(ink: Pixels) -> float:
    """Return how much more the profile jumps along the page than across it: above 1 for vertical lines."""
    dark = (ink / 255).astype(np.float32)

    def jumpiness(picture: npt.NDArray[np.float32]) -> float:
        strips = np.array_split(picture, 12, axis=1)
        return sum(float(np.abs(np.diff(strip.mean(axis=1))).mean()) for strip in strips)

    across = jumpiness(dark)
    return jumpiness(np.ascontiguousarray(dark.T)) / across if across > 0 else 1.0


def _rows(ink: Pixels) -> float:
    """Return how much better letters line up in columns than in rows: above 1 for vertical lines."""
    _, _, stats, centres = cv2.connectedComponentsWithStats(cast(Any, ink), connectivity=8)
    letters = (stats[:, 3] >= 3) & (stats[:, 3] <= 28) & (stats[:, 2] >= 3) & (stats[:, 2] <= 28) & (stats[:, 4] >= 8)
    xs, ys = centres[letters, 0], centres[letters, 1]
    if len(xs) < 60:
        return 1.0

    def lined_up(along: npt.NDArray[np.float64], across: npt.NDArray[np.float64]) -> float:
        best = 0.0
        for degrees in range(-12, 13, 2):
            rows = ((across - float(np.tan(np.radians(degrees))) * along) / 2.0).astype(np.int32)
            counts = np.bincount(rows - rows.min()).astype(np.float64)
            best = max(best, float(np.square(counts).sum()))
        return best

    return lined_up(ys, xs) / lined_up(xs, ys)


def looks_written(grey: Pixels) -> bool:
    """Return whether there are enough specks of the size of letters, in rows or columns, to be worth another reading."""
    ink = _ink(grey)
    _, _, stats, _ = cv2.connectedComponentsWithStats(cast(Any, ink), connectivity=8)
    letters = int(
        ((stats[:, 3] >= 4) & (stats[:, 3] <= 36) & (stats[:, 2] >= 3) & (stats[:, 2] <= 70) & (stats[:, 4] >= 8)).sum()
    )
    return letters >= 60


def text_slant(grey: Pixels) -> float:
    """Return the slant of the lines of text in degrees, clockwise, between -15 and 15; 0 when there is no clear one."""
    ink = _ink(grey)
    # Only specks of the size of letters: edges of paper, wood grain and joints of tiles would vote for themselves.
    _, _, stats, centres = cv2.connectedComponentsWithStats(cast(Any, ink), connectivity=8)
    letters = (stats[:, 3] >= 3) & (stats[:, 3] <= 28) & (stats[:, 2] <= 60) & (stats[:, 4] >= 5)
    xs, ys = centres[letters, 0], centres[letters, 1]
    if len(xs) < 80:
        return 0.0

    def sharpness(degrees: float) -> float:
        tangent = float(np.tan(np.radians(degrees)))
        rows = ((ys - tangent * xs) / 2.0).astype(np.int32)
        counts = np.bincount(rows - rows.min())
        return float(np.square(counts.astype(np.float64)).sum())

    coarse = max(np.arange(-14, 14.1, 1.0), key=sharpness)
    fine = max(np.arange(coarse - 0.75, coarse + 0.76, 0.25), key=sharpness)
    return float(fine) if sharpness(float(fine)) > 1.08 * sharpness(0.0) else 0.0


def _warp(grey: Pixels, quad: npt.NDArray[np.float32], width_px: int, height_px: int) -> tuple[Pixels, Matrix]:
    target = np.array([[0, 0], [width_px, 0], [width_px, height_px], [0, height_px]], dtype=np.float32)
    forward = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    flat = cv2.warpPerspective(
        grey, forward, (width_px, height_px), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return cast(Pixels, flat), cast(Matrix, np.linalg.inv(forward))


def _flatten(grey: Pixels, quad: npt.NDArray[np.float32], sheet_width_px: int) -> tuple[Pixels, Matrix, float]:
    """Return the flat sheet, the way back, and photo pixels per sheet pixel."""
    sides = [float(np.linalg.norm(quad[(i + 1) % 4] - quad[i])) for i in range(4)]
    wide, high = max(sides[0], sides[2]), max(sides[1], sides[3])
    short, long = max(1.0, min(wide, high)), max(1.0, wide, high)
    scale = min(
        sheet_width_px / short, 1.5 * sheet_width_px / long, max(1.0, min(MOST_ENLARGED, CLEAR_WIDTH_PX / short))
    )
    source = grey
    if scale < 0.6:
        # Averaging before a strong reduction keeps thin strokes; a warp alone would drop pixels.
        half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        flat, back = _warp(
            cast(Pixels, half),
            (quad / 2).astype(np.float32),
            max(32, round(wide * scale)),
            max(32, round(high * scale)),
        )
        back = np.diag([2.0, 2.0, 1.0]) @ back
    else:
        flat, back = _warp(source, quad, max(32, round(wide * scale)), max(32, round(high * scale)))
    return flat, back, 1 / scale


def turn_sheet(sheet: Sheet, degrees: int) -> Sheet:
    """Return the sheet turned clockwise by 90, 180 or 270 degrees."""
    if degrees % 360 == 0:
        return sheet
    height, width = sheet.grey.shape[:2]
    codes = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    turned = cast(Pixels, cv2.rotate(sheet.grey, codes[degrees % 360]))
    forward = exif_matrix({90: 6, 180: 3, 270: 8}[degrees % 360], width, height)[0]
    return Sheet(turned, sheet.to_picture @ np.linalg.inv(forward), sheet.share, sheet.found, sheet.native_scale)


def flat_sheets(picture: Picture, sheet_width_px: int = SHEET_WIDTH_PX) -> list[Sheet]:
    """Return the sheets of the photo, flat, evenly lit, with their lines of text horizontal.

    A sheet may still stand on its head; only reading shows that. From left to right, then from top to bottom.
    """
    grey = cast(Pixels, cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY))
    height, width = grey.shape[:2]
    quads = find_quads(picture.pixels)
    found = bool(quads)
    if not quads:
        quads = [np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)]
    sheets: list[Sheet] = []
    for quad in sorted(quads, key=lambda q: (float(q[:, 0].mean()) // (0.5 * width), float(q[:, 1].mean()))):
        flat, back, native = _flatten(grey, quad, sheet_width_px)
        share = min(1.0, cv2.contourArea(quad) / (height * width))
        sheet = Sheet(without_grain(flat), back, share, found, native)
        if text_runs_vertically(sheet.grey):
            sheet = turn_sheet(sheet, 90)
        slant = text_slant(sheet.grey)
        if abs(slant) >= 0.75:
            sheet = _straightened(sheet, slant)
        sheets.append(sheet)
    return sheets


def _straightened(sheet: Sheet, slant: float) -> Sheet:
    """Return the sheet turned back by `slant` degrees, on a canvas large enough to keep its corners."""
    height, width = sheet.grey.shape[:2]
    radians = np.radians(slant)
    cos, sin = abs(float(np.cos(radians))), abs(float(np.sin(radians)))
    new_width, new_height = round(width * cos + height * sin), round(height * cos + width * sin)
    forward = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), slant, 1.0), [0, 0, 1]])
    forward = np.array([[1, 0, (new_width - width) / 2], [0, 1, (new_height - height) / 2], [0, 0, 1]]) @ forward
    flat = cv2.warpPerspective(sheet.grey, forward, (new_width, new_height), flags=cv2.INTER_LINEAR, borderValue=255)
    return Sheet(
        cast(Pixels, flat), sheet.to_picture @ np.linalg.inv(forward), sheet.share, sheet.found, sheet.native_scale
    )


def map_box(box: tuple[float, float, float, float], matrix: Matrix, width: int, height: int) -> Box:
    """Return the smallest upright box round the transformed corners of `box`, kept inside `width` x `height`."""
    x0, y0, x1, y1 = box
    corners = np.array([[[x0, y0]], [[x1, y0]], [[x1, y1]], [[x0, y1]]], dtype=np.float64)
    moved = cast(Any, cv2.perspectiveTransform(corners, matrix)).reshape(-1, 2)
    left, top = np.floor(moved.min(axis=0))
    right, bottom = np.ceil(moved.max(axis=0))
    clipped_left, clipped_top = int(np.clip(left, 0, width - 1)), int(np.clip(top, 0, height - 1))
    return Box(
        clipped_left,
        clipped_top,
        int(np.clip(right, clipped_left + 1, width)),
        int(np.clip(bottom, clipped_top + 1, height)),
    )


def turn_of(matrix: Matrix) -> int:
    """Return the clockwise turn (0, 90, 180, 270) that makes the stored picture upright.

    `matrix` leads from the upright sheet to the stored picture.
    """
    origin, right = (
        cast(Any, cv2.perspectiveTransform(np.array([[point]], dtype=np.float64), matrix)).reshape(2)
        for point in ((0.0, 0.0), (100.0, 0.0))
    )
    dx, dy = right - origin
    degrees = float(np.degrees(np.arctan2(dy, dx)))
    return (360 - round(degrees / 90) * 90) % 360


def brightness(grey: Pixels) -> float:
    """Return the brightness of the lightest tenth of a picture (0..255): the paper's, when there is paper."""
    return float(np.percentile(grey[::8, ::8], 90))


def sharpness(grey: Pixels) -> float:
    """Return how sharp the edges are: the variance of the Laplacian, divided by the contrast squared."""
    spread = float(grey.std())
    if spread < 1:
        return 0.0
    return float(cv2.Laplacian(grey, cv2.CV_32F).var()) / (spread * spread)


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box round all `boxes`."""
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))
