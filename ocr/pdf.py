"""The door to PDFs: their own text where they have it, a picture of the page where they have none."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from briefbrug.errors import BriefbrugError, Reason
from ocr.limits import DEFAULT_LIMITS, Limits
from ocr.page import Picture, Pixels
from ocr.words import Seen

DPI = 200
POINT = DPI / 72
"""Pixels per PDF point."""

MANY_OBJECTS = 400
"""Drawn objects from which pdfium alone gives the words: a browser's PDF draws nearly every letter by itself, 1,000 to a
page, and pdfplumber then takes 130 ms where pdfium takes 30; hostile pages have millions."""
BROKEN = {"\ufffe": "-", "\u00ad": "-"}
"""What pdfium gives for the hyphen of a word that is broken at the end of a line."""

_GARBAGE = re.compile(r"\(cid:\d+\)|[\ufffd\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page: its size in pixels at 200 dpi, and either its own words or, when it has none, its picture."""

    width: int
    height: int
    words: tuple[Seen, ...]
    picture: Picture | None


def _open(content: bytes) -> Any:
    import pypdfium2

    try:
        return cast(Any, pypdfium2).PdfDocument(content)
    except cast(Any, pypdfium2).PdfiumError as error:
        if "assword" in str(error):
            raise BriefbrugError(Reason.PDF_ENCRYPTED) from error
        raise BriefbrugError(Reason.FILE_DAMAGED, "pdf") from error


def _picture(page: Any, width: float, height: float, limits: Limits, grey: bool) -> Pixels:
    """Return the page drawn at 200 dpi, or smaller where it would be larger than a sheet ever is."""
    scale = POINT
    pixels = width * height * scale * scale
    if pixels > limits.pdf_page_pixels:
        scale *= (limits.pdf_page_pixels / pixels) ** 0.5
    longest = max(width, height) * scale
    if longest > 12_000 or min(width, height) * scale < 16:
        raise BriefbrugError(Reason.FILE_DAMAGED, "page size")
    bitmap = page.render(scale=scale, grayscale=grey, rev_byteorder=False)
    array = bitmap.to_numpy()
    if array.ndim == 2 or array.shape[2] == 1:
        array = np.repeat(array.reshape(array.shape[0], array.shape[1], 1), 3, axis=2)
    return np.ascontiguousarray(array[:, :, :3])


def _sound(text: str) -> bool:
    """Return whether a text layer looks like text: enough letters, few characters without a meaning."""
    letters = sum(c.isalnum() for c in text)
    return letters >= 30 and len(_GARBAGE.findall(text)) * 5 < letters


def _words_pdfplumber(content: bytes, number: int) -> list[Seen]:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(content), pages=[number + 1]) as document:
        page = document.pages[0]
        found = page.extract_words(x_tolerance=1.5, y_tolerance=2, keep_blank_chars=False, use_text_flow=False)
    words: list[Seen] = []
    for row in found:
        x0, y0, x1, y1 = (round(float(row[key]) * POINT) for key in ("x0", "top", "x1", "bottom"))
        words.append(Seen(str(row["text"]), x0, y0, max(x1, x0 + 1), max(y1, y0 + 1), 100.0))
    return words


def _words_pdfium(text_page: Any, height: float) -> list[Seen]:
    """Return words from pdfium's characters."""
    count = text_page.count_chars()
    words: list[Seen] = []
    letters: list[str] = []
    edges: list[tuple[float, float, float, float]] = []

    def close() -> None:
        if letters:
            x0, y0 = min(e[0] for e in edges), min(height - e[3] for e in edges)
            x1, y1 = max(e[2] for e in edges), max(height - e[1] for e in edges)
            words.append(
                Seen(
                    "".join(letters),
                    round(x0 * POINT),
                    round(y0 * POINT),
                    round(x1 * POINT) + 1,
                    round(y1 * POINT) + 1,
                    100.0,
                )
            )
        letters.clear()
        edges.clear()

    text = cast(str, text_page.get_text_range(0, count))
    end = foot = high = 0.0
    for index, letter in enumerate(text[:count]):
        if letter.isspace():
            close()
            continue
        # The loose box is as wide as the letter's place and as high as its print; the ink of a "1" or a "." is far smaller.
        left, low, right, top = cast(tuple[float, ...], text_page.get_charbox(index, loose=True))
        if edges and (left - end > 0.3 * high or left < end - high or abs(low - foot) > 0.6 * high):
            close()
        end, foot, high = right, low, max(1.0, top - low)
        letters.append(BROKEN.get(letter, letter))
        # Along the line the ink counts, across it the print's own height: with ink alone "om" and "dag" stand on two lines.
        ink = text_page.get_charbox(index)
        edges.append((ink[0], low, ink[2], top))
    close()
    return words


def _on_one_height(words: list[Seen]) -> list[list[Seen]]:
    """Return the words grouped by the height of their middle; letters below the line ("gegeven") make no other line."""
    lines: list[list[Seen]] = []
    middle = 0.0
    for word in sorted(words, key=lambda w: w.middle):
        if lines and abs(word.middle - middle) <= 0.4 * max(word.height, lines[-1][0].height):
            lines[-1].append(word)
            continue
        lines.append([word])
        middle = word.middle
    return lines


def _numbered(words: list[Seen], limits: Limits) -> tuple[Seen, ...]:
    """Return the words with a piece number per run of words on one height without a wide gap."""
    ordered = [word for line in _on_one_height(words) for word in sorted(line, key=lambda w: w.x0)]
    out: list[Seen] = []
    number = 0
    for word in ordered:
        if out:
            last = out[-1]
            apart = abs(last.middle - word.middle) > 0.5 * max(last.height, word.height)
            if apart or word.x0 - last.x1 > 2.2 * max(last.height, word.height) or word.x0 < last.x0:
                number += 1
        text = word.text[: limits.word_chars]
        out.append(Seen(text, word.x0, word.y0, word.x1, word.y1, word.confidence, (number, 0, 0)))
    return tuple(out)


def pdf_pages(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Iterator[PdfPage]:
    """Yield the pages of a PDF in order, first looked at by pdfium, words by pdfplumber.

    Raises:
        BriefbrugError: PDF_ENCRYPTED, PDF_TOO_MANY_PAGES, FILE_DAMAGED, or READING_TOO_HEAVY for a page with more
            text than any letter has.
    """
    import pypdfium2

    document = _open(content)
    try:
        count = len(document)
        if count > limits.pdf_pages:
            raise BriefbrugError(Reason.PDF_TOO_MANY_PAGES, f"pages={count} limit={limits.pdf_pages}")
        if count == 0:
            raise BriefbrugError(Reason.FILE_DAMAGED, "pdf without pages")
        chars = 0
        for number in range(count):
            try:
                page = _page(document, content, number, limits)
                chars += sum(len(word.text) for word in page.words)
                if chars > limits.pdf_text_chars_in_all:
                    raise BriefbrugError(Reason.READING_TOO_HEAVY, f"chars={chars}")
                yield page
            except cast(Any, pypdfium2).PdfiumError as error:
                raise BriefbrugError(Reason.FILE_DAMAGED, f"pdf page={number + 1}") from error
    finally:
        document.close()


def _page(document: Any, content: bytes, number: int, limits: Limits) -> PdfPage:
    import pypdfium2.raw as raw

    page = document[number]
    try:
        width, height = page.get_size()
        objects = int(cast(Any, raw).FPDFPage_CountObjects(page.raw))
        text_page = page.get_textpage()
        try:
            chars = text_page.count_chars()
            if chars > limits.pdf_text_chars:
                raise BriefbrugError(Reason.READING_TOO_HEAVY, f"chars={chars} limit={limits.pdf_text_chars}")
            text = cast(str, text_page.get_text_range(0, chars)) if chars else ""
            if _sound(text):
                words: list[Seen] = []
                if objects <= MANY_OBJECTS:
                    try:
                        words = _words_pdfplumber(content, number)
                    except Exception:  # noqa: BLE001 pdfminer fails in many ways on damaged fonts; pdfium has read the same page
                        words = []
                if sum(len(w.text) for w in words) < 0.5 * sum(not c.isspace() for c in text):
                    words = _words_pdfium(text_page, height)
                return PdfPage(round(width * POINT), round(height * POINT), _numbered(words, limits), None)
        finally:
            text_page.close()
        pixels = _picture(page, width, height, limits, grey=False)
        drawn_height, drawn_width = pixels.shape[:2]
        full_width, full_height = round(width * POINT), round(height * POINT)
        back = np.diag([full_width / drawn_width, full_height / drawn_height, 1.0])
        return PdfPage(full_width, full_height, (), Picture(pixels, back, full_width, full_height, 0))
    finally:
        page.close()


def page_images(
    content: bytes, limits: Limits = DEFAULT_LIMITS, on_page: Callable[[], None] | None = None
) -> list[bytes]:
    """Return each page of a PDF as a JPEG at 200 dpi (smaller for huge pages); `on_page` is called before each.

    Raises:
        BriefbrugError: as `pdf_pages`.
    """
    import cv2
    import pypdfium2

    document = _open(content)
    try:
        if len(document) > limits.pdf_pages:
            raise BriefbrugError(Reason.PDF_TOO_MANY_PAGES, f"pages={len(document)} limit={limits.pdf_pages}")
        images: list[bytes] = []
        for number in range(len(document)):
            if on_page:
                on_page()
            try:
                page = document[number]
                width, height = page.get_size()
                pixels = _picture(page, width, height, limits, grey=False)
            except cast(Any, pypdfium2).PdfiumError as error:
                raise BriefbrugError(Reason.FILE_DAMAGED, f"pdf page={number + 1}") from error
            _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])
            images.append(encoded.tobytes())
        return images
    finally:
        document.close()
