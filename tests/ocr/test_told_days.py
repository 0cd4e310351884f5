"""One phrase a letter: orders of two days, what a judge sets, days named by weekday, days that are called off."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from briefbrug.deadline import Deadline
from tests.ocr.build import short_letter, understood

TODAY = date(2026, 11, 21)
LETTERS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "told_days.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
)


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: f"{letter['from']}: {letter['subject']}")
def test_which_day_one_phrase_sets(letter: dict[str, Any]) -> None:
    page = short_letter(letter["from"], letter["subject"], [letter["body"]], dated=letter["dated"])
    found = understood(page, TODAY).deadline
    assert (found.last_day.isoformat() if isinstance(found, Deadline) else None) == letter["deadline"]


UNSURE = (
    # something is asked a week before the day itself
    ("Uw operatie is op 10 december 2026 om 9.00 uur. De € 195,00 moet een week voor de ingreep betaald zijn."),
    # the day of a call, not of the payment
    ("Wij willen € 80,00 op 15 december 2026. Kunt u niet betalen? Bel dan voor die dag."),
    # words of a time that nobody understood
    ("U moet nog € 80,00 betalen. Doe dat tijdig, zoals afgesproken in het gesprek."),
    # "voor sinterklaas" may be what it is for
    ("Wij vragen ouders om een bijdrage voor Sinterklaas. Maak € 40,00 over."),
    # counted from a day of the story
    ("Uw jas is op 10 november geleverd. Betaal de € 60,00 binnen 30 dagen na levering."),
    # another day for paying comes first
    ("Wij geven uitstel tot en met 1 mei 2027, maar in stukken: de eerste keer betaalt u € 95,00 op 30 november."),
    # words that half ask for something by a day
    ("U bent uw sleutel kwijt. Een nieuwe haalt u bij Piet. Hij is er zaterdag 28 november, daarna pas weer in maart."),
)


@pytest.mark.parametrize("body", UNSURE)
def test_a_day_that_may_be_another_is_never_sure(body: str) -> None:
    assert understood(short_letter("Kliniek De Linde", "Bericht", [body]), TODAY).sure["deadline"] is False
