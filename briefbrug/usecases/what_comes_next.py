"""What comes after the first answer (F63, phase two): waiting for another organisation, next steps, how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from briefbrug.case import OPEN, Actor, EventKind
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.said import said_date
from briefbrug.speech import Day, Message, Value
from briefbrug.store.tables import CaseRow, NextStep, OutcomeWords, Resident, WaitingElsewhere
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply
from briefbrug.usecases.at_the_desk import Done, clean, open_case, tell, was_done
from briefbrug.usecases.open_door import the_resident

LONGEST_STEP = 300
LONGEST_NAME = 120
LONGEST_OUTCOME = 1000
REMIND_BEFORE = timedelta(days=1)
RESIDENT, PROFESSIONAL = "resident", "professional"


# --- waiting for another organisation ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another organisation that a case waits for; `days` since it began, `is_late` past the expected day."""

    id: int
    organisation: str
    what: str
    since: datetime
    expected_on: date | None
    ended_at: datetime | None
    days: int
    is_late: bool


def wait_elsewhere(
    house: House,
    case_ref: str,
    professional_ref: str,
    organisation: str,
    what: str,
    expected: str,
    source_key: str,
) -> Done:
    """Note that another organisation must act first; its own clock starts, the promise to the resident runs on.

    Args:
        house: the house.
        case_ref: the case.
        professional_ref: who notes it.
        organisation: a sender's code, or a name.
        what: what we wait for; may be "".
        expected: the day it should come, as typed; may be "".
        source_key: of this click.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD without a name; DATE_NOT_UNDERSTOOD for a day that is none.
    """
    name = clean(organisation, LONGEST_NAME)
    day = day_of(house, expected) if expected.strip() else None
    told = clean(what, LONGEST_STEP) if what.strip() else ""
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        code = name if name in house.knowledge.senders else None
        work.session.add(
            WaitingElsewhere(
                case_ref=case.ref,
                resident_ref=resident.ref,
                by_ref=person.ref,
                organisation=code,
                name_sealed=None if code else work.residents.seal(resident, name, "waiting"),
                what_sealed=work.residents.seal(resident, told, "waiting") if told else None,
                since=house.clock.now(),
                expected_on=day,
            )
        )
        detail = {"once": source_key, "organisation": code or "other"}
        work.cases.record(case, EventKind.WAITING_ELSEWHERE, Actor.HUMAN, person.ref, detail)
        return Done(is_new=True)


def end_waiting(house: House, case_ref: str, professional_ref: str, waiting_id: int) -> Done:
    """Note that the other organisation answered.

    Raises:
        BriefbrugError: NOT_FOUND, when this case does not wait for it.
    """
    with house.work() as work:
        case, _, person = open_case(house, work, case_ref, professional_ref)
        row = work.session.get(WaitingElsewhere, waiting_id)
        if row is None or row.case_ref != case.ref:
            raise BriefbrugError(Reason.NOT_FOUND, f"waiting_id={waiting_id}")
        if row.ended_at is not None:
            return Done(is_new=False)
        row.ended_at = house.clock.now()
        detail = {"organisation": row.organisation or "other", "days": (row.ended_at - row.since).days}
        work.cases.record(case, EventKind.WAITING_ENDED, Actor.HUMAN, person.ref, detail)
        return Done(is_new=True)


def waits_of_case(house: House, work: Work, resident: Resident, case: CaseRow) -> list[Waiting]:
    """Return what a case waits or waited for: still waiting first."""
    rows = work.session.scalars(
        select(WaitingElsewhere)
        .where(WaitingElsewhere.case_ref == case.ref)
        .order_by(WaitingElsewhere.ended_at.is_not(None), WaitingElsewhere.since)
    )
    now, today = house.clock.now(), house.clock.today()
    found: list[Waiting] = []
    for row in rows:
        name = house.knowledge.senders[row.organisation].name_nl if row.organisation else ""
        if row.name_sealed:
            name = work.residents.open(resident, row.name_sealed, "waiting")
        what = work.residents.open(resident, row.what_sealed, "waiting") if row.what_sealed else ""
        late = row.ended_at is None and row.expected_on is not None and row.expected_on < today
        days = ((row.ended_at or now) - row.since).days
        found.append(Waiting(row.id, name, what, row.since, row.expected_on, row.ended_at, days, late))
    return found


def day_of(house: House, typed: str) -> date:
    """Return a day as typed or as a date field gives it.

    Raises:
        BriefbrugError: DATE_NOT_UNDERSTOOD.
    """
    day = said_date(clean(typed, 60), house.clock.today())
    if day is None:
        raise BriefbrugError(Reason.DATE_NOT_UNDERSTOOD, "no day")
    return day


# --- next steps -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A next step with its day; `whose` is resident or professional."""

    id: int
    text: str
    due_on: date
    whose: str
    letter_ref: str | None
    done_at: datetime | None
    is_late: bool


def plan_step(
    house: House,
    case_ref: str,
    professional_ref: str,
    text: str,
    due: str,
    whose: str,
    source_key: str,
    letter_ref: str = "",
) -> Done:
    """Agree on a next step; the resident is told, and both are reminded the day before.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD, DATE_NOT_UNDERSTOOD for a day that is none or past; NOT_FOUND for another's
            letter; WRONG_STATE for a closed case.
    """
    words, day = clean(text, LONGEST_STEP), day_of(house, due)
    if whose not in {RESIDENT, PROFESSIONAL}:
        raise BriefbrugError(Reason.NOT_UNDERSTOOD, "whose step")
    if day < house.clock.today():
        raise BriefbrugError(Reason.DATE_NOT_UNDERSTOOD, "the day has passed")
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        if letter_ref and work.papers.letter(resident, letter_ref) is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"letter_ref={letter_ref[:40]}")
        work.cases.record(case, EventKind.STEP_PLANNED, Actor.HUMAN, person.ref, {"once": source_key, "whose": whose})
        work.session.add(
            NextStep(
                case_ref=case.ref,
                resident_ref=resident.ref,
                letter_ref=letter_ref or None,
                text_sealed=work.residents.seal(resident, words, "step"),
                due_on=day,
                whose=whose,
                by_ref=person.ref,
                made_at=house.clock.now(),
            )
        )
        key = "desk_step_resident" if whose == RESIDENT else "desk_step_professional"
        values: dict[str, Value] = {"step": words, "date": Day(day, house.clock.today())}
        if whose == PROFESSIONAL:
            values["name"] = person.name
        tell(house, work, resident, case, source_key, Message(key, values))
        return Done(is_new=True)


def finish_step(house: House, case_ref: str, professional_ref: str, step_id: int) -> Done:
    """Note that a step was done.

    Raises:
        BriefbrugError: NOT_FOUND, when it is no step of this case.
    """
    with house.work() as work:
        case, _, person = open_case(house, work, case_ref, professional_ref)
        row = work.session.get(NextStep, step_id)
        if row is None or row.case_ref != case.ref:
            raise BriefbrugError(Reason.NOT_FOUND, f"step_id={step_id}")
        if row.done_at is not None:
            return Done(is_new=False)
        row.done_at = house.clock.now()
        work.cases.record(case, EventKind.STEP_DONE, Actor.HUMAN, person.ref, {"whose": row.whose})
        return Done(is_new=True)


def steps_of(house: House, work: Work, resident: Resident, case_ref: str) -> list[Step]:
    """Return the steps of a case: open ones first, by day."""
    rows = work.session.scalars(
        select(NextStep)
        .where(NextStep.case_ref == case_ref, NextStep.resident_ref == resident.ref)
        .order_by(NextStep.done_at.is_not(None), NextStep.due_on, NextStep.id)
    )
    today = house.clock.today()
    return [
        Step(
            row.id,
            work.residents.open(resident, row.text_sealed, "step"),
            row.due_on,
            row.whose,
            row.letter_ref,
            row.done_at,
            row.done_at is None and row.due_on < today,
        )
        for row in rows
    ]


def remind_of_steps(house: House) -> int:
    """Remind both of steps that are due tomorrow or earlier, once; return how many.

    The resident is not written to when she said stop; where home is not safe she reads only that something waits.
    """
    reminded = 0
    with house.work() as work:
        due = house.clock.today() + REMIND_BEFORE
        query = select(NextStep).where(
            NextStep.due_on <= due, NextStep.done_at.is_(None), NextStep.reminded_at.is_(None)
        )
        for row in list(work.session.scalars(query)):
            resident = work.residents.get(row.resident_ref, lock=True)
            case = work.cases.get(row.case_ref, lock=True)
            if resident is None or case is None or case.status not in {status.value for status in OPEN}:
                continue
            row.reminded_at = house.clock.now()
            case.unread = True
            detail = {"step": row.id, "to": case.professional_ref, "stage": "step"}
            work.cases.record(case, EventKind.REMINDED, Actor.MACHINE, None, detail)
            reminded += 1
            if resident.muted:
                continue
            words = work.residents.open(resident, row.text_sealed, "step")
            values = {"step": words, "date": Day(row.due_on, house.clock.today())}
            person = work.people.professional(case.professional_ref)
            if resident.unsafe:
                message = Message("reminder_neutral")
            elif row.whose == RESIDENT:
                message = Message("desk_step_soon", values)
            else:
                message = Message("desk_step_soon_professional", {**values, "name": person.name if person else ""})
            tell(house, work, resident, case, f"step/{row.id}", message)
    return reminded


# --- how it ended -----------------------------------------------------------------------------------------------------


def ask_outcome(house: House, work: Work, resident: Resident, case: CaseRow) -> None:
    """Ask the resident at the end what it brought her; answering is up to her."""
    if work.session.get(OutcomeWords, case.ref) is None:
        work.session.add(
            OutcomeWords(
                case_ref=case.ref, resident_ref=resident.ref, team_ref=case.team_ref, asked_at=house.clock.now()
            )
        )
        work.session.flush()


def outcome_told(house: House, asked: Asked) -> Answer:
    """Take the resident's own words about how it ended, and ask whether others may read them."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.asked = None
        row = _open_outcome(work, resident)
        if row is None:
            return Answer((Reply((Message("outcome_nothing_asked"),)),), language=resident.language)
        words = asked.text.strip()[:LONGEST_OUTCOME]
        row.words_sealed = work.residents.seal(resident, words, "outcome")
        row.answered_at = house.clock.now()
        case = work.cases.get(row.case_ref)
        if case is not None:
            work.cases.record(case, EventKind.OUTCOME_TOLD, Actor.RESIDENT, resident.ref)
        choices = (Choice("button_outcome_share", "outcome_share"), Choice("button_outcome_keep", "outcome_keep"))
        reply = Reply((Message("outcome_thanks"), Message("outcome_ask_share")), choices)
        return Answer((reply,), language=resident.language)


def outcome_ask(house: House, asked: Asked) -> Answer:
    """Ask for her own words, because she pressed that she wants to tell."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        if _open_outcome(work, resident) is None:
            return Answer((Reply((Message("outcome_nothing_asked"),)),), language=resident.language)
        resident.asked = "outcome"
        choices = (Choice("button_no", "say_no"),)
        return Answer((Reply((Message("outcome_tell"),), choices),), language=resident.language)


def outcome_share(house: House, asked: Asked) -> Answer:
    """Let others read her words in the monitor, without her name."""
    return _share(house, asked, may=True)


def outcome_keep(house: House, asked: Asked) -> Answer:
    """Keep her words for herself and her professional."""
    return _share(house, asked, may=False)


def _share(house: House, asked: Asked, *, may: bool) -> Answer:
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        row = _open_outcome(work, resident)
        if row is None or row.words_sealed is None:
            return Answer((Reply((Message("outcome_nothing_asked"),)),), language=resident.language)
        row.may_share = may
        key = "outcome_shared" if may else "outcome_kept"
        return Answer((Reply((Message(key),)),), language=resident.language)


def _open_outcome(work: Work, resident: Resident) -> OutcomeWords | None:
    query = select(OutcomeWords).where(OutcomeWords.resident_ref == resident.ref).order_by(OutcomeWords.asked_at.desc())
    return work.session.scalar(query.limit(1))


def outcome_of(work: Work, resident: Resident, case_ref: str) -> tuple[str, bool | None]:
    """Return how a case ended in the resident's own words ("" when she said nothing) and whether others may read it."""
    row = work.session.get(OutcomeWords, case_ref)
    if row is None or row.words_sealed is None or row.resident_ref != resident.ref:
        return "", None
    return work.residents.open(resident, row.words_sealed, "outcome"), row.may_share


def shared_outcomes(house: House, *, team_ref: str | None = None, limit: int = 50) -> list[tuple[datetime, str, str]]:
    """Return (answered at, team, words) of outcomes that residents chose to share, newest first; no name, no case."""
    with house.look() as work:
        query = (
            select(OutcomeWords)
            .where(OutcomeWords.may_share.is_(True), OutcomeWords.words_sealed.is_not(None))
            .order_by(OutcomeWords.answered_at.desc())
            .limit(limit)
        )
        if team_ref is not None:
            query = query.where(OutcomeWords.team_ref == team_ref)
        found: list[tuple[datetime, str, str]] = []
        for row in work.session.scalars(query):
            resident = work.residents.get(row.resident_ref)
            if resident is None or row.answered_at is None or row.words_sealed is None:
                continue
            words = work.residents.open(resident, row.words_sealed, "outcome")
            found.append((row.answered_at, row.team_ref, words))
        return found
