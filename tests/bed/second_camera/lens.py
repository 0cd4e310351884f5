"""What lens, hand and sensor do to the light, what the phone makes of it, and how the picture is stored."""

from __future__ import annotations

import augraphy
import cv2
import numpy as np

from tests.bed.camera import Floats, Picture, saved_again
from tests.bed.second_camera.linear import to_srgb
from tests.bed.second_camera.scene import Scene

READ_NOISE = 2.5
"""Electrons that reading a pixel adds (deviation)."""


def _disc(radius: float) -> Floats:
    reach = int(radius + 1.5)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return (kernel / kernel.sum()).astype(np.float32)


def _path(length: float, rng: np.random.Generator) -> Floats:
    """Return the kernel of a curved path of `length` pixels on which the hand rests somewhere."""
    way, t = rng.uniform(0, 2 * np.pi), np.linspace(0, 1, 200)
    along, aside = length * (t - 0.5), length * rng.uniform(-0.5, 0.5) * 4 * (t - 0.5) ** 2
    x, y = along * np.cos(way) - aside * np.sin(way), along * np.sin(way) + aside * np.cos(way)
    stay = 0.35 + np.exp(-((t - rng.random()) ** 2) / 0.05)
    x, y = x - np.average(x, weights=stay), y - np.average(y, weights=stay)
    reach = int(np.ceil(length)) + 2
    size, span = 2 * reach + 1, [-reach - 0.5, reach + 0.5]
    fine = np.histogram2d(y, x, size * 3, [span, span], weights=stay)[0]
    path = cv2.resize(cv2.GaussianBlur(fine, (0, 0), 1.2), (size, size), interpolation=cv2.INTER_AREA)
    return (path / path.sum()).astype(np.float32)


def blurred(light: Floats, scene: Scene, rng: np.random.Generator) -> Floats:
    """Return the light on the sensor: a lens that is never quite sharp, a focus that varies, and a shaking hand."""
    light, unit = cv2.GaussianBlur(light, (0, 0), 0.55), max(light.shape[:2]) / 1600
    if scene.defocus:
        h, w = light.shape[:2]
        way = rng.uniform(0, 2 * np.pi)
        x, y = np.linspace(-1, 1, w, dtype=np.float32), np.linspace(-1, 1, h, dtype=np.float32)
        across = np.cos(way) * x[None] + np.sin(way) * y[:, None]
        worse = np.clip(across / 2.4 + 0.5, 0, 1) ** 1.5
        amount = scene.focus_even + (1 - scene.focus_even) * worse
        half, whole = (
            cv2.filter2D(light, -1, _disc(scene.defocus * unit * part), borderType=cv2.BORDER_REPLICATE)
            for part in (0.5, 1)
        )
        low, high = np.clip(amount * 2, 0, 1)[..., None], np.clip(amount * 2 - 1, 0, 1)[..., None]
        light += low * (half - light)
        light += high * (whole - light)
    if scene.shake:
        light = cv2.filter2D(light, -1, _path(scene.shake * unit, rng), borderType=cv2.BORDER_REPLICATE)
    return light


def developed(light: Floats, scene: Scene, rng: np.random.Generator) -> Picture:
    """Return what the phone makes of the light: noise, its filters, and stored grey levels (RGB).

    The noise is that of Poisson and Gauss, its variance the light by the full well plus that of reading (Foi et al.,
    2008).
    """
    h, w = light.shape[:2]
    grey = np.clip(light @ np.array([0.25, 0.6, 0.15], np.float32), 0, 1)
    deviation = np.sqrt(grey / scene.full_well + (READ_NOISE / scene.full_well) ** 2)
    grain = cv2.GaussianBlur(rng.standard_normal((h, w), dtype=np.float32), (0, 0), 0.5) * 1.5
    colour = rng.standard_normal((h // 2 + 1, w // 2 + 1, 3), dtype=np.float32)
    colour = cv2.resize(cv2.GaussianBlur(colour, (0, 0), 0.8) * 2.2, (w, h), interpolation=cv2.INTER_LINEAR)
    colour *= scene.chroma * np.array([1.1, 0.5, 1.4], np.float32)
    colour += grain[..., None]
    colour *= deviation[..., None]
    out = to_srgb(light + colour)
    out += 0.25 * out * (1 - out) * (out - 0.5)  # a little more contrast in the middle, as phones like it
    if scene.denoise:
        smooth = cv2.bilateralFilter(out, 5, 0.10 + 0.15 * scene.denoise, 1.6)
        out += scene.denoise * (smooth - out)
    out += scene.sharpen * (out - cv2.GaussianBlur(out, (0, 0), 1.3 * max(h, w) / 2600))
    np.clip(out, 0, 1, out=out)
    picture = (out * 255 + 0.5).astype(np.uint8)
    if scene.low_light:
        small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        pattern = augraphy.LowLightNoise()(small, force=True).astype(np.float32) - small
        picture = np.clip(picture + scene.low_light * cv2.resize(pattern, (w, h)), 0, 255).astype(np.uint8)
    return picture


def stored(picture: Picture, scene: Scene) -> Picture:
    """Return the picture as a phone or a messenger stores it: made smaller, turned, and often saved once before."""
    if scene.first_quality:
        picture = saved_again(picture, scene.first_quality)
    h, w = picture.shape[:2]
    share = scene.long_side / max(h, w)
    if 0 < share < 1:
        picture = cv2.resize(picture, (round(w * share), round(h * share)), interpolation=cv2.INTER_AREA)
    picture = np.ascontiguousarray(np.rot90(picture, -(scene.turn // 90)))
    return saved_again(picture, scene.middle_quality) if scene.middle_quality else picture
