"""What must hold for every deadline, whatever the letter."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from briefbrug.counting import Deadline, LegalCalendar, add_term, count
from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import DeadlineClue

K = load_knowledge()
CALENDAR = LegalCalendar.of(K.holidays)
DAYS = st.dates(date(2026, 1, 1), date(2028, 6, 30))
TERMS = st.one_of(
    st.tuples(st.integers(1, 90), st.just("days")),
    st.tuples(st.integers(1, 12), st.just("weeks")),
    st.tuples(st.integers(1, 3), st.just("months")),
)
EXTENDED = st.sampled_from(["statutory_awb", "statutory_civil"])
PLAIN = st.sampled_from(["contractual", "tax_payment_no_atw", "set_by_authority", "veertiendagenbrief_short"])


def last(clue: DeadlineClue, letter_date: date, received: date | None = None) -> Deadline:
    found = count(clue, letter_date, letter_date, CALENDAR, received=received)
    assert isinstance(found, Deadline)
    return found


@given(DAYS, TERMS, EXTENDED)
def test_a_statutory_term_never_ends_on_a_rest_day_and_never_early(
    day: date, term: tuple[int, str], regime: str
) -> None:
    n, unit = term
    found = last(DeadlineClue(regime, None, n, unit), day)
    assert not CALENDAR.is_rest_day(found.last_day)
    assert found.last_day >= add_term(day, n, unit)


@given(DAYS, st.integers(3, 90), EXTENDED)
def test_a_statutory_term_of_three_days_holds_two_ordinary_days(day: date, n: int, regime: str) -> None:
    end = last(DeadlineClue(regime, None, n, "days"), day).last_day
    within = [day + timedelta(days=i) for i in range(1, (end - day).days + 1)]
    assert sum(map(CALENDAR.is_working_day, within)) >= 2


@given(DAYS, TERMS, PLAIN)
def test_other_terms_are_never_moved(day: date, term: tuple[int, str], regime: str) -> None:
    n, unit = term
    assert last(DeadlineClue(regime, None, n, unit), day).last_day == add_term(day, n, unit)


@given(DAYS, st.integers(0, 40), TERMS, st.one_of(EXTENDED, PLAIN))
def test_a_later_letter_never_has_an_earlier_deadline(
    day: date, later: int, term: tuple[int, str], regime: str
) -> None:
    n, unit = term
    clue = DeadlineClue(regime, None, n, unit)
    assert last(clue, day).last_day <= last(clue, day + timedelta(days=later)).last_day


@given(DAYS, st.integers(1, 60), st.one_of(EXTENDED, PLAIN))
def test_a_longer_term_never_ends_earlier(day: date, n: int, regime: str) -> None:
    assert (
        last(DeadlineClue(regime, None, n, "days"), day).last_day
        <= last(DeadlineClue(regime, None, n + 1, "days"), day).last_day
    )


@given(DAYS, TERMS, st.one_of(EXTENDED, PLAIN))
def test_the_safe_day_is_a_working_day_and_not_after_the_last_day(
    day: date, term: tuple[int, str], regime: str
) -> None:
    found = last(DeadlineClue(regime, None, *term), day)
    assert CALENDAR.is_working_day(found.safe_day)
    assert found.safe_day <= found.last_day


@given(DAYS, st.integers(1, 30))
def test_working_days_end_on_a_working_day(day: date, n: int) -> None:
    end = last(DeadlineClue("working_days", None, n, "working_days"), day).last_day
    passed = [day + timedelta(days=i) for i in range(1, (end - day).days + 1)]
    assert sum(map(CALENDAR.is_working_day, passed)) == n
    assert CALENDAR.is_working_day(end)


@given(DAYS)
def test_receipt_is_presumed_two_to_eight_days_after_sending(day: date) -> None:
    assert 2 <= (CALENDAR.presumed_receipt(day) - day).days <= 8


@given(DAYS, st.integers(0, 10))
def test_a_known_later_receipt_never_shortens_the_fourteen_days(day: date, delay: int) -> None:
    clue = DeadlineClue("receipt", None, 14, "days", "ontvangst")
    received = CALENDAR.presumed_receipt(day) + timedelta(days=delay)
    assert last(clue, day, received).last_day >= last(clue, day).last_day


@settings(max_examples=50)
@given(DAYS, st.integers(1, 60))
def test_before_is_a_day_earlier_than_on_or_before(day: date, ahead: int) -> None:
    printed = day + timedelta(days=ahead)
    before = last(DeadlineClue("before", printed), day).last_day
    assert before + timedelta(days=1) == last(DeadlineClue("on_or_before", printed), day).last_day
