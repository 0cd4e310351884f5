"""A sheet whose colour and light do not part it from its ground is found by its four sides, and with its coloured head."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.sheets import find_papers, sheet_edges
from ocr.sides import sheet_by_sides
from tests.ocr.build import sheet

CORNERS = (np.array([[0.16, 0.1], [0.84, 0.13], [0.8, 0.9], [0.12, 0.86]]) * (1200, 1600)).astype(np.float32)


def _cloth() -> np.ndarray:
    """Return a pale table cloth with dots."""
    cloth = np.full((1600, 1200, 3), (236, 226, 214), np.uint8)
    for x, y in np.random.default_rng(2).uniform(0, 1, (60, 2)):
        cv2.circle(cloth, (round(1200 * x), round(1600 * y)), 26, (52, 84, 150), -1)
    return cloth


def _lying_on(ground: np.ndarray, page: np.ndarray, shadow: float = 0.12) -> np.ndarray:
    """Return a page lying on a ground, with the soft shadow that every sheet throws, in light that falls off."""
    height, width = page.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, CORNERS)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, (1200, 1600))
    dim = 1 - shadow * cv2.GaussianBlur(np.roll(mask, (9, 9), (0, 1)), (41, 41), 0)[..., None] / 255
    below = (ground * dim).astype(np.uint8)
    seen = cv2.warpPerspective(page, matrix, (1200, 1600), dst=below, borderMode=cv2.BORDER_TRANSPARENT)
    light = np.linspace(1.0, 0.8, 1600)[:, None, None]
    noise = np.random.default_rng(5).normal(0, 2, seen.shape)
    return np.clip(seen * light + noise, 0, 255).astype(np.uint8)


def _with_band(page: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Return a page with a coloured band over its head, as many letterheads have."""
    banded = page.copy()
    banded[:290] = colour
    return banded


def _carpet() -> np.ndarray:
    """Return a dark carpet whose knots are as large as print."""
    knots = np.random.default_rng(4).normal(0, 60, (230, 172))
    return np.clip(
        cv2.resize(knots, (1200, 1600), interpolation=cv2.INTER_CUBIC)[..., None] + (96, 66, 46), 0, 255
    ).astype(np.uint8)


def _folded(page: np.ndarray) -> np.ndarray:
    """Return a page folded in three, its middle third turned to the light."""
    third = page.shape[0] // 3
    bent = page * 0.62
    bent[third : 2 * third] = page[third : 2 * third] * 0.8
    bent[third : third + 4] *= 0.7
    bent[2 * third : 2 * third + 4] *= 0.7
    return bent.astype(np.uint8)


SCENES = {
    "pale paper on a pale cloth with dots": _lying_on(
        _cloth(), (sheet() * np.array([0.93, 0.9, 0.84])).astype(np.uint8)
    ),
    "white paper on a white table": _lying_on(np.full((1600, 1200, 3), 246, np.uint8), sheet(), shadow=0.06),
    "a head of another colour than the paper": _lying_on(
        np.full((1600, 1200, 3), (96, 66, 46), np.uint8), _with_band(sheet(), (120, 30, 120))
    ),
    "folded in three on wood": _lying_on(np.full((1600, 1200, 3), (96, 66, 46), np.uint8), _folded(sheet())),
    "such a head on a carpet": _lying_on(_carpet(), _with_band(sheet(), (120, 30, 120))),
}


@pytest.mark.parametrize("scene", SCENES)
def test_the_whole_sheet_is_found(scene: str) -> None:
    ((quad, _),) = find_papers(np.ascontiguousarray(SCENES[scene][:, :, ::-1]))
    assert np.abs(quad - CORNERS).max() < 30


def test_a_table_without_a_sheet_has_none() -> None:
    assert find_papers(np.ascontiguousarray(_cloth()[:, :, ::-1])) == []


def test_a_strip_with_print_below_it_is_not_taken_for_the_end_of_the_sheet() -> None:
    page = sheet()
    page[1180:1190, :] = 60
    page[1300:2200] = page[200:1100]
    found = find_papers(
        np.ascontiguousarray(_lying_on(np.full((1600, 1200, 3), 246, np.uint8), page, 0.06)[:, :, ::-1])
    )
    assert all(np.abs(quad - CORNERS).max() < 40 for quad, _ in found)


def test_a_part_that_ends_at_a_fold_leads_to_the_whole_sheet() -> None:
    scene = cv2.resize(SCENES["folded in three on wood"], (480, 640), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(scene, cv2.COLOR_RGB2LAB)
    middle = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0.5, 0.5, 0], [0.5, 0, 0, 0.5]], np.float32) @ CORNERS * 0.4
    found = sheet_by_sides(lab, sheet_edges(lab), middle)
    assert found is not None
    assert np.abs(found / 0.4 - CORNERS).max() < 30
