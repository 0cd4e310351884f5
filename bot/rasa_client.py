"""One typed text to Rasa, what it says back; Rasa sees no letter, no photo, no BSN and no account number."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, cast

import httpx

from briefbrug.bsn import mask_bsn
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.settings import Settings
from briefbrug.store.thread import Said, said_from

log = logging.getLogger("bot.rasa")

TURN_SECONDS = 8.0
"""A resident hears something within ten seconds, so Rasa gets eight (promises.md, R5)."""
IMPATIENT_SECONDS = 1.5
HUNG_SECONDS = 20.0
LONGEST_TEXT = 4096
"""Characters of one typed line; Telegram allows no more either."""
IBAN_WORD = "rekeningnummer"
ZERO_WIDTH_SPACE = "\u200b"

_DUTCH_IBAN = re.compile(r"(?<![A-Z0-9])NL[ .-]?\d{2}[ .-]?[A-Z]{4}(?:[ .-]?\d){8,10}(?!\d)", re.IGNORECASE)
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ .-]?\d{2}")
SHORTEST_IBAN, LONGEST_IBAN = 15, 34
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What Rasa thinks a text means. `confidence` runs from 0 to 1; `entities` has the first value of each kind."""

    intent: str
    confidence: float
    entities: Mapping[str, str] = field(default_factory=dict[str, str])


class RasaClient:
    """Talks to the Rasa server over its two closed doors, the REST channel and `/model/parse`."""

    def __init__(self, settings: Settings, seconds: float = TURN_SECONDS) -> None:
        self._url = settings.rasa_url
        self._token = settings.rasa_token
        self._seconds = seconds
        self._hung_until = 0.0
        # No proxy from the environment: Rasa is on this machine or on the compose network.
        self._client = httpx.AsyncClient(timeout=seconds, trust_env=False, limits=httpx.Limits(max_connections=64))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def reply(self, resident_ref: str, text: str, door: str = "web") -> tuple[Said, ...]:
        """Return what the dialogue says to a typed text.

        Raises:
            BriefbrugError: ASSISTANT_AWAY, on silence, an error, an empty answer, or after the turn's seconds.
        """
        body = {"sender": resident_ref, "message": for_rasa(text), "metadata": {"door": door}}
        answer = await self._post("/webhooks/rest/webhook", body)
        said = said_in(answer)
        if not said:
            # An empty answer with status 200 is what Rasa gives when the action server is down (measured.md).
            raise BriefbrugError(Reason.ASSISTANT_AWAY, "empty answer")
        return said

    async def parse(self, text: str) -> Parsed:
        """Return the meaning of a text without a turn of the dialogue.

        Raises:
            BriefbrugError: ASSISTANT_AWAY, when Rasa cannot say.
        """
        answer = await self._post("/model/parse", {"text": for_rasa(text)})
        if not isinstance(answer, dict):
            raise BriefbrugError(Reason.ASSISTANT_AWAY, "parse gave no object")
        found = cast(dict[str, Any], answer)
        intent = cast(dict[str, Any], found.get("intent") or {})
        entities: dict[str, str] = {}
        for entity in cast(list[dict[str, Any]], found.get("entities") or []):
            entities.setdefault(str(entity.get("entity", "")), str(entity.get("value", "")))
        return Parsed(str(intent.get("name") or ""), float(intent.get("confidence") or 0.0), entities)

    async def forget(self, resident_ref: str) -> None:
        """Let Rasa destroy what it remembers of a conversation; opens a connection of its own, for any event loop.

        Raises:
            BriefbrugError: ASSISTANT_AWAY, when Rasa did not confirm it.
        """
        try:
            async with httpx.AsyncClient(timeout=self._seconds, trust_env=False) as client:
                response = await client.post(
                    f"{self._url}/webhooks/briefbrug/forget",
                    params={"token": self._token},
                    json={"sender": resident_ref},
                )
        except httpx.HTTPError as error:
            raise BriefbrugError(Reason.ASSISTANT_AWAY, type(error).__name__) from error
        if response.status_code != HTTPStatus.OK:
            raise BriefbrugError(Reason.ASSISTANT_AWAY, f"status {response.status_code}")

    async def _post(self, path: str, body: Mapping[str, Any]) -> object:
        # After one request that hung, those behind it wait less: a queue of lines would take minutes otherwise.
        seconds = min(self._seconds, IMPATIENT_SECONDS) if time.monotonic() < self._hung_until else self._seconds
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.post(f"{self._url}{path}", params={"token": self._token}, json=body)
            if response.status_code != HTTPStatus.OK:
                log.warning("rasa_refused path=%s status=%d", path, response.status_code)
                raise BriefbrugError(Reason.ASSISTANT_AWAY, f"status {response.status_code}")
            return cast(object, response.json())
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            if isinstance(error, TimeoutError | httpx.TimeoutException):
                self._hung_until = time.monotonic() + HUNG_SECONDS
            # The address carries the token and the body the resident's words: only the kind of error is named.
            log.warning("rasa_unreachable path=%s error=%s", path, type(error).__name__)
            raise BriefbrugError(Reason.ASSISTANT_AWAY, type(error).__name__) from error


def for_rasa(text: str) -> str:
    """Return a typed text as Rasa may see it: bounded, without numbers that name a person, never a payload.

    A leading slash would make Rasa run an intent; a zero-width space keeps it a text (a blank would be stripped).
    """
    clean = mask_iban(mask_bsn(_CONTROL.sub(" ", text[:LONGEST_TEXT]))).strip()
    return ZERO_WIDTH_SPACE + clean if clean.startswith("/") else clean


def mask_iban(text: str) -> str:
    """Return `text` with every account number (IBAN) replaced by a word.

    A Dutch one is known by its shape, typing errors in its digits included; a foreign one by its check digits.
    """
    masked = _DUTCH_IBAN.sub(IBAN_WORD, text)
    pieces: list[str] = []
    done = 0
    for start in _IBAN_START.finditer(masked):
        if start.start() < done:
            continue
        end = _end_of_iban(masked, start.start())
        if end is not None:
            pieces += [masked[done : start.start()], IBAN_WORD]
            done = end
    return "".join([*pieces, masked[done:]])


def _end_of_iban(text: str, start: int) -> int | None:
    """Return where the account number that begins at `start` ends, or None when there is none."""
    sign = ""
    for position in range(start, min(len(text), start + 48)):
        letter = text[position]
        if letter.isascii() and letter.isalnum():
            sign += letter.upper()
        elif letter not in " .-":
            return None
        following = text[position + 1 : position + 2]
        is_edge = not (following.isascii() and following.isalnum())
        if is_edge and SHORTEST_IBAN <= len(sign) <= LONGEST_IBAN and letter.isalnum():
            if int("".join(str(int(each, 36)) for each in sign[4:] + sign[:4])) % 97 == 1:
                return position + 1
    return None


def said_in(answer: object) -> tuple[Said, ...]:
    """Return the messages of the REST channel's answer, in order.

    Our actions put the whole message in `custom.said`; Rasa sends its plain text ahead of it, cut at blank lines
    unless there are buttons, so what repeats the message is left out.
    """
    said: list[Said] = []
    if not isinstance(answer, list):
        return ()
    for part in cast(list[dict[str, Any]], answer):
        text = str(part.get("text") or "").strip()
        if text:
            said.append(Said(text=text))
        custom = part.get("custom")
        whole = cast(dict[str, Any], custom).get("said") if isinstance(custom, dict) else None
        if isinstance(whole, dict):
            message = said_from(cast(dict[str, Any], whole))
            pieces = [Said(text=piece.strip()) for piece in message.text.strip().split("\n\n") if piece.strip()]
            for repeated in (pieces, [Said(text=message.text.strip())]):
                if repeated and said[-len(repeated) :] == repeated:
                    del said[-len(repeated) :]
                    break
            said.append(message)
    return tuple(said)
