"""Two doors that both have letters become one thread: nothing lost, one overview, one case (F35)."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select

from briefbrug.case import OPEN
from briefbrug.house import House
from briefbrug.store.tables import CaseRow, Door, Resident, Table
from briefbrug.usecases.answer import Asked, answer_kindly
from briefbrug.usecases.erase import export_resident
from briefbrug.usecases.hand_over import confirm_hand_over, request_human
from briefbrug.usecases.join_threads import OWN, SEALED
from briefbrug.usecases.listen import hear
from briefbrug.usecases.open_door import link_code, open_door, use_link_code
from briefbrug.usecases.receive_photo import receive_photo
from briefbrug.usecases.work_on_case import reply_to_case
from tests.conftest import add_team
from tests.usecases.test_chain import JPEG, choose, eviction, fine, lines, send_bag

CHAT = "5001"


def start(house: House, kind: str, address: str) -> str:
    ref = open_door(house, kind, address).resident_ref
    choose(house, ref, "Ja, dat is goed")
    return ref


def join(house: House, other_door: tuple[str, str], ref: str) -> None:
    assert use_link_code(house, link_code(house, ref), *other_door) == ref


def send_to_human(house: House, ref: str) -> str:
    answer_kindly(request_human, house, Asked(ref))
    answer_kindly(confirm_hand_over, house, Asked(ref))
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None
        case = work.cases.open_for(resident)
        assert case is not None
        return case.ref


def test_letters_of_both_doors_stand_in_one_overview(any_house: House) -> None:
    house = any_house
    page, chat = start(house, "web", "secret"), start(house, "telegram", CHAT)
    send_bag(house, page, [fine()], "page")
    send_bag(house, chat, [eviction()], "chat")
    hear(house, page, "Mijn man is ziek", "web", "w1")
    waiting = receive_photo(house, page, JPEG + b"later", "web", "later")
    join(house, ("web", "secret"), chat)
    told = "\n".join(lines(house, chat))
    assert "Mijn man is ziek" in told
    assert told.count("nu één gesprek") == 1
    overview = told[told.index("nu één gesprek") :]
    assert "De Wit" in overview
    assert "CJIB" in overview or "boete" in overview
    export = export_resident(house, chat)
    assert export is not None
    assert [letter["number"] for letter in export["letters"]] == [1, 2]
    assert sum(bool(photo["pages"]) for photo in export["photos"]) == 2
    assert export_resident(house, page) is None
    with house.look() as work:
        resident = work.residents.get(chat)
        assert resident is not None
        assert work.session.query(Resident).count() == 1
        assert {door.kind for door in work.residents.doors(resident)} == {"web", "telegram"}
        photo = work.papers.photo(waiting.photo_ref or "")
        assert photo is not None
        assert house.photos.get(work.residents.key(resident), photo.file_name or "") == JPEG + b"later"
        assert house.photos.names() == work.papers.known_files()
        changes = [line.change for line in work.thread.lines(resident)]
        assert len(set(changes)) == len(changes)
        assert max(changes) == resident.last_change


def test_two_cases_become_one_and_no_promise_moves_to_a_later_hour(any_house: House) -> None:
    house = any_house
    melissa = add_team(house)
    page, chat = start(house, "web", "secret"), start(house, "telegram", CHAT)
    send_bag(house, page, [eviction()], "page")
    send_bag(house, chat, [fine()], "chat")
    first, second = send_to_human(house, page), send_to_human(house, chat)
    join(house, ("web", "secret"), chat)
    with house.look() as work:
        open_cases = work.session.scalars(select(CaseRow).where(CaseRow.status.in_([each.value for each in OPEN])))
        kept = open_cases.one()
        assert kept.ref == first
        assert kept.urgency == 1
        ended = work.cases.get(second)
        assert ended is not None
        assert ended.status == "closed"
        resident = work.residents.get(chat)
        assert resident is not None
        assert len(json.loads(work.cases.preview(resident, kept) or "{}")["letters"]) == 2
    reply_to_case(house, first, melissa, "Ik bel u vandaag.", "a1")
    assert "Ik bel u vandaag." in lines(house, chat)


def test_who_speaks_already_goes_on_speaking(any_house: House) -> None:
    house = any_house
    melissa = add_team(house)
    page, chat = start(house, "web", "secret"), start(house, "telegram", CHAT)
    send_to_human(house, page)
    spoken_to = send_to_human(house, chat)
    reply_to_case(house, spoken_to, melissa, "Dag, ik ben Melissa.", "a1")
    join(house, ("telegram", CHAT), page)
    with house.look() as work:
        resident = work.residents.get(page)
        assert resident is not None
        case = work.cases.open_for(resident)
        assert case is not None
        assert case.ref == spoken_to
    assert "Dag, ik ben Melissa." in lines(house, page)


def test_an_empty_door_joins_without_a_word(house: House) -> None:
    chat = start(house, "telegram", CHAT)
    open_door(house, "web", "fresh")
    before = lines(house, chat)
    join(house, ("web", "fresh"), chat)
    assert lines(house, chat) == before
    with house.look() as work:
        assert work.session.query(Resident).count() == 1


def test_after_a_long_silence_only_the_door_moves(house: House) -> None:
    page, chat = start(house, "web", "secret"), start(house, "telegram", CHAT)
    hear(house, page, "van wie was deze telefoon", "web", "w1")
    with house.work() as work:
        for door in work.session.scalars(select(Door).where(Door.resident_ref == page)):
            door.last_seen_at -= timedelta(days=31)
    join(house, ("web", "secret"), chat)
    assert "van wie was deze telefoon" not in "\n".join(lines(house, chat))


def test_every_sealed_column_of_a_resident_is_known() -> None:
    """A new table or column that is sealed with her key must come along, or her thread breaks when doors join."""
    classes = {mapper.class_.__tablename__: mapper.class_ for mapper in Table.registry.mappers}
    for name, table in Table.metadata.tables.items():
        columns = {column.name for column in table.columns if column.name.endswith("_sealed")}
        if name == "resident":
            assert columns == {*OWN, "asked_sealed"}
        elif "resident_ref" in table.columns and name not in {"door", "link_code"}:
            assert classes[name] in SEALED, name
            assert columns == set(SEALED[classes[name]]), name
