"""The letters that are learnt from, as the reader sees them, each with what careful people say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from briefbrug.letter import PageReading
from ocr.pool import ReadingPool
from tests.bed.letters import HERE, all_letters
from tests.bed.render import render
from tests.ocr.build import short_letter

SHORT = (*sorted((HERE / "short").glob("*.yaml")), *sorted((HERE.parent / "ocr").glob("*.yaml")))
"""Short letters: those of `short/` are for learning, the others for the tests of the reading, too."""
DATED = "Datum: 12 november 2026"
UNTOUCHED = frozenset({"blind"})
"""Parts of the bed that nothing is learnt from: the bench reports on them."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A letter: its source (a file, or a part of the bed), its pages, and its truth without what is open."""

    source: str
    pages: tuple[PageReading, ...]
    truth: dict[str, Any]


@cache
def labelled() -> tuple[Labelled, ...]:
    """Return all letters to learn from; those of the bed are typeset and read as text PDFs (about two minutes)."""
    return (*_short(), *_bed())


def _short() -> Iterator[Labelled]:
    for path in SHORT:
        for raw in cast(list[dict[str, Any]], yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)):
            body = raw["body"].split("\n") if isinstance(raw["body"], str) else [str(part) for part in raw["body"]]
            page = short_letter(
                raw.get("from") or raw["sender"], raw["subject"], body, raw.get("head") or [], raw.get("dated") or DATED
            )
            yield Labelled(path.stem, (page,), raw)


def _bed() -> Iterator[Labelled]:
    letters = [one for one in all_letters() if one.part not in UNTOUCHED]
    with ReadingPool(2) as pool:
        for letter, paper in zip(letters, render(letters), strict=True):
            truth = {name: value for name, value in letter.truth.items() if name not in letter.open}
            source = letter.id[:2] if letter.part == "unseen" else letter.part
            yield Labelled(source, tuple(pool.read(Path(paper.pdf).read_bytes())), truth)
