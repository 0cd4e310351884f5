"""The invented teams of the demonstration: people with drawn faces, their hours, and their random passwords."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from briefbrug.house import House
from briefbrug.store.tables import Professional
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.invented import HARBOUR, NORTH, RIVER
from briefbrug.usecases.log_in import hash_password
from briefbrug.usecases.manage_team import FACE_PX, new_password

LOGINS_FILE = "demo-logins.txt"


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
