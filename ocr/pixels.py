"""What pictures are made of here: pixels, the transforms between their coordinates, and a line cut out along its slant."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""A picture: height x width (grey) or height x width x 3 (blue, green, red)."""
Matrix = npt.NDArray[np.float64]
"""A 3 x 3 projective transform of pixel coordinates (origin top left, edges of pixels)."""


def cut_along(grey: Pixels, left: float, top: float, slope: float, width: int, height: int) -> Pixels:
    """Return `width` x `height` pixels whose top left corner lies on (`left`, `top`); `slope` is how much the line drops
    for each pixel to the right. Beyond the sheet its edge runs on.
    """
    way = np.array([[1, 0, left], [slope, 1, top]], dtype=np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cast(Pixels, cv2.warpAffine(grey, way, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE))
