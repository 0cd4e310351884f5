"""Save the house, put it back, and look whether all that is stored still opens (BIO2 8.13; promises R12)."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.backup import Backups, Generation, Restored
from briefbrug.store.tables import Resident
from briefbrug.usecases.erase import export_resident

log = logging.getLogger("briefbrug.copies")


def backups(house: House) -> Backups:
    """Return the folder of backups.

    Raises:
        BriefbrugError: SETTINGS, when none is set.
    """
    if house.settings.backups is None:
        raise BriefbrugError(Reason.SETTINGS, "BRIEFBRUG_BACKUPS is empty: set it to a folder, best on another disk")
    return Backups(house.settings.backups, house.vault)


def back_up(house: House) -> Generation:
    """Save the house as it is at this moment, and let go of generations that are no longer worth keeping."""
    copies = backups(house)
    generation = copies.save(house.engine, house.settings.data / "photos", house.clock.now())
    removed = copies.thin_out(house.clock.now(), house.settings.retention_backups_days)
    log.info("backed_up name=%s rows=%d removed=%d", generation.name, sum(generation.rows.values()), len(removed))
    return generation


def back_up_when_due(house: House) -> Generation | None:
    """Save the house when a folder is set and the newest generation is old enough; one worker at a time does it."""
    if house.settings.backups is None:
        return None
    copies = backups(house)
    names = copies.names()
    if names:
        age = house.clock.now() - copies.generation(names[-1]).made_at
        if timedelta(0) <= age < timedelta(minutes=house.settings.backup_minutes):
            return None
    return back_up(house)


def put_back(house: House, name: str | None = None) -> Restored:
    """Put a generation (the newest, or `name`) back into this empty house.

    Raises:
        BriefbrugError: NOT_FOUND without a backup; WRONG_STATE when the house is not empty; KEY after a change.
    """
    copies = backups(house)
    names = copies.names()
    if not names:
        raise BriefbrugError(Reason.NOT_FOUND, "there is no backup in the folder of BRIEFBRUG_BACKUPS")
    return copies.restore(name or names[-1], house.engine, house.settings.data / "photos")


def damage(house: House) -> list[str]:
    """Return what is stored but does not open or is not there, one line each with references only."""
    with house.look() as work:
        refs = list(work.session.scalars(select(Resident.ref).order_by(Resident.ref)))
    found: list[str] = []
    for ref in refs:
        try:
            found += _missing_photos(house, ref)
            export_resident(house, ref)
        except BriefbrugError as error:
            found.append(f"{ref}: {error.detail}")
    return found


def _missing_photos(house: House, ref: str) -> list[str]:
    """Return the stored files of a resident that are not there; opening those that are is the export's work."""
    found: list[str] = []
    with house.look() as work:
        resident = work.residents.get(ref)
        if resident is None:
            return []
        key = work.residents.key(resident)
        for photo in work.papers.photos_of(resident):
            for name in (photo.file_name, *photo.page_files):
                if name and house.photos.get(key, name) is None:
                    found.append(f"{ref}: the file of photo {photo.ref} is missing")
    return found
