"""Where Telegram's updates come in: they are safe in our own table before Telegram hears that we have them."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.bot_api import bot_id_of
from bot.late import AFTER_SECONDS, Late
from briefbrug.failpoints import fail_point
from briefbrug.house import House

log = logging.getLogger("bot.intake")

WEBHOOK_PATH = "/telegram/webhook"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 the name of a header
MAX_UPDATE_BYTES = 1024 * 1024


class Intake:
    """Commits updates; those that arrive together share one commit, and nobody hears "yes" before it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._bot_id = bot_id_of(house.settings)
        self._waiting: list[tuple[Sequence[dict[str, Any]], asyncio.Future[int]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def keep(self, updates: Sequence[dict[str, Any]]) -> int:
        """Commit updates and return how many of all that were committed together are new; raises when it cannot."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((updates, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                fresh = await asyncio.to_thread(self._commit, [update for updates, _ in batch for update in updates])
            except Exception as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(fresh)

    def _commit(self, updates: Sequence[dict[str, Any]]) -> int:
        with self._house.work() as work:
            fresh = sum(work.updates.add(self._bot_id, update, chat_of(update)) for update in updates)
            fail_point("K1")
        fail_point("K2")
        return fresh


async def keep_or_tell(intake: Intake, late: Late, updates: Sequence[dict[str, Any]]) -> None:
    """Commit updates; when that takes long or fails, their chats hear that it takes longer. Raises when it cannot."""
    kept = asyncio.ensure_future(intake.keep(updates))
    await asyncio.wait({kept}, timeout=AFTER_SECONDS)
    if not kept.done() or kept.exception() is not None:
        await late.tell(updates)
    await kept


def chat_of(update: Mapping[str, Any]) -> str:
    """Return the chat an update belongs to, as text; its order is kept. Empty when it names none."""
    for kind in ("message", "edited_message", "my_chat_member", "channel_post"):
        if isinstance(update.get(kind), dict):
            return str(cast(dict[str, Any], update[kind]).get("chat", {}).get("id", ""))
    if isinstance(update.get("callback_query"), dict):
        query = cast(dict[str, Any], update["callback_query"])
        message = cast(dict[str, Any], query.get("message") or {})
        place = cast(dict[str, Any], message.get("chat") or query.get("from") or {})
        return str(place.get("id", ""))
    return ""


def webhook_route(house: House, woken: Callable[[], None] = lambda: None) -> Route:
    """Return the route on which Telegram delivers updates.

    Without the secret 403 and nothing kept; 200 only after the commit; 503 when the database is away, and Telegram
    tries again for a day (measured.md).
    """
    intake = Intake(house)
    late = Late(house)
    secret = house.settings.telegram_webhook_secret.encode()

    async def receive(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not secret or not hmac.compare_digest(given, secret):
            log.warning("webhook_refused origin=%s", request.client.host if request.client else "unknown")
            return Response(status_code=403)
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_UPDATE_BYTES:
                return Response(status_code=413)
        update = update_in(bytes(body))
        if update is None:
            return Response(status_code=400)
        try:
            await keep_or_tell(intake, late, [update])
        except Exception as error:
            log.error("update_not_kept error=%s", type(error).__name__)
            return Response(status_code=503, headers={"retry-after": "2"})
        woken()
        return Response(status_code=200)

    return Route(WEBHOOK_PATH, receive, methods=["POST"])


def update_in(body: bytes) -> dict[str, Any] | None:
    """Return the update in a request's body, or None when there is none."""
    try:
        update = cast(object, json.loads(body))
    except (ValueError, RecursionError):
        return None
    if not isinstance(update, dict):
        return None
    number = cast(dict[str, Any], update).get("update_id")
    is_number = isinstance(number, int) and not isinstance(number, bool) and -(2**63) < number < 2**63
    return cast(dict[str, Any], update) if is_number else None
