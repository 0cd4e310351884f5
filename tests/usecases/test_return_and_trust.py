"""Coming back after the end of a case, and somebody who reads along (F41, F49)."""

from __future__ import annotations

from briefbrug.case import CaseStatus
from briefbrug.house import House
from briefbrug.usecases.answer import Asked
from briefbrug.usecases.buttons import press
from briefbrug.usecases.come_back import come_back
from briefbrug.usecases.listen import hear, leaves_question, speak
from briefbrug.usecases.open_door import HELPER, open_door, use_link_code
from briefbrug.usecases.show_thread import standing_at
from briefbrug.usecases.work_on_case import close_case
from tests.conftest import add_team
from tests.usecases.test_chain import choose, lines
from tests.usecases.test_conversation import ask, case_of, send_to_human_without_letters


def test_a_closed_case_opens_again_with_the_same_person(house: House) -> None:
    add_team(house, "Melissa de Boer", "Ahmed Yilmaz")
    ref = open_door(house, "web", "secret").resident_ref
    send_to_human_without_letters(house, ref)
    case = case_of(house, ref)
    assert case is not None
    close_case(house, case.ref, case.professional_ref, "arranged", "closed")
    assert hear(house, ref, "hallo, er is toch nog een brief", "web", "back").mode == "returned"
    for _ in range(2):
        come_back(house, Asked(ref, text="hallo, er is toch nog een brief"), "back")
    now = case_of(house, ref)
    assert now is not None
    assert (now.ref, now.status, now.professional_ref) == (case.ref, CaseStatus.WAITING.value, case.professional_ref)
    assert sum("weer open" in line for line in lines(house, ref)) == 1


def test_what_she_withdrew_stays_closed(house: House) -> None:
    add_team(house)
    ref = open_door(house, "web", "secret").resident_ref
    send_to_human_without_letters(house, ref)
    speak(house, ref, ask(house, ref, "action_privacy"))
    choose(house, ref, "Stop met delen")
    assert hear(house, ref, "welke brief eerst", "web", "later").mode == "dialogue"


def test_her_own_words_may_sound_like_a_stop_or_a_request(house: House) -> None:
    assert not leaves_question("goal", "stop", "ik wil dat die brieven eindelijk stoppen")
    assert not leaves_question("change", "request_human", "bel mij liever niet, app mij")
    assert leaves_question("goal", "deny", "nee")
    assert leaves_question("goal", "crisis_self_harm", "ik wil er gewoon een eind aan maken nu meteen")
    assert leaves_question("correct_deadline", "request_human", "ik wil een mens")


def test_somebody_she_trusts_reads_along_and_decides_nothing(house: House) -> None:
    add_team(house)
    ref = open_door(house, "web", "secret").resident_ref
    open_door(house, "web", "sister")
    speak(house, ref, ask(house, ref, "action_involve_network", "mijn zus mag meekijken"))
    choose(house, ref, "Geef mij een code")
    code = lines(house, ref)[-1].split("De code is ")[1][:6]
    assert use_link_code(house, code, "telegram", "4711") is None
    assert use_link_code(house, code, "web", "sister") == ref
    assert use_link_code(house, code, "web", "a stranger") is None
    standing = standing_at(house, HELPER, "sister")
    assert standing is not None and standing.resident_ref == ref
    assert standing_at(house, "web", "sister") is None
    speak(house, ref, ask(house, ref, "action_delete_my_data"))
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None
        sure = next(line for line in reversed(work.thread.lines(resident)) if line.said.buttons)
    pressed = press(house, ref, sure.ref, 0, HELPER, "helper-press")
    assert pressed.spoken is not None and "alleen de bewoner" in pressed.spoken.texts[0]
    assert standing_at(house, "web", "secret") is not None
    choose(house, ref, "Stop met meelezen")
    assert standing_at(house, HELPER, "sister") is None
