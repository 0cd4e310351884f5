"""Phrases of letters, kept as data: each step of the reading has its file here, read once and compiled.

A file holds up to four parts. `pieces` are parts of patterns, put in where a pattern says `<<name>>`; those of
`common.yaml` are known in every file. `phrases` are
patterns: one, or a list of alternatives (tried in their order). `rows` are lists of a pattern with what it means.
`words` are plain lists. All patterns meet plain text: small letters, no accents (`ocr.lines.plain`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

HERE = Path(__file__).parent
_PIECE = re.compile(r"<<(\w+)>>")


@dataclass(frozen=True, slots=True)
class Cues:
    """The phrases of one file, compiled: by name a pattern, rows of pattern and meaning, or a set of words."""

    phrases: Mapping[str, re.Pattern[str]]
    rows: Mapping[str, tuple[tuple[re.Pattern[str], tuple[Any, ...]], ...]]
    words: Mapping[str, frozenset[str]]


def _raw(room: str) -> dict[str, Any]:
    return cast(dict[str, Any], yaml.load((HERE / f"{room}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


@cache
def cues(room: str) -> Cues:
    """Return the phrases of `<room>.yaml`.

    Raises:
        KeyError: a pattern names a piece that is not there.
        re.error: a pattern is no regular expression.
    """
    raw, common = _raw(room), _raw("common")
    pieces: dict[str, str] = {}

    def filled(pattern: str) -> str:
        return _PIECE.sub(lambda match: pieces[match[1]], pattern)

    def joined(pattern: str | list[str]) -> str:
        return filled(pattern if isinstance(pattern, str) else "|".join(pattern))

    for name, pattern in (common.get("pieces", {}) | raw.get("pieces", {})).items():
        pieces[name] = f"(?:{joined(pattern)})" if isinstance(pattern, list) else filled(pattern)
    return Cues(
        {name: re.compile(joined(pattern)) for name, pattern in raw.get("phrases", {}).items()},
        {
            name: tuple((re.compile(joined(row[0])), tuple(row[1:])) for row in rows)
            for name, rows in raw.get("rows", {}).items()
        },
        {name: frozenset(str(word) for word in words) for name, words in raw.get("words", {}).items()},
    )
