"""What passes between the resident's open page and the desk: she has read it, and a human is writing."""

from __future__ import annotations

from briefbrug.house import House
from briefbrug.speech import Message, say


def mark_read(house: House, resident_ref: str, change: int) -> None:
    """Note that the resident's open page has shown everything up to `change` of her thread."""
    with house.look() as work:
        resident = work.residents.get(resident_ref)
        if resident is None or change <= resident.read_change:
            return
    with house.work() as work:
        resident = work.residents.get(resident_ref, lock=True)
        if resident is not None:
            resident.read_change = max(resident.read_change, min(change, resident.last_change))


def writing_now(house: House, resident_ref: str) -> str:
    """Return "Melissa schrijft nu." in the resident's language while her professional writes, else ""."""
    with house.look() as work:
        resident = work.residents.get(resident_ref)
        case = work.cases.open_for(resident) if resident else None
        if resident is None or case is None or case.typing_until is None:
            return ""
        person = work.people.professional(case.professional_ref)
        if person is None or case.typing_until < house.clock.real_now():
            return ""
        return say(Message("desk_writing", {"name": person.name}), house.texts_in(resident.language))
