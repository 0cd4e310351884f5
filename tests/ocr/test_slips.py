"""Weak words with one slip: set right when one word of the trade is meant, and only then."""

from __future__ import annotations

import pytest

from ocr.lines import lay_out
from ocr.slips import set_right
from tests.ocr.build import page_of


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("ulterlijk", "uiterlijk"),
        ("uiterljk", "uiterlijk"),
        ("uiterliijk", "uiterlijk"),
        ("Aanmanlng:", "Aanmaning:"),
        ("DAGVAARDlNG", "DAGVAARDING"),
        ("aanrnaning", "aanmaning"),
        ("betalingskenmerk", "betalingskenmerk"),
        ("gedachte", "gedachte"),
        ("ontvanger", "ontvanger"),
        ("creatie", "creatie"),
        ("uitelrijk", "uitelrijk"),
        ("2026-11", "2026-11"),
        ("huurx", "huurx"),
    ],
)
def test_one_slip_is_set_right(read: str, meant: str) -> None:
    assert set_right(read, 70.0) == meant


def test_clear_print_is_never_touched() -> None:
    assert set_right("ulterlijk", 96.0) == "ulterlijk"


@pytest.mark.parametrize(("digital", "expected"), [(False, "uiterlijk"), (True, "ulterlijk")])
def test_photos_are_set_right_and_text_is_not(digital: bool, expected: str) -> None:
    layout = lay_out([page_of(["Lever dit ulterlijk donderdag in"], digital=digital, confidence=72.0)])
    assert layout.rows[0][0].tokens[2].text == expected
    assert layout.words[2].text == "ulterlijk"  # what is shown as proof stays as printed
