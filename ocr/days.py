"""The days of a letter: its own date, and the phrases that set a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from briefbrug.letter import Action, DeadlineClue
from ocr.agreement import is_clear
from ocr.clues import FIRM, ClueSeen, best_first, faint_terms, find_clues, sentences, sets_term
from ocr.cues import cues
from ocr.dates import DateSeen
from ocr.left_days import FAINT, HINTED, left_days
from ocr.lines import Piece, Token, label_above, plain
from ocr.moments import before_event, find_moments
from ocr.named_days import with_named_days
from ocr.sheet import Run, Sheet, above_salutation, salutation


def _label(name: str) -> re.Pattern[str]:
    """Return a phrase about the letter's own date, by its name in `cues/letter_date.yaml`."""
    return cues("letter_date").phrases[name]


def _table(name: str) -> re.Pattern[str]:
    """Return a label of a table of days, by its name in `cues/day_tables.yaml`."""
    return cues("day_tables").phrases[name]


LAST_DAYS = frozenset({"on_or_before", "before", "until_ambiguous"})
RUNNING = 60
"""Letters from which a flow is a paragraph rather than a label."""
_MARKS = re.compile(r"<[a-z]\d+>")


@dataclass(frozen=True, slots=True)
class DayFound:
    """A date of the letter: value, tokens, how it was printed, and how likely it is the letter's own date."""

    value: date
    tokens: tuple[Token, ...]
    seen: DateSeen
    score: float
    labelled: bool = False


def _bare_label(label: str) -> str:
    """Return a label without the dots, dashes and specks between it and its value: "datum _"."""
    return re.sub(r"(?:\s+[^a-z0-9\s.]+|[\s:]+)+$", "", label)


WELL_PLACED = 3.5
"""Worth of a day up to which hardly anything but its print speaks for it (right in 3 of 3 above `PLAIN_PRINT`, in 0 of 3 below)."""
PLAIN_PRINT = 80.0
"""Confidence of each of its words from which that is enough."""
OWN_HEAD = 5.0
"""Worth of a day from which it stands alone in the head, where letters carry their own date."""


def letter_dates(sheet: Sheet) -> list[DayFound]:
    """Return the dates that can be the letter's own, most likely first."""
    layout = sheet.layout
    own_place = salutation(sheet)
    found: list[DayFound] = []
    decisions: set[tuple[int, ...]] = set()
    services: set[tuple[int, ...]] = set()
    below_head: set[tuple[int, ...]] = set()
    for run in (*sheet.flows, *sheet.rows):
        heden = _label("today").search(run.text.text)
        for number, seen in enumerate(run.dates):
            if seen.year is None or not 2015 <= seen.year <= 2040:
                continue
            tokens = run.tokens[seen.first : seen.last + 1]
            if tokens[0].page > 0 and not heden:
                continue
            depth = layout.depth(tokens[0])
            line = [t for t in run.tokens if t.line == tokens[0].line and t.page == tokens[0].page]
            before_tokens = [t for t in line if t.index < tokens[0].index]
            before = plain(" ".join(t.text for t in before_tokens)).rstrip(" :")
            after = [t for t in line if t.index > tokens[-1].index]
            score = 0.0
            labelled = False
            # In a column beside the salutation it stands on its line, or hardly below it.
            in_text = own_place + tokens[0].height / 2 < tokens[0].y0
            placed = False
            label = before
            if not before_tokens:
                piece = Piece(tuple(tokens))
                label = label_above(layout, piece)
            near = _bare_label(label)
            if _label("decision").search(near):
                decisions.add(tuple(t.index for t in tokens))
            if _label("service").search(near):
                services.add(tuple(t.index for t in tokens))
            other = _label("sent_before").search(near) or (
                _label("day_of").search(near) and _label("day_of_paper").search(near)
            )
            if other:
                score -= 6  # "factuur 2026-14477 d.d. 29 augustus": the day of another paper
            elif _label("own_or_near").search(near) and not (
                run.row and _label("other").search(near[-40:]) and "factuur" not in near
            ):
                # A label in the running text or in a table of costs ("vonnis 4 maart") is seldom the letter's own.
                told = len(after) > 1 and after[0].text[:1].islower()
                below = (in_text or told) and tokens[0].page == 0 and not _label("own").search(near)
                placed = not below or bool(before_tokens)
                # Over a column of a table in the text a label says nothing about the letter.
                score += (4 if before_tokens else 0) if below else 10
                labelled = not below
            elif near and _label("other").search(near[-30:]):
                score -= 5
            if heden and str(number) in {heden.group(1), heden.group(2)}:
                score += 12
                labelled = True
            alone = not before_tokens and not after
            if not run.row or alone:
                if (
                    _label("place").match(plain(" ".join(t.text for t in before_tokens)) + f" <d{number}>")
                    and not after
                    and len(before_tokens) <= 4
                    and before_tokens
                    and before_tokens[0].text[:1].isupper()
                ):
                    score += 7 if depth < 0.5 else 4
                    placed = True
            if in_text and not heden:
                below_head.add(tuple(t.index for t in tokens))
            if alone and not in_text:
                score += 4 if depth < 0.45 else 0
            score += 3 if depth < 0.35 else 1.5 if depth < 0.5 else -1 if depth < 0.85 else 0
            if seen.weekday_right:
                score += 0.5
            if in_text and not labelled and not placed:
                score = min(score, 2.9)  # a day told in the text of a letter whose own date was not read
            if run.row and run.amounts:
                score -= 5  # a row of a bill
            elif _label("left").search(run.text.text) and _label("left_on").search(
                run.text.text.split(f"<d{number}>")[0][-60:]
            ):
                score += 5  # the day on which a bailiff left it
            found.append(DayFound(date(seen.year, seen.month, seen.day), tokens, seen, score, labelled))
    best: dict[tuple[int, ...], DayFound] = {}
    for item in found:
        key = tuple(t.index for t in item.tokens)
        if key not in best or best[key].score < item.score:
            best[key] = item
    ranked = sorted(best.values(), key=lambda d: (-d.score, d.tokens[0].index))
    first = tuple(t.index for t in ranked[0].tokens) if ranked else ()
    if first in services:
        # A writ that was made up some days before it was brought carries both days.
        made = [d for d in ranked[1:] if d.score >= OWN_HEAD and d.value < ranked[0].value]
        ranked = [*made[:1], *(d for d in ranked if d not in made[:1])]
    if first in decisions or first in below_head:
        # "Datum beschikking" beside a later day in the head is the day of the decision that the letter is about, and
        # "aanslag 2026, dagtekening 28 februari" in a table of the text that of another paper.
        later = [
            d
            for d in ranked[1:]
            if d.score >= OWN_HEAD
            and d.value > ranked[0].value
            and (first in decisions or tuple(t.index for t in d.tokens) not in below_head)
        ]
        ranked = [*later[:1], *(d for d in ranked if d not in later[:1])]
    return ranked


def own_day(days: Sequence[DayFound], weak: bool = False) -> DayFound | None:
    """Return the day that is the letter's own with enough reason, or None; `days` as `letter_dates` gives them.

    `weak`: the letter was read weakly, so that the day above the text is perhaps lost.
    """
    if not days or days[0].score < 3:
        return None
    best, others = days[0], days[1:]
    if best.seen.repaired and not best.labelled and others and all(d.value.year > best.value.year for d in others):
        return None  # "6 novembes 2025" where every other day is of 2026: the year was misread as well
    if weak and best.score < WELL_PLACED and not best.labelled and not is_clear(best.tokens, PLAIN_PRINT):
        return None  # a day that the letter tells of
    return best


def _on_day(
    run: Run, number: int, letter_date: date | None, regime: str, action: Action, score: float, said: str
) -> list[ClueSeen]:
    """Return the clue that names date `number` of a run; [] for a day before the letter."""
    seen = run.dates[number]
    printed = seen.on(letter_date)
    if printed is None or (letter_date is not None and printed < letter_date):
        return []
    tokens = tuple(run.tokens[seen.first : seen.last + 1])
    return [ClueSeen(DeadlineClue(regime, printed=printed, action=action), tokens, score, seen, tokens, said)]


def _is_debit(clue: ClueSeen) -> bool:
    return clue.clue.regime == "event_date" and clue.clue.action is Action.BETALEN


def perhaps_a_day(sheet: Sheet, letter_date: date | None, clues: Sequence[ClueSeen]) -> bool:
    """Return whether a day that no phrase understood may still be one to act by."""
    before = ""
    for run in sheet.flows:
        run = with_named_days(run, letter_date)
        if left_days(run, letter_date, clues, before, HINTED):
            return True
        before = last_sentence(run.text.text) or before
    return False


def faint_days(sheet: Sheet, letter_date: date | None, clues: Sequence[ClueSeen], invited: bool) -> list[ClueSeen]:
    """Return the days and terms against which nothing speaks: for a letter that surely asks for something by a time.

    Args:
        sheet: the letter.
        letter_date: its own day.
        clues: what phrases understood; their days are left out.
        invited: the letter calls to an appointment, so a day is that of the event.
    """
    found: list[ClueSeen] = []
    before = ""
    for run in sheet.flows:
        run = with_named_days(run, letter_date)
        for clue in left_days(run, letter_date, clues, before, FAINT):
            event = replace(clue.clue, regime="event_date", action=Action.VERSCHIJNEN)
            found.append(replace(clue, clue=event if invited else clue.clue, score=min(clue.score, 1.0)))
        if not invited:
            found += faint_terms(run.text, run.dates, letter_date)
        before = last_sentence(run.text.text) or before
    return best_first(found)


def answer_demanded(clues: Sequence[ClueSeen]) -> bool:
    """Return whether a last day stands in a sentence that demands something, which is no mere offer to write or call."""
    demand = cues("last_days").phrases["demand"]
    return any(
        c.clue.printed is not None
        and c.clue.regime in LAST_DAYS
        and c.score >= FIRM - 1
        and demand.search(c.sentence) is not None
        for c in clues
    )


def _granted(sheet: Sheet) -> bool:
    """Return whether the letter decides in favour of the resident: all of a debt or a sanction is gone."""
    phrases = cues("last_days").phrases
    texts = [run.text.text for run in sheet.flows]
    return any(phrases["granted"].search(text) for text in texts) and not any(
        phrases["refused"].search(text) for text in texts
    )


def _on_condition(clue: ClueSeen) -> bool:
    """Return whether a day to pay stands in a condition: "indien betaling niet voor 1 januari plaatsvindt, wordt ..".

    Beside a term to pay such a day only tells what comes of it.
    """
    paying = clue.clue.printed is not None and clue.clue.action is Action.BETALEN
    return paying and cues("last_days").phrases["condition"].search(clue.sentence) is not None


def _not_retold(clues: Sequence[ClueSeen]) -> list[ClueSeen]:
    """Return the clues without those of a printed line that is part of a longer sentence, which tells it better."""
    longest: dict[tuple[int, ...], str] = {}
    for clue in clues:
        key = tuple(t.index for t in clue.date_tokens)
        longest[key] = max(longest.get(key, ""), _MARKS.sub("<>", clue.sentence).rstrip("."), key=len)

    def retold(clue: ClueSeen) -> bool:
        mine, whole = _MARKS.sub("<>", clue.sentence).rstrip("."), longest[tuple(t.index for t in clue.date_tokens)]
        return bool(clue.date_tokens and mine) and len(mine) + 1 < len(whole) and mine in whole

    return [clue for clue in clues if not retold(clue)]


def last_sentence(text: str) -> str:
    """Return the sentence that ends a paragraph; "" for a line too short to say anything."""
    last = max(sentences(text), default=(0, ""))[1]
    return last if len(last) > 12 else ""


def _told_in_sentences(sheet: Sheet) -> frozenset[int]:
    """Return the first words of printed lines that begin in the middle of a sentence of a paragraph."""
    begun: set[int] = set()
    for run in sheet.flows:
        if len(run.text.text) < RUNNING:
            continue
        for start, sentence in sentences(run.text.text):
            words = run.text.tokens_at(start, start + len(sentence))
            begun |= {
                word.index for before, word in pairwise(words) if (before.page, before.line) != (word.page, word.line)
            }
    return frozenset(begun)


def all_clues(sheet: Sheet, letter_date: date | None) -> list[ClueSeen]:
    """Return the phrases of the letter that set a time, most likely deadline first."""
    found: list[ClueSeen] = []
    sheet = replace(sheet, flows=tuple(with_named_days(run, letter_date) for run in sheet.flows))
    before = ""
    for run in sheet.flows:
        found.extend(find_clues(run.text, run.dates, letter_date, before=before))
        before = last_sentence(run.text.text) or before
    told = _told_in_sentences(sheet)
    flows = [{t.index for t in run.tokens} for run in sheet.flows]
    for run in sheet.rows:
        if not run.dates and not sets_term(run.text.text):
            continue
        if run.tokens[0].index in told and any({t.index for t in run.tokens} <= flow for flow in flows):
            continue  # a line of running text, which its whole sentence tells better
        found.extend(find_clues(run.text, run.dates, letter_date, in_row=True))
    # A table of an appointment: "Dag | dinsdag 1 december" with "Tijd | 11.40 uur" beside it.
    for number, run in enumerate(sheet.rows):
        match = _table("day_row").match(run.text.text)
        beside = sheet.rows[max(0, number - 2) : number + 3]
        if not match or not any(_table("time_row").match(r.text.text) for r in beside):
            continue
        found += _on_day(run, int(match.group(1)), letter_date, "event_date", Action.VERSCHIJNEN, 10, run.text.text)
    # "Datum: 3 december 2026. Tijd: 10.15 uur.": one appointment in two sentences.
    for run in sheet.flows:
        for match in _table("day_and_time").finditer(run.text.text):
            found += _on_day(
                run, int(match.group(1)), letter_date, "event_date", Action.VERSCHIJNEN, 10, match.group(0)
            )
    # A label over its value: "Uiterste betaaldatum" above "3 december 2026".
    for run in sheet.flows:
        for number, seen in enumerate(run.dates):
            tokens = run.tokens[seen.first : seen.last + 1]
            line = [t for t in run.tokens if t.line == tokens[0].line and t.page == tokens[0].page]
            if line[0].index != tokens[0].index:
                continue
            column = _table("column").match(run.text.text) if number == 0 else None
            label = label_above(sheet.layout, Piece(tuple(tokens))).rstrip(" :") or (column[1] if column else "")
            if not label or len(label) > 45 or not _table("label").search(label):
                continue
            event = _table("label_of_event").search(label)
            regime = "event_date" if event else "before" if _table("label_before").search(label) else "on_or_before"
            action = (
                Action.VERSCHIJNEN
                if event
                else Action.BETALEN
                if _table("label_of_payment").search(label)
                else Action.REAGEREN
            )
            found += _on_day(run, number, letter_date, regime, action, 9.5, label)
    found.extend(find_moments(sheet, letter_date))
    before = ""
    for run in sheet.flows:
        found.extend(left_days(run, letter_date, found, before))
        before = last_sentence(run.text.text) or before
    if any(cues("last_days").phrases["pay_yourself"].search(run.text.text) for run in sheet.flows):
        # Where one is asked to pay, a day on which money is taken is perhaps that of another bill.
        found = [replace(c, score=min(c.score, 4.9)) if _is_debit(c) else c for c in found]
    found = _not_retold(found)
    if _granted(sheet):
        # What is granted leaves nothing to object to.
        found = [c for c in found if c.clue.action is not Action.BEZWAAR]
    if any(c.clue.printed is None and c.clue.action is Action.BETALEN and c.score >= FIRM - 1 for c in found):
        found = [replace(c, clue=replace(c.clue, action=None)) if _on_condition(c) else c for c in found]
    # What stands in the head with the day of the letter tells when it was sent, also with a time beside it.
    found = [
        c
        for c in found
        if c.clue.printed is None
        or c.clue.printed != letter_date
        or not (c.date_tokens and above_salutation(sheet, c.date_tokens[0]))
    ]
    return best_first(before_event(sheet, sorted(found, key=lambda c: -c.score)))
