"""Days that no phrase understood: weighed by all that the sentence says, in whatever order it says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from briefbrug.letter import Action, DeadlineClue
from ocr.clues import (
    INFERRED,
    ClueSeen,
    action_in,
    cancelled,
    ends_of_periods,
    other_bill,
    sentences,
    theirs,
)
from ocr.cues import cues
from ocr.other_days import FAR_OFF_DAYS
from ocr.sheet import Run
from ocr.wording import unnumbered

ENOUGH = 4.0
"""Weight from which a day is told; shown, never sure."""
FAINT = 0.0
"""Weight from which nothing speaks against a day."""
HINTED = 1.0
"""Weight from which a day perhaps asks for something: then nobody is sure that nothing does."""
PLAINLY = 6.5
"""Weight from which one phrase says it as plainly as "uiterlijk"."""
TAKEN = 6.0
"""Weight of what happens from which it is money that is taken."""
DOUBTED = -3.0
"""What speaks against a day from here on leaves it unsure."""
OTHER_BILL = 8
"""From here on a day belongs to another bill."""
MOST_DAYS = 400
"""A day further ahead than this is not one to act by."""
AWAITED = 3
"""How many words must speak for a day on which something is awaited."""
_COMES_OF_IT = re.compile(r", dan |, anders ")
_DAY = re.compile(r"<d(\d+)>")


def left_days(
    run: Run, letter_date: date | None, understood: Sequence[ClueSeen], before: str = "", least: float = ENOUGH
) -> list[ClueSeen]:
    """Return the days of a run of text that are none of `understood`, by which something seems to be asked.

    Args:
        run: a flow of text.
        letter_date: days up to this one belong to the story of the letter; None gives no days.
        understood: what other phrases found, in all of the letter.
        before: the sentence that ends the paragraph before.
        least: weight from which a day is given; HINTED gives those that perhaps ask for something as well.
    """
    known = {token.index for clue in understood for token in clue.date_tokens}
    parts = list(sentences(run.text.text))
    found: list[ClueSeen] = []
    for place, (_, sentence) in enumerate(parts):
        previous = parts[place - 1][1] if place else before
        behind = parts[place + 1][1] if place + 1 < len(parts) else ""
        periods = ends_of_periods(sentence)
        for match in _DAY.finditer(sentence):
            seen = run.dates[int(match.group(1))]
            tokens = tuple(run.tokens[seen.first : seen.last + 1])
            printed = seen.on(letter_date)
            if printed is None or letter_date is None or not 0 < (printed - letter_date).days <= MOST_DAYS:
                continue
            if seen.year is None and (printed - letter_date).days > FAR_OFF_DAYS:
                continue
            if (
                int(match.group(1)) in periods
                or known & {token.index for token in tokens}
                or cancelled(sentence, int(match.group(1)), previous)
            ):
                continue
            if other_bill(sentence, previous, behind[:60]) >= OTHER_BILL:
                continue
            clue = _weighed(sentence, match, previous, behind, printed, least)
            if clue is not None:
                clue_score = min(clue[1], INFERRED) if seen.inferred else clue[1]
                found.append(ClueSeen(clue[0], tokens, clue_score, seen, tokens, sentence))
    return found


def _weighed(
    sentence: str, match: re.Match[str], previous: str, behind: str, printed: date, least: float
) -> tuple[DeadlineClue, float] | None:
    """Return what a day is in its sentence and how surely; None when too little speaks for it."""
    said = f"{unnumbered(sentence[: match.start()])}<x>{unnumbered(sentence[match.end() :])}"
    dated = f"{said} {behind}" if cues("left_days").phrases["then"].search(behind) else said
    happens, for_it = _weights("happens", dated), _weights("for_it", said)
    # Of "ligt het geld hier op 26 november niet, dan krijgt u ..": what comes of it says nothing against the day.
    against = sum(_weights("against", _COMES_OF_IT.split(said)[0] if "<x>" in _COMES_OF_IT.split(said)[0] else said))
    around = sum(_weights("before_it", unnumbered(previous))) + sum(_weights("behind_it", unnumbered(behind)))
    # Money or papers are there on that day, and the resident is asked for it: as plain as one phrase that says so.
    awaited = len(for_it) >= AWAITED and against == 0 and cues("left_days").phrases["awaited"].search(said) is not None
    plainly = max(for_it, default=0.0) >= PLAINLY or awaited
    if not plainly and happens and sum(happens) + against + min(around, 1) >= ENOUGH:
        action = Action.BETALEN if max(happens) >= TAKEN else Action.VERSCHIJNEN
        return DeadlineClue("event_date", printed=printed, action=action), 3.0
    if sum(for_it) + against + around < least:
        return None
    if theirs(sentence, match.start(), match.end()) and not cues("left_days").phrases["looked_at"].search(said):
        return None
    clause = sentence[: match.end() + sentence[match.end() :].find(",")] if "," in sentence[match.end() :] else sentence
    action = action_in(clause, match.start()) or action_in(previous) or action_in(sentence) or action_in(behind)
    weight = sum(for_it) + against + around
    score = 7.0 if plainly and against > DOUBTED else 4.0 if weight >= ENOUGH else weight / 10
    return DeadlineClue(regime_of_words(said), printed=printed, action=action), score


def _weights(name: str, text: str) -> list[float]:
    """Return the weights of the rows of `cues/left_days.yaml` that fit."""
    return [float(weight) for pattern, (weight,) in cues("left_days").rows[name] if pattern.search(text)]


def regime_of_words(said: str) -> str:
    """Return how the words before a day make it count: "voor" is the day before, "vanaf" the day on which it is too late."""
    prefix = said[: said.index("<x>")]
    phrases = cues("left_days").phrases
    if phrases["there_by"].search(said):
        return "on_or_before"
    for regime in ("before", "until_ambiguous"):
        if phrases[regime].search(prefix):
            return regime
    return "on_or_before"
