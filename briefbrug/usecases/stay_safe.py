"""Where home is not safe: messages without words on the screen, and only at hours that she chose (F44)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import update

from briefbrug.clock import AMSTERDAM
from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.store.tables import Outbox, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply
from briefbrug.usecases.open_door import the_resident

SAFE_HOURS = ("09-12", "12-17", "17-21")
"""Parts of a day, local time: from the first hour until the second."""

SAFE_CHOICES = (
    *(Choice(f"button_safe_{hours[:2]}", "safe_hours", {"hours": hours}) for hours in SAFE_HOURS),
    Choice("button_safe_always", "safe_hours", {"hours": ""}),
)


def safe_again_at(resident: Resident, now: datetime) -> datetime:
    """Return when a message may reach her: `now` (aware UTC), or the next moment of her safe hours."""
    if not resident.safe_hours:
        return now
    first, until = (time(int(hour)) for hour in resident.safe_hours.split("-"))
    local = now.astimezone(AMSTERDAM)
    if first <= local.time() < until:
        return now
    day = local.date() if local.time() < first else local.date() + timedelta(days=1)
    return datetime.combine(day, first, AMSTERDAM).astimezone(now.tzinfo)


def is_back(work: Work, resident: Resident) -> None:
    """Let go at once what waited for her safe hours: she is there herself."""
    if resident.safe_hours:
        waits = Outbox.resident_ref == resident.ref, Outbox.state == "waiting", Outbox.attempts == 0
        work.session.execute(update(Outbox).where(*waits).values(next_at=work.clock.now()))


def ask_safe_hours(house: House, asked: Asked) -> Answer:
    """Ask when she can read safely; skipping needs no reason."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.unsafe = True
        return Answer((Reply((Message("ask_safe_hours"),), SAFE_CHOICES),), language=resident.language)


def choose_safe_hours(house: House, asked: Asked) -> Answer:
    """Keep the hours at which messages may come; an empty choice means always, still without words on the screen."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        hours = asked.values.get("hours", "")
        resident.unsafe = True
        resident.safe_hours = hours if hours in SAFE_HOURS else None
        if resident.safe_hours is None:
            return Answer((Reply((Message("safe_always"),)),), language=resident.language)
        first, until = (int(hour) for hour in hours.split("-"))
        told = Message("safe_hours_kept", {"first": first, "until": until})
        return Answer((Reply((told,)),), language=resident.language)
