"""A Bot API server for the tests: real HTTP, strict as the documentation, with a ledger and faults on demand."""

# ruff: noqa: N802 the methods carry the names of the Bot API

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "123456789:AAE-invented-token-for-tests_only0000"
BOT_ID = 123456789
KINDS = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")
FILE_LIMIT = 20 * 1024 * 1024


class RefusedError(Exception):
    """An answer with ok false."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass
class Sent:
    """A message of the bot as the chat shows it."""

    chat_id: int
    message_id: int
    text: str
    at: float
    kind: str = "message"
    keyboard: list[list[dict[str, str]]] = field(default_factory=list)
    picture: bytes | None = None
    raw: dict[str, str] = field(default_factory=dict)
    edits: int = 0


class TelegramServer:
    """The state of an invented Telegram; `app` serves it."""

    def __init__(self, *, per_chat_seconds: float = 1.0, per_second: int = 30) -> None:
        self.lock = threading.RLock()
        self.per_chat_seconds = per_chat_seconds
        self.per_second = per_second
        self.updates: list[dict[str, Any]] = []
        self.confirmed = 0
        self.handed_out: list[int] = []
        self.next_update = 700_000_000
        self.next_message: dict[int, int] = defaultdict(lambda: 100)
        self.ledger: list[Sent] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.answered: list[str] = []
        self.commands: list[dict[str, str]] = []
        self.blocked: set[int] = set()
        self.chats: set[int] = set()
        self.left: set[int] = set()
        self.files: dict[str, bytes] = {}
        self.file_paths: dict[str, str] = {}
        self.webhook: dict[str, str] | None = None
        self.fault: Callable[[str, Mapping[str, str]], Response | RefusedError | None] = lambda method, fields: None
        self.recent: deque[float] = deque()
        self.last_in_chat: dict[int, float] = {}
        self.refusals = 0
        self.polls = 0
        self.closing = False
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file, methods=["GET"]),
            ]
        )

    # --- what people in chats do ---

    def push(self, kind: str, content: dict[str, Any], update_id: int | None = None) -> dict[str, Any]:
        """Let something happen; returns the update."""
        with self.lock:
            if update_id is None:
                self.next_update += 1
                update_id = self.next_update
            update = {"update_id": update_id, kind: content}
            self.updates.append(update)
            return update

    def person(self, chat_id: int) -> dict[str, Any]:
        return {"id": chat_id, "is_bot": False, "first_name": "Anouk", "language_code": "nl"}

    def message(self, chat_id: int, **content: Any) -> dict[str, Any]:
        """Return a message of a person in a private chat."""
        with self.lock:
            self.chats.add(chat_id)
            self.next_message[chat_id] += 1
            return {
                "message_id": self.next_message[chat_id],
                "date": int(time.time()),
                "chat": {"id": chat_id, "type": "private", "first_name": "Anouk"},
                "from": self.person(chat_id),
                **content,
            }

    def types(self, chat_id: int, text: str) -> dict[str, Any]:
        entities = (
            [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}] if text.startswith("/") else []
        )
        return self.push("message", self.message(chat_id, text=text, **({"entities": entities} if entities else {})))

    def add_file(self, content: bytes, path: str = "photos/file.jpg") -> str:
        with self.lock:
            file_id = f"FILE{len(self.files):06d}"
            self.files[file_id] = content
            self.file_paths[file_id] = f"{len(self.files)}/{path}"
            return file_id

    def photo(self, chat_id: int, content: bytes, **more: Any) -> dict[str, Any]:
        """Return a message with a photo in three sizes; only the largest is the whole picture."""
        sizes = []
        for side, piece in ((90, b"thumb"), (320, b"small"), (1280, content)):
            file_id = self.add_file(piece)
            sizes.append(
                {
                    "file_id": file_id,
                    "file_unique_id": f"U{file_id}",
                    "width": side,
                    "height": side,
                    "file_size": len(piece),
                }
            )
        return self.message(chat_id, photo=sizes, **more)

    def sends_photo(self, chat_id: int, content: bytes, **more: Any) -> dict[str, Any]:
        return self.push("message", self.photo(chat_id, content, **more))

    def sends_album(self, chat_id: int, contents: list[bytes], group: str = "A1") -> list[dict[str, Any]]:
        return [self.sends_photo(chat_id, content, media_group_id=group) for content in contents]

    def document(self, chat_id: int, content: bytes, mime: str, name: str, size: int | None = None) -> dict[str, Any]:
        file_id = self.add_file(content, "documents/file")
        found = {"file_id": file_id, "file_unique_id": f"U{file_id}", "mime_type": mime, "file_name": name}
        return self.message(chat_id, document={**found, "file_size": len(content) if size is None else size})

    def presses(self, chat_id: int, label: str) -> dict[str, Any]:
        """Press the newest button with these words."""
        with self.lock:
            sent, data = next(
                (sent, button["callback_data"])
                for sent in reversed(self.ledger)
                if sent.chat_id == chat_id
                for row in sent.keyboard
                for button in row
                if button["text"] == label
            )
        query = {
            "id": str(time.monotonic_ns()),
            "from": self.person(chat_id),
            "chat_instance": "1",
            "data": data,
            "message": {
                "message_id": sent.message_id,
                "date": int(time.time()),
                "chat": {"id": chat_id, "type": "private"},
                "text": sent.text,
            },
        }
        return self.push("callback_query", query)

    def member(self, chat_id: int, status: str, kind: str = "private") -> dict[str, Any]:
        """Block ("kicked") or unblock ("member") the bot, or add it to a group."""
        with self.lock:
            if kind == "private":
                (self.blocked.add if status == "kicked" else self.blocked.discard)(chat_id)
        bot = {"id": BOT_ID, "is_bot": True, "first_name": "Briefbrug", "username": "briefbrug_bot"}
        old = {"status": "member" if status == "kicked" else "left", "user": bot}
        new = {"status": status, "user": bot, **({"until_date": 0} if status == "kicked" else {})}
        content = {
            "chat": {"id": chat_id, "type": kind, "title": "Een groep"},
            "from": self.person(abs(chat_id)),
            "date": int(time.time()),
            "old_chat_member": old,
            "new_chat_member": new,
        }
        return self.push("my_chat_member", content)

    # --- what a test looks at ---

    def texts(self, chat_id: int) -> list[str]:
        """Return what the chat shows from the bot, in order, edits applied."""
        with self.lock:
            return [sent.text for sent in self.ledger if sent.chat_id == chat_id]

    def buttons(self, chat_id: int) -> list[str]:
        with self.lock:
            return [
                button["text"]
                for sent in self.ledger
                if sent.chat_id == chat_id
                for row in sent.keyboard
                for button in row
            ]

    # --- the server ---

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        if request.path_params["token"] != TOKEN:
            return refused(RefusedError(401, "Unauthorized"))
        fields: dict[str, str] = dict(request.query_params)
        files: dict[str, bytes] = {}
        kind = request.headers.get("content-type", "")
        if kind.startswith("application/json"):
            fields |= {
                key: value if isinstance(value, str) else json.dumps(value)
                for key, value in (await request.json()).items()
            }
        elif request.method == "POST":
            form = await request.form()
            for key, value in form.multi_items():
                if isinstance(value, str):
                    fields[key] = value
                else:
                    files[key] = await value.read()
                    fields[f"{key}.filename"] = value.filename or ""
            await form.close()
        with self.lock:
            self.calls.append((method, fields))
        fault = self.fault(method, fields)
        if isinstance(fault, RefusedError):
            return refused(fault)
        if fault is not None:
            return fault
        handler = getattr(self, f"do_{method}", None)
        if handler is None:
            return refused(RefusedError(404, "Not Found"))
        try:
            result = await handler(fields, files) if asyncio.iscoroutinefunction(handler) else handler(fields, files)
        except RefusedError as error:
            return refused(error)
        return JSONResponse({"ok": True, "result": result})

    def do_getMe(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        return {"id": BOT_ID, "is_bot": True, "first_name": "Briefbrug", "username": "briefbrug_bot"}

    async def do_getUpdates(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        if self.webhook is not None:
            raise RefusedError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        allowed = set(json.loads(fields.get("allowed_updates", "[]"))) or set(KINDS)
        limit = min(100, max(1, int(fields.get("limit", "100"))))
        until = time.monotonic() + min(50, int(fields.get("timeout", "0")))
        with self.lock:
            self.polls += 1
            if fields.get("offset"):
                offset = int(fields["offset"])
                self.updates = [update for update in self.updates if update["update_id"] >= offset]
                self.confirmed = max(self.confirmed, offset)
        while True:
            with self.lock:
                waiting = sorted(self.updates, key=lambda update: update["update_id"])
                found = [update for update in waiting if any(kind in allowed for kind in update)][:limit]
                if found:
                    self.handed_out += [update["update_id"] for update in found]
                    return found
            if time.monotonic() >= until or self.closing:
                return []
            await asyncio.sleep(0.02)

    def do_setWebhook(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        url = fields.get("url", "")
        if url and not url.startswith("https://"):
            raise RefusedError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", fields.get("secret_token", "")):
            raise RefusedError(400, "Bad Request: secret token contains illegal characters")
        self.webhook = dict(fields) if url else None
        return True

    def do_deleteWebhook(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        self.webhook = None
        if fields.get("drop_pending_updates") == "true":
            self.updates.clear()
        return True

    def do_getWebhookInfo(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        return {
            "url": self.webhook["url"] if self.webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }

    def do_setMyCommands(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        commands = json.loads(fields["commands"])
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]) or not 1 <= len(command["description"]) <= 256:
                raise RefusedError(400, "Bad Request: BOT_COMMAND_INVALID")
        self.commands = commands
        return True

    def do_leaveChat(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        self.left.add(int(fields["chat_id"]))
        return True

    def do_sendChatAction(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        self._chat(fields)
        return True

    def do_answerCallbackQuery(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        with self.lock:
            if fields["callback_query_id"] in self.answered:
                raise RefusedError(
                    400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
                )
            self.answered.append(fields["callback_query_id"])
        return True

    def do_sendMessage(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        chat_id = self._chat(fields)
        text = fields.get("text", "").strip()
        if not text:
            raise RefusedError(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise RefusedError(400, "Bad Request: message is too long")
        keyboard = self._keyboard(fields)
        return self._accept(chat_id, text, "message", keyboard, None, fields)

    def do_sendPhoto(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        chat_id = self._chat(fields)
        picture = files.get("photo") or next(iter(files.values()), None)
        if not picture or picture[:2] not in {b"\xff\xd8", b"\x89P"}:
            raise RefusedError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        if len(fields.get("caption", "").encode("utf-16-le")) // 2 > 1024:
            raise RefusedError(400, "Bad Request: message caption is too long")
        keyboard = self._keyboard(fields)
        return self._accept(chat_id, fields.get("caption", ""), "photo", keyboard, picture, fields)

    def do_sendDocument(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        chat_id = self._chat(fields)
        content = next(iter(files.values()), b"")
        if not content:
            raise RefusedError(400, "Bad Request: file must be non-empty")
        if len(content) > 50 * 1024 * 1024:
            raise RefusedError(413, "Request Entity Too Large")
        if len(fields.get("caption", "").encode("utf-16-le")) // 2 > 1024:
            raise RefusedError(400, "Bad Request: message caption is too long")
        keyboard = self._keyboard(fields)
        return self._accept(chat_id, fields.get("caption", ""), "document", keyboard, content, fields)

    def do_editMessageText(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        return self._edit(fields, "message", fields.get("text", "").strip(), 4096)

    def do_editMessageCaption(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        return self._edit(fields, "photo", fields.get("caption", "").strip(), 1024)

    def do_getFile(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> Any:
        content = self.files.get(fields.get("file_id", ""))
        if content is None:
            raise RefusedError(400, "Bad Request: invalid file_id")
        if len(content) > FILE_LIMIT:
            raise RefusedError(400, "Bad Request: file is too big")
        file_id = fields["file_id"]
        return {
            "file_id": file_id,
            "file_unique_id": f"U{file_id}",
            "file_size": len(content),
            "file_path": self.file_paths[file_id],
        }

    async def _file(self, request: Request) -> Response:
        if request.path_params["token"] != TOKEN:
            return refused(RefusedError(401, "Unauthorized"))
        fault = self.fault("download", {"path": request.path_params["path"]})
        if isinstance(fault, Response):
            return fault
        found = next(
            (file_id for file_id, path in self.file_paths.items() if path == request.path_params["path"]), None
        )
        return (
            Response(self.files[found], media_type="application/octet-stream")
            if found
            else refused(RefusedError(404, "Not Found"))
        )

    def _chat(self, fields: Mapping[str, str]) -> int:
        chat_id = int(fields["chat_id"])
        if chat_id in self.blocked:
            raise RefusedError(403, "Forbidden: bot was blocked by the user")
        if chat_id not in self.chats and chat_id > 0:
            raise RefusedError(400, "Bad Request: chat not found")
        return chat_id

    def _keyboard(self, fields: Mapping[str, str]) -> list[list[dict[str, str]]]:
        rows = json.loads(fields.get("reply_markup", "{}")).get("inline_keyboard", [])
        for row in rows:
            for button in row:
                if not button.get("text"):
                    raise RefusedError(400, "Bad Request: text buttons are unallowed in the inline keyboard")
                if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                    raise RefusedError(400, "Bad Request: BUTTON_DATA_INVALID")
        return rows

    def _pace(self, chat_id: int) -> None:
        now = time.monotonic()
        while self.recent and now - self.recent[0] >= 1.0:
            self.recent.popleft()
        passed = now - self.last_in_chat.get(chat_id, 0.0)
        if len(self.recent) >= self.per_second or passed < self.per_chat_seconds:
            self.refusals += 1
            raise RefusedError(429, "Too Many Requests: retry after 1", retry_after=1)
        self.recent.append(now)
        self.last_in_chat[chat_id] = now

    def _accept(
        self,
        chat_id: int,
        text: str,
        kind: str,
        keyboard: list[list[dict[str, str]]],
        picture: bytes | None,
        fields: Mapping[str, str],
    ) -> dict[str, Any]:
        with self.lock:
            self._pace(chat_id)
            self.next_message[chat_id] += 1
            sent = Sent(
                chat_id, self.next_message[chat_id], text, time.monotonic(), kind, keyboard, picture, dict(fields)
            )
            self.ledger.append(sent)
        return shown(sent)

    def _edit(self, fields: Mapping[str, str], kind: str, text: str, longest: int) -> dict[str, Any]:
        chat_id = self._chat(fields)
        keyboard = self._keyboard(fields)
        with self.lock:
            sent = next(
                (
                    each
                    for each in self.ledger
                    if each.chat_id == chat_id and each.message_id == int(fields["message_id"])
                ),
                None,
            )
            if sent is None:
                raise RefusedError(400, "Bad Request: message to edit not found")
            if sent.kind != kind:
                raise RefusedError(400, "Bad Request: there is no text in the message to edit")
            if not text or len(text.encode("utf-16-le")) // 2 > longest:
                raise RefusedError(400, "Bad Request: message is too long")
            if sent.text == text and sent.keyboard == keyboard:
                raise RefusedError(
                    400,
                    "Bad Request: message is not modified: specified new message content "
                    "and reply markup are exactly the same",
                )
            self._pace(chat_id)
            sent.text, sent.keyboard, sent.edits = text, keyboard, sent.edits + 1
        return shown(sent)


def shown(sent: Sent) -> dict[str, Any]:
    """Return a message as the Bot API gives it."""
    found: dict[str, Any] = {
        "message_id": sent.message_id,
        "date": int(time.time()),
        "chat": {"id": sent.chat_id, "type": "private" if sent.chat_id > 0 else "group"},
        "from": {"id": BOT_ID, "is_bot": True, "first_name": "Briefbrug", "username": "briefbrug_bot"},
    }
    if sent.kind == "document":
        size = len(sent.picture or b"")
        name = next((value for key, value in sent.raw.items() if key.endswith(".filename")), "")
        found |= {
            "document": {"file_id": "D", "file_unique_id": "D", "file_name": name, "file_size": size},
            "caption": sent.text,
        }
    elif sent.kind == "photo":
        found |= {"photo": [{"file_id": "S", "file_unique_id": "S", "width": 10, "height": 10}], "caption": sent.text}
    else:
        found["text"] = sent.text
    return found


def refused(error: RefusedError) -> Response:
    """Return an answer with ok false."""
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return JSONResponse(body, status_code=error.code)


def deliver_webhook(url: str, secret: str | None, updates: list[dict[str, Any]]) -> list[int]:
    """Deliver updates as Telegram does; return the status codes."""
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    with httpx.Client(timeout=30, trust_env=False) as client:
        return [client.post(url, json=update, headers=headers).status_code for update in updates]
