"""Which words go with which kind of letter, and with which sender (`ocr/likeness.py`).

For the kind the sender is what the reader finds, the subject what it takes for one, so that learning sees what reading
sees. A ridge keeps the weights small; the regression is solved in the space of the letters (their products), small
however many the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from briefbrug.knowledge.load import Knowledge
from ocr.kind import seen_words
from ocr.likeness import SENDER, as_text, features, weighed
from ocr.payments import accounts_in
from ocr.sent_by import sent_by
from ocr.sheet import see
from tests.bed.learning.examples import Labelled

RIDGE = 1 / 30
"""How much large weights cost, for each letter."""
STEPS = 400
SEEN_AT_LEAST = 2
"""In how many letters a feature must stand."""
KEPT = 14_000
"""Features kept, those with the largest weights."""
KEPT_SENDERS = 9_000


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled letter as its features."""

    source: str
    features: dict[str, float]
    answer: str


def examples(letters: Sequence[Labelled], knowledge: Knowledge) -> list[Example]:
    """Return the letters whose kind is told, as the reader sees them."""
    found: list[Example] = []
    for letter in letters:
        if letter.truth.get("kind"):
            sheet = see(letter.pages)
            sender = sent_by(sheet.layout, knowledge, [a.value for a in accounts_in(sheet) if a.valid])
            body, titles = seen_words(sheet.layout)
            given = features(body, titles, sender.sender if sender else None)
            found.append(Example(letter.source, given, str(letter.truth["kind"])))
    return found


def sent(letters: Sequence[Labelled], knowledge: Knowledge) -> list[Example]:
    """Return the letters whose sender is told by its code, by their words alone."""
    found: list[Example] = []
    for letter in letters:
        if letter.truth.get("sender") in knowledge.senders:
            body, titles = seen_words(see(letter.pages).layout)
            found.append(Example(letter.source, features(body, titles, None), str(letter.truth["sender"])))
    return found


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


def learned(examples: Sequence[Example], most: int = KEPT) -> str:
    """Return the text of `kind_words.txt` or `sender_words.txt` for these letters."""
    answers = tuple(sorted({one.answer for one in examples}))
    seen = Counter(gram for one in examples for gram in one.features)
    rarity = {
        gram: 1.0 if gram.startswith(SENDER) else float(np.log(len(examples) / times) + 1)
        for gram, times in sorted(seen.items())
        if times >= SEEN_AT_LEAST
    }
    given = [weighed(one.features, rarity) for one in examples]
    wanted = np.array([[float(one.answer == answer) for answer in answers] for one in examples])
    shares, bias = solved(products(given), wanted)
    place = {gram: at for at, gram in enumerate(rarity)}
    weights = np.zeros((len(place), len(answers)))
    for one, share in zip(given, shares, strict=True):
        for gram, value in one.items():
            weights[place[gram]] += value * share
    norms = np.abs(weights).max(axis=1)
    kept = sorted(np.argsort(-norms, kind="stable")[:most])
    names = list(rarity)
    return as_text(
        answers,
        {names[at]: rarity[names[at]] for at in kept},
        weights[kept].astype(np.float32),
        bias.astype(np.float32),
    )
