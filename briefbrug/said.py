"""Understands dates and amounts as residents type or say them, in six languages; what is unclear is None, no guess."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal

_MONTH_NAMES = (
    "januari jan january januarie ocak styczeń stycznia styczen sty يناير جانفي كانون_الثاني січень січня",
    "februari feb febr february februarie şubat subat luty lutego lut فبراير فيفري شباط лютий лютого",
    "maart mrt march mar mart marzec marca مارس آذار اذار березень березня",
    "april apr nisan kwiecień kwietnia kwiecien kwi أبريل ابريل أفريل افريل نيسان квітень квітня",
    "mei may mayıs mayis maj maja مايو ماي أيار ايار травень травня",
    "juni jun june haziran czerwiec czerwca cze يونيو يونيه جوان حزيران червень червня",
    "juli jul july temmuz lipiec lipca lip يوليو يوليوز جويلية تموز липень липня",
    "augustus aug august ağustos agustos sierpień sierpnia sierpien sie أغسطس اغسطس غشت أوت آب اب серпень серпня",
    "september sept sep eylül eylul wrzesień września wrzesien wrzesnia wrz سبتمبر شتنبر أيلول ايلول вересень вересня",
    "oktober okt october oct ekim październik października pazdziernik pazdziernika paź أكتوبر اكتوبر تشرين_الأول"
    " تشرين_الاول жовтень жовтня",
    "november nov kasım kasim listopad listopada lis نوفمبر نونبر تشرين_الثاني листопад листопада",
    "december dec desember decembre aralık aralik grudzień grudnia grudzien gru ديسمبر دجنبر كانون_الأول كانون_الاول"
    " грудень грудня",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
"""The names of the months as residents write them, in small letters, some of them without their accents."""

_NEAR_DAYS = (
    (2, "overmorgen|day after tomorrow|öbür gün|obur gun|pojutrze|بعد غد|післязавтра"),
    (1, "morgen|morge|tomorrow|yarın|yarin|jutro|غدا|غدًا|завтра"),
    (0, "vandaag|today|bugün|bugun|dziś|dzisiaj|dzis|اليوم|сьогодні"),
)
"""Days counted from today; of two that fit, the longer word."""

_UNITS = ("een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
_TEENS = ("tien", "elf", "twaalf", "dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien")
_TENS = ("twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig")


def _below_hundred() -> dict[str, int]:
    found = {word: number for number, word in enumerate((*_UNITS, *_TEENS), start=1)}
    for ten, word in enumerate(_TENS, start=2):
        found[word] = ten * 10
        found |= {f"{unit}en{word}": ten * 10 + number for number, unit in enumerate(_UNITS, start=1)}
    return found


_SPOKEN = _below_hundred()
_DAYS = [(word, number) for word, number in _SPOKEN.items() if number <= 31]
_DAY_WORDS = {
    **dict(_DAYS),
    **{f"{word}{'ste' if number > 19 else 'de'}": number for word, number in _DAYS},
    "eerste": 1,
    "derde": 3,
    "achtste": 8,
}

_NAMED = re.compile(
    r"\b(\d{1,2})(?:e|ste|de|st|nd|rd|th|-го)?\.?\s+(?:van |of )?([^\W\d_]{2,12})\.?(?:,?\s+(\d{4}))?(?!\w)"
)
_WORD_NAMED = re.compile(r"\b([a-z]{3,18})\s+(?:van )?([a-z]{3,9})\.?(?:,?\s+(\d{4}))?\b")
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?\b(?![.,]?\d)")
_NUMBERS = re.compile(r"\b(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{4}|\d{2}))?\b")
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_AMOUNT = re.compile(
    r"(?<![\d.,])(?:(?P<dutch>\d{1,3}(?:\.\d{3})+)|(?P<english>\d{1,3}(?:,\d{3})+)|(?P<plain>\d{1,7}))"
    r"(?:[.,](?P<cents>\d{2}|-{1,2})(?!\d))?(?![.,]?\d)"
)
_SPOKEN_AMOUNT = re.compile(r"\b([a-zë]{3,60}(?: (?:en )?[a-zë]{3,40})?) (?:euro|eur)\b")
_THIS_NOT_THAT = re.compile(
    r"\b(?:geen|niet|nie|not|nie jest|değil|ليس|не)\b.{1,60}?(?:\bmaar\b|\bbut\b|\bale\b|\bama\b|لكن|\bа\b)(.+)"
)
HALF_YEAR = timedelta(days=183)
LONGEST = 500
"""Characters of a line that are looked at; a date is never said in more."""


def said_date(text: str, today: date) -> date | None:
    """Return the one date in a resident's line; None when there is none, or more than one.

    A day without a year is the nearest such day to `today`, not more than half a year away. "Not the 3rd but the 5th"
    names the 5th.
    """
    short = _plain(text)
    found = _dates(short, today)
    if len(found) > 1 and (meant := _THIS_NOT_THAT.search(short)):
        found = _dates(meant[1], today)
    return found.pop() if len(found) == 1 else None


def _plain(text: str) -> str:
    """Return the first part of a line in small letters, with ordinary digits, and months of two words as one."""
    short = unicodedata.normalize("NFC", text[:LONGEST].replace("İ", "i").lower())
    short = "".join(str(unicodedata.digit(sign)) if sign.isdigit() and not sign.isascii() else sign for sign in short)
    # Joined by a stretch mark, which counts as a letter where an underscore does not.
    return re.sub(r"(تشرين|كانون) (ال(?:أول|اول|ثاني))", r"\1ـ\2", short)


def _month(word: str) -> int | None:
    return MONTHS.get(word) or MONTHS.get(word.replace("ـ", "_"))


def _dates(short: str, today: date) -> set[date]:
    found: set[date] = set()
    for match in _ISO.finditer(short):
        _add(found, int(match[3]), int(match[2]), match[1], today)
    if found:
        return found
    rest = short
    for match in _NAMED.finditer(short):
        if (month := _month(match[2])) is not None:
            _add(found, int(match[1]), month, match[3], today)
            rest = rest.replace(match[0], " ")
    for match in _WORD_NAMED.finditer(rest):
        if match[1] in _DAY_WORDS and (month := _month(match[2])) is not None:
            _add(found, _DAY_WORDS[match[1]], month, match[3], today)
    for match in _MONTH_FIRST.finditer(rest):
        if (month := _month(match[1])) is not None:
            _add(found, int(match[2]), month, match[3], today)
    for match in _NUMBERS.finditer(short):
        _add(found, int(match[1]), int(match[2]), match[3], today)
    if not found:
        for days, words in _NEAR_DAYS:
            if re.search(rf"(?<!\w)(?:{words})(?!\w)", short):
                return {today + timedelta(days=days)}
    return found


def _add(found: set[date], day: int, month: int, year: str | None, today: date) -> None:
    years = (
        [int(year) if len(year) == 4 else 2000 + int(year)] if year else [today.year - 1, today.year, today.year + 1]
    )
    options: list[date] = []
    for each in years:
        try:
            options.append(date(each, month, day))
        except ValueError:
            continue
    if year is None:
        options = [option for option in options if abs(option - today) <= HALF_YEAR]
    if options:
        found.add(min(options, key=lambda option: abs(option - today)))


def said_amount(text: str) -> Decimal | None:
    """Return the one amount in euros in a resident's line; None when there is none, or more than one.

    Cents stand behind a comma or a point; Dutch may be written out ("honderdtwintig euro").
    """
    short = _plain(text)
    found = _amounts(short)
    if len(found) > 1 and (meant := _THIS_NOT_THAT.search(short)):
        found = _amounts(meant[1])
    return found.pop() if len(found) == 1 else None


def _amounts(short: str) -> set[Decimal]:
    found: set[Decimal] = set()
    for match in _AMOUNT.finditer(short):
        whole = (match["dutch"] or match["english"] or match["plain"]).replace(".", "").replace(",", "")
        cents = match["cents"] if match["cents"] and match["cents"].isdigit() else "00"
        found.add(Decimal(f"{whole}.{cents}"))
    if not found:
        for match in _SPOKEN_AMOUNT.finditer(short):
            words = match[1].split()
            number = _number(match[1]) or _number(words[-1])
            if number:
                found.add(Decimal(f"{number}.00"))
    return found


def _number(words: str) -> int | None:
    """Return the whole number from 1 to 99,999 that Dutch words say, None when they say none."""
    left = words.replace("ë", "e").replace(" en ", "").replace(" ", "")
    total = 0
    for unit, size in (("duizend", 1000), ("honderd", 100)):
        before, split, left_over = left.partition(unit)
        if split:
            many = _SPOKEN.get(before, 1 if not before else None)
            if many is None:
                return None
            total += many * size
            left = left_over.removeprefix("en")
    if not left:
        return total or None
    return total + _SPOKEN[left] if left in _SPOKEN else None
