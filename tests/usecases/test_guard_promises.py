"""A silent or absent assignee: reminded, then her stand-in, then the lead; the clock of the resident runs on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from briefbrug.clock import Clock
from briefbrug.house import House
from briefbrug.usecases.guard_promises import guard_promises
from briefbrug.usecases.keep_watch import tell_broken_promises
from briefbrug.usecases.roster import known_of
from briefbrug.usecases.work_on_case import assign_to, reply_to_case
from tests.usecases.desk_cases import AtDesk, at_desk

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Ten o'clock in the Netherlands, an hour after the team began."""


class StandingClock(Clock):
    """A clock that stands where it is put."""

    moment = MONDAY

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        return self.moment.date()


@pytest.fixture
def desk(any_house: House, monkeypatch: pytest.MonkeyPatch) -> AtDesk:
    clock = StandingClock()
    object.__setattr__(any_house, "clock", clock)
    return at_desk(any_house)


def at(desk: AtDesk, moment: datetime) -> None:
    clock = desk.house.clock
    assert isinstance(clock, StandingClock)
    clock.moment = moment


def responsible_of(desk: AtDesk) -> str:
    with desk.house.look() as work:
        case = work.cases.get(desk.case_ref)
        assert case is not None
        return case.professional_ref


def rounds(desk: AtDesk) -> int:
    tell_broken_promises(desk.house)
    return guard_promises(desk.house) + guard_promises(desk.house)


def test_reminded_then_the_stand_in_then_the_lead(desk: AtDesk) -> None:
    assert rounds(desk) == 0
    at(desk, MONDAY + timedelta(hours=2, minutes=15))
    assert rounds(desk) == 1 and desk.kinds()[-1] == "reminded"
    assert responsible_of(desk) == desk.melissa and desk.told() == []
    at(desk, MONDAY + timedelta(hours=3, minutes=1))
    assert rounds(desk) == 1
    assert responsible_of(desk) == desk.samir
    broken, who = desk.told()
    assert "Melissa de Boer" in broken and who.startswith("Samir Yilmaz, hulpverlener, helpt u nu verder.")
    at(desk, MONDAY + timedelta(hours=5))
    assert rounds(desk) == 1
    assert responsible_of(desk) == desk.lia
    assert rounds(desk) == 0
    with desk.house.look() as work:
        case = work.cases.get(desk.case_ref)
        assert case is not None
        assert case.first_human_at is None and case.status == "waiting"
        assert case.promised_at == MONDAY + timedelta(hours=3)


def test_an_answer_ends_the_guarding(desk: AtDesk) -> None:
    reply_to_case(desk.house, desk.case_ref, desk.melissa, "Ik ben Melissa.", "a1")
    at(desk, MONDAY + timedelta(hours=6))
    assert rounds(desk) == 0 and responsible_of(desk) == desk.melissa


def test_who_is_away_is_replaced_at_once_and_stays_the_residents_own_person(desk: AtDesk) -> None:
    with desk.house.work() as work:
        work.people.add_absence(desk.melissa, MONDAY.date(), MONDAY.date() + timedelta(days=2))
    assert rounds(desk) == 1
    assert responsible_of(desk) == desk.samir
    assert desk.told() == [
        "Melissa de Boer is er nu niet. Samir Yilmaz, hulpverlener, helpt u zolang. "
        "Samir Yilmaz leest eerst wat u schreef."
    ]
    with desk.house.look() as work:
        case = work.cases.get(desk.case_ref)
        assert case is not None
        assert known_of(work, case) == desk.melissa


def test_a_case_goes_to_another_team_with_a_warm_note_and_a_sentence(desk: AtDesk) -> None:
    assign_to(desk.house, desk.case_ref, desk.karim, desk.melissa, "k1", "Zij wil in haar huis blijven. Bel haar.")
    assert responsible_of(desk) == desk.karim
    assert desk.told()[0].startswith("U heeft nu contact met Karim Bos, sociaal raadsman. Karim Bos werkt bij Team")
    assert desk.kinds()[-2:] == ["note", "assigned"]
    reply_to_case(desk.house, desk.case_ref, desk.karim, "Dag, ik ben Karim.", "a1")
