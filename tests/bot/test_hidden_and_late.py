"""What reaches a chat when home is not safe, when nobody answers in time, and after a long silence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response
from telegram.error import NetworkError

from bot.deliver import may_have_arrived
from briefbrug.store.tables import Door, Outbox
from briefbrug.store.thread import HUMAN, Said
from briefbrug.usecases.deliver import senders_alive
from briefbrug.usecases.open_door import link_code, open_door
from tests.bot.conftest import Telegram
from tests.bot.servers import RasaDouble
from tests.bot.test_telegram import CHAT, jpeg, say_to
from tests.conftest import wait_until


def long_ago(telegram: Telegram, days: float, *, unsafe: bool = False) -> None:
    with telegram.house.work() as work:
        resident = work.residents.by_door("telegram", str(CHAT))
        assert resident is not None
        resident.unsafe = unsafe
        resident.last_seen_at -= timedelta(days=days)
        for door in work.residents.doors(resident):
            door.last_seen_at -= timedelta(days=days)


def test_where_home_is_not_safe_no_word_shows_until_she_asks(telegram: Telegram):
    telegram.says_yes(CHAT)
    long_ago(telegram, 1, unsafe=True)
    say_to(telegram, CHAT, Said(text="Ik las wat u schreef over uw man."), HUMAN)
    telegram.wait_text(CHAT, "Er is een bericht voor u.")
    assert not any("uw man" in text for text in telegram.server.texts(CHAT))
    telegram.server.presses(CHAT, "Lees het bericht")
    telegram.wait_text(CHAT, "Ik las wat u schreef over uw man.")


def test_outside_her_safe_hours_nothing_comes_until_she_writes(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    long_ago(telegram, 1, unsafe=True)
    hour = telegram.house.clock.now().astimezone().hour
    with telegram.house.work() as work:
        resident = work.residents.by_door("telegram", str(CHAT))
        assert resident is not None
        resident.safe_hours = "09-12" if not 6 <= hour <= 14 else "17-21"
    say_to(telegram, CHAT, Said(text="Ik bel u morgen."), HUMAN)

    def is_planned() -> bool:
        with telegram.house.look() as work:
            rows = work.session.query(Outbox).where(Outbox.state == "waiting").all()
            return any(row.next_at > work.clock.now() + timedelta(minutes=5) for row in rows)

    wait_until(is_planned, what="a message planned for her hours")
    assert not any("Ik bel u morgen" in text for text in telegram.server.texts(CHAT))
    telegram.server.types(CHAT, "is er nieuws")
    telegram.wait_text(CHAT, "Ik bel u morgen.")


def test_a_time_out_in_sending_is_marked_when_it_is_tried_again(telegram: Telegram):
    """The message arrived, its answer did not: the second one says so."""
    telegram.says_yes(CHAT)
    lost: list[str] = []

    def cut_off(method: str, fields: Mapping[str, str]) -> Response | None:
        if method == "sendMessage" and "Belangrijk" in fields.get("text", "") and not lost:
            lost.append(fields["text"])
            return Broken()
        return None

    telegram.server.fault = cut_off
    say_to(telegram, CHAT, Said(text="Belangrijk nieuws."))
    telegram.wait_text(CHAT, "(nogmaals) Belangrijk nieuws.")
    assert len(lost) == 1


class Broken(Response):
    """An answer that breaks off before its end."""

    async def __call__(self, scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"900")]})
        raise ConnectionError("cut off on purpose")


def test_what_surely_did_not_arrive_is_not_marked():
    assert not may_have_arrived(NetworkError("Bad Gateway"))


def test_after_a_long_silence_a_fresh_code_is_asked_before_anything_old_shows(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    ref = open_door(telegram.house, "telegram", str(CHAT)).resident_ref
    long_ago(telegram, 31)
    before = len(telegram.server.texts(CHAT))
    telegram.server.types(CHAT, "wat stond er in mijn brief")
    telegram.wait_text(CHAT, "U was lang weg")
    assert rasa.heard == [] and len(telegram.server.texts(CHAT)) == before + 1
    telegram.server.types(CHAT, link_code(telegram.house, ref))
    telegram.wait_text(CHAT, "hetzelfde gesprek")
    telegram.server.types(CHAT, "wat stond er in mijn brief")
    telegram.wait_text(CHAT, "Dat heb ik gelezen.")


def test_after_a_long_silence_she_may_begin_anew(telegram: Telegram):
    telegram.says_yes(CHAT)
    old = open_door(telegram.house, "telegram", str(CHAT)).resident_ref
    long_ago(telegram, 31)
    telegram.server.sends_photo(CHAT, jpeg())
    telegram.wait_text(CHAT, "U was lang weg")
    telegram.server.types(CHAT, "Opnieuw")
    telegram.wait_text(CHAT, "Mag ik uw brieven lezen?", 2)
    with telegram.house.look() as work:
        now = work.residents.by_door("telegram", str(CHAT))
        assert now is not None and now.ref != old
        assert work.session.query(Door).where(Door.resident_ref == old).count() == 0


def test_workers_share_telegrams_limit(telegram: Telegram):
    with telegram.house.work() as work:
        for name in ("one", "two", "three"):
            work.papers.beat(name)
    assert senders_alive(telegram.house) == 3
