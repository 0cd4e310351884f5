"""Prints how well Rasa understands lines that nobody trained on: `python -m tests.rasa.evaluate [file ...] [--short] [--wrong]`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.rasa.held_out import (
    CRISIS,
    FILE,
    Heard,
    accuracy,
    danger_found,
    facts_f1,
    macro_f1,
    per_intent,
    per_theme,
    read_lines,
)
from tests.rasa.rasa_server import RasaServer, running_rasa


def hear(server: RasaServer, file: Path = FILE) -> list[Heard]:
    """Return what `server` makes of every line of `file`."""
    heard = []
    for line in read_lines(file):
        found = server.parse(line.text)
        facts = tuple((e["entity"], e["start"], e["end"]) for e in found["entities"])
        heard.append(Heard(line, found["intent"]["name"], found["intent"]["confidence"], facts))
    return heard


def main() -> None:
    """Start a server, hear every line, print the table."""
    files = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")] or [FILE]
    with tempfile.TemporaryDirectory() as folder, running_rasa(Path(folder)) as server:
        for file in files:
            started = time.perf_counter()
            heard = hear(server, file)
            each_ms = (time.perf_counter() - started) / len(heard) * 1000
            plain = [h for h in heard if h.line.part == "lines"]
            alike = [h for h in heard if h.line.part == "looks_like_crisis"]
            print(f"{file.name}: {len(heard)} lines, {each_ms:.1f} ms each")
            print(f"accuracy {accuracy(plain):.3f}, macro-F1 {macro_f1(plain):.3f} over {len(plain)} lines")
            calm = [h for h in plain if h.line.intent not in CRISIS]
            danger = [h for h in heard if h.line.intent in CRISIS]
            print(
                f"false alarms {sum(h.intent in CRISIS for h in calm)} of {len(calm)}"
                f", on look-alikes {sum(h.intent in CRISIS for h in alike)} of {len(alike)}"
                f"; danger heard as danger {sum(h.intent in CRISIS for h in danger)} of {len(danger)}"
                f", as the right kind {sum(h.intent == h.line.intent for h in danger)}"
            )
            kinds = danger_found(heard).items()
            print("found " + ", ".join(f"{kind} {some} of {n} (as itself {own})" for kind, (some, own, n) in kinds))
            print("themes " + ", ".join(f"{theme} {right} of {n}" for theme, (right, n) in per_theme(plain).items()))
            print("facts F1 " + ", ".join(f"{kind} {score:.2f}" for kind, score in facts_f1(heard).items()))
            if "--short" in sys.argv:
                continue
            for intent, (recall, f1, number) in per_intent(plain).items():
                print(f"  {intent:24} recall {recall:.2f}  F1 {f1:.2f}  lines {number}")
            if "--wrong" in sys.argv:
                for h in heard:
                    if h.intent != h.line.intent:
                        print(f"  {h.line.intent} heard as {h.intent} ({h.confidence:.2f}): {h.line.text}")


if __name__ == "__main__":
    main()
