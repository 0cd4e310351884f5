"""The pages of one letter laid out, with the dates, amounts and accounts found in each run of words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from briefbrug.letter import PageReading
from ocr.dates import DateSeen, find_dates
from ocr.lines import Layout, Mark, Marked, Token, lay_out, marked, plain
from ocr.money import AmountSeen, find_amounts
from ocr.numbers import IbanSeen, find_ibans


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words with what was found in it, as marked text."""

    tokens: tuple[Token, ...]
    dates: tuple[DateSeen, ...]
    amounts: tuple[AmountSeen, ...]
    ibans: tuple[IbanSeen, ...]
    text: Marked
    row: bool


def _run(tokens: Sequence[Token], row: bool) -> Run:
    texts = [t.text for t in tokens]
    dates = find_dates(texts)
    ibans = find_ibans(texts)
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
    rereads: Mapping[int, tuple[tuple[int, ...], str, float]]
    """Word index to (all words re-read with it, what the second reader saw, its confidence)."""

    @property
    def second_reader(self) -> bool:
        """Whether the second reader looked at anything on these pages."""
        return bool(self.rereads)


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
