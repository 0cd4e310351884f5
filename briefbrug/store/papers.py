"""Bags, photos and letters of a resident."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from briefbrug.clock import Clock
from briefbrug.letter import FACTS, READINGS, LetterFacts, PageReading
from briefbrug.store.residents import Residents
from briefbrug.store.tables import Attachment, Bag, CaseRow, Correction, Heartbeat, Letter, Photo, Resident

RECEIVED, STORED, READ, UNREADABLE, NEEDS_HUMAN, DROPPED = (
    "received",
    "stored",
    "read",
    "unreadable",
    "needs_human",
    "dropped",
)
TERMINAL = (READ, UNREADABLE, NEEDS_HUMAN, DROPPED)
SILENT_AFTER = timedelta(seconds=6)
"""Without a sign of life from any worker for so long, a resident is told that it takes longer."""

DEAD_AFTER = timedelta(seconds=20)
"""A worker without a sign of life for so long is dead; it gives one every three seconds."""

LONGEST_ATTEMPT = timedelta(minutes=10)
"""Longer than thirty pages at fifteen seconds: a living worker that still holds a photo after this has lost it."""

ACTIVE_LETTERS = ("understood", "explained", "handed_over")


class Papers:
    """Keeps what the resident sent and what was read from it."""

    def __init__(self, session: Session, residents: Residents, clock: Clock) -> None:
        self._session = session
        self._residents = residents
        self._clock = clock

    # bags
    def open_bag(self, resident: Resident) -> Bag:
        """Return the bag that is being filled; a new one when there is none."""
        bag = self.current_bag(resident)
        if bag is None:
            now = self._clock.now()
            bag = Bag(ref=f"B-{secrets.token_hex(16)}", resident_ref=resident.ref, opened_at=now, last_photo_at=now)
            self._session.add(bag)
            self._session.flush()
        return bag

    def current_bag(self, resident: Resident) -> Bag | None:
        """Return the bag that is being filled, or None."""
        return self._session.scalar(
            select(Bag).where(Bag.resident_ref == resident.ref, Bag.closed_at.is_(None)).order_by(Bag.opened_at.desc())
        )

    def latest_bag(self, resident: Resident) -> Bag | None:
        """Return the bag opened last, filled or explained."""
        return self._session.scalar(select(Bag).where(Bag.resident_ref == resident.ref).order_by(Bag.opened_at.desc()))

    def bag(self, ref: str, *, lock: bool = False) -> Bag | None:
        """Return a bag."""
        query = select(Bag).where(Bag.ref == ref)
        return self._session.scalar(query.with_for_update() if lock else query)

    def quiet_bags(self, before: datetime) -> list[Bag]:
        """Return open bags without a new photo since `before` that were not asked about yet."""
        return list(
            self._session.scalars(
                select(Bag).where(Bag.closed_at.is_(None), Bag.asked_at.is_(None), Bag.last_photo_at < before)
            )
        )

    def unexplained_bags(self) -> list[Bag]:
        """Return closed bags that still wait for their explanation."""
        return list(self._session.scalars(select(Bag).where(Bag.closed_at.is_not(None), Bag.explained_at.is_(None))))

    def open_bags(self) -> list[Bag]:
        """Return bags that were not closed yet."""
        return list(self._session.scalars(select(Bag).where(Bag.closed_at.is_(None))))

    # photos
    def photo_by_source(self, source_key: str) -> Photo | None:
        """Return the photo of this source (a Telegram file in a message, an upload's own number)."""
        return self._session.scalar(select(Photo).where(Photo.source_key == source_key))

    def add_photo(self, resident: Resident, bag: Bag, source_key: str, door: str, state: str) -> Photo:
        """Add a photo to a bag at the next position."""
        now = self._clock.now()
        position = self._session.scalar(select(func.count()).select_from(Photo).where(Photo.bag_ref == bag.ref)) or 0
        photo = Photo(
            ref=f"P-{secrets.token_hex(16)}",
            resident_ref=resident.ref,
            bag_ref=bag.ref,
            source_key=source_key,
            door=door,
            position=position,
            state=state,
            received_at=now,
            progress_at=self._clock.real_now(),
            page_files=[],
        )
        bag.last_photo_at = now
        self._session.add(photo)
        self._session.flush()
        return photo

    def photo(self, ref: str, *, lock: bool = False) -> Photo | None:
        """Return a photo."""
        query = select(Photo).where(Photo.ref == ref)
        return self._session.scalar(query.with_for_update() if lock else query)

    def photos(self, bag: Bag) -> list[Photo]:
        """Return the photos of a bag in the order they came."""
        return list(
            self._session.scalars(
                select(Photo).where(Photo.bag_ref == bag.ref).order_by(Photo.position, Photo.received_at)
            )
        )

    def photos_of(self, resident: Resident) -> list[Photo]:
        """Return all photos of a resident."""
        return list(
            self._session.scalars(select(Photo).where(Photo.resident_ref == resident.ref).order_by(Photo.received_at))
        )

    def claim(self, photo: Photo, worker: str) -> bool:
        """Take a photo for one attempt by `worker` ("executor#start"); False while a living worker has it."""
        now = self._clock.real_now()
        if photo.worker is not None and not self.is_abandoned(photo, worker, now):
            return False
        photo.worker = worker
        photo.progress_at = now
        return True

    def is_abandoned(self, photo: Photo, worker: str | None, now: datetime) -> bool:
        """Return whether the worker that claimed a photo is gone: an earlier start of `worker`'s own executor, one
        without a sign of life, or one that took longer than any reading may take.
        """
        if photo.worker is None or now - photo.progress_at > LONGEST_ATTEMPT:
            return True
        executor = photo.worker.partition("#")[0]
        if worker is not None and executor == worker.partition("#")[0]:
            return photo.worker != worker
        return not self.is_alive(executor)

    def is_alive(self, executor: str) -> bool:
        """Return whether a worker gave a sign of life a short while ago."""
        beat = self._session.get(Heartbeat, executor)
        return beat is not None and self._clock.real_now() - beat.at <= DEAD_AFTER

    def on_their_way(self, before: datetime) -> list[Photo]:
        """Return photos not settled whose last progress was before a (real) moment, oldest first."""
        query = (
            select(Photo)
            .where(Photo.state.in_((RECEIVED, STORED)), Photo.progress_at < before)
            .order_by(Photo.received_at)
        )
        return list(self._session.scalars(query))

    def count_by_state(self) -> dict[str, int]:
        """Return how many photos are in each state."""
        rows = self._session.execute(select(Photo.state, func.count()).group_by(Photo.state))
        return {str(state): int(count) for state, count in rows}

    def has_living_worker(self) -> bool:
        """Return whether any worker gave a sign of life lately."""
        since = self._clock.real_now() - SILENT_AFTER
        return self._session.scalar(select(Heartbeat.executor).where(Heartbeat.at > since)) is not None

    def beat(self, executor: str) -> None:
        """Note a sign of life of a worker."""
        now = self._clock.real_now()
        row = self._session.get(Heartbeat, executor)
        if row is None:
            self._session.add(Heartbeat(executor=executor, at=now))
        else:
            row.at = now

    def set_readings(self, resident: Resident, photo: Photo, readings: tuple[PageReading, ...]) -> None:
        """Keep what was read of a photo, sealed."""
        photo.readings_sealed = self._residents.seal(resident, READINGS.dump_json(readings).decode(), "readings")

    def readings(self, resident: Resident, photo: Photo) -> tuple[PageReading, ...]:
        """Return what was read of a photo; empty before it was read."""
        if photo.readings_sealed is None:
            return ()
        return READINGS.validate_json(self._residents.open(resident, photo.readings_sealed, "readings"))

    def is_file_used(self, resident: Resident, name: str) -> bool:
        """Return whether a photo of this resident still waits to be read from the stored file `name`.

        The same photo sent twice is one file with two rows.
        """
        query = select(Photo.ref).where(Photo.resident_ref == resident.ref, Photo.file_name == name)
        return self._session.scalar(query.limit(1)) is not None

    def known_files(self) -> set[str]:
        """Return the names of all stored files that belong to a photo or an answer."""
        names: set[str] = set()
        for original, pages in self._session.execute(select(Photo.file_name, Photo.page_files)):
            names.update(name for name in (original, *(pages or ())) if name)
        names.update(self._session.scalars(select(Attachment.file_name)))
        return names

    def attachments_of(self, resident: Resident) -> list[Attachment]:
        """Return the files that professionals sent to a resident, oldest first."""
        query = select(Attachment).where(Attachment.resident_ref == resident.ref)
        return list(self._session.scalars(query.order_by(Attachment.at, Attachment.position)))

    # letters
    def add_letter(self, resident: Resident, bag: Bag, pages: Sequence[tuple[str, int]], facts: LetterFacts) -> Letter:
        """Add a letter under the resident's next number."""
        resident.last_number += 1
        letter = Letter(
            ref=f"L-{secrets.token_hex(16)}",
            resident_ref=resident.ref,
            bag_ref=bag.ref,
            number=resident.last_number,
            state="understood",
            created_at=self._clock.now(),
            pages=[list(page) for page in pages],
            facts_sealed=self._residents.seal(resident, FACTS.dump_json(facts).decode(), "facts"),
        )
        self._session.add(letter)
        self._session.flush()
        return letter

    def letters(self, resident: Resident, *, active_only: bool = True) -> list[Letter]:
        """Return the resident's letters by number; `active_only` leaves out not-mine, paid and done ones."""
        query = select(Letter).where(Letter.resident_ref == resident.ref).order_by(Letter.number)
        if active_only:
            query = query.where(Letter.state.in_(ACTIVE_LETTERS))
        return list(self._session.scalars(query))

    def letter(self, resident: Resident, ref: str) -> Letter | None:
        """Return one letter of this resident; another's is None."""
        letter = self._session.get(Letter, ref)
        return letter if letter is not None and letter.resident_ref == resident.ref else None

    def letters_of_bag(self, bag: Bag) -> list[Letter]:
        """Return the letters that were cut from a bag."""
        return list(self._session.scalars(select(Letter).where(Letter.bag_ref == bag.ref).order_by(Letter.number)))

    def machine_facts(self, resident: Resident, letter: Letter) -> LetterFacts:
        """Return the facts as the machine read them."""
        return FACTS.validate_json(self._residents.open(resident, letter.facts_sealed, "facts"))

    def facts(self, resident: Resident, letter: Letter) -> LetterFacts:
        """Return the facts with every correction applied, oldest first."""
        facts = self.machine_facts(resident, letter)
        for correction in self.corrections(letter):
            value = self.corrected_value(resident, correction)
            facts = facts.corrected(correction.field, value, correction.by_kind)
        return facts

    def add_correction(
        self,
        resident: Resident,
        letter: Letter,
        field: str,
        value: str | date | Decimal,
        by_kind: str,
        by_ref: str | None,
        before: str,
    ) -> None:
        """Keep a correction beside the machine's reading."""
        text = value.isoformat() if isinstance(value, date) else str(value)
        self._session.add(
            Correction(
                letter_ref=letter.ref,
                resident_ref=resident.ref,
                field=field,
                value_sealed=self._residents.seal(resident, text, "correction"),
                before_sealed=self._residents.seal(resident, before, "correction"),
                by_kind=by_kind,
                by_ref=by_ref,
                at=self._clock.now(),
            )
        )
        # Her cases are found by other words now.
        changed = update(CaseRow).where(CaseRow.resident_ref == resident.ref).values(indexed_at=None)
        self._session.execute(changed)
        self._session.flush()

    def corrections(self, letter: Letter) -> list[Correction]:
        """Return the corrections of a letter, oldest first."""
        return list(
            self._session.scalars(select(Correction).where(Correction.letter_ref == letter.ref).order_by(Correction.id))
        )

    def corrected_value(self, resident: Resident, correction: Correction) -> str | date | Decimal:
        """Return the corrected value in the type of its field."""
        text = self._residents.open(resident, correction.value_sealed, "correction")
        if correction.field in {"letter_date", "deadline"}:
            return date.fromisoformat(text)
        return Decimal(text) if correction.field == "amount" else text

    def reminders_due(self, today: date) -> list[Letter]:
        """Return letters whose reminder day has come and that were not reminded of yet (F25)."""
        query = select(Letter).where(
            Letter.remind_on <= today, Letter.reminded_at.is_(None), Letter.state.in_(ACTIVE_LETTERS)
        )
        return list(self._session.scalars(query))


def as_json(value: object) -> str:
    """Return `value` as compact JSON for a sealed column."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
