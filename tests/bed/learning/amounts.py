"""Which amount a letter asks now, or none (`ocr/asked.py`).

Beside the letters of `examples.py` also letters put together from the pieces of `amount_phrases.yaml`, in which what
the letter does with its money is certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, cast

import yaml

from briefbrug.knowledge.load import Knowledge
from ocr.amount import describe_amounts
from ocr.kind import find_kind
from ocr.payments import accounts_in
from ocr.sent_by import sent_by
from ocr.sheet import see
from tests.bed.learning.choices import Example, example
from tests.bed.learning.examples import Labelled
from tests.ocr.build import short_letter

PHRASES = Path(__file__).parent / "amount_phrases.yaml"
COMPOSED = 800
"""Letters that are put together from pieces."""


def examples(letters: Sequence[Labelled], knowledge: Knowledge) -> list[Example]:
    """Return the letters whose amount is told, as the reader sees them, but those whose amount it does not see."""
    found: list[Example] = []
    for letter in letters:
        if "amount" not in letter.truth:
            continue
        sheet = see(letter.pages)
        sender = sent_by(sheet.layout, knowledge, [a.value for a in accounts_in(sheet) if a.valid])
        kind = find_kind(sheet.layout, sender.sender if sender else None, knowledge, sender.name if sender else "")
        described = describe_amounts(sheet, kind, sender)
        amount = letter.truth["amount"]
        value = None if amount is None else Decimal(f"{float(amount):.2f}")
        if value is None or value in described.values:
            right = len(described.values) if value is None else described.values.index(value)
            found.append(example(letter.source, described.features, described.none, right))
    return found


def composed(count: int = COMPOSED, seed: int = 7) -> list[Labelled]:
    """Return letters put together from `amount_phrases.yaml`, the same ones for the same seed."""
    raw = cast(dict[str, Any], yaml.load(PHRASES.read_text("utf-8"), Loader=yaml.CSafeLoader))
    chance = Random(seed)
    found: list[Labelled] = []
    for number in range(count):
        answer = "none" if number % 5 < 2 else "asked"
        sums = _sums(chance)
        slots = {name: chance.choice(words) for name, words in raw["slots"].items()}
        pieces = [chance.choice(raw["pieces"][name]) for name in chance.choice(raw["letters"][answer])]
        said = [
            piece.format(**slots, **{name: _euros(value, chance) for name, value in sums.items()}) for piece in pieces
        ]
        body = [text[0].upper() + text[1:] for text in said]
        page = short_letter(slots["sender"], slots["subject"], body if chance.random() < 0.4 else [" ".join(body)])
        found.append(Labelled("composed", (page,), {"amount": float(sums["x"]) if answer == "asked" else None}))
    return found


def _sums(chance: Random) -> dict[str, Decimal]:
    """Return sums that stand to each other as the pieces say: x and m are the whole w, t is an instalment of x."""
    asked = Decimal(chance.randrange(1500, 90000)) / 100
    taken = Decimal(chance.randrange(1000, 90000)) / 100
    term = Decimal(chance.randrange(2, 19))
    whole = asked * term if chance.random() < 0.5 else asked + taken
    other = taken * Decimal(chance.randrange(60, 160)) / 100
    later = chance.choice(
        (Decimal(40), Decimal(15), asked / 2, asked + 40, Decimal(chance.randrange(1000, 60000)) / 100)
    )
    sums = {"x": asked, "w": whole, "m": whole - asked, "n": other, "t": asked / term, "c": later}
    return {name: value.quantize(Decimal("0.01")) for name, value in sums.items()}


def _euros(value: Decimal, chance: Random) -> str:
    """Return a sum as letters print it."""
    text = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    return chance.choice((f"€ {text}", f"€ {text}", f"€ {text}", f"€{text}", f"{text} euro"))
