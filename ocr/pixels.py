"""The two things that pictures are made of here: pixels and the transforms between their coordinates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""A picture: height x width (grey) or height x width x 3 (blue, green, red)."""
Matrix = npt.NDArray[np.float64]
"""A 3 x 3 projective transform of pixel coordinates (origin top left, edges of pixels)."""
