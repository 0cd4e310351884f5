"""Money, reasons, time, side threads, steps and outcomes: each once, kept sealed, gone with the resident."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from briefbrug.case import hands
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.cases import event_of
from briefbrug.store.tables import (
    Consult,
    ConsultLine,
    FundPayment,
    NextStep,
    OutcomeWords,
    ReasonRecord,
    TimeSpent,
    WaitingElsewhere,
)
from briefbrug.usecases.answer import Asked
from briefbrug.usecases.consult import ask_colleague, close_consult, count_new, read_consults, say_in_consult
from briefbrug.usecases.erase import export_resident, forget_resident
from briefbrug.usecases.room_to_act import (
    decide_payment,
    minutes_of,
    pay,
    payments,
    purses,
    record_reason,
    set_fund,
    spend_time,
)
from briefbrug.usecases.what_comes_next import (
    end_waiting,
    finish_step,
    outcome_ask,
    outcome_share,
    outcome_told,
    plan_step,
    remind_of_steps,
    shared_outcomes,
    steps_of,
    wait_elsewhere,
    waits_of_case,
)
from briefbrug.usecases.work_on_case import close_case, reply_to_case
from tests.usecases.desk_cases import AtDesk, at_desk

REASON = {
    "need": "Het gezin raakt de woning kwijt.",
    "help": "De helft van de huur betalen helpt.",
    "effects": "Dan stopt de ontruiming. De rest gaat in een regeling.",
    "law": "",
    "plain": "Wij betalen de helft van de huur. Zo blijft u in uw huis.",
}


def left_in_fund(desk: AtDesk) -> int:
    with desk.house.look() as work:
        person = work.people.professional(desk.melissa)
        assert person is not None
        return purses(desk.house, work, person)[0].left


def test_a_small_amount_is_paid_with_one_tap_and_a_large_one_needs_a_second_pair_of_eyes(any_house: House) -> None:
    desk = at_desk(any_house)
    fund = set_fund(any_house, desk.lia, "Calamiteitenpot", "1.000", "250")
    # Her own mandate (150 euros) is the lower limit of the two.
    assert pay(any_house, desk.case_ref, desk.melissa, fund, "120", "Boodschappen voor een week.", "p1") == "paid"
    assert pay(any_house, desk.case_ref, desk.melissa, fund, "120", "Boodschappen voor een week.", "p1") == "paid"
    assert pay(any_house, desk.case_ref, desk.melissa, fund, "391,75", "De helft van de huur.", "p2") == "asked"
    assert left_in_fund(desk) == 100_000 - 12_000 - 39_175
    assert pay(any_house, desk.case_ref, desk.melissa, fund, "600", "Te veel.", "p3") == "short"
    with any_house.look() as work:
        asked = work.session.scalar(select(FundPayment.ref).where(FundPayment.state == "asked"))
        lia = work.people.professional(desk.lia)
        assert asked is not None and lia is not None
        log = payments(work, lia)
        assert [each.reason for each in log if each.state == "asked"] == ["De helft van de huur."]
    for not_allowed in (desk.melissa, desk.samir):
        with pytest.raises(BriefbrugError) as refusal:
            decide_payment(any_house, asked, not_allowed, "d0", agree=True)
        assert refusal.value.reason is Reason.NOT_ALLOWED
    assert decide_payment(any_house, asked, desk.lia, "d1", agree=True).is_new
    assert not decide_payment(any_house, asked, desk.lia, "d1", agree=True).is_new
    with pytest.raises(BriefbrugError):
        decide_payment(any_house, asked, desk.lia, "d2", agree=False)
    assert desk.kinds().count("fund_paid") == 2
    assert forget_resident(any_house, desk.resident_ref, "asked")
    # The money stays spent; what it was for is gone with her key.
    assert left_in_fund(desk) == 100_000 - 12_000 - 39_175
    with any_house.look() as work:
        lia = work.people.professional(desk.lia)
        assert lia is not None
        assert {each.reason for each in payments(work, lia)} == {""}


def test_two_payments_at_the_same_moment_never_spend_the_last_money_twice(any_house: House) -> None:
    desk = at_desk(any_house)
    fund = set_fund(any_house, desk.lia, "Pot", "100", "100")

    def once(number: int) -> str:
        return pay(any_house, desk.case_ref, desk.melissa, fund, "60", "Eten.", f"p{number}")

    with ThreadPoolExecutor(4) as pool:
        states = sorted(pool.map(once, range(4)))
    assert states == ["paid", "short", "short", "short"]


def test_a_reason_keeps_its_order_and_its_length_and_the_resident_reads_the_plain_version(any_house: House) -> None:
    desk = at_desk(any_house)
    long = {**REASON, "need": "Een. Twee. Drie.", "plain": ""}
    assert record_reason(any_house, desk.case_ref, desk.melissa, long, "r0", share=True) == ("need", "plain")
    assert desk.told() == []
    for _ in range(2):
        assert record_reason(any_house, desk.case_ref, desk.melissa, REASON, "r1", share=True) == ()
    (told,) = desk.told()
    assert REASON["plain"] in told and "ontruiming stopt" not in told
    assert desk.kinds().count("reason_recorded") == 1


def test_time_is_one_tap_and_counts_once(any_house: House) -> None:
    desk = at_desk(any_house)
    for key in ("t1", "t1", "t2"):
        spend_time(any_house, desk.case_ref, desk.melissa, "helping", 15, key)
    spend_time(any_house, desk.case_ref, desk.melissa, "administration", 5, "t3")
    with any_house.look() as work:
        assert minutes_of(work, desk.case_ref) == {"helping": 30, "administration": 5}
    with pytest.raises(BriefbrugError):
        spend_time(any_house, desk.case_ref, desk.melissa, "helping", 7, "t4")


def test_a_specialist_is_asked_while_the_resident_stays(any_house: House) -> None:
    desk = at_desk(any_house)
    ask_colleague(any_house, desk.case_ref, desk.melissa, desk.karim, "Mag dit beslag?", "c1")
    ask_colleague(any_house, desk.case_ref, desk.melissa, desk.karim, "Mag dit beslag?", "c1")
    with any_house.look() as work:
        assert count_new(work, desk.karim) == 1
        case = work.cases.get(desk.case_ref)
        assert case is not None and case.professional_ref == desk.melissa and case.status == "waiting"
    (thread,) = read_consults(any_house, desk.karim)
    assert thread.is_new and not thread.sees_case and thread.lines[0][2] == "Mag dit beslag?"
    say_in_consult(any_house, thread.ref, desk.karim, "Nee, de vrije voet is te laag.", "c2")
    (answered,) = read_consults(any_house, desk.melissa)
    assert answered.is_new and answered.lines[1][0] == "Karim Bos"
    assert desk.told() == []
    with any_house.look() as work:
        around = hands(event_of(event) for event in work.cases.events(desk.case_ref))
    assert around == {desk.melissa, desk.karim}
    close_consult(any_house, thread.ref, desk.melissa)
    with pytest.raises(BriefbrugError) as closed:
        say_in_consult(any_house, thread.ref, desk.karim, "Nog iets.", "c3")
    assert closed.value.reason is Reason.WRONG_STATE


def test_another_team_may_not_read_a_side_thread_it_is_no_part_of(any_house: House) -> None:
    desk = at_desk(any_house)
    ask_colleague(any_house, desk.case_ref, desk.melissa, desk.samir, "Wat vind jij?", "c1")
    with any_house.look() as work:
        ref = work.session.scalar(select(Consult.ref))
    assert ref is not None
    with pytest.raises(BriefbrugError) as refusal:
        say_in_consult(any_house, ref, desk.karim, "Ik kijk mee.", "c2")
    assert refusal.value.reason is Reason.NOT_FOUND


def test_waiting_elsewhere_has_its_own_clock_and_leaves_the_promise_alone(any_house: House) -> None:
    desk = at_desk(any_house)
    with any_house.look() as work:
        before = work.cases.get(desk.case_ref)
        assert before is not None
    wait_elsewhere(any_house, desk.case_ref, desk.melissa, "uwv", "de beslissing", "20-11-2026", "w1")
    wait_elsewhere(any_house, desk.case_ref, desk.melissa, "Voedselbank Noord", "", "", "w2")
    with any_house.look() as work:
        case, resident = work.cases.get(desk.case_ref), work.residents.get(desk.resident_ref)
        assert case is not None and resident is not None
        found = waits_of_case(any_house, work, resident, case)
        assert (case.status, case.promised_at, case.first_human_at) == ("waiting", before.promised_at, None)
    assert {(each.organisation, each.is_late) for each in found} == {("UWV", True), ("Voedselbank Noord", False)}
    assert end_waiting(any_house, desk.case_ref, desk.melissa, found[0].id).is_new
    assert not end_waiting(any_house, desk.case_ref, desk.melissa, found[0].id).is_new


def test_steps_are_agreed_told_and_both_are_reminded_once(any_house: House) -> None:
    desk = at_desk(any_house)
    reply_to_case(any_house, desk.case_ref, desk.melissa, "Ik ben Melissa.", "a1")
    plan_step(any_house, desk.case_ref, desk.melissa, "Stuur uw loonstrook op.", "22-11-2026", "resident", "s1")
    plan_step(any_house, desk.case_ref, desk.melissa, "Ik bel de verhuurder.", "30-11-2026", "professional", "s2")
    with pytest.raises(BriefbrugError):
        plan_step(any_house, desk.case_ref, desk.melissa, "Te laat.", "1-11-2026", "resident", "s3")
    assert len(desk.told()) == 3 and "Stuur uw loonstrook op." in desk.told()[1]
    assert remind_of_steps(any_house) == 1
    assert remind_of_steps(any_house) == 0
    assert "U wilde dit nog doen" in desk.told()[-1]
    with any_house.look() as work:
        resident, case = work.residents.get(desk.resident_ref), work.cases.get(desk.case_ref)
        assert resident is not None and case is not None and case.unread
        (first, second) = steps_of(any_house, work, resident, desk.case_ref)
    assert (first.whose, second.whose) == ("resident", "professional")
    assert finish_step(any_house, desk.case_ref, desk.melissa, first.id).is_new


def test_the_resident_ends_her_case_in_her_own_words_and_chooses_who_reads_them(any_house: House) -> None:
    desk = at_desk(any_house)
    reply_to_case(any_house, desk.case_ref, desk.melissa, "Ik ben Melissa.", "a1")
    close_case(any_house, desk.case_ref, desk.melissa, "solved", "k1")
    assert desk.told()[-1].startswith("Wat heeft deze hulp u gebracht?")
    asked = Asked(desk.resident_ref)
    outcome_ask(any_house, asked)
    outcome_told(any_house, Asked(desk.resident_ref, text="Ik slaap weer."))
    assert shared_outcomes(any_house) == []
    outcome_share(any_house, asked)
    assert [words for _, _, words in shared_outcomes(any_house)] == ["Ik slaap weer."]


def test_everything_of_the_desk_is_taken_out_and_erased_with_the_resident(any_house: House) -> None:
    desk = at_desk(any_house)
    fund = set_fund(any_house, desk.lia, "Pot", "100", "100")
    pay(any_house, desk.case_ref, desk.melissa, fund, "60", "Eten voor het weekend.", "p1")
    record_reason(any_house, desk.case_ref, desk.melissa, REASON, "r1", share=False)
    ask_colleague(any_house, desk.case_ref, desk.melissa, desk.samir, "Vraag aan Samir.", "c1")
    wait_elsewhere(any_house, desk.case_ref, desk.melissa, "Voedselbank Noord", "pakket", "", "w1")
    plan_step(any_house, desk.case_ref, desk.melissa, "Bel de bank.", "30-11-2026", "resident", "s1")
    spend_time(any_house, desk.case_ref, desk.melissa, "helping", 15, "t1")
    exported: Any = export_resident(any_house, desk.resident_ref)
    told = str(exported["cases"])
    for words in ("Eten voor het weekend.", REASON["need"], "Vraag aan Samir.", "Voedselbank Noord", "Bel de bank."):
        assert words in told
    assert forget_resident(any_house, desk.resident_ref, "asked")
    with any_house.look() as work:
        for table in (ReasonRecord, Consult, ConsultLine, WaitingElsewhere, NextStep, OutcomeWords):
            assert work.session.scalar(select(func.count()).select_from(table)) == 0, table
        # Figures stay, without a person behind them.
        assert work.session.scalar(select(func.count()).select_from(TimeSpent)) == 1


def test_a_step_past_its_day_is_late(any_house: House) -> None:
    desk = at_desk(any_house)
    plan_step(any_house, desk.case_ref, desk.melissa, "Bel de bank.", "21-11-2026", "resident", "s1")
    with any_house.work() as work:
        row = work.session.scalar(select(NextStep))
        assert row is not None
        row.due_on = any_house.clock.today() - timedelta(days=2)
    with any_house.look() as work:
        resident = work.residents.get(desk.resident_ref)
        assert resident is not None
        assert steps_of(any_house, work, resident, desk.case_ref)[0].is_late
