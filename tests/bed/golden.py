"""Writes `tests/golden`: at least one letter of every kind, as a page image with its expected facts and origin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from tests.bed.camera import SCENES, photograph, scan
from tests.bed.letters import TRUTH_FIELDS, Letter, all_letters
from tests.bed.photos import save_picture
from tests.bed.render import render

TODAY = "2026-11-21"
MAX_BYTES = 190_000
EXTRA = ("bag-ontruiming", "bag-cjib", "gd-dwangbevel-cak", "wc-veertiendagen", "en-herinnering", "gem-hersteltermijn")
ORIGIN = """# {id}

Written for this project and rendered from `tests/bed/letters`; {how}. The persons, streets, towns, private
companies and all numbers are invented: they pass their checks (IBAN, betalingskenmerk, BSN) but belong to nobody.
Names of public bodies and of well-known companies stand here as plain text, without their marks, because a reader
must recognise them; they did not write this.

Licence: EUPL-1.2.
"""


def golden_letters() -> list[Letter]:
    """Return one letter of every kind, never of the part that is held back, and a few more."""
    usable = [letter for letter in all_letters() if letter.part in {"tune", "bag"}]
    chosen: dict[str, Letter] = {}
    for letter in sorted(usable, key=lambda one: (len(one.pages), len(one.open), one.part == "bag")):
        chosen.setdefault(letter.truth["kind"], letter)
    ids = {letter.id for letter in chosen.values()} | set(EXTRA)
    return [letter for letter in usable if letter.id in ids]


def write_golden(folder: Path, seed: int = 11) -> None:
    """Write image, `expected.yaml` and `origin.md` of every golden letter; `words.json` beside them is left alone."""
    for number, paper in enumerate(render(golden_letters())):
        letter = paper.letter
        home = folder / letter.id
        home.mkdir(parents=True, exist_ok=True)
        scanned = number % 3 == 0
        names: list[str] = []
        for page in range(len(paper.pages)):
            rng = np.random.default_rng([seed, number, page])
            if scanned:
                shot = scan(paper.picture(page), rng, 150)
            else:
                scene = replace(SCENES["good"](rng), long_side=1754, noise=1.5, fill=0.96)
                shot = photograph([paper.picture(page)], scene, rng)
            name = "page.jpg" if len(paper.pages) == 1 else f"page-{page + 1}.jpg"
            save_picture(shot.picture, home / name, 84, max_bytes=MAX_BYTES)
            names.append(name)
        expected = {
            "today": TODAY,
            "pages": names,
            **{field: letter.truth[field] for field in TRUTH_FIELDS},
            "open": list(letter.open),
        }
        (home / "expected.yaml").write_text(
            yaml.safe_dump(expected, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8"
        )
        how = "a simulated flatbed scan at 150 dpi" if scanned else "a simulated phone photograph"
        (home / "origin.md").write_text(ORIGIN.format(id=letter.id, how=how), encoding="utf-8")
