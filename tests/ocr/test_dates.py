"""Dates: every layout on paper, repaired slips, and what is no date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.dates import WEEKDAYS, DateSeen, find_dates, same_date

MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
days = st.dates(min_value=date(2016, 1, 1), max_value=date(2039, 12, 31))


def _only(text: str) -> DateSeen:
    found = find_dates(text.split())
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("12 november 2026", "2026-11-12"),
        ("12-11-2026", "2026-11-12"),
        ("12-11-26", "2026-11-12"),
        ("12 nov. 2026", "2026-11-12"),
        ("12 nov 2026", "2026-11-12"),
        ("12/11/2026", "2026-11-12"),
        ("12/11/26", "2026-11-12"),
        ("12.11.2026", "2026-11-12"),
        ("12 NOV 2026", "2026-11-12"),
        ("donderdag 12 november 2026", "2026-11-12"),
        ("do 12 nov. 2026", "2026-11-12"),
        ("2026-11-12", "2026-11-12"),
        ("l2 n0vember 2O26", "2026-11-12"),
        ("de twaalfde november tweeduizendzesentwintig", "2026-11-12"),
        ("de negentiende november tweeduizend zesentwintig", "2026-11-19"),
        ("November 12, 2026", "2026-11-12"),
        ("12 novernber 2026", "2026-11-12"),
        ("3 rnei 2026.", "2026-05-03"),
        ("12november 2026", "2026-11-12"),
    ],
)
def test_layouts(text: str, iso: str) -> None:
    assert _only(text).on(None) == date.fromisoformat(iso)


@pytest.mark.parametrize(
    "text",
    ["1234 AB Voorbeeld", "NL91 ABNA 0417 1643 00", "8234 5678 9012 3456", "€ 12,11", "058 215 90 90", "om 10.30 uur", "31 februari 2026",
     "artikel 6:96 lid 2", "maar 2 mensen", "12.11.33 versie", "34-11-2026", "op 24 november 27 euro",
     "op 3 december 19 uur"],
)  # fmt: skip
def test_no_dates(text: str) -> None:
    assert [d for d in find_dates(text.split()) if d.year is not None and 2015 <= d.year <= 2030] == []


@given(days)
def test_every_day_in_words_and_figures_is_found(day: date) -> None:
    for text in (f"{day.day} {MONTHS[day.month - 1]} {day.year}", f"{day:%d-%m-%Y}", f"{day:%d/%m/%y}"):
        assert _only(f"uiterlijk {text} betalen").on(None) == day


@given(days)
def test_a_wrong_weekday_is_told(day: date) -> None:
    names = [name for name in WEEKDAYS if len(name) > 2 and name.endswith("dag")]
    for name in names:
        seen = _only(f"{name} {day.day} {MONTHS[day.month - 1]} {day.year}")
        assert seen.weekday_right is (WEEKDAYS[name] == day.weekday())


@given(days, st.integers(0, 364))
def test_a_day_without_a_year_is_the_first_one_after_the_letter(letter: date, later: int) -> None:
    wanted = letter + timedelta(days=later)
    if (wanted.month, wanted.day) == (2, 29):
        return
    seen = _only(f"{wanted.day} {MONTHS[wanted.month - 1]}")
    found = seen.on(letter)
    assert found is not None and found >= letter and (found.month, found.day) == (wanted.month, wanted.day)
    assert (found - letter).days <= 366


def test_the_second_reader_can_disagree() -> None:
    assert same_date("uiterlijk 14 september 2026", date(2026, 9, 14)) is True
    assert same_date("14september2026", date(2026, 9, 14)) is True
    assert same_date("14 september 2025", date(2026, 9, 14)) is False
    assert same_date("geen datum", date(2026, 9, 14)) is None


def test_dates_beside_each_other_are_all_found() -> None:
    text = "van ó mei 2027 tot November 12, 2027; de eerste juni tweeduizend achtentwintig ll december 2028 en 3-1-29"
    assert [d.on(None) for d in find_dates([*text.split(), ""])] == [
        date(2027, 5, 6),
        date(2027, 11, 12),
        date(2028, 6, 1),
        date(2028, 12, 11),
        date(2029, 1, 3),
    ]
