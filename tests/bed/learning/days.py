"""Which day a letter sets, or none (`ocr/due.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from briefbrug.knowledge.load import Knowledge
from ocr.due import Day, describe
from ocr.facts import read_facts, what_is_known
from ocr.sheet import see
from tests.bed.learning.choices import Example, example
from tests.bed.learning.examples import Labelled

NEAR = timedelta(days=4)
"""How far a term counted from the letter's date may lie from the truth, which may count from its receipt."""
ONE_DAY = timedelta(days=1)


def examples(letters: Sequence[Labelled], knowledge: Knowledge) -> list[Example]:
    """Return the letters whose day is told, as the days that the reader sees, but those whose day it does not see."""
    found: list[Example] = []
    for letter in letters:
        if "deadline" not in letter.truth:
            continue
        facts = read_facts(letter.pages, knowledge)
        letter_date = facts.letter_date.value if facts.letter_date else None
        described = describe(
            see(letter.pages),
            letter_date,
            what_is_known(facts.notes, facts.amount),
            facts.kind.value if facts.kind else "",
            facts.sender.value if facts.sender else "",
        )
        right = _place(described.days, letter_date, letter.truth["deadline"])
        if right is not None:
            found.append(example(letter.source, described.features, described.none, right))
    return found


def _place(days: Sequence[Day], letter_date: date | None, truth: Any) -> int | None:
    """Return the place of the true day among those seen, their number for none, and None where it was not seen."""
    if truth is None:
        return len(days)
    true = date.fromisoformat(str(truth))
    near = [(day, day.near(letter_date)) for day in days]
    for wanted in (true, true + ONE_DAY):  # "vóór 1 december" sets the day before
        for place, (day, value) in enumerate(near):
            if day.printed is not None and value == wanted:
                return place
    counted = [(abs(value - true), n) for n, (day, value) in enumerate(near) if day.printed is None and value]
    closest = min(counted, default=None)
    return closest[1] if closest is not None and closest[0] <= NEAR else None
