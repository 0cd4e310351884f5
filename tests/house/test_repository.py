"""The repository holds nothing of one machine, one registry or one person, and no name that says nothing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.checkout import ROOT, python_files, text_of, tracked, tree_of

# Spelled in pieces, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(
        [
            r"(?:py)?p[iy](?:pi|thonhosted)[.]org",
            r"registry[.](?:npm|yarn)[a-z]*[.]",
            r"(?:deb|security|archive)[.](?:debian|ubuntu)[.]",
        ]
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.~$}])/(?:work|root|farm|Users|home)/[A-Za-z.]")
SECRETS = re.compile(
    r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"  # a bot token of Telegram
)
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "data", "info", "misc", "common", "stuff"}
LARGEST_BYTES = 1_500_000


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Return where `pattern` stands, as `file:line`."""
    return [
        f"{name}:{number}"
        for name in tracked()
        for number, line in enumerate(text_of(name).splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(REGISTRIES, id="no address of a package registry"),
        pytest.param(MACHINE_PATHS, id="no path of one machine"),
        pytest.param(SECRETS, id="no secret"),
    ],
)
def test_what_must_not_stand_in_the_repository(pattern: re.Pattern[str]) -> None:
    assert lines_with(pattern) == []


def test_no_key_token_or_environment_file_is_kept() -> None:
    suspicious = {".env", "rasa-token", "installation.key", "demo-logins.txt"}
    assert [
        str(name) for name in tracked() if name.name in suspicious or name.suffix in {".key", ".pem", ".sqlite"}
    ] == []


def test_the_repository_stays_light() -> None:
    assert [str(name) for name in tracked() if (ROOT / name).stat().st_size > LARGEST_BYTES] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {part.removesuffix(".py") for name in python_files() for part in name.parts}
    assert parts & EMPTY_NAMES == set()


@pytest.mark.parametrize("name", python_files(), ids=str)
def test_each_module_opens_with_what_it_is_for(name: Path) -> None:
    first = (ast.get_docstring(tree_of(name)) or "").splitlines()
    assert first, "no docstring"
    assert first[0].rstrip().endswith((".", "?")), "the first line is a sentence"


def test_no_room_is_imported_through_a_string() -> None:
    hidden = re.compile(r"""(?:import_module|__import__)\(\s*f?["'](?:bot|actions|ocr|inbox)\b""")
    found = {str(name) for name in python_files() if hidden.search(text_of(name))}
    assert found <= {"briefbrug/cli.py", "briefbrug/processes.py"}


def test_the_rasa_world_and_the_house_never_import_each_other() -> None:
    for name in python_files():
        assert not re.search(r"^\s*(?:from|import) (?:rasa|nlu_data|rasa_parts)\b", text_of(name), re.MULTILINE), name
    for name in python_files("nlu_data"):
        assert not re.search(
            r"^\s*(?:from|import) (?:briefbrug|bot|actions|ocr|inbox)\b", text_of(name), re.MULTILINE
        ), name
