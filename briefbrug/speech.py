"""Turns a `Message` into the text a resident reads, in her language; strict about every placeholder."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import cast

import yaml
from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from briefbrug.errors import BriefbrugError, Reason

TEXTS_FOLDER = Path(__file__).parent / "texts"

DUTCH = "nl"

RIGHT_TO_LEFT = frozenset({"ar"})
"""Languages that are written from right to left."""

ISOLATE, END_ISOLATE = "\u2068", "\u2069"
"""First strong isolate and its end: a name or number between them keeps its own direction (Unicode UAX 9)."""

TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")
"""A name that ends in a full stop ("B.V.") at the end of a sentence has one, not two."""


# --- values that are said in a language --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """A day to say with its weekday; with the year unless it is the year of `today`."""

    day: date
    today: date | None = None


@dataclass(frozen=True, slots=True)
class DaysAway:
    """How far a day is, in days: 0 is today, negative is the past."""

    days: int


@dataclass(frozen=True, slots=True)
class Euros:
    """An amount of money to say with its currency; a bare `Decimal` is said as a number."""

    amount: Decimal


@dataclass(frozen=True, slots=True)
class SenderName:
    """A sender to say: the name printed on the paper where one is worth saying, else what its code is called.

    `of_many` is "gemeente", "rechtbank" or "gerechtshof" when `printed` is only the town of one of these.
    `opens`: it opens a sentence, so it gets a capital. `glossed`: where the name says little, what the office does
    stands behind it.
    """

    code: str
    printed: str = ""
    of_many: str = ""
    opens: bool = False
    glossed: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers to say as a list: "1, 2 en 4"."""

    numbers: tuple[int, ...]


Value = str | int | Decimal | time | Day | DaysAway | Euros | SenderName | Numbers
"""What can stand in a placeholder; everything but text stays itself until it is said in a language."""


@dataclass(frozen=True, slots=True)
class Message:
    """A text to say: its key in the text files and a value for each placeholder.

    `to_send`: the resident says or sends these very words to a Dutch organisation, so they stay Dutch and her own
    language stands under them.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    to_send: bool = False


# --- the texts of one language -----------------------------------------------------------------------------------


class Texts(Mapping[str, str]):
    """The texts of one language; a key that it lacks is said in the language of `fallback`, dates included."""

    __slots__ = ("_own", "fallback", "language")

    def __init__(self, own: Mapping[str, str], language: str = DUTCH, fallback: Texts | None = None) -> None:
        self._own, self.language, self.fallback = dict(own), language, fallback

    def __getitem__(self, key: str) -> str:
        """Return the text of a key, from the fallback where this language lacks it."""
        return self.source(key)._own[key]

    def __iter__(self) -> Iterator[str]:
        """Return every key, the fallback's included."""
        return iter(dict.fromkeys((*self._own, *(self.fallback or ()))))

    def __len__(self) -> int:
        """Return the number of keys, the fallback's included."""
        return sum(1 for _ in self)

    def source(self, key: str) -> Texts:
        """Return the texts whose own this key is."""
        if key in self._own or self.fallback is None:
            return self
        return self.fallback.source(key)

    @property
    def dutch(self) -> Texts:
        """The Dutch texts behind these."""
        return self if self.fallback is None else self.fallback.dutch


def placeholders(text: str) -> set[str]:
    """Return the names between braces in `text`."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def load_texts(language: str, folder: Path = TEXTS_FOLDER, fallback: Texts | None = None) -> Texts:
    """Return all texts of one language (BCP 47 code, a folder under `texts/`).

    Raises:
        BriefbrugError: TEXTS, when the folder is missing, a file is no mapping, or a key stands in two files.
    """
    texts: dict[str, str] = {}
    files = sorted((folder / language).glob("*.yaml"))
    if not files:
        raise BriefbrugError(Reason.TEXTS, f"no texts for language {language}")
    for file in files:
        content = cast(object, yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        if not isinstance(content, dict) or not isinstance(content.get("texts"), dict):  # pyright: ignore[reportUnknownMemberType]
            raise BriefbrugError(Reason.TEXTS, f"{file.name}: expected a mapping under 'texts'")
        for key, text in cast(dict[str, str], content["texts"]).items():
            if key in texts:
                raise BriefbrugError(Reason.TEXTS, f"{file.name}: {key} stands in two files")
            texts[key] = str(text).strip()
    return Texts(texts, language, fallback)


# --- saying ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    return Locale.parse("en_GB" if language == "en" else language)


@lru_cache(maxsize=16)
def _pattern(language: str, *, with_year: bool) -> str:
    """Return the pattern of a whole date, without a word for "year" behind it (a full stop follows there)."""
    pattern = re.sub(r"\s*'[^']*'\.?", "", str(_locale(language).date_formats["full"]))
    return pattern if with_year else re.sub(r"[,،]?\s*y+", "", pattern)


def say_day(day: date, today: date | None = None, language: str = DUTCH) -> str:
    """Return a day as people say it: "donderdag 26 november", with the year unless it is the year of `today`."""
    with_year = today is None or day.year != today.year
    return format_date(day, _pattern(language, with_year=with_year), locale=_locale(language))


def say_euros(amount: Decimal, language: str = DUTCH) -> str:
    """Return an amount as people say it: "842 euro", "1.234,50 euro"."""
    pattern = "#,##0" if amount == amount.to_integral_value() else "#,##0.00"
    return format_currency(
        amount, "EUR", pattern, locale=_locale(language), currency_digits=False, format_type="name"
    )  # fmt: skip


def say_number(number: Decimal, language: str = DUTCH) -> str:
    """Return an amount without its currency: "1.234,56", "50"."""
    whole = number == number.to_integral_value()
    return format_decimal(number, "#,##0" if whole else "#,##0.00", locale=_locale(language))


def say_days_away(days: int, texts: Mapping[str, str], language: str = DUTCH) -> str:
    """Return how far a day is: "vandaag", "morgen", "over 3 dagen", "gisteren", "3 dagen geleden"."""
    named = {0: "day_today", 1: "day_tomorrow", -1: "day_yesterday"}
    if days in named:
        return texts[named[days]]
    # No threshold: people count days here, also when there are sixty of them.
    return format_timedelta(
        timedelta(days=days), granularity="day", threshold=float("inf"), add_direction=True, locale=_locale(language)
    )


def say_sender(sender: SenderName, texts: Mapping[str, str]) -> str:
    """Return a sender as it is called inside a sentence: "het CAK", "Ymere", "de gemeente Utrecht"."""
    if sender.printed and sender.of_many:
        name = texts[f"sender_named_{sender.of_many}"].format(name=sender.printed)
    else:
        name = sender.printed or texts[f"sender_{sender.code}"]
    gloss = f"sender_gloss_{sender.code}"
    if sender.glossed and not sender.printed and gloss in texts:
        name = f"{name} ({texts[gloss]})"
    return name[:1].upper() + name[1:] if sender.opens else name


def _say_value(value: Value, texts: Texts) -> str:
    language = texts.language
    match value:
        case Day():
            return say_day(value.day, value.today, language)
        case DaysAway():
            return say_days_away(value.days, texts, language)
        case Euros():
            return say_euros(value.amount, language)
        case SenderName():
            return say_sender(value, texts)
        case Numbers():
            return format_list([str(number) for number in value.numbers], locale=_locale(language))
        case Decimal():
            return say_number(value, language)
        case time():
            return texts["time_of_day"].format(hour=value.hour, minute=f"{value.minute:02d}")
        case _:
            return str(value)


def _isolated(text: str, language: str) -> str:
    """Return a value so that it cannot turn the words around it, nor be turned by them.

    Inside right-to-left text every value is set apart, elsewhere only one that itself runs right to left. An address
    stays bare: a reader's programme would take the sign as part of the link.
    """
    if not text or text.startswith(("http://", "https://")):
        return text
    turns = language in RIGHT_TO_LEFT or any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text)
    return f"{ISOLATE}{text}{END_ISOLATE}" if turns else text


def say(message: Message, texts: Mapping[str, str]) -> str:
    """Return the text of `message`; a text to send is said in Dutch.

    Raises:
        BriefbrugError: TEXTS, when the key is unknown, or a value is missing or left over.
    """
    mine = texts if isinstance(texts, Texts) else Texts(texts)
    if message.to_send:
        mine = mine.dutch
    if message.key not in mine:
        raise BriefbrugError(Reason.TEXTS, f"no text {message.key}")
    text, source = mine[message.key], mine.source(message.key)
    wanted, given = placeholders(text), set(message.values)
    if wanted != given:
        raise BriefbrugError(Reason.TEXTS, f"{message.key}: missing {wanted - given}, unused {given - wanted}")
    said = {name: _isolated(_say_value(value, source), source.language) for name, value in message.values.items()}
    return TWO_STOPS.sub(".", text.format(**said))


def say_all(messages: Iterable[Message], texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return messages as paragraphs; under words to send, which are Dutch, their meaning in the reader's language."""
    mine = texts if isinstance(texts, Texts) else Texts(texts)
    paragraphs: list[str] = []
    for to_send, run in groupby(messages, key=lambda message: message.to_send):
        together: Sequence[Message] = tuple(run)
        paragraphs += [say(message, mine) for message in together]
        if to_send and mine.language != DUTCH:
            meant = [say(Message(message.key, message.values), mine) for message in together]
            paragraphs.append("\n".join((mine["ready_in_your_language"], *meant)))
    return tuple(paragraph for paragraph in paragraphs if paragraph)
