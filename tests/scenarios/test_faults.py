"""One part of the house is down: nobody is left in silence at either door, and nothing is lost (promise R5)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bot.telegram_server import RefusedError
from tests.conftest import ROOT_SAMPLES, wait_until
from tests.scenarios.doors import Door, WebDoor
from tests.scenarios.running import Running

pytestmark = [pytest.mark.slow, pytest.mark.rasa, pytest.mark.talk, pytest.mark.timeout(900)]

PHOTO = (ROOT_SAMPLES / "bag" / "foto-11.jpg").read_bytes()
SOON, RECOVERED = 50, 300
"""Seconds, five times what is promised: upper bounds against hanging."""
DOORS = ("web", "telegram")


def sees(door: Door, words: str, seconds: float = SOON) -> None:
    """Wait until the resident reads these words."""
    wait_until(lambda: any(words in each.text for each in door.heard()), seconds, f"{words!r} at {door.name}")


def ready(here: Running, name: str) -> Door:
    """Return a visitor who has said yes."""
    door = here.enter(name)
    door.press("Ja, dat is goed")
    sees(door, "Maak nu foto's")
    return door


@contextmanager
def without(here: Running, process: str) -> Iterator[None]:
    """Take a process away, and bring it back."""
    here.system.kill(process)
    try:
        yield
    finally:
        here.system.start(process)
        if process == "rasa":
            here.system.wait_for_rasa()
            here.system.wait_for_actions()
        here.system.wait_for_pages()


@pytest.mark.parametrize("name", DOORS)
def test_without_the_reader_she_hears_that_it_takes_longer(here: Running, name: str) -> None:
    door = ready(here, name)
    with without(here, "worker"):
        door.photo("foto.jpg", PHOTO)
        sees(door, "Ik heb 1 foto")
        sees(door, "Wij hebben uw foto. Het duurt langer")
        door.press("Dat was alles")
        sees(door, "Ik ga uw brief nu lezen")
    sees(door, "Wilt u dat een mens met u meekijkt", RECOVERED)


@pytest.mark.parametrize("process", ["actions", "rasa"])
def test_without_understanding_photos_and_buttons_go_on(here: Running, process: str) -> None:
    doors = [ready(here, name) for name in DOORS]
    with without(here, process):
        for door in doors:
            door.say("wat moet ik doen")
            sees(door, "Ik begrijp u nu even niet")
            door.photo("foto.jpg", PHOTO)
            sees(door, "Ik heb 1 foto")
            door.press("Dat was alles")
        for door in doors:
            sees(door, "Wilt u dat een mens met u meekijkt", RECOVERED)
            door.press("Ja, stuur naar een mens")
            sees(door, "eigen woorden")
            door.say("ik wil weer slapen")
            sees(door, "Dit stuur ik naar")


def test_what_comes_while_the_telegram_door_is_away_is_answered_later(here: Running) -> None:
    door = ready(here, "telegram")
    with without(here, "telegram"):
        door.photo("foto.jpg", PHOTO)
        door.say("hallo?")
    sees(door, "Ik heb 1 foto", RECOVERED)


def test_while_telegram_is_away_the_page_works_and_nothing_is_lost(here: Running) -> None:
    door, page = ready(here, "telegram"), ready(here, "web")
    trouble = here.telegram.fault
    here.telegram.fault = lambda method, fields: RefusedError(500, "Internal Server Error")
    try:
        door.photo("foto.jpg", PHOTO)
        page.photo("foto.jpg", PHOTO)
        sees(page, "Ik heb 1 foto")
    finally:
        here.telegram.fault = trouble
    sees(door, "Ik heb 1 foto", RECOVERED)


def test_without_the_pages_telegram_works(here: Running) -> None:
    door = ready(here, "telegram")
    with without(here, "web"):
        door.photo("foto.jpg", PHOTO)
        sees(door, "Ik heb 1 foto")


def test_while_the_database_is_held_the_page_says_so_and_goes_on_after(here: Running) -> None:
    page, door = ready(here, "web"), ready(here, "telegram")
    assert isinstance(page, WebDoor)
    heard = len(door.heard())
    holder = sqlite3.connect(here.system.data / "briefbrug.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        answer = page.client.post("/chat/text", data={"token": page.token, "id": "held-database", "text": "hallo"})
        assert answer.status_code == 503
        assert "Uw foto's bewaar ik wel" in answer.json()["text"]
        door.say("hallo daar")
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    before = len(page.heard())
    page.say("hallo")
    wait_until(lambda: len(page.heard()) > before, SOON, "an answer on the page")
    wait_until(lambda: len(door.heard()) > heard, RECOVERED, "an answer in the chat")
