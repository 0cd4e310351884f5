"""`briefbrug read` for a person: every path ends in a letter or in a reason with advice, and says where to look."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from briefbrug.cli import main
from tests.ocr.build import LETTER, pdf, text_stream

DAY = ("--today", "2026-11-21")


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["read", *DAY, *arguments]) == 0
    return capsys.readouterr().out


def test_paths_that_hold_no_letter_get_a_reason_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty, inner, blank = tmp_path / "leeg", tmp_path / "post" / "map", tmp_path / "post" / "blanco.jpg"
    empty.mkdir()
    inner.mkdir(parents=True)
    (inner / "x.jpg").write_bytes(b"x")
    blank.write_bytes(b"")
    asked = [str(empty), str(tmp_path / "post"), str(tmp_path / "weg.jpg"), "/dev/zero"]
    said = _said(capsys, *asked)
    assert "geen brief gelezen" in said
    for told in (
        "In deze map staat niets.",
        "Dit is een map in een map.",
        "Er staat niets in dit bestand.",
        "Kijk of de naam klopt.",
    ):
        assert told in said
    found = json.loads(_said(capsys, "--json", *asked))
    assert {item["path"]: item["reason"] for item in found["unread"]} == {
        str(empty): "file_missing",
        str(blank): "file_empty",
        str(inner): "file_kind",
        str(tmp_path / "weg.jpg"): "file_missing",
        "/dev/zero": "file_kind",
    }
    assert all(item["advice"] for item in found["unread"]) and found["letters"] == []


def test_a_letter_says_where_to_look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "brief.pdf").write_bytes(pdf([text_stream(LETTER)]))
    said = _said(capsys, str(tmp_path / "brief.pdf"))
    printed = [line for line in LETTER if line]
    number = next(n for n, line in enumerate(printed, 1) if "27 november" in line)
    assert f"bewijs uiterste dag:  bladzijde 1, regel {number}\n" in said
    assert "vrijdag 27 november 2026" in said and "1.284,50 euro" in said


def test_a_wrong_day_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["read", "--today", "morgen", "brief.jpg"])
    assert caught.value.code == 2
    assert "'morgen' is no date; write it as 2026-11-21" in capsys.readouterr().err
