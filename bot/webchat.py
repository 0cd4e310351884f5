"""The web door's conversation: the chat page, typed lines, presses, codes for another door; and the list of routes."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from functools import partial

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.bot_api import quiet_loggers
from bot.intake import webhook_route
from bot.rasa_client import LONGEST_TEXT, RasaClient
from bot.turn import take_press, take_text
from bot.web_door import (
    DOOR,
    HERE,
    Handler,
    WebDoor,
    client_id,
    kindly,
    language_at,
    refusal,
    wants_json,
    whole_number,
)
from bot.web_files import sent_file
from bot.web_live import events, messages, seen, speech
from bot.web_pages import CachedFiles, accessibility, manifest, offline, privacy, security_txt, service_worker
from bot.web_photos import SAMPLES, face, hold, photo, proof, samples
from bot.web_thread import after_turn, has_photos, shown, stale_choices
from briefbrug.errors import Reason
from briefbrug.house import House
from briefbrug.speech import Message, say
from briefbrug.store.thread import Said
from briefbrug.usecases.erase import export_resident
from briefbrug.usecases.open_door import HELPER, link_code, use_link_code
from briefbrug.usecases.show_thread import show_thread
from briefbrug.web_security import FILE_POLICY


@kindly
async def chat(door: WebDoor, request: Request) -> Response:
    """The chat page. A first visit makes a resident, because the greeting asks her leave."""
    visitor = await door.welcome(request)
    view = await asyncio.to_thread(show_thread, door.house, visitor.resident_ref)
    if view is None:
        raise refusal(Reason.NOT_FOUND, "gone")
    answer = door.page(
        "chat.html",
        view.language,
        view=view,
        messages=[shown(door, line, view.language, visitor.token, stale_choices(view)) for line in view.lines],
        token=visitor.token,
        new_id=secrets.token_urlsafe(16),
        max_bytes=door.house.settings.upload_max_bytes,
        can_speak=shutil.which("espeak-ng") is not None,
        has_telegram=bool(door.house.settings.telegram_token),
        has_samples=door.house.settings.demo and SAMPLES.is_dir() and not has_photos(view),
    )
    door.give_cookie(answer, visitor.secret)
    return answer


@kindly
async def text(door: WebDoor, request: Request) -> Response:
    """Take one typed line."""
    visitor, fields = await door.form(request)
    text = fields.get("text", "").replace("\r\n", "\n").strip()[:LONGEST_TEXT]
    left: tuple[Said, ...] = ()
    if text:
        if door.lines.wait(visitor.resident_ref):
            raise refusal(Reason.TOO_MANY, "lines")
        left = await take_text(
            door.house, door.rasa, visitor.resident_ref, text, visitor.door, f"web:{client_id(fields)}"
        )
    return await after_turn(door, request, visitor, fields, left)


@kindly
async def button(door: WebDoor, request: Request) -> Response:
    """Press a button under a message."""
    visitor, fields = await door.form(request)
    if door.lines.wait(visitor.resident_ref):
        raise refusal(Reason.TOO_MANY, "presses")
    place = whole_number(fields.get("index", "-1"), -1)
    left = await take_press(
        door.house,
        visitor.resident_ref,
        fields.get("message", "")[:40],
        place,
        visitor.door,
        f"web:{client_id(fields)}",
    )
    return await after_turn(door, request, visitor, fields, left)


@kindly
async def code(door: WebDoor, request: Request) -> Response:
    """Give a short code with which the resident goes on at another door (F35)."""
    visitor, _ = await door.form(request)
    if visitor.door == HELPER:
        raise refusal(Reason.NOT_ALLOWED, "code for somebody who reads along")
    code = await asyncio.to_thread(link_code, door.house, visitor.resident_ref)
    if wants_json(request):
        return JSONResponse({"code": code})
    telegram = bool(door.house.settings.telegram_token)
    return door.page("code.html", language_at(request), code=code, has_telegram=telegram)


@kindly
async def link(door: WebDoor, request: Request) -> Response:
    """Take the code of another door: this browser then shows that same thread."""
    visitor, fields = await door.form(request)
    if door.guesses.wait(door.address(request)) or door.guesses.wait(visitor.resident_ref):
        raise refusal(Reason.TOO_MANY, "codes")
    joined = await asyncio.to_thread(use_link_code, door.house, fields.get("code", "")[:20], DOOR, visitor.secret)
    if joined is None:
        language = language_at(request)
        text = say(Message("door_link_wrong"), door.texts(language))
        return (
            JSONResponse({"text": text}, 422)
            if wants_json(request)
            else door.page("sorry.html", language, text=text, reference="", status=422)
        )
    return JSONResponse({"joined": True}) if wants_json(request) else RedirectResponse("/", status_code=303)


@kindly
async def export(door: WebDoor, request: Request) -> Response:
    """Give the resident everything we have about her (AVG art. 15 and 20)."""
    visitor = await door.known(request)
    if visitor.door == HELPER:
        raise refusal(Reason.NOT_ALLOWED, "export by somebody who reads along")
    if door.exports.wait(visitor.resident_ref):
        raise refusal(Reason.TOO_MANY, "exports")
    everything = await asyncio.to_thread(export_resident, door.house, visitor.resident_ref)
    return JSONResponse(
        everything,
        headers={
            "content-disposition": 'attachment; filename="mijn-gegevens.json"',
            "content-security-policy": FILE_POLICY,
        },
    )


SHOWS: dict[str, Handler] = {
    "/": chat,
    "/chat/messages": messages,
    "/chat/events": events,
    "/chat/picture/{message_ref}/{index:int}": proof,
    "/chat/face/{professional_ref}": face,
    "/chat/file/{file_ref}": sent_file,
    "/chat/speech/{message_ref}": speech,
    "/chat/export": export,
    "/privacy": privacy,
    "/toegankelijkheid": accessibility,
    "/offline": offline,
    "/worker.js": service_worker,
    "/manifest.webmanifest": manifest,
    "/.well-known/security.txt": security_txt,
}
TAKES: dict[str, Handler] = {
    "/chat/text": text,
    "/chat/button": button,
    "/chat/photo": photo,
    "/chat/hold": hold,
    "/chat/samples": samples,
    "/chat/code": code,
    "/chat/link": link,
    "/chat/seen": seen,
}


def routes(house: House, rasa: RasaClient) -> list[BaseRoute]:
    """Return the routes of the resident's web door; with a webhook secret, Telegram's as well."""
    quiet_loggers()
    door = WebDoor(house, rasa)
    found: list[BaseRoute] = [
        *(Route(path, partial(handler, door), methods=["GET"]) for path, handler in SHOWS.items()),
        *(Route(path, partial(handler, door), methods=["POST"]) for path, handler in TAKES.items()),
        Mount("/static", GZipMiddleware(CachedFiles(directory=HERE / "static"), minimum_size=500), name="static"),
    ]
    if house.settings.telegram_webhook_secret:
        found.append(webhook_route(house))
    return found
