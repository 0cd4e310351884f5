"""A hand that moved while the picture was taken: which way and how far is found by reading, then it is undone.

A short movement smears each point of the page into a short straight line. Its spectrum is then multiplied by that of the
line, a sinc, and dividing by it where the smeared page still holds something above the noise gives the page back (N. Wiener,
Extrapolation, Interpolation and Smoothing of Stationary Time Series, 1949). Measures of sharpness prefer ringing to
letters, so the recogniser itself says which movement, undone, leaves the clearest print on a few lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from briefbrug.letter import Box
from ocr.pixels import Pixels

SOFT = 0.55
"""Standard deviation in pixels of the softness that lens and enlarging add to every photo."""
NOISE = 0.06
"""Power of the noise beside that of print: fair light has less, dim light more, and one for both lost no words."""
FIRST_LOOK = ((4.0, 20), (7.0, 12))
"""Lengths in pixels, and the step of their angles in degrees: the longer the movement, the sharper its direction."""
CLOSER = ((1.5, 10.0), (0.7, 5.0))
"""Steps of length and angle round the best movement so far."""
HOPELESS = -0.15
"""Gain of the first look below which the true movement does not lie between the movements tried."""
CLEARER = 0.03
"""How much more certain the sample must read (mean natural logarithm) for a movement to count as found."""
PROMISING = 0.015
"""Gain before the last, closest look below which there is none: of 30 weak pages the 9 where a movement was undone had at
least 0.023 by then, 13 of the 21 others less than this; a quarter of the search is spared."""
SAMPLES = 16
SAMPLE_WIDE = 300
FINALISTS = 3
LEAST_SAMPLES = 3
RIM = 24
"""Pixels round a sample: the movement smears its neighbours into it."""
MARGIN = 4


@dataclass(frozen=True, slots=True)
class Motion:
    """A movement: `length` in pixels of the sheet, `angle` in degrees clockwise from the right (0 to 180)."""

    length: float
    angle: float


class _Spectrum:
    """A picture as its frequencies, so that many movements can be tried on it."""

    def __init__(self, grey: Pixels) -> None:
        self._height, self._width = grey.shape[:2]
        high, wide = cv2.getOptimalDFTSize(self._height), 2 * cv2.getOptimalDFTSize((self._width + 1) // 2)
        rim = cv2.copyMakeBorder(grey, 0, high - self._height, 0, wide - self._width, cv2.BORDER_REFLECT)
        self._mean = float(rim.mean())
        self._size = (high, wide)
        self._frequencies = np.fft.rfft2(rim.astype(np.float32) - self._mean)

    def without(self, motion: Motion) -> Pixels:
        """Return the picture with the movement undone."""
        high, wide = self._size
        down = np.fft.fftfreq(high)[:, None].astype(np.float32)
        right = np.fft.rfftfreq(wide)[None, :].astype(np.float32)
        turn = np.radians(motion.angle)
        smear = np.sinc(motion.length * (right * np.cos(turn) + down * np.sin(turn)))
        smear *= np.exp(-2 * (np.pi * SOFT) ** 2 * (right * right + down * down))
        back = np.fft.irfft2(self._frequencies * (smear / (smear * smear + NOISE)), s=self._size) + self._mean
        return np.clip(back[: self._height, : self._width], 0, 255).astype(np.uint8)


def without_motion(grey: Pixels, motion: Motion) -> Pixels:
    """Return a sheet with the movement undone."""
    return _Spectrum(grey).without(motion)


class _Sample:
    """A piece of a line: as it is, and its frequencies with a rim, into which the movement smears its neighbours."""

    def __init__(self, grey: Pixels, line: Box) -> None:
        top, left = max(0, line.y0 - RIM), max(0, line.x0 - RIM)
        part = grey[top : line.y1 + RIM, left : line.x1 + RIM]
        self._rows = slice(max(0, line.y0 - top - MARGIN), line.y1 - top + MARGIN)
        self._columns = slice(max(0, line.x0 - left - MARGIN), line.x1 - left + MARGIN)
        self._spectrum = _Spectrum(part)
        self.as_it_is = part[self._rows, self._columns]

    def without(self, motion: Motion) -> Pixels:
        return self._spectrum.without(motion)[self._rows, self._columns]


def find_motion(grey: Pixels, lines: Sequence[Box], certainty: Callable[[Sequence[Pixels]], float]) -> Motion | None:
    """Return the movement that, undone, lets a sample of `lines` be read much more certainly; None when none does.

    Args:
        grey: a flat, even sheet.
        lines: boxes of its printed lines.
        certainty: how certainly pieces of lines are read (mean natural logarithm of the letters' chances; at most 0).
    """
    chosen = _chosen(lines)
    if len(chosen) < LEAST_SAMPLES:
        return None
    pieces = [_Sample(grey, line) for line in chosen]
    look = _Look(pieces[::3], certainty)
    look.at([Motion(length, float(angle)) for length, step in FIRST_LOOK for angle in range(0, 180, step)])
    if look.gain(look.best(1)[0]) < HOPELESS:
        return None
    # A few lines flatter the movement that suits them: all of them judge the closer ones.
    closer = _Look(pieces, certainty)
    closer.at(look.best(FINALISTS))
    for far, wide in CLOSER:
        [near] = closer.best(1)
        if far == CLOSER[-1][0] and closer.gain(near) < PROMISING:
            return None
        closer.at([_near(near, far * i, wide * k) for i in (-1, 0, 1) for k in (-1, 0, 1)])
    [found] = closer.best(1)
    return found if closer.gain(found) > CLEARER else None


class _Look:
    """Movements tried on some pieces of lines, and how certainly these were read without them."""

    def __init__(self, pieces: Sequence[_Sample], certainty: Callable[[Sequence[Pixels]], float]) -> None:
        self._pieces = pieces
        self._certainty = certainty
        self._before = certainty([piece.as_it_is for piece in pieces])
        self._after: dict[Motion, float] = {}

    def at(self, motions: Sequence[Motion]) -> None:
        """Try some movements, those tried before not again."""
        for motion in motions:
            if motion not in self._after:
                self._after[motion] = self._certainty([piece.without(motion) for piece in self._pieces])

    def best(self, count: int) -> list[Motion]:
        """Return the movements without which the pieces are read most certainly, the best first."""
        return sorted(self._after, key=lambda motion: -self._after[motion])[:count]

    def gain(self, motion: Motion) -> float:
        """Return how much more certainly the pieces are read without this movement (a difference of logarithms)."""
        return self._after[motion] - self._before


def _near(motion: Motion, further: float, turned: float) -> Motion:
    return Motion(max(1.0, motion.length + further), (motion.angle + turned) % 180)


def _chosen(lines: Sequence[Box]) -> list[Box]:
    """Return pieces of long lines of usual height, from all over the sheet."""
    if not lines:
        return []
    usual = float(np.median([line.y1 - line.y0 for line in lines]))
    fit = [
        line
        for line in lines
        if 0.6 * usual < line.y1 - line.y0 < 1.8 * usual and line.x1 - line.x0 > 6 * (line.y1 - line.y0)
    ]
    fit.sort(key=lambda line: line.x0 - line.x1)
    spread = fit[: 2 * SAMPLES : 2] if len(fit) >= 2 * SAMPLES else fit[:SAMPLES]
    return [Box(line.x0, line.y0, min(line.x1, line.x0 + SAMPLE_WIDE), line.y1) for line in spread]
