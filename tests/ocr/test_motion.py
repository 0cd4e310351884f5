"""A hand that moved: the movement is found by reading, and undone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from briefbrug.letter import Box
from ocr.batched import Batched
from ocr.motion import Motion, find_motion, without_motion
from ocr.page import Pixels, even_light
from ocr.sheets import one_folded
from ocr.tesseract import find_tessdata
from tests.ocr.build import LETTER, sheet


@pytest.fixture(scope="module")
def recogniser() -> Batched:
    folder = find_tessdata()
    assert folder is not None
    return Batched(folder)


@pytest.fixture(scope="module")
def page() -> Pixels:
    return np.asarray(cv2.cvtColor(sheet(LETTER, 1240, 1754), cv2.COLOR_RGB2GRAY), np.uint8)


def smeared(page: Pixels, length: int, angle: float) -> Pixels:
    """Return the page as a camera sees it that moves by `length` pixels at `angle` degrees, with some grain."""
    path = np.zeros((41, 41), np.float32)
    turn = np.radians(angle)
    for at in np.linspace(-length / 2, length / 2, 200):
        path[round(20 + at * np.sin(turn)), round(20 + at * np.cos(turn))] += 1
    moved = cv2.filter2D(page, cv2.CV_32F, path / path.sum())
    grain = np.random.default_rng(3).normal(0, 3, page.shape)
    return np.asarray(np.clip(moved + grain, 0, 255), np.uint8)


def right_words(recogniser: Batched, page: Pixels) -> int:
    seen = [word.text for word in recogniser.recognise(page)]
    return sum(word in seen for line in LETTER for word in line.split())


@pytest.mark.parametrize(("length", "angle"), [(8, 0), (9, 50), (8, 130)])
def test_the_movement_is_found_and_its_words_come_back(recogniser: Batched, page: Pixels, length: int, angle: float):
    moved = smeared(page, length, angle)
    found = find_motion(moved, recogniser.lines(moved), recogniser.certainty)
    assert found is not None
    assert abs(found.length - length) <= 3
    assert abs((found.angle - angle + 90) % 180 - 90) <= 25
    assert right_words(recogniser, without_motion(moved, found)) > right_words(recogniser, moved) + 5


def test_a_steady_page_was_not_moved(recogniser: Batched, page: Pixels):
    assert find_motion(page, recogniser.lines(page), recogniser.certainty) is None


def test_a_page_without_lines_was_not_moved(recogniser: Batched):
    empty = np.full((400, 300), 250, np.uint8)
    assert find_motion(empty, recogniser.lines(empty), recogniser.certainty) is None


def test_undoing_keeps_size_and_light(page: Pixels):
    back = without_motion(page, Motion(5, 30))
    assert back.shape == page.shape
    assert abs(float(back.mean()) - float(page.mean())) < 3


def test_lines_leave_room_for_tails(recogniser: Batched, page: Pixels):
    lines = recogniser.lines(page)
    assert len(lines) >= len([line for line in LETTER if line]) - 2
    assert all(isinstance(line, Box) and line.x0 < line.x1 and line.y0 < line.y1 for line in lines)


def test_nothing_dark_is_left_along_the_edge_of_a_shadow():
    paper = np.full((800, 600), 230, np.float32)
    cv2.rectangle(paper, (200, 200), (450, 600), 120, -1)
    shadow = cv2.GaussianBlur(paper, (0, 0), 12).astype(np.uint8)
    assert int(even_light(shadow).min()) > 200


def test_two_halves_that_touch_are_one_sheet_and_two_letters_are_two():
    upper = np.array([(100, 50), (900, 60), (905, 600), (95, 610)], np.float32)
    lower = np.array([(95, 612), (905, 602), (890, 1170), (110, 1180)], np.float32)
    both = one_folded(upper, lower)
    assert both is not None
    assert np.allclose(both, [(100, 50), (900, 60), (890, 1170), (110, 1180)], atol=25)
    assert one_folded(upper, lower + np.float32(150)) is None
