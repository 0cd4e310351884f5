"""Make one of two threads of the same resident, when she joins two doors at which she sent letters already (F35)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from briefbrug.case import Actor, EventKind
from briefbrug.durable import DELIVER, EXPLAIN, FETCH, READ
from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.store.backup import Backups
from briefbrug.store.papers import RECEIVED, STORED
from briefbrug.store.tables import (
    Attachment,
    Bag,
    CaseEventRow,
    CaseRow,
    ChatMessage,
    Consult,
    ConsultLine,
    Correction,
    FundPayment,
    Letter,
    Looked,
    NextStep,
    Outbox,
    OutcomeWords,
    Photo,
    ReasonRecord,
    Resident,
    Table,
    WaitingElsewhere,
)
from briefbrug.store.thread import MACHINE, RESIDENT
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Reply, render
from briefbrug.usecases.pile import overview, pile_of

LONG_AGO = datetime.min.replace(tzinfo=UTC)

SEALED: Mapping[type[Table], Mapping[str, str]] = {
    Photo: {"remote_sealed": "remote", "readings_sealed": "readings"},
    Letter: {"facts_sealed": "facts"},
    Correction: {"value_sealed": "correction", "before_sealed": "correction"},
    CaseRow: {"preview_sealed": "preview", "gist_sealed": "gist"},
    CaseEventRow: {"body_sealed": "case-event"},
    ReasonRecord: {f"{name}_sealed": f"reason-{name}" for name in ("need", "help", "effects", "law", "plain")},
    FundPayment: {"reason_sealed": "fund-payment"},
    Consult: {},
    WaitingElsewhere: {"name_sealed": "waiting", "what_sealed": "waiting"},
    NextStep: {"text_sealed": "step"},
    Attachment: {"name_sealed": "attachment"},
    OutcomeWords: {"words_sealed": "outcome"},
    ChatMessage: {"body_sealed": "message"},
    Outbox: {},
    Bag: {},
    Looked: {},
}
"""What belongs to a resident, and for what its sealed columns are sealed with her key; a guard compares the tables."""

OWN: Mapping[str, str] = {"goal_sealed": "goal", "helper_sealed": "helper", "name_sealed": "name"}


def join_threads(house: House, work: Work, other: Resident, resident: Resident) -> list[str]:
    """Move everything of `other` to `resident`, forget `other`, and show the one overview.

    Nothing is lost and nothing is said twice: letters get the next numbers, two open bags become one, of two open
    cases the one that a human answered goes on, else the one sent first, so that no promise moves to a later hour.

    Returns:
        The names of files under the old key, to destroy after the commit (`destroy_joined`).
    """
    has_spoken = _one(work, ChatMessage, other, ChatMessage.sender == RESIDENT) is not None
    had_letters = bool(work.papers.letters(resident, active_only=False))
    came_along = bool(work.papers.letters(other, active_only=False))
    old_names = _move_files(house, work, other, resident)
    _move_doors(work, other, resident)
    _join_bags(work, other, resident)
    _number_letters(work, other, resident)
    _move_lines(work, other, resident)
    _move_own_answers(work, other, resident)
    for table in SEALED:
        for row in _all(work, table, other):
            _reseal(work, row, SEALED[table], other, resident)
    _reseal_consults(work, other, resident)
    work.session.flush()
    _join_cases(work, other, resident)
    for row in (row for table in SEALED for row in _all(work, table, other)):
        row.resident_ref = resident.ref
    work.session.flush()
    work.residents.erase(other, "joined")
    _go_on(work, resident)
    if has_spoken:
        _tell(house, work, resident, other.ref, shows_pile=had_letters and came_along)
    return old_names


def destroy_joined(house: House, other_ref: str, names: Iterable[str]) -> None:
    """Remove the files that were sealed again under another key, also from the backups."""
    gone = list(names)
    for name in gone:
        house.photos.destroy(name)
    if house.settings.backups is not None:
        Backups(house.settings.backups, house.vault).strike(other_ref, gone)


def _all(work: Work, table: type[Any], resident: Resident) -> list[Any]:
    return list(work.session.scalars(select(table).where(table.resident_ref == resident.ref)))


def _one(work: Work, table: type[Any], resident: Resident, condition: Any) -> Any:
    return work.session.scalar(select(table).where(table.resident_ref == resident.ref, condition).limit(1))


def _reseal(work: Work, row: Any, purposes: Mapping[str, str], old: Resident, new: Resident) -> None:
    for column, purpose in purposes.items():
        sealed = getattr(row, column)
        if sealed:
            setattr(row, column, work.residents.seal(new, work.residents.open(old, sealed, purpose), purpose))


def _reseal_consults(work: Work, old: Resident, new: Resident) -> None:
    lines = select(ConsultLine).join(Consult, Consult.ref == ConsultLine.consult_ref)
    for line in work.session.scalars(lines.where(Consult.resident_ref == old.ref)):
        _reseal(work, line, {"body_sealed": "consult"}, old, new)


def _move_files(house: House, work: Work, old: Resident, new: Resident) -> list[str]:
    """Seal the stored files again; a photo that is being read starts anew, because its reader has the old key."""
    old_key, new_key = work.residents.key(old), work.residents.key(new)
    names: list[str] = []

    def moved(name: str) -> str:
        content = house.photos.get(old_key, name)
        names.append(name)
        return name if content is None else house.photos.put(new_key, content)

    for photo in work.papers.photos_of(old):
        photo.file_name = moved(photo.file_name) if photo.file_name else None
        photo.page_files = [moved(name) for name in photo.page_files]
        photo.worker = None
    for each in work.papers.attachments_of(old):
        each.file_name = moved(each.file_name)
    return names


def _move_doors(work: Work, old: Resident, new: Resident) -> None:
    """Let every door of the old thread open the new one; who read along there is asked anew by the resident."""
    for door in work.residents.doors(old):
        if door.kind != "helper":
            door.resident_ref = new.ref
    work.session.flush()


def _join_bags(work: Work, old: Resident, new: Resident) -> None:
    filling, current = work.papers.current_bag(old), work.papers.current_bag(new)
    if filling is None or current is None:
        return
    count = len(work.papers.photos(current))
    for photo in work.papers.photos(filling):
        photo.bag_ref = current.ref
        photo.position += count
    current.last_photo_at = max(current.last_photo_at, filling.last_photo_at)
    work.session.flush()
    work.session.delete(filling)
    work.session.flush()


def _number_letters(work: Work, old: Resident, new: Resident) -> None:
    for letter in work.papers.letters(old, active_only=False):
        new.last_number += 1
        letter.number = new.last_number


def _move_lines(work: Work, old: Resident, new: Resident) -> None:
    """Number the lines as changes of the one thread, so that open pages show them; the second greeting goes."""
    taken = set(work.session.scalars(select(ChatMessage.source_key).where(ChatMessage.resident_ref == new.ref)))
    rows = work.session.scalars(
        select(ChatMessage).where(ChatMessage.resident_ref == old.ref).order_by(ChatMessage.at, ChatMessage.change)
    )
    for row in list(rows):
        if row.source_key == "greeting":
            work.session.delete(row)
            continue
        if row.source_key in taken:
            row.source_key = None
        new.last_change += 1
        row.change = new.last_change
    work.session.flush()


def _move_own_answers(work: Work, old: Resident, new: Resident) -> None:
    """Keep what she said about herself; where both threads have an answer, the one of the joined thread stays."""
    for column, purpose in OWN.items():
        sealed = getattr(old, column)
        if sealed and not getattr(new, column):
            setattr(new, column, work.residents.seal(new, work.residents.open(old, sealed, purpose), purpose))
    if (old.consent_at or LONG_AGO) > (new.consent_at or LONG_AGO):
        new.consent, new.consent_at = old.consent, old.consent_at
        new.asked = None if new.asked == "consent" else new.asked
    if new.asked is None and old.asked not in {None, "consent"}:
        new.asked = old.asked
        if old.asked_sealed:
            new.asked_sealed = work.residents.seal(new, work.residents.open(old, old.asked_sealed, "draft"), "draft")
    new.focus_letter = new.focus_letter or old.focus_letter
    new.way = new.way or old.way
    new.unsafe = new.unsafe or old.unsafe
    new.safe_hours = new.safe_hours or old.safe_hours
    new.created_at = min(new.created_at, old.created_at)


def _join_cases(work: Work, old: Resident, new: Resident) -> None:
    """Leave one open case: its clock ran from her first call, and a person who spoke goes on speaking."""
    cases = [case for case in (work.cases.open_for(old), work.cases.open_for(new)) if case is not None]
    if len(cases) < 2:
        return
    kept, ended = sorted(cases, key=lambda case: (case.first_human_at is None, case.sent_at))
    shared, more = (json.loads(_preview(work, case, new) or "{}") for case in (kept, ended))
    letters = sorted({*shared.get("letters", []), *more.get("letters", [])})
    goal = shared.get("goal") or more.get("goal")
    kept.preview_sealed = work.residents.seal(
        new, json.dumps({**more, **shared, "letters": letters, "goal": goal}), "preview"
    )
    kept.urgency = min(kept.urgency, ended.urgency)
    kept.crisis = kept.crisis or ended.crisis
    kept.unread = True
    kept.indexed_at = ended.indexed_at = None
    kept.resident_ref = ended.resident_ref = new.ref
    work.session.flush()
    work.cases.record(kept, EventKind.LETTERS_ADDED, Actor.RESIDENT, new.ref, {"letters": len(letters)})
    work.cases.record(ended, EventKind.CLOSED, Actor.MACHINE, None, {"joined": kept.ref})


def _preview(work: Work, case: CaseRow, resident: Resident) -> str | None:
    # Both are sealed with the new key by now.
    return work.residents.open(resident, case.preview_sealed, "preview") if case.preview_sealed else None


def _go_on(work: Work, resident: Resident) -> None:
    """Take up the work that was on its way under the old reference."""
    for photo in work.papers.photos_of(resident):
        if photo.state in {RECEIVED, STORED} and photo.worker is None and resident.consent == "yes":
            photo.progress_at = work.clock.real_now()
            work.enqueue(FETCH if photo.state == RECEIVED else READ, photo.ref)
    for bag in work.session.scalars(select(Bag).where(Bag.resident_ref == resident.ref, Bag.explained_at.is_(None))):
        if bag.closed_at is not None:
            work.enqueue(EXPLAIN, bag.ref)
    waiting = select(func.count()).select_from(Outbox)
    if work.session.scalar(waiting.where(Outbox.resident_ref == resident.ref, Outbox.state == "waiting")):
        work.enqueue(DELIVER, resident.ref)


def _tell(house: House, work: Work, resident: Resident, other_ref: str, *, shows_pile: bool) -> None:
    texts = house.texts_in(resident.language)
    parts = [Reply((Message("doors_joined"),))]
    if shows_pile:
        parts += overview(house, work, resident, pile_of(house, work, resident))
        resident.asked = "send_to_human"
    for index, part in enumerate(parts):
        work.thread.add(resident, MACHINE, render(part, texts), source_key=f"joined/{other_ref[-20:]}/{index}")
