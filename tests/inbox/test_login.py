"""Logging in: slow for guessers, never closed for the true user, a second factor that works once, sessions that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher

from briefbrug.clock import Clock
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.tables import StaffSession
from briefbrug.usecases import log_in as module
from briefbrug.usecases.log_in import (
    LONGEST_WAIT_SECONDS,
    LoggedIn,
    Refused,
    hash_password,
    log_in,
    log_out,
    stay_logged_in,
    visitor_of,
)  # fmt: skip
from briefbrug.usecases.manage_team import set_password, set_totp
from tests.conftest import MakeHouse
from tests.inbox.conftest import PASSWORD, Desk, fill, serving


class RealClock(Clock):
    """A clock whose true time can be moved, for sessions and throttles."""

    moment = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def real_now(self) -> datetime:  # type: ignore[override]
        return self.moment


@pytest.fixture
def timed(desk: Desk) -> Desk:
    clock = RealClock()
    return Desk(replace(desk.house, clock=clock), desk.refs, desk.teams)


def later(house: House, **more: float) -> None:
    assert isinstance(house.clock, RealClock)
    house.clock.moment += timedelta(**more)


def enter(
    house: House,
    password: str = PASSWORD,
    *,
    email: str = "melissa@example.org",
    address: str = "10.0.0.1",
    **more: str,
):
    return log_in(house, email, password, more.pop("code", ""), address, **more)


def test_the_right_password_opens_a_new_session_and_ends_the_old_one(any_desk: Desk) -> None:
    house = any_desk.house
    one = enter(house)
    assert isinstance(one, LoggedIn)
    two = enter(house, email="  MELISSA@example.org ", old_secret=one.secret)
    assert isinstance(two, LoggedIn)
    assert two.secret != one.secret
    assert two.csrf != one.csrf
    assert visitor_of(house, one.secret) is None
    visitor = visitor_of(house, two.secret)
    assert visitor is not None
    assert visitor.professional_ref == any_desk.refs["melissa"]
    log_out(house, two.secret)
    assert visitor_of(house, two.secret) is None


def test_wrong_unknown_and_disabled_look_alike_and_cost_one_check(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    true = module._matches
    monkeypatch.setattr(module, "_matches", lambda hashed, password: checked.append(hashed) or true(hashed, password))
    with desk.house.work() as work:
        person = work.people.by_email("samir@example.org")
        assert person is not None
        person.active = False
    answers = [
        enter(desk.house, "fout", email="melissa@example.org"),
        enter(desk.house, "fout", email="niemand@example.org"),
        enter(desk.house, PASSWORD, email="samir@example.org"),
    ]
    assert answers == [Refused(0)] * 3
    assert len(checked) == 3
    assert all(hashed.startswith("$argon2id$") for hashed in checked)


def test_a_guess_at_a_stolen_hash_costs_what_owasp_asks(true_hasher: PasswordHasher) -> None:
    """The other tests use a hasher with little work; this is the one of the house."""
    assert true_hasher.hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hundred_guesses_are_slowed_and_the_true_user_gets_in(timed: Desk) -> None:
    house = timed.house
    waits = []
    for _ in range(100):
        answer = enter(house, "fout", address="10.9.9.9")
        assert isinstance(answer, Refused)
        waits.append(answer.wait_seconds)
    assert waits[: house.settings.logins_per_minute] == [0] * house.settings.logins_per_minute
    assert all(wait > 0 for wait in waits[house.settings.logins_per_minute + 1 :])
    # While it waits nothing is checked: the right password gets the same answer.
    refused = enter(house, address="10.9.9.9")
    assert isinstance(refused, Refused)
    assert 0 < refused.wait_seconds <= LONGEST_WAIT_SECONDS
    later(house, seconds=refused.wait_seconds)
    assert isinstance(enter(house, address="10.0.0.1"), LoggedIn)


def test_the_delay_grows_to_a_minute_and_no_further(timed: Desk) -> None:
    house = timed.house
    seen = []
    for _ in range(40):
        answer = enter(house, "fout")
        assert isinstance(answer, Refused)
        seen.append(answer.wait_seconds)
        later(house, seconds=answer.wait_seconds)
    grown = [wait for wait in seen if wait]
    assert grown == sorted(grown)
    assert grown[-1] == LONGEST_WAIT_SECONDS


def test_a_known_browser_is_not_kept_out_by_somebody_elsewhere(timed: Desk) -> None:
    house = timed.house
    first = enter(house)
    assert isinstance(first, LoggedIn)
    for _ in range(60):
        enter(house, "fout", address="203.0.113.5")
    assert isinstance(enter(house), Refused)
    assert isinstance(enter(house, device=first.device), LoggedIn)
    # What one account gave opens nothing for another.
    assert isinstance(enter(house, "fout", email="samir@example.org", device=first.device), Refused)


def test_many_accounts_from_one_address_are_slowed_too(timed: Desk) -> None:
    house = timed.house
    answers = [enter(house, "fout", email=f"x{number}@example.org", address="203.0.113.7") for number in range(60)]
    assert any(isinstance(answer, Refused) and answer.wait_seconds > 0 for answer in answers)
    assert isinstance(enter(house, address="10.0.0.1"), LoggedIn)


def test_a_code_works_once_and_only_in_its_half_minute(timed: Desk) -> None:
    house = timed.house
    uri = set_totp(house, "melissa@example.org")
    totp = pyotp.parse_uri(uri)
    assert isinstance(totp, pyotp.TOTP)
    now = house.clock.real_now()
    assert enter(house) == Refused(0)
    assert enter(house, code="000000") == Refused(0)
    code = totp.at(now)
    assert isinstance(enter(house, code=f"{code[:3]} {code[3:]}"), LoggedIn)
    assert enter(house, code=code) == Refused(0)
    later(house, seconds=31)
    assert enter(house, code=code) == Refused(0)
    assert isinstance(enter(house, code=totp.at(house.clock.real_now())), LoggedIn)


def test_outside_a_demonstration_everybody_needs_a_code_and_demonstration_accounts_stay_out(
    make_house: MakeHouse,
) -> None:
    desk = fill(make_house(DEMO="0"))
    assert enter(desk.house) == Refused(0)
    uri = set_totp(desk.house, "melissa@example.org")
    totp = pyotp.parse_uri(uri)
    assert isinstance(totp, pyotp.TOTP)
    assert enter(desk.house, code=totp.at(desk.house.clock.real_now())) == Refused(0)
    with desk.house.work() as work:
        person = work.people.by_email("melissa@example.org")
        assert person is not None
        person.demo = False
        real = work.people.by_email("samir@example.org")
        assert real is not None
        real.demo = False
    assert isinstance(enter(desk.house, code=totp.at(desk.house.clock.real_now())), LoggedIn)
    assert enter(desk.house, email="samir@example.org") == Refused(0)


@pytest.mark.parametrize(
    ("silence", "age", "alive"),
    [
        pytest.param({"minutes": 14}, {}, True, id="a quarter of an hour is not over"),
        pytest.param({"minutes": 16}, {}, False, id="idle too long"),
        pytest.param({}, {"hours": 13}, False, id="half a day is the end, however busy"),
    ],
)
def test_sessions_end(timed: Desk, silence: dict[str, float], age: dict[str, float], alive: bool) -> None:
    house = timed.house
    inside = enter(house)
    assert isinstance(inside, LoggedIn)
    if age:
        for _ in range(6 * 13):
            later(house, minutes=10)
            stay_logged_in(house, inside.secret)
    else:
        later(house, **silence)
    assert (visitor_of(house, inside.secret) is not None) is alive


def test_a_session_is_written_at_most_every_half_minute(timed: Desk) -> None:
    house = timed.house
    inside = enter(house)
    assert isinstance(inside, LoggedIn)

    def seen() -> datetime:
        with house.look() as work:
            return work.session.query(StaffSession).one().seen_at

    before = seen()
    later(house, seconds=20)
    stay_logged_in(house, inside.secret)
    assert seen() == before
    later(house, seconds=20)
    stay_logged_in(house, inside.secret)
    assert seen() > before


def test_a_new_password_ends_her_sessions(desk: Desk) -> None:
    inside = enter(desk.house)
    assert isinstance(inside, LoggedIn)
    fresh = set_password(desk.house, "melissa@example.org")
    assert visitor_of(desk.house, inside.secret) is None
    assert enter(desk.house) == Refused(0)
    assert isinstance(enter(desk.house, fresh), LoggedIn)


@pytest.mark.parametrize(
    "weak", ["kort", "1234567", "wachtwoord", "Welkom2026", "aaaaaaaaaaaa", "QWERTY123", "x" * 257]
)
def test_weak_passwords_are_refused(weak: str) -> None:
    with pytest.raises(BriefbrugError) as refused:
        hash_password(weak)
    assert refused.value.reason is Reason.NOT_ALLOWED
    assert weak not in str(refused.value)


@pytest.mark.parametrize("good", ["acht-tek", "een zin met spaties en ünïcode", "p" * 32 + "q" * 32 + "r" * 64])
def test_long_and_odd_passwords_are_allowed(desk: Desk, good: str) -> None:
    set_password(desk.house, "melissa@example.org", good)
    assert isinstance(enter(desk.house, good), LoggedIn)


def test_cookies_are_bound(make_house: MakeHouse) -> None:
    desk = fill(make_house(PUBLIC_URL="https://brief.example"))
    with serving(desk.house) as address, httpx.Client(base_url=address) as client:
        page = client.get("/inbox/inloggen")
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-bb-form=")
        token = cookie.partition("=")[2].partition(";")[0]
        fields = {"csrf": token, "email": "melissa@example.org", "wachtwoord": PASSWORD}
        answer = client.post("/inbox/inloggen", data=fields, headers={"cookie": f"__Host-bb-form={token}"})
        assert answer.status_code == 303
        staff = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("__Host-bb-staff="))
        for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
            assert part in staff
        assert "Domain" not in staff


def test_the_log_in_form_needs_its_token(browse) -> None:
    browser = browse()
    fields = {"email": "melissa@example.org", "wachtwoord": PASSWORD}
    assert browser.client.post("/inbox/inloggen", data=fields).status_code == 403
    browser.get("/inbox/inloggen")
    assert browser.client.post("/inbox/inloggen", data={**fields, "csrf": "x"}).status_code == 403
    assert browser.log_in("melissa", "fout").status_code == 401
    assert browser.log_in("melissa").status_code == 303


def test_the_page_says_when_to_try_again(browse) -> None:
    browser = browse()
    answers = [browser.log_in("melissa", "fout") for _ in range(14)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "opnieuw" in answers[-1].text


def test_log_out_and_a_new_log_in_end_the_old_session(browse, desk: Desk) -> None:
    browser = browse("melissa")
    old = dict(browser.client.cookies)["bb-staff"]
    browser.log_in("melissa")
    assert dict(browser.client.cookies)["bb-staff"] != old
    assert visitor_of(desk.house, old) is None
    now = dict(browser.client.cookies)["bb-staff"]
    assert browser.post("/inbox/uitloggen").status_code == 303
    assert visitor_of(desk.house, now) is None
