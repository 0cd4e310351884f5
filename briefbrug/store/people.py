"""Teams, professionals, their absences and their log-in sessions."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from briefbrug.clock import Clock
from briefbrug.store.tables import Absence, LoginAttempt, Professional, StaffSession, Team
from briefbrug.vault import Vault

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
"""ASVS 7.3.1 and 7.3.2: a session ends after a quarter of an hour of silence, and after half a day in any case."""


class People:
    """Finds professionals and keeps who is logged in."""

    def __init__(self, session: Session, vault: Vault, clock: Clock) -> None:
        self._session = session
        self._vault = vault
        self._clock = clock

    def add_team(self, name: str, calendar: dict[str, Any], organisation: str = "", phone: str = "") -> Team:
        """Add a team; `calendar` as `working_hours.hours_from` reads it."""
        team = Team(
            ref=f"T-{secrets.token_hex(8)}",
            name=name,
            calendar=calendar,
            organisation=organisation,
            phone=phone,
            neighbourhoods=[],
        )
        self._session.add(team)
        self._session.flush()
        return team

    def teams(self) -> list[Team]:
        """Return all teams by name."""
        return list(self._session.scalars(select(Team).order_by(Team.name)))

    def team(self, ref: str) -> Team | None:
        """Return a team."""
        return self._session.get(Team, ref)

    def add_professional(
        self, team: Team, *, email: str, name: str, role: str, password_hash: str, **more: Any
    ) -> Professional:
        """Add a professional to a team."""
        person = Professional(
            ref=f"H-{secrets.token_hex(8)}",
            team_ref=team.ref,
            email=email.strip().lower(),
            name=name,
            role=role,
            password_hash=password_hash,
            **{"roles": ["professional"], "languages": ["nl"], "expertise": [], "neighbourhoods": [], **more},
        )
        self._session.add(person)
        self._session.flush()
        return person

    def professional(self, ref: str) -> Professional | None:
        """Return a professional."""
        return self._session.get(Professional, ref)

    def by_email(self, email: str) -> Professional | None:
        """Return the professional with this e-mail address."""
        return self._session.scalar(select(Professional).where(Professional.email == email.strip().lower()))

    def professionals(self, team_ref: str | None = None, *, active_only: bool = True) -> list[Professional]:
        """Return professionals by name."""
        query = select(Professional).order_by(Professional.name)
        if team_ref is not None:
            query = query.where(Professional.team_ref == team_ref)
        if active_only:
            query = query.where(Professional.active.is_(True))
        return list(self._session.scalars(query))

    def absences(self, professional_ref: str) -> list[Absence]:
        """Return the absences of a professional."""
        return list(self._session.scalars(select(Absence).where(Absence.professional_ref == professional_ref)))

    def add_absence(self, professional_ref: str, from_on: date, until_on: date) -> None:
        """Note whole days away, both included."""
        self._session.add(Absence(professional_ref=professional_ref, from_on=from_on, until_on=until_on))

    # log-in sessions: real time, the shifted clock must not log anybody out or keep anybody in
    def open_session(self, person: Professional) -> tuple[str, StaffSession]:
        """Return a fresh secret for the cookie and its session."""
        secret = secrets.token_urlsafe(32)
        now = self._clock.real_now()
        row = StaffSession(
            secret_index=self._vault.index(secret, "staff-session"),
            professional_ref=person.ref,
            csrf=secrets.token_urlsafe(24),
            created_at=now,
            seen_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return secret, row

    def session_of(self, secret: str) -> tuple[StaffSession, Professional] | None:
        """Return a living session and its professional; None when unknown, idle, too old or disabled."""
        row = self._session.get(StaffSession, self._vault.index(secret, "staff-session"))
        if row is None:
            return None
        now = self._clock.real_now()
        person = self._session.get(Professional, row.professional_ref)
        if person is None or not person.active or now - row.seen_at > IDLE or now - row.created_at > ABSOLUTE:
            return None
        return row, person

    def touch(self, row: StaffSession) -> None:
        """Note that the session is used."""
        row.seen_at = self._clock.real_now()
        self._session.merge(row)

    def close_session(self, secret: str) -> None:
        """End one session."""
        self._session.execute(
            delete(StaffSession).where(StaffSession.secret_index == self._vault.index(secret, "staff-session"))
        )

    def close_sessions(self, professional_ref: str) -> None:
        """End all sessions of a professional (log-out everywhere, disabled, role changed)."""
        self._session.execute(delete(StaffSession).where(StaffSession.professional_ref == professional_ref))

    def failed_logins(self, who: str, since: datetime) -> int:
        """Return the failures of an account or an address since a moment."""
        query = (
            select(func.count())
            .select_from(LoginAttempt)
            .where(LoginAttempt.who == self._vault.index(who, "login"), LoginAttempt.at >= since)
        )
        return self._session.scalar(query) or 0

    def add_failed_login(self, who: str) -> None:
        """Note a failed log-in and forget those of more than a day ago."""
        now = self._clock.real_now()
        self._session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - timedelta(days=1)))
        self._session.add(LoginAttempt(who=self._vault.index(who, "login"), at=now))

    def forget_failed_logins(self, who: str) -> None:
        """Forget the failures of an account after a good log-in."""
        self._session.execute(delete(LoginAttempt).where(LoginAttempt.who == self._vault.index(who, "login")))
