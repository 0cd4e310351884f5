"""Writes a set of photographed letters with their truth: one profile, one seed, images and `truth.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tests.bed import camera as first
from tests.bed.letters import HERE, Letter, all_letters
from tests.bed.photos import Photo, boxes_on, copy_text_pdf, flat_sheet, hidden_fields, save_picture
from tests.bed.render import A4_MM, Paper, render

TODAY = "2026-11-21"
PROFILES = (
    "clean", "good", "table", "bad", "dark", "far", "two", "covered", "envelope", "white", "exif", "heic", "webp",
    "imagepdf", "textpdf", "cut", "blurred",
)  # fmt: skip
CAMERAS = {
    "first": PROFILES,
    "second": ("clean", "good", "table", "bad", "dark", "far", "two", "covered"),
}
"""The simulated phones, each with the profiles that it knows."""
PARTS = ("all", "tune", "held", "shift", "fresh", "fresh-even", "fresh-odd", "unseen", "unseen-even",
         "unseen-odd", "blind", "bag")  # fmt: skip
SIZES = {"1280": 1280, "1600": 1600, "2560": 2560, "12mp": 4032}


@dataclass(frozen=True, slots=True)
class Camera:
    """A simulated phone: draws a scene for a profile, and photographs flat pages in it."""

    scenes: Mapping[str, Callable[[np.random.Generator], Any]]
    photograph: Callable[[list[np.ndarray], Any, np.random.Generator], Photo]


def camera_named(name: str) -> Camera:
    """Return one of CAMERAS."""
    if name == "first":
        return Camera(first.SCENES, first.photograph)
    from tests.bed.second_camera import photo as second  # takes seconds, and only who asks for it should wait

    return Camera(second.SCENES, second.photograph)


def piles() -> dict[str, list[str]]:
    """Return the piles with a known order: name -> ids of letters, first thing first."""
    return yaml.safe_load((HERE / "piles.yaml").read_text(encoding="utf-8"))


def choose(part: str, limit: int, only: Sequence[str], seed: int) -> list[Letter]:
    """Return the letters of a part (one of PARTS), at most `limit` (0: all), drawn by `seed`."""
    both = {"tune", "held"}
    base, _, parity = part.partition("-")
    letters = [one for one in all_letters() if (part == "all" and one.part in both) or one.part == base]
    if parity:
        letters = [one for one in letters if int(one.id[2:4]) % 2 == (parity == "odd")]
    if only:
        return [letter for letter in all_letters() if letter.id in only]
    if limit and limit < len(letters):
        order = np.random.default_rng([seed, 99]).permutation(len(letters))[:limit]
        letters = [letters[i] for i in sorted(order)]
    return letters


def _shoot(pages: list[np.ndarray], profile: str, rng: np.random.Generator, size: int, camera: Camera) -> Photo:
    """Return the photo of the pages in a scene of this profile; see `make` for `size`."""
    scene = camera.scenes.get(profile, camera.scenes["good"])(rng)
    if size:
        scene = replace(scene, long_side=size)
    if profile == "exif":
        scene = replace(scene, turn=int(rng.choice([90, 180, 270])))
    if profile in {"heic", "webp", "exif"}:
        scene = replace(scene, long_side=size or int(rng.choice([1600, 2560])))
    return camera.photograph(pages, scene, rng)


def _pages(
    paper: Paper, profile: str, rng: np.random.Generator, out: Path, stem: str, size: int, camera: Camera
) -> list[dict[str, Any]]:
    """Photograph every page of one letter; return the entries of `truth.json`."""
    shots: list[dict[str, Any]] = []
    if profile == "textpdf":
        copy_text_pdf(paper, out / f"{stem}.pdf")
        return [
            {
                "path": f"{stem}.pdf#{i + 1}" if len(paper.pages) > 1 else f"{stem}.pdf",
                "boxes": boxes_on(flat_sheet(), marks),
            }
            for i, marks in enumerate(paper.marks)
        ]
    made: list[np.ndarray] = []
    scales: list[float] = []
    for page, marks in enumerate(paper.marks):
        picture = paper.picture(page)
        number = f"{stem}-p{page + 1}" if len(paper.pages) > 1 else stem
        if profile in {"clean", "imagepdf"} and profile not in camera.scenes:
            shot = first.scan(picture, rng, int(rng.choice([150, 200, 200, 300])))
            suffix = ".png" if profile == "clean" and rng.random() < 0.1 else ".jpg"
        else:
            shot = _shoot([picture], profile, rng, size, camera)
            suffix = {"heic": ".heic", "webp": ".webp"}.get(profile, ".jpg")
        boxes = boxes_on(shot.sheets[0], marks)
        entry: dict[str, Any] = {"path": number + suffix, "boxes": boxes}
        if profile == "imagepdf":
            made.append(shot.picture)
            scales.append((A4_MM[0] / 25.4 * 200) / shot.picture.shape[1])
            entry["boxes"] = boxes_on(shot.sheets[0], marks, scales[-1])
            entry["path"] = f"{stem}.pdf#{page + 1}" if len(paper.pages) > 1 else f"{stem}.pdf"
        else:
            undo = shot.scene.turn if profile == "exif" else 0
            save_picture(shot.picture, out / entry["path"], shot.scene.quality, exif_undo_turn=undo)
            entry |= {
                "width": int(shot.picture.shape[1]),
                "height": int(shot.picture.shape[0]),
                "turn": shot.scene.turn,
                "faults": list(shot.scene.faults),
                "surface": shot.scene.surface,
                "hidden": hidden_fields(shot, boxes),
            }
        shots.append(entry)
    if profile == "imagepdf":
        from PIL import Image

        images = [Image.fromarray(p) for p in made]
        dpi = images[0].width / (A4_MM[0] / 25.4)
        images = [im.resize((images[0].width, round(images[0].width * A4_MM[1] / A4_MM[0]))) for im in images]
        images[0].save(out / f"{stem}.pdf", "PDF", resolution=dpi, save_all=True, append_images=images[1:], quality=80)
    return shots


def make(
    out: Path,
    profile: str,
    seed: int,
    part: str = "all",
    limit: int = 0,
    only: Sequence[str] = (),
    size: int = 0,
    order: Sequence[str] = (),
    camera: str = "first",
) -> dict[str, Any]:
    """Write the photos of one profile and `truth.json` into `out`, and return the truth.

    Args:
        out: folder, made when missing; old files of the same name are replaced.
        profile: one of those that the camera knows.
        seed: the same seed gives the same photos; a letter's photo does not depend on the other letters.
        part: "tune", "held", "shift" (wording of others), "blind" (never learnt from), "bag" or "all" (tune and held).
        limit: at most so many letters, drawn by the seed; 0 is all.
        only: ids of letters, instead of part and limit.
        size: long side of the photo in pixels; 0 lets the profile choose.
        order: the right order of the letters as a pile, when it is known.
        camera: one of CAMERAS.
    """
    if profile not in CAMERAS[camera]:
        raise ValueError(f"profile of the {camera} camera must be one of {', '.join(CAMERAS[camera])}")
    taken_by = camera_named(camera)
    out.mkdir(parents=True, exist_ok=True)
    chosen = choose(part, limit, only, seed)
    photos: list[dict[str, Any]] = []
    letters: list[dict[str, Any]] = []

    def add(letter: Letter, entries: list[dict[str, Any]]) -> None:
        letters.append(
            {
                "id": letter.id,
                "part": letter.part,
                "tags": list(letter.tags),
                "open": list(letter.open),
                "pages": [e["path"] for e in entries],
                **letter.truth,
            }
        )
        photos.extend({"letter": letter.id, "page": i, **entry} for i, entry in enumerate(entries))

    if profile == "two":
        single = [letter for letter in chosen if len(letter.pages) == 1]
        papers = list(render(single))
        for number in range(0, len(papers) - 1, 2):
            pair = papers[number : number + 2]
            rng = np.random.default_rng([seed, PROFILES.index(profile), number])
            shot = _shoot([p.picture(0) for p in pair], profile, rng, size, taken_by)
            name = f"two-{number // 2 + 1:02d}.jpg"
            save_picture(shot.picture, out / name, shot.scene.quality)
            for paper, sheet in zip(pair, shot.sheets, strict=True):
                add(
                    paper.letter,
                    [
                        {
                            "path": name,
                            "boxes": boxes_on(sheet, paper.marks[0]),
                            "width": int(shot.picture.shape[1]),
                            "height": int(shot.picture.shape[0]),
                            "turn": 0,
                            "faults": ["two"],
                            "hidden": [],
                        }
                    ],
                )
    else:
        for paper in render(chosen):
            letter = paper.letter
            # the letter's own id decides its chance, so that a letter's photo is the same in every selection
            rng = np.random.default_rng([seed, PROFILES.index(profile), *letter.id.encode()])
            if profile == "envelope":
                head = letter.view.get("head") or {}
                picture = first.closed_envelope(
                    [str(head.get("name", "")), *[str(x) for x in head.get("lines", [])][:2]],
                    [str(x) for x in letter.view["to"]],
                    rng,
                )
                name = f"{letter.id}-envelope.jpg"
                save_picture(picture, out / name, 84)
                add(
                    letter,
                    [
                        {
                            "path": name,
                            "boxes": {},
                            "width": int(picture.shape[1]),
                            "height": int(picture.shape[0]),
                            "turn": 0,
                            "faults": ["envelope"],
                            "hidden": [],
                        }
                    ],
                )
            else:
                add(letter, _pages(paper, profile, rng, out, letter.id, size, taken_by))
    truth = {
        "today": TODAY,
        "profile": profile,
        "camera": camera,
        "seed": seed,
        "photos": photos,
        "letters": letters,
        "order": list(order),
    }
    (out / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    return truth
