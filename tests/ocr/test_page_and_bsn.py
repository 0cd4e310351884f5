"""Pictures: every EXIF turn keeps its boxes, BSNs are blacked out, copies carry no metadata."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from briefbrug.bsn import mask_bsn, passes_eleven
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.letter import Box
from ocr.bsn import clean_image, find_bsn
from ocr.limits import Limits
from ocr.page import WHOLE_FIT, check_file, exif_matrix, flat_sheets, map_box, open_picture, turn_of
from ocr.sheets import find_papers
from tests.ocr.build import jpeg, page_of, photo, sheet


def _marked(width: int = 320, height: int = 240) -> tuple[np.ndarray, Box]:
    pixels = np.full((height, width, 3), 200, np.uint8)
    box = Box(40, 30, 100, 60)
    pixels[box.y0 : box.y1, box.x0 : box.x1] = 0
    return pixels, box


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_come_back_through_every_exif_turn(orientation: int) -> None:
    pixels, box = _marked()
    picture = open_picture(jpeg(pixels, orientation, "PNG"))
    dark = np.argwhere(picture.pixels[:, :, 0] < 50)
    (y0, x0), (y1, x1) = dark.min(axis=0), dark.max(axis=0) + 1
    assert map_box((x0, y0, x1, y1), picture.to_stored, 320, 240) == box


@pytest.mark.parametrize(("orientation", "turn"), [(1, 0), (3, 180), (6, 90), (8, 270)])
def test_the_turn_that_makes_it_upright(orientation: int, turn: int) -> None:
    matrix, told = exif_matrix(orientation, 300, 200)
    assert told == turn
    assert turn_of(np.linalg.inv(matrix)) == turn


@given(st.integers(2, 8), st.integers(20, 400), st.integers(20, 400))
def test_a_turn_and_back_is_no_turn(orientation: int, width: int, height: int) -> None:
    matrix, _ = exif_matrix(orientation, width, height)
    corner = np.linalg.inv(matrix) @ matrix @ np.array([7.0, 11.0, 1.0])
    assert np.allclose(corner, [7, 11, 1])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_common_formats_open(form: str) -> None:
    assert open_picture(jpeg(_marked()[0], form=form)).pixels.shape == (240, 320, 3)


def test_heic_opens() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    assert open_picture(jpeg(_marked()[0], form="HEIF")).pixels.shape == (240, 320, 3)


@pytest.mark.parametrize("mode", ["CMYK", "L", "LA", "RGBA", "P", "I;16", "1"])
def test_odd_colour_modes_open(mode: str) -> None:
    grey = Image.fromarray(_marked()[0]).convert("L")
    image = (
        Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
        if mode == "I;16"
        else grey.convert("RGB").convert(mode)
    )
    out = io.BytesIO()
    image.save(out, "JPEG" if mode == "CMYK" else "PNG")
    pixels = open_picture(out.getvalue()).pixels
    assert pixels.shape == (240, 320, 3) and pixels[45, 60].max() < 60 and pixels[200, 200].min() > 150


def test_of_an_animation_the_first_frame_counts() -> None:
    first, second = Image.new("RGB", (64, 64), "white"), Image.new("RGB", (64, 64), "black")
    out = io.BytesIO()
    first.save(out, "WEBP", save_all=True, append_images=[second], duration=100, lossless=True)
    assert open_picture(out.getvalue()).pixels.min() > 200


def test_size_is_refused_from_the_header() -> None:
    with pytest.raises(BriefbrugError) as caught:
        open_picture(jpeg(np.zeros((300, 300, 3), np.uint8)), Limits(picture_pixels=80_000))
    assert caught.value.reason is Reason.PICTURE_TOO_LARGE


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", Reason.FILE_EMPTY), (b"<html>", Reason.FILE_KIND), (b"PK\x03\x04zip", Reason.FILE_KIND), (b"MZ\x90", Reason.FILE_KIND), (b"<svg/>", Reason.FILE_KIND), (b"GIF89a", Reason.FILE_KIND)],
)  # fmt: skip
def test_what_is_no_photo_is_refused_by_content(content: bytes, reason: Reason) -> None:
    with pytest.raises(BriefbrugError) as caught:
        check_file(content)
    assert caught.value.reason is reason


def test_the_sheet_is_found_and_flattened() -> None:
    shot = photo(sheet())
    ((quad, paper),) = find_papers(np.ascontiguousarray(shot[:, :, ::-1]))
    assert paper > WHOLE_FIT
    wanted = np.array([[0.14, 0.07], [0.9, 0.11], [0.87, 0.95], [0.08, 0.9]]) * (1500, 2000)
    assert np.abs(quad - wanted).max() < 25
    (flat,) = flat_sheets(open_picture(jpeg(shot)))
    height, width = flat.grey.shape
    assert 1.2 < height / width < 1.65


def test_two_sheets_in_one_photo_are_two() -> None:
    page = sheet()
    both = np.concatenate([photo(page, 1000, 1400), photo(page, 1000, 1400)], axis=1)
    assert len(find_papers(np.ascontiguousarray(both[:, :, ::-1]))) == 2


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("BSN 111222333", "BSN ******333"),
        ("Burgerservicenummer: 1112.22.333", "Burgerservicenummer: ****.**.333"),
        ("sofinummer 111222333.", "sofinummer ******333."),
        ("aanslagnummer 1112.22.333.H.66.01", "aanslagnummer ****.**.333.H.66.01"),
        ("beschikking 111222333T260012", "beschikking ******333T260012"),
        ("nummer 111222333", "nummer ******333"),
        ("kenmerk 8234 5678 9012 3456", "kenmerk 8234 5678 9012 3456"),
        ("dossier 111222333444", "dossier 111222333444"),
        ("123456789", "123456789"),
        ("NL91 ABNA 0417 1643 00", "NL91 ABNA 0417 1643 00"),
        ("BSN: 123456788", "BSN: ******788"),
    ],
)
def test_masking(text: str, masked: str) -> None:
    assert mask_bsn(text) == masked


@given(st.integers(10_000_000, 999_999_999))
def test_only_numbers_that_pass_the_proof_are_masked(number: int) -> None:
    digits = f"{number:09d}"
    assert (mask_bsn(f"x {digits} y") != f"x {digits} y") == passes_eleven(digits)


def test_a_bsn_is_found_on_the_page_and_black_in_the_copy() -> None:
    page = page_of(["Kenmerk 12345", "BSN 1112 22 333", "iets anders"])
    boxes = find_bsn(page.words)
    assert {w.text for w in page.words if w.box in boxes} == {"1112", "22", "333"}
    pixels = np.full((2339, 1654, 3), 255, np.uint8)
    copy = clean_image(jpeg(pixels, 6, exif_comment := "JPEG"), boxes)
    assert exif_comment and (copy.width, copy.height) == (2339, 1654)
    image = Image.open(io.BytesIO(copy.content))
    assert image.format == "JPEG" and not image.getexif() and "exif" not in image.info
    for box in boxes:
        here = copy.map_box(box)
        inside = np.asarray(image)[here.y0 : here.y1, here.x0 : here.x1]
        assert inside.max() < 40


def test_a_copy_can_be_turned_upright() -> None:
    pixels, box = _marked()
    copy = clean_image(jpeg(pixels, form="PNG"), [], turn=90)
    assert (copy.width, copy.height) == (240, 320)
    here = copy.map_box(box)
    assert (
        np.asarray(Image.open(io.BytesIO(copy.content)))[here.y0 + 4 : here.y1 - 4, here.x0 + 4 : here.x1 - 4].max()
        < 60
    )
