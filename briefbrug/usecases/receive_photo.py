"""Receive a photo: it is safe before it is acknowledged, it is counted once, and its reading begins."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from briefbrug.durable import FETCH, READ
from briefbrug.errors import Reason
from briefbrug.failpoints import fail_point
from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.store.papers import DROPPED, RECEIVED, STORED
from briefbrug.store.tables import Bag, Resident
from briefbrug.store.thread import MACHINE
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Choice, Reply, render
from briefbrug.usecases.open_door import CONSENT_CHOICES, the_resident
from briefbrug.usecases.record_reading import record_problem


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a photo: `count` photos lie in the open bag; `problem` is why it was not taken."""

    photo_ref: str | None
    is_new: bool
    count: int
    problem: Reason | None = None


def source_index(resident_ref: str, door: str, source_key: str) -> str:
    """Return a fixed-length key of where a photo came from."""
    return hashlib.sha256(f"{resident_ref}\x00{door}\x00{source_key}".encode()).hexdigest()


def receive_photo(house: House, resident_ref: str, content: bytes, door: str, source_key: str) -> Receipt:
    """Keep a photo whose bytes are here (the web page). The same upload once more changes nothing."""
    problem = refuse(house, content)
    if problem is not None:
        return Receipt(None, False, 0, problem)
    source = source_index(resident_ref, door, source_key)
    with house.look() as work:
        resident = the_resident(work, resident_ref, lock=False)
        if resident.consent != "yes":
            return Receipt(None, False, 0, Reason.NO_CONSENT)
        known = work.papers.photo_by_source(source)
        if known is not None:
            bag = work.papers.bag(known.bag_ref)
            return Receipt(known.ref, False, len(work.papers.photos(bag)) if bag else 0)
        key = work.residents.key(resident)
    # Files before rows: what has a row is on the disk.
    name = house.photos.put(key, content)
    try:
        with house.work() as work:
            resident = the_resident(work, resident_ref)
            work.residents.seen(resident, door)
            bag = work.papers.open_bag(resident)
            photo = work.papers.add_photo(resident, bag, source, door, STORED)
            photo.file_name = name
            count = acknowledge(house, work, resident, bag)
            fail_point("K6")
            work.enqueue(READ, photo.ref)
            receipt = Receipt(photo.ref, True, count)
        # Its twin may have been settled, and their file destroyed, just before this row was there to keep it.
        house.photos.put(key, content)
        return receipt
    except IntegrityError:
        with house.look() as work:
            known = work.papers.photo_by_source(source)
        return Receipt(known.ref if known else None, False, 0)


def refuse(house: House, content: bytes) -> Reason | None:
    """Return why bytes cannot be a photo or PDF, judged by size and first bytes alone; None when they may be."""
    if not content:
        return Reason.FILE_EMPTY
    if len(content) > house.settings.upload_max_bytes:
        return Reason.FILE_TOO_LARGE
    return None if looks_like_paper(content) else Reason.FILE_KIND


def looks_like_paper(content: bytes) -> bool:
    """Return whether the first bytes are those of a JPEG, PNG, WebP, HEIC/HEIF/AVIF, TIFF, GIF, BMP or PDF."""
    if content[:3] == b"\xff\xd8\xff" or content[:8] == b"\x89PNG\r\n\x1a\n" or content[:4] in {b"II*\x00", b"MM\x00*"}:
        return True
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return True
    if content[4:8] == b"ftyp" and content[8:12] in {
        b"heic",
        b"heix",
        b"hevc",
        b"heim",
        b"heis",
        b"mif1",
        b"msf1",
        b"avif",
    }:
        return True
    return content[:6] in {b"GIF87a", b"GIF89a"} or content[:2] == b"BM" or b"%PDF-" in content[:1024]


def acknowledge(house: House, work: Work, resident: Resident, bag: Bag) -> int:
    """Say how many photos the bag holds: one message, edited as it grows. Return the count."""
    count = sum(1 for photo in work.papers.photos(bag) if photo.state != DROPPED)
    key = "photos_counted_one" if count == 1 else "photos_counted"
    said = render(
        Reply((Message(key, {} if count == 1 else {"count": count}),), (Choice("button_all", "all_photos"),)),
        house.texts_in(resident.language),
    )
    if bag.count_message is None:
        bag.count_message = work.thread.add(resident, MACHINE, said, source_key=f"count/{bag.ref}")
    else:
        work.thread.edit(resident, bag.count_message, said)
    return count


def announce_photo(house: House, resident_ref: str, remote: dict[str, Any], door: str, source_key: str) -> Receipt:
    """Keep where a photo can be fetched (Telegram). Before the plain yes nothing is fetched (F8)."""
    source = source_index(resident_ref, door, source_key)
    size = int(remote.get("size") or 0)
    if size > house.settings.upload_max_bytes:
        return Receipt(None, False, 0, Reason.FILE_TOO_LARGE)
    with house.work() as work:
        resident = the_resident(work, resident_ref)
        work.residents.seen(resident, door)
        known = work.papers.photo_by_source(source)
        if known is not None:
            return Receipt(known.ref, False, 0)
        bag = work.papers.open_bag(resident)
        photo = work.papers.add_photo(resident, bag, source, door, RECEIVED)
        photo.remote_sealed = work.residents.seal(resident, json.dumps(remote), "remote")
        if resident.consent == "yes":
            count = acknowledge(house, work, resident, bag)
            work.enqueue(FETCH, photo.ref)
            return Receipt(photo.ref, True, count)
        resident.asked = "consent"
        said = render(
            Reply((Message("photo_before_consent"), Message("ask_consent")), CONSENT_CHOICES),
            house.texts_in(resident.language),
        )
        work.thread.add(resident, MACHINE, said, source_key=f"before-consent/{bag.ref}")
        return Receipt(photo.ref, True, len(work.papers.photos(bag)))


def photo_to_fetch(house: House, photo_ref: str, worker: str) -> dict[str, Any] | None:
    """Return where to fetch a photo, or None when that is done or no longer wanted."""
    with house.work() as work:
        photo = work.papers.photo(photo_ref, lock=True)
        resident = work.residents.get(photo.resident_ref) if photo else None
        if photo is None or resident is None or photo.state != RECEIVED or resident.consent != "yes":
            return None
        if not work.papers.claim(photo, worker):
            return None
        photo.attempts += 1
        return json.loads(work.residents.open(resident, photo.remote_sealed or b"", "remote"))


def store_fetched(house: House, photo_ref: str, content: bytes) -> None:
    """Keep the bytes that were fetched and begin the reading; bytes that are no photo are reported."""
    with house.look() as work:
        photo = work.papers.photo(photo_ref)
        resident = work.residents.get(photo.resident_ref) if photo else None
        if photo is None or resident is None or photo.state != RECEIVED:
            return
        key, owner = work.residents.key(resident), resident.ref
    problem = refuse(house, content)
    if problem is not None:
        fetch_failed(house, photo_ref, problem)
        return
    name = house.photos.put(key, content)
    with house.work() as work:
        photo = work.papers.photo(photo_ref, lock=True)
        if photo is None or photo.state != RECEIVED or photo.resident_ref != owner:
            return
        photo.file_name = name
        photo.state = STORED
        photo.remote_sealed = None
        photo.worker = None
        photo.attempts = 0
        photo.progress_at = work.clock.real_now()
        fail_point("K6")
        work.enqueue(READ, photo.ref)
    house.photos.put(key, content)


def fetch_failed(house: House, photo_ref: str, reason: Reason) -> None:
    """Report a photo that could not be fetched; it never vanishes in silence."""
    record_problem(house, photo_ref, reason)


def fetch_announced(work: Work, resident: Resident) -> int:
    """Fetch what waited for the plain yes; return how many photos that are."""
    waiting = [photo for photo in work.papers.photos_of(resident) if photo.state == RECEIVED]
    for photo in waiting:
        work.enqueue(FETCH, photo.ref)
    return len(waiting)


def drop_announced(work: Work, resident: Resident) -> None:
    """Forget what waited for a yes that did not come."""
    for photo in work.papers.photos_of(resident):
        if photo.state == RECEIVED:
            photo.state = DROPPED
            photo.remote_sealed = None
