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


def waits_of(events: Sequence[CaseEvent], hours: WorkingHours, now: datetime) -> list[Wait]:
    """Return the waits in a case's history: one from SENT, and one from each REOPENED, to the human answer after it."""
    waits: list[Wait] = []
    sent_at: datetime | None = None
    promised: datetime | None = None

    def close(answered_at: datetime | None) -> None:
        assert sent_at is not None
        end = answered_at or now
        kept = None if promised is None or (answered_at is None and now <= promised) else end <= promised
        waits.append(
            Wait(
                sent_at,
                promised,
                answered_at,
                (end - sent_at).total_seconds(),
                working_seconds(sent_at, end, hours),
                kept,
            )
        )

    ended = False
    for event in events:
        if event.kind in {EventKind.SENT, EventKind.REOPENED} and sent_at is None:
            sent_at, ended = event.at, False
            raw = event.detail.get("promised_at")
            promised = datetime.fromisoformat(raw) if raw else None
        elif event.kind is EventKind.HUMAN_ANSWERED and event.actor is Actor.HUMAN and sent_at is not None:
            close(event.at)
            sent_at = None
        elif event.kind is EventKind.CONSENT_WITHDRAWN and sent_at is not None:
            # She took the question back herself: nobody owes her an answer, so this wait is not counted.
            sent_at = None
        elif event.kind is EventKind.CLOSED:
            ended = True
    if sent_at is not None:
        # Closed without a word to the resident is an unanswered case: it keeps its age until the last event.
        close(None) if not ended else waits.append(
            Wait(sent_at, promised, None, (now - sent_at).total_seconds(), working_seconds(sent_at, now, hours), False)
        )
    return waits


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
