"""The bed's own command line.

    python -m tests.bed list                                    every letter with its truth
    python -m tests.bed make --out DIR --profile table --seed 1 --part tune --limit 20
    python -m tests.bed bag                                     samples/bag again
    python -m tests.bed golden                                  tests/golden again (images and expected values)
    python -m tests.bed score --truth DIR/truth.json --read DIR/read.json

`make` writes one photo per page and `truth.json` (see `make.py`); profiles: clean good table bad dark far two covered
envelope white exif heic webp imagepdf textpdf cut blurred. Letters are rendered once and kept in `build/bed`.
`--camera second` takes the photos with another simulated phone, made apart from the first; it knows clean to covered.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.bed.letters import HERE, all_letters
from tests.bed.make import CAMERAS, PARTS

ROOT = HERE.parents[1]


def main() -> None:
    """Run one command of the bed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list")
    listing.add_argument("--part", default="")
    making = commands.add_parser("make")
    making.add_argument("--out", type=Path, required=True)
    making.add_argument("--profile", default="good")
    making.add_argument("--camera", default="first", choices=CAMERAS, help="which simulated phone (default: first)")
    making.add_argument("--seed", type=int, default=1)
    making.add_argument("--part", default="all", choices=PARTS)
    making.add_argument("--limit", type=int, default=0)
    making.add_argument("--letter", action="append", default=[], help="id of one letter; may be repeated")
    making.add_argument("--pile", default="", help="name of a pile of piles.yaml, with its right order")
    making.add_argument("--size", type=int, default=0, help="long side in pixels (default: the profile's own)")
    commands.add_parser("bag")
    commands.add_parser("golden")
    scoring = commands.add_parser("score")
    scoring.add_argument("--truth", type=Path, required=True)
    scoring.add_argument("--read", type=Path, required=True)
    asked = parser.parse_args()
    if asked.command == "list":
        for letter in all_letters():
            if asked.part in {"", letter.part}:
                t = letter.truth
                print(
                    f"{letter.id:34} {letter.part:5} {letter.layout:10} p{len(letter.pages)} {t['sender']:24} "
                    f"{t['kind']:17} {t['letter_date']} -> {t['deadline']} {t['amount']} u{t['urgency']}"
                )
    elif asked.command == "make":
        from tests.bed.make import make, piles

        order = piles()[asked.pile] if asked.pile else ()
        truth = make(
            asked.out,
            asked.profile,
            asked.seed,
            asked.part,
            asked.limit,
            order or asked.letter,
            asked.size,
            order,
            asked.camera,
        )
        print(f"{len(truth['letters'])} letters, {len(truth['photos'])} photos in {asked.out}")
    elif asked.command == "bag":
        from tests.bed.bag import write_bag

        write_bag(ROOT / "samples" / "bag")
    elif asked.command == "golden":
        from tests.bed.golden import write_golden

        write_golden(ROOT / "tests" / "golden")
    else:
        from tests.bed.score import print_table, score

        print_table(score(json.loads(asked.truth.read_text("utf-8")), json.loads(asked.read.read_text("utf-8"))))


if __name__ == "__main__":
    main()
