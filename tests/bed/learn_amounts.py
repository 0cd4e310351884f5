"""Learns which amount a letter asks now, or none, from every letter that was answered by hand.

    python -m tests.bed.learn_amounts     writes ocr/amount_words.txt (three minutes; each letter is typeset once)

Letters: `letters/*.yaml` as text PDFs, the short letters of `tests/ocr/*.yaml`, `amounts.yaml` here, and letters put
together from the pieces of `amount_phrases.yaml`, in which what the letter does with its money is certain. Kind and
sender are what the reader finds, so that learning sees what reading sees. A ridge keeps the weights small.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, cast

import numpy as np
import yaml
from numpy.typing import NDArray

from briefbrug.knowledge.load import Knowledge, load_knowledge
from briefbrug.letter import PageReading
from ocr.asked import NONE, WEIGHTS, Described, as_text
from ocr.facts import describe_amounts
from ocr.kind import find_kind
from ocr.payments import accounts_in
from ocr.pool import ReadingPool
from ocr.sender import find_sender
from ocr.sheet import see
from tests.bed.letters import all_letters
from tests.bed.render import render
from tests.ocr.build import short_letter

BED = Path(__file__).parent
SHORT = (BED / "amounts.yaml", *sorted((BED.parent / "ocr").glob("*.yaml")))
"""Short letters: `amounts.yaml` only for learning, the others for the tests of the reading, too."""
DATED = "Datum: 12 november 2026"
RIDGE = 1.5
"""How much large weights cost; fitted on letters that were left out."""
STEPS = 150
SEEN_AT_LEAST = 3
"""In how many letters a feature must stand."""
COMPOSED = 800
"""Letters that are put together from pieces."""
REMEMBERED = 12
"""Steps that the descent looks back on."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A letter as its amounts described, and the place of the right answer among them (the last: none)."""

    letter: Described
    right: int


def example(pages: Sequence[PageReading], amount: float | None, knowledge: Knowledge) -> Example | None:
    """Return a letter as the reader sees it, with its true amount; None when that amount was not seen at all."""
    sheet = see(pages)
    sender = find_sender(sheet.layout, knowledge, [a.value for a in accounts_in(sheet) if a.valid])
    kind = find_kind(sheet.layout, sender.sender if sender else None, knowledge, sender.name if sender else "")
    letter = describe_amounts(sheet, kind, sender)
    if amount is None:
        return Example(letter, len(letter.values))
    value = Decimal(f"{amount:.2f}")
    return Example(letter, letter.values.index(value)) if value in letter.values else None


def lowest(cost: Callable[[Vector], tuple[float, Vector]], start: Vector) -> Vector:
    """Return where a smooth cost is lowest: limited-memory BFGS with a step that is halved until the cost falls."""
    at, (value, slope) = start, cost(start)
    past: deque[tuple[Vector, Vector, float]] = deque(maxlen=REMEMBERED)
    for _ in range(STEPS):
        way = slope.copy()
        shares: list[float] = []
        for moved, changed, inverse in reversed(past):
            shares.append(inverse * float(moved @ way))
            way -= shares[-1] * changed
        if past:
            moved, changed, _ = past[-1]
            way *= float(moved @ changed) / float(changed @ changed)
        for (moved, changed, inverse), share in zip(past, reversed(shares), strict=True):
            way += (share - inverse * float(changed @ way)) * moved
        step, down = (1.0 if past else 1 / (1 + float(np.abs(slope).sum()))), float(slope @ way)
        while step > 1e-8:
            new_value, new_slope = cost(at - step * way)
            if new_value <= value - 1e-4 * step * down:
                break
            step /= 2
        else:
            return at
        moved, changed = -step * way, new_slope - slope
        if float(moved @ changed) > 1e-10:
            past.append((moved, changed, 1 / float(moved @ changed)))
        at, value, slope = at + moved, new_value, new_slope
    return at


def learned(examples: Sequence[Example]) -> dict[str, float]:
    """Return the weights under which the right answers are most likely, kept small by the ridge."""
    rows = [[*one.letter.features, {NONE + name: much for name, much in one.letter.none.items()}] for one in examples]
    seen = Counter(name for answers in rows for name in {name for answer in answers for name in answer})
    place = {name: at for at, name in enumerate(sorted(name for name, times in seen.items() if times >= SEEN_AT_LEAST))}
    columns: list[int] = []
    much: list[float] = []
    of_row: list[int] = []
    starts: list[int] = []
    right: list[int] = []
    number = 0
    for one, answers in zip(examples, rows, strict=True):
        starts.append(number)
        right.append(number + one.right)
        for answer in answers:
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

    found = lowest(cost, np.zeros(len(place)))
    return {name: float(found[at]) for name, at in place.items()}


def short_letters(paths: Iterable[Path]) -> list[tuple[list[PageReading], float | None]]:
    """Return the short letters of these files whose amount is told."""
    found: list[tuple[list[PageReading], float | None]] = []
    for path in paths:
        for raw in cast(list[dict[str, Any]], yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)):
            if "amount" not in raw:
                continue
            body = raw["body"].split("\n") if isinstance(raw["body"], str) else [str(part) for part in raw["body"]]
            name = raw.get("from") or raw["sender"]
            page = short_letter(name, raw["subject"], body, raw.get("head", []), raw.get("dated", DATED))
            found.append(([page], raw["amount"]))
    return found


def composed(count: int = COMPOSED, seed: int = 7) -> list[tuple[list[PageReading], float | None]]:
    """Return letters put together from `amount_phrases.yaml`, the same ones for the same seed."""
    raw = cast(dict[str, Any], yaml.load((BED / "amount_phrases.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader))
    chance = Random(seed)
    found: list[tuple[list[PageReading], float | None]] = []
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
        found.append(([page], float(sums["x"]) if answer == "asked" else None))
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


def bed_letters() -> list[tuple[list[PageReading], float | None]]:
    """Return the letters of the bed whose amount careful readers agree on, read from text PDFs."""
    chosen = [letter for letter in all_letters() if "amount" not in letter.open]
    with ReadingPool(2) as pool:
        return [
            (list(pool.read(paper.pdf.read_bytes())), letter.truth["amount"])
            for letter, paper in zip(chosen, render(chosen), strict=True)
        ]


def main() -> None:
    """Learn from all letters and write the weights."""
    knowledge = load_knowledge()
    told = [*short_letters(SHORT), *composed(), *bed_letters()]
    examples = [one for pages, amount in told if (one := example(pages, amount, knowledge)) is not None]
    WEIGHTS.write_text(as_text(learned(examples)), "utf-8")
    print(f"{len(examples)} letters, {WEIGHTS.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
