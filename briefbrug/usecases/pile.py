"""A resident's pile as she and her professional see it: corrections applied, ranked, with proof."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from briefbrug.deadline import Deadline
from briefbrug.explanation import explain_can_wait, explain_first, explain_rest, explain_shared
from briefbrug.house import House
from briefbrug.letter import KEPT_SIDE_PX, Box, Found, LetterFacts, PageReading, turned
from briefbrug.meaning import Pile, Understood, understand_pile
from briefbrug.proof import proof_of as line_of_proof
from briefbrug.speech import Message
from briefbrug.store.tables import Letter, Resident
from briefbrug.store.thread import Picture
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Choice, Reply

REMIND_DAYS_BEFORE = 2
MARGIN = 12
"""Pixels of paper kept round a line of proof."""


def pile_of(house: House, work: Work, resident: Resident, letters: Sequence[Letter] | None = None) -> Pile:
    """Return the ranked pile of a resident's active letters, or of `letters`."""
    chosen = work.papers.letters(resident) if letters is None else letters
    facts = {letter.ref: work.papers.facts(resident, letter) for letter in chosen}
    return understand_pile(facts, house.knowledge, house.clock.today())


def first_of(pile: Pile) -> Understood | None:
    """Return the one first thing."""
    return pile.letters[0] if pile.letters else None


def proof_of(
    work: Work, resident: Resident, letter: Letter, facts: LetterFacts, found: Found[Any] | None, alt: str
) -> tuple[Picture, ...]:
    """Return the cut-out of the very line a finding was read from (F16); empty without words."""
    proof = line_of_proof(facts.words, found) if found is not None else None
    if proof is None or proof.page >= len(letter.pages):
        return ()
    photo_ref, index = letter.pages[proof.page]
    photo = work.papers.photo(photo_ref)
    if photo is None:
        return ()
    # The slice says by itself whether there is such a page.
    for page in work.papers.readings(resident, photo)[index : index + 1]:
        box = shown_box(proof.box, page)
        return (Picture(photo_ref, index, (box.x0, box.y0, box.x1, box.y1), alt),)
    return ()


def shown_box(box: Box, page: PageReading, margin: int = MARGIN) -> Box:
    """Return where a box of the file as stored lies on the kept page image, with `margin` pixels of paper round it."""
    line = turned(box, page.width, page.height, page.turn)
    wide, high = (page.width, page.height) if page.turn % 180 == 0 else (page.height, page.width)
    scale = min(1.0, KEPT_SIDE_PX / max(wide, high))
    room = max(margin, (line.y1 - line.y0) // 2) if margin else 0
    return Box(
        round(max(0, line.x0 - room) * scale),
        round(max(0, line.y0 - room) * scale),
        round(min(wide, line.x1 + room) * scale),
        round(min(high, line.y1 + room) * scale),
    )


def proof_of_first(
    work: Work, resident: Resident, letter: Letter, understood: Understood, alt: str
) -> tuple[Picture, ...]:
    """Return the proof of what makes a letter urgent: its deadline, else its kind."""
    deadline = understood.deadline
    if understood.facts.deadline_said is None and isinstance(deadline, Deadline) and deadline.clue is not None:
        picture = proof_of(work, resident, letter, understood.facts, deadline.clue, alt)
        if picture:
            return picture
    return proof_of(work, resident, letter, understood.facts, understood.facts.kind, alt)


def overview(house: House, work: Work, resident: Resident, pile: Pile) -> list[Reply]:
    """Return the overview: the one first thing with its proof, the rest in order, what can wait, the offer of a human.

    Sets the focus on the first letter and plans the reminders.
    """
    first = first_of(pile)
    if first is None:
        return [Reply((Message("no_letters"),))]
    letters = {letter.ref: letter for letter in work.papers.letters(resident)}
    resident.focus_letter = first.ref
    for understood in pile.letters:
        plan_reminder(house, letters[understood.ref], understood)
    pictures = proof_of_first(work, resident, letters[first.ref], first, "proof")
    about_first = Choice("button_what_to_do", "what_to_do", {"letter_ref": first.ref})
    replies = [Reply(explain_first(pile, house.knowledge), (about_first,), pictures)]
    rest = explain_rest(pile, house.knowledge)
    waits = explain_can_wait(pile, house.knowledge)
    if rest or waits:
        heading = (Message("rest_heading"),) if rest else tuple[Message, ...]()
        replies.append(Reply((*explain_shared(pile, house.knowledge), *heading, *rest, *waits)))
    if work.cases.open_for(resident) is not None:
        replies.append(
            Reply((Message("ask_share_more"),), (Choice("button_yes", "share_more"), Choice("button_no", "say_no")))
        )
    else:
        choices = (Choice("button_send_human", "request_human"), Choice("button_no", "say_no"))
        replies.append(Reply((Message("offer_human"),), choices))
    return replies


def plan_reminder(house: House, letter: Letter, understood: Understood) -> None:
    """Plan a reminder two days before a deadline that can be relied on (F25)."""
    deadline = understood.deadline
    letter.remind_on = None
    if isinstance(deadline, Deadline) and not understood.history:
        day = deadline.heard - timedelta(days=REMIND_DAYS_BEFORE)
        if day > house.clock.today():
            letter.remind_on = day
