"""Sends the outbox through Telegram: in order, at Telegram's pace, once, and marked when it might be twice."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

import httpx
from PIL import Image, ImageOps
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.bot_api import open_bot, seconds_of
from briefbrug.failpoints import fail_point
from briefbrug.house import House
from briefbrug.speech import Message, Texts, say
from briefbrug.store.thread import Said
from briefbrug.usecases.deliver import (
    BETWEEN_SECONDS,
    NEUTRAL,
    READ,
    Delivery,
    delivered,
    delivery_failed,
    delivery_part,
    drop_lease,
    left_alone,
    next_delivery,
    seconds_until_due,
    senders_alive,
    take_lease,
)
from briefbrug.usecases.enclose import file_of
from briefbrug.usecases.picture import picture_of
from briefbrug.usecases.roster import face_of

log = logging.getLogger("bot.deliver")

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_BUTTON = 64
"""Limits of the Bot API, counted here in UTF-16 units, which is never too generous."""

PER_SECOND = 25
"""Messages to all chats together; Telegram allows about thirty."""

LONGEST_WAIT = 20.0
"""A retry that is due within so many seconds is waited for here; the sweep takes up a later one."""

SHARE_SECONDS = 5.0
MEANWHILE_SECONDS = 1.0
FLOOD_WINDOW_SECONDS = 2.0
PHOTO_SIDES = 9000
"""Width and height of a photo together; the Bot API allows 10000, and a ratio of 20."""
PHOTO_RATIO = 15

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Part:
    """One message of the Bot API: a text, a picture with a caption, or a file under a name with a caption."""

    text: str
    picture: bytes | None = None
    file: bytes | None = None
    name: str = ""


class Pace:
    """Keeps all chats together under Telegram's limit, and stops all of them when several are refused at once."""

    def __init__(self, per_second: int = PER_SECOND, now: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_second
        self._recent: deque[float] = deque()
        self._lock = asyncio.Lock()
        self._now = now
        self._closed_until = 0.0
        self._refused: dict[int, tuple[float, float]] = {}

    async def turn(self) -> None:
        """Wait until one more message may go."""
        async with self._lock:
            while True:
                now = self._now()
                wait = self._closed_until - now
                while self._recent and now - self._recent[0] >= 1.0:
                    self._recent.popleft()
                if len(self._recent) >= self.per_second:
                    wait = max(wait, self._recent[0] + 1.0 - now)
                if wait <= 0:
                    self._recent.append(now)
                    return
                await asyncio.sleep(wait)

    def refused(self, chat_id: int, seconds: float) -> None:
        """Note a refusal for pace; two chats at about the same time mean that the whole bot is too fast."""
        now = self._now()
        self._refused = {chat: seen for chat, seen in self._refused.items() if now - seen[0] < FLOOD_WINDOW_SECONDS}
        self._refused[chat_id] = (now, seconds)
        if len(self._refused) > 1:
            self._closed_until = max(self._closed_until, now + min(each for _, each in self._refused.values()))


class Deliverer:
    """Writes to residents' chats; one at a time per resident, also when several workers try."""

    def __init__(self, house: House, bot: Bot, worker: str) -> None:
        self._house = house
        self._bot = bot
        self._worker = worker
        self._pace = Pace()
        self._again: dict[str, bool] = {}
        self._shared_until = 0.0

    async def deliver(self, resident_ref: str) -> None:
        """Send everything that waits for a resident."""
        if resident_ref in self._again:
            self._again[resident_ref] = True  # the one who is at it looks once more
            return
        self._again[resident_ref] = True
        try:
            await self._share_pace()
            while self._again[resident_ref]:
                self._again[resident_ref] = False
                await self._drain(resident_ref)
        except Exception as error:  # noqa: BLE001 a worker's step: the rows stay, the sweep comes back to them
            log.error("delivery_stopped resident_ref=%s error=%s", resident_ref, type(error).__name__)
        finally:
            del self._again[resident_ref]

    async def _share_pace(self) -> None:
        """Take this worker's part of Telegram's limit; who lives is looked up now and then."""
        if time.monotonic() >= self._shared_until:
            self._shared_until = time.monotonic() + SHARE_SECONDS
            self._pace.per_second = max(1, PER_SECOND // await asyncio.to_thread(senders_alive, self._house))

    async def _drain(self, resident_ref: str) -> None:
        while await asyncio.to_thread(take_lease, self._house, resident_ref, self._worker):
            try:
                while (
                    delivery := await asyncio.to_thread(next_delivery, self._house, resident_ref, self._worker)
                ) is not None:
                    await self._send(resident_ref, delivery)
            finally:
                await asyncio.to_thread(drop_lease, self._house, resident_ref, self._worker)
            # Looked at after the lease was dropped: what came in while another worker saw it held is found here.
            wait = await asyncio.to_thread(seconds_until_due, self._house, resident_ref)
            if wait is None or wait > LONGEST_WAIT:
                return
            await asyncio.sleep(wait)

    async def _send(self, resident_ref: str, delivery: Delivery) -> None:
        """Try one message and keep what became of it."""
        try:
            await asyncio.sleep(delivery.wait_seconds)
            remote_id = (
                await self._edit(resident_ref, delivery)
                if delivery.kind == "edit"
                else await self._write(resident_ref, delivery)
            )
            fail_point("K11")
            await asyncio.to_thread(delivered, self._house, delivery.outbox_id, remote_id, delivery.line.change)
        except RetryAfter as error:
            wait = seconds_of(error)
            self._pace.refused(delivery.chat_id, wait)
            log.warning("delivery_slowed outbox_id=%d seconds=%g", delivery.outbox_id, wait)
            await self._failed(delivery, retry_after=wait + 0.1)
        except Forbidden:
            log.info("delivery_blocked outbox_id=%d", delivery.outbox_id)
            await self._failed(delivery, gone=True)
        except (BadRequest, ChatMigrated) as error:
            is_gone = "chat not found" in str(error).lower()
            log.error("delivery_refused outbox_id=%d code=400 gone=%s", delivery.outbox_id, is_gone)
            await self._failed(delivery, permanent=not is_gone, gone=is_gone)
        except InvalidToken:
            log.error("telegram_token_refused: set BRIEFBRUG_TELEGRAM_TOKEN to the token that @BotFather gave")
            await self._failed(delivery, retry_after=60.0)
        except TelegramError as error:
            log.warning("delivery_failed outbox_id=%d error=%s", delivery.outbox_id, type(error).__name__)
            await self._failed(delivery, uncertain=may_have_arrived(error))

    async def _failed(
        self,
        delivery: Delivery,
        *,
        retry_after: float | None = None,
        permanent: bool = False,
        gone: bool = False,
        uncertain: bool = False,
    ) -> None:
        await asyncio.to_thread(
            delivery_failed,
            self._house,
            delivery.outbox_id,
            retry_after=retry_after,
            permanent=permanent,
            gone=gone,
            uncertain=uncertain,
        )

    async def _write(self, resident_ref: str, delivery: Delivery) -> int:
        """Send a message in as many parts as it needs; return the number of the last, which carries the buttons."""
        parts = await asyncio.to_thread(parts_of, self._house, resident_ref, delivery)
        read_label = say(Message("button_read"), self._house.texts_in(delivery.language))
        keyboard = keyboard_of(delivery, read_label)
        remote_id = delivery.remote_id or 0
        for number in range(min(delivery.parts_sent, len(parts) - 1), len(parts)):
            is_last = number == len(parts) - 1
            remote_id = await self._part(delivery, parts[number], keyboard if is_last else None)
            if not is_last:
                await asyncio.to_thread(delivery_part, self._house, delivery.outbox_id, number + 1, self._worker)
                await asyncio.sleep(BETWEEN_SECONDS)
        return remote_id

    async def _part(self, delivery: Delivery, part: Part, keyboard: InlineKeyboardMarkup | None) -> int:
        await self._pace.turn()
        if part.file is not None:
            # Refused means failed: the desk says "not delivered", and the file is on the resident's web page.
            sent = await self._bot.send_document(
                delivery.chat_id,
                part.file,
                caption=part.text,
                filename=part.name,
                reply_markup=keyboard,
                disable_notification=delivery.quiet,
            )
            return sent.message_id
        if part.picture is not None:
            try:
                sent = await self._bot.send_photo(
                    delivery.chat_id,
                    part.picture,
                    caption=part.text,
                    reply_markup=keyboard,
                    disable_notification=delivery.quiet,
                )
                return sent.message_id
            except BadRequest:
                log.warning("picture_refused outbox_id=%d", delivery.outbox_id)
                await self._pace.turn()
        sent = await self._bot.send_message(
            delivery.chat_id,
            part.text,
            link_preview_options=NO_PREVIEW,
            reply_markup=keyboard,
            disable_notification=delivery.quiet,
        )
        return sent.message_id

    async def _edit(self, resident_ref: str, delivery: Delivery) -> int:
        """Change a message that was sent; send it anew when it can no longer be changed."""
        if delivery.remote_id is None:
            return await self._write(resident_ref, delivery)
        texts = self._house.texts_in(delivery.language)
        text = cut(shown_text(delivery, texts), LONGEST_TEXT)[-1]
        keyboard = keyboard_of(delivery)
        await self._pace.turn()
        try:
            if delivery.line.said.pictures or delivery.line.said.face:
                caption = cut(shown_text(delivery, texts), LONGEST_CAPTION)[0]
                await self._bot.edit_message_caption(
                    delivery.chat_id, delivery.remote_id, caption=caption, reply_markup=keyboard
                )
            else:
                await self._bot.edit_message_text(
                    text, delivery.chat_id, delivery.remote_id, link_preview_options=NO_PREVIEW, reply_markup=keyboard
                )
        except BadRequest as error:
            if "not modified" in str(error).lower():
                return delivery.remote_id
            await asyncio.sleep(BETWEEN_SECONDS)
            return await self._write(resident_ref, delivery)
        return delivery.remote_id


def make_deliver(house: House, worker: str = "") -> Callable[[str], Awaitable[None]]:
    """Return the durable step "deliver": it sends what waits for one resident.

    Args:
        house: the house.
        worker: the worker's stable name, so that after a restart it may go on at once; a random one when empty.
    """
    deliverer: Deliverer | None = None

    async def deliver(resident_ref: str) -> None:
        # Opened on first use, in the event loop that will use it.
        nonlocal deliverer
        if deliverer is None:
            deliverer = Deliverer(house, open_bot(house.settings).bot, worker or f"deliver-{secrets.token_hex(6)}")
        await deliverer.deliver(resident_ref)

    async def nothing(resident_ref: str) -> None:
        log.info("delivery_without_telegram resident_ref=%s", resident_ref)

    return deliver if house.settings.telegram_token else nothing


async def send_meanwhile(house: House, bot: Bot, stopped: asyncio.Event) -> None:
    """Send what waits while no worker lives to do so, until `stopped`: a resident is never left in silence (R5)."""
    deliverer = Deliverer(house, bot, f"telegram-{secrets.token_hex(6)}")
    while not stopped.is_set():
        try:
            for resident_ref in await asyncio.to_thread(left_alone, house):
                await deliverer.deliver(resident_ref)
        except Exception as error:  # noqa: BLE001 the database may be away; it is asked again
            log.error("database_away error=%s", type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), MEANWHILE_SECONDS)


def may_have_arrived(error: TelegramError) -> bool:
    """Return whether a request may have had its effect although no answer came: the connection was there, then not."""
    cause = error.__cause__
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return False
    return isinstance(cause, httpx.TransportError)


def keyboard_of(delivery: Delivery, read_label: str = "…") -> InlineKeyboardMarkup | None:
    """Return the buttons under a message, one on each row; a press sends back only the message and the place."""
    if delivery.hidden:
        return InlineKeyboardMarkup([[InlineKeyboardButton(read_label, callback_data=f"{delivery.line.ref}:{READ}")]])
    rows = [
        [InlineKeyboardButton(button.label[:LONGEST_BUTTON] or "…", callback_data=f"{delivery.line.ref}:{index}")]
        for index, button in enumerate(delivery.line.said.buttons)
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def shown_text(delivery: Delivery, texts: Texts) -> str:
    """Return the text of a message with its mark: a named human, or the machine (F37)."""
    if delivery.hidden:
        return say(Message("sent_by_machine", {"text": say(Message(NEUTRAL), texts)}), texts)
    said = delivery.line.said
    lines = [said.text, *(say(Message("sent_link", {"label": label}), texts) for label, _ in links_missing(said))]
    text = "\n".join(line for line in lines if line)
    if delivery.repeated:
        text = f"{say(Message('sent_again'), texts)} {text}"
    if delivery.author is None:
        return say(Message("sent_by_machine", {"text": text}), texts)
    name, role = delivery.author
    return say(Message("sent_by_human", {"name": name, "role": role}), texts) + "\n" + text


def links_missing(said: Said) -> Sequence[tuple[str, str]]:
    """Return the links whose words do not stand in the text already; a telephone number in a text can be tapped."""
    missing = [(label, address) for label, address in said.links if label not in said.text]
    return [
        (label, address) if address.startswith("tel:") else (f"{label}: {address}", address)
        for label, address in missing
    ]


def parts_of(house: House, resident_ref: str, delivery: Delivery) -> list[Part]:
    """Return the messages of the Bot API that one message of the thread becomes: pictures first, the buttons last."""
    if delivery.hidden:
        return [Part(shown_text(delivery, house.texts_in(delivery.language)))]
    said = delivery.line.said
    pictures: list[tuple[bytes, str]] = []
    face = face_of(house, said.face) if said.face else None
    if face is not None and face.photo is not None:
        pictures.append((face.photo, face.name))
    for index, picture in enumerate(said.pictures):
        content = picture_of(house, resident_ref, delivery.line.ref, index)
        if content is not None:
            pictures.append((content, picture.alt))
    texts = house.texts_in(delivery.language)
    text = shown_text(delivery, texts)
    if said.files:
        return parts_with_files(house, resident_ref, delivery, text, texts)
    fitting = [(fitted, alt) for content, alt in pictures if (fitted := fit_for_telegram(content)) is not None]
    if len(fitting) == 1 and units(text) <= LONGEST_CAPTION:
        return [Part(text, fitting[0][0])]
    shown = [Part(cut(alt, LONGEST_CAPTION)[0] if alt else "", content) for content, alt in fitting]
    return [*shown, *(Part(piece) for piece in cut(text, LONGEST_TEXT))]


def parts_with_files(house: House, resident_ref: str, delivery: Delivery, text: str, texts: Texts) -> list[Part]:
    """Return the messages that a human's answer with files becomes: her words first, then each file with her name."""
    parts = [Part(piece) for piece in cut(text, LONGEST_TEXT)] if delivery.line.said.text else []
    name, role = delivery.author or ("", "")
    by = say(Message("sent_by_human", {"name": name, "role": role}), texts) if delivery.author else ""
    for enclosed in delivery.line.said.files:
        found = file_of(house, resident_ref, enclosed.ref)
        if found is None:
            continue
        # A file that may have been sent before is marked itself: its words went before it.
        is_again = delivery.repeated and len(parts) == delivery.parts_sent
        told = f"{by}\n{say(Message('sent_again'), texts) if is_again else ''} {found.name}".replace(
            "\n ", "\n"
        ).strip()
        fitted = fit_for_telegram(found.content) if found.media_type == "image/jpeg" else None
        caption = cut(told, LONGEST_CAPTION)[0]
        parts.append(Part(caption, picture=fitted) if fitted else Part(caption, file=found.content, name=found.name))
    return parts


def fit_for_telegram(content: bytes) -> bytes | None:
    """Return a picture of our own that Telegram takes: not too large, and not too long a strip; None when damaged."""
    try:
        with Image.open(BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as picture:
            width, height = picture.size
            if width + height <= PHOTO_SIDES and max(width, height) <= PHOTO_RATIO * min(width, height):
                return content
            fitted = ImageOps.exif_transpose(picture).convert("RGB")
            fitted.thumbnail((PHOTO_SIDES // 2, PHOTO_SIDES // 2))
            width, height = fitted.size
            sides = (max(width, height // PHOTO_RATIO + 1), max(height, width // PHOTO_RATIO + 1))
            out = BytesIO()
            ImageOps.pad(fitted, sides, color="white").save(out, "JPEG", quality=88)
            return out.getvalue()
    except (OSError, ValueError, SyntaxError):
        return None


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units, the strictest way Telegram may count."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, longest: int) -> list[str]:
    """Return a text in pieces of at most `longest` units, cut between paragraphs, lines, sentences or words."""
    pieces: list[str] = []
    rest = text.strip()
    while units(rest) > longest:
        size = min(len(rest), longest)
        while units(rest[:size]) > longest:
            size -= 1
        edge = next(
            (at + len(mark) for mark in ("\n\n", "\n", ". ", " ") if (at := rest.rfind(mark, size // 2, size)) > 0),
            size,
        )
        pieces.append(rest[:edge].strip())
        rest = rest[edge:].strip()
    return [*pieces, rest] if rest or not pieces else pieces
