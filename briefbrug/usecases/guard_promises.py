"""Guards a promise while it runs (F49, F56): a silent assignee is reminded, then comes the stand-in, then the lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from briefbrug.case import OPEN, Actor, CaseStatus, EventKind
from briefbrug.handover import Chosen, Colleague, choose_professional
from briefbrug.house import House
from briefbrug.response_time import STARTS
from briefbrug.speech import Message
from briefbrug.store.tables import CaseEventRow, CaseRow, Professional, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.at_the_desk import tell
from briefbrug.usecases.roster import colleagues, team_hours
from briefbrug.working_hours import WorkingHours, working_seconds

REMIND_SHARE = 1 / 3
"""She is reminded when a third of the promised working time is left."""

LEAD_AFTER_SECONDS = 3600.0
"""After another working hour without an answer the lead gets it."""

SILENT, ABSENT, LEAD, REMIND = "silent", "absent", "lead", "remind"


def guard_promises(house: House) -> int:
    """Take the next step for every case whose human is silent or away; return how many steps were taken.

    Nothing here stops or moves the resident's clock. Each step happens once per wait.
    """
    taken = 0
    with house.look() as work:
        waiting = list(
            work.session.scalars(
                select(CaseRow.ref)
                .where(CaseRow.status.in_([status.value for status in OPEN]))
                .where(CaseRow.first_human_at.is_(None) | CaseRow.unread.is_(True))
            )
        )
    for ref in waiting:
        with house.work() as work:
            case = work.cases.get(ref, lock=True)
            resident = work.residents.get(case.resident_ref, lock=True) if case else None
            person = work.people.professional(case.professional_ref) if case else None
            team = work.people.team(case.team_ref) if case else None
            if case is None or resident is None or person is None or team is None:
                continue
            taken += _guard(house, work, case, resident, person, team_hours(house, team))
    return taken


def _guard(
    house: House, work: Work, case: CaseRow, resident: Resident, person: Professional, hours: WorkingHours
) -> bool:
    now = house.clock.now()
    events = since_start(work.cases.events(case.ref))
    if is_away(house, work, person):
        wrote = [event.id for event in events if event.kind == EventKind.RESIDENT_WROTE.value]
        answered = [event.id for event in events if event.kind == EventKind.HUMAN_ANSWERED.value]
        owed = case.status == CaseStatus.WAITING.value or (wrote and wrote[-1] > (answered[-1] if answered else 0))
        return bool(owed) and _replace(house, work, case, resident, person, ABSENT)
    if case.first_human_at is not None or not events:
        return False
    stages = {event.detail.get("stage") for event in events}
    started = events[0].at
    if now < case.promised_at:
        total = working_seconds(started, case.promised_at, hours)
        left = working_seconds(now, case.promised_at, hours)
        if REMIND in stages or left > total * REMIND_SHARE:
            return False
        _remind(work, case, person.ref, REMIND)
        return True
    if case.broken_at is None:
        return False  # The resident hears of it first, with another way (F54).
    if SILENT not in stages:
        if _replace(house, work, case, resident, person, SILENT):
            return True
        _remind(work, case, person.ref, SILENT)
        return True
    if LEAD not in stages and working_seconds(case.promised_at, now, hours) >= LEAD_AFTER_SECONDS:
        lead = _lead_of(house, work, case)
        if lead is None or lead.ref == person.ref:
            _remind(work, case, person.ref, LEAD)
        else:
            _assign(house, work, case, resident, person, lead, LEAD)
        return True
    return False


def since_start(events: Sequence[CaseEventRow]) -> list[CaseEventRow]:
    """Return the events of the wait that runs now: from the last time the case was sent or opened again."""
    starts = [at for at, event in enumerate(events) if EventKind(event.kind) in STARTS]
    return list(events[starts[-1] :]) if starts else []


def is_away(house: House, work: Work, person: Professional, moment: datetime | None = None) -> bool:
    """Return whether somebody is away today, or works here no more."""
    today = house.clock.today() if moment is None else moment.date()
    away = any(each.from_on <= today <= each.until_on for each in work.people.absences(person.ref))
    return away or not person.active


def _remind(work: Work, case: CaseRow, to: str, stage: str) -> None:
    work.cases.record(case, EventKind.REMINDED, Actor.MACHINE, None, {"to": to, "stage": stage})
    case.unread = True


def _replace(house: House, work: Work, case: CaseRow, resident: Resident, person: Professional, stage: str) -> bool:
    """Give the case to her stand-in, else to the best colleague of the team; False when nobody is there."""
    team = {each.ref for each in work.people.professionals(case.team_ref)}
    everybody: list[Colleague] = [one for one in colleagues(work) if one.ref in team and one.ref != person.ref]
    today = house.clock.today()
    stand_in = [one for one in everybody if one.ref == person.stand_in_ref and not one.is_absent(today)]
    asked_for_another = {
        str(event.detail.get("instead_of"))
        for event in work.cases.events(case.ref)
        if event.kind == EventKind.OTHER_PERSON_ASKED.value
    }
    able = [one for one in stand_in or everybody if one.ref not in asked_for_another]
    chosen = choose_professional(able, on=today, language=resident.language)
    if not isinstance(chosen, Chosen):
        return False
    colleague = work.people.professional(chosen.colleague.ref)
    if colleague is None:
        return False
    _assign(house, work, case, resident, person, colleague, stage)
    return True


def _assign(
    house: House,
    work: Work,
    case: CaseRow,
    resident: Resident,
    before: Professional,
    colleague: Professional,
    stage: str,
) -> None:
    detail = {"to": colleague.ref, "before": before.ref, "why": [stage], "stage": stage}
    row = work.cases.record(case, EventKind.ASSIGNED, Actor.MACHINE, None, detail)
    case.professional_ref = colleague.ref
    case.unread = True
    values = {"name": colleague.name, "role": colleague.role}
    message = Message("desk_stand_in", {**values, "absent": before.name}) if stage == ABSENT else None
    tell(house, work, resident, case, f"guard/{row.id}", message or Message("desk_silent", values))


def _lead_of(house: House, work: Work, case: CaseRow) -> Professional | None:
    leads = [
        person
        for person in work.people.professionals(case.team_ref)
        if "lead" in person.roles and not is_away(house, work, person)
    ]
    return leads[0] if leads else None
