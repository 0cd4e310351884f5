"""Account numbers and references on paper: found by label and format, proven by their check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ocr.cues import cues

_CUES = cues("accounts")

IBAN_LENGTH = 18

BANKS = _CUES.words["banks"]

_TO_DIGIT = str.maketrans(
    {
        "O": "0",
        "Q": "0",
        "D": "0",
        "U": "0",
        "I": "1",
        "L": "1",
        "|": "1",
        "!": "1",
        "Z": "2",
        "S": "5",
        "G": "6",
        "B": "8",
    }
)
_TO_LETTER = str.maketrans({"0": "O", "1": "I", "8": "B", "5": "S", "6": "G", "2": "Z", "4": "A", "|": "I"})


def iban_is_valid(iban: str) -> bool:
    """Return whether a Dutch IBAN without blanks has the right shape and check digits (modulus 97 is 1)."""
    if not re.fullmatch(r"NL\d{2}[A-Z]{4}\d{10}", iban):
        return False
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def kenmerk_is_valid(digits: str) -> bool:
    """Return whether sixteen digits are a betalingskenmerk: the first is the check digit (modulus 11)."""
    if not re.fullmatch(r"\d{16}", digits):
        return False
    weights = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)
    total = sum(int(d) * weights[i % 10] for i, d in enumerate(reversed(digits[1:])))
    check = 11 - total % 11
    return int(digits[0]) == {10: 1, 11: 0}.get(check, check)


@dataclass(frozen=True, slots=True)
class IbanSeen:
    """An IBAN at places `first` to `last` of a run of words; `repaired` when look-alike characters were set right.

    `half` when one figure was not read and the check digits alone tell it: such a one is never sure.
    """

    first: int
    last: int
    value: str
    valid: bool
    repaired: bool
    half: bool = False


def one_unread(raw: str) -> str | None:
    """Return eighteen characters of which one figure was not read as the IBAN that the check digits prove, or None."""
    upper = raw.upper()
    value = "NL" + upper[2:4].translate(_TO_DIGIT) + upper[4:8].translate(_TO_LETTER) + upper[8:].translate(_TO_DIGIT)
    unread = [place for place in (2, 3, *range(8, IBAN_LENGTH)) if not value[place].isdigit()]
    if len(unread) != 1 or value[4:8] not in BANKS:
        return None
    (place,) = unread
    fits = [v for figure in "0123456789" if iban_is_valid(v := value[:place] + figure + value[place + 1 :])]
    return fits[0] if len(fits) == 1 else None


def set_right(raw: str) -> tuple[str, bool]:
    """Return eighteen characters as an IBAN with letters and figures where they belong, and whether any changed.

    A bank's code with one wrong letter is set right only when exactly one known bank makes the check digits right.
    """
    upper = raw.upper()
    value = "NL" + upper[2:4].translate(_TO_DIGIT) + upper[4:8].translate(_TO_LETTER) + upper[8:].translate(_TO_DIGIT)
    if not iban_is_valid(value) and value[4:8] not in BANKS:
        near = [b for b in BANKS if sum(x != y for x, y in zip(b, value[4:8], strict=True)) == 1]
        fits = [v for b in near if iban_is_valid(v := value[:4] + b + value[8:])]
        if len(fits) == 1:
            value = fits[0]
    return value, value != raw


_HALF_NL = re.compile(r"^[Nn][.,:;'](\d\d)$")
"""The L of NL read as a speck: "N.11"."""
_SPECK = re.compile(r"^[_.,'-]{1,2}$")


@lru_cache(maxsize=4096)
def _begun(text: str) -> str | None:
    """Return the Dutch IBAN that begins in a word, as far as it stands there; None for nearly every word."""
    if half := _HALF_NL.match(text):
        return "NL" + half.group(1)
    cleaned = re.sub(r"[^0-9A-Za-z|!?]", "", text)
    at = re.search(r"(?:^|iban:?)(n[l1i|])", cleaned, re.IGNORECASE)
    return cleaned[at.start(1) :] if at else None


def find_ibans(texts: Sequence[str]) -> list[IbanSeen]:
    """Return the Dutch IBANs in a run of words; a wrong one is returned too, marked as not valid."""
    found: list[IbanSeen] = []
    taken = -1
    for index, text in enumerate(texts):
        if index <= taken:
            continue
        begun = _begun(text)
        if begun is None:
            continue
        joined, last, specks = begun, index, _HALF_NL.match(text) is not None
        while len(joined) < IBAN_LENGTH and last + 1 < len(texts) and last - index < 7:
            piece = re.sub(r"[^0-9A-Za-z|!?]", "", texts[last + 1])
            if _SPECK.match(texts[last + 1]) and len(joined) >= 4:
                specks, last = True, last + 1
                continue
            if not piece or len(piece) > IBAN_LENGTH:
                break
            joined, last = joined + piece, last + 1
        if len(joined) < IBAN_LENGTH or len(joined) > IBAN_LENGTH + 4:
            continue
        value, changed = set_right(joined[:IBAN_LENGTH])
        if len(joined) == IBAN_LENGTH and (told := one_unread(joined)):
            found.append(IbanSeen(index, last, told, True, True, half=True))
            taken = last
            continue
        if not re.fullmatch(r"NL\d{2}[A-Z]{4}\d{10}", value):
            continue
        if len(joined) > IBAN_LENGTH and not iban_is_valid(value):
            continue
        valid = iban_is_valid(value)
        if not valid and (specks or value[4:8] not in BANKS):
            continue
        found.append(IbanSeen(index, last, value, valid, changed))
        taken = last
    return found


def begun_ibans(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the places (first, last) of what begins like a Dutch IBAN and goes on in figures, but was not read as one."""
    found = {place for seen in find_ibans(texts) for place in range(seen.first, seen.last + 1)}
    for index, text in enumerate(texts):
        begun = None if index in found else _begun(text)
        if begun is None:
            continue
        joined, last = begun, index
        while last + 1 < len(texts) and len(joined) < IBAN_LENGTH and len(texts[last + 1]) <= IBAN_LENGTH - 4:
            joined, last = joined + re.sub(r"[^0-9A-Za-z]", "", texts[last + 1]), last + 1
        if sum(c.isdigit() for c in joined) >= HALF_FIGURES:
            yield index, last


HALF_FIGURES = 8
"""Figures of an IBAN's twelve from which its place is known."""
