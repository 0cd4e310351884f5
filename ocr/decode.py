"""From the chances of characters along a line of text to its words, with the help of a list of words where print is weak.

Certainties are natural logarithms (0 is sure). That of a character is its chance on its best step: between two characters
chances are always shared. A word is as certain as its weakest character; what is on no list costs `UNLISTED` times as much
(`kDictRatio` of Tesseract's `src/lstm/recodebeam.cpp`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr.language import Language
from ocr.network import Floats

UNLISTED = 2.25
PER_STEP = 0.085
"""What every step costs beside its doubt (`kCertOffset`): it makes a listed word win more, the longer it is."""
WEAK = math.log(0.97)
"""Certainty under which other readings of a word that is on no list are weighed; a listed one is doubted less."""
WEAK_LISTED = math.log(0.6)
WEAK_BLANK = math.log(0.97)
"""Certainty of a blank under which the words on both sides are weighed together."""
UNLIKELY = 0.004
"""Chance under which a character is not considered."""
CHOICES = 5
BEAM = 10
LONGEST_SPAN = 90
"""Steps that are weighed together; more are taken as they are."""


@dataclass(frozen=True, slots=True)
class WordSeen:
    """One word: its text, certainty (at most 0), and its first and last step on the line (the last included)."""

    text: str
    certainty: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Letter:
    code: int
    certainty: float
    first: int
    last: int


def _letters(picks: Sequence[int], logs: Sequence[float], nothing: int) -> list[_Letter]:
    """Return the characters of the likeliest code of each step."""
    out: list[_Letter] = []
    last = nothing
    for step, (code, log) in enumerate(zip(picks, logs, strict=True)):
        if code != nothing and code == last:
            before = out[-1]
            out[-1] = _Letter(code, max(before.certainty, log), before.first, step)
        elif code != nothing:
            out.append(_Letter(code, log, step, step))
        last = code
    return out


_NUMBER = re.compile(r"[€£]?\d[\d.,:/\-]*[%]?")
_EDGES = ".,:;!?()[]\"'„“”‘’"


def _listed(token: str, language: Language) -> bool:
    core = token.strip(_EDGES)
    if not core or _NUMBER.fullmatch(core):
        return True
    return core in language.lexicon or ("-" in core and all(p in language.lexicon for p in core.split("-") if p))


def _cost(text: str, chance: float, steps: int, language: Language) -> float:
    """Return what a reading of some steps costs: less where its words are listed."""
    tokens = text.split(" ")
    size = sum(len(t) for t in tokens) or 1
    share = sum(len(t) for t in tokens if not _listed(t, language)) / size
    return (PER_STEP * steps - math.log(max(chance, 1e-30))) * (1 + (UNLISTED - 1) * share)


def _readings(chances: Floats, nothing: int) -> list[tuple[tuple[int, ...], float]]:
    """Return the likeliest strings of codes of some steps, each with the sum of the chances of all its paths."""
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    top = np.argpartition(chances, -CHOICES, axis=1)[:, -CHOICES:]
    for row, codes in zip(chances, top.tolist(), strict=True):
        likely = [(c, float(row[c])) for c in codes if row[c] >= UNLIKELY]
        grown: dict[tuple[int, ...], list[float]] = {}
        for string, (ended, running) in beams.items():
            both = ended + running
            last = string[-1] if string else -1
            for code, chance in likely:
                if code == nothing:
                    grown.setdefault(string, [0.0, 0.0])[0] += both * chance
                elif code == last:
                    grown.setdefault(string, [0.0, 0.0])[1] += running * chance
                    if ended:
                        grown.setdefault((*string, code), [0.0, 0.0])[1] += ended * chance
                else:
                    grown.setdefault((*string, code), [0.0, 0.0])[1] += both * chance
        best = sorted(grown.items(), key=lambda item: -sum(item[1]))[:BEAM]
        beams = {string: (ended, running) for string, (ended, running) in best}
    return [(string, sum(pair)) for string, pair in beams.items()]


def _aligned(chances: Floats, string: Sequence[int], nothing: int, begin: int) -> list[_Letter]:
    """Return where the characters of `string` lie on the steps, by the likeliest path that spells it."""
    states = [nothing]
    for code in string:
        states += [code, nothing]
    logs = np.log(np.maximum(chances[:, states], 1e-12))
    count = len(states)
    skip = np.array([i >= 2 and states[i] != nothing and states[i] != states[i - 2] for i in range(count)])
    score = np.full(count, -np.inf)
    score[:2] = logs[0, :2]
    came = np.zeros((len(logs), count), dtype=np.int8)
    for step in range(1, len(logs)):
        options = np.stack(
            [
                score,
                np.concatenate([[-np.inf], score[:-1]]),
                np.where(skip, np.concatenate([[-np.inf, -np.inf], score[:-2]]), -np.inf),
            ]
        )
        came[step] = options.argmax(axis=0)
        score = options.max(axis=0) + logs[step]
    state = count - 1 if count == 1 or score[-1] >= score[-2] else count - 2
    path: list[int] = []
    for step in range(len(logs) - 1, -1, -1):
        path.append(state)
        state -= int(came[step, state])
    path.reverse()
    out: list[_Letter] = []
    before = -1
    for step, state in enumerate(path):
        log = float(logs[step, state])
        if states[state] != nothing and state == before:
            out[-1] = _Letter(states[state], max(out[-1].certainty, log), out[-1].first, begin + step)
        elif states[state] != nothing:
            out.append(_Letter(states[state], log, begin + step, begin + step))
        before = state
    return out


@dataclass(frozen=True, slots=True)
class _Span:
    """Letters between two blanks, and the certainty of the blank behind them (0 at the end of the line)."""

    letters: tuple[_Letter, ...]
    blank: _Letter | None

    @property
    def certainty(self) -> float:
        return min(letter.certainty for letter in self.letters)


def _spans(letters: Sequence[_Letter], blank: int) -> list[_Span]:
    spans: list[_Span] = []
    part: list[_Letter] = []
    for letter in letters:
        if letter.code != blank:
            part.append(letter)
        elif part:
            spans.append(_Span(tuple(part), letter))
            part = []
    if part:
        spans.append(_Span(tuple(part), None))
    return spans


def words_of(chances: Floats, language: Language) -> list[WordSeen]:
    """Return the words of one line from its chances [steps, codes], left to right."""
    if not len(chances):
        return []
    picks = chances.argmax(axis=1)
    logs = np.log(np.maximum(chances[np.arange(len(chances)), picks], 1e-12))
    blank = language.alphabet.index(" ")
    letters = _letters(picks.tolist(), logs.tolist(), language.nothing)
    spans = _spans(letters, blank)
    out: list[WordSeen] = []
    at = 0
    while at < len(spans):
        end = at + 1
        if _doubtful(spans[at], language):
            while (
                end < len(spans)
                and (before := spans[end - 1].blank) is not None
                and (before.certainty < WEAK_BLANK)
                and spans[end].letters[-1].last - spans[at].letters[0].first < LONGEST_SPAN
            ):
                end += 1
            found = _weighed(chances, spans[at:end], spans[at - 1].blank if at else None, language, blank)
        else:
            found = [spans[at]]
        out += [_word(span, language) for span in found]
        at = end
    return out


def _word(span: _Span, language: Language) -> WordSeen:
    text = _text(span.letters, language)
    price = 1.0 if _listed(text, language) else UNLISTED
    return WordSeen(text, span.certainty * price, span.letters[0].first, span.letters[-1].last)


def _text(letters: Sequence[_Letter], language: Language) -> str:
    return "".join(language.alphabet[letter.code] for letter in letters)


def _doubtful(span: _Span, language: Language) -> bool:
    certainty = span.certainty
    if span.blank is not None:
        certainty = min(certainty, span.blank.certainty)
    if certainty >= WEAK:
        return False
    return certainty < WEAK_LISTED or not _listed(_text(span.letters, language), language)


def _weighed(
    chances: Floats, spans: Sequence[_Span], before: _Letter | None, language: Language, blank: int
) -> list[_Span]:
    """Return the cheapest reading of some neighbouring words: likely, and on the list."""
    begin = before.last + 1 if before else max(0, spans[0].letters[0].first - 2)
    closing = spans[-1].blank
    end = closing.first if closing else min(len(chances), spans[-1].letters[-1].last + 3)
    if end - begin > LONGEST_SPAN or end <= begin:
        return list(spans)
    part = chances[begin:end]
    best, best_cost = (), math.inf
    for string, chance in _readings(part, language.nothing):
        text = "".join(language.alphabet[code] for code in string).strip(" ")
        if text and (cost := _cost(text, chance, end - begin, language)) < best_cost:
            best, best_cost = string, cost
    same = tuple(code for span in spans for code in [*(x.code for x in span.letters), blank])[:-1]
    if not best or best == same:
        return list(spans)
    found = _spans(_aligned(part, best, language.nothing, begin), blank)
    return found or list(spans)
