"""A case on paper: a tagged PDF that a screen reader can read (PDF/UA-1), with its fonts inside and nothing fetched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from briefbrug.house import House
from briefbrug.usecases.picture import page_image
from inbox.access import CaseAccess
from inbox.cases import CaseView
from inbox.pages import HERE, Pages
from inbox.room import Room

FONTS = HERE / "static" / "vendor" / "fonts"
SHEET = HERE / "static" / "paper.css"
DOTS_PER_INCH = 120
"""Sharp enough to read a letter on paper; a bag of letters stays a few megabytes."""


class OnlyOurs(URLFetcher):
    """Fetches the pages of this one case and our own fonts; nothing else exists, no file and no host."""

    def __init__(self, house: House, access: CaseAccess, pages: frozenset[tuple[str, int]]) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self._house = house
        self._access = access
        self._pages = pages

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """Return a page image or a font.

        Raises:
            ValueError: for any other address.
        """
        kind, _, rest = url.removeprefix("briefbrug:///").partition("/")
        if kind == "fonts":
            name = Path(unquote(rest)).name
            return URLFetcherResponse(url, (FONTS / name).read_bytes(), {"content-type": "font/woff2"})
        photo_ref, _, number = rest.partition("/")
        if kind == "page" and number.isdigit() and (photo_ref, int(number)) in self._pages:
            content = page_image(self._house, self._access.resident_ref, photo_ref, int(number))
            if content is not None:
                return URLFetcherResponse(url, content, {"content-type": "image/jpeg"})
        raise ValueError("nothing is fetched for a case on paper")


def case_on_paper(house: House, access: CaseAccess, pages: Pages, view: CaseView, room: Room) -> bytes:
    """Return a case as PDF/UA-1: what the resident shared, what is agreed, the conversation and the pages."""
    letters = tuple(
        replace(letter, pages=tuple(replace(page, link=_address(page.link)) for page in letter.pages))
        for letter in view.letters
    )
    shown = frozenset(
        (parts[0], int(parts[1]))
        for letter in letters
        for page in letter.pages
        if page.link and (parts := page.link.removeprefix("briefbrug:///page/").split("/"))
    )
    page = pages.draw(
        "paper.html",
        access.visitor,
        case=view,
        room=room,
        letters=letters,
        now=house.clock.now(),
        style=SHEET.read_text(encoding="utf-8"),
    )
    fetcher = OnlyOurs(house, access, shown)
    document = HTML(string=bytes(page.body).decode(), base_url="briefbrug:///", url_fetcher=fetcher)
    options: dict[str, Any] = {"optimize_images": True, "dpi": DOTS_PER_INCH, "jpeg_quality": 80}
    written = document.write_pdf(pdf_variant="pdf/ua-1", **options)  # pyright: ignore[reportUnknownMemberType]
    assert written is not None
    return written


def _address(link: str) -> str:
    """Return where a page image is on paper, from its short-lived link on the screen."""
    return "briefbrug:///page/" + link.removeprefix("/inbox/pagina/").partition("?")[0] if link else ""
