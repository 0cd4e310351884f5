"""Account numbers and references on paper: found by label and format, proven by their check digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.lines import plain

IBAN_LENGTH = 18

BANKS = frozenset(
    "ABNA ABNC AEGO ANDL ARBN ARSN ASNB ATBA BARC BCDM BCIT BICK BINK BITS BKCH BKMG BLGW BMEU BNGH BNPA BOFA BOFS BOTK BUNQ"
    " CHAS CITC CITI COBA DELE DEUT DHBN DNIB EBPB EBUR FBHL FLOR FRNX FROM FTSB FVLB GILL HAND HHBA HIFX HSBC INGB INSI ISAE ISBK KABA"
    " KASA KNAB KOEX KRED LOCY LOYD LPLN MHCB MODR MOYO NNBA NTSB NWAB PANX PCBC PNOW QNBA RABO RBRB REVO SBOS SHRE SNSB SOGE TRIO"
    " UBSW UGBI VOWA VPAY YOUR ZWLB ADYB SWNB".split()
)

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
    """An IBAN at places `first` to `last` of a run of words; `repaired` when look-alike characters were set right."""

    first: int
    last: int
    value: str
    valid: bool
    repaired: bool


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


def find_ibans(texts: Sequence[str]) -> list[IbanSeen]:
    """Return the Dutch IBANs in a run of words; a wrong one is returned too, marked as not valid."""
    found: list[IbanSeen] = []
    taken = -1
    for index, text in enumerate(texts):
        if index <= taken:
            continue
        cleaned = re.sub(r"[^0-9A-Za-z|!]", "", text)
        at = re.search(r"(?:^|iban:?)(n[l1i|])", cleaned, re.IGNORECASE)
        if at is None or len(cleaned) < 2:
            continue
        joined, last = cleaned[at.start(1) :], index
        while len(joined) < IBAN_LENGTH and last + 1 < len(texts) and last - index < 7:
            piece = re.sub(r"[^0-9A-Za-z|!]", "", texts[last + 1])
            if not piece or len(piece) > IBAN_LENGTH:
                break
            joined, last = joined + piece, last + 1
        if len(joined) < IBAN_LENGTH or len(joined) > IBAN_LENGTH + 4:
            continue
        value, changed = set_right(joined[:IBAN_LENGTH])
        if not re.fullmatch(r"NL\d{2}[A-Z]{4}\d{10}", value):
            continue
        if len(joined) > IBAN_LENGTH and not iban_is_valid(value):
            continue
        valid = iban_is_valid(value)
        if not valid and value[4:8] not in BANKS:
            continue
        found.append(IbanSeen(index, last, value, valid, changed))
        taken = last
    return found


# ---------------------------------------------------------------- references

_NR = r"(?:nummer|nr\.?|-nummer|code|kenmerk)?"
LABELS: tuple[tuple[re.Pattern[str], str, int], ...] = tuple(
    (re.compile(pattern), name, rank)
    for pattern, name, rank in (
        (r"betalings?[- ]?kenmerk|kenmerk (?:van (?:de|uw) )?betaling|acceptgirokenmerk|payment reference", "betalingskenmerk", 100),
        (r"cjib[- ]?(?:nummer|nr)", "cjib-nummer", 96),
        (r"\bomschrijving|vermelden bij betaling|mededeling(?:en)?:", "omschrijving", 90),
        (r"(?:incasso)?dossier[- ]?(?:nummer|nr\.?|kenmerk)|(?:ons )?dossier(?=:| (?:[a-z]{1,4} )?\S*\d|$)|file number", "dossiernummer", 88),
        (r"zaak[- ]?(?:/ ?rol)?[- ]?(?:nummer|nr\.?)|rol[- ]?(?:nummer|nr\.?)|zaak(?:nummer)? ?/ ?rekest", "zaaknummer", 86),
        (r"vordering(?:s|en)?[- ]?(?:nummer|nr\.?)", "vorderingsnummer", 82),
        (r"aanslag(?:biljet)?[- ]?(?:nummer|nr\.?)", "aanslagnummer", 80),
        (r"beschikkings?[- ]?(?:nummer|nr\.?)|besluit[- ]?(?:nummer|nr\.?)", "beschikkingsnummer", 78),
        (r"(?:factuur|nota|rekening-?nota|faktuur)[- ]?(?:nummer|nr\.?)|invoice (?:number|no\.?)", "factuurnummer", 76),
        (r"herinnerings?[- ]?(?:nummer|nr\.?)|aanmanings?[- ]?(?:nummer|nr\.?)", "herinneringsnummer", 60),
        (r"(?:klant|relatie|debiteur(?:en)?|polis|verzekerden?|verzekerings|huurder(?:s)?|huur|contract|client|client(?:en)?|subject|patient(?:en)?|leerling|lening|"
         r"hypotheek|krediet|registratie|lidmaatschaps|abonnements?|overeenkomst|correspondentie|cak|deelnemers?|aansluit)[- ]?(?:nummer|nr\.?)|customer (?:number|no\.?)", "klantnummer", 66),
        (r"\bons? kenmerk|\bonze? (?:referentie|ref\.?)|\bbriefkenmerk|\bbriefnummer|our ref(?:erence)?\.?", "ons kenmerk", 68),
        (r"\buw (?:kenmerk|referentie|ref\.?|brief van)|your ref(?:erence)?\.?", "uw kenmerk", 20),
        (r"\bkenmerk|\breferentie(?:nummer|code)?|\bref\.|\breference", "kenmerk", 67),
        (r"\b(?!rekening|telefoon|huis|meter|postbus|kvk|btw|bsn|burger|fax|mobiel|bank|pagina|kamer|toestel|route|sofi|serie|meld|informatie|service|nood)[a-z]{4,24}(?:nummer|nr\.?)(?![a-z])", "nummer", 58),
    )
)  # fmt: skip

CITE = re.compile(
    r"(?:noem(?:t u)?|zet|gebruik)(?: u)?(?: dan| altijd| daarbij)? (?:het|uw|ons|dit)|(?:onder |o\.v\.v\.?|ovv |met )?(?:vermelding van|vermeld(?!ing)(?:t u)?(?: (?:hierbij|daarbij|altijd|steeds|dan|bij (?:uw |de |elke )?\w+))*|quoting|with reference)(?: (?:het|de|uw|ons|onze|dit|your))?"
)

NOT_THESE = re.compile(
    r"\b(?:kvk|k\.v\.k\.|btw|bsn|burgerservicenummer|sofinummer|telefoon(?:nummer)?|tel\.?|fax|iban|bic|rekeningnummer|postbus|ean(?:-code)?|kenteken|postcode|geboortedatum|meternummer|agb)\b"
)

_ZAAK = re.compile(
    r"\d{5,10} ?[\\/|] ?(?:cv|vv|ej|wm|ha|ez) ?(?:expl|verz|rk|za) ?\d{2}[-/. ]\d{1,6}|c/\d{2}/\d{4,7} ?/ ?(?:ha za|kg za|ft rk|ft ea|ha rk|fa rk|jez rk|je rk) ?\d{2}[./-]\d{1,5}|\d{3}\.\d{3}\.\d{3}/\d{2}|\b[a-z]{3} \d{2}/\d{3,5}(?: [a-z]{2,8})?"
)
_VALUE_WORD = re.compile(r"^[(/]?(?=[^\s]*\d)[0-9A-Za-z][0-9A-Za-z.\-/\\_:*]*[0-9A-Za-z]?[).,;:]*$")
_PREFIX_WORD = re.compile(r"^[A-Z]{1,6}[-./]?$")
_GROUP = re.compile(r"^\d{2,6}[.,;:)]*$")


def value_at(texts: Sequence[str], index: int, limit: int = 6) -> tuple[int, int] | None:
    """Return first and last place of the reference that begins at `index`; None when none begins there.

    A reference is one word with figures, or groups of figures (1234 5678 ...), or capitals before figures (Z 26 1234).
    """
    if index >= len(texts):
        return None
    joined = " ".join(plain(t) for t in texts[index : index + 8])
    zaak = _ZAAK.match(joined)
    if zaak:
        count = len(zaak.group(0).split(" "))
        return index, min(len(texts) - 1, index + count - 1)
    first = index
    steps = 0
    while (
        index < len(texts)
        and steps < 2
        and _PREFIX_WORD.match(texts[index])
        and texts[index] not in {"EUR", "IBAN", "BIC", "U", "DE"}
    ):
        index += 1
        steps += 1
    if index >= len(texts) or not _VALUE_WORD.match(texts[index]):
        return None
    last = index
    if texts[index][-1] in ".,;:)" and texts[index][-1] != ":":
        return first, last
    while last + 1 < len(texts) and last + 1 - first < limit:
        word = texts[last + 1]
        joins = word in {"/", "\\", "-", "|"} and last + 2 < len(texts) and any(c.isdigit() for c in texts[last + 2])
        grows = _GROUP.match(texts[last].strip("(")) and _GROUP.match(word) and len(re.sub(r"\D", "", word)) <= 6
        if not (joins or grows or texts[last] in {"/", "\\", "-", "|"}):
            break
        last += 1
        if word[-1] in ".,;:)":
            break
    return first, last


def as_printed(texts: Sequence[str]) -> str:
    """Return the words of a reference as printed, without the punctuation around it."""
    return " ".join(texts).strip(" .,;:()")
