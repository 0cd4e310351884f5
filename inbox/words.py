"""The Dutch words of the desk and the monitor: codes, moments and amounts as professionals read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from briefbrug.clock import AMSTERDAM

MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip
DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")

WEEKDAY: Mapping[str, str] = {
    "monday": "ma",
    "tuesday": "di",
    "wednesday": "wo",
    "thursday": "do",
    "friday": "vr",
    "saturday": "za",
    "sunday": "zo",
}

URGENCY: Mapping[int, str] = {1: "Spoed", 2: "Snel", 3: "Plannen", 4: "Bewaren"}
URGENCY_TONE: Mapping[int, str] = {1: "danger", 2: "warning", 3: "info", 4: "neutral"}
URGENCY_ICON: Mapping[int, str] = {1: "alarm", 2: "clock", 3: "calendar", 4: "folder"}

STATUS: Mapping[str, str] = {
    "waiting": "Wacht op een mens",
    "speaking": "In gesprek",
    "handed_back": "Assistent praat verder",
    "closed": "Gesloten",
}

CRISIS: Mapping[str, str] = {
    "crisis_self_harm": "Tekenen van zelfdoding",
    "crisis_violence": "Onveilig thuis",
    "crisis_urgent_home": "Huis, eten of energie vandaag in gevaar",
    "crisis_medical": "Acuut medisch gevaar",
}

FIELD: Mapping[str, str] = {
    "sender": "Afzender",
    "kind": "Soort brief",
    "letter_date": "Datum van de brief",
    "deadline": "Uiterste dag",
    "amount": "Te betalen",
    "reference": "Kenmerk",
    "iban": "Rekeningnummer",
}

BASIS: Mapping[str, str] = {
    "explicit": "staat op de brief",
    "term": "berekend uit een termijn",
    "appointment": "afspraak op die dag",
}

UNKNOWN_DEADLINE: Mapping[str, str] = {
    "no_term": "Er staat geen termijn op de brief.",
    "letter_date_unknown": "De datum van de brief is niet gelezen.",
    "service_unknown": "De dag van betekening is niet bekend.",
    "phrase_unclear": "De zin over de termijn is niet duidelijk.",
    "calendar_too_short": "De dag ligt verder weg dan onze kalender.",
}

ACTION: Mapping[str, str] = {
    "betalen": "betalen of een regeling vragen",
    "reageren": "reageren",
    "bezwaar": "bezwaar maken",
    "verschijnen": "er zijn op die dag",
    "opsturen": "gegevens opsturen",
    "bellen": "bellen",
    "niets": "niets, bewaren",
}

SEVERITY: Mapping[str, str] = {
    "home": "het huis",
    "liberty": "vrijheid",
    "water": "water",
    "energy": "energie",
    "income": "inkomen",
    "bank_wage": "bankrekening of loon",
    "care": "zorg en verzekering",
    "rights_lost": "een recht",
    "money_increase": "geld: het wordt duurder",
    "none": "niets",
}

WAY: Mapping[str, str] = {
    "self": "Ik doe het zelf",
    "show_me": "Laat mij zien hoe het moet",
    "for_me": "Doe het nu voor mij",
    "another_way": "Op een andere manier",
}

OUTCOME: Mapping[str, str] = {
    "solved": "Opgelost",
    "arranged": "Regeling of afspraak gemaakt",
    "handed_on": "Verder geholpen door een ander met naam",
    "no_contact": "Geen contact meer gekregen",
    "other": "Anders",
}

HELP: Mapping[str, str] = {
    "paid": "Geld of boodschappen gegeven",
    "arranged": "Regeling getroffen",
    "stopped": "Dreiging gestopt",
    "applied": "Aanvraag gedaan",
    "visited": "Langs geweest",
    "other": "Iets anders dat hielp",
}

PAYMENT: Mapping[str, str] = {"asked": "wacht op een tweede paar ogen", "paid": "betaald", "refused": "niet gedaan"}

REASON: Mapping[str, tuple[str, str]] = {
    "need": ("1. Wat is er nodig?", "Hoogstens twee zinnen."),
    "help": ("2. Wat zou echt helpen?", "Hoogstens twee zinnen."),
    "effects": ("3. Wat zijn de gevolgen?", "Van wel en van niet doen. Hoogstens twee zinnen."),
    "law": ("4. Wat zegt de wet?", "Als laatste; mag leeg. Hoogstens twee zinnen."),
    "plain": ("Voor de inwoner, in gewone taal", "Hoogstens twee zinnen, zonder regels als reden."),
}

EVENT: Mapping[str, str] = {
    "sent": "Inwoner stuurde de zaak naar een mens",
    "assigned": "Zaak toegewezen",
    "viewed": "Zaak voor het eerst bekeken",
    "human_answered": "Antwoord aan de inwoner",
    "resident_wrote": "Bericht van de inwoner",
    "note": "Notitie voor collega's",
    "corrected": "Gegeven verbeterd",
    "letters_added": "Inwoner deelde meer brieven",
    "handed_back": "Terug naar de assistent",
    "other_person_asked": "Inwoner vroeg om een ander",
    "crisis": "Signaal van gevaar",
    "promise_broken": "Belofte niet gehaald; inwoner kreeg bericht",
    "consent_withdrawn": "Inwoner trok de toestemming in",
    "closed": "Zaak gesloten",
    "reopened": "Zaak weer open",
    "reminded": "Herinnering: de belofte loopt af",
    "helped": "Echte hulp gegeven",
    "reason_recorded": "Reden vastgelegd",
    "reason_shared": "Reden gedeeld met de inwoner",
    "fund_asked": "Betaling uit het potje gevraagd",
    "fund_paid": "Betaald uit het potje",
    "fund_refused": "Betaling niet gedaan",
    "signal_given": "Signaal aan beleid",
    "consult_asked": "Collega om raad gevraagd",
    "consult_answered": "Collega gaf raad",
    "waiting_elsewhere": "Wacht op een andere organisatie",
    "waiting_ended": "Andere organisatie antwoordde",
    "step_planned": "Volgende stap afgesproken",
    "step_done": "Stap gedaan",
    "outcome_told": "Inwoner vertelde hoe het afliep",
}

EVENT_ICON: Mapping[str, str] = {
    "sent": "send", "assigned": "person", "viewed": "eye", "human_answered": "chat", "resident_wrote": "chat",
    "note": "note", "corrected": "pencil", "letters_added": "letter", "handed_back": "robot",
    "other_person_asked": "person",
    "crisis": "alarm", "promise_broken": "clock", "consent_withdrawn": "lock", "closed": "check", "reopened": "reopen",
    "reminded": "clock", "helped": "heart", "reason_recorded": "note", "reason_shared": "eye", "fund_asked": "coins",
    "fund_paid": "coins", "fund_refused": "coins", "signal_given": "flag", "consult_asked": "chat",
    "consult_answered": "chat", "waiting_elsewhere": "hourglass", "waiting_ended": "hourglass",
    "step_planned": "calendar", "step_done": "check", "outcome_told": "heart",
}  # fmt: skip

WHY: Mapping[str, str] = {
    "same_person": "dezelfde medewerker als eerder",
    "stand_in": "vervanger",
    "language": "spreekt de taal",
    "expertise": "kent het onderwerp",
    "load": "minste open zaken",
    "first_team": "eerste team, geen wijk bekend",
    "other_person": "op verzoek van de inwoner",
    "colleague": "overgedragen door een collega",
    "account_ended": "collega werkt hier niet meer",
    "silent": "geen antwoord op tijd",
    "absent": "vervangt wie afwezig is",
    "lead": "leidinggevende: nog steeds geen antwoord",
    "crisis": "signaal van gevaar",
}

SOURCE_STATUS: Mapping[str, str] = {
    "verified": "Nagelezen in de bron",
    "known": "Vaste praktijk",
    "check": "Onzeker: eerst nagaan",
}

TERM_UNIT: Mapping[str, str] = {"days": "dagen", "weeks": "weken", "months": "maanden"}

ANCHOR: Mapping[str, str] = {
    "uitspraak": "de uitspraak",
    "bekendmaking": "de dag van sturen",
    "verzending": "de verzending",
    "betekening": "de betekening",
    "printed_date": "de datum op de brief",
    "ontvangst": "de ontvangst",
    "dagtekening": "de dagtekening",
    "event_date": "de dag zelf",
}

LETTER_STATE: Mapping[str, str] = {
    "not_mine": "Niet van de inwoner",
    "paid": "Al betaald, zegt de inwoner",
    "done": "Klaar",
}

AGE: Mapping[str, str] = {
    "day": "tot 1 dag",
    "three_days": "1 tot 3 dagen",
    "week": "3 tot 7 dagen",
    "longer": "langer dan een week",
}

PROBLEM: Mapping[str, str] = {
    "not_found": "Deze pagina is er niet, of u mag haar niet zien.",
    "not_allowed": "Dit mag niet. Misschien was de pagina te lang open. Ga terug en probeer het opnieuw.",
    "not_understood": "Dit kon niet worden opgeslagen. Controleer wat u invulde.",
    "date_not_understood": "Dat is geen datum. Schrijf bijvoorbeeld 3-12-2026.",
    "wrong_state": "Dit kan niet meer: de zaak is intussen veranderd.",
    "unexpected": "Er ging iets mis. Uw werk is niet opgeslagen. Probeer het opnieuw.",
}

PHOTO_PROBLEM: Mapping[str, str] = {
    "reading_too_slow": "Lezen duurde te lang.",
    "reading_too_heavy": "Lezen kostte te veel geheugen.",
    "file_missing": "De foto is niet goed binnengekomen.",
    "not_readable": "De woorden zijn niet te lezen.",
    "unexpected": "Lezen is vijf keer mislukt.",
}
"""Why the machine gave up on a photo; another reason is told in general."""

FILE_PROBLEM: Mapping[str, str] = {
    "file_empty": "Dit bestand is leeg.",
    "file_too_large": "Dit bestand is te groot.",
    "file_kind": "Dit is geen foto en geen PDF. Een ander soort bestand kan niet mee.",
    "file_damaged": "Dit bestand is beschadigd. Maak het opnieuw, of stuur er een foto van.",
    "picture_too_large": "Deze foto is te groot. Maak hem kleiner, of maak een nieuwe foto.",
    "pdf_encrypted": "Deze PDF heeft een wachtwoord. De inwoner kan hem zo niet lezen.",
    "pdf_too_many_pages": "Deze PDF heeft meer dan 30 bladzijden. Stuur alleen wat de inwoner nodig heeft.",
    "reading_too_slow": "Dit bestand duurt te lang om na te kijken. Stuur er een foto van.",
    "too_many": "Dat zijn te veel bestanden in een antwoord. Er passen er vijf in.",
}
"""Why a file cannot go with an answer, for the professional; nothing was sent then."""

TURNS = {0x202A + i for i in range(5)} | {0x2066 + i for i in range(4)} | {0x200E, 0x200F, 0x061C}


def visible(text: object) -> str:
    """Return a text with every sign that is invisible or turns the reading direction made visible.

    A first strong isolate and its end turn nothing round them; our own sentences hold them, and they go silently.
    """
    text = re.sub("[\u2068\u2069]", "", str(text))
    return "".join(
        f"⟨U+{ord(sign):04X}⟩"
        if ord(sign) in TURNS or (ord(sign) < 32 and sign not in "\n\t") or 127 <= ord(sign) < 160
        else sign
        for sign in str(text)
    )


def short_ref(ref: str) -> str:
    """Return the part of a reference that people say to each other: "A1B-2C3"."""
    tail = re.sub(r"[^0-9A-Fa-f]", "", ref.partition("-")[2])[:6].upper()
    return f"{tail[:3]}-{tail[3:]}" if len(tail) == 6 else ref


def day(value: date) -> str:
    """Return a day as "maandag 23 november 2026"."""
    return f"{DAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """Return a day as "23 november 2026"."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, now: datetime) -> str:
    """Return a moment as "vandaag 14.30 uur", "morgen 9.00 uur" or "do 26 november 9.00 uur"."""
    local, today = value.astimezone(AMSTERDAM), now.astimezone(AMSTERDAM).date()
    clock = f"{local.hour}.{local.minute:02d} uur"
    near = {-1: "gisteren", 0: "vandaag", 1: "morgen"}.get((local.date() - today).days)
    if near:
        return f"{near} {clock}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{DAYS[local.weekday()][:2]} {local.day} {MONTHS[local.month - 1]}{year} {clock}"


def span(seconds: float | None) -> str:
    """Return a length of time as "3 d 4 u", "2 u 10 min" or "5 min"; "-" when unknown."""
    if seconds is None:
        return "–"
    minutes = int(abs(seconds) // 60)
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} u" if hours else f"{days} d"
    if hours:
        return f"{hours} u {left} min" if left else f"{hours} u"
    return f"{left} min"


def working_span(seconds: float | None) -> str:
    """Return working time in hours and minutes; a working day is no fixed number of hours, so days are not used."""
    if seconds is None:
        return "–"
    hours, minutes = divmod(int(seconds // 60), 60)
    return f"{hours} u {minutes:02d} min" if hours else f"{minutes} min"


def percent(share: float | None) -> str:
    """Return a share of 0..1 as whole percents."""
    return "–" if share is None else f"{round(share * 100)}%"


def euros(amount: Decimal) -> str:
    """Return an amount as "€ 1.234,56"."""
    whole, cents = f"{amount:.2f}".split(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    groups: list[str] = []
    while digits:
        groups.insert(0, digits[-3:])
        digits = digits[:-3]
    return f"€ {sign}{'.'.join(groups)},{cents}"


def cents(amount: int) -> str:
    """Return an amount in cents as "€ 1.234,56"; whole euros without cents."""
    told = euros(Decimal(amount) / 100)
    return told.removesuffix(",00")


def spaced_iban(iban: str) -> str:
    """Return an IBAN in groups of four."""
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))


def month_name(code: str) -> str:
    """Return "november 2026" of "2026-11"."""
    year, _, month = code.partition("-")
    return f"{MONTHS[int(month) - 1]} {year}"


def time_left(promised: datetime, now: datetime) -> tuple[str, str]:
    """Return how a promise stands: its tone (late, soon, fine) and the words."""
    left = promised - now
    if left < timedelta():
        return "late", f"{span(left.total_seconds())} te laat"
    if left < timedelta(hours=1):
        return "soon", f"nog {span(left.total_seconds())}"
    return "fine", f"nog {span(left.total_seconds())}"
