"""The phrases of letters as data: every file loads, and every phrase in it is used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import ocr
from ocr.cues import HERE, cues

ROOMS = sorted(path.stem for path in HERE.glob("*.yaml"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in Path(ocr.__file__).parent.glob("*.py"))


def _raw(room: str) -> dict[str, Any]:
    return yaml.safe_load((HERE / f"{room}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("room", ROOMS)
def test_phrases_compile_and_are_used(room: str) -> None:
    found = cues(room)
    assert f'cues("{room}")' in CODE or room == "common"
    names = [*found.phrases, *found.rows, *found.words]
    assert [name for name in names if f'"{name}"' not in CODE] == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_piece_of_a_pattern_is_left_over(room: str) -> None:
    rooms = ROOMS if room == "common" else [room]
    text = "\n".join((HERE / f"{name}.yaml").read_text(encoding="utf-8") for name in rooms)
    used = set(re.findall(r"<<(\w+)>>", text))
    assert set(_raw(room).get("pieces", {})) - used == set()
