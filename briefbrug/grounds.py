"""What a sentence for a resident rests on: the sources behind it and how sure they are, for whoever checks it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from briefbrug.deadline import Deadline
from briefbrug.knowledge.load import Knowledge, Status
from briefbrug.meaning import Understood
from briefbrug.speech import Message

DAY_SAID = ("by_", "event_", "deadline_")
"""Beginnings of sentences about the day; they rest on the way of counting."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The sources of one sentence, by id, and the weakest status among them; both empty when it states no fact."""

    key: str
    sources: tuple[str, ...]
    status: Status | None


def _matching(key: str, rows: Iterable[str]) -> str | None:
    """Return the row that names a key: itself, else the longest beginning with a star."""
    fitting = [row for row in rows if row == key or (row.endswith("*") and key.startswith(row[:-1]))]
    return max(fitting, key=len, default=None)


def sources_of(key: str, letter: Understood | None, knowledge: Knowledge) -> tuple[str, ...] | None:
    """Return the ids of the sources of a sentence, () when it states no fact, None when nobody says what it rests on.

    Args:
        key: the key of the text.
        letter: the letter it is said about; None for a sentence about no letter.
        knowledge: sources, combinations, kinds, helpers and statements.
    """
    entries = [entry for entry in (letter.voice, letter.combination) if entry is not None] if letter else []
    for entry in entries:
        if key in entry.texts.values():
            return entry.sources
    if key == "phone_is" and letter is not None:
        return knowledge.senders[letter.sender].sources
    if key.startswith("help_"):
        return knowledge.helpers[key.removeprefix("help_")].sources
    before, _, kind = key.rpartition("kind_")
    if kind in knowledge.kinds and before in {"", "what_", "else_", "can_", "step_"}:
        return knowledge.kinds[kind].sources
    if kind == "onbekend":
        return ()
    told = knowledge.statements.rests_on
    row = _matching(key, told)
    silent = _matching(key, knowledge.statements.no_fact)
    if silent is not None and (row is None or len(silent) > len(row)):
        return ()
    if row is not None:
        return told[row]
    if letter is not None and key.startswith(DAY_SAID):
        rule = letter.deadline.rule if isinstance(letter.deadline, Deadline) else ""
        regime = knowledge.terms.regimes.get(rule)
        return regime.sources if regime is not None else ("practice",)
    return None


def grounds_of(messages: Sequence[Message], letter: Understood | None, knowledge: Knowledge) -> tuple[Ground, ...]:
    """Return what each sentence rests on, in the order of the sentences."""
    found: list[Ground] = []
    for message in messages:
        sources = sources_of(message.key, letter, knowledge) or ()
        found.append(Ground(message.key, sources, knowledge.status_of(sources) if sources else None))
    return tuple(found)
