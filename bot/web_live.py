"""What changes while the resident's page is open: server-sent events, the same by asking, and reading aloud."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.web_door import Visitor, WebDoor, kindly, refusal, whole_number
from bot.web_thread import as_json
from briefbrug.errors import Reason
from briefbrug.usecases.see_answer import mark_read, writing_now
from briefbrug.usecases.show_thread import changes_of, line_of, show_thread
from briefbrug.web_security import FILE_POLICY

log = logging.getLogger("bot.webchat")

RETRY_MILLISECONDS = 1500
KEEP_ALIVE_SECONDS = 15
SPEECH_SECONDS = 15.0


@kindly
async def messages(door: WebDoor, request: Request) -> Response:
    """Return what is new since `after`, for browsers without server-sent events."""
    visitor = await door.known(request)
    view = await asyncio.to_thread(
        show_thread, door.house, visitor.resident_ref, whole_number(request.query_params.get("after", "0"))
    )
    if view is None:
        raise refusal(Reason.NOT_FOUND, "gone")
    return JSONResponse(as_json(door, view, visitor.token))


@kindly
async def seen(door: WebDoor, request: Request) -> Response:
    """Take that the open page showed everything up to a change; say whether a human is writing."""
    visitor, fields = await door.form(request)
    change = whole_number(fields.get("change", "0"))
    await asyncio.to_thread(mark_read, door.house, visitor.resident_ref, change)
    writing = await asyncio.to_thread(writing_now, door.house, visitor.resident_ref)
    newest = await asyncio.to_thread(changes_of, door.house, [visitor.resident_ref])
    return JSONResponse({"writing": writing, "change": newest.get(visitor.resident_ref, 0)})


@kindly
async def events(door: WebDoor, request: Request) -> Response:
    """Send what is new as it comes; after a break the browser names the last change it saw."""
    visitor = await door.known(request)
    after = whole_number(request.headers.get("last-event-id") or request.query_params.get("after", "0"))
    return EventSourceResponse(stream(door, visitor, after), ping=KEEP_ALIVE_SECONDS)


async def stream(door: WebDoor, visitor: Visitor, after: int) -> AsyncIterator[dict[str, Any]]:
    """Yield the changes of one thread for as long as the page is open."""
    resident_ref = visitor.resident_ref
    with door.watcher.watch(resident_ref):
        yield {"event": "hello", "data": json.dumps({"token": visitor.token}), "retry": RETRY_MILLISECONDS}
        while True:
            try:
                view = await asyncio.to_thread(show_thread, door.house, resident_ref, after)
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
                    "data": json.dumps(as_json(door, view, visitor.token)),
                }
            after = max(after, view.change)
            await door.watcher.changed(resident_ref, after, 60)


@kindly
async def speech(door: WebDoor, request: Request) -> Response:
    """Read an own message aloud with the machine's own voice, for browsers without a Dutch one (F29)."""
    visitor = await door.known(request)
    said = await asyncio.to_thread(line_of, door.house, visitor.resident_ref, request.path_params["message_ref"])
    program = shutil.which("espeak-ng")
    if said is None or program is None:
        raise refusal(Reason.NOT_FOUND, "speech")
    view = await asyncio.to_thread(show_thread, door.house, visitor.resident_ref, 2**62)
    voice = view.language if view else "nl"
    async with door.speaking:
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
