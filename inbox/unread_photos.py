"""Photos that the machine gave up on: which, why, and the picture for the named person who helps (R6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from briefbrug.errors import BriefbrugError
from briefbrug.house import House
from briefbrug.store.papers import NEEDS_HUMAN
from briefbrug.store.tables import Photo
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.enclose import Harmless, in_a_box
from briefbrug.usecases.picture import page_image
from inbox.access import CaseAccess
from inbox.cases import is_withdrawn
from inbox.words import PHOTO_PROBLEM, moment


@dataclass(frozen=True, slots=True)
class UnreadPhoto:
    """A photo without a reading: its number as the resident hears it, when it came, why it failed."""

    number: int
    at: str
    why: str
    link: str


def photos_for_a_human(house: House, access: CaseAccess) -> tuple[UnreadPhoto, ...]:
    """Return the photos of a case's resident that the machine gave up on, oldest first."""
    now = house.clock.now()
    with house.look() as work:
        return tuple(
            UnreadPhoto(
                photo.position + 1,
                moment(photo.received_at, now),
                PHOTO_PROBLEM.get(photo.problem or "", "De computer kon niet verder."),
                f"/inbox/zaak/{access.case_ref}/foto/{photo.ref}"
                if house.photos.path(_file(photo) or "--").exists()
                else "",
            )
            for photo in _given_up(work, access)
        )


def photo_for_a_human(house: House, access: CaseAccess, photo_ref: str) -> Harmless | None:
    """Return such a photo drawn anew, or None: the file as it was sent is never given to a browser."""
    with house.look() as work:
        photo = next((each for each in _given_up(work, access) if each.ref == photo_ref), None)
        resident = work.residents.get(access.resident_ref)
        if photo is None or resident is None:
            return None
        if photo.page_files:
            content = page_image(house, resident.ref, photo.ref, 0)
            return None if content is None else Harmless("foto.jpg", "image/jpeg", content)
        content = house.photos.get(work.residents.key(resident), photo.file_name or "--")
    if content is None:
        return None
    try:
        kind, harmless = in_a_box(content)
    except BriefbrugError:
        return None
    return Harmless("foto.jpg" if kind == "image/jpeg" else "brief.pdf", kind, harmless)


def _file(photo: Photo) -> str | None:
    return photo.page_files[0] if photo.page_files else photo.file_name


def _given_up(work: Work, access: CaseAccess) -> Iterator[Photo]:
    case, resident = work.cases.get(access.case_ref), work.residents.get(access.resident_ref)
    if case is None or resident is None or is_withdrawn(work, case, resident):
        return
    yield from (photo for photo in work.papers.photos_of(resident) if photo.state == NEEDS_HUMAN)
