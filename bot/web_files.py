"""The web door's files: what a professional sent along, for the resident it was sent to."""

from __future__ import annotations

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import Response

from bot.web_door import WebDoor, kindly, refusal
from briefbrug.errors import Reason
from briefbrug.usecases.enclose import file_of
from briefbrug.web_security import file_headers

log = logging.getLogger("bot.webchat")


@kindly
async def sent_file(door: WebDoor, request: Request) -> Response:
    """Give a file of an own message; somebody else's is not there."""
    visitor = await door.known(request)
    found = await asyncio.to_thread(file_of, door.house, visitor.resident_ref, request.path_params["file_ref"])
    if found is None:
        log.warning("file_refused resident_ref=%s origin=%s", visitor.resident_ref, door.address(request))
        raise refusal(Reason.NOT_FOUND, "file")
    headers = file_headers(found.name, inline=found.media_type == "image/jpeg")
    return Response(found.content, media_type=found.media_type, headers=headers)
