"""Draws sentences from phrases.yml: choices, openings, closings, stories and slips of the finger."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

SEED = 20261121
_SPLIT = re.compile(r"([(|)]|\{\w+\})")
_KEYS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad", "t": "ry", "u": "yi",
    "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "xa",
}  # fmt: skip


class Phrases:
    """The choices of one file, drawn with a fixed seed so that every training is the same."""

    def __init__(self, told: dict[str, Any], seed: int = SEED) -> None:
        """Take the file's content."""
        self._told = told
        self._chance = random.Random(seed)  # noqa: S311 - drawn sentences, no secret

    def _draw(self, pattern: str) -> str:
        parts = _SPLIT.split(pattern)
        drawn, _at = self._choice(parts, 0)
        return re.sub(r"\s+([,?!.])", r"\1", " ".join(drawn.split()))

    def _choice(self, parts: list[str], at: int) -> tuple[str, int]:
        """Return what was drawn from `parts` from `at` up to a closing bracket, and the place after it."""
        options, current = [], ""
        while at < len(parts):
            part = parts[at]
            if part == "(":
                inner, at = self._choice(parts, at + 1)
                current += inner
                continue
            if part == ")":
                options.append(current)
                return self._chance.choice(options), at + 1
            if part == "|":
                options.append(current)
                current = ""
            elif part.startswith("{"):
                current += self._draw(str(self._chance.choice(self._told["shared"][part[1:-1]])))
            else:
                current += part
            at += 1
        return (self._chance.choice([*options, current]) if options else current), at

    def drawn(self, per_intent: int) -> list[tuple[str, str]]:
        """Return about `per_intent` different sentences for every intent, each pattern in turn."""
        found: list[tuple[str, str]] = []
        for intent, patterns in self._told["intents"].items():
            seen: set[str] = set()
            for turn in range(per_intent * 2):
                if len(seen) >= per_intent:
                    break
                seen.add(self._draw(str(patterns[turn % len(patterns)])))
            found += [(line, intent) for line in sorted(seen)]
        return found

    def dressed(self, lines: list[tuple[str, str]], share: float) -> list[tuple[str, str]]:
        """Return for a share of `lines` a copy as it might also be typed: opened, closed, told in a story, slipped."""
        told, chance = self._told, self._chance
        copies = []
        for line, intent in lines:
            if chance.random() >= share:
                continue
            way = chance.random()
            if way < 0.2:
                line = f"{chance.choice(told['openings'])} {line}"
            elif way < 0.35:
                line = f"{line} {chance.choice(told['closings'])}"
            elif way < 0.5 and intent not in _ONLY_SHORT:
                line = f"{chance.choice(told['stories'])}{chance.choice([', ', ' en ', '. ', ' dus ', ' maar '])}{line}"
            elif way < 0.6 and intent not in _ONLY_SHORT:
                line = f"{line}{chance.choice([', ', ' want ', '. '])}{chance.choice(told['stories'])}"
            else:
                line = self._slipped(line)
            copies.append((line, intent))
        return copies

    def _slipped(self, line: str) -> str:
        """Return `line` with one or two wrong, missing, doubled or swapped letters."""
        letters = list(line)
        for _ in range(self._chance.choice([1, 1, 2])):
            at = self._chance.randrange(len(letters))
            if not letters[at].isalpha():
                continue
            kind = self._chance.randrange(4)
            if kind == 0:
                letters[at] = self._chance.choice(_KEYS.get(letters[at].lower(), letters[at]))
            elif kind == 1 and len(letters) > 3:
                del letters[at]
            elif kind == 2:
                letters.insert(at, letters[at])
            elif at + 1 < len(letters) and letters[at + 1].isalpha():
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
        return "".join(letters)


# A yes in a long story is no bare yes any more.
_ONLY_SHORT = frozenset({"greet", "goodbye", "affirm", "deny", "chitchat", "out_of_scope"})


def read_phrases(path: Path) -> Phrases:
    """Return the choices of the file at `path`."""
    import rasa.shared.utils.io

    return Phrases(rasa.shared.utils.io.read_yaml_file(path))
