"""Signals about rules: no personal data in the story, a clock for the reply, answered by policy alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.personal import personal_pieces
from briefbrug.usecases.signal import answer_signal, give_signal, list_signals, reply_due
from briefbrug.working_hours import hours_from
from tests.conftest import WEEK, add_team

STORY = "De inwoner moest eerst betalen en dan pas praten. Zo raakte het gezin de woning bijna kwijt."


def case_with_name(house: House, name: str) -> tuple[str, str]:
    """Return a case whose resident is called `name`, and its professional."""
    melissa = add_team(house, "Melissa de Boer", "Bea Beleid")
    with house.work() as work:
        bea = work.people.by_email("bea@example.org")
        assert bea is not None
        bea.roles = ["policy"]
        person = work.people.professional(melissa)
        assert person is not None
        resident = work.residents.add("web", "door")
        resident.name_sealed = work.residents.seal(resident, name, "name")
        case = work.cases.add(
            resident,
            team_ref=person.team_ref,
            professional_ref=melissa,
            urgency=1,
            promised_at=work.clock.now(),
            preview=None,
        )
        case.threat = "home"
        return case.ref, melissa


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("Zij betaalde op NL91 ABNA 0417 1643 00.", "NL91 ABNA 0417 1643 00"),
        ("Het nummer is 123456782.", "123456782"),
        ("Mevrouw van den Berg kreeg niets.", "Berg"),
        ("Bel 06-12345678 maar.", "06-12345678"),
        ("Zij woont op 1234 AB.", "1234 AB"),
        ("Dossier 2026-118-5521 bleef liggen.", "2026-118-5521"),
        ("Schrijf naar anna@example.org eens.", "anna@example.org"),
    ],
)
def test_what_points_at_a_person_is_found(text: str, piece: str) -> None:
    assert piece in personal_pieces(text)


@pytest.mark.parametrize(
    "text",
    [STORY, "Zij moest € 1.250,00 betalen in 2026, dat is 3 keer niets.", "Artikel 4:94 lid 1 Awb laat geen ruimte."],
)
def test_a_story_about_a_rule_is_left_alone(text: str) -> None:
    assert personal_pieces(text) == ()


def test_a_signal_is_kept_once_and_answered_by_policy(any_house: House) -> None:
    case_ref, melissa = case_with_name(any_house, "Truus Kroos")
    refused = give_signal(any_house, case_ref, melissa, f"{STORY} Kroos had niets.", "", "k0")
    assert refused.ref is None and refused.pieces == ("Kroos",)
    assert list_signals(any_house) == []
    given = give_signal(any_house, case_ref, melissa, STORY, "beslagvrije voet", "k1")
    assert give_signal(any_house, case_ref, melissa, STORY, "beslagvrije voet", "k1").ref is None
    (view,) = list_signals(any_house)
    assert (view.ref, view.story, view.rule, view.threat) == (given.ref, STORY, "beslagvrije voet", "home")
    assert view.replied_at is None and not view.is_late and view.due_at > any_house.clock.now()
    with pytest.raises(BriefbrugError) as refusal:
        answer_signal(any_house, view.ref, melissa, "Wij passen het aan.")
    assert refusal.value.reason is Reason.NOT_ALLOWED
    with any_house.look() as work:
        bea = work.people.by_email("bea@example.org")
        assert bea is not None
    answered = answer_signal(any_house, view.ref, bea.ref, "Wij passen het aan.")
    assert answered.reply == "Wij passen het aan." and answered.in_time and answered.reply_by == "Bea Beleid"
    with pytest.raises(BriefbrugError) as second:
        answer_signal(any_house, view.ref, bea.ref, "Toch niet.")
    assert second.value.reason is Reason.WRONG_STATE
    with any_house.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT story_sealed, reply_sealed FROM signal").one()
    assert b"eerst betalen" not in bytes(stored[0]) and b"passen" not in bytes(stored[1])


def test_a_reply_is_due_at_the_end_of_the_tenth_working_day() -> None:
    hours = hours_from(WEEK)
    due = reply_due(datetime(2026, 11, 20, 10, tzinfo=UTC), hours)
    assert due == datetime(2026, 12, 4, 16, tzinfo=UTC)
