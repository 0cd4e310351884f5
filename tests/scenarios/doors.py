"""The two doors as a resident uses them: the same words, presses and photos, on the web page and in Telegram."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Protocol

import httpx
from sqlalchemy import select

from briefbrug.house import House
from briefbrug.store.tables import TelegramUpdate
from tests.bot.telegram_server import TelegramServer
from tests.conftest import wait_until
from tests.system import Visitor

MEDIA = {"pdf": "application/pdf", "webp": "image/webp", "heic": "image/heic"}
BLANKS = re.compile(r"[ \t\n]+")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the resident sees it: who wrote it, its words, its buttons, the numbers that can be tapped."""

    ref: str
    sender: str
    text: str
    buttons: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    pictures: int = 0


class Door(Protocol):
    """What a scenario needs of a door."""

    name: str
    address: str

    def say(self, text: str) -> None: ...

    def press(self, words: str) -> None: ...

    def photo(self, name: str, content: bytes) -> None: ...

    def heard(self) -> list[Heard]: ...

    def is_settled(self) -> bool: ...


class WebDoor:
    """A browser without a screen."""

    name = "web"

    def __init__(self, url: str, house: House) -> None:
        self._visitor = Visitor(url)
        self._house = house
        self._uploads = 0
        self._goodbye: list[str] = []
        self._change = 0
        self._is_gone = False
        self._shown: dict[str, Heard] = {}
        self.address = next(iter(self._visitor.client.cookies.values()))

    @property
    def client(self) -> httpx.Client:
        """The browser itself."""
        return self._visitor.client

    @property
    def token(self) -> str:
        """What its forms carry."""
        return self._visitor.token

    def say(self, text: str) -> None:
        """Type a line."""
        self._keep(self._visitor.say(text))

    def press(self, words: str) -> None:
        """Press the newest button with these words."""
        self._look()
        for ref, heard in reversed(self._shown.items()):
            if words in heard.buttons:
                place = str(heard.buttons.index(words))
                self._keep(self._visitor.post("/chat/button", message=ref, index=place))
                return
        raise AssertionError(f"no button {words!r}")

    def _keep(self, answer: httpx.Response) -> None:
        if "gone" in answer.json():
            self._goodbye += answer.json()["gone"]
            self._is_gone = True

    def photo(self, name: str, content: bytes) -> None:
        """Send a photo."""
        self._uploads += 1
        kind = name.rpartition(".")[2].lower()
        answer = self._visitor.upload(content, f"upload-{self._uploads:06d}", name, MEDIA.get(kind, "image/jpeg"))
        if answer.status_code != 200:
            # The page shows this beside the photo, not in the thread.
            self._goodbye.append(answer.json()["text"])

    def code(self) -> str:
        """Return a code for another door."""
        return str(self._visitor.post("/chat/code").json()["code"])

    def join(self, code: str) -> None:
        """Type a code of another door; the page then shows that conversation from its beginning."""
        self._visitor.post("/chat/link", code=code)
        self._change, self._shown = 0, {}

    def heard(self) -> list[Heard]:
        """Return all messages that are not her own."""
        if self._is_gone:
            return [Heard(f"goodbye-{at}", "machine", text) for at, text in enumerate(self._goodbye)]
        self._look()
        beside = [Heard(f"beside-{at}", "machine", text) for at, text in enumerate(self._goodbye)]
        return [each for each in self._shown.values() if each.sender != "resident"] + beside

    def _look(self) -> None:
        """Fetch what changed, as the page does."""
        answer = self._visitor.client.get("/chat/messages", params={"after": self._change}).raise_for_status().json()
        self._change = answer["change"]
        for message in answer["messages"]:
            self._shown[message["ref"]] = heard_in(message["html"])

    def is_settled(self) -> bool:
        """A turn on the page is answered when its request is."""
        return True


def heard_in(article: str) -> Heard:
    """Return a message of the page from its HTML."""
    head = re.search(r'id="([^"]+)" data-from="([^"]+)"', article)
    body = re.search(r'<div class="bb-message__text"[^>]*>(.*?)</div>', article, re.DOTALL)
    assert head, article[:200]
    assert body, article[:200]
    text = html.unescape(BLANKS.sub(" ", re.sub(r"<[^>]+>", " ", body[1]))).strip()
    labels = re.findall(r'name="index" value="\d+"[^>]*>([^<]*)</button>', article)
    links = re.findall(r'href="(tel:[^"]+)".*?</svg>([^<]*)</a>', article, re.DOTALL)
    text += "".join(f" {html.unescape(label)}" for _, label in links)
    if head[2] == "human":
        name = re.search(r"<strong>([^<]*)</strong><span class=\"bb-message__role\">([^<]*)<", article)
        text = f"{html.unescape(name[1])}, {html.unescape(name[2])}: {text}" if name else text
    pictures = len(re.findall(r'class="bb-proof"', article))
    numbers = tuple(number for number, _ in links)
    return Heard(head[1], head[2], text, tuple(map(html.unescape, labels)), numbers, pictures)


class TelegramDoor:
    """A private chat with the bot."""

    name = "telegram"

    def __init__(self, server: TelegramServer, house: House, number: int) -> None:
        self._server = server
        self._house = house
        self._number = number
        self.address = str(number)
        server.types(number, "/start")
        wait_until(lambda: server.buttons(number), 60, "the greeting")

    def say(self, text: str) -> None:
        """Type a line; it comes twice, as Telegram may deliver it."""
        update = self._server.types(self._number, text)
        self._again(update)

    def press(self, words: str) -> None:
        """Press the newest button with these words."""
        wait_until(lambda: words in self._server.buttons(self._number), 30, f"the button {words!r}")
        self._again(self._server.presses(self._number, words))

    def _again(self, update: dict[str, object]) -> None:
        number = update["update_id"]
        kind = next(each for each in update if each != "update_id")
        assert isinstance(number, int)
        self._server.push(kind, update[kind], number)  # type: ignore[arg-type]

    def photo(self, name: str, content: bytes) -> None:
        """Send a photo; what Telegram cannot show as one goes as a file."""
        kind = name.rpartition(".")[2].lower()
        if kind in MEDIA:
            self._server.push("message", self._server.document(self._number, content, MEDIA[kind], name))
        else:
            self._server.sends_photo(self._number, content)

    def sends(self, **content: object) -> None:
        """Send any other kind of message."""
        self._server.push("message", self._server.message(self._number, **content))

    def join(self, code: str) -> None:
        """Type a code of another door."""
        self._server.types(self._number, f"/start {code}")

    def heard(self) -> list[Heard]:
        """Return what the chat shows from the bot."""
        with self._server.lock:
            mine = [sent for sent in self._server.ledger if sent.chat_id == self._number]
            return [
                Heard(
                    str(sent.message_id),
                    "human" if sent.text.startswith("👤") else "machine",
                    BLANKS.sub(" ", sent.text),
                    tuple(button["text"] for row in sent.keyboard for button in row),
                    tuple(
                        "tel:" + re.sub(r"\D", "", number) for number in re.findall(r"\b[\d][\d -]{1,14}\d", sent.text)
                    ),
                    int(sent.picture is not None),
                )
                for sent in mine
            ]

    def is_settled(self) -> bool:
        """Whether every update had its effect and every answer arrived."""
        index = self._house.vault.index(self.address, "chat")
        with self._server.lock:
            if any(str(self._number) in str(update) for update in self._server.updates):
                return False
        with self._house.look() as work:
            waits = select(TelegramUpdate.update_id).where(
                TelegramUpdate.chat_index == index, TelegramUpdate.handled_at.is_(None)
            )
            if work.session.scalar(waits.limit(1)) is not None:
                return False
            resident = work.residents.by_door("telegram", self.address)
            return resident is None or work.thread.first_waiting(resident.ref) is None
