"""Turns the desk's Dutch templates into another language as they are loaded: whole pieces of text are exchanged.

The templates stay readable Dutch; `texts/desk_en.yaml` maps each piece of text between two tags or expressions to its
English. What has no translation stays Dutch, and a test lists it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import BaseLoader, Environment, FileSystemLoader

EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
TAG = re.compile(r"<[^<>]*>", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(r'(?<=\s)(aria-label|title|placeholder|alt)="([^"]*)"')
LITERAL = re.compile(r'"([^"\\]*)"')
MARK = re.compile("\x00(\\d+)\x00")
WORDS = re.compile(r"[^\W\d_]{2,}")

Exchange = Callable[[str], str]


def exchanged(source: str, text: Exchange, literal: Exchange) -> str:
    """Return a template in other words; blanks around a piece, tags and expressions stay as they are.

    Args:
        source: the template.
        text: says a piece of text between two tags or expressions.
        literal: says a quoted string of an expression.
    """
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(LITERAL.sub(lambda found: f'"{literal(found[1])}"', match[0]))
        return f"\x00{len(kept) - 1}\x00"

    marked = EXPRESSION.sub(keep, source)

    def pieces(raw: str) -> str:
        parts = MARK.split(raw)
        # Every second part is the number of an expression.
        return "".join(f"\x00{part}\x00" if place % 2 else _around(part, text) for place, part in enumerate(parts))

    out: list[str] = []
    end = 0
    for tag in TAG.finditer(marked):
        out.append(pieces(marked[end : tag.start()]))
        out.append(SPOKEN_ATTRIBUTE.sub(lambda found: f'{found[1]}="{pieces(found[2])}"', tag[0]))
        end = tag.end()
    out.append(pieces(marked[end:]))
    return MARK.sub(lambda found: kept[int(found[1])], "".join(out))


def _around(part: str, text: Exchange) -> str:
    """Exchange the words of a piece; the blanks around it stay."""
    inner = part.strip()
    if not WORDS.search(inner):
        return part
    start = part.index(inner)
    return part[:start] + text(" ".join(inner.split())) + part[start + len(inner) :]


class TranslatingLoader(BaseLoader):
    """Loads the templates of a folder in another language."""

    def __init__(self, folder: Path, pieces: Mapping[str, str], quoted: Mapping[str, str]) -> None:
        self._files = FileSystemLoader(folder)
        self._pieces = pieces
        self._quoted = quoted

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return a template's source in the other language."""
        source, file, fresh = self._files.get_source(environment, template)
        said = exchanged(
            source, lambda dutch: self._pieces.get(dutch, dutch), lambda dutch: self._quoted.get(dutch, dutch)
        )
        return said, file, fresh
