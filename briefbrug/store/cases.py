"""Cases and what happened to them; the access log of who looked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from briefbrug.case import OPEN, Actor, CaseEvent, CaseStatus, EventKind, next_status
from briefbrug.clock import Clock
from briefbrug.store.residents import Residents
from briefbrug.store.tables import CaseEventRow, CaseRow, Looked, Photo, Resident


class Cases:
    """Keeps cases; every change is an appended event."""

    def __init__(self, session: Session, residents: Residents, clock: Clock) -> None:
        self._session = session
        self._residents = residents
        self._clock = clock

    def open_for(self, resident: Resident) -> CaseRow | None:
        """Return the resident's case that is not closed, or None."""
        return self._session.scalar(
            select(CaseRow)
            .where(CaseRow.resident_ref == resident.ref, CaseRow.status.in_([status.value for status in OPEN]))
            .order_by(CaseRow.sent_at.desc())
        )

    def last_for(self, resident: Resident) -> CaseRow | None:
        """Return the resident's newest case, open or closed."""
        return self._session.scalar(
            select(CaseRow).where(CaseRow.resident_ref == resident.ref).order_by(CaseRow.sent_at.desc())
        )

    def all_for(self, resident: Resident) -> list[CaseRow]:
        """Return all cases of a resident, oldest first."""
        query = select(CaseRow).where(CaseRow.resident_ref == resident.ref).order_by(CaseRow.sent_at, CaseRow.ref)
        return list(self._session.scalars(query))

    def get(self, ref: str, *, lock: bool = False) -> CaseRow | None:
        """Return a case."""
        query = select(CaseRow).where(CaseRow.ref == ref)
        return self._session.scalar(query.with_for_update() if lock else query)

    def add(
        self,
        resident: Resident,
        *,
        team_ref: str,
        professional_ref: str,
        urgency: int,
        promised_at: datetime,
        preview: str | None,
        crisis: str | None = None,
        threat: str | None = None,
        codes: Sequence[tuple[str, str]] = (),
    ) -> CaseRow:
        """Open a case; its first event is `sent`, which starts the clock.

        The event keeps what the figures need when the resident is forgotten: urgency, promise, threat, the `codes`
        of sender and kind of her letters, and when her first photo came (the second clock, beside the first).
        """
        photo_at = self._first_photo_at(resident)
        case = CaseRow(
            ref=f"C-{secrets.token_hex(16)}",
            resident_ref=resident.ref,
            team_ref=team_ref,
            professional_ref=professional_ref,
            status=CaseStatus.WAITING.value,
            urgency=urgency,
            crisis=crisis,
            threat=threat,
            sent_at=self._clock.now(),
            promised_at=promised_at,
            preview_sealed=self._residents.seal(resident, preview, "preview") if preview else None,
        )
        self._session.add(case)
        self._session.flush()
        detail: dict[str, Any] = {
            "urgency": urgency,
            "promised_at": promised_at.isoformat(),
            "professional": professional_ref,
            "threat": threat,
            "codes": [list(pair) for pair in codes],
        }
        if photo_at is not None:
            detail["first_photo_at"] = photo_at.isoformat()
        # One moment, so that the figure of the events and the column of the worklist never differ.
        case.sent_at = self.record(case, EventKind.SENT, Actor.RESIDENT, resident.ref, detail).at
        return case

    def _first_photo_at(self, resident: Resident) -> datetime | None:
        """Return when the first photo came that no earlier case was about; None without one."""
        query = select(func.min(Photo.received_at)).where(Photo.resident_ref == resident.ref)
        before = self.last_for(resident)
        if before is not None:
            query = query.where(Photo.received_at > before.sent_at)
        found = self._session.scalar(query)
        return None if found is None or found > self._clock.now() else found

    def record(
        self,
        case: CaseRow,
        kind: EventKind,
        actor: Actor,
        actor_ref: str | None = None,
        detail: dict[str, Any] | None = None,
        body: str | None = None,
    ) -> CaseEventRow:
        """Append an event and move the case's status as the table of case.py allows.

        Raises:
            BriefbrugError: WRONG_STATE, when this event cannot happen to a case in its status.
        """
        case.status = next_status(CaseStatus(case.status), kind).value
        now = self._clock.now()
        resident = self._residents.get(case.resident_ref)
        row = CaseEventRow(
            case_ref=case.ref,
            resident_ref=case.resident_ref,
            team_ref=case.team_ref,
            at=now,
            kind=kind.value,
            actor_kind=actor.value,
            actor_ref=actor_ref,
            detail=detail or {},
            body_sealed=self._residents.seal(resident, body, "case-event") if body is not None and resident else None,
        )
        self._session.add(row)
        if kind is EventKind.HUMAN_ANSWERED and case.first_human_at is None:
            case.first_human_at = now
        if kind is EventKind.CLOSED:
            case.closed_at = now
            case.gist_on = None
        if kind is EventKind.PROMISE_BROKEN:
            case.broken_at = now
        self._session.flush()
        return row

    def events(self, case_ref: str) -> list[CaseEventRow]:
        """Return a case's events, oldest first."""
        return list(
            self._session.scalars(
                select(CaseEventRow).where(CaseEventRow.case_ref == case_ref).order_by(CaseEventRow.id)
            )
        )

    def event_body(self, resident: Resident, row: CaseEventRow) -> str | None:
        """Return the sealed words of an event."""
        return None if row.body_sealed is None else self._residents.open(resident, row.body_sealed, "case-event")

    def preview(self, resident: Resident, case: CaseRow) -> str | None:
        """Return what the resident approved to be sent, as JSON."""
        return None if case.preview_sealed is None else self._residents.open(resident, case.preview_sealed, "preview")

    def worklist(self, team_refs: Sequence[str], *, closed: bool = False, limit: int = 500) -> list[CaseRow]:
        """Return a team's cases: crisis first, then waiting for a human, then urgency, then the promise."""
        statuses = [CaseStatus.CLOSED.value] if closed else [status.value for status in OPEN]
        query = (
            select(CaseRow)
            .where(CaseRow.team_ref.in_(team_refs), CaseRow.status.in_(statuses))
            .order_by(CaseRow.crisis.is_(None), CaseRow.urgency, CaseRow.promised_at, CaseRow.ref)
            .limit(limit)
        )
        return list(self._session.scalars(query))

    def load_of(self, professional_ref: str) -> int:
        """Return how many open cases a professional has."""
        query = select(CaseRow.ref).where(
            CaseRow.professional_ref == professional_ref, CaseRow.status.in_([status.value for status in OPEN])
        )
        return len(list(self._session.scalars(query)))

    def promises_due(self, now: datetime) -> list[CaseRow]:
        """Return cases whose promise has passed without a human answer and without having been told so."""
        return list(
            self._session.scalars(
                select(CaseRow).where(
                    CaseRow.status == CaseStatus.WAITING.value,
                    CaseRow.first_human_at.is_(None),
                    CaseRow.broken_at.is_(None),
                    CaseRow.promised_at < now,
                )
            )
        )

    def all_events(self, since: datetime | None = None) -> list[tuple[str, str, CaseEvent]]:
        """Return (case ref, team ref, event) of all cases, for the monitor."""
        query = select(CaseEventRow).order_by(CaseEventRow.case_ref, CaseEventRow.id)
        if since is not None:
            query = query.where(CaseEventRow.at >= since)
        return [(row.case_ref, row.team_ref, event_of(row)) for row in self._session.scalars(query)]

    def looked(self, professional_ref: str, case: CaseRow, what: str, object_ref: str | None = None) -> None:
        """Note who looked at what (F77)."""
        self._session.add(
            Looked(
                at=self._clock.now(),
                professional_ref=professional_ref,
                resident_ref=case.resident_ref,
                case_ref=case.ref,
                what=what,
                object_ref=object_ref,
            )
        )

    def looks(self, resident: Resident) -> list[Looked]:
        """Return who looked at this resident's papers, newest first."""
        return list(
            self._session.scalars(select(Looked).where(Looked.resident_ref == resident.ref).order_by(Looked.at.desc()))
        )


def event_of(row: CaseEventRow) -> CaseEvent:
    """Return the pure event behind a row."""
    return CaseEvent(EventKind(row.kind), row.at, Actor(row.actor_kind), row.actor_ref, dict(row.detail))
