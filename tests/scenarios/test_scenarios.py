"""Every written conversation over both doors of the whole running house: each MUST is met, no MUST NOT is heard."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.scenarios.running import Running
from tests.scenarios.script import Played, Player, Scenario, scenarios

pytestmark = [pytest.mark.slow, pytest.mark.rasa, pytest.mark.talk, pytest.mark.timeout(1800)]

AT_ONCE = 4
"""More at once, and their photos wait longer for a reader than one conversation may last."""
ALL = [(scenario, door) for scenario in scenarios() for door in scenario.doors]


@pytest.fixture(scope="module")
def outcomes(here: Running, request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], Future[Played]]]:
    """Plays the chosen conversations side by side; each test waits for its own."""
    names = {item.name for item in request.session.items}
    wanted = [(scenario, door) for scenario, door in ALL if f"test_conversation[{scenario.name} [{door}]]" in names]
    pool = ThreadPoolExecutor(AT_ONCE)

    def play(scenario: Scenario, door: str) -> Played:
        return Player(here, scenario, door).play()

    yield {(scenario.name, door): pool.submit(play, scenario, door) for scenario, door in wanted}
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize(("scenario", "door"), ALL, ids=[f"{scenario.name} [{door}]" for scenario, door in ALL])
def test_conversation(outcomes: dict[tuple[str, str], Future[Played]], scenario: Scenario, door: str) -> None:
    played = outcomes[scenario.name, door].result()
    assert not played.wrong, "\n".join([*played.transcript, *played.wrong])
