"""What the monitor says of the help: equal to a hand calculation, silent about few, open about what figures mean."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from briefbrug.case import Actor, EventKind
from briefbrug.house import House
from briefbrug.small_groups import Tally, overlapping, tally
from briefbrug.store.tables import OutcomeWords, Signal
from briefbrug.usecases.consult import ask_colleague, read_consults, say_in_consult
from briefbrug.usecases.demo_team import make_demonstration_team
from briefbrug.usecases.demonstration import make_demonstration_month
from briefbrug.usecases.erase import forget_resident
from briefbrug.usecases.read_histories import Histories
from briefbrug.usecases.report_help import HelpReport, report_help
from briefbrug.usecases.report_response_times import Month, personal_figures, report_response_times
from briefbrug.usecases.room_to_act import mark_helped, pay, set_fund, spend_time
from briefbrug.usecases.signal import give_signal
from briefbrug.usecases.what_comes_next import wait_elsewhere
from briefbrug.usecases.work_on_case import close_case, reply_to_case
from inbox.language import LANGUAGES, tongue_of
from tests.conftest import MakeHouse
from tests.inbox.conftest import MONDAY, Desk, fill

NOVEMBER = Month(2026, 11)
HOUR = timedelta(hours=1)


def told(found: Tally) -> dict[str, int | None]:
    return {cell.code: cell.count for cell in found.cells if cell.count != 0}


# --- a hand calculation -----------------------------------------------------------------------------------------------


def test_the_help_equals_a_hand_calculation(any_desk: Desk) -> None:
    desk = any_desk
    melissa, samir, joke = (desk.refs[name] for name in ("melissa", "samir", "joke"))
    fund = set_fund(desk.at(MONDAY), melissa, "Calamiteitenpot", "1000", "100")
    # One: answered after an hour, paid 80 euro after two hours (first help); a colleague thought along: two hands.
    one = desk.case()
    with desk.house.work() as work:
        person = work.people.professional(melissa)
        assert person is not None
        person.mandate_cents = 50_000
    reply_to_case(desk.at(MONDAY + HOUR), one, melissa, "Dag.", "a")
    assert pay(desk.at(MONDAY + 2 * HOUR), one, melissa, fund, "80", "Anders geen eten.", "b") == "paid"
    ask_colleague(desk.at(MONDAY + 2 * HOUR), one, melissa, samir, "Ken jij deze regeling?", "c")
    say_in_consult(desk.at(MONDAY + 3 * HOUR), read_consults(desk.house, samir)[0].ref, samir, "Ja.", "d")
    spend_time(desk.at(MONDAY + 3 * HOUR), one, melissa, "helping", 60, "e")
    spend_time(desk.at(MONDAY + 3 * HOUR), one, melissa, "administration", 30, "f")
    close_case(desk.at(MONDAY + 4 * HOUR), one, melissa, "arranged", "g")
    # Two: help was given after a day and an hour: 7.5 + 1 hours of work.
    two = desk.case("samir")
    reply_to_case(desk.at(MONDAY + HOUR), two, samir, "Dag.", "h")
    mark_helped(desk.at(MONDAY + 25 * HOUR), two, samir, "stopped", "i")
    spend_time(desk.at(MONDAY + 25 * HOUR), two, samir, "helping", 30, "j")
    # Three: answered, never helped, closed without contact: she still waits for help.
    three = desk.case("joke")
    reply_to_case(desk.at(MONDAY + HOUR), three, joke, "Dag.", "k")
    close_case(desk.at(MONDAY + 30 * HOUR), three, joke, "no_contact", "l")

    report = report_help(desk.at(MONDAY + 48 * HOUR), NOVEMBER)
    assert report.cases == 3
    assert (report.help.helped, report.help.waiting) == (2, 1)
    assert report.help.median_calendar == (2 + 25) / 2 * 3600
    assert report.help.median_working == (2 + 8.5) / 2 * 3600
    assert told(report.hands) == {"1": 2, "2": 1}
    assert report.hands_mean == pytest.approx(4 / 3)
    assert told(report.outcomes) == {"arranged": 1, "no_contact": 1}
    assert (report.time.helping_minutes, report.time.administration_minutes) == (90, 30)
    assert report.time.share_helping == 0.75
    assert (report.time.payments, report.time.paid_cents) == (1, 8_000)
    # Half an hour at 70 euro is 35 euro; for 80 euro of help that is 43.75 for each 100.
    assert (report.time.cost_cents, report.time.cost_per_100_cents) == (3_500, 4_375)


def broken(desk: Desk, who: str = "melissa") -> str:
    """Return a case of Monday nine o'clock, promised at twelve, that nobody answers."""
    return desk.case(who)


def test_why_promises_broke(any_desk: Desk) -> None:
    """The first that holds: another organisation, a rule, an absent colleague; what is left is time."""
    desk = any_desk
    melissa, samir = desk.refs["melissa"], desk.refs["samir"]
    with desk.house.work() as work:
        work.people.add_absence(samir, MONDAY.date(), MONDAY.date())
    wait_elsewhere(desk.at(MONDAY + HOUR), broken(desk), melissa, "cak", "een brief", "", "a")
    signalled = broken(desk)
    give_signal(desk.at(MONDAY + HOUR), signalled, melissa, "Wij mogen dit niet betalen.", "", "b")
    broken(desk, "samir")
    broken(desk)
    late = broken(desk)
    reply_to_case(desk.at(MONDAY + 5 * HOUR), late, melissa, "Dag.", "c")
    kept = desk.case()
    reply_to_case(desk.at(MONDAY + HOUR), kept, melissa, "Dag.", "d")
    report = report_response_times(desk.at(MONDAY + 6 * HOUR), NOVEMBER)
    assert report.causes.total == 5
    assert told(report.causes) == {"waiting_elsewhere": 1, "rule": 1, "absent": 1, "no_capacity": 2}


def test_letters_and_threats_are_counted_for_residents(desk: Desk) -> None:
    with desk.house.work() as work:
        for number, codes in enumerate(([("cak", "dwangbevel"), ("cjib", "boete")], [("cak", "dwangbevel")], [])):
            resident = work.residents.add("web", f"x{number}")
            work.cases.add(
                resident,
                team_ref=desk.teams["Noord"],
                professional_ref=desk.refs["melissa"],
                urgency=2,
                promised_at=MONDAY,
                preview=None,
                threat="care" if codes else None,
                codes=codes,
            )
    report = report_help(desk.house, NOVEMBER)
    assert [(each.sender, each.residents) for each in report.senders] == [("cak", 2), ("cjib", 1)]
    assert [(each.kind, each.residents) for each in report.kinds] == [("dwangbevel", 2), ("boete", 1)]
    threats = {group.code: group.figures.waits for group in report_response_times(desk.house, NOVEMBER).threats}
    assert (threats["care"], threats["none"]) == (2, 1)


def test_own_words_only_when_she_let_us(desk: Desk) -> None:
    for number, (words, may) in enumerate((("Ik slaap weer.", True), ("Dit is van mij.", False), ("Nog niet.", None))):
        case_ref = desk.case(sent_at=MONDAY - timedelta(days=number))
        close_case(desk.at(MONDAY), case_ref, desk.refs["melissa"], "solved", f"k{number}")
        with desk.at(MONDAY).work() as work:
            resident = work.residents.get(desk.row(case_ref).resident_ref)
            assert resident is not None
            row = work.session.get(OutcomeWords, case_ref) or OutcomeWords(
                case_ref=case_ref, resident_ref=resident.ref, team_ref=desk.teams["Noord"], asked_at=MONDAY
            )
            row.words_sealed = work.residents.seal(resident, words, "outcome")
            row.answered_at, row.may_share = MONDAY, may
            work.session.add(row)
    house = desk.at(MONDAY + HOUR)
    assert [quote.words for quote in report_help(house, NOVEMBER).quotes] == ["Ik slaap weer."]
    few = replace(house, settings=replace(house.settings, minimum_group=4))
    assert report_help(few, NOVEMBER).quotes == (), "three endings are too few to show what one of them said"


# --- small groups (S44, S45) ------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 35), min_size=2, max_size=6), st.data())
@settings(max_examples=400)
def test_no_part_can_be_subtracted_not_even_with_ones_own(sizes: list[int], data: st.DataObject) -> None:
    mine = [data.draw(st.integers(0, size)) for size in sizes]
    cells = {str(number): size for number, size in enumerate(sizes)}
    found = tally(cells, 10, {str(number): size for number, size in enumerate(mine)})
    shown = {cell.code: cell.count for cell in found.cells if cell.count is not None}
    for code, count in shown.items():
        assert count == 0 or count >= 10
        others = count - mine[int(code)]
        assert found.total is None or others == 0 or others >= 10, "what she does not know herself is no small group"
    if found.total is not None:
        left = found.total - sum(shown.values())
        left_others = left - sum(mine[int(code)] for code in cells if code not in shown)
        assert left == 0 or left >= 10
        assert left_others == 0 or left_others >= 10
    else:
        assert not any(shown.values())


@given(st.lists(st.sets(st.integers(0, 39)), max_size=6), st.sets(st.integers(0, 39)))
@settings(max_examples=400)
def test_groups_that_overlap_leave_nobody_standing_out(groups: list[set[int]], mine: set[int]) -> None:
    named = {number: {str(each) for each in members} for number, members in enumerate(groups)}
    everybody, known = {str(each) for each in range(40)}, {str(each) for each in mine}
    for number, size in overlapping(named, everybody, 10, known).items():
        members = named[number]
        assert size == len(members)
        for part in (members, everybody - members, members - known, (everybody - members) - known):
            assert not 0 < len(part) < 10


def small_house(make_house: MakeHouse, sizes: dict[str, int]) -> Desk:
    """Return a desk whose monitor hides groups under ten; every fourth case is not answered."""
    desk = fill(make_house(MINIMUM_GROUP="10"))
    chance = random.Random(7)
    for first, size in sizes.items():
        for number in range(size):
            house = desk.at(MONDAY - timedelta(days=9, minutes=number))
            with house.work() as work:
                resident = work.residents.add("web", f"{first}{number}")
                case = work.cases.add(
                    resident,
                    team_ref=desk.teams["Noord" if first in {"melissa", "samir"} else "Zuid"],
                    professional_ref=desk.refs[first],
                    urgency=1 + number % 3,
                    promised_at=MONDAY - timedelta(days=chance.choice((1, 8))),
                    preview=None,
                    threat=chance.choice(("home", "energy", "money")),
                    codes=[chance.choice((("cak", "dwangbevel"), ("cjib", "boete"), ("cak", "aanmaning")))],
                )
                work.clock.moment = MONDAY - timedelta(days=5)  # type: ignore[attr-defined]
                if number % 4:
                    work.cases.record(case, EventKind.HUMAN_ANSWERED, Actor.HUMAN, desk.refs[first])
                    work.cases.record(case, EventKind.HELPED, Actor.HUMAN, desk.refs[first])
                    work.cases.record(case, EventKind.CLOSED, Actor.HUMAN, desk.refs[first], {"outcome": "solved"})
    return desk


def small_counts(report: HelpReport) -> list[int]:
    counts = [report.cases, report.help.cases, report.help.helped, report.help.waiting, report.time.payments]
    for found in (report.hands, report.outcomes):
        counts += [found.total, *(cell.count for cell in found.cells)]
    counts += [each.residents for each in (*report.senders, *report.kinds, *report.pairs)]
    return [count for count in counts if count is not None and 0 < count < 10]


@pytest.mark.parametrize("sizes", [{"melissa": 30, "joke": 4}, {"melissa": 14, "joke": 13}, {"melissa": 5}])
def test_no_small_group_in_any_figure_of_the_help(make_house: MakeHouse, sizes: dict[str, int]) -> None:
    desk = small_house(make_house, sizes)
    house = desk.at(MONDAY)
    for known in (None, *desk.teams.values()):
        report = report_help(house, NOVEMBER, known=known)
        assert small_counts(report) == [], known
        waits = report_response_times(house, NOVEMBER, known=known)
        for group in (*waits.threats, *waits.urgencies):
            for count in (group.figures.waits, group.figures.answered, group.figures.waiting, group.figures.broken):
                assert count is None or count == 0 or count >= 10
        causes = [cell.count for cell in waits.causes.cells]
        assert not any(count is not None and 0 < count < 10 for count in causes)
    # Four residents of the other team: whoever sees all cases of the first cannot find them by subtraction.
    if sizes.get("joke") == 4:
        report = report_help(house, NOVEMBER, known=desk.teams["Noord"])
        assert report.cases is None
        assert report.help.cases is None
        assert report.senders == report.pairs == ()


# --- what is remembered -----------------------------------------------------------------------------------------------


def test_what_is_remembered_is_what_is_true(any_desk: Desk) -> None:
    """After every change the remembered figures equal those read anew: answers, erasure, absence, other hours."""
    desk = any_desk
    melissa = desk.refs["melissa"]
    house = desk.at(MONDAY + 10 * HOUR)
    remembered = Histories(house)

    def same() -> None:
        for build in (
            lambda each: report_response_times(house, NOVEMBER, desk.teams["Noord"], histories=each),
            lambda each: report_help(house, NOVEMBER, histories=each),
        ):
            assert build(remembered) == build(Histories(house))

    one, two = desk.case(), desk.case("samir")
    same()
    reply_to_case(desk.at(MONDAY + HOUR), one, melissa, "Dag.", "a")
    same()
    assert report_response_times(house, NOVEMBER, histories=remembered).total.answered == 1
    mark_helped(desk.at(MONDAY + 2 * HOUR), one, melissa, "other", "b")
    same()
    forget_resident(house, desk.row(two).resident_ref, "asked")
    same()
    with desk.house.work() as work:
        work.people.add_absence(melissa, MONDAY.date(), MONDAY.date())
    desk.case()
    same()
    with desk.house.work() as work:
        team = work.people.team(desk.teams["Noord"])
        assert team is not None
        team.calendar = {**team.calendar, "days_off": [MONDAY.date().isoformat()]}
    same()
    assert report_response_times(house, NOVEMBER, histories=remembered).total.median_working == 0


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_figures_per_person_are_for_herself_and_her_lead(desk: Desk, browse) -> None:
    case_ref = desk.case("samir")
    reply_to_case(desk.at(MONDAY + HOUR), case_ref, desk.refs["samir"], "Dag.", "a")
    found = personal_figures(desk.at(MONDAY + 2 * HOUR), NOVEMBER, [(desk.refs["samir"], "Samir")])
    assert [(group.name, group.figures.answered, group.figures.median_working) for group in found] == [
        ("Samir", 1, 3600.0)
    ]
    lead, himself, policy = (browse(name).get("/monitor?maand=2026-11").text for name in ("melissa", "samir", "daan"))
    assert "Uw medewerkers" in lead
    assert "Samir Voorbeeld" in lead
    assert "Uw eigen cijfers" in himself
    assert "Melissa Voorbeeld" not in himself.split("Uw eigen cijfers")[1]
    assert "Samir" not in policy
    assert "Uw eigen cijfers" not in policy
    for name in ("melissa", "daan"):
        browser = browse(name)
        for path in ("/monitor.json", "/monitor.csv"):
            text = browser.get(f"{path}?maand=2026-11").text
            assert "Samir" not in text
            assert desk.refs["samir"] not in text


STORY = "Het formulier moet met DigiD, en haar telefoon is afgesloten."


def test_policy_answers_a_signal_and_sees_no_case(desk: Desk, browse) -> None:
    case_ref = desk.case()
    given = give_signal(desk.house, case_ref, desk.refs["melissa"], STORY, "Alleen met DigiD", "a")
    assert given.ref is not None
    policy, lead, other = browse("daan"), browse("melissa"), browse("joke")
    page = policy.get("/monitor/signalen").text
    assert STORY in page
    assert case_ref not in page
    for path in ("/inbox", f"/inbox/zaak/{case_ref}", f"/inbox/zaak/{case_ref}/dossier.json"):
        assert policy.get(path).status_code == 404
    address = f"/monitor/signalen/{given.ref}/antwoord"
    assert STORY not in other.get("/monitor/signalen").text, "a team reads its own signals"
    assert "Antwoord op dit signaal" not in lead.get("/monitor/signalen").text
    assert lead.post(address, antwoord="Ik zelf.").status_code == 403
    assert policy.post(address, antwoord=" ").status_code == 400
    assert policy.client.post(address, data={"antwoord": "Zonder teken."}).status_code == 403
    assert policy.post(address, antwoord="Het mag voortaan ook op papier.").status_code == 303
    answered = lead.get("/monitor/signalen").text
    assert "Het mag voortaan ook op papier." in answered
    assert "Antwoord van Daan Voorbeeld" in answered
    with desk.house.look() as work:
        row = work.session.get(Signal, given.ref)
        assert row is not None
        assert row.replied_at is not None
    file = policy.get("/monitor/signalen/dossier.txt")
    assert "attachment" in file.headers["content-disposition"]
    for words in (STORY, "Alleen met DigiD", "Het mag voortaan ook op papier."):
        assert words in file.text
        assert words in policy.get("/monitor/signalen/dossier").text


# --- languages, themes, definitions -----------------------------------------------------------------------------------


def test_each_language_says_everything() -> None:
    dutch = tongue_of("nl")
    fields = re.compile(r"{([a-z_]+)}")
    for code in LANGUAGES:
        other = tongue_of(code)
        assert set(other.texts) == set(dutch.texts)
        assert set(other.definitions) == set(dutch.definitions)
        for key, text in dutch.texts.items():
            assert set(fields.findall(other.texts[key])) == set(fields.findall(text)), key
    assert tongue_of("xx") is dutch


def test_the_language_stays_chosen(desk: Desk, browse) -> None:
    browser = browse("melissa")
    assert '<html lang="nl"' in browser.get("/monitor").text
    assert browser.post("/inbox/taal", taal="en").headers["location"] == "/inbox"
    for path, words in (("/monitor", "How long do residents wait"), ("/monitor/betekenis", "There is no pause")):
        page = browser.get(path).text
        assert '<html lang="en"' in page
        assert words in page
    browser.post("/inbox/taal", taal="../../etc")
    assert "Hoe lang wachten inwoners" in browser.get("/monitor").text


def test_definitions_are_published_beside_the_figures(desk: Desk, browse) -> None:
    browser = browse("daan")
    exported = json.loads(browser.get("/monitor.json").text)["definitions"]
    assert json.loads(browser.get("/monitor/betekenis.json").text) == exported
    page = browser.get("/monitor/betekenis").text
    help_page = browser.get("/monitor/hulp").text
    for key, each in exported.items():
        assert each["text"] in page, key
    for key in ("first_help", "hands", "time", "cost", "letters"):
        assert exported[key]["text"] in help_page


def test_a_second_theme_is_a_setting(make_house: MakeHouse) -> None:
    from inbox.pages import Pages

    house = make_house(THEME="waterkant")
    page = Pages(house).draw("problem.html", None, told="x", mark="", back="")
    assert 'class="utrecht-root voorbeeld-theme waterkant-theme"' in bytes(page.body).decode()


# --- the demonstration ------------------------------------------------------------------------------------------------


def shown(house: House) -> tuple[object, ...]:
    month = Month(2026, 10)
    waits, found = report_response_times(house, month), report_help(house, month)
    threats = [group.figures for group in waits.threats]
    return waits.total, threats, waits.causes, found.help, found.hands, found.time, found.senders, found.quotes


def test_the_demonstration_is_the_same_every_time(demo_house: House) -> None:
    house = demo_house
    first = shown(house)
    make_demonstration_team(house)
    make_demonstration_month(house)
    assert shown(house) == first, "a second time changes nothing"
    report = report_help(house, NOVEMBER)
    assert report.quotes
    assert len(report.senders) >= 8
    assert report.time.share_helping is not None
    causes = report_response_times(house, Month(2026, 10)).causes
    assert causes.total is not None
    assert causes.total > 0
    with house.look() as work:
        signals = list(work.session.query(Signal))
        assert 3 <= sum(1 for each in signals if each.replied_at is not None) < len(signals)
        assert any(each.replied_at is None and each.due_at < house.clock.now() for each in signals)
        away = [person for person in work.people.professionals() if work.people.absences(person.ref)]
        assert len(away) >= 2
    assert report_response_times(house, NOVEMBER).total.broken
