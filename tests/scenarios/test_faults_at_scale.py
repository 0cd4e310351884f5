"""The house as it runs at scale, over PostgreSQL, Redis and a webhook, with one part away: never silence (promise R5).

Together with `test_faults.py` (SQLite and polling) this is the matrix of six parts by three ways in; each cell that was
tried is printed with the seconds until the resident heard something.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.bot.servers import Served
from tests.bot.telegram_server import RefusedError, TelegramServer
from tests.conftest import ROOT_SAMPLES, free_port, postgres_binaries, wait_until
from tests.scenarios.doors import Door, WebDoor
from tests.scenarios.running import PROCESSES, Running

pytestmark = [pytest.mark.slow, pytest.mark.rasa, pytest.mark.talk, pytest.mark.timeout(1800)]

PHOTO = (ROOT_SAMPLES / "bag" / "foto-11.jpg").read_bytes()
SECRET = "geheim_van_de_tests-2"
SOON, RECOVERED = 50, 300
"""Seconds, five times what is promised: upper bounds against hanging."""
LATE = "Het duurt langer"
DOORS = ("web", "telegram")
MATRIX: list[str] = []


class Postgres:
    """A database server that can be taken away and brought back on the same port."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="briefbrug-postgres-"))
        self._cluster = self._folder / "cluster"
        is_root = os.geteuid() == 0
        self._prefix = ["runuser", "-u", "postgres", "--"] if is_root else []
        if is_root:
            shutil.chown(self._folder, "postgres")
        assert getpass.getuser()
        self._run("initdb", "-D", self._cluster, "-A", "trust", "-U", "briefbrug", "--no-sync")
        self.port = free_port()
        self.url = f"postgresql://briefbrug@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *words: str | Path) -> None:
        subprocess.run(
            [*self._prefix, postgres_binaries() / program, *words],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )

    def start(self) -> None:
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        self._run("pg_ctl", "-D", self._cluster, "-o", options, "-w", "-l", self._folder / "log", "start")
        psycopg.connect(self.url).close()

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._cluster, "-m", "immediate", "-w", "stop")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class Redis:
    """The lock store of the language model."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program, "Redis is missing: apt-get install redis-server"
        self._process = subprocess.Popen(
            [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)


class Scaled(Running):
    """The installation, its servers, and a Telegram that delivers by webhook until it hears 200."""

    def __init__(self, folder: Path, telegram: TelegramServer, url: str, postgres: Postgres, redis: Redis) -> None:
        super().__init__(
            folder,
            telegram,
            url,
            DATABASE_URL=postgres.url,
            REDIS_URL=f"redis://127.0.0.1:{redis.port}/0",
            TELEGRAM_WEBHOOK_SECRET=SECRET,
            TELEGRAM_PORT=str(free_port()),
        )
        self.postgres, self.redis = postgres, redis
        self._closing = threading.Event()
        self._posting = threading.Thread(target=self._post, daemon=True)

    def open(self) -> None:
        self.start()
        self._posting.start()

    def _post(self) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        with httpx.Client(timeout=60, trust_env=False) as client:
            while not self._closing.wait(0.05):
                with self.telegram.lock:
                    updates = list(self.telegram.updates)
                for update in updates:
                    try:
                        is_taken = client.post(
                            f"{self.system.url}/telegram/webhook", json=update, headers=headers
                        ).is_success
                    except httpx.HTTPError:
                        is_taken = False
                    if not is_taken:
                        self._closing.wait(1)
                        break
                    with self.telegram.lock:
                        self.telegram.updates.remove(update)

    def close(self) -> None:
        self._closing.set()
        super().close()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scaled]:
    postgres, redis = Postgres(), Redis()
    postgres.start()
    redis.start()
    telegram = TelegramServer(per_chat_seconds=1.0)
    try:
        with Served(telegram.app) as served:
            found = Scaled(tmp_path_factory.mktemp("scaled"), telegram, served.url, postgres, redis)
            try:
                found.open()
                yield found
            finally:
                telegram.closing = True
                found.close()
    finally:
        redis.stop()
        postgres.close()
        print("\n" + "\n".join(MATRIX))


def heard_within(
    part: str, door: str, heard: Callable[[], bool], seconds: float = SOON, began: float | None = None
) -> None:
    """Wait until the resident heard it; the matrix gets the seconds since `began`, or since now."""
    began = time.monotonic() if began is None else began
    wait_until(heard, seconds, f"a word at {door} without {part}")
    MATRIX.append(f"{part:16} {door:18} {time.monotonic() - began:6.1f} s")


def hears(door: Door, words: str, count: int = 1) -> Callable[[], bool]:
    return lambda: sum(words in each.text for each in door.heard()) >= count


def more_than(door: Door, count: int) -> Callable[[], bool]:
    return lambda: len(door.heard()) > count


def ready(here: Scaled, name: str) -> Door:
    """Return a visitor who has said yes."""
    door = here.enter(name)
    door.press("Ja, dat is goed")
    wait_until(hears(door, "Maak nu foto's"), SOON, "the answer to yes")
    return door


@contextmanager
def without(here: Scaled, process: str) -> Generator[None]:
    here.system.kill(process)
    try:
        yield
    finally:
        here.system.start(process)
        here.system.wait_for_pages()


def test_without_the_reader(here: Scaled) -> None:
    doors = [ready(here, name) for name in DOORS]
    with without(here, "worker"):
        for door in doors:
            began = time.monotonic()
            door.photo("foto.jpg", PHOTO)
            heard_within("reader", door.name, hears(door, LATE), began=began)


@pytest.mark.parametrize("process", ["actions", "rasa"])
def test_without_understanding(here: Scaled, process: str) -> None:
    doors = [ready(here, name) for name in DOORS]
    with without(here, process):
        for door in doors:
            began = time.monotonic()
            door.photo("foto.jpg", PHOTO)
            heard_within(process, door.name, hears(door, "Ik heb 1 foto"), began=began)
            before, began = len(door.heard()), time.monotonic()
            door.say("wat moet ik doen")
            heard_within(f"{process}, words", door.name, more_than(door, before), began=began)
    here.system.wait_for_rasa()
    here.system.wait_for_actions()


def test_without_redis(here: Scaled) -> None:
    doors = [ready(here, name) for name in DOORS]
    here.redis.stop()
    try:
        for door in doors:
            door.photo("foto.jpg", PHOTO)
            heard_within("redis", door.name, hears(door, "Ik heb 1 foto"))
            before, began = len(door.heard()), time.monotonic()
            door.say("wat moet ik doen")
            heard_within("redis, words", door.name, more_than(door, before), began=began)
    finally:
        here.redis.start()
    for door in doors:

        def understands(door: Door = door) -> bool:
            began = len(door.heard())
            door.say("wat kan jij eigenlijk doen?")
            wait_until(lambda: len(door.heard()) > began, SOON, "an answer")
            return "begrijp u nu even niet" not in door.heard()[-1].text

        wait_until(understands, RECOVERED, "understanding again after Redis came back")


def test_while_telegram_is_away(here: Scaled) -> None:
    door, page = ready(here, "telegram"), ready(here, "web")
    here.telegram.fault = lambda method, fields: RefusedError(502, "Bad Gateway")
    try:
        door.photo("foto.jpg", PHOTO)
        page.photo("foto.jpg", PHOTO)
        heard_within("telegram", "web", hears(page, "Ik heb 1 foto"))
    finally:
        here.telegram.fault = lambda method, fields: None
    heard_within("telegram", "telegram (after)", hears(door, "Ik heb 1 foto"), RECOVERED)


def test_while_postgres_is_away(here: Scaled) -> None:
    door, page = ready(here, "telegram"), ready(here, "web")
    assert isinstance(page, WebDoor)
    here.postgres.stop()
    try:
        door.photo("foto.jpg", PHOTO)
        began = time.monotonic()
        answer = page.client.post(
            "/chat/photo",
            data={"token": page.token, "id": "while-away-1"},
            files={"photos": ("foto.jpg", PHOTO, "image/jpeg")},
        )
        MATRIX.append(f"{'postgres':16} {'web':18} {time.monotonic() - began:6.1f} s")
        assert answer.status_code == 503
        assert "Het duurt langer" in answer.json()["text"]
        heard_within("postgres", "telegram", hears(door, LATE))
    finally:
        here.postgres.start()
    page.photo("foto.jpg", PHOTO)
    heard_within("postgres", "web (after)", hears(page, "Ik heb 1 foto"), RECOVERED)
    heard_within("postgres", "telegram (after)", hears(door, "Ik heb 1 foto"), RECOVERED)


def test_every_process_lives_after_all_this(here: Scaled) -> None:
    assert not [name for name in ("rasa", *PROCESSES) if here.system.is_dead(name)]
