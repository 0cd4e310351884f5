"""Photos at the resident's web door: taken while they stream in, shown to nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.turn import in_order, say_or_return, take_choice
from bot.uploads import UploadReader
from bot.web_door import (
    DOOR,
    HERE,
    PATIENCE_SECONDS,
    WebDoor,
    client_id,
    is_client_id,
    kindly,
    refusal,
    wants_json,
    whole_number,
)
from bot.web_thread import after_turn
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.usecases.answer import problem
from briefbrug.usecases.picture import picture_of
from briefbrug.usecases.receive_photo import receive_photo
from briefbrug.usecases.roster import face_of
from briefbrug.usecases.talk import ask_leave_again
from briefbrug.web_security import FILE_POLICY

log = logging.getLogger("bot.webchat")

SAMPLES = HERE.parent / "samples" / "bag"
SAMPLE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".pdf"})


async def photo(door: WebDoor, request: Request) -> Response:
    """Take one or more photos while they stream in; the same upload twice is one photo."""
    reader = UploadReader(request, door.house.settings.upload_max_bytes)
    with door.together.enter(door.address(request)) as has_room:
        try:
            if not has_room:
                raise refusal(Reason.TOO_MANY, "uploads at once")
            return await take_photos(door, request, reader)
        except BriefbrugError as error:
            log.warning("upload_refused reason=%s detail=%s", error.reason.value, error.detail)
            await within(0.7, reader.drain())
            answer = door.sorry(request, error.reason)
        except Exception as error:
            log.error("upload_failed error=%s", type(error).__name__)
            await within(0.7, reader.drain())
            # The page keeps the photo and tries again.
            answer = door.sorry(request, Reason.UNEXPECTED, key="page_photo_late")
    answer.headers["connection"] = "close"
    return answer


async def take_photos(door: WebDoor, request: Request, reader: UploadReader) -> Response:
    """Keep the photos of one request and return how many the bag holds."""
    door.check_origin(request)
    async with asyncio.timeout(PATIENCE_SECONDS - 1):
        visitor = await door.known(request)
    token, upload_id = request.headers.get("x-form-token", ""), request.headers.get("x-upload-id", "")
    if whole_number(
        request.headers.get("content-length", "0")
    ) > door.house.settings.upload_max_bytes + 4096 and wants_json(request):
        raise refusal(Reason.FILE_TOO_LARGE, "announced")
    if token:
        door.check_token(visitor, token)
    count, number, problems = 0, 0, list[Reason]()
    async for part in reader.parts():
        if not part.is_file:
            value = part.content.decode("utf-8", "replace").strip()
            token = value if part.name == "token" else token
            upload_id = value if part.name == "id" else upload_id
            continue
        door.check_token(visitor, token)
        if door.uploads.wait(visitor.resident_ref):
            raise refusal(Reason.TOO_MANY, "uploads in a minute")
        if not part.content and not number and not wants_json(request):
            break  # the form was sent without choosing a file
        number += 1
        source = f"{upload_id}:{number}" if is_client_id(upload_id) else hashlib.sha256(part.content).hexdigest()
        async with in_order(visitor.resident_ref):
            receipt = await asyncio.to_thread(
                receive_photo, door.house, visitor.resident_ref, bytes(part.content), DOOR, source
            )
        door.watcher.touch(visitor.resident_ref)
        count = max(count, receipt.count)
        if receipt.problem is not None:
            problems.append(receipt.problem)
    if not wants_json(request):
        for place, reason in enumerate(problems):
            spoken = await asyncio.to_thread(problem, door.house, reason)
            await say_or_return(door.house, visitor.resident_ref, spoken, f"web:{upload_id[:60]}:{place}")
        return RedirectResponse("/#einde", status_code=303)
    if problems:
        raise refusal(problems[0], f"{len(problems)} of {number} files")
    if not number:
        raise refusal(Reason.FILE_EMPTY, "no file")
    return JSONResponse({"count": count})


@kindly
async def hold(door: WebDoor, request: Request) -> Response:
    """Ask leave again: photos wait in her browser although she said no before (F8)."""
    visitor, fields = await door.form(request)
    left = await take_choice(
        door.house, visitor.resident_ref, ask_leave_again, "", visitor.door, f"web:{client_id(fields)}"
    )
    return await after_turn(door, request, visitor, fields, left)


@kindly
async def samples(door: WebDoor, request: Request) -> Response:
    """Send the sample letters, in the demonstration only, through the same door as any photo."""
    visitor, fields = await door.form(request)
    if not door.house.settings.demo:
        raise refusal(Reason.NOT_FOUND, "no demonstration")
    for path in sorted(SAMPLES.iterdir()):
        if path.suffix.lower() not in SAMPLE_ENDINGS:
            continue
        content = await asyncio.to_thread(path.read_bytes)
        source = f"sample:{client_id(fields)}:{path.name}"
        receipt = await asyncio.to_thread(receive_photo, door.house, visitor.resident_ref, content, DOOR, source)
        if receipt.problem is not None:
            raise refusal(receipt.problem, "sample")
    return await after_turn(door, request, visitor, fields, ())


@kindly
async def proof(door: WebDoor, request: Request) -> Response:
    """Show the cut-out that an own message carries as proof."""
    visitor = await door.known(request)
    message_ref, index = request.path_params["message_ref"], request.path_params["index"]
    content = await asyncio.to_thread(picture_of, door.house, visitor.resident_ref, message_ref, index)
    if content is None:
        log.warning("picture_refused resident_ref=%s origin=%s", visitor.resident_ref, door.address(request))
        raise refusal(Reason.NOT_FOUND, "picture")
    return picture(content, "brief")


@kindly
async def face(door: WebDoor, request: Request) -> Response:
    """Show the photo of a professional to a resident."""
    await door.known(request)
    face = await asyncio.to_thread(face_of, door.house, request.path_params["professional_ref"])
    if face is None or face.photo is None:
        raise refusal(Reason.NOT_FOUND, "face")
    return picture(face.photo, "medewerker")


def picture(content: bytes, name: str) -> Response:
    """Return a picture that a browser can only show as one, and does not keep."""
    is_png = content.startswith(b"\x89PNG")
    headers = {
        "content-disposition": f'inline; filename="{name}.{"png" if is_png else "jpg"}"',
        "content-security-policy": FILE_POLICY,
        "cache-control": "no-store",
    }
    return Response(content, media_type="image/png" if is_png else "image/jpeg", headers=headers)


async def within(seconds: float, asked: Awaitable[None]) -> None:
    """Do something for a limited time."""
    try:
        await asyncio.wait_for(asked, seconds)
    except TimeoutError:
        return
