"""Somebody the resident trusts reads along on a page of her own, for as long as the resident wants (F41)."""

from __future__ import annotations

from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply
from briefbrug.usecases.open_door import HELPER, the_resident

LONGEST_NAME = 500
SKIP = Choice("button_skip", "say_no")


def involve_network(house: House, asked: Asked) -> Answer:
    """Welcome a trusted person, with a code for her own phone; skipping needs no reason and changes nothing."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.helper_sealed = work.residents.seal(resident, asked.text[:LONGEST_NAME], "helper")
        choices = (Choice("button_helper_code", "helper_code"), SKIP)
        return Answer((Reply((Message("network_welcome"),), choices),), language=resident.language)


def give_helper_code(house: House, asked: Asked) -> Answer:
    """Give a code with which the trusted person opens this conversation on a page of her own."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        code = work.residents.new_link_code(resident, HELPER)
        values = {"code": code, "url": house.settings.public_url}
        choices = (Choice("button_end_joining", "end_joining"),)
        return Answer((Reply((Message("helper_code", values),), choices),), language=resident.language)


def end_joining(house: House, asked: Asked) -> Answer:
    """Let nobody read along any more; no reason is asked."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.helper_sealed = None
        for door in work.residents.doors(resident):
            if door.kind == HELPER:
                work.session.delete(door)
        return Answer((Reply((Message("joining_ended"),)),), language=resident.language)


def only_herself(house: House, asked: Asked) -> Answer:
    """Say that only the resident decides this."""
    with house.look() as work:
        resident = the_resident(work, asked.resident_ref, lock=False)
        return Answer((Reply((Message("only_herself"),)),), language=resident.language)
