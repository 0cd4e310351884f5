"""Hear a resident's line once, and speak to her: the thread is the truth for both doors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from briefbrug.case import Actor, CaseStatus, EventKind, human_speaks
from briefbrug.house import House
from briefbrug.speech import Message, say
from briefbrug.store.tables import Resident
from briefbrug.store.thread import MACHINE, RESIDENT, Button, Said
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Answer, Asked, Reply, Spoken
from briefbrug.usecases.come_back import may_return
from briefbrug.usecases.hand_over import change_words, goal_told
from briefbrug.usecases.open_door import HELPER, the_resident
from briefbrug.usecases.stay_safe import is_back
from briefbrug.usecases.tell_letter import correction_told
from briefbrug.usecases.what_comes_next import outcome_told

Mode = Literal["dialogue", "human", "free_text", "muted", "returned", "button"]

DANGER = frozenset({"crisis_self_harm", "crisis_violence", "crisis_urgent_home", "EXTERNAL_acute_medical"})
DANGER_OR_EXIT = DANGER | {"stop", "delete_my_data"}
"""What is still recognised while a person speaks or an open question waits (design.md section 3)."""

LEAVES_FACT = DANGER_OR_EXIT | {"deny", "request_human", "ask_privacy", "change_language"}
"""What a resident may say instead of the date or amount that was asked for."""

LEAVES_STORY = DANGER | {"delete_my_data"}
LEAVES_STORY_SHORT = frozenset({"deny", "stop", "ask_privacy", "change_language", "goodbye"})
SHORT_WORDS = 4
"""Her own words may hold a no, a stop or a call for a person and still be the answer; a few words alone are not."""

POLITE = frozenset({"thank", "goodbye"})
"""A thank-you after the end of a case opens nothing again."""

FREE_TEXT = {
    "goal": goal_told,
    "change": change_words,
    "correct_deadline": correction_told,
    "correct_amount": correction_told,
    "outcome": outcome_told,
}
"""Open questions, and who takes the answer."""


LONGEST_LABEL = 64
CIRCLE_CHANGES = 24
"""How far back the same answer is looked for: two answers of some messages, and what moved between them."""
NEWEST_CHANGES = 8
"""How far back the words of a choice are looked for when they are typed."""

ALL_OF_THEM = re.compile(
    r"(oke? |ja |zo )?(dat|dit|da|det) ?(was|is|waren|zijn|wast|wassen) "
    r"(alles|allemaal|ze allemaal|ze|al mijn brieven)( wel| dan| hoor)?"
    r"|that('s| was| is) (all|everything|it)( of them)?|hepsi bu( kadar)?(ydı)?|to (było |jest )?wszystko"
    r"|هذا كل شيء|це (було )?все"
)
DONE = re.compile(
    r"(oke? |ja |zo )?(dat|dit|da|det) (was|is|waren|zijn) (het|t|'t|alles|ze|m|em)( wel| allemaal| dan| hoor)?"
    r"|(da|dat|dit) ?(wast|wassut|wassie|waren ze|wastan)( allemaal| hoor)?"
    r"|(ik ben |ben |zo )?klaar( hoor| zo)?|meer heb ik niet"
    r"|(i am|i'm) (done|ready)|done|finished|bitti|bu kadar|gotowe|koniec|خلص|انتهيت|готово|все"
)
"""Ways to say that was all: the first at any time, the second while photos come in."""

OTHER_WAYS = (("button_human", "request_human"), ("button_help", "help"))
"""What is offered beside an answer that was given twice already."""

STORIES = frozenset({"goal", "change", "outcome"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What to do with a line: `is_new` is False when the same line came before and was answered.

    `asked` is the open question that the line may answer; `button` the choice whose words were typed.
    """

    is_new: bool
    mode: Mode
    asked: str | None = None
    button: Button | None = None


def leaves_question(asked: str | None, intent: str, text: str) -> bool:
    """Return whether a line is something else than the answer to an open question."""
    if asked not in STORIES:
        # "Nee, 3 Aralık" is an answer, whatever was made of its words.
        has_number = any(sign.isdigit() for sign in text)
        return intent in (DANGER_OR_EXIT if has_number else LEAVES_FACT)
    return intent in LEAVES_STORY or (intent in LEAVES_STORY_SHORT and len(text.split()) <= SHORT_WORDS)


def hear(house: House, resident_ref: str, text: str, door: str, source_key: str) -> Heard:
    """Add a resident's line to the thread once and say who should answer it.

    A line that was heard but not yet answered (the process was killed in between) counts as new.
    """
    with house.work() as work:
        resident = the_resident(work, resident_ref)
        work.residents.seen(resident, door)
        is_back(work, resident)
        said = Said(text=text, key=HELPER if door == HELPER else "")
        is_first = work.thread.add(resident, RESIDENT, said, source_key=source_key) is not None
        answered = work.thread.has(resident, answer_key(source_key))
        if resident.muted:
            return Heard(is_first or not answered, "muted")
        case = work.cases.open_for(resident)
        button = typed_button(work, resident, text)
        if case is not None and is_first:
            work.cases.record(case, EventKind.RESIDENT_WROTE, Actor.RESIDENT, resident.ref, body=text)
            case.unread = True
        if case is not None and human_speaks(CaseStatus(case.status)):
            return Heard(is_first, "human")
        if button is not None:
            return Heard(is_first or not answered, "button", resident.asked, button)
        mode: Mode = "free_text" if resident.asked in FREE_TEXT else "dialogue"
        if case is None and mode == "dialogue" and may_return(work.cases, resident):
            mode = "returned"
        return Heard(is_first or not answered, mode, resident.asked)


def typed_button(work: Work, resident: Resident, text: str) -> Button | None:
    """Return the choice whose words were typed instead of pressed; "dat was alles" is one while a bag is open."""
    words = _bare(text)
    if len(words) > LONGEST_LABEL:
        return None
    for line in reversed(work.thread.lines(resident, resident.last_change - NEWEST_CHANGES)):
        for button in line.said.buttons:
            if words and _bare(button.label) == words:
                return button
    if DONE.fullmatch(words) is None or work.papers.current_bag(resident) is None:
        return Button(text, "all_photos") if ALL_OF_THEM.fullmatch(words) else None
    return Button(text, "all_photos")


def _bare(words: str) -> str:
    """Return words as they compare: small letters, without signs between them."""
    return " ".join(re.findall(r"[\w'’]+", words.casefold()))


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


def _not_in_circles(house: House, work: Work, resident: Resident, said: tuple[Said, ...]) -> tuple[Said, ...]:
    """Return what is said; the third time in a row that an answer ends alike, it also shows another way."""
    if not said:
        return said
    ends: list[str] = []
    last = ""
    for line in work.thread.lines(resident, resident.last_change - CIRCLE_CHANGES):
        if line.sender == MACHINE:
            last = line.said.text
        elif last:
            ends.append(last)
            last = ""
    if ends[-2:] != [said[-1].text] * 2:
        return said
    texts = house.texts_in(resident.language)
    there = {button.do for button in said[-1].buttons}
    ways = [Button(say(Message(label), texts), do) for label, do in OTHER_WAYS]
    more = tuple(way for way in ways if way.do not in there)
    text = f"{said[-1].text}\n\n{say(Message('said_again'), texts)}"
    return (*said[:-1], replace(said[-1], text=text, buttons=(*said[-1].buttons, *more)))


def speak(house: House, resident_ref: str, spoken: Spoken | Sequence[Said], source_key: str | None = None) -> None:
    """Add what the machine says to the thread, once per `source_key`; a help that it offers can be taken by a "ja"."""
    said = spoken.said if isinstance(spoken, Spoken) else tuple(spoken)
    with house.work() as work:
        resident = work.residents.get(resident_ref, lock=True)
        if resident is None:
            return
        said = _not_in_circles(house, work, resident, said)
        offers_human = bool(said and said[-1].buttons) and said[-1].buttons[0].do == "request_human"
        # A word about a sticker or a voice message takes no question's place.
        is_aside = bool(said) and said[-1].key.startswith("door_")
        if offers_human and not is_aside and resident.asked in {None, "all_photos", "consent"}:
            resident.asked = "send_to_human"
        for index, part in enumerate(said):
            work.thread.add(resident, MACHINE, part, source_key=f"{source_key}/{index}" if source_key else None)
