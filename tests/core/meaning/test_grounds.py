"""Behind each sentence for a resident stands a source, and what is uncertain is never told as sure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from briefbrug.deadline import Deadline
from briefbrug.explanation import (
    PURPOSES,
    WAYS,
    explain_can_wait,
    explain_first,
    explain_letter,
    explain_place,
    explain_rest,
    explain_shared,
    ready_sentence,
)
from briefbrug.grounds import grounds_of, sources_of
from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import LetterFacts
from briefbrug.meaning import Pile, Understood, understand_pile
from briefbrug.speech import Message, load_texts, say
from tests.core.meaning.letters import KROOS, TODAY, a_letter, on, within

K = load_knowledge()
TEXTS = load_texts("nl")
DOUBT = re.compile(r"niet zeker|weet ik niet|ik denk", re.IGNORECASE)
SPELLED = {1: "een|één", 2: "twee", 3: "drie", 4: "vier", 6: "zes", 7: "zeven", 8: "acht", 14: "veertien"}
UNITS = {"days": "dag(en)?", "weeks": "we(ek|ken)", "months": "maand(en)?", "hours": "uur", "years": "jaar"}


def all_letters() -> Iterator[tuple[str, LetterFacts]]:
    """Yield every combination, and every sender and kind outside them, before, after and without a day."""
    clues = {
        "ahead": (on("2026-12-03"),),
        "passed": (on("2026-11-02"),),
        "none": (),
        "unsure": (on("2026-12-03", sure=False),),
        "term": (within(6, "weeks"),),
    }
    for sender in [None, *sorted(K.senders)]:
        for kind in [None, *sorted(K.kinds)]:
            signs = [""]
            signs += [
                sign.words[0]
                for name, sign in K.signs.variants.items()
                if (K.combinations[name].sender, K.combinations[name].kind) == (sender, kind)
            ]
            for text in signs:
                for when, found in clues.items():
                    facts = a_letter(sender, kind, "2026-11-10", found, "172.70", "12345678", text=text)
                    yield f"{sender}/{kind}/{text}/{when}", facts


def everything_said(letter: Understood, pile: Pile) -> tuple[Message, ...]:
    """Return every sentence that a resident can hear about a letter."""
    said = [message for way in WAYS for message in explain_letter(letter, K, TODAY, way)]
    said += [message for purpose in PURPOSES for message in ready_sentence(letter, purpose, K, TODAY)]
    said += [*explain_place(letter, pile), *explain_first(pile, K), *explain_rest(pile, K), *explain_can_wait(pile, K)]
    return tuple(said)


ALL = list(all_letters())


def test_every_combination_is_walked() -> None:
    seen = [understand_pile({"L": facts}, K, TODAY).letters[0].combination for _, facts in ALL]
    assert {entry.id for entry in seen if entry is not None} == set(K.combinations)


@pytest.mark.parametrize("sender", [None, *sorted(K.senders)])
def test_each_sentence_has_a_source_and_an_uncertain_one_is_told_as_uncertain(sender: str | None) -> None:
    for name, facts in ALL:
        if not name.startswith(f"{sender}/"):
            continue
        pile = understand_pile({"L": facts}, K, TODAY)
        letter = pile.letters[0]
        said = everything_said(letter, pile)
        unsure = False
        for message in said:
            sources = sources_of(message.key, letter, K)
            assert sources is not None, f"{name}: nobody says what {message.key} rests on"
            unsure = unsure or (bool(sources) and K.status_of(sources) == "check")
        if unsure and not letter.suspect:
            assert "law_unsure" in {message.key for message in said}, name
        if "law_unsure" in {message.key for message in said}:
            assert letter.needs_person, name


def test_the_pile_as_a_whole_has_its_sources() -> None:
    pile = understand_pile(KROOS, K, TODAY)
    for message in explain_shared(pile, K):
        assert sources_of(message.key, None, K)


def test_a_number_to_call_is_never_one_to_be_checked() -> None:
    phones = [phone for sender in K.senders.values() for phone in sender.phones]
    fine = {re.sub(r"\D", "", phone.number) for phone in phones if phone.status != "check"}
    checked = {re.sub(r"\D", "", phone.number) for phone in phones if phone.status == "check"} - fine
    assert checked
    for name, facts in ALL:
        pile = understand_pile({"L": facts}, K, TODAY)
        for message in everything_said(pile.letters[0], pile):
            number = re.sub(r"\D", "", str(message.values.get("phone", "")))
            assert number not in checked or not number, name
    told = {number for signal in K.crisis.signals.values() for number in signal.numbers}
    assert {name for name in told if K.crisis.numbers[name].status == "check"} == set()


def test_a_term_to_be_checked_is_told_nowhere() -> None:
    """ "Neem binnen drie maanden een verzekering" would be such a sentence; its own paper says the day."""
    uncertain = 0
    for entry in K.combinations.values():
        if entry.status == "check":
            continue
        heard = " ".join(TEXTS[key] for key in entry.texts.values()).lower()
        for term in entry.deadlines:
            if term.status == "check" and term.n:
                uncertain += 1
                assert not re.search(rf"\b({term.n}|{SPELLED[term.n]}) {UNITS[term.unit]}\b", heard), entry.id
    assert uncertain


def test_no_figure_to_be_checked_stands_in_a_text() -> None:
    amounts = {
        amount
        for figure in K.figures
        if figure.status_on(TODAY) == "check"
        for amount in re.findall(r"EUR (\d[\d,.]*\d|\d)", figure.value)
    }
    assert amounts
    for key, text in TEXTS.items():
        for amount in amounts:
            assert f"{amount.replace(',', '.')} euro" not in text, key


def test_a_day_that_rests_on_an_uncertain_way_of_counting_is_told_as_unsure() -> None:
    """Turn the source of a way of counting into one to be checked: the day is no longer told as sure."""
    facts = a_letter("uwv", "beschikking", "2026-11-06", [within(6, "weeks")])
    sure = understand_pile({"L": facts}, K, TODAY).letters[0].deadline
    assert isinstance(sure, Deadline)
    assert sure.sure
    sources = {**K.sources, "awb_bezwaar": replace(K.sources["awb_bezwaar"], status="check")}
    unsure = understand_pile({"L": facts}, replace(K, sources=sources), TODAY).letters[0].deadline
    assert isinstance(unsure, Deadline)
    assert not unsure.sure


def test_a_doubtful_entry_is_told_with_doubt_and_goes_to_a_person() -> None:
    doubtful = [entry for entry in K.combinations.values() if entry.status == "check"]
    assert doubtful
    for entry in doubtful:
        sign = K.signs.variants.get(entry.id)
        facts = a_letter(entry.sender, entry.kind, clues=[on("2026-12-03")], text=sign.words[0] if sign else "")
        letter = understand_pile({"L": facts}, K, TODAY).letters[0]
        text = " ".join(say(message, TEXTS) for message in explain_letter(letter, K, TODAY))
        assert DOUBT.search(text)
        assert letter.needs_person


def test_a_sentence_names_its_sources_and_their_weakest_status() -> None:
    facts = a_letter("gerechtsdeurwaarder", "ontruiming", clues=[on("2026-11-26", "event_date")])
    letter = understand_pile({"L": facts}, K, TODAY).letters[0]
    grounds = {ground.key: ground for ground in grounds_of(explain_letter(letter, K, TODAY), letter, K)}
    assert grounds["route_threatened"].sources == ("wgs",)
    assert grounds["route_threatened"].status == "verified"
    assert grounds["step_way_for_me"].status is None
