"""The promise and who makes it: working time over summer time, holidays and breaks; the same person again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError
from briefbrug.handover import Chosen, Colleague, NobodyAvailable, choose_professional, promise_at
from briefbrug.said import said_amount, said_date
from briefbrug.working_hours import WorkingHours, after_working_time, hours_from, working_seconds

HOURS = WorkingHours(
    {day: ((time(9), time(12, 30)), (time(13), time(17))) for day in range(5)},
    frozenset({date(2026, 12, 25), date(2026, 4, 27)}),
)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.mark.parametrize(
    ("sent", "urgency", "promised"),
    [
        pytest.param(local(2026, 11, 21, 10), 1, local(2026, 11, 23, 12), id="Saturday: Monday at twelve"),
        pytest.param(local(2026, 11, 20, 15), 1, local(2026, 11, 23, 10), id="Friday afternoon runs on to Monday"),
        pytest.param(local(2026, 11, 24, 11), 1, local(2026, 11, 24, 14, 30), id="the break does not count"),
        pytest.param(local(2026, 12, 24, 16), 1, local(2026, 12, 28, 11), id="Christmas and the weekend do not count"),
        pytest.param(local(2026, 3, 27, 16), 1, local(2026, 3, 30, 11), id="the night that summer time begins"),
        pytest.param(local(2026, 10, 23, 16), 1, local(2026, 10, 26, 11), id="the night that summer time ends"),
        pytest.param(local(2026, 11, 24, 9, 7), 1, local(2026, 11, 24, 12, 15), id="rounded up to a quarter"),
    ],
)
def test_promise_at(sent: datetime, urgency: int, promised: datetime) -> None:
    assert promise_at(sent, urgency, HOURS) == promised


moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: local(2026, 1, 1) + timedelta(minutes=minutes))


@given(moments, st.integers(1, 40 * 60))
def test_working_time_and_its_end_agree(start: datetime, minutes: int) -> None:
    start = start.astimezone(UTC)
    end = after_working_time(start, timedelta(minutes=minutes), HOURS)
    assert working_seconds(start, end, HOURS) == pytest.approx(minutes * 60)
    assert end > start


@given(moments, moments, moments)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    a, b, c = sorted(moment.astimezone(UTC) for moment in (one, two, three))
    assert working_seconds(a, b, HOURS) + working_seconds(b, c, HOURS) == pytest.approx(working_seconds(a, c, HOURS))


@given(moments, moments, st.sampled_from([1, 2, 3, 4]))
def test_asking_later_is_never_promised_earlier(one: datetime, two: datetime, urgency: int) -> None:
    first, second = sorted((one.astimezone(UTC), two.astimezone(UTC)))
    assert promise_at(first, urgency, HOURS) <= promise_at(second, urgency, HOURS)


@pytest.mark.parametrize(
    "bad", [{"week": {"maandag": []}}, {"week": {"monday": ["9-17"]}}, {"week": {"monday": ["17:00-09:00"]}}]
)
def test_a_wrong_calendar_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(BriefbrugError):
        hours_from(bad)


def test_a_team_that_never_works_promises_nothing() -> None:
    with pytest.raises(BriefbrugError):
        promise_at(local(2026, 11, 24), 1, WorkingHours({}))


ON = date(2026, 11, 23)
ANNA = Colleague("a", "Anna", expertise=("wonen",), open_cases=5, stand_in="b")
BEN = Colleague("b", "Ben", languages=("nl", "tr"), open_cases=1)


def test_the_same_person_again_even_when_busy() -> None:
    chosen = choose_professional([ANNA, BEN], on=ON, known="a")
    assert isinstance(chosen, Chosen) and chosen.colleague is ANNA and chosen.why == ("same_person",)


def test_her_stand_in_when_she_is_away() -> None:
    away = Colleague("a", "Anna", absent=((ON, ON),), stand_in="b")
    chosen = choose_professional([away, BEN], on=ON, known="a")
    assert isinstance(chosen, Chosen) and chosen.colleague is BEN and chosen.instead_of is away


def test_another_person_is_not_the_first() -> None:
    chosen = choose_professional([ANNA, BEN], on=ON, known="a", avoid=["a"])
    assert isinstance(chosen, Chosen) and chosen.colleague is BEN


def test_language_before_topic_before_load() -> None:
    assert isinstance(turkish := choose_professional([ANNA, BEN], on=ON, language="tr", topics=["wonen"]), Chosen)
    assert isinstance(home := choose_professional([ANNA, BEN], on=ON, topics=["wonen"]), Chosen)
    assert isinstance(any_topic := choose_professional([ANNA, BEN], on=ON), Chosen)
    assert (turkish.colleague, home.colleague, any_topic.colleague) == (BEN, ANNA, BEN)


def test_nobody_is_a_value() -> None:
    assert isinstance(choose_professional([], on=ON), NobodyAvailable)


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nee het is 3 december", date(2026, 12, 3)),
        ("3-12", date(2026, 12, 3)),
        ("3/12/26 denk ik", date(2026, 12, 3)),
        ("op 2 jan", date(2027, 1, 2)),
        ("12 september", date(2026, 9, 12)),
        ("2026-12-03", date(2026, 12, 3)),
        ("morgen", date(2026, 11, 22)),
        ("3 december of 4 december", None),
        ("31 februari", None),
        ("weet ik niet", None),
    ],
)
def test_said_date(words: str, expected: date | None) -> None:
    assert said_date(words, TODAY) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("het is 120 euro", Decimal("120.00")),
        ("€ 1.234,56", Decimal("1234.56")),
        ("50,-", Decimal("50.00")),
        ("100 of 200 euro", None),
        ("geen idee", None),
    ],
)
def test_said_amount(words: str, expected: Decimal | None) -> None:
    assert said_amount(words) == expected
