"""What `briefbrug read --json` prints of real files keeps to its description: each field, each null, each page."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from briefbrug.errors import Reason
from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import FIELDS
from ocr.report import read_paths, report_json
from tests.ocr.build import LETTER, jpeg, pdf, photo, sheet, text_stream

TODAY = date(2026, 11, 21)
REQUIRED = {
    "pages", "sender", "sender_name", "kind", "letter_date", "deadline", "deadline_basis", "action", "amount", "reference",
    "iban", "urgency", "rank", "sure", "evidence", "explanation", "seconds",
}  # fmt: skip
MAY = {"group", "reasons", "place"}
ACTIONS = {"betalen", "reageren", "bezwaar", "verschijnen", "opsturen", "bellen", "niets"}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
OLDER = tuple(
    line.replace("12 november 2026", "14 oktober 2026").replace("27 november 2026", "28 oktober 2026")
    .replace("aanmaning", "herinnering").replace("1.284,50", "642,25")
    for line in LETTER
)  # fmt: skip
EMPTY = ("Lieve buren,", "", "Zaterdag vieren wij feest. Kom gerust langs.", "", "Groeten van nummer 8")


def keeps_to_the_description(told: dict[str, Any], paths: list[str]) -> None:
    """Fail where an object of `--json` is not as described."""
    knowledge = load_knowledge()
    assert DAY.fullmatch(told["today"]) and {"today", "letters", "unread"} <= set(told)
    assert [letter["rank"] for letter in told["letters"]] == list(range(1, len(told["letters"]) + 1))
    for letter in told["letters"]:
        assert set(letter) >= REQUIRED and set(letter) <= REQUIRED | MAY
        assert letter["pages"] and all(page.split("#")[0] in paths for page in letter["pages"])
        for page in letter["pages"]:
            assert ("#" in page) == page.split("#")[0].endswith(".pdf")
        assert letter["sender"] in knowledge.senders
        assert letter["kind"] is None or letter["kind"] in knowledge.kinds
        for name in ("letter_date", "deadline"):
            assert letter[name] is None or DAY.fullmatch(letter[name])
        assert (letter["deadline"] is None) == (letter["deadline_basis"] is None)
        assert letter["deadline_basis"] in {None, "explicit", "term", "appointment"}
        assert letter["action"] in ACTIONS and letter["urgency"] in {1, 2, 3, 4}
        assert letter["amount"] is None or isinstance(letter["amount"], float)
        assert letter["iban"] is None or re.fullmatch(r"NL\d{2}[A-Z]{4}\d{10}", letter["iban"])
        assert letter["reference"] is None or letter["reference"].strip()
        assert set(letter["sure"]) == set(FIELDS) and all(isinstance(v, bool) for v in letter["sure"].values())
        assert set(letter["evidence"]) <= set(FIELDS) - {"urgency"}
        for name, proof in letter["evidence"].items():
            assert set(proof) == {"page", "box", "text"} and letter[name] is not None
            assert 0 <= proof["page"] < len(letter["pages"]) and proof["text"]
            x0, y0, x1, y1 = proof["box"]
            assert 0 <= x0 < x1 and 0 <= y0 < y1 and all(isinstance(v, int) for v in proof["box"])
        assert isinstance(letter["explanation"], str) and letter["explanation"]
        assert isinstance(letter["seconds"], float) and letter["seconds"] >= 0
    for unread in told["unread"]:
        assert {"path", "reason", "advice"} <= set(unread) <= {"path", "reason", "advice", "sender"}
        assert Reason(unread["reason"]) and unread["advice"]
    assert json.loads(json.dumps(told)) == told


def _told(paths: list[Path], pile: bool = False) -> dict[str, Any]:
    return report_json(read_paths(paths, TODAY, pile, load_knowledge()))


def test_pdfs_pages_nulls_and_a_broken_file(tmp_path: Path) -> None:
    long, bare, broken = tmp_path / "a.pdf", tmp_path / "b.pdf", tmp_path / "c.pdf"
    long.write_bytes(pdf([text_stream(LETTER), text_stream(("Vervolg van deze brief", "Hebt u vragen? Bel ons."))]))
    bare.write_bytes(pdf([text_stream(EMPTY)]))
    broken.write_bytes(b"%PDF-1.4 and then nothing")
    told = _told([long, bare, broken])
    keeps_to_the_description(told, [str(p) for p in (long, bare, broken)])
    first = next(letter for letter in told["letters"] if letter["pages"][0].startswith(str(long)))
    assert first["pages"] == [f"{long}#1", f"{long}#2"]
    assert (first["deadline"], first["amount"], first["iban"]) == ("2026-11-27", 1284.5, "NL91ABNA0417164300")
    note = next(letter for letter in told["letters"] if letter["pages"][0].startswith(str(bare)))
    assert note["sender"] == "onbekend"
    for name in ("letter_date", "deadline", "deadline_basis", "amount", "reference", "iban"):
        assert note[name] is None, name
    assert [one["path"] for one in told["unread"]] == [str(broken)]


def test_older_letters_of_one_debt_follow_their_newest(tmp_path: Path) -> None:
    paths = [tmp_path / "old.pdf", tmp_path / "new.pdf"]
    for path, lines in zip(paths, (OLDER, LETTER), strict=True):
        path.write_bytes(pdf([text_stream(lines)]))
    told = _told(paths, pile=True)
    keeps_to_the_description(told, [str(p) for p in paths])
    newest, older = told["letters"]
    assert newest["pages"] == [f"{paths[1]}#1"] and older["pages"] == [f"{paths[0]}#1"]
    assert newest["group"] == older["group"]


@pytest.mark.slow
def test_two_letters_in_one_photo_share_its_path(tmp_path: Path) -> None:
    ground = np.full((1900, 2760, 3), (96, 62, 40), np.uint8)
    for place, lines in ((90, LETTER), (1450, OLDER)):
        page = cv2.resize(sheet(lines), (1210, 1711), interpolation=cv2.INTER_AREA)
        ground[95 : 95 + 1711, place : place + 1210] = page
    both, one = tmp_path / "both.jpg", tmp_path / "one.jpg"
    both.write_bytes(jpeg(ground, quality=90))
    one.write_bytes(jpeg(photo(sheet(LETTER)), quality=90))
    told = _told([both, one])
    keeps_to_the_description(told, [str(both), str(one)])
    assert sorted(letter["pages"] for letter in told["letters"]) == sorted([[str(both)], [str(both)], [str(one)]])
