"""Draws the pictures of `docs/reading.md`: one invented letter on its way from a photo to facts.

python -m tests.bed.pictures [--letter wc-veertiendagen] [--seed 3] [--out docs/images]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from briefbrug.knowledge.load import load_knowledge
from ocr import page as paper
from ocr.facts import read_facts
from ocr.motion import find_motion, without_motion
from ocr.reader import Reader
from ocr.report import read_paths, report_json
from ocr.tesseract import make_recogniser
from tests.bed.camera import SCENES, photograph
from tests.bed.letters import HERE, all_letters
from tests.bed.photos import save_picture
from tests.bed.render import render

TODAY = date(2026, 11, 21)
WIDTH = 620
"""Width of the pictures in pixels: what a reader of the page sees at full width."""
LINE_COLOURS = ((0, 110, 190), (200, 80, 0), (0, 130, 70), (150, 0, 140))
NAMES = {
    "sender": "sender", "kind": "kind", "letter_date": "letter date", "deadline": "deadline", "amount": "amount",
    "reference": "reference", "iban": "account",
}  # fmt: skip


def _type(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype("DejaVuSans-Bold.ttf", size)


def _rgb(pixels: paper.Pixels) -> Image.Image:
    return Image.fromarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if pixels.ndim == 3 else cv2.COLOR_GRAY2RGB))


def _save(image: Image.Image, path: Path, width: int = WIDTH) -> None:
    height = round(image.height * width / image.width)
    image.resize((width, height), Image.Resampling.LANCZOS).save(path, "WEBP", quality=72, method=6)


def _found(picture: paper.Picture, sheet: paper.Sheet) -> Image.Image:
    """Return the photo with the edges of the sheet as it will be flattened."""
    image = _rgb(picture.pixels)
    draw = ImageDraw.Draw(image)
    height, width = sheet.grey.shape[:2]
    flat = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    corners = [(float(x), float(y)) for x, y in cv2.perspectiveTransform(flat, sheet.to_picture)[0]]
    draw.line([*corners, corners[0]], fill=(255, 60, 0), width=max(4, image.width // 160), joint="curve")
    radius = image.width / 70
    for x, y in corners:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=(255, 60, 0), width=6)
    return image


def _flat(picture: paper.Picture, sheet: paper.Sheet) -> Image.Image:
    """Return the sheet only flattened (left) and with its light evened (right)."""
    height, width = sheet.grey.shape[:2]
    grey = cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY)
    raw = cv2.warpPerspective(grey, np.linalg.inv(sheet.to_picture), (width, height), flags=cv2.INTER_AREA)
    gap = np.full((height, width // 40), 255, np.uint8)
    return Image.fromarray(np.hstack([raw, gap, sheet.grey])).convert("RGB")


def _steadied(sheet: paper.Sheet) -> Image.Image:
    """Return a part of a sheet as the hand moved (left) and with the movement undone (right)."""
    reader = make_recogniser()
    motion = find_motion(sheet.grey, reader.lines(sheet.grey), reader.certainty)
    if motion is None:
        raise RuntimeError("no movement was found on the photo made for it")
    height, width = sheet.grey.shape[:2]
    part = np.s_[height * 38 // 100 : height * 56 // 100, width * 9 // 100 : width * 57 // 100]
    before, after = sheet.grey[part], without_motion(sheet.grey, motion)[part]
    gap = np.full((before.shape[0], width // 60), 255, np.uint8)
    return Image.fromarray(np.hstack([before, gap, after])).convert("RGB")


def _words(sheet: paper.Sheet, reading: Any) -> Image.Image:
    """Return the flat sheet with a frame around each word; words of one printed line have one colour and a line."""
    image = Image.fromarray(sheet.grey).convert("RGB")
    draw = ImageDraw.Draw(image)
    lines: dict[int, list[Any]] = {}
    for word, box in zip(reading.words, reading.flat, strict=True):
        lines.setdefault(word.line, []).append(box)
    for number, boxes in lines.items():
        colour = LINE_COLOURS[number % len(LINE_COLOURS)]
        for box in boxes:
            draw.rectangle((box.x0 - 2, box.y0 - 2, box.x1 + 2, box.y1 + 2), outline=colour, width=3)
        along = [((box.x0 + box.x1) / 2, float(box.y1 + 5)) for box in boxes]
        if len(along) > 1:
            draw.line(along, fill=colour, width=3)
    return image


def _proof(picture: paper.Picture, letter: dict[str, Any]) -> Image.Image:
    """Return the photo as sent with the line that proves each fact, and the fact beside it."""
    image = _rgb(picture.pixels)
    scale = image.width / WIDTH
    type_face = _type(round(12 * scale))
    canvas = Image.new("RGB", (round(image.width * 1.5), image.height), "white")
    canvas.paste(image)
    draw = ImageDraw.Draw(canvas)
    edge = image.width + round(14 * scale)
    low = 0.0
    proofs = sorted(letter["evidence"].items(), key=lambda item: item[1]["box"][1])
    for number, (name, proof) in enumerate(proofs):
        x0, y0, x1, y1 = proof["box"]
        colour = LINE_COLOURS[number % len(LINE_COLOURS)]
        draw.rectangle((x0 - 4, y0 - 4, x1 + 4, y1 + 4), outline=colour, width=max(3, round(2 * scale)))
        at = max(low, (y0 + y1) / 2 - 16 * scale)
        draw.line(
            [(x1 + 4, (y0 + y1) / 2), (edge - 4 * scale, at + 9 * scale)], fill=colour, width=max(2, round(scale))
        )
        sure = "sure" if letter["sure"].get(name) else "not sure"
        draw.text((edge, at), f"{NAMES[name]} ({sure})", fill=colour, font=type_face)
        draw.text((edge, at + 16 * scale), str(letter[name]), fill=(20, 20, 20), font=type_face)
        low = at + 38 * scale
    return canvas


def draw(letter_id: str, seed: int, out: Path) -> Sequence[Path]:
    """Draw the six pictures of one letter into `out` and return their paths."""
    letter = next(one for one in all_letters() if one.id == letter_id)
    paper_of = next(iter(render([letter])))
    rng = np.random.default_rng(seed)
    scene = replace(
        SCENES["table"](rng),
        surface="wood",
        long_side=2000,
        angle=7.0,
        tilt=0.06,
        fill=0.86,
        shade=0.3,
        hand=0.35,
        turn=0,
    )
    shot = photograph([paper_of.picture(0)], scene, rng)
    moving = replace(scene, tilt=0.02, angle=2.0, hand=0.0, motion=5.0)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{letter_id}.jpg"
        save_picture(photograph([paper_of.picture(0)], moving, rng).picture, path, 88)
        moved = paper.flat_sheets(paper.open_picture(path.read_bytes()))[0]
        save_picture(shot.picture, path, 88)
        content = path.read_bytes()
        told = report_json(read_paths([path], TODAY, pile=False, knowledge=load_knowledge()))
    picture = paper.open_picture(content)
    sheet = paper.flat_sheets(picture)[0]
    reading = Reader().read_file(content)[0]
    read_facts([reading], load_knowledge())
    out.mkdir(parents=True, exist_ok=True)
    pictures = {
        "reading-1-photo.webp": _rgb(picture.pixels),
        "reading-2-sheet.webp": _found(picture, sheet),
        "reading-3-flat.webp": _flat(picture, sheet),
        "reading-4-words.webp": _words(sheet, reading),
        "reading-6-movement.webp": _steadied(moved),
        "reading-5-facts.webp": _proof(picture, told["letters"][0]),
    }
    for name, image in pictures.items():
        _save(image, out / name, WIDTH if name[8] in "124" else 930)
    return [out / name for name in pictures]


def main() -> None:
    """Draw the pictures and name them with their sizes."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bed.pictures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--letter", default="wc-veertiendagen", help="id of a letter of the bed")
    parser.add_argument("--seed", type=int, default=3, help="another seed makes another photo")
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "docs" / "images")
    asked = parser.parse_args()
    for path in draw(asked.letter, asked.seed, asked.out):
        print(f"{path.name}: {cast(int, path.stat().st_size) // 1024} kB")


if __name__ == "__main__":
    main()
