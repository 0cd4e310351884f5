"""Buttons: what a resident can press, also days later and also while the language model is away."""

from __future__ import annotations

from dataclasses import dataclass, replace

from briefbrug.errors import Reason
from briefbrug.house import House
from briefbrug.store.thread import RESIDENT, Button, Said
from briefbrug.usecases.answer import Asked, Spoken, UseCase, answer_kindly, problem
from briefbrug.usecases.erase import delete_now
from briefbrug.usecases.hand_over import (
    ask_words,
    change_preview,
    confirm_hand_over,
    other_person,
    preview,
    request_human,
    share_more,
    skip_goal,
    toggle_letter,
    withdraw,
)
from briefbrug.usecases.join_in import end_joining, give_helper_code, only_herself
from briefbrug.usecases.listen import speak
from briefbrug.usecases.open_door import HELPER, the_resident
from briefbrug.usecases.stay_safe import ask_safe_hours, choose_safe_hours, is_back
from briefbrug.usecases.talk import (
    all_photos,
    ask_delete,
    change_language,
    consent_no,
    consent_yes,
    explain_help,
    greet,
    more_photos,
    say_no,
)
from briefbrug.usecases.tell_dossier import tell_dossier
from briefbrug.usecases.tell_letter import (
    already_paid,
    ask_amount,
    ask_deadline,
    choose_way,
    correct_fact,
    explain_pile,
    give_sentence,
    not_my_letter,
    tell_letter,
    what_to_do,
)
from briefbrug.usecases.what_comes_next import outcome_ask, outcome_keep, outcome_share

BUTTONS: dict[str, UseCase] = {
    "my_dossier": tell_dossier,
    "outcome_ask": outcome_ask,
    "outcome_share": outcome_share,
    "outcome_keep": outcome_keep,
    "consent_yes": consent_yes,
    "consent_no": consent_no,
    "all_photos": all_photos,
    "more_photos": more_photos,
    "overview": explain_pile,
    "tell_letter": tell_letter,
    "what_to_do": what_to_do,
    "ready_sentence": give_sentence,
    "correct_fact": correct_fact,
    "correct_deadline": ask_deadline,
    "correct_amount": ask_amount,
    "not_mine": not_my_letter,
    "paid": already_paid,
    "choose_way": choose_way,
    "request_human": request_human,
    "skip_goal": skip_goal,
    "preview": preview,
    "change_preview": change_preview,
    "change_words": ask_words,
    "toggle_letter": toggle_letter,
    "confirm_hand_over": confirm_hand_over,
    "other_person": other_person,
    "ask_safe_hours": ask_safe_hours,
    "safe_hours": choose_safe_hours,
    "helper_code": give_helper_code,
    "end_joining": end_joining,
    "share_more": share_more,
    "withdraw": withdraw,
    "delete_my_data": ask_delete,
    "delete_now": delete_now,
    "say_no": say_no,
    "change_language": change_language,
    "greet": greet,
    "help": explain_help,
}
"""Name of a button -> use case. Doors send a message and a place in it, never these names."""

ONLY_HERSELF = frozenset({"delete_now", "confirm_hand_over", "withdraw", "share_more", "consent_yes", "helper_code"})
"""What somebody who reads along cannot decide for the resident."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press did: the words that were on the button, and what was answered (None when it came twice)."""

    spoken: Spoken | None
    label: str


def run_button(house: House, button: Button, asked: Asked) -> Spoken:
    """Run what a button stands for, and return its words."""
    usecase = only_herself if asked.door == HELPER and button.do in ONLY_HERSELF else BUTTONS.get(button.do)
    if usecase is None:
        return problem(house, Reason.NOT_FOUND)
    return answer_kindly(usecase, house, replace(asked, text="", values=button.values))


def press(house: House, resident_ref: str, message_ref: str, index: int, door: str, source_key: str) -> Pressed:
    """Run a button of an own message, once per `source_key`; the choice and its answer join the thread."""
    with house.work() as work:
        resident = the_resident(work, resident_ref)
        work.residents.seen(resident, door)
        is_back(work, resident)
        line = work.thread.line(resident, message_ref)
        if line is None or not 0 <= index < len(line.said.buttons):
            return Pressed(problem(house, Reason.NOT_FOUND, resident.language), "")
        button = line.said.buttons[index]
        fresh = work.thread.add(resident, RESIDENT, Said(text=button.label), source_key=source_key) is not None
        if not fresh and work.thread.has(resident, f"{source_key}/0"):
            return Pressed(None, button.label)
        resident.muted = False
    spoken = run_button(house, button, Asked(resident_ref, door=door))
    speak(house, resident_ref, spoken, source_key)
    return Pressed(spoken, button.label)
