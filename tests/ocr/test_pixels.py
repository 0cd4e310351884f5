"""What is worked out faster than numpy does it is what numpy says."""

from __future__ import annotations

import numpy as np

from ocr.pixels import percentiles, quantile


def test_a_quantile_of_a_few_values_is_that_of_numpy() -> None:
    chance = np.random.default_rng(3)
    for count in (1, 2, 3, 10, 57, 400):
        values = chance.integers(0, 256, count).astype(np.int16)
        for share in (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0):
            assert quantile(values, share) == float(np.quantile(values, share))


def test_percentiles_of_a_picture_are_those_of_numpy() -> None:
    chance = np.random.default_rng(4)
    for height, width in ((1, 1), (1, 2), (7, 5), (31, 402)):
        grey = chance.integers(0, 256, (height, width)).astype(np.uint8)
        part = grey[::2, ::3]
        assert percentiles(part, 4, 12, 90) == tuple(float(v) for v in np.percentile(part, (4, 12, 90)))
    assert percentiles(np.full((9, 9), 77, np.uint8), 4, 90) == (77.0, 77.0)
