"""After the day has passed something is still possible, and each right letter says it; one step can cover several."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from briefbrug.explanation import (
    explain_first,
    explain_letter,
    explain_place,
    explain_shared,
    is_threatened,
    one_line,
    ready_sentence,
)
from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import Action, LetterFacts
from briefbrug.meaning import Shared, Understood, understand_pile
from briefbrug.plain_language import explained_terms, measure
from briefbrug.speech import load_texts, say, say_all
from tests.core.meaning.letters import KROOS, TODAY, a_letter, on, within

K = load_knowledge()
TEXTS = load_texts("nl")
PASSED = "2026-11-17"
HOME = "huurachterstand"


def understood(facts: LetterFacts, today: date = TODAY) -> Understood:
    return understand_pile({"L": facts}, K, today).letters[0]


def heard(facts: LetterFacts) -> str:
    return "\n".join(say(message, TEXTS) for message in explain_letter(understood(facts), K, TODAY))


VERZET = "Dan kan de rechter soms opnieuw kijken. Dat heet verzet"
EXCUSE = "Was u ziek of was er een andere goede reden? Schrijf dat erbij"
TERMS = "U kunt nog vragen om betalen in delen."
MORATORIUM = "Dat heet een moratorium."
THREE_DAYS = "Dan moet zij uiterlijk woensdag 25 november met u praten."
SUPPLY = "De gemeente kan helpen om weer stroom, gas of water te krijgen."


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        pytest.param(
            a_letter("rechtbank", "vonnis", "2026-10-20", [on(PASSED)], text=HOME),
            (VERZET, MORATORIUM, THREE_DAYS),
            id="judgment about rent",
        ),
        pytest.param(a_letter("rechtbank", "vonnis", "2026-10-28", text=HOME), (VERZET, MORATORIUM), id="no day known"),
        pytest.param(
            a_letter("gerechtsdeurwaarder", "vonnis", "2026-11-10", [on(PASSED)]), (VERZET,), id="judgment about money"
        ),
        pytest.param(
            a_letter("gerechtsdeurwaarder", "ontruiming", "2026-11-10", [on(PASSED, "event_date")]),
            (MORATORIUM, THREE_DAYS),
            id="eviction",
        ),
        pytest.param(
            a_letter("woningcorporatie", "dagvaarding", "2026-11-01", [on(PASSED, "event_date")]),
            (MORATORIUM, THREE_DAYS),
            id="summons of the landlord",
        ),
        pytest.param(
            a_letter("uwv", "beschikking", "2026-10-01", [on(PASSED, action=Action.BEZWAAR)]), (EXCUSE,), id="decision"
        ),
        pytest.param(a_letter("telecom", "aanmaning", clues=[on(PASSED)]), (TERMS,), id="a demand for money"),
        pytest.param(a_letter("belastingdienst", "aanslag", clues=[on(PASSED)]), (TERMS,), id="tax"),
        pytest.param(
            a_letter("energieleverancier", "afsluiting", clues=[on(PASSED, "event_date")]),
            (SUPPLY, THREE_DAYS),
            id="energy cut off",
        ),
        pytest.param(
            a_letter("waterbedrijf", "afsluiting", clues=[on(PASSED, "event_date")]),
            (SUPPLY, THREE_DAYS),
            id="water cut off",
        ),
        pytest.param(
            a_letter("zorgverzekeraar", "afsluiting", clues=[on("2026-11-30", "event_date")]),
            (THREE_DAYS,),
            id="insurance ends",
        ),
        pytest.param(
            a_letter(
                "zorgverzekeraar", "aanmaning", clues=[on("2026-12-03")], text="wij gaan over tot royement van de polis"
            ),
            (THREE_DAYS,),
            id="insurance is threatened in words",
        ),
    ],
)
def test_what_is_still_possible(facts: LetterFacts, said: tuple[str, ...]) -> None:
    text = heard(facts)
    for sentence in said:
        assert sentence in text
    assert "te laat" not in text


@pytest.mark.parametrize(
    ("sender", "kind", "words"),
    [("telecom", "aanmaning", ""), ("cjib", "boete", ""), ("zorgverzekeraar", "aanmaning", ""), ("duo", "factuur", "")],
)
def test_the_short_route_is_only_for_a_threat(sender: str, kind: str, words: str) -> None:
    letter = understood(a_letter(sender, kind, clues=[on("2026-11-26")], text=words))
    assert not is_threatened(letter)
    assert "met u praten" not in heard(letter.facts)


def test_before_the_day_nothing_is_said_about_being_late() -> None:
    for entry in K.combinations.values():
        if entry.kind != "vonnis":
            text = heard(a_letter(entry.sender, entry.kind, clues=[on("2026-12-03")]))
            assert EXCUSE not in text
            assert SUPPLY not in text


# --- ready sentences against a fine and a judge ----------------------------------------------------------------------


def test_against_a_fine_the_sentence_is_no_bezwaar() -> None:
    text = " ".join(say_all(ready_sentence(understood(a_letter("cjib", "boete")), "bezwaar", K, TODAY), TEXTS))
    assert "Ik ben het niet eens met deze boete." in text
    assert "bij beroep of verzet" in text
    assert "Ik maak bezwaar" not in text


@pytest.mark.parametrize("kind", ["vonnis", "dagvaarding", "beschikking"])
def test_against_a_judge_there_is_help_and_no_dispute_of_the_bill(kind: str) -> None:
    text = " ".join(say_all(ready_sentence(understood(a_letter("rechtbank", kind)), "bezwaar", K, TODAY), TEXTS))
    assert "0800-8020" in text
    assert "Ik betaal nu nog niet" not in text


# --- one action for several letters ----------------------------------------------------------------------------------


def test_help_with_debts_is_one_action_for_the_letters_it_covers() -> None:
    pile = understand_pile(KROOS, K, TODAY)
    assert pile.shared[0].code == "debt_help"
    covered = [letter for letter in pile.letters if letter.ref in pile.shared[0].refs]
    assert len(covered) > 1
    assert not any(letter.history or letter.suspect for letter in covered)
    assert [letter.rank for letter in covered] == sorted(letter.rank for letter in covered)
    text = " ".join(say_all(explain_shared(pile, K), TEXTS))
    assert "1, 5, 7 en 8" in text


def test_one_talk_with_the_same_collector_and_one_arrangement_at_the_cjib() -> None:
    bag = {
        "A": a_letter(
            "incassobureau", "incasso", clues=[on("2026-12-01")], reference="111222333", name="Kavel Incasso"
        ),
        "B": a_letter(
            "incassobureau", "aanmaning", clues=[on("2026-12-05")], reference="444555666", name="Kavel Incasso"
        ),
        "C": a_letter("incassobureau", "incasso", clues=[on("2026-12-06")], reference="777888999", name="Ander Bureau"),
        "D": a_letter("cjib", "boete", clues=[on("2026-12-10")], reference="1010101010101010"),
        "E": a_letter("cjib", "aanmaning", clues=[on("2026-12-02")], reference="2020202020202020"),
    }
    pile = understand_pile(bag, K, TODAY)
    shared = {each.code: set(each.refs) for each in pile.shared if each.code != "debt_help"}
    assert shared == {"sender": {"A", "B"}, "cjib": {"D", "E"}}
    text = " ".join(say_all(explain_shared(pile, K), TEXTS))
    assert "Bel Kavel Incasso één keer." in text
    assert "Vraag het CJIB om één afspraak" in text


def test_a_name_that_is_not_sure_joins_nothing() -> None:
    bag = {
        ref: a_letter("incassobureau", "incasso", clues=[on("2026-12-01")], reference=number, name="Kavel", sure=False)
        for ref, number in (("A", "111222333"), ("B", "444555666"))
    }
    assert not [each for each in understand_pile(bag, K, TODAY).shared if each.code == "sender"]


def test_one_letter_needs_no_shared_action() -> None:
    assert understand_pile({"L": KROOS["L1"]}, K, TODAY).shared == ()
    assert Shared("cjib", ("A", "B")).refs == ("A", "B")


# --- reasons ---------------------------------------------------------------------------------------------------------


def test_each_part_of_the_order_and_each_reason_has_its_words() -> None:
    for key in K.ranking.key_order:
        assert TEXTS[f"why_next_{key}"]
    for letter in understand_pile(KROOS, K, TODAY).letters:
        told = explain_place(letter, understand_pile(KROOS, K, TODAY))
        assert told[0].values["number"] == letter.rank
        assert len(told) >= 2


def test_what_comes_on_top_decides_between_equal_letters() -> None:
    """Same day, same loss: the fine that doubles goes before the larger bill that does not grow."""
    bag = {
        "grows": a_letter("cjib", "aanmaning", "2026-11-05", [on("2026-12-03")], "225"),
        "stays": a_letter("duo", "aanmaning", "2026-11-05", [on("2026-12-03")], "412"),
    }
    pile = understand_pile(bag, K, TODAY)
    assert [letter.ref for letter in pile.letters] == ["grows", "stays"]
    reason = next(r for r in pile.letters[0].reasons if r.code == "before_next")
    assert reason.values == {"key": "growth_descending"}
    text = " ".join(say_all(explain_place(pile.letters[0], pile), TEXTS))
    assert "Bij de volgende brief komt er minder geld bij." in text
    assert Decimal(412) > Decimal(225)


def test_no_creditor_after_a_judge_is_said_to_need_none() -> None:
    pile = understand_pile(
        {
            "A": a_letter("gerechtsdeurwaarder", "incasso", clues=[on("2026-12-01")]),
            "B": a_letter("uwv", "informatieverzoek", clues=[within(3, "weeks")]),
        },
        K,
        TODAY,
    )
    for letter in pile.letters:
        assert "why_without_judge" not in {message.key for message in explain_place(letter, pile)}


# --- never said where it is not so -----------------------------------------------------------------------------------


@pytest.mark.parametrize("clues", [(on("2026-12-03"),), (on("2026-11-02"),), (on("2026-12-03", sure=False),), ()])
def test_bezwaar_is_never_said_about_a_judge_or_a_private_sender(clues: tuple[object, ...]) -> None:
    for sender, who in K.senders.items():
        if who.public:
            continue
        pile = understand_pile({"L": a_letter(sender, "beschikking", clues=clues)}, K, TODAY)  # type: ignore[arg-type]
        said = (
            *explain_letter(pile.letters[0], K, TODAY),
            *explain_first(pile, K),
            one_line(pile.letters[0], K, TODAY),
        )
        keys = {message.key for message in said}
        assert not keys & {"by_bezwaar", "line_bezwaar", "line_unsure_bezwaar", "now_bezwaar", "late_bezwaar"}, sender
        assert "still_possible_bezwaar" not in keys, sender
        assert "bezwaar" not in " ".join(say(message, TEXTS) for message in said), sender


def test_a_bureau_that_cannot_summon_is_not_said_to_do_so() -> None:
    text = heard(a_letter("incassobureau", "dagvaarding", clues=[on("2026-12-03", "event_date")]))
    assert "Het is een dagvaarding" not in text
    assert "De dag bij de rechter" not in text
    assert "Dit lijkt op een brief van de rechter. Dat is het nog niet." in text


def test_places_and_shared_steps_are_easy_dutch() -> None:
    terms = frozenset(word.lower() for word in explained_terms()) | {"woonzicht"}
    for sender in sorted(K.senders):
        for kind in sorted(K.kinds):
            bag = {
                "A": a_letter(sender, kind, clues=[on("2026-11-18")], reference="11122233", name="Woonzicht"),
                "B": a_letter(sender, kind, reference="44455566", name="Woonzicht"),
                "C": a_letter("duo", "aanmaning", clues=[on("2026-12-05")]),
            }
            pile = understand_pile(bag, K, TODAY)
            places = [explain_place(letter, pile) for letter in pile.letters]
            for part in (*places, explain_shared(pile, K), explain_first(pile, K)):
                found = measure("\n".join(say_all(part, TEXTS)), terms)
                assert (found.difficult, found.longest <= 15, found.mean <= 10) == ((), True, True), (sender, kind)
