"""Tell a resident what is written about her (F77): what she shared, what was changed beside it, why, and who looked."""

from __future__ import annotations

from briefbrug.explanation import one_line
from briefbrug.house import House
from briefbrug.speech import Message, say
from briefbrug.store.tables import CaseRow, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply
from briefbrug.usecases.hand_over import goal_of, letters_shared
from briefbrug.usecases.open_door import the_resident
from briefbrug.usecases.pile import pile_of
from briefbrug.usecases.room_to_act import reasons
from briefbrug.usecases.roster import told_moment
from briefbrug.usecases.what_comes_next import steps_of

LOOKS_TOLD = 12
"""The newest looks that are told in the chat; the export holds all of them."""


def tell_dossier(house: House, asked: Asked) -> Answer:
    """Tell everything that is shared, corrections beside it, the plain reasons, the steps, who looked and when.

    She reads it in the chat of either door, and can change it or take her consent back right there.
    """
    with house.look() as work:
        resident = the_resident(work, asked.resident_ref, lock=False)
        case = work.cases.open_for(resident) or work.cases.last_for(resident)
        if case is None:
            choices = (Choice("button_send_human", "request_human"), Choice("button_delete", "delete_my_data"))
            return Answer((Reply((Message("dossier_nothing"),), choices),), language=resident.language)
        replies = [
            Reply(tuple(_shared(house, work, resident, case))),
            Reply(tuple(_looked(house, work, resident))),
        ]
        written = _written(house, work, resident, case)
        if written:
            replies.insert(1, Reply(tuple(written)))
        choices = [Choice("button_overview", "overview"), Choice("button_delete", "delete_my_data")]
        if work.cases.preview(resident, case) is not None:
            choices.insert(1, Choice("button_withdraw", "withdraw"))
        replies.append(Reply((Message("dossier_wrong"),), tuple(choices)))
        return Answer(tuple(replies), language=resident.language)


def _shared(house: House, work: Work, resident: Resident, case: CaseRow) -> list[Message]:
    person = work.people.professional(case.professional_ref)
    letters = letters_shared(work, resident, case)
    if work.cases.preview(resident, case) is None:
        return [Message("dossier_not_shared")]
    told = [Message("dossier_heading", {"name": person.name if person else ""})]
    goal = goal_of(work, resident)
    if goal:
        told.append(Message("preview_goal", {"goal": goal}))
    if resident.way:
        told.append(Message(f"preview_way_{resident.way}"))
    texts = house.texts_in(resident.language)
    for letter in pile_of(house, work, resident, letters).letters:
        line = say(one_line(letter, house.knowledge, house.clock.today()), texts)
        told.append(Message("preview_letter", {"line": line}))
    names = {each.ref: each.name for each in work.people.professionals(active_only=False)}
    for letter in letters:
        for correction in work.papers.corrections(letter):
            before = ""
            if correction.before_sealed:
                before = work.residents.open(resident, correction.before_sealed, "correction")
            value = str(work.papers.corrected_value(resident, correction))
            by_her = correction.by_kind == "resident"
            key = "dossier_you_changed" if by_her else "dossier_they_changed"
            values = {"number": letter.number, "before": before or "?", "value": value}
            if not by_her:
                values["name"] = names.get(correction.by_ref or "", "?")
            told.append(Message(key, values))
    return told


def _written(house: House, work: Work, resident: Resident, case: CaseRow) -> list[Message]:
    told = [
        Message("desk_reason", {"name": each.by, "words": each.plain})
        for each in reasons(work, resident, case)
        if each.shared_at is not None
    ]
    for step in steps_of(house, work, resident, case.ref):
        key = "dossier_step_done" if step.done_at else "dossier_step"
        told.append(Message(key, {"step": step.text}))
    return told


def _looked(house: House, work: Work, resident: Resident) -> list[Message]:
    names = {each.ref: each.name for each in work.people.professionals(active_only=False)}
    looks = work.cases.looks(resident)
    if not looks:
        return [Message("dossier_nobody_looked")]
    told = [Message("dossier_who_looked")]
    seen: set[tuple[str, str]] = set()
    for look in looks:
        moment = told_moment(look.at, house.clock.today())
        key = (look.professional_ref, look.at.isoformat(timespec="minutes"))
        if key in seen:
            continue
        seen.add(key)
        told.append(Message("dossier_look", {"name": names.get(look.professional_ref, "?"), **moment}))
        if len(seen) == LOOKS_TOLD:
            break
    return told
