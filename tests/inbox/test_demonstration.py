"""The demonstration's month: filled in small steps, once, whole after a kill, never among real people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from briefbrug.handover import Chosen
from briefbrug.house import House
from briefbrug.store.tables import CaseRow, Consult, FundPayment, NextStep, ReasonRecord, Signal, WaitingElsewhere
from briefbrug.usecases.demo_team import make_demonstration_team
from briefbrug.usecases.demonstration import begin_month, fill_month, make_demonstration_month
from briefbrug.usecases.find_cases import index_changed_cases
from briefbrug.usecases.gist import Gists
from briefbrug.usecases.log_in import Visitor
from briefbrug.usecases.roster import choose_for
from inbox.worklist import worklist
from tests.conftest import MakeHouse, add_team


def count(house: House, table: type) -> int:
    with house.look() as work:
        return work.session.query(table).count()


def stopping_after(steps: int):
    """Return a stop that says yes after so many steps, as a kill would."""
    left = [steps]

    def is_stopped() -> bool:
        left[0] -= 1
        return left[0] < 0

    return is_stopped


@pytest.mark.slow
def test_a_month_that_was_broken_off_is_the_same_month(
    make_house: MakeHouse, demo_house: House, postgres_url: str
) -> None:
    broken, whole = replace(make_house(postgres_url), clock=demo_house.clock), demo_house
    make_demonstration_team(broken)
    assert begin_month(broken)
    for steps in (1, 7, 20):
        fill_month(broken, stopping_after(steps))
        assert begin_month(broken), "not whole yet"
    fill_month(broken, lambda: False)
    for table in (CaseRow, Consult, FundPayment, NextStep, ReasonRecord, Signal, WaitingElsewhere):
        assert count(broken, table) == count(whole, table) > 0, table.__name__
    before = count(broken, CaseRow)
    assert before > 150
    assert not begin_month(broken)
    fill_month(broken, lambda: False)
    make_demonstration_month(broken)
    assert count(broken, CaseRow) == before


def test_no_invented_case_comes_among_real_people(make_house: MakeHouse) -> None:
    house = make_house()
    make_demonstration_team(house)
    with house.work() as work:
        work.residents.add("web", "een echte bewoner")
    assert not begin_month(house)
    fill_month(house, lambda: False)
    assert count(house, CaseRow) == 0


def test_no_invented_case_comes_to_a_real_team(make_house: MakeHouse) -> None:
    house = make_house()
    someone = add_team(house)
    with house.work() as work:
        person = work.people.professional(someone)
        assert person is not None
        person.demo = False
    make_demonstration_team(house)
    assert not begin_month(house)
    assert not begin_month(make_house(DEMO="0"))


def test_every_screen_of_the_first_log_in_has_something_to_show(demo_house: House) -> None:
    house = demo_house
    index_changed_cases(house)
    with house.look() as work:
        melissa = work.people.by_email("melissa@demo.example")
        assert melissa is not None
        states = {row.state for row in work.session.query(FundPayment)}
        open_waits = work.session.query(WaitingElsewhere).filter_by(ended_at=None).count()
        replied = [row.replied_at is not None for row in work.session.query(Signal)]
        broken = work.session.query(CaseRow).filter(CaseRow.broken_at.is_not(None), CaseRow.closed_at.is_(None)).count()
    found = worklist(
        Gists(house), Visitor("s", "c", melissa.ref, melissa.team_ref, melissa.name, melissa.role, frozenset())
    )
    assert states == {"paid", "asked"}
    assert open_waits
    assert broken
    assert True in replied
    assert False in replied
    assert len(found.rows) >= 4
    assert all(found.counts[each] for each in ("team", "mijn", "wacht", "gesprek", "elders"))


def test_a_new_resident_comes_to_the_first_team_and_a_language_goes_before_it(demo_house: House) -> None:
    house = demo_house

    def chosen(language: str, severity: str, avoid: tuple[str, ...] = ()) -> tuple[str, tuple[str, ...]]:
        with house.work() as work:
            resident = work.residents.add("web", f"{language}{severity}{avoid}", language)
            refs = [person.ref for name in avoid if (person := work.people.by_email(name))]
            found = choose_for(house, work, resident, severity, refs)
            assert isinstance(found, Chosen)
            return found.colleague.name, found.why

    assert chosen("nl", "home") == ("Melissa de Boer", ("expertise", "first_team"))
    assert chosen("nl", "none") == ("Melissa de Boer", ("first_team",))
    assert chosen("nl", "home", ("melissa@demo.example",))[0] == "Samir Haddad"
    assert chosen("nl", "income")[0] == "Samir Haddad"
    assert chosen("pl", "home")[0] == "Ruben Kok"
