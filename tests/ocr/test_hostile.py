"""Two hundred malformed files: each ends in a reason and a kind sentence, and ten good letters beside them are read."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.knowledge.load import load_knowledge
from briefbrug.speech import load_texts
from ocr.facts import read_facts
from ocr.limits import MEGABYTE
from ocr.page import check_file, format_of, open_picture
from ocr.pdf import pdf_pages
from ocr.pool import ReadingPool
from tests.ocr.build import LETTER, jpeg, page_of, pdf, photo, sheet, text_stream
from tests.ocr.hostile import Hostile, corpus, flipped, good_letters

ROOT = Path(__file__).parents[2]
HANG_SECONDS = 45.0
"""Three times what a file may take, against hanging on a busy machine."""
HEAVY = (
    "deep-25-megapixels.png", "sliver.png", "many-scans.jpg", "noise-12-megapixels.jpg", "small-print.jpg",
    "profile-bomb.png", "text-bomb.png", "200-million-blanks.pdf", "endless-text.pdf", "endless-curves.pdf",
    "forms-that-laugh.pdf", "form-in-itself.pdf", "picture-of-900-million.pdf", "picture-of-36-million.pdf",
    "tiny-tiles.pdf", "shading.pdf", "endless-letters-table.pdf", "page-of-a-million-points.pdf",
)  # fmt: skip
KNOWLEDGE = load_knowledge()


@pytest.fixture(scope="module")
def files() -> list[Hostile]:
    return corpus()


def _kind(sentence: str) -> bool:
    """Return whether an advice is one a resident can hear: short sentences, no blame, no code."""
    parts = [part.split() for part in sentence.replace("?", ".").replace("!", ".").split(".") if part.strip()]
    return bool(parts) and all(len(part) <= 15 for part in parts) and "_" not in sentence


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_hundred_malformed_files_and_ten_good_letters_through_the_command(
    files: list[Hostile], tmp_path: Path
) -> None:
    assert len(files) >= 200
    by_path: dict[str, Hostile] = {}
    good: list[str] = []
    for number, one in enumerate(files):
        path = tmp_path / f"{number:03d}-{one.name}"
        path.write_bytes(one.content)
        by_path[str(path)] = one
    for number, (name, content) in enumerate(good_letters().items()):
        path = tmp_path / f"{number * len(files) // 10:03d}-goed-{name}"
        path.write_bytes(content)
        good.append(str(path))
    done = subprocess.run(
        [sys.executable, "-m", "briefbrug", "read", "--json", "--today", "2026-11-21", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=1100, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr[-2000:]
    told = json.loads(done.stdout)
    read: dict[str, dict[str, Any]] = {
        page.rsplit("#", 1)[0]: letter for letter in told["letters"] for page in letter["pages"]
    }
    assert {path: read[path]["amount"] for path in good if path in read} == dict.fromkeys(good, 1284.5)
    unread: dict[str, list[dict[str, Any]]] = {}
    for item in told["unread"]:
        unread.setdefault(item["path"].rsplit("#", 1)[0], []).append(item)
    assert set(by_path) - set(unread) - set(read) == set(), "a file without an end"
    for path, one in by_path.items():
        for item in unread.get(path, []):
            assert item["reason"] != Reason.UNEXPECTED, one.name
            assert _kind(item["advice"]), item
        codes = {item["reason"] for item in unread.get(path, [])}
        if one.reasons:
            assert path not in read and codes <= {reason.value for reason in one.reasons}, (one.name, codes)


@contextmanager
def _watching(pool: ReadingPool) -> Iterator[list[int]]:
    """Yield the resident sizes in bytes, seen from outside, of the processes that read meanwhile."""
    seen: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.03):
            for pid in pool.pids():
                with suppress(psutil.Error):
                    seen.append(psutil.Process(pid).memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_heaviest_stay_within_their_bounds_and_hold_nobody_up(files: list[Hostile]) -> None:
    from time import monotonic

    heavy = [one for one in files if one.name in HEAVY]
    assert len(heavy) == len(HEAVY)
    letter = pdf([text_stream(LETTER)])
    with ReadingPool(1) as pool:
        with _watching(pool) as sizes:
            pool.read(jpeg(photo(sheet(LETTER[:16]), 750, 1_000), quality=80))
        warm = max(sizes)
        for one in heavy:
            start = monotonic()
            with _watching(pool) as sizes:
                try:
                    pool.read(one.content)
                except BriefbrugError as error:
                    assert error.reason is not Reason.UNEXPECTED, one.name
            assert monotonic() - start < HANG_SECONDS, one.name
            bound = (1024 if one.name.endswith(".pdf") else 512) * MEGABYTE
            assert max(sizes, default=0) - warm < bound, f"{one.name}: {(max(sizes) - warm) // MEGABYTE} MB"
            (page,) = pool.read(letter)
            assert page.digital and page.problem is None, f"after {one.name}"


# ---------------------------------------------------------------- the cheap part, thousands of files


@given(st.binary(max_size=3_000))
@example(b"")
@example(b"%PDF-")
@example(b"\xff\xd8\xff")
def test_any_bytes_are_a_known_kind_or_refused_with_a_reason(content: bytes) -> None:
    try:
        assert check_file(content) == format_of(content) != ""
    except BriefbrugError as error:
        assert error.reason in {Reason.FILE_EMPTY, Reason.FILE_KIND}


def _tiny(form: str) -> bytes:
    return jpeg(photo(sheet(LETTER[:6]), 150, 200), form=form)


TINY = {form: _tiny(form) for form in ("JPEG", "PNG", "WEBP", "HEIF")}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(TINY)), st.integers(0, 10**6), st.integers(1, 60), st.floats(0.02, 1.0))
def test_damaged_pictures_open_or_say_why(form: str, seed: int, flips: int, kept: float) -> None:
    whole = flipped(TINY[form], seed, flips)
    content = whole[: max(16, int(kept * len(whole)))]
    try:
        picture = open_picture(content)
    except BriefbrugError as error:
        assert error.reason in {Reason.FILE_DAMAGED, Reason.PICTURE_TOO_LARGE, Reason.NO_PAPER}
    else:
        assert picture.pixels.ndim == 3 and picture.pixels.dtype == "uint8"


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.integers(1, 80), st.floats(0.1, 1.0), st.booleans())
def test_damaged_pdfs_give_pages_or_say_why(seed: int, flips: int, kept: float, packed: bool) -> None:
    whole = flipped(pdf([text_stream(LETTER), text_stream(LETTER[:9])], packed=packed), seed, flips)
    try:
        for page in pdf_pages(whole[: int(kept * len(whole))]):
            assert page.width > 0 and page.height > 0 and (page.picture is not None or page.words)
    except BriefbrugError as error:
        assert error.reason in {
            Reason.FILE_DAMAGED, Reason.PDF_ENCRYPTED, Reason.PDF_TOO_MANY_PAGES, Reason.READING_TOO_HEAVY,
        }  # fmt: skip


PIECES = st.one_of(
    st.sampled_from(
        "€ 1.284,50 uiterlijk binnen 14 dagen vóór 31-02-2026 1 december 2026 NL91 ABNA 0417 1643 00 kenmerk: totaal te "
        "betalen op heden den na dagtekening 99999999999999999999 0,00 -- namens tot en met Betreft: 8234567890123456".split()
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=12),
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(PIECES, max_size=9).map(" ".join), max_size=14), st.booleans())
def test_any_words_become_facts_without_an_error(lines: list[str], digital: bool) -> None:
    facts = read_facts([page_of([*lines, "einde"], digital=digital)], KNOWLEDGE)
    assert facts.pages == 1


def test_endless_words_do_not_reach_the_facts() -> None:
    words = [w for page in pdf_pages(pdf([text_stream(["A" * 9_000, *LETTER])])) for w in page.words]
    assert words and max(len(w.text) for w in words) <= 80


def test_every_reason_of_a_file_has_a_kind_sentence() -> None:
    texts = load_texts("nl")
    for reason in Reason:
        if reason.value.startswith(("photo_", "file_", "picture_", "pdf_", "reading_", "no_paper", "envelope")):
            assert _kind(texts[f"problem_{reason.value}"]), reason
