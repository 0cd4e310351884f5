"""Real servers on free ports of loopback for the tests: our own pages, and the worlds beside them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import jinja2
import pytest
import uvicorn
from jinja2.bccache import Bucket
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from briefbrug.web_security import SecurityHeaders
from tests.conftest import free_port


class _Server(uvicorn.Server):
    """Uvicorn that stops when it is told and not at its next look: hundreds of tests start one."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def main_loop(self) -> None:
        self._told, self._loop = asyncio.Event(), asyncio.get_running_loop()
        await self.on_tick(0)
        self.up.set()
        await self._told.wait()

    def stop(self) -> None:
        """Tell the server, from another thread, to stop."""
        self._loop.call_soon_threadsafe(self._told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        until = self._loop.time() + 3
        while self.server_state.connections or self.server_state.tasks:
            if self._loop.time() > until:
                for task in self.server_state.tasks:
                    task.cancel()
                break
            await asyncio.sleep(0.005)
        await self.lifespan.shutdown()


class Served:
    """An ASGI app served over real HTTP by a thread of its own."""

    def __init__(self, app: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            app,
            "127.0.0.1",
            self.port,
            log_level="error",
            access_log=False,
            server_header=False,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._server.up.wait(20), "the server did not start"
        return self

    def __exit__(self, *error: object) -> None:
        self._server.stop()
        self._thread.join(timeout=10)


def with_headers(routes: list[Any], close: Callable[[], Coroutine[Any, Any, None]] | None = None) -> Starlette:
    """Return our pages with the headers that every answer carries; `close` runs when they stop."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        if close is not None:
            await close()

    return Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)], lifespan=lifespan)


class _Kept(jinja2.BytecodeCache):
    """Compiled templates in memory."""

    def __init__(self) -> None:
        self._found: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._found:
            bucket.bytecode_from_string(self._found[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._found[bucket.key] = bucket.bytecode_to_string()


def templates_kept(place: str) -> Any:
    """Return a fixture with which the Dutch pages of a run share compiled templates; `place` is where they are made.

    Those of another language exchange their sentences while they are compiled: each page compiles its own.
    """

    @pytest.fixture(scope="session", autouse=True)
    def kept() -> Iterator[None]:
        cache = _Kept()

        def environment(**options: Any) -> jinja2.Environment:
            kept_here = None if options.get("finalize") else cache
            return jinja2.Environment(**options, bytecode_cache=kept_here)  # noqa: S701 - the options are the pages' own

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(place, environment)
            yield

    return kept


class RasaDouble:
    """A server that answers as Rasa's REST channel and /model/parse do; what it says is set by the test."""

    def __init__(self) -> None:
        self.token = "rasa-token-of-the-tests"
        self.heard: list[dict[str, Any]] = []
        self.parsed: list[str] = []
        self.answer: Callable[[str, str], Any] = lambda sender, text: [
            {"recipient_id": sender, "text": "Dat heb ik gelezen."}
        ]
        self.intents: dict[str, str] = {}
        self.status = 200
        self.hangs = False
        self.app = Starlette(
            routes=[
                Route("/webhooks/rest/webhook", self._webhook, methods=["POST"]),
                Route("/model/parse", self._parse, methods=["POST"]),
            ]
        )

    async def _guard(self, request: Request) -> Response | None:
        while self.hangs:
            await asyncio.sleep(0.05)
        if request.query_params.get("token") != self.token:
            return JSONResponse({"status": "failure"}, status_code=401)
        return Response(status_code=self.status) if self.status != 200 else None

    async def _webhook(self, request: Request) -> Response:
        refused = await self._guard(request)
        body = await request.json()
        self.heard.append(body)
        return refused or JSONResponse(self.answer(body["sender"], body["message"]))

    async def _parse(self, request: Request) -> Response:
        refused = await self._guard(request)
        text = (await request.json())["text"]
        self.parsed.append(text)
        intent = next((name for words, name in self.intents.items() if words in text.lower()), "chitchat")
        return refused or JSONResponse({"text": text, "intent": {"name": intent, "confidence": 0.97}, "entities": []})


class Loop:
    """An event loop in a thread of its own, for parts that live in one."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> Loop:
        self._thread.start()
        return self

    def run(self, work: Coroutine[Any, Any, Any], seconds: float = 60) -> Any:
        """Return what `work` returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def start(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Let `work` run beside the test; returns its future."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def __exit__(self, *error: object) -> None:
        async def end() -> None:
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            with suppress(Exception):
                await asyncio.gather(*others, return_exceptions=True)
            await self.loop.shutdown_default_executor()

        self.run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=10)
        self.loop.close()
