"""The resident's web door: who asks, what a form may do, and a kind answer to everything."""

from __future__ import annotations

import asyncio
import functools
import hmac
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.limits import Together, Window
from bot.rasa_client import RasaClient
from bot.watching import Watcher
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.speech import Message, Texts, say
from briefbrug.usecases.answer import Answer, Asked, Reply, answer_kindly
from briefbrug.usecases.listen import speak
from briefbrug.usecases.open_door import HELPER, open_door
from briefbrug.usecases.show_thread import standing_at

log = logging.getLogger("bot.webchat")

DOOR = "web"
LOOPBACK = frozenset({"127.0.0.1", "::1"})
HERE = Path(__file__).parent
COOKIE_DAYS = 30
PATIENCE_SECONDS = 9.5
"""Within ten seconds a resident hears something, whatever is slow (promises.md, R5)."""
UPLOADS_AT_ONCE = 10
"""From one address; it grows with `BRIEFBRUG_UPLOADS_PER_MINUTE`, so that one setting is enough for a load test."""
VISITS_PER_MINUTE = 60
LINES_PER_MINUTE = 60
LINK_TRIES, LINK_WINDOW_SECONDS = 5, 600.0
EXPORTS_PER_HOUR = 6
LONGEST_FORM = 64 * 1024
RIGHT_TO_LEFT = frozenset({"ar"})
FIRST_LANGUAGES = ("tr", "ar", "pl", "uk")

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
STATUS = {
    Reason.FILE_TOO_LARGE: 413,
    Reason.TOO_MANY: 429,
    Reason.NO_CONSENT: 409,
    Reason.NOT_FOUND: 404,
    Reason.NO_SESSION: 404,
    Reason.NOT_ALLOWED: 403,
    Reason.OLD_PAGE: 403,
    Reason.UNEXPECTED: 503,
    Reason.ASSISTANT_AWAY: 503,
}

Handler = Callable[["WebDoor", Request], Awaitable[Response]]


class Visitor:
    """Who asks: the secret of her cookie, her reference, and the token that her forms carry."""

    def __init__(self, house: House, secret: str, resident_ref: str, door: str = DOOR) -> None:
        self.secret = secret
        self.resident_ref = resident_ref
        self.door = door
        self.token = house.vault.index(secret, "web-form")[:40]


def refusal(reason: Reason, detail: str = "") -> BriefbrugError:
    """Return an error that a page shows kindly."""
    return BriefbrugError(reason, detail)


def kindly(handler: Handler) -> Handler:
    """Turn every failure of a route into a kind sentence, and never let a resident wait longer than ten seconds."""

    @functools.wraps(handler)
    async def answer(door: WebDoor, request: Request) -> Response:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await handler(door, request)
        except BriefbrugError as error:
            log.warning(
                "request_refused path=%s reason=%s detail=%s",
                request.scope["route"].path,
                error.reason.value,
                error.detail,
            )
            if error.reason in {Reason.OLD_PAGE, Reason.NO_SESSION} and not wants_json(request):
                return await door.renewed(request)
            return door.sorry(request, error.reason)
        except Exception as error:
            reference = secrets.token_hex(4)
            log.error(
                "request_failed path=%s error=%s reference=%s",
                request.scope["route"].path,
                type(error).__name__,
                reference,
            )
            return door.sorry(request, Reason.UNEXPECTED, reference)

    return answer


class WebDoor:
    """What every route of the web door shares: the house, the limits, who asks, and the pages."""

    def __init__(self, house: House, rasa: RasaClient) -> None:
        self.house = house
        self.rasa = rasa
        self.watcher = Watcher(house)
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self.cookie = "__Host-briefbrug" if house.settings.secure_cookies else "briefbrug"
        self.uploads = Window(house.settings.uploads_per_minute, 60)
        self.together = Together(max(UPLOADS_AT_ONCE, house.settings.uploads_per_minute // 6))
        self.visits = Window(VISITS_PER_MINUTE, 60)
        self.lines = Window(LINES_PER_MINUTE, 60)
        self.guesses = Window(LINK_TRIES, LINK_WINDOW_SECONDS)
        self.exports = Window(EXPORTS_PER_HOUR, 3600)
        self.speaking = asyncio.Semaphore(2)

    # --- who asks ---

    def address(self, request: Request) -> str:
        """Return the visitor's address: from the proxy's header when there is a trusted proxy."""
        forwarded = request.headers.get("x-forwarded-for", "")
        if self.house.settings.trusted_proxy and forwarded:
            return forwarded.rpartition(",")[2].strip()
        return request.client.host if request.client else "unknown"

    def is_own_machine(self, request: Request) -> bool:
        """Return whether the visitor sits at this very machine, with no proxy between."""
        return not self.house.settings.trusted_proxy and self.address(request) in LOOPBACK

    async def visitor(self, request: Request) -> Visitor | None:
        """Return the resident of this browser, or None for a stranger; only secrets that we made are known."""
        secret = request.cookies.get(self.cookie, "")
        if not 20 <= len(secret) <= 100:
            return None
        for door in (DOOR, HELPER):
            standing = await asyncio.to_thread(standing_at, self.house, door, secret)
            if standing is not None:
                request.state.language = standing.language
                request.state.was_away = standing.is_stale
                # After a long silence this browser is a stranger's until it brings a fresh code (S38).
                return None if standing.is_stale else Visitor(self.house, secret, standing.resident_ref, door)
        return None

    async def known(self, request: Request) -> Visitor:
        """Return the resident of this browser.

        Raises:
            BriefbrugError: NO_SESSION, for a stranger.
        """
        visitor = await self.visitor(request)
        if visitor is None:
            raise refusal(Reason.NO_SESSION)
        return visitor

    async def welcome(self, request: Request) -> Visitor:
        """Return the resident of this browser; a stranger becomes one, because the greeting asks her leave.

        Raises:
            BriefbrugError: TOO_MANY, when too many strangers come from one address.
        """
        visitor = await self.visitor(request)
        if visitor is not None:
            return visitor
        if not self.is_own_machine(request) and self.visits.wait(self.address(request)):
            raise refusal(Reason.TOO_MANY, "visits")
        secret = secrets.token_urlsafe(32)
        opened = await asyncio.to_thread(open_door, self.house, DOOR, secret, language_at(request))
        if getattr(request.state, "was_away", False):
            spoken = await asyncio.to_thread(answer_kindly, long_away, self.house, Asked(opened.resident_ref))
            await asyncio.to_thread(speak, self.house, opened.resident_ref, spoken, "long-away")
        return Visitor(self.house, secret, opened.resident_ref)

    def give_cookie(self, answer: Response, secret: str) -> None:
        """Let the browser keep its secret; scripts cannot see it, and no other site's form or frame brings it.

        Not "strict": whoever came by a link from a letter, a mail or Telegram would be a stranger on her own page, and
        would lose her conversation to a new one.
        """
        answer.set_cookie(
            self.cookie,
            secret,
            max_age=int(timedelta(days=COOKIE_DAYS).total_seconds()),
            path="/",
            secure=self.house.settings.secure_cookies,
            httponly=True,
            samesite="lax",
        )

    def take_cookie(self, answer: Response) -> None:
        """Let the browser forget its secret."""
        answer.delete_cookie(
            self.cookie, path="/", secure=self.house.settings.secure_cookies, httponly=True, samesite="lax"
        )

    def check_origin(self, request: Request) -> None:
        """Refuse what another site sends.

        Raises:
            BriefbrugError: NOT_ALLOWED.
        """
        origin = request.headers.get("origin")
        hosts = {request.headers.get("host", ""), urlsplit(self.house.settings.public_url).netloc}
        if origin is not None and urlsplit(origin).netloc not in hosts:
            raise refusal(Reason.NOT_ALLOWED, "foreign origin")
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise refusal(Reason.NOT_ALLOWED, "foreign site")

    def check_token(self, visitor: Visitor, token: str) -> None:
        """Refuse a form that our own page did not make, or made for another conversation of this browser.

        Raises:
            BriefbrugError: OLD_PAGE.
        """
        if not hmac.compare_digest(token.encode(), visitor.token.encode()):
            raise refusal(Reason.OLD_PAGE, "form token")

    async def form(self, request: Request) -> tuple[Visitor, Mapping[str, str]]:
        """Return who sends a small form, and its fields.

        Raises:
            BriefbrugError: NOT_ALLOWED, NO_SESSION or OLD_PAGE; FILE_TOO_LARGE for an overlong form.
        """
        self.check_origin(request)
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > LONGEST_FORM:
                raise refusal(Reason.FILE_TOO_LARGE, "form")
        fields = fields_of(bytes(body), request.headers.get("content-type", ""))
        request.state.typed = fields.get("text", "")
        visitor = await self.known(request)
        self.check_token(visitor, request.headers.get("x-form-token") or fields.get("token", ""))
        return visitor, fields

    # --- answers ---

    def texts(self, language: str = "nl") -> Texts:
        """Return the texts of a language."""
        return self.house.texts_in(language)

    def page(self, name: str, language: str = "nl", status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page from its template."""
        texts = self.texts(language)
        content = self.templates.get_template(name).render(
            t=functools.partial(in_words, texts),
            language=language,
            direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
            demo=self.house.settings.demo,
            municipality=self.house.settings.municipality,
            **values,
        )
        return HTMLResponse(content, status_code=status)

    async def renewed(self, request: Request) -> Response:
        """Show what she typed in a fresh form: her page was older than her conversation, and nothing is lost."""
        try:
            visitor = await self.welcome(request)
        except BriefbrugError as error:
            return self.sorry(request, error.reason)
        answer = self.page(
            "renewed.html",
            language_at(request),
            status=STATUS[Reason.OLD_PAGE],
            token=visitor.token,
            new_id=secrets.token_urlsafe(16),
            typed=getattr(request.state, "typed", ""),
        )
        self.give_cookie(answer, visitor.secret)
        return answer

    def sorry(self, request: Request, reason: Reason, reference: str = "", key: str = "") -> Response:
        """Return a kind sentence, that of the reason or of `key`, as JSON or as a page, whichever was asked."""
        language = language_at(request)
        text = say(Message(key or f"problem_{reason.value}"), self.texts(language))
        status = STATUS.get(reason, 422)
        headers = {"retry-after": "5"} if status in {429, 503} else {}
        if wants_json(request):
            return JSONResponse(
                {"problem": reason.value, "text": text, "reference": reference}, status_code=status, headers=headers
            )
        answer = self.page("sorry.html", language, text=text, reference=reference, status=status)
        answer.headers.update(headers)
        return answer


def long_away(house: House, asked: Asked) -> Answer:
    """Say why nothing old is shown after a long silence, and how it comes back (S38)."""
    return Answer((Reply((Message("door_long_away_page"),)),))


def in_words(texts: Texts, key: str, /, **values: str | int) -> str:
    """Return a text for a template."""
    return say(Message(key, values), texts)


def wants_json(request: Request) -> bool:
    """Return whether the page's script asks, rather than a plain form."""
    return "text/html" not in request.headers.get("accept", "")


def fields_of(body: bytes, content_type: str) -> dict[str, str]:
    """Return the fields of a small form or JSON object; what is neither has none."""
    text = body.decode("utf-8", "replace")
    if content_type.startswith("application/json"):
        try:
            found: object = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {str(key): str(value) for key, value in found.items() if isinstance(value, str | int)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50))


def is_client_id(given: str) -> bool:
    """Return whether a page's own number of an act has the shape of one."""
    return _CLIENT_ID.fullmatch(given) is not None


def client_id(fields: Mapping[str, str]) -> str:
    """Return the page's own number of an act, so that the same act twice has one effect; a fresh one without it."""
    given = fields.get("id", "")
    return given if is_client_id(given) else secrets.token_urlsafe(16)


def whole_number(text: str, otherwise: int = 0) -> int:
    """Return a whole number from outside, bounded; `otherwise` when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else otherwise


def first_language(request: Request) -> str:
    """Return the language to greet a stranger in; many Dutch telephones speak English, so that one is not."""
    wanted = request.headers.get("accept-language", "").partition(",")[0].partition("-")[0].strip().lower()
    return wanted if wanted in FIRST_LANGUAGES else "nl"


def language_at(request: Request) -> str:
    """Return the language of whoever asks: her own once she is known, else the one to greet a stranger in."""
    return getattr(request.state, "language", None) or first_language(request)
