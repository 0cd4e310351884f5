"""Residents, their doors and their keys."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from briefbrug.clock import Clock
from briefbrug.store.tables import Door, Erasure, LinkCode, Resident
from briefbrug.vault import Vault, open_with, seal_with

LINK_MINUTES = 10
LINK_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LINK_LENGTH = 6
"""Six of 31 signs are 29 bits: more than the 20 that ASVS 6.5.4 asks."""


class Residents:
    """Finds and makes residents, and seals what belongs to them."""

    def __init__(self, session: Session, vault: Vault, clock: Clock) -> None:
        self._session = session
        self._vault = vault
        self._clock = clock
        self._keys: dict[str, bytes] = {}

    def get(self, ref: str, *, lock: bool = False) -> Resident | None:
        """Return the resident `ref`; with `lock`, nobody else changes the row until this transaction ends."""
        query = select(Resident).where(Resident.ref == ref)
        return self._session.scalar(query.with_for_update() if lock else query)

    def by_door(self, kind: str, address: str) -> Resident | None:
        """Return the resident behind a door's address, or None for a stranger."""
        index = self._vault.index(address, f"door-{kind}")
        return self._session.scalar(
            select(Resident)
            .join(Door, Door.resident_ref == Resident.ref)
            .where(Door.kind == kind, Door.address_index == index)
        )

    def add(self, kind: str, address: str, language: str = "nl") -> Resident:
        """Make a resident for a new door."""
        now = self._clock.now()
        resident = Resident(
            ref=f"R-{secrets.token_hex(16)}",
            created_at=now,
            last_seen_at=now,
            wrapped_key=self._vault.new_resident_key(),
            language=language,
        )
        self._session.add(resident)
        self._session.flush()
        self.add_door(resident, kind, address)
        return resident

    def add_door(self, resident: Resident, kind: str, address: str) -> Door:
        """Add a door to a resident."""
        now = self._clock.now()
        door = Door(
            resident_ref=resident.ref,
            kind=kind,
            address_index=self._vault.index(address, f"door-{kind}"),
            address_sealed=self._vault.seal(address, f"door-{kind}"),
            created_at=now,
            last_seen_at=now,
        )
        self._session.add(door)
        self._session.flush()
        return door

    def doors(self, resident: Resident) -> list[Door]:
        """Return the doors of a resident, the one used last first."""
        return list(
            self._session.scalars(
                select(Door).where(Door.resident_ref == resident.ref).order_by(Door.last_seen_at.desc(), Door.id)
            )
        )

    def address(self, door: Door) -> str:
        """Return the address behind a door (a chat id, a page's secret)."""
        return self._vault.open(door.address_sealed, f"door-{door.kind}")

    def seen(self, resident: Resident, kind: str) -> None:
        """Note that the resident used the door `kind` just now."""
        now = self._clock.now()
        resident.last_seen_at = now
        for door in self.doors(resident):
            if door.kind == kind:
                door.last_seen_at = now
                door.gone = False

    def key(self, resident: Resident) -> bytes:
        """Return the resident's own key."""
        if resident.ref not in self._keys:
            self._keys[resident.ref] = self._vault.unwrap(resident.wrapped_key)
        return self._keys[resident.ref]

    def seal(self, resident: Resident, text: str, purpose: str) -> bytes:
        """Seal a text with the resident's key."""
        return seal_with(self.key(resident), text.encode(), purpose)

    def open(self, resident: Resident, sealed: bytes, purpose: str) -> str:
        """Return the text that `seal` sealed."""
        return open_with(self.key(resident), sealed, purpose).decode()

    def new_link_code(self, resident: Resident, purpose: str = "link") -> str:
        """Return a short code that joins another door to this resident, valid ten minutes, once for that purpose."""
        code = "".join(secrets.choice(LINK_ALPHABET) for _ in range(LINK_LENGTH))
        self._session.execute(delete(LinkCode).where(LinkCode.resident_ref == resident.ref))
        until = self._clock.now() + timedelta(minutes=LINK_MINUTES)
        self._session.add(LinkCode(code_index=self._vault.index(code, purpose), resident_ref=resident.ref, until=until))
        return code

    def use_link_code(self, code: str, purpose: str = "link") -> Resident | None:
        """Return whom a code belongs to and use it up; None when it is unknown, too old or of another purpose."""
        row = self._session.get(LinkCode, self._vault.index(code.strip().upper(), purpose))
        if row is None:
            return None
        self._session.delete(row)
        return self.get(row.resident_ref) if row.until > self._clock.now() else None

    def move_door(self, kind: str, address: str, resident: Resident) -> None:
        """Point an existing or new door at `resident`."""
        index = self._vault.index(address, f"door-{kind}")
        door = self._session.scalar(select(Door).where(Door.kind == kind, Door.address_index == index))
        if door is None:
            self.add_door(resident, kind, address)
        else:
            door.resident_ref = resident.ref
            door.last_seen_at = self._clock.now()

    def close_door(self, kind: str, address: str) -> None:
        """Forget a door."""
        index = self._vault.index(address, f"door-{kind}")
        self._session.execute(delete(Door).where(Door.kind == kind, Door.address_index == index))

    def erase(self, resident: Resident, why: str) -> None:
        """Destroy the resident's key and rows; leave a receipt without personal data."""
        receipt = Erasure(
            ref_index=self._vault.index(resident.ref, "erasure"),
            at=self._clock.now(),
            why=why,
            pending_sealed=self._vault.seal(resident.ref, "erasure"),
        )
        self._session.add(receipt)
        resident.wrapped_key = b""
        self._session.flush()
        self._session.delete(resident)
        self._keys.pop(resident.ref, None)

    def erasures_pending(self) -> list[tuple[Erasure, str]]:
        """Return receipts with the reference that the language model must still forget."""
        rows = self._session.scalars(select(Erasure).where(Erasure.pending_sealed.is_not(None)))
        return [(row, self._vault.open(row.pending_sealed or b"", "erasure")) for row in rows]

    def erasure_done(self, row_id: int) -> None:
        """Note that the language model has forgotten as well."""
        row = self._session.get(Erasure, row_id)
        if row is not None:
            row.pending_sealed = None

    def idle_since(self, moment: object) -> list[Resident]:
        """Return residents not seen since `moment`."""
        return list(self._session.scalars(select(Resident).where(Resident.last_seen_at < moment)))
