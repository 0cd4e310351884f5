"""What a quick script would do with recognised text: keywords and first matches; the peer that Briefbrug must beat."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from tests.bed.numbers import iban_is_valid

MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
SENDERS = (
    ("gerechtsdeurwaarder", r"gerechtsdeurwaarder|exploot"),
    ("rechtbank", r"rechtbank|griffie"),
    ("cjib", r"cjib|justitieel incasso"),
    ("dienst_toeslagen", r"dienst toeslagen|toeslagen\.nl"),
    ("belastingdienst", r"belastingdienst"),
    ("cak", r"\bcak\b"),
    ("svb", r"\bsvb\b|sociale verzekeringsbank"),
    ("uwv", r"\buwv\b"),
    ("duo", r"\bduo\b|uitvoering onderwijs"),
    ("lbio", r"\blbio\b|onderhoudsbijdragen"),
    ("lokale_belastingen", r"waterschapsbelasting|parkeerbelasting|belastingkantoor|afvalstoffenheffing"),
    ("gemeente", r"gemeente|bijstand"),
    ("zorgverzekeraar", r"zorgverzeker|premie"),
    ("waterbedrijf", r"drinkwater|waterrekening|\bwater af\b"),
    ("energieleverancier", r"energie|stroom|gas\b"),
    ("telecom", r"abonnement|internet|mobiel"),
    ("bank", r"\bbank\b|krediet"),
    ("incassobureau", r"incasso"),
    ("woningcorporatie", r"huur|woning"),
    ("ziekenhuis_zorgverlener", r"tandarts|behandeling|nota"),
    ("school_kinderopvang", r"school|opvang|leerling"),
    ("reclame", r"aanbieding|korting|actie"),
)
KINDS = (
    ("ontruiming", r"ontruim"),
    ("dagvaarding", r"dagvaard"),
    ("dwangbevel", r"dwangbevel"),
    ("vonnis", r"vonnis"),
    ("beslag", r"beslag"),
    ("veertiendagenbrief", r"veertien dagen nadat|14 dagen nadat"),
    ("betalingsregeling", r"betalingsregeling"),
    ("terugvordering", r"terugvorder|terugbetalen"),
    ("afsluiting", r"afsluit|sluiten .* af"),
    ("boete", r"boete"),
    ("aanmaning", r"aanmaning"),
    ("herinnering", r"herinnering"),
    ("incasso", r"incasso"),
    ("aanslag", r"aanslag"),
    ("beschikking", r"besluit|beschikking"),
    ("uitnodiging", r"uitnodiging|oproep"),
    ("informatieverzoek", r"gegevens|informatie van u"),
    ("factuur", r"factuur|nota|rekening"),
    ("reclame", r"aanbieding|gratis"),
    ("informatie", r"."),
)
_DATE = rf"(\d{{1,2}})[ .\-/]+({'|'.join(MONTHS)}|\d{{1,2}})[ .\-/]+(20\d\d)"


def _date(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    day, month, year = match.groups()[-3:]
    try:
        number = MONTHS.index(month.lower()) + 1 if not month.isdigit() else int(month)
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return None


def naive_facts(text: str, path: str) -> dict[str, Any]:
    """Return one letter in the shape of `briefbrug read --json`; everything found is called sure."""
    low = text.lower()
    sender = next((code for code, cue in SENDERS if re.search(cue, low[:400])), None) or next(
        (code for code, cue in SENDERS if re.search(cue, low)), "onbekend"
    )
    kind = next(code for code, cue in KINDS if re.search(cue, low, re.DOTALL)) if low.strip() else "informatie"
    due = re.search(rf"(?:uiterlijk|v[oó][oó]r|vervaldatum|tot en met)\D{{0,25}}{_DATE}", low)
    total = re.search(r"(?:te betalen|totaal|bedrag)\D{0,60}?(\d{1,3}(?:\.\d{3})*,\d\d)", low) or re.search(
        r"€\s*(\d{1,3}(?:\.\d{3})*,\d\d)", low
    )
    ibans = [m.replace(" ", "") for m in re.findall(r"NL\d\d ?[A-Z]{4} ?(?:\d ?){10}", text)]
    reference = re.search(r"(?:kenmerk|nummer|dossier)\s*:?\s*([A-Z]{0,4}[\d][\w./ -]{4,22})", text)
    urgency = {
        "ontruiming": 1,
        "dwangbevel": 1,
        "beslag": 1,
        "afsluiting": 1,
        "vonnis": 1,
        "informatie": 4,
        "reclame": 4,
    }.get(kind, 2)
    facts: dict[str, Any] = {
        "pages": [path],
        "sender": sender,
        "kind": kind,
        "letter_date": _date(re.search(_DATE, low)),
        "deadline": _date(due),
        "amount": float(total[1].replace(".", "").replace(",", ".")) if total else None,
        "reference": reference[1].strip() if reference else None,
        "iban": next((i for i in ibans if iban_is_valid(i)), None),
        "urgency": urgency,
        "evidence": {},
    }
    facts["sure"] = {
        name: facts[name] is not None
        for name in ("sender", "kind", "letter_date", "deadline", "amount", "reference", "iban", "urgency")
    }
    return facts


def naive_report(texts: dict[str, str]) -> dict[str, Any]:
    """Return the whole object for recognised texts by path, ranked by level and then by date."""
    letters = [naive_facts(text, path) for path, text in texts.items()]
    letters.sort(key=lambda one: (one["urgency"], one["deadline"] or "9"))
    for rank, letter in enumerate(letters, start=1):
        letter["rank"] = rank
    return {"letters": letters, "unread": []}
