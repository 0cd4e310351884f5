"""Pages into letters: printed numbers, shared references, order, and the same page on another photo."""

from __future__ import annotations

import random

from briefbrug.letter import PageReading
from ocr.letters import doubles, join_pages, page_number
from ocr.reader import fingerprint
from ocr.sender import LONGEST_WORD, speakable
from tests.ocr.build import LETTER, page_of

FIRST = ["Gemeente Voorbeeld", "Postbus 1, 1234 AA Voorbeeld", "www.voorbeeld.example.nl", "Datum: 10 november 2026", "Ons kenmerk: Z-2026-118402", "Geachte heer Pietersma,",
         "Wij hebben gegevens van u nodig voor uw uitkering. Stuur ons de afschriften van de afgelopen maanden.", "Pagina 1 van 3"]  # fmt: skip
SECOND = [
    "Gemeente Voorbeeld    Z-2026-118402",
    "Welke afschriften hebben wij nodig? Van alle rekeningen, ook spaarrekeningen en rekeningen van kinderen.",
    "Pagina 2 van 3",
]
THIRD = [
    "Gemeente Voorbeeld    Z-2026-118402",
    "Bezwaar maken kan binnen zes weken. Schrijf dan een brief aan het college van burgemeester en wethouders.",
    "Pagina 3 van 3",
]


def test_page_numbers() -> None:
    assert page_number(page_of(FIRST)) == (1, 3)
    assert page_number(page_of(["tekst", "blad 2"])) == (2, None)
    assert page_number(page_of(["tekst", "2/4"])) == (2, 4)
    assert page_number(page_of(LETTER)) is None


def test_pages_in_any_order_become_their_letters() -> None:
    pages = {"a1": page_of(FIRST), "a2": page_of(SECOND), "a3": page_of(THIRD), "b": page_of(LETTER)}
    for seed in range(6):
        names = list(pages)
        random.Random(seed).shuffle(names)
        joined = join_pages([(n, pages[n]) for n in names])
        assert sorted(joined) == [("a1", "a2", "a3"), ("b",)]


def _reread(page: PageReading, seed: int) -> PageReading:
    """Return the page as another photo would be read: some words wrong."""
    chance = random.Random(seed)
    words = tuple(w if chance.random() > 0.06 else type(w)(w.text[::-1], w.box, 60, w.page, w.line) for w in page.words)
    return PageReading(page.width, page.height, words, mean_confidence=80)


def test_a_spoilt_figure_in_the_number_does_not_tear_a_letter_apart() -> None:
    first = page_of([*FIRST[:4], "Ons kenmerk: 2611884470", *FIRST[5:7]])
    second = page_of(["2611834470 blad", *SECOND[1:2], "Stuur de afschriften naar de gemeente Voorbeeld"])
    other = page_of(["9940217735", "Uw bestelling is onderweg, bewaar de verpakking en deze afleverbon zorgvuldig"])
    assert join_pages([("a1", first), ("a2", second)]) == (("a1", "a2"),)
    assert join_pages([("a1", first), ("c", other)]) == (("a1",), ("c",))


def test_the_same_page_from_another_photo_is_a_double() -> None:
    page = page_of(LETTER)
    pages = [("one", page), ("two", _reread(page, 1)), ("other", page_of(FIRST))]
    assert doubles(pages) == {"two": "one"}
    assert join_pages(pages) == (("one", "two"), ("other",))


def test_next_month_s_reminder_is_no_double() -> None:
    later = [
        line.replace("12 november", "12 december")
        .replace("1.284,50", "1.926,75")
        .replace("27 november", "27 december")
        .replace("oktober en november", "november en december")
        for line in LETTER
    ]
    assert doubles([("one", page_of(LETTER)), ("two", page_of(later))]) == {}


def test_fingerprints_of_alike_pages_are_near() -> None:
    def bits(one: str, other: str) -> int:
        return (int(one, 16) ^ int(other, 16)).bit_count()

    page = page_of(LETTER)
    one, two, three = (fingerprint([w.text for w in p.words]) for p in (page, _reread(page, 3), page_of(FIRST)))
    assert bits(one, two) < 14 < bits(one, three)


def test_a_letterhead_that_was_not_read_does_not_tear_a_letter_apart() -> None:
    text = ["Maak het bedrag over aan Zonnevolt,", "dan is uw jaarrekening betaald."]
    first = page_of(["Datum: 10 november 2026", "Geachte heer Pietersma,", *text])
    second = page_of(["Zonnevolt    pagina 2 van 3", "Uw meterstanden", "Stroom normaal 14.220 15.198 978 kWh"])
    third = page_of(["Zonnevolt    pagina 3 van 3", "Woorden die u leest", "Vermindering van de belasting"])
    other = page_of(["Kabelmaat    pagina 2 van 2", "Storingen", "Bel de helpdesk"])
    assert join_pages([("a1", first), ("a2", second), ("a3", third)]) == (("a1", "a2", "a3"),)
    assert ("c",) in join_pages([("a1", first), ("a2", second), ("c", other)])


def test_a_word_longer_than_any_name_is_not_searched() -> None:
    site = "www.woonstichting-zonnewende-van-de-oostelijke-mijnstreek.example.nl"
    assert speakable(f"{site} {'ab-' * 934} huur").split() == [site, "huur"]
    assert max(map(len, speakable(" ".join("x" * n for n in range(1, 300))).split())) < LONGEST_WORD
