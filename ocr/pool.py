"""Long-lived, killable reading processes: one hostile file can hurt its own reading only."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

import psutil

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.letter import READINGS, Box, PageReading
from ocr import box
from ocr.bsn import CleanImage
from ocr.limits import MEGABYTE, Limits
from ocr.page import check_file
from ocr.tesseract import find_tessdata

START_SECONDS = 90.0
"""How long a box may take to load its libraries, on a busy machine."""
WATCH_SECONDS = 0.05
"""How often memory is looked at while a file is read."""
PAGE_CPU_SECONDS = 14.0
"""What a page may cost in processor time, so that it ends within 15 seconds wherever a core is free."""
PAGE_SECONDS = 30.0
"""How long a page may take by the clock on the wall: on a busy machine good photos wait for their turn."""
NEXT_PAGE_CPU_SECONDS = 4.0
"""What each further page of a PDF adds to the processor time of the whole file: thirty heavy pages hold up others."""
IMAGE_BYTES, PDF_BYTES = 448 * MEGABYTE, 960 * MEGABYTE
"""A little under 512 MB and 1 GB, because memory grows on until the watcher looks."""
PAGES_PER_PROCESS = 200
GROWTH_BYTES = 512 * MEGABYTE
"""A box that keeps more than this above its warm size after a reading is replaced."""

_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from ocr.box import main; main(sys.argv[2], sys.argv[3], sys.argv[4])"
)


def _children(process: psutil.Process) -> list[psutil.Process]:
    """Return the processes that one started, from the kernel's own list.

    `psutil` looks through all processes of the machine: a millisecond and more, twenty times a second for each reading,
    which is time of the core that the second reading needs.
    """
    try:
        listed = [one.read_text() for one in Path(f"/proc/{process.pid}/task").glob("*/children")]
    except OSError:
        listed = []
    if not listed:
        return process.children()  # a kernel without such a list, or no Linux
    found: list[psutil.Process] = []
    for pid in " ".join(listed).split():
        with contextlib.suppress(psutil.Error):
            found.append(psutil.Process(int(pid)))
    return found


class _DeathError(Exception):
    """The process ended without an answer; `signal_number` is what ended it, 0 for an ordinary exit."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(str(signal_number))
        self.signal_number = signal_number


class _Process:
    """One reading process and the parent's side of its pipes."""

    def __init__(self, recogniser: str, tessdata: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="briefbrug-reading-")
        root = str(Path(__file__).resolve().parent.parent)
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "OMP_THREAD_LIMIT": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "TMPDIR": self.folder,
            "HOME": self.folder,
        }
        self.child = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, root, recogniser, tessdata, self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=self.folder,
            close_fds=True,
            start_new_session=True,
        )
        self.pages = 0
        self.warm_bytes = 0
        self._buffer = b""
        os.set_blocking(self._out.fileno(), False)
        os.set_blocking(cast(BinaryIO, self.child.stdin).fileno(), False)

    @property
    def _out(self) -> BinaryIO:
        return cast(BinaryIO, self.child.stdout)

    def resident_bytes(self) -> int:
        """Return the resident memory of the process and its own children (Tesseract's program); 0 when it is gone."""
        total = 0
        with contextlib.suppress(psutil.Error):
            mine = psutil.Process(self.child.pid)
            total = mine.memory_info().rss
            for child in _children(mine):
                with contextlib.suppress(psutil.Error):
                    total += child.memory_info().rss
        return total

    def cpu_seconds(self) -> float:
        """Return the processor time that the process and its own children (Tesseract's program) have had."""
        total = 0.0
        with contextlib.suppress(psutil.Error):
            mine = psutil.Process(self.child.pid)
            times = mine.cpu_times()
            total = times.user + times.system + times.children_user + times.children_system
            for child in _children(mine):
                with contextlib.suppress(psutil.Error):
                    total += sum(child.cpu_times()[:2])
        return total

    def next_frame(
        self, until: float, limit_bytes: int | None = None, cpu_until: float | None = None
    ) -> tuple[bytes, bytes]:
        """Return the next frame of the process.

        Args:
            until: the moment (monotonic seconds) after which it hangs.
            limit_bytes: resident memory that it may have; None for no limit.
            cpu_until: processor time (see `cpu_seconds`) after which it is too slow; None for no limit.

        Raises:
            BriefbrugError: READING_TOO_SLOW or READING_TOO_HEAVY.
            _DeathError: the process is gone.
        """
        while True:
            if len(self._buffer) >= box.HEADER.size:
                kind, length = box.HEADER.unpack(self._buffer[: box.HEADER.size])
                end = box.HEADER.size + length
                if length > 256 * MEGABYTE:
                    raise BriefbrugError(Reason.READING_TOO_HEAVY, "answer")
                if len(self._buffer) >= end:
                    content, self._buffer = self._buffer[box.HEADER.size : end], self._buffer[end:]
                    return kind, content
            left = until - time.monotonic()
            if left <= 0:
                raise BriefbrugError(Reason.READING_TOO_SLOW, "hangs")
            ready, _, _ = select.select([self._out], [], [], min(left, WATCH_SECONDS))
            if ready:
                chunk = self._out.read(1 << 20)
                if chunk == b"":
                    self.child.wait(timeout=10)
                    raise _DeathError(max(0, -self.child.returncode))
                if chunk:
                    self._buffer += chunk
            if limit_bytes is not None and self.resident_bytes() > limit_bytes:
                raise BriefbrugError(Reason.READING_TOO_HEAVY, f"limit_mb={limit_bytes // MEGABYTE}")
            if cpu_until is not None and self.cpu_seconds() > cpu_until:
                raise BriefbrugError(Reason.READING_TOO_SLOW, "cpu")

    def wait_until_warm(self) -> None:
        """Wait for the libraries to be loaded and the doors to be closed.

        Raises:
            BriefbrugError: UNEXPECTED, when the box cannot start at all.
            _DeathError: the process is gone.
        """
        try:
            kind, _ = self.next_frame(time.monotonic() + START_SECONDS)
        except BriefbrugError as error:
            raise BriefbrugError(Reason.UNEXPECTED, "the reading box did not start") from error
        if kind != box.READY:
            raise BriefbrugError(Reason.UNEXPECTED, "the reading box answered out of turn")
        self.warm_bytes = self.resident_bytes()

    def send(self, job: bytes, content: bytes, until: float) -> None:
        """Hand over a job; a process that does not take it before `until` (monotonic seconds) hangs.

        Raises:
            BriefbrugError: READING_TOO_SLOW.
            _DeathError: the process is gone.
        """
        pipe = cast(BinaryIO, self.child.stdin).fileno()
        left = memoryview(box.HEADER.pack(job, len(content)) + content)
        try:
            while left:
                patience = until - time.monotonic()
                if patience <= 0:
                    raise BriefbrugError(Reason.READING_TOO_SLOW, "hangs")
                _, ready, _ = select.select([], [pipe], [], patience)
                if ready:
                    left = left[os.write(pipe, left) :]
        except (BrokenPipeError, ValueError) as error:
            self.child.wait(timeout=10)
            raise _DeathError(max(0, -self.child.returncode)) from error

    def end(self) -> None:
        """Kill the process and everything it started, and remove its folder."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(timeout=10)
        for pipe in (self.child.stdin, self.child.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class ReadingPool:
    """Reads files in `processes` boxes at a time; safe to use from several threads.

    A box has no network, no environment, and sees only programs and language data. It is killed when a page takes
    more than `page_cpu_seconds` of processor time, or hangs for `page_seconds`, or when a photo needs more than
    `image_bytes` (a PDF `pdf_bytes`) of resident memory above its warm size; it is replaced after a kill, after 200
    pages, or when it has grown.

    Args:
        processes: one per core is right; never more.
        page_cpu_seconds: what a page may cost; a machine that is busy with other work costs a page nothing.
        page_seconds: by the clock on the wall, against what waits without working.
        recogniser: "auto", "tesserocr" or "pytesseract".
        tessdata: the folder of the Dutch language data; None looks in the usual places.
    """

    def __init__(
        self,
        processes: int = 1,
        page_cpu_seconds: float = PAGE_CPU_SECONDS,
        page_seconds: float = PAGE_SECONDS,
        image_bytes: int = IMAGE_BYTES,
        pdf_bytes: int = PDF_BYTES,
        recogniser: str = "auto",
        tessdata: str | None = None,
    ) -> None:
        self._page_cpu_seconds = page_cpu_seconds
        self._page_seconds = page_seconds
        self._image_bytes = image_bytes
        self._pdf_bytes = pdf_bytes
        self._recogniser = recogniser
        self._tessdata = tessdata or find_tessdata() or ""
        self._limits = Limits()
        self._closed = False
        self._lock = threading.Lock()
        self._busy: set[_Process] = set()
        self._idle: queue.Queue[_Process | None] = queue.Queue()
        for _ in range(max(1, processes)):
            self._idle.put(self._start())

    def _start(self) -> _Process:
        return _Process(self._recogniser, self._tessdata)

    def pids(self) -> tuple[int, ...]:
        """Return the ids of the processes that are reading now."""
        with self._lock:
            return tuple(process.child.pid for process in self._busy)

    def read(self, content: bytes) -> tuple[PageReading, ...]:
        """Return the readings of one photo or PDF (see `Reader.read_file`); waits for a free process.

        A process that dies under a file is replaced and the file tried once more, since the death may have come
        from outside.

        Raises:
            BriefbrugError: READING_TOO_SLOW, READING_TOO_HEAVY, FILE_*, PICTURE_TOO_LARGE, PDF_*, or UNEXPECTED
                when no box can be started.
        """
        kind = check_file(content, self._limits)
        return READINGS.validate_json(self._do(box.READ, content, kind == "PDF"))

    def clean(self, content: bytes, boxes: Sequence[Box], turn: int | None = None) -> CleanImage:
        """Return the copy of a photo that may be kept (see `ocr.bsn.clean_image`), made inside a box.

        Raises:
            BriefbrugError: as `read`.
        """
        check_file(content, self._limits)
        head = json.dumps({"boxes": [[b.x0, b.y0, b.x1, b.y1] for b in boxes], "turn": turn}).encode()
        told, _, jpeg = self._do(box.CLEAN, head + b"\n" + content, False).partition(b"\n")
        asked = json.loads(told)
        return CleanImage(jpeg, int(asked["width"]), int(asked["height"]), tuple(float(v) for v in asked["matrix"]))

    def page_images(self, content: bytes) -> list[bytes]:
        """Return the pages of a PDF as JPEGs at 200 dpi, drawn inside a box.

        Raises:
            BriefbrugError: as `read`.
        """
        if check_file(content, self._limits) != "PDF":
            raise BriefbrugError(Reason.FILE_KIND, "no PDF")
        answer = self._do(box.IMAGES, content, True)
        images: list[bytes] = []
        while answer:
            length = int.from_bytes(answer[:4], "big")
            images.append(answer[4 : 4 + length])
            answer = answer[4 + length :]
        return images

    def _do(self, job: bytes, content: bytes, is_pdf: bool) -> bytes:
        """Return the answer to a job; a process that dies is replaced and the job tried once more."""
        for last_try in (False, True):
            try:
                return self._do_once(job, content, is_pdf, last_try)
            except _DeathError as death:
                if last_try or death.signal_number == signal.SIGXCPU:
                    crashed = death.signal_number in {
                        signal.SIGSEGV,
                        signal.SIGABRT,
                        signal.SIGBUS,
                        signal.SIGILL,
                        signal.SIGFPE,
                    }
                    slow = death.signal_number == signal.SIGXCPU
                    reason = (
                        Reason.FILE_DAMAGED
                        if crashed
                        else Reason.READING_TOO_SLOW
                        if slow
                        else Reason.READING_TOO_HEAVY
                    )
                    raise BriefbrugError(reason, f"signal={death.signal_number}") from death
        raise AssertionError("unreachable")

    def _do_once(self, job: bytes, content: bytes, is_pdf: bool, last_try: bool) -> bytes:
        process = self._take()
        keep = False
        try:
            if not process.warm_bytes:
                try:
                    process.wait_until_warm()
                except _DeathError as death:
                    if last_try:
                        raise BriefbrugError(Reason.UNEXPECTED, "the reading box did not start") from death
                    raise
            limit = process.warm_bytes + (self._pdf_bytes if is_pdf else self._image_bytes)
            until, cpu_until = self._bounds(process)
            file_cpu_until = cpu_until
            process.send(job, content, until)
            while True:
                kind, answer = process.next_frame(until, limit, cpu_until)
                if kind == box.PAGE:
                    process.pages += 1
                    until, cpu_until = self._bounds(process)
                    file_cpu_until += NEXT_PAGE_CPU_SECONDS
                    cpu_until = min(cpu_until, file_cpu_until)
                    continue
                grown = process.resident_bytes() - process.warm_bytes > GROWTH_BYTES
                keep = process.pages < PAGES_PER_PROCESS and not grown
                if kind == box.RESULT:
                    return answer
                reason, _, detail = answer.decode(errors="replace").partition("\n")
                raise BriefbrugError(Reason(reason), detail)
        finally:
            self._give_back(process, keep)

    def _bounds(self, process: _Process) -> tuple[float, float]:
        """Return until when, by the wall's clock and in its own processor time, a page that begins now may take."""
        return time.monotonic() + self._page_seconds, process.cpu_seconds() + self._page_cpu_seconds

    def _take(self) -> _Process:
        process = self._idle.get()
        if process is None or self._closed:
            self._idle.put(None)
            raise BriefbrugError(Reason.UNEXPECTED, "the reading pool is closed")
        with self._lock:
            self._busy.add(process)
        return process

    def _give_back(self, process: _Process, keep: bool) -> None:
        with self._lock:
            self._busy.discard(process)
            closed = self._closed
        if closed:
            process.end()
        elif keep:
            self._idle.put(process)
        else:
            process.end()
            self._idle.put(self._start())

    def close(self) -> None:
        """End all processes; readings under way end with an error."""
        with self._lock:
            self._closed = True
            busy = list(self._busy)
        for process in busy:
            process.end()
        while True:
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                break
            if process is not None:
                process.end()
        self._idle.put(None)

    def __enter__(self) -> ReadingPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
