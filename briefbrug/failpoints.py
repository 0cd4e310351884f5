"""Named points at which a test kills the process, to prove that nothing is lost (promises.md, K1 to K15).

Off unless `BRIEFBRUG_KILL_AT` (or `BB_KILL_AT`) names points, such as "K7" or "K5:3" (at the third passage).
A point fires once per `marker` file, so that a restarted process gets further than the killed one.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

_armed: dict[str, int] = {}
_passed: Counter[str] = Counter()
_marker_folder: Path | None = None


def arm(kill_at: str, marker_folder: Path | None = None) -> None:
    """Arm the points in `kill_at`, separated by commas; an empty text disarms all."""
    global _marker_folder
    _armed.clear()
    _passed.clear()
    _marker_folder = marker_folder
    for part in filter(None, (part.strip() for part in kill_at.split(","))):
        name, _, count = part.partition(":")
        _armed[name] = int(count or 1)


def fail_point(name: str) -> None:
    """Kill this process with SIGKILL when `name` is armed and passed often enough."""
    if name not in _armed:
        return
    _passed[name] += 1
    if _passed[name] != _armed[name]:
        return
    if _marker_folder is not None:
        marker = _marker_folder / f"killed-at-{name}"
        if marker.exists():
            return
        marker.touch()
    os.kill(os.getpid(), signal.SIGKILL)
