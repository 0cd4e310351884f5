"""Phrases that set a time: told apart from the many other dates on a letter, each with the words that prove it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from briefbrug.letter import Action, DeadlineClue
from ocr.cues import cues
from ocr.dates import NUMBER_WORDS, DateSeen
from ocr.lines import Marked, Token
from ocr.other_days import FAR_OFF_DAYS, other_day

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=\S)")
_NEXT_SENTENCE = re.compile(r"(?<=[.!?]) ")
_ENGLISH_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ENGLISH_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
_ENGLISH_TEENS = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_ENGLISH = {
    **{word: n for n, word in enumerate((*_ENGLISH_ONES, *_ENGLISH_TEENS), 1)},
    **_ENGLISH_TENS,
    **{f"{tens} {one}": ten + n for tens, ten in _ENGLISH_TENS.items() for n, one in enumerate(_ENGLISH_ONES, 1)},
}

FIRM = 7.0
"""Score from which a phrase surely sets the letter's own time."""
INFERRED = 4.9
"""The most a day can score whose month the paper does not print: shown, never sure."""
LONGEST_FAINT = 62
"""Days beyond which a term that nothing opens is how long something lasts."""
ACT_LOOK_BACK = 260
"""How many letters before its sentence the act can stand that a time is for."""
ACT_REACH = 400
"""How many letters from a phrase the act that it sets a time for can stand."""
FURTHEST = 400
"""Days after the letter beyond which a day is how long something lasts ("tot 1 januari 2029 voorleggen aan ..")."""


def _said(name: str) -> re.Pattern[str]:
    """Return a phrase round a printed date, by its name in `cues/last_days.yaml`."""
    return cues("last_days").phrases[name]


def _term(name: str) -> re.Pattern[str]:
    """Return a phrase round a term, by its name in `cues/terms.yaml`."""
    return cues("terms").phrases[name]


@dataclass(frozen=True, slots=True)
class ClueSeen:
    """One phrase: what it says, the tokens that say it, and how likely it is the letter's deadline (higher is more)."""

    clue: DeadlineClue
    tokens: tuple[Token, ...]
    score: float
    seen: DateSeen | None = None
    date_tokens: tuple[Token, ...] = ()
    sentence: str = ""


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield start and text of each sentence."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if cues("common").phrases["abbreviated"].search(text[start : match.start()][-12:]):
            continue
        yield start, text[start : match.start()]
        start = match.end()
    if start < len(text):
        yield start, text[start:]


def action_in(sentence: str, at: int | None = None) -> Action | None:
    """Return what a sentence asks for; of several acts the one nearest to place `at`, rights before other acts."""
    if at is not None:
        # A sentence without end (a table, a hostile page) costs no more than a long one.
        begin = max(0, at - ACT_REACH)
        sentence, at = sentence[begin : at + ACT_REACH], at - begin
    if cues("acts").phrases["protest"].search(sentence):
        return Action.BEZWAAR  # "stuur dan binnen zes weken een bezwaarschrift": what is sent tells the act
    best: tuple[float, Action] | None = None
    for pattern, (act,) in cues("acts").rows["asked"]:
        action = Action(act)
        for match in pattern.finditer(sentence):
            distance = 0.0 if at is None else float(min(abs(match.start() - at), abs(match.end() - at)))
            if action is Action.BEZWAAR:
                distance *= 0.5
            if best is None or distance < best[0]:
                best = (distance, action)
            if at is None:
                return action
    return best[1] if best else None


def action_before(text: str, previous: str) -> Action | None:
    """Return what was asked last in the text before a sentence, or in the sentence that ends the paragraph before."""
    near = text[-ACT_LOOK_BACK:] if len(text) > len(previous) else previous
    return action_in(previous) or action_in(near, len(near))


def _paid_in(text: str, asked: bool = True) -> Action | None:
    """Return paying where a sentence names an amount: "Het minimum is € 35. Dat moet zaterdag binnen zijn."."""
    return Action.BETALEN if asked and "<a" in text else None


def number_of(text: str) -> int | None:
    """Return the number that figures or a word (Dutch or English) say; None when they say none."""
    if text.isdigit():
        return int(text)
    return NUMBER_WORDS.get(text) or _ENGLISH.get(text.replace("-", " "))


def unit_of(text: str) -> str:
    """Return the unit of a term ("days", "weeks", "months", "working_days", "hours") that a word names."""
    if text.startswith(("werk", "working", "business")):
        return "working_days"
    if text.startswith(("week", "weken")):
        return "weeks"
    if text.startswith(("maand", "month")):
        return "months"
    if text.startswith(("uur", "uren", "hour")):
        return "hours"
    return "days"


def theirs(sentence: str, start: int, end: int) -> bool:
    """Return whether a time that stands from `start` to `end` is one in which the sender itself does something."""
    phrases = cues("theirs").phrases
    before, behind = sentence[max(0, start - 110) : start], sentence[end : end + 90]
    if phrases["given"].search(f"{before[-60:]}# {sentence[start:end]} #{behind}"):
        return False  # "u krijgt tot en met 9 december de tijd"
    if phrases["before"].search(before) or phrases["around"].search(
        f"{before[-60:].rstrip()} # {behind[:70].lstrip()}"
    ):
        return True
    return phrases["behind"].match(behind) is not None and not phrases["told"].search(before)


def ends_of_periods(sentence: str) -> set[int]:
    """Return the days that end a time that lasts: "van 1 oktober tot en met 31 oktober"."""
    return {int(m.group(m.lastindex or 1)) for p in (_said("period"), _said("range")) for m in p.finditer(sentence)}


def cancelled(sentence: str, number: int, previous: str = "") -> bool:
    """Return whether a day no longer counts ("de betaaldatum van 13 november vervalt") or is told of other money."""
    said = sentence.replace(f"<d{number}>", "#")
    if _said("cancelled").search(said) and not _said("averted").search(said):
        return True
    return _said("that_happens").search(said) is not None and _said("money_goes").search(previous) is not None


def is_offered(sentence: str, previous: str) -> bool:
    """Return whether a sentence offers something to who asks, or tells how to get what the one before offers."""
    return _said("offer").search(sentence) is not None or _offered_before(sentence, previous)


def _offered_before(sentence: str, previous: str) -> bool:
    """Return whether the sentence before offers something or asks for a wish, and this one tells how to get it."""
    asked = _said("offer").search(previous) or _said("wish").search(previous)
    return asked is not None and _said("for_that").search(sentence) is not None


def other_bill(sentence: str, previous: str, following: str = "") -> int:
    """Return how much less a day counts because it may belong to another bill than the one the letter is about."""
    if _said("other_part").search(sentence) or any(
        _said("not_this_bill").search(one) for one in (sentence, previous, following)
    ):
        return 8
    if _said("month_bill").search(sentence):
        return 8 if _said("as_ever").search(sentence) or _said("as_ever").search(previous[:12]) else 3
    return 0


def sets_term(row: str) -> bool:
    """Return whether a printed line sets a term, as "Betaaltermijn | 14 dagen" does."""
    return _term("row").match(row) is not None


def find_clues(
    run: Marked, dates: Sequence[DateSeen], letter_date: date | None, in_row: bool = False, before: str = ""
) -> list[ClueSeen]:
    """Return the phrases of one run of text that set a time.

    Args:
        run: text in which `<d0>` stands for `dates[0]`, and so on.
        dates: the dates of this run.
        letter_date: gives a year to a day without one, and tells what is past; None when unknown.
        in_row: the run is a printed line with a label and a value, not running text.
        before: the sentence that ends the paragraph before.
    """
    found: list[ClueSeen] = []
    previous = before
    for start, sentence in sentences(run.text):
        found.extend(_dated(run, start, sentence, previous, dates, letter_date, in_row))
        if not in_row or sets_term(sentence):
            found.extend(_terms(run, start, sentence, previous, dates, letter_date))
        previous = sentence
    return found


def _dated(
    run: Marked,
    start: int,
    sentence: str,
    previous: str,
    dates: Sequence[DateSeen],
    letter_date: date | None,
    in_row: bool,
) -> Iterator[ClueSeen]:
    if "<d" not in sentence:
        return
    used: set[int] = set()
    asked = _said("asked_of_you").search(sentence) is not None
    lately = action_before(run.text[:start], previous)
    periods = ends_of_periods(sentence)

    def make(match: re.Match[str], number: int, regime: str, score: float, action: Action | None) -> ClueSeen | None:
        seen = dates[number]
        printed = seen.on(letter_date)
        if printed is None or number in used:
            return None
        if letter_date is not None and not 0 <= (printed - letter_date).days <= FURTHEST:
            return None
        if printed == letter_date and regime in {"event_date", "court_summons"}:
            return None  # "ter zitting van heden is besproken": nobody is called by a letter of that day
        if cancelled(sentence, number, previous) or (seen.inferred and _said("every_time").search(sentence)):
            return None
        if seen.year is None and letter_date is not None and (printed - letter_date).days > FAR_OFF_DAYS:
            return None  # "op 4 augustus spraken wij af" in November looks back
        used.add(number)
        score = min(score, INFERRED) if seen.inferred else score
        tokens = run.tokens_at(start + match.start(), start + match.end())
        mark = sentence.find(f"<d{number}>")
        date_tokens = run.tokens_at(start + mark, start + mark + 3)
        return ClueSeen(
            DeadlineClue(regime, printed=printed, action=action), tokens, score, seen, date_tokens, sentence
        )

    past = bool(_said("history").search(sentence))
    following = run.text[start + len(sentence) : start + len(sentence) + 160]
    for pattern, (regime, score) in cues("last_days").rows["before_date"]:
        for match in pattern.finditer(sentence):
            number = int(match.group(1))
            just_before = sentence[max(0, match.start() - 120) : match.start()]
            begun = number in periods and not _said("act_in_period").search(just_before)
            if begun or number in used:
                continue
            if regime == "until_ambiguous" and _said("until_hour").match(sentence, match.end()):
                regime = "on_or_before"
            context = sentence[max(0, match.start() - 90) : match.end()]
            if _said("valid").search(context) and not _said("act_before").search(context):
                continue
            if regime == "before" and _said("planned_for").search(sentence[: match.start()]):
                continue  # "het bezoek staat gepland voor 3 december": the day itself
            # "de factuur voor 1 december" names a bill; "betaal de factuur vóór 1 december" sets a time.
            if (
                regime == "before"
                and _said("thing_for").search(sentence[max(0, match.start() - 14) : match.start()])
                and not _said("told_before_thing").search(sentence[max(0, match.start() - 50) : match.start()])
            ):
                continue
            # What follows behind a comma ("dan krijgt u ..") is what comes of it.
            behind = _said("comes_of_it").split(sentence[match.end() : match.end() + 70])[0]
            before_after = sentence[max(0, match.start() - 60) : match.end()] + behind
            if _said("valid_behind").search(sentence[match.end() :]):
                continue
            if _said("last_of").search(sentence[: match.end()]):
                continue
            if theirs(sentence, match.start(), match.end()):
                continue
            if match.group(0).startswith(("t/m", "tot")) and _said("reckoned").search(just_before):
                continue
            action = action_in(sentence, match.start()) or _paid_in(sentence, asked) or lately or _paid_in(previous)
            value = score - (12 if past else 0) - (6 if _said("ours").search(before_after) else 0)
            # "U mag ook in termijnen betalen. Bel ons dan voor ...": the day of an offer, not of the letter.
            offered = _said("offer").search(sentence[: match.start()]) or _offered_before(sentence, previous)
            value -= 7.5 if offered else 0
            value -= 8 if _said("to_you").search(before_after) else 0
            # What falls due after this letter's own matter: "the next instalment is due on".
            value -= 6 if _said("next").search(sentence[max(0, match.start() - 50) : match.start()]) else 0
            value -= other_bill(sentence, previous, following[:60])
            value -= 6 if _said("ours").search(before_after) and not _said("asked_of_you").search(sentence) else 0
            # A favour that one may ask for is no deadline of the letter itself.
            value -= 3 if _said("favour").search(context) else 0
            value -= 4 if _said("leaves").search(sentence, match.end()) else 0
            value -= 1 if _said("done_by").search(sentence) else 0
            value -= 0.5 if action is Action.BETALEN and _said("condition").search(sentence) else 0
            clue = make(match, number, regime, value, action)
            if clue:
                yield clue
    for match in _said("received").finditer(sentence):
        number = int(match.group(1))
        if (
            number in periods
            or number in used
            or past
            or _said("ours").search(sentence[match.start() : match.start() + 60])
        ):
            continue
        if _said("after_word").search(sentence[: match.start(1) - 2]):
            continue
        if _said("from_hour").search(sentence[match.start() : match.end() + 30]):
            continue
        if _said("event").search(match.group(0)) and not _said("arrives").search(match.group(0)):
            continue
        if theirs(sentence, match.start(1) - 2, match.end(1) + 1):
            continue
        action = action_in(sentence, match.start()) or _paid_in(sentence, asked) or lately or _paid_in(previous)
        clue = make(match, number, "on_or_before", 8 - other_bill(sentence, previous, following[:60]), action)
        if clue:
            yield clue
    for match in _said("lies_by").finditer(sentence):
        number = int(match.group(1))
        own = theirs(sentence, match.start(1) - 2, match.end(1) + 1) or _said("money_to_you").search(match.group(0))
        if number not in periods and number not in used and not past and not own:
            clue = make(match, number, "on_or_before", 8, action_in(sentence, match.start()) or lately)
            if clue:
                yield clue
    for match in _said("first_part").finditer(sentence):
        number = int(match.group(1))
        behind = run.text[start + match.end() : start + match.end() + 120]
        if _said("benefit_comes").match(match.group(0)) and (
            _said("benefit").search(run.text) or _said("we_pay").search(behind)
        ):
            continue
        if _said("we_pay").search(sentence[: match.start()]) or (
            match.start() < 20 and _said("we_pay").search(previous)
        ):
            continue
        if _said("you_get").search(sentence[match.end() :]):
            continue
        if _said("new_amount").search(sentence[: match.start() + 40]) and "voor het eerst" in match.group(0):
            continue  # "uw nieuwe maandbedrag wordt € 191, voor het eerst op 1 december"
        if number not in periods and number not in used and not past:
            after = _said("comes_after").search(match.group(0))
            clue = make(
                match, number, "on_or_before", 3 if after or "volgende" in match.group(0) else 8, Action.BETALEN
            )
            if clue:
                yield clue
    for match in _said("per").finditer(sentence):
        number = int(match.group(1))
        near = sentence[max(0, match.start() - 80) : match.end() + 60]
        if (
            number in periods
            or number in used
            or past
            or not _said("pay_by").search(near)
            or _said("changes").search(near)
        ):
            continue
        clue = make(match, number, "on_or_before", 7, action_in(sentence, match.start()))
        if clue:
            yield clue
    for match in _said("start").finditer(sentence):
        number = int(match.group(1))
        if number in periods or number in used or not _said("stops").search(sentence):
            continue
        if cues("left_days").phrases["there_by"].search(sentence.replace(f"<d{number}>", "<x>")):
            continue  # "is dit per 1 december niet ingelopen, dan stopt ..": by that day itself
        clue = make(match, number, "start_date", 3, action_in(sentence[match.end() :]) if not past else None)
        if clue:
            yield replace(clue, clue=replace(clue.clue, action=None))
    for pattern in (_said("on_date"), _said("bare_with_time")):
        for match in pattern.finditer(sentence):
            number = (
                int(match.group(match.lastindex or 1)) if pattern is _said("bare_with_time") else int(match.group(1))
            )
            if number in periods or number in used:
                continue
            timed = pattern is _said("bare_with_time") or bool(match.group("time"))
            timed = timed or _said("hour_follows").match(f"{sentence[match.end() :]}{following}") is not None
            near = sentence[max(0, match.start() - 110) : match.end() + 70]
            if _said("writ").search(run.text):
                near = sentence[max(0, match.start() - 260) : match.end() + 190]
            event = _said("event").search(near)
            if event and not timed and _said("no_event").search(near) and len(_said("event").findall(near)) == 1:
                continue  # "wij sluiten op 30 november het dossier"
            if not timed and not event:
                continue
            if past and not timed:
                continue
            if _said("took_place").search(near) and not timed:
                continue
            if (
                _said("called_off").search(sentence)
                or _said("called_off_there").search(following)
                or _said("moved").match(sentence, match.end())
            ):
                continue
            if not timed and (
                cues("theirs").phrases["comes"].search(sentence[max(0, match.start() - 120) : match.start()])
                or _said("money_in").search(near)
            ):
                continue
            court = bool(_said("court").search(near))
            debit = bool(_said("debit").search(near))
            action = Action.BETALEN if debit and not court else action_in(near) if event else Action.VERSCHIJNEN
            if not timed and _said("consequence").search(sentence):
                action = None
            if action is None and timed and _said("visit").search(near) and not _said("clear_event").search(near):
                action = Action.VERSCHIJNEN  # one has to be at home
            reserved = _said("reserved").search(near) is not None
            if action is None and reserved:
                action = Action.VERSCHIJNEN
            score = (
                8 + (2 if timed else 0) + (2 if court else 0) - (5 if _said("ours").search(near) and not timed else 0)
            )
            if _said("delivery").search(near) or _said("unless").search(near):
                score = 4.0
            if not (timed or debit or reserved or _said("clear_event").search(near) or _said("you").search(near)):
                score = min(score, 4.0)  # "Op 4 december komt de Sint langs": nobody is called to it
            score -= (3 if debit else 0) + (other_bill(sentence, previous) if action is Action.BETALEN else 0)
            score -= 6 if _said("next").search(sentence[max(0, match.start() - 60) : match.start()]) else 0
            regime = "court_summons" if court else "event_date"
            if timed and _said("midnight").match(sentence, sentence.find(f"<d{number}>") + len(f"<d{number}>")):
                regime, score = "before", 8 - (3 if debit else 0)
                action = action_in(near)
            clue = make(match, number, regime, score, action)
            if clue:
                yield clue


def anchor_in(tail: str) -> str | None:
    """Return what a term counts from: of the anchors that fit, the one whose word comes first."""
    best: tuple[int, str] | None = None
    for pattern, (name,) in cues("terms").rows["anchors"]:
        match = pattern.search(tail)
        if match and (best is None or match.end() < best[0]):
            best = (match.end(), name)
    return best[1] if best else None


def _anchor_before(text: str) -> str | None:
    """Return what a term counts from when that stands first: "na ontvangst van deze brief hebt u 14 dagen"."""
    match = _term("from").search(text)
    return anchor_in(" " + match.group(0)) if match else None


def _every_term(sentence: str) -> Iterator[re.Match[str]]:
    """Yield the terms of a sentence: those with a word that opens one, and those that the words around make one."""
    opened = list(_term("term").finditer(sentence))
    yield from opened
    for match in _term("loose").finditer(sentence):
        if any(one.start() <= match.start() < one.end("unit") for one in opened):
            continue
        before, tail = sentence[: match.start()], match.group("tail")
        if _term("loose_not_before").search(before) or _term("loose_not_behind").search(tail):
            continue
        if _term("loose_behind").search(tail) or _term("loose_before").search(before):
            yield match


def _terms(
    run: Marked, start: int, sentence: str, previous: str, dates: Sequence[DateSeen], letter_date: date | None
) -> Iterator[ClueSeen]:
    for match in _every_term(sentence):
        n = number_of(match.group("n"))
        if n is None or n == 0 or n > 365:
            continue
        lead = match.group(0).split(" ", 1)[0]
        tail = match.group("tail") or ""
        if lead in cues("terms").words["from_day_only"] and not tail.strip().startswith(("na ", "vanaf", "nadat")):
            continue
        if _term("counted_back").match(tail):
            continue  # counted back from another day
        unit = unit_of(match.group("unit"))
        anchor = anchor_in(tail) or _anchor_before(sentence[: match.start()])
        if anchor is None and (
            later := _term("starts").match(run.text[start + len(sentence) : start + len(sentence) + 150])
        ):
            anchor = anchor_in(" na " + later.group(1))
        # Only the clause itself: what comes after the next comma is another matter.
        clause_start = max(0, match.start() - 120)
        clause = sentence[clause_start : match.end("unit") + 90]
        if _said("ours").search(sentence[max(0, match.start() - 70) : match.end("unit") + 60]):
            continue
        if lead in cues("terms").words["plain_openings"] and theirs(sentence, match.start(), match.end("unit")):
            continue
        if _term("no_term").search(sentence[: match.start()][-20:]):
            continue
        lasts = _term("lasts").search(sentence[max(0, match.start() - 30) : match.end("unit") + 12])
        if lasts and anchor is None and lead not in {"binnen", "within"}:
            continue
        action = action_in(clause, match.start() - clause_start) or action_in(sentence) or action_in(previous)
        if action is None:
            # "U hebt hiervoor zes weken. Boek het bedrag over naar ..": the next sentence says what for.
            after = run.text[start + len(sentence) : start + len(sentence) + 110]
            action = action_in(_NEXT_SENTENCE.split(after.strip())[0]) or _paid_in(previous)
        if _term("favour").search(clause) and action not in {Action.BETALEN, Action.BEZWAAR}:
            continue
        if lead in cues("terms").words["weak_openings"] and (
            (action is None and anchor != "dagtekening")
            or not _term("time_given").match(tail)
            and not _anchor_before(sentence[: match.start()])
        ):
            continue
        regime = unit if unit in {"working_days", "hours"} else ""
        score = (
            6.0
            + (1 if anchor else -1.5 if _term("other_start").match(tail) else 0)
            - (4 if action is Action.BEZWAAR else 0)
            - (10 if _said("history").search(sentence) else 0)
        )
        anchor = _not_service(anchor, tail, run)
        if unit in {"days", "weeks"} and action is not Action.BEZWAAR and _term("order").search(sentence):
            regime = "statutory_civil"  # a term of the law, whoever lets the writ be served
        if _said("offer").search(sentence) or _offered_before(sentence, previous):
            score -= 0 if action is Action.BEZWAAR else 7.5
        tokens = run.tokens_at(start + match.start(), start + match.end("unit"))
        begins = other_day(run.text[: start + match.start()], tail, dates, letter_date)
        if begins is not None:
            anchor, score = None, min(score, INFERRED)
        clue = DeadlineClue(regime, None, n, unit, anchor, action, begins)
        yield ClueSeen(clue, tokens, score, sentence=sentence)


def _not_service(anchor: str | None, tail: str, run: Marked) -> str | None:
    """Return what a term counts from: "na heden" means the service of a writ only in a writ."""
    if anchor == "betekening" and _term("after_today").search(tail) and not _term("writ").search(run.text):
        return "dagtekening"
    return anchor


def faint_terms(run: Marked, dates: Sequence[DateSeen] = (), letter_date: date | None = None) -> Iterator[ClueSeen]:
    """Yield the terms of a run that no word opens: "je hebt nog een week", "in de komende tien dagen"."""
    for start, sentence in sentences(run.text):
        for match in _term("loose").finditer(sentence):
            before, tail = sentence[: match.start()], match.group("tail")
            n, unit = number_of(match.group("n")), unit_of(match.group("unit"))
            if n is None or not 0 < n * {"weeks": 7, "months": 30}.get(unit, 1) <= LONGEST_FAINT or unit == "hours":
                continue
            if _term("loose_not_before").search(before) or _term("loose_not_behind").search(tail):
                continue
            if theirs(sentence, match.start(), match.end("unit")) or _said("history").search(sentence):
                continue
            regime = unit if unit == "working_days" else ""
            anchor = _not_service(anchor_in(tail), tail, run)
            begins = other_day(run.text[: start + match.start()], tail, dates, letter_date)
            anchor = anchor if begins is None else None
            clue = DeadlineClue(regime, None, n, unit, anchor, action_in(sentence, match.start()), begins)
            tokens = run.tokens_at(start + match.start(), start + match.end("unit"))
            yield ClueSeen(clue, tokens, 0.5, sentence=sentence)


def best_first(clues: Iterable[ClueSeen]) -> list[ClueSeen]:
    """Return the clues without doubles, most likely deadline first; hopeless ones are left out."""
    kept: list[ClueSeen] = []
    every = list(clues)
    if max((c.score for c in every), default=0.0) >= FIRM:
        # The day of an offer is told only where the letter sets no other.
        every = [c for c in every if c.score >= 3 or c.clue.printed is None or c.clue.action is Action.BEZWAAR]
    for clue in sorted(every, key=lambda c: (-c.score, c.tokens[0].index if c.tokens else 0)):
        if clue.score <= -1:
            continue
        same = next((k for k in kept if _alike(k, clue)), None)
        if same is None:
            kept.append(clue)
        elif same.clue.action is None and clue.clue.action is not None:
            kept[kept.index(same)] = replace(same, clue=replace(same.clue, action=clue.clue.action))
    return kept


def _alike(one: ClueSeen, other: ClueSeen) -> bool:
    a, b = one.clue, other.clue
    same_words = bool({t.index for t in one.tokens} & {t.index for t in other.tokens})
    if a.printed is not None and a.printed == b.printed:
        return same_words or (a.regime == b.regime and (a.action == b.action or a.action is None or b.action is None))
    return same_words and (a.n, a.unit, a.printed) == (b.n, b.unit, b.printed)
