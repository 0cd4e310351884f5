"""The choice among the amounts of a letter: words beside rules, letters in which sums mislead, and weights kept as text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest
import yaml

from ocr.asked import Described, choose, describe
from ocr.sheet import see
from tests.ocr.build import short_letter, understood

TODAY = date(2026, 11, 21)

# Told here for the first time: none of these letters was learnt from.
LETTERS: tuple[tuple[str, str, str, float | None], ...] = (
    (
        "Woonstichting De Dam",
        "Uw huur",
        "De huur van oktober (€ 611,00) is er niet. Zorgt u dat die voor 1 december op onze rekening staat?",
        611,
    ),
    (
        "Waterschap Oost",
        "Uw verzoek",
        "Wij schelden de aanslag van € 210,40 in zijn geheel kwijt. U hoeft niets te betalen.",
        None,
    ),
    (
        "Incassobureau Delta",
        "Dossier gesloten",
        "De vordering van € 95,00 is voldaan. Wij sluiten het dossier en danken u voor uw betaling.",
        None,
    ),
    (
        "Zorgverzekeraar Noord",
        "Nota",
        "De apotheek rekende € 88,20. Daarvan komt € 61,30 voor uw rekening. Maak dit over voor 10 december.",
        61.3,
    ),
    (
        "Gerechtsdeurwaarder Vos",
        "Regeling",
        "U lost de schuld van € 900,00 af met € 75,00 per maand. De eerste termijn verwachten wij op 1 december.",
        75,
    ),
    (
        "Gemeente Westerlee",
        "Uw uitkering",
        "Uw uitkering gaat van € 1.102,00 naar € 1.151,00 per maand. U hoeft niets te doen.",
        None,
    ),
)


@pytest.mark.parametrize(("sender", "subject", "body", "amount"), LETTERS, ids=[row[1] for row in LETTERS])
def test_what_a_letter_does_with_its_money(sender: str, subject: str, body: str, amount: float | None) -> None:
    found = understood(short_letter(sender, subject, [body]), TODAY).facts.amount
    assert (float(found.value) if found else None) == amount


def test_rules_decide_where_words_say_little() -> None:
    letter = Described((Decimal(10), Decimal(20)), ({"unheard of": 1.0}, {"unheard of": 1.0}), {})
    assert choose(letter, Decimal(20), 1.0).value == Decimal(20)
    assert choose(letter, None, 1.0).value is None
    assert choose(letter, Decimal(20), 1.0).chance == pytest.approx(2.71828 / 4.71828, abs=0.001)


def test_a_page_full_of_amounts_takes_no_longer_than_a_letter() -> None:
    sheet = see([short_letter("Gemeente Zeedorp", "Lijst", ["betaal " + " ".join(["€ 5,00 en"] * 2000)])])
    start = perf_counter()
    describe(sheet, {}, (), (), "", "")
    assert perf_counter() - start < 20


def test_pieces_of_composed_letters_name_only_known_slots() -> None:
    raw = yaml.safe_load((Path(__file__).parents[1] / "bed" / "learning" / "amount_phrases.yaml").read_text("utf-8"))
    known = {**dict.fromkeys("xwmntc", ""), **dict.fromkeys(raw["slots"], "")}
    for phrases in raw["pieces"].values():
        for phrase in phrases:
            phrase.format(**known)
    assert {name for kinds in raw["letters"].values() for one in kinds for name in one} == set(raw["pieces"])
