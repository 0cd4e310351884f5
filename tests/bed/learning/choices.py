"""Finds the weights of `ocr/choosing.py` under which the right answers of known letters are most likely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ocr.choosing import NONE, Features

RIDGE = 1.5
"""How much large weights cost; fitted on letters that were left out."""
STEPS = 150
SEEN_AT_LEAST = 3
"""In how many letters a feature must stand."""
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A letter as its answers described, "none" last, and the place of the right one."""

    source: str
    answers: tuple[Features, ...]
    right: int


def example(source: str, answers: Sequence[Features], none: Features, right: int) -> Example:
    """Return a letter to learn from; `right` is the place of the right answer, the number of answers for "none"."""
    return Example(source, (*answers, {NONE + name: much for name, much in none.items()}), right)


def learned(examples: Sequence[Example]) -> dict[str, float]:
    """Return the weights under which the right answers are most likely, kept small by the ridge."""
    seen = Counter(name for one in examples for name in {name for answer in one.answers for name in answer})
    place = {name: at for at, name in enumerate(sorted(name for name, times in seen.items() if times >= SEEN_AT_LEAST))}
    columns: list[int] = []
    much: list[float] = []
    of_row: list[int] = []
    starts: list[int] = []
    right: list[int] = []
    number = 0
    for one in examples:
        starts.append(number)
        right.append(number + one.right)
        for answer in one.answers:
            known = [(place[name], value) for name, value in answer.items() if name in place]
            columns += [at for at, _ in known]
            much += [value for _, value in known]
            of_row += [number] * len(known)
            number += 1
    column, value, row, first = np.array(columns), np.array(much), np.array(of_row), np.array(starts)
    sizes = np.diff([*starts, number])
    wanted = np.zeros(number)
    wanted[right] = 1.0

    def cost(weights: Vector) -> tuple[float, Vector]:
        totals = np.bincount(row, weights=weights[column] * value, minlength=number)
        raised = np.exp(totals - np.repeat(np.maximum.reduceat(totals, first), sizes))
        chances = raised / np.repeat(np.add.reduceat(raised, first), sizes)
        slope = np.bincount(column, weights=(chances - wanted)[row] * value, minlength=len(place))
        loss = -float(np.log(np.maximum(chances[right], 1e-12)).sum())
        return loss + 0.5 * RIDGE * float(weights @ weights), slope + RIDGE * weights

    # Limited-memory BFGS: as many weights as words, and a cost that is smooth.
    found = cast(Any, minimize)(cost, np.zeros(len(place)), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    return {name: float(found[at]) for name, at in place.items()}
