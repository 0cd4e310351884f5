"""Killed while it forgets (K13) or makes its tables (K14): the next run finishes the work, on both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, update

from briefbrug.house import House, build_house
from briefbrug.settings import read_settings
from briefbrug.store.migrate import migrate
from briefbrug.store.tables import Resident, Table
from briefbrug.usecases.erase import export_resident
from briefbrug.usecases.keep_watch import forget_by_term, remove_orphans
from briefbrug.usecases.open_door import open_door
from tests.usecases.test_chain import choose, eviction, send_bag

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FORGET = """
from briefbrug.house import build_house
from briefbrug.settings import read_settings
from briefbrug.usecases.keep_watch import forget_by_term
forget_by_term(build_house(read_settings()))
"""


def environment(house: House, **more: str) -> dict[str, str]:
    settings = house.settings
    assert settings.today is not None
    return {
        **os.environ,
        "BRIEFBRUG_DATA": str(settings.data),
        "BRIEFBRUG_DATABASE_URL": settings.database_url,
        "BRIEFBRUG_TODAY": settings.today.isoformat(),
        "BRIEFBRUG_DEMO": "1",
        **more,
    }


def test_killed_while_it_forgets(any_house: House) -> None:
    """K13: rows and key are gone in one go; files that the kill left are unreadable, and swept away afterwards."""
    house = any_house
    refs: list[str] = []
    for number in range(3):
        refs.append(open_door(house, "web", f"secret-{number}").resident_ref)
        choose(house, refs[-1], "Ja, dat is goed")
        send_bag(house, refs[-1], [eviction()], mark=f"{number}-")
    stays = refs[2]
    long_ago = house.clock.now() - timedelta(days=house.settings.retention_idle_days + 1)
    with house.work() as work:
        work.session.execute(update(Resident).where(Resident.ref.in_(refs[:2])).values(last_seen_at=long_ago))
    before = export_resident(house, stays)
    killed = subprocess.run(
        [sys.executable, "-c", FORGET],
        env=environment(house, BRIEFBRUG_KILL_AT="K13"),
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL
    assert sum(export_resident(house, ref) is None for ref in refs) == 1
    with house.look() as work:
        known = work.papers.known_files()
    left = house.photos.names() - known
    assert left, "the kill came before the files were destroyed"
    assert forget_by_term(house) == 1
    assert [export_resident(house, ref) is None for ref in refs] == [True, True, False]
    for name in left:
        os.utime(house.photos.path(name), (0, 0))
    assert remove_orphans(house) == len(left)
    with house.look() as work:
        assert house.photos.names() == work.papers.known_files()
    assert export_resident(house, stays) == before


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_killed_while_it_makes_its_tables(tmp_path: Path, request: pytest.FixtureRequest, database: str) -> None:
    """K14: after our own tables, before those of the queues; the second run completes them."""
    url = f"sqlite:///{tmp_path}/new.sqlite" if database == "sqlite" else request.getfixturevalue("empty_postgres_url")
    values = {"BRIEFBRUG_DATA": str(tmp_path), "BRIEFBRUG_DATABASE_URL": url, "BRIEFBRUG_DEMO": "1"}
    command = [sys.executable, "-m", "briefbrug", "migrate"]
    killed = subprocess.run(
        command,
        env={**os.environ, **values, "BRIEFBRUG_KILL_AT": "K14"},
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL
    done = subprocess.run(command, env={**os.environ, **values}, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    migrate(url)
    house = build_house(read_settings(values))
    assert set(Table.metadata.tables) <= set(inspect(house.engine).get_table_names())
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    house.close()
