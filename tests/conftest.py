"""Fixtures that many rooms share: a house on a fresh SQLite folder or PostgreSQL database."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import certifi
import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher

from briefbrug.house import House, build_house
from briefbrug.knowledge.check import check_texts
from briefbrug.knowledge.load import Knowledge
from briefbrug.settings import read_settings
from briefbrug.speech import Texts, load_texts
from briefbrug.store.migrate import migrate
from briefbrug.usecases import log_in
from briefbrug.vault import make_key_file

ROOT_SAMPLES = Path(__file__).parent.parent / "samples"
TODAY = date(2026, 11, 21)
"""The day on which all tests live; a Saturday."""


# The same examples each time, and no timing: a slow machine is no failure.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true: Callable[[], object], seconds: float = 20.0, what: str = "it") -> None:
    """Return as soon as `true()` holds.

    Raises:
        AssertionError: when it does not hold within `seconds`; an upper bound against hanging, not a timing.
    """
    until = time.monotonic() + seconds
    pause, moment = threading.Event(), 0.002
    while not true():
        assert time.monotonic() < until, f"{what} did not happen within {seconds} s"
        pause.wait(moment)
        moment = min(0.05, moment * 1.5)


def postgres_binaries() -> Path:
    """Return the folder of the newest installed PostgreSQL server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    assert found or on_path, "PostgreSQL's server is missing: apt-get install postgresql-15"
    return found[-1].parent if found else Path(on_path or "").parent


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A throw-away PostgreSQL cluster; yields the URL of its maintenance database without the name."""
    # Not below pytest's own folder: another run of pytest closes that to other users, and the server is one.
    folder = Path(tempfile.mkdtemp(prefix="briefbrug-postgres-"))
    binaries = postgres_binaries()
    prefix: list[str] = []
    user = getpass.getuser()
    if os.geteuid() == 0:
        # The server refuses to run as root.
        user = "postgres"
        prefix = ["runuser", "-u", user, "--"]
        shutil.chown(folder, user)
    cluster = folder / "cluster"
    subprocess.run(
        [*prefix, binaries / "initdb", "-D", cluster, "-A", "trust", "-U", "briefbrug", "--no-sync"],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    port = free_port()
    server = subprocess.Popen(
        [*prefix, binaries / "postgres", "-D", cluster, "-p", str(port), "-k", folder,
         "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200",
         "-c", "full_page_writes=off", "-c", "autovacuum=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )  # fmt: skip
    url = f"postgresql://briefbrug@127.0.0.1:{port}"

    def answers() -> bool:
        try:
            psycopg.connect(f"{url}/postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    try:
        wait_until(answers, what="PostgreSQL's start")
        yield url
    finally:
        subprocess.run(
            [*prefix, binaries / "pg_ctl", "-D", cluster, "stop", "-m", "immediate"],
            check=False,
            capture_output=True,
            cwd=folder,
        )
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """A server whose database "migrated" has all tables: by the real migrations, run twice, copied for each test."""
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    for _ in range(2):
        migrate(f"{postgres_server}/migrated")
    return postgres_server


@contextmanager
def postgres_database(server: str, more: str) -> Iterator[str]:
    """Make a database of its own on the server, and drop it afterwards; yields its URL."""
    name = f"t{os.getpid()}_{secrets.token_hex(8)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" {more}'.encode())
    yield f"{server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database without a table."""
    with postgres_database(postgres_server, "") as url:
        yield url


@pytest.fixture
def postgres_url(migrated_postgres: str) -> Iterator[str]:
    """A PostgreSQL database with all tables and no rows."""
    with postgres_database(migrated_postgres, "TEMPLATE migrated STRATEGY FILE_COPY") as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test speaks TLS with the world: a client reads one of its certificates, which is hundreds of times as fast."""
    end = "-----END CERTIFICATE-----\n"
    file = tmp_path_factory.mktemp("tls") / "one.pem"
    file.write_text(Path(certifi.where()).read_text(encoding="ascii", errors="ignore").partition(end)[0] + end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("certifi.where", lambda: str(file))
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


@pytest.fixture(scope="session", autouse=True)
def true_hasher() -> Iterator[PasswordHasher]:
    """The house's own argon2id, which takes its time on purpose; the tests' houses use one with little work."""
    true = log_in.HASHER
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_in, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield true


@pytest.fixture(scope="session", autouse=True)
def texts_read_once() -> Iterator[None]:
    """All houses of a run share one reading and one check of the texts, which no test changes in place."""
    read: dict[str, Texts] = {}
    checked: set[int] = set()

    def load_once(language: str, fallback: Texts | None = None) -> Texts:
        if language not in read:
            read[language] = load_texts(language, fallback=fallback)
        return read[language]

    def check_once(knowledge: Knowledge, texts: Mapping[str, Texts]) -> None:
        if id(knowledge) not in checked:
            check_texts(knowledge, texts)
            checked.add(id(knowledge))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("briefbrug.house.load_texts", load_once)
        patch.setattr("briefbrug.house.check_texts", check_once)
        yield


MakeHouse = Callable[..., House]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, made once by the real migrations and copied for each test."""
    file = tmp_path_factory.mktemp("migrated") / "briefbrug.sqlite"
    migrate(f"sqlite:///{file}")
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture
def make_house(tmp_path: Path, migrated_file: Path) -> Iterator[MakeHouse]:
    """Builds houses: `make_house(url=None, **settings)`; settings without their prefix, in capitals."""
    houses: list[House] = []

    def make(url: str | None = None, **settings: str) -> House:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        environment = {
            "BRIEFBRUG_DATA": str(data),
            "BRIEFBRUG_DATABASE_URL": url or f"sqlite:///{data / 'briefbrug.sqlite'}",
            "BRIEFBRUG_TODAY": TODAY.isoformat(),
            "BRIEFBRUG_DEMO": "1",
            **{f"BRIEFBRUG_{name}": value for name, value in settings.items()},
        }
        read = read_settings(environment)
        make_key_file(read.key_file)
        if read.database_url.startswith("sqlite"):
            file = Path(read.database_url.removeprefix("sqlite:///"))
            if not file.exists():
                shutil.copyfile(migrated_file, file)
        house = build_house(read)
        houses.append(house)
        return house

    yield make
    for house in houses:
        house.close()


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    """A house on a fresh SQLite folder."""
    return make_house()


@pytest.fixture(params=["sqlite", "postgres"])
def any_house(request: pytest.FixtureRequest, make_house: MakeHouse) -> House:
    """The same house on SQLite and on PostgreSQL: every test of the store runs on both."""
    if request.param == "sqlite":
        return make_house()
    return make_house(request.getfixturevalue("postgres_url"))


@pytest.fixture
def a_team(house: House) -> str:
    """A team with one professional in `house`; returns the professional's reference."""
    return add_team(house)


WEEK = {
    "week": {day: ["09:00-12:30", "13:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    "days_off": [],
}


def add_team(house: House, *names: str) -> str:
    """Add a team with named professionals (default Melissa de Boer) to a house; return the first one's reference."""
    with house.work() as work:
        team = work.people.add_team("Wijkteam Noord", WEEK, organisation="gemeente Voorbeeld", phone="14 012")
        people = [
            work.people.add_professional(
                team,
                email=f"{name.split()[0].lower()}@example.org",
                name=name,
                role="hulpverlener",
                password_hash="",
                expertise=["wonen", "schulden"],
                demo=True,
            )
            for name in (names or ("Melissa de Boer",))
        ]
        return people[0].ref
