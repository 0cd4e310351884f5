"""The inside of the reading box: a process that reads files from a pipe and can do nothing else."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

HEADER = struct.Struct(">cI")
"""A frame on the pipes: one letter for its kind, four bytes for its length, then the content."""

READ, CLEAN, IMAGES, RESULT, ERROR, PAGE, READY = b"R", b"C", b"I", b"A", b"E", b"P", b"W"
"""Jobs: read a file, clean a photo, draw the pages of a PDF. Answers: result, error, a page begins, ready."""

GIVES_WAY = 5
"""Steps of niceness: about a third of the processor beside a process that is as busy."""

PAGE_CPU_SECONDS = 20
"""Processor time of one page after which the kernel ends the box, when the watcher has not done so."""

# Landlock and seccomp are set by number: the standard library knows neither.
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_SET_DUMPABLE = 38, 22, 4
_ARCHES = {
    # audit code, socket, connect, open (or None), openat, execve, execveat, ptrace, process_vm_readv, io_uring_setup
    "x86_64": (0xC000003E, 41, 42, 2, 257, 59, 322, 101, 310, 425),
    "aarch64": (0xC00000B7, 198, 203, None, 56, 221, 281, 117, 270, 425),
}
_READ_FILE, _READ_DIR, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_ALL_FILES = (1 << 13) - 1


def send(pipe: BinaryIO, kind: bytes, content: bytes = b"") -> None:
    """Write one frame."""
    pipe.write(HEADER.pack(kind, len(content)) + content)
    pipe.flush()


def receive(pipe: BinaryIO) -> tuple[bytes, bytes] | None:
    """Return kind and content of the next frame; None at the end of the pipe."""
    head = pipe.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    kind, length = HEADER.unpack(head)
    content = pipe.read(length)
    return (kind, content) if len(content) == length else None


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("fd", ctypes.c_int32)]


class _Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("filters", ctypes.POINTER(_Filter))]


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def close_network(libc: Any) -> None:
    """Leave the network: an empty network namespace where the kernel lets us."""
    clone_new_net, clone_new_user = 0x40000000, 0x10000000
    if libc.unshare(clone_new_net) != 0:
        libc.unshare(clone_new_user | clone_new_net)


def close_files(libc: Any, readable: Sequence[str], writable: Sequence[str]) -> bool:
    """Let this process see only these folders (Landlock); return whether the kernel could."""
    handled = ctypes.c_uint64(_ALL_FILES)
    ruleset = libc.syscall(_LANDLOCK_CREATE, ctypes.byref(handled), ctypes.c_size_t(8), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    for folders, rights in ((readable, _READ_FILE | _READ_DIR | _EXECUTE), (writable, _ALL_FILES)):
        for folder in folders:
            try:
                handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            mine = rights if Path(folder).is_dir() else rights & (_READ_FILE | _EXECUTE | (1 << 1))
            rule = _PathBeneath(mine, handle)
            libc.syscall(_LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0))
            os.close(handle)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = libc.syscall(_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0
    os.close(ruleset)
    return bool(done)


def forbid_calls(libc: Any, also_files: bool, also_programs: bool) -> bool:
    """Refuse network, debugging and, on request, opening files and starting programs (seccomp); return whether it worked."""
    numbers = _ARCHES.get(platform.machine())
    if numbers is None:
        return False
    audit, socket, connect, open_, openat, execve, execveat, ptrace, vm_readv, io_uring = numbers
    refused = [socket, connect, ptrace, vm_readv, io_uring]
    if also_files:
        refused += [openat] if open_ is None else [open_, openat]
    if also_programs:
        refused += [execve, execveat]
    load, equal, give = 0x20, 0x15, 0x06
    allow, deny = 0x7FFF0000, 0x00050000 | 13
    rows = [_Filter(load, 0, 0, 4), _Filter(equal, 1, 0, audit), _Filter(give, 0, 0, deny), _Filter(load, 0, 0, 0)]
    for place, number in enumerate(refused):
        rows.append(_Filter(equal, len(refused) - place, 0, number))
    rows += [_Filter(give, 0, 0, allow), _Filter(give, 0, 0, deny)]
    table = (_Filter * len(rows))(*rows)
    program = _Program(len(rows), table)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0) == 0


def lock_up(own_folder: str, tessdata: str | None, programs: bool) -> dict[str, bool]:
    """Close network, files and programs to this process, as far as the kernel can; return what was closed."""
    if sys.platform != "linux":
        return {"network": False, "files": False}
    libc = _libc()
    root = Path(__file__).resolve().parent.parent
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    close_network(libc)
    readable = [
        sys.prefix,
        sys.base_prefix,
        str(root / "ocr"),
        str(root / "briefbrug"),
        "/usr",
        "/lib",
        "/lib64",
        "/bin",
    ]
    readable += [
        "/etc/ld.so.cache",
        "/dev/null",
        "/dev/urandom",
        "/sys/devices/system/cpu",
        "/proc/cpuinfo",
        "/proc/meminfo",
    ]
    if tessdata:
        readable.append(tessdata)
    files = close_files(libc, readable, [own_folder, "/dev/null"])
    calls = forbid_calls(libc, also_files=not files and not programs, also_programs=not programs)
    return {"network": calls, "files": files or calls and not programs}


def _page_started(pipe: BinaryIO) -> None:
    """Tell the watcher that a page begins, and give it its own processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = spent + PAGE_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    send(pipe, PAGE)


def main(recogniser_kind: str, tessdata: str, own_folder: str) -> None:
    """Serve readings until the pipe closes."""
    from briefbrug.errors import BriefbrugError, Reason

    # Libraries print what they like: the pipe gets a handle of its own, the printing goes nowhere.
    answers = os.fdopen(os.dup(1), "wb")
    questions = os.fdopen(os.dup(0), "rb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nowhere, handle)
    os.chdir(own_folder)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    import cv2

    from briefbrug.letter import READINGS, Box
    from ocr import bsn, facts, pdf  # loaded before the doors close
    from ocr.limits import Limits
    from ocr.reader import Reader
    from ocr.tesseract import OutOfProcess, make_recogniser

    del facts
    # One process a core: threads of the picture library would take the core of the process beside it.
    cv2.setNumThreads(1)
    reader = Reader(make_recogniser(recogniser_kind, tessdata or None))
    programs = isinstance(reader.recogniser, OutOfProcess)
    _warm_libraries()
    closed = lock_up(own_folder, tessdata or None, programs)
    if not closed["files"]:
        reader.second.warm()
    send(answers, READY, repr(sorted(closed.items())).encode())
    while (frame := receive(questions)) is not None:
        job, content = frame
        try:
            if job == READ:
                readings = reader.read_file(content, Limits(), lambda: _page_started(answers))
                send(answers, RESULT, READINGS.dump_json(readings))
            elif job == CLEAN:
                _page_started(answers)
                head, _, photo = content.partition(b"\n")
                asked = json.loads(head)
                copy = bsn.clean_image(photo, [Box(*edges) for edges in asked["boxes"]], asked["turn"])
                told = json.dumps({"width": copy.width, "height": copy.height, "matrix": copy.matrix})
                send(answers, RESULT, told.encode() + b"\n" + copy.content)
            else:
                drawn = pdf.page_images(content, Limits(), lambda: _page_started(answers))
                send(answers, RESULT, b"".join(struct.pack(">I", len(image)) + image for image in drawn))
        except BriefbrugError as error:
            send(answers, ERROR, f"{error.reason.value}\n{error.detail}".encode())
        except MemoryError:
            send(answers, ERROR, f"{Reason.READING_TOO_HEAVY.value}\nmemory".encode())
        except Exception as error:  # a door: whatever a hostile file provokes ends as a reason
            send(answers, ERROR, f"{Reason.FILE_DAMAGED.value}\n{type(error).__name__}".encode())


def _warm_libraries() -> None:
    """Load what reading needs lazily, while files can still be opened."""
    import importlib

    for name in (
        "PIL.JpegImagePlugin",
        "PIL.PngImagePlugin",
        "PIL.WebPImagePlugin",
        "pillow_heif",
        "pdfplumber",
        "pypdfium2",
        "onnxruntime",
    ):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
