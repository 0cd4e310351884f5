"""How large and how long a reading may be: the bounds that keep one hostile file from hurting the others."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file; every refusal names the reason that a resident can hear."""

    file_bytes: int = 20 * MEGABYTE
    picture_pixels: int = 25_000_000
    pdf_pages: int = 30
    pdf_page_pixels: int = 12_000_000
    """A PDF page that would be larger at 200 dpi is drawn smaller."""
    pdf_text_chars: int = 20_000
    """More characters than this on one page is no letter (small print fills a sheet with half): it is not read."""
    pdf_text_chars_in_all: int = 120_000
    """The same for all pages together: thirty full pages."""
    word_chars: int = 80
    """Longer words are cut: no name, number or web address of a letter is longer, and patterns need an end."""


DEFAULT_LIMITS = Limits()
