"""Backups: what is saved can be put back, also on the other database; the erased stay erased; damage is found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.backup import worth_keeping
from briefbrug.store.tables import CaseEventRow, Letter, Resident
from briefbrug.usecases.answer import Asked, answer_kindly
from briefbrug.usecases.erase import export_resident, forget_resident
from briefbrug.usecases.hand_over import confirm_hand_over, request_human
from briefbrug.usecases.keep_copies import back_up, back_up_when_due, backups, damage, put_back
from briefbrug.usecases.open_door import open_door
from tests.conftest import MakeHouse, add_team
from tests.usecases.test_chain import choose, eviction, fine, send_bag

ROOT = Path(__file__).parents[2]
ADDRESSES = ("secret-one", "secret-two")


def two_residents(house: House) -> tuple[str, str]:
    """Two residents with letters, photos and a case each."""
    add_team(house)
    refs: list[str] = []
    for number, address in enumerate(ADDRESSES):
        ref = open_door(house, "web", address).resident_ref
        choose(house, ref, "Ja, dat is goed")
        send_bag(house, ref, [eviction(), fine()], mark=f"{number}-")
        answer_kindly(request_human, house, Asked(ref))
        answer_kindly(confirm_hand_over, house, Asked(ref))
        refs.append(ref)
    return refs[0], refs[1]


def counts(house: House) -> dict[str, int]:
    with house.look() as work:
        return {
            table.__tablename__: work.session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Resident, Letter, CaseEventRow)
        }


@pytest.fixture
def saved(make_house: MakeHouse, tmp_path: Path) -> House:
    """A house on SQLite that knows a folder of backups."""
    return make_house(BACKUPS=str(tmp_path / "backups"))


def empty_house(make_house: MakeHouse, saved: House, url: str, folder: Path) -> House:
    """Another machine: the same key and backups, nothing else."""
    folder.mkdir()
    return make_house(
        url,
        DATA=str(folder),
        KEY_FILE=str(saved.settings.key_file),
        BACKUPS=str(saved.settings.backups),
    )


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_what_was_saved_is_put_back_also_on_the_other_database(
    saved: House, make_house: MakeHouse, tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    """S50, R12: counts, texts, photos and the clock of a case are the same; nothing damaged; new rows still fit."""
    refs = two_residents(saved)
    back_up(saved)
    url = f"sqlite:///{tmp_path}/other.sqlite" if database == "sqlite" else request.getfixturevalue("postgres_url")
    other = empty_house(make_house, saved, url, tmp_path / "elsewhere")
    put_back(other)
    assert counts(other) == counts(saved) and counts(saved)["resident"] == 2
    assert [export_resident(other, ref) for ref in refs] == [export_resident(saved, ref) for ref in refs]
    assert damage(other) == []
    assert open_door(other, "web", ADDRESSES[0]).resident_ref == refs[0]
    third = open_door(other, "web", "secret-three").resident_ref
    choose(other, third, "Ja, dat is goed")
    send_bag(other, third, [fine()], mark="third-")
    assert counts(other)["resident"] == 3


def test_an_erased_resident_is_in_no_backup(saved: House, make_house: MakeHouse, tmp_path: Path) -> None:
    """S49: also the older generation, made while she was here, brings nothing of her back."""
    gone, stays = two_residents(saved)
    with saved.look() as work:
        resident = work.residents.get(gone)
        assert resident is not None
        key = work.residents.key(resident)
        photos = [name for photo in work.papers.photos_of(resident) for name in photo.page_files]
    older = back_up(saved)
    folder = saved.settings.backups
    assert folder is not None and all((folder / "photos" / name[:2] / name).exists() for name in photos)
    forget_resident(saved, gone, "asked")
    assert not any((folder / "photos" / name[:2] / name).exists() for name in photos)
    assert not any(name in [file.name for file in folder.rglob("*")] for name in photos)
    for file in folder.rglob("*"):
        assert not file.is_file() or key not in file.read_bytes()
    other = empty_house(make_house, saved, f"sqlite:///{tmp_path}/other.sqlite", tmp_path / "elsewhere")
    back = put_back(other, older.name)
    assert back.erased == 1
    assert export_resident(other, gone) is None and export_resident(other, stays) == export_resident(saved, stays)
    assert open_door(other, "web", ADDRESSES[0]).is_new


def test_whoever_is_erased_while_a_backup_runs_does_not_come_back(
    saved: House, make_house: MakeHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, stays = two_residents(saved)

    def erase_in_between(point: str) -> None:
        assert point == "K15"
        forget_resident(saved, gone, "asked")

    monkeypatch.setattr("briefbrug.store.backup.fail_point", erase_in_between)
    back_up(saved)
    other = empty_house(make_house, saved, f"sqlite:///{tmp_path}/other.sqlite", tmp_path / "elsewhere")
    assert put_back(other).erased == 1
    assert export_resident(other, gone) is None and export_resident(other, stays) is not None


def test_a_changed_byte_is_found_anywhere(saved: House) -> None:
    """R12: in a photo, in the rows, in the list of contents, in the register; in the house itself as well."""
    two_residents(saved)
    name = back_up(saved).name
    copies = backups(saved)
    folder = copies.folder
    assert copies.findings(name) == []
    for path in [
        *sorted((folder / "photos").glob("??/*"))[:1],
        *sorted((folder / name).iterdir()),
        folder / "register",
    ]:
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert copies.findings(name), f"a changed byte in {path.name} was not found"
        path.write_bytes(content)
        path.rename(path.with_suffix(".away"))
        assert copies.findings(name), f"{path.name} is missing and that was not found"
        path.with_suffix(".away").rename(path)
    assert copies.findings(name) == [] and damage(saved) == []
    photo = min((saved.settings.data / "photos").glob("??/*"))
    content = photo.read_bytes()
    photo.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert len(damage(saved)) == 1
    photo.unlink()
    assert damage(saved) and all(line.endswith("is missing") for line in damage(saved))


def test_no_word_of_a_letter_or_resident_can_be_read_in_a_backup(saved: House) -> None:
    """S51."""
    ref, _ = two_residents(saved)
    back_up(saved)
    assert saved.settings.backups is not None
    for file in saved.settings.backups.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(
                word in content for word in (b"ontruiming", b"De Wit", b"secret-one", b"Melissa", ref.encode())
            )


def test_a_house_with_residents_is_never_written_over(saved: House) -> None:
    two_residents(saved)
    back_up(saved)
    before = counts(saved)
    with pytest.raises(BriefbrugError) as caught:
        put_back(saved)
    assert caught.value.reason is Reason.WRONG_STATE and counts(saved) == before


def test_a_backup_killed_halfway_leaves_no_half_backup(saved: House) -> None:
    """K15: the earlier generation stays whole, the next run makes a new one and clears away the rest."""
    two_residents(saved)
    first = back_up(saved).name
    settings = saved.settings
    environment = {
        **os.environ,
        "BRIEFBRUG_DATA": str(settings.data),
        "BRIEFBRUG_BACKUPS": str(settings.backups),
        "BRIEFBRUG_KEY_FILE": str(settings.key_file),
        "BRIEFBRUG_DEMO": "1",
    }
    command = [sys.executable, "-m", "briefbrug", "backup"]
    killed = subprocess.run(
        command, env={**environment, "BRIEFBRUG_KILL_AT": "K15"}, cwd=ROOT, check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL
    copies = backups(saved)
    assert copies.names() == [first] and copies.findings(first) == []
    assert list(copies.folder.glob("*.part"))
    done = subprocess.run(command, env=environment, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("saved ")
    assert len(copies.names()) == 2 and not list(copies.folder.glob("*.part"))
    assert all(copies.findings(name) == [] for name in copies.names())


def test_the_worker_saves_only_when_it_is_due(saved: House, make_house: MakeHouse) -> None:
    two_residents(saved)
    assert back_up_when_due(saved) is not None
    assert back_up_when_due(saved) is None
    assert back_up_when_due(make_house(BACKUPS="")) is None


NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_which_backups_are_worth_keeping() -> None:
    every_five_minutes = [NOW - timedelta(minutes=5 * step) for step in range(12 * 24 * 60)]
    kept = worth_keeping(every_five_minutes, NOW, keep_days=35)
    ages = sorted(NOW - moment for moment in kept)
    assert ages[0] == timedelta(0) and ages[-1] <= timedelta(days=35)
    assert sum(age <= timedelta(hours=1) for age in ages) == 13
    assert sum(timedelta(hours=1) < age <= timedelta(days=2) for age in ages) in {47, 48}
    assert sum(age > timedelta(days=2) for age in ages) in {33, 34}
    assert worth_keeping([NOW - timedelta(days=90), NOW - timedelta(days=80)], NOW, 35) == {NOW - timedelta(days=80)}
