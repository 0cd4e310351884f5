"""What the desk shows of one case on one page, and its chat."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from briefbrug.case import EventKind
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.explanation import explain_shared
from briefbrug.house import House
from briefbrug.meaning import understand_pile
from briefbrug.speech import say_all
from briefbrug.store.papers import ACTIVE_LETTERS
from briefbrug.store.tables import CaseRow, Professional, Resident
from briefbrug.store.thread import HUMAN, Enclosed, Line
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.enclose import Harmless, file_of
from briefbrug.usecases.gist import Gists
from briefbrug.usecases.hand_over import letters_shared
from briefbrug.usecases.list_cases import list_one
from briefbrug.usecases.work_on_case import can_take
from inbox.access import CaseAccess
from inbox.letters import LetterView, Story, letter_view, stories_of, understood_alone
from inbox.words import (
    EVENT,
    EVENT_ICON,
    FIELD,
    OUTCOME,
    WAY,
    WHY,
    moment,
    short_day,
)  # fmt: skip
from inbox.worklist import Row, row_of


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the timeline."""

    icon: str
    words: str
    who: str
    at: str
    iso: str
    body: str
    kind: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A file in the chat: what it is, and where it can be seen."""

    name: str
    address: str
    size: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the chat."""

    sender: str
    who: str
    text: str
    at: str
    iso: str
    mark: str = ""
    files: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case on one page."""

    row: Row
    name: str
    goal: str
    note: str
    way: str
    helper: str
    language: str
    why: str
    withdrawn: bool
    shared: bool
    answered: bool
    threat: str | None
    first: LetterView | None
    letters: tuple[LetterView, ...]
    aside: tuple[LetterView, ...]
    stories: tuple[Story, ...]
    together: tuple[str, ...]
    timeline: tuple[Happening, ...]
    notes: tuple[Happening, ...]
    chat: tuple[Said, ...]
    chat_stamp: str
    colleagues: tuple[tuple[str, str], ...]
    crisis_words: tuple[str, ...]


def show_case(house: House, access: CaseAccess) -> CaseView:
    """Return everything of a case that the resident shared."""
    now = house.clock.now()
    with house.look() as work:
        case, resident = _both(work, access)
        people = {person.ref: person for person in work.people.professionals(active_only=False)}
        row = row_of(Gists(house), work, list_one(work, case, resident), people, access.visitor, now)
        preview = json.loads(work.cases.preview(resident, case) or "{}")
        letters = letters_shared(work, resident, case)
        active = [letter for letter in letters if letter.state in ACTIVE_LETTERS]
        pile = understand_pile(
            {each.ref: work.papers.facts(resident, each) for each in active}, house.knowledge, house.clock.today()
        )
        by_ref = {letter.ref: letter for letter in letters}
        views = tuple(
            letter_view(house, work, access, resident, by_ref[u.ref], u, people, now, pile) for u in pile.letters
        )
        aside = tuple(
            letter_view(
                house, work, access, resident, letter, understood_alone(house, work, resident, letter), people, now
            )
            for letter in letters
            if letter.state not in ACTIVE_LETTERS
        )
        timeline = _timeline(work, case, resident, people, now)
        withdrawn = is_withdrawn(work, case, resident)
        chat = () if withdrawn else _chat(work, case, resident, people, now)
        helper = (
            work.residents.open(resident, resident.helper_sealed, "helper")
            if resident.helper_sealed and preview
            else ""
        )
        return CaseView(
            row=row,
            name=work.residents.open(resident, resident.name_sealed, "name")
            if resident.name_sealed and not withdrawn
            else "",
            goal=str(preview.get("goal") or ""),
            note=str(preview.get("note") or ""),
            way=WAY.get(resident.way or "", "") if preview else "",
            helper=helper,
            language=resident.language,
            why=_why(work, case),
            withdrawn=withdrawn,
            shared=bool(preview),
            answered=case.first_human_at is not None,
            threat=case.threat,
            first=views[0] if views else None,
            letters=views,
            aside=aside,
            stories=stories_of(house, pile),
            together=say_all(explain_shared(pile, house.knowledge), house.texts["nl"]),
            timeline=tuple(each for each in timeline if each.kind != EventKind.NOTE.value),
            notes=tuple(each for each in timeline if each.kind == EventKind.NOTE.value),
            chat=chat,
            chat_stamp=stamp_of(chat, case),
            colleagues=_colleagues(house, work, case),
            crisis_words=tuple(
                work.cases.event_body(resident, event) or ""
                for event in work.cases.events(case.ref)
                if event.kind == EventKind.CRISIS.value
            ),
        )


def is_withdrawn(work: Work, case: CaseRow, resident: Resident) -> bool:
    """Return whether the resident took her consent back, and nothing of hers may be shown."""
    told = any(event.kind == EventKind.CONSENT_WITHDRAWN.value for event in work.cases.events(case.ref))
    return told and not json.loads(work.cases.preview(resident, case) or "{}")


def show_chat(house: House, access: CaseAccess) -> tuple[tuple[Said, ...], str, str]:
    """Return the chat of a case, its stamp and its status, for the part of the page that follows it live."""
    with house.look() as work:
        case, resident = _both(work, access)
        people = {person.ref: person for person in work.people.professionals(active_only=False)}
        withdrawn = is_withdrawn(work, case, resident)
        chat = () if withdrawn else _chat(work, case, resident, people, house.clock.now())
        return chat, stamp_of(chat, case), case.status


def stamp_of(chat: Sequence[Said], case: CaseRow) -> str:
    """Return a fingerprint that changes when the chat or the status does."""
    return hashlib.sha256(
        f"{case.status}{[(line.sender, line.iso, line.text, line.mark) for line in chat]}".encode()
    ).hexdigest()[:16]


def _both(work: Work, access: CaseAccess) -> tuple[CaseRow, Resident]:
    case = work.cases.get(access.case_ref)
    resident = work.residents.get(access.resident_ref)
    if case is None or resident is None or case.team_ref != access.visitor.team_ref:
        raise BriefbrugError(Reason.NOT_FOUND, f"case_ref={access.case_ref}")
    return case, resident


def _why(work: Work, case: CaseRow) -> str:
    for event in reversed(work.cases.events(case.ref)):
        if event.kind == EventKind.ASSIGNED.value:
            return ", ".join(WHY.get(code, code) for code in event.detail.get("why", []))
    return ""


def _colleagues(house: House, work: Work, case: CaseRow) -> tuple[tuple[str, str], ...]:
    today = house.clock.today()
    listed: list[tuple[str, str]] = []
    for person in work.people.professionals(case.team_ref):
        if person.ref == case.professional_ref or not can_take(person):
            continue
        away = [each for each in work.people.absences(person.ref) if each.from_on <= today <= each.until_on]
        until = f" (afwezig tot en met {short_day(away[0].until_on)})" if away else ""
        listed.append((person.ref, f"{person.name}, {person.role}{until}"))
    return tuple(listed)


def _timeline(
    work: Work, case: CaseRow, resident: Resident, people: Mapping[str, Professional], now: datetime
) -> list[Happening]:
    lines: list[Happening] = []
    for event in work.cases.events(case.ref):
        person = people.get(event.actor_ref or "")
        who = {"resident": "de inwoner", "machine": "de assistent"}.get(event.actor_kind) or (
            person.name if person else "een medewerker"
        )
        words, body = EVENT[event.kind], ""
        if event.kind == EventKind.ASSIGNED.value:
            to = people.get(str(event.detail.get("to", "")))
            why = ", ".join(WHY.get(code, code) for code in event.detail.get("why", []))
            words = f"Toegewezen aan {to.name if to else 'een medewerker'}" + (f" ({why})" if why else "")
        elif event.kind == EventKind.CORRECTED.value:
            field = str(event.detail.get("field"))
            words = "Naam opgeschreven" if field == "name" else f"{FIELD.get(field, 'Gegeven')} verbeterd"
        elif event.kind == EventKind.CLOSED.value:
            words = f"Gesloten: {OUTCOME.get(str(event.detail.get('outcome')), 'zonder uitkomst').lower()}"
            body = work.cases.event_body(resident, event) or ""
        elif event.kind == EventKind.NOTE.value:
            body = work.cases.event_body(resident, event) or ""
        lines.append(
            Happening(EVENT_ICON[event.kind], words, who, moment(event.at, now), event.at.isoformat(), body, event.kind)
        )
    return lines


def _chat(
    work: Work, case: CaseRow, resident: Resident, people: Mapping[str, Professional], now: datetime
) -> tuple[Said, ...]:
    """Return the chat since the resident sent this case; what she said before stays hers."""
    lines: list[Said] = []
    since = case.sent_at - timedelta(seconds=1)
    until = case.closed_at
    for line in work.thread.lines(resident, limit=1000):
        if line.at < since and line.case_ref != case.ref:
            continue
        if until is not None and line.at > until and line.case_ref != case.ref:
            continue
        person = people.get(line.professional_ref or "")
        who = {"resident": "Inwoner", "machine": "Assistent (computer)"}.get(line.sender, "")
        if line.sender == HUMAN:
            who = f"{person.name}, {person.role}" if person else "Medewerker"
        mark = _mark(work, resident, line) if line.sender == HUMAN else ""
        files = tuple(
            Sent(
                each.name, f"/inbox/zaak/{case.ref}/bestand/{each.ref}", size_of(each), each.media_type == "image/jpeg"
            )
            for each in line.said.files
        )
        lines.append(Said(line.sender, who, line.said.text, moment(line.at, now), line.at.isoformat(), mark, files))
    return tuple(lines)


def file_in_chat(house: House, access: CaseAccess, file_ref: str) -> Harmless | None:
    """Return a file of the chat of this very case; None for any other."""
    with house.look() as work:
        case, resident = _both(work, access)
        people = {person.ref: person for person in work.people.professionals(active_only=False)}
        address = f"/inbox/zaak/{case.ref}/bestand/{file_ref}"
        shown = () if is_withdrawn(work, case, resident) else _chat(work, case, resident, people, house.clock.now())
    if not any(each.address == address for line in shown for each in line.files):
        return None
    return file_of(house, access.resident_ref, file_ref)


def size_of(file: Enclosed) -> str:
    """Return kind and size of a file, as "PDF, 120 kB"."""
    kind = "PDF" if file.media_type == "application/pdf" else "foto"
    kilobytes = max(1, round(file.size / 1000))
    return f"{kind}, {kilobytes} kB" if kilobytes < 1000 else f"{kind}, {file.size / 1e6:.1f} MB".replace(".", ",")


def _mark(work: Work, resident: Resident, line: Line) -> str:
    """Return how far a human's answer came: sent, delivered at Telegram, read on the web page."""
    if line.change <= resident.read_change:
        return "gelezen"
    states = work.thread.states_of(line.ref)
    if "sent" in states:
        return "bezorgd"
    return "niet bezorgd" if states & {"gone", "failed"} else "verstuurd"
