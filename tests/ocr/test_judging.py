"""A photo is judged before it is trusted: cut, blurred, far, covered, an envelope; and boxes lie on their own ink."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from briefbrug.errors import Reason
from briefbrug.letter import PageReading
from ocr.page import WHOLE_FIT, edge_width, flat_sheets, open_picture
from ocr.reader import Reader
from ocr.sheets import find_papers
from ocr.words import Seen, with_tight_boxes
from tests.ocr.build import FONTS, LETTER, jpeg, photo, sheet


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def _read(reader: Reader, picture: np.ndarray) -> PageReading:
    (reading,) = reader.read_file(jpeg(picture, quality=85))
    return reading


def _flat(picture: np.ndarray) -> np.ndarray:
    return flat_sheets(open_picture(jpeg(picture, quality=85)))[0].grey


def test_a_blurred_photo_is_called_blurred_and_a_sharp_one_is_not(reader: Reader) -> None:
    sharp = photo(sheet())
    blurred = cv2.GaussianBlur(sharp, (0, 0), 7)
    assert edge_width(_flat(sharp)) < 3 < 4 < edge_width(_flat(blurred))
    assert _read(reader, blurred).problem == Reason.PHOTO_TOO_BLURRED.value
    assert _read(reader, sharp).problem is None


def test_a_letter_far_away_is_called_far(reader: Reader) -> None:
    table = np.full((1600, 1200, 3), (96, 70, 52), np.uint8)
    small = cv2.resize(sheet(), (330, 467), interpolation=cv2.INTER_AREA)
    table[500:967, 400:730] = small
    assert _read(reader, table).problem == Reason.PHOTO_TOO_FAR.value


@pytest.mark.parametrize("turn", [0, 1])
def test_a_letter_that_runs_out_of_the_photo_is_called_cut_off(reader: Reader, turn: int) -> None:
    whole = photo(sheet())
    cut = np.ascontiguousarray(whole[:, 420:])
    assert _read(reader, np.rot90(cut, turn).copy()).problem == Reason.PHOTO_CUT_OFF.value


def test_what_lies_on_the_letter_is_seen_so_that_nothing_is_surely_absent(reader: Reader) -> None:
    whole = photo(sheet())
    covered = whole.copy()
    cv2.fillPoly(covered, [np.array([[900, 1100], [1499, 1150], [1499, 1600], [860, 1560]])], (120, 165, 205))
    assert find_papers(np.ascontiguousarray(whole[:, :, ::-1]))[0][1] > WHOLE_FIT
    assert _read(reader, whole).whole
    assert not _read(reader, covered).whole


def test_a_scan_that_fills_the_picture_is_whole(reader: Reader) -> None:
    reading = _read(reader, sheet())
    assert reading.problem is None and reading.whole


def _envelope() -> np.ndarray:
    image = Image.new("RGB", (1600, 1100), (108, 84, 60))
    draw = ImageDraw.Draw(image)
    draw.rectangle((80, 150, 1520, 950), fill=(240, 240, 236))

    def type_face(size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(FONTS[0], size)

    draw.text((130, 200), "Woonstichting De Linde", font=type_face(44), fill=30)
    draw.text((130, 560), "Retouradres: Postbus 12, 1234 AA Voorbeeld", font=type_face(24), fill=30)
    for number, line in enumerate(("Mevrouw J. Jansma", "Dorpsstraat 12", "1234 AB Voorbeeld")):
        draw.text((160, 640 + 60 * number), line, font=type_face(46), fill=20)
    draw.text((1300, 220), "Port\nbetaald", font=type_face(40), fill=40)
    return np.asarray(image)


def test_an_envelope_is_no_letter_and_tells_its_sender(reader: Reader) -> None:
    reading = _read(reader, _envelope())
    assert reading.problem == Reason.ENVELOPE.value
    assert "De Linde" in (reading.sender_hint or "")


def test_every_step_tells_its_time(reader: Reader) -> None:
    reading = _read(reader, photo(sheet()))
    assert {"open", "find", "flatten", "even", "turn", "recognise", "again"} <= set(reading.stages)
    assert 0 < sum(reading.stages.values()) <= reading.seconds + 0.01


def test_a_box_of_two_lines_is_drawn_in_to_the_ink_of_its_word() -> None:
    page = np.asarray(Image.fromarray(sheet(LETTER)).convert("L"))
    rows = np.flatnonzero((page[:, 100:700] < 128).any(axis=1))
    own = [(int(run[0]), int(run[-1]) + 1) for run in np.split(rows, np.flatnonzero(np.diff(rows) > 4) + 1)][:10]
    words = [Seen(f"woord{i}", 100, top, 700, bottom, 90, (0, i, 0)) for i, (top, bottom) in enumerate(own)]
    top, bottom = own[4]
    words[4] = Seen("hoog", 100, top - 12, 700, bottom + 26, 90, (0, 4, 0))
    drawn = with_tight_boxes(page, words)[4]
    assert abs(drawn.y0 - top) <= 4 and abs(drawn.y1 - bottom) <= 6
    assert [w for i, w in enumerate(with_tight_boxes(page, words)) if i != 4] == [
        w for i, w in enumerate(words) if i != 4
    ]


def test_a_second_letter_on_other_paper_is_not_lost() -> None:
    table = np.full((1500, 2000, 3), (92, 64, 44), np.uint8)
    page = cv2.resize(sheet(), (850, 1202), interpolation=cv2.INTER_AREA)
    table[120:1322, 80:930] = page
    table[150:1352, 1070:1920] = (page.astype(np.float32) * (0.62, 0.52, 0.34)).astype(np.uint8)
    papers = find_papers(np.ascontiguousarray(table[:, :, ::-1]))
    middles = sorted(float(quad[:, 0].mean()) for quad, _ in papers)
    assert len(middles) == 2 and middles[0] < 930 and middles[1] > 1070
