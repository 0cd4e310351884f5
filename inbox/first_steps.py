"""The file first_steps.yaml: Dutch first steps, Dutch names of sources, and regelingen that exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.knowledge.load import Combination
from inbox.language import DUTCH, spoken

FILE = Path(__file__).parent / "first_steps.yaml"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A regeling that exists, for letters of these senders and kinds or with this at stake; empty fits every letter."""

    nl: str
    en: str
    source: str
    senders: frozenset[str]
    kinds: frozenset[str]
    at_stake: frozenset[str]

    def fits(self, entry: Combination) -> bool:
        """Return whether this regeling may help with a letter."""
        pairs = ((self.senders, entry.sender), (self.kinds, entry.kind), (self.at_stake, entry.severity))
        return all(not wanted or code in wanted for wanted, code in pairs)


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """The file: steps by entry, Dutch names of sources, and regelingen."""

    steps: Mapping[str, str]
    sources: Mapping[str, str]
    schemes: tuple[Scheme, ...]


@cache
def first_steps() -> FirstSteps:
    """Return the file.

    Raises:
        BriefbrugError: TEXTS, when it lacks a part.
    """
    raw: Any = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    try:
        schemes = tuple(
            Scheme(
                each["nl"],
                each["en"],
                each["source"],
                *(frozenset(each.get(name, ())) for name in ("senders", "kinds", "at_stake")),
            )
            for each in raw["schemes"]
        )
        return FirstSteps(raw["steps"], raw["sources"], schemes)
    except (KeyError, TypeError) as error:
        raise BriefbrugError(Reason.TEXTS, f"{FILE.name} missing={error}") from error


def step_of(entry: Combination) -> str:
    """Return the first step to consider, in the language of the page."""
    return first_steps().steps.get(entry.id, entry.first_step) if spoken.get() == DUTCH else entry.first_step


def source_name(house: House, code: str) -> str:
    """Return a source's name, in the language of the page; laws keep their Dutch names."""
    kept = house.knowledge.sources[code].name
    return first_steps().sources.get(code, kept) if spoken.get() == DUTCH else kept
