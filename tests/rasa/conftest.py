"""One Rasa server for all tests of its world."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rasa.rasa_server import RasaServer, running_rasa


@pytest.fixture(scope="session")
def rasa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RasaServer]:
    """A running server with the trained model and an action server that echoes the action's name."""
    with running_rasa(tmp_path_factory.mktemp("rasa")) as server:
        yield server
