"""Fixtures of the doors: a house with a Rasa beside it, and its pages over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.rasa_client import RasaClient
from bot.webchat import routes
from briefbrug.house import House
from tests.bot.servers import RasaDouble, Served, with_headers
from tests.conftest import MakeHouse


@pytest.fixture
def rasa() -> Iterator[RasaDouble]:
    """A Rasa on its own port."""
    double = RasaDouble()
    with Served(double.app) as served:
        double.url = served.url  # type: ignore[attr-defined]
        yield double


@pytest.fixture
def web_house(make_house: MakeHouse, rasa: RasaDouble) -> House:
    """A house whose Rasa is the double."""
    return make_house(RASA_URL=rasa.url, RASA_TOKEN=rasa.token)  # type: ignore[attr-defined]


@pytest.fixture
def pages(web_house: House) -> Iterator[str]:
    """The address of the house's web door."""
    with Served(with_headers(routes(web_house, RasaClient(web_house.settings, seconds=2.0)))) as served:
        yield served.url
