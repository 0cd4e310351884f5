"""From the bytes of one file to the words of its pages, or the reason why it cannot be read."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from statistics import median
from typing import Any, cast

import cv2
import numpy as np

from briefbrug.errors import Reason
from briefbrug.letter import Box, PageReading, Reread, Word
from ocr import page as paper
from ocr.limits import DEFAULT_LIMITS, Limits
from ocr.missed import missed_lines
from ocr.motion import find_motion, without_motion
from ocr.pdf import pdf_pages
from ocr.second import SecondReader
from ocr.stages import Stages
from ocr.tesseract import Recogniser, make_recogniser
from ocr.weak import cut_out, laid_together, weak_lines
from ocr.words import (
    Seen,
    in_lines,
    mean_confidence,
    with_tight_boxes,
    without_specks,
)

UNREADABLE = 60.0
"""Mean confidence by the first reader under which other turns are tried."""
UNTOLD = 50.0
"""Mean confidence by both readers under which a page is not told: between it and `facts.HALF_READ` senders, days and amounts
are right more often than not, and never sure."""
ENOUGH_WORDS = 12
LEAST_WORDS = 5
"""Fewer are specks of a table, not lines worth a second look."""
TRUSTED_WHEN_POOR = 72.0
"""The same for photos that are dark or far: what is read of them surely or not, half of it is wrong (measured)."""
SMALL_PRINT_PX = 8.5
"""Median height of words on the photo below which letters melt together."""
FEW_PIXELS = 600.0
"""Width of a sheet on the photo, in its pixels, below which print is small: 72 to the inch."""
STEADY = 88.0
"""Mean confidence from which a page was not moved while it was photographed, or too little to matter."""
PATIENCE_SECONDS = 4.0
"""Processor time after which no further turn of a poor page is tried: noise costs far more than text."""
DARK = 70.0
CERTAIN_MISSED = 85.0
"""Confidence of the second reader from which its words are taken where the first read nothing."""
MISSED_CONFIDENCE = 72.0
BLURRED = 3.6
"""Width of an edge of print (see `page.edge_width`) above which nobody could read it."""

OnPage = Callable[[], None]


class Reader:
    """Reads files with one warm recogniser and one second reader; not for several threads at once."""

    def __init__(self, recogniser: Recogniser | None = None, second: SecondReader | None = None) -> None:
        self.recogniser = recogniser if recogniser is not None else make_recogniser()
        self.second = second if second is not None else SecondReader()

    def read_file(
        self, content: bytes, limits: Limits = DEFAULT_LIMITS, on_page: OnPage | None = None
    ) -> tuple[PageReading, ...]:
        """Return the readings of one photo or PDF: one per page, or one per sheet when a photo shows several.

        `on_page` is called before each page, so that a watcher can give each its own time.

        Raises:
            BriefbrugError: when the file as a whole cannot be opened (FILE_*, PICTURE_TOO_LARGE, PDF_*,
                READING_TOO_HEAVY). A page that was opened but cannot be read is a `PageReading` with a problem.
        """
        kind = paper.check_file(content, limits)
        readings: list[PageReading] = []
        if kind == "PDF":
            pages = pdf_pages(content, limits)
            while True:
                if on_page:
                    on_page()
                start = time.perf_counter()
                item = next(pages, None)
                if item is None:
                    return tuple(readings)
                if item.picture is not None:
                    found = self._read_picture(item.picture, scanned=True)
                else:
                    found = [_digital(item.words, item.width, item.height)]
                seconds = time.perf_counter() - start
                # A PDF page is one page, also when it shows two sheets: its words in one reading.
                readings.append(replace(_merged(found), seconds=seconds))
        if on_page:
            on_page()
        start = time.perf_counter()
        picture = paper.open_picture(content, limits)
        opened = round(time.perf_counter() - start, 4)
        found = self._read_picture(picture)
        seconds = time.perf_counter() - start
        return tuple(replace(r, seconds=seconds / len(found), stages={"open": opened, **r.stages}) for r in found)

    # ------------------------------------------------------------ one picture

    def _read_picture(self, picture: paper.Picture, scanned: bool = False) -> list[PageReading]:
        watch = Stages()
        sheets = paper.flat_sheets(picture, stages=watch)
        readings = [self._read_sheet(picture, sheet, watch) for sheet in sheets]
        if len(readings) > 1:
            # A white saucer or napkin beside the letter is no second letter.
            worthy = [r for r in readings if len(r.words) >= ENOUGH_WORDS and r.mean_confidence >= UNREADABLE]
            if len(worthy) != len(readings):
                readings = worthy or [max(readings, key=lambda r: len(r.words))]
        readings = [replace(r, stages={k: round(v, 4) for k, v in watch.seconds.items()}) for r in readings]
        if len(readings) > 1:
            boxes = [paper.union([w.box for w in r.words]) for r in readings]
            readings = [
                replace(r, sheets=(boxes[i], *(b for k, b in enumerate(boxes) if k != i)))
                for i, r in enumerate(readings)
            ]
        return readings

    def _read_sheet(self, picture: paper.Picture, sheet: paper.Sheet, watch: Stages) -> PageReading:
        words: list[Seen] = []
        as_taken: paper.Pixels | None = None
        if float(cast(Any, cv2.meanStdDev(sheet.grey))[1][0, 0]) >= 4:
            with watch.lap("recognise"):
                words = self._recognise(sheet)
            if _poor(words) and paper.looks_written(sheet.grey):
                with watch.lap("flip"):
                    sheet, words = self._other_way_up(sheet, words)
            if mean_confidence(words) < STEADY:
                with watch.lap("motion"):
                    steady, words = self._without_motion(sheet, words)
                    sheet, as_taken = steady, sheet.grey if steady is not sheet else None
            if self.second.available and len(words) >= LEAST_WORDS:
                with watch.lap("weak"):
                    words = self._with_weak(sheet, words)
            if not _poor(words):
                with watch.lap("missed"):
                    words = self._with_missed(sheet, words)
        return self._finish(picture, sheet, words, watch, as_taken)

    def _without_motion(self, sheet: paper.Sheet, words: list[Seen]) -> tuple[paper.Sheet, list[Seen]]:
        """Return sheet and words with the movement of the hand undone, when that reads better."""
        motion = find_motion(sheet.grey, self.recogniser.lines(sheet.grey), self.recogniser.certainty)
        if motion is None:
            return sheet, words
        steady = replace(sheet, grey=without_motion(sheet.grey, motion))
        again = self._recognise(steady)
        return (steady, again) if _worth(again) > _worth(words) else (sheet, words)

    def _with_weak(self, sheet: paper.Sheet, words: list[Seen]) -> list[Seen]:
        """Return the words with those of weak lines as both readers see them."""
        out = {id(word): word for word in words}
        for line in weak_lines(words):
            crop, left, right = cut_out(sheet.grey, line)
            both = laid_together(line, self.second.read_words(crop), left, right)
            for word in line:
                out.pop(id(word))
            out.update({id(word): word for word in both})
        return without_specks(list(out.values()))

    def _with_missed(self, sheet: paper.Sheet, words: list[Seen]) -> list[Seen]:
        """Return the words and those that the recogniser passed over, as the second reader sees them.

        Small print in the column of references is passed over most. Such words never count as clear print: nobody
        else has read them.
        """
        if not self.second.available:
            return words
        gone: set[int] = set()
        more: list[Seen] = []
        height, width = sheet.grey.shape[:2]
        for number, piece in enumerate(missed_lines(sheet.grey, words)):
            pad = max(2, round(0.16 * (piece.y1 - piece.y0)))
            x0, x1 = max(0, piece.x0 - 2 * pad), min(width, piece.x1 + 2 * pad)
            y0, y1 = max(0, piece.y0 - pad), min(height, piece.y1 + pad)
            seen = self.second.read_words(sheet.grey[y0:y1, x0:x1])
            text = " ".join(word for word, *_ in seen)
            certainty = sum(len(word) * sure for word, _, _, sure in seen) / max(1, sum(len(word) for word, *_ in seen))
            before = [words[i] for i in piece.replaces]
            had = sum(len(w.text) for w in before)
            if certainty < CERTAIN_MISSED or sum(c.isalnum() for c in text) < max(2, had) or gone & set(piece.replaces):
                continue
            gone.update(piece.replaces)
            for word, first, last, sure in seen:
                left, right = round(x0 + first * (x1 - x0)), round(x0 + last * (x1 - x0))
                # A word that both read alike keeps the box and the certainty of the first.
                twin = next((w for w in before if w.text == word and w.x0 < right and left < w.x1), None)
                line = (-1, number, 0)
                more.append(
                    replace(twin, line=line)
                    if twin
                    else Seen(word, left, piece.y0, max(right, left + 2), piece.y1, min(MISSED_CONFIDENCE, sure), line)
                )
        return [w for i, w in enumerate(words) if i not in gone] + more

    def _recognise(self, sheet: paper.Sheet) -> list[Seen]:
        words = without_specks(self.recogniser.recognise(sheet.grey))
        return with_tight_boxes(sheet.grey, words)

    def _other_way_up(self, sheet: paper.Sheet, words: list[Seen]) -> tuple[paper.Sheet, list[Seen]]:
        """Return the reading of the best of the four turns; a poor reading is most often a page on its head."""
        best, best_words = sheet, words
        start = _cpu_seconds()
        for degrees in (180, 90, 270):
            turned = paper.turn_sheet(sheet, degrees)
            again = self._recognise(turned)
            if _worth(again) > _worth(best_words):
                best, best_words = turned, again
            if not _poor(best_words) or _cpu_seconds() - start > PATIENCE_SECONDS:
                break
            if degrees == 180 and max(_worth(words), _worth(again)) > 2500:
                break  # a bad photo, but its lines were recognised as lines: turning by 90 cannot help
        return best, best_words

    def _finish(
        self,
        picture: paper.Picture,
        sheet: paper.Sheet,
        seen: list[Seen],
        watch: Stages,
        as_taken: paper.Pixels | None = None,
    ) -> PageReading:
        """Return the reading of a sheet; `as_taken` is the sheet before a movement was undone."""
        matrix = picture.to_stored @ sheet.to_picture
        lines = in_lines(seen)
        words: list[Word] = []
        flat: list[Seen] = []
        for number, line in enumerate(lines):
            for item in line:
                box = paper.map_box(
                    (item.x0, item.y0, item.x1, item.y1), matrix, picture.stored_width, picture.stored_height
                )
                words.append(Word(item.text, box, round(item.confidence, 1), 0, number))
                flat.append(item)
        confidence = mean_confidence(seen)
        problem = self._problem(picture, sheet, flat, confidence)
        cut = cut_lines(words, picture.stored_width, picture.stored_height, paper.turn_of(matrix))
        if problem in {None, Reason.NOT_READABLE.value} and cut >= CUT_LINES:
            problem = Reason.PHOTO_CUT_OFF.value
        reading = PageReading(
            width=picture.stored_width,
            height=picture.stored_height,
            words=tuple(words),
            problem=problem,
            turn=paper.turn_of(matrix),
            mean_confidence=round(confidence, 1),
            sender_hint=_hint(lines) if problem == Reason.ENVELOPE else None,
            fingerprint=fingerprint([w.text for w in words]),
            flat=tuple(Box(i.x0, i.y0, max(i.x1, i.x0 + 1), max(i.y1, i.y0 + 1)) for i in flat),
            whole=sheet.whole and not cut,
        )
        if problem:
            return reading
        with watch.lap("again"):
            # Undoing a movement may draw a figure that both readers then see: the second one looks at the photo as it was.
            grey = sheet.grey if as_taken is None else as_taken
            return replace(reading, rereads=self._look_again(grey, reading, flat))

    def _problem(self, picture: paper.Picture, sheet: paper.Sheet, words: list[Seen], confidence: float) -> str | None:
        """Return why this page cannot be trusted, as a code of `Reason`; None when it can."""
        if looks_like_envelope(sheet, words):
            return Reason.ENVELOPE.value
        if len(words) >= ENOUGH_WORDS and confidence >= TRUSTED_WHEN_POOR:
            return None
        if paper.brightness(picture.pixels[::2, ::2, 1]) < DARK:
            return Reason.PHOTO_TOO_DARK.value
        if len(words) < 5 and not sheet.found:
            return Reason.NO_PAPER.value
        if paper.edge_width(sheet.grey) > BLURRED:
            return Reason.PHOTO_TOO_BLURRED.value
        if _far(sheet, words):
            return Reason.PHOTO_TOO_FAR.value
        if len(words) >= ENOUGH_WORDS and confidence >= UNTOLD:
            return None
        return Reason.NO_PAPER.value if len(words) < 5 else Reason.NOT_READABLE.value

    def _look_again(self, grey: paper.Pixels, reading: PageReading, seen: Sequence[Seen]) -> tuple[Reread, ...]:
        """Return the second reader's view of the words that decide."""
        from ocr.facts import spans_that_decide

        if not self.second.available:
            return ()
        spans = spans_that_decide(reading)
        jobs: list[tuple[int, ...]] = []
        known: list[Reread] = []
        crops: list[paper.Pixels] = []
        height, width = grey.shape[:2]
        for span in spans:
            for piece in _by_line(span, reading.words):
                items = [seen[i] for i in piece]
                high = max(i.height for i in items)
                pad = max(2, round(0.18 * high))
                x0, x1 = max(0, min(i.x0 for i in items) - 2 * pad), min(width, max(i.x1 for i in items) + 2 * pad)
                y0, y1 = max(0, min(i.y0 for i in items) - pad), min(height, max(i.y1 for i in items) + pad)
                if y1 - y0 < 6 or x1 - x0 < 6 or y1 - y0 > 6 * high:
                    continue
                if any(i.otherwise is not None for i in items):
                    # The second reader's own word: the first reader's view of it is the other pair of eyes.
                    known.append(
                        Reread(piece, " ".join(_first_view(items)), round(min(i.confidence for i in items), 1))
                    )
                    continue
                jobs.append(piece)
                crops.append(grey[y0:y1, x0:x1])
        return (
            *known,
            *(
                Reread(piece, text, round(sure, 1))
                for piece, (text, sure) in zip(jobs, self.second.read(crops), strict=True)
            ),
        )


def _first_view(items: Sequence[Seen]) -> Iterator[str]:
    """Yield what the first reader saw of some neighbouring words, each piece of it once."""
    last: str | None = None
    for item in items:
        if item.otherwise is None:
            yield item.text
        elif item.otherwise != last:
            yield item.otherwise
        last = item.otherwise


def _cpu_seconds() -> float:
    """Return the processor time of this process and the programs it ran: the same on a busy machine as on a quiet one."""
    return sum(os.times()[:4])


def _by_line(span: Sequence[int], words: Sequence[Word]) -> Iterator[tuple[int, ...]]:
    """Yield the parts of a span that stand on one printed line each."""
    part: list[int] = []
    for index in span:
        if part and words[index].line != words[part[-1]].line:
            yield tuple(part)
            part = []
        part.append(index)
    if part:
        yield tuple(part)


def _worth(words: Sequence[Seen]) -> float:
    """Return how much was read: letters of words with at least fair confidence, weighted by it."""
    return sum(len(w.text) * w.confidence / 100 for w in words if w.confidence > 50 and len(w.text) > 2) * 10


def _poor(words: Sequence[Seen]) -> bool:
    return len(words) < ENOUGH_WORDS or mean_confidence(words) < UNREADABLE


def _far(sheet: paper.Sheet, words: Sequence[Seen]) -> bool:
    """Return whether the paper, or where its edges are unknown its print, is small on the photo."""
    if sheet.found:
        return min(sheet.grey.shape[:2]) * sheet.native_scale < FEW_PIXELS
    print_ = [w.height for w in words if len(w.text) > 2]
    return bool(print_) and median(print_) * sheet.native_scale < SMALL_PRINT_PX


CUT_LINES = 2
"""Lines on one side that end at the edge of the photo, from which a photo is cut off: of 200 others none had one."""


def _pieces(line: Sequence[Word], sideways: bool, gap: float) -> list[list[tuple[Word, int, int]]]:
    """Return the words of a line with where they begin and end, parted where nothing stands for more than `gap` pixels."""
    placed = [(w, w.box.y0, w.box.y1) if sideways else (w, w.box.x0, w.box.x1) for w in line]
    placed.sort(key=lambda one: one[1])
    pieces: list[list[tuple[Word, int, int]]] = []
    for one in placed:
        if pieces and one[1] - pieces[-1][-1][2] <= gap:
            pieces[-1].append(one)
        else:
            pieces.append([one])
    return pieces


GAP = 3.0
"""Heights of a letter without print that part a sheet from the print of another beside it."""
REACHES = 0.2
"""How far among the whole lines a cut one reaches, as a share of their length."""


def cut_lines(words: Sequence[Word], width: int, height: int, turn: int) -> int:
    """Return how many lines of text the left or right edge of the photo cuts through, so that words are missing.

    Paper has a margin, so a line that ends within half a letter's height of the edge was cut. `width` and `height`
    are those of the stored photo, `turn` what makes it upright.
    """
    sideways = turn in {90, 270}
    far = height if sideways else width
    print_ = [w for w in words if len(w.text) > 2 and w.confidence > 50]
    if not print_:
        return 0
    near = 0.5 * median((w.box.x1 - w.box.x0) if sideways else (w.box.y1 - w.box.y0) for w in print_)
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    ends: list[tuple[int, int]] = []
    for piece in (piece for line in lines.values() for piece in _pieces(line, sideways, GAP * 2 * near)):
        if sum(w.confidence >= 50 and len(w.text) > 1 for w, _, _ in piece) < 3:
            continue  # texture of the table read as letters
        ends.append((min(first for _, first, _ in piece), max(last for _, _, last in piece)))
    whole = [(first, last) for first, last in ends if near <= first and last <= far - near]
    # Where most lines are whole, a line that is cut but does not reach among them stands on another paper beside the sheet.
    inner = (near, far - near)
    if len(whole) > len(ends) / 2:
        begin, end = median(first for first, _ in whole), median(last for _, last in whole)
        inner = (begin + REACHES * (end - begin), end - REACHES * (end - begin))
    low = sum(first < near and last > inner[0] for first, last in ends)
    high = sum(last > far - near and first < inner[1] for first, last in ends)
    return max(low, high)


_WINDOW = re.compile(
    r"\b(postbus|retour(adres)?|antwoordnummer|port ?betaald|port ?payé|priority|indien onbestelbaar|\d{4}\s?[A-Z]{2})\b",
    re.IGNORECASE,
)


_LETTER = re.compile(r"\b(geachte|beste|betreft|onderwerp|dagtekening|met vriendelijke groet)\b", re.IGNORECASE)


def looks_like_envelope(sheet: paper.Sheet, words: Sequence[Seen]) -> bool:
    """Return whether the sheet is the outside of an envelope: wide, few words, an address, no running text."""
    certain = [w for w in words if w.confidence >= 60 and len(w.text) > 1]
    if not certain or len(certain) > 45:
        return False
    height, width = sheet.grey.shape[:2]
    if width < 1.15 * height:
        return False
    text = " ".join(w.text for line in in_lines(certain) for w in line)
    return bool(_WINDOW.search(text)) and not _LETTER.search(text)


def _hint(lines: Sequence[Sequence[Seen]]) -> str | None:
    """Return the words on an envelope, at most 160 characters; the sender is looked up in them."""
    text = " ".join(w.text for line in lines for w in line)
    return text[:160] or None


def _digital(words: Sequence[Seen], width: int, height: int) -> PageReading:
    lines = in_lines(words)
    out = [
        Word(w.text, Box(max(0, w.x0), max(0, w.y0), max(w.x1, w.x0 + 1), max(w.y1, w.y0 + 1)), 100.0, 0, number)
        for number, line in enumerate(lines)
        for w in line
    ]
    return PageReading(
        width, height, tuple(out), mean_confidence=100.0, fingerprint=fingerprint([w.text for w in out]), digital=True
    )


def _merged(readings: Sequence[PageReading]) -> PageReading:
    """Return one reading with the words of all, line numbers running on."""
    first = readings[0]
    if len(readings) == 1:
        return first
    words: list[Word] = []
    flat: list[Box] = []
    rereads: list[Reread] = []
    for reading in readings:
        below = max((b.y1 for b in flat), default=0)
        flat.extend(Box(b.x0, b.y0 + below, b.x1, b.y1 + below) for b in reading.flat)
        base, shift = (words[-1].line + 1 if words else 0), len(words)
        words.extend(replace(w, line=w.line + base) for w in reading.words)
        rereads.extend(replace(r, words=tuple(i + shift for i in r.words)) for r in reading.rereads)
    return replace(
        first,
        words=tuple(words),
        rereads=tuple(rereads),
        flat=tuple(flat),
        sheets=(),
        fingerprint=fingerprint([w.text for w in words]),
        mean_confidence=min(r.mean_confidence for r in readings),
    )


_TOKEN = re.compile(r"[^\W_]{4,}")


def fingerprint(texts: Sequence[str]) -> str:
    """Return a 64-bit mark (16 hex digits) of the words of a page; alike pages differ in few bits, "" without words."""
    votes = np.zeros(64)
    tokens = {t for text in texts for t in cast(list[str], _TOKEN.findall(text.lower()))}
    if not tokens:
        return ""
    for token in tokens:
        digest = hashlib.blake2b(token.encode(), digest_size=8).digest()
        bits = np.unpackbits(np.frombuffer(digest, dtype=np.uint8)).astype(np.float64)
        votes += 2 * bits - 1
    return np.packbits((votes > 0).astype(np.uint8)).tobytes().hex()


@lru_cache(maxsize=1)
def _default_reader() -> Reader:
    return Reader()


def read_file(content: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[PageReading, ...]:
    """Return the readings of one file, read in this process (see `Reader.read_file`); `ReadingPool` keeps it apart."""
    return _default_reader().read_file(content, limits)
