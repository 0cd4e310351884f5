"""Small invented letters for the reading tests: as words, as photos and as PDFs, without any outside file."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from datetime import date
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from briefbrug.knowledge.load import Knowledge, load_knowledge
from briefbrug.letter import Box, PageReading, Word
from briefbrug.meaning import Understood, understand_pile
from ocr.facts import read_facts

FONTS = (
    "LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "DejaVuSans.ttf",
)

LETTER = (
    "Woonstichting De Linde",
    "Postbus 12, 1234 AA Voorbeeld",
    "www.delindewonen.example",
    "",
    "Mevrouw J. Jansma",
    "Dorpsstraat 12",
    "1234 AB Voorbeeld",
    "",
    "Datum: 12 november 2026",
    "Huurdersnummer: 4471920",
    "",
    "Betreft: aanmaning huurachterstand",
    "",
    "Geachte mevrouw Jansma,",
    "",
    "U hebt de huur van oktober en november nog niet betaald. Uw huurachterstand",
    "bedraagt nu € 1.284,50. Wij verzoeken u dit bedrag uiterlijk op 27 november 2026",
    "over te maken op rekening NL91 ABNA 0417 1643 00 ten name van Woonstichting",
    "De Linde, onder vermelding van uw huurdersnummer.",
    "",
    "Totaal te betalen                              € 1.284,50",
    "",
    "Betaalt u niet op tijd? Dan schakelen wij de gerechtsdeurwaarder in.",
    "",
    "Met vriendelijke groet,",
    "",
    "Woonstichting De Linde",
    "afdeling Huurincasso",
)


def page_of(lines: Sequence[str], digital: bool = True, confidence: float = 96.0) -> PageReading:
    """Return a page whose words stand on a grid: 12 pixels a letter, 40 a line, two blanks or more part columns."""
    words: list[Word] = []
    number = 0
    for row, text in enumerate(lines):
        at = 0
        found = False
        for part in text.split(" "):
            if part:
                box = Box(100 + 12 * at, 100 + 40 * row, 100 + 12 * (at + len(part)), 124 + 40 * row)
                words.append(Word(part, box, confidence, 0, number))
                found = True
            at += len(part) + 1
        number += found
    return PageReading(1654, 2339, tuple(words), mean_confidence=confidence, digital=digital)


def _font(size: int) -> ImageFont.FreeTypeFont:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    raise RuntimeError("no font for the invented letters: install fonts-liberation or fonts-dejavu")


def sheet(lines: Sequence[str] = LETTER, width: int = 1654, height: int = 2339) -> np.ndarray:
    """Return a white A4 page (200 dpi by default) with these lines in black, as red-green-blue pixels."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    scale = width / 1654
    for row, text in enumerate(lines):
        draw.text((180 * scale, (180 + 52 * row) * scale), text, fill="black", font=_font(round(31 * scale)))
    return np.asarray(image).copy()


def photo(page: np.ndarray, width: int = 1500, height: int = 2000, background: int = 70) -> np.ndarray:
    """Return the page photographed from an angle on a brown table."""
    ground = np.full((height, width, 3), (background + 60, background + 20, background - 30), np.uint8)
    h, w = page.shape[:2]
    corners = np.array([[0.14, 0.07], [0.9, 0.11], [0.87, 0.95], [0.08, 0.9]], np.float32) * (width, height)
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), corners.astype(np.float32)
    )
    return cv2.warpPerspective(page, matrix, (width, height), dst=ground, borderMode=cv2.BORDER_TRANSPARENT)


def jpeg(pixels: np.ndarray, orientation: int = 1, form: str = "JPEG", **options: object) -> bytes:
    """Return red-green-blue pixels as a file, with an EXIF mark when `orientation` is not 1."""
    out = io.BytesIO()
    if orientation != 1:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options["exif"] = exif
    Image.fromarray(pixels).save(out, form, **options)
    return out.getvalue()


def pdf_objects(objects: Sequence[bytes]) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is the catalog."""
    out = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def pdf(streams: Sequence[bytes], media: str = "0 0 595 842", packed: bool = False) -> bytes:
    """Return a PDF with one page per content stream, in Helvetica."""
    count = len(streams)
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, stream in enumerate(streams):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{media}] /Contents {5 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        body = zlib.compress(stream) if packed else stream
        filters = b" /Filter /FlateDecode" if packed else b""
        objects.append(b"<< /Length %d%s >>\nstream\n" % (len(body), filters) + body + b"\nendstream")
    return pdf_objects(objects)


def text_stream(lines: Sequence[str]) -> bytes:
    """Return a page's content: these lines at 11 points."""
    out = ["BT /F1 11 Tf 14 TL 60 780 Td"]
    for line in lines:
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        out.append(f"({escaped}) Tj T*")
    out.append("ET")
    return "\n".join(out).encode("cp1252")


WIDTH = 90
CELLS = "    "
"""Four blanks part the cells of a table."""


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def short_letter(
    sender: str,
    subject: str,
    paragraphs: Sequence[str],
    head: Sequence[str] = (),
    dated: str = "Datum: 12 november 2026",
) -> PageReading:
    """Return a letter to an invented resident, its paragraphs wrapped, rows of tables as they are."""
    lines = [
        sender,
        "Postbus 12, 1234 AA Voorbeeld",
        "",
        "De heer P. Pietersma",
        "Dorpsstraat 3",
        "1234 AB Voorbeeld",
        "",
    ]
    lines += [dated, *head, "", f"Betreft: {subject}", "", "Geachte heer Pietersma,", ""]
    for part in paragraphs:
        lines += [part] if CELLS in part else [*_wrapped(part), ""]
    return page_of([*lines, *([""] if lines[-1] else []), "Met vriendelijke groet,", "", sender])


@cache
def _knowledge() -> Knowledge:
    return load_knowledge()


def understood(page: PageReading, today: date) -> Understood:
    """Return what a letter of one page means on a day."""
    return understand_pile({"a": read_facts([page], _knowledge())}, _knowledge(), today).letters[0]
