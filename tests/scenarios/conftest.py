"""One running installation for all conversations of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.running import Running, running


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The whole house with the real language model, both doors open."""
    with running(tmp_path_factory.mktemp("house")) as found:
        yield found
