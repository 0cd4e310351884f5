"""The web door: the chat page of the resident, her uploads, and what changes while the page is open."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import hmac
import json
import logging
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sse_starlette import EventSourceResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.bot_api import quiet_loggers
from bot.intake import webhook_route
from bot.limits import Together, Window
from bot.rasa_client import LONGEST_TEXT, RasaClient
from bot.turn import in_order, say_or_return, take_choice, take_press, take_text
from bot.uploads import UploadReader
from bot.watching import Watcher
from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.speech import Message, Texts, say
from briefbrug.store.thread import Button, Said
from briefbrug.usecases.answer import problem
from briefbrug.usecases.erase import export_resident
from briefbrug.usecases.open_door import HELPER, link_code, open_door, use_link_code
from briefbrug.usecases.picture import picture_of
from briefbrug.usecases.receive_photo import receive_photo
from briefbrug.usecases.roster import face_of
from briefbrug.usecases.see_answer import mark_read, writing_now
from briefbrug.usecases.show_thread import Shown, View, line_of, show_thread, standing_at
from briefbrug.usecases.talk import ask_leave_again
from briefbrug.web_security import FILE_POLICY

log = logging.getLogger("bot.webchat")

DOOR = "web"
LOOPBACK = frozenset({"127.0.0.1", "::1"})
HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples" / "bag"
SAMPLE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".pdf"})
COOKIE_DAYS = 30
PATIENCE_SECONDS = 9.5
"""Within ten seconds a resident hears something, whatever is slow (promises.md, R5)."""
UPLOADS_AT_ONCE = 10
"""From one address; it grows with `BRIEFBRUG_UPLOADS_PER_MINUTE`, so that one setting is enough for a load test."""
VISITS_PER_MINUTE = 60
LINES_PER_MINUTE = 60
LINK_TRIES, LINK_WINDOW_SECONDS = 5, 600.0
EXPORTS_PER_HOUR = 6
RETRY_MILLISECONDS = 1500
KEEP_ALIVE_SECONDS = 15
SPEECH_SECONDS = 15.0
RIGHT_TO_LEFT = frozenset({"ar"})
FIRST_LANGUAGES = ("tr", "ar", "pl", "uk")
SAFE_LINKS = ("https://", "http://", "tel:", "sms:")
FIRST_THING_KEYS = ("first_",)
"""Text keys that begin the one first thing, shown as a card."""

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
STATUS = {
    Reason.FILE_TOO_LARGE: 413,
    Reason.TOO_MANY: 429,
    Reason.NO_CONSENT: 409,
    Reason.NOT_FOUND: 404,
    Reason.NOT_ALLOWED: 403,
    Reason.UNEXPECTED: 503,
    Reason.ASSISTANT_AWAY: 503,
}

Handler = Callable[["WebChat", Request], Awaitable[Response]]


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
    async def answer(chat: WebChat, request: Request) -> Response:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await handler(chat, request)
        except BriefbrugError as error:
            log.warning(
                "request_refused path=%s reason=%s detail=%s",
                request.scope["route"].path,
                error.reason.value,
                error.detail,
            )
            return chat.sorry(request, error.reason)
        except Exception as error:
            reference = secrets.token_hex(4)
            log.error(
                "request_failed path=%s error=%s reference=%s",
                request.scope["route"].path,
                type(error).__name__,
                reference,
            )
            return chat.sorry(request, Reason.UNEXPECTED, reference)

    return answer


class WebChat:
    """The routes of the chat page and what they share."""

    def __init__(self, house: House, rasa: RasaClient) -> None:
        self.house = house
        self._rasa = rasa
        self._watcher = Watcher(house)
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._cookie = "__Host-briefbrug" if house.settings.secure_cookies else "briefbrug"
        self._uploads = Window(house.settings.uploads_per_minute, 60)
        self._together = Together(max(UPLOADS_AT_ONCE, house.settings.uploads_per_minute // 6))
        self._visits = Window(VISITS_PER_MINUTE, 60)
        self._lines = Window(LINES_PER_MINUTE, 60)
        self._guesses = Window(LINK_TRIES, LINK_WINDOW_SECONDS)
        self._exports = Window(EXPORTS_PER_HOUR, 3600)
        self._speaking = asyncio.Semaphore(2)

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
        secret = request.cookies.get(self._cookie, "")
        if not 20 <= len(secret) <= 100:
            return None
        for door in (DOOR, HELPER):
            standing = await asyncio.to_thread(standing_at, self.house, door, secret)
            if standing is not None:
                request.state.language = standing.language
                # After a long silence this browser is a stranger's until it brings a fresh code (S38).
                return None if standing.is_stale else Visitor(self.house, secret, standing.resident_ref, door)
        return None

    async def known(self, request: Request) -> Visitor:
        """Return the resident of this browser.

        Raises:
            BriefbrugError: NOT_FOUND, for a stranger.
        """
        visitor = await self.visitor(request)
        if visitor is None:
            raise refusal(Reason.NOT_FOUND, "no session")
        return visitor

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
        """Refuse a form that our own page did not make.

        Raises:
            BriefbrugError: NOT_ALLOWED.
        """
        if not hmac.compare_digest(token.encode(), visitor.token.encode()):
            raise refusal(Reason.NOT_ALLOWED, "form token")

    async def form(self, request: Request) -> tuple[Visitor, Mapping[str, str]]:
        """Return who sends a small form, and its fields.

        Raises:
            BriefbrugError: NOT_ALLOWED or NOT_FOUND; FILE_TOO_LARGE for an overlong form.
        """
        self.check_origin(request)
        visitor = await self.known(request)
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > 64 * 1024:
                raise refusal(Reason.FILE_TOO_LARGE, "form")
        fields = fields_of(bytes(body), request.headers.get("content-type", ""))
        self.check_token(visitor, request.headers.get("x-form-token") or fields.get("token", ""))
        return visitor, fields

    # --- answers ---

    def texts(self, language: str = "nl") -> Texts:
        """Return the texts of a language."""
        return self.house.texts_in(language)

    def page(self, name: str, language: str = "nl", status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page from its template."""
        texts = self.texts(language)
        content = self._pages.get_template(name).render(
            t=functools.partial(in_words, texts),
            language=language,
            direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
            demo=self.house.settings.demo,
            municipality=self.house.settings.municipality,
            **values,
        )
        return HTMLResponse(content, status_code=status)

    def sorry(self, request: Request, reason: Reason, reference: str = "") -> Response:
        """Return a kind sentence as JSON or as a page, whichever was asked."""
        language = language_at(request)
        text = say(Message(f"problem_{reason.value}"), self.texts(language))
        status = STATUS.get(reason, 422)
        headers = {"retry-after": "5"} if status in {429, 503} else {}
        if wants_json(request):
            return JSONResponse(
                {"problem": reason.value, "text": text, "reference": reference}, status_code=status, headers=headers
            )
        answer = self.page("sorry.html", language, text=text, reference=reference, status=status)
        answer.headers.update(headers)
        return answer

    def shown(self, line: Shown, language: str, token: str, stale: Collection[tuple[str, str]] = ()) -> dict[str, Any]:
        """Return a message of the thread as the page's own piece of HTML, with what the page needs to place it."""
        texts = self.texts(language)
        links = [(label, address) for label, address in line.said.links if address.startswith(SAFE_LINKS)]
        html = self._pages.get_template("message.html").render(
            t=functools.partial(in_words, texts),
            m=line,
            paragraphs=[
                part.split("\n")
                for part in line.said.text.split("\n\n")
                if part.strip() and not repeats_link(part, links)
            ],
            links=links,
            is_first_thing=line.sender == "machine"
            and line.said.key.startswith(FIRST_THING_KEYS)
            and bool(line.said.pictures),
            initials="".join(word[0] for word in line.name.split()[:1] + line.name.split()[1:][-1:]),
            time=self.told_time(line),
            buttons=[
                (index, each, same_choice(each), (line.ref, same_choice(each)) in stale)
                for index, each in enumerate(line.said.buttons)
            ],
            token=token,
            new_id=secrets.token_urlsafe(12),
        )
        return {"ref": line.ref, "change": line.change, "at": line.at.isoformat(), "from": line.sender, "html": html}

    def told_time(self, line: Shown) -> str:
        """Return when a message was written, as short as can be."""
        moment = line.at.astimezone(AMSTERDAM)
        return (
            f"{moment:%H:%M}"
            if moment.date() == self.house.clock.today()
            else f"{moment.day}-{moment.month}, {moment:%H:%M}"
        )

    def as_json(self, view: View, token: str) -> dict[str, Any]:
        """Return what changed in a thread, for the page's script."""
        lines = sorted(view.lines, key=lambda line: line.change)
        return {
            "change": view.change,
            "consent": view.consent,
            "language": view.language,
            "messages": [self.shown(line, view.language, token) for line in lines],
        }

    async def after_turn(
        self, request: Request, visitor: Visitor, fields: Mapping[str, str], left: tuple[Said, ...]
    ) -> Response:
        """Return what a turn brought: to the script as JSON, without a script by going back to the page."""
        self._watcher.touch(visitor.resident_ref)
        view = await asyncio.to_thread(
            show_thread, self.house, visitor.resident_ref, whole_number(fields.get("after", "0"))
        )
        if view is None:
            # Everything was erased; the goodbye is said here, because there is no thread left to say it in.
            language = language_at(request)
            texts = [part.text for part in left] or [say(Message("page_gone"), self.texts(language))]
            page = self.page("gone.html", language, lines=texts)
            answer = JSONResponse({"gone": texts}) if wants_json(request) else page
            answer.delete_cookie(
                self._cookie, path="/", secure=self.house.settings.secure_cookies, httponly=True, samesite="strict"
            )
            return answer
        if wants_json(request):
            return JSONResponse(self.as_json(view, visitor.token))
        return RedirectResponse("/#einde", status_code=303)

    # --- routes ---

    @kindly
    async def chat(self, request: Request) -> Response:
        """The chat page. A first visit makes a resident, because the greeting asks her leave."""
        visitor = await self.visitor(request)
        secret = visitor.secret if visitor else ""
        if visitor is None:
            if not self.is_own_machine(request) and self._visits.wait(self.address(request)):
                raise refusal(Reason.TOO_MANY, "visits")
            secret = secrets.token_urlsafe(32)
            opened = await asyncio.to_thread(open_door, self.house, DOOR, secret, first_language(request))
            visitor = Visitor(self.house, secret, opened.resident_ref)
        view = await asyncio.to_thread(show_thread, self.house, visitor.resident_ref)
        if view is None:
            raise refusal(Reason.NOT_FOUND, "gone")
        answer = self.page(
            "chat.html",
            view.language,
            view=view,
            messages=[self.shown(line, view.language, visitor.token, stale_choices(view)) for line in view.lines],
            token=visitor.token,
            new_id=secrets.token_urlsafe(16),
            max_bytes=self.house.settings.upload_max_bytes,
            can_speak=shutil.which("espeak-ng") is not None,
            has_telegram=bool(self.house.settings.telegram_token),
            has_samples=self.house.settings.demo and SAMPLES.is_dir() and not has_photos(view),
        )
        self.give_cookie(answer, secret)
        return answer

    def give_cookie(self, answer: Response, secret: str) -> None:
        """Let the browser keep its secret; scripts and other sites cannot see it."""
        answer.set_cookie(
            self._cookie,
            secret,
            max_age=int(timedelta(days=COOKIE_DAYS).total_seconds()),
            path="/",
            secure=self.house.settings.secure_cookies,
            httponly=True,
            samesite="strict",
        )

    @kindly
    async def text(self, request: Request) -> Response:
        """Take one typed line."""
        visitor, fields = await self.form(request)
        text = fields.get("text", "").replace("\r\n", "\n").strip()[:LONGEST_TEXT]
        left: tuple[Said, ...] = ()
        if text:
            if self._lines.wait(visitor.resident_ref):
                raise refusal(Reason.TOO_MANY, "lines")
            left = await take_text(
                self.house, self._rasa, visitor.resident_ref, text, visitor.door, f"web:{client_id(fields)}"
            )
        return await self.after_turn(request, visitor, fields, left)

    @kindly
    async def button(self, request: Request) -> Response:
        """Press a button under a message."""
        visitor, fields = await self.form(request)
        if self._lines.wait(visitor.resident_ref):
            raise refusal(Reason.TOO_MANY, "presses")
        place = whole_number(fields.get("index", "-1"), -1)
        left = await take_press(
            self.house,
            visitor.resident_ref,
            fields.get("message", "")[:40],
            place,
            visitor.door,
            f"web:{client_id(fields)}",
        )
        return await self.after_turn(request, visitor, fields, left)

    async def photo(self, request: Request) -> Response:
        """Take one or more photos while they stream in; the same upload twice is one photo."""
        reader = UploadReader(request, self.house.settings.upload_max_bytes)
        with self._together.enter(self.address(request)) as has_room:
            try:
                if not has_room:
                    raise refusal(Reason.TOO_MANY, "uploads at once")
                return await self.take_photos(request, reader)
            except BriefbrugError as error:
                log.warning("upload_refused reason=%s detail=%s", error.reason.value, error.detail)
                await within(0.7, reader.drain())
                answer = self.sorry(request, error.reason)
            except Exception as error:
                log.error("upload_failed error=%s", type(error).__name__)
                await within(0.7, reader.drain())
                answer = self.sorry(request, Reason.UNEXPECTED)
        answer.headers["connection"] = "close"
        return answer

    async def take_photos(self, request: Request, reader: UploadReader) -> Response:
        """Keep the photos of one request and return how many the bag holds."""
        self.check_origin(request)
        visitor = await self.known(request)
        token, upload_id = request.headers.get("x-form-token", ""), request.headers.get("x-upload-id", "")
        if whole_number(
            request.headers.get("content-length", "0")
        ) > self.house.settings.upload_max_bytes + 4096 and wants_json(request):
            raise refusal(Reason.FILE_TOO_LARGE, "announced")
        if token:
            self.check_token(visitor, token)
        count, number, problems = 0, 0, list[Reason]()
        async for part in reader.parts():
            if not part.is_file:
                value = part.content.decode("utf-8", "replace").strip()
                token = value if part.name == "token" else token
                upload_id = value if part.name == "id" else upload_id
                continue
            self.check_token(visitor, token)
            if self._uploads.wait(visitor.resident_ref):
                raise refusal(Reason.TOO_MANY, "uploads in a minute")
            if not part.content and not number and not wants_json(request):
                break  # the form was sent without choosing a file
            number += 1
            source = (
                f"{upload_id}:{number}" if _CLIENT_ID.fullmatch(upload_id) else hashlib.sha256(part.content).hexdigest()
            )
            async with in_order(visitor.resident_ref):
                receipt = await asyncio.to_thread(
                    receive_photo, self.house, visitor.resident_ref, bytes(part.content), DOOR, source
                )
            self._watcher.touch(visitor.resident_ref)
            count = max(count, receipt.count)
            if receipt.problem is not None:
                problems.append(receipt.problem)
        if not wants_json(request):
            for place, reason in enumerate(problems):
                spoken = await asyncio.to_thread(problem, self.house, reason)
                await say_or_return(self.house, visitor.resident_ref, spoken, f"web:{upload_id[:60]}:{place}")
            return RedirectResponse("/#einde", status_code=303)
        if problems:
            raise refusal(problems[0], f"{len(problems)} of {number} files")
        if not number:
            raise refusal(Reason.FILE_EMPTY, "no file")
        return JSONResponse({"count": count})

    @kindly
    async def hold(self, request: Request) -> Response:
        """Ask leave again: photos wait in her browser although she said no before (F8)."""
        visitor, fields = await self.form(request)
        left = await take_choice(
            self.house, visitor.resident_ref, ask_leave_again, "", visitor.door, f"web:{client_id(fields)}"
        )
        return await self.after_turn(request, visitor, fields, left)

    @kindly
    async def samples(self, request: Request) -> Response:
        """Send the sample letters, in the demonstration only, through the same door as any photo."""
        visitor, fields = await self.form(request)
        if not self.house.settings.demo:
            raise refusal(Reason.NOT_FOUND, "no demonstration")
        for path in sorted(SAMPLES.iterdir()):
            if path.suffix.lower() not in SAMPLE_ENDINGS:
                continue
            content = await asyncio.to_thread(path.read_bytes)
            source = f"sample:{client_id(fields)}:{path.name}"
            receipt = await asyncio.to_thread(receive_photo, self.house, visitor.resident_ref, content, DOOR, source)
            if receipt.problem is not None:
                raise refusal(receipt.problem, "sample")
        return await self.after_turn(request, visitor, fields, ())

    @kindly
    async def code(self, request: Request) -> Response:
        """Give a short code with which the resident goes on at another door (F35)."""
        visitor, _ = await self.form(request)
        if visitor.door == HELPER:
            raise refusal(Reason.NOT_ALLOWED, "code for somebody who reads along")
        code = await asyncio.to_thread(link_code, self.house, visitor.resident_ref)
        if wants_json(request):
            return JSONResponse({"code": code})
        telegram = bool(self.house.settings.telegram_token)
        return self.page("code.html", language_at(request), code=code, has_telegram=telegram)

    @kindly
    async def link(self, request: Request) -> Response:
        """Take the code of another door: this browser then shows that same thread."""
        visitor, fields = await self.form(request)
        if self._guesses.wait(self.address(request)) or self._guesses.wait(visitor.resident_ref):
            raise refusal(Reason.TOO_MANY, "codes")
        joined = await asyncio.to_thread(use_link_code, self.house, fields.get("code", "")[:20], DOOR, visitor.secret)
        if joined is None:
            language = language_at(request)
            text = say(Message("door_link_wrong"), self.texts(language))
            return (
                JSONResponse({"text": text}, 422)
                if wants_json(request)
                else self.page("sorry.html", language, text=text, reference="", status=422)
            )
        return JSONResponse({"joined": True}) if wants_json(request) else RedirectResponse("/", status_code=303)

    @kindly
    async def messages(self, request: Request) -> Response:
        """Return what is new since `after`, for browsers without server-sent events."""
        visitor = await self.known(request)
        view = await asyncio.to_thread(
            show_thread, self.house, visitor.resident_ref, whole_number(request.query_params.get("after", "0"))
        )
        if view is None:
            raise refusal(Reason.NOT_FOUND, "gone")
        return JSONResponse(self.as_json(view, visitor.token))

    @kindly
    async def seen(self, request: Request) -> Response:
        """Take that the open page showed everything up to a change; say whether a human is writing."""
        visitor, fields = await self.form(request)
        change = whole_number(fields.get("change", "0"))
        await asyncio.to_thread(mark_read, self.house, visitor.resident_ref, change)
        writing = await asyncio.to_thread(writing_now, self.house, visitor.resident_ref)
        return JSONResponse({"writing": writing})

    @kindly
    async def events(self, request: Request) -> Response:
        """Send what is new as it comes; after a break the browser names the last change it saw."""
        visitor = await self.known(request)
        after = whole_number(request.headers.get("last-event-id") or request.query_params.get("after", "0"))
        return EventSourceResponse(self.stream(visitor, after), ping=KEEP_ALIVE_SECONDS)

    async def stream(self, visitor: Visitor, after: int) -> AsyncIterator[dict[str, Any]]:
        """Yield the changes of one thread for as long as the page is open."""
        resident_ref = visitor.resident_ref
        with self._watcher.watch(resident_ref):
            yield {"event": "hello", "data": "{}", "retry": RETRY_MILLISECONDS}
            while True:
                try:
                    view = await asyncio.to_thread(show_thread, self.house, resident_ref, after)
                except Exception as error:
                    log.warning("stream_broken error=%s", type(error).__name__)
                    return
                if view is None:
                    yield {"event": "gone", "data": "{}"}
                    return
                if view.lines:
                    yield {
                        "event": "change",
                        "id": str(view.change),
                        "data": json.dumps(self.as_json(view, visitor.token)),
                    }
                after = max(after, view.change)
                await self._watcher.changed(resident_ref, after, 60)

    @kindly
    async def picture(self, request: Request) -> Response:
        """Show the cut-out that an own message carries as proof."""
        visitor = await self.known(request)
        message_ref, index = request.path_params["message_ref"], request.path_params["index"]
        content = await asyncio.to_thread(picture_of, self.house, visitor.resident_ref, message_ref, index)
        if content is None:
            log.warning("picture_refused resident_ref=%s origin=%s", visitor.resident_ref, self.address(request))
            raise refusal(Reason.NOT_FOUND, "picture")
        return picture(content, "brief")

    @kindly
    async def face(self, request: Request) -> Response:
        """Show the photo of a professional to a resident."""
        await self.known(request)
        face = await asyncio.to_thread(face_of, self.house, request.path_params["professional_ref"])
        if face is None or face.photo is None:
            raise refusal(Reason.NOT_FOUND, "face")
        return picture(face.photo, "medewerker")

    @kindly
    async def speech(self, request: Request) -> Response:
        """Read an own message aloud with the machine's own voice, for browsers without a Dutch one (F29)."""
        visitor = await self.known(request)
        said = await asyncio.to_thread(line_of, self.house, visitor.resident_ref, request.path_params["message_ref"])
        program = shutil.which("espeak-ng")
        if said is None or program is None:
            raise refusal(Reason.NOT_FOUND, "speech")
        view = await asyncio.to_thread(show_thread, self.house, visitor.resident_ref, 2**62)
        voice = view.language if view else "nl"
        async with self._speaking:
            speaking = await asyncio.create_subprocess_exec(
                program, "-v", voice, "-s", "145", "--stdin", "--stdout",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            try:
                async with asyncio.timeout(SPEECH_SECONDS):
                    sound, _ = await speaking.communicate(said.text.encode())
            except (TimeoutError, asyncio.CancelledError):
                speaking.kill()
                await speaking.wait()
                raise
        return Response(sound, media_type="audio/wav", headers={"content-security-policy": FILE_POLICY})

    @kindly
    async def export(self, request: Request) -> Response:
        """Give the resident everything we have about her (AVG art. 15 and 20)."""
        visitor = await self.known(request)
        if visitor.door == HELPER:
            raise refusal(Reason.NOT_ALLOWED, "export by somebody who reads along")
        if self._exports.wait(visitor.resident_ref):
            raise refusal(Reason.TOO_MANY, "exports")
        everything = await asyncio.to_thread(export_resident, self.house, visitor.resident_ref)
        return JSONResponse(
            everything,
            headers={
                "content-disposition": 'attachment; filename="mijn-gegevens.json"',
                "content-security-policy": FILE_POLICY,
            },
        )

    @kindly
    async def privacy(self, request: Request) -> Response:
        """Who sees what, how long it stays, how to have it erased."""
        await self.visitor(request)
        settings = self.house.settings
        return self.page(
            "privacy.html",
            language_at(request),
            closed=settings.retention_closed_days,
            idle=settings.retention_idle_days,
        )

    @kindly
    async def accessibility(self, request: Request) -> Response:
        """The statement on accessibility."""
        await self.visitor(request)
        return self.page("accessibility.html", language_at(request))

    async def security_txt(self, request: Request) -> Response:
        """Where to report a weakness (RFC 9116)."""
        expires = (self.house.clock.now() + timedelta(days=180)).replace(microsecond=0)
        url = self.house.settings.public_url
        lines = [
            f"Contact: {url}/privacy#melden",
            f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
            "Preferred-Languages: nl, en",
            f"Canonical: {url}/.well-known/security.txt",
        ]
        return PlainTextResponse("\n".join(lines) + "\n")

    async def manifest(self, request: Request) -> Response:
        """What a phone needs to put the page on its home screen."""
        texts = self.texts()
        icons = [
            {"src": f"/static/icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png", "purpose": "any"}
            for side in (192, 512)
        ]
        return JSONResponse(
            {
                "name": say(Message("page_title"), texts),
                "short_name": say(Message("page_title"), texts),
                "description": say(Message("page_description"), texts),
                "lang": "nl",
                "start_url": "/",
                "scope": "/",
                "display": "standalone",
                "icons": [
                    *icons,
                    {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
                ],
            },
            media_type="application/manifest+json",
        )


class CachedFiles(StaticFiles):
    """Our own style sheets, scripts and fonts: the same for everybody, so a phone may keep them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a file that may be kept for an hour and is asked for again by its mark."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=3600"
        return response


def routes(house: House, rasa: RasaClient) -> list[BaseRoute]:
    """Return the routes of the resident's web door; with a webhook secret, Telegram's as well."""
    quiet_loggers()
    chat = WebChat(house, rasa)
    found: list[BaseRoute] = [
        Route("/", chat.chat, methods=["GET"]),
        Route("/chat/text", chat.text, methods=["POST"]),
        Route("/chat/button", chat.button, methods=["POST"]),
        Route("/chat/photo", chat.photo, methods=["POST"]),
        Route("/chat/hold", chat.hold, methods=["POST"]),
        Route("/chat/samples", chat.samples, methods=["POST"]),
        Route("/chat/code", chat.code, methods=["POST"]),
        Route("/chat/link", chat.link, methods=["POST"]),
        Route("/chat/seen", chat.seen, methods=["POST"]),
        Route("/chat/messages", chat.messages, methods=["GET"]),
        Route("/chat/events", chat.events, methods=["GET"]),
        Route("/chat/picture/{message_ref}/{index:int}", chat.picture, methods=["GET"]),
        Route("/chat/face/{professional_ref}", chat.face, methods=["GET"]),
        Route("/chat/speech/{message_ref}", chat.speech, methods=["GET"]),
        Route("/chat/export", chat.export, methods=["GET"]),
        Route("/privacy", chat.privacy, methods=["GET"]),
        Route("/toegankelijkheid", chat.accessibility, methods=["GET"]),
        Route("/.well-known/security.txt", chat.security_txt, methods=["GET"]),
        Route("/manifest.webmanifest", chat.manifest, methods=["GET"]),
        Mount("/static", GZipMiddleware(CachedFiles(directory=HERE / "static"), minimum_size=500), name="static"),
    ]
    if house.settings.telegram_webhook_secret:
        found.append(webhook_route(house))
    return found


def repeats_link(paragraph: str, links: Sequence[tuple[str, str]]) -> bool:
    """Return whether a paragraph holds no more than a number that stands below as a link to tap."""
    return any(label in paragraph and len(paragraph.strip()) <= len(label) + 3 for label, _ in links)


def has_photos(view: View) -> bool:
    """Return whether the resident has sent a photo; the sample letters are for before that."""
    return any(line.said.key.startswith("photos_") for line in view.lines)


def same_choice(button: Button) -> str:
    """Return a mark that is the same for buttons that do the same."""
    return hashlib.sha256(json.dumps([button.do, sorted(button.values.items())]).encode()).hexdigest()[:12]


def stale_choices(view: View) -> frozenset[tuple[str, str]]:
    """Return (message, mark) of buttons for which a newer twin stands further down; only the newest one is shown."""
    newest: dict[str, str] = {}
    stale: set[tuple[str, str]] = set()
    for line in view.lines:
        for mark in map(same_choice, line.said.buttons):
            if mark in newest:
                stale.add((newest[mark], mark))
            newest[mark] = line.ref
    return frozenset(stale)


def in_words(texts: Texts, key: str, /, **values: str | int) -> str:
    """Return a text for a template."""
    return say(Message(key, values), texts)


def picture(content: bytes, name: str) -> Response:
    """Return a picture that a browser can only show as one, and does not keep."""
    is_png = content.startswith(b"\x89PNG")
    headers = {
        "content-disposition": f'inline; filename="{name}.{"png" if is_png else "jpg"}"',
        "content-security-policy": FILE_POLICY,
        "cache-control": "no-store",
    }
    return Response(content, media_type="image/png" if is_png else "image/jpeg", headers=headers)


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


def client_id(fields: Mapping[str, str]) -> str:
    """Return the page's own number of an act, so that the same act twice has one effect; a fresh one without it."""
    given = fields.get("id", "")
    return given if _CLIENT_ID.fullmatch(given) else secrets.token_urlsafe(16)


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


async def within(seconds: float, asked: Awaitable[None]) -> None:
    """Do something for a limited time."""
    try:
        await asyncio.wait_for(asked, seconds)
    except TimeoutError:
        return
