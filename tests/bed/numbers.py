"""Fictitious numbers that pass the checks of real ones: IBAN, betalingskenmerk, BSN."""

from __future__ import annotations

import re

_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)


def passes_bank_check(account: str) -> bool:
    """Return whether a ten-digit account number passes the banks' own 11-proef (weights 10 down to 1)."""
    return sum(int(d) * w for d, w in zip(account, range(10, 0, -1), strict=True)) % 11 == 0


def fictitious_iban(bank_and_account: str) -> str:
    """Return an IBAN in groups of four whose modulus 97 is right but that no bank can have issued.

    Args:
        bank_and_account: four letters and ten digits, blanks allowed: "INGB 0009 1234 56". The last digit is raised
            until the account fails the banks' own 11-proef, so that nobody's real account is printed.
    """
    raw = bank_and_account.replace(" ", "")
    bank, account = raw[:4], raw[4:]
    if not re.fullmatch(r"[A-Z]{4}\d{10}", raw):
        raise ValueError(f"not four letters and ten digits: {bank_and_account!r}")
    while passes_bank_check(account):
        account = f"{(int(account) + 1) % 10**10:010d}"
    digits = "".join(str(int(c, 36)) for c in bank + account + "NL00")
    whole = f"NL{98 - int(digits) % 97:02d}{bank}{account}"
    return " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))


def iban_is_valid(iban: str) -> bool:
    """Return whether the modulus 97 of an IBAN is 1; blanks are ignored."""
    raw = iban.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in raw[4:] + raw[:4])) % 97 == 1


def kenmerk16(fifteen: str) -> str:
    """Return a betalingskenmerk of sixteen digits in groups of four, its check digit in front of `fifteen`."""
    tail = fifteen.replace(" ", "")
    if not re.fullmatch(r"\d{15}", tail):
        raise ValueError(f"not fifteen digits: {fifteen!r}")
    total = sum(int(d) * _WEIGHTS[i % 10] for i, d in enumerate(reversed(tail)))
    check = 11 - total % 11
    whole = str({10: 1, 11: 0}.get(check, check)) + tail
    return " ".join(whole[i : i + 4] for i in range(0, 16, 4))


def bsn_is_valid(bsn: str) -> bool:
    """Return whether nine digits pass the 11-proef of the burgerservicenummer."""
    digits = [int(c) for c in bsn if c.isdigit()]
    return len(digits) == 9 and sum(d * w for d, w in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0
