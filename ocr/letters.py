"""Pages put together into letters, in order, and the same page recognised on another photo."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from briefbrug.letter import PageReading
from ocr.cues import cues
from ocr.dates import find_dates
from ocr.lines import plain
from ocr.money import find_amounts
from ocr.numbers import find_ibans

_CUES = cues("letters")

_PAGE_OF = _CUES.phrases["page_of"]
_NAMED_PAGE = _CUES.phrases["only_named"]
_BARE_OF = _CUES.phrases["bare_page_of"]
_OPENING = _CUES.phrases["opening"]
_HEADED = _CUES.phrases["heading"]
_WORD = re.compile(r"[^\W\d_]{4,}")
_DOMAIN = re.compile(r"\b(?:[a-z0-9\-]+\.)+(?:nl|com|org|eu|net)\b")

SAME_WORDS = 0.62
SAME_NUMBERS = 0.5


@dataclass(frozen=True, slots=True)
class _Page:
    name: str
    place: int
    number: int | None
    total: int | None
    opens: bool
    numbers: frozenset[str]
    marks: frozenset[str]
    words: Counter[str]
    figures: frozenset[str]
    confidence: float
    envelope: bool
    dates: frozenset[tuple[int | None, int, int]]
    amounts: frozenset[Decimal]
    top: frozenset[str]
    """The words of the first lines: who sends it."""
    running: frozenset[str]
    """The words beside a printed page number: the running head of a later page repeats the sender's name."""


def _lines(reading: PageReading) -> list[str]:
    lines: dict[int, list[str]] = {}
    for word in reading.words:
        lines.setdefault(word.line, []).append(word.text)
    return [plain(" ".join(lines[key])) for key in sorted(lines)]


def page_number(reading: PageReading) -> tuple[int, int | None] | None:
    """Return the printed page number and the total (None when not printed), from head and foot of the page."""
    lines = _lines(reading)
    edges = [*lines[:9], *lines[-6:]]
    for line in edges:
        match = _PAGE_OF.search(line)
        if match and not _NAMED_PAGE.search(line[: match.start()]):
            number, total = int(match.group(1)), int(match.group(2)) if match.group(2) else None
            if 1 <= number <= 40 and (total is None or number <= total <= 40):
                return number, total
    for line in (*lines[:2], *lines[-2:]):
        match = _BARE_OF.match(line)
        if match and 1 <= int(match.group(1)) <= int(match.group(2)) <= 20:
            return int(match.group(1)), int(match.group(2))
    return None


_NAME = re.compile(r"[^\W\d_]{3,}")


def _running_head(lines: Sequence[str]) -> frozenset[str]:
    """Return the words of the line at the top that holds the page number, without those of the number itself."""
    for line in lines[:4]:
        if _PAGE_OF.search(line):
            return frozenset(_NAME.findall(_PAGE_OF.sub(" ", line)))
    return frozenset()


def _page(name: str, place: int, reading: PageReading) -> _Page:
    lines = _lines(reading)
    text = "\n".join(lines)
    mark = page_number(reading)
    texts = [w.text for w in reading.words]
    flat = " ".join(lines)
    # A reference is one word with figures (WW/0611/88124), or groups of four (8234 5678 9012 3456).
    grouped = re.findall(r"\b\d{4}(?: \d{4}){2,3}\b", flat)
    single = [t for t in flat.split() if sum(c.isdigit() for c in t) >= 5]
    numbers = {re.sub(r"[^0-9a-z]", "", n) for n in (*single, *grouped)}
    marks = set(_DOMAIN.findall(flat)) | {i.value for i in find_ibans(texts) if i.valid}
    opening = _OPENING.search(text) or _HEADED.search("\n".join(lines[:16]))
    opens = bool(opening) and (mark is None or mark[0] == 1)
    return _Page(
        name, place, mark[0] if mark else None, mark[1] if mark else None, opens or (mark is not None and mark[0] == 1),
        frozenset(n for n in numbers if len(n) >= 6), frozenset(marks), Counter(_WORD.findall(flat)),
        frozenset(re.findall(r"\d{2,}", flat)), reading.mean_confidence, reading.problem is not None,
        frozenset((d.year, d.month, d.day) for d in find_dates(texts)), frozenset(a.value for a in find_amounts(texts)),
        frozenset(_NAME.findall(" ".join(lines[:14]))), _running_head(lines),
    )  # fmt: skip


def _shared(one: Counter[str], other: Counter[str]) -> float:
    both = sum((one & other).values())
    either = sum((one | other).values())
    return both / either if either else 0.0


def _same_page(one: _Page, other: _Page) -> bool:
    """Return whether two readings show the same printed page: nearly the same words and the same figures."""
    if one.envelope or other.envelope or min(sum(one.words.values()), sum(other.words.values())) < 15:
        return False
    if one.number is not None and other.number is not None and one.number != other.number:
        return False
    if _shared(one.words, other.words) < SAME_WORDS:
        return False
    # Next month's reminder has the same words: its dates and amounts tell it apart.
    for mine, theirs in ((one.dates, other.dates), (one.amounts, other.amounts)):
        if mine and theirs and len(mine & theirs) < 0.6 * min(len(mine), len(theirs)):
            return False
    either = one.figures | other.figures
    return not either or len(one.figures & other.figures) / len(either) >= SAME_NUMBERS


def doubles(pages: Sequence[tuple[str, PageReading]]) -> Mapping[str, str]:
    """Return for each page that was photographed before the page that is kept: the one read with most confidence."""
    seen = [_page(name, place, reading) for place, (name, reading) in enumerate(pages)]
    kept: list[_Page] = []
    out: dict[str, str] = {}
    for page in sorted(seen, key=lambda p: (-round(p.confidence), p.place)):
        twin = next((k for k in kept if _same_page(k, page)), None)
        if twin is None:
            kept.append(page)
        else:
            out[page.name] = twin.name
    return out


def _belongs(first: _Page, page: _Page) -> float:
    """Return how much says that `page` is a later page of the letter that `first` opens."""
    score = 2.5 * min(2, len(first.numbers & page.numbers)) + 2.0 * min(2, len(first.marks & page.marks))
    rare = {w for w in page.words if len(w) > 6} & {w for w in first.words if len(w) > 6}
    score += min(2.0, 0.12 * len(rare))
    if page.place == first.place + 1:
        score += 1.6
    elif abs(page.place - first.place) <= 2:
        score += 0.4
    if page.total is not None and first.total is not None:
        score += 2.5 if page.total == first.total else -4
    if page.total is not None and first.total is None and first.number is None:
        score -= 0.5  # a first page often prints no number
    if page.running and len(page.running) <= 8:
        head = page.running & first.top
        # A letterhead printed white on a colour may not have been read; the text names its sender as well.
        said = {w for w in page.running if w in first.words}
        score += min(3.6, 1.8 * len(head)) if head else 1.8 if said else -1.5
    if first.total == 1:
        score -= 6
    own = {n for n in page.numbers if len(n) >= 8}
    theirs = {n for n in first.numbers if len(n) >= 8}
    named = bool(page.running & first.top) or any(w in first.words for w in page.running)
    if own and theirs and not own & theirs and not first.marks & page.marks and not named:
        score += 1.0 if any(_alike(one, other) for one in own for other in theirs) else -1.5
    return score


def _alike(one: str, other: str) -> bool:
    """Return whether two long numbers may be one number, read differently: a bad photo spoils a figure of each copy."""
    same = sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return same >= max(len(one), len(other)) - 2


def join_pages(pages: Sequence[tuple[str, PageReading]]) -> tuple[tuple[str, ...], ...]:
    """Return the names of the pages of each letter, in printed order; letters in the order their first page came.

    Pages are joined by printed page numbers ("pagina 2 van 3"), shared references, web addresses and accounts, and
    by following each other. A page photographed twice (see `doubles`) stands at the end of its letter.
    """
    twins = doubles(pages)
    seen = [_page(name, place, reading) for place, (name, reading) in enumerate(pages)]
    by_name = {page.name: page for page in seen}
    single = [page for page in seen if page.name not in twins]
    firsts = [
        page
        for page in single
        if page.envelope or page.opens or (page.number is None and not _could_follow(page, single))
    ]
    letters: dict[str, list[_Page]] = {page.name: [page] for page in firsts}
    rest = [page for page in single if page.name not in letters]
    for page in sorted(rest, key=lambda p: (p.number is None, p.number or 0, p.place)):
        best: tuple[float, str] | None = None
        for first in firsts:
            if first.envelope or (
                page.number is not None and any(p.number == page.number for p in letters[first.name])
            ):
                continue
            score = max(_belongs(member, page) for member in letters[first.name])
            if best is None or score > best[0]:
                best = (score, first.name)
        least = 1.2 if page.number is not None and page.number > 1 else 2.0
        if best is not None and best[0] >= least:
            letters[best[1]].append(page)
        else:
            letters[page.name] = [page]
            firsts.append(page)
    out: list[tuple[int, tuple[str, ...]]] = []
    for group in letters.values():
        has_first = any(p.number == 1 for p in group)
        later = any(p.number is not None and p.number > 1 for p in group)
        opened = any(p.opens for p in group)

        def place_of(page: _Page, before: bool = later and not has_first and not opened) -> tuple[float, int]:
            if page.number is not None:
                return page.number, page.place
            return (1 if page.opens or before else 50), page.place

        ordered = sorted(group, key=place_of)
        names = [p.name for p in ordered]
        names += [name for name, twin in twins.items() if twin in names]
        out.append((min(by_name[n].place for n in names), tuple(names)))
    return tuple(names for _, names in sorted(out))


def _could_follow(page: _Page, pages: Sequence[_Page]) -> bool:
    """Return whether an unnumbered page without a salutation can be the back or next page of another one."""
    others = [other for other in pages if other is not page and other.opens and not other.envelope]
    return any(_belongs(other, page) >= 2.0 for other in others)
