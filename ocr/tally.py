"""Sums on paper: which amounts of a table are totals of the rows above them, and which are only parts of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from ocr.cues import cues
from ocr.sheet import Run, Sheet

_CUES = cues("totals")

LONGEST = 16
"""Most rows of one sum; longer tables of a bill carry sub-totals."""


class Part(Enum):
    """What an amount is in a table that adds up."""

    PART = "part"
    SUBTOTAL = "subtotal"
    TOTAL = "total"
    LATER = "later"
    """A total that is due only when a term has passed."""
    CREDIT = "credit"
    """A total that the sender pays."""
    STANDING = "standing"
    """A total of what is owed in all or comes back, such as the balance of a credit or a rent per month."""


DEDUCTED = _CUES.phrases["deducted"]
_LATER = _CUES.phrases["later"]
_LATER_INTRO = _CUES.phrases["later_introduced"]
_CREDIT = _CUES.phrases["credit"]
_PAID_BACK = _CUES.phrases["paid_back_by_reader"]
_STANDING = _CUES.phrases["standing"]
_PERIODIC_NOW = _CUES.phrases["periodic_now"]
_PERIODIC = _CUES.phrases["periodic"]
_PERIODIC_INTRO = _CUES.phrases["periodic_introduced"]
_SUB = _CUES.phrases["subtotal"]
_PAYABLE = _CUES.phrases["payable"]


@dataclass(slots=True)
class _Item:
    value: Decimal
    key: int
    deducted: bool
    label: str
    intro: str


def _column(run: Run, from_right: int) -> tuple[Decimal, int, str] | None:
    """Return value, key (index of its last word) and label of one amount of a row; None where there is none."""
    if len(run.amounts) <= from_right:
        return None
    amounts = sorted(run.amounts, key=lambda a: a.first)
    seen = amounts[-1 - from_right]
    label = re.sub(r"<[adi]\d+>[.,;]?", " ", run.text.text[: run.text.text.find("<a")]).strip(" :-€")
    return seen.value, run.tokens[seen.last].index, label


def tallies(sheet: Sheet) -> Mapping[int, Part]:
    """Return what the amounts of adding tables are, by the index of their last word; others are left out.

    Columns are followed twice: by the place of their right edge, which holds when cells wrap and when text stands
    beside the table, and by their number in the row, which holds when the paper bends.
    """
    found: dict[int, Part] = {}
    for items in _by_edge(sheet):
        _fold(items, found)
    for from_right in (0, 1, 2):
        items: list[_Item] = []
        for run, intro in _introduced(sheet):
            cell = _column(run, from_right)
            if cell is not None and cell[0] != 0:
                items.append(_item(cell, intro))
        mine: dict[int, Part] = {}
        _fold(items, mine)
        for key, part in mine.items():
            # What one view folds into a later total is no total, whatever the other view says.
            if key not in found or part in {Part.PART, Part.SUBTOTAL}:
                found[key] = part
        for item in items:
            if item.key not in found and _SUB.search(item.label):
                found[item.key] = Part.SUBTOTAL
    return found


def _item(cell: tuple[Decimal, int, str], intro: str) -> _Item:
    value, key, label = cell
    deducted = value < 0 or bool(DEDUCTED.search(label) and not _PAYABLE.search(label))
    return _Item(value, key, deducted, label, intro)


def _introduced(sheet: Sheet) -> Iterator[tuple[Run, str]]:
    """Yield the rows with amounts, each with the lines of text above its table."""
    intro = ""
    page = -1
    for run in sheet.rows:
        if run.tokens[0].page != page:
            page, intro = run.tokens[0].page, ""
        if run.amounts:
            yield run, intro
        elif re.search(r"[a-z]{3}", run.text.text):
            intro = (intro + " " + run.text.text)[-260:]


def _by_edge(sheet: Sheet) -> list[list[_Item]]:
    """Return the amounts of each column of figures that share a right edge, from top to bottom."""
    columns: list[tuple[int, float, float, list[_Item]]] = []
    for run, intro in _introduced(sheet):
        for place in range(len(run.amounts)):
            cell = _column(run, place)
            if cell is None or cell[0] == 0:
                continue
            token = next(t for t in run.tokens if t.index == cell[1])
            for number, (page, edge, low, items) in enumerate(columns):
                near = abs(edge - token.x1) < 1.1 * token.height and token.y0 - low < 7 * token.height
                if page == token.page and near:
                    items.append(_item(cell, intro))
                    columns[number] = (page, token.x1, token.y1, items)
                    break
            else:
                columns.append((token.page, token.x1, token.y1, [_item(cell, intro)]))
    return [items for *_, items in columns]


def _fold(items: Sequence[_Item], found: dict[int, Part]) -> None:
    """Go down one column and fold the rows above a total into it."""
    open_items: list[_Item] = []
    for item in items:
        total = abs(item.value)
        taken = _adds_up(open_items, total) if not item.value < 0 else 0
        if taken:
            for part in open_items[-taken:]:
                if found.get(part.key) in {Part.TOTAL, Part.SUBTOTAL}:
                    found[part.key] = Part.SUBTOTAL
                elif part.key not in found:
                    found[part.key] = Part.PART
            kind = _kind_of(item, open_items[-taken:])
            # Another column may have said so with better reason.
            if found.get(item.key) is not Part.SUBTOTAL:
                found[item.key] = kind
            del open_items[-taken:]
            item.deducted = False
        open_items.append(item)


def _kind_of(item: _Item, parts: Sequence[_Item]) -> Part:
    if _SUB.search(item.label):
        return Part.SUBTOTAL
    last = re.split(r"[.!?] ", item.intro)[-1]
    if _CREDIT.search(item.label) and not _PAID_BACK.search(item.label):
        return Part.CREDIT
    if _LATER.search(item.label) or (_LATER_INTRO.search(last) and not _PAYABLE.search(item.label)):
        return Part.LATER
    if _STANDING.search(item.label) or (_PERIODIC.search(item.label) and not _PERIODIC_NOW.search(item.label)):
        return Part.STANDING
    if _PERIODIC_INTRO.search(last) and not _PAYABLE.search(item.label) and not _PERIODIC_NOW.search(last):
        return Part.STANDING
    return Part.TOTAL


def _adds_up(items: Sequence[_Item], total: Decimal) -> int:
    """Return how many of the last items add up to `total`; 0 when none do.

    A row counts as taken off when it prints a minus or its label says so; the label may also be wrong about it.
    """
    if items and len(items) == 1 and abs(items[-1].value) == total and not items[-1].deducted:
        return 0
    for by_label in (True, False):
        running = Decimal(0)
        for count, item in enumerate(reversed(items[-LONGEST:]), 1):
            off = item.value < 0 or (by_label and item.deducted)
            running += -abs(item.value) if off else abs(item.value)
            if count > 1 and running == total:
                return count
    # A sub-total of one row ("subtotaal" under a single line) stands for that row.
    for count in range(3, min(LONGEST, len(items)) + 1):
        values = [(-abs(i.value) if i.deducted else abs(i.value)) for i in items[-count:]]
        singles = [
            v for n, v in enumerate(values) if not (n and v == values[n - 1] and "totaal" in items[-count:][n].label)
        ]
        if len(singles) < len(values) and len(singles) > 1 and sum(singles, Decimal(0)) == total:
            return count
    return 0
