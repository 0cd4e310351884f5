"""The choice among the days of a letter: known letters beside the phrases, and sure only where both say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from briefbrug.deadline import Deadline, deadline_of
from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import Action, DayChance, DeadlineClue, Found, LetterFacts
from ocr.due import Day, describe
from ocr.sheet import see
from tests.ocr.build import short_letter, understood

TODAY = date(2026, 11, 21)
DATED = date(2026, 11, 12)

# Told here for the first time: none of these letters was learnt from.
LETTERS: tuple[tuple[str, str, str, str | None], ...] = (
    (
        "Gemeente Zeedorp",
        "Uw aanvraag",
        "Wij missen een kopie van uw huurcontract. Ligt die op 2 december 2026 niet bij ons, dan stopt uw aanvraag.",
        "2026-12-02",
    ),
    (
        "Vattenfall",
        "Betaling mislukt",
        "Het termijnbedrag van € 142,00 kon niet worden geïncasseerd. Wilt u zorgen dat het er 30 november staat?",
        "2026-11-30",
    ),
    (
        "UWV",
        "Gesprek",
        "Op woensdag 25 november 2026 om 10.30 uur praten wij met u over werk. U vindt ons aan de Havenweg 3.",
        "2026-11-25",
    ),
    (
        "Woonstichting De Dam",
        "Nieuwe huur",
        "Vanaf 1 januari 2027 is uw huur € 640,00. U hoeft hiervoor niets te doen.",
        None,
    ),
)


@pytest.mark.parametrize(("sender", "subject", "body", "day"), LETTERS, ids=[row[1] for row in LETTERS])
def test_which_day_a_letter_sets(sender: str, subject: str, body: str, day: str | None) -> None:
    found = understood(short_letter(sender, subject, [body]), TODAY).deadline
    assert (found.last_day.isoformat() if isinstance(found, Deadline) else None) == day


def test_days_before_the_letter_and_far_ones_are_its_story() -> None:
    body = "U belde op 3 november 2026. Betaal voor 1 december 2026. Uw contract loopt tot 1 mei 2031."
    letter = describe(see([short_letter("Odido", "Rekening", [body])]), DATED, [], "factuur", "telecom")
    assert letter.days == (Day(printed=date(2026, 12, 1)),)


def test_a_term_is_a_day_as_well() -> None:
    sheet = see([short_letter("Odido", "Rekening", ["Betaal binnen 14 dagen na vandaag."])])
    (day,) = describe(sheet, DATED, [], "factuur", "telecom").days
    assert day == Day(n=14, unit="days")
    assert day.near(DATED) == date(2026, 11, 26)


def _facts(*chances: tuple[date | None, float], kind: str = "factuur") -> LetterFacts:
    def clue(day: date) -> Found[DeadlineClue]:
        return Found(DeadlineClue("on_or_before", printed=day, action=Action.BETALEN), sure=True)

    named = clue(date(2026, 12, 1))
    return LetterFacts(
        kind=Found(kind, sure=True),
        letter_date=Found(DATED, sure=True),
        clues=(named,),
        day_chances=tuple(DayChance(clue(day) if day is not None else None, chance) for day, chance in chances),
    )


def _told(facts: LetterFacts) -> tuple[date | None, bool]:
    found = deadline_of(facts, load_knowledge(), TODAY)
    return (found.last_day, found.sure) if isinstance(found, Deadline) else (None, False)


def test_a_day_is_sure_where_phrases_and_known_letters_agree() -> None:
    assert _told(_facts((date(2026, 12, 1), 0.9), (None, 0.1))) == (date(2026, 12, 1), True)
    assert _told(_facts((date(2026, 12, 1), 0.5), (None, 0.5))) == (date(2026, 12, 1), False)


def test_known_letters_may_say_another_day_and_nobody_is_sure() -> None:
    assert _told(_facts((date(2026, 12, 8), 0.9), (date(2026, 12, 1), 0.1))) == (date(2026, 12, 8), False)


def test_the_phrases_win_where_known_letters_hardly_choose() -> None:
    assert _told(_facts((date(2026, 12, 8), 0.55), (date(2026, 12, 1), 0.45)))[0] == date(2026, 12, 1)


@pytest.mark.parametrize(("kind", "day"), [("afsluiting", date(2026, 12, 1)), ("factuur", None)])
def test_the_day_of_a_grave_letter_is_doubted_and_never_dropped(kind: str, day: date | None) -> None:
    assert _told(_facts((None, 0.97), (date(2026, 12, 1), 0.03), kind=kind)) == (day, False)


def test_without_known_letters_the_phrases_decide() -> None:
    assert _told(replace(_facts(), day_chances=())) == (date(2026, 12, 1), True)


def _faint(facts: LetterFacts, **changes: object) -> LetterFacts:
    """Return `facts` with a phrase that says too little to be sure by itself."""
    return replace(facts, clues=(replace(facts.clues[0], sure=False, value=replace(facts.clues[0].value, **changes)),))


@pytest.mark.parametrize(("chance", "sure"), [(0.97, True), (0.9, False)])
def test_a_faint_phrase_is_believed_where_known_letters_leave_no_doubt(chance: float, sure: bool) -> None:
    assert _told(_faint(_facts((date(2026, 12, 1), chance), (None, 1 - chance)))) == (date(2026, 12, 1), sure)


@pytest.mark.parametrize("regime", ["before", "start_date", "until_ambiguous"])
def test_a_faint_phrase_that_means_the_day_before_is_not_believed(regime: str) -> None:
    facts = _faint(_facts((date(2026, 12, 1), 0.99), (None, 0.01)), regime=regime)
    assert _told(facts) == (date(2026, 11, 30), False)


def test_figures_that_are_not_proven_are_never_sure() -> None:
    facts = _facts((date(2026, 12, 1), 0.99), (None, 0.01))
    unproven = tuple(
        replace(one, clue=replace(one.clue, sure=False)) if one.clue is not None else one for one in facts.day_chances
    )
    assert _told(replace(_faint(facts), day_chances=unproven)) == (date(2026, 12, 1), False)
