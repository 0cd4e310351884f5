"""Who could help, when the team works, and what a resident may see of a professional."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from briefbrug.case import EventKind
from briefbrug.clock import AMSTERDAM
from briefbrug.handover import Chosen, Colleague, NobodyAvailable, choose_professional
from briefbrug.house import House
from briefbrug.speech import Day, Value
from briefbrug.store.tables import CaseRow, Professional, Resident, Team
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.invented import FIRST_TEAM
from briefbrug.working_hours import WorkingHours, hours_from

TOPIC_OF = {
    "home": "wonen",
    "liberty": "schulden",
    "water": "energie",
    "energy": "energie",
    "income": "inkomen",
    "bank_wage": "schulden",
    "care": "zorg",
    "rights_lost": "recht",
    "money_increase": "schulden",
}
"""What a professional must know for each severity class; the words stand in her profile as expertise."""


@dataclass(frozen=True, slots=True)
class Face:
    """A professional as a resident sees her."""

    ref: str
    name: str
    role: str
    organisation: str
    team: str
    photo: bytes | None
    active: bool


def face_of(house: House, professional_ref: str) -> Face | None:
    """Return who a professional is, for the resident; None when there is no such person."""
    with house.look() as work:
        person = work.people.professional(professional_ref)
        if person is None:
            return None
        team = work.people.team(person.team_ref)
        return Face(
            person.ref,
            person.name,
            person.role,
            team.organisation if team else "",
            team.name if team else "",
            person.photo,
            person.active,
        )


def team_hours(house: House, team: Team) -> WorkingHours:
    """Return a team's working hours, the legal holidays taken out."""
    holidays = house.knowledge.holidays
    return hours_from(team.calendar, frozenset(holidays.general) | frozenset(holidays.equated))


def colleagues(work: Work) -> list[Colleague]:
    """Return everybody who takes cases."""
    return [
        Colleague(
            ref=person.ref,
            name=person.name,
            languages=tuple(person.languages),
            expertise=tuple(person.expertise),
            neighbourhoods=tuple(person.neighbourhoods),
            absent=tuple((absence.from_on, absence.until_on) for absence in work.people.absences(person.ref)),
            stand_in=person.stand_in_ref,
            open_cases=work.cases.load_of(person.ref),
            active=person.active,
        )
        for person in work.people.professionals()
        if "professional" in person.roles
    ]


def choose_for(
    house: House, work: Work, resident: Resident, severity: str | None, avoid: list[str]
) -> Chosen | NobodyAvailable:
    """Return who helps this resident: the same person as before when there was one."""
    last: CaseRow | None = work.cases.last_for(resident)
    topics = [TOPIC_OF[severity]] if severity in TOPIC_OF else []
    return choose_professional(
        colleagues(work),
        on=house.clock.today(),
        language=resident.language,
        topics=topics,
        known=known_of(work, last) if last else None,
        avoid=avoid,
        first=first_team(house, work),
    )


def first_team(house: House, work: Work) -> list[str]:
    """Return the people who get what belongs to no neighbourhood: the demonstration's first team, else nobody."""
    if not house.settings.demo:
        return []
    team = [work.people.by_email(email) for email in FIRST_TEAM]
    return [person.ref for person in team if person is not None]


def known_of(work: Work, case: CaseRow) -> str:
    """Return who the resident's own person is: the stand-in of an absence gives way when she is back (F49)."""
    own = case.professional_ref
    for event in reversed(work.cases.events(case.ref)):
        if event.kind != EventKind.ASSIGNED.value or event.detail.get("to") != own:
            continue
        if event.detail.get("why") != ["absent"] or not event.detail.get("before"):
            break
        own = str(event.detail["before"])
    return own


def told_moment(moment: datetime, today: date) -> dict[str, Value]:
    """Return a moment as the values `date` ("maandag 23 november") and `time` ("11.30 uur") of a text."""
    local = moment.astimezone(AMSTERDAM)
    return {"date": Day(local.date(), today), "time": local.time()}


def responsible(work: Work, case: CaseRow) -> tuple[Professional, Team]:
    """Return who is responsible for a case, and her team."""
    person = work.people.professional(case.professional_ref)
    assert person is not None
    team = work.people.team(person.team_ref)
    assert team is not None
    return person, team
