"""What the figures need to know of each case, computed from its events once and again only when events are added."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from threading import Lock
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import func, null, select

from briefbrug.case import REAL_HELP, Actor, CaseEvent, EventKind, hands
from briefbrug.clock import AMSTERDAM
from briefbrug.house import House
from briefbrug.response_time import Question, Wait, questions_of, wait_of
from briefbrug.store.tables import Absence, CaseEventRow, CaseRow
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.roster import team_hours
from briefbrug.working_hours import WorkingHours, working_seconds

NO_HOURS = WorkingHours({})
HELPING_OUTCOMES = ("solved", "arranged", "handed_on")
"""A case that closes so has helped; `no_contact` and `other` have not."""

CAUSES = ("waiting_elsewhere", "rule", "absent", "no_capacity")
"""Why a promise was broken; the first that holds, in this order. `no_capacity` is what is left."""

WITH_DETAIL = (
    EventKind.SENT,
    EventKind.REOPENED,
    EventKind.ASSIGNED,
    EventKind.CLOSED,
    EventKind.LETTERS_ADDED,
)
COUNTED = (
    *WITH_DETAIL,
    EventKind.HUMAN_ANSWERED,
    EventKind.CONSENT_WITHDRAWN,
    EventKind.FUND_PAID,
    EventKind.HELPED,
    EventKind.STEP_DONE,
    EventKind.REASON_SHARED,
    EventKind.CONSULT_ANSWERED,
    EventKind.WAITING_ELSEWHERE,
    EventKind.WAITING_ENDED,
    EventKind.SIGNAL_GIVEN,
)
"""The events that a figure rests on; looks, notes and lines of the resident change none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a resident with what it is grouped by, and why its promise broke, if it does."""

    question: Question
    answered: Wait | None
    """The wait, once it is over; an open one grows with the clock."""
    month: str
    cause: str


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """What the figures need of one case. Times are aware UTC, seconds are of working time."""

    case_ref: str
    resident: str
    """Her reference, or the case's when she was forgotten."""
    team_ref: str
    urgency: int
    threat: str
    month: str
    sent_at: datetime
    asked: tuple[Asked, ...]
    helped_at: datetime | None
    help_working: float
    withdrawn: bool
    closed_at: datetime | None
    outcome: str | None
    hands: frozenset[str]
    letters: frozenset[tuple[str, str]]
    """The codes (sender, kind) of the letters that she shared."""


def month_of(moment: datetime) -> str:
    """Return the month of a moment in the Netherlands, as 2026-11."""
    local = moment.astimezone(AMSTERDAM)
    return f"{local.year:04d}-{local.month:02d}"


def is_real_help(event: CaseEvent) -> bool:
    """Return whether an event is real help (F70): money, help given, a step done, a reason shared, a good end."""
    if event.kind is EventKind.CLOSED:
        return event.detail.get("outcome") in HELPING_OUTCOMES
    return event.kind in REAL_HELP or event.kind in {EventKind.STEP_DONE, EventKind.REASON_SHARED}


Away = Mapping[str, Sequence[tuple[date, date]]]
"""Whole days away per professional, both days included."""


def cause_of(events: Sequence[CaseEvent], question: Question, promised_at: datetime | None, away: Away) -> str:
    """Return why the promise of a question broke, by what was the case at the promised moment."""
    until = promised_at or question.start.at
    waits, rule, was_absent = False, False, False
    responsible = {str(question.start.detail.get("professional", ""))}
    for event in events:
        if event.at > until:
            break
        if event.kind is EventKind.WAITING_ELSEWHERE:
            waits = True
        elif event.kind is EventKind.WAITING_ENDED:
            waits = False
        elif event.kind is EventKind.SIGNAL_GIVEN:
            rule = True
        elif event.kind is EventKind.ASSIGNED:
            responsible.add(str(event.detail.get("to", "")))
            was_absent = was_absent or "absent" in event.detail.get("why", ())
    if waits:
        return "waiting_elsewhere"
    if rule:
        return "rule"
    day = until.astimezone(AMSTERDAM).date()
    was_absent = was_absent or any(first <= day <= last for ref in responsible for first, last in away.get(ref, ()))
    return "absent" if was_absent else "no_capacity"


def history_of(
    case_ref: str, resident: str, team_ref: str, events: Sequence[CaseEvent], hours: WorkingHours, away: Away
) -> CaseHistory:
    """Return what the figures need of a case, from its events."""
    start = events[0]
    asked: list[Asked] = []
    for question in questions_of(events):
        wait = wait_of(question, hours, question.answer.at) if question.answer else None
        raw = question.start.detail.get("promised_at")
        cause = cause_of(events, question, datetime.fromisoformat(raw) if raw else None, away)
        asked.append(Asked(question, wait, month_of(question.start.at), cause))
    helped = next((event.at for event in events if is_real_help(event)), None)
    ends = [event for event in events if event.kind in {EventKind.CLOSED, EventKind.REOPENED}]
    last = ends[-1] if ends and ends[-1].kind is EventKind.CLOSED else None
    return CaseHistory(
        case_ref=case_ref,
        resident=resident,
        team_ref=team_ref,
        urgency=next((int(event.detail["urgency"]) for event in events if "urgency" in event.detail), 3),
        threat=next((str(event.detail["threat"]) for event in reversed(events) if event.detail.get("threat")), "none"),
        month=month_of(start.at),
        sent_at=start.at,
        asked=tuple(asked),
        helped_at=helped,
        help_working=working_seconds(start.at, helped, hours) if helped else 0.0,
        withdrawn=any(event.kind is EventKind.CONSENT_WITHDRAWN for event in events),
        closed_at=last.at if last else None,
        outcome=str(last.detail.get("outcome") or "other") if last else None,
        hands=hands(events),
        letters=frozenset((str(pair[0]), str(pair[1])) for event in events for pair in event.detail.get("codes", ())),
    )


class Histories:
    """The histories of all cases, remembered between two looks.

    Events are appended and never changed, so only cases with new events are computed again; when rows went away, or a
    team's hours or somebody's absence changed, everything is.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._lock = Lock()
        self._known: dict[str, CaseHistory] = {}
        self._mark: tuple[int, int, int] = (0, 0, 0)
        self._rest: str = ""

    def read(self, work: Work) -> list[CaseHistory]:
        """Return the history of each case, and of cases of residents who were forgotten."""
        with self._lock:
            self._refresh(work)
            return list(self._known.values())

    def _refresh(self, work: Work) -> None:
        hours = {team.ref: team_hours(self._house, team) for team in work.people.teams()}
        absences = sorted(
            (ref, first, last)
            for ref, first, last in work.session.execute(
                select(Absence.professional_ref, Absence.from_on, Absence.until_on)
            )
        )
        away: dict[str, list[tuple[date, date]]] = {}
        for ref, first, last in absences:
            away.setdefault(ref, []).append((first, last))
        calendars = [(team.ref, json.dumps(team.calendar, sort_keys=True)) for team in work.people.teams()]
        rest = repr((calendars, absences))
        count, newest, check = work.session.execute(
            select(func.count(), func.max(CaseEventRow.id), func.sum(CaseEventRow.id)).where(
                CaseEventRow.kind.in_([kind.value for kind in COUNTED])
            )
        ).one()
        mark = (count, newest or 0, int(check or 0))
        if (mark, rest) == (self._mark, self._rest):
            return
        fresh: set[str] | None = None
        if rest == self._rest and self._known:
            added = work.session.execute(
                select(CaseEventRow.id, CaseEventRow.case_ref).where(
                    CaseEventRow.id > self._mark[1], CaseEventRow.kind.in_([kind.value for kind in COUNTED])
                )
            ).all()
            seen = (self._mark[0] + len(added), self._mark[2] + sum(row[0] for row in added))
            # On PostgreSQL a smaller number may be committed later: then the sums differ, and all is read again.
            fresh = {row[1] for row in added} if seen == (mark[0], mark[2]) else None
        if fresh is None:
            self._known = {}
        for history in self._histories(work, hours, away, fresh):
            self._known[history.case_ref] = history
        self._mark, self._rest = mark, rest

    def _histories(
        self, work: Work, hours: Mapping[str, WorkingHours], away: Away, only: set[str] | None
    ) -> Iterable[CaseHistory]:
        telling = CaseEventRow.kind.in_([kind.value for kind in WITH_DETAIL])
        detail = sql_case((telling, CaseEventRow.detail), else_=null())
        query = (
            select(
                CaseEventRow.case_ref,
                CaseEventRow.team_ref,
                CaseEventRow.resident_ref,
                CaseEventRow.kind,
                CaseEventRow.at,
                CaseEventRow.actor_kind,
                CaseEventRow.actor_ref,
                detail,
            )
            .where(CaseEventRow.kind.in_([kind.value for kind in COUNTED]))
            .order_by(CaseEventRow.case_ref, CaseEventRow.id)
        )
        if only is not None:
            query = query.where(CaseEventRow.case_ref.in_(only))
        nothing: Mapping[str, Any] = {}
        for case_ref, rows in groupby(work.session.execute(query), key=lambda row: row[0]):
            told = list(rows)
            events = [
                CaseEvent(KINDS[row[3]], row[4], ACTORS[row[5]], row[6], nothing if row[7] is None else row[7])
                for row in told
            ]
            team_ref = told[0][1]
            yield history_of(case_ref, told[0][2] or case_ref, team_ref, events, hours.get(team_ref) or NO_HOURS, away)


KINDS = {kind.value: kind for kind in EventKind}
ACTORS = {actor.value: actor for actor in Actor}


def living_cases(work: Work) -> frozenset[str]:
    """Return the cases whose resident was not forgotten."""
    return frozenset(work.session.scalars(select(CaseRow.ref)))
