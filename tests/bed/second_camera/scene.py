"""The choices behind one photograph of the second camera: table, light, hand and phone, drawn for each profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tests.bed.render import A4_MM

Cast = tuple[float, float, float]
SURFACES = ("wood", "checked", "flowers", "tiles", "carpet", "laminate", "papers", "newspaper", "jeans")
NEUTRAL: Cast = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that decides one photograph; 0 and "" mean that this fault is absent.

    Pixels are those of the captured frame unless "@1600" is said: then those of a frame of 1600 pixels long side.
    """

    # the phone
    captured: int = 2600
    """Long side of the frame as captured, in pixels."""
    long_side: int = 0
    """Long side as stored, after a messenger made it smaller, in pixels; 0: as captured."""
    aspect: float = 0.75
    """Width by height of the upright frame."""
    view: float = 68.0
    """Field of view over the long side in degrees."""
    bow: float = 0.0
    """Radial distortion of the lens (Brown's k1)."""
    turn: int = 0
    """Clockwise turn of the stored picture in degrees: 0, 90, 180 or 270."""
    # how it is held
    tilt: float = 0.0
    """Degrees between the axis of the camera and the normal of the table."""
    azimuth: float = 0.0
    """Degrees: the side towards which the camera leans."""
    roll: float = 0.0
    """Turn of the sheet within the frame in degrees."""
    fill: float = 0.9
    """Share of the frame's height that the sheet takes."""
    cut: float = 0.0
    """Share of the sheet's width beyond the edge of the frame."""
    # the paper
    surface: str = "wood"
    bend: float = 0.0
    """Height of a bulge in mm."""
    curl: float = 0.0
    """Height of a curled corner in mm."""
    fold: float = 0.0
    """Kink at each fold of a folded letter in degrees."""
    fold_parts: int = 3
    """In how many parts it was folded: 2 or 3."""
    crumple: int = 0
    """Number of slight creases in any direction."""
    wear: float = 0.3
    """Strength of the faults of print and paper, 0 to 1."""
    through: float = 0.0
    """Strength of the print of the reverse that shines through, 0 to 1."""
    cover: float = 0.0
    """Share of the page under another paper."""
    # the light
    light: str = "window"
    """"window", "lamp" or "scanner"."""
    ambient: float = 0.5
    """Share of the light that comes from everywhere, 0 to 1."""
    cast: Cast = NEUTRAL
    """Colour of the light that the white balance left (red, green, blue)."""
    level: float = 205.0
    """Grey level of white paper after exposure, 0 to 255."""
    veil: float = 0.004
    """Stray light in the lens, as a share of white; it lowers the contrast."""
    shadow: str = ""
    """What throws a shadow on the page: "hand" or "phone"."""
    shadow_depth: float = 0.0
    patch: float = 0.0
    """Strength of the shadow of something else, 0 to 1."""
    gradient: float = 0.0
    """Strength of an uneven light over the frame, 0 to 1."""
    glare: float = 0.0
    """Light in the middle of a glare spot, as a share of white."""
    # lens and sensor
    defocus: float = 0.0
    """Radius of the blur disc at its worst place, in pixels @1600."""
    focus_even: float = 0.0
    """0: sharp on one side of the frame; 1: equally blurred everywhere."""
    shake: float = 0.0
    """Length of the path of a shaking hand, in pixels @1600."""
    full_well: float = 4000.0
    """Electrons of a white pixel: fewer mean more noise."""
    chroma: float = 0.5
    """Strength of coloured noise."""
    denoise: float = 0.0
    """Strength of the filter that smears noise and print, 0 to 1."""
    low_light: float = 0.0
    """Strength of the patterns of a sensor in the dark, 0 to 1."""
    sharpen: float = 0.6
    # the file
    first_quality: int = 0
    """JPEG quality of the phone's own file before a messenger made it smaller; 0: there was none."""
    middle_quality: int = 0
    """JPEG quality of a file between that one and the stored one; 0: there was none."""
    quality: int = 85
    """JPEG quality of the stored file."""
    faults: tuple[str, ...] = ()


class Draw:
    """Chances of one photograph, in the words of its profile."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def between(self, low: float, high: float) -> float:
        """Return a number between `low` and `high`."""
        return float(self.rng.uniform(low, high))

    def happens(self, chance: float) -> bool:
        """Return whether something of this chance happens."""
        return bool(self.rng.random() < chance)

    def perhaps(self, chance: float, low: float, high: float) -> float:
        """Return a number between `low` and `high` when something of this chance happens, else 0."""
        return self.happens(chance) * self.between(low, high)


@dataclass(frozen=True, slots=True)
class Usual:
    """What all profiles share: a scene by daylight, and the colour that a lamp would give."""

    scene: Scene
    warm: Cast

    def lit(self, scene: Scene, lamp: bool) -> Scene:
        """Return `scene` under a lamp, or at a window by day."""
        light, cast = ("lamp", self.warm) if lamp else ("window", self.scene.cast)
        return replace(scene, light=light, cast=cast)


def _usual(draw: Draw) -> Usual:
    way = draw.between(-1, 1)
    day = (1 + way * 0.05, 1.0, 1 - way * 0.07)
    warm = (1.0, draw.between(0.84, 0.95), draw.between(0.62, 0.86))
    scene = Scene(
        captured=int(draw.between(2000, 3000)),
        view=draw.between(65, 71),
        azimuth=draw.between(0, 360),
        bow=draw.between(-0.02, 0.015),
        through=draw.perhaps(0.25, 0.02, 0.08),
        bend=draw.perhaps(0.7, 1, 6),
        fold=draw.perhaps(0.5, 1, 4),
        fold_parts=int(draw.rng.choice([2, 3, 3, 3])),
        cast=day,
        level=draw.between(190, 228),
        ambient=draw.between(0.35, 0.65),
        surface=str(draw.rng.choice(SURFACES)),
        sharpen=draw.between(0.3, 1.0),
    )
    return Usual(scene, warm)


def _clean(usual: Usual, draw: Draw) -> Scene:
    scene = replace(
        usual.scene,
        wear=0.2,
        bend=0.0,
        fold=draw.perhaps(0.4, 0.5, 2),
        cast=NEUTRAL,
        roll=draw.between(-1.5, 1.5),
        captured=int(draw.between(150, 300) / 25.4 * A4_MM[1]),
        aspect=A4_MM[0] / A4_MM[1],
        fill=draw.between(0.98, 1.0),
        level=draw.between(236, 253),
        full_well=9000.0,
        ambient=0.85,
        bow=0.0,
    )
    if draw.happens(0.5):  # a flatbed: as good as straight from above, under a white or grey lid
        return replace(scene, view=3.0, light="scanner", surface="lid")
    # an app that scans: straightened, with a little of the perspective left
    return replace(scene, tilt=draw.between(0, 1.5), ambient=0.8)


def _good(usual: Usual, draw: Draw) -> Scene:
    return replace(
        usual.scene,
        tilt=draw.between(0, 4),
        fill=draw.between(0.85, 0.98),
        roll=float(np.clip(draw.rng.normal(0, 1.4), -4, 4)),
        long_side=1280 if draw.happens(0.1) else 0,
        gradient=draw.perhaps(0.3, 0.1, 0.3),
    )


def _table(usual: Usual, draw: Draw) -> Scene:
    return replace(
        usual.scene,
        tilt=draw.between(5, 20),
        roll=draw.between(-12, 12),
        fill=draw.between(0.6, 0.85),
        curl=draw.perhaps(0.4, 5, 18),
        bend=draw.perhaps(0.7, 2, 11),
        fold=draw.perhaps(0.6, 2, 7),
        light="lamp",
        cast=usual.warm,
        ambient=draw.between(0.2, 0.5),
        glare=draw.perhaps(0.25, 0.1, 0.4),
        patch=draw.perhaps(0.3, 0.15, 0.4),
        full_well=draw.between(800, 3000),
        defocus=draw.perhaps(0.4, 0.6, 1.5),
        aspect=0.5625 if draw.happens(0.15) else 0.75,
    )


def _far(usual: Usual, draw: Draw) -> Scene:
    scene = replace(
        _table(usual, draw),
        fill=draw.between(0.35, 0.55),
        tilt=draw.between(2, 20),
        captured=int(draw.between(2400, 2900)),
        glare=0.0,
        defocus=draw.perhaps(0.3, 0.3, 0.7),
        aspect=0.75,
        faults=("far",),
    )
    return usual.lit(scene, lamp=draw.happens(0.5))


def _covered(usual: Usual, draw: Draw) -> Scene:
    scene = replace(
        _table(usual, draw),
        cover=draw.between(0.08, 0.20),
        tilt=draw.between(0, 12),
        roll=draw.between(-7, 7),
        fill=draw.between(0.7, 0.92),
        faults=("covered",),
    )
    return usual.lit(scene, lamp=draw.happens(0.5))


def _two(usual: Usual, draw: Draw) -> Scene:
    """Return a frame that lies on its side, over two sheets."""
    return replace(
        _table(usual, draw),
        captured=int(draw.between(2600, 4000)),
        aspect=4 / 3,
        tilt=draw.between(0, 10),
        roll=draw.between(-4, 4),
        fill=draw.between(0.82, 0.92),
        faults=("two",),
    )


def _dark(usual: Usual, draw: Draw) -> Scene:
    return replace(
        usual.scene,
        tilt=draw.between(1, 10),
        roll=draw.between(-6, 6),
        fill=draw.between(0.7, 0.93),
        light="lamp",
        cast=(1.0, draw.between(0.70, 0.86), draw.between(0.40, 0.70)),
        level=draw.between(62, 130),
        veil=draw.between(0.004, 0.025),
        full_well=draw.between(60, 320),
        chroma=draw.between(0.7, 1.4),
        denoise=draw.between(0.3, 0.9),
        low_light=draw.perhaps(0.5, 0.05, 0.25),
        ambient=draw.between(0.15, 0.45),
        shake=draw.perhaps(0.4, 2, 4),
        patch=draw.perhaps(0.4, 0.2, 0.4),
        sharpen=draw.between(0.5, 1.2),
        faults=("dark",),
    )


def _bad(usual: Usual, draw: Draw) -> Scene:
    """Return a photo with two to four faults; the more of them, the weaker each, so that people can still read it."""
    scene = replace(
        usual.scene,
        tilt=draw.between(2, 12),
        roll=draw.between(-6, 6),
        fill=draw.between(0.78, 0.96),
        full_well=draw.between(600, 2500),
    )
    scene = usual.lit(scene, lamp=draw.happens(0.6))
    names = ["shadow", "shake", "creases", "lowlight", "turn", "recompress", "defocus", "cut"]
    faults = {str(name) for name in draw.rng.choice(names, size=int(draw.rng.integers(2, 5)), replace=False)}
    if {"shake", "defocus"} <= faults:  # both at once leave nothing to read
        faults = faults - {"defocus"} | {"shadow"}
    weight = {2: 1.0, 3: 0.85}.get(len(faults), 0.7)
    if "shadow" in faults:
        shape = str(draw.rng.choice(["hand", "phone"]))
        scene = replace(scene, shadow=shape, shadow_depth=weight * draw.between(0.5, 0.85))
    if "shake" in faults:
        scene = replace(scene, shake=3 + 6 * weight * float(draw.rng.beta(1.2, 2.4)))
    if "creases" in faults:
        scene = replace(
            scene,
            fold=weight * draw.between(6, 13),
            crumple=int(draw.rng.integers(2, 6)),
            curl=draw.perhaps(0.4, 4, 12),
            ambient=draw.between(0.2, 0.4),
        )
    if "lowlight" in faults:
        scene = replace(
            scene,
            level=draw.between(100, 160),
            full_well=draw.between(200, 600) / weight,
            denoise=draw.between(0.2, 0.7),
            chroma=draw.between(0.7, 1.2),
        )
    if "turn" in faults:
        scene = replace(scene, turn=360 - 90 * int(draw.rng.integers(1, 4)))
    if "recompress" in faults:
        small = draw.happens(0.12)
        scene = replace(scene, long_side=1280 if small else 1600, first_quality=int(draw.between(84, 93)))
    if "defocus" in faults:
        scene = replace(scene, defocus=weight * draw.between(1.4, 2.8), focus_even=draw.between(0, 0.7))
    if "cut" in faults:
        cut = draw.between(0.007, 0.020)
        scene = replace(scene, cut=cut, roll=float(draw.rng.choice([-1, 1])) * draw.between(1.5, 6))
    return replace(scene, faults=tuple(sorted(faults)))


def _of(
    profile: Callable[[Usual, Draw], Scene], quality: tuple[int, int] = (80, 93)
) -> Callable[[np.random.Generator], Scene]:
    """Return the whole profile, with the file that comes out; a messenger's file has a lower quality than `quality`."""

    def scene(rng: np.random.Generator) -> Scene:
        draw = Draw(rng)
        chosen = profile(_usual(draw), draw)
        messenger = (chosen.long_side or chosen.captured) <= 1600
        last = int(rng.integers(*((60, 76) if messenger else quality)))
        twice = draw.happens(0.6 if messenger else 0.2)
        return replace(chosen, quality=last, middle_quality=int(rng.integers(82, 94)) if twice else 0)

    return scene


SCENES: dict[str, Callable[[np.random.Generator], Scene]] = {
    "clean": _of(_clean),
    "good": _of(_good),
    "table": _of(_table),
    "bad": _of(_bad, (75, 88)),
    "dark": _of(_dark),
    "far": _of(_far),
    "covered": _of(_covered),
    "two": _of(_two),
}
