"""The golden letters in three steps: picture to words, words to facts, facts to deadline. Each can fail alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import READINGS, PageReading
from briefbrug.meaning import understand_pile
from ocr.facts import read_facts
from ocr.reader import Reader
from ocr.tesseract import OutOfProcess, find_tessdata

GOLDEN = Path(__file__).parents[1] / "golden"
LETTERS = sorted(path for path in GOLDEN.iterdir() if path.is_dir())
KNOWLEDGE = load_knowledge()
FOLDED = {"wc-regeling": {"letter_date", "reference"}}
"""What a fold runs through on the picture: it may be read wrong there, but never surely."""


def _expected(home: Path) -> dict[str, Any]:
    return yaml.safe_load((home / "expected.yaml").read_text(encoding="utf-8"))


def _words(home: Path) -> tuple[PageReading, ...]:
    return READINGS.validate_json((home / "words.json").read_bytes())


def _bare(value: object) -> str:
    return "".join(c for c in str(value) if c.isalnum()).upper()


@pytest.mark.parametrize("home", LETTERS, ids=lambda home: home.name)
def test_words_become_facts(home: Path) -> None:
    expected = _expected(home)
    facts = read_facts(_words(home), KNOWLEDGE)
    seen: dict[str, Any] = {
        "sender": facts.sender.value if facts.sender else "onbekend",
        "kind": facts.kind.value if facts.kind else None,
        "letter_date": facts.letter_date.value.isoformat() if facts.letter_date else None,
        "amount": float(facts.amount.value) if facts.amount else None,
        "iban": facts.iban.value if facts.iban else None,
        "reference": _bare(facts.reference.value) if facts.reference else None,
    }
    wanted = {name: expected[name] for name in seen} | {
        "reference": _bare(expected["reference"]) if expected["reference"] else None
    }
    folded = FOLDED.get(home.name, set())
    for name in folded:
        found = getattr(facts, name)
        assert found is None or seen[name] == wanted[name] or not found.sure
    judged = [name for name in seen if name not in expected["open"] and name not in folded]
    assert {name: seen[name] for name in judged} == {name: wanted[name] for name in judged}


@pytest.mark.parametrize("home", LETTERS, ids=lambda home: home.name)
def test_facts_become_a_deadline(home: Path) -> None:
    expected = _expected(home)
    if "deadline" in expected["open"]:
        return
    facts = read_facts(_words(home), KNOWLEDGE)
    (letter,) = understand_pile({"L-1": facts}, KNOWLEDGE, date.fromisoformat(expected["today"])).letters
    last = getattr(letter.deadline, "last_day", None)
    assert (last.isoformat() if last else None) == expected["deadline"]


@pytest.mark.slow
@pytest.mark.parametrize("home", LETTERS, ids=lambda home: home.name)
def test_pictures_become_words(home: Path) -> None:
    """Nine words in ten are those that were seen when a person last looked."""
    reader = Reader()
    known = [w.text for page in _words(home) for w in page.words]
    seen = {
        w.text
        for name in _expected(home)["pages"]
        for page in reader.read_file((home / name).read_bytes())
        for w in page.words
    }
    assert sum(word in seen for word in known) >= 0.9 * len(known)


@pytest.mark.slow
def test_without_the_wheel_the_program_reads_the_same_letter() -> None:
    """Where tesserocr has no wheel, Tesseract's own program gives nearly the same words, and the same facts."""
    home = GOLDEN / "wc-herinnering-nov"
    expected = _expected(home)
    reader = Reader(OutOfProcess(find_tessdata()))
    facts = read_facts(reader.read_file((home / expected["pages"][0]).read_bytes()), KNOWLEDGE)
    assert facts.sender is not None and facts.sender.value == expected["sender"]
    assert facts.amount is not None and float(facts.amount.value) == expected["amount"]
    assert facts.iban is not None and facts.iban.value == expected["iban"]
    assert facts.letter_date is not None and facts.letter_date.value.isoformat() == expected["letter_date"]
