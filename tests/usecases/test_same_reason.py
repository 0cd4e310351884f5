"""Chat, desk, export and command line give the same reason for the same place; a correction ranks again at once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from actions.table import ACTIONS
from briefbrug.explanation import explain_place, explain_shared
from briefbrug.house import House
from briefbrug.letter import DeadlineClue, Found
from briefbrug.meaning import Pile
from briefbrug.speech import say_all
from briefbrug.usecases.answer import Asked, answer_kindly
from briefbrug.usecases.log_in import Visitor
from briefbrug.usecases.open_door import open_door
from briefbrug.usecases.pile import pile_of
from inbox.access import CaseAccess
from inbox.cases import show_case
from inbox.dossier import export_case
from inbox.room import show_room
from ocr.report import ReadLetter, Report, report_json, report_text
from tests.conftest import add_team
from tests.usecases.test_chain import choose, eviction, fine, lines, send_bag


def demand(day: date, amount: str):
    """Return a second letter of the CJIB, about another fine."""
    word = fine().words[0]
    return replace(
        fine(),
        kind=Found("aanmaning", (word,), True),
        amount=Found(Decimal(amount), (word,), True),
        reference=Found("9876 5432 1098 7654", (word,), True),
        clues=(Found(DeadlineClue("on_or_before", printed=day), (word,), True),),
    )


@pytest.fixture
def sent(house: House) -> str:
    """A resident with an eviction, a fine and a demand of the CJIB, whose case is with Melissa."""
    add_team(house)
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    send_bag(house, ref, [fine(), eviction(), demand(date(2026, 12, 3), "360.00")])
    return ref


def pile_in(house: House, ref: str) -> Pile:
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None
        return pile_of(house, work, resident)


def test_every_face_gives_the_same_reason(house: House, sent: str) -> None:
    texts, pile = house.texts["nl"], pile_in(house, sent)
    reasons = {letter.rank: say_all(explain_place(letter, pile), texts) for letter in pile.letters}
    assert all(len(each) >= 2 for each in reasons.values())
    # The chat.
    for rank, reason in reasons.items():
        spoken = answer_kindly(ACTIONS["action_explain_letter"], house, Asked(sent, entities={"letter_ref": str(rank)}))
        assert spoken.texts[0].endswith("\n\n".join(reason))
    # The desk and its export.
    choose(house, sent, "Ja, stuur naar een mens")
    choose(house, sent, "Overslaan")
    choose(house, sent, "Klopt, verstuur dit")
    with house.look() as work:
        resident = work.residents.get(sent)
        assert resident is not None
        case = work.cases.open_for(resident)
        assert case is not None
        person = work.people.professional(case.professional_ref)
        assert person is not None
        visitor = Visitor(
            "secret", "csrf", person.ref, person.team_ref, person.name, person.role, frozenset(person.roles)
        )
        access = CaseAccess(case.ref, sent, visitor)
    shown = show_case(house, access)
    assert {letter.rank: letter.place for letter in shown.letters} == reasons
    exported = json.loads(export_case(house, access, show_room(house, access)))
    assert {letter["rank"]: tuple(letter["place"]) for letter in exported["letters"]} == reasons
    assert [[reason["code"] for reason in letter["reasons"]] for letter in exported["letters"]] == [
        [reason.code for reason in letter.reasons] for letter in pile.letters
    ]
    together = say_all(explain_shared(pile, house.knowledge), texts)
    assert tuple(exported["together"]) == together == shown.together
    # The command line.
    read = {letter.ref: ReadLetter(letter.ref, ("a.jpg",), letter.facts, 0.1) for letter in pile.letters}
    report = Report(pile.today, pile, read, (), house.knowledge)
    printed = report_json(report)
    assert {letter["rank"]: letter["place"] for letter in printed["letters"]} == {
        rank: " ".join(reason) for rank, reason in reasons.items()
    }
    assert [letter["reasons"][0]["code"] for letter in printed["letters"]] == [
        letter.reasons[0].code for letter in pile.letters
    ]
    overview = [line for line in lines(house, sent) if "Eerst de brief" in line or "andere brieven" in line]
    for line in printed["overview"]:
        assert any(line in told for told in overview), line
        assert line.split("\n")[-1] in report_text(report, texts)


def test_one_action_for_several_letters_is_told_once_above_the_rest(house: House, sent: str) -> None:
    told = [line for line in lines(house, sent) if "Vraag het CJIB om één afspraak" in line]
    assert len(told) == 1
    assert told[0].index("één afspraak") < told[0].index("En dit zijn uw andere brieven")
    pile = pile_in(house, sent)
    numbers = [letter.rank for letter in pile.letters if letter.sender == "cjib"]
    assert f"voor deze brieven samen: {numbers[0]} en {numbers[1]}." in told[0]


def test_a_correction_ranks_again_at_once(house: House) -> None:
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    send_bag(house, ref, [fine(), demand(date(2026, 12, 3), "360.00")])
    assert [letter.kind for letter in pile_in(house, ref).letters] == ["aanmaning", "boete"]
    asked = Asked(ref, text="nee de datum van die boete is 24 november", entities={"letter_ref": "2"})
    answer_kindly(ACTIONS["action_explain_letter"], house, asked)
    spoken = answer_kindly(ACTIONS["action_correct_fact"], house, asked)
    pile = pile_in(house, ref)
    assert [letter.kind for letter in pile.letters] == ["boete", "aanmaning"]
    assert "24 november" in spoken.texts[-1] or "24 november" in spoken.texts[0]
    assert [reason.values for reason in pile.letters[0].reasons if reason.code == "days_left"] == [{"days": 3}]
    machine = pile.letters[0].facts
    assert machine.clues[0].value.printed == date(2027, 1, 11)
