"""Tesseract's network run over many lines together: the language data, the chances, the words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.batched import Batched
from ocr.decode import words_of
from ocr.language import LANGUAGE, Language, Lexicon, load_language
from ocr.network import LineNetwork
from ocr.pixels import Pixels
from ocr.tesseract import find_tessdata

FACE = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
TEXTS = (
    "Betaal uiterlijk 3 december 2026 aan ons kantoor.",
    "Kenmerk: 7712 4408",
    "Geachte mevrouw Petrenkova, u heeft een betalingsachterstand van € 1.284,55 bij de gemeente.",
    "Postbus 12",
)


@pytest.fixture(scope="module")
def tessdata() -> str:
    folder = find_tessdata()
    assert folder is not None
    return folder


@pytest.fixture(scope="module")
def language(tessdata: str) -> Language:
    return load_language(Path(tessdata) / f"{LANGUAGE}.traineddata")


@pytest.fixture(scope="module")
def network(language: Language) -> LineNetwork:
    return LineNetwork(language)


def printed(text: str, size: int = 26) -> Pixels:
    """Return one line of print, black on white."""
    face = ImageFont.truetype(FACE, size)
    left, top, right, bottom = face.getbbox(text)
    image = Image.new("L", (round(right - left) + 12, round(bottom - top) + 12), 255)
    ImageDraw.Draw(image).text((6 - left, 6 - top), text, font=face, fill=20)
    return np.asarray(image)


def shown(language: Language, *steps: tuple[str, float] | tuple[str, float, str]) -> np.ndarray:
    """Return chances: each step a character ("" is nothing) with its chance, and which character has most of the rest."""
    out = np.full((len(steps), len(language.alphabet)), 1e-6, np.float32)
    place = {c: i for i, c in enumerate(language.alphabet) if c} | {"": language.nothing}
    for row, (character, chance, *other) in zip(out, steps, strict=True):
        row[place[character]] = chance
        row[place[other[0] if other else ("" if character else "a")]] += 0.99 - chance
    return out


# ---------------------------------------------------------------- the language data


def test_alphabet_holds_what_stands_on_dutch_letters(language: Language):
    assert set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789€.,:;-/ëïöé ") <= set(language.alphabet)
    assert language.alphabet[language.nothing] == ""


@pytest.mark.parametrize("word", ["deurwaarder", "Belasting", "november", "UWV", "dossiernummer", "Huurachterstand"])
def test_listed_words_are_known(language: Language, word: str):
    assert word in language.lexicon


@pytest.mark.parametrize("word", ["", "novernber", "tactuur", "posttous", "deurwaarde" + "q", "ж", "12"])
def test_other_strings_are_not(language: Language, word: str):
    assert word not in language.lexicon


def test_an_empty_list_knows_nothing():
    assert "huis" not in Lexicon()


@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_damaged_language_data_is_refused(tmp_path: Path, tessdata: str, damage: str):
    whole = (Path(tessdata) / f"{LANGUAGE}.traineddata").read_bytes()
    path = tmp_path / "nld.traineddata"
    path.write_bytes({"cut": whole[:200_000], "empty": b"", "other": b"PK\x03\x04" + bytes(400)}[damage])
    with pytest.raises(ValueError, match=r"language data|network"):
        load_language(path)


# ---------------------------------------------------------------- the network


def test_lines_are_read_as_printed(language: Language, network: LineNetwork):
    read = [" ".join(w.text for w in words_of(c, language)) for c in network.read([printed(t) for t in TEXTS])]
    assert read == list(TEXTS)


def test_a_line_reads_the_same_beside_longer_ones(network: LineNetwork):
    together = network.read([printed(t) for t in TEXTS])
    for text, among in zip(TEXTS, together, strict=True):
        (alone,) = network.read([printed(text)])
        np.testing.assert_allclose(among, alone, atol=2e-4)


def test_chances_of_a_step_are_one_together(network: LineNetwork):
    (chances,) = network.read([printed(TEXTS[0])])
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-4)


def test_slivers_and_blank_lines_do_not_stop_it(language: Language, network: LineNetwork):
    lines: list[Pixels] = [
        np.full((9, 1), 255, np.uint8),
        np.full((300, 4), 0, np.uint8),
        np.full((7, 9000), 255, np.uint8),
    ]
    read = network.read(lines)
    assert len(read) == 3
    assert all(chance.shape[1] == len(language.alphabet) for chance in read)


# ---------------------------------------------------------------- from chances to words


def test_a_double_letter_needs_nothing_between(language: Language):
    once = shown(language, ("a", 0.98), ("a", 0.98), ("", 0.98))
    twice = shown(language, ("a", 0.98), ("", 0.98), ("a", 0.98))
    assert [w.text for w in words_of(once, language)] == ["a"]
    assert [w.text for w in words_of(twice, language)] == ["aa"]


def test_words_know_where_they_stand(language: Language):
    steps = shown(language, ("", 0.98), ("d", 0.98), ("e", 0.98), ("", 0.98), (" ", 0.98), ("", 0.98), ("k", 0.98))
    assert [(w.text, w.first, w.last) for w in words_of(steps, language)] == [("de", 1, 2), ("k", 6, 6)]


def test_a_listed_word_wins_where_print_is_weak(language: Language):
    letters = [(c, 0.98) for c in "novem"]
    weak = shown(language, *letters, ("l", 0.6, "b"), ("e", 0.98), ("r", 0.98))
    assert [w.text for w in words_of(weak, language)] == ["november"]


def test_clear_print_wins_over_the_list(language: Language):
    clear = shown(language, *[(c, 0.985) for c in "novemler"])
    assert [w.text for w in words_of(clear, language)] == ["novemler"]


def test_weak_figures_stay_weak_figures(language: Language):
    (seen,) = words_of(shown(language, ("1", 0.98), ("2", 0.55, "7"), ("5", 0.98)), language)
    assert seen.text == "125"
    assert seen.certainty < np.log(0.6)


def test_words_that_ran_together_come_apart(language: Language):
    letters = [("b", 0.98), ("e", 0.98), ("t", 0.98), ("a", 0.98), ("", 0.98), ("a", 0.98), ("l", 0.98), ("t", 0.98)]
    joined = shown(language, ("u", 0.9), ("", 0.7, " "), *letters)
    assert [w.text for w in words_of(joined, language)] == ["u", "betaalt"]


def test_no_steps_are_no_words(language: Language):
    assert words_of(np.zeros((0, len(language.alphabet)), np.float32), language) == []


# ---------------------------------------------------------------- a whole sheet


def sheet_of(texts: tuple[str, ...], slant: float = 0.0) -> tuple[Pixels, list[tuple[int, int]]]:
    """Return an A4 sheet with the lines on it, slanting by so many degrees, and the height of each line's top and foot."""
    page = np.full((1754, 1240), 255, np.uint8)
    rows: list[tuple[int, int]] = []
    for number, text in enumerate(texts):
        line = printed(text, 22)[:, :1100]
        top = 300 + 60 * number
        page[top : top + line.shape[0], 80 : 80 + line.shape[1]] = line
        rows.append((top + 6, top + line.shape[0] - 6))
    if slant:
        turn = cv2.getRotationMatrix2D((80.0, 300.0), -slant, 1.0)
        page = np.asarray(cv2.warpAffine(page, turn, (1240, 1754), borderValue=(255.0,)), dtype=np.uint8)
    return page, rows


def test_boxes_lie_on_the_words(tessdata: str):
    page, rows = sheet_of(TEXTS)
    seen = Batched(tessdata).recognise(page)
    assert " ".join(w.text for w in seen) == " ".join(TEXTS)
    for number, (top, foot) in enumerate(rows):
        words = [w for w in seen if w.line[2] == number]
        assert [w.text for w in words] == TEXTS[number].split()
        assert all(a.x1 <= b.x0 for a, b in pairwise(words))
        for word in words:
            assert top - 2 <= word.y0 < word.y1 <= foot + 2
            ink = np.where(page[word.y0 : word.y1, word.x0 : word.x1] < 200, 1, 0)
            edges = (ink[:, 0], ink[:, -1], ink[0], ink[-1])
            assert all(edge.sum() for edge in edges), word


def test_a_slanting_sheet_is_read_too(tessdata: str):
    page, _ = sheet_of(TEXTS, slant=1.0)
    read = {w.text for w in Batched(tessdata).recognise(page)}
    wanted = {w for t in TEXTS for w in t.split()}
    assert len(read & wanted) >= 0.9 * len(wanted)


def test_clear_print_is_certain_and_an_empty_sheet_has_no_words(tessdata: str):
    recogniser = Batched(tessdata)
    assert min(w.confidence for w in recogniser.recognise(sheet_of(TEXTS)[0])) > 70
    assert recogniser.recognise(np.full((1754, 1240), 255, np.uint8)) == []
