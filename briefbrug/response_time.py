"""How long residents waited for a human: computed from events, never stored as a figure of its own.

The clock starts at SENT and stops only at HUMAN_ANSWERED by a human. Nothing else stops, pauses or resets it; a case
without an answer counts with its age.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from statistics import median

from briefbrug.case import Actor, CaseEvent, EventKind
from briefbrug.working_hours import WorkingHours, working_seconds

STARTS = frozenset({EventKind.SENT, EventKind.REOPENED})
DECIDING = (*STARTS, EventKind.HUMAN_ANSWERED, EventKind.CONSENT_WITHDRAWN, EventKind.CLOSED)
"""The only events that the clock looks at; of these only a human's answer stops it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait of one resident, in seconds; `answered_at` None means that she still waits (age until `now`)."""

    sent_at: datetime
    promised_at: datetime | None
    answered_at: datetime | None
    calendar_seconds: float
    working_seconds: float
    kept: bool | None
    """Whether the answer came within the promise; None while waiting before the promised moment."""
    photo_at: datetime | None = None
    """When the first photo came that this question is about: the second clock, beside the first."""
    professional_ref: str | None = None
    """Who answered; of a wait without an answer who gave the promise."""

    @property
    def photo_seconds(self) -> float | None:
        """Return the calendar time since the first photo; None without a photo."""
        return None if self.photo_at is None else self.calendar_seconds + (self.sent_at - self.photo_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Summary:
    """Waits taken together. Seconds; None without answered waits. `share_kept` is 0..1 of the decided promises."""

    answered: int
    waiting: int
    broken: int
    median_calendar: float | None
    p90_calendar: float | None
    median_working: float | None
    p90_working: float | None
    share_kept: float | None


@dataclass(frozen=True, slots=True)
class Question:
    """What a resident asked of a human: the event that started the clock, and the answer that stopped it, if any."""

    start: CaseEvent
    answer: CaseEvent | None = None
    ended: bool = False
    """Whether the case was closed without a word to her: then the promise is broken, and the clock runs on."""


def questions_of(events: Sequence[CaseEvent]) -> list[Question]:
    """Return the questions in a case's history, each from SENT or REOPENED to the human answer after it.

    A question that the resident took back herself is owed to nobody and is left out.
    """
    questions: list[Question] = []
    start: CaseEvent | None = None
    ended = False
    for event in events:
        if event.kind in STARTS:
            start, ended = start or event, False
        elif start is None:
            continue
        elif event.kind is EventKind.HUMAN_ANSWERED and event.actor is Actor.HUMAN:
            questions.append(Question(start, event))
            start = None
        elif event.kind is EventKind.CONSENT_WITHDRAWN:
            start = None
        elif event.kind is EventKind.CLOSED:
            ended = True
    return questions if start is None else [*questions, Question(start, ended=ended)]


def wait_of(question: Question, hours: WorkingHours, now: datetime) -> Wait:
    """Return the wait of a question as it stands at `now`."""
    start, answer = question.start, question.answer
    end = answer.at if answer else now
    promised, photo = (_moment(start.detail.get(name)) for name in ("promised_at", "first_photo_at"))
    kept = None if promised is None or (answer is None and end <= promised) else end <= promised
    return Wait(
        sent_at=start.at,
        promised_at=promised,
        answered_at=answer.at if answer else None,
        calendar_seconds=(end - start.at).total_seconds(),
        working_seconds=working_seconds(start.at, end, hours),
        kept=False if question.ended else kept,
        photo_at=photo,
        professional_ref=answer.actor_ref if answer else start.detail.get("professional"),
    )


def waits_of(events: Sequence[CaseEvent], hours: WorkingHours, now: datetime) -> list[Wait]:
    """Return the waits in a case's history as they stand at `now`."""
    return [wait_of(question, hours, now) for question in questions_of(events)]


def _moment(raw: str | None) -> datetime | None:
    return datetime.fromisoformat(raw) if raw else None


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0..1] of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def summarise(waits: Sequence[Wait]) -> Summary:
    """Return the figures of the monitor for these waits."""
    answered = [wait for wait in waits if wait.answered_at is not None]
    decided = [wait for wait in waits if wait.kept is not None]
    calendar = [wait.calendar_seconds for wait in answered]
    working = [wait.working_seconds for wait in answered]
    return Summary(
        answered=len(answered),
        waiting=len(waits) - len(answered),
        broken=sum(1 for wait in decided if not wait.kept),
        median_calendar=median(calendar) if calendar else None,
        p90_calendar=percentile(calendar, 0.9) if calendar else None,
        median_working=median(working) if working else None,
        p90_working=percentile(working, 0.9) if working else None,
        share_kept=(sum(1 for wait in decided if wait.kept) / len(decided)) if decided else None,
    )
