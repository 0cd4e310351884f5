"""Answer danger at once: a number that can be tapped, one warm sentence, a human alerted (F42 to F45)."""

from __future__ import annotations

from collections.abc import Sequence

from briefbrug.case import Actor, EventKind
from briefbrug.durable import ALERT
from briefbrug.handover import NobodyAvailable, promise_at
from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.store.tables import CaseRow, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply
from briefbrug.usecases.open_door import the_resident
from briefbrug.usecases.roster import choose_for, responsible, team_hours, told_moment

TOPIC = {"crisis_self_harm": "home", "crisis_violence": "home", "crisis_urgent_home": "home", "crisis_medical": "care"}


def crisis_self_harm(house: House, asked: Asked) -> Answer:
    """Answer signs of suicide: 113 first."""
    return _answer(house, asked, "crisis_self_harm", ("suicide",))


def crisis_violence(house: House, asked: Asked) -> Answer:
    """Answer violence, threat, or a child in danger: 112 now, Veilig Thuis to talk; notices stay neutral from here."""
    return _answer(house, asked, "crisis_violence", ("violence",))


def crisis_urgent_home(house: House, asked: Asked) -> Answer:
    """Answer an eviction or cut-off now, or no food or heat."""
    return _answer(house, asked, "crisis_urgent_home", ("homeless_today", "no_food_or_energy"))


def crisis_medical(house: House, asked: Asked) -> Answer:
    """Answer acute medical danger: 112."""
    return _answer(house, asked, "crisis_medical", ("acute_medical",))


def people_to_alert(house: House, case_ref: str) -> tuple[str, ...]:
    """Return the e-mail addresses of who is responsible for a case and of the leads of her team, each once."""
    with house.look() as work:
        case = work.cases.get(case_ref)
        if case is None:
            return ()
        person, team = responsible(work, case)
        leads = [each for each in work.people.professionals(team.ref) if each.active and "lead" in each.roles]
        return tuple(dict.fromkeys(each.email for each in (person, *leads)))


def numbers_for(house: House, signals: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return (name with number, tel: address) for the numbers of these signals, in order, each once."""
    crisis = house.knowledge.crisis
    keys = dict.fromkeys(number for signal in signals for number in crisis.signals[signal].numbers)
    return tuple(
        (
            f"{crisis.numbers[key].name}: {crisis.numbers[key].number}",
            "tel:" + crisis.numbers[key].number.replace(" ", "").replace("-", ""),
        )
        for key in keys
    )


def _answer(house: House, asked: Asked, kind: str, signals: Sequence[str]) -> Answer:
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        if kind == "crisis_violence":
            resident.unsafe = True
        links = numbers_for(house, signals)
        first = Reply(
            (Message(kind), *(Message("crisis_number", {"number": label}) for label, _ in links)), links=links
        )
        case = alert(house, work, resident, kind, asked.text)
        if case is None:
            return Answer((first, Reply((Message("crisis_nobody"),))), language=resident.language)
        person, team = responsible(work, case)
        open_now = team_hours(house, team).is_open(house.clock.now())
        key = "crisis_human" if open_now else "crisis_human_closed"
        told = Message(
            key, {"name": person.name, "role": person.role, **told_moment(case.promised_at, house.clock.today())}
        )
        choices = (Choice("button_overview", "overview"),) if work.papers.letters(resident) else ()
        if resident.unsafe:
            choices = (*choices, Choice("button_safe", "ask_safe_hours"))
        return Answer((first, Reply((told,), choices, face=person.ref)), language=resident.language)


def alert(house: House, work: Work, resident: Resident, kind: str, words: str) -> CaseRow | None:
    """Put a human on it: the open case jumps to the top, or a case is opened with only these words.

    The words are shared without asking because a life may depend on it (AVG art. 6 lid 1 sub d); letters are not.
    """
    case = work.cases.open_for(resident)
    if case is None:
        chosen = choose_for(house, work, resident, TOPIC[kind], [])
        if isinstance(chosen, NobodyAvailable):
            return None
        person = work.people.professional(chosen.colleague.ref)
        team = work.people.team(person.team_ref) if person else None
        assert person is not None
        assert team is not None
        promised = promise_at(house.clock.now(), 1, team_hours(house, team))
        case = work.cases.add(
            resident,
            team_ref=team.ref,
            professional_ref=person.ref,
            urgency=1,
            promised_at=promised,
            preview=None,
            crisis=kind,
        )
        work.cases.record(case, EventKind.ASSIGNED, Actor.MACHINE, None, {"to": person.ref, "why": list(chosen.why)})
    case.crisis = kind
    case.urgency = 1
    case.unread = True
    work.cases.record(case, EventKind.CRISIS, Actor.MACHINE, None, {"kind": kind}, body=words)
    if house.settings.smtp_url:
        work.enqueue(ALERT, case.ref)
    return case
