"""What a professional does with a case: once, recorded, told to the resident; and the order of her worklist."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest

from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.thread import Said
from briefbrug.usecases.answer import Asked
from briefbrug.usecases.demo_letters import BENEFIT, CARE, EVICTION, FINE, RENT, SCHOOL
from briefbrug.usecases.demo_team import make_demonstration_team
from briefbrug.usecases.demonstration import make_demonstration_month
from briefbrug.usecases.hand_over import withdraw
from briefbrug.usecases.log_in import Visitor
from briefbrug.usecases.work_on_case import (
    assign_to,
    close_case,
    correct_fact,
    hand_back,
    mark_viewed,
    note,
    reopen,
    reply_to_case,
)  # fmt: skip
from inbox.worklist import Gists, worklist
from tests.inbox.conftest import MONDAY, Desk


def visitor(desk: Desk, first: str = "melissa") -> Visitor:
    team = desk.teams["Noord" if first in {"melissa", "samir"} else "Zuid"]
    return Visitor("s", "c", desk.refs[first], team, first, "hulp", frozenset({"professional"}))


# --- answering --------------------------------------------------------------------------------------------------------


def test_an_answer_is_a_humans_message_and_stops_the_clock(any_desk: Desk) -> None:
    case_ref = any_desk.case()
    later = any_desk.at(MONDAY + timedelta(hours=2))
    assert reply_to_case(later, case_ref, any_desk.refs["melissa"], "Ik ben Melissa.\r\nIk bel u.", "k1").is_new
    assert any_desk.lines(case_ref) == [("human", "Ik ben Melissa.\nIk bel u.")]
    row = any_desk.row(case_ref)
    assert row.status == "speaking"
    assert row.first_human_at == MONDAY + timedelta(hours=2)
    assert any_desk.kinds(case_ref) == ["sent", "assigned", "human_answered"]


def test_a_double_click_answers_once(any_desk: Desk) -> None:
    case_ref = any_desk.case()
    results = [reply_to_case(any_desk.house, case_ref, any_desk.refs["melissa"], "Dag.", "k1").is_new for _ in range(3)]
    assert results == [True, False, False]
    assert any_desk.kinds(case_ref).count("human_answered") == 1
    assert len(any_desk.lines(case_ref)) == 1


def test_a_double_post_of_the_same_form_answers_once(desk: Desk, browse) -> None:
    case_ref = desk.case()
    melissa = browse("melissa")
    page = melissa.get(f"/inbox/zaak/{case_ref}").text
    once = re.search(r'/antwoord"[^>]*>\s*<input[^>]*><input type="hidden" name="eenmalig" value="([^"]+)"', page)
    assert once is not None
    for _ in range(2):
        answer = melissa.post(f"/inbox/zaak/{case_ref}/antwoord", antwoord="Dag, ik ben er.", eenmalig=once[1])
        assert answer.status_code == 303
    assert desk.lines(case_ref) == [("human", "Dag, ik ben er.")]
    # The same words again with a fresh form are a second message.
    assert (
        melissa.post(f"/inbox/zaak/{case_ref}/antwoord", antwoord="Dag, ik ben er.", eenmalig="anders").status_code
        == 303
    )
    assert len(desk.lines(case_ref)) == 2
    assert "Uw antwoord is verstuurd" in melissa.get(answer.headers["location"].partition("#")[0]).text


@pytest.mark.parametrize("empty", ["", "   ", "\x00\x01", "\u202e", "x" * 3501])
def test_an_empty_or_endless_answer_is_refused(desk: Desk, empty: str) -> None:
    case_ref = desk.case()
    with pytest.raises(BriefbrugError) as refused:
        reply_to_case(desk.house, case_ref, desk.refs["melissa"], empty, "k")
    assert refused.value.reason is Reason.NOT_UNDERSTOOD
    assert desk.row(case_ref).first_human_at is None


def test_control_and_direction_signs_leave_an_answer(desk: Desk) -> None:
    case_ref = desk.case()
    reply_to_case(desk.house, case_ref, desk.refs["melissa"], "a\x00b\u202ec\u2066d <b>e</b>", "k")
    assert desk.lines(case_ref) == [("human", "abcd <b>e</b>")]


@pytest.mark.parametrize("act", ["reply", "note", "close", "assign", "correct", "back", "view", "reopen"])
def test_another_team_can_do_nothing(desk: Desk, act: str) -> None:
    case_ref = desk.case()
    joke = desk.refs["joke"]
    acts = {
        "reply": lambda: reply_to_case(desk.house, case_ref, joke, "x", "k"),
        "note": lambda: note(desk.house, case_ref, joke, "x", "k"),
        "close": lambda: close_case(desk.house, case_ref, joke, "solved", "k"),
        "assign": lambda: assign_to(desk.house, case_ref, joke, joke, "k"),
        "correct": lambda: correct_fact(desk.house, case_ref, joke, "L", "deadline", "1-12-2026", "k"),
        "back": lambda: hand_back(desk.house, case_ref, joke, "k"),
        "view": lambda: mark_viewed(desk.house, case_ref, joke),
        "reopen": lambda: reopen(desk.house, case_ref, joke, "k"),
    }
    with pytest.raises(BriefbrugError) as refused:
        acts[act]()
    assert refused.value.reason is Reason.NOT_FOUND
    assert desk.kinds(case_ref) == ["sent", "assigned"]
    assert desk.lines(case_ref) == []


# --- handing over, closing, opening again -----------------------------------------------------------------------------


def test_a_handover_tells_the_resident_who_helps_now(any_desk: Desk) -> None:
    case_ref = any_desk.case()
    for _ in range(2):
        assign_to(any_desk.house, case_ref, any_desk.refs["samir"], any_desk.refs["melissa"], "k1")
    assert any_desk.row(case_ref).professional_ref == any_desk.refs["samir"]
    (said,) = any_desk.lines(case_ref)
    assert said[0] == "machine"
    assert "Samir Voorbeeld, hulpverlener" in said[1]
    assert any_desk.kinds(case_ref) == ["sent", "assigned", "assigned"]
    # The clock runs on: nobody answered.
    assert any_desk.row(case_ref).first_human_at is None
    assert any_desk.row(case_ref).status == "waiting"


@pytest.mark.parametrize("to", ["joke", "daan"])
def test_a_case_stays_in_its_team(desk: Desk, to: str) -> None:
    case_ref = desk.case()
    with pytest.raises(BriefbrugError) as refused:
        assign_to(desk.house, case_ref, desk.refs[to], desk.refs["melissa"], "k")
    assert refused.value.reason is Reason.NOT_ALLOWED
    assert desk.lines(case_ref) == []


def test_back_to_the_assistant_needs_an_answer_first(desk: Desk) -> None:
    case_ref = desk.case()
    with pytest.raises(BriefbrugError) as refused:
        hand_back(desk.house, case_ref, desk.refs["melissa"], "k0")
    assert refused.value.reason is Reason.WRONG_STATE
    reply_to_case(desk.house, case_ref, desk.refs["melissa"], "Dag.", "k1")
    hand_back(desk.house, case_ref, desk.refs["melissa"], "k2")
    assert desk.row(case_ref).status == "handed_back"
    assert desk.lines(case_ref)[-1][0] == "machine"
    assert "Melissa Voorbeeld" in desk.lines(case_ref)[-1][1]
    reply_to_case(desk.house, case_ref, desk.refs["melissa"], "Daar ben ik weer.", "k3")
    assert desk.row(case_ref).status == "speaking"


def test_closing_and_opening_again(any_desk: Desk) -> None:
    case_ref, melissa = any_desk.case(), any_desk.refs["melissa"]
    reply_to_case(any_desk.at(MONDAY + timedelta(hours=1)), case_ref, melissa, "Dag.", "k1")
    friday = any_desk.at(MONDAY + timedelta(days=4))
    for _ in range(2):
        close_case(friday, case_ref, melissa, "arranged", "k2", "Ik slaap weer.")
    row = any_desk.row(case_ref)
    assert row.status == "closed"
    assert row.closed_at == MONDAY + timedelta(days=4)
    assert any_desk.kinds(case_ref).count("closed") == 1
    with pytest.raises(BriefbrugError) as refused:
        reply_to_case(friday, case_ref, melissa, "Nog iets.", "k3")
    assert refused.value.reason is Reason.WRONG_STATE
    with any_desk.house.look() as work:
        closed = work.cases.events(case_ref)[-1]
        assert closed.detail["outcome"] == "arranged"
        assert "slaap" not in str(closed.detail)
        assert work.cases.event_body(any_desk.resident(case_ref), closed) == "Ik slaap weer."
    monday = any_desk.at(MONDAY + timedelta(days=7))
    reopen(monday, case_ref, melissa, "k4")
    row = any_desk.row(case_ref)
    assert row.status == "waiting"
    assert row.first_human_at is None
    assert row.promised_at == MONDAY + timedelta(days=7, hours=3)
    assert "12.00 uur" in any_desk.lines(case_ref)[-1][1]


def test_an_unknown_outcome_is_refused(desk: Desk) -> None:
    with pytest.raises(BriefbrugError) as refused:
        close_case(desk.house, desk.case(), desk.refs["melissa"], "'; drop table", "k")
    assert refused.value.reason is Reason.NOT_UNDERSTOOD


def test_a_note_never_reaches_the_chat_and_is_sealed(desk: Desk) -> None:
    case_ref = desk.case()
    for _ in range(2):
        note(desk.house, case_ref, desk.refs["samir"], "Belde met de corporatie.", "k1")
    assert desk.lines(case_ref) == []
    assert desk.kinds(case_ref).count("note") == 1
    assert desk.row(case_ref).first_human_at is None
    with desk.house.look() as work:
        event = work.cases.events(case_ref)[-1]
    assert "corporatie" not in str(event.detail)
    assert b"corporatie" not in (event.body_sealed or b"")


# --- correcting -------------------------------------------------------------------------------------------------------


def first_letter(desk: Desk, case_ref: str, number: int = 0) -> str:
    with desk.house.look() as work:
        preview = json.loads(work.cases.preview(desk.resident(case_ref), desk.row(case_ref)) or "{}")
    return preview["letters"][number]


def test_a_correction_ranks_again_and_stays_beside_the_reading(desk: Desk, browse) -> None:
    case_ref = desk.case(letters=(BENEFIT,), urgency=1)
    letter = first_letter(desk, case_ref)
    melissa = browse("melissa")
    for day in ("30-11-2026", "3 maart 2027"):
        answer = melissa.post(
            f"/inbox/zaak/{case_ref}/verbeteren", brief=letter, veld="deadline", waarde=day, eenmalig=day
        )
        assert answer.status_code == 303
    assert desk.row(case_ref).urgency == 3
    page = melissa.get(f"/inbox/zaak/{case_ref}").text
    assert "3 maart 2027" in page
    assert "computer las: 29 november 2026" in page
    assert "van 30 november 2026 naar 3 maart 2027" in page
    with desk.house.look() as work:
        resident = desk.resident(case_ref)
        kept = work.papers.letter(resident, letter)
        assert kept is not None
        machine = work.papers.machine_facts(resident, kept)
        assert machine.deadline_said is None


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [
        ("amount", "1.234,5", None),
        ("amount", "1.234,56", "1234.56"),
        ("amount", "€ 1234,56", "1234.56"),
        ("amount", "1234.56", "1234.56"),
        ("amount", "veel", None),
        ("iban", "nl91 abna 0417 1643 00", "NL91ABNA0417164300"),
        ("iban", "NL91 ABNA 0417 1643 01", None),
        ("letter_date", "31-2-2026", None),
        ("letter_date", "2026-11-03", "2026-11-03"),
        ("deadline", "binnenkort", None),
        ("sender", "cak", "cak"),
        ("sender", "hacker", None),
        ("kind", "vonnis", "vonnis"),
        ("kind", "", None),
        ("urgency", "1", None),
        ("reference", " AB-12 ", "AB-12"),
    ],
)
def test_what_is_typed_is_understood_or_refused(desk: Desk, field: str, typed: str, stored: str | None) -> None:
    case_ref = desk.case()
    letter = first_letter(desk, case_ref)

    def correct() -> None:
        correct_fact(desk.house, case_ref, desk.refs["melissa"], letter, field, typed, "k")

    if stored is None:
        with pytest.raises(BriefbrugError) as refused:
            correct()
        assert refused.value.reason in {Reason.NOT_UNDERSTOOD, Reason.DATE_NOT_UNDERSTOOD}
        return
    correct()
    with desk.house.look() as work:
        kept = work.papers.letter(desk.resident(case_ref), letter)
        assert kept is not None
        value = work.papers.corrected_value(desk.resident(case_ref), work.papers.corrections(kept)[-1])
    assert str(value) == stored


def test_a_letter_that_was_not_shared_cannot_be_corrected(desk: Desk) -> None:
    mine, other = desk.case(), desk.case("samir")
    with pytest.raises(BriefbrugError) as refused:
        correct_fact(desk.house, mine, desk.refs["melissa"], first_letter(desk, other), "deadline", "1-12-2026", "k")
    assert refused.value.reason is Reason.NOT_FOUND


# --- the worklist and the page ----------------------------------------------------------------------------------------


def test_the_worklist_goes_by_danger_urgency_and_time_left(any_desk: Desk) -> None:
    desk = any_desk
    late = desk.case(sent_at=datetime(2026, 11, 19, 9, tzinfo=AMSTERDAM), urgency=2, letters=())
    soon = desk.case(sent_at=datetime(2026, 11, 20, 9, tzinfo=AMSTERDAM), urgency=2, letters=())
    calm = desk.case(sent_at=datetime(2026, 11, 2, 9, tzinfo=AMSTERDAM), urgency=3, letters=())
    urgent = desk.case(sent_at=datetime(2026, 11, 20, 16, tzinfo=AMSTERDAM), urgency=1, letters=())
    answered = desk.case(sent_at=datetime(2026, 11, 18, 9, tzinfo=AMSTERDAM), urgency=1, letters=())
    danger = desk.case(sent_at=datetime(2026, 11, 20, 16, 30, tzinfo=AMSTERDAM), urgency=1, letters=(), share=False)
    foreign = desk.case("joke", sent_at=datetime(2026, 11, 20, 9, tzinfo=AMSTERDAM), urgency=1, letters=())
    reply_to_case(desk.house, answered, desk.refs["melissa"], "Dag.", "k")
    with desk.house.work() as work:
        row = work.cases.get(danger)
        assert row is not None
        row.crisis = "crisis_urgent_home"
    found = worklist(Gists(desk.at(datetime(2026, 11, 20, 17, tzinfo=AMSTERDAM))), visitor(desk))
    assert [each.ref for each in found.rows] == [danger, urgent, answered, late, soon, calm]
    assert foreign not in {each.ref for each in found.rows}
    by_ref = {each.ref: each for each in found.rows}
    assert by_ref[late].left_tone == "late"
    assert by_ref[answered].left == "beantwoord"
    assert by_ref[urgent].left.startswith("nog ")


def test_search_finds_sender_reference_person_and_number(desk: Desk) -> None:
    rent, fine = desk.case(letters=(EVICTION, CARE)), desk.case("samir", letters=(FINE,))
    gists = Gists(desk.house)

    def found(words: str) -> list[str]:
        return [row.ref for row in worklist(gists, visitor(desk), "team", words).rows]

    assert found("akker") == [rent]
    assert found("cak 77310") == [rent]
    assert found("CJIB-1190") == [fine]
    assert found("samir") == [fine]
    assert found(rent[2:5]) == [rent]
    assert found("bestaat niet") == []
    assert len(found("")) == 2


def test_the_page_shows_the_case_as_the_resident_shared_it(desk: Desk, browse) -> None:
    case_ref = desk.case(letters=(EVICTION, RENT, CARE, SCHOOL), note="Ik durfde niet meer.")
    page = browse("melissa").get(f"/inbox/zaak/{case_ref}").text
    assert "Stel dat ik in deze situatie zat: wat zou dan echt helpen?" in page
    assert "Ik wil weer slapen." in page
    assert "Ik durfde niet meer." in page
    order = [
        page.index(f'<span class="letter__rank">{rank}</span> {name}')
        for rank, name in ((1, "Woonstichting"), (3, "Het CAK"), (4, "DUO"))
    ]
    assert order == sorted(order)
    assert page.count("<rect") >= 12
    assert "Eén schuld, meer brieven" in page
    for label in ("Antwoord aan de inwoner", "Verstuur antwoord", "Zaak sluiten", "Nieuwe notitie", "Samir Voorbeeld"):
        assert label in page
    assert "Joke Voorbeeld, hulpverlener, Wijkteam Zuid" in page  # a specialist who may be asked; the case is not hers


def test_letters_are_ranked_like_the_residents(desk: Desk, browse) -> None:
    case_ref = desk.case(letters=(SCHOOL, FINE, CARE, EVICTION))
    text = browse("melissa").get(f"/inbox/zaak/{case_ref}/dossier.json").text
    titles = [letter["title"] for letter in json.loads(text)["letters"]]
    assert titles[0].startswith("Woonstichting De Akker")
    assert titles[-1].startswith("DUO")
    assert "/inbox/pagina" not in text


def test_what_was_said_before_the_case_stays_the_residents(desk: Desk, browse) -> None:
    case_ref = desk.case()
    house = desk.at(MONDAY - timedelta(days=1))
    with house.work() as work:
        resident = work.residents.get(desk.row(case_ref).resident_ref)
        assert resident is not None
        work.thread.add(resident, "resident", Said(text="Dit was alleen voor de computer."))
    assert "alleen voor de computer" not in browse("melissa").get(f"/inbox/zaak/{case_ref}").text


def test_withdrawn_consent_hides_everything(desk: Desk, browse) -> None:
    case_ref = desk.case()
    reply_to_case(desk.house, case_ref, desk.refs["melissa"], "Dag, ik ben Melissa.", "k")
    withdraw(desk.house, Asked(desk.row(case_ref).resident_ref))
    page = browse("melissa").get(f"/inbox/zaak/{case_ref}").text
    assert "trok de toestemming in" in page
    for gone in ("Woonstichting", "weer slapen", "ik ben Melissa", "/inbox/pagina/", "Zaak weer openen"):
        assert gone not in page


def test_the_chat_follows_without_keeping_the_session_alive(desk: Desk, browse) -> None:
    case_ref = desk.case()
    melissa = browse("melissa")
    first = melissa.get(f"/inbox/zaak/{case_ref}/gesprek")
    stamp = re.search(r'data-part-stamp="([^"]+)"', first.text)
    assert stamp is not None
    again = f"/inbox/zaak/{case_ref}/gesprek?stempel={stamp[1]}"
    assert melissa.get(again).status_code == 204
    reply_to_case(desk.house, case_ref, desk.refs["samir"], "Ik kijk mee.", "k")
    changed = melissa.get(again)
    assert changed.status_code == 200
    assert "Ik kijk mee." in changed.text
    assert 'data-from="human"' in changed.text


def test_advice_on_words_never_stops_them(desk: Desk, browse) -> None:
    case_ref = desk.case()
    melissa = browse("melissa")
    hard = (
        "Wij hebben uw verzoek conform de vigerende regelgeving in behandeling genomen "
        "en zullen u te zijner tijd berichten over de voortgang daarvan."
    )
    told = melissa.post(f"/inbox/zaak/{case_ref}/taal", antwoord=hard)
    assert "Kan het eenvoudiger?" in told.text
    assert "Deze zin is lang" in told.text
    assert (
        "Duidelijk geschreven"
        in melissa.post(f"/inbox/zaak/{case_ref}/taal", antwoord="Ik bel u morgen. Dan praten wij over uw huis.").text
    )
    assert melissa.post(f"/inbox/zaak/{case_ref}/antwoord", antwoord=hard).status_code == 303


# --- the demonstration ------------------------------------------------------------------------------------------------


def test_the_demonstration_is_made_once_and_its_passwords_are_for_the_owner(demo_house: House) -> None:
    house = demo_house
    file = house.settings.data / "demo-logins.txt"
    assert file.stat().st_mode & 0o777 == 0o600
    logins = [tuple(line.split("\t")) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(logins) == 7
    assert make_demonstration_team(house) == logins
    make_demonstration_month(house)
    with house.look() as work:
        people = work.people.professionals()
        assert {person.email for person in people} == {email for email, _, _ in logins}
        assert all(person.demo and person.photo and person.photo[:3] == b"\xff\xd8\xff" for person in people)
        cases = {ref for ref, _, _ in work.cases.all_events()}
    assert 150 <= len(cases) <= 240


def test_the_worklist_and_the_case_name_the_same_first_thing(desk: Desk, browse) -> None:
    desk.case(letters=(RENT, BENEFIT, EVICTION, FINE))
    row = worklist(Gists(desk.house), visitor(desk)).rows[0]
    page = browse("melissa").get(f"/inbox/zaak/{row.ref}").text
    assert row.first == "Woonstichting De Akker · een aankondiging van ontruiming"
    assert f'<p class="first__what">{row.first}</p>' in page
