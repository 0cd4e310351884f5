"""Erase or take out what belongs to a resident (F76, F80; AVG art. 15, 17, 20)."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import date
from typing import Any

from briefbrug.case import Actor, EventKind
from briefbrug.failpoints import fail_point
from briefbrug.house import House
from briefbrug.letter import FACTS
from briefbrug.speech import Message
from briefbrug.store.backup import Backups
from briefbrug.store.tables import CaseRow, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Answer, Asked, Reply
from briefbrug.usecases.consult import consults_of_case
from briefbrug.usecases.open_door import the_resident
from briefbrug.usecases.room_to_act import payments, reasons
from briefbrug.usecases.what_comes_next import outcome_of, steps_of, waits_of_case


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
        names += [each.file_name for each in work.papers.attachments_of(resident)]
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
            "name": work.residents.open(resident, resident.name_sealed, "name") if resident.name_sealed else None,
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
            "cases": [_case_of(house, work, resident, case) for case in work.cases.all_for(resident)],
            "files": [
                {
                    "at": each.at.isoformat(),
                    "name": work.residents.open(resident, each.name_sealed, "attachment"),
                    "media_type": each.media_type,
                    "content": base64.b64encode(house.photos.get(key, each.file_name) or b"").decode(),
                }
                for each in work.papers.attachments_of(resident)
            ],
            "looked": [
                {"at": look.at.isoformat(), "professional": look.professional_ref, "what": look.what}
                for look in work.cases.looks(resident)
            ],
        }


def _case_of(house: House, work: Work, resident: Resident, case: CaseRow) -> dict[str, Any]:
    """Return everything that the desk keeps about one case of hers, also the notes and the side threads."""
    names = {person.ref: person.name for person in work.people.professionals(active_only=False)}
    who = work.people.professional(case.professional_ref)
    words, may_share = outcome_of(work, resident, case.ref)
    threads = consults_of_case(work, case, who) if who else []
    return {
        "reference": case.ref,
        "status": case.status,
        "professional": names.get(case.professional_ref, ""),
        "sent_at": case.sent_at.isoformat(),
        "promised_at": case.promised_at.isoformat(),
        "shared": json.loads(work.cases.preview(resident, case) or "null"),
        "events": [
            {
                "at": event.at.isoformat(),
                "what": event.kind,
                "by": names.get(event.actor_ref or "", event.actor_kind),
                "words": work.cases.event_body(resident, event),
            }
            for event in work.cases.events(case.ref)
        ],
        "reasons": [_dated(asdict(each)) for each in reasons(work, resident, case)],
        "payments": [_dated(asdict(each)) for each in payments(work, who, case_ref=case.ref)] if who else [],
        "consults": [
            {"asked": each.asked_of, "lines": [[by, at.isoformat(), words] for by, at, words in each.lines]}
            for each in threads
        ],
        "waiting": [_dated(asdict(each)) for each in waits_of_case(house, work, resident, case)],
        "steps": [_dated(asdict(each)) for each in steps_of(house, work, resident, case.ref)],
        "outcome": {"words": words, "may_be_shared": may_share},
    }


def _dated(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with their times as text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
