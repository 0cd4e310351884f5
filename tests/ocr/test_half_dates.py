"""Dates of which the words were half read: the nearest month, a year that the letter proves, never sure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest

from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import LetterFacts, PageReading, Reread
from ocr.dates import DateSeen
from ocr.days import letter_dates, own_day
from ocr.facts import read_facts, spans_that_decide
from ocr.half_dates import half_dates, month_meant
from ocr.numbers import find_ibans
from ocr.reader import Reader
from ocr.sheet import see
from tests.ocr.build import LETTER, jpeg, page_of, sheet

KNOWN = frozenset({date(2026, 11, 30), date(2026, 12, 4)})


@pytest.mark.parametrize(
    ("word", "month"),
    [
        ("sovember", 11),
        ("nvemte", 11),
        ("txovember", 11),
        ("oktobor", 10),
        ("septembes", 9),
        ("dezemher", 12),
        ("jarmuari", 1),
        ("febnuari", 2),
        ("augustns", 8),
        ("n0vember", 11),
        ("spvember", None),
        ("termijnen", None),
        ("personen", None),
        ("kamer", None),
        ("nummer", None),
        ("maand", None),
    ],
)
def test_a_damaged_month_is_the_one_that_is_clearly_nearest(word: str, month: int | None):
    assert month_meant(word) == month


def half(text: str, confidence: float = 70.0, known: frozenset[date] = KNOWN) -> list[DateSeen]:
    words = text.split()
    return half_dates(words, [confidence] * len(words), known)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16 november 2926", date(2026, 11, 16)),
        ("18 txovember 2096", date(2026, 11, 18)),
        ("datum 17 sovember 20", date(2026, 11, 17)),
        ("10 novem ber 2026", date(2026, 11, 10)),
        ("2 decem bet 2026", date(2026, 12, 2)),
        ("13 novenber 20726", date(2026, 11, 13)),
        ("15 november 202", date(2026, 11, 15)),
        ("9 nouemter2026,", date(2026, 11, 9)),
        ("3decemher 2026", date(2026, 12, 3)),
        ("van u november 2026", date(2026, 11, 11)),
        ("12 vember 2 26", date(2026, 11, 12)),
        ("12 1 vember 2026", date(2026, 11, 12)),
    ],
)
def test_a_damaged_date_is_told_and_marked(text: str, value: date):
    (seen,) = half(text)
    assert (seen.year, seen.month, seen.day) == (value.year, value.month, value.day)
    assert seen.repaired
    assert seen.half


@pytest.mark.parametrize(
    "text",
    [
        "12 spvember2026",  # november or september
        "op 12 november 20 euro",
        "voor 12 november 20 uur",
        "12 personen 2026",
        "7 nummer 20",
        "kamer 12 in 2026",
        "32 novembes 2026",
        "31 sovember 2026",
        "15 november 3126",  # no year of this letter
    ],
)
def test_what_is_no_date_or_may_be_two_is_left(text: str):
    assert half(text) == []


@pytest.mark.parametrize("known", [frozenset[date](), frozenset({date(2024, 3, 1)}), frozenset({date(2027, 11, 30)})])
def test_a_damaged_year_that_no_other_day_proves_is_not_guessed(known: frozenset[date]):
    assert half("15 november 2926", known=known) == []


def test_of_two_years_that_both_fit_none_is_taken():
    assert half("1 januari 202", known=frozenset({date(2026, 1, 20), date(2027, 1, 20)})) == []


def test_clear_print_is_never_half_read():
    assert half("12 november 2026 is de dag", confidence=97.0) == []


def letter(day: str, confidence: float = 72.0, end: str = "uiterlijk op 30 november 2026") -> PageReading:
    lines = [
        "Waterbedrijf De Bron",
        "Postbus 12, 1234 AA Voorbeeld",
        "",
        "Mevrouw J. Jansma",
        "",
        day,
        "",
        "Aanmaning",
        "",
        "Geachte mevrouw Jansma,",
        "",
        "U heeft uw rekening van € 240,00 nog niet betaald.",
        f"Betaal dit bedrag {end}.",
    ]
    page = page_of(lines, digital=False)
    line = next(w.line for w in page.words if w.text == day.split()[-1])
    words = tuple(replace(w, confidence=confidence) if w.line == line else w for w in page.words)
    return replace(page, words=words)


def facts(page: PageReading) -> LetterFacts:
    return read_facts([page], load_knowledge())


@pytest.mark.parametrize("day", ["Datum 16 sovember 2926", "Datum _ 16 novem ber 2026", "16 nvember 202"])
def test_the_letter_date_comes_back_and_is_not_sure(day: str):
    found = facts(letter(day)).letter_date
    assert found is not None
    assert found.value == date(2026, 11, 16)
    assert not found.sure


def test_a_second_reader_that_saw_the_same_does_not_make_it_sure():
    page = letter("Datum 16 sovember 2926")
    places = tuple(i for i, w in enumerate(page.words) if w.text in {"16", "sovember"})
    places = (*places, places[-1] + 1)
    found = facts(replace(page, rereads=(Reread(places, "16 november 2026", 98.0),))).letter_date
    assert found is not None
    assert found.value == date(2026, 11, 16)
    assert not found.sure


def test_a_deadline_with_a_damaged_month_is_told_and_not_sure():
    page = letter("Datum 16 november 2026", 97.0, end="uiterlijk op 30 sovember 2026")
    words = tuple(replace(w, confidence=66.0) if w.text == "sovember" else w for w in page.words)
    (clue,) = facts(replace(page, words=words)).clues
    assert clue.value.printed == date(2026, 11, 30)
    assert not clue.sure


def test_half_read_figures_are_looked_at_again_while_the_letter_date_is_lost():
    page = letter("12 spvember2026")
    spans = spans_that_decide(page)
    assert any({page.words[i].text for i in span} == {"12", "spvember2026"} for span in spans)


def test_the_second_view_tells_which_of_two_months_it_was():
    page = letter("12 spvember2026")
    span = tuple(i for i, w in enumerate(page.words) if w.text in {"12", "spvember2026"})
    found = facts(replace(page, rereads=(Reread(span, "12 november 2026", 88.0),))).letter_date
    assert found is not None
    assert found.value == date(2026, 11, 12)
    assert not found.sure


def test_a_day_in_a_table_of_the_text_does_not_win_over_the_head():
    lines = [
        "Belastingkantoor De Bron",
        "Mevrouw J. Jansma",
        "",
        "12 november 2026",
        "",
        "Geachte mevrouw Jansma,",
        "",
        "Aanslag rioolheffing 2026, dagtekening 28 februari 2026    € 240,00",
        "Kosten aanmaning    € 9,00",
    ]
    found = facts(page_of(lines, digital=False)).letter_date
    assert found is not None
    assert found.value == date(2026, 11, 12)


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("NL9I ABNA 0417 1643 00", "NL91ABNA0417164300", False),
        ("NL?1 ABNA 0417 1643 00", "NL91ABNA0417164300", True),
        ("NL91 ABNA 04e7 1643 00", "NL91ABNA0417164300", True),
        ("N.91 ABNA 0417 1643 00", "NL91ABNA0417164300", False),
        ("NL91 ABNA _ 0417 1643 00", "NL91ABNA0417164300", False),
    ],
)
def test_an_account_with_one_figure_unread_is_proven_by_its_check_digits(text: str, value: str, half: bool):
    (seen,) = find_ibans(text.split())
    assert (seen.value, seen.valid, seen.half) == (value, True, half)


@pytest.mark.parametrize("text", ["NL?? ABNA 0417 1643 00", "NL?1 ABNA 04e7 1643 00", "N.92 ABNA 0417 1643 00"])
def test_an_account_with_more_unread_is_none(text: str):
    assert find_ibans(text.split()) == []


def account(text: str, *rereads: str) -> tuple[str, bool] | None:
    page = letter("Datum 16 november 2026", 97.0, end=f"op {text} ten name van De Bron")
    places = [i for i, w in enumerate(page.words) if w.text in text.split()]
    page = replace(page, rereads=tuple(Reread(tuple(places), view, 70.0) for view in rereads))
    found = facts(page).iban
    return (found.value, found.sure) if found else None


def test_an_account_that_only_check_digits_tell_is_not_sure():
    assert account("NL?1 ABNA 0417 1643 00") == ("NL91ABNA0417164300", False)


def test_an_account_that_failed_is_the_one_the_second_reader_saw():
    failed = "NL91 A8NA 04X7 l6X3 00"
    assert account(failed) is None
    assert account(failed, "NL91 ABNA 0417 1643 00") == ("NL91ABNA0417164300", True)


def test_an_account_over_two_lines_of_a_bent_photo():
    lines = [
        "Geachte mevrouw Jansma,",
        "",
        "Maak het bedrag over. Gebruik dan    NL91",
        "ABNA 0417 1643 00 op naam van De Bron",
    ]
    found = facts(page_of(lines, digital=False)).iban
    assert found is not None
    assert found.value == "NL91ABNA0417164300"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.mark.parametrize("thick", [5, 8])
@pytest.mark.parametrize("place", [0.15, 0.45, 0.75])
def test_a_crease_through_month_and_year(reader: Reader, place: float, thick: int):
    """Real print, two white strokes through it, the real recognisers."""
    page = sheet(LETTER)
    for x in (334 + round(135 * place), 503):
        cv2.line(page, (x - 4, 596), (x + 4, 631), (255, 255, 255), thick)
    found = read_facts(reader.read_file(jpeg(page)), load_knowledge()).letter_date
    assert found is not None
    assert found.value == date(2026, 11, 12)


@pytest.mark.parametrize("behind", [False, True])
def test_a_day_of_which_one_figure_is_lost_is_never_sure(reader: Reader, behind: bool):
    page = np.array(sheet(LETTER))
    x = 316 if behind else 298
    cv2.line(page, (x - 6, 596), (x + 6, 631), (255, 255, 255), 8)
    found = read_facts(reader.read_file(jpeg(page)), load_knowledge()).letter_date
    assert found is None or found.value == date(2026, 11, 12) or not found.sure


def test_the_day_on_which_a_writ_is_brought_is_not_the_one_on_which_it_was_made() -> None:
    lines = ["Belastingdienst", "Heerlen, 17 november 2026", "", "Datum van betekening: 19 november 2026", ""]
    lines += [
        "Dwangbevel",
        "",
        "Geachte heer Visser,",
        "",
        "U heeft uw aanslag niet betaald. Wij bevelen u te betalen.",
    ]
    found = read_facts([page_of(lines)], load_knowledge()).letter_date
    assert found is not None and found.value == date(2026, 11, 17)


@pytest.mark.parametrize("weak", [True, False])
def test_a_lonely_day_of_weak_print_is_not_the_letters_own(weak: bool) -> None:
    page = page_of(["Zorgverzekeraar Veer", "", "18 september 2026", "", "Geachte heer Visser,"], digital=False)
    words = tuple(replace(word, confidence=74.0) for word in page.words)
    days = [replace(day, score=3.0, labelled=False) for day in letter_dates(see([replace(page, words=words)]))]
    assert (own_day(days, weak) is None) is weak
