"""One turn with a resident, the same for both doors: hear, understand, speak; whatever is down, never silence."""

from __future__ import annotations

import asyncio
import logging
from weakref import WeakValueDictionary

from bot.rasa_client import TURN_SECONDS, Parsed, RasaClient
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.store.thread import Said
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply, Spoken, UseCase, answer_kindly
from briefbrug.usecases.buttons import press, run_button
from briefbrug.usecases.come_back import come_back
from briefbrug.usecases.listen import DANGER_OR_EXIT, POLITE, Heard, hear, leaves_question, speak, take_free_text
from briefbrug.usecases.show_thread import is_there
from briefbrug.usecases.talk import muted, unmute

log = logging.getLogger("bot.turn")

STILL_WORKS = (Choice("button_overview", "overview"), Choice("button_human", "request_human"))
"""Buttons that run without Rasa, offered beside the sentence that it is away."""

WITHOUT_RASA: dict[str, UseCase] = {"free_text": take_free_text, "muted": muted}
"""Who answers a line that is no turn of the dialogue; nobody while a person speaks."""

_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


def in_order(resident_ref: str) -> asyncio.Lock:
    """Return the lock that keeps the turns of one resident in order; hold a reference while you use it."""
    lock = _locks.get(resident_ref)
    if lock is None:
        lock = _locks[resident_ref] = asyncio.Lock()
    return lock


async def take_text(
    house: House, rasa: RasaClient, resident_ref: str, text: str, door: str, source_key: str
) -> tuple[Said, ...]:
    """Take one typed line and let the answer appear in the thread.

    Args:
        house: the house.
        rasa: the door to Rasa.
        resident_ref: who wrote.
        text: her line, as typed.
        door: "web" or "telegram".
        source_key: names this line, so that the same one twice has one effect.

    Returns:
        What the door itself must still say, because the resident is no longer in our house (she was just erased);
        empty in every other case.
    """
    async with in_order(resident_ref):
        try:
            heard = await asyncio.to_thread(hear, house, resident_ref, text, door, source_key)
        except BriefbrugError as error:
            if error.reason is Reason.NOT_FOUND:
                return (await asyncio.to_thread(_in_words, house, resident_ref, Reason.NOT_FOUND)).said
            raise
        if not heard.is_new:
            return ()
        spoken = await _answer(house, rasa, Asked(resident_ref, text=text, door=door), heard, source_key)
        if not spoken.said:
            return ()
        return await say_or_return(house, resident_ref, spoken, source_key)


async def take_choice(
    house: House, resident_ref: str, usecase: UseCase, words: str, door: str, source_key: str
) -> tuple[Said, ...]:
    """Run what a resident chose from a door's own menu, without Rasa; returns as `take_text` does."""
    async with in_order(resident_ref):
        try:
            heard = await asyncio.to_thread(hear, house, resident_ref, words, door, source_key)
        except BriefbrugError:
            return (await asyncio.to_thread(_in_words, house, resident_ref, Reason.NOT_FOUND)).said
        if not heard.is_new:
            return ()
        spoken = await asyncio.to_thread(answer_kindly, usecase, house, Asked(resident_ref, text=words, door=door))
        return await say_or_return(house, resident_ref, spoken, source_key)


async def take_press(
    house: House, resident_ref: str, message_ref: str, index: int, door: str, source_key: str
) -> tuple[Said, ...]:
    """Press a button of a message in the resident's own thread, without Rasa; returns as `take_text` does."""
    async with in_order(resident_ref):
        try:
            pressed = await asyncio.to_thread(press, house, resident_ref, message_ref, index, door, source_key)
        except BriefbrugError:
            return (await asyncio.to_thread(_in_words, house, resident_ref, Reason.NOT_FOUND)).said
        if pressed.spoken is None:
            return ()
        return await say_or_return(house, resident_ref, pressed.spoken, source_key)


async def say_or_return(house: House, resident_ref: str, spoken: Spoken, source_key: str) -> tuple[Said, ...]:
    """Put what is said in the thread; return it instead when the resident has just been erased."""
    if not await asyncio.to_thread(is_there, house, resident_ref):
        return spoken.said
    await asyncio.to_thread(speak, house, resident_ref, spoken, source_key)
    return ()


async def _answer(house: House, rasa: RasaClient, asked: Asked, heard: Heard, source_key: str) -> Spoken:
    """Return what the machine says to a line; nothing while a person speaks, unless there is danger."""
    mode = heard.mode
    if heard.button is not None:
        return await asyncio.to_thread(run_button, house, heard.button, asked)
    try:
        async with asyncio.timeout(TURN_SECONDS):
            if mode == "dialogue":
                return Spoken(await rasa.reply(asked.resident_ref, asked.text, asked.door))
            # A person speaks, an open question waits, her case was closed, or she said stop: danger is answered first.
            parsed = await rasa.parse(asked.text)
            if mode == "returned" and parsed.intent not in DANGER_OR_EXIT | POLITE:
                await asyncio.to_thread(come_back, house, asked, source_key)
            if mode == "muted" and parsed.intent not in POLITE:
                await asyncio.to_thread(unmute, house, asked.resident_ref)
            if mode in {"returned", "muted"} or _leaves(parsed, heard, asked.text):
                return Spoken(await rasa.reply(asked.resident_ref, asked.text, asked.door))
    except (BriefbrugError, TimeoutError):
        if mode == "returned":
            await asyncio.to_thread(come_back, house, asked, source_key)
        if mode in {"dialogue", "returned"}:
            return await asyncio.to_thread(_in_words, house, asked.resident_ref, Reason.ASSISTANT_AWAY)
        # A person reads what was written, or the words are the answer to an open question: Rasa is not needed for it.
        log.warning("danger_not_checked resident_ref=%s mode=%s", asked.resident_ref, mode)
    usecase = WITHOUT_RASA.get(mode)
    return await asyncio.to_thread(answer_kindly, usecase, house, asked) if usecase else Spoken(())


def _leaves(parsed: Parsed, heard: Heard, text: str) -> bool:
    if heard.mode == "free_text":
        return leaves_question(heard.asked, parsed.intent, text)
    return parsed.intent in DANGER_OR_EXIT


def _in_words(house: House, resident_ref: str, reason: Reason) -> Spoken:
    """Return the kind sentence of a reason, with the buttons that still work when Rasa is away."""

    def kind_sentence(house: House, asked: Asked) -> Answer:
        choices = STILL_WORKS if reason is Reason.ASSISTANT_AWAY else ()
        return Answer((Reply((Message(f"problem_{reason.value}"),), choices),))

    return answer_kindly(kind_sentence, house, Asked(resident_ref))
