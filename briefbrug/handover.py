"""Which named professional gets the case, and by when she answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from briefbrug.clock import AMSTERDAM
from briefbrug.working_hours import WorkingHours, after_working_time

PROMISE_HOURS = {1: 3, 2: 8, 3: 16, 4: 16}
"""Working hours until the promised answer, by urgency. The law gives three working days for a first conversation when
home, energy, water or insurance is threatened (Wgs art. 4 lid 2); our own rule is three working hours."""

ROUND_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Colleague:
    """A professional as the routing sees her."""

    ref: str
    name: str
    languages: tuple[str, ...] = ("nl",)
    expertise: tuple[str, ...] = ()
    neighbourhoods: tuple[str, ...] = ()
    absent: tuple[tuple[date, date], ...] = ()
    stand_in: str | None = None
    open_cases: int = 0
    active: bool = True

    def is_absent(self, day: date) -> bool:
        """Return whether she is away on `day`."""
        return any(first <= day <= last for first, last in self.absent)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The outcome of the routing; `why` is a list of reason codes, shown to professionals."""

    colleague: Colleague
    why: tuple[str, ...]
    instead_of: Colleague | None = None


@dataclass(frozen=True, slots=True)
class NobodyAvailable:
    """No active professional is there; the case waits for the lead and the resident hears so."""

    why: str


def choose_professional(
    roster: Sequence[Colleague],
    *,
    on: date,
    language: str = "nl",
    topics: Sequence[str] = (),
    known: str | None = None,
    avoid: Sequence[str] = (),
    first: Sequence[str] = (),
) -> Chosen | NobodyAvailable:
    """Return who gets the case (F49, F52): the same person again, her stand-in when away, else the best match.

    Order for a new resident: speaks the language, knows the topic, fewest open cases, then reference; ties never
    depend on chance. `avoid` are people the resident asked not to have (F50). `first` is a team that gets what belongs
    to no neighbourhood, in its own order and whatever its load; who speaks the language goes before it.
    """
    by_ref = {colleague.ref: colleague for colleague in roster if colleague.active}
    able = [colleague for colleague in by_ref.values() if colleague.ref not in avoid]
    if not able:
        return NobodyAvailable("no active professional")
    if known in by_ref and known not in avoid:
        same = by_ref[known]
        if not same.is_absent(on):
            return Chosen(same, ("same_person",))
        stand_in = by_ref.get(same.stand_in or "")
        if stand_in and not stand_in.is_absent(on) and stand_in.ref not in avoid:
            return Chosen(stand_in, ("stand_in",), instead_of=same)
    here = [colleague for colleague in able if not colleague.is_absent(on)]
    if not here:
        return NobodyAvailable("everybody is away")
    best = min(
        here,
        key=lambda c: (
            language not in c.languages,
            c.ref not in first,
            -len(set(topics) & set(c.expertise)),
            first.index(c.ref) if c.ref in first else c.open_cases,
            c.ref,
        ),
    )
    why = ["language"] if language != "nl" and language in best.languages else []
    if set(topics) & set(best.expertise):
        why.append("expertise")
    return Chosen(best, (*why, "first_team" if best.ref in first else "load"))


def promise_at(sent_at: datetime, urgency: int, hours: WorkingHours) -> datetime:
    """Return the promised moment (aware UTC): working time by urgency, rounded up to a quarter of an hour."""
    exact = after_working_time(sent_at, timedelta(hours=PROMISE_HOURS[urgency]), hours)
    local = exact.astimezone(AMSTERDAM)
    over = timedelta(minutes=local.minute % ROUND_MINUTES, seconds=local.second, microseconds=local.microsecond)
    return exact if not over else exact + timedelta(minutes=ROUND_MINUTES) - over
