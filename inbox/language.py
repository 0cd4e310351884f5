"""The language of the desk and the monitor: Dutch, with English as second; words, times and amounts of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError, Reason
from inbox import words

TEXTS = Path(__file__).parent / "texts"
LANGUAGES: Mapping[str, str] = {"nl": "Nederlands", "en": "English"}
DUTCH = "nl"

spoken: ContextVar[str] = ContextVar("spoken", default=DUTCH)
"""The language of the page that is being drawn; the door sets it from the session's cookie."""

ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure means."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Tongue:
    """Everything that is said differently in another language."""

    code: str
    texts: Mapping[str, str]
    definitions: Mapping[str, Definition]
    pieces: Mapping[str, str]
    """Whole pieces of Dutch of the desk's templates, in this language; empty for Dutch itself."""
    quoted: Mapping[str, str]
    """Words that are quoted in an expression of a template; what may be a code there is not among them."""
    labels: Mapping[str, str]
    """Labels that the desk's code says in Dutch, and pieces that can be no code, in this language."""

    def text(self, key: str, **values: object) -> str:
        """Return a text with its values filled in.

        Raises:
            BriefbrugError: TEXTS, for an unknown key or a value that is missing.
        """
        try:
            return self.texts[key].format(**values)
        except KeyError as error:
            raise BriefbrugError(Reason.TEXTS, f"language={self.code} key={key} missing={error}") from error

    def has(self, key: str) -> bool:
        """Return whether there is a text under a key."""
        return key in self.texts

    def say(self, dutch: str) -> str:
        """Return a Dutch label, moment or length of time in this language; what has no translation stays Dutch."""
        known = self.labels.get(dutch)
        if known is not None or self.is_dutch:
            return known or dutch
        for pattern, english in PATTERNS:
            found = pattern.fullmatch(dutch)
            if found:
                return english(found)
        parts = dutch.split(", ")
        if len(parts) > 1 and all(part in self.labels for part in parts):
            return ", ".join(self.labels[part] for part in parts)
        return dutch

    @property
    def is_dutch(self) -> bool:
        """Whether this is Dutch."""
        return self.code == DUTCH

    def month(self, code: str) -> str:
        """Return "november 2026" or "November 2026" of "2026-11"."""
        if self.is_dutch:
            return words.month_name(code)
        return f"{ENGLISH_MONTHS[int(code[5:]) - 1]} {code[:4]}"

    def short_month(self, code: str) -> str:
        """Return "nov" of "2026-11"."""
        return self.month(code)[:3]

    def span(self, seconds: float | None) -> str:
        """Return a length of time as "3 d 4 u" or "3 d 4 h"."""
        return self._hours(words.span(seconds))

    def working(self, seconds: float | None) -> str:
        """Return working time in hours and minutes."""
        return self._hours(words.working_span(seconds))

    def _hours(self, dutch: str) -> str:
        return dutch if self.is_dutch else dutch.replace(" u", " h")

    def percent(self, share: float | None) -> str:
        """Return a share of 0..1 as whole percents."""
        return words.percent(share)

    def euros(self, cents: int | None) -> str:
        """Return an amount in cents as "€ 1.234,56" or "€1,234.56"."""
        if cents is None:
            return "–"
        amount = Decimal(cents) / 100
        return words.euros(amount) if self.is_dutch else f"€{amount:,.2f}"

    def number(self, value: float) -> str:
        """Return a number with one decimal."""
        return f"{value:.1f}".replace(".", ",") if self.is_dutch else f"{value:.1f}"

    def day(self, value: datetime) -> str:
        """Return the day of a moment as "23 november 2026" or "23 November 2026"."""
        local = value.astimezone(AMSTERDAM)
        months = words.MONTHS if self.is_dutch else ENGLISH_MONTHS
        return f"{local.day} {months[local.month - 1]} {local.year}"

    def moment(self, value: datetime, now: datetime) -> str:
        """Return a moment as "vandaag 14.30 uur" or "today 14:30"."""
        if self.is_dutch:
            return words.moment(value, now)
        local, today = value.astimezone(AMSTERDAM), now.astimezone(AMSTERDAM).date()
        clock = f"{local.hour}:{local.minute:02d}"
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((local.date() - today).days)
        if near:
            return f"{near} {clock}"
        year = f" {local.year}" if local.year != today.year else ""
        return f"{ENGLISH_DAYS[local.weekday()][:3]} {local.day} {ENGLISH_MONTHS[local.month - 1]}{year} {clock}"


SECTIONS = ("pieces", "quoted", "labels")
LONE_WORD = re.compile(r"[a-z]+")
"""A piece of a template that may also be a code somewhere."""

NEAR = {"vandaag": "today", "morgen": "tomorrow", "gisteren": "yesterday"}
SHORT_DAYS: dict[str, str] = {dutch[:2]: english[:3] for dutch, english in zip(words.DAYS, ENGLISH_DAYS, strict=True)}
LONG_DAYS: dict[str, str] = dict(zip(words.DAYS, ENGLISH_DAYS, strict=True))
MONTHS: dict[str, str] = dict(zip(words.MONTHS, ENGLISH_MONTHS, strict=True))
MONTH = "|".join(words.MONTHS)


def _english_moment(found: re.Match[str]) -> str:
    parts = found.groupdict("")
    day = NEAR.get(parts["near"]) or " ".join(
        part
        for part in (SHORT_DAYS.get(parts["short"]), parts["day"], MONTHS.get(parts["month"]), parts["year"])
        if part
    )
    return f"{day} {parts['hour']}:{parts['minute']}"


def _english_day(found: re.Match[str]) -> str:
    named = LONG_DAYS.get(found["weekday"] or "")
    return " ".join(part for part in (named, found["day"], MONTHS[found["month"]], found["year"]) if part)


PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(
            rf"(?:(?P<near>vandaag|morgen|gisteren)|(?P<short>ma|di|wo|do|vr|za|zo) (?P<day>\d+) (?P<month>{MONTH})"
            r"(?: (?P<year>\d{4}))?) (?P<hour>\d+)\.(?P<minute>\d\d) uur"
        ),
        _english_moment,
    ),
    (
        re.compile(rf"(?:(?P<weekday>{'|'.join(words.DAYS)}) )?(?P<day>\d+) (?P<month>{MONTH}) (?P<year>\d{{4}})"),
        _english_day,
    ),
    (re.compile(r"over (?P<days>\d+) dagen"), lambda found: f"in {found['days']} days"),
    (re.compile(r"(?P<days>\d+) dagen geleden"), lambda found: f"{found['days']} days ago"),
    (re.compile(r"nog (?P<span>[\d dumin]+)"), lambda found: f"{found['span'].replace(' u', ' h')} left"),
    (re.compile(r"(?P<span>[\d dumin]+) te laat"), lambda found: f"{found['span'].replace(' u', ' h')} late"),
    (re.compile(r"(?P<span>\d+ (?:d|u|min)(?: \d+ (?:u|min))?)"), lambda found: found["span"].replace(" u", " h")),
)
"""Moments, days and lengths of time that the desk's code says in Dutch, and how they are said in English."""


def _strings(raw: Any, where: str) -> dict[str, str]:
    if not isinstance(raw, dict):
        raise BriefbrugError(Reason.TEXTS, f"{where} is no list of keys and texts")
    return {str(key): str(value) for key, value in cast("dict[Any, Any]", raw).items()}


def tongue_of(language: str) -> Tongue:
    """Return a language of the desk; Dutch for one that it does not speak.

    Raises:
        BriefbrugError: TEXTS, when its file is broken or lacks a key that Dutch has.
    """
    return _read(language if language in LANGUAGES else DUTCH)


@cache
def _read(code: str) -> Tongue:
    raw: dict[str, Any] = yaml.safe_load((TEXTS / f"{code}.yaml").read_text(encoding="utf-8"))
    definitions = {
        str(key): Definition(each["name"], each["text"])
        for key, each in dict[str, dict[str, str]](raw["definitions"]).items()
    }
    desk = TEXTS / f"desk_{code}.yaml"
    nothing: dict[str, dict[str, str]] = {name: {} for name in SECTIONS}
    read: Any = yaml.safe_load(desk.read_text(encoding="utf-8")) if desk.is_file() else nothing
    pieces, quoted, labels = (_strings(read[name], f"{desk.name}: {name}") for name in SECTIONS)
    plain = {key: text for key, text in {**labels, **pieces}.items() if not LONE_WORD.fullmatch(key)}
    made = Tongue(
        code,
        _strings(raw["texts"], code),
        definitions,
        labels | quoted | pieces,
        plain | quoted,
        plain | quoted | labels,
    )
    if code != DUTCH:
        dutch = _read(DUTCH)
        missing = sorted((set(dutch.texts) ^ set(made.texts)) | (set(dutch.definitions) ^ set(made.definitions)))
        if missing:
            raise BriefbrugError(Reason.TEXTS, f"language={code} keys={missing[:5]}")
    return made


def tongue() -> Tongue:
    """Return the language of the page that is being drawn."""
    return tongue_of(spoken.get())
