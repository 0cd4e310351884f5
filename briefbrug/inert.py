"""A process of its own that makes a file harmless: a picture is drawn anew, a PDF keeps its pages and nothing else.

It reads the file from its input and writes "media type", a line end and the harmless file to its output; a file that
cannot be made harmless gives "!" and the reason. It sees nothing of the house, and the kernel bounds what it may use.
"""

from __future__ import annotations

import io
import re
import resource
import sys
from typing import Any, cast

from PIL import Image, ImageOps

from briefbrug.errors import BriefbrugError, Reason

MEGABYTE = 1024 * 1024
MOST_MEMORY = 1536 * MEGABYTE
MOST_CPU_SECONDS = 20
MOST_PIXELS = 25_000_000
MOST_PAGES = 30
LONGEST_SIDE = 2560
"""Pixels: enough to read a photographed letter, small enough for a telephone."""

JPEG_QUALITY = 88
DRAWN_AT = 150 / 72
"""Pixels per PDF point, where a page has to be drawn."""

PICTURES = ("JPEG", "PNG", "WEBP", "HEIF", "TIFF", "GIF", "BMP", "AVIF")
STREAM = re.compile(rb"\bstream\r?\n.*?endstream", re.DOTALL)
ACTING = re.compile(
    rb"/(?:JavaScript|JS|AA|OpenAction|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToR|GoToE|URI|Movie"
    rb"|Sound|Rendition|Names|AcroForm|FileAttachment|AF)(?![A-Za-z0-9])"
)
"""What a PDF can do more than show pages (ISO 32000-1, 12.6); none of these names may be left in one."""


def inert(content: bytes) -> tuple[str, bytes]:
    """Return media type and harmless bytes of a picture or a PDF.

    Raises:
        BriefbrugError: FILE_DAMAGED, PICTURE_TOO_LARGE, PDF_ENCRYPTED or PDF_TOO_MANY_PAGES.
    """
    if b"%PDF-" in content[:1024]:
        return "application/pdf", _pdf(content)
    return "image/jpeg", _picture(content)


def _picture(content: bytes) -> bytes:
    import pillow_heif

    cast(Any, pillow_heif).register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # the header is judged below, before anything is unpacked
    try:
        with Image.open(io.BytesIO(content), formats=[each for each in PICTURES if _is_known(each)]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise BriefbrugError(Reason.PICTURE_TOO_LARGE)
            upright = ImageOps.exif_transpose(picture)
            flat = Image.new("RGB", upright.size, "white")
            seen = upright.convert("RGBA")
            flat.paste(seen, mask=seen.getchannel("A"))
            flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            out = io.BytesIO()
            flat.save(out, "JPEG", quality=JPEG_QUALITY)
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, RuntimeError) as error:
        raise BriefbrugError(Reason.FILE_DAMAGED, type(error).__name__) from error


def _is_known(name: str) -> bool:
    Image.init()
    return name in Image.OPEN


def _pdf(content: bytes) -> bytes:
    import pypdfium2

    pdfium, raw = cast(Any, pypdfium2), cast(Any, pypdfium2).raw
    try:
        with pdfium.PdfDocument(content) as source:
            if len(source) > MOST_PAGES:
                raise BriefbrugError(Reason.PDF_TOO_MANY_PAGES)
            if not len(source):
                raise BriefbrugError(Reason.FILE_DAMAGED, "no pages")
            kept = _pages_alone(pdfium, raw, source)
            if acts(kept):
                kept = _drawn(source)
        if acts(kept):
            raise BriefbrugError(Reason.FILE_DAMAGED, "acts")
        return kept
    except pdfium.PdfiumError as error:
        reason = Reason.PDF_ENCRYPTED if "assword" in str(error) else Reason.FILE_DAMAGED
        raise BriefbrugError(reason, "pdf") from error


def acts(content: bytes) -> bool:
    """Return whether a PDF can do anything but show pages; only for one that was just written by pdfium or Pillow."""
    return ACTING.search(STREAM.sub(b"", content)) is not None


def _pages_alone(pdfium: Any, raw: Any, source: Any) -> bytes:
    """Return the pages with their words, without forms, links, scripts and whatever hangs on the document."""
    with pdfium.PdfDocument.new() as pages:
        pages.import_pages(source)
        for page in pages:
            # What a form field or a remark shows becomes part of the page; what it does is gone.
            raw.FPDFPage_Flatten(page, raw.FLAT_PRINT)
            while raw.FPDFPage_GetAnnotCount(page) > 0 and raw.FPDFPage_RemoveAnnot(page, 0):
                pass
            page.close()
        once = io.BytesIO()
        pages.save(once)
    # Copied once more: only what a page still shows comes along, not what was taken off.
    with pdfium.PdfDocument(once.getvalue()) as bare, pdfium.PdfDocument.new() as clean:
        clean.import_pages(bare)
        out = io.BytesIO()
        clean.save(out)
        return out.getvalue()


def _drawn(source: Any) -> bytes:
    """Return the pages as pictures in a PDF: for one that does not let go of what it can do."""
    pictures: list[Image.Image] = []
    for page in source:
        width, height = page.get_size()
        scale = min(DRAWN_AT, (4_000_000 / max(1.0, width * height)) ** 0.5)
        pictures.append(page.render(scale=scale).to_pil().convert("RGB"))
        page.close()
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=72 * DRAWN_AT)
    return out.getvalue()


def _bound() -> None:
    """Let the kernel end this process before it hurts the others; it can write no file and start no other."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (soft, hard))


def main() -> None:
    """Make the file on the input harmless."""
    _bound()
    try:
        kind, content = inert(sys.stdin.buffer.read())
        sys.stdout.buffer.write(kind.encode() + b"\n" + content)
    except BriefbrugError as error:
        sys.stdout.buffer.write(f"!{error.reason.value}\n".encode())


if __name__ == "__main__":
    main()
