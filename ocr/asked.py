"""Which amount a letter asks now, or none, by what the words round the amounts have in common with letters whose answer is known.

A choice among the amounts of a letter and "none" (conditional logit). Each amount is described by the words of its
clause, its sentence and the sentences beside it, by what these words are about (`cues/money_words.yaml`), by its row in a
table and by sums; "none" by the words of the whole letter. `amount_words.txt` holds the weights; `python -m
tests.bed.learning` makes it from all letters that were answered by hand.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, permutations
from pathlib import Path

from ocr.choosing import Features, learnt
from ocr.clues import sentences
from ocr.lines import Piece, label_above, plain
from ocr.sheet import Run, Sheet
from ocr.tally import Part
from ocr.wording import HEADING, MARK, Wording

WEIGHTS = Path(__file__).parent / "amount_words.txt"
MOST = 40
"""Amounts that are compared; a letter with more is a list, of which the first are."""
MOST_SAID = 150
"""Places at which amounts are described; a page of nothing else takes no longer than a letter."""
LONGEST_LIST = 13
"""Instalments that are listed one by one, at most."""

_WORDING = Wording("money_words")


@dataclass(frozen=True, slots=True)
class Described:
    """The amounts of a letter, and what is known of each and of "none"."""

    values: tuple[Decimal, ...]
    features: tuple[Features, ...]
    none: Features


def _in_row(into: Features, sheet: Sheet, run: Run, number: int, intro: str) -> None:
    """Describe an amount in a printed line or a row of a table."""
    seen = run.amounts[number]
    text = run.text.text
    behind = text[text.find(mark := f"<a{number}>") + len(mark) :]
    label = re.sub(r"<[adi]\d+>", " ", text[: text.find("<a")])
    above = plain(label_above(sheet.layout, Piece(run.tokens[seen.first : seen.last + 1])))
    _WORDING.in_row(into, label, behind, intro, above)
    if seen is max(run.amounts, key=lambda one: one.first):
        into["last column"] = 1.0
    if len(run.amounts) > 1:
        into["columns"] = 1.0


def _parts_of_another(printed: Sequence[Decimal], into: Mapping[Decimal, Features]) -> None:
    """Tell which of the amounts as printed, in their order, are the first of several that make up one named before."""
    for place, first in enumerate(printed[:MOST]):
        running = first
        for later in printed[place + 1 : place + LONGEST_LIST]:
            running += later
            if running in printed[:place] and running in into and first in into:
                into[first]["first of parts"] = 1.0
                into[running]["has parts"] = 1.0


def _sums(values: Sequence[Decimal], into: Mapping[Decimal, Features]) -> None:
    """Tell how amounts (in the order of the letter) stand to each other."""
    for place, value in enumerate(values):
        one = into[value]
        others = [other for other in values if other != value]
        flags = {
            "largest": value == max(values),
            "smallest": value == min(values),
            "only": not others,
            "first": place == 0,
            "last": place == len(values) - 1,
            "sum of two": any(a + b == value for a, b in combinations(others, 2)),
            "rest of two": any(a - b == value for a in others for b in others),
            "part of one": any(o % value == 0 and 2 <= o / value <= 60 for o in others),
            "many of one": any(value % o == 0 and 2 <= value / o <= 60 for o in others),
            "many and more": any(
                (value - b) % a == 0 and 2 <= (value - b) / a <= 12 for a, b in permutations(others, 2)
            ),
        }
        running, count = Decimal(0), 0
        for other in reversed(values[:place]):
            running, count = running + other, count + 1
            flags["sum"] = flags.get("sum", False) or (count > 1 and running == value)
        one.update({name: 1.0 for name, is_so in flags.items() if is_so})
        one["amount"] = 1.0


def _together(into: Features, facets: Sequence[str]) -> None:
    """Add what an amount is in the light of the whole letter: the smallest amount of an arrangement is a term of it."""
    own = [name for name in into if name in STANDING or name.startswith("part ")]
    for facet in facets:
        for name in own:
            into[f"{facet}&{name}"] = 1.0


STANDING = frozenset(
    (
        "largest",
        "smallest",
        "only",
        "first",
        "last",
        "sum of two",
        "rest of two",
        "part of one",
        "many of one",
        "sum",
        "instalment",
        "first of parts",
        "has parts",
        "row",
        "c=periodic",
        "c=period",
        "c=part",
        "c=extra",
        "c=if",
        "c=whole",
        "c=pay",
        "c=now",
        "c=debt",
    )
)
"""Features that mean another thing in another kind of letter."""


def describe(
    sheet: Sheet, parts: Mapping[int, Part], terms: Iterable[Decimal], facets: Iterable[str], kind: str, sender: str
) -> Described:
    """Return what tells the amounts of a letter apart.

    Args:
        sheet: the letter.
        parts: what amounts are in tables that add up, by the index of their last word.
        terms: amounts that may be single instalments.
        facets: what is known of the letter as a whole, such as "broken" (an arrangement has ended).
        kind: code of the letter's kind, "" when unknown.
        sender: code of its sender, "" when unknown.
    """
    found: dict[Decimal, Features] = defaultdict(dict)
    first: dict[Decimal, int] = {}
    said: set[int] = set()
    heading = ""
    for run in sheet.flows:
        parted = [text for _, text in sentences(run.text.text)]
        if not run.amounts and len(parted) == 1:
            heading = run.text.text if len(run.tokens) <= HEADING else ""
            continue
        opened, heading = heading, ""
        for place, text in enumerate(parted):
            around = (parted[place - 1] if place else "", parted[place + 1] if place + 1 < len(parted) else "")
            for match in re.finditer(r"<a(\d+)>", text):
                seen = run.amounts[int(match[1])]
                if seen.value <= 0 or len(said) >= MOST_SAID or not re.search("[a-z]", MARK.sub("", text)):
                    continue  # a column of figures: their rows say what they are
                if seen.value not in found and len(found) >= MOST:
                    continue
                key = run.tokens[seen.last].index
                said.add(key)
                first.setdefault(seen.value, key)
                _WORDING.running(found[seen.value], text, match.span(), around, opened, "<a")
    intro, rows = "", 0
    for run in sheet.rows:
        if not run.amounts:
            intro = run.text.text if re.search("[a-z]{3}", run.text.text) else intro
        for number, seen in enumerate(run.amounts):
            key = run.tokens[seen.last].index
            long = len(run.tokens) > seen.last - seen.first + 3
            if seen.value <= 0 or (key in said and long and key not in parts) or rows >= MOST_SAID:
                continue
            if seen.value not in found and len(found) >= MOST:
                continue
            rows += 1
            first.setdefault(seen.value, key)
            _in_row(found[seen.value], sheet, run, number, intro)
    for run in (*sheet.flows, *sheet.rows):
        for seen in run.amounts:
            part = parts.get(run.tokens[seen.last].index)
            if part is not None and seen.value in found:
                found[seen.value]["part " + part.value] = 1.0
    values = sorted(found, key=lambda value: first[value])
    _sums(values, found)
    in_order = sorted({run.tokens[seen.last].index: seen.value for run in sheet.flows for seen in run.amounts}.items())
    _parts_of_another([value for _, value in in_order], found)
    for term in terms:
        if term in found:
            found[term]["instalment"] = 1.0
    for one in found.values():
        _together(one, (*facets, "kind " + kind))
    return Described(tuple(values), tuple(found[value] for value in values), _none(sheet, values, facets, kind, sender))


def _none(sheet: Sheet, values: Sequence[Decimal], facets: Iterable[str], kind: str, sender: str) -> Features:
    """Describe a letter as one that may ask nothing."""
    found: Features = {"none": 1.0, "kind " + kind: 1.0, "sender " + sender: 1.0}
    found.update(dict.fromkeys(facets, 1.0))
    _WORDING.whole(found, (run.text.text for run in sheet.flows))
    if any(run.ibans for run in sheet.flows):
        found["account"] = 1.0
    if not values:
        found["no money"] = 1.0
    return found


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked now (None: nothing), the chance that it is so (0 to 1), and the other answers with theirs."""

    value: Decimal | None
    chance: float
    others: tuple[tuple[Decimal | None, float], ...]


RULED = 1.0
"""What the rules of `payments.py` count beside the words, for each factor e of a chance; fitted on letters neither knew."""
RULED_NONE = 1.4
"""The same where they found no amount that is asked."""
SAID_NOTHING = 2.0
"""What more they count where the letter says in so many words that nothing is to be paid (right in 52 of 53 letters)."""
RULED_SURELY = 0.5
"""What more they count where two reasons spoke for their answer."""
RULED_TERM = 2.0
"""What more they count where they know the instalment of an arrangement that stands."""


def choose(letter: Described, ruled: Decimal | None, more: float) -> Choice:
    """Return the answer of the words and of the rules together.

    Args:
        letter: the amounts as described.
        ruled: the amount that the rules found, None for none.
        more: what the rules count here, for each factor e of a chance.
    """
    answers: tuple[Decimal | None, ...] = (*letter.values, None)
    raised = [
        chance * math.exp(more if answer == ruled else 0.0)
        for answer, chance in zip(answers, learnt(WEIGHTS).chances(letter.features, letter.none), strict=True)
    ]
    ranked = sorted(zip(answers, (one / sum(raised) for one in raised), strict=True), key=lambda pair: -pair[1])
    return Choice(ranked[0][0], ranked[0][1], tuple(ranked[1:]))
