"""Which number to quote: labels that are broken, headed groups, values without a label, what the letter says to quote."""

from __future__ import annotations

import numpy as np
import pytest

from briefbrug.letter import Box, Word
from ocr.facts import references_in
from ocr.missed import missed_lines
from ocr.page import even_light, grain, without_grain
from ocr.reader import CUT_LINES, cut_lines
from ocr.references import label_word
from ocr.sheet import see
from ocr.words import Seen
from tests.ocr.build import page_of


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        pytest.param(["Kenmerk  RV-77 1180 442", "", "Geachte heer,"], "RV-77 1180 442", id="headed groups"),
        pytest.param(["Dossiernummer  VB-118 440", "", "Geachte heer,"], "VB-118 440", id="letters and groups"),
        pytest.param(["Huurderscode  204-118 77", "", "Geachte heer,"], "204-118 77", id="a code"),
        pytest.param(["Klantnummer 7 710 448 21", "", "Geachte heer,"], "7 710 448 21", id="one figure first"),
        pytest.param(["Dossier : VW 1188", "", "Geachte heer,"], "VW 1188", id="a colon apart"),
        pytest.param(["Dossiemummer  26118834", "", "Geachte heer,"], "26118834", id="a misread label"),
        pytest.param(
            ["Zaaknummer 10988301 BM VERZ 26-1490", "", "Geachte heer,"], "10988301 BM VERZ 26-1490", id="court"
        ),
        pytest.param(
            ["Relatie  0088-4471", "", "Zet er 0088-4471 bij."], "0088-4471", id="what the letter says to quote"
        ),
        pytest.param(
            ["Klantnummer 4410 2287", "Factuurnummer 900261", "", "Vermeld het factuurnummer."],
            "900261",
            id="asked for",
        ),
        pytest.param(
            ["Geachte heer,", "", "Uw zaak staat bij ons bekend onder 66.1180.3345."],
            "66.1180.3345",
            id="in a sentence",
        ),
        pytest.param(
            ["Geachte heer,", "", "Daarna leggen wij aanvraag BB-26/3309 terzijde."], "BB-26/3309", id="an application"
        ),
        pytest.param(
            ["Geachte heer,", "", "Zonder 2430 0811 7265 9940 bij de omschrijving lukt het niet."],
            "2430 0811 7265 9940",
            id="the whole number",
        ),
        pytest.param(
            ["Klantnummer 330.917", "Regelingnummer RG-26-00451", "", "Geachte heer,"], "RG-26-00451", id="plan"
        ),
        pytest.param(["Betreft: uw premie (8812.40.4)", "", "Geachte heer,"], "8812.40.4", id="between brackets"),
        pytest.param(["Betreft: stadswarmte [WR-55120]", "", "Geachte heer,"], "WR-55120", id="square brackets"),
        pytest.param(["Uw verzoek onder nummer 61.204.881", "", "Geachte heer,"], "61.204.881", id="with points"),
        pytest.param(["Geachte heer,", "", "Bij navraag graag 61.204.881 noemen."], "61.204.881", id="name it"),
        pytest.param(["Geachte heer,", "", "Wilt u in uw reactie 22.118.90 aanhalen?"], "22.118.90", id="cite it"),
        pytest.param(["Geachte heer,", "", "44512: dat is uw nummer bij ons."], "44512", id="that is your number"),
        pytest.param(["Huurdernummer 121790", "Afrekening 2025-S-0417", "", "Beste"], "2025-S-0417", id="settlement"),
        pytest.param(
            ["Rekestnummer C/18/248.117 / FT RK 26/391", "", "Geachte heer,"],
            "C/18/248.117 / FT RK 26/391",
            id="rekest",
        ),
        pytest.param(["Betreft: uw vraag (2026)", "", "Bel (020 555 14 80)"], None, id="a year and a telephone"),
        pytest.param(["Huurdernummer 0447118-02", "", "Geachte heer,"], "0447118-02", id="no telephone number"),
        pytest.param(
            ["Geachte heer,", "", "De WOZ-waarde is 318.000 euro in 2026-2027, kenteken K-512-RT."],
            None,
            id="none of a file",
        ),
        pytest.param(
            ["Ons kenmerk  B&B-WW 660.21.908", "", "Geachte heer,"], "B&B-WW 660.21.908", id="capitals joined"
        ),
        pytest.param(
            ["Ons kenmerk: EB-WLZ 26.4188", "", "Geachte heer,"], "EB-WLZ 26.4188", id="capitals with a hyphen"
        ),
        pytest.param(
            ["Kenmerk  ONG.ROOD 26/81740", "", "Geachte heer,"], "ONG.ROOD 26/81740", id="capitals with a point"
        ),
        pytest.param(["Ons kenmerk  ZW 26-44.810 / K", "", "Geachte heer,"], "ZW 26-44.810 / K", id="a capital behind"),
        pytest.param(
            ["Biljetnr.  26.00.44871", "Subjectnr.  1177 208", "", "Geachte heer,"], "26.00.44871", id="a bill"
        ),
        pytest.param(
            [
                "besluitnr.:  2026/T/4471",
                "vord.nr.:  88-204-17",
                "",
                "Geachte heer,",
                "",
                "Vermeld het vorderingsnummer.",
            ],
            "88-204-17",
            id="an abbreviated label that is asked for",
        ),
        pytest.param(["Factuur: Z26-11-448820", "Klantcode: 771.208", "", "Beste,"], "Z26-11-448820", id="debt first"),
        pytest.param(["Customer 2208 90 31", "", "Dear Sir,"], "2208 90 31", id="groups behind an English label"),
        pytest.param(["Dossier 800-41.7720", "", "Geachte heer,"], "800-41.7720", id="nine figures in strokes"),
        pytest.param(["Geachte heer,", "", "Pay this, quoting 4417-20-663."], "4417-20-663", id="quoted in strokes"),
        pytest.param(["Geachte heer,", "", "Zet kamer 4.07 in de omschrijving."], "4.07", id="a room"),
        pytest.param(["Geachte heer,", "", "Betaal o.v.v. leerling 3381, graag snel."], "3381", id="a pupil"),
        pytest.param(["Geachte heer,", "", "Noem altijd 1180 (debiteur)."], "1180", id="a short number"),
        pytest.param(["Geachte heer,", "", "To be quoted when calling: 9.0412."], "9.0412", id="when calling"),
        pytest.param(["Geachte heer,", "", "Bij betaling geeft u LB 20-771 op."], "LB 20-771", id="to give"),
        pytest.param(["Geachte heer,", "", "Maak het over, KI 53.604 vermeldend."], "KI 53.604", id="quoting it"),
        pytest.param(
            ["Geachte heer,", "", "Betaal, waarbij u BOE 26-118824 opgeeft."], "BOE 26-118824", id="giving it"
        ),
        pytest.param(["Geachte heer,", "", "Je lidnummer is en blijft 87120."], "87120", id="is and stays"),
        pytest.param(
            ["Geachte heer,", "", "Betaal op contractrekening 2.660.914."], "2.660.914", id="an account of yours"
        ),
        pytest.param(["Geachte heer,", "", "Geef 1180 punten door."], None, id="what counts something"),
        pytest.param(["Geachte heer,", "", "Noem schooljaar 2026-2027 erbij."], None, id="a school year"),
        pytest.param(["Datumn  17:11-2026", "", "Geachte heer,"], None, id="a day with a misread mark"),
        pytest.param(["Amersfoort  555 94 00", "", "Geachte heer,"], None, id="the end of a telephone number"),
        pytest.param(["9234 5678 9012 3456", "", "Geachte heer,"], None, id="sixteen figures that prove nothing"),
    ],
)
def test_the_number_to_quote(rows: list[str], value: str | None) -> None:
    found = references_in(see([page_of(rows)]))
    if value is None:
        assert not found or found[0].score < 60
    else:
        assert found[0].value == value


@pytest.mark.parametrize(
    "row",
    [
        "Telefoon 0599-555 123",
        "BSN 111222333",
        "Zaak 111222333",
        "Zaak 1112.22.333",
        "KvK 00848944",
        "1234 AB Voorbeeld",
    ],
)
def test_what_is_never_quoted(row: str) -> None:
    assert references_in(see([page_of([row, "", "Geachte heer,"])])) == []


def test_only_long_labels_are_set_right() -> None:
    assert label_word("Aanslagoummer") == "aanslagnummer"
    assert label_word("Kenteken") == "kenteken"
    assert label_word("12345678") == "12345678"


def _line(number: int, left: int, words: int = 6) -> list[Word]:
    return [
        Word("woord", Box(left + 70 * i, 40 * number, left + 70 * i + 60, 40 * number + 20), 95, 0, number)
        for i in range(words)
    ]


def test_lines_at_the_edge_of_the_photo_are_cut() -> None:
    cut = [word for number in range(1, 12) for word in _line(number, 4)]
    whole = [word for number in range(1, 12) for word in _line(number, 60)]
    assert cut_lines(cut, 900, 600, 0) >= CUT_LINES
    assert cut_lines(whole, 900, 600, 0) == 0
    assert cut_lines(whole[:12], 900, 600, 0) == 0


def test_print_that_was_passed_over_is_found() -> None:
    sheet = np.full((700, 900), 255, np.uint8)
    words: list[Seen] = []
    for row in range(12):
        for column in range(8):
            x, y = 60 + 90 * column, 60 + 45 * row
            for letter in range(4):
                sheet[y : y + 18, x + 16 * letter : x + 16 * letter + 9] = 20
            if (row, column) not in {(2, 3), (2, 4)}:
                words.append(Seen("abcd", x, y, x + 60, y + 18, 95.0, (1, row, column)))
    one, other = sorted(missed_lines(sheet, words), key=lambda piece: piece.x0)
    assert (one.y0, one.y1) == pytest.approx((150, 168), abs=4)
    assert one.x0 <= 332 and other.x1 >= 476


def test_grain_goes_and_letters_stay() -> None:
    chance = np.random.default_rng(3)
    clean = np.full((600, 500), 70, np.uint8)
    for row in range(10):
        clean[60 + 45 * row : 66 + 45 * row, 60:440] = 35
    noisy = np.clip(clean + chance.normal(0, 6, clean.shape), 0, 255).astype(np.uint8)
    assert grain(without_grain(noisy)) < 0.4 * grain(even_light(noisy))
    ink = without_grain(noisy)[60:66, 100:400]
    assert float(ink.mean()) < 170
