"""Turns a `Message` into the text a resident reads; strict about every placeholder."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml

from briefbrug.errors import BriefbrugError, Reason

TEXTS_FOLDER = Path(__file__).parent / "texts"

Texts = Mapping[str, str]
"""Key to text of one language."""


@dataclass(frozen=True, slots=True)
class Message:
    """A text to say: its key in the text files and a value for each placeholder."""

    key: str
    values: Mapping[str, str | int] = field(default_factory=dict[str, str | int])


def placeholders(text: str) -> set[str]:
    """Return the names between braces in `text`."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def load_texts(language: str, folder: Path = TEXTS_FOLDER) -> dict[str, str]:
    """Return all texts of one language (BCP 47 code, a folder under `texts/`).

    Raises:
        BriefbrugError: TEXTS, when the folder is missing, a file is no mapping, or a key stands in two files.
    """
    texts: dict[str, str] = {}
    files = sorted((folder / language).glob("*.yaml"))
    if not files:
        raise BriefbrugError(Reason.TEXTS, f"no texts for language {language}")
    for file in files:
        content = cast(object, yaml.safe_load(file.read_text(encoding="utf-8")))
        if not isinstance(content, dict) or not isinstance(content.get("texts"), dict):  # pyright: ignore[reportUnknownMemberType]
            raise BriefbrugError(Reason.TEXTS, f"{file.name}: expected a mapping under 'texts'")
        for key, text in cast(dict[str, str], content["texts"]).items():
            if key in texts:
                raise BriefbrugError(Reason.TEXTS, f"{file.name}: {key} stands in two files")
            texts[key] = str(text).strip()
    return texts


def say(message: Message, texts: Texts) -> str:
    """Return the text of `message`.

    Raises:
        BriefbrugError: TEXTS, when the key is unknown, or a value is missing or left over.
    """
    if message.key not in texts:
        raise BriefbrugError(Reason.TEXTS, f"no text {message.key}")
    text = texts[message.key]
    wanted, given = placeholders(text), set(message.values)
    if wanted != given:
        raise BriefbrugError(Reason.TEXTS, f"{message.key}: missing {wanted - given}, unused {given - wanted}")
    return text.format(**{name: str(value) for name, value in message.values.items()})
