"""What the worker looks after by itself: stuck work, quiet bags, promises, reminders, deletion by term."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from briefbrug.case import Actor, CaseStatus, EventKind
from briefbrug.deadline import Deadline
from briefbrug.durable import DELIVER, EXPLAIN, FETCH, READ
from briefbrug.explanation import sender_of
from briefbrug.house import House
from briefbrug.speech import Day, Message
from briefbrug.store.papers import RECEIVED, TERMINAL
from briefbrug.store.thread import MACHINE
from briefbrug.usecases.answer import Choice, Reply, render
from briefbrug.usecases.erase import forget_resident
from briefbrug.usecases.pile import pile_of
from briefbrug.usecases.receive_photo import drop_announced
from briefbrug.usecases.talk import ask_all

log = logging.getLogger("briefbrug.watch")

UNCLAIMED = timedelta(seconds=60)
"""A photo that nobody claimed for so long gets a fresh start; claims are exclusive, so one too many does nothing."""

QUIET = timedelta(seconds=45)
"""Without a new photo for so long we ask whether that was all; we never take the first photo for the whole."""

LATE = timedelta(seconds=60)
LATE_WITHOUT_WORKER = timedelta(seconds=3)
OLDEST = datetime.min.replace(tzinfo=UTC)

SILENT_DAY = timedelta(days=1)
"""Photos that wait for a plain yes are dropped after a day of silence (design.md section 3)."""


def beat(house: House, executor: str) -> None:
    """Give a sign of life."""
    with house.work() as work:
        work.papers.beat(executor)


def adopt_lost_work(house: House, worker: str) -> int:
    """Start again what lost its worker, and messages that are due; return how much that was."""
    adopted = 0
    with house.work() as work:
        now = work.clock.real_now()
        for photo in work.papers.on_their_way(now - timedelta(seconds=5)):
            unclaimed = photo.worker is None and now - photo.progress_at > UNCLAIMED
            lost = photo.worker is not None and work.papers.is_abandoned(photo, worker, now)
            resident = work.residents.get(photo.resident_ref)
            if not (unclaimed or lost) or resident is None or resident.consent != "yes":
                continue
            photo.progress_at = now
            photo.worker = None
            work.enqueue(FETCH if photo.state == RECEIVED else READ, photo.ref)
            adopted += 1
        for bag in work.papers.unexplained_bags():
            settled = all(photo.state in TERMINAL for photo in work.papers.photos(bag))
            if settled and bag.closed_at is not None and work.clock.now() - bag.closed_at > UNCLAIMED / 3:
                work.enqueue(EXPLAIN, bag.ref)
                adopted += 1
        for resident_ref in work.thread.due_residents(work.clock.now() - timedelta(seconds=2)):
            resident = work.residents.get(resident_ref)
            if resident is not None and work.thread.is_unattended(resident, worker, now):
                work.enqueue(DELIVER, resident_ref)
                adopted += 1
    if adopted:
        log.info("work_adopted count=%d", adopted)
    return adopted


def ask_quiet_bags(house: House) -> None:
    """Ask "was that all?" once, when no photo came for a while."""
    with house.work() as work:
        for bag in work.papers.quiet_bags(work.clock.now() - QUIET):
            resident = work.residents.get(bag.resident_ref, lock=True)
            if resident is None or resident.consent != "yes" or resident.muted:
                continue
            bag.asked_at = work.clock.now()
            said = render(ask_all(house, work, resident), house.texts_in(resident.language))
            work.thread.add(resident, MACHINE, said, source_key=f"ask-all/{bag.ref}")


def tell_delays(house: House) -> None:
    """Say that reading takes longer: at once when no worker lives, after a minute in any case. Never silence (R5)."""
    with house.look() as work:
        now = work.clock.now()
        if work.papers.has_living_worker():
            late = [bag.ref for bag in work.papers.unexplained_bags() if bag.closed_at and now - bag.closed_at > LATE]
        else:
            bags = [*work.papers.unexplained_bags(), *work.papers.open_bags()]
            late = [
                bag.ref for bag in bags if now - max(bag.last_photo_at, bag.closed_at or OLDEST) > LATE_WITHOUT_WORKER
            ]
    for bag_ref in late:
        with house.work() as work:
            bag = work.papers.bag(bag_ref)
            resident = work.residents.get(bag.resident_ref, lock=True) if bag else None
            if bag is None or resident is None or bag.explained_at is not None or resident.consent != "yes":
                continue
            count = len(work.papers.photos(bag))
            if not count or work.thread.has(resident, f"delay/{bag.ref}"):
                continue
            key = "takes_longer_one" if count == 1 else "takes_longer"
            said = render(Reply((Message(key),)), house.texts_in(resident.language))
            work.thread.add(resident, MACHINE, said, source_key=f"delay/{bag.ref}")


def drop_unanswered(house: House) -> None:
    """Drop photos that waited a day for a plain yes, and say so."""
    with house.work() as work:
        for bag in work.papers.quiet_bags(work.clock.now() - SILENT_DAY):
            resident = work.residents.get(bag.resident_ref, lock=True)
            if resident is None or resident.consent == "yes":
                continue
            drop_announced(work, resident)
            bag.closed_at = bag.explained_at = work.clock.now()
            said = render(Reply((Message("closed_quiet"),)), house.texts_in(resident.language))
            work.thread.add(resident, MACHINE, said, source_key=f"dropped/{bag.ref}")


def tell_broken_promises(house: House) -> None:
    """Tell the resident first that a promise was broken, with another way (F54); the case stays with its clock."""
    with house.work() as work:
        for case in work.cases.promises_due(work.clock.now()):
            resident = work.residents.get(case.resident_ref, lock=True)
            person = work.people.professional(case.professional_ref)
            if resident is None or person is None:
                continue
            team = work.people.team(person.team_ref)
            phone = team.phone if team else ""
            key = "promise_broken" if phone else "promise_broken_no_phone"
            values = {"name": person.name, "phone": phone} if phone else {"name": person.name}
            said = render(
                Reply((Message(key, values),), (Choice("button_other_person", "other_person"),)),
                house.texts_in(resident.language),
            )
            work.thread.add(resident, MACHINE, said, case_ref=case.ref, source_key=f"broken/{case.ref}")
            work.cases.record(case, EventKind.PROMISE_BROKEN, Actor.MACHINE, None, {"professional": person.ref})
            case.unread = True


def send_reminders(house: House) -> None:
    """Remind of a date before it comes (F25); neutral where home is not safe, silent for who said stop."""
    with house.work() as work:
        for letter in work.papers.reminders_due(house.clock.today()):
            resident = work.residents.get(letter.resident_ref, lock=True)
            letter.reminded_at = work.clock.now()
            case = work.cases.open_for(resident) if resident else None
            if resident is None or resident.muted or (case and case.status == CaseStatus.SPEAKING.value):
                continue
            meant = next((each for each in pile_of(house, work, resident).letters if each.ref == letter.ref), None)
            last_day = meant.deadline.heard if meant and isinstance(meant.deadline, Deadline) else None
            if meant is None or last_day is None:
                continue
            # "vóór" a date leaves that day out, so the day after the last day is named.
            values = {
                "sender": sender_of(meant, house.knowledge),
                "date": Day(last_day + timedelta(days=1), house.clock.today()),
            }
            about = {"letter_ref": letter.ref}
            reminder = Reply((Message("reminder", values),), (Choice("button_what_to_do", "what_to_do", about),))
            if resident.unsafe:
                reminder = Reply((Message("reminder_neutral"),), (Choice("button_read", "tell_letter", about),))
            said = render(reminder, house.texts_in(resident.language))
            work.thread.add(resident, MACHINE, said, source_key=f"reminder/{letter.ref}/{last_day}")


def forget_by_term(house: House) -> int:
    """Destroy what is past its term (F76): 90 days after a case closed, 30 days of silence without one."""
    now = house.clock.now()
    due: list[str] = []
    with house.look() as work:
        for resident in work.residents.idle_since(now - timedelta(days=house.settings.retention_idle_days)):
            case = work.cases.last_for(resident)
            if case is None:
                due.append(resident.ref)
            elif case.closed_at is not None and case.closed_at < now - timedelta(
                days=house.settings.retention_closed_days
            ):
                due.append(resident.ref)
    for ref in due:
        forget_resident(house, ref, "term")
    return len(due)


def remove_orphans(house: House) -> int:
    """Remove stored files that no row knows any more; a file younger than an hour may still get its row."""
    with house.look() as work:
        known = work.papers.known_files()
    hour = house.clock.real_now() - timedelta(hours=1)
    orphans = [
        name
        for name in house.photos.names() - known
        if (path := house.photos.path(name)).exists() and path.stat().st_mtime < hour.timestamp()
    ]
    for name in orphans:
        house.photos.destroy(name)
    return len(orphans)
