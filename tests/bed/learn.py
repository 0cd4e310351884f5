"""Learns which words go with which kind of letter, from every letter that was labelled by hand.

    python -m tests.bed.learn                 writes ocr/kind_words.txt (about two minutes: each letter is typeset once)

Letters: `letters/*.yaml` as text PDFs, the short letters of `tests/ocr/*.yaml`, and `kinds.yaml` here. The sender is
what the reader finds, the subject what it takes for one, so that learning sees what reading sees. A ridge keeps the
weights small; the regression is solved in the space of the letters (their products), small however many the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import yaml
from numpy.typing import NDArray

from briefbrug.knowledge.load import Knowledge, load_knowledge
from briefbrug.letter import PageReading
from ocr.kind import seen_words
from ocr.likeness import SENDER, WEIGHTS, as_text, features, weighed
from ocr.payments import accounts_in
from ocr.pool import ReadingPool
from ocr.sender import find_sender
from ocr.sheet import see
from tests.bed.letters import HERE, all_letters
from tests.bed.render import render
from tests.ocr.build import short_letter

SHORT = (HERE / "kinds.yaml", *sorted((HERE.parent / "ocr").glob("*.yaml")))
"""Short letters: `kinds.yaml` only for learning, the others for the tests of the reading, too."""
DATED = "Datum: 12 november 2026"
RIDGE = 1 / 30
"""How much large weights cost, for each letter."""
STEPS = 400
SEEN_AT_LEAST = 2
"""In how many letters a feature must stand."""
KEPT = 14_000
"""Features kept, those with the largest weights."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled letter as its features."""

    features: dict[str, float]
    kind: str


def example(pages: Sequence[PageReading], kind: str, knowledge: Knowledge) -> Example:
    """Return a letter as the reader sees it, with its true kind."""
    sheet = see(pages)
    sender = find_sender(sheet.layout, knowledge, [a.value for a in accounts_in(sheet) if a.valid])
    body, titles = seen_words(sheet.layout)
    return Example(features(body, titles, sender.sender if sender else None), kind)


def products(given: Sequence[dict[str, float]]) -> NDArray[np.float64]:
    """Return how much each two letters have in common: the inner products of their features."""
    where: dict[str, list[tuple[int, float]]] = {}
    for number, one in enumerate(given):
        for gram, value in one.items():
            where.setdefault(gram, []).append((number, value))
    found = np.zeros((len(given), len(given)))
    for places in where.values():
        at = np.array([number for number, _ in places])
        values = np.array([value for _, value in places])
        found[at[:, None], at[None, :]] += values[:, None] * values[None, :]
    return found


def solved(common: NDArray[np.float64], wanted: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of each letter in the weights, and the bias, of a softmax regression with a ridge.

    Args:
        common: products of the letters.
        wanted: letters by kinds, one 1 in each row.
    """
    values, axes = np.linalg.eigh(common)
    keep = values > 1e-6 * values[-1]
    values, axes = values[keep], axes[:, keep]
    inner = axes * np.sqrt(values)
    weights = np.zeros((inner.shape[1], wanted.shape[1]))
    bias = np.log(wanted.mean(axis=0) + 1e-6)
    ahead, ahead_bias, momentum = weights, bias, 1.0
    step = 1 / (0.5 * values + RIDGE)[:, None]
    for _ in range(STEPS):
        logits = inner @ ahead + ahead_bias
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        wrong = chances / chances.sum(axis=1, keepdims=True) - wanted
        new = ahead - step * (inner.T @ wrong + RIDGE * ahead)
        new_bias = ahead_bias - wrong.mean(axis=0)
        further = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = new + (momentum - 1) / further * (new - weights)
        ahead_bias = new_bias + (momentum - 1) / further * (new_bias - bias)
        weights, bias, momentum = new, new_bias, further
    return axes / np.sqrt(values) @ weights, bias


def learned(examples: Sequence[Example]) -> str:
    """Return the text of `kind_words.txt` for these letters."""
    kinds = tuple(sorted({one.kind for one in examples}))
    seen = Counter(gram for one in examples for gram in one.features)
    rarity = {
        gram: 1.0 if gram.startswith(SENDER) else float(np.log(len(examples) / times) + 1)
        for gram, times in sorted(seen.items())
        if times >= SEEN_AT_LEAST
    }
    given = [weighed(one.features, rarity) for one in examples]
    wanted = np.array([[float(one.kind == kind) for kind in kinds] for one in examples])
    shares, bias = solved(products(given), wanted)
    place = {gram: at for at, gram in enumerate(rarity)}
    weights = np.zeros((len(place), len(kinds)))
    for one, share in zip(given, shares, strict=True):
        for gram, value in one.items():
            weights[place[gram]] += value * share
    norms = np.abs(weights).max(axis=1)
    kept = sorted(np.argsort(-norms, kind="stable")[:KEPT])
    names = list(rarity)
    return as_text(
        kinds,
        {names[at]: rarity[names[at]] for at in kept},
        weights[kept].astype(np.float32),
        bias.astype(np.float32),
    )


def short_letters(paths: Iterable[Path]) -> list[tuple[list[PageReading], str]]:
    """Return the short letters of these files whose kind is told."""
    found: list[tuple[list[PageReading], str]] = []
    for path in paths:
        for raw in cast(list[dict[str, Any]], yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)):
            if raw.get("kind"):
                told = raw["body"]
                body = [str(part) for part in (cast(list[Any], told) if isinstance(told, list) else [told])]
                name = raw.get("from") or raw["sender"]
                page = short_letter(name, raw["subject"], body, raw.get("head", []), raw.get("dated", DATED))
                found.append(([page], raw["kind"]))
    return found


def bed_letters() -> list[tuple[list[PageReading], str]]:
    """Return the letters of the bed whose kind careful readers agree on, read from text PDFs."""
    chosen = [letter for letter in all_letters() if "kind" not in letter.open]
    with ReadingPool(2) as pool:
        return [
            (list(pool.read(paper.pdf.read_bytes())), str(letter.truth["kind"]))
            for letter, paper in zip(chosen, render(chosen), strict=True)
        ]


def main() -> None:
    """Learn from all letters and write the weights."""
    knowledge = load_knowledge()
    short = short_letters(SHORT)
    examples = [example(pages, kind, knowledge) for pages, kind in (*short, *bed_letters())]
    WEIGHTS.write_text(learned(examples), "utf-8")
    print(f"{len(examples)} letters, {WEIGHTS.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
