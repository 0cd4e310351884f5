"""Every worked example of counting a deadline gives its last day and its safe day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from briefbrug.counting import Deadline, DeadlineUnknown, LegalCalendar, count
from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import DeadlineClue

VECTORS = cast(
    list[dict[str, Any]],
    yaml.load((Path(__file__).parent / "deadline_vectors.yaml").read_bytes(), Loader=yaml.CSafeLoader)["vectors"],
)
CALENDAR = LegalCalendar.of(load_knowledge().holidays)


def day(vector: dict[str, Any], key: str) -> date | None:
    return date.fromisoformat(vector[key]) if vector.get(key) else None


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['id']} {v['phrase'][:50]}")
def test_vector(vector: dict[str, Any]) -> None:
    clue = DeadlineClue(vector["regime"], day(vector, "printed"), vector.get("n"), vector.get("unit"))
    anchor = day(vector, "dagtekening") or day(vector, "reported")
    today = day(vector, "read_date") or date(2026, 11, 21)
    found = count(clue, anchor, today, CALENDAR, day(vector, "served"), day(vector, "received"), day(vector, "sent"))
    expected = day(vector, "expected")
    if expected is None:
        assert isinstance(found, DeadlineUnknown)
        return
    assert isinstance(found, Deadline)
    assert (found.last_day, found.safe_day) == (expected, day(vector, "safe_act_before"))
    assert found.other_reading == day(vector, "alternative_reading")
    if found.other_reading:
        assert not found.sure
