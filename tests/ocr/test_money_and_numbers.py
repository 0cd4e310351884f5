"""Amounts, account numbers, references: every layout, check digits as proof, and safety against endless digits."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.clues import find_clues
from ocr.dates import find_dates
from ocr.facts import read_facts
from ocr.money import find_amounts
from ocr.numbers import find_ibans, iban_is_valid, kenmerk_is_valid, set_right
from ocr.references import value_at
from tests.ocr.build import page_of


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("Totaal te betalen € 1.234,56", 123456),
        ("EUR 1234,50", 123450),
        ("EUR 1.234,56", 123456),
        ("€ 50,-", 5000),
        ("€ 50,--", 5000),
        ("€50", 5000),
        ("1.234,56 euro", 123456),
        ("(€ 25,00)", 2500),
        ("€ 1.000.000,00", 100000000),
        ("1,89 euro", 189),
        ("bedrag 641,77", 64177),
        ("€ 1.234, 56", 123456),
        ("-€ 12,00", -1200),
        ("eenentwintig euro en vijfendertig cent per kind", 2135),
        ("zegge tweehonderdzes euro en vijf cent.", 20605),
        ("negentig euro veertig, te betalen", 9040),
        ("48 euro en 50 cent", 4850),
        ("vier euro en tien cent", 410),
        ("honderd euro dertig dagen na vandaag", 10000),
        ("tweehonderd euro. Vijftig cent korting", 20000),
        ("EUR 2,340, has not come", 234000),
        ("rent for October 2026 (EUR 1,180.00), due", 118000),
        ("huur oktober 2026 EUR 1.180,00", 118000),
        ("is dat 86 euro; daarna", 8600),
        ("(samen 185 euro) is", 18500),
    ],
)
def test_amount_layouts(text: str, cents: int) -> None:
    found = find_amounts(text.split())
    assert [int(a.value * 100) for a in found] == [cents]


@pytest.mark.parametrize(
    "text",
    [
        "8234 5678 9012 3456",
        "12-11-2026",
        "088 361 61 61",
        "artikel 6",
        "1234 AB",
        "Postbus 1794",
        "2026",
        "€ 1,452 per m3",
    ],
)
def test_no_amounts(text: str) -> None:
    assert find_amounts(text.split()) == []


@given(st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999999.99"), places=2))
def test_every_amount_is_read_as_printed(value: Decimal) -> None:
    dutch = f"{value:,.2f}".replace(",", "x").replace(".", ",").replace("x", ".")
    assert [a.value for a in find_amounts(f"te betalen € {dutch} nu".split())] == [value]


def test_iban_and_kenmerk_examples() -> None:
    assert iban_is_valid("NL91ABNA0417164300") and not iban_is_valid("NL92ABNA0417164300")
    assert kenmerk_is_valid("8234567890123456") and not kenmerk_is_valid("1234567890123456")


@pytest.mark.parametrize(
    "text",
    [
        "NL91 ABNA 0417 1643 00.",
        "NL91ABNA0417164300",
        "IBAN:NL91ABNA0417164300",
        "NL9l A8NA O417 l643 OO",
        "nl91 abna 0417 1643 00",
    ],
)
def test_iban_is_found_and_slips_of_shape_are_set_right(text: str) -> None:
    found = find_ibans(["op", "rekening", *text.split(), "Anders"])
    assert [(f.value, f.valid) for f in found] == [("NL91ABNA0417164300", True)]


@given(st.integers(4, 17), st.sampled_from("0123456789"))
def test_a_wrong_figure_in_an_iban_is_never_accepted(place: int, figure: str) -> None:
    good = "NL91ABNA0417164300"
    bad = good[:place] + figure + good[place + 1 :]
    if bad == good or not bad[4:8].isalpha():
        return
    value, _ = set_right(bad)
    assert not (iban_is_valid(value) and value != good)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8234 5678 9012 3456 Anders", "8234 5678 9012 3456"),
        (r"11234567 \ CV EXPL 26-1234 tegen", r"11234567 \ CV EXPL 26-1234"),
        ("2026/1234.", "2026/1234."),
        ("VW 1188 inzake", "VW 1188"),
        ("PW-2026-00418 en", "PW-2026-00418"),
    ],
)
def test_a_reference_ends_where_it_ends(text: str, value: str) -> None:
    words = text.split()
    span = value_at(words, 0)
    assert span is not None and " ".join(words[span[0] : span[1] + 1]) == value


@pytest.mark.parametrize(
    "filler", ["9" * 100_000, "1 " * 50_000, "12-" * 33_000, "€ 1.1.1.1 " * 10_000, " " * 100_000, "NL91" * 25_000]
)
def test_endless_digits_and_blanks_take_no_time(filler: str) -> None:
    words = filler.split() or [filler]
    start = time.perf_counter()
    find_dates(words)
    find_amounts(words)
    find_ibans(words)
    # 50 ms on the reference machine; the slack is for a busy one.
    assert time.perf_counter() - start < 5


def test_a_page_of_endless_digits_is_read_in_reasonable_time() -> None:
    rows = ["binnen " + "1 " * 300 + "dagen uiterlijk op"] * 40
    start = time.perf_counter()
    read_facts([page_of(rows)], _knowledge())
    assert time.perf_counter() - start < 20
    assert find_clues is not None


def _knowledge():
    from briefbrug.knowledge.load import load_knowledge

    return load_knowledge()
