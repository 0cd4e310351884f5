"""Letters of many offices, in words and tables of their own: sender, kind, amount and reference, and nothing sure that is wrong."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from briefbrug.knowledge.load import Knowledge, load_knowledge
from briefbrug.letter import PageReading
from briefbrug.meaning import Understood, understand_pile
from ocr.facts import read_facts
from tests.ocr.build import page_of

TODAY = date(2026, 11, 21)
WIDTH = 90
CELLS = "    "
LETTERS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "offices.yaml").read_text("utf-8"))


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
    head = [letter["from"], "Postbus 12, 1234 AA Voorbeeld", "", "De heer P. Pietersma", "Dorpsstraat 3"]
    head += ["1234 AB Voorbeeld", "", "Datum: 12 november 2026", *letter.get("head", []), ""]
    head += [f"Betreft: {letter['subject']}", "", "Geachte heer Pietersma,", ""]
    body = [line for part in letter["body"] for line in ([part] if CELLS in part else [*_wrapped(part), ""])]
    return page_of([*head, *body, "", "Met vriendelijke groet,", "", letter["from"]])


def _understood(letter: dict[str, Any]) -> Understood:
    knowledge = _knowledge()
    return understand_pile({"a": read_facts([_page(letter)], knowledge)}, knowledge, TODAY).letters[0]


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
