"""Light on paper and table: a lamp or a window, and the shadows of sheets, hands and phones."""

from __future__ import annotations

import augraphy
import cv2
import numpy as np

from tests.bed.camera import Floats
from tests.bed.second_camera.linear import CENTRE, PAGE_H, PAGE_W, Reals
from tests.bed.second_camera.scene import Scene

CANVAS = 1000
"""Side of the square round the sheets on which shadows are drawn, in mm and in pixels."""


class Light:
    """A lamp or a window, weaker with the square of the distance, and light from all sides; 1 in the page's middle."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        away = {"lamp": rng.uniform(450, 1100), "window": rng.uniform(1200, 3000)}.get(scene.light, 1e5)
        high = np.radians(rng.uniform(30, 70) if scene.light == "lamp" else rng.uniform(22, 55))
        side = rng.uniform(0, 2 * np.pi)
        self._way = np.array([np.cos(high) * np.cos(side), np.cos(high) * np.sin(side), np.sin(high)])
        self._at = np.array([*CENTRE, 0]) + away * self._way
        self._ambient = scene.ambient
        self._unit = self._way[2] / away**2

    def on(
        self, x: Reals, y: Reals, z: Reals | float, slope_x: Reals | float = 0.0, slope_y: Reals | float = 0.0
    ) -> Reals:
        """Return the light on points of a surface with these slopes."""
        to_x, to_y, to_z = self._at[0] - x, self._at[1] - y, self._at[2] - z
        facing = (to_z - slope_x * to_x - slope_y * to_y) / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
        direct = np.clip(facing, 0, None) / (to_x * to_x + to_y * to_y + to_z * to_z) ** 1.5 / self._unit
        return self._ambient + (1 - self._ambient) * direct

    def shadow_of(self, rim: Reals, blur: float) -> Reals:
        """Return the shadow (0 to 1, on the canvas) that the outline `rim` throws down, with the shade of its contact.

        `rim` holds x, y and the height over what is shaded, in mm; `blur` is the softness of the shadow's edge in mm.
        """
        shapes: list[Floats] = []
        for sideways, softness in ((-self._way[:2] / self._way[2], blur), (np.zeros(2), 3.5)):
            points = rim[:2].T + rim[2][:, None] * sideways - CENTRE + CANVAS / 2
            shape = np.zeros((CANVAS, CANVAS), np.float32)
            cv2.fillPoly(shape, [np.round(points * 16).astype(np.int32)], 1.0, cv2.LINE_8, 4)
            shapes.append(cv2.GaussianBlur(shape, (0, 0), softness))
        return (1 - self._ambient) * 0.9 * shapes[0] + 0.25 * self._ambient * shapes[1]


def on_canvas(canvas: Reals, x: Reals, y: Reals) -> Floats:
    """Return the values of a canvas of shadows at points of the world."""
    at_x, at_y = (x - CENTRE[0] + CANVAS / 2).astype(np.float32), (y - CENTRE[1] + CANVAS / 2).astype(np.float32)
    return cv2.remap(canvas, at_x, at_y, cv2.INTER_LINEAR)


def shadow_of_the_holder(kind: str, rng: np.random.Generator) -> Floats:
    """Return the soft shadow (0 to 1, on the canvas) of a "hand" with its arm, or of a "phone" held over the page."""
    out = np.zeros((CANVAS, CANVAS), np.float32)
    way = np.radians(rng.uniform(20, 160))  # the arm comes from below
    along, across = np.array([np.cos(way), np.sin(way)]), np.array([-np.sin(way), np.cos(way)])
    tip = CANVAS / 2 + rng.uniform(-0.3, 0.3, 2) * [PAGE_W, PAGE_H]
    palm = tip + along * 70

    def limb(start: Reals, end: Reals, thick: float) -> None:
        cv2.line(out, start.astype(int).tolist(), end.astype(int).tolist(), 1.0, int(thick), cv2.LINE_AA)

    limb(palm + along * 60, palm + along * 700, rng.uniform(70, 100))
    if kind == "hand":
        limb(palm - along * 8, palm + along * 40, 80)
        for finger in range(4):
            root = palm + across * (finger - 1.5) * 21
            spread = across * (finger - 1.5) * rng.uniform(22, 32)
            limb(root, palm + spread - along * (62 + 16 * np.sin(finger * 1.1)), 17)
        limb(palm + across * 38 + along * 20, palm + across * 72 - along * 22, 20)
    else:
        limb(palm + along * 10, palm + along * 70, 75)
        turn = np.degrees(way) + rng.choice([0, 90]) + rng.normal(0, 10)
        phone = cv2.boxPoints(((float(tip[0]), float(tip[1])), (160.0, 78.0), turn))
        cv2.fillConvexPoly(out, np.round(phone).astype(np.int32), 1.0, cv2.LINE_AA)
    return cv2.GaussianBlur(out, (0, 0), rng.uniform(5, 18))


def uneven(scene: Scene, shape: tuple[int, int]) -> Floats:
    """Return uneven light over the frame (1 is full), by augraphy's ShadowCast and LightingGradient.

    Their chance is that of Python's and NumPy's own generators, which `photograph` sets.
    """
    out, white = np.ones(shape, np.float32), np.full((400, 300, 3), 255, np.uint8)
    if scene.patch:
        fault = augraphy.ShadowCast(
            shadow_vertices_range=(3, 8), shadow_opacity_range=(0.8, 0.9), shadow_blur_kernel_range=(31, 71)
        )
        cast = fault(white, force=True)
        out *= 1 - scene.patch * (1 - cv2.resize(cast[..., 0], shape[::-1]).astype(np.float32) / 255)
    if scene.gradient:
        fault = augraphy.LightingGradient(max_brightness=255, min_brightness=120, mode="gaussian", transparency=0.5)
        lit = fault(white // 2, force=True)
        lit = cv2.GaussianBlur(cv2.resize(lit[..., 0], shape[::-1]).astype(np.float32), (0, 0), 9)
        out *= 1 + scene.gradient * (lit / lit.max() - 1)
    return out
