"""Draws the pages of the desk and the monitor from their templates; everything that goes in is escaped there."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from briefbrug.errors import Reason
from briefbrug.house import House
from briefbrug.usecases.log_in import Visitor
from inbox import words
from inbox.access import Asking
from inbox.language import LANGUAGES, Tongue, tongue, tongue_of
from inbox.translate import TranslatingLoader

HERE = Path(__file__).parent


def say(key: str, **values: object) -> str:
    """Return a text in the language of the page that is being drawn."""
    return tongue().text(key, **values)


class Quoted(str):
    """What a person wrote: it is shown as it is, in every language."""

    __slots__ = ()


def quoted(text: object) -> Quoted:
    """Return what a person wrote, with every invisible sign made visible."""
    return Quoted(words.visible(text))


def exchanged_label(speech: Tongue, value: Any) -> Any:
    """Return a label of the code in another language; markup and what people wrote stay."""
    return speech.say(value) if type(value) is str else value


class Pages:
    """Draws the pages from their templates; everything that goes in is escaped there."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._languages = {code: self._environment(tongue_of(code)) for code in LANGUAGES}

    def _environment(self, speech: Tongue) -> Environment:
        """Return the templates in a language: their own Dutch, or with their sentences exchanged."""
        templates = Environment(
            loader=FileSystemLoader(HERE / "templates")
            if speech.is_dutch
            else TranslatingLoader(HERE / "templates", speech.pieces, speech.quoted),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            # A label that the code says in Dutch is exchanged where it is shown; what people wrote never is.
            finalize=None if speech.is_dutch else partial(exchanged_label, speech),
        )
        filters: dict[str, Any] = {
            "visible": words.visible if speech.is_dutch else quoted,
            "span": words.span,
            "working": words.working_span,
            "percent": words.percent,
            "month": speech.month,
            "cents": words.cents if speech.is_dutch else speech.euros,
            "day": words.short_day,
            "moment": speech.moment,
        }
        templates.filters.update(filters)
        parts: dict[str, Any] = {
            # The classes of the design tokens: the example theme, and on top of it what another theme changes.
            "theme": " ".join(dict.fromkeys(("voorbeeld-theme", f"{self._house.settings.theme}-theme"))),
            "t": say,
            "tongue": tongue,
            "languages": LANGUAGES,
            "demo": self._house.settings.demo,
            "municipality": self._house.settings.municipality,
            "words": words,
            "icon_path": ICONS.get,
        }
        templates.globals.update(parts)
        return templates

    def text(self, name: str, visitor: Visitor | None, **values: Any) -> str:
        """Return a page as text."""
        values["csrf"] = visitor.csrf if visitor else ""
        return self._languages[tongue().code].get_template(name).render(visitor=visitor, **values)

    def draw(self, name: str, visitor: Visitor | None, *, code: int = 200, **values: Any) -> HTMLResponse:
        """Return a page."""
        text = self.text(name, visitor, **values)
        return HTMLResponse(text, status_code=code, headers={"cache-control": "no-store"})

    def problem(
        self, request: Request, reason: Reason, status: int, visitor: Visitor | None, mark: str = ""
    ) -> Response:
        """Return the page of a refusal; a half-drawn page gets the sentence alone."""
        told = words.PROBLEM.get(reason.value, words.PROBLEM["not_understood"])
        back = request.headers.get("referer", "") if status in {400, 403, 409} else ""
        if "x-part" in request.headers:
            return HTMLResponse(told, status_code=status)
        has_back = back.startswith(str(request.base_url))
        return self.draw("problem.html", visitor, code=status, told=told, mark=mark, back=back if has_back else "")


ICONS: dict[str, str] = {
    "alarm": "M12 3 2 20h20L12 3Zm0 6v5m0 3v.01",
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4v5l3.5 2",
    "calendar": "M4 6h16v14H4V6Zm0 4h16M8 3v5m8-5v5",
    "folder": "M3 6h6l2 2h10v11H3V6Z",
    "check": "m4 12.5 5 5L20 6.5",
    "chat": "M4 5h16v11H10l-5 4v-4H4V5Z",
    "person": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20c.8-3.6 3.8-6 7.5-6s6.7 2.4 7.5 6",
    "eye": "M2 12s3.5-6.5 10-6.5S22 12 22 12s-3.5 6.5-10 6.5S2 12 2 12Zm10-3a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
    "note": "M5 3h10l4 4v14H5V3Zm4 8h6m-6 4h6",
    "pencil": "m4 20 1-4L16 5l3 3L8 19l-4 1Zm10-13 3 3",
    "letter": "M3 6h18v12H3V6Zm0 1 9 6 9-6",
    "robot": "M6 9h12v9H6V9Zm6-4v4M9.5 13v.01m5 0v.01M3 12v3m18-3v3",
    "lock": "M6 11h12v9H6v-9Zm2 0V8a4 4 0 0 1 8 0v3",
    "reopen": "M4 12a8 8 0 1 0 3-6.2M4 4v4.5h4.5",
    "send": "m3 11 18-8-7 18-3-7-8-3Z",
    "house": "M3 11.5 12 4l9 7.5M6 10v10h12V10",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.5L21 21",
    "back": "M10 5l-7 7 7 7m-7-7h18",
    "print": "M7 8V3h10v5M5 8h14v9h-3v4H8v-4H5V8Z",
    "download": "M12 3v11m-4-4 4 4 4-4M4 20h16",
    "chart": "M4 20V10m6 10V4m6 16v-8m4 8H2",
    "out": "M14 4h6v16h-6M4 12h11m-4-4 4 4-4 4",
    "zoom": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.5L21 21M10.5 7.5v6m-3-3h6",
    "flag": "M5 21V4h12l-2 4 2 4H5",
    "coins": "M12 6c5 0 8 1 8 3s-3 3-8 3-8-1-8-3 3-3 8-3Zm-8 3v6c0 2 3 3 8 3s8-1 8-3V9",
    "hourglass": "M6 3h12M6 21h12M7 3c0 5 4 6 5 9-1 3-5 4-5 9M17 3c0 5-4 6-5 9 1 3 5 4 5 9",
    "clip": "m8 12 6-6a3.5 3.5 0 0 1 5 5l-8.5 8.5a5.5 5.5 0 0 1-8-8L11 3",
    "steps": "M4 19h5v-5h5V9h5V4",
    "speak": "M4 9v6h4l5 4V5L8 9H4Zm12-1a5 5 0 0 1 0 8m2-11a9 9 0 0 1 0 14",
    "globe": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3.5 9.5h17m-17 5h17M12 3c-5 5.5-5 12.5 0 18 5-5.5 5-12.5 0-18",
    "heart": "M12 20S4 15 4 9.5A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.5C20 15 12 20 12 20Z",
}
"""Own line drawings, 24 by 24, one path each."""


def once_of(asking: Asking) -> str:
    """Return the key that makes a double click one wish; a form without one is its own wish."""
    given = asking.typed("eenmalig")[:40]
    return f"desk/{given or secrets.token_hex(12)}"


def back_to_case(asking: Asking, case_ref: str, what: str, where: str = "") -> Response:
    """Send the browser back to the case, so that loading the page again repeats nothing."""
    return RedirectResponse(f"/inbox/zaak/{case_ref}?{urlencode({'gedaan': what})}{where}", status_code=303)


def as_attachment(name: str) -> dict[str, str]:
    """Return the headers of a file to keep, under a name of our own."""
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
