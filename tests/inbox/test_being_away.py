"""The team's page: who is there, and whole days away noted by herself or her lead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from briefbrug.usecases.be_away import show_team
from tests.inbox.conftest import Browser, Desk


def test_she_notes_her_own_days_and_takes_them_back(desk: Desk, browse: Callable[..., Browser]) -> None:
    samir = browse("samir")
    today = desk.house.clock.today()
    days = {"van": today.isoformat(), "tot": (today + timedelta(days=4)).isoformat()}
    for _ in range(2):
        assert samir.post("/inbox/team/afwezig", **days).status_code == 303
    me = show_team(desk.house, desk.refs["samir"]).members[0]
    assert me.is_me
    assert me.is_away
    assert len(me.away) == 1
    page = browse("melissa").get("/inbox/team").text
    assert "Vandaag afwezig" in page
    assert samir.post(f"/inbox/team/terug/{me.away[0].id}").status_code == 303
    assert not show_team(desk.house, desk.refs["samir"]).members[0].is_away


@pytest.mark.parametrize(("who", "status"), [("melissa", 403), ("joke", 403), ("samir", 303)])
def test_only_herself_or_her_lead(desk: Desk, browse: Callable[..., Browser], who: str, status: int) -> None:
    today = desk.house.clock.today().isoformat()
    samir = browse("samir")
    assert samir.post("/inbox/team/afwezig", wie=desk.refs[who], van=today, tot=today).status_code == status
    lead = browse("melissa")
    assert lead.post("/inbox/team/afwezig", wie=desk.refs["samir"], van=today, tot=today).status_code == 303


def test_days_that_are_none_are_refused(desk: Desk, browse: Callable[..., Browser]) -> None:
    samir, today = browse("samir"), desk.house.clock.today()
    yesterday = (today - timedelta(days=1)).isoformat()
    for first, last in (("morgenmiddag", "x"), (today.isoformat(), yesterday), (yesterday, yesterday)):
        assert samir.post("/inbox/team/afwezig", van=first, tot=last).status_code == 400
    assert not show_team(desk.house, desk.refs["samir"]).members[0].away


def test_open_cases_are_for_herself_and_her_lead(desk: Desk) -> None:
    desk.case("samir")
    counts = {each.name: each.open_cases for each in show_team(desk.house, desk.refs["samir"]).members}
    assert counts["Samir Voorbeeld"] == 1
    assert counts["Melissa Voorbeeld"] is None
    counts = {each.name: each.open_cases for each in show_team(desk.house, desk.refs["melissa"]).members}
    assert counts["Samir Voorbeeld"] == 1
