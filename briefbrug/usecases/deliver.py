"""The core's side of the outbox: what to send next, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from briefbrug.durable import DELIVER
from briefbrug.house import House
from briefbrug.store.tables import Heartbeat, Outbox
from briefbrug.store.thread import WRITTEN_DOORS, Line
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.open_door import is_stale, the_resident
from briefbrug.usecases.stay_safe import safe_again_at

LEASE_SECONDS = 60.0
BETWEEN_SECONDS = 1.05
"""Telegram allows one message per second in a chat."""

FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 20.0
"""After an outage of Telegram everything is tried again within a minute (promises.md, R5)."""

GIVE_UP_AFTER = timedelta(hours=24)
AT_THE_SCREEN = timedelta(minutes=2)
"""Who wrote or pressed so lately is looking at the chat herself."""

READ = "read"
"""What the button under a hidden message sends back, beside the message's reference."""

NEUTRAL = "reminder_neutral"
"""The key of a message that shows nothing by itself."""

LIVING = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way.

    `author` is None for the machine, else (name, role) of the human. `repeated` marks a message that may have been
    sent before (a kill between acceptance and commit, a time-out). `wait_seconds` keeps Telegram's pace. `hidden`
    says that only "there is a message" may be shown until she asks for it: home is not safe, or she was long away.
    """

    outbox_id: int
    kind: str
    chat_id: int
    remote_id: int | None
    line: Line
    author: tuple[str, str] | None
    repeated: bool
    parts_sent: int
    wait_seconds: float
    language: str
    hidden: bool
    quiet: bool


def take_lease(house: House, resident_ref: str, worker: str) -> bool:
    """Take the right to write to a resident's door for a minute; False when another worker has it."""
    with house.work() as work:
        return work.thread.lease(resident_ref, worker, work.clock.real_now(), LEASE_SECONDS)


def drop_lease(house: House, resident_ref: str, worker: str) -> None:
    """Give the right back; what came in meanwhile starts a delivery of its own."""
    with house.work() as work:
        work.thread.release(resident_ref, worker)


def next_delivery(house: House, resident_ref: str, worker: str) -> Delivery | None:
    """Return the oldest message that is due, marked as tried; None when there is none."""
    with house.work() as work:
        resident = work.residents.get(resident_ref)
        if resident is None:
            return None
        now = work.clock.now()
        rows = work.thread.waiting(resident_ref, now)
        door = next((door for door in work.residents.doors(resident) if door.kind in WRITTEN_DOORS), None)
        while rows:
            row = rows.pop(0)
            line = work.thread.line(resident, row.message_ref)
            if line is None or door is None or door.gone:
                row.state = "gone"
                continue
            is_here = now - resident.last_seen_at < AT_THE_SCREEN
            safe_at = safe_again_at(resident, now)
            if safe_at > now and not is_here:
                row.next_at = safe_at
                return None
            work.thread.lease(resident_ref, worker, work.clock.real_now(), LEASE_SECONDS)
            # Claimed before and neither accepted nor refused: the worker was killed while it sent, or no answer came.
            repeated = row.claimed
            row.claimed = True
            row.attempts += 1
            person = work.people.professional(line.professional_ref) if line.professional_ref else None
            last = resident.last_sent_at
            passed = (work.clock.real_now() - last).total_seconds() if last else BETWEEN_SECONDS
            return Delivery(
                outbox_id=row.id,
                kind=row.kind,
                chat_id=int(work.residents.address(door)),
                remote_id=work.thread.remote_id(row.message_ref),
                line=line,
                author=(person.name, person.role) if person else None,
                repeated=repeated,
                parts_sent=row.parts_sent,
                wait_seconds=max(0.0, BETWEEN_SECONDS - passed),
                language=resident.language,
                hidden=(resident.unsafe and not is_here and line.said.key != NEUTRAL) or is_stale(door, now),
                quiet=resident.unsafe,
            )
        return None


def delivery_part(house: House, outbox_id: int, parts_sent: int, worker: str = "") -> None:
    """Note that some parts of a long message were accepted; who sends them may write for a minute more."""
    with house.work() as work:
        row = work.thread.outbox(outbox_id)
        if row is not None:
            row.parts_sent = parts_sent
            _note_sent(work, row)
            if worker:
                work.thread.lease(row.resident_ref, worker, work.clock.real_now(), LEASE_SECONDS)


def seconds_until_due(house: House, resident_ref: str) -> float | None:
    """Return how long until the oldest waiting message is due (0 when it is now); None when nothing waits."""
    with house.look() as work:
        first = work.thread.first_waiting(resident_ref)
        return None if first is None else max(0.0, (first.next_at - work.clock.now()).total_seconds())


def delivered(house: House, outbox_id: int, remote_id: int | None, change: int | None = None) -> None:
    """Note that a message was accepted; when it was edited after `change`, the edit follows.

    An edit during the sending adds no row of its own, because the row on its way may still carry it.
    """
    with house.work() as work:
        row = work.thread.outbox(outbox_id)
        if row is None:
            return
        row.state = "sent"
        row.sent_at = work.clock.now()
        if remote_id is not None:
            row.remote_id = remote_id
        _note_sent(work, row)
        if change is not None:
            work.thread.follow_up(row, change)


def _note_sent(work: Work, row: Outbox) -> None:
    resident = work.residents.get(row.resident_ref)
    if resident is not None:
        resident.last_sent_at = work.clock.real_now()


def reveal(house: House, resident_ref: str, message_ref: str, door: str) -> None:
    """Send a hidden message in full, because she asks for it and so is there."""
    with house.work() as work:
        resident = the_resident(work, resident_ref)
        work.residents.seen(resident, door)
        if work.thread.line(resident, message_ref) is None:
            return
        now = work.clock.now()
        row = Outbox(
            resident_ref=resident.ref,
            message_ref=message_ref,
            kind="send",
            state="waiting",
            created_at=now,
            next_at=now,
        )
        work.session.add(row)
        work.enqueue(DELIVER, resident.ref)


def senders_alive(house: House) -> int:
    """Return how many workers send messages now, at least one: they share Telegram's limit."""
    with house.look() as work:
        since = work.clock.real_now() - LIVING
        return work.session.scalar(select(func.count()).select_from(Heartbeat).where(Heartbeat.at > since)) or 1


def left_alone(house: House, limit: int = 100) -> list[str]:
    """Return residents with a message that is due while no worker lives to send it."""
    with house.look() as work:
        return [] if work.papers.has_living_worker() else work.thread.due_residents(work.clock.now(), limit)


def delivery_failed(
    house: House,
    outbox_id: int,
    *,
    retry_after: float | None = None,
    permanent: bool = False,
    gone: bool = False,
    uncertain: bool = False,
) -> None:
    """Plan the next try, or give up.

    `gone`: the resident blocked us. `permanent`: it can never work. `uncertain`: Telegram may have taken it, so the
    next try is marked.
    """
    with house.work() as work:
        row = work.thread.outbox(outbox_id)
        resident = work.residents.get(row.resident_ref) if row else None
        if row is None or resident is None:
            return
        if gone:
            row.state = "gone"
            for door in work.residents.doors(resident):
                if door.kind in WRITTEN_DOORS:
                    door.gone = True
            return
        if permanent or (retry_after is None and row.created_at < work.clock.now() - GIVE_UP_AFTER):
            row.state = "failed"
            return
        if retry_after is not None:
            # Refused for its pace, not tried: this costs no attempt and is no possible duplicate.
            row.attempts -= 1
        wait = (
            retry_after
            if retry_after is not None
            else min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(10, row.attempts - 1))
        )
        row.claimed = uncertain
        row.next_at = work.clock.now() + timedelta(seconds=wait)
