"""What could be done first with each letter, from the knowledge with its sources: a suggestion, never automatic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from briefbrug.house import House
from briefbrug.store.papers import NEEDS_HUMAN
from inbox.access import CaseAccess
from inbox.letters import LetterView

MOST = 4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A first step to think about. `sources` are (name, status), `helpers` (who, phone); `step` is in English."""

    rank: int
    title: str
    step: str
    status: str
    sources: tuple[tuple[str, str], ...]
    helpers: tuple[tuple[str, str], ...]
    link: str


def suggestions_for(house: House, letters: Sequence[LetterView]) -> tuple[Suggestion, ...]:
    """Return a suggestion for each of the first letters that something must be done with."""
    found: list[Suggestion] = []
    for letter in letters:
        entry = house.knowledge.combinations.get(letter.knowledge_id)
        if entry is None or letter.history or letter.urgency > 3 or len(found) == MOST:
            continue
        sources = tuple(
            (house.knowledge.sources[each].name, house.knowledge.sources[each].status) for each in entry.sources
        )
        helpers = tuple(
            (house.knowledge.helpers[each].spoken, house.knowledge.helpers[each].phone) for each in entry.helpers
        )
        link = f"/inbox/kennis/{entry.id}"
        found.append(Suggestion(letter.rank, letter.title, entry.first_step, entry.status, sources, helpers, link))
    return tuple(found)


def photos_for_a_human(house: House, access: CaseAccess) -> int:
    """Return how many photos of the resident the machine gave up on; a person should ask for them or look along."""
    with house.look() as work:
        resident = work.residents.get(access.resident_ref)
        return sum(photo.state == NEEDS_HUMAN for photo in work.papers.photos_of(resident)) if resident else 0
