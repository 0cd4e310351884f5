"""Of several phrases on one letter the right one sets the deadline, and a doubt is never told as sure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from briefbrug.counting import Deadline, DeadlineUnknown, LegalCalendar, count, easter, general_holidays
from briefbrug.deadline import deadline_of
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import Action, DeadlineBasis, DeadlineClue, Found, LetterFacts
from briefbrug.meaning import understand_pile
from tests.core.meaning.letters import TODAY, a_letter, on, within

K = load_knowledge()
CALENDAR = LegalCalendar.of(K.holidays)


def the(facts: LetterFacts) -> Deadline:
    found = deadline_of(facts, K, TODAY)
    assert isinstance(found, Deadline)
    return found


# One row: sender, kind, date of the letter, n, unit, anchor, action, expected last day.
REGIMES: list[Any] = [
    pytest.param(
        "belastingdienst",
        "aanslag",
        "2026-11-14",
        6,
        "weeks",
        "dagtekening",
        Action.BETALEN,
        "2026-12-26",
        id="payment of tax is never moved",
    ),
    pytest.param(
        "belastingdienst",
        "beschikking",
        "2026-11-14",
        6,
        "weeks",
        "dagtekening",
        Action.BEZWAAR,
        "2026-12-28",
        id="bezwaar against tax is moved",
    ),
    pytest.param(
        "belastingdienst",
        "aanmaning",
        "2026-12-11",
        2,
        "weeks",
        "dagtekening",
        Action.BETALEN,
        "2026-12-28",
        id="aanmaning of tax is moved",
    ),
    pytest.param(
        "lokale_belastingen",
        "aanslag",
        "2026-11-21",
        14,
        "days",
        "dagtekening",
        Action.BETALEN,
        "2026-12-05",
        id="naheffingsaanslag is never moved",
    ),
    pytest.param(
        "dienst_toeslagen",
        "terugvordering",
        "2026-11-13",
        6,
        "weeks",
        "dagtekening",
        Action.BETALEN,
        "2026-12-25",
        id="payment of toeslag is never moved",
    ),
    pytest.param(
        "uwv",
        "beschikking",
        "2026-11-20",
        6,
        "weeks",
        "verzending",
        Action.BEZWAAR,
        "2027-01-04",
        id="bezwaar of UWV is moved past New Year",
    ),
    pytest.param(
        "uwv",
        "terugvordering",
        "2026-11-20",
        6,
        "weeks",
        "dagtekening",
        Action.BETALEN,
        "2027-01-04",
        id="paying back under the Awb is moved",
    ),
    pytest.param(
        "telecom",
        "herinnering",
        "2026-11-07",
        14,
        "days",
        "dagtekening",
        Action.BETALEN,
        "2026-11-21",
        id="a contract term is never moved",
    ),
    pytest.param(
        "telecom",
        "veertiendagenbrief",
        "2026-11-13",
        14,
        "days",
        "ontvangst",
        Action.BETALEN,
        "2026-12-01",
        id="fourteen days from presumed receipt",
    ),
    pytest.param(
        "telecom",
        "veertiendagenbrief",
        "2026-11-05",
        14,
        "days",
        "dagtekening",
        Action.BETALEN,
        "2026-11-19",
        id="fourteen days counted from sending",
    ),
    pytest.param(
        "gemeente",
        "informatieverzoek",
        "2026-11-12",
        5,
        "working_days",
        "dagtekening",
        Action.OPSTUREN,
        "2026-11-19",
        id="a term set by the municipality in working days",
    ),
    pytest.param(
        "gemeente",
        "informatieverzoek",
        "2026-11-14",
        14,
        "days",
        "dagtekening",
        Action.OPSTUREN,
        "2026-11-28",
        id="a term set by the municipality is no statutory term",
    ),
    pytest.param(
        "cjib",
        "aanmaning",
        "2026-11-27",
        4,
        "weeks",
        "verzending",
        Action.BETALEN,
        "2026-12-28",
        id="the first aanmaning of a traffic fine is statutory",
    ),
    pytest.param(
        "gerechtsdeurwaarder",
        "dwangbevel",
        "2026-11-19",
        2,
        "days",
        "heden",
        Action.BETALEN,
        "2026-11-23",
        id="two days after an exploot, moved past the weekend",
    ),
    pytest.param(
        "gerechtsdeurwaarder",
        "incasso",
        "2026-11-07",
        14,
        "days",
        "dagtekening",
        Action.BETALEN,
        "2026-11-21",
        id="a polite letter of a bailiff is a contract term",
    ),
    pytest.param(
        "lbio",
        "aanmaning",
        "2026-11-21",
        14,
        "days",
        "verzending",
        Action.BETALEN,
        "2026-12-05",
        id="LBIO counts plain days",
    ),
    pytest.param(
        "incassobureau",
        "aanmaning",
        "2026-11-20",
        48,
        "hours",
        "heden",
        Action.BETALEN,
        "2026-11-22",
        id="hours are never moved",
    ),
    pytest.param(
        "energieleverancier",
        "herinnering",
        "2026-11-12",
        14,
        "days",
        "ontvangst",
        Action.BETALEN,
        "2026-11-28",
        id="receipt of a reminder is presumed",
    ),
]


@pytest.mark.parametrize(("sender", "kind", "dated", "n", "unit", "anchor", "action", "expected"), REGIMES)
def test_regime_follows_from_sender_and_kind(
    sender: str, kind: str, dated: str, n: int, unit: str, anchor: str, action: Action, expected: str
) -> None:
    found = the(a_letter(sender, kind, dated, [within(n, unit, anchor, action=action)]))
    assert found.last_day == date.fromisoformat(expected)
    assert found.basis is DeadlineBasis.TERM


def test_a_bill_is_paid_by_its_date_not_by_its_bezwaar_term() -> None:
    pay, object_ = on("2026-12-26", action=Action.BETALEN), within(6, "weeks", action=Action.BEZWAAR)
    for clues in ([pay, object_], [object_, pay]):
        found = the(a_letter("belastingdienst", "aanslag", "2026-11-14", clues))
        assert (found.last_day, found.sure, found.basis) == (date(2026, 12, 26), True, DeadlineBasis.EXPLICIT)


def test_a_decision_takes_its_bezwaar_term() -> None:
    clues = [on("2026-12-01", "start_date"), within(6, "weeks", action=Action.BEZWAAR)]
    assert the(a_letter("gemeente", "beschikking", "2026-11-10", clues)).last_day == date(2026, 12, 22)


def test_printed_wins_over_computed_and_agreement_is_sure() -> None:
    facts = a_letter(
        "telecom",
        "aanmaning",
        "2026-11-06",
        [within(14, "days", action=Action.BETALEN), on("2026-11-20", action=Action.BETALEN)],
    )
    found = the(facts)
    assert (found.last_day, found.basis, found.sure) == (date(2026, 11, 20), DeadlineBasis.EXPLICIT, True)
    assert found.computed == date(2026, 11, 20)


def test_an_unsure_printed_day_is_sure_when_the_term_gives_the_same_day() -> None:
    printed = on("2026-11-20", action=Action.BETALEN, sure=False)
    term = within(14, "days", action=Action.BETALEN)
    assert the(a_letter("telecom", "aanmaning", "2026-11-06", [printed, term])).sure
    assert not the(a_letter("telecom", "aanmaning", "2026-11-06", [printed])).sure
    assert not the(a_letter("telecom", "aanmaning", "2026-11-06", [printed, term], sure=False)).sure


def test_printed_against_computed_is_never_sure_and_the_earlier_is_heard() -> None:
    facts = a_letter(
        "telecom",
        "aanmaning",
        "2026-11-06",
        [on("2026-11-27", action=Action.BETALEN), within(14, "days", action=Action.BETALEN)],
    )
    found = the(facts)
    assert (found.last_day, found.printed, found.computed) == (
        date(2026, 11, 27),
        date(2026, 11, 27),
        date(2026, 11, 20),
    )
    assert found.heard == date(2026, 11, 20)
    assert not found.sure


def test_one_phrase_with_date_and_term() -> None:
    clue = Found(DeadlineClue("", date(2026, 12, 11), 8, "weeks", "dagtekening", Action.BETALEN), sure=True)
    facts = a_letter("cjib", "boete", "2026-10-16", [clue])
    assert (the(facts).last_day, the(facts).sure) == (date(2026, 12, 11), True)
    other = replace(clue, value=replace(clue.value, printed=date(2026, 12, 14)))
    assert (the(a_letter("cjib", "boete", "2026-10-16", [other])).sure) is False


def test_eviction_day_goes_before_the_order_of_three_days() -> None:
    clues = [within(3, "days", "betekening"), on("2026-11-26", "event_date")]
    found = the(a_letter("gerechtsdeurwaarder", "ontruiming", "2026-11-19", clues))
    assert (found.last_day, found.basis, found.safe_day) == (
        date(2026, 11, 26),
        DeadlineBasis.APPOINTMENT,
        date(2026, 11, 25),
    )


def test_cutting_off_tells_the_day_to_pay_by_before_it() -> None:
    clues = [on("2026-12-01", "event_date"), on("2026-11-24", action=Action.BETALEN)]
    found = the(a_letter("energieleverancier", "afsluiting", "2026-11-10", clues))
    assert (found.last_day, found.sure) == (date(2026, 11, 24), True)


def test_cutting_off_before_the_day_to_pay_by_is_told_and_not_sure() -> None:
    clues = [on("2026-11-20", "event_date"), on("2026-11-24", action=Action.BETALEN)]
    found = the(a_letter("energieleverancier", "afsluiting", "2026-11-10", clues))
    assert (found.last_day, found.sure) == (date(2026, 11, 20), False)


def test_a_debit_behind_the_day_to_pay_by_leaves_that_day_sure() -> None:
    clues = [on("2026-11-24", action=Action.BETALEN), on("2026-11-28", "event_date", action=Action.BETALEN)]
    found = the(a_letter("energieleverancier", "herinnering", "2026-11-10", clues))
    assert (found.last_day, found.sure) == (date(2026, 11, 24), True)


def test_the_term_to_object_is_sure_on_a_sure_decision_only() -> None:
    clues = [within(6, "weeks", "dagtekening", action=Action.BEZWAAR)]
    decided = a_letter("gemeente", "beschikking", "2026-11-10", clues)
    assert (the(decided).last_day, the(decided).sure) == (date(2026, 12, 22), True)
    assert decided.kind is not None
    assert not the(replace(decided, kind=replace(decided.kind, sure=False))).sure


def test_a_judgment_without_service_has_no_known_term() -> None:
    facts = a_letter("rechtbank", "vonnis", "2026-10-28", [within(14, "days", "betekening")])
    assert deadline_of(facts, K, TODAY) == DeadlineUnknown("service_unknown")
    served = replace(facts, served=Found(date(2026, 11, 9), sure=True))
    assert the(served).last_day == date(2026, 11, 23)


def test_service_that_is_not_known_is_presumed_and_not_sure() -> None:
    found = the(a_letter("belastingdienst", "dwangbevel", "2026-11-16", [within(2, "days", "betekening")]))
    assert (found.last_day, found.sure, found.estimated) == (date(2026, 11, 18), False, True)


@pytest.mark.parametrize("kind", ["informatie", "reclame"])
def test_some_letters_rightly_have_no_deadline(kind: str) -> None:
    assert deadline_of(a_letter("svb", kind, clues=[on("2027-01-01", "start_date")]), K, TODAY) is None


def test_no_phrase_is_unknown_not_none() -> None:
    assert deadline_of(a_letter("telecom", "aanmaning", "2026-09-18"), K, TODAY) == DeadlineUnknown("no_term")


def test_a_term_without_date_of_the_letter_is_unknown() -> None:
    facts = a_letter("telecom", "aanmaning", None, [within(14, "days")])
    assert deadline_of(facts, K, TODAY) == DeadlineUnknown("letter_date_unknown")


def test_a_person_wins_over_every_phrase() -> None:
    facts = a_letter(clues=[on("2026-12-01")]).corrected("deadline", date(2026, 12, 3), "resident")
    assert (the(facts).last_day, the(facts).sure) == (date(2026, 12, 3), True)


def test_an_unsure_reading_of_the_date_of_the_letter_makes_a_counted_day_unsure() -> None:
    facts = a_letter(clues=[within(14, "days", action=Action.BETALEN)])
    assert facts.letter_date is not None
    assert the(facts).sure
    assert not the(replace(facts, letter_date=replace(facts.letter_date, sure=False))).sure


def test_a_deadline_before_its_own_letter_is_not_sure() -> None:
    assert not the(a_letter(dated="2026-11-10", clues=[on("2026-11-01")])).sure


def test_past_the_calendar_no_day_is_given() -> None:
    clue = DeadlineClue("statutory_awb", None, 6, "weeks")
    with pytest.raises(BriefbrugError) as caught:
        count(clue, date(2028, 12, 1), date(2028, 12, 2), CALENDAR)
    assert caught.value.reason is Reason.CALENDAR_TOO_SHORT
    facts = a_letter("uwv", "beschikking", "2028-12-01", [within(6, "weeks", action=Action.BEZWAAR)])
    assert deadline_of(facts, K, date(2028, 12, 2)) == DeadlineUnknown("calendar_too_short")


def test_a_day_without_year_in_january_belongs_to_the_next_year() -> None:
    assert the(a_letter(dated="2026-12-28", clues=[on("2026-01-05", "before_no_year")])).last_day == date(2027, 1, 4)


def test_the_computed_holidays_are_those_of_the_law() -> None:
    listed = set(K.holidays.general)
    computed = general_holidays(2026) | general_holidays(2027) | general_holidays(2028)
    assert computed == listed


def test_koningsdag_on_a_sunday_moves_to_saturday() -> None:
    assert date(2031, 4, 26) in general_holidays(2031)
    assert date(2031, 4, 27) not in general_holidays(2031)


@pytest.mark.parametrize(
    ("year", "day"), [(2024, "03-31"), (2025, "04-20"), (2026, "04-05"), (2027, "03-28"), (2038, "04-25")]
)
def test_easter(year: int, day: str) -> None:
    assert easter(year) == date.fromisoformat(f"{year}-{day}")


def test_a_day_on_which_money_comes_is_no_deadline():
    day = on("2026-12-21", action=Action.BETALEN)
    told = a_letter("dienst_toeslagen", "informatie", "2026-11-17", [day])
    assert isinstance(deadline_of(told, K, TODAY), Deadline)
    assert deadline_of(replace(told, notes=("no_action_needed", "no_account")), K, TODAY) is None


def test_a_later_day_is_not_sure_beside_an_earlier_one():
    arrears = on("2026-11-26", action=Action.REAGEREN)
    rent = on("2026-11-30", action=Action.BETALEN)
    alone = the(a_letter("woningcorporatie", "aanmaning", "2026-11-12", [rent]))
    beside = the(a_letter("woningcorporatie", "aanmaning", "2026-11-12", [rent, arrears]))
    assert alone.sure
    assert not (beside.last_day == date(2026, 11, 30) and beside.sure)


def test_papers_asked_by_a_day_come_before_the_right_to_object() -> None:
    clues = [on("2026-11-26", action=Action.OPSTUREN), within(6, "weeks", "dagtekening", action=Action.BEZWAAR)]
    facts = a_letter("gemeente", "beschikking", "2026-11-16", clues)
    letter = understand_pile({"a": facts}, K, TODAY).letters[0]
    assert isinstance(letter.deadline, Deadline)
    assert (letter.deadline.last_day, letter.action) == (date(2026, 11, 26), Action.OPSTUREN)


def test_a_letter_dated_weeks_ahead_is_never_sure() -> None:
    facts = a_letter("telecom", "factuur", "2026-12-31", [on("2027-01-10", action=Action.BETALEN)])
    sure = understand_pile({"a": facts}, K, TODAY).letters[0].sure
    assert not sure["letter_date"] and not sure["deadline"]


def test_who_collects_does_not_advertise() -> None:
    sure = understand_pile({"a": a_letter("incassobureau", "reclame", "2026-11-12", [])}, K, TODAY).letters[0].sure
    assert not sure["kind"] and not sure["sender"] and not sure["deadline"]
