"""Where the phone is held, and which pixel sees which point of the world."""

from __future__ import annotations

import numpy as np

from tests.bed.second_camera.linear import CENTRE, PAGE_H, PAGE_W, Reals
from tests.bed.second_camera.scene import Scene


class Pinhole:
    """A pinhole camera with slight radial distortion (Brown 1966), held so that the sheets fill the frame as planned.

    `width` and `height` are those of the captured frame in pixels, `focal` the focal length in pixels, `distance` that
    from the eye to the middle of the sheets in mm, `scale` the pixels of one mm there.
    """

    def __init__(self, scene: Scene, rims: list[Reals], rng: np.random.Generator) -> None:
        """`rims` are the edges of the sheets in the world (see `Sheet.rim`)."""
        long_side = max(scene.captured, scene.long_side)
        upright = scene.aspect <= 1
        self.width = round(long_side * scene.aspect) if upright else long_side
        self.height = long_side if upright else round(long_side / scene.aspect)
        self.focal = long_side / 2 / np.tan(np.radians(scene.view / 2))
        self._bow = scene.bow
        tilt, azimuth, roll = np.radians([scene.tilt, scene.azimuth, scene.roll])
        back = np.array([np.sin(tilt) * np.cos(azimuth), np.sin(tilt) * np.sin(azimuth), np.cos(tilt)])
        right = np.array([1.0, 0, 0]) - back[0] * back
        right /= np.linalg.norm(right)
        down = np.array([0, 1.0, 0]) - back[1] * back - right[1] * right
        down /= np.linalg.norm(down)
        right, down = np.cos(roll) * right + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * right
        self._axes = np.array([right, down, -back])
        self._aim(scene, np.concatenate(rims, axis=1), back, rng)

    def _aim(self, scene: Scene, rim: Reals, back: Reals, rng: np.random.Generator) -> None:
        """Move the eye along and across its axis until `rim` has the wanted size and place in the frame."""
        frame = np.array([self.width, self.height])
        wanted_size = frame * (max(0.985, scene.fill), scene.fill)
        target = np.array([*CENTRE, 0.0])
        for _ in range(5):
            near, far = 0.3 * self.focal / self.height * PAGE_H, 12 * self.focal / self.height * PAGE_H
            for _ in range(30):  # bisection: the size in the frame falls with the distance
                self.distance = float((near * far) ** 0.5)
                self._eye = target + back * self.distance
                low, high = self._box(rim)
                if np.any(high - low > wanted_size):
                    near = self.distance
                else:
                    far = self.distance
            target = self._moved(target, (low + high) / 2 - frame / 2)
        free = np.maximum((frame - (high - low)) / 2, 0)
        off = free * rng.uniform(-0.8, 0.8, 2)
        if scene.cut:
            side = int(rng.random() < 0.3)
            off[side] = rng.choice([-1, 1]) * (free[side] + scene.cut * PAGE_W * self.focal / self.distance)
        wanted = (low + high) / 2 + off
        for _ in range(4):  # tilt and lens make each move a little larger or smaller than asked
            target = self._moved(target, (low + high) / 2 - wanted)
            self._eye = target + back * self.distance
            low, high = self._box(rim)
        self.scale = self.focal / self.distance

    def _moved(self, target: Reals, pixels: Reals) -> Reals:
        across = self._axes[0] * pixels[0] + self._axes[1] * pixels[1]
        return target + across * self.distance / self.focal

    def _box(self, rim: Reals) -> tuple[Reals, Reals]:
        points = np.stack(self.project(*rim))
        return points.min(1), points.max(1)

    def project(self, x: Reals, y: Reals, z: Reals) -> tuple[Reals, Reals]:
        """Return the pixels of points of the world in the captured frame; centres of pixels are whole numbers."""
        a, b, deep = (sum(axis[k] * (p - self._eye[k]) for k, p in enumerate((x, y, z))) for axis in self._axes)
        a, b = a / deep, b / deep
        bow = self.focal * (1 + self._bow * (a * a + b * b))
        return a * bow + (self.width - 1) / 2, b * bow + (self.height - 1) / 2

    def rays(self, px: Reals, py: Reals) -> Reals:
        """Return the directions in the world of the rays through these pixels; the first axis is x, y, z."""
        a0, b0 = (px - (self.width - 1) / 2) / self.focal, (py - (self.height - 1) / 2) / self.focal
        a, b = a0, b0
        for _ in range(4):
            bow = 1 + self._bow * (a * a + b * b)
            a, b = a0 / bow, b0 / bow
        return np.stack([self._axes[0][k] * a + self._axes[1][k] * b + self._axes[2][k] for k in range(3)])

    def meet(self, rays: Reals, z: Reals | float) -> tuple[Reals, Reals]:
        """Return x and y (mm) where rays from the eye meet the height `z`."""
        t = (z - self._eye[2]) / rays[2]
        return self._eye[0] + t * rays[0], self._eye[1] + t * rays[1]
