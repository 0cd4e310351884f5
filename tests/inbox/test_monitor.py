"""The municipality's figures: equal to a hand calculation, true to the events, silent about small groups."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from briefbrug.clock import AMSTERDAM
from briefbrug.house import House
from briefbrug.response_time import Wait
from briefbrug.small_groups import small_cells
from briefbrug.usecases.erase import forget_resident
from briefbrug.usecases.report_response_times import (
    Figures,
    Month,
    Report,
    figures_of,
    month_from,
    report_response_times,
)  # fmt: skip
from briefbrug.usecases.work_on_case import assign_to, close_case, note, reply_to_case
from briefbrug.working_hours import hours_from
from inbox.export import as_csv, safe_cell
from tests.conftest import WEEK, MakeHouse
from tests.inbox.conftest import MONDAY, Desk, fill

NOVEMBER = Month(2026, 11)
HOURS = hours_from(WEEK, frozenset({date(2026, 12, 25)}))


# --- the clock --------------------------------------------------------------------------------------------------------


def test_the_figures_equal_a_hand_calculation(any_desk: Desk) -> None:
    desk = any_desk
    melissa, samir = desk.refs["melissa"], desk.refs["samir"]
    # Monday 9.00 urgency 1: promised at 12.00, answered 11.00: two hours of work, kept.
    one = desk.case(urgency=1)
    reply_to_case(desk.at(MONDAY + timedelta(hours=2)), one, melissa, "Dag.", "k")
    # Monday 9.00 urgency 1: a note and a handover stop nothing; answered on Tuesday 10.00: 7.5 + 1 hours, broken.
    two = desk.case(urgency=1)
    note(desk.at(MONDAY + timedelta(hours=1)), two, melissa, "Ik bel.", "k1")
    assign_to(desk.at(MONDAY + timedelta(hours=1)), two, samir, melissa, "k2")
    reply_to_case(desk.at(MONDAY + timedelta(days=1, hours=1)), two, samir, "Dag.", "k3")
    # Sunday 20.00 urgency 2: nothing until Monday 9.00; answered Monday 13.30: 3.5 + 0.5 hours, kept.
    three = desk.case(sent_at=datetime(2026, 11, 22, 20, tzinfo=AMSTERDAM), urgency=2)
    reply_to_case(desk.at(MONDAY + timedelta(hours=4, minutes=30)), three, melissa, "Dag.", "k")
    # Monday 9.00: closed without a word; it counts as waiting and broken, whatever its status.
    four = desk.case(urgency=1)
    close_case(desk.at(MONDAY + timedelta(hours=1)), four, melissa, "other", "k")
    # Another month is another answer.
    desk.case(sent_at=datetime(2026, 10, 30, 10, tzinfo=AMSTERDAM), urgency=2)

    now = desk.at(datetime(2026, 11, 25, 12, tzinfo=AMSTERDAM))
    report = report_response_times(now, NOVEMBER, desk.teams["Noord"])
    hour = 3600
    assert report.total == Figures(
        waits=4,
        answered=3,
        waiting=1,
        broken=2,
        median_calendar=17.5 * hour,
        p90_calendar=25 * hour,
        median_working=4 * hour,
        p90_working=8.5 * hour,
        share_kept=0.5,
    )
    north = next(group for group in report.teams if group.code == desk.teams["Noord"])
    assert north.own
    assert north.figures == report.total
    by_urgency = {group.code: group.figures for group in report.urgencies}
    assert by_urgency["1"].waits == 3
    assert by_urgency["2"].median_working == 4 * hour
    assert by_urgency["3"].waits == 0
    waiting = {each.case_ref: each for each in report.waiting}
    assert set(waiting) >= {four}
    assert waiting[four].is_closed
    assert waiting[four].age_seconds == (2 * 24 + 3) * hour
    assert len(report.waiting) == 2


def test_a_resident_who_left_owes_no_figure(desk: Desk) -> None:
    stays, leaves = desk.case(), desk.case()
    forget_resident(desk.house, desk.row(leaves).resident_ref, "asked")
    report = report_response_times(desk.at(MONDAY + timedelta(hours=1)), NOVEMBER, desk.teams["Noord"])
    assert report.total.waits == 1
    assert [each.case_ref for each in report.waiting] == [stays]


def test_an_answered_case_counts_also_after_erasure(desk: Desk) -> None:
    case_ref = desk.case()
    reply_to_case(desk.at(MONDAY + timedelta(hours=1)), case_ref, desk.refs["melissa"], "Dag.", "k")
    forget_resident(desk.house, desk.row(case_ref).resident_ref, "asked")
    assert report_response_times(desk.at(MONDAY + timedelta(days=1)), NOVEMBER).total.answered == 1


# --- R7: what is lived through the use cases equals what is shown (10,000 pure histories: tests/core/test_clock.py) ---


@pytest.mark.parametrize("seed", range(6))
def test_the_shown_figure_is_recomputed_from_the_stored_events(any_desk: Desk, seed: int) -> None:
    """The same random days lived through the use cases, in the database, and counted by hand (R7)."""
    chance = random.Random(seed)
    melissa, samir = any_desk.refs["melissa"], any_desk.refs["samir"]
    waited: list[float] = []
    for number in range(6):
        sent_at = datetime(
            2026, 11, chance.randint(2, 20), chance.randint(0, 23), chance.randint(0, 59), tzinfo=AMSTERDAM
        )
        case_ref = any_desk.case(sent_at=sent_at, urgency=chance.randint(1, 4), letters=())
        moment = sent_at
        for step in range(chance.randint(0, 3)):
            moment += timedelta(minutes=chance.randint(1, 900))
            if chance.random() < 0.5:
                note(any_desk.at(moment), case_ref, melissa, "x", f"n{number}{step}")
            else:
                to = chance.choice((melissa, samir))
                assign_to(any_desk.at(moment), case_ref, to, melissa, f"a{number}{step}")
        if chance.random() < 0.8:
            moment += timedelta(minutes=chance.randint(1, 3000))
            reply_to_case(any_desk.at(moment), case_ref, samir, "Dag.", f"r{number}")
            waited.append((moment - sent_at).total_seconds())
            assert any_desk.row(case_ref).first_human_at == moment
    report = report_response_times(
        any_desk.at(datetime(2026, 11, 29, 12, tzinfo=AMSTERDAM)), NOVEMBER, any_desk.teams["Noord"]
    )
    assert report.total.answered == len(waited)
    assert report.total.waiting == 6 - len(waited)
    assert report.total.median_calendar == (median(waited) if waited else None)


# --- small groups (S44, S45) ------------------------------------------------------------------------------------------

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def some_waits(answered: int, waiting: int = 0, broken: int = 0) -> list[Wait]:
    kept = [Wait(START, START, START, 60.0 * n, 30.0 * n, n >= broken) for n in range(answered)]
    return kept + [Wait(START, None, None, 999.0, 99.0, None) for _ in range(waiting)]


def counts_shown(figures: Figures) -> list[int]:
    return [value for value in (figures.waits, figures.answered, figures.waiting, figures.broken) if value is not None]


@given(st.integers(0, 60), st.integers(0, 30), st.integers(0, 60))
@settings(max_examples=300, deadline=None)
def test_no_cell_of_one_to_nine(answered: int, waiting: int, broken: int) -> None:
    if 0 < answered + waiting < 10:
        return
    figures = figures_of(some_waits(answered, waiting, broken), 10)
    assert not any(0 < value < 10 for value in counts_shown(figures))
    if figures.share_kept is not None and figures.waits:
        told = round(figures.share_kept * (answered or 1))
        assert told in {0, answered} or (told >= 10 and answered - told >= 10)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=7))
@settings(max_examples=400, deadline=None)
def test_subtraction_reveals_no_small_group(sizes: list[int]) -> None:
    cells = {str(number): size for number, size in enumerate(sizes)}
    hidden, hide_total = small_cells(cells, 10)
    shown = {key for key in cells if key not in hidden}
    assert not any(0 < cells[key] < 10 for key in shown)
    if not hide_total:
        rest = sum(sizes) - sum(cells[key] for key in shown)
        assert rest == 0 or (rest >= 10 and len(hidden) >= 2)


def possible(report: Report, sizes: dict[str, int]) -> dict[str, set[int]]:
    """Return the sizes each hidden team could have, as an attacker works them out from everything shown."""
    shown = {group.code: group.figures.waits for group in report.teams}
    unknown = [code for code, waits in shown.items() if waits is None]
    total = report.total.waits
    if total is None or len(unknown) > 3:
        return {code: set(range(60)) for code in unknown}
    rest = total - sum(waits for waits in shown.values() if waits is not None)
    options: dict[str, set[int]] = {code: set() for code in unknown}
    for guess in product(range(rest + 1), repeat=len(unknown)):
        if sum(guess) == rest:
            for code, size in zip(unknown, guess, strict=True):
                options[code].add(size)
    return options


@pytest.mark.parametrize("own", [None, "Noord"])
@pytest.mark.parametrize("sizes", [(25, 4), (4, 25), (12, 11), (3, 2), (9, 1), (0, 12)])
def test_no_view_gives_a_small_team_away(make_house: MakeHouse, own: str | None, sizes: tuple[int, int]) -> None:
    desk = fill(make_house(MINIMUM_GROUP="10"))
    for first, size in zip(("melissa", "joke"), sizes, strict=True):
        for number in range(size):
            case_ref = desk.case(
                first, sent_at=MONDAY - timedelta(days=7, minutes=number), letters=(), urgency=1 + number % 3
            )
            if number % 4:
                reply_to_case(
                    desk.at(MONDAY - timedelta(days=6)), case_ref, desk.refs[first], "Dag.", f"k{first}{number}"
                )
    house = desk.at(MONDAY)
    report = report_response_times(house, NOVEMBER, desk.teams[own] if own else None)
    true = {desk.teams["Noord"]: sizes[0], desk.teams["Zuid"]: sizes[1]}
    for group in (*report.teams, *report.urgencies):
        if not group.own:
            assert not any(0 < value < 10 for value in counts_shown(group.figures)), group
    for code, options in possible(report, true).items():
        if 0 < true[code] < 10:
            assert len(options) > 9, (code, options)
    if own is None and sum(sizes) >= 10 and report.total.waits is None:
        assert all(group.figures.waits in {None, 0} or group.figures.waits >= 10 for group in report.urgencies)
    if own == "Noord":
        mine = next(group for group in report.teams if group.own)
        assert mine.figures.waits == sizes[0]
        assert len(report.waiting) == sum(1 for number in range(sizes[0]) if number % 4 == 0)
    else:
        assert report.waiting == ()
    # The exports hold nothing that the page does not.
    rows = list(csv.DictReader(io.StringIO(as_csv(report))))
    told = [
        int(row[name])
        for row in rows
        if row["table"] in {"total", "urgency", "trend", "waiting_age"}
        for name in ("waits", "broken")
        if row[name]
    ]
    if own is None:
        assert not any(0 < value < 10 for value in told)


def test_months_are_the_only_period(browse) -> None:
    melissa = browse("melissa")
    assert melissa.get("/monitor?maand=2026-11").status_code == 200
    for odd in ("2026-11-03", "2026-13", "x", "2026-11&tot=3", "202611", "1999-01"):
        assert melissa.get("/monitor", params={"maand": odd}).status_code == 400, odd


@pytest.mark.parametrize(("code", "last"), [("2026-12", date(2026, 12, 31)), ("2026-02", date(2026, 2, 28))])
def test_a_month_holds_its_days_in_the_netherlands(code: str, last: date) -> None:
    month = month_from(code)
    assert month.holds(datetime.combine(last, time(23, 59), AMSTERDAM))
    assert not month.holds(datetime.combine(last, time(23, 59), AMSTERDAM) + timedelta(minutes=1))
    assert month.next.before == month


# --- exports and the page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["=cmd|' /C calc'!A0", "+1", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_is_a_formula(desk: Desk, bad: str) -> None:
    assert safe_cell(bad) == f"'{bad}"
    with desk.house.work() as work:
        team = work.people.team(desk.teams["Noord"])
        assert team is not None
        team.name = bad
    desk.case()
    text = as_csv(report_response_times(desk.at(MONDAY), NOVEMBER))
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert f"'{bad}" in cells
    assert not any(cell[:1] in set("=+-@\t\r") for cell in cells if cell)


def test_json_comes_with_its_definitions(desk: Desk, browse) -> None:
    desk.case()
    answer = browse("melissa").get("/monitor.json?maand=2026-11")
    assert "attachment" in answer.headers["content-disposition"]
    told = json.loads(answer.text)
    assert told["total"]["waits"] == 1
    assert told["unit"].startswith("seconds")
    assert "bericht van een mens" in told["definitions"]["clock"]["text"]
    assert "professional" not in answer.text


def test_the_page_says_what_the_figures_mean(browse, desk: Desk) -> None:
    desk.case()
    page = browse("melissa").get("/monitor").text
    for words in ("De klok stopt alleen", "Kalendertijd", "Werktijd", "Wie wacht nu nog?"):
        assert words in page
    assert page.count('<svg class="graph"') == 2
    assert page.count("<table") >= 4


def test_the_demonstration_month_makes_figures(demo_house: House) -> None:
    house = demo_house
    today = house.clock.today()
    report = report_response_times(house, Month(today.year, today.month))
    assert report.total.answered is not None
    assert report.total.answered >= 15
    shares = [group.figures.share_kept for group in report.trend if group.figures.share_kept is not None]
    assert len(shares) >= 6
    assert all(0.4 < share <= 1 for share in shares)
    assert all(group.figures.waits for group in report.teams)
