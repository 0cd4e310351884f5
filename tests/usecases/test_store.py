"""The tables: the migrations make exactly what the code says, on both databases; every update counts once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from briefbrug.house import House
from briefbrug.store.tables import Heartbeat, Table
from briefbrug.usecases.deliver import delivered, delivery_failed, next_delivery, take_lease
from briefbrug.usecases.keep_watch import beat
from briefbrug.usecases.open_door import open_door
from tests.conftest import MakeHouse


def test_the_migrations_equal_the_tables(any_house: House) -> None:
    with any_house.engine.connect() as connection:
        ours = Table.metadata.tables
        options = {"include_name": lambda name, kind, parents: kind != "table" or name in ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Table.metadata) == []


def test_updates_count_once_in_any_order_over_parallel_connections(any_house: House) -> None:
    """S36, S37 and R3: repeated, shuffled, eight at a time; a lower number than the last seen is still new."""
    numbers = [number for number in range(60) for _ in range(5)]
    random.Random(7).shuffle(numbers)

    def add(number: int) -> bool:
        with any_house.work() as work:
            return work.updates.add("bot", {"update_id": number, "message": {}}, "chat")

    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(add, numbers))
    assert sum(added) == 60
    with any_house.look() as work:
        assert [row.update_id for row in work.updates.unhandled("bot")] == list(range(60))


def test_one_door_for_parallel_first_messages(any_house: House) -> None:
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: open_door(any_house, "telegram", "4711"), range(6)))
    assert len({each.resident_ref for each in opened}) == 1
    assert sum(each.is_new for each in opened) == 1


def test_a_message_is_claimed_sent_and_marked_when_it_may_be_a_repeat(any_house: House) -> None:
    ref = open_door(any_house, "telegram", "4711").resident_ref
    assert take_lease(any_house, ref, "w1") and not take_lease(any_house, ref, "w2")
    first = next_delivery(any_house, ref, "w1")
    assert first is not None and not first.repeated and first.chat_id == 4711
    again = next_delivery(any_house, ref, "w1")
    assert again is not None and again.repeated
    delivery_failed(any_house, first.outbox_id, retry_after=0.0)
    later = next_delivery(any_house, ref, "w1")
    assert later is not None and not later.repeated
    delivered(any_house, first.outbox_id, 12)
    assert next_delivery(any_house, ref, "w1") is None


def test_a_blocked_door_gets_nothing_more_until_it_opens_again(make_house: MakeHouse) -> None:
    house = make_house()
    ref = open_door(house, "telegram", "4711").resident_ref
    delivery = next_delivery(house, ref, "w1")
    assert delivery is not None
    delivery_failed(house, delivery.outbox_id, gone=True)
    assert next_delivery(house, ref, "w1") is None
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None and work.residents.doors(resident)[0].gone


def test_a_worker_without_a_sign_of_life_holds_nobodys_door(any_house: House) -> None:
    ref = open_door(any_house, "telegram", "4711").resident_ref
    beat(any_house, "first")
    assert take_lease(any_house, ref, "first#1")
    assert not take_lease(any_house, ref, "second#1")
    with any_house.work() as work:
        row = work.session.get(Heartbeat, "first")
        assert row is not None
        row.at -= timedelta(minutes=1)
    assert take_lease(any_house, ref, "second#1")
