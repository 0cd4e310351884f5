"""Times that are said without a date of their own: "deze week", "voor die datum", "een week voor de zitting"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from briefbrug.letter import Action, DeadlineClue
from ocr.clues import ClueSeen, action_in, is_offered, number_of, sentences, unit_of
from ocr.cues import cues
from ocr.dates import MONTHS, WEEKDAYS
from ocr.sheet import Run, Sheet

_DATE = re.compile(r"<d(\d+)>")


def _said(name: str) -> re.Pattern[str]:
    """Return a phrase by its name in `cues/moments.yaml`."""
    return cues("moments").phrases[name]


def find_moments(sheet: Sheet, letter_date: date | None) -> list[ClueSeen]:
    """Return the phrases that set a time by words alone, or by a day that another sentence names."""
    found: list[ClueSeen] = []
    named: tuple[Run, int] | None = None
    for run in sheet.flows:
        previous = ""
        for start, sentence in sentences(run.text.text):
            here = [int(n) for n in _DATE.findall(sentence)]
            found.extend(_that_day(run, start, sentence, previous, named, letter_date))
            found.extend(_lost_then(run, start, sentence, named, letter_date))
            found.extend(_loose(run, start, sentence, letter_date))
            found.extend(_weekday(run, start, sentence, previous, letter_date))
            found.extend(_day_of_month(run, start, sentence, previous, letter_date))
            if here:
                named = (run, here[-1])
            previous = sentence
    return found


def before_event(sheet: Sheet, clues: Sequence[ClueSeen]) -> list[ClueSeen]:
    """Return `clues` with the terms that are counted back from a day on which something happens.

    "Uiterlijk een week voor de zitting" asks for something of its own; where a letter says that one need not come,
    the day itself is no longer the one that counts.
    """
    events = [c for c in clues if c.clue.regime in {"event_date", "court_summons"} and c.clue.printed is not None]
    if not events:
        return list(clues)
    event = events[0]
    out = list(clues)
    for run in sheet.flows:
        for start, sentence in sentences(run.text.text):
            for match in (*_said("backward").finditer(sentence), *_said("backward_missed").finditer(sentence)):
                n = number_of(match.group("n"))
                if n is None or n == 0 or _said("cancel").search(sentence):
                    continue
                clue = DeadlineClue(
                    "before_event",
                    printed=event.clue.printed,
                    n=n,
                    unit=unit_of(match.group("unit")),
                    anchor="event",
                    action=_answer_in(sentence, match.start()),
                )
                tokens = run.text.tokens_at(start + match.start(), start + match.end())
                out.append(ClueSeen(clue, tokens, 12, event.seen, event.date_tokens, sentence))
    answered = [c for c in out if c.clue.regime == "before_event"]
    if answered and any(_said("need_not_come").search(run.text.text) for run in sheet.flows):
        out = [c for c in out if c.clue.regime not in {"event_date", "court_summons"}]
    elif answered:
        # Two days that ask for something: nobody is sure which one is meant.
        out = [replace(c, score=min(c.score, 4.9)) if c.clue.printed == event.clue.printed else c for c in out]
    return out


def _answer_in(sentence: str, at: int) -> Action | None:
    """Return what must be done before an event: an answer or papers; the event itself is none of it."""
    phrases = cues("acts").phrases
    if phrases["answer_before_event"].search(sentence):
        return Action.OPSTUREN if phrases["papers_before_event"].search(sentence) else Action.REAGEREN
    return action_in(sentence, at)


def _that_day(
    run: Run, start: int, sentence: str, previous: str, named: tuple[Run, int] | None, letter_date: date | None
) -> Iterator[ClueSeen]:
    """Yield "betaal voor die datum": the day before the day named last, in this sentence or an earlier one."""
    match = _said("that_day").search(sentence)
    if match is None:
        return
    own = _DATE.findall(sentence[: match.start()])
    source, number = (run, int(own[-1])) if own else named if named is not None else (run, -1)
    action = action_in(sentence, match.start()) or action_in(previous)
    if number < 0 or action is None or _said("its_last_day").search(sentence[: match.start()]):
        return
    seen = source.dates[number]
    printed = seen.on(letter_date)
    if printed is None or (letter_date is not None and printed < letter_date):
        return
    tokens = run.text.tokens_at(start + match.start(), start + match.end())
    days = source.tokens[seen.first : seen.last + 1]
    # "Lukt dat niet, bel ons dan voor die datum": what one may do instead.
    score = 2.0 if is_offered(sentence, previous) else 9.0
    behind = source.text.text.split(f"<d{number}>")[-1]
    hour = _said("that_hour").search(sentence) is not None and _said("with_hour").search(behind) is not None
    clue = DeadlineClue("on_or_before" if hour else "before", printed=printed, action=action)
    yield ClueSeen(clue, tokens, score, seen, tuple(days), sentence)


def _lost_then(
    run: Run, start: int, sentence: str, named: tuple[Run, int] | None, letter_date: date | None
) -> Iterator[ClueSeen]:
    """Yield "daarom stopt uw uitkering op die dag": the day named last, from which something is lost."""
    match = _said("from_that_day").search(sentence)
    if match is None or not _said("lost_then").search(sentence) or _said("perhaps_lost").search(sentence):
        return
    own = _DATE.findall(sentence[: match.start()])
    source, number = (run, int(own[-1])) if own else named if named is not None else (run, -1)
    printed = source.dates[number].on(letter_date) if number >= 0 else None
    if printed is None or (letter_date is not None and printed < letter_date):
        return
    seen = source.dates[number]
    tokens = run.text.tokens_at(start + match.start(), start + match.end())
    days = tuple(source.tokens[seen.first : seen.last + 1])
    yield ClueSeen(DeadlineClue("start_date", printed=printed), tokens, 3, seen, days, sentence)


def _loose(run: Run, start: int, sentence: str, letter_date: date | None) -> Iterator[ClueSeen]:
    """Yield "per omgaande", "deze week", "eind november"."""
    if not _said("told").search(sentence) or _said("not_you").search(sentence) or _said("ours").search(sentence):
        return
    for regime, score in (("immediate", 2.0), ("this_week", 4.0), ("end_of_month", 4.0)):
        match = _said(regime).search(sentence)
        if match is None:
            continue
        clue = DeadlineClue(regime, action=action_in(sentence, match.start()))
        if regime == "end_of_month":
            month = _month_named(match, letter_date)
            if month is None and (match.group("name") or match.group("next") or match.group("year")):
                continue
            clue = replace(clue, printed=month)
            # A month by its name is as firm as a day when it is a last one.
            score = 6.0 if _said("last_one").match(match.group(0)) or month is not None else score
        tokens = run.text.tokens_at(start + match.start(), start + match.end())
        yield ClueSeen(clue, tokens, score, sentence=sentence)


def _month_named(match: re.Match[str], letter_date: date | None) -> date | None:
    """Return a day in the month that is named: next month, November, the end of the year; None when it is this month."""
    if letter_date is None:
        return None
    if match.group("next"):
        return (letter_date.replace(day=1) + timedelta(days=32)).replace(day=1)
    if match.group("year"):
        return date(letter_date.year, 12, 1)
    if match.group("name"):
        month = MONTHS[match.group("name")]
        year = letter_date.year + (month < letter_date.month)
        found = date(year, month, 1)
        return found if (found - letter_date).days < 200 else None
    return None


def _weekday(run: Run, start: int, sentence: str, previous: str, letter_date: date | None) -> Iterator[ClueSeen]:
    """Yield "uiterlijk vrijdag": the first such day after the letter, never surely."""
    match = _said("weekday_only").search(sentence)
    if match is None or letter_date is None or not _said("told").search(sentence) or _said("ours").search(sentence):
        return
    ahead = (WEEKDAYS[match.group("day")] - letter_date.weekday() - 1) % 7 + 1
    action = action_in(sentence, match.start()) or action_in(previous)
    regime = "before" if match.group("how") == "voor" else "on_or_before"
    clue = DeadlineClue(regime, printed=letter_date + timedelta(days=ahead), action=action)
    yield ClueSeen(clue, run.text.tokens_at(start + match.start(), start + match.end()), 4.5, sentence=sentence)


def _day_of_month(run: Run, start: int, sentence: str, previous: str, letter_date: date | None) -> Iterator[ClueSeen]:
    """Yield "uiterlijk de 27e", "op de 25e": the first such day from the letter on, never surely, where nothing else is."""
    match = _said("day_only").search(sentence)
    if match is None or letter_date is None or _said("every_month").search(sentence):
        return
    debit = cues("last_days").phrases["debit"].search(sentence)
    if not debit and (not _said("told").search(f"{previous} {sentence}") or _said("ours").search(sentence)):
        return
    printed = _next_day(letter_date, int(match.group("n")))
    if printed is None:
        return
    how = match.group("how")
    regime = "event_date" if debit else "before" if how == "voor" else "on_or_before"
    action = Action.BETALEN if debit else action_in(sentence, match.start()) or action_in(previous)
    tokens = run.text.tokens_at(start + match.start(), start + match.end())
    yield ClueSeen(DeadlineClue(regime, printed=printed, action=action), tokens, 2.5, sentence=sentence)


def _next_day(since: date, day: int) -> date | None:
    """Return the first day of a month with number `day` on or after `since`, within two months; None without one."""
    ahead = (since + timedelta(days=n) for n in range(62))
    return next((one for one in ahead if one.day == day), None)
