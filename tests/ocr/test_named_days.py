"""Days that are named without a date, and days that only the whole sentence makes ones to act by."""

from __future__ import annotations

from datetime import date

import pytest

from briefbrug.letter import DeadlineClue
from ocr.days import all_clues
from ocr.sheet import see
from tests.ocr.build import short_letter

LETTER_DATE = date(2026, 11, 12)


def _first(body: str) -> DeadlineClue | None:
    page = short_letter("Waterbedrijf Zuidkust", "Uw rekening", ["Het gaat om € 61,20.", body])
    clues = all_clues(see([page]), LETTER_DATE)
    return clues[0].clue if clues else None


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ("Betaal uiterlijk de achtste dag van december.", date(2026, 12, 8)),
        ("Betaal uiterlijk zondag de 22e.", date(2026, 11, 22)),
        ("Betaal in de loop van december, doch niet later dan de 20e.", date(2026, 12, 20)),
        ("U kunt tot en met oudejaarsdag betalen.", date(2026, 12, 31)),
        ("Wij rekenen erop dat u dit betaalt vóór het eind van deze maand.", date(2026, 11, 30)),
        ("Maak het over voordat de maand om is.", date(2026, 11, 30)),
        ("Betaal uiterlijk op de laatste werkdag van november.", date(2026, 11, 30)),
        ("Zorg dat het bedrag overmorgen op onze rekening staat.", date(2026, 11, 14)),
    ],
)
def test_a_day_named_without_a_date(body: str, day: date) -> None:
    clue = _first(body)
    assert clue is not None
    assert (clue.printed, clue.regime) == (day, "on_or_before")


@pytest.mark.parametrize(
    ("body", "regime"),
    [
        ("Ligt het geld hier op 26 november nog niet, dan ontvangt u een dwangbevel.", "on_or_before"),
        ("Donderdag 26 november is daarvoor de uiterste dag.", "on_or_before"),
        ("Wij zien uw betaling graag op 26 november of eerder tegemoet.", "on_or_before"),
        ("De oude vervaldag speelt geen rol meer: niet langer 20 november, maar 26 november 2026.", "on_or_before"),
        ("Onze rekening zien wij graag gevuld voordat het 26 november is.", "before"),
        ("Vanaf 26 november berekenen wij € 12,50 stalling per dag.", "before"),
        ("Op 26 november halen we het bedrag automatisch van je rekening.", "event_date"),
    ],
)
def test_the_whole_sentence_makes_it_a_day(body: str, regime: str) -> None:
    clue = _first(body)
    assert clue is not None
    assert (clue.printed, clue.regime) == (date(2026, 11, 26), regime)


@pytest.mark.parametrize(
    "body",
    [
        "De betaaldatum van 26 november die daarin stond, is komen te vervallen.",
        "Het overschot storten wij uiterlijk 26 november op de rekening waarvan u de huur betaalt.",
        "U krijgt het bedrag van ons, uiterlijk 26 november.",
        "Wij sluiten op 26 november het dossier.",
        "Uw afspraak van 26 november gaat niet door.",
        "Daarvan maken wij op 26 november € 20,00 aan u over.",
    ],
)
def test_what_asks_for_nothing_is_no_day(body: str) -> None:
    assert _first(body) is None


@pytest.mark.parametrize(
    ("body", "n", "unit", "anchor"),
    [
        ("Wij geven u daar zes weken de tijd voor, te tellen vanaf de dag na deze brief.", 6, "weeks", "dagtekening"),
        ("Dit moet zijn voldaan zes weken na de verzenddatum.", 6, "weeks", "verzending"),
        ("Wij geven u na de dagtekening van deze brief nog twee weken om te betalen.", 2, "weeks", "dagtekening"),
    ],
)
def test_a_term_that_no_word_opens(body: str, n: int, unit: str, anchor: str) -> None:
    clue = _first(body)
    assert clue is not None
    assert (clue.n, clue.unit, clue.anchor) == (n, unit, anchor)
