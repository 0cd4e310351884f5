"""Weak lines read twice: what both saw, what only one saw, and what is never called clear."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.second import ALPHABET, WEIGHED_BELOW, SecondReader
from ocr.weak import BOTH, SECOND_RIGHT, SecondSeen, cut_out, laid_together, weak_lines
from ocr.words import Seen

FACE = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def word(text: str, x0: int, x1: int, confidence: float, line: int = 0, y0: int = 100) -> Seen:
    return Seen(text, x0, y0, x1, y0 + 20, confidence, (0, 0, line))


def seen(*words: tuple[str, int, int, float]) -> list[SecondSeen]:
    """Return the second reader's words on a crop from 0 to 1000."""
    return [(text, x0 / 1000, x1 / 1000, sure) for text, x0, x1, sure in words]


def test_only_weak_lines_deserve_a_second_look():
    clear = [word("Betaal", 0, 90, 96), word("nu", 100, 120, 95)]
    weak = [word("Kenrnerk", 0, 90, 60, line=1), word("7712", 100, 150, 70, line=1)]
    assert weak_lines(clear + weak) == [weak]


def test_words_come_from_left_to_right():
    right, left = word("7712", 100, 150, 60), word("Kenmerk", 0, 90, 60)
    assert weak_lines([right, left]) == [[left, right]]


def test_what_both_saw_is_trusted_more():
    (both,) = laid_together([word("november", 100, 200, 45)], seen(("november", 98, 203, 99.0)), 0, 1000)
    assert (both.text, both.confidence, both.otherwise) == ("november", BOTH, None)


def test_certain_words_stay_as_certain():
    (both,) = laid_together([word("november", 100, 200, 94)], seen(("november", 98, 203, 99.0)), 0, 1000)
    assert both.confidence == 94


def test_glued_words_stay_apart():
    first = [word("3", 100, 110, 60), word("december", 120, 220, 60)]
    both = laid_together(first, seen(("3december", 100, 221, 97.0)), 0, 1000)
    assert [w.text for w in both] == ["3", "december"]


def test_where_they_differ_the_second_counts_and_is_never_clear_print():
    first = [word("novernber", 100, 200, 88)]
    (taken,) = laid_together(first, seen(("november", 101, 199, 99.9)), 0, 1000)
    assert (taken.text, taken.otherwise) == ("november", "novernber")
    assert taken.confidence <= max(SECOND_RIGHT) < 85
    assert (taken.y0, taken.y1, taken.line) == (first[0].y0, first[0].y1, first[0].line)


def test_what_only_the_second_saw_has_nobody_beside_it():
    first = [word("Kenmerk", 100, 200, 70)]
    both = laid_together(first, seen(("Kenmerk", 100, 200, 99.0), ("7712", 400, 460, 99.0)), 0, 1000)
    assert [(w.text, w.otherwise) for w in both] == [("Kenmerk", None), ("7712", "")]


def test_what_only_the_first_saw_is_doubted():
    both = laid_together([word("Datum", 0, 80, 90), word("zz", 700, 720, 90)], seen(("Datum", 0, 80, 99.0)), 0, 1000)
    assert both[1].confidence <= 40


def test_a_silent_second_reader_changes_nothing():
    first = [word("Datum", 0, 80, 50)]
    assert laid_together(first, [], 0, 1000) == first


@pytest.mark.parametrize("slant", [0.0, 0.03])
def test_a_line_is_cut_out_along_its_slant(slant: float):
    page = np.full((600, 1000), 255, np.uint8)
    line: list[Seen] = []
    for place in range(8):
        x, y = 60 + 110 * place, 300 + round(slant * (60 + 110 * place))
        page[y : y + 20, x : x + 80] = 0
        line.append(Seen("woorden", x, y, x + 80, y + 20, 50))
    crop, left, right = cut_out(page, line)
    assert left < 60 < 60 + 110 * 7 + 80 < right
    assert crop.shape[0] < 36
    rows = np.flatnonzero((crop < 128).any(axis=1))
    assert rows[-1] - rows[0] <= 24


def test_a_label_and_its_value_far_away_are_two_words():
    face = ImageFont.truetype(FACE, 26)
    image = Image.new("L", (900, 44), 255)
    pen = ImageDraw.Draw(image)
    pen.text((8, 6), "Datum", font=face, fill=20)
    pen.text((420, 6), "20 november 2026", font=face, fill=20)
    read = SecondReader().read_words(np.asarray(image))
    assert [text for text, *_ in read] == ["Datum", "20", "november", "2026"]
    assert read[1][1] > 0.4


def test_characters_far_from_dutch_are_not_weighed_and_all_others_keep_their_place():
    reader = SecondReader()
    reader.warm()
    listed = reader._characters  # pyright: ignore[reportPrivateUsage]
    assert not any(ord(character) >= WEIGHED_BELOW for character in listed if character)
    assert set(listed) | {"\n"} >= ALPHABET
    image = Image.new("L", (760, 40), 255)
    ImageDraw.Draw(image).text((6, 6), "€ 1.284,50 vóór 3 december", font=ImageFont.truetype(FACE, 26), fill=0)
    assert [text for text, *_ in reader.read_words(np.asarray(image))] == ["€", "1.284,50", "vóór", "3", "december"]
