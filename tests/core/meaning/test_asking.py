"""When a letter asks for nothing, and when one that seems to tell something asks all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import Action, DayChance, LetterFacts
from briefbrug.meaning import Understood, understand_pile
from tests.core.meaning.letters import TODAY, a_letter, on

K = load_knowledge()
CLEAR = ("clear_print", "no_amount")
SILENT = (DayChance(None, 0.97),)


def understood(facts: LetterFacts) -> Understood:
    return understand_pile({"a": facts}, K, TODAY).letters[0]


@pytest.mark.parametrize(
    ("sender", "kind", "text"),
    [
        pytest.param("lokale_belastingen", "aanslag", "Uw aanslag is lager geworden", id="a lower assessment"),
        pytest.param("cjib", "boete", "De boete is vervallen", id="a fine that is dropped"),
        pytest.param("incassobureau", "incasso", "Wij wachten op onze opdrachtgever", id="a debt that waits"),
        pytest.param("gemeente", "beschikking", "U houdt hulp in huis", id="help that goes on"),
        pytest.param("rechtbank", "vonnis", "De eis is afgewezen", id="a claim that is refused"),
        pytest.param("energieleverancier", "informatie", "Het tarief verandert", id="a new price"),
        pytest.param("duo", "informatieverzoek", "Wij hebben uw formulier ontvangen", id="a form that came in"),
    ],
)
def test_no_day_and_no_money_is_nothing_to_do(sender: str, kind: str, text: str) -> None:
    letter = understood(replace(a_letter(sender, kind, text=text, notes=CLEAR), day_chances=SILENT))
    assert (letter.action, letter.urgency) == (Action.NIETS, 4)


@pytest.mark.parametrize(
    ("sender", "kind", "text", "notes", "chance"),
    [
        pytest.param("bank", "beslag", "Beslag op uw rekening", CLEAR, 0.99, id="an account that is seized"),
        pytest.param("gemeente", "beschikking", "Uw uitkering stopt", CLEAR, 0.97, id="an income that ends"),
        pytest.param("gemeente", "beschikking", "Verlaging van uw uitkering", CLEAR, 0.97, id="an income that is cut"),
        pytest.param("telecom", "aanmaning", "Betaal de nota", ("clear_print",), 0.97, id="an amount may stand there"),
        pytest.param("telecom", "aanmaning", "Betaal de nota", (), 0.97, id="a photo that was not read well"),
        pytest.param("duo", "beschikking", "U kunt iets doen", CLEAR, 0.6, id="known letters see a day"),
    ],
)
def test_silence_is_not_always_nothing(
    sender: str, kind: str, text: str, notes: tuple[str, ...], chance: float
) -> None:
    facts = replace(a_letter(sender, kind, text=text, notes=notes), day_chances=(DayChance(None, chance),))
    assert understood(facts).urgency < 4


def test_information_that_sets_a_day_asks_something() -> None:
    clue = on("2026-12-20", action=Action.REAGEREN)
    chances = (DayChance(clue, 0.9), DayChance(None, 0.1))
    facts = a_letter("zorgverzekeraar", "informatie", clues=[clue], text="Maak een keuze", notes=CLEAR)
    letter = understood(replace(facts, day_chances=chances))
    assert (letter.action, letter.urgency) == (Action.REAGEREN, 3)
    assert letter.deadline is not None


def test_a_day_or_a_sure_amount_goes_before_words_of_nothing_to_do() -> None:
    clue = on("2026-12-22", action=Action.BEZWAAR)
    seen = (DayChance(clue, 0.97), DayChance(None, 0.03))
    refused = a_letter("lokale_belastingen", "beschikking", clues=[clue], notes=(*CLEAR, "settled"))
    assert understood(replace(refused, day_chances=seen)).action is Action.BEZWAAR
    dayless = a_letter("telecom", "herinnering", amount="43.50", notes=("clear_print", "no_action_needed"))
    assert understood(replace(dayless, day_chances=SILENT)).action is Action.BETALEN


def test_money_goes_before_a_form_by_the_same_day() -> None:
    clue = on("2026-11-26", action=Action.OPSTUREN)
    assert understood(a_letter("bank", "aanmaning", clues=[clue], amount="480.20")).action is Action.BETALEN
    assert understood(a_letter("bank", "betalingsregeling", clues=[clue], amount="40")).action is Action.OPSTUREN


@pytest.mark.parametrize(
    ("sender", "kind", "text", "level"),
    [
        pytest.param("gemeente", "uitnodiging", "Een ontruiming boven het hoofd", 1, id="a talk before an eviction"),
        pytest.param("bank", "uitnodiging", "Voordat wij uw woning laten veilen", 1, id="a talk before a sale"),
        pytest.param("onbekend", "uitnodiging", "Anders stopt de loondoorbetaling", 1, id="the company doctor"),
        pytest.param("gemeente", "uitnodiging", "Hoorzitting over uw bezwaar", 2, id="a hearing"),
        pytest.param("cjib", "aanmaning", "Aankondiging gijzeling", 1, id="liberty"),
        pytest.param("cjib", "aanmaning", "Betaal, later volgt misschien gijzeling", 2, id="liberty much later"),
        pytest.param("energieleverancier", "aanmaning", "Anders eindigt de levering", 1, id="the supply ends"),
        pytest.param("energieleverancier", "aanmaning", "Anders komen er kosten bij", 2, id="costs come"),
        pytest.param("gemeente", "informatieverzoek", "Uw aanvraag voor begeleiding", 2, id="no income at stake"),
        pytest.param("gemeente", "informatieverzoek", "Voor uw bijstand", 1, id="income at stake"),
    ],
)
def test_what_is_lost_is_read_from_the_paper(sender: str, kind: str, text: str, level: int) -> None:
    facts = a_letter(sender, kind, "2026-11-16", [on("2026-11-25")], text=text, amount=None)
    assert understood(facts).urgency == level
