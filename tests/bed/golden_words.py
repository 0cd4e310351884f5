"""Writes `words.json` of the golden letters: what the reader saw, so that facts can be tested alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from briefbrug.letter import READINGS
from ocr.reader import Reader


def write_words(folder: Path, only: str = "") -> None:
    """Read the pictures of every golden letter (or of one) and write what was seen; look at each change first."""
    reader = Reader()
    for home in sorted(path for path in folder.iterdir() if path.is_dir() and only in {"", path.name}):
        expected = yaml.safe_load((home / "expected.yaml").read_text(encoding="utf-8"))
        pages = tuple(page for name in expected["pages"] for page in reader.read_file((home / name).read_bytes()))
        pages = tuple(replace(page, seconds=0.0) for page in pages)
        (home / "words.json").write_bytes(READINGS.dump_json(pages))
