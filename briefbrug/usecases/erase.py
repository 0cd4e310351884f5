"""Erase or take out what belongs to a resident (F76, F80; AVG art. 15, 17, 20)."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Any

from briefbrug.case import Actor, EventKind
from briefbrug.failpoints import fail_point
from briefbrug.house import House
from briefbrug.letter import FACTS
from briefbrug.speech import Message
from briefbrug.store.backup import Backups
from briefbrug.usecases.answer import Answer, Asked, Reply
from briefbrug.usecases.open_door import the_resident


def forget_resident(house: House, resident_ref: str, why: str) -> bool:
    """Destroy the resident's key, rows and files; return False when she was not there.

    The key goes in the same transaction as the rows; files that a crash leaves behind cannot be opened any more and
    are removed by the sweep of orphans.
    """
    with house.work() as work:
        resident = work.residents.get(resident_ref, lock=True)
        if resident is None:
            return False
        case = work.cases.open_for(resident)
        if case is not None:
            work.cases.record(case, EventKind.CONSENT_WITHDRAWN, Actor.RESIDENT)
        names: list[str] = []
        for photo in work.papers.photos_of(resident):
            names += [name for name in (photo.file_name, *photo.page_files) if name]
        work.residents.erase(resident, why)
    fail_point("K13")
    for name in names:
        house.photos.destroy(name)
    if house.settings.backups is not None:
        Backups(house.settings.backups, house.vault).strike(resident_ref, names)
    return True


def delete_now(house: House, asked: Asked) -> Answer:
    """Destroy everything; the goodbye is said by the door, because there is no thread left to say it in."""
    with house.look() as work:
        language = the_resident(work, asked.resident_ref, lock=False).language
    forget_resident(house, asked.resident_ref, "asked")
    return Answer((Reply((Message("deleted"),)),), language=language)


def export_resident(house: House, resident_ref: str) -> dict[str, Any] | None:
    """Return everything about a resident as JSON with her page images (base64), or None when she is unknown."""
    with house.look() as work:
        resident = work.residents.get(resident_ref)
        if resident is None:
            return None
        key = work.residents.key(resident)
        photos = work.papers.photos_of(resident)
        return {
            "reference": resident.ref,
            "language": resident.language,
            "consent": {
                "answer": resident.consent,
                "at": resident.consent_at.isoformat() if resident.consent_at else None,
            },
            "goal": work.residents.open(resident, resident.goal_sealed, "goal") if resident.goal_sealed else None,
            "messages": [
                {
                    "at": line.at.isoformat(),
                    "from": line.sender,
                    "professional": line.professional_ref,
                    **asdict(line.said),
                }
                for line in work.thread.lines(resident, limit=100_000)
            ],
            "letters": [
                {
                    "number": letter.number,
                    "state": letter.state,
                    "read": FACTS.dump_python(work.papers.machine_facts(resident, letter), mode="json"),
                    "corrections": [
                        {
                            "field": correction.field,
                            "value": str(work.papers.corrected_value(resident, correction)),
                            "by": correction.by_kind,
                            "at": correction.at.isoformat(),
                        }
                        for correction in work.papers.corrections(letter)
                    ],
                }
                for letter in work.papers.letters(resident, active_only=False)
            ],
            "photos": [
                {
                    "received_at": photo.received_at.isoformat(),
                    "state": photo.state,
                    "pages": [
                        base64.b64encode(content).decode()
                        for name in photo.page_files
                        if (content := house.photos.get(key, name)) is not None
                    ],
                }
                for photo in photos
            ],
            "looked": [
                {"at": look.at.isoformat(), "professional": look.professional_ref, "what": look.what}
                for look in work.cases.looks(resident)
            ],
        }
