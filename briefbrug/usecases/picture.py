"""Pictures a person may see: the cut-out of a line as proof, and cleaned page images."""

from __future__ import annotations

import io

from PIL import Image

from briefbrug.house import House
from briefbrug.store.thread import Picture

JPEG_QUALITY = 85


def page_image(house: House, resident_ref: str, photo_ref: str, page: int) -> bytes | None:
    """Return a cleaned page image (JPEG, upright, no metadata, BSNs black) of this resident; None when there is none.

    The caller must have asked who looks: a door for its own resident, the desk through `access_case`.
    """
    with house.look() as work:
        resident = work.residents.get(resident_ref)
        photo = work.papers.photo(photo_ref)
        if (
            resident is None
            or photo is None
            or photo.resident_ref != resident.ref
            or not 0 <= page < len(photo.page_files)
        ):
            return None
        return house.photos.get(work.residents.key(resident), photo.page_files[page])


def picture_of(house: House, resident_ref: str, message_ref: str, index: int) -> bytes | None:
    """Return the cut-out that a message of this resident's own thread shows as proof (JPEG)."""
    with house.look() as work:
        resident = work.residents.get(resident_ref)
        line = work.thread.line(resident, message_ref) if resident else None
    if line is None or not 0 <= index < len(line.said.pictures):
        return None
    picture = line.said.pictures[index]
    content = page_image(house, resident_ref, picture.photo_ref, picture.page)
    return None if content is None else cut_out(content, picture)


def cut_out(content: bytes, picture: Picture) -> bytes:
    """Return the part of a page image that a picture shows."""
    if picture.box is None:
        return content
    # Our own JPEG, made in the reading box: safe to open here.
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as page:
        out = io.BytesIO()
        page.crop(picture.box).convert("RGB").save(out, "JPEG", quality=JPEG_QUALITY)
        return out.getvalue()
