"""Stored photos: sealed files outside the database, named by their content, written before their row."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from briefbrug.failpoints import fail_point
from briefbrug.vault import content_name, open_with, seal_with


class PhotoStore:
    """Files under `folder`, one per content and resident.

    A file is complete or absent: it is written aside, synced, then renamed; its row follows in the database.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Return where the file `name` lies."""
        return self._folder / name[:2] / name

    def put(self, resident_key: bytes, content: bytes) -> str:
        """Seal and store `content`; return its name. The same content again is the same file."""
        name = content_name(resident_key, content)
        target = self.path(name)
        if target.exists():
            return name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = target.with_suffix(f".{secrets.token_hex(4)}.part")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(seal_with(resident_key, content, "photo"))
            file.flush()
            os.fsync(file.fileno())
        aside.rename(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        fail_point("K5")
        return name

    def get(self, resident_key: bytes, name: str) -> bytes | None:
        """Return the content of `name`, or None when the file is gone."""
        try:
            sealed = self.path(name).read_bytes()
        except FileNotFoundError:
            return None
        return open_with(resident_key, sealed, "photo")

    def destroy(self, name: str) -> None:
        """Overwrite and remove `name`; a missing file is fine."""
        target = self.path(name)
        try:
            with target.open("r+b") as file:
                file.write(b"\x00" * target.stat().st_size)
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        target.unlink(missing_ok=True)

    def names(self) -> set[str]:
        """Return the names of all complete files, for the sweep of orphans."""
        if not self._folder.is_dir():
            return set()
        return {file.name for file in self._folder.glob("??/*") if not file.name.endswith(".part")}
