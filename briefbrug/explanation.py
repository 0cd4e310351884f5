"""Chooses what to say about a letter or a pile: keys of the text files with names, dates and amounts, nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from briefbrug.asking import DEBT_KINDS
from briefbrug.certainty import NO_AMOUNT
from briefbrug.counting import EVENTS, Deadline, DeadlineUnknown, LegalCalendar
from briefbrug.knowledge.load import Knowledge
from briefbrug.letter import UNKNOWN_SENDER, Action, DeadlineBasis
from briefbrug.meaning import Pile, Understood
from briefbrug.printed import plain
from briefbrug.speech import Day, DaysAway, Euros, Message, Numbers, SenderName, Value, say_sender

WAYS = ("self", "show_me", "for_me", "another_way")
"""I do it myself; show me; do it for me now; another way (product.md)."""

PURPOSES = ("payment_plan", "postponement", "not_my_letter", "already_paid", "bezwaar")
"""What a ready sentence can be for (F31)."""

NAMED_ON_PAPER = frozenset(
    {"woningcorporatie", "gerechtsdeurwaarder", "rechtbank", "gemeente", "lokale_belastingen", "zorgverzekeraar",
     "energieleverancier", "waterbedrijf", "incassobureau", "telecom", "bank", "ziekenhuis_zorgverlener",
     "school_kinderopvang"}
)  # fmt: skip
"""Senders of which there are many: the resident hears the name on the paper."""

OF_MANY = frozenset({"gemeente", "rechtbank", "gerechtshof"})
"""Words before the name of a town that together name one office of many."""

LONGEST_NAME = 48
"""A longer name is more likely a wrong reading than a name."""

EVENT_LINES = frozenset({"ontruiming", "dagvaarding", "uitnodiging", "afsluiting"})
"""Kinds with their own sentence for a day on which something happens."""

TALK_WITHIN_WORKING_DAYS = 3
"""Working days in which the municipality must have the first talk in a threatening situation (Wgs art. 4 lid 2)."""

EXPLAINED_SENDERS = frozenset(
    {"cak", "svb", "uwv", "duo", "cjib", "lbio", "dienst_toeslagen", "gerechtsdeurwaarder", "incassobureau"}
)
"""Senders whose name says nothing to many people; the letter's explanation says what they do."""

COURT = frozenset({"dagvaarding", "vonnis", "ontruiming"})
"""Kinds that lead to or come from a judge: bezwaar does not exist there."""

DECISIONS = frozenset({"beschikking", "terugvordering", "boete", "aanslag"})
"""Kinds against which bezwaar can be made when a public body sent them."""


def clean_name(text: str) -> str:
    """Return a name from paper that is safe to show: one line, no control or direction marks, not too long."""
    kept = "".join(" " if c.isspace() else c for c in text if unicodedata.category(c)[0] != "C" or c.isspace())
    return " ".join(kept.split())[:LONGEST_NAME].strip(" ,;:-")


def sender_of(letter: Understood, knowledge: Knowledge, *, opens: bool = False, glossed: bool = False) -> SenderName:
    """Return the sender as a value to say: the name on the paper where it is sure and says more than the sort."""
    printed = letter.facts.sender_name
    if letter.sender in NAMED_ON_PAPER and printed is not None and printed.sure:
        name = clean_name(printed.value)
        known = knowledge.senders[letter.sender]
        # "Gerechtsdeurwaarders" alone is a sort of sender, not a name.
        general = {plain(word) for word in (*known.variants, letter.sender, f"{letter.sender}s")}
        if re.search(r"[A-Za-zÀ-ÿ]{2}", name) and plain(name) not in general:
            first, _, rest = name.partition(" ")
            if first.lower() in OF_MANY and rest:
                return SenderName(letter.sender, rest, first.lower(), opens)
            return SenderName(letter.sender, name, opens=opens)
    return SenderName(letter.sender, opens=opens, glossed=glossed)


def sender_name(letter: Understood, knowledge: Knowledge, texts: Mapping[str, str]) -> str:
    """Return how the sender is called inside a sentence of these texts: "het CAK", "Ymere", "de gemeente Utrecht"."""
    return say_sender(sender_of(letter, knowledge), texts)


def _text(letter: Understood, part: Literal["what", "step", "else", "can"]) -> str:
    """Return the key of one part (what, else, step, can) of a letter's explanation.

    A known combination has its own text or one it shares; outside them the kind speaks.
    """
    if letter.voice is not None:
        return letter.voice.texts.get(part) or f"{part}_kind_{letter.kind}"
    return f"{part}_kind_{letter.kind or UNKNOWN_SENDER}"


def _can(letter: Understood, knowledge: Knowledge) -> str:
    """Return the key of what is still possible; the general word about bezwaar only where bezwaar exists."""
    key = _text(letter, "can")
    return "can_kind_onbekend" if key == "can_kind_beschikking" and not knowledge.senders[letter.sender].public else key


# --- when -----------------------------------------------------------------------------------------------------------


def _event(letter: Understood, deadline: Deadline) -> str | None:
    """Return the suffix of the sentence for an event, None when the deadline is none."""
    if deadline.basis is not DeadlineBasis.APPOINTMENT and deadline.rule not in EVENTS:
        return None
    return letter.kind if letter.kind in EVENT_LINES and not _is_no_writ(letter) else "other"


def _is_no_writ(letter: Understood) -> bool:
    """Return whether a summons comes from a bureau that cannot summon: it only looks like one."""
    return letter.sender == "incassobureau" and letter.kind == "dagvaarding"


def _said_action(letter: Understood, knowledge: Knowledge) -> Action:
    """Return the action as it is said: against a judge or a private sender bezwaar does not exist."""
    if letter.action is Action.BEZWAAR and not knowledge.senders[letter.sender].public:
        return Action.REAGEREN
    return letter.action


def tell_deadline(letter: Understood, knowledge: Knowledge, today: date) -> tuple[Message, ...]:
    """Return by when: the day with its weekday and how far it is, or plainly that it is not known.

    An unsure day is never told as certain; a passed day never as too late.
    """
    deadline, action = letter.deadline, _said_action(letter, knowledge)
    if deadline is None or letter.action is Action.NIETS:
        return (Message("deadline_none"),)
    if isinstance(deadline, DeadlineUnknown):
        told = [Message("deadline_unknown_now" if letter.urgency == 1 else "deadline_unknown")]
        # The four weeks of verzet may be running or over; both are a reason to ask today.
        return (*told, *(_still_possible(letter, action) if letter.kind == "vonnis" else ()))
    day = deadline.heard
    values = {"deadline": Day(day, today), "days": DaysAway((day - today).days)}
    if not deadline.sure:
        told = [Message("deadline_unsure", values)]
        if day < today:
            told += [Message("deadline_unsure_passed"), *_still_possible(letter, action)]
        return tuple(told)
    event = _event(letter, deadline)
    if day < today:
        return (
            Message(f"event_passed_{event}" if event else "deadline_passed", values),
            Message(f"still_possible_{action.value}"),
            *_still_possible(letter, action),
        )
    if event:
        told = [Message(f"event_{event}", values)]
        if day > today and deadline.safe_day >= today and event in {"ontruiming", "afsluiting", "dagvaarding"}:
            told.append(Message("event_act_before"))
        return tuple(told)
    told = [Message(f"by_{action.value}", values)]
    if today <= deadline.safe_day < day:
        told.append(Message("deadline_safe_day", {"day": Day(deadline.safe_day, today)}))
    if deadline.basis is DeadlineBasis.TERM and deadline.rule != "immediate":
        told.append(Message("deadline_counted"))
    return tuple(told)


def _still_possible(letter: Understood, action: Action) -> tuple[Message, ...]:
    """Return what this sort of letter leaves open after its day has passed (F24); more than one can hold.

    Excuse in bezwaar (Awb 6:11), verzet against a judgment in absence (Rv 143), the moratorium that the municipality
    asks for (Fw 287b), getting energy or water back.
    """
    told: list[Message] = []
    if action is Action.BEZWAAR:
        told.append(Message("late_bezwaar"))
    if letter.kind == "vonnis":
        told.append(Message("late_verzet"))
    if letter.kind == "beschikking" and letter.sender == "rechtbank":
        told.append(Message("late_beroep"))
    if letter.severity == "home" and letter.kind in {"vonnis", "ontruiming", "dagvaarding"}:
        told.append(Message("late_home"))
    if letter.kind == "afsluiting" and letter.severity in {"energy", "water"}:
        told.append(Message("late_supply"))
    return tuple(told)


def tell_amount(letter: Understood, knowledge: Knowledge, today: date) -> tuple[Message, ...]:
    """Return how much, or plainly that it is not known; for an arrears the newest letter counts."""
    amount = letter.facts.amount
    if amount is None:
        return (Message("amount_none" if letter.sure["amount"] else "amount_unknown"),)
    key = "amount_sure" if amount.sure else "amount_unsure"
    return (Message(key, {"amount": Euros(amount.value)}),)


# --- one letter -----------------------------------------------------------------------------------------------------


def _who(letter: Understood, knowledge: Knowledge) -> list[Message]:
    facts = letter.facts
    if letter.sender == UNKNOWN_SENDER:
        told = [Message("letter_from_unknown")]
    else:
        key = "letter_from" if facts.sender is not None and facts.sender.sure else "letter_from_unsure"
        told = [Message(key, {"sender": sender_of(letter, knowledge)})]
        if letter.sender in EXPLAINED_SENDERS:
            told.append(Message(f"who_{letter.sender}"))
    if facts.on_behalf_of is not None and facts.on_behalf_of.sure:
        creditor = clean_name(facts.on_behalf_of.value)
        if creditor:
            told.append(Message("letter_for_creditor", {"creditor": creditor}))
    return told


def explain_letter(letter: Understood, knowledge: Knowledge, today: date, way: str = "for_me") -> tuple[Message, ...]:
    """Return the whole explanation of a letter.

    Who, what they want, how much, by when, what happens if nothing is done, one step by the chosen way of helping,
    and what is still possible.

    Args:
        letter: the letter inside its pile.
        knowledge: senders, kinds, law.
        today: the day on which it is told.
        way: self, show_me, for_me or another_way.
    """
    if letter.suspect:
        return (*_who(letter, knowledge), Message("suspect_what"), Message("suspect_step"), Message("suspect_can"))
    told = _who(letter, knowledge)
    kind = letter.kind
    if (letter.sender != "reclame" or kind == "reclame") and not _is_no_writ(letter):
        told.append(Message(f"kind_{kind or UNKNOWN_SENDER}"))
    if kind is not None and not letter.sure["kind"]:
        told.append(Message("kind_unsure"))
    told.append(Message(_text(letter, "what")))
    if letter.facts.amount is not None and letter.action is not Action.NIETS and kind not in NO_AMOUNT:
        told.extend(tell_amount(letter, knowledge, today))
    if letter.history:
        return (*told, Message("letter_is_older"), Message("letter_is_older_step"))
    if letter.action is not Action.NIETS:
        told.extend(tell_deadline(letter, knowledge, today))
        told.append(Message(_text(letter, "else")))
    told.extend(what_to_do(letter, knowledge, today, way))
    if letter.action is not Action.NIETS:
        told.append(Message(_can(letter, knowledge)))
        told.extend(_who_helps(letter, knowledge))
    if letter.combination is not None and letter.combination.status == "check":
        told.append(Message("law_unsure"))
    return tuple(told)


def purpose_of(letter: Understood) -> str:
    """Return what the ready sentence of a letter is for when the resident names nothing: terms, bezwaar or time."""
    if letter.action is Action.BEZWAAR:
        return "bezwaar"
    asks_money = letter.action in {Action.BETALEN, Action.BELLEN} and letter.kind in DEBT_KINDS
    return "payment_plan" if asks_money else "postponement"


def what_to_do(letter: Understood, knowledge: Knowledge, today: date, way: str = "for_me") -> tuple[Message, ...]:
    """Return the one step for a letter, in the way the resident chose."""
    if letter.suspect:
        return (Message("suspect_step"),)
    if letter.history:
        return (Message("letter_is_older"), Message("letter_is_older_step"))
    step = Message(_text(letter, "step"))
    if letter.action is Action.NIETS:
        return (step,) if letter.sure["kind"] else (Message("step_keep"),)
    phone = _phone(letter, knowledge)
    number = (*((Message("phone_is", {"phone": phone}),) if phone else ()), *_route(letter, knowledge, today))
    match way:
        case "self":
            return (Message("step_way_self"), step, *number)
        case "show_me":
            return (Message("step_way_show_me"), step, *number)
        case "another_way":
            return (step, *number, Message("step_way_another_way"))
        case _:
            return (step, *number, Message("step_way_for_me"))


def is_threatened(letter: Understood) -> bool:
    """Return whether a home, supply or insurance is about to be lost, so that the short legal route holds (F26)."""
    return letter.threatened and not letter.history


def _who_helps(letter: Understood, knowledge: Knowledge) -> tuple[Message, ...]:
    """Return one line about free help that fits this letter, with a number where that need not be checked."""
    if letter.combination is None or is_threatened(letter):
        # The step and the short route name the municipality already.
        return ()
    for name in letter.combination.helpers:
        helper = knowledge.helpers[name]
        if name == "schuldeiser_zelf" or (helper.phone and knowledge.status_of(helper.sources) == "check"):
            continue
        phone = helper.phone or (knowledge.helpers["juridisch_loket"].phone if name == "advocaat_toevoeging" else "")
        return (Message(f"help_{name}", {"phone": phone} if phone else {}),)
    return ()


def _route(letter: Understood, knowledge: Knowledge, today: date) -> tuple[Message, ...]:
    """Return the clock of the municipality: a first talk within three working days of a call today."""
    if not is_threatened(letter):
        return ()
    day = LegalCalendar.of(knowledge.holidays).add_working_days(today, TALK_WITHIN_WORKING_DAYS)
    return (Message("route_threatened", {"day": Day(day, today)}),)


def _phone(letter: Understood, knowledge: Knowledge) -> str | None:
    """Return the sender's number when it is no longer to be checked and the step is a call or a payment."""
    if (
        letter.action not in {Action.BELLEN, Action.BETALEN, Action.OPSTUREN, Action.REAGEREN}
        or not letter.sure["sender"]
    ):
        return None
    entry = letter.combination
    if entry is None or "schuldeiser_zelf" not in entry.helpers or letter.sender == "zorgverzekeraar":
        return None
    return next((p.number for p in knowledge.senders[letter.sender].phones if p.status != "check"), None)


# --- the pile -------------------------------------------------------------------------------------------------------


def first_of(pile: Pile) -> Understood | None:
    """Return the one letter that comes first; None for an empty pile."""
    return pile.letters[0] if pile.letters else None


def explain_first(pile: Pile, knowledge: Knowledge) -> tuple[Message, ...]:
    """Return the one first thing: which letter, what to do now, and why, one sentence each."""
    letter = first_of(pile)
    if letter is None:
        return (Message("first_none"),)
    # "Nothing is urgent" is said only of letters that were read with certainty; of others what the machine sees.
    is_certain = all(each.sure["urgency"] for each in pile.letters)
    calm = Message("first_calm" if is_certain else "first_calm_seen")
    if letter.urgency == 4:
        return (calm, Message("first_calm_keep" if letter.sure["kind"] else "step_keep"))
    if letter.suspect:
        return (calm, Message("suspect_first"), Message("suspect_step"))
    sender = sender_of(letter, knowledge, glossed=True)
    unknown = letter.sender == UNKNOWN_SENDER
    if letter.urgency == 3:
        told = [
            calm,
            Message("first_plan_unknown") if unknown else Message("first_plan", {"sender": sender}),
        ]
        return (*told, *_reason(letter, pile.today))
    told = [Message("first_is_unknown") if unknown else Message("first_is", {"sender": sender})]
    return (*told, Message(_now(letter, knowledge)), *_reason(letter, pile.today))


def _now(letter: Understood, knowledge: Knowledge) -> str:
    """Return the key of the one sentence that says what to do now."""
    if letter.kind is None or letter.sender == UNKNOWN_SENDER:
        return "now_read"
    match letter.severity, letter.kind:
        case "home", "ontruiming" | "vonnis":
            return "now_home_ontruiming"
        case "home", _:
            return "now_home"
        case "liberty", _:
            return "now_liberty"
        case ("water" | "energy") as what, _:
            return f"now_{what}"
        case _, "beslag":
            return "now_beslag"
        case "bank_wage", _:
            return "now_bank_wage"
        case _, "dagvaarding":
            return "now_dagvaarding"
        case _:
            return f"now_{_said_action(letter, knowledge).value}"


def _reason(letter: Understood, today: date) -> tuple[Message, ...]:
    """Return the reason of the first place in one sentence, with its day when that is sure."""
    deadline = letter.deadline
    if isinstance(deadline, Deadline) and deadline.sure:
        if deadline.heard < today:
            return (Message(f"because_{letter.severity}_passed"),)
        return (Message(f"because_{letter.severity}_by", {"deadline": Day(deadline.heard, today)}),)
    return (Message(f"because_{letter.severity}"),)


EXTRA_REASONS = ("seizure", "title", "no_date", "without_judge", "same_debt")
"""Reasons told beside what is lost, the weightiest first; at most one is told."""

AFTER_A_JUDGE = frozenset({"rechtbank", "gerechtsdeurwaarder", "lbio"})
"""Senders that can collect because a judge or another body decided before; "without a judge" would be untrue."""

WHOLE_REASONS = frozenset({"advertising", "suspect", "nothing_asked", "older_letter"})
"""Reasons that say it all."""


def explain_place(letter: Understood, pile: Pile) -> tuple[Message, ...]:
    """Return why a letter stands where it stands, from the reasons of its position.

    Which place; what is lost and how soon; one more reason where there is one; and what decided against the next one.
    """
    reasons = {reason.code: reason.values for reason in letter.reasons}
    told = [Message("why_place", {"number": letter.rank, "total": len(pile.letters)})]
    if can_wait(letter) and not letter.suspect and letter.sure["urgency"] and letter.kind != "reclame":
        told.append(Message("why_can_wait"))
    whole = next((code for code in WHOLE_REASONS if code in reasons), None)
    if whole in {"advertising", "nothing_asked"} and not letter.sure["kind"]:
        # What the letter seems to be decided its place, and that is not sure.
        return (*told, Message("step_keep"))
    if whole is not None:
        return (*told, Message(f"why_{whole}"))
    told.extend(_reason(letter, pile.today))
    extra = [code for code in EXTRA_REASONS if code in reasons]
    if letter.severity not in {"bank_wage", "money_increase"} or letter.sender in AFTER_A_JUDGE:
        extra = [code for code in extra if code != "without_judge"]
    told += [Message(f"why_{code}") for code in extra[:1]]
    if "before_next" in reasons:
        told.append(Message(f"why_next_{reasons['before_next']['key']}"))
    return tuple(told)


def explain_shared(pile: Pile, knowledge: Knowledge) -> tuple[Message, ...]:
    """Return what can be done once for several letters; nothing when nothing can."""
    told: list[Message] = []
    for action in pile.shared:
        letters = [letter for letter in pile.letters if letter.ref in action.refs]
        values: dict[str, Value] = {"numbers": Numbers(tuple(letter.rank for letter in letters))}
        if action.code == "sender":
            values["sender"] = sender_of(letters[0], knowledge)
        told.append(Message(f"shared_{action.code}", values))
    return tuple(told)


def can_wait(letter: Understood) -> bool:
    """Return whether a letter can wait: level plannen or bewaren."""
    return letter.urgency >= 3


def explain_rest(pile: Pile, knowledge: Knowledge) -> tuple[Message, ...]:
    """Return one line for each letter behind the first that cannot wait, in order."""
    return tuple(one_line(letter, knowledge, pile.today) for letter in pile.letters[1:] if not can_wait(letter))


def explain_can_wait(pile: Pile, knowledge: Knowledge) -> tuple[Message, ...]:
    """Return what can wait, one line each under a heading; nothing when nothing can."""
    waiting = [letter for letter in pile.letters[1:] if can_wait(letter)]
    if not waiting:
        return ()
    return (Message("can_wait_heading"), *(one_line(letter, knowledge, pile.today) for letter in waiting))


def one_line(letter: Understood, knowledge: Knowledge, today: date) -> Message:
    """Return a letter in one line, with its number in the pile."""
    values: dict[str, Value] = {"number": letter.rank, "sender": sender_of(letter, knowledge, opens=True, glossed=True)}
    if letter.kind == "reclame":
        key = "line_advertising" if letter.sure["kind"] else "line_unsure_advertising"
        return Message(key, {"number": letter.rank})
    if letter.suspect:
        return Message("line_suspect", values)
    if letter.history:
        return Message("line_history", values)
    if letter.action is Action.NIETS:
        return Message("line_nothing" if letter.sure["kind"] else "line_unsure_niets", values)
    deadline, action = letter.deadline, _said_action(letter, knowledge)
    if not isinstance(deadline, Deadline) or not deadline.sure:
        return Message(f"line_unsure_{action.value}", values)
    values["deadline"] = Day(deadline.heard, today)
    if deadline.heard < today:
        return Message("line_passed", values)
    event = _event(letter, deadline)
    return Message(f"line_event_{event}" if event else f"line_{action.value}", values)


# --- ready sentences ------------------------------------------------------------------------------------------------


def ready_sentence(letter: Understood, purpose: str, knowledge: Knowledge, today: date) -> tuple[Message, ...]:
    """Return a sentence to say on the phone or to send (F31), with the reference and date when they are sure.

    Args:
        letter: the letter it is about.
        purpose: payment_plan, postponement, not_my_letter, already_paid or bezwaar. Against a letter that is no
            decision of a public body a bezwaar is impossible; then the sentence disputes the debt.
        knowledge: senders, kinds, law.
        today: the day on which it is told.
    """
    if letter.suspect:
        return (Message("suspect_step"),)
    facts = letter.facts
    if purpose == "bezwaar" and (letter.sender == "rechtbank" or letter.kind in COURT):
        phone = knowledge.helpers["juridisch_loket"].phone
        return (Message("ready_no_bezwaar_court"), Message("help_juridisch_loket", {"phone": phone}))
    if purpose == "bezwaar" and letter.sender == "cjib" and letter.kind == "boete":
        # Against a fine it is called beroep or verzet, and it goes to the public prosecutor.
        purpose = "fine"
        told = [Message("ready_write")]
    elif purpose == "bezwaar" and not (knowledge.senders[letter.sender].public and letter.kind in DECISIONS):
        told = [Message("ready_no_bezwaar"), Message("ready_say")]
        purpose = "dispute"
    else:
        told = [Message("ready_write" if purpose == "bezwaar" else "ready_say")]
    if facts.letter_date is not None and facts.letter_date.sure:
        told.append(Message("ready_open_dated", {"date": Day(facts.letter_date.value)}, to_send=True))
    else:
        told.append(Message("ready_open", to_send=True))
    if purpose == "payment_plan" and facts.amount is not None and facts.amount.sure:
        told.append(Message("ready_payment_plan_amount", {"amount": Euros(facts.amount.value)}, to_send=True))
    else:
        told.append(Message(f"ready_{purpose}", to_send=True))
    if facts.reference is not None and facts.reference.sure:
        reference = clean_name(facts.reference.value)
        told.append(Message("ready_reference", {"reference": reference}, to_send=True))
    else:
        told.append(Message("ready_reference_look"))
    if purpose in {"bezwaar", "fine"}:
        deadline = letter.deadline
        if purpose == "fine":
            told.append(Message("ready_fine_where"))
        else:
            told.append(Message("ready_bezwaar_where", {"sender": sender_of(letter, knowledge)}))
        if isinstance(deadline, Deadline) and deadline.sure and letter.action is Action.BEZWAAR:
            if deadline.heard >= today:
                told.append(Message("ready_bezwaar_until", {"deadline": Day(deadline.heard, today)}))
            else:
                told.append(Message("ready_bezwaar_late"))
        else:
            told.append(Message("ready_bezwaar_soon"))
    return tuple(told)


# --- words ----------------------------------------------------------------------------------------------------------

_FILLERS = (
    "de het een mijn uw die dat deze dit zo'n hun "
    "wat is betekent betekend bedoelen bedoelt ze met woord begrip term leg uit uitleg precies eigenlijk nou nu toch "
    "houdt in dan ik snap niet begrijp weet het staat er waar wie zijn bent u jullie daarmee"
)
FILLERS = frozenset(_FILLERS.split())
"""Words of a question about a word, not the word itself."""

CLOSE = 0.84
"""How alike two words must be (0 to 1) to be one word with a slip of the pen."""


@lru_cache(maxsize=8)
def _index(words: tuple[tuple[str, tuple[str, ...]], ...]) -> Mapping[str, str]:
    """Return every way to write a word of the dictionary, bare, with the word's key."""
    index: dict[str, str] = {}
    for name, also in words:
        for form in (name.replace("_", " "), *also):
            index[_bare(form)] = name
    return index


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", plain(text))


def explain_word(term: str, knowledge: Knowledge) -> tuple[Message, ...] | None:
    """Return the explanation of a word of letters; None when it is not in the dictionary.

    A whole question may be given ("wat is een dwangbevel?"); plurals, other names and slips of the pen are
    understood, but never guessed: what is not close to a known word is unknown.
    """
    index = _index(tuple((name, word.also) for name, word in knowledge.words.items()))
    tokens = re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", plain(term[:400]))
    useful = [t for t in tokens if t not in FILLERS]
    joined = ["".join(map(_bare, tokens)), "".join(map(_bare, useful))]
    pairs = [_bare(a + b) for a, b in pairwise(tokens)]
    triples = [_bare(a + b + c) for a, b, c in zip(tokens, tokens[1:], tokens[2:], strict=False)]
    singles = sorted((_bare(t) for t in useful), key=len, reverse=True)
    tries = [t for t in (*joined, *triples, *pairs, *singles) if t]
    for attempt in tries:
        for form in _forms(attempt):
            if form in index:
                return (Message(f"word_{index[form]}"),)
    for attempt in tries:
        if len(attempt) >= 5:
            near = get_close_matches(attempt, index, n=1, cutoff=CLOSE)
            if near:
                return (Message(f"word_{index[near[0]]}"),)
    return None


def _forms(word: str) -> tuple[str, ...]:
    """Return a word and its likely singulars."""
    forms = [word]
    if word.endswith("en") and len(word) > 5:
        stem = word[:-2]
        forms += [stem, f"{stem}e"]
        if len(stem) > 2 and stem[-1] == stem[-2]:
            forms.append(stem[:-1])
        forms.append(re.sub(r"([aeou])([^aeiou])$", r"\1\1\2", stem))
        forms.append(re.sub(r"z$", "s", stem))
    if word.endswith(("s", "e")) and len(word) > 4:
        forms.append(word[:-1])
    return tuple(forms)


__all__ = [
    "PURPOSES", "WAYS", "can_wait", "clean_name", "explain_can_wait", "explain_first", "explain_letter",
    "explain_place", "explain_rest", "explain_shared", "explain_word", "first_of", "is_threatened", "one_line",
    "purpose_of", "ready_sentence", "sender_name", "sender_of", "tell_amount", "tell_deadline", "what_to_do",
]  # fmt: skip
