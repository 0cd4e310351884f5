"""Fetches a photo that Telegram holds for us, after the plain yes; a failure is retried, then told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import httpx
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.bot_api import ANSWER_SECONDS, CONNECT_SECONDS, open_bot, seconds_of
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.failpoints import fail_point
from briefbrug.house import House
from briefbrug.usecases.receive_photo import fetch_failed, photo_to_fetch, store_fetched

log = logging.getLogger("bot.fetch")

MAX_ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 1.0
LONGEST_FETCH_SECONDS = 120.0
TELEGRAM_LIMIT_BYTES = 20 * 1024 * 1024
"""getFile hands out no larger files."""


class Fetcher:
    """Asks Telegram where a file lies and takes its bytes into memory, never more than allowed."""

    def __init__(self, house: House, bot: Bot, worker: str) -> None:
        self._house = house
        self._bot = bot
        self._worker = worker
        self._limit = min(TELEGRAM_LIMIT_BYTES, house.settings.upload_max_bytes)
        # No redirects: the file lies where the Bot API says, or nowhere.
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=is_public(house),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def fetch(self, photo_ref: str) -> None:
        """Fetch one photo; do nothing when it is here already or no longer wanted."""
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, MAX_ATTEMPTS + 1):
            remote = await asyncio.to_thread(photo_to_fetch, self._house, photo_ref, self._worker)
            if remote is None:
                return
            try:
                async with asyncio.timeout(LONGEST_FETCH_SECONDS):
                    content = await self._bytes_of(str(remote["file_id"]))
                await asyncio.to_thread(store_fetched, self._house, photo_ref, content)
                return
            except BriefbrugError as error:
                log.warning("fetch_refused photo_ref=%s reason=%s", photo_ref, error.reason.value)
                await asyncio.to_thread(fetch_failed, self._house, photo_ref, error.reason)
                return
            except RetryAfter as error:
                pause = max(pause, seconds_of(error) + 0.1)
                log.warning("fetch_slowed photo_ref=%s seconds=%g", photo_ref, pause)
            except (BadRequest, Forbidden) as error:
                is_large = "too big" in str(error).lower()
                log.warning("fetch_refused photo_ref=%s large=%s", photo_ref, is_large)
                await asyncio.to_thread(
                    fetch_failed, self._house, photo_ref, Reason.FILE_TOO_LARGE if is_large else Reason.FILE_MISSING
                )
                return
            except (InvalidToken, TelegramError, httpx.HTTPError, TimeoutError) as error:
                log.warning("fetch_failed photo_ref=%s attempt=%d error=%s", photo_ref, attempt, type(error).__name__)
            if attempt < MAX_ATTEMPTS:
                await asyncio.sleep(pause)
                pause = min(60.0, pause * 2)
        await asyncio.to_thread(fetch_failed, self._house, photo_ref, Reason.FILE_MISSING)

    async def _bytes_of(self, file_id: str) -> bytes:
        fail_point("K3")
        file = await self._bot.get_file(file_id)
        if (file.file_size or 0) > self._limit:
            raise BriefbrugError(Reason.FILE_TOO_LARGE, f"{file.file_size} bytes")
        root = f"{self._house.settings.telegram_api_url}/file/bot"
        address = file.file_path or ""
        if not address.startswith(root):
            # A path on the Bot API server's own disk, or another host: neither is ours to open.
            raise BriefbrugError(Reason.FILE_MISSING, "no address of the Bot API")
        content = bytearray()
        async with self._client.stream("GET", address) as response:
            if response.status_code != HTTPStatus.OK:
                # The link lives an hour; the next attempt asks for a new one.
                raise httpx.RemoteProtocolError(f"status {response.status_code}")
            async for piece in response.aiter_bytes(64 * 1024):
                content += piece
                fail_point("K4")
                if len(content) > self._limit:
                    raise BriefbrugError(Reason.FILE_TOO_LARGE, f"more than {self._limit} bytes")
        return bytes(content)


def is_public(house: House) -> bool:
    """Return whether Telegram's own server is used, so that a proxy from the environment may stand between."""
    return httpx.URL(house.settings.telegram_api_url).host == "api.telegram.org"


def make_fetch(house: House, worker: str = "fetch") -> Callable[[str], Awaitable[None]]:
    """Return the durable step "fetch": it brings one photo in from Telegram."""
    fetcher: Fetcher | None = None

    async def fetch(photo_ref: str) -> None:
        # Opened on first use, in the event loop that will use it.
        nonlocal fetcher
        if fetcher is None:
            fetcher = Fetcher(house, open_bot(house.settings).bot, worker)
        await fetcher.fetch(photo_ref)

    return fetch
