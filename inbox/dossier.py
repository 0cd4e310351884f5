"""A case to keep: as JSON; and the knowledge behind its letters."""

from __future__ import annotations

import json
from dataclasses import asdict

from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.knowledge.load import Combination, Source
from inbox.access import CaseAccess
from inbox.cases import show_case


def knowledge_entry(house: House, name: str) -> tuple[Combination, tuple[Source, ...]]:
    """Return an entry of the knowledge and the sources behind it.

    Raises:
        BriefbrugError: NOT_FOUND, when there is no such entry.
    """
    entry = house.knowledge.combinations.get(name)
    if entry is None:
        raise BriefbrugError(Reason.NOT_FOUND, "no such entry")
    return entry, tuple(house.knowledge.sources[source] for source in entry.sources)


def export_case(house: House, access: CaseAccess) -> str:
    """Return a case as JSON, without page images and without what only the desk needs."""
    view = asdict(show_case(house, access))
    view["exported_at"] = house.clock.now().astimezone(AMSTERDAM).isoformat(timespec="seconds")
    for letter in (*view["letters"], *view["aside"]):
        for page in letter["pages"]:
            del page["link"]
    del view["first"], view["colleagues"], view["chat_stamp"]
    return json.dumps(view, ensure_ascii=False, indent=1)
