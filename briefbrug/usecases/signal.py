"""Signals about rules that stand in the way (F61, F72): a short story without personal data, and a timed reply."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from briefbrug.case import Actor, EventKind
from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.personal import names_in, personal_pieces
from briefbrug.store.tables import CaseRow, Professional, Resident, Signal, Team
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.at_the_desk import clean, open_case, was_done
from briefbrug.usecases.hand_over import letters_shared
from briefbrug.usecases.pile import pile_of
from briefbrug.usecases.roster import team_hours
from briefbrug.working_hours import WorkingHours

LONGEST_STORY = 1200
LONGEST_RULE = 200
LONGEST_REPLY = 2000
REPLY_DAYS = 10
"""Working days within which policy answers a signal; two weeks, so that who signals sees that it is read."""


@dataclass(frozen=True, slots=True)
class Given:
    """What came of a signal: `ref` when it was kept, else the pieces that point at a person and must go first."""

    ref: str | None
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignalView:
    """A signal as policy and the team read it; without case or resident.

    `threat`, `sender` and `kind` are codes or None; times are aware UTC; `is_late` speaks of a reply not yet given.
    """

    ref: str
    team_ref: str
    team: str
    at: datetime
    story: str
    rule: str
    threat: str | None
    sender: str | None
    kind: str | None
    due_at: datetime
    is_late: bool
    reply: str
    reply_by: str
    replied_at: datetime | None
    in_time: bool | None
    """Whether the reply came in time; None while there is none."""


def give_signal(house: House, case_ref: str, professional_ref: str, story: str, rule: str, source_key: str) -> Given:
    """Keep a signal from a case, once per `source_key`; a story that points at a person is handed back, not kept.

    Threat, sender and kind are those of the first letter that the resident shared.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD, when the story is empty or too long.
    """
    told = clean(story, LONGEST_STORY)
    named = clean(rule, LONGEST_RULE) if rule.strip() else ""
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Given(None)
        pieces = personal_pieces(f"{told}\n{named}", known_of(work, resident, case))
        if pieces:
            return Given(None, pieces)
        team = work.people.team(case.team_ref)
        assert team is not None
        first = next(iter(pile_of(house, work, resident, letters_shared(work, resident, case)).letters), None)
        row = Signal(
            ref=f"S-{secrets.token_hex(16)}",
            team_ref=case.team_ref,
            by_ref=person.ref,
            at=house.clock.now(),
            case_ref=case.ref,
            threat=case.threat,
            sender=first.sender if first else None,
            kind=first.kind if first else None,
            rule_sealed=house.vault.seal(named, "signal-rule") if named else None,
            story_sealed=house.vault.seal(told, "signal"),
            due_at=reply_due(house.clock.now(), team_hours(house, team)),
        )
        work.session.add(row)
        detail = {"once": source_key, "signal": row.ref}
        work.cases.record(case, EventKind.SIGNAL_GIVEN, Actor.HUMAN, person.ref, detail)
        return Given(row.ref)


def reply_due(given_at: datetime, hours: WorkingHours) -> datetime:
    """Return until when policy has time to reply: the end of the tenth working day after `given_at`.

    Raises:
        BriefbrugError: SETTINGS, when the calendar has no ten working days within a year.
    """
    day, left = given_at.astimezone(AMSTERDAM).date(), REPLY_DAYS
    for _ in range(400):
        day += timedelta(days=1)
        spans = hours.spans(day)
        left -= bool(spans)
        if left == 0:
            return spans[-1][1]
    raise BriefbrugError(Reason.SETTINGS, "the team's calendar has too few working days")


def known_of(work: Work, resident: Resident, case: CaseRow) -> tuple[str, ...]:
    """Return the words that point at this resident: her name, names on her letters, references and account numbers."""
    found: set[str] = set()
    if resident.name_sealed:
        found.update(work.residents.open(resident, resident.name_sealed, "name").split())
    if resident.helper_sealed:
        found.update(names_in("mevrouw " + work.residents.open(resident, resident.helper_sealed, "helper")))
    for letter in letters_shared(work, resident, case):
        facts = work.papers.facts(resident, letter)
        found.update(names_in(" ".join(word.text for word in facts.words)))
        found.update(each.value for each in (facts.reference, facts.iban, *facts.references) if each is not None)
    return tuple(sorted(word for word in found if len(word) >= 3))


def answer_signal(house: House, signal_ref: str, professional_ref: str, reply: str) -> SignalView:
    """Keep policy's reply to a signal; it is visible to the whole team that gave it.

    Raises:
        BriefbrugError: NOT_FOUND for an unknown signal; NOT_ALLOWED for who has no policy role or is disabled;
            WRONG_STATE when it was answered before with other words; NOT_UNDERSTOOD for an empty or too long reply.
    """
    words = clean(reply, LONGEST_REPLY)
    with house.work() as work:
        person = work.people.professional(professional_ref)
        if person is None or not person.active or "policy" not in person.roles:
            raise BriefbrugError(Reason.NOT_ALLOWED, f"professional_ref={professional_ref} answers no signals")
        row = work.session.get(Signal, signal_ref)
        if row is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"signal_ref={signal_ref}")
        if row.replied_at is not None and house.vault.open(row.reply_sealed or b"", "signal-reply") != words:
            raise BriefbrugError(Reason.WRONG_STATE, f"signal_ref={signal_ref} has a reply already")
        if row.replied_at is None:
            row.reply_sealed = house.vault.seal(words, "signal-reply")
            row.reply_by, row.replied_at = person.ref, house.clock.now()
            work.session.flush()
        return _view(house, row, _people(work), _teams(work))


def list_signals(house: House, *, team_ref: str | None = None, since: date | None = None) -> list[SignalView]:
    """Return signals: those without a reply first, the one due first on top, then the answered ones, newest first.

    Args:
        house: the house.
        team_ref: only of this team; None for all (policy).
        since: only those given on or after this local day.
    """
    with house.look() as work:
        query = select(Signal)
        if team_ref is not None:
            query = query.where(Signal.team_ref == team_ref)
        people, teams = _people(work), _teams(work)
        rows = [
            row for row in work.session.scalars(query) if since is None or row.at.astimezone(AMSTERDAM).date() >= since
        ]
        waiting = sorted((row for row in rows if row.replied_at is None), key=lambda row: (row.due_at, row.ref))
        answered = sorted(
            ((row.replied_at, row.ref, row) for row in rows if row.replied_at is not None),
            key=lambda each: each[:2],
            reverse=True,
        )
        return [_view(house, row, people, teams) for row in (*waiting, *(row for _, _, row in answered))]


def signals_of_case(house: House, work: Work, case_ref: str) -> Sequence[SignalView]:
    """Return the signals that were given from a case, newest first."""
    query = select(Signal).where(Signal.case_ref == case_ref).order_by(Signal.at.desc(), Signal.ref)
    people, teams = _people(work), _teams(work)
    return [_view(house, row, people, teams) for row in work.session.scalars(query)]


def _people(work: Work) -> dict[str, Professional]:
    return {person.ref: person for person in work.people.professionals(active_only=False)}


def _teams(work: Work) -> dict[str, Team]:
    return {team.ref: team for team in work.people.teams()}


def _view(house: House, row: Signal, people: dict[str, Professional], teams: dict[str, Team]) -> SignalView:
    replier = people.get(row.reply_by or "")
    team = teams.get(row.team_ref)
    return SignalView(
        ref=row.ref,
        team_ref=row.team_ref,
        team=team.name if team else "",
        at=row.at,
        story=house.vault.open(row.story_sealed, "signal"),
        rule=house.vault.open(row.rule_sealed, "signal-rule") if row.rule_sealed else "",
        threat=row.threat,
        sender=row.sender,
        kind=row.kind,
        due_at=row.due_at,
        is_late=row.replied_at is None and row.due_at < house.clock.now(),
        reply=house.vault.open(row.reply_sealed, "signal-reply") if row.reply_sealed else "",
        reply_by=replier.name if replier else "",
        replied_at=row.replied_at,
        in_time=None if row.replied_at is None else row.replied_at <= row.due_at,
    )
