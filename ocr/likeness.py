"""What the words of a letter have in common with letters whose kind is known: a vote beside the rules of `kind.py`.

A softmax regression over words, pairs of words, the subject and the sender. `kind_words.txt` holds its weights;
`python -m tests.bed.learning` makes it from all letters that were labelled by hand.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.cues import cues

WEIGHTS = Path(__file__).parent / "kind_words.txt"
SCALE = 100
"""Weights are kept as whole hundredths."""
SUBJECT = "T:"
SENDER = "S:"
SUBJECT_SHARE = 0.25
"""How much the subject weighs beside the running text: offices head a demand "Aanslag 26.610" as well (of 967 letters that
the weights did not know 841 kinds were told with 0.5, 853 with 0.3, 856 with 0.2; sure and wrong 19, 11 and 10)."""
SENDER_SHARE = 0.3

_MONEY = re.compile(r"(?:€|\beur(?:o)?\b) ?\d[\d.,]*-?|\b\d{1,3}(?:\.\d{3})*,\d\d\b")
_DAY = re.compile(
    r"\b\d{1,2}(?:e|de|ste)? (?:" + cues("likeness").phrases["month"].pattern + r")\b(?: \d{4}\b)?"
    r"|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b"
)
_WORD = re.compile(r"[A-Z]+|[a-z]+(?:-[a-z]+)*|[?%.]")


def words_of(text: str) -> list[str]:
    """Return the words of plain text; an amount is AMOUNT, a day is DAY, other figures are left out."""
    return _WORD.findall(_DAY.sub(" DAY ", _MONEY.sub(" AMOUNT ", text)))


def _grams(words: Sequence[str]) -> Iterator[str]:
    yield from words
    for one, two in pairwise(words):
        yield f"{one} {two}"


def features(body: str, titles: Iterable[tuple[float, str]], sender: str | None) -> dict[str, float]:
    """Return the features of a letter, not yet weighed by how rare they are.

    Args:
        body: the letter as plain text.
        titles: the lines that say what it is about, with their weights.
        sender: code of the sender, None when unknown.
    """
    counted = Counter(_grams(words_of(body)))
    found = {gram: 1.0 + math.log(times) for gram, times in counted.items()}
    for weight, text in titles:
        for gram in _grams(words_of(text)):
            name = SUBJECT + gram
            found[name] = max(found.get(name, 0.0), weight)
    if sender is not None:
        found[SENDER + sender] = 1.0
    return found


def weighed(found: Mapping[str, float], rarity: Mapping[str, float]) -> dict[str, float]:
    """Return features times their rarity, the running text and the subject each of their fixed length; unknown ones left out."""
    body = {g: v * rarity[g] for g, v in found.items() if g in rarity and g[:2] not in {SUBJECT, SENDER}}
    subject = {g: v * rarity[g] for g, v in found.items() if g in rarity and g.startswith(SUBJECT)}
    whole = {g: SENDER_SHARE for g in found if g in rarity and g.startswith(SENDER)}
    for part, share in ((body, 1.0), (subject, SUBJECT_SHARE)):
        length = math.sqrt(sum(v * v for v in part.values())) or 1.0
        whole |= {g: share * v / length for g, v in part.items()}
    return whole


@dataclass(frozen=True, slots=True)
class Likeness:
    """The weights: for each feature its rarity and what it says for each kind."""

    kinds: tuple[str, ...]
    rarity: Mapping[str, float]
    place: Mapping[str, int]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def chances(self, body: str, titles: Iterable[tuple[float, str]], sender: str | None) -> dict[str, float]:
        """Return the chance of each kind, together 1."""
        given = weighed(features(body, titles, sender), self.rarity)
        values = np.array(list(given.values()), dtype=np.float32)
        logits = self.bias + values @ self.weights[[self.place[g] for g in given]]
        raised = np.exp(logits - logits.max())
        return dict(zip(self.kinds, (float(c) for c in raised / raised.sum()), strict=True))


def as_text(
    kinds: Sequence[str], rarity: Mapping[str, float], weights: NDArray[np.float32], bias: NDArray[np.float32]
) -> str:
    """Return weights as the text of `kind_words.txt`: the kinds, their bias, then a line for each feature."""

    def whole(values: Iterable[float]) -> str:
        return " ".join(str(round(SCALE * float(v))) for v in values)

    lines = ["\t".join(kinds), whole(bias)]
    lines += [f"{gram}\t{whole([rare, *row])}" for (gram, rare), row in zip(rarity.items(), weights, strict=True)]
    return "\n".join(lines) + "\n"


@cache
def likeness(path: Path = WEIGHTS) -> Likeness:
    """Return the weights of a file.

    Raises:
        ValueError: the file is not whole.
    """
    kinds, bias, *rows = path.read_text("utf-8").splitlines()
    grams = [row.partition("\t") for row in rows]
    named = tuple(kinds.split("\t"))
    figures = (
        np.array(" ".join(g[2] for g in grams).split(), dtype=np.float32).reshape(len(grams), len(named) + 1) / SCALE
    )
    return Likeness(
        named,
        {gram[0]: float(rare) for gram, rare in zip(grams, figures[:, 0], strict=True)},
        {gram[0]: at for at, gram in enumerate(grams)},
        figures[:, 1:].astype(np.float32),
        (np.array(bias.split(), dtype=np.float32) / SCALE).astype(np.float32),
    )
