"""Many cases: whole pages in order, found by every kind of word, within bounds that only guard against hanging.

`python -m tests.inbox.many_cases` measures ten thousand.
"""

from __future__ import annotations

import pytest

from briefbrug.store.tables import CaseRow
from briefbrug.usecases.gist import Gists
from briefbrug.usecases.log_in import Visitor
from inbox.worklist import ROWS_SHOWN, worklist
from tests.inbox.conftest import Desk
from tests.inbox.many_cases import fill_with_cases, index_all, seconds_of

CASES = 300


@pytest.mark.slow
def test_hundreds_of_cases_are_listed_and_found(any_desk: Desk) -> None:
    known = fill_with_cases(any_desk, CASES)
    index_all(any_desk.house)
    gists = Gists(any_desk.house)
    melissa = Visitor(
        "s", "c", any_desk.refs["melissa"], any_desk.teams["Noord"], "M", "r", frozenset({"professional"})
    )
    seen: list[str] = []
    page = 1
    while True:
        found = worklist(gists, melissa, page=page)
        assert len(found.rows) <= ROWS_SHOWN
        seen += [row.ref for row in found.rows]
        if not found.has_more:
            break
        page += 1
    assert len(seen) == len(set(seen)) == found.counts["team"] == CASES - CASES // 10
    assert [row.urgency for row in found.rows] == sorted(row.urgency for row in found.rows)
    for case_ref, reference in known.items():
        rows = worklist(gists, melissa, "team", reference).rows
        assert [row.ref for row in rows] == [case_ref]
        assert all(row.first != "Nog geen brieven gedeeld" for row in rows)
    assert worklist(gists, melissa, "team", "zonnestr").rows
    assert worklist(gists, melissa, "team", "yilmaz").rows
    assert not worklist(gists, melissa, "team", "bestaatniet").rows
    with any_desk.house.look() as work:
        assert not work.session.query(CaseRow).filter(CaseRow.gist_sealed.is_(None)).count()
    fresh = Gists(any_desk.house)
    assert seconds_of(lambda: worklist(fresh, melissa), 3) < 5
    assert not fresh._known, "every gist came from its seal"
