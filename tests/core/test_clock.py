"""The resident's clock (R7): ten thousand random histories, counted again second by second in another way."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate

import pytest

from briefbrug.case import ALLOWED, Actor, CaseEvent, CaseStatus, EventKind
from briefbrug.clock import AMSTERDAM
from briefbrug.knowledge.load import load_knowledge
from briefbrug.response_time import DECIDING, STARTS, Wait, summarise, waits_of
from briefbrug.working_hours import WEEKDAYS, WorkingHours, hours_from

HISTORIES = 10_000
LOCAL_DAYS_OFF = ("2026-03-30", "2026-10-23", "2026-12-24")
WORKDAYS = WEEKDAYS[:5]
CALENDARS = {
    "office hours with a break": {day: ["09:00-12:30", "13:00-17:00"] for day in WORKDAYS},
    "short Friday, evening and Saturday": {
        **{day: ["08:30-12:15", "12:45-16:30"] for day in WORKDAYS[:4]},
        "thursday": ["08:30-12:15", "18:00-21:00"],
        "friday": ["08:30-12:30"],
        "saturday": ["10:00-13:00"],
    },
    "a crisis team through both nights of the clock": {day: ["00:15-05:45", "06:00-23:30"] for day in WEEKDAYS},
}
WINDOWS = (date(2026, 3, 16), date(2026, 10, 12), date(2026, 12, 14))
"""Around summer time, winter time, and Christmas with New Year; each window has 40 days."""
WINDOW_DAYS = 40


@cache
def legal_holidays() -> frozenset[date]:
    holidays = load_knowledge().holidays
    return frozenset(holidays.general) | frozenset(holidays.equated)


@cache
def team(name: str) -> WorkingHours:
    return hours_from({"week": CALENDARS[name], "days_off": LOCAL_DAYS_OFF}, legal_holidays())


@dataclass(frozen=True)
class MinuteByMinute:
    """Another way of counting: every single minute of the window, asked in Dutch local time whether it is open."""

    start: datetime
    open_before: Sequence[int]

    def seconds(self, start: datetime, end: datetime) -> int:
        return self._until(end) - self._until(start)

    def _until(self, moment: datetime) -> int:
        minute, second = divmod(int((moment - self.start).total_seconds()), 60)
        inside = self.open_before[minute + 1] - self.open_before[minute]
        return 60 * self.open_before[minute] + inside * second


@cache
def minutes_of(name: str, window: date) -> MinuteByMinute:
    spans = {
        WEEKDAYS.index(day): [tuple(time.fromisoformat(part) for part in span.split("-")) for span in week]
        for day, week in CALENDARS[name].items()
    }
    shut = legal_holidays() | {date.fromisoformat(day) for day in LOCAL_DAYS_OFF}
    start = datetime.combine(window, time(), UTC)
    is_open: list[int] = []
    for minute in range((WINDOW_DAYS + 6) * 24 * 60):
        local = (start + timedelta(minutes=minute)).astimezone(AMSTERDAM)
        clock = local.time()
        spans_today = () if local.date() in shut else spans.get(local.weekday(), ())
        is_open.append(int(any(first <= clock < last for first, last in spans_today)))
    return MinuteByMinute(start, [0, *accumulate(is_open)])


@dataclass(frozen=True)
class History:
    """What happened to one invented case, seen at `now`."""

    events: list[CaseEvent]
    now: datetime
    calendar: str
    window: date


SILENT = (EventKind.NOTE, EventKind.VIEWED, EventKind.ASSIGNED, EventKind.CORRECTED, EventKind.RESIDENT_WROTE)


def history(seed: int) -> History:
    """Return a random history that keeps to the status table: moves, notes, machine texts, answers, new questions."""
    chance = random.Random(seed)
    window = chance.choice(WINDOWS)
    moment = datetime.combine(window, time(), UTC) + timedelta(seconds=chance.randrange(25 * 86_400))
    end = datetime.combine(window + timedelta(days=WINDOW_DAYS), time(), UTC)
    photo = moment - timedelta(seconds=chance.randrange(90_000))

    def promise(at: datetime) -> dict[str, str]:
        told = {"promised_at": (at + timedelta(seconds=chance.randrange(1_800, 400_000))).isoformat()}
        return {**told, "first_photo_at": photo.isoformat()} if chance.random() < 0.7 else told

    events = [CaseEvent(EventKind.SENT, moment, Actor.RESIDENT, "R-1", promise(moment))]
    status = CaseStatus.WAITING
    for _ in range(chance.randrange(10)):
        moment += timedelta(seconds=chance.randrange(1, 130_000))
        if moment >= end:
            break
        able = [kind for kind in EventKind if kind is not EventKind.SENT and status in ALLOWED[kind]]
        kind = chance.choice(SILENT) if chance.random() < 0.4 else chance.choice(able)
        if kind not in able:
            continue
        actor = Actor.HUMAN if kind is EventKind.HUMAN_ANSWERED else chance.choice(tuple(Actor))
        detail = promise(moment) if kind is EventKind.REOPENED else {}
        if kind is EventKind.ASSIGNED:
            # Absence or a colleague's hand-over: the case moves, the clock does not.
            detail = {"to": chance.choice("AB"), "why": chance.choice((["stand_in"], ["colleague"], ["silent"]))}
        status = ALLOWED[kind][status]
        events.append(CaseEvent(kind, moment, actor, f"H-{chance.randrange(3)}", detail))
    now = min(end + timedelta(days=5), moment + timedelta(seconds=chance.randrange(1, 400_000)))
    return History(events, now, chance.choice(tuple(CALENDARS)), window)


def expected_of(told: History) -> list[tuple[datetime, datetime | None]]:
    """Return (asked, answered) of each wait by the definition alone, without the house's own code."""
    waits: list[tuple[datetime, datetime | None]] = []
    asked: datetime | None = None
    for event in told.events:
        name = event.kind.value
        if asked is None and name in {"sent", "reopened"}:
            asked = event.at
        elif asked is not None and name == "human_answered":
            waits.append((asked, event.at))
            asked = None
        elif asked is not None and name == "consent_withdrawn":
            asked = None
    return [*waits, (asked, None)] if asked is not None else waits


@pytest.fixture(scope="module")
def told() -> list[History]:
    return [history(seed) for seed in range(HISTORIES)]


def test_every_figure_is_right_to_the_second(told: list[History]) -> None:
    """Recomputed from the events it equals the figure shown: over summer time, holidays, breaks and moves."""
    kinds, open_waits, across = set[EventKind](), 0, 0
    for each in told:
        shown = waits_of(each.events, team(each.calendar), each.now)
        assert [(wait.sent_at, wait.answered_at) for wait in shown] == expected_of(each)
        count = minutes_of(each.calendar, each.window)
        for wait in shown:
            end = wait.answered_at or each.now
            assert wait.calendar_seconds == (end - wait.sent_at).total_seconds()
            assert wait.working_seconds == count.seconds(wait.sent_at, end), each
            if wait.photo_at is not None:
                assert wait.photo_seconds == (end - wait.photo_at).total_seconds()
            open_waits += wait.answered_at is None
            start, stop = wait.sent_at.astimezone(AMSTERDAM), end.astimezone(AMSTERDAM)
            across += start.utcoffset() != stop.utcoffset()
        kinds |= {event.kind for event in each.events}
    assert kinds == set(EventKind), "the histories hold everything that can happen"
    assert open_waits > 1_000
    assert across > 500, "many waits cross the night in which the clock is set"


def test_nothing_else_stops_resets_or_freezes_the_clock(told: list[History]) -> None:
    """A move, a note, a look, a machine's word: taking them all out of a history changes no figure."""
    for each in told[:3_000]:
        shown = waits_of(each.events, team(each.calendar), each.now)
        bare = [event for event in each.events if event.kind in DECIDING]
        assert waits_of(bare, team(each.calendar), each.now) == shown
        chance = random.Random(len(each.events))
        noise = [
            CaseEvent(chance.choice(SILENT), event.at, chance.choice(tuple(Actor)), "H-9", {"to": "H-9"})
            for event in each.events
        ]
        louder = [one for pair in zip(each.events, noise, strict=True) for one in pair]
        assert waits_of(louder, team(each.calendar), each.now) == shown


def test_a_machine_never_stops_the_clock(told: list[History]) -> None:
    for each in told[:3_000]:
        by_machine = [
            CaseEvent(event.kind, event.at, Actor.MACHINE, event.actor_ref, event.detail)
            if event.kind is EventKind.HUMAN_ANSWERED
            else event
            for event in each.events
        ]
        assert all(wait.answered_at is None for wait in waits_of(by_machine, team(each.calendar), each.now))


def test_an_unanswered_case_ages_with_the_clock(told: list[History]) -> None:
    """Later is older by exactly that much; no status in between freezes it, closing without a word least of all."""
    for each in told[:2_000]:
        hours = team(each.calendar)
        later = each.now + timedelta(hours=5, seconds=7)
        before, after = waits_of(each.events, hours, each.now), waits_of(each.events, hours, later)
        for one, two in zip(before, after, strict=True):
            older = two.calendar_seconds - one.calendar_seconds
            assert older == (5 * 3600 + 7 if one.answered_at is None else 0)


def test_the_summary_is_recomputed_from_the_waits(told: list[History]) -> None:
    waits: list[Wait] = []
    for each in told[:2_000]:
        waits += waits_of(each.events, team(each.calendar), each.now)
    found = summarise(waits)
    answered = sorted(wait.calendar_seconds for wait in waits if wait.answered_at)
    assert found.answered + found.waiting == len(waits)
    assert found.median_calendar is not None and found.p90_calendar is not None
    assert sum(value <= found.p90_calendar for value in answered) >= 0.9 * len(answered)
    assert sum(value < found.p90_calendar for value in answered) < 0.9 * len(answered)
    assert abs(sum(v < found.median_calendar for v in answered) - sum(v > found.median_calendar for v in answered)) <= 1
    kept = sum(1 for wait in waits if wait.kept)
    assert found.share_kept == kept / (kept + found.broken)


SENT_AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def event(kind: EventKind, days: float, actor: Actor = Actor.HUMAN, **detail: str) -> CaseEvent:
    return CaseEvent(kind, SENT_AT + days * DAY, actor, "H-1", detail)


ASKED = event(EventKind.SENT, 0, Actor.RESIDENT, promised_at=(SENT_AT + 5 * DAY).isoformat(), professional="H-7")


def shown(*events: CaseEvent, days: float = 3) -> list[Wait]:
    return waits_of([ASKED, *events], team("office hours with a break"), SENT_AT + days * DAY)


def test_opening_again_does_not_hide_that_nobody_answered() -> None:
    waits = shown(event(EventKind.CLOSED, 1), event(EventKind.REOPENED, 2, promised_at=SENT_AT.isoformat()))
    assert [(wait.sent_at, wait.kept) for wait in waits] == [(SENT_AT, None)], "the first question, before its promise"


def test_closed_without_a_word_is_a_broken_promise_with_an_age() -> None:
    (wait,) = shown(event(EventKind.CLOSED, 1))
    assert (wait.kept, wait.answered_at, wait.calendar_seconds) == (False, None, 3 * 86_400)
    assert wait.professional_ref == "H-7"


def test_who_answered_is_counted_not_who_promised() -> None:
    (wait,) = shown(event(EventKind.HUMAN_ANSWERED, 1))
    assert (wait.kept, wait.professional_ref) == (True, "H-1")


def test_only_a_start_starts() -> None:
    loose = [event(kind, 1) for kind in EventKind if kind not in STARTS]
    assert waits_of(loose, team("office hours with a break"), SENT_AT + 2 * DAY) == []
