"""A desk with two teams, cases with letters, and a browser that is not logged in yet."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from briefbrug.case import Actor, EventKind
from briefbrug.clock import AMSTERDAM
from briefbrug.handover import promise_at
from briefbrug.house import House, build_house
from briefbrug.settings import read_settings
from briefbrug.store.papers import READ
from briefbrug.store.tables import CaseRow, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.demo_letters import EVICTION, DemoLetter, typed_letter
from briefbrug.usecases.demo_team import make_demonstration_team
from briefbrug.usecases.demonstration import SetClock, make_demonstration_month
from briefbrug.usecases.log_in import hash_password
from briefbrug.usecases.roster import team_hours
from briefbrug.vault import make_key_file
from briefbrug.web_security import SecurityHeaders
from inbox.app import routes
from tests.bot.servers import Served, templates_kept
from tests.conftest import TODAY, WEEK, MakeHouse

kept = templates_kept("inbox.pages.Environment")

PASSWORD = "een lang eigen wachtwoord"

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=AMSTERDAM)


@dataclass
class Desk:
    """A house with two teams; `refs` are professionals by first name."""

    house: House
    refs: dict[str, str]
    teams: dict[str, str]

    def at(self, moment: datetime) -> House:
        """Return the same house at another moment."""
        return replace(self.house, clock=SetClock(moment))

    def case(
        self,
        who: str = "melissa",
        *,
        letters: Sequence[DemoLetter] = (EVICTION,),
        sent_at: datetime = MONDAY,
        urgency: int = 1,
        goal: str = "Ik wil weer slapen.",
        note: str = "",
        share: bool = True,
    ) -> str:
        """Add a case with letters, sent at a moment; return its reference."""
        house = self.at(sent_at)
        with house.work() as work:
            person = work.people.professional(self.refs[who])
            assert person is not None
            team = work.people.team(person.team_ref)
            assert team is not None
            resident = work.residents.add("web", f"{who}-{sent_at.isoformat()}-{work.session.query(CaseRow).count()}")
            refs = put_letters(house, work, resident, letters) if letters else []
            preview = json.dumps({"letters": refs, "goal": goal, "note": note or None}) if share else None
            promised = promise_at(sent_at, urgency, team_hours(house, team))
            case = work.cases.add(
                resident,
                team_ref=team.ref,
                professional_ref=person.ref,
                urgency=urgency,
                promised_at=promised,
                preview=preview,
            )
            work.cases.record(case, EventKind.ASSIGNED, Actor.MACHINE, None, {"to": person.ref, "why": ["load"]})
            return case.ref

    def row(self, case_ref: str) -> CaseRow:
        """Return a case as it stands."""
        with self.house.look() as work:
            case = work.cases.get(case_ref)
            assert case is not None
            return case

    def resident(self, case_ref: str) -> Resident:
        """Return the resident of a case."""
        with self.house.look() as work:
            resident = work.residents.get(self.row(case_ref).resident_ref)
            assert resident is not None
            return resident

    def lines(self, case_ref: str) -> list[tuple[str, str]]:
        """Return who said what in the thread of a case's resident."""
        with self.house.look() as work:
            resident = work.residents.get(self.row(case_ref).resident_ref)
            assert resident is not None
            return [(line.sender, line.said.text) for line in work.thread.lines(resident)]

    def kinds(self, case_ref: str) -> list[str]:
        """Return the kinds of a case's events."""
        with self.house.look() as work:
            return [event.kind for event in work.cases.events(case_ref)]


def put_letters(house: House, work: Work, resident: Resident, letters: Sequence[DemoLetter]) -> list[str]:
    key = work.residents.key(resident)
    bag = work.papers.open_bag(resident)
    bag.closed_at = house.clock.now()
    refs = []
    for number, each in enumerate(letters):
        content, reading, facts = typed_once(each, house.clock.today())
        photo = work.papers.add_photo(resident, bag, f"{resident.ref}-{number}", "web", READ)
        photo.page_files = [house.photos.put(key, content)]
        work.papers.set_readings(resident, photo, (reading,))
        letter = work.papers.add_letter(resident, bag, [(photo.ref, 0)], facts)
        letter.state = "handed_over"
        refs.append(letter.ref)
    return refs


typed_once = cache(typed_letter)
"""The same invented letter on the same day is drawn once."""


def fill(house: House) -> Desk:
    """Add two teams with four people to a house."""
    hashed = hash_password(PASSWORD)
    people = {
        "melissa": ("Noord", ["professional", "lead"]),
        "samir": ("Noord", ["professional"]),
        "joke": ("Zuid", ["professional", "lead"]),
        "daan": ("Zuid", ["policy"]),
    }
    refs, teams = {}, {}
    with house.work() as work:
        for name in ("Noord", "Zuid"):
            teams[name] = work.people.add_team(
                f"Wijkteam {name}", WEEK, organisation="gemeente Voorbeeld", phone="14 012"
            )
        for first, (team, roles) in people.items():
            refs[first] = work.people.add_professional(
                teams[team],
                email=f"{first}@example.org",
                name=f"{first.title()} Voorbeeld",
                role="hulpverlener",
                password_hash=hashed,
                roles=roles,
                demo=True,
            ).ref
        return Desk(house, refs, {name: team.ref for name, team in teams.items()})


@pytest.fixture
def desk(house: House) -> Desk:
    """A desk on SQLite."""
    return fill(house)


@pytest.fixture
def any_desk(any_house: House) -> Desk:
    """A desk on SQLite and on PostgreSQL."""
    return fill(any_house)


DEMO_CLOCK = SetClock(datetime(2026, 11, 21, 11, 0, tzinfo=AMSTERDAM))


@pytest.fixture(scope="session")
def demo_folder(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path, texts_read_once: None, true_hasher: object
) -> Path:
    """The data folder of a house with the demonstration's team and its month, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("demonstration") / "data"
    folder.mkdir()
    shutil.copyfile(migrated_file, folder / "briefbrug.sqlite")
    settings = read_settings(
        {
            "BRIEFBRUG_DATA": str(folder),
            "BRIEFBRUG_DATABASE_URL": f"sqlite:///{folder / 'briefbrug.sqlite'}",
            "BRIEFBRUG_TODAY": TODAY.isoformat(),
            "BRIEFBRUG_DEMO": "1",
        }
    )
    make_key_file(settings.key_file)
    house = replace(build_house(settings), clock=DEMO_CLOCK)
    make_demonstration_team(house)
    make_demonstration_month(house)
    house.close()
    return folder


@pytest.fixture
def demo_house(demo_folder: Path, tmp_path: Path, make_house: MakeHouse) -> House:
    """A house with the demonstration's team and its month; its clock stands still at eleven."""
    shutil.copytree(demo_folder, tmp_path / "data")
    return replace(make_house(), clock=DEMO_CLOCK)


def app_of(house: House) -> SecurityHeaders:
    """Return the desk as a web application, with the headers every page has."""
    return SecurityHeaders(Starlette(routes=routes(house)))


class Browser:
    """A browser without a screen: keeps cookies, reads the form token."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, follow_redirects=False, timeout=30)
        self.csrf = ""

    def log_in(self, first: str, password: str = PASSWORD, code: str = ""):
        page = self.client.get("/inbox/inloggen")
        token = token_of(page.text)
        fields = {"csrf": token, "email": f"{first}@example.org", "wachtwoord": password, "code": code}
        answer = self.client.post("/inbox/inloggen", data=fields)
        if answer.status_code == 303:
            found = re.search(r'<meta name="csrf" content="([^"]+)"', self.get(answer.headers["location"]).text)
            assert found is not None
            self.csrf = found[1]
        return answer

    def get(self, path: str, **more: object):
        return self.client.get(path, headers={"accept": "text/html"}, **more)

    def post(self, path: str, **fields: str):
        return self.client.post(path, data={"csrf": self.csrf, **fields})


def token_of(text: str) -> str:
    """Return the form token on a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found is not None
    return found[1]


@pytest.fixture
def browse(served: str) -> Iterator[Callable[..., Browser]]:
    """Return a browser in which somebody is logged in; "" for nobody."""
    browsers: list[Browser] = []

    def start(first: str = "") -> Browser:
        browsers.append(Browser(served))
        if first:
            assert browsers[-1].log_in(first).status_code == 303
        return browsers[-1]

    yield start
    for browser in browsers:
        browser.client.close()


@pytest.fixture
def hostile() -> DemoLetter:
    """A letter that tries to be a page."""
    bad = '<img src=x onerror="document.title=1">'
    return DemoLetter(
        "woningcorporatie",
        f"Huur {bad}",
        "ontruiming",
        f"Titel {bad}",
        3,
        (f"op {{day}} {bad}",),
        f"K {bad}",
        5,
        "event_date",
    )


@contextmanager
def serving(house: House) -> Iterator[str]:
    """Serve the desk over real HTTP; yields its address."""
    with Served(app_of(house)) as served:
        yield served.url


@pytest.fixture
def served(desk: Desk) -> Iterator[str]:
    """The desk over real HTTP."""
    with serving(desk.house) as address:
        yield address
