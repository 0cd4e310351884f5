"""From words to facts: sender, kind, dates, deadline phrases, amounts, accounts, references, and what is sure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from briefbrug.knowledge.load import Knowledge, load_knowledge
from briefbrug.letter import Action, LetterFacts, PageReading, Reread
from briefbrug.proof import proof_of
from ocr.facts import read_facts
from tests.ocr.build import LETTER, page_of


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def _with(body: str, date_line: str = "Datum: 10 november 2026") -> list[str]:
    return [
        "Waterbedrijf Zuidkust",
        "",
        "De heer P. Pietersma",
        "",
        date_line,
        "",
        "Betreft: rekening",
        "",
        "Geachte heer Pietersma,",
        "",
        body,
        "",
        "Met vriendelijke groet,",
    ]


def test_a_whole_letter(knowledge: Knowledge) -> None:
    facts = read_facts([page_of(LETTER)], knowledge)
    assert facts.sender is not None and facts.sender.value == "woningcorporatie"
    assert facts.kind is not None and facts.kind.value == "aanmaning"
    assert facts.letter_date is not None and facts.letter_date.value == date(2026, 11, 12) and facts.letter_date.sure
    assert facts.amount is not None and facts.amount.value == Decimal("1284.50") and facts.amount.sure
    assert facts.iban is not None and facts.iban.value == "NL91ABNA0417164300" and facts.iban.sure
    assert facts.reference is not None and facts.reference.value == "4471920"
    assert facts.clues[0].value.printed == date(2026, 11, 27) and facts.clues[0].value.regime == "on_or_before"
    proof = proof_of(facts.words, facts.amount)
    assert proof is not None and "1.284,50" in proof.text


@pytest.mark.parametrize(
    ("body", "regime", "printed"),
    [
        ("Betaal vóór 1 december 2026.", "before", date(2026, 12, 1)),
        ("Betaal dit bedrag vóór 1 december 2026 op onze rekening.", "before", date(2026, 12, 1)),
        ("Betaal uiterlijk 1 december 2026.", "on_or_before", date(2026, 12, 1)),
        ("Betaal tot en met 1 december 2026.", "on_or_before", date(2026, 12, 1)),
        ("U kunt betalen tot 1 december 2026.", "until_ambiguous", date(2026, 12, 1)),
        ("Zorg dat wij het bedrag op of vóór 1 december 2026 hebben ontvangen.", "on_or_before", date(2026, 12, 1)),
        ("Betaal vóór 5 december.", "before", date(2026, 12, 5)),
        ("Uiterste betaaldatum: 1 december 2026", "on_or_before", date(2026, 12, 1)),
        ("Uw afspraak is op 26 november 2026 om 09.30 uur.", "event_date", date(2026, 11, 26)),
        ("De ontruiming vindt plaats op donderdag 26 november 2026 om 10.00 uur.", "event_date", date(2026, 11, 26)),
        ("Met ingang van 1 december 2026 stopt uw uitkering.", "start_date", date(2026, 12, 1)),
        ("Please pay no later than 1 December 2026.", "on_or_before", date(2026, 12, 1)),
    ],
)
def test_phrases_with_a_date(knowledge: Knowledge, body: str, regime: str, printed: date) -> None:
    clue = read_facts([page_of(_with(body))], knowledge).clues[0].value
    assert (clue.regime, clue.printed) == (regime, printed)


@pytest.mark.parametrize(
    ("body", "n", "unit", "anchor", "action"),
    [
        (
            "U kunt binnen zes weken na de verzenddatum van deze brief bezwaar maken.",
            6,
            "weeks",
            "verzending",
            Action.BEZWAAR,
        ),
        ("Wij verzoeken u binnen 14 dagen na dagtekening te betalen.", 14, "days", "dagtekening", Action.BETALEN),
        ("Betaal binnen veertien dagen nadat deze brief bij u is bezorgd.", 14, "days", "ontvangst", Action.BETALEN),
        ("Betaal binnen 5 werkdagen na dagtekening.", 5, "working_days", "dagtekening", Action.BETALEN),
        (
            "BEVEL om binnen twee dagen na betekening van dit exploot te betalen.",
            2,
            "days",
            "betekening",
            Action.BETALEN,
        ),
        (
            "Stuur de gegevens binnen een maand na ontvangst van deze brief op.",
            1,
            "months",
            "ontvangst",
            Action.OPSTUREN,
        ),
    ],
)
def test_phrases_with_a_term(knowledge: Knowledge, body: str, n: int, unit: str, anchor: str, action: Action) -> None:
    clue = read_facts([page_of(_with(body))], knowledge).clues[0].value
    assert (clue.n, clue.unit, clue.anchor, clue.action) == (n, unit, anchor, action)


@pytest.mark.parametrize(
    "body",
    [
        "Betalingen tot en met 8 november 2026 zijn verwerkt.",
        "Dit gaat over de periode van 1 december 2026 tot en met 31 december 2026.",
        "Wij nemen binnen acht weken een beslissing. U ontvangt dan bericht.",
        "U had vóór 1 oktober 2026 moeten betalen.",
        "Uw overeenkomst van 3 maart 2024 loopt door.",
    ],
)
def test_dates_that_ask_for_nothing_are_no_deadline(knowledge: Knowledge, body: str) -> None:
    assert read_facts([page_of(_with(body))], knowledge).clues == ()


def test_the_total_is_told_from_its_parts(knowledge: Knowledge) -> None:
    lines = [
        *_with("Dit is uw rekening."),
        "hoofdsom                    € 131,90",
        "rente                        € 1,84",
        "incassokosten               € 40,00",
        "totaal                     € 173,74",
    ]
    facts = read_facts([page_of(lines)], knowledge)
    assert facts.amount is not None and facts.amount.value == Decimal("173.74") and facts.amount.sure


def test_the_bailiff_writes_for_somebody_else(knowledge: Knowledge) -> None:
    lines = ["Deurwaarderskantoor Ruttink", "Gerechtsdeurwaarders", "Postbus 3, 1234 AA Voorbeeld", "", "Datum: 10 november 2026", "Dossiernummer: 26118834", "", "Betreft: vordering", "",
             "Geachte mevrouw,", "", "Namens onze opdrachtgever Ymere vragen wij u € 900,00 te betalen vóór 27 november 2026."]  # fmt: skip
    facts = read_facts([page_of(lines)], knowledge)
    assert facts.sender is not None and facts.sender.value == "gerechtsdeurwaarder"
    assert facts.on_behalf_of is not None and "Ymere" in facts.on_behalf_of.value
    assert facts.reference is not None and facts.reference.value == "26118834"


def _doubted(second: str) -> LetterFacts:
    lines = _with("Betaal uiterlijk 14 december 2026.")
    page = page_of(lines, digital=False, confidence=92.0)
    places = tuple(i for i, w in enumerate(page.words) if w.text in {"14", "december", "2026."})
    reading = PageReading(
        page.width, page.height, page.words, mean_confidence=92, rereads=(Reread(places, second, 97.0),)
    )
    return read_facts([reading], load_knowledge())


def test_a_second_reader_that_disagrees_takes_the_certainty_away() -> None:
    assert _doubted("14 december 2026").clues[0].sure
    assert not _doubted("14 december 2025").clues[0].sure


def test_nothing_on_the_paper_is_nothing_found(knowledge: Knowledge) -> None:
    assert read_facts([PageReading(100, 100)], knowledge) == LetterFacts(pages=1)
    facts = read_facts([page_of(["zomaar wat woorden"])], knowledge)
    assert facts.amount is None and facts.iban is None and facts.clues == () and facts.letter_date is None
