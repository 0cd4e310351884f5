"""Writes `samples/bag`: the model bag of the invented Kroos family, photographed, with its truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from tests.bed.camera import SCENES, photograph
from tests.bed.letters import all_letters
from tests.bed.photos import copy_text_pdf, save_picture
from tests.bed.render import render

TODAY = "2026-11-21"
MAX_BYTES = 340_000
SHOTS: tuple[tuple[str, str, int, str, str], ...] = (
    # file, letter, page (from 0), profile, surface
    ("foto-01.jpg", "bag-reclame", 0, "good", "wood"),
    ("foto-02.jpg", "bag-huur-1", 0, "table", "wood"),
    ("foto-03.jpg", "bag-uwv", 0, "good", "plain"),
    ("foto-04.jpg", "bag-uwv", 1, "good", "plain"),
    ("foto-05.jpg", "bag-cjib", 0, "table", "cloth"),
    ("foto-06.jpg", "bag-vonnis", 0, "good", "wood"),
    ("foto-07.jpg", "bag-vonnis", 1, "good", "wood"),
    ("foto-08.webp", "bag-duo", 0, "good", "plain"),
    ("foto-09.jpg", "bag-ontruiming", 0, "table", "wood"),
    ("foto-10.heic", "bag-svb", 0, "good", "wood"),
    ("foto-11.jpg", "bag-cak", 0, "table", "tiles"),
    ("foto-12.jpg", "bag-huur-2", 0, "good", "plain"),
    ("foto-13.jpg", "bag-belasting", 0, "good", "wood"),
    ("energie.pdf", "bag-energie", 0, "pdf", ""),
)
ORDER = (
    "bag-ontruiming",
    "bag-vonnis",
    "bag-huur-2",
    "bag-huur-1",
    "bag-uwv",
    "bag-belasting",
    "bag-svb",
    "bag-duo",
    "bag-cjib",
    "bag-cak",
    "bag-energie",
    "bag-reclame",
)
"""The right order: one debt together behind its newest letter, then by the ranking of domain/letters.yaml."""


def write_bag(folder: Path, seed: int = 26) -> None:
    """Write the photos and `truth.yaml` into `folder`; the same seed gives the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = {letter.id: letter for letter in all_letters() if letter.part == "bag"}
    papers = {paper.letter.id: paper for paper in render(letters.values())}
    for number, (name, letter_id, page, profile, surface) in enumerate(SHOTS):
        rng = np.random.default_rng([seed, number])
        if profile == "pdf":
            copy_text_pdf(papers[letter_id], folder / name)
            continue
        scene = SCENES[profile](rng)
        scene = replace(
            scene,
            long_side=2000 if profile == "table" else 1800,
            surface=surface,
            fill=max(scene.fill, 0.86),
            noise=min(scene.noise, 3),
            light=max(scene.light, 0.85),
        )
        shot = photograph([papers[letter_id].picture(page)], scene, rng)
        save_picture(shot.picture, folder / name, 86, max_bytes=MAX_BYTES)
    truth = {
        "today": TODAY,
        "note": "Invented letters of an invented family; every number passes its check and belongs to nobody.",
        "order": list(ORDER),
        "letters": [
            {
                "id": letter_id,
                "pages": [shot[0] for shot in SHOTS if shot[1] == letter_id],
                **letters[letter_id].truth,
                "open": list(letters[letter_id].open),
            }
            for letter_id in ORDER
        ],
    }
    (folder / "truth.yaml").write_text(
        yaml.safe_dump(truth, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8"
    )
