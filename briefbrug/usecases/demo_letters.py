"""The invented letters of the demonstration, typed on a page with the place of every word."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from PIL import Image, ImageDraw, ImageFont

from briefbrug.letter import Action, Box, DeadlineClue, Found, LetterFacts, PageReading, Word

PAGE = (1000, 1414)
MARGIN, TEXT_PX, LINE_PX = 96, 23, 36


@dataclass(frozen=True, slots=True)
class DemoLetter:
    """An invented letter; days count from today. `lines` may hold {day}, {amount}, {iban}, {reference}."""

    sender: str
    sender_name: str
    kind: str
    title: str
    written_days_ago: int
    lines: tuple[str, ...]
    reference: str
    due_days: int | None = None
    regime: str = "on_or_before"
    action: Action | None = None
    amount: str | None = None


def demo_iban(digits: str) -> str:
    """Return an IBAN with right check digits of a bank that does not exist."""
    body = f"DEMO{digits}"
    number = int("".join(str(int(sign, 36)) for sign in f"{body}NL00"))
    return f"NL{98 - number % 97:02d}{body}"


MONTH_NAMES = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip


def _spoken(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


class _Sheet:
    """A typed page: draws lines and remembers where each word stands."""

    def __init__(self) -> None:
        self.picture = Image.new("RGB", PAGE, (253, 252, 249))
        self._draw = ImageDraw.Draw(self.picture)
        self._y = 80
        self._line = 0
        self.words: list[Word] = []

    def put(self, text: str, size: int = TEXT_PX) -> tuple[Word, ...]:
        """Write a line and return its words with their boxes."""
        font = ImageFont.load_default(size)
        x, here = float(MARGIN), list[Word]()
        for part in text.split():
            x0, y0, x1, y1 = self._draw.textbbox((x, self._y), part, font=font)
            self._draw.text((x, self._y), part, font=font, fill=(38, 38, 44))
            here.append(Word(part, Box(int(x0), int(y0), int(x1) + 1, int(y1) + 1), 96.0, 0, self._line))
            x = x1 + size * 0.32
        self._y += int(size * 1.55)
        self._line += 1
        self.words += here
        return tuple(here)

    def skip(self, lines: int = 1) -> None:
        """Leave lines empty."""
        self._y += LINE_PX * lines

    def bar(self, colour: tuple[int, int, int]) -> None:
        """Draw a plain bar at the head of the page, where a sender would have a logo."""
        self._draw.rectangle((0, 0, PAGE[0], 18), fill=colour)

    def jpeg(self) -> bytes:
        """Return the page as a JPEG."""
        out = io.BytesIO()
        self.picture.save(out, "JPEG", quality=86)
        return out.getvalue()


def typed_letter(letter: DemoLetter, today: date) -> tuple[bytes, PageReading, LetterFacts]:
    """Return the page image of an invented letter, its reading and its facts with their proof."""
    sheet = _Sheet()
    sheet.bar((96, 110, 140))
    written = today - timedelta(days=letter.written_days_ago)
    due = None if letter.due_days is None else today + timedelta(days=letter.due_days)
    amount = Decimal(letter.amount) if letter.amount else None
    iban = demo_iban(f"{sum(map(ord, letter.reference)) % 10_000_000_000:010d}") if amount else None
    name = sheet.put(letter.sender_name, 34)
    sheet.skip(2)
    sheet.put("Aan de bewoner van dit adres")
    sheet.skip()
    dated = sheet.put(f"Datum: {_spoken(written)}")
    quoted = sheet.put(f"Kenmerk: {letter.reference}")
    sheet.skip()
    title = sheet.put(letter.title, 28)
    sheet.skip()
    shown = {
        "day": _spoken(due) if due else "",
        "amount": f"{amount:.2f}".replace(".", ",") if amount else "",
        "iban": iban or "",
        "reference": letter.reference,
    }
    found: dict[str, tuple[Word, ...]] = {}
    for line in letter.lines:
        words = sheet.put(line.format(**shown))
        for mark in ("day", "amount", "iban"):
            if f"{{{mark}}}" in line:
                found.setdefault(mark, words)
        if not line:
            sheet.skip()
    reading = PageReading(PAGE[0], PAGE[1], tuple(sheet.words), mean_confidence=96.0)
    clues = (
        (Found(DeadlineClue(letter.regime, printed=due, action=letter.action), found.get("day", ()), sure=True),)
        if due
        else ()
    )
    facts = LetterFacts(
        sender=Found(letter.sender, name, sure=True),
        sender_name=Found(letter.sender_name, name, sure=True),
        kind=Found(letter.kind, title, sure=True),
        letter_date=Found(written, dated, sure=True),
        clues=clues,
        amount=Found(amount, found.get("amount", ()), sure=True) if amount else None,
        reference=Found(letter.reference, quoted, sure=True),
        iban=Found(iban, found.get("iban", ()), sure=True) if iban else None,
        words=tuple(sheet.words),
    )
    return sheet.jpeg(), reading, facts


EVICTION = DemoLetter(
    "woningcorporatie", "Woonstichting De Akker", "ontruiming", "Aankondiging ontruiming", 9,
    (
        "Geachte heer of mevrouw,", "", "De rechter heeft besloten dat u uw woning moet verlaten.",
        "Wij ontruimen uw woning op {day} om 10.00 uur.", "De huurschuld is nu {amount} euro.",
        "Betaalt u alles voor die dag? Dan gaat de ontruiming niet door.", "Rekeningnummer: {iban}", "",
        "Bel ons als u hulp zoekt.", "Met vriendelijke groet,", "Afdeling Huur",
    ),
    "HUUR-204417", 5, "event_date", None, "2486.40",
)  # fmt: skip
RENT = DemoLetter(
    "woningcorporatie", "Woonstichting De Akker", "aanmaning", "Aanmaning huur", 48,
    (
        "Geachte heer of mevrouw,", "", "U heeft de huur van september nog niet betaald.",
        "Betaal {amount} euro uiterlijk op {day}.", "Rekeningnummer: {iban}", "", "Met vriendelijke groet,",
    ),
    "HUUR-204417", -34, "on_or_before", Action.BETALEN, "1243.20",
)  # fmt: skip
CARE = DemoLetter(
    "cak", "CAK", "dwangbevel", "Dwangbevel bestuursrechtelijke premie", 6,
    (
        "Geachte heer of mevrouw,", "", "U heeft de premie voor uw zorgverzekering niet betaald.",
        "Betaal {amount} euro uiterlijk op {day}.", "Daarna komt de deurwaarder.", "Rekeningnummer: {iban}",
    ),
    "CAK-77310-26", 12, "on_or_before", Action.BETALEN, "684.10",
)  # fmt: skip
ENERGY = DemoLetter(
    "energieleverancier", "Zonnestroom Energie", "afsluiting", "Wij sluiten uw stroom en gas af", 11,
    (
        "Geachte heer of mevrouw,", "", "U heeft nog een bedrag van {amount} euro open staan.",
        "Wij sluiten uw stroom en gas af op {day}.", "Betaal dit bedrag om dat te voorkomen.", "Rekeningnummer: {iban}",
    ),
    "KLANT-5580213", 8, "event_date", None, "391.75",
)  # fmt: skip
BENEFIT = DemoLetter(
    "uwv", "UWV", "informatieverzoek", "Wij hebben gegevens van u nodig", 7,
    (
        "Geachte heer of mevrouw,", "", "U krijgt een uitkering van ons. Wij willen uw gegevens controleren.",
        "Stuur ons uw loonstroken uiterlijk op {day}.", "Krijgen wij niets? Dan kan uw uitkering stoppen.",
    ),
    "WW-3319-208", 6, "on_or_before", Action.OPSTUREN,
)  # fmt: skip
FINE = DemoLetter(
    "cjib", "Centraal Justitieel Incassobureau", "boete", "Beschikking verkeersboete", 15,
    (
        "Geachte heer of mevrouw,", "", "U reed te hard op de Invalsweg in Voorbeeldstad.",
        "Betaal {amount} euro uiterlijk op {day}.", "Rekeningnummer: {iban}",
    ),
    "CJIB-1190-5521-7", 27, "on_or_before", Action.BETALEN, "114.00",
)  # fmt: skip
SCHOOL = DemoLetter(
    "duo", "Dienst Uitvoering Onderwijs", "informatie", "Uw studieschuld in 2027", 12,
    ("Geachte heer of mevrouw,", "", "Vanaf januari betaalt u elke maand evenveel.", "U hoeft nu niets te doen."),
    "DUO-60120",
)  # fmt: skip
