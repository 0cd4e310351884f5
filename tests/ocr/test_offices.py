"""Letters of many offices, in words and tables of their own: sender, kind, amount and reference, and nothing sure that is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from briefbrug.meaning import Understood
from tests.ocr.build import short_letter, understood

TODAY = date(2026, 11, 21)
LETTERS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "offices.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
)


def _understood(letter: dict[str, Any]) -> Understood:
    return understood(short_letter(letter["from"], letter["subject"], letter["body"], letter.get("head", [])), TODAY)


def _name(letter: dict[str, Any]) -> str:
    return f"{letter['from']}: {letter['subject']}"


@pytest.mark.parametrize("letter", LETTERS, ids=_name)
def test_a_letter_of_an_office_is_understood(letter: dict[str, Any]) -> None:
    found = _understood(letter)
    facts = found.facts
    told = {
        "sender": found.sender,
        "kind": found.kind,
        "amount": float(facts.amount.value) if facts.amount else None,
        "reference": facts.reference.value if facts.reference else None,
    }
    wanted = {name: letter[name] for name in told if name in letter}
    assert {name: told[name] for name in wanted} == wanted
