"""Record what was read of a photo, and what could not be read; nothing ends without a word to the resident."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from briefbrug.durable import EXPLAIN
from briefbrug.errors import Reason
from briefbrug.failpoints import fail_point
from briefbrug.house import House
from briefbrug.letter import LetterFacts, PageReading
from briefbrug.speech import Message
from briefbrug.store.papers import NEEDS_HUMAN, READ, STORED, TERMINAL, UNREADABLE
from briefbrug.store.tables import Bag, Photo, Resident
from briefbrug.store.thread import MACHINE
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Choice, Reply, render
from briefbrug.usecases.pile import overview, pile_of

log = logging.getLogger("briefbrug.reading")

MAX_ATTEMPTS = 5
GIVE_UP = (Reason.READING_TOO_SLOW, Reason.READING_TOO_HEAVY, Reason.UNEXPECTED, Reason.FILE_MISSING)
"""Reasons after which a human looks at the photo instead of the resident being asked for a new one."""


def photo_to_read(house: House, photo_ref: str, worker: str) -> bytes | None:
    """Claim a photo for one attempt and return its bytes; None when it is read, gone, or given up just now."""
    with house.work() as work:
        photo = work.papers.photo(photo_ref, lock=True)
        resident = work.residents.get(photo.resident_ref) if photo else None
        if photo is None or resident is None or photo.state != STORED:
            return None
        if resident.consent != "yes" or not work.papers.claim(photo, worker):
            return None
        if photo.attempts >= MAX_ATTEMPTS:
            settle(house, work, resident, photo, Reason.UNEXPECTED)
            return None
        photo.attempts += 1
        key, name, attempts = work.residents.key(resident), photo.file_name, photo.attempts
    fail_point("K7")
    content = house.photos.get(key, name or "")
    if content is None and attempts >= MAX_ATTEMPTS:
        record_problem(house, photo_ref, Reason.FILE_MISSING)
    elif content is None:
        # The file may be on its way back: the same photo, sent once more while its twin was settled.
        release_photo(house, photo_ref)
    return content


def release_photo(house: House, photo_ref: str) -> None:
    """Give back a photo whose attempt came to nothing, so that the next attempt need not wait for this worker's end."""
    with house.work() as work:
        photo = work.papers.photo(photo_ref, lock=True)
        if photo is not None and photo.state == STORED:
            photo.worker = None


def record_reading(
    house: House, photo_ref: str, readings: tuple[PageReading, ...], page_images: Sequence[bytes]
) -> None:
    """Keep the readings and cleaned page images of a photo, and destroy the file as it was sent.

    Args:
        readings: one per page, BSNs already masked.
        page_images: one JPEG per page, upright, without metadata, BSNs blacked out.
    """
    with house.look() as work:
        photo = work.papers.photo(photo_ref)
        resident = work.residents.get(photo.resident_ref) if photo else None
        if photo is None or resident is None or photo.state != STORED:
            return
        key, owner = work.residents.key(resident), resident.ref
    names = [house.photos.put(key, image) for image in page_images]
    original: str | None = None
    with house.work() as work:
        photo = work.papers.photo(photo_ref, lock=True)
        resident = work.residents.get(photo.resident_ref, lock=True) if photo else None
        # Another owner: two threads became one meanwhile, and the photo is read anew under the other key.
        if photo is None or resident is None or photo.state != STORED or resident.ref != owner:
            return
        work.papers.set_readings(resident, photo, readings)
        photo.page_files = names
        original, photo.file_name = photo.file_name, None
        work.session.flush()
        if original and work.papers.is_file_used(resident, original):
            original = None
        readable = [reading for reading in readings if reading.problem is None]
        if readable:
            photo.state = READ
            photo.progress_at = work.clock.real_now()
            advance_bag(house, work, resident, photo)
        else:
            settle(house, work, resident, photo, Reason(readings[0].problem or Reason.NOT_READABLE.value))
    fail_point("K9")
    if original and original not in names:
        house.photos.destroy(original)


def record_problem(house: House, photo_ref: str, reason: Reason) -> None:
    """Settle a photo that could not be read and tell the resident why, with a plain advice."""
    with house.work() as work:
        photo = work.papers.photo(photo_ref, lock=True)
        resident = work.residents.get(photo.resident_ref, lock=True) if photo else None
        if photo is None or resident is None or photo.state in TERMINAL:
            return
        settle(house, work, resident, photo, reason)


def settle(house: House, work: Work, resident: Resident, photo: Photo, reason: Reason) -> None:
    """Give a photo its terminal state, say so once, and let its bag go on."""
    photo.state = NEEDS_HUMAN if reason in GIVE_UP else UNREADABLE
    photo.problem = reason.value
    photo.remote_sealed = None
    photo.progress_at = work.clock.real_now()
    log.info(
        "photo_settled photo_ref=%s state=%s reason=%s attempts=%d",
        photo.ref,
        photo.state,
        reason.value,
        photo.attempts,
    )
    texts = house.texts_in(resident.language)
    told = (Message("photo_number", {"number": photo.position + 1}), Message(f"problem_{reason.value}"))
    choices = (Choice("button_human", "request_human"),) if photo.state == NEEDS_HUMAN else ()
    said = render(Reply(told, choices), texts)
    work.thread.add(resident, MACHINE, said, source_key=f"problem/{photo.ref}")
    advance_bag(house, work, resident, photo)


def advance_bag(house: House, work: Work, resident: Resident, photo: Photo) -> None:
    """Show how far the bag is; begin its explanation when it is closed and every photo is settled."""
    bag = work.papers.bag(photo.bag_ref, lock=True)
    if bag is None or bag.closed_at is None:
        return
    photos = work.papers.photos(bag)
    done = sum(1 for each in photos if each.state in TERMINAL)
    if bag.count_message and done < len(photos):
        said = render(
            Reply((Message("photos_read", {"done": done, "count": len(photos)}),)), house.texts_in(resident.language)
        )
        work.thread.edit(resident, bag.count_message, said)
    if done == len(photos):
        work.enqueue(EXPLAIN, bag.ref)


def close_bag(house: House, work: Work, resident: Resident, bag: Bag) -> None:
    """Close a bag ("dat was alles") and begin its explanation when everything is read already."""
    if bag.closed_at is not None:
        return
    bag.closed_at = work.clock.now()
    photos = work.papers.photos(bag)
    if bag.count_message:
        done = sum(1 for each in photos if each.state in TERMINAL)
        said = render(
            Reply((Message("photos_read", {"done": done, "count": len(photos)}),)), house.texts_in(resident.language)
        )
        work.thread.edit(resident, bag.count_message, said)
    if all(photo.state in TERMINAL for photo in photos):
        work.enqueue(EXPLAIN, bag.ref)


def bag_to_join(house: House, bag_ref: str) -> list[tuple[str, int, PageReading]] | None:
    """Return the readable pages (photo, page index, reading) of a closed, settled, unexplained bag; else None."""
    with house.look() as work:
        bag = work.papers.bag(bag_ref)
        resident = work.residents.get(bag.resident_ref) if bag else None
        if bag is None or resident is None or bag.closed_at is None or bag.explained_at is not None:
            return None
        photos = work.papers.photos(bag)
        if any(photo.state not in TERMINAL for photo in photos):
            return None
        return [
            (photo.ref, index, reading)
            for photo in photos
            for index, reading in enumerate(work.papers.readings(resident, photo))
            if reading.problem is None
        ]


def record_letters(
    house: House, bag_ref: str, letters: Sequence[tuple[Sequence[tuple[str, int]], LetterFacts]]
) -> None:
    """Keep the letters of a bag and tell the resident what comes first, once.

    Args:
        letters: for each letter its pages (photo, page index in that file) in order, and what stands on it.
    """
    with house.work() as work:
        bag = work.papers.bag(bag_ref, lock=True)
        resident = work.residents.get(bag.resident_ref, lock=True) if bag else None
        if bag is None or resident is None or bag.explained_at is not None:
            return
        known = {
            fingerprint(work.papers.machine_facts(resident, letter))
            for letter in work.papers.letters(resident, active_only=False)
        }
        added = 0
        for pages, facts in letters:
            mark = fingerprint(facts)
            if mark and mark in known:
                # The same letter photographed again, in another bag (F6).
                continue
            known.add(mark)
            work.papers.add_letter(resident, bag, pages, facts)
            added += 1
        fail_point("K10")
        bag.explained_at = work.clock.now()
        texts = house.texts_in(resident.language)
        if bag.count_message:
            count = len(work.papers.photos(bag))
            work.thread.edit(resident, bag.count_message, render(Reply((photos_done(count),)), texts))
        if added == 0:
            key = "no_new_letters" if letters else "no_letters"
            said = render(Reply((Message(key),), (Choice("button_human", "request_human"),)), texts)
            work.thread.add(resident, MACHINE, said, source_key=f"overview/{bag.ref}")
            return
        for letter in work.papers.letters_of_bag(bag):
            letter.state = "explained"
        pile = pile_of(house, work, resident)
        for index, part in enumerate(overview(house, work, resident, pile)):
            work.thread.add(resident, MACHINE, render(part, texts), source_key=f"overview/{bag.ref}/{index}")
        resident.asked = "send_to_human"


def photos_done(count: int) -> Message:
    """Return that the photos were looked at."""
    return Message("photos_done_one") if count == 1 else Message("photos_done", {"count": count})


def fingerprint(facts: LetterFacts) -> str:
    """Return what makes a letter the same letter: sender, kind, date and reference, all known; else empty."""
    if not (facts.sender and facts.kind and facts.letter_date and (facts.reference or facts.amount)):
        return ""
    mark = facts.reference.value if facts.reference else str(facts.amount.value if facts.amount else "")
    return f"{facts.sender.value}|{facts.kind.value}|{facts.letter_date.value}|{mark}"
