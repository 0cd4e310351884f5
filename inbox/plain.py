"""A gentle look at a professional's own words before she sends them (F58): it advises and never stops her."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from briefbrug.plain_language import explained_terms, measure, remarks

MOST = 6
"""Advice shown at once; more would scold."""

SAID: Mapping[str, str] = {
    "long_sentence": "Deze zin is lang. Knip hem in tweeën.",
    "difficult_word": "Dit woord is moeilijk.",
    "not_u": "Schrijf 'u'.",
    "abbreviation": "Schrijf de afkorting voluit.",
    "blame": "Dit kan als een verwijt klinken.",
    "promise": "Hiermee belooft u een uitkomst. Weet u dat zeker?",
    "rule_as_excuse": "Hier staat de regel in de weg. Zeg wat wel kan; meld de regel aan beleid.",
    "passive": "Zeg wie het doet.",
}


@dataclass(frozen=True, slots=True)
class Tip:
    """One remark: the words it is about, what to do, a plain form or ""."""

    found: str
    said: str
    better: str


@dataclass(frozen=True, slots=True)
class Advice:
    """How easy a text is, and at most a handful of remarks."""

    words: int
    mean: str
    is_easy: bool
    tips: tuple[Tip, ...]
    more: int


def advice_on(text: str) -> Advice:
    """Return advice on a text; an empty one gets none."""
    known = {word.lower() for word in explained_terms()}
    found = remarks(text, known) if text.strip() else ()
    measured = measure(text, known)
    tips = [Tip(each.found[:160], SAID.get(each.code, "Kan dit eenvoudiger?"), each.better) for each in found]
    mean = f"{measured.mean:.0f}"
    return Advice(measured.words, mean, bool(text.strip()) and not tips, tuple(tips[:MOST]), max(0, len(tips) - MOST))
