"""One letter at the desk: its pages with marked lines, its facts side by side, its story with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from briefbrug.deadline import Deadline, DeadlineUnknown
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.explanation import explain_letter, explain_place, sender_name
from briefbrug.grounds import grounds_of
from briefbrug.house import House
from briefbrug.letter import LetterFacts, PageReading, turned
from briefbrug.meaning import Pile, Understood, understand_pile
from briefbrug.speech import say, say_all
from briefbrug.store.tables import CaseRow, Letter, Photo, Professional, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.gist import title_of
from briefbrug.usecases.hand_over import letters_shared
from briefbrug.usecases.log_in import Visitor
from briefbrug.usecases.work_on_case import CORRECTABLE
from inbox.access import CaseAccess, access_case
from inbox.first_steps import source_name
from inbox.words import (
    ACTION,
    BASIS,
    FIELD,
    LETTER_STATE,
    SEVERITY,
    SOURCE_STATUS,
    UNKNOWN_DEADLINE,
    URGENCY,
    URGENCY_TONE,
    day,
    euros,
    moment,
    short_day,
    spaced_iban,
)  # fmt: skip

LINK_SECONDS = 300
"""How long the link to a page image lives (S26); it also dies with the session it was made for."""


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
class Heard:
    """A sentence as the resident hears it, with what it rests on; `sources` is empty when it states no fact."""

    text: str
    sources: tuple[str, ...]
    status: str


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
    heard: tuple[Heard, ...]
    place: tuple[str, ...]
    reasons: tuple[dict[str, str | int], ...]
    knowledge_id: str
    proof: Mark | None
    proof_page: int


@dataclass(frozen=True, slots=True)
class Story:
    """A debt over several letters, the newest first."""

    title: str
    letters: tuple[tuple[str, str, str], ...]


def understood_alone(house: House, work: Work, resident: Resident, letter: Letter) -> Understood:
    """Return what a letter means without the others of its pile."""
    facts = work.papers.facts(resident, letter)
    return understand_pile({letter.ref: facts}, house.knowledge, house.clock.today()).letters[0]


def letter_view(
    house: House,
    work: Work,
    access: CaseAccess,
    resident: Resident,
    letter: Letter,
    understood: Understood,
    people: Mapping[str, Professional],
    now: datetime,
    pile: Pile | None = None,
) -> LetterView:
    """Return one letter as the case page shows it, with links to its pages for this visitor."""
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
    place = say_all(explain_place(understood, pile), texts) if pile is not None else ()
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
        heard=_heard(house, understood),
        place=place,
        reasons=tuple({"code": reason.code, **reason.values} for reason in understood.reasons),
        knowledge_id=understood.combination.id if understood.combination else "",
        proof=proof,
        proof_page=proof_page,
    )


def _heard(house: House, understood: Understood) -> tuple[Heard, ...]:
    messages = explain_letter(understood, house.knowledge, house.clock.today())
    found: list[Heard] = []
    for message, ground in zip(messages, grounds_of(messages, understood, house.knowledge), strict=True):
        sources = [house.knowledge.sources[name] for name in ground.sources]
        named = tuple(
            f"{source_name(house, source.id)}, nagekeken op {short_day(source.checked_on)}" for source in sources
        )
        status = SOURCE_STATUS[ground.status] if ground.status else ""
        found.append(Heard(say(message, house.texts["nl"]), named, status))
    return tuple(found)


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


def stories_of(house: House, pile: Pile) -> tuple[Story, ...]:
    """Return each debt that several letters are about."""
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
        creditor = (
            head.facts.on_behalf_of.value
            if head.facts.on_behalf_of
            else sender_name(head, house.knowledge, house.texts["nl"])
        )
        stories.append(Story(creditor, tuple(lines)))
    return tuple(stories)


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
