"""A resident comes back: her closed case is open again, with the same person or her named stand-in (F49)."""

from __future__ import annotations

from briefbrug.case import Actor, CaseStatus, EventKind
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.handover import Chosen, promise_at
from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.store.cases import Cases
from briefbrug.store.tables import CaseRow, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Asked
from briefbrug.usecases.at_the_desk import tell
from briefbrug.usecases.open_door import the_resident
from briefbrug.usecases.roster import choose_for, responsible, team_hours, told_moment


def may_return(cases: Cases, resident: Resident) -> bool:
    """Return whether a resident's last case was closed by a human; what she withdrew herself stays closed."""
    case = cases.last_for(resident)
    if case is None or case.status != CaseStatus.CLOSED.value:
        return False
    return cases.events(case.ref)[-1].kind != EventKind.CONSENT_WITHDRAWN.value and not any(
        event.kind == EventKind.CONSENT_WITHDRAWN.value for event in cases.events(case.ref)
    )


def come_back(house: House, asked: Asked, source_key: str) -> None:
    """Open her last case again because she wrote; her line is the first thing the professional sees."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        case = work.cases.last_for(resident)
        if case is None or work.cases.open_for(resident) is not None or not may_return(work.cases, resident):
            return
        reopen_case(house, work, case, resident, Actor.RESIDENT, resident.ref, f"{source_key}/back")
        work.cases.record(case, EventKind.RESIDENT_WROTE, Actor.RESIDENT, resident.ref, body=asked.text)


def reopen_case(
    house: House, work: Work, case: CaseRow, resident: Resident, actor: Actor, actor_ref: str, source_key: str
) -> None:
    """Open a closed case with a new promise that the resident hears; whoever is away now has a named stand-in.

    Raises:
        BriefbrugError: WRONG_STATE, when another case of this resident is open.
    """
    if work.cases.open_for(resident) is not None:
        raise BriefbrugError(Reason.WRONG_STATE, f"case_ref={case.ref} another case of this resident is open")
    chosen = choose_for(house, work, resident, None, [])
    before, _ = responsible(work, case)
    if isinstance(chosen, Chosen) and chosen.colleague.ref != before.ref:
        case.professional_ref = chosen.colleague.ref
    person, team = responsible(work, case)
    case.team_ref = team.ref
    promised = promise_at(house.clock.now(), case.urgency, team_hours(house, team))
    detail = {"once": source_key, "urgency": case.urgency, "promised_at": promised.isoformat()}
    work.cases.record(case, EventKind.REOPENED, actor, actor_ref, detail)
    told: list[Message] = []
    if person.ref != before.ref:
        detail = {"once": source_key, "to": person.ref, "before": before.ref, "why": ["stand_in"]}
        work.cases.record(case, EventKind.ASSIGNED, Actor.MACHINE, None, detail)
        told.append(Message("stand_in", {"name": person.name, "absent": before.name}))
    case.promised_at, case.first_human_at, case.broken_at, case.closed_at = promised, None, None, None
    case.unread = True
    told.append(Message("desk_reopened", {"name": person.name, **told_moment(promised, house.clock.today())}))
    tell(house, work, resident, case, source_key, *told)
