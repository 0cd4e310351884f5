"""Answer questions about the letters, and take what the resident says is different (F13 to F25, F31)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from briefbrug.case import Actor, EventKind
from briefbrug.explanation import (
    explain_first,
    explain_letter,
    explain_place,
    explain_word,
    purpose_of,
    ready_sentence,
    sender_of,
    tell_amount,
    tell_deadline,
)
from briefbrug.explanation import what_to_do as step_for
from briefbrug.house import House
from briefbrug.meaning import Pile, Understood
from briefbrug.said import said_amount, said_date
from briefbrug.speech import Day, Message, SenderName
from briefbrug.store.tables import Letter, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.answer import Answer, Asked, Choice, Reply, UseCase
from briefbrug.usecases.open_door import no_letters_yet, not_read_yet, the_resident
from briefbrug.usecases.pile import first_of, overview, pile_of, plan_reminder, proof_of, proof_of_first

ORDINALS = {
    "eerste": 1, "tweede": 2, "derde": 3, "vierde": 4, "vijfde": 5, "zesde": 6, "zevende": 7, "achtste": 8,
    "negende": 9, "tiende": 10, "een": 1, "één": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6,
    "zeven": 7, "acht": 8, "negen": 9, "tien": 10, "first": 1, "second": 2, "third": 3, "bovenste": 1,
}  # fmt: skip
ABOUT_MONEY = re.compile(r"€|euro|bedrag|betal|amount|\bpay|tutar|kwot|المبلغ|сум")
"""A number in a correction is an amount where money is spoken of; a bare "3" may be the day."""
LAST = frozenset({"laatste", "onderste", "last", "-1"})
WAYS = ("self", "show_me", "for_me", "another_way")


def ordinal(words: str) -> int | None:
    """Return the place in the pile that `words` name: 1.. from the top, -1 for the last; None when they name none."""
    lower = words.lower()
    if any(word in LAST for word in re.findall(r"[-\w]+", lower)):
        return -1
    digits = re.search(r"\d{1,3}", lower)
    if digits:
        return int(digits[0])
    return next((ORDINALS[word] for word in re.findall(r"\w+", lower) if word in ORDINALS), None)


def letter_meant(house: House, pile: Pile, resident: Resident, asked: Asked) -> Understood | Answer:
    """Return the letter a question is about, or the answer that says why there is none."""
    by_ref = {letter.ref: letter for letter in pile.letters}
    if not by_ref:
        return _answer(resident, no_letters_yet(resident))
    if asked.values.get("letter_ref") in by_ref:
        return by_ref[asked.values["letter_ref"]]
    sender = asked.entities.get("sender")
    if sender:
        match = next((letter for letter in pile.letters if letter.sender == sender), None)
        if match is not None:
            return match
        if re.fullmatch(r"[a-z_]+", sender):
            return _answer(
                resident, Reply((Message("no_letter_of_sender"),), _letter_choices(house, pile, "tell_letter"))
            )
    place = ordinal(asked.entities.get("letter_ref", "")) if asked.entities.get("letter_ref") else None
    if place is not None:
        ranked = list(pile.letters)
        if place == -1:
            return ranked[-1]
        if 1 <= place <= len(ranked):
            return ranked[place - 1]
        return _answer(
            resident,
            Reply((Message("no_letter_number", {"count": len(ranked)}),), _letter_choices(house, pile, "tell_letter")),
        )
    if resident.focus_letter in by_ref:
        return by_ref[resident.focus_letter]
    return pile.letters[0]


def _letter_choices(house: House, pile: Pile, do: str, most: int = 8) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            "button_letter",
            do,
            {"letter_ref": letter.ref},
            {"number": letter.rank, "sender": sender_of(letter, house.knowledge)},
        )
        for letter in pile.letters[:most]
    )


def _answer(resident: Resident, *replies: Reply) -> Answer:
    return Answer(tuple(replies), {"letter_ref": resident.focus_letter}, resident.language)


Tell = Callable[[Work, Resident, Letter, Understood], Answer]


def _about(house: House, asked: Asked, tell: Tell, *, whole_debt: bool = False) -> Answer:
    """Tell about the letter that is meant; about the newest of its debt when the answer is about the `whole_debt`."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        pile = pile_of(house, work, resident)
        if not pile.letters and (waiting := not_read_yet(work, resident)) is not None:
            return _answer(resident, waiting)
        meant = letter_meant(house, pile, resident, asked)
        if isinstance(meant, Answer):
            return meant
        if whole_debt and meant.history:
            meant = next((letter for letter in pile.letters if letter.ref == meant.group), meant)
        resident.focus_letter = meant.ref
        letter = work.papers.letter(resident, meant.ref)
        assert letter is not None
        return tell(work, resident, letter, meant)


def explain_pile(house: House, asked: Asked) -> Answer:
    """Tell once more what comes first, and the rest in order."""
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        pile = pile_of(house, work, resident)
        if not pile.letters:
            return _answer(resident, not_read_yet(work, resident) or no_letters_yet(resident))
        return _answer(resident, *overview(house, work, resident, pile))


def tell_letter(house: House, asked: Asked) -> Answer:
    """Explain one letter: who, what, by when, what happens, one step, with the line as proof."""

    def tell(work: Work, resident: Resident, letter: Letter, meant: Understood) -> Answer:
        pile = pile_of(house, work, resident)
        texts = explain_letter(meant, house.knowledge, pile.today, way_of(resident, letter))
        pictures = proof_of_first(work, resident, letter, meant, "proof")
        return _answer(resident, Reply((*texts, *explain_place(meant, pile)), _next_choices(meant), pictures))

    return _about(house, asked, tell)


def _next_choices(meant: Understood) -> tuple[Choice, ...]:
    values = {"letter_ref": meant.ref}
    return (Choice("button_what_to_do", "what_to_do", values), Choice("button_wrong", "correct_fact", values))


def way_of(resident: Resident, letter: Letter) -> str:
    """Return the way of helping for a letter: its own, the resident's, or together with us."""
    return letter.way or resident.way or "for_me"


def what_to_do(house: House, asked: Asked) -> Answer:
    """Tell the one step for a letter, by the chosen way of helping."""

    def tell(work: Work, resident: Resident, letter: Letter, meant: Understood) -> Answer:
        texts = step_for(meant, house.knowledge, house.clock.today(), way_of(resident, letter))
        choices = (
            Choice("button_send_human", "request_human"),
            Choice("button_ready_sentence", "ready_sentence", {"letter_ref": meant.ref}),
            Choice("button_way", "choose_way", {"letter_ref": meant.ref}),
        )
        return _answer(resident, Reply(texts, choices))

    return _about(house, asked, tell)


def tell_when(house: House, asked: Asked) -> Answer:
    """Tell by when, with the line as proof."""

    def tell(work: Work, resident: Resident, letter: Letter, meant: Understood) -> Answer:
        pictures = proof_of_first(work, resident, letter, meant, "proof")
        choices = (Choice("button_wrong", "correct_fact", {"letter_ref": meant.ref}),)
        return _answer(resident, Reply(tell_deadline(meant, house.knowledge, house.clock.today()), choices, pictures))

    return _about(house, asked, tell)


def tell_how_much(house: House, asked: Asked) -> Answer:
    """Tell how much, with the line as proof."""

    def tell(work: Work, resident: Resident, letter: Letter, meant: Understood) -> Answer:
        pictures = proof_of(work, resident, letter, meant.facts, meant.facts.amount, "proof")
        choices = (Choice("button_wrong", "correct_fact", {"letter_ref": meant.ref}),)
        return _answer(resident, Reply(tell_amount(meant, house.knowledge, house.clock.today()), choices, pictures))

    return _about(house, asked, tell)


def tell_word(house: House, asked: Asked) -> Answer:
    """Explain a word of letters; an unknown word is passed to a human, not guessed."""
    with house.look() as work:
        resident = the_resident(work, asked.resident_ref, lock=False)
        term = asked.entities.get("term") or asked.text
        known = explain_word(term, house.knowledge)
        if known is None:
            return _answer(resident, Reply((Message("word_unknown"),), (Choice("button_human", "request_human"),)))
        return _answer(resident, Reply(known))


def _sentence_under(house: House, opening: str, meant: Understood, purpose: str) -> tuple[Message, ...]:
    """Return a ready sentence under an opening of our own, which says already what it is for."""
    told = ready_sentence(meant, purpose, house.knowledge, house.clock.today())
    return (Message(opening), *(message for message in told if message.key not in {"ready_say", "ready_write"}))


def _sentence(house: House, asked: Asked, purpose: str, opening: str) -> Answer:
    def tell(work: Work, resident: Resident, letter: Letter, meant: Understood) -> Answer:
        texts = _sentence_under(house, opening, meant, purpose)
        if opening == "cannot_pay":
            texts = (*texts, Message("pay_order"))
        return _answer(resident, Reply(texts, (Choice("button_send_human", "request_human"),)))

    # Who asks for terms with an old letter in hand names an old amount and perhaps the wrong creditor.
    return _about(house, asked, tell, whole_debt=True)


def cannot_pay(house: House, asked: Asked) -> Answer:
    """Answer somebody who cannot pay: no blame, a sentence to ask for terms, the offer of a human."""
    with house.look() as work:
        resident = the_resident(work, asked.resident_ref, lock=False)
        if not work.papers.letters(resident):
            return _answer(
                resident, Reply((Message("cannot_pay_no_letter"),), (Choice("button_send_human", "request_human"),))
            )
    return _sentence(house, asked, "payment_plan", "cannot_pay")


def payment_plan(house: House, asked: Asked) -> Answer:
    """Give a ready sentence to ask for payment in terms."""
    return _sentence(house, asked, "payment_plan", "payment_plan")


def give_sentence(house: House, asked: Asked) -> Answer:
    """Give the ready sentence that fits the letter's own request."""

    def tell(work: Work, resident: Resident, letter: Letter, meant: Understood) -> Answer:
        texts = _sentence_under(house, "sentence_heading", meant, purpose_of(meant))
        return _answer(resident, Reply(texts, (Choice("button_send_human", "request_human"),)))

    return _about(house, asked, tell)


def _put_aside(house: House, asked: Asked, purpose: str, state: str) -> Answer:
    """Ask before a letter leaves the pile: a wrong guess here could hide an eviction."""

    def tell(work: Work, resident: Resident, letter: Letter, meant: Understood) -> Answer:
        if asked.values.get("sure") == "yes":
            letter.state = state
            resident.asked = None
            resident.focus_letter = None
            texts = _sentence_under(house, f"{state}_done", meant, purpose)
            pile = pile_of(house, work, resident)
            return _answer(resident, Reply(texts), *_new_first(house, pile))
        values = {"letter_ref": meant.ref, "sure": "yes"}
        resident.asked = state
        choices = (Choice("button_put_aside", state, values), Choice("button_never_mind", "say_no"))
        question = Message(f"{state}_ask", {"sender": sender_of(meant, house.knowledge)})
        return _answer(resident, Reply((question,), choices))

    return _about(house, asked, tell)


def not_my_letter(house: House, asked: Asked) -> Answer:
    """Put a letter aside that is somebody else's, after asking."""
    return _put_aside(house, asked, "not_my_letter", "not_mine")


def already_paid(house: House, asked: Asked) -> Answer:
    """Put a letter aside that is paid, after asking."""
    return _put_aside(house, asked, "already_paid", "paid")


def surely_not_mine(house: House, asked: Asked) -> Answer:
    """Take a bare yes to "shall I put this letter aside?"."""
    return _put_aside(house, replace(asked, values={"sure": "yes"}, entities={}), "not_my_letter", "not_mine")


def surely_paid(house: House, asked: Asked) -> Answer:
    """Take a bare yes to "shall I put this paid letter aside?"."""
    return _put_aside(house, replace(asked, values={"sure": "yes"}, entities={}), "already_paid", "paid")


def _new_first(house: House, pile: Pile) -> tuple[Reply, ...]:
    if first_of(pile) is None:
        return (Reply((Message("no_letters_left"),)),)
    return (Reply((Message("new_order"), *explain_first(pile, house.knowledge))),)


def correct_fact(house: House, asked: Asked) -> Answer:
    """Take a correction: at once when it is clear, else ask what is wrong with short choices (F18)."""
    today = house.clock.today()
    said = said_date(asked.text, today) if asked.text else None
    amount = (
        said_amount(asked.text)
        if asked.text and said is None and (asked.entities.get("amount") or ABOUT_MONEY.search(asked.text.lower()))
        else None
    )
    sender = asked.entities.get("sender", "")

    def tell(work: Work, resident: Resident, letter: Letter, meant: Understood) -> Answer:
        values = {"letter_ref": meant.ref}
        if said is not None:
            about_letter = re.search(r"datum van de brief|briefdatum|brief is van|dagtekening", asked.text.lower())
            return _correct(house, work, resident, letter, "letter_date" if about_letter else "deadline", said)
        if amount is not None:
            return _correct(house, work, resident, letter, "amount", amount)
        if sender in house.knowledge.senders and sender != meant.sender:
            return _correct(house, work, resident, letter, "sender", sender)
        choices = (
            Choice("button_date_wrong", "correct_deadline", values),
            Choice("button_amount_wrong", "correct_amount", values),
            Choice("button_not_mine", "not_mine", values),
            Choice("button_paid", "paid", values),
        )
        question = Message("what_is_wrong", {"sender": sender_of(meant, house.knowledge)})
        return _answer(resident, Reply((question,), choices))

    if sender and said is None and amount is None:
        # "It is from the gemeente" names the right sender, not the letter that is meant.
        return _about(house, Asked(asked.resident_ref, asked.text, asked.intent, {}, asked.values, asked.door), tell)
    return _about(house, asked, tell)


def _correct(
    house: House, work: Work, resident: Resident, letter: Letter, field: str, value: str | date | Decimal
) -> Answer:
    before_pile = pile_of(house, work, resident)
    before = next(each for each in before_pile.letters if each.ref == letter.ref)
    shown = {
        "deadline": getattr(before.deadline, "last_day", None),
        "letter_date": before.facts.letter_date and before.facts.letter_date.value,
    }
    old = shown.get(field) or (
        before.facts.amount.value if field == "amount" and before.facts.amount else before.sender
    )
    work.papers.add_correction(resident, letter, field, value, "resident", resident.ref, str(old or ""))
    case = work.cases.open_for(resident)
    if case is not None:
        work.cases.record(
            case, EventKind.CORRECTED, Actor.RESIDENT, resident.ref, {"letter": letter.ref, "field": field}
        )
    resident.asked = None
    pile = pile_of(house, work, resident)
    now = next(each for each in pile.letters if each.ref == letter.ref)
    letter.reminded_at = None
    plan_reminder(house, letter, now)
    if isinstance(value, date):
        told = Message("corrected_date", {"date": Day(value, house.clock.today())})
    elif isinstance(value, Decimal):
        told = Message("corrected_amount", {"amount": value})
    else:
        told = Message("corrected_sender", {"sender": SenderName(value)})
    return _answer(resident, Reply((told,)), *_new_first(house, pile))


def ask_deadline(house: House, asked: Asked) -> Answer:
    """Ask for the right date."""
    return _ask_open(house, asked, "correct_deadline", "ask_right_date")


def ask_amount(house: House, asked: Asked) -> Answer:
    """Ask for the right amount."""
    return _ask_open(house, asked, "correct_amount", "ask_right_amount")


def _ask_open(house: House, asked: Asked, question: str, key: str) -> Answer:
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        resident.asked = question
        if asked.values.get("letter_ref"):
            resident.focus_letter = asked.values["letter_ref"]
        return _answer(resident, Reply((Message(key),), (Choice("button_never_mind", "say_no"),)))


def correction_told(house: House, asked: Asked) -> Answer:
    """Take the date or amount that was asked for; what is unclear is asked once more, then left to a human."""
    today = house.clock.today()
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        question = resident.asked
        value = said_date(asked.text, today) if question == "correct_deadline" else said_amount(asked.text)
        letter = work.papers.letter(resident, resident.focus_letter or "")
        if letter is None:
            resident.asked = None
            return _answer(resident, no_letters_yet(resident))
        if value is None:
            resident.asked = None
            choices = (
                Choice("button_try_again", question or "correct_deadline", {"letter_ref": letter.ref}),
                Choice("button_human", "request_human"),
            )
            key = "problem_date_not_understood" if question == "correct_deadline" else "amount_not_understood"
            return _answer(resident, Reply((Message(key),), choices))
        return _correct(
            house, work, resident, letter, "deadline" if question == "correct_deadline" else "amount", value
        )


WAY_SAID = (
    ("show_me", r"laat (het )?(me|mij)( eerst)? zien|leer (het )?(me|mij)|samen doen|(doe|doen) we (het )?samen"),
    (
        "for_me",
        r"\b(doe|doen|regel|regelen|bel|bellen)\b.{0,16}voor (me|mij|ons)\b|voor (me|mij|ons) (doen|regelen|bellen)",
    ),
    ("for_me", r"neem het (van me )?over"),
    ("self", r"\bik (wil |doe |bel |regel |probeer )?(het |dat )?(liever |graag |wel )?zelf\b|zelf doen"),
    ("another_way", r"andere manier|anders geholpen"),
)
"""How a resident says in her own words which way of helping she wants (F40), tried in this order."""
LONGEST_WAY_WORDS = 12


def way_said(text: str) -> str | None:
    """Return the way of helping that a short line asks for, or None."""
    if len(text.split()) > LONGEST_WAY_WORDS:
        return None
    return next((way for way, words in WAY_SAID if re.search(words, text.lower())), None)


def or_way(usecase: UseCase) -> UseCase:
    """Return `usecase`, unless the line says how she wants to be helped."""

    def choose(house: House, asked: Asked) -> Answer:
        way = way_said(asked.text)
        return choose_way(house, replace(asked, values={"way": way})) if way else usecase(house, asked)

    return choose


def choose_way(house: House, asked: Asked) -> Answer:
    """Keep the way of helping the resident chose, for all letters or for one (F40)."""
    way = asked.values.get("way", "")
    with house.work() as work:
        resident = the_resident(work, asked.resident_ref)
        letter = work.papers.letter(resident, asked.values.get("letter_ref", ""))
        about = {"letter_ref": letter.ref} if letter is not None else {}
        if way not in WAYS:
            choices = tuple(Choice(f"button_way_{each}", "choose_way", {"way": each, **about}) for each in WAYS)
            pile = pile_of(house, work, resident)
            meant = next((each for each in pile.letters if each.ref == about.get("letter_ref")), None)
            question = Message("ask_way")
            if meant is not None:
                question = Message("ask_way_letter", {"sender": sender_of(meant, house.knowledge)})
            return _answer(resident, Reply((question,), choices))
        if letter is not None:
            letter.way = way
        else:
            resident.way = way
        next_step = Choice("button_what_to_do", "what_to_do", about)
        human = Choice("button_send_human", "request_human")
        choices = (human, next_step) if way in {"for_me", "another_way"} else (next_step, human)
        has_letters = bool(work.papers.letters(resident))
        return _answer(resident, Reply((Message(f"way_{way}"),), choices if has_letters else (human,)))


def read_aloud(house: House, asked: Asked) -> Answer:
    """Say how the texts can be heard."""
    with house.look() as work:
        resident = the_resident(work, asked.resident_ref, lock=False)
        key = "read_aloud_web" if asked.door == "web" else "read_aloud_telegram"
        values = {} if asked.door == "web" else {"url": house.settings.public_url}
        return _answer(resident, Reply((Message(key, values),)))
