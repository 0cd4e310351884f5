"""The second camera must not lie either: its photos follow their seed, and its truth lies on the ink."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.bed.camera import Picture, Quad
from tests.bed.make import CAMERAS, make
from tests.bed.second_camera.photo import SCENES, Shot, photograph
from tests.bed.second_camera.scene import Scene

BLOCKS: tuple[Quad, ...] = (
    (0.08, 0.06, 0.3, 0.1),
    (0.6, 0.06, 0.92, 0.1),
    (0.3, 0.5, 0.7, 0.53),
    (0.7, 0.9, 0.94, 0.94),
)
CALM = {"surface": "laminate", "wear": 0.0, "glare": 0.0, "patch": 0.0, "captured": 1000, "aspect": 0.75}


def _page(*blocks: Quad) -> Picture:
    """Return a white page with black blocks."""
    page = np.full((1170, 827, 3), 255, np.uint8)
    for x0, y0, x1, y1 in blocks:
        page[round(y0 * 1170) : round(y1 * 1170), round(x0 * 827) : round(x1 * 827)] = 0
    return page


def _scene(profile: str, seed: int, **changes: object) -> Scene:
    return replace(SCENES[profile](np.random.default_rng(seed)), **{**CALM, **changes})


def _darkness_misses(shot: Shot, sheet: int, block: Quad) -> int:
    """Return by how many pixels at most an edge of the dark round a block lies away from its true box."""
    x0, y0, x1, y1 = shot.sheets[sheet].box(block)
    around = 14
    crop = cv2.cvtColor(shot.picture, cv2.COLOR_RGB2GRAY)[y0 - around : y1 + around, x0 - around : x1 + around]
    ink, paper = np.percentile(crop, (5, 90))
    ys, xs = np.nonzero(crop < (ink + paper) / 2)
    edges: NDArray[np.int64] = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
    true = np.array([around, around, x1 - x0 + around, y1 - y0 + around])
    return int(np.abs(edges - true).max())


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_end_where_the_ink_ends(turn: int) -> None:
    """Through bulge, curled corner, folds, creases, perspective, lens, a messenger's scaling and a turn."""
    bent = {"bend": 8.0, "curl": 15.0, "fold": 8.0, "crumple": 3, "tilt": 15.0, "roll": 4.0, "bow": -0.02}
    scene = _scene("table", 5, **bent, long_side=900, turn=turn, defocus=0.0, fill=0.9)
    shot = photograph([_page(*BLOCKS)], scene, np.random.default_rng(6))
    assert max(shot.picture.shape) == 900
    assert [_darkness_misses(shot, 0, block) <= 3 for block in BLOCKS] == [True] * len(BLOCKS)


def test_each_of_two_sheets_has_its_own_boxes() -> None:
    left, right = BLOCKS[:2], BLOCKS[2:]
    scene = _scene("two", 3, aspect=4 / 3, defocus=0.0, cut=0.0)
    shot = photograph([_page(*left), _page(*right)], scene, np.random.default_rng(4))
    misses = [_darkness_misses(shot, 0, block) for block in left] + [
        _darkness_misses(shot, 1, block) for block in right
    ]
    assert max(misses) <= 3
    assert shot.sheets[0].box((0, 0, 1, 1))[2] < shot.sheets[1].box((0, 0, 1, 1))[0]


def test_what_is_covered_is_told() -> None:
    """Of a black page only the cover is bright, and it is where the truth says, as large as planned."""
    black = _page((0.0, 0.0, 1.0, 1.0))
    shot = photograph([black], _scene("covered", 2, cover=0.15, curl=0.0, fold=0.0), np.random.default_rng(8))
    bright, told = [], []
    for y in np.linspace(0.02, 0.98, 40):
        for x in np.linspace(0.02, 0.98, 40):
            px, py = shot.sheets[0].point(float(x), float(y))
            bright.append(shot.picture[round(py), round(px)].mean() > 60)
            told.append(shot.hides(px, py))
    assert np.mean(np.array(bright) == np.array(told)) > 0.97
    assert 0.12 < np.mean(told) < 0.18


@pytest.mark.parametrize("level", [80.0, 215.0])
def test_white_paper_has_the_planned_grey(level: float) -> None:
    scene = _scene("dark", 1, level=level, veil=0.0, low_light=0.0, cast=(1.0, 1.0, 1.0), full_well=4000.0)
    shot = photograph([_page()], scene, np.random.default_rng(2))
    x0, y0, x1, y1 = shot.sheets[0].box((0.2, 0.2, 0.8, 0.8))
    assert abs(float(np.median(shot.picture[y0:y1, x0:x1])) - level) < 20


EVERY_FAULT = {"patch": 0.3, "gradient": 0.2, "low_light": 0.2, "wear": 1.0, "through": 0.05, "shake": 3.0}


def test_the_same_seed_gives_the_same_photo_and_leaves_all_other_chance_alone() -> None:
    """Augraphy draws from Python's and NumPy's own generators: they must follow the seed, and nobody may notice."""

    def taken(others: int) -> Picture:
        random.seed(others)
        np.random.seed(others)
        before = random.getstate(), np.random.get_state()[1].tolist()
        scene = _scene("bad", 3, **EVERY_FAULT, captured=700)
        shot = photograph([_page(*BLOCKS)], scene, np.random.default_rng(9))
        assert (random.getstate(), np.random.get_state()[1].tolist()) == before
        return shot.picture

    assert np.array_equal(taken(1), taken(2))


def test_another_seed_gives_another_scene_and_another_photo() -> None:
    assert SCENES["bad"](np.random.default_rng(1)) == SCENES["bad"](np.random.default_rng(1))
    assert SCENES["bad"](np.random.default_rng(1)) != SCENES["bad"](np.random.default_rng(2))
    scene = _scene("good", 1, captured=500)
    one, other = (photograph([_page()], scene, np.random.default_rng(seed)).picture for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_the_bed_knows_which_profiles_this_camera_has() -> None:
    assert set(CAMERAS["second"]) == set(SCENES)
    with pytest.raises(ValueError, match="second camera"):
        make(Path("never-made"), "heic", 1, camera="second")
    assert not Path("never-made").exists()


def test_who_does_not_ask_for_it_does_not_wait_for_its_libraries() -> None:
    asked = "import sys, tests.bed.make, tests.bed.__main__, tests.bed.bench; print('augraphy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120)
    assert told.stdout.strip() == "False"


@pytest.mark.slow
def test_both_cameras_write_the_same_kind_of_truth(tmp_path: Path) -> None:
    first, second = (make(tmp_path / name, "table", 1, only=["bag-cjib"], size=1280, camera=name) for name in CAMERAS)
    assert first["letters"] == second["letters"]
    for one, other in zip(first["photos"], second["photos"], strict=True):
        assert one.keys() == other.keys()
        assert {field: len(found) for field, found in one["boxes"].items()} == {
            field: len(found) for field, found in other["boxes"].items()
        }
        with Image.open(tmp_path / "second" / other["path"]) as picture:
            assert picture.size == (other["width"], other["height"])
            assert max(picture.size) == 1280
