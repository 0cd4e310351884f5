"""Short letters of every kind of sender in many words: kind, last day and amount, and nothing sure that is wrong."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from briefbrug.deadline import Deadline
from briefbrug.knowledge.load import Knowledge, load_knowledge
from briefbrug.letter import PageReading
from briefbrug.meaning import Understood, understand_pile
from ocr.facts import read_facts
from tests.ocr.build import page_of

TODAY = date(2026, 11, 21)
WIDTH = 90
LETTERS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "short_letters.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
)


@cache
def _knowledge() -> Knowledge:
    return load_knowledge()


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _page(letter: dict[str, Any]) -> PageReading:
    head = [letter["sender"], "Postbus 12, 1234 AA Voorbeeld", "", "De heer P. Pietersma", "Dorpsstraat 3"]
    head += ["1234 AB Voorbeeld", "", "Datum: 12 november 2026", "", f"Betreft: {letter['subject']}", ""]
    body = [line for paragraph in letter["body"].split("\n") for line in [*_wrapped(paragraph), ""]]
    return page_of([*head, "Geachte heer Pietersma,", "", *body, "Met vriendelijke groet,", "", letter["sender"]])


def _understood(letter: dict[str, Any]) -> Understood:
    knowledge = _knowledge()
    return understand_pile({"a": read_facts([_page(letter)], knowledge)}, knowledge, TODAY).letters[0]


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
