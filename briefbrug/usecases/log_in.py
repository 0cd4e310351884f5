"""Log a professional in and out: one slow answer for everything that is wrong, and never a true user locked out."""

from __future__ import annotations

import hmac
import logging
import threading
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.tables import LoginAttempt, Professional
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.work_on_case import reroute

log = logging.getLogger("briefbrug.log_in")

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Argon2id with the smallest cost that OWASP accepts (19 MiB): a small machine answers others meanwhile."""

HASHING = threading.BoundedSemaphore(4)
"""Passwords checked at once: a flood of log-ins must not take the memory that reading needs."""

SHORTEST_PASSWORD, ADVISED_PASSWORD, LONGEST_PASSWORD = 8, 15, 256
TOTP_SECONDS = 30
REMEMBERED = timedelta(minutes=15)
LONGEST_WAIT_SECONDS = 60
ADDRESS_FACTOR = 3
"""An office shares one address, so an address may fail this many times as often as one account."""

BREACHED = frozenset(
    """
    12345678 123456789 1234567890 12345678910 password password1 password123 passw0rd wachtwoord wachtwoord1
    wachtwoord123 welkom01 welkom123 welkom1234 welkom12345 welkom2024 welkom2025 welkom2026 geheim123 geheim1234
    qwertyui qwertyuiop qwerty123 qwerty12345 azertyuiop azerty123 1q2w3e4r 1q2w3e4r5t zaq12wsx 11111111 00000000
    88888888 87654321 abcd1234 abc12345 a1b2c3d4 iloveyou ikhouvanjou sunshine princess football voetbal1 voetbal123
    feyenoord feyenoord1 ajax1234 ajaxajax amsterdam amsterdam1 rotterdam rotterdam1 utrecht1 nederland nederland1
    gemeente gemeente1 gemeente123 zomer2024 zomer2025 zomer2026 winter2024 winter2025 winter2026 lente2026 herfst2026
    januari1 maandag1 vrijdag1 letmein1 trustno1 superman batman123 starwars computer computer1 changeme changeme1
    admin123 admin1234 administrator briefbrug briefbrug1 hallo123 hallo1234 snoopy12 bloemetje sterrenstof
    """.split()
)
"""Passwords that every guesser tries first, compared without case."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A fresh session: `secret` goes into the cookie, `csrf` into the forms, `device` remembers this browser."""

    secret: str
    csrf: str
    professional_ref: str
    device: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not let in; `wait_seconds` above 0 means that nothing was checked and when to try again."""

    wait_seconds: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """A professional who is logged in."""

    secret: str
    csrf: str
    professional_ref: str
    team_ref: str
    name: str
    role: str
    roles: frozenset[str]

    @property
    def sees_cases(self) -> bool:
        """Whether this role may see cases at all; policy makers see figures only."""
        return bool(self.roles & {"professional", "lead"})

    @property
    def is_lead(self) -> bool:
        """Whether she leads her team."""
        return "lead" in self.roles


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Return the hash that is checked for an account that does not exist, so that the answer takes as long."""
    return HASHER.hash("nobody has this password")


def _normal(password: str) -> str:
    """Return a password as it is compared: the same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the hash of a new password.

    Raises:
        BriefbrugError: NOT_ALLOWED, when it is too short, too long, or among those that everybody guesses.
    """
    plain = _normal(password)
    if not SHORTEST_PASSWORD <= len(plain) <= LONGEST_PASSWORD:
        raise BriefbrugError(
            Reason.NOT_ALLOWED,
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} signs; {ADVISED_PASSWORD} or more is advised",
        )
    if plain.casefold() in BREACHED or len(set(plain)) < 3:
        raise BriefbrugError(Reason.NOT_ALLOWED, "this password is on the list that every guesser tries")
    return HASHER.hash(plain)


def _matches(password_hash: str, password: str) -> bool:
    with HASHING:
        try:
            return HASHER.verify(password_hash, _normal(password)[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False


def log_in(
    house: House, email: str, password: str, code: str, address: str, *, device: str = "", old_secret: str = ""
) -> LoggedIn | Refused:
    """Open a new session, or refuse without saying what was wrong.

    Args:
        house: the house.
        email: as typed.
        password: as typed.
        code: the second factor as typed; needed by everybody but a demonstration account in a demonstration.
        address: where the request came from, for the throttle.
        device: what an earlier log-in gave this browser. A known browser has a throttle of its own, so that somebody
            who guesses from elsewhere never keeps the true user out.
        old_secret: the session this browser had; it ends.
    """
    account = email.strip().lower()[:200]
    with house.look() as work:
        known = _device_knows(work, device, account)
        buckets = _buckets(house, account, address, device if known else "")
        wait = max(_wait(work, who, free) for who, free in buckets)
        person = work.people.by_email(account)
    if wait > 0:
        log.warning("login_throttled wait_s=%d", wait)
        return Refused(wait)
    right = _matches(person.password_hash if person else _nobody(), password)
    with house.work() as work:
        person = work.people.by_email(account)
        step = None
        if right and person is not None and person.active and _may_come_in(house, person):
            step = _second_factor(house, work, person, code)
        if not right or person is None or step is None:
            for who, _ in buckets:
                work.people.add_failed_login(who)
            log.warning("login_refused professional_ref=%s", person.ref if person else "unknown")
            return Refused(0)
        person.totp_last = max(person.totp_last, step)
        for who, _ in buckets[:1]:
            work.people.forget_failed_logins(who)
        if HASHER.check_needs_rehash(person.password_hash):
            person.password_hash = HASHER.hash(_normal(password))
        if old_secret:
            work.people.close_session(old_secret)
        secret, row = work.people.open_session(person)
        log.info("login_done professional_ref=%s", person.ref)
        return LoggedIn(secret, row.csrf, person.ref, _device_for(work, account))


def _may_come_in(house: House, person: Professional) -> bool:
    """Return whether the account may be used here: demonstration accounts only in a demonstration."""
    return house.settings.demo or not person.demo


def _second_factor(house: House, work: Work, person: Professional, code: str) -> int | None:
    """Return the time step of a right, unused code; 0 where none is needed; None when it is wrong or missing."""
    if person.totp_sealed is None:
        return 0 if house.settings.demo and person.demo else None
    step = int(house.clock.real_now().timestamp()) // TOTP_SECONDS
    expected = pyotp.TOTP(work.vault.open(person.totp_sealed, "totp")).generate_otp(step)
    given = "".join(sign for sign in code if sign.isdigit())
    if step <= person.totp_last or not hmac.compare_digest(expected, given):
        return None
    return step


def _buckets(house: House, account: str, address: str, device: str) -> list[tuple[str, int]]:
    """Return what is counted, and how many failures of each are free; the first is forgotten after a good log-in."""
    free = house.settings.logins_per_minute
    if device:
        return [(f"device:{device}", free)]
    return [(f"account:{account}", free), (f"address:{address}", free * ADDRESS_FACTOR)]


def _wait(work: Work, who: str, free: int) -> int:
    """Return the seconds until the next try: doubling with each failure past the free ones, at most a minute."""
    now = work.clock.real_now()
    failures = work.people.failed_logins(who, now - REMEMBERED)
    if failures < free:
        return 0
    last = _last_failure(work, who)
    delay = min(LONGEST_WAIT_SECONDS, 2 ** min(failures - free + 1, 10))
    return 0 if last is None else max(0, round(delay - (now - last).total_seconds() + 0.5))


def _last_failure(work: Work, who: str) -> datetime | None:
    return work.session.scalar(
        select(func.max(LoginAttempt.at)).where(LoginAttempt.who == work.vault.index(who, "login"))
    )


def _device_for(work: Work, account: str) -> str:
    """Return what lets a browser be known again for this account: the account's keyed fingerprint."""
    return work.vault.index(account, "device")


def _device_knows(work: Work, device: str, account: str) -> bool:
    return bool(device) and hmac.compare_digest(device.encode(), _device_for(work, account).encode())


def visitor_of(house: House, secret: str) -> Visitor | None:
    """Return who a session belongs to; None when it ended, was idle too long, or the account is disabled."""
    if not secret:
        return None
    with house.look() as work:
        found = work.people.session_of(secret)
        if found is None:
            return None
        row, person = found
        if not _may_come_in(house, person):
            return None
        return Visitor(secret, row.csrf, person.ref, person.team_ref, person.name, person.role, frozenset(person.roles))


def stay_logged_in(house: House, secret: str, every: timedelta = timedelta(seconds=30)) -> None:
    """Note that a professional is at work; written at most once per `every`."""
    with house.look() as work:
        found = work.people.session_of(secret)
        if found is None or work.clock.real_now() - found[0].seen_at < every:
            return
    with house.work() as work:
        found = work.people.session_of(secret)
        if found is not None:
            work.people.touch(found[0])


def log_out(house: House, secret: str) -> None:
    """End a session."""
    with house.work() as work:
        found = work.people.session_of(secret)
        work.people.close_session(secret)
    log.info("logout_done professional_ref=%s", found[1].ref if found else "unknown")


def disable_professional(house: House, professional_ref: str) -> None:
    """Take an account out of use, end all its sessions, and give her open cases to a colleague (S53).

    Raises:
        BriefbrugError: NOT_FOUND, when there is no such professional.
    """
    with house.work() as work:
        person = work.people.professional(professional_ref)
        if person is None:
            raise BriefbrugError(Reason.NOT_FOUND, professional_ref)
        person.active = False
        work.people.close_sessions(professional_ref)
        work.session.flush()
        reroute(house, work, person)
    log.info("professional_disabled professional_ref=%s", professional_ref)
