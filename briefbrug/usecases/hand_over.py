"""Hand a case over to a named human: goal, preview, change, confirm, withdraw (F39, F46 to F53)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from briefbrug.case import Actor, CaseStatus, EventKind, threat_of
from briefbrug.explanation import one_line, sender_of
from briefbrug.failpoints import fail_point
from briefbrug.handover import Chosen, NobodyAvailable, promise_at
from briefbrug.house import House
from briefbrug.meaning import Pile, Understood
from briefbrug.speech import Message, say
from briefbrug.store.tables import CaseRow, Letter, Resident
from briefbrug.store.thread import RESIDENT
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply, just
from briefbrug.usecases.open_door import not_read_yet, the_resident
from briefbrug.usecases.pile import first_of, pile_of
from briefbrug.usecases.roster import choose_for, responsible, team_hours, told_moment

UNKNOWN = "onbekend"
"""The code of a kind that was not read."""

LONGEST_GOAL = 1000
"""Characters of the resident's own words that are kept; longer stories stay in the thread."""
BARE_YES = re.compile(
    r"(ja|jawel|ok[eé]*|okay|is goed|goed|prima|yes|yeah|evet|tamam|tak|dobrze|نعم|так|добре)[\s.!]*", re.IGNORECASE
)
WHO_CHANGES = 16
"""How far back it counts that she just heard who helps."""


@dataclass(slots=True)
class Draft:
    """What the resident is about to send: letters left out, her words, people she does not want."""

    left_out: list[str] = field(default_factory=list[str])
    note: str | None = None
    avoid: list[str] = field(default_factory=list[str])


def draft_of(work: Work, resident: Resident) -> Draft:
    """Return the draft, empty at first."""
    if resident.asked_sealed is None:
        return Draft()
    return Draft(**json.loads(work.residents.open(resident, resident.asked_sealed, "draft")))


def keep_draft(work: Work, resident: Resident, draft: Draft) -> None:
    """Keep the draft, sealed."""
    text = json.dumps({"left_out": draft.left_out, "note": draft.note, "avoid": draft.avoid})
    resident.asked_sealed = work.residents.seal(resident, text, "draft")


def goal_of(work: Work, resident: Resident) -> str | None:
    """Return the resident's goal in her own words."""
    return work.residents.open(resident, resident.goal_sealed, "goal") if resident.goal_sealed else None


def letters_shared(work: Work, resident: Resident, case: CaseRow) -> list[Letter]:
    """Return the letters the resident let the professional see; nothing else of hers is shown at the desk."""
    preview = json.loads(work.cases.preview(resident, case) or "{}")
    allowed = set(preview.get("letters", []))
    return [letter for letter in work.papers.letters(resident, active_only=False) if letter.ref in allowed]


def request_human(house: House, asked: Asked) -> Answer:
    """Begin the handover, or tell who helps already. Never a counter: the way always leads to a named person."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        case = work.cases.open_for(resident)
        if case is not None and work.cases.preview(resident, case) is not None:
            return _who(house, work, resident, case)
        if resident.goal_sealed is None and resident.asked != "goal":
            resident.asked = "goal"
            choices = (Choice("button_skip", "skip_goal"), Choice("button_no", "say_no"))
            return Answer((Reply((Message("human_first"), Message("ask_goal")), choices),), language=resident.language)
        return _preview(house, work, resident)


def share_goal(house: House, asked: Asked) -> Answer:
    """Keep what the resident wants most, in her own words."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        _keep_goal(work, resident, asked.text)
        case = work.cases.open_for(resident)
        sent = work.cases.preview(resident, case) if case is not None else None
        if case is not None:
            if sent is not None:
                # Her professional sees it already among her lines; the goal above the case follows.
                what = json.dumps({**json.loads(sent), "goal": goal_of(work, resident)})
                case.preview_sealed = work.residents.seal(resident, what, "preview")
            return Answer((Reply((Message("goal_kept"),)),), language=resident.language)
        choices = (Choice("button_send_human", "request_human"),)
        return Answer((Reply((Message("goal_kept"), Message("goal_next")), choices),), language=resident.language)


def _keep_goal(work: Work, resident: Resident, words: str) -> None:
    resident.goal_sealed = work.residents.seal(resident, words.strip()[:LONGEST_GOAL], "goal")


def goal_told(house: House, asked: Asked) -> Answer:
    """Take the answer to "what would help you most?" and show what will be sent; a bare "ok" is no goal."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        if not BARE_YES.fullmatch(asked.text.strip()):
            _keep_goal(work, resident, asked.text)
        return _preview(house, work, resident)


def skip_goal(house: House, asked: Asked) -> Answer:
    """Go on without a goal; the help is the same."""
    with house.work() as work:
        return _preview(house, work, the_resident(work, asked.resident_ref))


def preview(house: House, asked: Asked) -> Answer:
    """Show once more what will be sent."""
    with house.work() as work:
        return _preview(house, work, the_resident(work, asked.resident_ref))


def codes_of(pile: Pile, refs: Collection[str]) -> list[tuple[str, str]]:
    """Return the codes of sender and kind of these letters, each pair once: what the figures keep of them."""
    return sorted({(letter.sender, letter.kind or UNKNOWN) for letter in pile.letters if letter.ref in refs})


def _severity(pile: Pile) -> str | None:
    first = first_of(pile)
    return first.severity if first else None


def _preview(house: House, work: Work, resident: Resident) -> Answer:
    """Show who helps, by when, and exactly what is sent."""
    draft = draft_of(work, resident)
    pile = pile_of(house, work, resident)
    chosen = choose_for(house, work, resident, _severity(pile), draft.avoid)
    if isinstance(chosen, NobodyAvailable):
        resident.asked = None
        return _nobody(house, work, resident)
    resident.asked = "preview"
    keep_draft(work, resident, draft)
    promised = _promise(house, work, pile, chosen)
    person = work.people.professional(chosen.colleague.ref)
    case = work.cases.open_for(resident)
    if case is not None:
        # Danger brought a human in before: the same person, and what was promised then.
        person, promised = work.people.professional(case.professional_ref), case.promised_at
    assert person is not None
    team = work.people.team(person.team_ref)
    name = {"name": person.name, "role": person.role, "organisation": team.organisation if team else ""}
    who = [Message("preview_who", name)]
    if chosen.instead_of is not None and case is None:
        who.append(Message("stand_in", {"name": person.name, "absent": chosen.instead_of.name}))
    who.append(Message("preview_when", {"name": person.name, **told_moment(promised, house.clock.today())}))
    sent = [Message("preview_heading", {"name": person.name})]
    goal = goal_of(work, resident)
    if goal:
        sent.append(Message("preview_goal", {"goal": goal}))
    if resident.way:
        sent.append(Message(f"preview_way_{resident.way}"))
    if draft.note:
        sent.append(Message("preview_note", {"note": draft.note}))
    shown = [letter for letter in pile.letters if letter.ref not in draft.left_out]
    sent += [Message("preview_letter", {"line": _line(house, letter, resident.language)}) for letter in shown]
    if not shown:
        sent.append(Message("preview_no_letters"))
    sent.append(Message("preview_ask"))
    choices = (
        Choice("button_confirm", "confirm_hand_over"),
        Choice("button_change", "change_preview"),
        Choice("button_no", "say_no"),
    )
    return Answer((Reply(tuple(who), face=person.ref), Reply(tuple(sent), choices)), language=resident.language)


def _line(house: House, letter: Understood, language: str) -> str:
    return say(one_line(letter, house.knowledge, house.clock.today()), house.texts_in(language))


def _promise(house: House, work: Work, pile: Pile, chosen: Chosen) -> datetime:
    person = work.people.professional(chosen.colleague.ref)
    team = work.people.team(person.team_ref) if person else None
    assert team is not None
    first = first_of(pile)
    return promise_at(house.clock.now(), first.urgency if first else 3, team_hours(house, team))


def _nobody(house: House, work: Work, resident: Resident) -> Answer:
    teams = [team for team in work.people.teams() if team.phone]
    if teams:
        values = {"organisation": teams[0].organisation or teams[0].name, "phone": teams[0].phone}
        return Answer((Reply((Message("nobody_call", values),)),), language=resident.language)
    return Answer((Reply((Message("problem_nobody_available"),)),), language=resident.language)


def change_preview(house: House, asked: Asked) -> Answer:
    """Ask what should be different: a letter left out or put back, other words, another person."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        draft = draft_of(work, resident)
        choices: list[Choice] = [Choice("button_change_words", "change_words")]
        for letter in pile_of(house, work, resident).letters[:12]:
            key = "button_put_back" if letter.ref in draft.left_out else "button_leave_out"
            name = sender_of(letter, house.knowledge)
            choices.append(
                Choice(key, "toggle_letter", {"letter_ref": letter.ref}, {"number": letter.rank, "sender": name})
            )
        choices += [Choice("button_other_person", "other_person"), Choice("button_back", "preview")]
        return Answer((Reply((Message("ask_change"),), tuple(choices)),), language=resident.language)


def toggle_letter(house: House, asked: Asked) -> Answer:
    """Leave a letter out of what is sent, or put it back; then show the whole again."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        draft = draft_of(work, resident)
        ref = asked.values.get("letter_ref", "")
        draft.left_out = (
            [each for each in draft.left_out if each != ref] if ref in draft.left_out else [*draft.left_out, ref]
        )
        keep_draft(work, resident, draft)
        return _preview(house, work, resident)


def ask_words(house: House, asked: Asked) -> Answer:
    """Ask for the resident's own words."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.asked = "change"
        return Answer(
            (Reply((Message("ask_words"),), (Choice("button_back", "preview"),)),), language=resident.language
        )


def change_words(house: House, asked: Asked) -> Answer:
    """Take the resident's own words into what is sent."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        draft = draft_of(work, resident)
        draft.note = asked.text.strip()[:LONGEST_GOAL]
        keep_draft(work, resident, draft)
        return _preview(house, work, resident)


def confirm_hand_over(house: House, asked: Asked) -> Answer:
    """Send the case: the resident's clock starts here. A second press changes nothing."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        case = work.cases.open_for(resident)
        if case is not None and work.cases.preview(resident, case) is not None:
            return _who(house, work, resident, case)
        draft = draft_of(work, resident)
        pile = pile_of(house, work, resident)
        first = first_of(pile)
        sent = [letter.ref for letter in pile.letters if letter.ref not in draft.left_out]
        what = json.dumps({"letters": sent, "goal": goal_of(work, resident), "note": draft.note})
        if case is not None:
            # A crisis brought a human in before; now she may see the letters too.
            case.preview_sealed = work.residents.seal(resident, what, "preview")
            told = {"letters": len(sent), "codes": codes_of(pile, sent), "threat": threat_of(_severity(pile))}
            work.cases.record(case, EventKind.LETTERS_ADDED, Actor.RESIDENT, resident.ref, told)
        else:
            chosen = choose_for(house, work, resident, _severity(pile), draft.avoid)
            if isinstance(chosen, NobodyAvailable):
                return _nobody(house, work, resident)
            person = work.people.professional(chosen.colleague.ref)
            assert person is not None
            team = work.people.team(person.team_ref)
            assert team is not None
            urgency = first.urgency if first else 3
            promised = promise_at(house.clock.now(), urgency, team_hours(house, team))
            case = work.cases.add(
                resident,
                team_ref=team.ref,
                professional_ref=person.ref,
                urgency=urgency,
                promised_at=promised,
                preview=what,
                threat=threat_of(_severity(pile)),
                codes=codes_of(pile, sent),
            )
            work.cases.record(
                case, EventKind.ASSIGNED, Actor.MACHINE, None, {"to": person.ref, "why": list(chosen.why)}
            )
        # Killed here, the case is rolled back with everything else, and the press is taken again.
        fail_point("K12")
        case.threat = threat_of(_severity(pile)) or case.threat
        case.indexed_at = None
        for letter in work.papers.letters(resident):
            if letter.ref in sent:
                letter.state = "handed_over"
        resident.asked = None
        resident.asked_sealed = None
        person, team = responsible(work, case)
        values = {"name": person.name, **told_moment(case.promised_at, house.clock.today())}
        texts = [Message("sent", values), Message("sent_meanwhile")]
        if not team_hours(house, team).is_open(house.clock.now()):
            texts.insert(1, Message("sent_closed_now"))
        choices = (Choice("button_way", "choose_way"),)
        return Answer((Reply(tuple(texts), choices, face=person.ref),), language=resident.language)


def who_helps(house: House, asked: Asked) -> Answer:
    """Tell who helps and by when (F48, F53); without a case, tell who would."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        case = work.cases.open_for(resident)
        if case is not None:
            return _who(house, work, resident, case)
        chosen = choose_for(house, work, resident, _severity(pile_of(house, work, resident)), [])
        if isinstance(chosen, NobodyAvailable):
            return _nobody(house, work, resident)
        person = work.people.professional(chosen.colleague.ref)
        assert person is not None
        values = {"name": person.name, "role": person.role}
        choices = (Choice("button_send_human", "request_human"),)
        return Answer((Reply((Message("who_would", values),), choices, face=person.ref),), language=resident.language)


def _who(house: House, work: Work, resident: Resident, case: CaseRow) -> Answer:
    person, team = responsible(work, case)
    resident.asked = None
    choices = (Choice("button_other_person", "other_person"),)
    times = _just_told(work, resident)
    if times % 3 and case.status != CaseStatus.SPEAKING.value:
        # The same words a third time are a wall: first shorter, then something that she can do meanwhile.
        key = "who_again" if times % 3 == 1 else "who_meanwhile"
        when = told_moment(case.promised_at, house.clock.today())
        told = [Message(key, {"name": person.name, **when} if key == "who_again" else {"name": person.name})]
        if case.status != CaseStatus.WAITING.value or case.broken_at is not None:
            told = [Message("who_again_stays" if key == "who_again" else key, {"name": person.name})]
        if team.phone:
            told.append(Message("who_call", {"phone": team.phone}))
        choices = (Choice("button_overview", "overview"), Choice("button_help", "help"), *choices)
        return Answer((Reply(tuple(told), choices, face=person.ref),), language=resident.language)
    who = Message(
        "who_helps", {"name": person.name, "role": person.role, "organisation": team.organisation or team.name}
    )
    if case.status == CaseStatus.WAITING.value:
        late = case.broken_at is not None
        key = "promise_late" if late else "promise_stands"
        then = Message(
            key,
            {"name": person.name, "phone": team.phone}
            if late
            else {"name": person.name, **told_moment(case.promised_at, house.clock.today())},
        )
    elif case.status == CaseStatus.SPEAKING.value:
        then = Message("human_speaks_now", {"name": person.name})
    else:
        then = Message("human_stays", {"name": person.name})
    return Answer((Reply((who, then), choices, face=person.ref),), language=resident.language)


def _just_told(work: Work, resident: Resident) -> int:
    """Return how many of the newest answers in a row said already who helps."""
    times = 0
    for line in reversed(work.thread.lines(resident, resident.last_change - WHO_CHANGES)):
        if line.sender == RESIDENT:
            continue
        if not line.said.key.startswith("who_") or line.said.key == "who_would":
            break
        times += 1
    return times


def other_person(house: House, asked: Asked) -> Answer:
    """Give the resident somebody else, without asking why (F50)."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        case = work.cases.open_for(resident)
        pile = pile_of(house, work, resident)
        draft = draft_of(work, resident)
        if case is None:
            now = choose_for(house, work, resident, _severity(pile), draft.avoid)
            if isinstance(now, Chosen):
                draft.avoid.append(now.colleague.ref)
            if isinstance(choose_for(house, work, resident, _severity(pile), draft.avoid), NobodyAvailable):
                return Answer(
                    (Reply((Message("no_other_person"),), (Choice("button_back", "preview"),)),),
                    language=resident.language,
                )
            keep_draft(work, resident, draft)
            return _preview(house, work, resident)
        chosen = choose_for(house, work, resident, _severity(pile), [*draft.avoid, case.professional_ref])
        if isinstance(chosen, NobodyAvailable):
            choices = (Choice("button_overview", "overview"), Choice("button_help", "help"))
            return Answer((Reply((Message("no_other_person"),), choices),), language=resident.language)
        detail = {"instead_of": case.professional_ref}
        work.cases.record(case, EventKind.OTHER_PERSON_ASKED, Actor.RESIDENT, resident.ref, detail)
        case.professional_ref = chosen.colleague.ref
        person, team = responsible(work, case)
        case.team_ref = team.ref
        case.unread = True
        work.cases.record(case, EventKind.ASSIGNED, Actor.MACHINE, None, {"to": person.ref, "why": ["other_person"]})
        told = [Message("other_person_now", {"name": person.name, "role": person.role})]
        if case.status == CaseStatus.WAITING.value and case.promised_at > work.clock.now():
            when = told_moment(case.promised_at, house.clock.today())
            told.append(Message("promise_stands", {"name": person.name, **when}))
        return Answer((Reply(tuple(told), face=person.ref),), language=resident.language)


def status(house: House, asked: Asked) -> Answer:
    """Tell how things stand: never "be patient" alone, always who and when."""
    with house.look() as work:
        resident = the_resident(work, asked.resident_ref, lock=False)
        case = work.cases.open_for(resident)
        if case is not None:
            return _who(house, work, resident, case)
        waiting = not_read_yet(work, resident)
        if waiting is not None:
            return Answer((waiting,), language=resident.language)
        if work.papers.letters(resident):
            choices = (Choice("button_send_human", "request_human"), Choice("button_overview", "overview"))
            return Answer((Reply((Message("status_no_case"),), choices),), language=resident.language)
    return just("status_nothing", (Choice("button_human", "request_human"),))


def complain(house: House, asked: Asked) -> Answer:
    """Take a complaint seriously: it goes to the case, and a human is one press away."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        case = work.cases.open_for(resident)
        if case is not None:
            person, _ = responsible(work, case)
            values = {"name": person.name}
            choices = (Choice("button_other_person", "other_person"),)
            return Answer((Reply((Message("complaint_heard_case", values),), choices),), language=resident.language)
        return Answer(
            (Reply((Message("complaint_heard"),), (Choice("button_send_human", "request_human"),)),),
            language=resident.language,
        )


def share_more(house: House, asked: Asked) -> Answer:
    """Let the professional see the letters that came later."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        case = work.cases.open_for(resident)
        if case is None:
            return _preview(house, work, resident)
        before = json.loads(work.cases.preview(resident, case) or "{}")
        letters = [letter.ref for letter in work.papers.letters(resident)]
        before.update(letters=sorted({*before.get("letters", []), *letters}), goal=goal_of(work, resident))
        case.preview_sealed = work.residents.seal(resident, json.dumps(before), "preview")
        case.unread = True
        pile = pile_of(house, work, resident)
        first = first_of(pile)
        case.urgency = min(case.urgency, first.urgency if first else 4)
        case.threat = threat_of(first.severity) if first else case.threat
        case.indexed_at = None
        told = {"letters": len(letters), "codes": codes_of(pile, letters), "threat": case.threat}
        work.cases.record(case, EventKind.LETTERS_ADDED, Actor.RESIDENT, resident.ref, told)
        resident.asked = None
        person, _ = responsible(work, case)
        return Answer((Reply((Message("shared_more", {"name": person.name}),)),), language=resident.language)


def withdraw(house: House, asked: Asked) -> Answer:
    """Take the consent back: the case closes and the professional sees nothing more (F51)."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        case = work.cases.open_for(resident)
        if case is None:
            return Answer((Reply((Message("nothing_shared"),)),), language=resident.language)
        person, _ = responsible(work, case)
        work.cases.record(case, EventKind.CONSENT_WITHDRAWN, Actor.RESIDENT, resident.ref)
        case.closed_at = work.clock.now()
        case.preview_sealed = None
        case.indexed_at = None
        for letter in work.papers.letters(resident):
            if letter.state == "handed_over":
                letter.state = "explained"
        return Answer((Reply((Message("withdrawn", {"name": person.name}),)),), language=resident.language)
