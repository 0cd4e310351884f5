"""A case to keep: as JSON; and the knowledge behind its letters."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.knowledge.load import Combination, Source
from inbox.access import CaseAccess
from inbox.cases import show_case
from inbox.room import Room


def knowledge_entry(house: House, name: str) -> tuple[Combination, tuple[Source, ...]]:
    """Return an entry of the knowledge and the sources behind it.

    Raises:
        BriefbrugError: NOT_FOUND, when there is no such entry.
    """
    entry = house.knowledge.combinations.get(name)
    if entry is None:
        raise BriefbrugError(Reason.NOT_FOUND, "no such entry")
    return entry, tuple(house.knowledge.sources[source] for source in entry.sources)


def export_case(house: House, access: CaseAccess, room: Room) -> str:
    """Return a case as JSON with what was done beside the answer, without images and what only the desk needs."""
    view = asdict(show_case(house, access))
    view["exported_at"] = house.clock.now().astimezone(AMSTERDAM).isoformat(timespec="seconds")
    for letter in (*view["letters"], *view["aside"]):
        for page in letter["pages"]:
            del page["link"]
    for line in view["chat"]:
        for file in line["files"]:
            del file["address"]
    del view["first"], view["colleagues"], view["chat_stamp"]
    if not view["withdrawn"]:
        view["room"] = {
            "payments": [asdict(each) for each in room.payments],
            "reasons": [asdict(each) for each in room.reasons],
            "signals": [asdict(each) for each in room.signals],
            "minutes": dict(room.minutes),
            "consults": [asdict(each) for each in room.consults],
            "waiting_elsewhere": [asdict(each) for each in room.waits],
            "next_steps": [asdict(each) for each in room.steps],
            "people_around_the_resident": list(room.hands),
            "outcome": {"words": room.outcome, "may_be_shared": room.may_share},
        }
    return json.dumps(view, ensure_ascii=False, indent=1, default=_dated)


def _dated(value: object) -> str:
    """Return a moment or a day as text."""
    return value.isoformat() if isinstance(value, date) else str(value)
