"""The demonstration: an invented team with drawn faces, and a month of invented cases that makes the figures speak."""

from __future__ import annotations

import io
import json
import os
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from briefbrug.case import Actor, EventKind
from briefbrug.clock import AMSTERDAM, Clock
from briefbrug.handover import PROMISE_HOURS, promise_at
from briefbrug.house import House
from briefbrug.letter import Action, Box, DeadlineClue, Found, LetterFacts, PageReading, Word
from briefbrug.store.papers import READ
from briefbrug.store.tables import CaseRow, Fund, FundPayment, OutcomeWords, Professional, Resident, Signal, TimeSpent
from briefbrug.store.thread import HUMAN, MACHINE, RESIDENT, Said
from briefbrug.store.unit_of_work import Work, unit_of_work
from briefbrug.usecases.invented import (
    HARBOUR,
    LETTERS_BY_THREAT,
    NORTH,
    OTHER_LETTERS,
    QUOTES,
    RIVER,
    SIGNALS,
    THREAT_WEIGHTS,
)
from briefbrug.usecases.log_in import hash_password
from briefbrug.usecases.manage_team import FACE_PX, new_password
from briefbrug.usecases.report_help import ADMINISTRATION, HELPING
from briefbrug.usecases.roster import team_hours
from briefbrug.usecases.signal import reply_due
from briefbrug.working_hours import after_working_time

LOGINS_FILE = "demo-logins.txt"
DEMO_DOOR = "demonstration"
SEED = 20261121
MONTHS_BACK = 5
CASES_A_MONTH = (22, 27, 31, 36, 33, 41)
"""Cases per month, the oldest first; the last is the running month."""


@dataclass(frozen=True, slots=True)
class Face:
    """How an invented professional is drawn; colours are RGB."""

    skin: tuple[int, int, int]
    hair: tuple[int, int, int]
    coat: tuple[int, int, int]
    back: tuple[int, int, int]
    style: str
    glasses: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """An invented professional."""

    email: str
    name: str
    role: str
    team: str
    roles: tuple[str, ...]
    face: Face
    languages: tuple[str, ...] = ("nl",)
    expertise: tuple[str, ...] = ()
    mandate_cents: int = 0
    stand_in: str = ""


PEOPLE = (
    Person(
        "melissa@demo.example", "Melissa de Boer", "maatschappelijk werker", NORTH, ("professional", "lead"),
        Face((233, 190, 160), (92, 58, 38), (54, 112, 124), (226, 240, 240), "bun"),
        ("nl", "en"), ("wonen", "energie", "schulden"), 50_000, "samir@demo.example",
    ),
    Person(
        "samir@demo.example", "Samir Haddad", "sociaal raadsman", NORTH, ("professional",),
        Face((196, 145, 108), (38, 32, 30), (120, 84, 150), (240, 232, 246), "short", glasses=True),
        ("nl", "ar", "en"), ("inkomen", "recht", "zorg"), 15_000, "melissa@demo.example",
    ),
    Person(
        "joke@demo.example", "Joke van der Meulen", "schuldhulpverlener", RIVER, ("professional", "lead"),
        Face((245, 208, 184), (214, 210, 204), (176, 92, 70), (250, 236, 226), "bob", glasses=True),
        ("nl",), ("schulden",), 30_000,
    ),
    Person(
        "fatima@demo.example", "Fatima Yilmaz", "maatschappelijk werker", NORTH, ("professional",),
        Face((214, 168, 130), (60, 42, 40), (196, 120, 60), (252, 242, 228), "bob"),
        ("nl", "tr"), ("zorg", "inkomen"), 15_000, "samir@demo.example",
    ),
    Person(
        "ruben@demo.example", "Ruben Kok", "schuldhulpverlener", HARBOUR, ("professional", "lead"),
        Face((236, 196, 168), (70, 60, 56), (70, 120, 90), (230, 244, 234), "short"),
        ("nl", "pl"), ("schulden", "wonen"), 30_000, "anna@demo.example",
    ),
    Person(
        "anna@demo.example", "Anna Visser", "sociaal werker", HARBOUR, ("professional",),
        Face((248, 214, 190), (206, 160, 90), (150, 80, 110), (250, 234, 242), "bun", glasses=True),
        ("nl", "en", "uk"), ("energie", "zorg"), 10_000, "ruben@demo.example",
    ),
    Person(
        "daan@demo.example", "Daan Wiersma", "beleidsmedewerker", RIVER, ("policy",),
        Face((240, 200, 172), (190, 130, 70), (70, 94, 150), (230, 236, 248), "short"),
    ),
)  # fmt: skip


def make_demonstration_team(house: House) -> list[tuple[str, str, str]]:
    """Make the invented teams once; return (e-mail address, password, name) of each person, also the next times.

    The passwords are random and stand in `demo-logins.txt` in the data folder, readable by its owner only.
    """
    file = house.settings.data / LOGINS_FILE
    passwords: dict[str, str] = {}
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            email, _, rest = line.partition("\t")
            if rest:
                passwords[email] = rest.partition("\t")[0]
    with house.look() as work:
        known = {person.email for person in PEOPLE if work.people.by_email(person.email) is not None}
    if known == {person.email for person in PEOPLE} and known <= set(passwords):
        return [(person.email, passwords[person.email], person.name) for person in PEOPLE]
    for person in PEOPLE:
        passwords[person.email] = new_password()
    text = "".join(f"{person.email}\t{passwords[person.email]}\t{person.name}\n" for person in PEOPLE)
    aside = file.with_suffix(".part")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    aside.rename(file)
    with house.work() as work:
        _put_teams(house, work, passwords)
    return [(person.email, passwords[person.email], person.name) for person in PEOPLE]


def _put_teams(house: House, work: Work, passwords: dict[str, str]) -> None:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    week = {
        NORTH: {day: ["09:00-12:30", "13:00-17:00"] for day in days},
        RIVER: {**{day: ["08:30-12:30", "13:00-16:30"] for day in days[:4]}, "friday": ["08:30-12:30"]},
        HARBOUR: {**{day: ["09:00-12:30", "13:15-17:00"] for day in days}, "thursday": ["09:00-12:30", "17:00-20:00"]},
    }
    teams = {team.name: team for team in work.people.teams()}
    for name, phone in ((NORTH, "14 012"), (RIVER, "14 034"), (HARBOUR, "14 056")):
        if name not in teams:
            calendar: dict[str, Any] = {"week": week[name], "days_off": []}
            teams[name] = work.people.add_team(name, calendar, organisation=house.settings.municipality, phone=phone)
    rows: dict[str, Professional] = {}
    for person in PEOPLE:
        hashed = hash_password(passwords[person.email])
        row = work.people.by_email(person.email)
        if row is None:
            row = work.people.add_professional(
                teams[person.team],
                email=person.email,
                name=person.name,
                role=person.role,
                password_hash=hashed,
                demo=True,
            )
        row.password_hash, row.roles, row.photo = hashed, list(person.roles), draw_face(person.face)
        row.languages, row.expertise, row.mandate_cents = (
            list(person.languages),
            list(person.expertise),
            person.mandate_cents,
        )
        rows[person.email] = row
    work.session.flush()
    for person in PEOPLE:
        rows[person.email].stand_in_ref = rows[person.stand_in].ref if person.stand_in else None


# --- faces ------------------------------------------------------------------------------------------------------------


def draw_face(face: Face) -> bytes:
    """Return a friendly drawn portrait as a square JPEG; no picture of a living person."""
    scale = 3
    size = FACE_PX * scale
    picture = Image.new("RGB", (size, size), face.back)
    draw = ImageDraw.Draw(picture)
    u = size / 100
    dark = tuple(max(0, part - 40) for part in face.skin)

    def oval(x0: float, y0: float, x1: float, y1: float, fill: tuple[int, ...]) -> None:
        draw.ellipse((x0 * u, y0 * u, x1 * u, y1 * u), fill=fill)

    soft = tuple(min(255, part + 8) for part in face.back)
    oval(6, 6, 94, 94, soft)
    if face.style == "bun":
        oval(39, 6, 61, 28, face.hair)
    if face.style in {"bun", "bob"}:
        oval(24, 16, 76, 74, face.hair)
    if face.style == "bob":
        draw.rounded_rectangle((24 * u, 42 * u, 76 * u, 74 * u), radius=12 * u, fill=face.hair)
    draw.rounded_rectangle((42 * u, 58 * u, 58 * u, 82 * u), radius=7 * u, fill=dark)
    oval(14, 76, 86, 140, face.coat)
    draw.polygon([(42 * u, 77 * u), (58 * u, 77 * u), (50 * u, 88 * u)], fill=face.skin)
    oval(30, 22, 70, 72, face.skin)
    oval(26, 44, 33, 55, face.skin)
    oval(67, 44, 74, 55, face.skin)
    if face.style == "short":
        draw.pieslice((28 * u, 15 * u, 72 * u, 62 * u), 180, 360, fill=face.hair)
        oval(27, 30, 36, 46, face.hair)
        oval(64, 30, 73, 46, face.hair)
        oval(33, 30, 67, 58, face.skin)
    else:
        draw.pieslice((28 * u, 17 * u, 72 * u, 64 * u), 185, 355, fill=face.hair)
        oval(32, 31, 68, 66, face.skin)
    for x in (41.5, 58.5):
        oval(x - 2, 45, x + 2, 49.6, (48, 40, 40))
        oval(x - 0.2, 45.6, x + 1.2, 47, (255, 255, 255))
        draw.arc(((x - 4.5) * u, 39 * u, (x + 4.5) * u, 46 * u), 205, 335, fill=face.hair, width=int(1.2 * u))
        if face.glasses:
            box = ((x - 6.5) * u, 41 * u, (x + 6.5) * u, 53.5 * u)
            draw.rounded_rectangle(box, radius=5 * u, outline=(70, 60, 60), width=int(1.1 * u))
    if face.glasses:
        draw.line((48 * u, 46 * u, 52 * u, 46 * u), fill=(70, 60, 60), width=int(1.1 * u))
    blush = tuple(min(255, part + add) for part, add in zip(face.skin, (14, -18, -14), strict=True))
    oval(33.5, 52, 40.5, 57, blush)
    oval(59.5, 52, 66.5, 57, blush)
    draw.arc((46.5 * u, 49 * u, 53.5 * u, 56 * u), 40, 140, fill=dark, width=int(1.1 * u))
    draw.chord(
        (41.5 * u, 54 * u, 58.5 * u, 66 * u), 12, 168, fill=(255, 255, 255), outline=(150, 70, 66), width=int(1.1 * u)
    )
    out = io.BytesIO()
    picture.resize((FACE_PX, FACE_PX), Image.Resampling.LANCZOS).save(out, "JPEG", quality=90)
    return out.getvalue()


# --- letters ----------------------------------------------------------------------------------------------------------

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


@dataclass(frozen=True, slots=True)
class DemoCase:
    """An open case of the demonstration. `talk` is who says what; `hours_ago` is working time since it was sent."""

    key: str
    professional: str
    letters: tuple[DemoLetter, ...]
    goal: str
    note: str
    way: str
    urgency: int
    hours_ago: float
    talk: tuple[tuple[str, str], ...] = ()
    crisis: str = ""
    threat: str | None = None


OPEN_CASES = (
    DemoCase(
        "kroos", "melissa@demo.example", (EVICTION, CARE, RENT, FINE, SCHOOL),
        "Ik wil gewoon weer slapen. En in ons huis blijven, met de kinderen.",
        "Ik durfde de post niet meer open te doen. Mijn man is zijn werk kwijt.", "for_me", 1, 2.2,
        ((RESIDENT, "Is er iemand? Ik ben zo bang voor die datum."),), threat="home",
    ),
    DemoCase(
        "licht", "samir@demo.example", (ENERGY, BENEFIT), "Dat de verwarming aan blijft.", "", "show_me", 1, 7.5,
        (
            (HUMAN, "Dag, ik ben Samir. Ik heb uw brieven gelezen. Ik bel vandaag met Zonnestroom."),
            (RESIDENT, "Dank u wel. Moet ik nu iets betalen?"),
        ),
        threat="energy",
    ),
    DemoCase(
        "uitkering", "samir@demo.example", (BENEFIT, SCHOOL), "Rust in mijn hoofd.", "", "self", 2, 5.0,
        threat="income",
    ),
    DemoCase(
        "boete", "joke@demo.example", (FINE, CARE), "Weten wat ik het eerst moet betalen.", "", "for_me", 2, 98.0,
        threat="money",
    ),
    DemoCase(
        "straat", "joke@demo.example", (), "", "", "", 1, 0.6,
        ((RESIDENT, "We staan vanavond op straat en de kinderen hebben niet gegeten."),), "crisis_urgent_home",
    ),
)  # fmt: skip


# --- the month --------------------------------------------------------------------------------------------------------


class SetClock(Clock):
    """A clock that stands where it is put, to tell a history."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        """Return the moment the clock was put at."""
        return self.moment


def make_demonstration_month(house: House) -> None:
    """Fill the house with invented cases of the last half year and a handful of open ones, once; seeded.

    Raises:
        BriefbrugError: NOT_FOUND, when the demonstration team was not made.
    """
    with house.look() as work:
        if work.residents.by_door(DEMO_DOOR, "month") is not None:
            return
    clock = SetClock(house.clock.now())
    with unit_of_work(house.engine, house.vault, clock, house.durable, write=True) as work:
        chance = random.Random(SEED)  # noqa: S311 - the same invented month every time
        people = {person.email: work.people.by_email(person.email) for person in PEOPLE}
        staff = [row for row in people.values() if row is not None and "professional" in row.roles]
        history = _History(house, work, clock, chance)
        history.absences({email: row for email, row in people.items() if row is not None})
        for back, count in zip(range(MONTHS_BACK, -1, -1), CASES_A_MONTH, strict=True):
            history.month(back, count, staff)
        for case in OPEN_CASES:
            person = people[case.professional]
            if person is not None:
                history.open_case(case, person)
        policy = people["daan@demo.example"]
        history.signals(staff, policy.ref if policy else "")
        clock.moment = house.clock.now()
        work.residents.add(DEMO_DOOR, "month")


URGENCY_OF_THREAT = {
    "home": (7, 3, 1), "energy": (6, 4, 1), "water": (5, 4, 1), "income": (3, 6, 2), "bank_wage": (4, 5, 2),
    "care": (1, 5, 5), "money": (1, 3, 7),
}  # fmt: skip
"""How urgent the letters behind a threat are, in parts of urgency 1, 2 and 3."""

AWAY = (("samir@demo.example", 61, 54), ("joke@demo.example", 33, 29), ("fatima@demo.example", 4, -6))
"""Who was or is away: from and until how many days ago, both days included."""

FUND_CENTS, SMALL_CENTS = 2_500_000, 25_000
HELP = ("fund", "helped", "step", "reason")


class _History:
    """Tells invented histories with a clock that is put where they happen."""

    def __init__(self, house: House, work: Work, clock: SetClock, chance: random.Random) -> None:
        self._house = house
        self._work = work
        self._clock = clock
        self._chance = chance
        self._now = clock.moment
        self._quoted = 0
        self._hours = {team.ref: team_hours(house, team) for team in work.people.teams()}

    def month(self, back: int, count: int, staff: Sequence[Professional]) -> None:
        """Tell the closed cases of a month; what would be answered after now still waits."""
        today = self._now.astimezone(AMSTERDAM).date()
        number = today.year * 12 + today.month - 1 - back
        first = date(number // 12, number % 12 + 1, 1)
        following = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
        days = [first + timedelta(days=each) for each in range((following - first).days)]
        days = [day for day in days if day < today - timedelta(days=1)] or [first]
        for _ in range(count if len(days) > 5 else min(count, 3 * len(days))):
            self._closed_case(self._chance.choice(days), back, self._chance.choice(staff))

    def absences(self, people: Mapping[str, Professional]) -> None:
        """Tell who was away, and who is away now."""
        today = self._now.astimezone(AMSTERDAM).date()
        for email, first, last in AWAY:
            if email in people:
                self._work.people.add_absence(
                    people[email].ref, today - timedelta(days=first), today - timedelta(days=last)
                )

    def _closed_case(self, day: date, back: int, person: Professional) -> None:
        chance, clock = self._chance, self._clock
        local = datetime.combine(day, time(chance.randint(7, 21), chance.randint(0, 59)), AMSTERDAM)
        sent_at = local.astimezone(self._now.tzinfo)
        threat = chance.choices(tuple(THREAT_WEIGHTS), tuple(THREAT_WEIGHTS.values()))[0]
        urgency = chance.choices((1, 2, 3), URGENCY_OF_THREAT[threat])[0]
        hours = self._hours[person.team_ref]
        # The team learns: the share of the promised time that it needs falls month by month.
        factor = chance.lognormvariate(-0.75 + 0.09 * back, 0.62)
        lines = tuple(chance.sample(OTHER_LETTERS, chance.randint(0, 3)))
        if sent_at >= self._now:
            return
        promised = promise_at(sent_at, urgency, hours)
        answered_at = after_working_time(sent_at, timedelta(hours=min(PROMISE_HOURS[urgency] * factor, 60)), hours)
        if answered_at >= self._now:
            return
        clock.moment = sent_at
        resident = self._work.residents.add(DEMO_DOOR, secrets.token_hex(8))
        codes = sorted({chance.choice(LETTERS_BY_THREAT[threat]), *lines})
        case = self._add(resident, person, urgency, promised, threat=threat, codes=codes)
        self._photo_before(case, timedelta(minutes=chance.randint(6, 2000)))
        if answered_at > promised:
            self._broken(case, person, sent_at, promised)
        clock.moment = answered_at
        record = self._work.cases.record
        record(case, EventKind.VIEWED, Actor.HUMAN, person.ref)
        record(case, EventKind.HUMAN_ANSWERED, Actor.HUMAN, person.ref)
        closing = answered_at + timedelta(days=chance.randint(1, 12), minutes=chance.randint(0, 400))
        closed_at = min(self._now, closing)
        outcome = chance.choices(("solved", "arranged", "handed_on", "no_contact"), (4, 6, 2, 1))[0]
        self._help(case, resident, person, answered_at, closed_at, helps=outcome != "no_contact")
        clock.moment = closed_at
        record(case, EventKind.CLOSED, Actor.HUMAN, person.ref, {"outcome": outcome})
        case.unread = False
        if outcome in {"solved", "arranged"} and chance.random() < 0.3:
            self._own_words(case, resident, closed_at)

    def _photo_before(self, case: CaseRow, earlier: timedelta) -> None:
        """Let the first photo have come some time before she sent her case to a person."""
        start = self._work.cases.events(case.ref)[0]
        start.detail = {**start.detail, "first_photo_at": (start.at - earlier).isoformat()}

    def _broken(self, case: CaseRow, person: Professional, sent_at: datetime, promised: datetime) -> None:
        """Tell a broken promise, and sometimes what stood in the way before it broke."""
        record, why = self._work.cases.record, self._chance.random()
        self._clock.moment = sent_at + (promised - sent_at) / 2
        if why < 0.3:
            record(case, EventKind.WAITING_ELSEWHERE, Actor.HUMAN, person.ref, {"organisation": "other"})
        elif why < 0.42:
            record(case, EventKind.SIGNAL_GIVEN, Actor.HUMAN, person.ref)
        self._clock.moment = promised + timedelta(minutes=1)
        record(case, EventKind.PROMISE_BROKEN, Actor.MACHINE, None, {"professional": person.ref})

    def _help(
        self, case: CaseRow, resident: Resident, person: Professional, start: datetime, end: datetime, *, helps: bool
    ) -> None:
        """Tell what was done between the first answer and the end: help, colleagues, minutes."""
        chance, clock, record = self._chance, self._clock, self._work.cases.record
        colleagues = [each for each in self._work.people.professionals(case.team_ref) if each.ref != person.ref]
        colleagues = [each for each in colleagues if "professional" in each.roles]
        if colleagues and chance.random() < 0.28:
            clock.moment = start + (end - start) * 0.2
            record(case, EventKind.CONSULT_ANSWERED, Actor.HUMAN, chance.choice(colleagues).ref)
        if colleagues and chance.random() < 0.1:
            clock.moment = start + (end - start) * 0.3
            to = chance.choice(colleagues)
            record(case, EventKind.ASSIGNED, Actor.HUMAN, person.ref, {"to": to.ref, "why": ["colleague"]})
            case.professional_ref = to.ref
        kind = chance.choices(HELP, (3, 5, 3, 2))[0]
        clock.moment = start + (end - start) * chance.uniform(0.02, 0.6)
        if helps and kind == "fund":
            self._pay(case, resident, person, chance.randint(3, 60) * 1_000)
        elif helps:
            told = {"helped": EventKind.HELPED, "step": EventKind.STEP_DONE, "reason": EventKind.REASON_SHARED}
            record(case, told[kind], Actor.HUMAN, person.ref)
        for tap in range(chance.randint(2, 5)):
            what = chance.choices((HELPING, ADMINISTRATION), (7, 3))[0]
            self._work.session.add(
                TimeSpent(
                    case_ref=case.ref,
                    team_ref=case.team_ref,
                    professional_ref=person.ref,
                    kind=what,
                    minutes=chance.choice((15, 30, 30, 60)),
                    at=start + (end - start) * tap / 5,
                    once=f"demonstration/{case.ref}/{tap}",
                )
            )

    def _pay(self, case: CaseRow, resident: Resident, person: Professional, cents: int) -> None:
        work, now = self._work, self._clock.moment
        year = now.astimezone(AMSTERDAM).year
        query = select(Fund).where(Fund.team_ref == case.team_ref, Fund.year == year)
        fund = work.session.scalar(query)
        if fund is None:
            fund = Fund(
                ref=f"F-{secrets.token_hex(8)}",
                team_ref=case.team_ref,
                name="Calamiteitenpot",
                year=year,
                budget_cents=FUND_CENTS,
                small_cents=SMALL_CENTS,
            )
            work.session.add(fund)
            work.session.flush()
        payment = FundPayment(
            ref=f"U-{secrets.token_hex(16)}",
            fund_ref=fund.ref,
            case_ref=case.ref,
            resident_ref=resident.ref,
            asked_by=person.ref,
            asked_at=now,
            amount_cents=cents,
            reason_sealed=work.residents.seal(resident, "Anders raakt zij haar huis kwijt.", "fund-payment"),
            state="paid",
            decided_by=person.ref,
            decided_at=now,
        )
        work.session.add(payment)
        work.cases.record(case, EventKind.FUND_PAID, Actor.HUMAN, person.ref, {"payment": payment.ref, "cents": cents})

    def _own_words(self, case: CaseRow, resident: Resident, closed_at: datetime) -> None:
        self._quoted += 1
        self._work.session.add(
            OutcomeWords(
                case_ref=case.ref,
                resident_ref=resident.ref,
                team_ref=case.team_ref,
                asked_at=closed_at,
                words_sealed=self._work.residents.seal(resident, QUOTES[self._quoted % len(QUOTES)], "outcome"),
                answered_at=min(self._now, closed_at + timedelta(hours=3)),
                may_share=self._quoted % 4 != 0,
            )
        )

    def signals(self, staff: Sequence[Professional], policy_ref: str) -> None:
        """Tell the signals: some answered in time, one too late, some not yet."""
        teams = {team.name: team for team in self._work.people.teams()}
        for each in SIGNALS:
            team = teams.get(each.team)
            by = next((person for person in staff if team is not None and person.team_ref == team.ref), None)
            if team is None or by is None:
                continue
            local = self._now.astimezone(AMSTERDAM) - timedelta(days=each.days_ago)
            at = local.replace(hour=10, minute=20, second=0, microsecond=0)
            seal = self._house.vault.seal
            replied = None if each.replied_after is None else at + timedelta(days=each.replied_after, hours=3)
            self._work.session.add(
                Signal(
                    ref=f"S-{secrets.token_hex(16)}",
                    team_ref=team.ref,
                    by_ref=by.ref,
                    at=at,
                    threat=each.threat,
                    sender=each.sender,
                    kind=each.kind,
                    rule_sealed=seal(each.rule, "signal-rule") if each.rule else None,
                    story_sealed=seal(each.story, "signal"),
                    due_at=reply_due(at, self._hours[team.ref]),
                    reply_sealed=seal(each.reply, "signal-reply") if replied else None,
                    reply_by=policy_ref if replied else None,
                    replied_at=replied,
                )
            )

    def _add(
        self,
        resident: Resident,
        person: Professional,
        urgency: int,
        promised: datetime,
        preview: str | None = None,
        *,
        threat: str | None = None,
        codes: Sequence[tuple[str, str]] = (),
    ) -> CaseRow:
        case = self._work.cases.add(
            resident,
            team_ref=person.team_ref,
            professional_ref=person.ref,
            urgency=urgency,
            promised_at=promised,
            preview=preview,
            threat=threat,
            codes=codes,
        )
        self._work.cases.record(
            case, EventKind.ASSIGNED, Actor.MACHINE, None, {"to": person.ref, "why": ["expertise", "load"]}
        )
        return case

    def open_case(self, told: DemoCase, person: Professional) -> None:
        """Tell an open case with its letters, page images and chat."""
        work, clock = self._work, self._clock
        hours = self._hours[person.team_ref]
        sent_at = self._now - timedelta(hours=told.hours_ago)
        clock.moment = sent_at - timedelta(minutes=20)
        resident = work.residents.add(DEMO_DOOR, f"open-{told.key}")
        resident.consent, resident.consent_at = "yes", clock.moment
        refs = self._letters(resident, told.letters)
        if told.goal:
            resident.goal_sealed = work.residents.seal(resident, told.goal, "goal")
        resident.way = told.way or None
        preview = None if told.crisis else json.dumps({"letters": refs, "goal": told.goal, "note": told.note or None})
        clock.moment = sent_at
        promised = promise_at(sent_at, told.urgency, hours)
        codes = sorted({(each.sender, each.kind) for each in told.letters})
        case = self._add(resident, person, told.urgency, promised, preview, threat=told.threat, codes=codes)
        if case.promised_at < self._now and not told.talk:
            clock.moment = case.promised_at + timedelta(minutes=1)
            work.cases.record(case, EventKind.PROMISE_BROKEN, Actor.MACHINE)
        if told.crisis:
            case.crisis = told.crisis
            work.cases.record(case, EventKind.CRISIS, Actor.MACHINE, None, {"kind": told.crisis}, body=told.talk[0][1])
        for number, (sender, text) in enumerate(told.talk):
            clock.moment = min(self._now, sent_at + timedelta(minutes=4 + 9 * number))
            human = sender == HUMAN
            work.thread.add(
                resident, sender, Said(text=text), professional_ref=person.ref if human else None, case_ref=case.ref
            )
            if human:
                work.cases.record(case, EventKind.HUMAN_ANSWERED, Actor.HUMAN, person.ref)
            elif sender != MACHINE:
                work.cases.record(case, EventKind.RESIDENT_WROTE, Actor.RESIDENT, resident.ref, body=text)

    def _letters(self, resident: Resident, letters: Sequence[DemoLetter]) -> list[str]:
        work = self._work
        today = self._now.astimezone(AMSTERDAM).date()
        key = work.residents.key(resident)
        bag = work.papers.open_bag(resident)
        bag.closed_at = bag.explained_at = self._clock.moment
        refs: list[str] = []
        for each in letters:
            content, reading, facts = typed_letter(each, today)
            photo = work.papers.add_photo(resident, bag, secrets.token_hex(16), "web", READ)
            photo.page_files = [self._house.photos.put(key, content)]
            work.papers.set_readings(resident, photo, (reading,))
            letter = work.papers.add_letter(resident, bag, [(photo.ref, 0)], facts)
            letter.state = "handed_over"
            refs.append(letter.ref)
        return refs
