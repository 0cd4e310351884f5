"""A case: what can happen to it, and in which state that leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    REMINDED = "reminded"
    HELPED = "helped"
    REASON_RECORDED = "reason_recorded"
    REASON_SHARED = "reason_shared"
    FUND_ASKED = "fund_asked"
    FUND_PAID = "fund_paid"
    FUND_REFUSED = "fund_refused"
    SIGNAL_GIVEN = "signal_given"
    CONSULT_ASKED = "consult_asked"
    CONSULT_ANSWERED = "consult_answered"
    WAITING_ELSEWHERE = "waiting_elsewhere"
    WAITING_ENDED = "waiting_ended"
    STEP_PLANNED = "step_planned"
    STEP_DONE = "step_done"
    OUTCOME_TOLD = "outcome_told"


REAL_HELP = (EventKind.FUND_PAID, EventKind.HELPED)
"""What changed something for the resident (F70): money from the fund, or help that a human marked as given."""

THREATS = ("home", "liberty", "energy", "water", "income", "bank_wage", "care", "rights", "money", "none")
"""What can be at stake, in the order of `ranking` in the knowledge; the kinds of `case_file.threat`."""

_THREAT_OF = {"rights_lost": "rights", "money_increase": "money"}


def threat_of(severity: str | None) -> str | None:
    """Return the kind of threat of a letter's severity class; None when there is no letter."""
    if severity is None:
        return None
    threat = _THREAT_OF.get(severity, severity)
    return threat if threat in THREATS else "none"


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
    EventKind.REMINDED: _ANY,
    EventKind.HELPED: _ANY,
    EventKind.REASON_RECORDED: _ALWAYS,
    EventKind.REASON_SHARED: _ALWAYS,
    EventKind.FUND_ASKED: _ANY,
    EventKind.FUND_PAID: _ALWAYS,
    EventKind.FUND_REFUSED: _ALWAYS,
    EventKind.SIGNAL_GIVEN: _ALWAYS,
    EventKind.CONSULT_ASKED: _ANY,
    EventKind.CONSULT_ANSWERED: _ALWAYS,
    EventKind.WAITING_ELSEWHERE: _ANY,
    EventKind.WAITING_ENDED: _ALWAYS,
    EventKind.STEP_PLANNED: _ANY,
    EventKind.STEP_DONE: _ALWAYS,
    EventKind.OUTCOME_TOLD: _ALWAYS,
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


def hands(events: Iterable[CaseEvent]) -> frozenset[str]:
    """Return the professionals around one resident (F74): who was responsible, who answered, who was consulted."""
    found: set[str] = set()
    for event in events:
        if event.kind is EventKind.ASSIGNED and event.detail.get("to"):
            found.add(str(event.detail["to"]))
        elif event.kind in {EventKind.HUMAN_ANSWERED, EventKind.CONSULT_ANSWERED} and event.actor_ref:
            found.add(event.actor_ref)
    return frozenset(found)
