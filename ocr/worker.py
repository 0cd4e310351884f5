"""Takes queued photos and closed bags: reads them in the box and records what was found."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from briefbrug.bsn import mask_bsn
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.failpoints import fail_point
from briefbrug.house import House
from briefbrug.letter import LetterFacts, PageReading, Word
from briefbrug.usecases.record_reading import (
    bag_to_join,
    photo_to_read,
    record_letters,
    record_problem,
    record_reading,
    release_photo,
)
from ocr.bsn import find_bsn
from ocr.facts import read_facts
from ocr.letters import doubles, join_pages
from ocr.page import format_of
from ocr.pool import ReadingPool

log = logging.getLogger("briefbrug.reading")


def make_read(house: House, pool: ReadingPool, worker: str) -> Callable[[str], None]:
    """Return the workflow that reads one photo; it may be repeated, and does nothing for a photo that is settled."""

    def read(photo_ref: str) -> None:
        content = photo_to_read(house, photo_ref, worker)
        if content is None:
            return
        try:
            readings, images = read_clean(pool, content)
        except BriefbrugError as error:
            log.info("photo_unread photo_ref=%s reason=%s", photo_ref, error.reason.value)
            if error.reason is not Reason.UNEXPECTED:
                record_problem(house, photo_ref, error.reason)
            else:
                # An unexpected end leaves the photo to the next attempt; after five a human gets it.
                release_photo(house, photo_ref)
            return
        fail_point("K8")
        record_reading(house, photo_ref, readings, images)

    return read


def read_clean(pool: ReadingPool, content: bytes) -> tuple[tuple[PageReading, ...], list[bytes]]:
    """Return the readings of a file with BSNs masked, and for each a page image that may be kept (JPEG, upright).

    Raises:
        BriefbrugError: as `ReadingPool.read`.
    """
    readings = pool.read(content)
    hidden = [find_bsn(reading.words) for reading in readings]
    if format_of(content) == "PDF":
        drawn = pool.page_images(content)
        images = [
            pool.clean(image, boxes).content if boxes else image for image, boxes in zip(drawn, hidden, strict=True)
        ]
    else:
        # Several sheets in one photo share the picture: a number on any of them is hidden in each copy.
        every = [box for boxes in hidden for box in boxes]
        images = [pool.clean(content, every, reading.turn).content for reading in readings]
    return tuple(masked(reading) for reading in readings), images


def masked(reading: PageReading) -> PageReading:
    """Return a reading in which a BSN shows its last three digits only, also where it fell apart into words."""
    words = reading.words
    gaps = ["" if not at else " " if words[at - 1].line == word.line else "\n" for at, word in enumerate(words)]
    shown = mask_bsn("".join(gap + word.text for gap, word in zip(gaps, words, strict=True)))
    out: list[Word] = []
    at = 0
    for gap, word in zip(gaps, words, strict=True):
        at += len(gap)
        out.append(replace(word, text=shown[at : at + len(word.text)]))
        at += len(word.text)
    rereads = tuple(replace(again, text=mask_bsn(again.text)) for again in reading.rereads)
    return replace(reading, words=tuple(out), rereads=rereads)


def make_explain(house: House) -> Callable[[str], None]:
    """Return the workflow that cuts a bag into letters and tells what comes first; repeating it changes nothing."""

    def explain(bag_ref: str) -> None:
        pages = bag_to_join(house, bag_ref)
        if pages is None:
            return
        by_id = {f"{photo}#{index}": (photo, index, reading) for photo, index, reading in pages}
        named = [(page_id, by_id[page_id][2]) for page_id in by_id]
        twice = doubles(named)
        letters: list[tuple[list[tuple[str, int]], LetterFacts]] = []
        for group in join_pages(named):
            # The same page photographed twice proves nothing twice: the better photo speaks for both.
            members = [by_id[page_id] for page_id in group if page_id not in twice] or [by_id[group[0]]]
            facts = read_facts([reading for _, _, reading in members], house.knowledge)
            letters.append(([(photo, index) for photo, index, _ in members], facts))
        record_letters(house, bag_ref, letters)

    return explain
