"""What a letter says of paying, in other words than those it was learnt from: nothing now, by instalments, to which account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from ocr.payments import (
    accounts_in,
    adds_unprinted,
    amounts_to_pay,
    asks_money,
    claims_money,
    instalments,
    pays_nothing,
)
from ocr.sheet import Sheet, see
from tests.ocr.build import page_of, short_letter


def _sheet(*paragraphs: str) -> Sheet:
    return see([short_letter("Stichting Voorbeeld", "Uw rekening", paragraphs)])


@pytest.mark.parametrize(
    "said",
    [
        "Bij deze brief hoeft u dus nog niets over te maken.",
        "U hoeft in die periode niets te betalen.",
        "Tot die tijd hoeft u verder niets te betalen aan ons.",
        "Nu hoef je nog helemaal niets te voldoen.",
        "Op dit moment staat er bij u niets open.",
        "Er staan geen rekeningen meer open.",
        "There is nothing left to pay.",
        "You do not need to pay anything at this moment.",
        "De boete van € 300,00 die op 3 december betaald moest zijn, vervalt.",
        "De naheffing van € 76,10 is betwist en komt daarmee te vervallen.",
        "Namens de gemeente verlenen wij u kwijting voor de vordering van € 884,00.",
    ],
)
def test_nothing_is_to_be_paid(said: str) -> None:
    assert pays_nothing(_sheet("Over de zaak van € 118,00 schrijven wij u het volgende.", said))


@pytest.mark.parametrize(
    "said",
    [
        "Heeft u al betaald? Dan hoeft u niets te betalen.",
        "U hoeft niets te betalen zolang wij uw bezwaar bekijken.",
        "U hoeft niets extra te betalen.",
        "Aan ons hoeft u nog niets te betalen, wel aan uw verhuurder.",
        "De aanslag van € 822,00 is op 31 oktober vervallen.",
        "De factuur vervalt op 4 december.",
        "De korting vervalt als u later betaalt.",
    ],
)
def test_something_may_still_be_asked(said: str) -> None:
    assert not pays_nothing(_sheet("Over de zaak van € 118,00 schrijven wij u het volgende.", said))


@pytest.mark.parametrize(
    "said",
    [
        "Dat geld halen wij bij u terug.",
        "Wij eisen die € 118,00 van u terug.",
        "Voor het eind van de maand verwachten wij het van u.",
        "U weet dat u dit binnen zes weken moest voldoen.",
        "Dat geld moet er op 3 december zijn.",
        "In totaal € 25,00, contant aan de beheerder.",
        "De huur van maart, € 118,00, betaal je op de eerste.",
        "Please prevent this by paying the whole amount.",
        "Het verschil krijgen wij van u.",
        "Dat deel moet terug.",
        "In mei kreeg u € 118,00 te veel.",
        "Neem zaterdag 27 euro mee naar de training.",
    ],
)
def test_an_amount_is_claimed_in_other_words(said: str) -> None:
    assert claims_money(_sheet("Het gaat om € 118,00.", said))


@pytest.mark.parametrize(
    "said",
    [
        "Wij betalen u € 118,00 terug.",
        "Wij halen het oud papier voortaan op dinsdag op.",
        "Daarom vorderen wij het niet bij u terug.",
        "De borg van € 118,00 krijgt u contant terug.",
        "U hoeft hiervoor niets te betalen.",
        "Het formulier zien wij graag terug.",
        "Hoeveel u moet betalen, leest u later.",
    ],
)
def test_nothing_is_claimed(said: str) -> None:
    assert not claims_money(_sheet("Wij schrijven u over iets anders.", said))


@pytest.mark.parametrize(
    ("said", "alone"),
    [
        ("U betaalt € 120,00, vermeerderd met € 8,00 aan kosten.", True),
        ("De nota van € 64,00 plus € 6,50 verzendkosten staat open.", True),
        ("De nota van € 64,00 plus € 6,50 verzendkosten is samen € 70,50.", False),
        ("De nota van € 64,00 staat open. Op 3 december kost het € 6,50 meer.", False),
    ],
)
def test_a_sum_that_stands_nowhere_is_noticed(said: str, alone: bool) -> None:
    sheet = _sheet(said)
    assert adds_unprinted(sheet, amounts_to_pay(sheet)[-1].value) is alone


def test_a_later_bill_does_not_take_away_what_is_asked_now() -> None:
    later = "Over het uitstel rekenen wij rente. Daarvoor krijgt u achteraf een rekening."
    assert pays_nothing(_sheet(later))
    assert not pays_nothing(_sheet("Betaal € 154,00 op rekening NL91 ABNA 0417 1643 00.", later))


@pytest.mark.parametrize(
    "said",
    [
        "Wij verzoeken u voor betaling zorg te dragen.",
        "Wij vragen u die € 16,34 aan ons te vergoeden.",
        "U heeft zes weken om dit aan ons terug te geven.",
        "De € 172,70 over die maand vragen wij rechtstreeks aan u.",
        "Het bedrag van € 52,40 verandert niet. Betaal met factuurnummer 4459127.",
        "Betaal alsnog, dan blijft het hierbij.",
        "We therefore ask you to return € 143.00 to us.",
        "Kindly transfer this sum yourself.",
        "The full sum has to be in our account by 24 December 2026.",
        "Aanbetaling, voor 15 december 2026 € 294,00",
        "Aanbetaling (30%), vóór 15 december 2026    € 294,00",
        "Waarborgsom, uiterlijk 4 december 2026    € 150,00",
    ],
)
def test_paying_is_ordered(said: str) -> None:
    assert asks_money(_sheet(said), strictly=True)


@pytest.mark.parametrize(
    ("paragraphs", "amount"),
    [
        pytest.param(("Van uw aankoop van € 129,00 staat nog € 86,00 open.",), "86.00", id="what is open"),
        pytest.param(
            ("Op de nota van € 197,35 betaalde u € 100,00. Het staartje, € 97,35, moet nog.",), "97.35", id="rest"
        ),
        pytest.param(
            ("U bent ons driemaal € 172,70 schuldig. Verhoogd met € 19,00 kosten beloopt uw schuld € 537,10.",),
            "537.10",
            id="a debt with its costs",
        ),
        pytest.param(
            ("De sanctie is € 490,00; met de administratiekosten erbij komt u op € 499,00.",), "499.00", id="comes to"
        ),
        pytest.param(
            ("De rekening van € 1.290,00 hebben wij betaald, maar € 172,40 daarvan komt voor uw eigen rekening.",),
            "172.40",
            id="the reader's part",
        ),
        pytest.param(
            ("De premie van € 58,30 is niet betaald: premie plus € 15,00 kosten, samen € 73,30.",), "73.30", id="both"
        ),
        pytest.param(
            ("Stond er eerst € 1.020,00, nu is dat € 640,00. Betaal dit voor 1 december.",), "640.00", id="lowered"
        ),
        pytest.param(
            ("Wegens de verkoop van uw auto voor € 3.900,00 is uw boete vastgesteld op € 280,20.",),
            "280.20",
            id="a fine",
        ),
        pytest.param(
            ("De nota van € 203,80 is niet betaald.", "Hierna verhogen we het bedrag met € 8,00."),
            "203.80",
            id="before more",
        ),
        (
            ["Voor acht lessen a € 21,50 = € 172,00 kreeg u nog geen rekening. Wilt u dat voor 1 december betalen?"],
            "172.00",
        ),
        (
            [
                "U hebt een achterstand van € 1.610,20 op uw hypotheek. Is die niet op tijd weg, dan eisen wij de lening "
                "(restant € 204.900) ineens op."
            ],
            "1610.20",
        ),
        (
            ["Het beslag wordt pas opgeheven nadat € 733,18 op ons kantoor is ontvangen. Het loket kost € 12,00."],
            "733.18",
        ),
        (
            [
                "Betaal beide termijnen, samen € 96,00, voor 3 december. Bij gebreke daarvan is het restant ad € 911,40 "
                "opeisbaar."
            ],
            "96.00",
        ),
        (
            ["Uw aandeel was € 512,20, het voorschot € 430,00. Het verschil van € 82,20 komt nog voor uw rekening."],
            "82.20",
        ),
        (["U voorkomt dit met een spoedbetaling van € 141,75. Voor weer openen vragen wij € 79,00."], "141.75"),
        (["Hoofdsom € 310,00, af: creditnota € 20,00. Saldo in het voordeel van cliente: € 290,00."], "290.00"),
        (["Abonnement € 19,00 en toestel € 12,00. Tel je dat op, dan krijgen we € 31,00 van je."], "31.00"),
        (["U moet haar elke maand € 198,40 voldoen. Het lijkt ons dat er een achterstand is van € 396,80."], "396.80"),
    ],
)
def test_the_amount_that_is_asked_comes_first(paragraphs: Sequence[str], amount: str) -> None:
    assert amounts_to_pay(_sheet(*paragraphs))[0].value == Decimal(amount)


@pytest.mark.parametrize(
    "said",
    [
        "Hierbij bevestigen wij dat de sanctie van € 168,00 geheel is betaald.",
        "De rekening van € 88,40 is volledig voldaan.",
        "We confirm that your payment of € 48,50 arrived on 17 November.",
        "Pas als dat niet gebeurt, brengen wij € 85,00 in rekening.",
        "Alleen bij verlies brengen wij € 85,00 in rekening.",
        "Eenmaal geblokkeerd betaalt u bovendien € 25,00 voor het aansluiten.",
    ],
)
def test_what_was_paid_or_is_due_only_then_is_not_even_guessed(said: str) -> None:
    assert amounts_to_pay(_sheet(said))[0].score < -5.5


@pytest.mark.parametrize(
    ("paragraphs", "amount"),
    [
        pytest.param(
            ("U loopt de € 1.080,00 in twaalf keer in, steeds met € 90,00 boven op de huur.",), "90.00", id="each time"
        ),
        pytest.param(("De € 261,60 verdeelt u over vier maanden, telkens € 65,40.",), "65.40", id="every time"),
        pytest.param(("U betaalt de € 392,40 in zes keer. Dat is € 65,40 per keer.",), "65.40", id="per time"),
        pytest.param(
            ("Uw voorstel, € 50,00 per maand, wijst men af. Wat wel kan: € 150,00 per maand.",),
            "150.00",
            id="not the own",
        ),
        pytest.param(
            (
                "Datum    Bedrag",
                "30 november 2026    € 154,00",
                "31 december 2026    € 190,00",
                "31 januari 2027    € 190,00",
                "28 februari 2027    € 190,00",
            ),
            "154.00",
            id="the first of a list",
        ),
        pytest.param(
            ("Vonnis met kosten    € 2.410,11", "Op 30 november    € 500,00", "Daarna iedere maand    € 150,00"),
            "500.00",
            id="a row that goes on",
        ),
        (["Uw schuld is € 540,00. U lost die af in tien gelijke porties dus, van elk € 54,00."], "54.00"),
        (["Zes maal gaat het om € 61,00, in de slotmaand om € 58,00."], "61.00"),
    ],
)
def test_the_next_instalment(paragraphs: Sequence[str], amount: str) -> None:
    assert instalments(_sheet(*paragraphs))[0].value == Decimal(amount)


def test_instalments_that_were_missed_are_not_the_next() -> None:
    missed = _sheet("Omdat twee termijnen van € 40,00 op rij niet zijn betaald, komt de achterstand op € 80,00.")
    assert all(one.score < 5 for one in instalments(missed))


ACCOUNT = "NL91 ABNA 0417 1643 00"


@pytest.mark.parametrize(
    ("row", "payee"),
    [
        pytest.param(f"Maak dit over op rekening {ACCOUNT} ten name van Voorbeeld.", True, id="to pay to"),
        pytest.param(
            f"Onze rekening {ACCOUNT} is alleen bestemd voor zaken die wij overnamen.", False, id="other cases"
        ),
        pytest.param(f"Rekening {ACCOUNT} is uitsluitend bedoeld voor klanten zonder regeling.", False, id="others"),
        pytest.param(f"Wij schrijven dit af van uw rekening {ACCOUNT}.", False, id="the reader's"),
    ],
)
def test_whose_account_it_is(row: str, payee: bool) -> None:
    found = accounts_in(see([page_of(["Geachte heer,", "", row])]))
    assert (found[0].score >= 1) is payee
