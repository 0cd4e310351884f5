"""A case: what can happen to it, and in which state that leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from briefbrug.errors import BriefbrugError, Reason


class CaseStatus(StrEnum):
    """Where a case stands.

    waiting: sent, no human message yet. speaking: a human speaks, the bot is silent (F36). handed_back: the bot
    speaks again, the human stays responsible. closed: ended with an outcome; a new message reopens it.
    """

    WAITING = "waiting"
    SPEAKING = "speaking"
    HANDED_BACK = "handed_back"
    CLOSED = "closed"


OPEN = (CaseStatus.WAITING, CaseStatus.SPEAKING, CaseStatus.HANDED_BACK)


class Actor(StrEnum):
    """Who did it."""

    RESIDENT = "resident"
    HUMAN = "human"
    MACHINE = "machine"


class EventKind(StrEnum):
    """What can happen to a case. Only HUMAN_ANSWERED stops the resident's clock."""

    SENT = "sent"
    ASSIGNED = "assigned"
    VIEWED = "viewed"
    HUMAN_ANSWERED = "human_answered"
    RESIDENT_WROTE = "resident_wrote"
    NOTE = "note"
    CORRECTED = "corrected"
    LETTERS_ADDED = "letters_added"
    HANDED_BACK = "handed_back"
    OTHER_PERSON_ASKED = "other_person_asked"
    CRISIS = "crisis"
    PROMISE_BROKEN = "promise_broken"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CLOSED = "closed"
    REOPENED = "reopened"


_ANY: dict[CaseStatus, CaseStatus] = dict(zip(OPEN, OPEN, strict=True))
_ALWAYS: dict[CaseStatus, CaseStatus] = dict(zip(CaseStatus, CaseStatus, strict=True))
ALLOWED: Mapping[EventKind, Mapping[CaseStatus, CaseStatus]] = {
    EventKind.SENT: {CaseStatus.WAITING: CaseStatus.WAITING},
    EventKind.ASSIGNED: _ANY,
    EventKind.VIEWED: _ALWAYS,
    EventKind.HUMAN_ANSWERED: dict.fromkeys(OPEN, CaseStatus.SPEAKING),
    EventKind.RESIDENT_WROTE: _ANY,
    EventKind.NOTE: _ALWAYS,
    EventKind.CORRECTED: _ALWAYS,
    EventKind.LETTERS_ADDED: _ANY,
    EventKind.HANDED_BACK: {
        CaseStatus.SPEAKING: CaseStatus.HANDED_BACK,
        CaseStatus.HANDED_BACK: CaseStatus.HANDED_BACK,
    },
    EventKind.OTHER_PERSON_ASKED: _ANY,
    EventKind.CRISIS: _ANY,
    EventKind.PROMISE_BROKEN: _ANY,
    EventKind.CONSENT_WITHDRAWN: dict.fromkeys(CaseStatus, CaseStatus.CLOSED),
    EventKind.CLOSED: dict.fromkeys(OPEN, CaseStatus.CLOSED),
    EventKind.REOPENED: {CaseStatus.CLOSED: CaseStatus.WAITING},
}
"""The table of allowed changes: event -> status before -> status after."""


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something that happened to a case at `at` (aware UTC)."""

    kind: EventKind
    at: datetime
    actor: Actor
    actor_ref: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


def next_status(status: CaseStatus, kind: EventKind) -> CaseStatus:
    """Return the status after an event.

    Raises:
        BriefbrugError: WRONG_STATE, when the event cannot happen to a case in this status.
    """
    after = ALLOWED[kind].get(status)
    if after is None:
        raise BriefbrugError(Reason.WRONG_STATE, f"{kind.value} cannot happen to a case that is {status.value}")
    return after


def human_speaks(status: CaseStatus) -> bool:
    """Return whether the bot must be silent."""
    return status is CaseStatus.SPEAKING
