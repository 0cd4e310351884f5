"""The pages of one letter laid out, with the dates, amounts and accounts found in each run of words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from briefbrug.letter import PageReading
from ocr.dates import DateSeen, find_dates
from ocr.half_dates import day_of, half_dates, is_whole
from ocr.lines import Layout, Mark, Marked, Token, lay_out, marked, plain
from ocr.money import AmountSeen, find_amounts
from ocr.numbers import IbanSeen, begun_ibans, find_ibans

Rereads = Mapping[int, tuple[tuple[int, ...], str, float]]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words with what was found in it, as marked text."""

    tokens: tuple[Token, ...]
    dates: tuple[DateSeen, ...]
    amounts: tuple[AmountSeen, ...]
    ibans: tuple[IbanSeen, ...]
    text: Marked
    row: bool


def _run(tokens: Sequence[Token], row: bool, half: Sequence[DateSeen] = (), again: Sequence[IbanSeen] = ()) -> Run:
    """Return a run of words with what was found in it.

    `half` are its dates that were half read, `again` its accounts as the second reader saw them.
    """
    texts = [t.text for t in tokens]
    dates = find_dates(texts)
    if half:
        apart = [d for d in dates if not any(d.first <= h.last and h.first <= d.last for h in half)]
        dates = sorted([*apart, *half], key=lambda d: d.first)
    ibans = find_ibans(texts)
    if again:
        apart = [b for b in ibans if not any(b.first <= a.last and a.first <= b.last for a in again)]
        ibans = sorted([*apart, *again], key=lambda b: b.first)
    taken = {i for d in dates for i in range(d.first, d.last + 1)} | {
        i for b in ibans for i in range(b.first, b.last + 1)
    }
    amounts = [a for a in find_amounts(texts) if not taken & set(range(a.first, a.last + 1))]
    date_places = {i for d in dates for i in range(d.first, d.last + 1)}
    ibans = [b for b in ibans if not date_places & set(range(b.first, b.last + 1))]
    marks = [Mark(d.first, d.last, "d", n) for n, d in enumerate(dates)]
    marks += [Mark(b.first, b.last, "i", n) for n, b in enumerate(ibans)]
    marks += [Mark(a.first, a.last, "a", n) for n, a in enumerate(amounts)]
    return Run(tuple(tokens), tuple(dates), tuple(amounts), tuple(ibans), marked(tokens, marks), row)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The layout of a letter and its runs: flows of text, and printed lines as label and value."""

    layout: Layout
    flows: tuple[Run, ...]
    rows: tuple[Run, ...]
    rereads: Rereads
    """Word index to (all words re-read with it, what the second reader saw, its confidence)."""

    @property
    def second_reader(self) -> bool:
        """Whether the second reader looked at anything on these pages."""
        return bool(self.rereads)


def _known_days(runs: Sequence[Run]) -> frozenset[date]:
    """Return the days that a letter names in whole, none of them repaired.

    A day with its weekday and without a year counts where only one year near those that the letter names has it.
    """
    whole = {date(d.year, d.month, d.day) for run in runs for d in run.dates if d.year is not None and not d.repaired}
    named = {int(m[1]) for run in runs for t in run.tokens if t.confidence >= CLEAR and (m := _YEAR.match(t.text))}
    near = {year for one in named | {d.year for d in whole} for year in (one, one + 1)}
    for run in runs:
        for seen in run.dates:
            if seen.year is None and seen.weekday is not None and not seen.repaired:
                days = [d for y in near if (d := day_of(y, seen.month, seen.day)) and d.weekday() == seen.weekday]
                whole |= set(days) if len(days) == 1 else set()
    return frozenset(whole)


CLEAR = 80.0
"""Confidence of a bare year that is believed: two readers saw the same."""
_YEAR = re.compile(r"^\(?(20[1-4]\d)[).,;:]*$")


def _half_dates(run: Run, known: frozenset[date], rereads: Rereads) -> list[DateSeen]:
    """Return the half-read dates of a run, where no whole date was found."""
    texts = [t.text for t in run.tokens]
    again = [rereads[t.index][1] if t.index in rereads else None for t in run.tokens]
    told = {i: d for d in run.dates if is_whole(d, texts) for i in range(d.first, d.last + 1)}

    def better(half: DateSeen) -> bool:
        before = told.get(half.last)
        return before is None or (before.repaired and before.day == half.day and before.year != half.year)

    found = half_dates(texts, [t.confidence for t in run.tokens], known, again)
    return [d for d in found if better(d)]


def _mended(run: Run, known: frozenset[date], rereads: Rereads) -> Run:
    """Return a run of a photo with what was half read in it, and what the second reader saw of it."""
    half = _half_dates(run, known, rereads)
    again = _accounts_again(run, rereads) if rereads else []
    return _run(run.tokens, run.row, half, again) if half or again else run


def _accounts_again(run: Run, rereads: Rereads) -> list[IbanSeen]:
    """Return the accounts that failed, as the second reader saw them, where check digits prove it."""
    doubted = [b for b in run.ibans if not b.valid or b.half]
    texts = [t.text for t in run.tokens]
    found: list[IbanSeen] = []
    for first, last in [*((b.first, b.last) for b in doubted), *begun_ibans(texts)]:
        views = dict.fromkeys(rereads[t.index] for t in run.tokens[first : last + 1] if t.index in rereads)
        seen = find_ibans([word for _, text, _ in views for word in text.split()])
        if len(seen) == 1 and seen[0].valid and not seen[0].half:
            found.append(replace(seen[0], first=first, last=last, repaired=True))
    return found


def _wrapped_accounts(layout: Layout, flows: Sequence[Run]) -> Iterator[Run]:
    """Yield the accounts that begin at the end of a printed line and go on at the start of the next, if valid.

    Where a photo bends, two lines of one paragraph may fall into two flows.
    """
    known = {t.index for run in flows for b in run.ibans for t in run.tokens[b.first : b.last + 1]}
    for above, below in pairwise(layout.rows):
        end, start = above[-1].tokens[-ACCOUNT_PIECES:], below[0].tokens[:ACCOUNT_PIECES]
        begun = next((n for n, t in enumerate(end) if _ACCOUNT.match(t.text)), None)
        if begun is None or above[0].page != below[0].page or end[begun].index in known:
            continue
        tokens = (*end[begun:], *start)
        for seen in find_ibans([t.text for t in tokens]):
            if seen.valid and not seen.half and len(end) - begun <= seen.last:
                yield _run(tokens[seen.first : seen.last + 1], True)


ACCOUNT_PIECES = 5
"""Words in which an account is printed at most."""
_ACCOUNT = re.compile(r"^NL\d\d")


def see(pages: Sequence[PageReading]) -> Sheet:
    """Return the pages of one letter, laid out and searched."""
    layout = lay_out(pages)
    flows = tuple(_run([t for piece in flow for t in piece.tokens], False) for flow in layout.flows)
    rows = tuple(
        _run([t for piece in row for t in piece.tokens], True)
        for row in layout.rows
        if len(row) != 1 or len(next(iter(row)).tokens) <= 12
    )
    rereads: dict[int, tuple[tuple[int, ...], str, float]] = {}
    base = 0
    for page in pages:
        for reread in page.rereads:
            words = tuple(base + i for i in reread.words)
            for index in words:
                rereads[index] = (words, reread.text, reread.confidence)
        base += len(page.words)
    if not layout.digital:
        known = _known_days(flows)
        flows = tuple(_mended(run, known, rereads) for run in flows)
        rows = tuple(_mended(run, known, rereads) for run in rows)
        rows += tuple(_wrapped_accounts(layout, flows))
    return Sheet(layout, flows, rows, rereads)


_SALUTES = re.compile(r"^(?:geachte|beste\b|hallo|dear|mevrouw,|mijnheer,|l\.s\.)")


def salutation(sheet: Sheet) -> float:
    """Return where the salutation of the first page stands; far down when there is none."""
    for row in sheet.layout.rows:
        if row[0].page == 0 and any(_SALUTES.match(plain(p.text)) for p in row):
            return row[0].y0
    return float("inf")


def above_salutation(sheet: Sheet, token: Token) -> bool:
    """Return whether a word stands above the salutation of its page: where a letter carries its own date."""
    for row in sheet.layout.rows:
        if row[0].page == token.page and any(_SALUTES.match(plain(p.text)) for p in row):
            return row[0].y0 > token.y0
    return False
