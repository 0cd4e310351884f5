"""Builds a team, a resident and her case for the tests of the desk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from briefbrug.case import Actor, EventKind
from briefbrug.house import House
from tests.conftest import WEEK, add_team


@dataclass(frozen=True, slots=True)
class AtDesk:
    """A house with Melissa (mandate 150 euros), Samir and Lia (lead) in one team, Karim in another, and a case."""

    house: House
    case_ref: str
    resident_ref: str
    melissa: str
    samir: str
    lia: str
    karim: str

    def kinds(self) -> list[str]:
        """Return the kinds of the case's events, oldest first."""
        with self.house.look() as work:
            return [event.kind for event in work.cases.events(self.case_ref)]

    def told(self) -> list[str]:
        """Return what the thread says, oldest first."""
        with self.house.look() as work:
            resident = work.residents.get(self.resident_ref)
            assert resident is not None
            return [line.said.text for line in work.thread.lines(resident)]


def at_desk(house: House) -> AtDesk:
    """Return a fresh case at the desk of `house`."""
    melissa = add_team(house, "Melissa de Boer", "Samir Yilmaz", "Lia Lood")
    with house.work() as work:
        own = work.people.professional(melissa)
        assert own is not None
        own.mandate_cents = 15_000
        people = {each.name.split()[0]: each for each in work.people.professionals()}
        people["Lia"].roles = ["lead"]
        own.stand_in_ref = people["Samir"].ref
        other = work.people.add_team("Team Geldzaken", WEEK, organisation="gemeente Voorbeeld")
        karim = work.people.add_professional(
            other, email="karim@example.org", name="Karim Bos", role="sociaal raadsman", password_hash="", demo=True
        )
        resident = work.residents.add("web", "door-of-the-case")
        resident.consent = "yes"
        case = work.cases.add(
            resident,
            team_ref=own.team_ref,
            professional_ref=melissa,
            urgency=1,
            promised_at=work.clock.now() + timedelta(hours=3),
            preview=json.dumps({"letters": [], "goal": "In ons huis blijven.", "note": None}),
        )
        detail = {"to": melissa, "why": ["load"]}
        work.cases.record(case, EventKind.ASSIGNED, Actor.MACHINE, None, detail)
        return AtDesk(house, case.ref, resident.ref, melissa, people["Samir"].ref, people["Lia"].ref, karim.ref)
