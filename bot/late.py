"""Tells a chat that it takes longer while nothing can be written down: the database is away (promise R5)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot.bot_api import open_bot, seconds_of
from bot.incoming import FIRST_LANGUAGES
from briefbrug.house import House
from briefbrug.speech import Message, say

log = logging.getLogger("bot.late")

AFTER_SECONDS = 4.0
"""So long an update may wait for the database before its chat hears something; ten seconds are promised."""
HANDLED_SECONDS = 9.0
"""The same for an update that is written down, and whose effect does not come."""
QUIET_SECONDS = 600.0
"""So long a chat hears it only once."""
MOST_CHATS = 10_000
TRIES = 3


class Late:
    """Knows which chats heard that it takes longer; in memory, because there is nothing else then."""

    def __init__(self, house: House, bot: Bot | None = None) -> None:
        """Use `bot`, or open one for each outage: the pages have none of their own."""
        self._house = house
        self._bot = bot
        self._told: dict[int, float] = {}

    async def tell(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Say it in every private chat that wrote; a failure is no matter, the update itself is kept by Telegram."""
        now = time.monotonic()
        if len(self._told) > MOST_CHATS:
            self._told = {chat: at for chat, at in self._told.items() if now - at < QUIET_SECONDS}
        wanted: dict[int, str] = {}
        for message in map(_message, updates):
            chat = cast(dict[str, Any], message.get("chat") or {})
            number = chat.get("id")
            if chat.get("type") == "private" and isinstance(number, int):
                wanted[number] = self._words(message) if number not in wanted else wanted[number]
        fresh = {
            chat: text for chat, text in wanted.items() if now - self._told.get(chat, -QUIET_SECONDS) >= QUIET_SECONDS
        }
        self._told.update(dict.fromkeys(fresh, now))
        if not fresh:
            return
        opened = open_bot(self._house.settings) if self._bot is None else None
        bot = opened.bot if opened is not None else self._bot
        try:
            if bot is not None:
                sent = await asyncio.gather(*(_send(bot, chat, text) for chat, text in fresh.items()))
                for chat, is_sent in zip(fresh, sent, strict=True):
                    if not is_sent:
                        self._told.pop(chat, None)  # said the next time that Telegram delivers it
        finally:
            if opened is not None:
                await opened.close()

    @asynccontextmanager
    async def watch(self, update: Mapping[str, Any]) -> AsyncGenerator[None]:
        """Tell the chat of an update when the block takes longer than any answer may."""

        async def wait_and_tell() -> None:
            await asyncio.sleep(HANDLED_SECONDS)
            await self.tell([update])

        waiting = asyncio.create_task(wait_and_tell())
        try:
            yield
        finally:
            waiting.cancel()

    def _words(self, message: Mapping[str, Any]) -> str:
        """Return the sentence in the language of her telephone; her own choice stands in the database."""
        person = cast(dict[str, Any], message.get("from") or {})
        code = str(person.get("language_code") or "nl").partition("-")[0].lower()
        texts = self._house.texts_in(code if code in FIRST_LANGUAGES else "nl")
        key = "takes_longer_one" if message.get("photo") or message.get("document") else "door_takes_longer"
        return say(Message("sent_by_machine", {"text": say(Message(key), texts)}), texts)


async def _send(bot: Bot, chat: int, text: str) -> bool:
    for _ in range(TRIES):
        try:
            await bot.send_message(chat, text)
        except RetryAfter as error:
            await asyncio.sleep(seconds_of(error))
        except TelegramError as error:
            log.warning("late_not_told error=%s", type(error).__name__)
            return False
        else:
            return True
    return False


def _message(update: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the message of an update, or the one whose button was pressed; empty for other kinds."""
    pressed = update.get("callback_query")
    if isinstance(pressed, dict):
        query = cast(dict[str, Any], pressed)
        shown = query.get("message")
        place = cast(dict[str, Any], shown).get("chat") if isinstance(shown, dict) else None
        return {"chat": place, "from": query.get("from")}
    found = update.get("message")
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}
