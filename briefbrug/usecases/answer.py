"""What a use case is asked and what it answers; turned into text here, kindly, whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.speech import DUTCH, Message, Texts, Value, say, say_all
from briefbrug.store.thread import Button, Picture, Said

log = logging.getLogger("briefbrug.answer")

LONGEST = 3800
"""Characters in one message: below Telegram's 4096, with room for a mark in front."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What reached us. `values` are a button's own values; `entities` what Rasa found in the text."""

    resident_ref: str
    text: str = ""
    intent: str = ""
    entities: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    door: str = "web"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button to render: the key of its words, the button's name in buttons.py, its values."""

    key: str
    do: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    words: Mapping[str, Value] = field(default_factory=dict[str, Value])


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to say: several texts become its paragraphs."""

    messages: tuple[Message, ...]
    choices: tuple[Choice, ...] = ()
    pictures: tuple[Picture, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    face: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a use case says. `slots` are references for Rasa; `language` is the resident's own."""

    replies: tuple[Reply, ...] = ()
    slots: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer in words, ready for a door."""

    said: tuple[Said, ...]
    slots: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts alone."""
        return tuple(said.text for said in self.said)


UseCase = Callable[[House, Asked], Answer]


def reply(*messages: Message, choices: tuple[Choice, ...] = (), pictures: tuple[Picture, ...] = ()) -> Reply:
    """Return one message made of these texts."""
    return Reply(messages, choices, pictures)


def just(key: str, choices: tuple[Choice, ...] = (), **values: Value) -> Answer:
    """Return an answer of one text."""
    return Answer((Reply((Message(key, values),), choices),))


def render(reply: Reply, texts: Texts) -> Said:
    """Return a reply in words."""
    text = "\n\n".join(say_all(reply.messages, texts))
    buttons = tuple(Button(say(Message(c.key, c.words), texts), c.do, dict(c.values)) for c in reply.choices)
    key = reply.messages[0].key if reply.messages else ""
    return Said(text, buttons, reply.pictures, reply.links, key, reply.face, texts.language)


def answer_kindly(usecase: UseCase, house: House, asked: Asked) -> Spoken:
    """Run a use case and return its words; a failure becomes a kind sentence and a line in the log, never silence."""
    try:
        answer = usecase(house, asked)
        texts = house.texts_in(answer.language)
        return Spoken(tuple(render(part, texts) for part in answer.replies), answer.slots)
    except BriefbrugError as error:
        log.warning("usecase_refused name=%s reason=%s detail=%s", name_of(usecase), error.reason.value, error.detail)
        return problem(house, error.reason, _language_of(house, asked))
    except Exception as error:
        # Only the kind of error is logged: its text may hold words of a letter.
        log.error(
            "usecase_failed name=%s error=%s resident_ref=%s",
            name_of(usecase),
            type(error).__name__,
            asked.resident_ref,
        )
        return problem(house, Reason.UNEXPECTED, _language_of(house, asked))


def _language_of(house: House, asked: Asked) -> str:
    """Return the resident's language, Dutch when even that cannot be looked up."""
    try:
        with house.look() as work:
            resident = work.residents.get(asked.resident_ref)
            return resident.language if resident is not None else DUTCH
    except Exception as error:
        log.error("language_unknown error=%s resident_ref=%s", type(error).__name__, asked.resident_ref)
        return DUTCH


def problem(house: House, reason: Reason, language: str = "nl") -> Spoken:
    """Return the kind sentence of a reason."""
    return Spoken(
        (Said(text=say(Message(f"problem_{reason.value}"), house.texts_in(language)), key=f"problem_{reason.value}"),)
    )


def name_of(usecase: UseCase) -> str:
    """Return the name of a use case, for the log."""
    return getattr(usecase, "__name__", type(usecase).__name__)
