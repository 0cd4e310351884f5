"""Words put into reading order: printed lines, pieces of lines, and flows of running text, with marks for findings."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import median

from briefbrug.letter import PageReading, Word
from ocr.slips import set_right

WIDE_GAP = 1.5
"""A gap of more than this many letter heights parts two columns."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word in upright coordinates; `index` is its place among all words of the letter."""

    index: int
    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    page: int
    line: int
    confidence: float

    @property
    def height(self) -> float:
        """Height of the word in sheet pixels."""
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring words of one printed line without a wide gap: a cell, a column's part of the line.

    `x0` and `x1` are its edges in sheet pixels, `y0` and `y1` those of most of its words, `height` that of most of its
    words, at least one pixel; worked out once, because layouts compare every piece with every other.
    """

    tokens: tuple[Token, ...]
    x0: float = field(init=False, compare=False)
    x1: float = field(init=False, compare=False)
    y0: float = field(init=False, compare=False)
    y1: float = field(init=False, compare=False)
    height: float = field(init=False, compare=False)

    def __post_init__(self) -> None:
        for name, value in (
            ("x0", self.tokens[0].x0),
            ("x1", self.tokens[-1].x1),
            ("y0", median(t.y0 for t in self.tokens)),
            ("y1", median(t.y1 for t in self.tokens)),
            ("height", max(1.0, median(t.height for t in self.tokens))),
        ):
            object.__setattr__(self, name, value)

    @property
    def page(self) -> int:
        """Index of the page inside the letter."""
        return self.tokens[0].page

    @property
    def text(self) -> str:
        """The words joined by single blanks."""
        return " ".join(t.text for t in self.tokens)


@dataclass(frozen=True, slots=True)
class Layout:
    """A letter's words in reading order.

    `rows` are the printed lines of all pages, each a list of pieces from left to right; `flows` are pieces that run
    on below each other: a paragraph, an address, a column of labels.
    """

    words: tuple[Word, ...]
    rows: tuple[tuple[Piece, ...], ...]
    flows: tuple[tuple[Piece, ...], ...]
    tops: tuple[float, ...]
    bottoms: tuple[float, ...]
    lefts: tuple[float, ...]
    rights: tuple[float, ...]
    digital: bool = False
    text_height: float = field(default=20.0)

    def depth(self, item: Piece | Token) -> float:
        """Return where on its page an item stands: 0 at the first word, 1 at the last."""
        page = item.page
        return (item.y0 - self.tops[page]) / max(1.0, self.bottoms[page] - self.tops[page])

    def across(self, item: Piece | Token) -> float:
        """Return where an item begins from left (0) to right (1)."""
        page = item.page
        return (item.x0 - self.lefts[page]) / max(1.0, self.rights[page] - self.lefts[page])

    def words_of(self, tokens: Sequence[Token]) -> tuple[Word, ...]:
        """Return the words of these tokens, as proof."""
        return tuple(self.words[t.index] for t in tokens)


def _upright(index: int, reading: PageReading) -> tuple[float, float, float, float]:
    if len(reading.flat) == len(reading.words):
        flat = reading.flat[index]
        return flat.x0, flat.y0, flat.x1, flat.y1
    b, w, h = reading.words[index].box, reading.width, reading.height
    if reading.turn == 90:
        return h - b.y1, b.x0, h - b.y0, b.x1
    if reading.turn == 180:
        return w - b.x1, h - b.y1, w - b.x0, h - b.y0
    if reading.turn == 270:
        return b.y0, w - b.x1, b.y1, w - b.x0
    return b.x0, b.y0, b.x1, b.y1


def _pieces(line: Sequence[Token]) -> list[Piece]:
    out: list[Piece] = []
    current: list[Token] = []
    high = median(t.height for t in line)
    for token in line:
        if current and token.x0 - current[-1].x1 > WIDE_GAP * high:
            out.append(Piece(tuple(current)))
            current = []
        current.append(token)
    out.append(Piece(tuple(current)))
    return out


def _flows(rows: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Return pieces chained downwards where they overlap and stand close together."""
    flows: list[list[Piece]] = []
    open_flows: list[list[Piece]] = []
    widest: dict[int, float] = {}
    for row in rows:
        widest[row[0].page] = max(widest.get(row[0].page, 0.0), row[-1].x1)
    for row in rows:
        used: list[list[Piece]] = []
        for piece in row:
            best: tuple[float, list[Piece]] | None = None
            for flow in open_flows:
                last = flow[-1]
                if last.page != piece.page or any(flow is u for u in used):
                    continue
                gap = piece.y0 - last.y1
                high = max(last.height, piece.height)
                # Text that runs on fills its line first: then a wide line spacing is no new paragraph.
                runs_on = last.x1 > 0.8 * widest[piece.page] and not last.tokens[-1].text.endswith((".", ":", "!", "?"))
                if gap > (2.3 if runs_on else 1.1) * high or piece.y0 < last.y0 + 0.3 * last.height:
                    continue
                overlap = min(last.x1, piece.x1) - max(last.x0, piece.x0)
                share = overlap / max(1.0, min(last.x1 - last.x0, piece.x1 - piece.x0))
                # Two columns: a line that runs on begins where the line above began.
                begins = abs(piece.x0 - last.x0) < 3 * piece.height or abs(piece.x0 - flow[0].x0) < 3 * piece.height
                if share < 0.4 or not begins:
                    continue
                score = share - abs(piece.x0 - last.x0) / (100 * piece.height)
                if best is None or score > best[0]:
                    best = (score, flow)
            if best is None:
                flow = [piece]
                flows.append(flow)
                open_flows.append(flow)
                used.append(flow)
            else:
                best[1].append(piece)
                used.append(best[1])
        open_flows = [f for f in open_flows if f[-1].page == row[0].page and row[0].y0 - f[-1].y1 < 4 * f[-1].height]
    return flows


def lay_out(pages: Sequence[PageReading]) -> Layout:
    """Return the words of a letter's pages in reading order, each word with the number of its page."""
    words: list[Word] = []
    rows: list[tuple[Piece, ...]] = []
    tops: list[float] = []
    bottoms: list[float] = []
    lefts: list[float] = []
    rights: list[float] = []
    for number, reading in enumerate(pages):
        lines: dict[int, list[Token]] = {}
        for index, word in enumerate(reading.words):
            x0, y0, x1, y1 = _upright(index, reading)
            text = word.text if reading.digital else set_right(word.text, word.confidence)
            token = Token(len(words), text, x0, y0, x1, y1, number, word.line, word.confidence)
            words.append(replace(word, page=number))
            lines.setdefault(word.line, []).append(token)
        tokens = [t for line in lines.values() for t in line]
        tops.append(min((t.y0 for t in tokens), default=0.0))
        bottoms.append(max((t.y1 for t in tokens), default=1.0))
        lefts.append(min((t.x0 for t in tokens), default=0.0))
        rights.append(max((t.x1 for t in tokens), default=1.0))
        rows.extend(tuple(_pieces(lines[key])) for key in sorted(lines))
    height = median(t.height for row in rows for p in row for t in p.tokens) if rows else 20.0
    return Layout(
        tuple(words), tuple(rows), tuple(tuple(f) for f in _flows(rows)), tuple(tops), tuple(bottoms), tuple(lefts), tuple(rights),
        any(p.digital for p in pages), height,
    )  # fmt: skip


def label_above(layout: Layout, piece: Piece) -> str:
    """Return the plain text of the piece right above, when it begins at the same place: a label over its value."""
    best: tuple[float, str] | None = None
    for row in layout.rows:
        for other in row:
            if other.page != piece.page or other.y1 > piece.y0 + 0.4 * piece.height:
                continue
            gap = piece.y0 - other.y1
            if gap > 1.6 * piece.height or abs(other.x0 - piece.x0) > 1.6 * piece.height:
                continue
            if best is None or gap < best[0]:
                best = (gap, plain(other.text))
    return best[1] if best else ""


def words_above(layout: Layout, token: Token) -> tuple[Token, ...]:
    """Return the words that begin right above a word and run on from there: the head of its column; () without one.

    Narrow columns can melt into one piece, so this looks at single words.
    """
    high = max(1.0, token.height)
    best: tuple[float, tuple[Token, ...]] | None = None
    for row in layout.rows:
        for piece in row:
            if piece.page != token.page or piece.y1 > token.y0 + 0.4 * high or token.y0 - piece.y1 > 1.7 * high:
                continue
            for place, other in enumerate(piece.tokens):
                gap = token.y0 - other.y1
                if abs(other.x0 - token.x0) < 0.9 * high and -0.5 * high < gap < 1.7 * high:
                    if best is None or gap < best[0]:
                        best = (gap, piece.tokens[place : place + 3])
    return best[1] if best else ()


# ---------------------------------------------------------------- text with marks

_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00a0": " "}
)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return `text` in small letters without accents; each word of a letter is asked for some twenty times."""
    lowered = text.translate(_PLAIN).lower()
    if lowered.isascii():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))


_CLOCK = re.compile(r"(?=.*\d)[\dol]{1,2}[.:][\dol]{2}[,.;]?")
_FIGURES = str.maketrans("ol", "01")


def clock(text: str) -> str:
    """Return a time of the day with figures where letters that look alike were read ("1o.oo"); other text as it is."""
    return text.translate(_FIGURES) if _CLOCK.fullmatch(text) else text


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding inside a run of tokens: tokens `first` to `last` (inclusive) are shown as `<sign><number>`."""

    first: int
    last: int
    sign: str
    number: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A run of tokens as one plain text in which findings stand as marks such as `<d0>` or `<a2>`."""

    text: str
    tokens: tuple[Token, ...]
    starts: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def tokens_at(self, start: int, end: int) -> tuple[Token, ...]:
        """Return the tokens behind the characters from `start` to `end` (exclusive)."""
        if not self.starts or end <= start:
            return ()
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first, bisect_right(self.starts, end - 1) - 1)
        return self.tokens[self.spans[first][0] : self.spans[last][1]]


def marked(tokens: Sequence[Token], marks: Sequence[Mark]) -> Marked:
    """Return the text of `tokens` with `marks` in place of what they cover; marks do not overlap."""
    by_start = {m.first: m for m in marks}
    parts: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int]] = []
    length = 0
    index = 0
    while index < len(tokens):
        mark = by_start.get(index)
        if mark is not None:
            part, end = f"<{mark.sign}{mark.number}>", mark.last + 1
            tail = tokens[mark.last].text
            # "Ma. 30 nov. sluiten wij": the stop of an abbreviation ends no sentence.
            runs_on = tail.endswith(".") and tail[:1].isalpha() and end < len(tokens) and tokens[end].text[:1].islower()
            part += tail[-1] if tail.endswith((".", ",", ";", "?", "!")) and not runs_on else ""
        else:
            part, end = clock(plain(tokens[index].text)), index + 1
        starts.append(length)
        spans.append((index, end))
        parts.append(part)
        length += len(part) + 1
        index = end
    return Marked(" ".join(parts), tuple(tokens), tuple(starts), tuple(spans))
