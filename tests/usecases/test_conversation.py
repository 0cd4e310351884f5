"""What the use cases answer: crisis, corrections, letters set aside, yes and no, handover changes, erasure."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from actions.table import ACTIONS
from briefbrug.case import Actor, EventKind
from briefbrug.errors import Reason
from briefbrug.house import House
from briefbrug.letter import Action, LetterFacts
from briefbrug.usecases.answer import Asked, Spoken, answer_kindly, problem
from briefbrug.usecases.buttons import BUTTONS, press
from briefbrug.usecases.erase import export_resident, forget_resident
from briefbrug.usecases.hand_over import letters_shared
from briefbrug.usecases.keep_watch import forget_by_term, send_reminders, tell_broken_promises
from briefbrug.usecases.listen import hear, leaves_question, speak, take_free_text
from briefbrug.usecases.open_door import link_code, open_door, use_link_code
from briefbrug.usecases.pile import pile_of
from briefbrug.usecases.receive_photo import receive_photo
from tests.conftest import MakeHouse, add_team
from tests.core.meaning.letters import a_letter, on
from tests.usecases.test_chain import JPEG, choose, eviction, fine, lines, send_bag


def ask(house: House, ref: str, action: str, text: str = "", **entities: str) -> Spoken:
    """Run an action as Rasa would."""
    return answer_kindly(ACTIONS[action], house, Asked(ref, text=text, entities=entities))


@pytest.fixture
def resident(house: House) -> str:
    """A resident who said yes, sent an eviction and a fine, and saw the overview."""
    add_team(house, "Melissa de Boer", "Ahmed Yilmaz")
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    send_bag(house, ref, [fine(), eviction()])
    return ref


def case_of(house: House, ref: str):
    with house.look() as work:
        someone = work.residents.get(ref)
        assert someone is not None
        return work.cases.open_for(someone)


def send_to_human(house: House, ref: str) -> None:
    choose(house, ref, "Ja, stuur naar een mens")
    choose(house, ref, "Overslaan")
    choose(house, ref, "Klopt, verstuur dit")


@pytest.mark.parametrize(
    ("intent", "text", "leaves"),
    [
        pytest.param("deny", "nee, 3 Aralık", False, id="a date in another language"),
        pytest.param("deny", "٣ ديسمبر", False, id="other digits"),
        pytest.param("deny", "laat maar", True, id="no"),
        pytest.param("crisis_violence", "hij slaat me al 3 dagen", True, id="danger"),
        pytest.param("stop", "stop met 3 berichten per dag", True, id="stop"),
    ],
)
def test_a_number_answers_the_question_for_a_date(intent: str, text: str, *, leaves: bool) -> None:
    assert leaves_question("correct_deadline", intent, text) is leaves


def test_everything_is_erased_by_a_plain_yes_only(house: House, resident: str) -> None:
    ask(house, resident, "action_delete_my_data", "wis alles")
    assert "Zal ik alles van u wissen?" in ask(house, resident, "action_affirm", "ok").texts[0]
    assert "Zal ik alles van u wissen?" in ask(house, resident, "action_delete_my_data", "wis alles").texts[0]
    assert "Alles is gewist" in ask(house, resident, "action_delete_my_data", "ja wis alles").texts[0]


@pytest.mark.parametrize("words", ["dat waren ze allemaal", "that was all", "Dat was alles!", "da was t", "klaar"])
def test_that_was_all_in_her_own_words(house: House, words: str) -> None:
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    receive_photo(house, ref, JPEG, "web", "upload-1")
    button = hear(house, ref, words, "web", "line-1").button
    assert button is not None and button.do == "all_photos"


def test_a_question_while_photos_wait_asks_whether_that_was_all(house: House) -> None:
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    receive_photo(house, ref, JPEG, "web", "upload-1")
    for action in ("action_explain_letter", "action_tell_deadline", "action_status"):
        assert ask(house, ref, action).texts == ("Ik heb uw foto's. Was dit alles?",)


def test_after_danger_her_letters_are_not_said_to_be_shared(house: House, resident: str) -> None:
    ask(house, resident, "action_crisis_violence", "hij slaat mij")
    told = ask(house, resident, "action_privacy")
    assert "Uw brieven ziet" in told.texts[0] and "mag uw brieven nu zien" not in told.texts[0]
    assert "Veilig lezen" in [button.label for button in told.said[-1].buttons]


def test_a_bare_ok_is_no_goal(house: House, resident: str) -> None:
    choose(house, resident, "Ja, stuur naar een mens")
    told = take_free_text(house, Asked(resident, text="ok"))
    assert "Uw woorden" not in str(told)


def test_an_old_button_pressed_again_says_it_shorter_then_offers_something_else(house: House, resident: str) -> None:
    send_to_human(house, resident)
    with house.look() as work:
        someone = work.residents.get(resident)
        assert someone is not None
        old = next(
            line for line in work.thread.lines(someone) if any(b.do == "request_human" for b in line.said.buttons)
        )
    place = next(at for at, button in enumerate(old.said.buttons) if button.do == "request_human")
    heard: list[str] = []
    for turn in range(7):
        assert press(house, resident, old.ref, place, "web", f"again-{turn}").spoken is not None
        heard.append(lines(house, resident)[-1])
    assert "helpt u. Dat is uw" in heard[0]
    assert "U krijgt antwoord vóór" in heard[1]
    assert "Zullen we intussen naar uw brieven kijken?" in heard[2]
    assert len(set(heard[:3])) == 3
    assert all(len(set(heard[at : at + 3])) > 1 for at in range(5))


def test_the_third_same_answer_shows_another_way(house: House, resident: str) -> None:
    said: list[Spoken] = []
    for turn in range(3):
        hear(house, resident, "doei", "web", f"bye-{turn}")
        said.append(ask(house, resident, "action_goodbye"))
        speak(house, resident, said[-1], f"bye-{turn}")
    heard = [text for text in lines(house, resident) if text != "doei"]
    assert heard[-2] == said[0].texts[-1]
    assert heard[-1].endswith("Dit zei ik net ook al. Een mens kan met u meedenken.")


def test_a_sentence_about_paying_is_about_the_newest_letter_of_the_debt(house: House, resident: str) -> None:
    def bill(kind: str, day: str, amount: str) -> LetterFacts:
        return a_letter(
            "energieleverancier",
            kind,
            day,
            [on("2026-12-20", action=Action.BETALEN)],
            amount,
            "871623405",
            "Stroomland",
        )

    send_bag(
        house, resident, [bill("herinnering", "2026-10-01", "180"), bill("aanmaning", "2026-11-02", "195")], "debt"
    )
    with house.look() as work:
        someone = work.residents.get(resident)
        assert someone is not None
        old = next(letter for letter in pile_of(house, work, someone).letters if letter.history)
    with house.work() as work:
        someone = work.residents.get(resident, lock=True)
        assert someone is not None
        someone.focus_letter = old.ref
    for action in ("action_cannot_pay", "action_payment_plan"):
        told = "\n".join(ask(house, resident, action).texts)
        assert "195" in told and "180" not in told


@pytest.mark.parametrize(
    ("action", "number"),
    [
        pytest.param("action_crisis_self_harm", "113", id="suicide"),
        pytest.param("action_crisis_violence", "0800-2000", id="violence"),
        pytest.param("action_crisis_urgent_home", "0900-8844", id="home"),
        pytest.param("action_crisis_medical", "112", id="medical"),
    ],
)
def test_danger_gets_a_number_at_once_and_a_human_is_alerted(house: House, action: str, number: str) -> None:
    melissa = add_team(house)
    ref = open_door(house, "web", "secret").resident_ref
    spoken = ask(house, ref, action, text="ik kan niet meer")
    assert number in spoken.texts[0]
    assert any(address.startswith("tel:") for said in spoken.said for _, address in said.links)
    case = case_of(house, ref)
    assert case.professional_ref == melissa and case.crisis and case.urgency == 1
    with house.look() as work:
        person = work.residents.get(ref)
        assert person is not None
        crisis = [event for event in work.cases.events(case.ref) if event.kind == EventKind.CRISIS.value]
        assert work.cases.event_body(person, crisis[0]) == "ik kan niet meer"
        assert letters_shared(work, person, case) == []


def test_danger_without_anybody_still_gets_the_number(house: House) -> None:
    ref = open_door(house, "web", "secret").resident_ref
    assert "113" in ask(house, ref, "action_crisis_self_harm").texts[0]


def test_a_corrected_date_ranks_again_and_stays_beside_the_reading(house: House, resident: str) -> None:
    spoken = ask(house, resident, "action_correct_fact", "nee de datum van die boete is 24 november", sender="cjib")
    assert spoken.texts
    with house.look() as work:
        person = work.residents.get(resident)
        assert person is not None
        corrected = [
            (letter, correction)
            for letter in work.papers.letters(person)
            for correction in work.papers.corrections(letter)
        ]
        assert len(corrected) == 1
        letter, correction = corrected[0]
        assert correction.field == "deadline" and correction.by_kind == "resident"
        assert work.papers.machine_facts(person, letter).deadline_said is None
        said = work.papers.facts(person, letter).deadline_said
        assert said is not None and said.value.isoformat() == "2026-11-24"


def test_an_unclear_date_is_asked_never_guessed(house: House, resident: str) -> None:
    ask(house, resident, "action_explain_letter", sender="cjib")
    choose_first = ask(house, resident, "action_correct_fact", "dat klopt niet")
    assert "Wat klopt er niet" in choose_first.texts[0]
    with house.look() as work:
        person = work.residents.get(resident)
        assert person is not None and all(not work.papers.corrections(letter) for letter in work.papers.letters(person))


def test_a_letter_is_set_aside_only_after_a_second_yes(house: House, resident: str) -> None:
    spoken = ask(house, resident, "action_not_my_letter", "die is niet van mij", letter_ref="eerste")
    with house.look() as work:
        person = work.residents.get(resident)
        assert person is not None and len(work.papers.letters(person)) == 2
    button = spoken.said[0].buttons[0]
    answer_kindly(BUTTONS[button.do], house, Asked(resident, values=button.values))
    with house.look() as work:
        person = work.residents.get(resident)
        assert person is not None and len(work.papers.letters(person)) == 1


@pytest.mark.parametrize(
    ("words", "kind"), [("tweede", "boete"), ("2", "boete"), ("laatste", "boete"), ("eerste", "ontruiming")]
)
def test_letters_are_found_by_place(house: House, resident: str, words: str, kind: str) -> None:
    ask(house, resident, "action_explain_letter", letter_ref=words)
    with house.look() as work:
        person = work.residents.get(resident)
        assert person is not None
        letter = work.papers.letter(person, person.focus_letter or "")
        assert letter is not None
        found = work.papers.facts(person, letter).kind
        assert found is not None and found.value == kind


def test_no_is_accepted_at_once_and_a_human_stays_possible(house: House) -> None:
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Nee, liever niet")
    with house.look() as work:
        person = work.residents.get(ref)
        assert person is not None and person.consent == "no"
        assert any(button.do == "request_human" for line in work.thread.lines(person) for button in line.said.buttons)


def test_a_letter_left_out_is_not_shared(house: House, resident: str) -> None:
    choose(house, resident, "Ja, stuur naar een mens")
    choose(house, resident, "Overslaan")
    choose(house, resident, "Aanpassen")
    with house.look() as work:
        person = work.residents.get(resident)
        assert person is not None
        line = work.thread.lines(person)[-1]
    place, button = next((i, b) for i, b in enumerate(line.said.buttons) if b.do == "toggle_letter")
    assert button.label.startswith("Niet mee: 1.")
    press(house, resident, line.ref, place, "web", "leave-out")
    choose(house, resident, "Klopt, verstuur dit")
    with house.look() as work:
        person = work.residents.get(resident)
        assert person is not None
        case = work.cases.open_for(person)
        assert case is not None
        assert [letter.ref for letter in letters_shared(work, person, case)] != []
        assert button.values["letter_ref"] not in [letter.ref for letter in letters_shared(work, person, case)]


def test_another_person_without_a_reason(house: House, resident: str) -> None:
    send_to_human(house, resident)
    first = case_of(house, resident).professional_ref
    spoken = ask(house, resident, "action_other_person", "liever een ander")
    assert case_of(house, resident).professional_ref != first
    assert spoken.said[0].face == case_of(house, resident).professional_ref


def test_the_bot_is_silent_while_a_human_speaks(house: House, resident: str) -> None:
    send_to_human(house, resident)
    with house.work() as work:
        person = work.residents.get(resident)
        assert person is not None
        case = work.cases.open_for(person)
        assert case is not None
        work.cases.record(case, EventKind.HUMAN_ANSWERED, Actor.HUMAN, case.professional_ref)
    assert hear(house, resident, "dank u wel", "web", "x1").mode == "human"


def test_a_broken_promise_is_told_to_the_resident_first_and_once(make_house: MakeHouse) -> None:
    house = make_house()
    add_team(house)
    ref = open_door(house, "web", "secret").resident_ref
    send_to_human_without_letters(house, ref)
    later = make_house(TODAY="2026-11-26")
    for _ in range(2):
        tell_broken_promises(later)
    assert sum("later dan beloofd" in line for line in lines(later, ref)) == 1
    with later.look() as work:
        person = work.residents.get(ref)
        assert person is not None
        case = work.cases.open_for(person)
        assert case is not None and case.broken_at is not None and case.first_human_at is None


def send_to_human_without_letters(house: House, ref: str) -> None:
    speak(house, ref, ask(house, ref, "action_request_human"))
    choose(house, ref, "Overslaan")
    choose(house, ref, "Klopt, verstuur dit")


def test_a_reminder_comes_once_and_is_neutral_where_home_is_unsafe(make_house: MakeHouse) -> None:
    house = make_house()
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    send_bag(house, ref, [eviction()])
    with house.work() as work:
        person = work.residents.get(ref)
        assert person is not None
        person.unsafe = True
    later = make_house(TODAY="2026-11-24")
    for _ in range(2):
        send_reminders(later)
    reminders = [line for line in lines(later, ref)[3:] if "bericht voor u" in line]
    assert len(reminders) == 1 and "De Wit" not in reminders[0]


def test_erasing_leaves_no_byte_that_can_be_read(make_house: MakeHouse, tmp_path: Path) -> None:
    house = make_house()
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    send_bag(house, ref, [eviction()])
    hear(house, ref, "mijn geheime verhaal over oma Annelies", "web", "x")
    exported = export_resident(house, ref)
    assert exported is not None and len(exported["letters"]) == 1
    assert forget_resident(house, ref, "asked")
    assert not forget_resident(house, ref, "asked")
    house.close()
    everything = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    for word in (b"Annelies", b"De Wit", ref.encode()):
        assert word not in everything
    assert house.photos.names() == set()


def test_deletion_by_term(make_house: MakeHouse) -> None:
    house = make_house()
    ref = open_door(house, "web", "secret").resident_ref
    soon = make_house(TODAY=(house.clock.today() + timedelta(days=29)).isoformat())
    assert forget_by_term(soon) == 0
    late = make_house(TODAY=(house.clock.today() + timedelta(days=31)).isoformat())
    assert forget_by_term(late) == 1
    with late.look() as work:
        assert work.residents.get(ref) is None


def test_one_thread_over_both_doors_with_a_code_that_works_once(any_house: House) -> None:
    ref = open_door(any_house, "web", "secret").resident_ref
    code = link_code(any_house, ref)
    assert use_link_code(any_house, code, "telegram", "4711") == ref
    assert use_link_code(any_house, code, "telegram", "4712") is None
    assert open_door(any_house, "telegram", "4711").resident_ref == ref


FAILED = {"problem_unexpected", "problem_texts"}
"""What a use case says when it broke; no state a resident can reach may lead there."""


def another(house: House, number: int, *, with_letters: bool) -> str:
    """Return a fresh resident of the same house."""
    ref = open_door(house, "web", f"secret-{number}").resident_ref
    if with_letters:
        choose(house, ref, "Ja, dat is goed")
        send_bag(house, ref, [fine(), eviction()], mark=f"{number}-")
    return ref


@pytest.mark.parametrize("with_letters", [False, True], ids=["nothing sent", "letters sent"])
def test_every_action_answers(house: House, *, with_letters: bool) -> None:
    add_team(house, "Melissa de Boer", "Ahmed Yilmaz")
    for number, action in enumerate(sorted(ACTIONS)):
        spoken = ask(house, another(house, number, with_letters=with_letters), action, "iets heel anders")
        assert spoken.texts, action
        assert all(text.strip() for text in spoken.texts), action
        assert spoken.said[0].key not in FAILED, action


def test_every_button_answers(house: House) -> None:
    add_team(house, "Melissa de Boer", "Ahmed Yilmaz")
    for number, button in enumerate(sorted(BUTTONS)):
        ref = another(house, number, with_letters=True)
        with house.look() as work:
            person = work.residents.get(ref)
            assert person is not None
            letter = work.papers.letters(person)[0].ref
        spoken = answer_kindly(BUTTONS[button], house, Asked(ref, values={"letter_ref": letter}))
        assert spoken.texts, button
        assert spoken.said[0].key not in FAILED, button


def test_an_action_that_fails_leaves_a_kind_sentence(house: House) -> None:
    kind = {problem(house, reason).texts[0] for reason in (Reason.NOT_FOUND, Reason.UNEXPECTED)}
    for action in sorted(ACTIONS):
        assert answer_kindly(ACTIONS[action], house, Asked("R-nobody", text="hallo")).texts[0] in kind, action


def test_every_reason_has_a_text(house: House) -> None:
    for reason in Reason:
        assert problem(house, reason).texts[0].strip(), reason
