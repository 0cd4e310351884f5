"""From a photo's bytes to flat, evenly lit, upright sheets of paper, each with its way back to the photo's pixels."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.letter import Box
from ocr.limits import DEFAULT_LIMITS, Limits
from ocr.pixels import Matrix, Pixels
from ocr.sheets import find_papers, one_folded
from ocr.stages import Stages

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
"""The only decoders that may see a resident's file."""

SHEET_WIDTH_PX = 1654
"""Width of an A4 sheet at 200 dpi: more pixels cost time and bring no words."""

CLEAR_WIDTH_PX = 1240
"""Width of an A4 sheet at 150 dpi: a sheet that is smaller on the photo is enlarged, because small print needs it."""
MOST_ENLARGED = 2.0


LYING = 1.2
"""Width over height from which a sheet with horizontal text lies: half a letter, seen by the shadow of its fold."""
WHOLE_FIT = 0.975
"""Share of a sheet that must be seen as paper, otherwise something lies on it (covered sheets: at most 0.972, others
above 0.98, bad photos and white tables at times a little less)."""


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
    photo pixels per sheet pixel; `whole` is False where something that is no paper lies on the sheet.
    """

    grey: Pixels
    to_picture: Matrix
    share: float
    found: bool
    native_scale: float
    whole: bool = True


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


# ---------------------------------------------------------------- flattening


NOISY = 2.5
"""Grain of an evened sheet (grey levels) from which smoothing between edges saves letters, and time: grain is read as
letters. Plain smoothing joins letters and makes boxes too high; pushing faint grey to white thins blurred letters."""
ENLARGED = 0.9
"""Photo pixels per sheet pixel below which a sheet counts as enlarged."""
GRAINY = 4.5
"""Grain from which an enlarged sheet, its grain enlarged with it, needs averaging over alike places. That takes longer
than reading (0.6 s against 0.02 s) and saves nothing elsewhere: measured on good, bad and dark photos."""


def even_light(grey: Pixels) -> Pixels:
    """Return `grey` with shadows and gradients divided out: paper becomes white, ink keeps its strength."""
    height, width = grey.shape[:2]
    eighth = cv2.resize(grey, (max(8, width // 8), max(8, height // 8)), interpolation=cv2.INTER_AREA)
    # Print is closed over, and nothing else: light taken from the lightest neighbour alone leaves a dark rim along the edge
    # of a hand's shadow, in which no lines are found. A wider median would smear that edge over the letters beside it.
    light = cv2.medianBlur(cv2.morphologyEx(eighth, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), 7)
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return cast(Pixels, cv2.divide(grey, cv2.max(light, np.full_like(light, 8)), scale=255))


def grain(grey: Pixels) -> float:
    """Return the noise of a sheet in grey levels: how far pixels stand from the middle of their neighbours."""
    height, width = grey.shape[:2]
    part = np.ascontiguousarray(grey[height // 4 : 3 * height // 4, width // 8 : 7 * width // 8])
    return float(cv2.absdiff(part, cv2.medianBlur(part, 3)).mean()) if part.size else 0.0


def without_grain(flat: Pixels, enlarged: bool = False) -> Pixels:
    """Return a flat sheet with even light, and without the grain of a dim photo."""
    even = even_light(flat)
    seen = grain(even)
    if seen <= NOISY:
        return even
    own = grain(flat)
    if enlarged and seen > GRAINY:
        return even_light(cast(Pixels, cv2.fastNlMeansDenoising(flat, None, float(np.clip(3 * own, 4, 25)), 5, 11)))
    return even_light(cast(Pixels, cv2.bilateralFilter(flat, 5, float(np.clip(8 * own, 12, 60)), 2)))


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
    return replace(sheet, grey=turned, to_picture=sheet.to_picture @ np.linalg.inv(forward))


def flat_sheets(picture: Picture, sheet_width_px: int = SHEET_WIDTH_PX, stages: Stages | None = None) -> list[Sheet]:
    """Return the sheets of the photo, flat, evenly lit, with their lines of text horizontal.

    A sheet may still stand on its head; only reading shows that. From left to right, then from top to bottom.
    """
    watch = stages if stages is not None else Stages()
    with watch.lap("find"):
        grey = cast(Pixels, cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY))
        height, width = grey.shape[:2]
        papers = find_papers(picture.pixels)
    found = bool(papers)
    if not papers:
        whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
        papers = [(whole, 1.0 if _paper_to_the_edge(grey) else 0.0)]
    papers.sort(key=lambda p: (float(p[0][:, 0].mean()) // (0.5 * width), float(p[0][:, 1].mean())))
    sheets = [_flat_sheet(grey, quad, fit, found, sheet_width_px, watch) for quad, fit in papers]
    if len(sheets) == 2 and all(sheet.grey.shape[1] > LYING * sheet.grey.shape[0] for sheet in sheets):
        # Two letters beside or below each other stand upright; a folded one lies, its text along both halves.
        both = one_folded(papers[0][0], papers[1][0])
        if both is not None:
            sheets = [_flat_sheet(grey, both, min(fit for _, fit in papers), found, sheet_width_px, watch)]
    return sheets


def _flat_sheet(
    grey: Pixels, quad: npt.NDArray[np.float32], fit: float, found: bool, sheet_width_px: int, watch: Stages
) -> Sheet:
    """Return one sheet of a photo, flat, evenly lit, its lines of text horizontal."""
    height, width = grey.shape[:2]
    with watch.lap("flatten"):
        flat, back, native = _flatten(grey, quad, sheet_width_px)
    share = min(1.0, cv2.contourArea(quad) / (height * width))
    with watch.lap("even"):
        sheet = Sheet(without_grain(flat, native < ENLARGED), back, share, found, native, fit >= WHOLE_FIT)
    with watch.lap("turn"):
        if text_runs_vertically(sheet.grey):
            sheet = turn_sheet(sheet, 90)
        slant = text_slant(sheet.grey)
        return _straightened(sheet, slant) if abs(slant) >= 0.75 else sheet


def _paper_to_the_edge(grey: Pixels) -> bool:
    """Return whether the rim of a picture is as light as paper, bar a printed band: a scan, or a white table."""
    small = cv2.resize(grey, (120, 160), interpolation=cv2.INTER_AREA)
    rim = np.concatenate([small[:4].ravel(), small[-4:].ravel(), small[:, :4].ravel(), small[:, -4:].ravel()])
    return float((rim > 0.75 * float(np.percentile(small, 90))).mean()) > 0.7


def _straightened(sheet: Sheet, slant: float) -> Sheet:
    """Return the sheet turned back by `slant` degrees, on a canvas large enough to keep its corners."""
    height, width = sheet.grey.shape[:2]
    radians = np.radians(slant)
    cos, sin = abs(float(np.cos(radians))), abs(float(np.sin(radians)))
    new_width, new_height = round(width * cos + height * sin), round(height * cos + width * sin)
    forward = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), slant, 1.0), [0, 0, 1]])
    forward = np.array([[1, 0, (new_width - width) / 2], [0, 1, (new_height - height) / 2], [0, 0, 1]]) @ forward
    flat = cv2.warpPerspective(sheet.grey, forward, (new_width, new_height), flags=cv2.INTER_LINEAR, borderValue=255)
    return replace(sheet, grey=cast(Pixels, flat), to_picture=sheet.to_picture @ np.linalg.inv(forward))


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


def edge_width(grey: Pixels) -> float:
    """Return how many pixels an edge of print takes at 1100 pixels a page: below 3 for sharp photos, above 4 for blurred.

    The step from paper to ink beside the steepest slope near it. Grain and faint print change both alike.
    """
    scale = min(1.0, 1100 / max(grey.shape[:2]))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    small = cv2.medianBlur(small, 3)
    near = np.ones((11, 11), np.uint8)
    step = cv2.subtract(cv2.dilate(small, near), cv2.erode(small, near)).astype(np.float32)
    slope = cv2.magnitude(cv2.Sobel(small, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(small, cv2.CV_32F, 0, 1, ksize=3)) / 8
    steep = cv2.dilate(slope, near)
    print_ = step > 0.6 * float(np.percentile(step, 95))
    if not print_.any():
        return 0.0
    return float(np.median(step[print_] / np.maximum(steep[print_], 1e-3)))


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box round all `boxes`."""
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))
