"""Hear a resident's line once, and speak to her: the thread is the truth for both doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from briefbrug.case import Actor, CaseStatus, EventKind, human_speaks
from briefbrug.house import House
from briefbrug.speech import Message
from briefbrug.store.thread import MACHINE, RESIDENT, Said
from briefbrug.usecases.answer import Answer, Asked, Reply, Spoken
from briefbrug.usecases.hand_over import change_words, goal_told
from briefbrug.usecases.open_door import the_resident
from briefbrug.usecases.tell_letter import correction_told

Mode = Literal["dialogue", "human", "free_text", "muted"]

DANGER = frozenset({"crisis_self_harm", "crisis_violence", "crisis_urgent_home", "EXTERNAL_acute_medical"})
DANGER_OR_EXIT = DANGER | {"stop", "delete_my_data"}
"""What is still recognised while a person speaks or an open question waits (design.md section 3)."""

LEAVES_QUESTION = DANGER_OR_EXIT | {"deny", "request_human", "ask_privacy"}
"""What a resident may say instead of answering an open question."""

FREE_TEXT = {
    "goal": goal_told,
    "change": change_words,
    "correct_deadline": correction_told,
    "correct_amount": correction_told,
}
"""Open questions, and who takes the answer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What to do with a line: `is_new` is False when the same line came before and was answered."""

    is_new: bool
    mode: Mode


def hear(house: House, resident_ref: str, text: str, door: str, source_key: str) -> Heard:
    """Add a resident's line to the thread once and say who should answer it.

    A line that was heard but not yet answered (the process was killed in between) counts as new.
    """
    with house.work() as work:
        resident = the_resident(work, resident_ref)
        work.residents.seen(resident, door)
        is_first = work.thread.add(resident, RESIDENT, Said(text=text), source_key=source_key) is not None
        answered = work.thread.has(resident, answer_key(source_key))
        if resident.muted:
            return Heard(is_first or not answered, "muted")
        case = work.cases.open_for(resident)
        if case is not None and is_first:
            work.cases.record(case, EventKind.RESIDENT_WROTE, Actor.RESIDENT, resident.ref, body=text)
            case.unread = True
        if case is not None and human_speaks(CaseStatus(case.status)):
            return Heard(is_first, "human")
        mode: Mode = "free_text" if resident.asked in FREE_TEXT else "dialogue"
        return Heard(is_first or not answered, mode)


def answer_key(source_key: str) -> str:
    """Return the key under which the answer to a line is kept."""
    return f"{source_key}/0"


def take_free_text(house: House, asked: Asked) -> Answer:
    """Take the answer to an open question."""
    with house.look() as work:
        resident = the_resident(work, asked.resident_ref, lock=False)
        waiting = resident.asked
    usecase = FREE_TEXT.get(waiting or "")
    return usecase(house, asked) if usecase else Answer((Reply((Message("not_understood"),)),))


def speak(house: House, resident_ref: str, spoken: Spoken | Sequence[Said], source_key: str | None = None) -> None:
    """Add what the machine says to the thread, once per `source_key`."""
    said = spoken.said if isinstance(spoken, Spoken) else tuple(spoken)
    with house.work() as work:
        resident = work.residents.get(resident_ref, lock=True)
        if resident is None:
            return
        for index, part in enumerate(said):
            work.thread.add(resident, MACHINE, part, source_key=f"{source_key}/{index}" if source_key else None)
