"""Teams and people from a file or the command line: whole or not at all, secrets shown once, portraits cleaned."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pyotp
import pytest
from PIL import Image

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.usecases.demo_team import PEOPLE, draw_face
from briefbrug.usecases.log_in import LoggedIn, log_in, visitor_of
from briefbrug.usecases.manage_team import FACE_PX, face_from, import_teams, run_team_command
from briefbrug.usecases.roster import team_hours
from tests.conftest import MakeHouse

TEAM = """
teams:
  - name: Wijkteam Oost
    organisation: gemeente Voorbeeld
    phone: "14 012"
    week: {monday: ["09:00-12:00"], friday: ["13:00-17:00"]}
    days_off: [2026-12-24]
    people:
      - email: Anna@Example.org
        name: Anna Bakker
        role: schuldhulpverlener
        roles: [professional, lead]
        photo: anna.png
        languages: [nl, pl]
        expertise: [schulden]
        mandate: 250
        stand_in: bob@example.org
        absent: [{from_on: 2026-12-20, until_on: 2026-12-31}]
      - {email: bob@example.org, name: Bob Smit, role: maatschappelijk werker, password: "een lang eigen wachtwoord"}
"""


def team_file(folder: Path, text: str = TEAM, name: str = "team.yaml") -> Path:
    picture = Image.new("RGB", (900, 1200), (200, 150, 120))
    exif = picture.getexif()
    exif[0x010E] = "taken at home"
    picture.save(folder / "anna.png", exif=exif)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_makes_teams_people_and_passwords(any_house: House, tmp_path: Path) -> None:
    made = import_teams(any_house, team_file(tmp_path))
    assert (made.teams, made.people) == (1, 2)
    ((email, password),) = made.passwords
    assert email == "anna@example.org"
    assert len(password) >= 15
    with any_house.look() as work:
        anna, bob = work.people.by_email("anna@example.org"), work.people.by_email("bob@example.org")
        assert anna is not None
        assert bob is not None
        assert anna.stand_in_ref == bob.ref
        assert anna.mandate_cents == 25_000
        assert [(each.from_on.isoformat(), each.until_on.isoformat()) for each in work.people.absences(anna.ref)] == [
            ("2026-12-20", "2026-12-31")
        ]
        team = work.people.team(anna.team_ref)
        assert team is not None
        hours = team_hours(any_house, team)
        assert anna.photo is not None
        with Image.open(io.BytesIO(anna.photo)) as face:
            assert face.size == (FACE_PX, FACE_PX)
            assert face.format == "JPEG"
            assert not face.getexif()
    assert [len(hours.week.get(day, ())) for day in range(7)] == [1, 0, 0, 0, 1, 0, 0]
    assert any(day.isoformat() == "2026-12-24" for day in hours.days_off)
    assert any(day.isoformat() == "2026-12-25" for day in hours.days_off)


def test_importing_again_changes_and_doubles_nothing(house: House, tmp_path: Path) -> None:
    file = team_file(tmp_path)
    import_teams(house, file)
    inside = log_in_as(house, "bob@example.org", "een lang eigen wachtwoord")
    again = import_teams(house, team_file(tmp_path, TEAM.replace("Anna Bakker", "Anna de Bakker")))
    assert again.passwords == ()
    with house.look() as work:
        assert [person.name for person in work.people.professionals()] == ["Anna de Bakker", "Bob Smit"]
        anna = work.people.by_email("anna@example.org")
        assert anna is not None
        assert len(work.people.absences(anna.ref)) == 1
    # A password in the file is a new one: its owner logs in again.
    assert visitor_of(house, inside.secret) is None


def log_in_as(house: House, email: str, password: str) -> LoggedIn:
    """Log a professional in as a demonstration account, which needs no code."""
    with house.work() as work:
        person = work.people.by_email(email)
        assert person is not None
        person.demo = True
    result = log_in(house, email, password, "", "10.0.0.1")
    assert isinstance(result, LoggedIn)
    return result


def test_a_changed_role_ends_her_sessions(house: House, tmp_path: Path) -> None:
    text = TEAM.replace(', password: "een lang eigen wachtwoord"', "")
    import_teams(house, team_file(tmp_path))
    inside = log_in_as(house, "bob@example.org", "een lang eigen wachtwoord")
    import_teams(house, team_file(tmp_path, text))
    assert visitor_of(house, inside.secret) is not None
    changed = text.replace("role: maatschappelijk werker", "role: maatschappelijk werker, roles: [policy]")
    import_teams(house, team_file(tmp_path, changed))
    assert visitor_of(house, inside.secret) is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("mandate: 250", "mandaat: 250", "mandaat", id="unknown key"),
        pytest.param("[professional, lead]", "[boss]", "boss", id="unknown role"),
        pytest.param('monday: ["09:00-12:00"]', 'monday: ["9 tot 12"]', "9 tot 12", id="hours that are none"),
        pytest.param(
            "stand_in: bob@example.org", "stand_in: zoe@example.org", "zoe@example.org", id="unknown stand-in"
        ),
        pytest.param("photo: anna.png", "photo: weg.png", "weg.png", id="missing photo"),
        pytest.param("until_on: 2026-12-31", "until_on: 2026-12-01", "before it starts", id="absence backwards"),
        pytest.param("name: Bob Smit, ", "", "name", id="no name"),
        pytest.param("teams:", "team:", "teams", id="no teams"),
        pytest.param("een lang eigen wachtwoord", "welkom123", "guesser", id="weak password"),
    ],
)
def test_a_wrong_file_changes_nothing_and_says_what(
    house: House, tmp_path: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(BriefbrugError) as refused:
        import_teams(house, team_file(tmp_path, TEAM.replace(old, new)))
    assert told in refused.value.detail
    with house.look() as work:
        assert work.people.professionals() == []
        assert work.people.teams() == []


def test_json_is_read_too(house: House, tmp_path: Path) -> None:
    people = [{"email": "c@example.org", "name": "Cas", "role": "hulp"}]
    file = team_file(tmp_path, json.dumps({"teams": [{"name": "Zuid", "people": people}]}), "team.json")
    assert import_teams(house, file).people == 1


def test_the_command_line(make_house: MakeHouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house = make_house(DEMO="0")
    assert run_team_command(house, ["list"]) == 0
    assert "No teams yet" in capsys.readouterr().out
    add = [
        "add",
        "--team",
        "Noord",
        "--email",
        "Dora@example.org",
        "--name",
        "Dora",
        "--role",
        "hulp",
        "--roles",
        "professional,lead",
    ]
    assert run_team_command(house, add) == 0
    told = capsys.readouterr().out
    password = re.search(r"dora@example.org  (\S+)", told)
    assert password is not None
    assert "briefbrug team totp" in told
    assert run_team_command(house, ["totp", "dora@example.org"]) == 0
    totp = pyotp.parse_uri(capsys.readouterr().out.split()[-1])
    assert isinstance(totp, pyotp.TOTP)
    code = totp.at(house.clock.real_now())
    assert isinstance(log_in(house, "dora@example.org", password[1], code, "10.0.0.1"), LoggedIn)
    assert run_team_command(house, ["absent", "dora@example.org", "2026-12-01", "2026-12-02"]) == 0
    assert run_team_command(house, ["list"]) == 0
    listed = capsys.readouterr().out
    assert "second factor" in listed
    assert "away 2026-12-01 to 2026-12-02" in listed
    assert password[1] not in listed
    assert run_team_command(house, ["disable", "dora@example.org"]) == 0
    assert run_team_command(house, ["password", "niemand@example.org"]) == 1
    assert "niemand@example.org" in capsys.readouterr().err
    assert run_team_command(house, ["import", str(tmp_path / "none.yaml")]) == 1
    assert run_team_command(house, ["dance"]) == 2


@pytest.mark.parametrize("content", [b"", b"no picture", b"GIF89a" + b"\x00" * 50, b"<svg/>"])
def test_a_portrait_is_a_picture(content: bytes) -> None:
    with pytest.raises(BriefbrugError) as refused:
        face_from(content)
    assert refused.value.reason is Reason.FILE_KIND


def test_drawn_faces_differ(tmp_path: Path) -> None:
    faces = {draw_face(person.face) for person in PEOPLE}
    assert len(faces) == len(PEOPLE)
