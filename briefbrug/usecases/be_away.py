"""Who is in a team, who is away and who stands in; a professional notes her own absence, a lead that of her team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from briefbrug.case import OPEN
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.tables import Absence, CaseRow, Professional
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.what_comes_next import day_of

LONGEST_AWAY = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Away:
    """Whole days away, both included; `may_end` says whether the visitor may take them back."""

    id: int
    from_on: date
    until_on: date
    may_end: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague as her team sees her; `open_cases` is for herself and her lead, None for others."""

    ref: str
    name: str
    role: str
    is_me: bool
    is_lead: bool
    sees_cases: bool
    has_photo: bool
    languages: tuple[str, ...]
    expertise: tuple[str, ...]
    neighbourhoods: tuple[str, ...]
    mandate_cents: int
    stand_in: str
    is_away: bool
    away: tuple[Away, ...]
    open_cases: int | None


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team with its hours: for each day of the week that it works, the spans as "09:00-12:30"."""

    name: str
    phone: str
    hours: tuple[tuple[str, tuple[str, ...]], ...]
    members: tuple[Member, ...]
    may_note: tuple[tuple[str, str], ...]


def show_team(house: House, professional_ref: str) -> TeamView:
    """Return a professional's own team, herself first."""
    with house.look() as work:
        me = work.people.professional(professional_ref)
        team = work.people.team(me.team_ref) if me else None
        if me is None or team is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"professional_ref={professional_ref}")
        names = {each.ref: each.name for each in work.people.professionals(active_only=False)}
        people = sorted(work.people.professionals(team.ref), key=lambda each: (each.ref != me.ref, each.name))
        members = tuple(_member(house, work, me, each, names) for each in people)
        week: dict[str, list[str]] = team.calendar.get("week", {})
        hours = tuple((name, tuple(week[name])) for name in WEEK if week.get(name))
        may_note = tuple((each.ref, each.name) for each in people if may_note_for(me, each))
        return TeamView(team.name, team.phone, hours, members, may_note)


WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _member(house: House, work: Work, me: Professional, each: Professional, names: dict[str, str]) -> Member:
    today = house.clock.today()
    away = sorted(
        (one for one in work.people.absences(each.ref) if one.until_on >= today), key=lambda one: (one.from_on, one.id)
    )
    counted: int | None = None
    if may_note_for(me, each):
        is_hers = (CaseRow.professional_ref == each.ref) & CaseRow.status.in_([status.value for status in OPEN])
        counted = work.session.scalar(select(func.count()).select_from(CaseRow).where(is_hers)) or 0
    return Member(
        ref=each.ref,
        name=each.name,
        role=each.role,
        is_me=each.ref == me.ref,
        is_lead="lead" in each.roles,
        sees_cases="professional" in each.roles,
        has_photo=each.photo is not None,
        languages=tuple(each.languages),
        expertise=tuple(each.expertise),
        neighbourhoods=tuple(each.neighbourhoods),
        mandate_cents=each.mandate_cents,
        stand_in=names.get(each.stand_in_ref or "", ""),
        is_away=any(one.from_on <= today for one in away),
        away=tuple(Away(one.id, one.from_on, one.until_on, may_note_for(me, each)) for one in away),
        open_cases=counted,
    )


def may_note_for(me: Professional, who: Professional) -> bool:
    """Return whether somebody may note an absence: her own, or as a lead that of her team."""
    return me.ref == who.ref or ("lead" in me.roles and me.team_ref == who.team_ref)


def note_absence(house: House, by_ref: str, who_ref: str, from_on: str, until_on: str) -> None:
    """Note whole days away; from then on her waiting cases go to her stand-in, and residents hear who that is.

    Raises:
        BriefbrugError: DATE_NOT_UNDERSTOOD for days that are none, past or turned round; NOT_ALLOWED for another's.
    """
    first, last = day_of(house, from_on), day_of(house, until_on)
    if last < first or last < house.clock.today() or last - first > LONGEST_AWAY:
        raise BriefbrugError(Reason.DATE_NOT_UNDERSTOOD, "days away")
    with house.work() as work:
        _check(work, by_ref, who_ref)
        same = [one for one in work.people.absences(who_ref) if (one.from_on, one.until_on) == (first, last)]
        if not same:
            work.people.add_absence(who_ref, first, last)


def end_absence(house: House, by_ref: str, absence_id: int) -> None:
    """Take an absence back; one that runs already ends yesterday, so that what happened stays true.

    Raises:
        BriefbrugError: NOT_FOUND for an unknown one; NOT_ALLOWED for another's.
    """
    with house.work() as work:
        row = work.session.get(Absence, absence_id)
        if row is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"absence={absence_id}")
        _check(work, by_ref, row.professional_ref)
        today = house.clock.today()
        if row.from_on >= today:
            work.session.delete(row)
        else:
            row.until_on = today - timedelta(days=1)


def _check(work: Work, by_ref: str, who_ref: str) -> None:
    me, who = work.people.professional(by_ref), work.people.professional(who_ref)
    if me is None or who is None or not may_note_for(me, who):
        raise BriefbrugError(Reason.NOT_ALLOWED, f"professional_ref={who_ref[:40]} by={by_ref}")
