"""Which day a letter sets, or none, by what the words round its days have in common with letters whose answer is known.

A choice (`choosing.py`) among the days and terms of a letter and "none". Each is described by its words (`wording.py`)
and by where it lies in time; "none" by the words of the whole letter. `day_words.txt` holds the weights.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from briefbrug.letter import Action, DayChance, DeadlineClue, Found, Word
from ocr.choosing import Features, learnt
from ocr.clues import action_in, anchor_in, cancelled, number_of, sentences, theirs, unit_of
from ocr.cues import cues
from ocr.dates import DateSeen
from ocr.left_days import regime_of_words
from ocr.lines import Piece, Token, label_above, plain
from ocr.named_days import with_named_days
from ocr.other_days import FAR_OFF_DAYS
from ocr.sheet import Run, Sheet
from ocr.wording import HEADING, Wording, unnumbered

WEIGHTS = Path(__file__).parent / "day_words.txt"
MOST = 40
"""Days and terms that are compared; a letter with more is a list, of which the first are."""
TOLD = 8
"""Days and terms whose chance is told."""
FURTHEST = 400
"""Days after the letter within which the day that it sets lies."""
LONGEST_TERM = 120
GAPS = ((4, "0-3"), (8, "4-7"), (12, "8-11"), (16, "12-15"), (24, "16-23"), (32, "24-31"), (46, "32-45"), (70, "46-69"),
        (120, "70-119"), (FURTHEST + 1, "120+"))  # fmt: skip
"""Days between a letter and a day, in steps that tell terms of a week, a fortnight, a month, six weeks apart."""
DAYS_OF = {"days": 1.0, "weeks": 7.0, "months": 30.44, "working_days": 1.4, "hours": 1 / 24}

_WORDING = Wording("money_words", "day_words")
_TERM = cues("day_words").phrases["term"]
_DAY = re.compile(r"<d(\d+)>")
_EVERY_TIME = cues("last_days").phrases["every_time"]
STANDING = cues("day_words").words["standing"]
"""Features that mean another thing in another kind of letter."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day as printed, or a term as number and unit (as in `DeadlineClue`)."""

    printed: date | None = None
    n: int | None = None
    unit: str = ""

    def near(self, letter_date: date | None) -> date | None:
        """Return the day, a term roughly counted from the letter's date; None where that is unknown."""
        if self.n is None or letter_date is None:
            return self.printed
        return letter_date + timedelta(days=round(self.n * DAYS_OF[self.unit]))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a day is said first: its words, its sentence with where it begins in it, and how it is printed."""

    tokens: tuple[Token, ...]
    sentence: str
    at: int
    seen: DateSeen | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """The days and terms of a letter, what is known of each and of "none", and where each is said first."""

    days: tuple[Day, ...]
    features: tuple[Features, ...]
    none: Features
    places: tuple[Place, ...]


def describe(sheet: Sheet, letter_date: date | None, facets: Sequence[str], kind: str, sender: str) -> Described:
    """Return what tells the days of a letter apart.

    Args:
        sheet: the letter.
        letter_date: days up to this one belong to its story.
        facets: what is known of the letter as a whole.
        kind: code of its kind, "" when unknown.
        sender: code of its sender, "" when unknown.
    """
    found: dict[Day, Features] = defaultdict(dict)
    places: dict[Day, Place] = {}
    sheet = replace(sheet, flows=tuple(with_named_days(run, letter_date) for run in sheet.flows))
    _in_flows(sheet, letter_date, found, places)
    _in_rows(sheet, letter_date, found, places)
    days = [day for day in found if day in places]
    printed = sorted(day.printed for day in days if day.printed is not None)
    for day in days:
        one = found[day]
        one["day" if day.printed is not None else "term"] = 1.0
        if day.printed is None:
            one[f"term {day.n} {day.unit}"] = 1.0
        else:
            if letter_date is not None:
                gap = (day.printed - letter_date).days
                one["gap " + next(name for limit, name in GAPS if gap < limit)] = 1.0
            flags = {"first": day.printed == printed[0], "last": day.printed == printed[-1], "only": len(printed) == 1}
            one.update({name: 1.0 for name, is_so in flags.items() if is_so})
        own = [name for name in one if name in STANDING or name.startswith("gap ")]
        one.update({f"{facet}&{name}": 1.0 for facet in (*facets, "kind " + kind) for name in own})
    none: Features = {"none": 1.0, "kind " + kind: 1.0, "sender " + sender: 1.0, **dict.fromkeys(facets, 1.0)}
    _WORDING.whole(none, (run.text.text for run in sheet.flows))
    if not days:
        none["no day"] = 1.0
    each = (tuple(days), tuple(found[day] for day in days), none, tuple(places[day] for day in days))
    return Described(*each)


def _in_flows(sheet: Sheet, letter_date: date | None, found: dict[Day, Features], places: dict[Day, Place]) -> None:
    heading = ""
    for run in sheet.flows:
        parted = list(sentences(run.text.text))
        if not run.dates and len(parted) == 1 and not _TERM.search(run.text.text):
            heading = run.text.text if len(run.tokens) <= HEADING else ""
            continue
        opened, heading = heading, ""
        for number, (offset, sentence) in enumerate(parted):
            beside = (
                parted[number - 1][1] if number else "",
                parted[number + 1][1] if number + 1 < len(parted) else "",
            )
            for day, at, end in _days_in(run, sentence, letter_date):
                mark = _DAY.fullmatch(sentence, at, end)
                seen = run.dates[int(mark[1])] if mark else None
                if mark is not None and cancelled(sentence, int(mark[1]), beside[0]):
                    continue
                if seen is not None and seen.inferred and _EVERY_TIME.search(sentence):
                    continue  # "elke maand voor de laatste dag van de maand"
                tokens = run.text.tokens_at(offset + at, offset + end)
                if tokens and (day in found or len(found) < MOST):
                    _WORDING.running(found[day], sentence, (at, end), beside, opened, "<d")
                    if theirs(sentence, at, end):
                        found[day]["theirs"] = 1.0
                    places.setdefault(day, Place(tokens, sentence, at, seen))


def _in_rows(sheet: Sheet, letter_date: date | None, found: dict[Day, Features], places: dict[Day, Place]) -> None:
    intro = ""
    for run in sheet.rows:
        text = run.text.text
        if not run.dates:
            intro = text if re.search("[a-z]{3}", text) else intro
        for day, at, end in _days_in(run, text, letter_date):
            tokens = run.text.tokens_at(at, end)
            if day.printed is not None and tokens and (day in found or len(found) < MOST):
                above = "" if text[:at].strip() else plain(label_above(sheet.layout, Piece(tokens)))
                _WORDING.in_row(found[day], text[:at], text[end:], intro, above)
                seen = next((run.dates[int(m[1])] for m in _DAY.finditer(text) if m.start() == at), None)
                places.setdefault(day, Place(tokens, text, at, seen))


def _days_in(run: Run, text: str, letter_date: date | None) -> Iterator[tuple[Day, int, int]]:
    """Yield the days and terms of a piece of a run's text that may be the one set, with start and end."""
    for match in _DAY.finditer(text):
        seen = run.dates[int(match[1])]
        printed = seen.on(letter_date)
        furthest = FURTHEST if seen.year is not None else FAR_OFF_DAYS
        if printed is not None and (letter_date is None or 0 < (printed - letter_date).days <= furthest):
            yield Day(printed=printed), match.start(), match.end()
    for match in _TERM.finditer(text):
        number = number_of(match["number"])
        if number and number <= LONGEST_TERM:
            yield Day(n=number, unit=unit_of(match["unit"])), match.start(), match.end()


def chances(
    sheet: Sheet,
    letter_date: date | None,
    facets: Sequence[str],
    kind: str,
    sender: str,
    words_of: Callable[[Sequence[Token]], tuple[Word, ...]],
    proven: Callable[[Day, Place], bool] = lambda day, place: False,
) -> tuple[DayChance, ...]:
    """Return how likely each day or term is the one that the letter sets, and that it sets none; most likely first.

    Args as of `describe`; `words_of` gives the words that prove a day, `proven` tells whether its figures are surely
    read.
    """
    letter = describe(sheet, letter_date, facets, kind, sender)
    *each, none = learnt(WEIGHTS).chances(letter.features, letter.none)
    found = [DayChance(None, none)]
    for day, chance, place in zip(letter.days, each, letter.places, strict=True):
        found.append(DayChance(Found(_clue(day, place), words_of(place.tokens), proven(day, place)), chance))
    return tuple(sorted(found, key=lambda one: -one.chance)[:TOLD])


def _clue(day: Day, place: Place) -> DeadlineClue:
    """Return a day or term as the phrase that would set it."""
    action = action_in(place.sentence, place.at) or action_in(place.sentence)
    if day.printed is None:
        return DeadlineClue("", n=day.n, unit=day.unit, anchor=anchor_in(place.sentence[place.at :]), action=action)
    mark = _DAY.match(place.sentence, place.at)
    behind = place.sentence[mark.end() if mark else place.at :]
    regime = regime_of_words(f"{unnumbered(place.sentence[: place.at])}<x>{unnumbered(behind)}")
    if action is Action.VERSCHIJNEN and regime == "on_or_before":
        regime = "event_date"
    return DeadlineClue(regime, printed=day.printed, action=action)
