"""The checkout that the guards look at: its files, and what stands in them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("briefbrug", "bot", "actions", "ocr", "inbox")


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file that belongs to the project, relative to `ROOT`; also new ones that git does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    names = sorted({Path(name) for name in listed.split("\0") if name})
    return tuple(name for name in names if (ROOT / name).is_file())


def text_of(name: Path | str) -> str:
    """Return the text of a file; a picture or another binary file is an empty text."""
    content = (ROOT / name).read_bytes()
    if b"\0" in content[:8192]:
        return ""
    return content.decode("utf-8", errors="replace")


@cache
def tree_of(name: Path | str) -> ast.Module:
    """Return a Python file as a tree, which nobody changes."""
    return ast.parse(text_of(name))


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below `folders` (default: the core and the rooms)."""
    wanted = folders or ROOMS
    return [name for name in tracked() if name.suffix == ".py" and name.parts[0] in wanted]
