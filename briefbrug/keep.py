"""Keeps one process up: starts it again whenever it ends, until told to stop. Light, for one runs per process."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from types import FrameType

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 30.0
"""A process that ran longer than this was well: it starts again at once."""


def keep(command: list[str]) -> int:
    """Run `command` for ever; return 0 after a request to stop.

    The whole is not stopped because one process was killed: what it had promised is in the database.
    """
    stop = threading.Event()
    child: subprocess.Popen[bytes] | None = None

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    pause = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        started = time.monotonic()
        child = subprocess.Popen(command)
        child.wait()
        if stop.is_set():
            break
        was_well = time.monotonic() - started > HEALTHY_SECONDS
        pause = FIRST_PAUSE_SECONDS if was_well else min(LONGEST_PAUSE_SECONDS, pause * 2)
        print(f"{command[-1]} ended with {child.returncode}; it starts again in {pause:.0f} s", file=sys.stderr)
        stop.wait(pause)
    return 0


if __name__ == "__main__":
    raise SystemExit(keep(sys.argv[1:]))
