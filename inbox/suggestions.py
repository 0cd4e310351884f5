"""What could be done first and what already exists, with its sources: a suggestion, never automatic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from briefbrug.house import House
from briefbrug.knowledge.load import Combination
from inbox.first_steps import first_steps, source_name, step_of
from inbox.language import DUTCH, spoken
from inbox.letters import LetterView

MOST_STEPS, MOST_SCHEMES = 4, 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A first step, in the language of the page. `sources` are (name, status), `helpers` (who, phone)."""

    rank: int
    title: str
    step: str
    sources: tuple[tuple[str, str], ...]
    helpers: tuple[tuple[str, str], ...]
    link: str


@dataclass(frozen=True, slots=True)
class Exists:
    """A regeling that already exists, with the source it rests on and that source's status."""

    what: str
    source: str
    status: str


def suggestions_for(house: House, letters: Sequence[LetterView]) -> tuple[Suggestion, ...]:
    """Return a suggestion for each of the first letters that something must be done with."""
    found: list[Suggestion] = []
    for letter, entry in _entries(house, letters):
        if letter.history or letter.urgency > 3 or len(found) == MOST_STEPS:
            continue
        sources = tuple((source_name(house, each), house.knowledge.sources[each].status) for each in entry.sources)
        helpers = tuple(
            (house.knowledge.helpers[each].spoken, house.knowledge.helpers[each].phone) for each in entry.helpers
        )
        link = f"/inbox/kennis/{entry.id}"
        found.append(Suggestion(letter.rank, letter.title, step_of(entry), sources, helpers, link))
    return tuple(found)


def schemes_for(house: House, letters: Sequence[LetterView]) -> tuple[Exists, ...]:
    """Return what already exists for these letters, what fits the first letter first; each once."""
    found: dict[str, Exists] = {}
    for _, entry in _entries(house, letters):
        for scheme in first_steps().schemes:
            if scheme.fits(entry) and scheme.nl not in found and len(found) < MOST_SCHEMES:
                what = scheme.nl if spoken.get() == DUTCH else scheme.en
                status = house.knowledge.sources[scheme.source].status
                found[scheme.nl] = Exists(what, source_name(house, scheme.source), status)
    return tuple(found.values())


def _entries(house: House, letters: Sequence[LetterView]) -> list[tuple[LetterView, Combination]]:
    known = house.knowledge.combinations
    return [(each, known[each.knowledge_id]) for each in letters if each.knowledge_id in known]
