"""Opens the Bot API through python-telegram-bot; its token and its traffic stay out of every log."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import RetryAfter
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from briefbrug.settings import Settings

PUBLIC_API_HOST = "api.telegram.org"
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
POLL_SECONDS = 30
"""How long getUpdates waits for something new; the Bot API allows 50."""

LEVELS = {
    # httpx names the whole address at INFO, and the address holds the token. python-telegram-bot prints updates that it
    # cannot read at CRITICAL, and the token in the text of some errors. sse_starlette prints every message at DEBUG.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.CRITICAL + 1,
    "sse_starlette": logging.WARNING,
    "python_multipart": logging.WARNING,
}


def quiet_loggers() -> None:
    """Fix the levels of libraries that would log a token, an update or a resident's words."""
    for name, level in LEVELS.items():
        logging.getLogger(name).setLevel(level)
    # A coming change in how python-telegram-bot tells a waiting time; `seconds_of` takes both forms.
    warnings.filterwarnings("ignore", category=PTBDeprecationWarning)


@dataclass(frozen=True, slots=True)
class OpenBot:
    """A bot and its connections. `Bot.initialize` is not used: it would need Telegram to be there at the start."""

    bot: Bot
    requests: tuple[HTTPXRequest, ...]

    async def close(self) -> None:
        """Let go of the connections."""
        for request in self.requests:
            await request.shutdown()


def open_bot(settings: Settings) -> OpenBot:
    """Return the bot of this installation; nothing is asked of Telegram yet."""
    quiet_loggers()
    # A proxy from the environment is for the way out to Telegram, never for a Bot API server of our own.
    is_public = urlsplit(settings.telegram_api_url).hostname == PUBLIC_API_HOST

    def request(read_seconds: float, connections: int) -> HTTPXRequest:
        return HTTPXRequest(
            connection_pool_size=connections,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            write_timeout=ANSWER_SECONDS,
            pool_timeout=ANSWER_SECONDS,
            media_write_timeout=60.0,
            httpx_kwargs={"trust_env": is_public},
        )

    requests = (request(ANSWER_SECONDS, 64), request(POLL_SECONDS + ANSWER_SECONDS, 2))
    bot = Bot(
        settings.telegram_token,
        base_url=f"{settings.telegram_api_url}/bot",
        base_file_url=f"{settings.telegram_api_url}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    )
    return OpenBot(bot, requests)


def bot_id_of(settings: Settings) -> str:
    """Return the bot's own number: the part of the token before the colon, which is no secret."""
    return settings.telegram_token.partition(":")[0]


def seconds_of(error: RetryAfter) -> float:
    """Return how long Telegram asks us to wait."""
    wait = error.retry_after
    return float(wait if isinstance(wait, int) else wait.total_seconds())
