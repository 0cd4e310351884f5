"""Sentences to begin an answer with, chosen by the situation of the case; the words stand in ready.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "ready.yaml"
SITUATION_OF = {
    "home": "home",
    "liberty": "money",
    "energy": "energy",
    "water": "energy",
    "income": "income",
    "bank_wage": "money",
    "care": "care",
    "rights": "money",
    "money": "money",
}
"""The kind of threat of a case -> the situation of its sentences."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A situation with its sentences."""

    name: str
    when: str
    sentences: tuple[str, ...]


@lru_cache(maxsize=1)
def all_ready() -> tuple[Ready, ...]:
    """Return every situation of the file."""
    found = yaml.safe_load(FILE.read_text(encoding="utf-8"))["situations"]
    return tuple(Ready(each["name"], each["when"], tuple(each["sentences"])) for each in found)


def ready_for(threat: str | None, *, is_first: bool, is_waiting: bool) -> tuple[Ready, ...]:
    """Return the situations that fit a case: the first answer, what is at stake, then what always fits."""
    wanted = [SITUATION_OF.get(threat or "", ""), "always", "end"]
    if is_waiting:
        wanted.insert(1, "waiting")
    if is_first:
        wanted.insert(0, "first")
    by_name = {each.when: each for each in all_ready()}
    return tuple(by_name[name] for name in dict.fromkeys(wanted) if name in by_name)
