"""A door is lost (the resident blocked the bot) and found again; what a human wrote meanwhile is then delivered."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from briefbrug.durable import DELIVER
from briefbrug.house import House
from briefbrug.store.tables import ChatMessage, Door, Outbox
from briefbrug.store.thread import HUMAN
from briefbrug.store.unit_of_work import Work

LOOK_BACK = timedelta(days=30)
"""How old a human's words may be when they are still delivered after a door was found again."""


def close_door(house: House, kind: str, address: str) -> None:
    """Note that nothing can be written to this door; what waits for it is given up."""
    with house.work() as work:
        door = _door(work, kind, address)
        if door is None:
            return
        door.gone = True
        for row in work.session.scalars(
            select(Outbox).where(Outbox.resident_ref == door.resident_ref, Outbox.state == "waiting")
        ):
            row.state = "gone"


def reopen_door(house: House, kind: str, address: str) -> None:
    """Note that a door can be written to again, and send what humans said that never arrived."""
    with house.work() as work:
        door = _door(work, kind, address)
        if door is None or not door.gone:
            return
        door.gone = False
        now = work.clock.now()
        arrived = select(Outbox.message_ref).where(
            Outbox.resident_ref == door.resident_ref, Outbox.state.in_(("sent", "waiting"))
        )
        missed = (
            select(ChatMessage.ref)
            .where(
                ChatMessage.resident_ref == door.resident_ref,
                ChatMessage.sender == HUMAN,
                ChatMessage.at > now - LOOK_BACK,
                ChatMessage.ref.not_in(arrived),
            )
            .order_by(ChatMessage.at, ChatMessage.change)
        )
        for message_ref in work.session.scalars(missed):
            work.session.add(
                Outbox(
                    resident_ref=door.resident_ref,
                    message_ref=message_ref,
                    kind="send",
                    state="waiting",
                    created_at=now,
                    next_at=now,
                )
            )
        work.enqueue(DELIVER, door.resident_ref)


def _door(work: Work, kind: str, address: str) -> Door | None:
    index = work.vault.index(address, f"door-{kind}")
    return work.session.scalar(select(Door).where(Door.kind == kind, Door.address_index == index))
