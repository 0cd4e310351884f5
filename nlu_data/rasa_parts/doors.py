"""Rasa's two guarded doors: one typed text in, and the order to forget a conversation."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.tracker_store import FailSafeTrackerStore
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)

LONGEST_TEXT = 20_000


def _is_allowed(request: Request, token: str) -> bool:
    given = request.args.get("token") or ""
    header = request.headers.get("authorization") or ""
    if header.lower().startswith("bearer "):
        given = header[len("bearer ") :].strip()
    return bool(token) and hmac.compare_digest(given.encode("utf-8"), token.encode("utf-8"))


class _Guarded(InputChannel):
    """What both doors share: no token, no answer."""

    def __init__(self, token: str) -> None:
        """Keep the token that every request must carry."""
        if not token or "${" in token:
            raise ValueError("BRIEFBRUG_RASA_TOKEN is empty: Rasa's doors stay closed")
        self._token = token

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> _Guarded:
        """Return the door described in credentials.yml."""
        return cls(str((credentials or {}).get("token", "")))

    def _behind_token(self, handler: Callable[[Request], Awaitable[HTTPResponse]]) -> Callable[..., Any]:
        @wraps(handler)
        async def asked(request: Request) -> HTTPResponse:
            if not _is_allowed(request, self._token):
                return response.json({"status": "failure", "reason": "NotAuthenticated"}, status=401)
            return await handler(request)

        return asked


class GuardedRest(_Guarded):
    """`POST /webhooks/rest/webhook` {sender, message} -> texts and buttons, as Rasa's own, with the token asked for."""

    @classmethod
    def name(cls) -> str:
        """Return the name in the address, the same as Rasa's own REST channel."""
        return "rest"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes of this door."""
        door = Blueprint("briefbrug_rest", __name__)

        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        async def receive(request: Request) -> HTTPResponse:
            body = request.json if isinstance(request.json, dict) else {}
            sender, text = body.get("sender"), body.get("message")
            if not (isinstance(sender, str) and sender and isinstance(text, str) and len(text) <= LONGEST_TEXT):
                return response.json({"status": "failure", "reason": "BadRequest"}, status=400)
            collector = CollectingOutputChannel()
            message = UserMessage(text, collector, sender, input_channel=self.name(), metadata=body.get("metadata"))
            try:
                await on_new_message(message)
            except Exception as error:  # noqa: BLE001 - a door: the log gets the kind of error, never the words
                logger.error("turn_failed error=%s", type(error).__name__)
            return response.json(collector.messages)

        door.add_route(self._behind_token(health), "/", methods=["GET"], name="health")
        door.add_route(self._behind_token(receive), "/webhook", methods=["POST"], name="receive")
        return door


class ForgetDoor(_Guarded):
    """`POST /webhooks/briefbrug/forget` {sender} -> {"forgotten": number of events}."""

    @classmethod
    def name(cls) -> str:
        """Return the name in the address."""
        return "briefbrug"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes of this door."""
        door = Blueprint("briefbrug_forget", __name__)

        async def forget(request: Request) -> HTTPResponse:
            body = request.json if isinstance(request.json, dict) else {}
            sender = body.get("sender")
            if not (isinstance(sender, str) and sender):
                return response.json({"status": "failure", "reason": "BadRequest"}, status=400)
            agent = request.app.ctx.agent
            store = agent.tracker_store
            if isinstance(store, FailSafeTrackerStore):
                spare = store._fallback_tracker_store
                if spare is not None:
                    spare.store.pop(sender, None)
                store = store._tracker_store
            async with agent.lock_store.lock(sender):
                forgotten = store.forget(sender)
            return response.json({"forgotten": forgotten})

        door.add_route(self._behind_token(forget), "/forget", methods=["POST"], name="forget")
        return door
