"""What was half read: a lost total takes certainty from the other amounts, a time of the day gets its figures back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from briefbrug.knowledge.load import load_knowledge
from ocr.facts import read_facts
from ocr.lines import Token, clock
from ocr.payments import MoneyFound, amounts_to_pay, total_half_read
from ocr.sheet import see
from tests.ocr.build import page_of, understood


def lines(total: str) -> list[str]:
    return [
        "Waterbedrijf De Bron",
        "Datum: 12 november 2026",
        "",
        "Aanmaning",
        "",
        "Geachte heer Visser,",
        "",
        "U heeft uw rekening nog niet betaald.",
        "",
        "Rekening                       € 240,00",
        "Administratiekosten            € 9,00",
        f"Totaal te betalen              {total}",
        "",
        "Betaal het bedrag uiterlijk op 27 november 2026.",
    ]


def chosen(total: str, digital: bool = False) -> tuple[bool, MoneyFound]:
    sheet = see([page_of(lines(total), digital=digital)])
    best = amounts_to_pay(sheet)[0]
    return total_half_read(sheet, best), best


@pytest.mark.parametrize("garbled", ["€ 2A9,00", "€ 24S,0O", "€ z49.00"])
def test_a_garbled_total_is_noticed(garbled: str) -> None:
    half, _ = chosen(garbled)
    assert half


def test_a_total_that_was_read_is_none() -> None:
    half, best = chosen("€ 249,00")
    assert not half
    assert isinstance(best.tokens[0], Token)
    assert float(best.value) == 249.0


def test_a_digital_letter_is_read_as_it_stands() -> None:
    assert not chosen("€ 2A9,00", digital=True)[0]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("1o.oo", "10.00"),
        ("l1:3o", "11:30"),
        ("9.15", "9.15"),
        ("lo.lo", "lo.lo"),
        ("12.500", "12.500"),
        ("o.a.", "o.a."),
    ],
)
def test_letters_in_a_time_of_the_day_are_figures(read: str, meant: str) -> None:
    assert clock(read) == meant


@pytest.mark.parametrize(("confidence", "sure"), [(95.0, True), (70.0, False)])
def test_a_day_on_a_page_of_which_a_fifth_is_lost_is_not_sure(confidence: float, sure: bool) -> None:
    page = replace(page_of(lines("€ 249,00"), digital=False), mean_confidence=confidence)
    (clue,) = read_facts([page], load_knowledge()).clues
    assert clue.value.printed is not None
    assert clue.sure is sure


@pytest.mark.parametrize(("label", "sure"), [("", True), ("Dátu n vrijdag 11 december 2026, 11.40 uur", False)])
def test_a_day_to_write_by_is_not_sure_where_the_hearing_may_come_later(label: str, sure: bool) -> None:
    hearing = [
        "Rechtbank Zeeland-West-Brabant",
        "Datum: 16 november 2026",
        "",
        "Uitnodiging voor een zitting",
        "",
        "Geachte heer Visser,",
        "",
        label,
        "De rechter leest uw brief als hij uiterlijk 4 december 2026 binnen is.",
    ]
    clues = read_facts([page_of(hearing, digital=False)], load_knowledge()).clues
    (clue,) = [one for one in clues if one.value.printed and one.value.printed.day == 4]
    assert clue.sure is sure


@pytest.mark.parametrize(("confidence", "sure"), [(58.0, False), (95.0, True)])
def test_of_a_page_that_was_half_read_nothing_is_sure_and_a_person_looks(confidence: float, sure: bool) -> None:
    page = replace(page_of(lines("€ 249,00"), digital=False), mean_confidence=confidence)
    found = understood(page, date(2026, 11, 21))
    assert found.facts.amount is not None
    assert any(found.sure.values()) is sure
    assert found.needs_person or sure


@pytest.mark.parametrize(("foot", "sure"), [("Pagina 1 van 2", False), ("Pagina 1 van 1", True)])
def test_nothing_is_surely_absent_while_a_page_of_the_letter_is(foot: str, sure: bool) -> None:
    text = ["Bibliotheek Lommerrijk", "Datum: 12 november 2026", "", "Nieuwe openingstijden", "", "Beste lezer,", ""]
    text += ["Wij zijn voortaan ook op zondag open. U hoeft niets te doen.", "Tot ziens in de bibliotheek.", "", foot]
    found = understood(page_of(text), date(2026, 11, 21))
    assert (found.deadline, found.facts.amount, found.facts.iban) == (None, None, None)
    assert [found.sure[name] for name in ("deadline", "amount", "iban")] == [sure] * 3
