"""Which day a letter sets, or none, by what the words round its days have in common with letters whose answer is known.

A choice among the days and terms of a letter and "none" (conditional logit), like that of `asked.py` among its amounts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

from briefbrug.letter import Action, DayChance, DeadlineClue, Found, Word
from ocr.asked import _CLAUSE_END, HEADING, Features, Weights, _bag
from ocr.asked import _about as _money_about
from ocr.clues import _anchor, action_in, number_of, sentences, unit_of
from ocr.cues import cues
from ocr.lines import Piece, Token, label_above, plain
from ocr.sheet import Run, Sheet

WEIGHTS = Path(__file__).parent / "day_words.txt"
SCALE = 100
MOST = 40
LONGEST = 90
NEAR = 8
FURTHEST = 400
_CLASSES = cues("day_words").rows["classes"]
_WORD = re.compile(r"<[adit]>|[a-z]+(?:-[a-z]+)*|\d{1,2}[.:]\d\d|\d+%?|[?:!;,]")
_MARK = re.compile(r"<([adit])\d+>")
_TERM = re.compile(
    r"\b(\d{1,3}|een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|dertien|veertien|vijftien|twintig|"
    r"eenentwintig|dertig|veertig|tweeenveertig|zestig|negentig|two|three|four|five|six|seven|eight|ten|fourteen|thirty)"
    r"(?: ?\(\w+\))? (kalenderdagen|werkdagen|werkdag|dagen|dag|weken|week|maanden|maand|etmalen|uur|days|weeks|months)\b"
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day printed (`printed`) or counted (`n` `unit`), with the place where it is said best."""

    printed: date | None = None
    n: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    days: tuple[Day, ...]
    features: tuple[Features, ...]
    none: Features
    places: tuple[tuple[Run, int, int], ...]
    """Run, and first and last token of the first place of each."""


def _words(text: str) -> list[str]:
    return _WORD.findall(_MARK.sub(r"<\1>", text))[:LONGEST]


@cache
def _about(word: str) -> tuple[str, ...]:
    if not word[0].isalpha():
        known = {"<d>": "day", "<a>": "money", "<i>": "account", "<t>": "term", "?": "question"}
        return (known[word],) if word in known else ("clock",) if re.match(r"\d{1,2}[.:]\d\d", word) else ()
    return (*_money_about(word), *(f"d.{name}" for pattern, (name,) in _CLASSES if pattern.match(word)))


def _classes(words: Sequence[str]) -> list[str]:
    return sorted({one for word in words for one in _about(word)})


def _pairs(into: Features, name: str, words: Sequence[str]) -> None:
    found = _classes(words)
    for one in found:
        into[f"{name}={one}"] = 1.0
    for one, other in combinations(found, 2):
        into[f"{name}={one}+{other}"] = 1.0


def _said(into: Features, text: str, at: int, end: int, around: tuple[str, str], heading: str) -> None:
    before, after = text[:at], text[end:]
    left, right = _words(before), _words(after)
    for place, word in enumerate(reversed(left[-4:]), 1):
        into[f"b{place}:{word}"] = 1.0
        for one in _about(word):
            into[f"b{place}={one}"] = 1.0
    for place, word in enumerate(right[:4], 1):
        into[f"a{place}:{word}"] = 1.0
        for one in _about(word):
            into[f"a{place}={one}"] = 1.0
    _bag(into, "b", left[-NEAR:])
    _bag(into, "B", left[:-NEAR])
    _bag(into, "a", right[:NEAR])
    _bag(into, "A", right[NEAR:])
    for one, two in pairwise(left[-6:]):
        into[f"bb:{one} {two}"] = 1.0
    for one, two in pairwise(right[:5]):
        into[f"aa:{one} {two}"] = 1.0
    _bag(into, "s", (*left, *right))
    _pairs(into, "S", (*left, *right))
    ends = list(_CLAUSE_END.finditer(before))
    start = ends[-1].start() if ends else 0
    stop = _CLAUSE_END.search(after)
    near, far = _words(before[start:]), _words(after[: stop.start()] if stop else after)
    _bag(into, "c", (*near, *far))
    _pairs(into, "c", (*near, *far))
    _pairs(into, "cb", near)
    _pairs(into, "ca", far)
    opening = left[:2] or right[:2]
    if opening:
        into["o1:" + opening[0]] = 1.0
        for one in _classes(opening):
            into[f"o={one}"] = 1.0
    for name, beside in zip("pn", around, strict=True):
        words = _words(beside)
        _bag(into, name, words)
        _pairs(into, name, words)
        if words:
            into[f"{name}1:" + words[0]] = 1.0
    above = _words(heading)
    _bag(into, "h", above)
    _pairs(into, "h", above)
    into["running"] = 1.0
    if "<d" in before:
        into["behind another"] = 1.0
    if "<d" in after:
        into["before another"] = 1.0


GAPS = (
    (0, "past"),
    (1, "same"),
    (4, "0-3"),
    (8, "4-7"),
    (12, "8-11"),
    (16, "12-15"),
    (24, "16-23"),
    (32, "24-31"),
    (46, "32-45"),
    (70, "46-69"),
    (120, "70-119"),
    (9999, "120+"),
)


def _gap(days: int) -> str:
    return next(name for limit, name in GAPS if days < limit)


def describe(sheet: Sheet, letter_date: date | None, facets: Sequence[str], kind: str, sender: str) -> Described:
    found: dict[Day, Features] = defaultdict(dict)
    places: dict[Day, tuple[Run, int, int]] = {}
    heading = ""
    for run in sheet.flows:
        text = run.text.text
        parted = list(sentences(text))
        if not run.dates and not _TERM.search(text) and len(parted) == 1:
            heading = text if len(run.tokens) <= HEADING else ""
            continue
        opened, heading = heading, ""
        for number, (offset, sentence) in enumerate(parted):
            around = (
                parted[number - 1][1] if number else "",
                parted[number + 1][1] if number + 1 < len(parted) else "",
            )
            for day, at, end in _days_in(run, sentence, letter_date):
                if len(found) >= MOST and day not in found:
                    continue
                tokens = run.text.tokens_at(offset + at, offset + end)
                if not tokens:
                    continue
                _said(found[day], sentence, at, end, around, opened)
                indices = [t.index for t in run.tokens]
                places.setdefault(day, (run, indices.index(tokens[0].index), indices.index(tokens[-1].index)))
    intro = ""
    for run in sheet.rows:
        if not run.dates:
            intro = run.text.text if re.search("[a-z]{3}", run.text.text) else intro
        for day, at, end in _days_in(run, run.text.text, letter_date):
            if day.printed is None or (len(found) >= MOST and day not in found):
                continue
            into = found[day]
            label = _words(run.text.text[:at])
            _bag(into, "r", label)
            _pairs(into, "r", label)
            into["rl:" + " ".join(label[-3:])] = 1.0
            _bag(into, "i", _words(intro)[-NEAR:])
            behind = _words(run.text.text[end:])[:5]
            _bag(into, "ra", behind)
            _pairs(into, "ra", behind)
            into["row"] = 1.0
            tokens = run.text.tokens_at(at, end)
            if tokens and not label:
                above = label_above(sheet.layout, Piece(tuple(tokens)))
                words = _words(plain(above))
                _bag(into, "u", words)
                _pairs(into, "u", words)
            if tokens:
                indices = [t.index for t in run.tokens]
                places.setdefault(day, (run, indices.index(tokens[0].index), indices.index(tokens[-1].index)))
    days = [day for day in found if day in places]
    printed = sorted(day.printed for day in days if day.printed is not None)
    for day in days:
        one = found[day]
        one["day" if day.printed else "term"] = 1.0
        if day.printed is not None:
            if letter_date is not None:
                one["gap " + _gap((day.printed - letter_date).days)] = 1.0
            for name, is_so in {
                "first": day.printed == printed[0],
                "last": day.printed == printed[-1],
                "only": len(printed) == 1,
            }.items():
                if is_so:
                    one[name] = 1.0
        else:
            one[f"term {day.n} {day.unit}"] = 1.0
        for facet in (*facets, "kind " + kind):
            for name in [n for n in one if n in STANDING or n.startswith("gap ")]:
                one[f"{facet}&{name}"] = 1.0
    return Described(
        tuple(days),
        tuple(found[day] for day in days),
        _none(sheet, days, facets, kind, sender),
        tuple(places[day] for day in days),
    )


STANDING = frozenset(
    (
        "first",
        "last",
        "only",
        "row",
        "day",
        "term",
        "c=d.latest",
        "c=d.before",
        "c=d.within",
        "c=d.from",
        "c=d.until",
        "c=d.object",
        "c=pay",
        "c=d.send",
        "c=d.answer",
        "c=d.come",
        "c=d.taken",
        "c=if",
        "c=d.cut",
        "c=clock",
        "c=d.choose",
        "c=d.call",
        "c=d.period",
    )
)


def _days_in(run: Run, text: str, letter_date: date | None) -> Iterator[tuple[Day, int, int]]:
    for match in re.finditer(r"<d(\d+)>", text):
        value = run.dates[int(match[1])].on(letter_date)
        if value is None or (letter_date is not None and not 0 < (value - letter_date).days <= FURTHEST):
            continue
        yield Day(printed=value), match.start(), match.end()
    for match in _TERM.finditer(text):
        n = number_of(match[1])
        if n and n <= 120:
            yield Day(n=n, unit=unit_of(match[2])), match.start(), match.end()


def _none(sheet: Sheet, days: Sequence[Day], facets: Sequence[str], kind: str, sender: str) -> Features:
    found: Features = {"none": 1.0, "kind " + kind: 1.0, "sender " + sender: 1.0}
    found.update(dict.fromkeys(facets, 1.0))
    for run in sheet.flows:
        for _, text in sentences(run.text.text):
            words = _words(text)
            _bag(found, "L", words)
            for one, two in pairwise(words):
                found[f"LL:{one} {two}"] = 1.0
            if len(words) > 3:
                _pairs(found, "L", words)
            for clause in _CLAUSE_END.split(text):
                if clause:
                    _pairs(found, "LC", _words(clause))
    if not days:
        found["no day"] = 1.0
    return found


@cache
def learnt(path: Path = WEIGHTS) -> Weights:
    """Return the weights of a file."""
    rows = (line.rpartition("\t") for line in path.read_text("utf-8").splitlines())
    return Weights({name: int(whole) / SCALE for name, _, whole in rows})


KEPT = 8
"""Days and terms whose chance is told."""


def chances(
    sheet: Sheet,
    letter_date: date | None,
    facets: Sequence[str],
    kind: str,
    sender: str,
    words_of: Callable[[Sequence[Token]], tuple[Word, ...]],
) -> tuple[DayChance, ...]:
    """Return how likely each day or term is the one that the letter sets, and that it sets none; most likely first."""
    letter = describe(sheet, letter_date, facets, kind, sender)
    *each, none = learnt().chances(letter)
    found = [DayChance(None, none)]
    for day, chance, (run, first, last) in zip(letter.days, each, letter.places, strict=True):
        tokens = run.tokens[first : last + 1]
        found.append(DayChance(Found(_clue(day, run, tokens), words_of(tokens)), chance))
    return tuple(sorted(found, key=lambda one: -one.chance)[:KEPT])


def _clue(day: Day, run: Run, tokens: Sequence[Token]) -> DeadlineClue:
    """Return a day or term as the phrase that would set it."""
    text = run.text
    start = next(
        at
        for at, (first, end) in zip(text.starts, text.spans, strict=True)
        if run.tokens[end - 1].index >= tokens[0].index
    )
    offset, sentence = next((o, s) for o, s in sentences(text.text) if o <= start <= o + len(s))
    at = start - offset
    action = action_in(sentence, at) or action_in(sentence)
    if day.printed is None:
        return DeadlineClue("", n=day.n, unit=day.unit, anchor=_anchor(sentence[at:]), action=action)
    phrases = cues("left_days").phrases
    prefix = _MARK.sub(r"<\1>", sentence[:at])
    regime = next((name for name in ("before", "until_ambiguous") if phrases[name].search(prefix)), "on_or_before")
    if action is Action.VERSCHIJNEN and regime == "on_or_before":
        regime = "event_date"
    return DeadlineClue(regime, printed=day.printed, action=action)


def approx(day: Day, letter_date: date | None) -> date | None:
    """Return the day, roughly: a term counted from the letter's date."""
    if day.printed is not None or letter_date is None or day.n is None:
        return day.printed
    many = {"days": 1, "weeks": 7, "months": 30.44, "working_days": 1.4, "hours": 1 / 24}[day.unit]
    return letter_date + timedelta(days=round(day.n * many))
