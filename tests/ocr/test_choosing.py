"""A choice among the answers of a letter: chances, weights kept as text, and what right answers share is learnt."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.choosing import Weights, as_text, learnt
from tests.bed.learning.choices import Example, example, learned


def test_chances_are_together_one_and_none_has_its_own_features() -> None:
    weights = Weights({"asked": 2.0, "0nothing": 2.0})
    first, second, none = weights.chances([{"asked": 1.0}, {"nothing": 1.0}], {"nothing": 1.0})
    assert first == pytest.approx(none)
    assert first > second
    assert first + second + none == pytest.approx(1.0)


def test_weights_are_kept_as_text(tmp_path: Path) -> None:
    path = tmp_path / "weights.txt"
    path.write_text(as_text({"b:te betalen": 1.234, "nothing": 0.001, "0kind aanslag": -0.5}), "utf-8")
    assert learnt(path) == Weights({"b:te betalen": 1.23, "0kind aanslag": -0.5})


def test_what_right_answers_share_is_learnt() -> None:
    def told(right: int) -> Example:
        names = ["part", "part", "part"]
        names[right] = "asked"
        return example("here", [{name: 1.0} for name in names], {}, right)

    weights = learned([told(number % 3) for number in range(30)])
    assert weights["asked"] > 0 > weights["part"]


def test_a_letter_without_an_answer_teaches_what_none_looks_like() -> None:
    asks = example("here", [{"sum": 1.0}], {"word": 1.0}, 0)
    tells = example("here", [{"sum": 1.0}], {"other": 1.0}, 1)
    weights = learned([asks, tells] * 10)
    assert weights["0other"] > weights["0word"]
