"""The Telegram door: updates are safe in our own table before Telegram hears so, then handled in order."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import time
import warnings
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, BotCommand, Update
from telegram import Message as Incoming
from telegram.error import BadRequest, Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError

from bot.bot_api import ANSWER_SECONDS, POLL_SECONDS, bot_id_of, open_bot
from bot.rasa_client import RasaClient
from bot.turn import in_order, say_or_return, take_choice, take_press, take_text
from briefbrug.errors import Reason
from briefbrug.failpoints import fail_point
from briefbrug.house import House
from briefbrug.speech import Message, say
from briefbrug.store.thread import Said
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply, UseCase, answer_kindly, problem
from briefbrug.usecases.hand_over import request_human
from briefbrug.usecases.lose_door import close_door, reopen_door
from briefbrug.usecases.open_door import link_code, open_door, use_link_code
from briefbrug.usecases.receive_photo import announce_photo
from briefbrug.usecases.show_thread import last_heard, who_is_at
from briefbrug.usecases.talk import ask_delete, explain_help, greet, stop
from briefbrug.usecases.tell_letter import explain_pile

log = logging.getLogger("bot.telegram")

DOOR = "telegram"
WEBHOOK_PATH = "/telegram/webhook"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 the name of a header
MAX_UPDATE_BYTES = 1024 * 1024
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
BATCH = 100
LONGEST_PAUSE = 30.0
IDLE_SECONDS = 0.25
"""How often the table is looked at when nobody called, with a webhook: another process may have kept an update."""
MAX_ATTEMPTS = 5
FAREWELL_TRIES = 4
CHATS_AT_ONCE = 32
LINK_TRIES, LINK_WINDOW_SECONDS = 5, 600.0
FIRST_LANGUAGES = frozenset({"tr", "ar", "pl", "uk"})
"""Telegram languages in which a stranger is greeted; many Dutch telephones speak English, so that one is not."""

COMMANDS: Mapping[str, UseCase] = {
    "start": greet,
    "overzicht": explain_pile,
    "mens": request_human,
    "hulp": explain_help,
    "wis": ask_delete,
    "stop": stop,
}
"""The menu; it works without Rasa."""
OTHER_NAMES = {"help": "hulp", "overview": "overzicht", "privacy": "wis", "menu": "hulp"}

PAPER_TYPES = frozenset(
    {
        "image/jpeg",
        "image/jpg",
        "image/png",
        "image/webp",
        "image/heic",
        "image/heif",
        "image/tiff",
        "image/bmp",
        "image/gif",
        "application/pdf",
    }
)
PAPER_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".gif", ".pdf")
USED = frozenset({"message_id", "date", "edit_date", "chat", "from", "text", "caption", "photo", "document"})
"""What we look at in a message; the rest is not even parsed, so that a new kind of message cannot trip us."""
USED_OF_PERSON = frozenset({"id", "type", "is_bot", "first_name", "language_code"})
NOTICES = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "write_access_allowed",
        "users_shared",
        "chat_shared",
        "connected_website",
        "chat_background_set",
        "boost_added",
        "successful_payment",
        "refunded_payment",
        "gift",
        "unique_gift",
        "proximity_alert_triggered",
        "video_chat_scheduled",
        "video_chat_started",
        "video_chat_ended",
        "video_chat_participants_invited",
        "new_chat_members",
        "left_chat_member",
    }
)
"""Notices of Telegram itself: nobody spoke, so nobody is answered."""
UNREADABLE: Mapping[str, tuple[str, ...]] = {
    "door_voice": ("voice", "audio"),
    "door_video": ("video", "video_note", "animation"),
    "door_sticker": ("sticker", "dice", "game"),
    "door_contact": ("contact",),
    "door_location": ("location", "venue"),
}
"""Kinds of message that hold no letter and no words: the text that answers them -> their names in the Bot API."""


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
            await intake.keep([update])
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


class TelegramDoor:
    """Takes updates from the table and lets each have its effect once, chats side by side, each chat in order."""

    def __init__(self, house: House, rasa: RasaClient, bot: Bot) -> None:
        self._house = house
        self._rasa = rasa
        self._bot = bot
        self._bot_id = bot_id_of(house.settings)
        self._intake = Intake(house)
        self._woken = asyncio.Event()
        self._taken: set[int] = set()
        self._finished: set[int] = set()
        self._queues: dict[str, deque[tuple[int, dict[str, Any]]]] = defaultdict(deque)
        self._chats: dict[str, asyncio.Task[None]] = {}
        self._asides: set[asyncio.Task[None]] = set()
        self._idle_seconds = IDLE_SECONDS if house.settings.telegram_webhook_secret else 5.0
        self._room = asyncio.Semaphore(CHATS_AT_ONCE)
        self._tries: dict[str, deque[float]] = defaultdict(deque)

    # --- updates in ---

    def wake(self) -> None:
        """Look at the table now."""
        self._woken.set()

    async def poll(self, stopped: asyncio.Event) -> None:
        """Fetch updates until `stopped`: a batch is committed, then the offset moves."""
        # This is the raw form of Bot.get_updates, which would print a whole update that it cannot read.
        warnings.filterwarnings("ignore", message="Please use 'Bot.getUpdates'")
        offset: int | None = None
        pause, is_refused = 1.0, False
        while not stopped.is_set():
            try:
                wanted = {"timeout": POLL_SECONDS, "limit": BATCH, "allowed_updates": ALLOWED_UPDATES}
                asked = self._bot.do_api_request(
                    "getUpdates",
                    api_kwargs=wanted if offset is None else {**wanted, "offset": offset},
                    read_timeout=POLL_SECONDS + ANSWER_SECONDS,
                )
                updates = await _unless(stopped, asked)
                if updates is None:
                    return
                await self._keep(updates, stopped)
                # Without news the offset is left out: after a quiet week Telegram may begin again at a lower number.
                offset = max(update["update_id"] for update in updates) + 1 if updates else None
                pause, is_refused = 1.0, False
            except RetryAfter as error:
                await _pause(stopped, seconds_of(error))
            except (InvalidToken, EndPointNotFound):
                log.error("telegram_token_refused: set BRIEFBRUG_TELEGRAM_TOKEN to the token that @BotFather gave")
                await _pause(stopped, LONGEST_PAUSE)
            except Conflict:
                if not is_refused:
                    log.error(
                        "telegram_conflict: another program reads this bot's updates, or a webhook is set; trying on"
                    )
                is_refused = True
                await _pause(stopped, 5.0)
            except TelegramError as error:
                log.warning("telegram_unreachable error=%s", type(error).__name__)
                await _pause(stopped, pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _keep(self, updates: Sequence[dict[str, Any]], stopped: asyncio.Event) -> None:
        while updates and not stopped.is_set():
            try:
                await self._intake.keep(updates)
            except Exception as error:
                log.error("updates_not_kept error=%s", type(error).__name__)
                await _pause(stopped, 1.0)
            else:
                self.wake()
                return

    # --- updates handled ---

    async def handle_forever(self, stopped: asyncio.Event) -> None:
        """Handle what the table holds, after a restart too, until `stopped`; what runs then is finished first."""
        while not stopped.is_set():
            self._woken.clear()
            finished, self._finished = self._finished, set()
            try:
                rows = await asyncio.to_thread(self._unhandled, frozenset(self._taken))
            except Exception as error:
                log.error("updates_not_read error=%s", type(error).__name__)
                await _pause(stopped, 1.0)
                continue
            # What was finished before this look cannot be in it; what is finished during it may be.
            rows = [row for row in rows if row[0] not in self._taken]
            self._taken -= finished
            for update_id, chat, payload in rows:
                self._taken.add(update_id)
                self._queues[chat].append((update_id, payload))
                if chat not in self._chats:
                    self._chats[chat] = asyncio.create_task(self._handle_chat(chat, stopped))
            await _wait_first(stopped, self._woken, self._idle_seconds)
        if self._chats:
            await asyncio.wait(list(self._chats.values()), timeout=12)

    def _unhandled(self, taken: frozenset[int]) -> list[tuple[int, str, dict[str, Any]]]:
        with self._house.look() as work:
            rows = work.updates.unhandled(self._bot_id, limit=1000)
            return [
                (row.update_id, row.chat_index, work.updates.payload(row)) for row in rows if row.update_id not in taken
            ]

    async def _handle_chat(self, chat: str, stopped: asyncio.Event) -> None:
        queue = self._queues[chat]
        try:
            while queue and not stopped.is_set():
                update_id, payload = queue[0]
                async with self._room:
                    if await self._handle_one(update_id, payload, stopped):
                        self._finished.add(update_id)
                queue.popleft()
        finally:
            # No await between the last look at the queue and this, so nothing is left behind.
            del self._chats[chat]
            del self._queues[chat]

    async def _handle_one(self, update_id: int, payload: dict[str, Any], stopped: asyncio.Event) -> bool:
        """Give one update its effect; True when it is done or given up, False when we must stop first."""
        pause = 0.5
        while not stopped.is_set():
            try:
                await self.handle(payload)
                await asyncio.to_thread(self._done, update_id)
                return True
            except Exception as error:
                log.error("update_failed update_id=%d error=%s", update_id, type(error).__name__)
            try:
                if await asyncio.to_thread(self._tried, update_id) >= MAX_ATTEMPTS:
                    log.error("update_given_up update_id=%d", update_id)
                    await self._say_sorry(payload)
                    await asyncio.to_thread(self._done, update_id)
                    return True
            except Exception as error:
                log.error("database_away error=%s", type(error).__name__)
            await _pause(stopped, pause)
            pause = min(8.0, pause * 2)
        return False

    def _done(self, update_id: int) -> None:
        with self._house.work() as work:
            row = work.updates.get(self._bot_id, update_id)
            if row is not None:
                work.updates.handled(row)

    def _tried(self, update_id: int) -> int:
        with self._house.work() as work:
            row = work.updates.get(self._bot_id, update_id)
            if row is None:
                return MAX_ATTEMPTS
            row.attempts += 1
            return row.attempts

    async def _say_sorry(self, payload: dict[str, Any]) -> None:
        chat = chat_of(payload)
        resident_ref = await asyncio.to_thread(who_is_at, self._house, DOOR, chat)
        if resident_ref is not None:
            sorry = await asyncio.to_thread(problem, self._house, Reason.UNEXPECTED)
            await say_or_return(self._house, resident_ref, sorry, f"tg:sorry:{payload.get('update_id')}")

    async def handle(self, payload: dict[str, Any]) -> None:
        """Let one update have its effect; the same one again has none."""
        update = Update.de_json(trimmed(payload), self._bot)
        if update.callback_query is not None:
            await self._pressed(update)
        elif update.my_chat_member is not None:
            await self._membership(update)
        elif update.edited_message is not None:
            await self._edited(update.edited_message)
        elif update.message is not None:
            await self._message(update.message, frozenset(payload["message"]))

    # --- kinds of updates ---

    async def _message(self, message: Incoming, kinds: frozenset[str]) -> None:
        if message.chat.type != "private":
            if message.chat.type in {"group", "supergroup"}:
                await self._leave_group(message.chat_id)
            return
        if message.from_user is not None and message.from_user.is_bot:
            return
        chat = str(message.chat_id)
        key = self._key(message)
        word, _, rest = (message.text or "").strip().partition(" ")
        command = word[1:].partition("@")[0].lower() if word.startswith("/") else ""
        if command == "start" and rest.strip() and await self._link(chat, rest.strip(), message):
            return
        opened = await asyncio.to_thread(open_door, self._house, DOOR, chat, _language(message))
        if command == "start":
            if rest.strip():
                await self._say(opened.resident_ref, chat, key, "door_link_wrong")
            elif not opened.is_new:
                await self._choose(opened.resident_ref, chat, greet, "/start", key)
            return
        await self._known(message, kinds, opened.resident_ref, chat, key, command)

    async def _known(
        self, message: Incoming, kinds: frozenset[str], resident_ref: str, chat: str, key: str, command: str
    ) -> None:
        """Handle a message of a resident who has been greeted; `kinds` are the names of all that it holds."""
        command = OTHER_NAMES.get(command, command)
        file = paper_in(message)
        if file is not None:
            await self._paper(resident_ref, chat, key, file)
        elif message.document is not None:
            await self._refuse(resident_ref, chat, key, Reason.FILE_KIND)
        elif command in COMMANDS:
            await self._choose(resident_ref, chat, COMMANDS[command], f"/{command}", key)
        elif command in {"web", "code"}:
            await self._give_code(resident_ref, chat, key)
        elif message.text:
            await self._text(resident_ref, chat, message.text, key)
            return
        elif not kinds & NOTICES:
            name = next((name for name, held in UNREADABLE.items() if not kinds.isdisjoint(held)), "door_other")
            await self._say(resident_ref, chat, key, name)
        if message.caption:
            await self._text(resident_ref, chat, message.caption, f"{key}:c")

    async def _text(self, resident_ref: str, chat: str, text: str, key: str) -> None:
        typing = asyncio.create_task(self._type_while_slow(chat))
        try:
            left = await take_text(self._house, self._rasa, resident_ref, text, DOOR, key)
        finally:
            typing.cancel()
        await self._farewell(chat, left)

    async def _paper(self, resident_ref: str, chat: str, key: str, file: dict[str, Any]) -> None:
        async with in_order(resident_ref):
            receipt = await asyncio.to_thread(announce_photo, self._house, resident_ref, file, DOOR, key)
        if receipt.problem is not None:
            await self._refuse(resident_ref, chat, key, receipt.problem)

    async def _refuse(self, resident_ref: str, chat: str, key: str, reason: Reason) -> None:
        spoken = await asyncio.to_thread(problem, self._house, reason)
        await self._farewell(chat, await say_or_return(self._house, resident_ref, spoken, key))

    async def _choose(self, resident_ref: str, chat: str, usecase: UseCase, words: str, key: str) -> None:
        await self._farewell(chat, await take_choice(self._house, resident_ref, usecase, words, DOOR, key))

    async def _say(self, resident_ref: str, chat: str, key: str, text_key: str, **values: str | int) -> None:
        """Say one of the door's own texts, with a way to a person."""

        def own_text(house: House, asked: Asked) -> Answer:
            with house.look() as work:
                resident = work.residents.get(asked.resident_ref)
            choices = (Choice("button_human", "request_human"),)
            return Answer(
                (Reply((Message(text_key, values),), choices),), language=resident.language if resident else "nl"
            )

        spoken = await asyncio.to_thread(answer_kindly, own_text, self._house, Asked(resident_ref, door=DOOR))
        await self._farewell(chat, await say_or_return(self._house, resident_ref, spoken, key))

    async def _give_code(self, resident_ref: str, chat: str, key: str) -> None:
        code = await asyncio.to_thread(link_code, self._house, resident_ref)
        await self._say(resident_ref, chat, key, "door_code", code=code, url=self._house.settings.public_url)

    async def _link(self, chat: str, code: str, message: Incoming) -> bool:
        """Join this chat to the resident whose code was typed (F35); wrong guesses are few."""
        now = time.monotonic()
        tries = self._tries[chat]
        while tries and now - tries[0] > LINK_WINDOW_SECONDS:
            tries.popleft()
        if len(tries) >= LINK_TRIES:
            return False
        tries.append(now)
        resident_ref = await asyncio.to_thread(use_link_code, self._house, code, DOOR, chat)
        if resident_ref is None:
            return False
        await self._say(resident_ref, chat, self._key(message), "door_linked")
        return True

    async def _edited(self, message: Incoming) -> None:
        """Take a changed text as a new line when nothing was written after it; older changes alter nothing."""
        if message.chat.type != "private" or not message.text or message.text.startswith("/"):
            return
        chat = str(message.chat_id)
        resident_ref = await asyncio.to_thread(who_is_at, self._house, DOOR, chat)
        if resident_ref is None:
            return
        key = self._key(message)
        last = await asyncio.to_thread(last_heard, self._house, resident_ref) or ""
        if last == key or last.startswith(f"{key}:e"):
            moment = int(message.edit_date.timestamp()) if message.edit_date else 0
            await self._text(resident_ref, chat, message.text, f"{key}:e{moment}")

    async def _pressed(self, update: Update) -> None:
        query = update.callback_query
        assert query is not None
        self._aside(query.answer())
        message = query.message
        if message is not None and message.chat.type != "private":
            return
        chat = str(message.chat.id if message is not None else query.from_user.id)
        resident_ref = await asyncio.to_thread(who_is_at, self._house, DOOR, chat)
        if resident_ref is None:
            await asyncio.to_thread(open_door, self._house, DOOR, chat)
            return
        message_ref, _, index = (query.data or "").rpartition(":")
        place = int(index) if index.isascii() and index.isdigit() and len(index) < 4 else -1
        left = await take_press(self._house, resident_ref, message_ref, place, DOOR, f"tg:b:{query.id}"[:70])
        await self._farewell(chat, left)

    async def _membership(self, update: Update) -> None:
        change = update.my_chat_member
        assert change is not None
        status = change.new_chat_member.status
        if change.chat.type == "private":
            usecase = close_door if status in {"kicked", "left"} else reopen_door
            await asyncio.to_thread(usecase, self._house, DOOR, str(change.chat.id))
        elif change.chat.type in {"group", "supergroup"} and status in {"member", "administrator", "restricted"}:
            await self._leave_group(change.chat.id)

    async def _leave_group(self, chat_id: int) -> None:
        """Say that letters are private, and go; a group is no place for them."""
        text = say(Message("door_group"), self._house.texts_in("nl"))
        for ask in (self._bot.send_message(chat_id, text), self._bot.leave_chat(chat_id)):
            try:
                await ask
            except TelegramError as error:
                log.warning("group_not_left error=%s", type(error).__name__)

    # --- small things ---

    def _key(self, message: Incoming) -> str:
        """Return what names a message, the same however often it comes; it does not show the chat's number."""
        return f"tg:{self._house.vault.index(str(message.chat_id), 'chat')[:16]}:{message.message_id}"

    async def _farewell(self, chat: str, said: Sequence[Said]) -> None:
        """Say what can no longer stand in a thread, because the resident's thread was just destroyed."""
        for part in said:
            for attempt in range(FAREWELL_TRIES):
                try:
                    await self._bot.send_message(int(chat), part.text)
                    break
                except RetryAfter as error:
                    await asyncio.sleep(min(LONGEST_PAUSE, seconds_of(error) + 0.1))
                except TelegramError as error:
                    log.warning("farewell_not_sent error=%s", type(error).__name__)
                    await asyncio.sleep(2.0**attempt)

    async def _type_while_slow(self, chat: str) -> None:
        """Show "typing" when an answer takes longer than a blink, and again every four seconds."""
        await asyncio.sleep(0.4)
        while True:
            self._aside(self._bot.send_chat_action(int(chat), "typing"))
            await asyncio.sleep(4)

    def _aside(self, asked: Awaitable[Any]) -> None:
        """Do something whose failure hurts nobody, beside the turn."""

        async def quietly() -> None:
            try:
                await asked
            except TelegramError as error:
                log.info("aside_failed error=%s", type(error).__name__)

        task = asyncio.create_task(quietly())
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def introduce(self, stopped: asyncio.Event) -> None:
        """Tell Telegram our menu, and where to deliver: a webhook when there is a secret, else none."""
        texts = self._house.texts_in("nl")
        menu = [BotCommand(name, say(Message(f"command_{name}"), texts)) for name in COMMANDS]
        secret = self._house.settings.telegram_webhook_secret
        url = self._house.settings.public_url + WEBHOOK_PATH
        pause = 1.0
        is_set = False
        while not stopped.is_set():
            try:
                if not is_set and secret:
                    await self._bot.set_webhook(
                        url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=40
                    )
                elif not is_set:
                    await self._bot.delete_webhook(drop_pending_updates=False)
                is_set = True
                await self._bot.set_my_commands(menu)
                return
            except RetryAfter as error:
                await _pause(stopped, seconds_of(error))
            except InvalidToken:
                log.error("telegram_token_refused: set BRIEFBRUG_TELEGRAM_TOKEN to the token that @BotFather gave")
                await _pause(stopped, LONGEST_PAUSE)
            except BadRequest:
                log.error(
                    "telegram_webhook_refused: BRIEFBRUG_PUBLIC_URL must be an https address that Telegram can reach"
                )
                await _pause(stopped, LONGEST_PAUSE)
            except TelegramError as error:
                log.warning("telegram_unreachable error=%s", type(error).__name__)
                await _pause(stopped, pause)
                pause = min(LONGEST_PAUSE, pause * 2)


async def run_telegram(house: House, stopped: asyncio.Event) -> None:
    """Run the Telegram door until `stopped`; updates that came meanwhile wait in the table."""
    async with RasaClient(house.settings) as rasa:
        opened = open_bot(house.settings)
        door = TelegramDoor(house, rasa, opened.bot)
        tasks = [asyncio.create_task(door.handle_forever(stopped))]
        if house.settings.telegram_webhook_secret:
            tasks.append(asyncio.create_task(_serve_webhook(house, door, stopped)))
            tasks.append(asyncio.create_task(door.introduce(stopped)))
        else:
            tasks.append(asyncio.create_task(_introduce_and_poll(door, stopped)))
        await asyncio.gather(*tasks)
        await opened.close()


class _Server(uvicorn.Server):
    """A server that leaves the signals to us."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Catch nothing."""
        yield


async def _serve_webhook(house: House, door: TelegramDoor, stopped: asyncio.Event) -> None:
    """Listen for Telegram's deliveries on a port of this process; the web process takes them on its own port too."""
    app = Starlette(routes=[webhook_route(house, door.wake)])
    settings = house.settings
    server = _Server(
        uvicorn.Config(
            app, settings.host, settings.telegram_port, log_level="warning", access_log=False, server_header=False
        )
    )
    serving = asyncio.create_task(server.serve())
    await asyncio.wait({serving, asyncio.create_task(stopped.wait())}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving


async def _introduce_and_poll(door: TelegramDoor, stopped: asyncio.Event) -> None:
    await door.introduce(stopped)
    await door.poll(stopped)


def paper_in(message: Incoming) -> dict[str, Any] | None:
    """Return where the photo or document of a message can be fetched; None when it holds no paper.

    Of a photo the largest size is taken: A4 at 1280 pixels is little enough (measured.md).
    """
    if message.photo:
        size = max(message.photo, key=lambda each: (each.width * each.height, each.file_size or 0))
        return {"file_id": size.file_id, "size": size.file_size or 0, "mime": "image/jpeg", "name": ""}
    document = message.document
    if document is None:
        return None
    mime, name = (document.mime_type or "").lower(), (document.file_name or "").lower()
    if mime in PAPER_TYPES or name.endswith(PAPER_ENDINGS):
        return {"file_id": document.file_id, "size": document.file_size or 0, "mime": mime, "name": ""}
    return None


def trimmed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an update with only what we look at in its messages."""

    def message(found: Mapping[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in found.items() if key in USED}
        for key in ("chat", "from"):
            if isinstance(kept.get(key), dict):
                kept[key] = {name: value for name, value in kept[key].items() if name in USED_OF_PERSON}
        return kept

    kept: dict[str, Any] = {"update_id": payload["update_id"]}
    for kind in ("message", "edited_message"):
        if isinstance(payload.get(kind), dict):
            kept[kind] = message(payload[kind])
    if isinstance(payload.get("callback_query"), dict):
        query = payload["callback_query"]
        kept["callback_query"] = {key: query[key] for key in ("id", "from", "chat_instance", "data") if key in query}
        if isinstance(query.get("message"), dict):
            kept["callback_query"]["message"] = {
                key: query["message"][key] for key in ("message_id", "date", "chat") if key in query["message"]
            }
    if isinstance(payload.get("my_chat_member"), dict):
        kept["my_chat_member"] = payload["my_chat_member"]
    return kept


def seconds_of(error: RetryAfter) -> float:
    """Return how long Telegram asks us to wait."""
    wait = error.retry_after
    return float(wait if isinstance(wait, int) else wait.total_seconds())


def _language(message: Incoming) -> str:
    code = (message.from_user.language_code or "nl" if message.from_user else "nl").partition("-")[0].lower()
    return code if code in FIRST_LANGUAGES else "nl"


async def _pause(stopped: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopped.wait(), seconds)
    except TimeoutError:
        return


async def _wait_first(stopped: asyncio.Event, woken: asyncio.Event, seconds: float) -> None:
    """Return when either event is set, or after `seconds`."""
    waits = [asyncio.create_task(stopped.wait()), asyncio.create_task(woken.wait())]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


async def _unless(stopped: asyncio.Event, asked: Awaitable[Any]) -> list[dict[str, Any]] | None:
    """Return the updates that were asked for; None when we were stopped first."""
    asking = asyncio.ensure_future(asked)
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not asking.done():
        asking.cancel()
        return None
    return cast(list[dict[str, Any]], asking.result())
