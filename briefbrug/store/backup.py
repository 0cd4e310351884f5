"""Copies of the whole house that can be put back, on either database, and in which an erased resident stays erased.

A folder of backups holds
- `<moment>/`: a generation, complete or absent: the rows of one moment, sealed with the installation's key, and a
  sealed `contents` with their number, the fingerprints of its files and the names of the photos;
- `photos/`: the sealed photos that the house still refers to, shared by all generations;
- `register`: the only place with residents' keys, their addresses, updates not yet handled and receipts of erasures.
  It is written over each time and struck at each erasure, so that no older generation brings an erased resident back
  (AVG art. 17; design.md section 2: destroying the key is the deletion, backups included).
Rows are copied by meaning and not by database: what was saved from SQLite can be put back on PostgreSQL.
"""

from __future__ import annotations

import base64
import fcntl
import gzip
import hashlib
import json
import os
import secrets
import shutil
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, LargeBinary, MetaData, func, select, text
from sqlalchemy import Table as Sheet
from sqlalchemy.types import Date

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.failpoints import fail_point
from briefbrug.store.database import is_sqlite
from briefbrug.store.tables import (
    Door,
    Erasure,
    Heartbeat,
    LinkCode,
    LoginAttempt,
    Moment,
    Resident,
    StaffSession,
    Table,
    TelegramUpdate,
)
from briefbrug.vault import Vault, open_with

ROWS_PER_FILE = 2_000
PARTIAL = ".part"
REGISTER = "register"
CONTENTS = "contents"
MOMENT = "%Y-%m-%dT%H-%M-%SZ"

MOMENTARY = frozenset(table.__tablename__ for table in (StaffSession, LoginAttempt, Heartbeat, LinkCode))
"""Tables that mean nothing after a restart."""

STRUCK = frozenset(table.__tablename__ for table in (Door, Erasure, TelegramUpdate))
"""Tables that only the register holds: they open with the installation's key, so they must not outlive an erasure."""

Row = dict[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Generation:
    """One complete backup: when it was made, rows per table, fingerprint per file, names of photos."""

    name: str
    made_at: datetime
    version: str
    rows: Mapping[str, int]
    files: Mapping[str, str]
    photos: Sequence[str]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: rows, photos, and residents left out because they were erased since."""

    generation: Generation
    rows: int
    photos: int
    erased: int


class Backups:
    """A folder of backups, sealed with the installation's key."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.folder = folder
        self._vault = vault

    # --- to save ----------------------------------------------------------------------------------------------------

    def save(self, engine: Engine, photos: Path, now: datetime) -> Generation:
        """Make a generation of this moment; return it.

        Raises:
            BriefbrugError: UNEXPECTED, when another backup is busy in this folder.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked("busy", wait=False):
            for left in self.folder.glob(f"*{PARTIAL}"):
                shutil.rmtree(left, ignore_errors=True)
            name = now.astimezone(UTC).strftime(MOMENT)
            aside = self.folder / f"{name}{PARTIAL}"
            aside.mkdir(mode=0o700)
            with _one_moment(engine) as connection:
                generation = self._write_rows(connection, aside, name, now)
            self._copy_photos(photos, generation.photos)
            fail_point("K15")
            self._write(aside / CONTENTS, _dump(_contents_row(generation)), f"backup:{name}:{CONTENTS}")
            self._refresh_register(engine)
            aside.rename(self.folder / name)
            _sync(self.folder)
            return generation

    def _write_rows(self, connection: Connection, aside: Path, name: str, now: datetime) -> Generation:
        rows: dict[str, int] = {}
        files: dict[str, str] = {}
        photos: set[str] = set()
        for sheet in _sheets():
            if sheet.name in MOMENTARY | STRUCK:
                continue
            count = 0
            found = connection.execute(select(sheet), execution_options={"yield_per": ROWS_PER_FILE})
            for number, part in enumerate(_batches(found.mappings())):
                lines = [_row_out(sheet, cast(Mapping[str, Any], row)) for row in part]
                for line in lines:
                    photos.update(_photo_names(sheet, line))
                    if sheet.name == Resident.__tablename__:
                        del line["wrapped_key"]
                file = f"{sheet.name}-{number:05d}"
                files[file] = self._write(aside / file, _dump(lines), f"backup:{name}:{file}")
                count += len(lines)
            rows[sheet.name] = count
        version = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
        return Generation(name, now, version, rows, files, sorted(photos))

    def _copy_photos(self, photos: Path, names: Sequence[str]) -> None:
        """Copy what is new and let go of what the house itself no longer refers to."""
        kept = set(names)
        for name in names:
            source, target = photos / name[:2] / name, self.folder / "photos" / name[:2] / name
            if target.exists() or not source.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_file(target, source.read_bytes())
        for file in (self.folder / "photos").glob("??/*"):
            if file.name not in kept:
                file.unlink(missing_ok=True)

    def _refresh_register(self, engine: Engine) -> None:
        """Write the register of this very moment: whoever was erased while the rows were copied is not in it."""
        with self._locked(REGISTER), _one_moment(engine) as connection:
            keys = {
                str(row.ref): base64.b64encode(bytes(row.wrapped_key)).decode()
                for row in connection.execute(select(Resident.ref, Resident.wrapped_key))
            }
            held = {
                sheet.name: [
                    _row_out(sheet, cast(Mapping[str, Any], row))
                    for row in connection.execute(select(sheet)).mappings()
                ]
                for sheet in _sheets()
                if sheet.name in STRUCK
            }
            self._write(self.folder / REGISTER, _dump({"keys": keys, "rows": held}), "backup:register")

    def strike(self, resident_ref: str, photo_names: Sequence[str]) -> None:
        """Take an erased resident out of the register, and her photos out of the folder; for ever."""
        if not (self.folder / REGISTER).exists():
            return
        with self._locked(REGISTER):
            register = self._register()
            register["keys"].pop(resident_ref, None)
            doors = register["rows"].get(Door.__tablename__, [])
            register["rows"][Door.__tablename__] = [row for row in doors if row["resident_ref"] != resident_ref]
            self._write(self.folder / REGISTER, _dump(register), "backup:register")
        for name in photo_names:
            (self.folder / "photos" / name[:2] / name).unlink(missing_ok=True)

    def thin_out(self, now: datetime, keep_days: int) -> list[str]:
        """Remove the generations that `worth_keeping` leaves out; return their names."""
        made = {generation: _moment_of(generation) for generation in self.names()}
        kept = worth_keeping(list(made.values()), now, keep_days)
        removed = [name for name, moment in made.items() if moment not in kept]
        for name in removed:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return removed

    # --- to look ----------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Return the complete generations, oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(folder.parent.name for folder in self.folder.glob(f"????-??-??T*Z/{CONTENTS}"))

    def generation(self, name: str) -> Generation:
        """Return what a generation holds.

        Raises:
            BriefbrugError: NOT_FOUND when there is none of that name; KEY when it was changed or has another key.
        """
        if name not in self.names():
            raise BriefbrugError(Reason.NOT_FOUND, f"there is no backup {name!r} in {self.folder.name}")
        row = self._read(self.folder / name / CONTENTS, f"backup:{name}:{CONTENTS}")
        return Generation(
            name=name,
            made_at=datetime.fromisoformat(row["made_at"]),
            version=row["version"],
            rows=row["rows"],
            files=row["files"],
            photos=row["photos"],
        )

    def findings(self, name: str) -> list[str]:
        """Return what is wrong with a generation, one line each; an empty list when all of it can be put back."""
        try:
            generation = self.generation(name)
            register = self._register()
        except BriefbrugError as error:
            return [error.detail]
        found: list[str] = []
        for file, digest in generation.files.items():
            path = self.folder / name / file
            if not path.exists():
                found.append(f"{name}/{file} is missing")
            elif _digest(path.read_bytes()) != digest:
                found.append(f"{name}/{file} was changed")
        if not found:
            found += self._photo_findings(generation, register["keys"], newest=name == self.names()[-1])
        return found

    def _photo_findings(self, generation: Generation, keys: Mapping[str, str], *, newest: bool) -> list[str]:
        """Return the photos of a generation that are missing or do not open.

        What the house let go of since is not missing: only the newest generation names those that must be here.
        """
        found: list[str] = []
        for sheet in _sheets():
            for row in self._rows(generation, sheet):
                for photo in sorted(_photo_names(sheet, row)):
                    wrapped = keys.get(row.get("resident_ref", ""))
                    path = self.folder / "photos" / photo[:2] / photo
                    if wrapped is None:
                        continue
                    if not path.exists():
                        found += [f"photos/{photo} is missing"] if newest else []
                        continue
                    try:
                        open_with(self._vault.unwrap(base64.b64decode(wrapped)), path.read_bytes(), "photo")
                    except BriefbrugError:
                        found.append(f"photos/{photo} was changed")
        return found

    # --- to put back ------------------------------------------------------------------------------------------------

    def restore(self, name: str, engine: Engine, photos: Path) -> Restored:
        """Put a generation back into an empty house, without those who were erased since.

        Raises:
            BriefbrugError: WRONG_STATE when the house is not empty or its tables are of another version; KEY when a
                file was changed. Nothing is put back then.
        """
        generation = self.generation(name)
        register = self._register()
        wrong = [line for line in self.findings(name) if "photos/" not in line]
        if wrong:
            raise BriefbrugError(Reason.KEY, "; ".join(wrong[:5]))
        with engine.begin() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            if version != generation.version:
                raise BriefbrugError(Reason.WRONG_STATE, f"the backup has tables {generation.version}, not {version}")
            if connection.execute(select(Resident.ref).limit(1)).first() is not None:
                raise BriefbrugError(
                    Reason.WRONG_STATE, "there are residents here already: restore into an empty house"
                )
            rows, erased = self._put_rows(connection, generation, register)
        copied = 0
        for file in (self.folder / "photos").glob("??/[!.]*"):
            target = photos / file.parent.name / file.name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                _write_file(target, file.read_bytes())
                copied += 1
        return Restored(generation, rows, copied, erased)

    def _put_rows(self, connection: Connection, generation: Generation, register: Row) -> tuple[int, int]:
        left_out: dict[str, set[Any]] = defaultdict(set)
        present: set[str] = set()
        total = 0
        for sheet in _sheets():
            if sheet.name in MOMENTARY:
                continue
            connection.execute(sheet.delete())
            held = register["rows"].get(sheet.name, []) if sheet.name in STRUCK else self._rows(generation, sheet)
            for part in _batches(_survivors(sheet, held, register["keys"], left_out, present)):
                connection.execute(sheet.insert(), part)
                total += len(part)
            _go_on_counting(connection, sheet)
        return total, len(left_out[Resident.__tablename__])

    def _rows(self, generation: Generation, sheet: Sheet) -> Iterator[Row]:
        for file in sorted(file for file in generation.files if file.rsplit("-", 1)[0] == sheet.name):
            yield from self._read(self.folder / generation.name / file, f"backup:{generation.name}:{file}")

    def _register(self) -> Row:
        return self._read(self.folder / REGISTER, "backup:register")

    # --- files ------------------------------------------------------------------------------------------------------

    def _write(self, path: Path, plain: bytes, purpose: str) -> str:
        sealed = self._vault.seal_bytes(plain, purpose)
        _write_file(path, sealed)
        return _digest(sealed)

    def _read(self, path: Path, purpose: str) -> Any:
        try:
            sealed = path.read_bytes()
        except FileNotFoundError as error:
            raise BriefbrugError(Reason.NOT_FOUND, f"{path.parent.name}/{path.name} is missing") from error
        try:
            return json.loads(gzip.decompress(self._vault.open_bytes(sealed, purpose)))
        except BriefbrugError as error:
            detail = f"{path.parent.name}/{path.name} was changed or belongs to another installation's key"
            raise BriefbrugError(Reason.KEY, detail) from error

    @contextmanager
    def _locked(self, name: str, *, wait: bool = True) -> Generator[None]:
        """Hold a lock among all processes that use this folder."""
        with (self.folder / f".{name}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as error:
                raise BriefbrugError(Reason.UNEXPECTED, "another backup is busy in this folder") from error
            yield


def worth_keeping(made: Sequence[datetime], now: datetime, keep_days: int) -> set[datetime]:
    """Return which moments to keep: all of the last hour, one an hour for two days, one a day until `keep_days`.

    The newest is always kept, however old it is.
    """
    kept: set[datetime] = set()
    seen: set[tuple[str, str]] = set()
    for moment in sorted(made, reverse=True):
        age = now - moment
        if age <= timedelta(hours=1):
            slot = ("all", moment.isoformat())
        elif age <= timedelta(days=2):
            slot = ("hour", moment.strftime("%Y%m%d%H"))
        elif age <= timedelta(days=keep_days):
            slot = ("day", moment.strftime("%Y%m%d"))
        else:
            continue
        if slot not in seen:
            seen.add(slot)
            kept.add(moment)
    return kept or set(sorted(made)[-1:])


# --- rows -----------------------------------------------------------------------------------------------------------


def _sheets() -> list[Sheet]:
    """Return our tables, each after those that it refers to."""
    metadata: MetaData = Table.metadata
    return metadata.sorted_tables


@contextmanager
def _one_moment(engine: Engine) -> Generator[Connection]:
    """Open a transaction that sees the database as it is at one moment and changes nothing."""
    with engine.connect() as connection:
        if is_sqlite(engine):
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection
        connection.rollback()


def _batches(rows: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield `rows` in lists of at most `ROWS_PER_FILE`."""
    walk = iter(rows)
    while part := list(islice(walk, ROWS_PER_FILE)):
        yield part


def _row_out(sheet: Sheet, row: Mapping[str, Any]) -> Row:
    """Return a row as JSON can hold it: bytes as base64, moments and days in ISO 8601."""

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return value.isoformat() if isinstance(value, datetime | date) else value

    return {column.name: plain(row[column.name]) for column in sheet.columns}


def _row_in(sheet: Sheet, row: Row) -> Row:
    """Return a row as the database takes it."""

    def rich(name: str, value: Any) -> Any:
        kind = sheet.columns[name].type
        if value is None:
            return None
        if isinstance(kind, LargeBinary):
            return base64.b64decode(value)
        if isinstance(kind, Moment):
            return datetime.fromisoformat(value)
        return date.fromisoformat(value) if isinstance(kind, Date) else value

    return {name: rich(name, value) for name, value in row.items()}


def _survivors(
    sheet: Sheet, rows: Iterable[Row], keys: Mapping[str, str], left_out: dict[str, set[Any]], present: set[str]
) -> Iterator[Row]:
    """Yield the rows of `sheet` to put back.

    Notes in `left_out` the keys of those that an erasure took along, and in `present` the residents who are back.
    """
    own_key = next(iter(sheet.primary_key.columns)).name
    for row in rows:
        if sheet.name == Resident.__tablename__:
            wrapped = keys.get(row["ref"])
            if wrapped is None:
                left_out[sheet.name].add(row["ref"])
                continue
            row["wrapped_key"] = wrapped
            present.add(row["ref"])
        gone = False
        for column in sheet.columns:
            for foreign in column.foreign_keys:
                if row[column.name] not in left_out[foreign.column.table.name]:
                    continue
                if foreign.ondelete == "SET NULL":
                    row[column.name] = None
                else:
                    gone = True
        # The register may know of a resident who came after this generation.
        if sheet.name == Door.__tablename__ and row["resident_ref"] not in present:
            gone = True
        if gone:
            left_out[sheet.name].add(row[own_key])
        else:
            yield _row_in(sheet, row)


def _go_on_counting(connection: Connection, sheet: Sheet) -> None:
    """Let PostgreSQL number new rows after those that were put back."""
    key = next(iter(sheet.primary_key.columns))
    if connection.dialect.name != "postgresql" or sheet.autoincrement_column is not key:
        return
    sequence = func.pg_get_serial_sequence(sheet.name, key.name)
    highest = select(func.coalesce(func.max(key), 0) + 1).scalar_subquery()
    connection.execute(select(func.setval(sequence, highest, False)))


def _photo_names(sheet: Sheet, row: Mapping[str, Any]) -> set[str]:
    """Return the names of stored files that a row refers to."""
    names = {row.get("file_name"), *(row.get("page_files") or ())} if "file_name" in sheet.columns else set[Any]()
    return {str(name) for name in names if name}


# --- bytes ----------------------------------------------------------------------------------------------------------


def _contents_row(generation: Generation) -> Row:
    return {
        "made_at": generation.made_at.isoformat(),
        "version": generation.version,
        "rows": dict(generation.rows),
        "files": dict(generation.files),
        "photos": list(generation.photos),
    }


def _dump(value: object) -> bytes:
    return gzip.compress(json.dumps(value, separators=(",", ":")).encode(), compresslevel=5, mtime=0)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _moment_of(name: str) -> datetime:
    return datetime.strptime(name, MOMENT).replace(tzinfo=UTC)


def _write_file(path: Path, content: bytes) -> None:
    """Write a file that is complete or absent."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
