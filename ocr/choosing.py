"""A choice among the answers that a letter holds, and "none", learnt from letters with a known answer (conditional logit).

Each answer is described by features; learnt weights say how much each speaks for the answer that has it. D. McFadden,
Conditional Logit Analysis of Qualitative Choice Behavior, 1974. `python -m tests.bed.learning` makes the weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Features = dict[str, float]

NONE = "0"
"""Before the features of "none", which is described by the whole letter."""
SCALE = 100
"""Weights are kept as whole hundredths."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each feature says for the answer that has it."""

    of: Mapping[str, float]

    def totals(self, answers: Sequence[Features]) -> list[float]:
        """Return what the features of each answer say for it, together."""
        return [sum(self.of.get(name, 0.0) * much for name, much in one.items()) for one in answers]

    def chances(self, answers: Sequence[Features], none: Features) -> tuple[float, ...]:
        """Return the chance of each answer, in their order, and of "none" as the last; together 1."""
        totals = self.totals([*answers, {NONE + name: much for name, much in none.items()}])
        raised = [math.exp(total - max(totals)) for total in totals]
        return tuple(one / sum(raised) for one in raised)


def as_text(weights: Mapping[str, float]) -> str:
    """Return weights as the text of a file: a line for each feature that says anything."""
    kept = ((name, round(SCALE * weight)) for name, weight in sorted(weights.items()))
    return "".join(f"{name}\t{whole}\n" for name, whole in kept if whole)


@cache
def learnt(path: Path) -> Weights:
    """Return the weights of a file.

    Raises:
        ValueError: a line is not a feature and a whole number.
    """
    rows = (line.rpartition("\t") for line in path.read_text("utf-8").splitlines())
    return Weights({name: int(whole) / SCALE for name, _, whole in rows})
