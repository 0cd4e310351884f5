"""Add teams and professionals with photo, hours, absence and mandate; from a file or one at a time."""

from __future__ import annotations

import argparse
import io
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyotp
import yaml
from PIL import Image, ImageOps, UnidentifiedImageError
from pydantic import ConfigDict, TypeAdapter, ValidationError

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.tables import Professional, Team
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.log_in import disable_professional, hash_password
from briefbrug.working_hours import hours_from

ROLES = ("professional", "lead", "policy")
FACE_PX = 480
LARGEST_FACE_BYTES = 10 * 1024 * 1024
LARGEST_FACE_PIXELS = 40_000_000
STRICT = ConfigDict(extra="forbid")

OFFICE_WEEK: Mapping[str, list[str]] = {
    day: ["09:00-12:30", "13:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
}
"""The hours of a team that names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRow:
    """Whole days away, both included."""

    __pydantic_config__ = STRICT
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A professional as a file names her; `mandate` is in euros, `photo` a path beside the file."""

    __pydantic_config__ = STRICT
    email: str
    name: str
    role: str
    roles: tuple[str, ...] = ("professional",)
    photo: str = ""
    languages: tuple[str, ...] = ("nl",)
    expertise: tuple[str, ...] = ()
    neighbourhoods: tuple[str, ...] = ()
    mandate: float = 0
    stand_in: str = ""
    absent: tuple[AbsenceRow, ...] = ()
    password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRow:
    """A team as a file names it; `days_off` are local holidays beside the legal ones."""

    __pydantic_config__ = STRICT
    name: str
    organisation: str = ""
    phone: str = ""
    neighbourhoods: tuple[str, ...] = ()
    week: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])
    days_off: tuple[date, ...] = ()
    people: tuple[PersonRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What an import did; `passwords` (e-mail address, password) were made here and are shown once."""

    teams: int
    people: int
    passwords: tuple[tuple[str, str], ...]


_FILE: TypeAdapter[tuple[TeamRow, ...]] = TypeAdapter(tuple[TeamRow, ...])


def import_teams(house: House, file: Path) -> Made:
    """Add or update everything in a JSON or YAML file `{teams: [...]}`; all of it or nothing.

    Raises:
        BriefbrugError: SETTINGS, naming what is wrong in the file.
    """
    try:
        raw: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        teams = _FILE.validate_python(tuple(raw["teams"]))
    except FileNotFoundError as error:
        raise BriefbrugError(Reason.SETTINGS, f"{file} is missing") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BriefbrugError(Reason.SETTINGS, f"{file.name}: teams.{where}: {first['msg']}") from error
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise BriefbrugError(Reason.SETTINGS, f"{file.name} is no list of teams (JSON or YAML with 'teams')") from error
    passwords: list[tuple[str, str]] = []
    with house.work() as work:
        for row in teams:
            team = put_team(work, row)
            for person in row.people:
                face = _face_beside(file, person.photo) if person.photo else None
                _, password = put_person(work, team, person, face)
                if password:
                    passwords.append((person.email.lower(), password))
        for row in teams:
            for person in row.people:
                _put_stand_in(work, person)
    return Made(len(teams), sum(len(team.people) for team in teams), tuple(passwords))


def put_team(work: Work, row: TeamRow) -> Team:
    """Add a team, or update the one of that name.

    Raises:
        BriefbrugError: SETTINGS, when its hours cannot be read.
    """
    week = {name: list(spans) for name, spans in row.week.items()} or dict(OFFICE_WEEK)
    calendar: dict[str, Any] = {"week": week, "days_off": [day.isoformat() for day in row.days_off]}
    if not any(hours_from(calendar).week.values()):
        raise BriefbrugError(Reason.SETTINGS, f"team {row.name} never works: give it hours")
    team = next((each for each in work.people.teams() if each.name == row.name), None)
    if team is None:
        team = work.people.add_team(row.name, calendar)
    team.calendar, team.organisation, team.phone = calendar, row.organisation, row.phone
    team.neighbourhoods = list(row.neighbourhoods)
    return team


def put_person(work: Work, team: Team, row: PersonRow, face: bytes | None) -> tuple[Professional, str]:
    """Add a professional, or update the one with that address; return her and a password that was made for her.

    A change of roles or team ends her sessions (S29).

    Raises:
        BriefbrugError: SETTINGS for a wrong role or address, NOT_ALLOWED for a weak password.
    """
    wrong = sorted(set(row.roles) - set(ROLES))
    if wrong or not row.roles:
        raise BriefbrugError(
            Reason.SETTINGS, f"{row.email}: roles are {', '.join(ROLES)}, not {', '.join(wrong) or 'none'}"
        )
    if "@" not in row.email or not row.name.strip():
        raise BriefbrugError(Reason.SETTINGS, f"{row.email or row.name}: an e-mail address and a name are needed")
    person = work.people.by_email(row.email)
    made = ""
    if person is None:
        made = "" if row.password else new_password()
        person = work.people.add_professional(
            team, email=row.email, name=row.name, role=row.role, password_hash=hash_password(row.password or made)
        )
    elif row.password:
        person.password_hash = hash_password(row.password)
        work.people.close_sessions(person.ref)
    if set(person.roles) != set(row.roles) or person.team_ref != team.ref:
        work.people.close_sessions(person.ref)
    person.team_ref, person.name, person.role, person.roles = team.ref, row.name, row.role, list(row.roles)
    person.languages, person.expertise = list(row.languages), list(row.expertise)
    person.neighbourhoods = list(row.neighbourhoods)
    person.mandate_cents = round(row.mandate * 100)
    if face is not None:
        person.photo = face
    known = {(away.from_on, away.until_on) for away in work.people.absences(person.ref)}
    for away in row.absent:
        if away.until_on < away.from_on:
            raise BriefbrugError(Reason.SETTINGS, f"{row.email}: an absence ends before it starts")
        if (away.from_on, away.until_on) not in known:
            work.people.add_absence(person.ref, away.from_on, away.until_on)
    work.session.flush()
    return person, made


def _put_stand_in(work: Work, row: PersonRow) -> None:
    if not row.stand_in:
        return
    person, other = work.people.by_email(row.email), work.people.by_email(row.stand_in)
    if person is None or other is None or other.ref == person.ref:
        raise BriefbrugError(Reason.SETTINGS, f"{row.email}: the stand-in {row.stand_in} is not known")
    person.stand_in_ref = other.ref


def new_password() -> str:
    """Return a password of 20 signs that nobody chose."""
    return secrets.token_urlsafe(15)


def face_from(content: bytes) -> bytes:
    """Return a portrait as a square JPEG without any metadata.

    Raises:
        BriefbrugError: FILE_TOO_LARGE, FILE_KIND or PICTURE_TOO_LARGE.
    """
    if len(content) > LARGEST_FACE_BYTES:
        raise BriefbrugError(Reason.FILE_TOO_LARGE, f"a portrait of {len(content)} bytes")
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as picture:
            if picture.width * picture.height > LARGEST_FACE_PIXELS:
                raise BriefbrugError(Reason.PICTURE_TOO_LARGE, f"a portrait of {picture.width} x {picture.height}")
            square = ImageOps.fit(
                ImageOps.exif_transpose(picture).convert("RGB"), (FACE_PX, FACE_PX), centering=(0.5, 0.35)
            )
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise BriefbrugError(Reason.FILE_KIND, "a portrait is a JPEG, PNG or WebP picture") from error
    out = io.BytesIO()
    square.save(out, "JPEG", quality=88)
    return out.getvalue()


def _face_beside(file: Path, name: str) -> bytes:
    try:
        return face_from((file.parent / name).read_bytes())
    except OSError as error:
        raise BriefbrugError(Reason.SETTINGS, f"{file.name}: the photo {name} cannot be read") from error


def set_password(house: House, email: str, password: str = "") -> str:
    """Give a professional a new password (one made here when empty) and end her sessions; return it."""
    chosen = password or new_password()
    hashed = hash_password(chosen)
    with house.work() as work:
        person = _known(work, email)
        person.password_hash = hashed
        work.people.close_sessions(person.ref)
    return chosen


def set_totp(house: House, email: str) -> str:
    """Give a professional a new second factor and end her sessions; return the address for her app."""
    secret = pyotp.random_base32()
    with house.work() as work:
        person = _known(work, email)
        person.totp_sealed = work.vault.seal(secret, "totp")
        person.totp_last = 0
        work.people.close_sessions(person.ref)
        name = person.email
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Briefbrug {house.settings.municipality}")


def add_absence(house: House, email: str, from_on: date, until_on: date) -> None:
    """Note that a professional is away for whole days, both included."""
    if until_on < from_on:
        raise BriefbrugError(Reason.SETTINGS, "the absence ends before it starts")
    with house.work() as work:
        work.people.add_absence(_known(work, email).ref, from_on, until_on)


def _known(work: Work, email: str) -> Professional:
    person = work.people.by_email(email)
    if person is None:
        raise BriefbrugError(Reason.NOT_FOUND, f"no professional {email.strip().lower()}")
    return person


# --- the command line -------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="briefbrug team", description="Teams and professionals.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="teams, their people, hours and absences")
    one = verbs.add_parser("import", help="add or update from a JSON or YAML file")
    one.add_argument("file", type=Path)
    one = verbs.add_parser("add", help="add one professional")
    one.add_argument("--team", required=True, help="name of the team; made when there is none")
    one.add_argument("--email", required=True)
    one.add_argument("--name", required=True)
    one.add_argument("--role", required=True, help="as the resident reads it, for instance 'schuldhulpverlener'")
    one.add_argument("--roles", default="professional", help="professional, lead, policy; with commas")
    one.add_argument("--photo", type=Path)
    one.add_argument("--languages", default="nl")
    one.add_argument("--expertise", default="", help="wonen, schulden, energie, inkomen, zorg, recht; with commas")
    one.add_argument("--mandate", type=float, default=0, help="euros she may decide about alone")
    for verb, told in (
        ("password", "make a new password"),
        ("totp", "make a second factor"),
        ("disable", "end an account"),
    ):
        one = verbs.add_parser(verb, help=told)
        one.add_argument("email")
    one = verbs.add_parser("absent", help="note days away")
    one.add_argument("email")
    one.add_argument("from_on", type=date.fromisoformat, metavar="FROM")
    one.add_argument("until_on", type=date.fromisoformat, metavar="UNTIL")
    return parser


def run_team_command(house: House, argv: Sequence[str]) -> int:
    """Do what `briefbrug team ...` asks; return the exit status."""
    try:
        asked = _parser().parse_args(list(argv))
    except SystemExit as done:
        return int(done.code or 0)
    try:
        for line in _lines_of(house, asked):
            sys.stdout.write(f"{line}\n")
    except BriefbrugError as error:
        sys.stderr.write(f"{error.detail or error.reason.value}\n")
        return 1
    return 0


def _lines_of(house: House, asked: argparse.Namespace) -> list[str]:
    match asked.verb:
        case "import":
            made = import_teams(house, asked.file)
            told = [f"{made.teams} team(s), {made.people} professional(s)"]
            return (
                told + [f"  {email}  {password}" for email, password in made.passwords] + _next(house, made.passwords)
            )
        case "add":
            return _add_one(house, asked)
        case "password":
            return [f"{asked.email}  {set_password(house, asked.email)}"]
        case "totp":
            return ["Add this to the app that makes codes; it is shown once:", set_totp(house, asked.email)]
        case "disable":
            with house.look() as work:
                ref = _known(work, asked.email).ref
            disable_professional(house, ref)
            return [f"{asked.email} cannot log in any more; open cases went to colleagues"]
        case "absent":
            add_absence(house, asked.email, asked.from_on, asked.until_on)
            return [f"{asked.email} is away from {asked.from_on} to {asked.until_on}"]
        case _:
            return _listed(house)


def _next(house: House, passwords: Sequence[tuple[str, str]]) -> list[str]:
    if not passwords or house.settings.demo:
        return []
    return ["Passwords are shown once. Each of them also needs a code: briefbrug team totp EMAIL"]


def _add_one(house: House, asked: argparse.Namespace) -> list[str]:
    def parts(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())

    face = face_from(asked.photo.read_bytes()) if asked.photo else None
    row = PersonRow(
        email=asked.email,
        name=asked.name,
        role=asked.role,
        roles=parts(asked.roles),
        languages=parts(asked.languages),
        expertise=parts(asked.expertise),
        mandate=asked.mandate,
    )
    with house.work() as work:
        team = next((each for each in work.people.teams() if each.name == asked.team), None)
        team = team or put_team(work, TeamRow(name=asked.team))
        _, password = put_person(work, team, row, face)
    made = [(asked.email.lower(), password)] if password else []
    return [f"{asked.name} is in {asked.team}", *(f"  {email}  {word}" for email, word in made), *_next(house, made)]


def _listed(house: House) -> list[str]:
    lines: list[str] = []
    with house.look() as work:
        for team in work.people.teams():
            hours = ", ".join(f"{day} {' '.join(spans)}" for day, spans in team.calendar.get("week", {}).items())
            lines.append(f"{team.name} ({team.organisation or 'no organisation'}, {team.phone or 'no phone'}): {hours}")
            for person in work.people.professionals(team.ref, active_only=False):
                marks = [*person.roles, "second factor" if person.totp_sealed else "NO second factor"]
                marks += ["demonstration"] if person.demo else []
                marks += [] if person.active else ["disabled"]
                marks += [] if person.photo else ["no photo"]
                away = [f"away {each.from_on} to {each.until_on}" for each in work.people.absences(person.ref)]
                lines.append(f"  {person.email}  {person.name}, {person.role} ({', '.join([*marks, *away])})")
    return lines or ["No teams yet: briefbrug team import FILE"]
