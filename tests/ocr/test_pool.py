"""The reading processes: real reading, hostile files, limits, no way out, and recovery from a kill."""

from __future__ import annotations

import io
import os
import random
import signal
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.knowledge.load import load_knowledge
from ocr.facts import read_facts
from ocr.limits import MEGABYTE
from ocr.pool import ReadingPool
from tests.conftest import wait_until
from tests.ocr.build import FONTS, LETTER, jpeg, pdf, photo, sheet, text_stream

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pool() -> Iterator[ReadingPool]:
    with ReadingPool(1) as ready:
        yield ready


@pytest.fixture(scope="module")
def good() -> bytes:
    return jpeg(photo(sheet()), quality=80)


def _png(width: int, height: int, rows: bytes) -> bytes:
    """Return a grey one-bit PNG whose header promises width x height, with any image data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("brief.txt", "x" * 1000)
    return out.getvalue()


def _small_print() -> bytes:
    """Return a page full of tiny words: it looks like a letter, and reading it takes very long."""
    chance = random.Random(5)
    rows = [" ".join("".join(chance.choices("aeinrstdlo", k=5)) for _ in range(60)) for _ in range(260)]
    image = Image.new("L", (2500, 3500), 255)
    draw = ImageDraw.Draw(image)
    for number, row in enumerate(rows):
        draw.text((40, 30 + 13 * number), row, font=ImageFont.truetype(FONTS[0], 11), fill=0)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_photo_becomes_facts_with_boxes_on_the_photo(pool: ReadingPool, good: bytes) -> None:
    (page,) = pool.read(good)
    assert page.problem is None and page.mean_confidence > 80 and (page.width, page.height) == (1500, 2000)
    facts = read_facts([page], load_knowledge())
    assert facts.letter_date is not None and facts.letter_date.value == date(2026, 11, 12)
    assert facts.amount is not None and facts.amount.value == Decimal("1284.50")
    assert facts.iban is not None and facts.iban.value == "NL91ABNA0417164300"
    assert all(0 <= w.box.x0 < w.box.x1 <= 1500 and 0 <= w.box.y0 < w.box.y1 <= 2000 for w in page.words)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_exif_turned_photos_keep_their_boxes_in_stored_pixels(pool: ReadingPool, orientation: int) -> None:
    upright = photo(sheet())
    stored = np.rot90(upright, {3: 2, 6: 1, 8: 3}[orientation]).copy()
    (page,) = pool.read(jpeg(stored, orientation, quality=85))
    assert page.turn == {3: 180, 6: 90, 8: 270}[orientation] and (page.height, page.width) == stored.shape[:2]
    word = next(w for w in page.words if "Jansma" in w.text)
    ink = stored[word.box.y0 : word.box.y1, word.box.x0 : word.box.x1]
    assert ink.min() < 90 < ink.max()


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_turned_photo_without_a_mark_is_read_all_the_same(pool: ReadingPool, quarter: int) -> None:
    (page,) = pool.read(jpeg(np.rot90(photo(sheet()), quarter).copy(), quality=85))
    assert page.problem is None and any("huurachterstand" in w.text for w in page.words)


def test_a_text_pdf_is_read_without_a_recogniser(pool: ReadingPool) -> None:
    pages = pool.read(
        pdf([text_stream(LETTER), text_stream(["Bladzijde twee van deze brief met nog wat woorden erop."])])
    )
    assert len(pages) == 2 and all(p.digital and p.mean_confidence == 100 for p in pages)
    assert "1.284,50" in [w.text for w in pages[0].words]
    assert (pages[0].width, pages[0].height) == (1653, 2339)


def test_an_image_pdf_is_read_by_the_recogniser(pool: ReadingPool) -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(sheet()).save(out, "PDF", resolution=200)
    (page,) = pool.read(out.getvalue())
    assert not page.digital and any("huurachterstand" in w.text for w in page.words)
    assert len(pool.page_images(out.getvalue())) == 1


def test_dark_empty_and_blank_pictures_say_so(pool: ReadingPool) -> None:
    chance = np.random.default_rng(3)
    table = (chance.normal(0, 4, (900, 700, 3)) + (90, 60, 40)).clip(0, 255).astype(np.uint8)
    assert [p.problem for p in pool.read(jpeg(table))] in ([Reason.NO_PAPER.value], [Reason.PHOTO_TOO_DARK.value])
    night = (photo(sheet()) * 0.04).astype(np.uint8)
    assert pool.read(jpeg(night, quality=30))[0].problem in {Reason.PHOTO_TOO_DARK.value, None}
    assert pool.read(jpeg(np.zeros((800, 600, 3), np.uint8)))[0].problem == Reason.PHOTO_TOO_DARK.value


def test_two_letters_in_one_photo_are_two_readings(pool: ReadingPool) -> None:
    other = [
        line.replace("Woonstichting De Linde", "Waterbedrijf Zuidkust").replace("huur", "water") for line in LETTER
    ]
    both = np.concatenate([photo(sheet(), 1300, 1800), photo(sheet(other), 1300, 1800)], axis=1)
    pages = pool.read(jpeg(both, quality=85))
    assert len(pages) == 2 and all(len(p.sheets) == 2 for p in pages)
    assert any("Zuidkust" in w.text for w in pages[1].words) != any("Zuidkust" in w.text for w in pages[0].words)


MAY_BE_READ: set[Reason] = set()
"""Refused, or read within the limits: both are right."""

HOSTILE: dict[str, tuple[bytes, set[Reason]]] = {
    "empty": (b"", {Reason.FILE_EMPTY}),
    "too many bytes": (b"\xff\xd8\xff" + b"0" * (20 * MEGABYTE), {Reason.FILE_TOO_LARGE}),
    "zip named photo": (_zip(), {Reason.FILE_KIND}),
    "html": (b"<html><body>brief</body></html>", {Reason.FILE_KIND}),
    "program": (b"MZ" + bytes(500), {Reason.FILE_KIND}),
    "lying header": (_png(65_500, 65_500, b"\0" * 100), {Reason.PICTURE_TOO_LARGE}),
    "bomb of 169 million pixels": (_png(13_000, 13_000, b"\0" * (13_000 * 1_626)), {Reason.PICTURE_TOO_LARGE}),
    "cut PNG": (_png(2_000, 2_000, b"\0" * 500), {Reason.FILE_DAMAGED}),
    "only a JPEG header": (b"\xff\xd8\xff\xe0\x00\x10JFIF", {Reason.FILE_DAMAGED}),
    "only a PDF header": (b"%PDF-1.7\n", {Reason.FILE_DAMAGED}),
    "zip called PDF": (b"%PDF-" + _zip(), {Reason.FILE_DAMAGED}),
    "3000 pages": (pdf([b"BT ET"] * 3_000), {Reason.PDF_TOO_MANY_PAGES}),
    "endless text operators": (
        pdf([b"BT /F1 8 Tf " + b"(a) Tj 1 0 Td " * 400_000 + b"ET"], packed=True),
        MAY_BE_READ,
    ),
    "a page of a million points": (pdf([text_stream(["x"])], media="0 0 1000000 1000000"), MAY_BE_READ),
    "a stream of 200 million blanks": (pdf([b" " * 200_000_000], packed=True), MAY_BE_READ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_a_reason(pool: ReadingPool, name: str) -> None:
    content, reasons = HOSTILE[name]
    try:
        pages = pool.read(content)
    except BriefbrugError as error:
        assert not reasons or error.reason in reasons, error
    else:
        assert reasons is MAY_BE_READ and len(pages) == 1


def test_encrypted_pdf(pool: ReadingPool) -> None:
    locked = pdf([text_stream(LETTER)]).replace(
        b"trailer\n<< ",
        b"trailer\n<< /ID [<00000000000000000000000000000000><00000000000000000000000000000000>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
        + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> >> ",
    )  # fmt: skip
    with pytest.raises(BriefbrugError) as caught:
        pool.read(locked)
    assert caught.value.reason is Reason.PDF_ENCRYPTED


def test_damaged_files_never_raise_anything_else(pool: ReadingPool, good: bytes) -> None:
    chance = random.Random(11)
    letter = pdf([text_stream(LETTER)])
    for original in (good, letter):
        for round_ in range(6):
            damaged = bytearray(original)
            if round_ % 2:
                damaged = damaged[: chance.randrange(20, len(damaged))]
            else:
                for _ in range(25):
                    damaged[chance.randrange(12, len(damaged))] = chance.randrange(256)
            try:
                pool.read(bytes(damaged))
            except BriefbrugError as error:
                assert error.reason in {
                    Reason.FILE_DAMAGED,
                    Reason.PDF_ENCRYPTED,
                    Reason.PICTURE_TOO_LARGE,
                    Reason.READING_TOO_HEAVY,
                    Reason.READING_TOO_SLOW,
                    Reason.NO_PAPER,
                }
    assert pool.read(good)[0].problem is None


def test_too_slow_is_told_and_the_next_file_is_read(good: bytes) -> None:
    with ReadingPool(1, page_seconds=0.05) as hasty:
        with pytest.raises(BriefbrugError) as caught:
            hasty.read(good)
        assert caught.value.reason is Reason.READING_TOO_SLOW
    with ReadingPool(1) as patient:
        assert patient.read(good)


def test_a_page_that_waits_without_working_ends_by_the_clock(good: bytes) -> None:
    with ReadingPool(1, page_seconds=10.0) as brief, ThreadPoolExecutor(1) as threads:
        brief.read(good)  # warm, so that the stop falls into a reading
        reading = threads.submit(brief.read, good)
        wait_until(brief.pids, what="a reading under way")
        os.kill(brief.pids()[0], signal.SIGSTOP)
        with pytest.raises(BriefbrugError) as caught:
            reading.result(timeout=60)
        assert (caught.value.reason, caught.value.detail) == (Reason.READING_TOO_SLOW, "hangs")
        assert brief.read(good)[0].problem is None


def test_a_page_that_works_without_end_is_stopped_by_its_processor_time(good: bytes) -> None:
    with ReadingPool(1, page_cpu_seconds=0.6, page_seconds=300.0) as brief:
        with pytest.raises(BriefbrugError) as caught:
            brief.read(_small_print())
        assert (caught.value.reason, caught.value.detail) == (Reason.READING_TOO_SLOW, "cpu")
    with ReadingPool(1) as usual:
        assert usual.read(good)[0].problem is None


def test_a_good_photo_may_wait_for_a_busy_machine(good: bytes) -> None:
    # A process that gets no turn is what a busy machine looks like from inside.
    with ReadingPool(1, page_cpu_seconds=6.0, page_seconds=60.0) as patient, ThreadPoolExecutor(1) as threads:
        patient.read(good)
        reading = threads.submit(patient.read, good)
        wait_until(patient.pids, what="a reading under way")
        held = patient.pids()[0]
        os.kill(held, signal.SIGSTOP)
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > 6.5, 30, "more than its processor time gone by")
        os.kill(held, signal.SIGCONT)
        assert reading.result(timeout=120)[0].problem is None


def test_too_heavy_is_told(good: bytes) -> None:
    with ReadingPool(1, image_bytes=2 * MEGABYTE) as narrow, pytest.raises(BriefbrugError) as caught:
        narrow.read(good)
    assert caught.value.reason is Reason.READING_TOO_HEAVY


def test_a_killed_process_is_replaced_and_the_letter_read(pool: ReadingPool, good: bytes) -> None:
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(pool.read, good)
        wait_until(pool.pids, what="a reading under way")
        os.kill(pool.pids()[0], signal.SIGKILL)
        assert reading.result(timeout=120)[0].problem is None


def test_many_threads_share_the_pool(good: bytes) -> None:
    with ReadingPool(2) as two, ThreadPoolExecutor(6) as threads:
        small = jpeg(photo(sheet(), 750, 1000), quality=80)
        results = list(threads.map(two.read, [small, b"junk-free" and good, small, good]))
    assert all(len(r) == 1 for r in results)


def test_a_closed_pool_says_so(good: bytes) -> None:
    closed = ReadingPool(1)
    closed.close()
    with pytest.raises(BriefbrugError):
        closed.read(good)
    assert threading.active_count() < 50


# What the inside of a box can do, tried from the inside.
_TRY = """
import sys, os, socket
sys.path.insert(0, sys.argv[1])
from ocr import box
secret, own = sys.argv[2], sys.argv[3]
print(sorted(box.lock_up(own, None, False).items()))
def attempt(name, act):
    try:
        act()
        print(name, "possible")
    except OSError as error:
        print(name, "refused")
attempt("network", lambda: socket.create_connection(("127.0.0.1", int(sys.argv[4])), 2))
attempt("secret", lambda: open(secret).read())
attempt("write", lambda: open(secret + ".new", "w"))
attempt("parent", lambda: open(f"/proc/{os.getppid()}/environ").read())
attempt("program", lambda: os.execv("/bin/true", ["true"]))
"""


def test_inside_the_box_there_is_no_network_no_secret_and_no_program(tmp_path: object) -> None:
    import socket
    import subprocess
    import sys
    import tempfile

    root = Path(__file__).parents[2]
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        tempfile.TemporaryDirectory() as own,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        secret = Path(elsewhere) / "installation.key"
        secret.write_text("geheim")
        run = subprocess.run(
            [sys.executable, "-I", "-c", _TRY, str(root), str(secret), own, str(server.getsockname()[1])],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert "possible" not in run.stdout and run.stdout.count("refused") == 5, run.stdout + run.stderr


def test_the_boxes_inherit_no_environment(pool: ReadingPool, monkeypatch: pytest.MonkeyPatch, good: bytes) -> None:
    monkeypatch.setenv("BRIEFBRUG_TELEGRAM_TOKEN", "123:geheim")
    with ReadingPool(1) as fresh, ThreadPoolExecutor(1) as threads:
        reading = threads.submit(fresh.read, good)
        wait_until(fresh.pids, what="a reading under way")
        process = next(iter(fresh._busy))  # pyright: ignore[reportPrivateUsage]
        assert "geheim" not in str(process.child.args)
        with suppress(PermissionError):  # perhaps not even readable from outside any more
            assert b"geheim" not in Path(f"/proc/{process.child.pid}/environ").read_bytes()
        reading.result(timeout=120)
