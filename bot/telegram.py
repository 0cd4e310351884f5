"""The Telegram door: what the table of updates holds is handled once, chats side by side, each chat in order."""

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from collections import defaultdict, deque
from collections.abc import Awaitable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from telegram import Bot, BotCommand, Update
from telegram import Message as Incoming
from telegram.error import BadRequest, Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError

from bot.bot_api import ANSWER_SECONDS, POLL_SECONDS, bot_id_of, open_bot, seconds_of
from bot.deliver import send_meanwhile
from bot.incoming import NOTICES, UNREADABLE, language_of, looks_like_code, paper_in, trimmed
from bot.intake import WEBHOOK_PATH, Intake, chat_of, keep_or_tell, webhook_route
from bot.late import Late
from bot.rasa_client import RasaClient
from bot.turn import in_order, say_or_return, take_choice, take_press, take_text
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import LANGUAGES, House
from briefbrug.speech import Message, say
from briefbrug.store.thread import Said
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply, UseCase, answer_kindly, problem
from briefbrug.usecases.deliver import READ, reveal
from briefbrug.usecases.hand_over import request_human
from briefbrug.usecases.listen import DANGER
from briefbrug.usecases.lose_door import close_door, reopen_door
from briefbrug.usecases.open_door import begin_anew, link_code, nearest_phone, open_door, use_link_code
from briefbrug.usecases.receive_photo import announce_photo
from briefbrug.usecases.show_thread import last_heard, standing_at, who_is_at
from briefbrug.usecases.talk import ask_delete, explain_help, greet, stop
from briefbrug.usecases.tell_letter import explain_pile

log = logging.getLogger("bot.telegram")

DOOR = "telegram"
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
BATCH = 100
LONGEST_PAUSE = 30.0
IDLE_SECONDS = 0.25
"""How often the table is looked at when nobody called, with a webhook: another process may have kept an update."""
MAX_ATTEMPTS = 5
FAREWELL_TRIES = 4
CHATS_AT_ONCE = 32
LINK_TRIES, LINK_WINDOW_SECONDS = 5, 600.0
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


class TelegramDoor:
    """Takes updates from the table and lets each have its effect once, chats side by side, each chat in order."""

    def __init__(self, house: House, rasa: RasaClient, bot: Bot) -> None:
        self._house = house
        self._rasa = rasa
        self._bot = bot
        self._bot_id = bot_id_of(house.settings)
        self._intake = Intake(house)
        self._late = Late(house, bot)
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
                await keep_or_tell(self._intake, self._late, updates)
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
                async with self._room, self._late.watch(payload):
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
        standing = await asyncio.to_thread(standing_at, self._house, DOOR, chat)
        if standing is not None and standing.is_stale and not await self._long_away(chat, message, standing.language):
            return
        if looks_like_code(message.text or "") and await self._link(chat, (message.text or "").strip(), message):
            return
        opened = await asyncio.to_thread(open_door, self._house, DOOR, chat, language_of(message))
        if command == "start":
            if looks_like_code(rest):
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

    async def _long_away(self, chat: str, message: Incoming, language: str) -> bool:
        """Ask who was silent for long for a fresh code before anything old is shown; True when she begins anew.

        Danger is answered at once, in a fresh conversation.
        """
        text = (message.text or "").strip()
        if looks_like_code(text) and await self._link(chat, text, message):
            return False
        begins_anew = any(text.lower().strip(" .!") == word for word in self._words("door_again_word"))
        if text and not begins_anew:
            try:
                begins_anew = (await self._rasa.parse(text)).intent in DANGER
            except BriefbrugError:
                log.warning("danger_not_checked door=stale")
        if begins_anew:
            await asyncio.to_thread(begin_anew, self._house, DOOR, chat, language_of(message))
            return not text.lower().startswith(self._words("door_again_word"))
        await self._ask_for_code(chat, language)
        return False

    async def _ask_for_code(self, chat: str, language: str) -> None:
        phone = await asyncio.to_thread(nearest_phone, self._house)
        texts = [Message("door_long_away", {"url": self._house.settings.public_url})]
        if phone:
            texts.append(Message("door_long_away_phone", {"phone": phone}))
        words = self._house.texts_in(language)
        text = " ".join(say(each, words) for each in texts)
        await self._farewell(chat, [Said(text=say(Message("sent_by_machine", {"text": text}), words))])

    def _words(self, key: str) -> tuple[str, ...]:
        """Return a word in every language: who is asked in one may answer in another."""
        return tuple({say(Message(key), self._house.texts_in(language)).lower() for language in LANGUAGES})

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
        standing = await asyncio.to_thread(standing_at, self._house, DOOR, chat)
        if standing is None:
            await asyncio.to_thread(open_door, self._house, DOOR, chat)
            return
        if standing.is_stale:
            await self._ask_for_code(chat, standing.language)
            return
        resident_ref = standing.resident_ref
        message_ref, _, index = (query.data or "").rpartition(":")
        if index == READ:
            await asyncio.to_thread(reveal, self._house, resident_ref, message_ref, DOOR)
            return
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
        tasks = [
            asyncio.create_task(door.handle_forever(stopped)),
            asyncio.create_task(send_meanwhile(house, opened.bot, stopped)),
        ]
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
