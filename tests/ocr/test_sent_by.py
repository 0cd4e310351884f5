"""Names say who sends a letter; letters of known senders say what names leave open, and what nobody may be sure of."""

from __future__ import annotations

from datetime import date

import pytest

from briefbrug.knowledge.load import load_knowledge
from ocr.likeness import likeness
from ocr.sent_by import KNOWN
from tests.ocr.build import short_letter, understood

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("sender", "subject", "body", "code"),
    [
        ("Gemeente Vlinderdam", "Aanslag hondenbelasting", "Voor uw hond betaalt u € 88,10 per jaar. Maak dit bedrag "
         "voor 20 december over.", "lokale_belastingen"),
        ("Gemeente Vlinderdam", "Uw bijstandsuitkering", "Wij ontvingen uw inkomstenformulier nog niet. Lever het voor "
         "1 december in, anders schorten wij de uitkering op.", "gemeente"),
        ("Zilverlijn", "Uw internetabonnement", "De storing in uw straat is verholpen. Uw modem maakt zelf weer "
         "verbinding met internet. Belt u vast, dan kan dat nu ook weer.", "telecom"),
        ("Centraal Justitieel Incassobureau", "Beschikking", "U reed op 2 november te hard. De boete is € 104,00, "
         "inclusief administratiekosten.", "cjib"),
    ],
)  # fmt: skip
def test_a_sender_is_told_by_its_name_and_its_words(sender: str, subject: str, body: str, code: str) -> None:
    found = understood(short_letter(sender, subject, [body]), TODAY)
    assert found.sender == code


def test_a_name_that_sounds_like_another_trade_is_never_sure() -> None:
    body = "Uw eettafel is klaar en wordt op 3 december bezorgd. U betaalde al € 349,00 met uw bankpas."
    found = understood(short_letter("Woonwinkel Lommerrijk", "Uw bestelling komt eraan", [body]), TODAY)
    assert not found.sure["sender"]


def test_a_bank_that_writes_as_banks_do_is_sure() -> None:
    body = "Op uw betaalrekening staat u € 212,00 rood. Vul het tekort aan voor 4 december, anders blokkeren wij uw betaalpas."
    found = understood(short_letter("Rabobank", "Ongeoorloofde roodstand", [body]), TODAY)
    assert (found.sender, found.sure["sender"]) == ("bank", True)


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("Praktijk voor Fysiotherapie De Beuk", "ziekenhuis_zorgverlener"),
        ("Tennisclub De Baan", "onbekend"),
        ("Kredietunie Samen", "bank"),
        ("Woningbouwvereniging Ons Huis", "woningcorporatie"),
    ],
)
def test_a_name_that_tells_its_trade_is_sure(sender: str, code: str) -> None:
    body = "Wij sturen u deze brief omdat uw gegevens zijn gewijzigd. Belt u ons als er iets niet klopt."
    found = understood(short_letter(sender, "Uw gegevens", [body]), TODAY)
    assert (found.sender, found.sure["sender"]) == (code, True)


def test_the_weights_that_are_shipped_know_every_sender() -> None:
    assert set(likeness(KNOWN).kinds) == set(load_knowledge().senders)
