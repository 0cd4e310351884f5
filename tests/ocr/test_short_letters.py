"""Short letters of every kind of sender in many words: kind, last day and amount, and nothing sure that is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from briefbrug.deadline import Deadline
from briefbrug.meaning import Understood
from tests.ocr.build import short_letter, understood

TODAY = date(2026, 11, 21)
LETTERS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "short_letters.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
)


def _understood(letter: dict[str, Any]) -> Understood:
    return understood(short_letter(letter["sender"], letter["subject"], letter["body"].split("\n")), TODAY)


def _name(letter: dict[str, Any]) -> str:
    return f"{letter['sender']}: {letter['subject']}"


@pytest.mark.parametrize("letter", LETTERS, ids=_name)
def test_a_short_letter_is_understood(letter: dict[str, Any]) -> None:
    found = _understood(letter)
    day = found.deadline.last_day.isoformat() if isinstance(found.deadline, Deadline) else None
    told = {
        "kind": found.kind,
        "deadline": day,
        "amount": float(found.facts.amount.value) if found.facts.amount else None,
    }
    wanted = {name: letter[name] for name in told if name in letter}
    assert {name: told[name] for name in wanted} == wanted
