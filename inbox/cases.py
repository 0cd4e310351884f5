"""What the desk shows: the worklist, one case on one page, its pages with marked lines, and its export."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from briefbrug.case import CaseStatus, EventKind
from briefbrug.clock import AMSTERDAM
from briefbrug.deadline import Deadline, DeadlineUnknown
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.explanation import explain_letter, sender_name
from briefbrug.house import House
from briefbrug.knowledge.load import Combination, Source
from briefbrug.letter import LetterFacts, PageReading, turned
from briefbrug.meaning import Pile, Understood, understand_pile
from briefbrug.speech import say
from briefbrug.store.papers import ACTIVE_LETTERS
from briefbrug.store.tables import CaseRow, Letter, Photo, Professional, Resident
from briefbrug.store.thread import HUMAN
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.hand_over import letters_shared
from briefbrug.usecases.list_cases import Listed, list_cases, list_one
from briefbrug.usecases.log_in import Visitor
from briefbrug.usecases.work_on_case import CORRECTABLE, can_take
from inbox.access import CaseAccess, access_case
from inbox.words import (
    ACTION,
    BASIS,
    CRISIS,
    EVENT,
    EVENT_ICON,
    FIELD,
    LETTER_STATE,
    OUTCOME,
    SEVERITY,
    STATUS,
    UNKNOWN_DEADLINE,
    URGENCY,
    URGENCY_TONE,
    WAY,
    WHY,
    day,
    euros,
    moment,
    short_day,
    short_ref,
    spaced_iban,
    time_left,
)  # fmt: skip

ROWS_SHOWN = 100
ROWS_SEARCHED = 500
REMEMBERED_CASES = 20_000
LINK_SECONDS = 300
"""How long the link to a page image lives (S26); it also dies with the session it was made for."""

FILTERS = {
    "team": "Alle open zaken",
    "mijn": "Mijn zaken",
    "wacht": "Wacht op een mens",
    "gesprek": "In gesprek",
    "gesloten": "Gesloten",
}
CHOSEN = {"team": "team", "mijn": "mine", "wacht": "waiting", "gesprek": "talking", "gesloten": "closed"}


@dataclass(frozen=True, slots=True)
class Gist:
    """A case's letters in a few words: the first thing of the ranked pile, and what a search looks through."""

    title: str
    lost: str
    last_day: date | None
    search: str


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the worklist."""

    ref: str
    short: str
    urgency: int
    urgency_word: str
    tone: str
    status: str
    status_word: str
    crisis: str
    first: str
    lost: str
    last_day: str
    letters: int
    who: str
    mine: bool
    unread: bool
    sent: str
    promised: str
    left: str
    left_tone: str


@dataclass(frozen=True, slots=True)
class Worklist:
    """The rows to show; `counts` per filter; `stamp` changes when anything in it does."""

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    hidden: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked line on a page image, in pixels of the image."""

    field: str
    label: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PageView:
    """A page image and its marks. `link` is "" when there is no image."""

    number: int
    width: int
    height: int
    link: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A correction as history."""

    value: str
    before: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a letter: what the machine read beside what stands now."""

    field: str
    label: str
    machine: str
    now: str
    typed: str
    proof: str
    sure: bool
    by: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class LetterView:
    """One letter on the case page."""

    ref: str
    number: int
    rank: int
    title: str
    urgency: int
    urgency_word: str
    tone: str
    lost: str
    action: str
    last_day: str
    day_note: str
    days_left: str
    passed: bool
    needs_person: bool
    suspect: bool
    history: bool
    state: str
    facts: tuple[Fact, ...]
    pages: tuple[PageView, ...]
    heard: tuple[str, ...]
    knowledge_id: str
    proof: Mark | None
    proof_page: int


@dataclass(frozen=True, slots=True)
class Story:
    """A debt over several letters, the newest first."""

    title: str
    letters: tuple[tuple[str, str, str], ...]


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
class Said:
    """A line of the chat."""

    sender: str
    who: str
    text: str
    at: str
    iso: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case on one page."""

    row: Row
    goal: str
    note: str
    way: str
    helper: str
    language: str
    why: str
    withdrawn: bool
    shared: bool
    answered: bool
    first: LetterView | None
    letters: tuple[LetterView, ...]
    aside: tuple[LetterView, ...]
    stories: tuple[Story, ...]
    timeline: tuple[Happening, ...]
    notes: tuple[Happening, ...]
    chat: tuple[Said, ...]
    chat_stamp: str
    colleagues: tuple[tuple[str, str], ...]
    crisis_words: tuple[str, ...]


class Gists:
    """Cases in a few words, kept in memory so that a long worklist opens fast; never written anywhere."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._known: dict[tuple[object, ...], Gist] = {}

    def of(self, work: Work, resident: Resident, letters: Sequence[tuple[Letter, int]]) -> Gist:
        """Return the gist of a case's letters (at least one), each with the number of its newest correction."""
        today = self.house.clock.today()
        key = (today, *((letter.ref, newest) for letter, newest in letters))
        if key not in self._known:
            if len(self._known) > REMEMBERED_CASES:
                self._known.clear()
            facts = {letter.ref: work.papers.facts(resident, letter) for letter, _ in letters}
            self._known[key] = _gist(self.house, understand_pile(facts, self.house.knowledge, today))
        return self._known[key]


def title_of(house: House, letter: Understood) -> str:
    """Return a letter as "Ymere · een dagvaarding"."""
    name = sender_name(letter, house.knowledge)
    kind = house.knowledge.kinds[letter.kind].spoken if letter.kind else "soort onbekend"
    return f"{name[:1].upper()}{name[1:]} · {kind}"


def _gist(house: House, pile: Pile) -> Gist:
    first = pile.letters[0]
    last = first.deadline.heard if isinstance(first.deadline, Deadline) else None
    searched: list[str] = []
    for letter in pile.letters:
        facts = letter.facts
        found = [facts.sender_name, facts.reference, facts.on_behalf_of, *facts.references]
        searched += [title_of(house, letter), letter.sender, *(str(each.value) for each in found if each is not None)]
    return Gist(title_of(house, first), SEVERITY.get(first.severity, ""), last, " ".join(searched).casefold())


# --- the worklist -----------------------------------------------------------------------------------------------------


def worklist(gists: Gists, visitor: Visitor, chosen: str = "team", search: str = "") -> Worklist:
    """Return the worklist of a visitor's own team."""
    now = gists.house.clock.now()
    words = search.casefold().split()
    with gists.house.look() as work:
        limit = ROWS_SEARCHED if words else ROWS_SHOWN
        found = list_cases(work, visitor.team_ref, visitor.professional_ref, CHOSEN[chosen], limit)
        rows: list[Row] = []
        for each in found.cases:
            row, haystack = _row(gists, work, each, found.people, visitor, now)
            if all(word in haystack for word in words):
                rows.append(row)
    counts = {code: found.counts[CHOSEN[code]] for code in FILTERS if CHOSEN[code] in found.counts}
    hidden = max(0, counts[chosen] - ROWS_SHOWN) if chosen in counts and not words else 0
    hidden = max(hidden, len(rows) - ROWS_SHOWN)
    shown = tuple(rows[:ROWS_SHOWN])
    stamp = hashlib.sha256(repr((shown, counts)).encode()).hexdigest()[:16]
    return Worklist(shown, counts, hidden, stamp)


def _row(
    gists: Gists, work: Work, listed: Listed, people: Mapping[str, Professional], visitor: Visitor, now: datetime
) -> tuple[Row, str]:
    case, resident = listed.case, listed.resident
    first = gists.of(work, resident, listed.letters) if resident and listed.letters else None
    who = people.get(case.professional_ref)
    left_tone, left = time_left(case.promised_at, now)
    if case.status == CaseStatus.CLOSED.value:
        left_tone, left = "done", "gesloten"
    elif case.first_human_at is not None:
        left_tone, left = "answered", "beantwoord"
    row = Row(
        ref=case.ref,
        short=short_ref(case.ref),
        urgency=case.urgency,
        urgency_word=URGENCY[case.urgency],
        tone=URGENCY_TONE[case.urgency],
        status=case.status,
        status_word=STATUS[case.status],
        crisis=CRISIS.get(case.crisis or "", "Signaal van gevaar") if case.crisis else "",
        first=first.title if first else "Nog geen brieven gedeeld",
        lost=first.lost if first else "",
        last_day=short_day(first.last_day) if first and first.last_day else "",
        letters=len(listed.letters),
        who=who.name if who else "Niemand",
        mine=case.professional_ref == visitor.professional_ref,
        unread=case.unread,
        sent=moment(case.sent_at, now),
        promised=moment(case.promised_at, now),
        left=left,
        left_tone=left_tone,
    )
    told = (first.search if first else "", row.who, row.short, row.short.replace("-", ""), row.first)
    return row, " ".join(told).casefold()


# --- one case ---------------------------------------------------------------------------------------------------------


def show_case(house: House, access: CaseAccess) -> CaseView:
    """Return everything of a case that the resident shared."""
    now = house.clock.now()
    with house.look() as work:
        case, resident = _both(work, access)
        people = {person.ref: person for person in work.people.professionals(active_only=False)}
        row, _ = _row(Gists(house), work, list_one(work, case, resident), people, access.visitor, now)
        preview = json.loads(work.cases.preview(resident, case) or "{}")
        letters = letters_shared(work, resident, case)
        active = [letter for letter in letters if letter.state in ACTIVE_LETTERS]
        pile = understand_pile(
            {each.ref: work.papers.facts(resident, each) for each in active}, house.knowledge, house.clock.today()
        )
        by_ref = {letter.ref: letter for letter in letters}
        views = tuple(_letter(house, work, access, resident, by_ref[u.ref], u, people, now) for u in pile.letters)
        aside = tuple(
            _letter(house, work, access, resident, letter, _alone(house, work, resident, letter), people, now)
            for letter in letters
            if letter.state not in ACTIVE_LETTERS
        )
        timeline = _timeline(work, case, resident, people, now)
        withdrawn = (
            any(event.kind == EventKind.CONSENT_WITHDRAWN.value for event in work.cases.events(case.ref))
            and not preview
        )
        chat = () if withdrawn else _chat(work, case, resident, people, now)
        helper = (
            work.residents.open(resident, resident.helper_sealed, "helper")
            if resident.helper_sealed and preview
            else ""
        )
        return CaseView(
            row=row,
            goal=str(preview.get("goal") or ""),
            note=str(preview.get("note") or ""),
            way=WAY.get(resident.way or "", "") if preview else "",
            helper=helper,
            language=resident.language,
            why=_why(work, case),
            withdrawn=withdrawn,
            shared=bool(preview),
            answered=case.first_human_at is not None,
            first=views[0] if views else None,
            letters=views,
            aside=aside,
            stories=_stories(house, pile),
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


def show_chat(house: House, access: CaseAccess) -> tuple[tuple[Said, ...], str, str]:
    """Return the chat of a case, its stamp and its status, for the part of the page that follows it live."""
    with house.look() as work:
        case, resident = _both(work, access)
        people = {person.ref: person for person in work.people.professionals(active_only=False)}
        chat = _chat(work, case, resident, people, house.clock.now())
        return chat, stamp_of(chat, case), case.status


def stamp_of(chat: Sequence[Said], case: CaseRow) -> str:
    """Return a fingerprint that changes when the chat or the status does."""
    return hashlib.sha256(f"{case.status}{[(line.sender, line.iso, line.text) for line in chat]}".encode()).hexdigest()[
        :16
    ]


def _both(work: Work, access: CaseAccess) -> tuple[CaseRow, Resident]:
    case = work.cases.get(access.case_ref)
    resident = work.residents.get(access.resident_ref)
    if case is None or resident is None or case.team_ref != access.visitor.team_ref:
        raise BriefbrugError(Reason.NOT_FOUND, f"case_ref={access.case_ref}")
    return case, resident


def _alone(house: House, work: Work, resident: Resident, letter: Letter) -> Understood:
    facts = work.papers.facts(resident, letter)
    return understand_pile({letter.ref: facts}, house.knowledge, house.clock.today()).letters[0]


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


def _letter(
    house: House,
    work: Work,
    access: CaseAccess,
    resident: Resident,
    letter: Letter,
    understood: Understood,
    people: Mapping[str, Professional],
    now: datetime,
) -> LetterView:
    machine = work.papers.machine_facts(resident, letter)
    changes = _changes(house, work, resident, letter, people, now)
    facts = tuple(_fact(house, machine, understood, field, changes.get(field, ())) for field in CORRECTABLE)
    pages = _pages(house, work, access, resident, letter, machine, understood)
    deadline = understood.deadline
    today = house.clock.today()
    last_day, note, left, passed = "", "", "", False
    if isinstance(deadline, Deadline):
        last_day = day(deadline.heard)
        days = (deadline.heard - today).days
        passed = days < 0
        left = {0: "vandaag", 1: "morgen"}.get(days) or (f"over {days} dagen" if days > 0 else f"{-days} dagen geleden")
        note = _day_note(deadline)
    elif isinstance(deadline, DeadlineUnknown):
        note = UNKNOWN_DEADLINE.get(deadline.why, "De uiterste dag is niet bekend.")
    texts = house.texts["nl"]
    heard = tuple(say(message, texts) for message in explain_letter(understood, house.knowledge, today))
    proof, proof_page = _proof(pages)
    return LetterView(
        ref=letter.ref,
        number=letter.number,
        rank=understood.rank,
        title=title_of(house, understood),
        urgency=understood.urgency,
        urgency_word=URGENCY[understood.urgency],
        tone=URGENCY_TONE[understood.urgency],
        lost=SEVERITY.get(understood.severity, ""),
        action=ACTION[understood.action.value],
        last_day=last_day,
        day_note=note,
        days_left=left,
        passed=passed,
        needs_person=understood.needs_person,
        suspect=understood.suspect,
        history=understood.history,
        state=LETTER_STATE.get(letter.state, ""),
        facts=facts,
        pages=pages,
        heard=heard,
        knowledge_id=understood.combination.id if understood.combination else "",
        proof=proof,
        proof_page=proof_page,
    )


def _day_note(deadline: Deadline) -> str:
    notes = [BASIS[deadline.basis.value]]
    if deadline.printed and deadline.computed and deadline.printed != deadline.computed:
        notes.append(
            f"op papier {short_day(deadline.printed)}, berekend {short_day(deadline.computed)}: "
            "de inwoner hoort de vroegste"
        )
    if deadline.other_reading:
        notes.append(f"kan ook {short_day(deadline.other_reading)} betekenen")
    if deadline.estimated:
        notes.append("geschat")
    if not deadline.sure:
        notes.append("niet zeker: kijk zelf")
    return "; ".join(notes)


def _value_text(house: House, field: str, value: object) -> str:
    """Return a value as a professional reads it."""
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        return short_day(value)
    if isinstance(value, Decimal):
        return euros(value)
    text = str(value)
    if field == "sender" and text in house.knowledge.senders:
        return house.knowledge.senders[text].name_nl
    if field == "kind" and text in house.knowledge.kinds:
        return house.knowledge.kinds[text].spoken
    return spaced_iban(text) if field == "iban" else text


def _before_text(house: House, field: str, text: str) -> str:
    """Return a kept earlier value, which is text, as a professional reads it."""
    if not text:
        return "onbekend"
    try:
        value: object = date.fromisoformat(text) if field in {"letter_date", "deadline"} else text
        return _value_text(house, field, Decimal(text) if field == "amount" else value)
    except (ValueError, ArithmeticError):
        return text


def _fact(house: House, machine: LetterFacts, understood: Understood, field: str, changes: tuple[Change, ...]) -> Fact:
    facts = understood.facts
    proof, sure, read, now, by = "", understood.sure.get(field, False), "", "", "machine"
    if field == "deadline":
        alone = understood.deadline
        now_value: object = alone.heard if isinstance(alone, Deadline) else None
        clue = alone.clue if isinstance(alone, Deadline) else None
        proof = clue.text if clue else ""
        by = facts.deadline_said.by if facts.deadline_said else "machine"
        read = changes[0].before if changes else _value_text(house, field, now_value)
    else:
        before, after = getattr(machine, field), getattr(facts, field)
        now_value = after.value if after else None
        proof = before.text if before else ""
        by = after.by if after else "machine"
        read = _value_text(house, field, before.value if before else None)
    now = _value_text(house, field, now_value)
    typed = ""
    if isinstance(now_value, date):
        typed = f"{now_value.day}-{now_value.month}-{now_value.year}"
    elif isinstance(now_value, Decimal):
        typed = f"{now_value:.2f}".replace(".", ",")
    elif now_value is not None:
        typed = str(now_value)
    return Fact(field, FIELD[field], read or "niet gelezen", now or "onbekend", typed, proof, sure, by, changes)


def _changes(
    house: House, work: Work, resident: Resident, letter: Letter, people: Mapping[str, Professional], now: datetime
) -> dict[str, tuple[Change, ...]]:
    found: dict[str, tuple[Change, ...]] = {}
    for each in work.papers.corrections(letter):
        value = _value_text(house, each.field, work.papers.corrected_value(resident, each))
        before = work.residents.open(resident, each.before_sealed, "correction") if each.before_sealed else ""
        person = people.get(each.by_ref or "")
        by = "de inwoner" if each.by_kind == "resident" else (person.name if person else "een medewerker")
        change = Change(value, _before_text(house, each.field, before), by, moment(each.at, now))
        found[each.field] = (*found.get(each.field, ()), change)
    return found


def _pages(
    house: House,
    work: Work,
    access: CaseAccess,
    resident: Resident,
    letter: Letter,
    machine: LetterFacts,
    understood: Understood,
) -> tuple[PageView, ...]:
    marked: list[tuple[str, Any]] = [(f, getattr(machine, f)) for f in CORRECTABLE if f != "deadline"]
    deadline = understood.deadline
    marked.append(("deadline", deadline.clue if isinstance(deadline, Deadline) else None))
    pages: list[PageView] = []
    for number, (photo_ref, index) in enumerate(letter.pages):
        photo = work.papers.photo(photo_ref)
        page = _reading(work, resident, photo, index)
        if photo is None or page is None:
            pages.append(PageView(number, 0, 0, "", ()))
            continue
        wide, high = (page.width, page.height) if page.turn % 180 == 0 else (page.height, page.width)
        marks: list[Mark] = []
        for field, found in marked:
            if found is None or found.box is None or found.page != number:
                continue
            box = turned(found.box, page.width, page.height, page.turn)
            pad = max(4, (box.y1 - box.y0) // 4)
            marks.append(
                Mark(
                    field,
                    FIELD[field],
                    box.x0 - pad,
                    box.y0 - pad,
                    box.x1 - box.x0 + 2 * pad,
                    box.y1 - box.y0 + 2 * pad,
                )
            )
        link = page_link(house, access.visitor, photo_ref, index) if index < len(photo.page_files) else ""
        pages.append(PageView(number, wide, high, link, tuple(marks)))
    return tuple(pages)


def _reading(work: Work, resident: Resident, photo: Photo | None, index: int) -> PageReading | None:
    """Return what was read of one page of a file; None when it was not read."""
    readings = work.papers.readings(resident, photo) if photo else ()
    return readings[index] if index < len(readings) else None


def _proof(pages: Sequence[PageView]) -> tuple[Mark | None, int]:
    """Return the mark that proves the haste: the deadline's, else the kind's, else any."""
    for wanted in ("deadline", "kind", "amount", "sender"):
        for page in pages:
            for mark in page.marks:
                if mark.field == wanted and page.link:
                    return mark, page.number
    return None, 0


def _stories(house: House, pile: Pile) -> tuple[Story, ...]:
    stories: list[Story] = []
    for head in pile.letters:
        if head.group != head.ref or head.history:
            continue
        members = [letter for letter in pile.letters if letter.group == head.ref]
        lines: list[tuple[str, str, str]] = []
        for letter in members:
            dated = letter.facts.letter_date
            amount = letter.facts.amount
            when = short_day(dated.value) if dated else "datum onbekend"
            lines.append((title_of(house, letter), when, euros(amount.value) if amount else "bedrag onbekend"))
        creditor = head.facts.on_behalf_of.value if head.facts.on_behalf_of else sender_name(head, house.knowledge)
        stories.append(Story(creditor, tuple(lines)))
    return tuple(stories)


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
            words = f"{FIELD.get(str(event.detail.get('field')), 'Gegeven')} verbeterd"
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
        lines.append(Said(line.sender, who, line.said.text, moment(line.at, now), line.at.isoformat()))
    return tuple(lines)


# --- page images ------------------------------------------------------------------------------------------------------


def _link_key(house: House, visitor: Visitor, photo_ref: str, page: int, until: int) -> str:
    return house.vault.index(f"{visitor.secret}\x00{photo_ref}\x00{page}\x00{until}", "page-link")[:32]


def page_link(house: House, visitor: Visitor, photo_ref: str, page: int) -> str:
    """Return the address of a page image, for this session and five minutes."""
    until = int(house.clock.real_now().timestamp()) + LINK_SECONDS
    return f"/inbox/pagina/{photo_ref}/{page}?tot={until}&sleutel={_link_key(house, visitor, photo_ref, page, until)}"


def case_of_page(house: House, visitor: Visitor, photo_ref: str, page: int, until: str, key: str) -> CaseAccess:
    """Let a visitor through to a page image: a fresh link of her own session, a case of her team with this letter.

    Raises:
        BriefbrugError: NOT_FOUND otherwise.
    """
    refused = BriefbrugError(Reason.NOT_FOUND, f"photo_ref={photo_ref[:40]} page={page}")
    if not until.isdigit() or len(until) > 12:
        raise refused
    now = int(house.clock.real_now().timestamp())
    if not now <= int(until) <= now + LINK_SECONDS or key != _link_key(house, visitor, photo_ref, page, int(until)):
        raise refused
    with house.look() as work:
        photo = work.papers.photo(photo_ref)
        resident = work.residents.get(photo.resident_ref) if photo else None
        if resident is None:
            raise refused
        candidates = [work.cases.open_for(resident), *_cases_of(work, resident)]
        found = None
        for case in candidates:
            if case is None or case.team_ref != visitor.team_ref:
                continue
            if any(
                [photo_ref, page] == list(each)
                for letter in letters_shared(work, resident, case)
                for each in letter.pages
            ):
                found = case.ref
                break
    if found is None:
        raise refused
    return access_case(house, visitor, found)


def _cases_of(work: Work, resident: Resident) -> list[CaseRow | None]:
    return [work.cases.last_for(resident)]


# --- the knowledge and the export -------------------------------------------------------------------------------------


def knowledge_entry(house: House, name: str) -> tuple[Combination, tuple[Source, ...]]:
    """Return an entry of the knowledge and the sources behind it.

    Raises:
        BriefbrugError: NOT_FOUND, when there is no such entry.
    """
    entry = house.knowledge.combinations.get(name)
    if entry is None:
        raise BriefbrugError(Reason.NOT_FOUND, "no such entry")
    return entry, tuple(house.knowledge.sources[source] for source in entry.sources)


def export_case(house: House, access: CaseAccess) -> str:
    """Return a case as JSON, without page images and without what only the desk needs."""
    view = asdict(show_case(house, access))
    view["exported_at"] = house.clock.now().astimezone(AMSTERDAM).isoformat(timespec="seconds")
    for letter in (*view["letters"], *view["aside"]):
        for page in letter["pages"]:
            del page["link"]
    del view["first"], view["colleagues"], view["chat_stamp"]
    return json.dumps(view, ensure_ascii=False, indent=1)
