"""Telegram's webhook: nothing without the secret, nothing lost with it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import text

from bot.intake import WEBHOOK_PATH
from bot.rasa_client import RasaClient
from bot.telegram import run_telegram
from bot.webchat import routes
from briefbrug.house import House
from briefbrug.store.tables import TelegramUpdate
from tests.bot.conftest import Telegram
from tests.bot.servers import Loop, RasaDouble, Served, with_headers
from tests.bot.telegram_server import TOKEN, TelegramServer, deliver_webhook
from tests.conftest import MakeHouse, free_port, wait_until

SECRET = "geheim_van_de_tests-1"


@pytest.fixture
def house(make_house: MakeHouse, rasa: RasaDouble, bot_api: TelegramServer) -> House:
    return make_house(
        RASA_URL=rasa.url, RASA_TOKEN=rasa.token, TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_URL=bot_api.url,  # type: ignore[attr-defined]
        TELEGRAM_WEBHOOK_SECRET=SECRET, PUBLIC_URL="https://brieven.voorbeeld.invalid", TELEGRAM_PORT=str(free_port()),
    )  # fmt: skip


@pytest.fixture
def address(house: House) -> Iterator[str]:
    client = RasaClient(house.settings)
    with Served(with_headers(routes(house, client), client.close)) as served:
        yield served.url + WEBHOOK_PATH


def kept(house: House) -> int:
    with house.look() as work:
        return work.session.query(TelegramUpdate).count()


@pytest.mark.parametrize("secret", [None, "", "geheim_van_de_tests-2", SECRET + "x", "é"])
def test_without_the_secret_403_and_nothing_is_kept(
    house: House, address: str, bot_api: TelegramServer, secret: str | None
):
    update = bot_api.types(5, "hallo")
    headers = {} if secret is None else {b"X-Telegram-Bot-Api-Secret-Token": secret.encode()}
    with httpx.Client(trust_env=False) as client:
        assert client.post(address, json=update, headers=headers).status_code == 403
    assert kept(house) == 0


def test_200_comes_after_the_commit(house: House, address: str, bot_api: TelegramServer):
    assert deliver_webhook(address, SECRET, [bot_api.types(5, "hallo")]) == [200]
    assert kept(house) == 1


def test_what_is_no_update_is_refused(house: House, address: str):
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    with httpx.Client(trust_env=False) as client:
        for body in (b"", b"[]", b"{}", b'{"update_id": "1"}', b'{"update_id": true}', b"\xff", b"[" * 50_000):
            assert client.post(address, content=body, headers=headers).status_code == 400
        assert client.post(address, content=b" " * (1024 * 1024 + 1), headers=headers).status_code == 413
        assert client.get(address, headers=headers).status_code == 405
    assert kept(house) == 0


def test_503_when_the_database_is_away(house: House, address: str, bot_api: TelegramServer):
    with house.engine.begin() as connection:
        connection.execute(text("ALTER TABLE telegram_update RENAME TO away"))
    update = bot_api.types(5, "hallo")
    assert deliver_webhook(address, SECRET, [update]) == [503]
    with house.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO telegram_update"))
    assert deliver_webhook(address, SECRET, [update]) == [200]


def test_the_same_update_many_times_in_parallel_is_kept_once(house: House, address: str, bot_api: TelegramServer):
    updates = [bot_api.types(5, f"bericht {number}") for number in range(20)]
    storm = updates * 25
    random.Random(3).shuffle(storm)
    with ThreadPoolExecutor(8) as pool:
        codes = list(
            pool.map(lambda part: deliver_webhook(address, SECRET, part), [storm[start::8] for start in range(8)])
        )
    assert {code for part in codes for code in part} == {200}
    assert kept(house) == 20


def test_the_door_asks_for_the_webhook_and_answers_what_comes_over_either_port(
    house: House, address: str, bot_api: TelegramServer
):
    import asyncio

    with Loop() as loop:

        async def make_event() -> asyncio.Event:
            return asyncio.Event()

        stopped = loop.run(make_event())
        running = loop.start(run_telegram(house, stopped))
        wait_until(lambda: bot_api.webhook and bot_api.commands, what="the webhook and the menu")
        assert bot_api.webhook is not None
        assert bot_api.webhook["url"] == "https://brieven.voorbeeld.invalid" + WEBHOOK_PATH
        assert bot_api.webhook["secret_token"] == SECRET
        assert [command["command"] for command in bot_api.commands] == [
            "start",
            "overzicht",
            "mens",
            "hulp",
            "wis",
            "stop",
        ]
        own = f"http://127.0.0.1:{house.settings.telegram_port}{WEBHOOK_PATH}"
        assert deliver_webhook(address, SECRET, [bot_api.types(5, "/start")]) == [200]
        assert deliver_webhook(own, SECRET, [bot_api.types(6, "/start")]) == [200]
        assert deliver_webhook(own, "fout", [bot_api.types(7, "/start")]) == [403]

        def residents() -> int:
            with house.look() as work:
                return sum(work.residents.by_door("telegram", chat) is not None for chat in ("5", "6", "7"))

        wait_until(lambda: residents() == 2, what="both residents")
        loop.loop.call_soon_threadsafe(stopped.set)
        running.result(20)


@pytest.mark.slow
def test_ten_thousand_deliveries_shuffled_over_eight_connections(telegram: Telegram):
    """R3: no photo twice, none dropped."""
    house, server = telegram.house, telegram.server
    telegram.says_yes(5)
    object.__setattr__(house.settings, "telegram_webhook_secret", SECRET)
    server_updates = []
    with server.lock:
        for number in range(500):
            server_updates.append(
                {
                    "update_id": 800_000_000 + number,
                    "message": server.photo(5, b"\xff\xd8\xff" + bytes([number % 256]) * 50),
                }
            )
    storm = [json.loads(json.dumps(update)) for update in server_updates for _ in range(20)]
    random.Random(9).shuffle(storm)
    client = RasaClient(house.settings)
    with Served(with_headers(routes(house, client), client.close)) as served:
        address = served.url + WEBHOOK_PATH
        with ThreadPoolExecutor(8) as pool:
            codes = [
                code
                for part in pool.map(
                    lambda part: deliver_webhook(address, SECRET, part), [storm[at::8] for at in range(8)]
                )
                for code in part
            ]
    assert codes == [200] * 10_000
    wait_until(lambda: telegram.unhandled() == 0, seconds=240, what="all updates")
    assert len(telegram.photos()) == 500


@pytest.mark.slow
def test_the_storm_on_postgresql(make_house: MakeHouse, postgres_url: str, bot_api: TelegramServer, rasa: RasaDouble):
    """Eight connections insert the same updates at the same moment; each is kept once, none is refused."""
    house = make_house(
        postgres_url,
        RASA_URL=rasa.url,  # type: ignore[attr-defined]
        TELEGRAM_TOKEN=TOKEN,
        TELEGRAM_API_URL=bot_api.url,  # type: ignore[attr-defined]
        TELEGRAM_WEBHOOK_SECRET=SECRET,
    )
    clients = [RasaClient(house.settings) for _ in range(2)]
    updates = [bot_api.types(5, f"bericht {number}") for number in range(40)]
    storm = updates * 10
    random.Random(4).shuffle(storm)
    first, second = (with_headers(routes(house, client), client.close) for client in clients)
    with Served(first) as one, Served(second) as two, ThreadPoolExecutor(8) as pool:
        places = [one.url + WEBHOOK_PATH, two.url + WEBHOOK_PATH]
        parts = list(pool.map(lambda at: deliver_webhook(places[at % 2], SECRET, storm[at::8]), range(8)))
    assert {code for part in parts for code in part} == {200}
    assert kept(house) == 40
