"""Dates and amounts as residents say them, in six languages; two dates, or half a date, are no date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from briefbrug.said import said_amount, said_date

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nee het is 3 december", date(2026, 12, 3)),
        ("de 3e van december", date(2026, 12, 3)),
        ("drie december", date(2026, 12, 3)),
        ("vijftiende januari", date(2027, 1, 15)),
        ("eenentwintig februari 2027", date(2027, 2, 21)),
        ("12-1", date(2027, 1, 12)),
        ("15-12-2026", date(2026, 12, 15)),
        ("2026-12-15", date(2026, 12, 15)),
        ("vrijdag 4 december om 10 uur", date(2026, 12, 4)),
        ("niet 3 december maar 5 december", date(2026, 12, 5)),
        ("overmorgen", date(2026, 11, 23)),
        ("it is December 3rd", date(2026, 12, 3)),
        ("3rd of december 2026", date(2026, 12, 3)),
        ("january 5", date(2027, 1, 5)),
        ("the day after tomorrow", date(2026, 11, 23)),
        ("3 Aralık", date(2026, 12, 3)),
        ("5 Ocak 2027'de", date(2027, 1, 5)),
        ("yarın", date(2026, 11, 22)),
        ("3 grudnia", date(2026, 12, 3)),
        ("5 stycznia 2027 r.", date(2027, 1, 5)),
        ("jutro", date(2026, 11, 22)),
        ("3 ديسمبر", date(2026, 12, 3)),
        ("٣ كانون الأول", date(2026, 12, 3)),
        ("5 كانون الثاني 2027", date(2027, 1, 5)),
        ("غدا", date(2026, 11, 22)),
        ("3 грудня", date(2026, 12, 3)),
        ("5 січня 2027", date(2027, 1, 5)),
        ("післязавтра", date(2026, 11, 23)),
        ("3 of 4 december, 10 december", None),
        ("31 februari", None),
        ("in december", None),
        ("de derde brief", None),
        ("goedemorgen", None),
        ("ik betaal 3 keer 20 euro", None),
    ],
)
def test_said_date(words: str, expected: date | None) -> None:
    assert said_date(words, TODAY) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("het is 86 euro", "86.00"),
        ("€ 1.250,50", "1250.50"),
        ("86,-", "86.00"),
        ("the amount is 86.50", "86.50"),
        ("1,250.50 euro", "1250.50"),
        ("geen 480 maar 48 euro", "48.00"),
        ("honderdtwintig euro", "120.00"),
        ("het is tweehonderd en tien euro", "210.00"),
        ("twaalfhonderd euro", "1200.00"),
        ("tweeduizend vijfhonderd euro", "2500.00"),
        ("٨٦ euro", "86.00"),
        ("tussen 80 en 90 euro", None),
        ("een paar euro", None),
        ("geen idee", None),
    ],
)
def test_said_amount(words: str, expected: str | None) -> None:
    assert said_amount(words) == (Decimal(expected) if expected else None)
