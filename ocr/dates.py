"""Dutch dates on paper, in figures and in words, with what speaks for and against each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ocr.lines import plain

MONTHS = {
    "januari": 1, "jan": 1, "februari": 2, "feb": 2, "febr": 2, "maart": 3, "mrt": 3, "april": 4, "apr": 4, "mei": 5,
    "juni": 6, "jun": 6, "juli": 7, "jul": 7, "augustus": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9,
    "oktober": 10, "okt": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
    "january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7, "august": 8, "october": 10, "oct": 10,
}  # fmt: skip

WEEKDAYS = {
    "maandag": 0, "dinsdag": 1, "woensdag": 2, "donderdag": 3, "vrijdag": 4, "zaterdag": 5, "zondag": 6,
    "ma": 0, "di": 1, "wo": 2, "do": 3, "vr": 4, "za": 5, "zo": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip

_UNITS = ["", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
_TEENS = ["tien", "elf", "twaalf", "dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien"]
_TENS = {
    20: "twintig",
    30: "dertig",
    40: "veertig",
    50: "vijftig",
    60: "zestig",
    70: "zeventig",
    80: "tachtig",
    90: "negentig",
}


def _cardinal(number: int) -> str:
    """Return a number below 100 in Dutch words, without accents."""
    if number < 10:
        return _UNITS[number]
    if number < 20:
        return _TEENS[number - 10]
    tens, unit = number // 10 * 10, number % 10
    return (_UNITS[unit] + "en" if unit else "") + _TENS[tens]


def _ordinal(number: int) -> str:
    special = {1: "eerste", 3: "derde", 8: "achtste"}
    if number in special:
        return special[number]
    if number % 100 >= 20:
        return _cardinal(number) + "ste"
    return _cardinal(number) + "de"


NUMBER_WORDS = {_cardinal(n): n for n in range(1, 100)} | {"anderhalve": 1}
ORDINALS = {_ordinal(n): n for n in range(1, 32)}
_DAY_WORDS = ORDINALS | {_cardinal(n): n for n in range(1, 32)}
_YEAR_WORDS = {f"tweeduizend{middle}{_cardinal(n)}": 2000 + n for n in range(1, 60) for middle in ("", "en")}

_LOOKALIKES = str.maketrans(
    {"o": "0", "q": "0", "l": "1", "i": "1", "|": "1", "!": "1", "z": "2", "s": "5", "b": "6", "g": "9"}
)
_LOOKALIKES_UPPER = str.maketrans(
    {"O": "0", "Q": "0", "D": "0", "I": "1", "l": "1", "|": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
)

_DAY = re.compile(r"^\(?([0-9oOlIi|!qQzZsSbBgG]{1,2})(?:e|de|ste|sten|th|st|nd|rd)?[.,]?$")
_SIX = frozenset({"ó", "ô", "6e"})
"""What a lone 6 before a month is read as."""
_REAL_WORDS = frozenset({"is", "zo"})
"""Words of figures' look-alikes that are words: "de eerste maand is december" is not the fifteenth."""
_YEAR = re.compile(r"^'?([0-9oOlI|zZsSbBgGqQ]{4}|[0-9]{2})\)?[.,;:)]*$")
_NUMERIC = re.compile(r"^\(?([0-9OolI|]{1,2})([-/.])([0-9OolI|]{1,2})\2([0-9OolI|S]{4}|[0-9OolI|S]{2})[).,;:]*$")
_ISO = re.compile(r"^\(?(20[0-9]{2})-([0-9]{2})-([0-9]{2})[).,;:]*$")
_TRIM = ".,;:?!()[]'`\""
_PART_OF_DAY = re.compile("(?<=dag)(?:ochtend|morgen|middag|avond)$")


@dataclass(frozen=True, slots=True)
class DateSeen:
    """A date in a run of words.

    `first` and `last` are places in that run (inclusive). `year` is None when the paper prints none. `weekday_right`
    tells whether a printed weekday matches (None: none printed). `repaired` is True when a letter was read as a
    figure or a month name was misspelt. `inferred` is True for a day whose month stands only in the date of the letter,
    `half` for one whose month or year was half read (see `half_dates`): it is never sure.
    """

    first: int
    last: int
    day: int
    month: int
    year: int | None
    weekday_right: bool | None = None
    repaired: bool = False
    in_words: bool = False
    weekday: int | None = None
    inferred: bool = False
    half: bool = False

    def on(self, reference: date | None) -> date | None:
        """Return the date; without a printed year the first one on or after `reference`."""
        if self.year is not None:
            return date(self.year, self.month, self.day)
        if reference is None:
            return None
        for year in (reference.year, reference.year + 1, reference.year + 2, reference.year + 3, reference.year + 4):
            try:
                found = date(year, self.month, self.day)
            except ValueError:
                continue
            if found >= reference and (self.weekday is None or found.weekday() == self.weekday):
                return found
        return None


def _digits(text: str) -> tuple[str, bool]:
    """Return `text` with look-alike letters as figures, and whether any was changed."""
    if text.isdigit():
        return text, False
    turned = text.translate(_LOOKALIKES_UPPER)
    if not turned.isdigit():
        turned = plain(text).translate(_LOOKALIKES)
    return turned, True


@lru_cache(maxsize=4096)
def month_of(word: str) -> tuple[int, bool] | None:
    """Return the month (1..12) that `word` names and whether its spelling had to be repaired; None when it is none."""
    text = plain(word).strip(_TRIM)
    if text in MONTHS:
        return MONTHS[text], False
    if len(text) < 3 or len(text) > 12 or not any(c.isalpha() for c in text):
        return None
    if text in {"rnei", "me1", "mel", "nei", "mej"}:
        return 5, True
    if len(text) < 4:
        return None
    turned = text.replace("0", "o").replace("1", "i").replace("5", "s").replace("rn", "m").replace("|", "l")
    allowed = 1 if len(turned) < 7 else 2
    best: tuple[int, int] | None = None
    for name, number in MONTHS.items():
        if len(name) < 4 or abs(len(name) - len(turned)) > allowed:
            continue
        distance = letters_apart(name, turned, allowed)
        if distance <= allowed and (best is None or distance < best[0]):
            best = (distance, number)
    if best is None or text in {"juist", "maar", "maart.", "april"} or turned in {"maar", "mart", "junior", "juni"}:
        return (MONTHS[turned], True) if turned in MONTHS else None
    return best[1], True


def letters_apart(one: str, other: str, limit: int) -> int:
    """Return the edit distance of two short words, or limit + 1 when it is larger."""
    before = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
        if min(row) > limit:
            return limit + 1
        before = row
    return before[-1]


def _year(text: str) -> tuple[int, bool] | None:
    match = _YEAR.match(text)
    if not match:
        return None
    digits, changed = _digits(match.group(1))
    if not digits.isdigit():
        return None
    year = int(digits)
    if len(digits) == 2:
        return (2000 + year, changed) if "'" in text or 15 <= year <= 49 else None
    return (year, changed) if 1900 <= year <= 2099 else None


def _day(text: str) -> tuple[int, bool] | None:
    """Return the day (1..31) that a word names and whether look-alike letters were turned; None when it is none."""
    if text in _SIX:
        return 6, True
    match = _DAY.match(text)
    if match and text.lower() not in _REAL_WORDS:
        digits, changed = _digits(match.group(1))
        if digits.isdigit() and 1 <= int(digits) <= 31:
            return int(digits), changed
    word = _day_word(text)
    return (_DAY_WORDS[word], False) if word else None


def _day_word(text: str) -> str | None:
    """Return the day in words ("twaalfde", "een") that a word is, in small letters; None for any other word."""
    word = text.strip(_TRIM).lower()
    word = word if word.isascii() else plain(word)
    return word if word in _DAY_WORDS else None


def _exists(day: int, month: int, year: int | None) -> bool:
    try:
        date(year if year is not None else 2024, month, day)
    except ValueError:
        return False
    return True


def _with_weekday(texts: Sequence[str], seen: DateSeen) -> DateSeen:
    """Return the date with the weekday printed before it, checked."""
    if seen.first == 0:
        return seen
    before = plain(texts[seen.first - 1]).strip(_TRIM)
    first = seen.first
    if before in {"de", "the"} and first > 1:
        before, first = plain(texts[first - 2]).strip(_TRIM), first - 1
    weekday = WEEKDAYS.get(_PART_OF_DAY.sub("", before))
    if weekday is None or (len(before) == 2 and not texts[first - 1][:1].islower() and before in {"do", "zo"}):
        return seen
    right = None if seen.year is None else date(seen.year, seen.month, seen.day).weekday() == weekday
    return DateSeen(first - 1, seen.last, seen.day, seen.month, seen.year, right, seen.repaired, seen.in_words, weekday)


@lru_cache(maxsize=4096)
def _may_hold_day(text: str) -> bool:
    """Return whether a word can name a day or begin a date in figures; most words cannot, and cost no more time."""
    return (
        _HAS_FIGURE.search(text) is not None
        or (text[:1] in _LIKE_FIGURES and len(text) < 7 and (text in _SIX or _DAY.match(text) is not None))
        or _day_word(text) is not None
    )


def find_dates(texts: Sequence[str]) -> list[DateSeen]:
    """Return the dates in a run of words, in order, not overlapping."""
    found: list[DateSeen] = []
    taken = -1
    for index, text in enumerate(texts):
        # Nearly every word ends here: no time is lost on it.
        if index <= taken or not _may_hold_day(text):
            continue
        seen = _numeric(texts, index) or _glued(texts, index) or _named(texts, index)
        if seen is None:
            continue
        seen = _with_weekday(texts, seen)
        if seen.first <= taken:
            continue
        found.append(seen)
        taken = seen.last
    return found


def _numeric(texts: Sequence[str], index: int) -> DateSeen | None:
    text = texts[index]
    after = texts[index + 1][:1] if index + 1 < len(texts) else ""
    if text.isalnum() and (len(text) > 2 or not (after.isdigit() or after in _PARTS)):
        return None  # a year, a postcode, a word: no date in figures begins without its dash
    if not text[:1].isdigit() and (text[:1] not in "(OolI|dD'" or not (len(text) < 3 or _HAS_FIGURE.search(text))):
        return None
    text = _DASHED.sub("-", text)
    text, colon = _COLON.subn(r"\1\3\2\3\4", text)
    text = _SAID.sub("", text).replace("'", "") if len(text) < 20 else text
    last = index
    if not text[:1].isdigit() and text[:1] not in "(OolI|":
        return None
    iso = _ISO.match(text)
    if iso:
        year, month, day = (int(g) for g in iso.groups())
        return DateSeen(index, index, day, month, year) if 1 <= month <= 12 and _exists(day, month, year) else None
    match = _NUMERIC.match(text)
    if not match and len(text) <= 6 and (text[-1:] in "-/." or after.isdigit() or after in _PARTS):
        # "12-11- 2026", "12 - 11 - 2026"
        for extra in (1, 2, 4):
            if index + extra >= len(texts):
                break
            joined = "".join(texts[index : index + extra + 1])
            if len(joined) > 12:
                break
            if sum(joined.count(s) for s in "-/.") < 2:
                continue
            match = _NUMERIC.match(joined)
            if match and match.group(2) != "." or match and extra == 4:
                last = index + extra
                break
            match = None
    if not match:
        return None
    day_text, _, month_text, year_text = match.groups()
    (day_digits, a), (month_digits, b), (year_digits, c) = _digits(day_text), _digits(month_text), _digits(year_text)
    if not (day_digits.isdigit() and month_digits.isdigit() and year_digits.isdigit()):
        return None
    year = int(year_digits) + (2000 if len(year_digits) == 2 else 0)
    day, month = int(day_digits), int(month_digits)
    if not (1900 <= year <= 2099 and 1 <= month <= 12) or not _exists(day, month, year):
        return None
    return DateSeen(index, last, day, month, year, repaired=a or b or c or bool(colon))


_COUNTED = frozenset({"euro", "euro's", "eur", "cent", "uur", "procent", "personen", "stuks", "dagen", "weken"})
_LIKE_FIGURES = frozenset("(óôoOlIi|!qQzZsSbBgG")
_HAS_LETTERS = re.compile("[^\\W\\d_]{3}")
_HAS_FIGURE = re.compile("[0-9]")
_PARTS = frozenset("-/.\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_DASHED = re.compile("[\u2010-\u2015\u2212]")
_COLON = re.compile(r"^(\(?\d{1,2}):(\d{1,2})([-/])(\d{4})")
"""A dash of which the print is smudged: "17:11-2026"."""
_SAID = re.compile(r"^\(?d\.?d\.?:?(?=\d)", re.IGNORECASE)
_DASHED_NAME = re.compile(r"^\(?([0-9]{1,2})[-/.]([a-z]{3,9})\.?[-/.]'?([0-9]{4}|[0-9]{2})[).,;:]*$")
_MONTH_AND_YEAR = re.compile(r"^([a-z]{3,9})\.?([0-9]{4})[).,;:]*$")
_GLUED = re.compile(r"^\(?([0-9]{1,2})([a-z]{3,9})\.?([0-9]{4})?[).,;:]*$")


def _named(texts: Sequence[str], index: int) -> DateSeen | None:
    """Return the date whose day stands at `index`: "12 november 2026", "de twaalfde november", "November 12, 2026"."""
    day = _day(texts[index])
    if day is None:
        return None
    if texts[index].endswith(",") and (seen := _month_first(texts, index, day)):
        return seen
    first, index = index, index + 1
    if index + 1 < len(texts) and plain(texts[index]) == "of":
        index += 1  # "the 12th of November"
    if index == len(texts) or texts[index][:1].isdigit():
        return None
    month = month_of(texts[index])
    if month is None:
        return None
    number, changed = month
    last = index
    year_value: int | None = None
    in_words = _day_word(texts[first]) is not None
    repaired = changed or day[1]
    ended = texts[index][-1:] in {";", ":", ")"} or (texts[index].endswith(".") and len(texts[index].strip(".")) > 5)
    if index + 1 < len(texts) and not ended:
        year = _year(texts[index + 1])
        # "30 november, 31 december", "24 november 27 euro": a day of the next month and what is counted are no year.
        short = index + 2 < len(texts) and len(texts[index + 1].strip(_TRIM)) == 2
        listed = short and (month_of(texts[index + 2]) or plain(texts[index + 2]).strip(_TRIM) in _COUNTED)
        if year is not None and not listed:
            year_value, last = year[0], index + 1
            repaired = repaired or year[1]
        else:
            for length in (4, 3, 2, 1):
                word = "".join(plain(t).strip(_TRIM) for t in texts[index + 1 : index + 1 + length])
                if word in _YEAR_WORDS and index + length < len(texts):
                    year_value, last, in_words = _YEAR_WORDS[word], index + length, True
                    break
    if year_value is None and in_words:
        # "In het jaar tweeduizend zesentwintig, de achttiende november": old writs name the year first.
        stop = first - 1 if first and plain(texts[first - 1]).strip(_TRIM) in {"de", "den"} else first
        for length in (4, 3, 2, 1):
            word = "".join(plain(t).strip(_TRIM) for t in texts[max(0, stop - length) : stop])
            if stop >= length and word in _YEAR_WORDS:
                year_value, first = _YEAR_WORDS[word], stop - length
                break
    if not _exists(day[0], number, year_value):
        return None
    if year_value is None and changed:
        return None  # a misspelt word after a number, and no year: too little
    return DateSeen(first, last, day[0], number, year_value, repaired=repaired, in_words=in_words)


def _month_first(texts: Sequence[str], index: int, day: tuple[int, bool]) -> DateSeen | None:
    """Return the date of English letters whose day, at `index`, stands behind its month."""
    if index == 0 or index + 1 == len(texts) or not texts[index - 1][:1].isupper():
        return None
    month, year = month_of(texts[index - 1]), _year(texts[index + 1])
    if month is None or year is None or not _exists(day[0], month[0], year[0]):
        return None
    return DateSeen(index - 1, index + 1, day[0], month[0], year[0], repaired=month[1] or day[1] or year[1])


def _glued(texts: Sequence[str], index: int) -> DateSeen | None:
    """Return a date whose blanks were lost: "12november2026", "3december 2026"."""
    if not texts[index][:1].isdigit():
        return None
    after = texts[index + 1] if index + 1 < len(texts) else ""
    if not (_HAS_LETTERS.search(texts[index]) or after[:1].isalpha() and _HAS_FIGURE.search(after)):
        return None
    match = _GLUED.match(plain(texts[index]))
    dashed = _DASHED_NAME.match(_DASHED.sub("-", _SAID.sub("", plain(texts[index]))))
    if dashed and dashed.group(2) in MONTHS:
        day, month, year = int(dashed.group(1)), MONTHS[dashed.group(2)], int(dashed.group(3))
        year += 2000 if year < 100 else 0
        return DateSeen(index, index, day, month, year) if 1 <= day <= 31 and _exists(day, month, year) else None
    joined = _MONTH_AND_YEAR.match(plain(texts[index + 1])) if index + 1 < len(texts) else None
    if joined and joined.group(1) in MONTHS and (first := _day(texts[index])) and not first[1]:
        day, month, year = first[0], MONTHS[joined.group(1)], int(joined.group(2))
        return DateSeen(index, index + 1, day, month, year) if _exists(day, month, year) and year < 2100 else None
    if not match or match.group(2) not in MONTHS:
        return None
    day, month, last = int(match.group(1)), MONTHS[match.group(2)], index
    year = int(match.group(3)) if match.group(3) else None
    if year is None and index + 1 < len(texts):
        after = _year(texts[index + 1])
        if after:
            year, last = after[0], index + 1
    if not 1 <= day <= 31 or not _exists(day, month, year) or (year is not None and not 1900 <= year <= 2099):
        return None
    return DateSeen(index, last, day, month, year, repaired=True)


def same_date(text: str, value: date) -> bool | None:
    """Return whether another reader's text shows `value`; None when it shows no whole date at all."""
    texts = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", text).replace(".", ". ").split()
    for seen in [*find_dates(text.split()), *find_dates(texts)]:
        if seen.year is not None:
            return date(seen.year, seen.month, seen.day) == value
    return None
