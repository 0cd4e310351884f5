"""Learns from all letters with a known answer, and writes the weights that `ocr` reads with.

    python -m tests.bed.learning                all four (about eight minutes)
    python -m tests.bed.learning kinds days     only these
    python -m tests.bed.learning --check        writes nothing: how often letters of a left-out file come right

Letters: `letters/*.yaml` but the part "blind", as text PDFs; the short letters of `short/` and of `tests/ocr`. In the
order senders, kinds, amounts, days: each learns from what the reader makes of a letter with the weights before it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from briefbrug.knowledge.load import Knowledge, load_knowledge
from ocr import asked, due, likeness, sent_by
from ocr.choosing import Weights, as_text, learnt
from tests.bed.learning import amounts, days, kinds
from tests.bed.learning.choices import Example, learned
from tests.bed.learning.examples import Labelled, labelled

PARTS = ("senders", "kinds", "amounts", "days")


def _senders(letters: Sequence[Labelled], knowledge: Knowledge) -> tuple[Path, str, int]:
    known = kinds.sent(letters, knowledge)
    return sent_by.KNOWN, kinds.learned(known, kinds.KEPT_SENDERS), len(known)


def _kinds(letters: Sequence[Labelled], knowledge: Knowledge) -> tuple[Path, str, int]:
    known = kinds.examples(letters, knowledge)
    return likeness.WEIGHTS, kinds.learned(known), len(known)


def _amounts(letters: Sequence[Labelled], knowledge: Knowledge) -> tuple[Path, str, int]:
    known = amounts.examples([*letters, *amounts.composed()], knowledge)
    return asked.WEIGHTS, as_text(learned(known)), len(known)


def _days(letters: Sequence[Labelled], knowledge: Knowledge) -> tuple[Path, str, int]:
    known = days.examples(letters, knowledge)
    return due.WEIGHTS, as_text(learned(known)), len(known)


LEARNING: dict[str, Callable[[Sequence[Labelled], Knowledge], tuple[Path, str, int]]] = {
    "senders": _senders, "kinds": _kinds, "amounts": _amounts, "days": _days,
}  # fmt: skip


def left_out(known: Sequence[Example]) -> list[tuple[str, int, int]]:
    """Return for each source how many of its letters come right when it is left out, and how many there are."""
    found: list[tuple[str, int, int]] = []
    for source, _ in groupby(sorted(one.source for one in known)):
        weights = Weights(learned([one for one in known if one.source != source]))
        mine = [one for one in known if one.source == source]
        right = sum(int(np.argmax(weights.totals(one.answers))) == one.right for one in mine)
        found.append((source, right, len(mine)))
    return found


def main() -> None:
    """Learn, and write or check."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bed.learning", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="*", choices=(*PARTS, []), help="what is learnt (default: all)")
    parser.add_argument("--check", action="store_true", help="leave out each file in turn; for amounts and days")
    asked_for = parser.parse_args()
    knowledge, letters = load_knowledge(), labelled()
    for part in [name for name in PARTS if not asked_for.part or name in asked_for.part]:
        if asked_for.check:
            if part in {"amounts", "days"}:
                known = (amounts if part == "amounts" else days).examples(letters, knowledge)
                for source, right, count in left_out(known):
                    print(f"{part:8} {source:16} {right:4}/{count:<4} {right / count:.3f}", flush=True)
            continue
        path, text, count = LEARNING[part](letters, knowledge)
        path.write_text(text, "utf-8")
        likeness.likeness.cache_clear()
        learnt.cache_clear()
        print(f"{part}: {count} letters, {path.stat().st_size // 1024} kB", flush=True)


if __name__ == "__main__":
    main()
