"""The resident's side of the desk: what is written about her, who writes, who read; and cases found by sealed words."""

from __future__ import annotations

from datetime import timedelta

from briefbrug.house import House
from briefbrug.store.tables import CaseRow, CaseWord
from briefbrug.store.thread import HUMAN
from briefbrug.usecases.answer import Asked, answer_kindly
from briefbrug.usecases.buttons import BUTTONS
from briefbrug.usecases.find_cases import index_changed_cases, matching, words_in
from briefbrug.usecases.hand_over import withdraw
from briefbrug.usecases.room_to_act import record_reason
from briefbrug.usecases.see_answer import mark_read, writing_now
from briefbrug.usecases.what_comes_next import plan_step
from briefbrug.usecases.work_on_case import mark_viewed, reply_to_case, show_typing
from tests.usecases.desk_cases import AtDesk, at_desk
from tests.usecases.test_room_to_act import REASON


def told_about_her(desk: AtDesk) -> str:
    spoken = answer_kindly(BUTTONS["my_dossier"], desk.house, Asked(desk.resident_ref))
    return "\n".join(spoken.texts)


def test_she_reads_what_is_written_about_her_and_who_looked(any_house: House) -> None:
    desk = at_desk(any_house)
    with any_house.work() as work:
        resident = work.residents.get(desk.resident_ref)
        assert resident is not None
        resident.goal_sealed = work.residents.seal(resident, "In ons huis blijven.", "goal")
    mark_viewed(any_house, desk.case_ref, desk.samir)
    record_reason(any_house, desk.case_ref, desk.melissa, REASON, "r1", share=True)
    record_reason(any_house, desk.case_ref, desk.melissa, {**REASON, "plain": "Dit deel ik niet."}, "r2", share=False)
    plan_step(any_house, desk.case_ref, desk.melissa, "Ik bel de verhuurder.", "30-11-2026", "professional", "s1")
    told = told_about_her(desk)
    for words in ("Melissa de Boer", "In ons huis blijven.", REASON["plain"], "Ik bel de verhuurder.", "Samir Yilmaz"):
        assert words in told
    assert "Dit deel ik niet." not in told
    withdraw(any_house, Asked(desk.resident_ref))
    assert "Er is nu niets van u gedeeld." in told_about_her(desk)


def test_read_and_writing_pass_between_page_and_desk(any_house: House) -> None:
    desk = at_desk(any_house)
    assert writing_now(any_house, desk.resident_ref) == ""
    show_typing(any_house, desk.case_ref, desk.melissa)
    assert writing_now(any_house, desk.resident_ref) == "Melissa de Boer schrijft nu."
    with any_house.work() as work:
        case = work.cases.get(desk.case_ref)
        assert case is not None and case.status == "waiting"
        case.typing_until = any_house.clock.real_now() - timedelta(seconds=1)
    assert writing_now(any_house, desk.resident_ref) == ""
    reply_to_case(any_house, desk.case_ref, desk.melissa, "Ik ben er.", "a1")
    with any_house.look() as work:
        resident = work.residents.get(desk.resident_ref)
        assert resident is not None and resident.read_change == 0
        change = next(line.change for line in work.thread.lines(resident) if line.sender == HUMAN)
    for given in (change, 0, 10**9):
        mark_read(any_house, desk.resident_ref, given)
    with any_house.look() as work:
        resident = work.residents.get(desk.resident_ref)
        assert resident is not None and resident.read_change == resident.last_change >= change


def found(house: House, desk: AtDesk, words: str) -> list[str]:
    with house.look() as work:
        case = work.cases.get(desk.case_ref)
        assert case is not None
        condition = matching(house, work, case.team_ref, words)
        if condition is None:
            return []
        return list(work.session.scalars(work.session.query(CaseRow.ref).where(condition).statement))


def test_a_case_is_found_by_a_sealed_name_before_and_after_it_is_indexed(any_house: House) -> None:
    desk = at_desk(any_house)
    with any_house.work() as work:
        resident = work.residents.get(desk.resident_ref)
        assert resident is not None
        resident.name_sealed = work.residents.seal(resident, "Trúus van Kroosbergen", "name")

    def check() -> None:
        for words in ("kroos", "Truus kroosbergen", "MELISSA", desk.case_ref[2:6]):
            assert found(any_house, desk, words) == [desk.case_ref], words
        for words in ("roosbergen", "truus jansen", "bestaat", ""):
            assert found(any_house, desk, words) == [], words

    check()
    assert index_changed_cases(any_house) == 1
    assert index_changed_cases(any_house) == 0
    check()
    with any_house.look() as work:
        assert 0 < work.session.query(CaseWord).count() < 60


def test_words_are_looked_for_without_accents_capitals_and_signs() -> None:
    assert words_in("CJIB-1190/5521 Énergie & é") == ("cjib", "1190", "5521", "energie")
