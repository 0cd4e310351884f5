"""Every letter is explained whole, in words everyone understands; a doubt is never told as sure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from briefbrug.explanation import (
    PURPOSES,
    WAYS,
    clean_name,
    explain_can_wait,
    explain_first,
    explain_letter,
    explain_place,
    explain_rest,
    one_line,
    ready_sentence,
    tell_amount,
    tell_deadline,
    what_to_do,
)
from briefbrug.knowledge.load import Combination, load_knowledge
from briefbrug.letter import Action, Found, LetterFacts
from briefbrug.meaning import Understood, understand_pile
from briefbrug.plain_language import difficult_words, explained_terms, measure, sentences, words_of
from briefbrug.speech import Message, load_texts, say, say_day, say_days_away, say_euros
from tests.core.meaning.letters import KROOS, TODAY, a_letter, on, within

K = load_knowledge()
TEXTS = load_texts("nl")
PAY = Action.BETALEN
TERMS = frozenset(word.lower() for word in explained_terms())
DAY = re.compile(r"\b(maan|dins|woens|donder|vrij|zater|zon)dag \d+ \w+")


def said(messages: Iterable[Message]) -> str:
    return "\n".join(say(message, TEXTS) for message in messages)


def understood(facts: LetterFacts, today: date = TODAY) -> Understood:
    return understand_pile({"L": facts}, K, today).letters[0]


def facts_for(entry: Combination, **changes: object) -> LetterFacts:
    """Return a letter of this sender, kind and variant, with a date twelve days ahead."""
    signs = K.signs.variants.get(entry.id)
    text = signs.words[0] if signs else ""
    regime = (
        "event_date" if entry.kind in {"ontruiming", "dagvaarding", "uitnodiging", "afsluiting"} else "on_or_before"
    )
    facts = a_letter(
        entry.sender, entry.kind, "2026-11-10", [on("2026-12-03", regime)], "172.70", "12345678", text=text
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("entry", K.combinations.values(), ids=lambda e: e.id)
def test_each_combination_is_explained_in_easy_dutch(entry: Combination, way: str) -> None:
    letter = understood(facts_for(entry))
    assert letter.combination is not None
    assert letter.combination.id == entry.id
    text = said(explain_letter(letter, K, TODAY, way))
    found = measure(text, TERMS)
    assert found.difficult == ()
    assert found.mean <= 10
    assert found.longest <= 15
    assert found.ease >= 75
    keys = [message.key for message in explain_letter(letter, K, TODAY, way)]
    assert any(key.startswith(("letter_from", "letter_from_unknown")) for key in keys)
    assert any(key.startswith("what_") for key in keys)
    assert any(key.startswith("step_") for key in keys)
    if letter.action is not Action.NIETS:
        assert any(key.startswith("else_") for key in keys)
        assert any(key.startswith("can_") for key in keys)
        assert DAY.search(text)
        assert "over 12 dagen" in text
    if entry.status == "check":
        assert "law_unsure" in keys


@pytest.mark.parametrize("entry", K.combinations.values(), ids=lambda e: e.id)
def test_hard_words_that_stay_are_explained_in_the_same_explanation(entry: Combination) -> None:
    messages = explain_letter(understood(facts_for(entry)), K, TODAY)
    text = said(messages).lower()
    hard = [word for word in difficult_words(text) if word in TERMS]
    for word in hard:
        # The word is followed by its meaning, or opens a sentence that says what it is.
        explained = re.search(
            rf"{word}( \w+)?: |\b(een|het|de) {word} (is|haalt|betaalt|vraagt|komt)\b|dat heet (een )?{word}|"
            rf"{word}\.\ndat bedrijf haalt|het {word} (haalt|vraagt|betaalt)",
            text,
        )
        assert explained, f"{word} is not explained"


@pytest.mark.parametrize("sender", [None, *sorted(K.senders)])
@pytest.mark.parametrize("kind", [None, *sorted(K.kinds)])
def test_every_sender_and_kind_is_explained(sender: str | None, kind: str | None) -> None:
    for clues in ((), (on("2026-12-03"),), (on("2026-11-02"),), (on("2026-12-03", sure=False),), (within(14, "days"),)):
        letter = understood(a_letter(sender, kind, clues=clues, amount="50"))
        for way in ("for_me", "another_way"):
            found = measure(said(explain_letter(letter, K, TODAY, way)), TERMS)
            assert (found.difficult, found.mean <= 10, found.longest <= 15, found.ease >= 75) == ((), True, True, True)
        pile = understand_pile({"L": letter.facts}, K, TODAY)
        assert said(explain_first(pile, K))
        assert said([one_line(letter, K, TODAY)])
        for purpose in PURPOSES:
            assert measure(said(ready_sentence(letter, purpose, K, TODAY)), TERMS).longest <= 15


def test_an_unsure_day_is_never_told_as_sure() -> None:
    for entry in K.combinations.values():
        doubtful = facts_for(entry, clues=(on("2026-12-03", sure=False),))
        letter = understood(doubtful)
        if letter.action is Action.NIETS:
            continue
        text = said(explain_letter(letter, K, TODAY))
        assert "Dit weet ik niet zeker." in text
        for line in text.split("\n"):
            if "3 december" in line:
                assert "Ik denk" in line
                assert "niet zeker" in line
        pile = understand_pile({"L": doubtful}, K, TODAY)
        assert "3 december" not in said((*explain_first(pile, K), one_line(letter, K, TODAY)))


def test_an_unknown_day_is_said_to_be_unknown() -> None:
    letter = understood(a_letter("telecom", "aanmaning"))
    text = said(tell_deadline(letter, K, TODAY))
    assert "Ik weet niet wat de laatste dag is." in text
    assert not DAY.search(text)


def test_a_passed_day_is_never_too_late() -> None:
    letter = understood(a_letter("telecom", "aanmaning", clues=[on("2026-11-18")]))
    text = said(explain_letter(letter, K, TODAY))
    assert "3 dagen geleden" in text
    assert "U kunt nog vragen om betalen in delen." in text
    assert "te laat" not in said(explain_letter(letter, K, TODAY))


@pytest.mark.parametrize(
    ("sender", "kind", "action", "text"),
    [
        ("uwv", "beschikking", Action.BEZWAAR, "Soms mag het nog. Schrijf dan waarom het later is."),
        ("svb", "informatieverzoek", Action.OPSTUREN, "Stuur het nog steeds."),
        ("uwv", "uitnodiging", None, "Bel en vraag om een nieuwe dag."),
        ("telecom", "aanmaning", PAY, "betalen in delen"),
    ],
)
def test_what_is_still_possible_after_the_day(sender: str, kind: str, action: Action | None, text: str) -> None:
    letter = understood(
        a_letter(sender, kind, clues=[on("2026-11-18", "event_date" if action is None else "", action)])
    )
    assert text in said(tell_deadline(letter, K, TODAY))


@pytest.mark.parametrize(
    ("sender", "kind", "threatened"),
    [
        ("gerechtsdeurwaarder", "ontruiming", True),
        ("energieleverancier", "afsluiting", True),
        ("waterbedrijf", "aanmaning", True),
        ("woningcorporatie", "dagvaarding", True),
        ("woningcorporatie", "herinnering", False),
        ("telecom", "afsluiting", False),
        ("cjib", "aanmaning", False),
    ],
)
def test_a_threat_to_home_energy_or_water_sets_the_short_route(sender: str, kind: str, threatened: bool) -> None:
    regime = "event_date" if kind != "aanmaning" else ""
    text = said(explain_letter(understood(a_letter(sender, kind, clues=[on("2026-11-27", regime)])), K, TODAY))
    # Three working days after Saturday 21 November.
    assert ("uiterlijk woensdag 25 november met u praten" in text) is threatened


def test_an_unsure_sender_kind_and_amount_are_said_to_be_unsure() -> None:
    letter = understood(a_letter("telecom", "aanmaning", clues=[on("2026-12-03")], amount="80", sure=False))
    text = said(explain_letter(letter, K, TODAY))
    assert "Ik denk dat deze brief van" in text
    assert "Dit laatste weet ik niet zeker." in text
    assert "Ik lees 80 euro. Dit weet ik niet zeker." in text


def test_letters_that_seem_harmless_are_kept_when_that_is_not_sure() -> None:
    for kind in ("reclame", "informatie"):
        facts = a_letter("svb" if kind == "informatie" else "reclame", kind, sure=False)
        letter = understood(facts)
        place = explain_place(letter, understand_pile({"L": facts}, K, TODAY))
        text = said((*explain_letter(letter, K, TODAY), one_line(letter, K, TODAY), *place))
        assert "Dit is reclame." not in text
        assert "Zij vragen niets van u." not in text
        assert "mag weg" not in text
        assert "weggooien" not in text
        assert "ewaar" in text


def test_a_letter_that_may_be_false_is_not_explained_as_a_debt() -> None:
    letter = understood(a_letter("cjib", "boete", clues=[on("2026-11-25")], amount="145", notes=["suspect"]))
    text = said(explain_letter(letter, K, TODAY))
    assert "Betaal nog niets." in text
    assert "145" not in text
    for purpose in PURPOSES:
        assert "Klik nergens op." in said(ready_sentence(letter, purpose, K, TODAY))
    assert "nep" in said([one_line(letter, K, TODAY)])


def test_the_first_thing_is_one_letter_one_step_and_one_reason() -> None:
    pile = understand_pile(KROOS, K, TODAY)
    messages = explain_first(pile, K)
    assert [message.key.split("_")[0] for message in messages] == ["first", "now", "because"]
    assert all(len(sentences(say(message, TEXTS))) == 1 for message in messages)
    assert said(messages) == (
        "Eerst de brief van de rechtbank.\nBel vandaag de gemeente over uw huis.\nHet gaat om uw huis."
    )


def test_first_rest_and_what_can_wait_name_every_letter_once() -> None:
    pile = understand_pile(KROOS, K, TODAY)
    lines = said((*explain_rest(pile, K), *explain_can_wait(pile, K)))
    assert re.findall(r"(?m)^(\d+)\.", lines) == [str(n) for n in range(2, 10)]
    assert "Dit kan wachten:\n9. Het CAK (zorg): bezwaar (nee zeggen) kan tot en met dinsdag 22 december." in lines


def test_the_overview_is_easy_dutch() -> None:
    for pile in (understand_pile(KROOS, K, TODAY), understand_pile({"a": KROOS["L6"], "b": KROOS["L5"]}, K, TODAY)):
        for part in (explain_first(pile, K), explain_rest(pile, K), explain_can_wait(pile, K)):
            found = measure(said(part), TERMS | {"woonzicht"})
            assert (found.difficult, found.longest <= 15, found.mean <= 10) == ((), True, True)


def test_an_empty_pile_and_a_calm_pile() -> None:
    assert said(explain_first(understand_pile({}, K, TODAY), K)) == "Ik heb nog geen brief van u gelezen."
    calm = understand_pile({"a": a_letter("waterbedrijf", "factuur", clues=[on("2026-12-20", action=PAY)])}, K, TODAY)
    text = said(explain_first(calm, K))
    assert text.startswith("Er is niets met haast.")
    assert "zondag 20 december" in text
    nothing = understand_pile({"a": a_letter("svb", "informatie")}, K, TODAY)
    assert "U hoeft nu niets te doen." in said(explain_first(nothing, K))


def test_calm_is_certain_only_when_every_letter_was_read_with_certainty() -> None:
    letter = a_letter("reclame", "reclame")
    doubtful = a_letter("reclame", "reclame", sure=False)
    assert said(explain_first(understand_pile({"a": letter}, K, TODAY), K)).startswith("Er is niets met haast.")
    assert said(explain_first(understand_pile({"a": doubtful}, K, TODAY), K)).startswith("Ik zie nu niets met haast.")
    both = understand_pile({"a": letter, "b": doubtful}, K, TODAY)
    assert said(explain_first(both, K)).startswith("Ik zie nu niets met haast.")


def test_an_older_letter_points_to_the_newest() -> None:
    pile = understand_pile(KROOS, K, TODAY)
    older = next(letter for letter in pile.letters if letter.history)
    text = said(explain_letter(older, K, TODAY))
    assert "De nieuwste brief telt." in text
    assert said(what_to_do(older, K, TODAY)) in text


READY: Mapping[str, str] = {
    "payment_plan": "elke maand een deel",
    "postponement": "meer tijd",
    "not_my_letter": "niet voor mij",
    "already_paid": "al betaald",
    "bezwaar": "Ik maak bezwaar tegen uw besluit. De redenen stuur ik u later.",
}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_ready_sentence(purpose: str) -> None:
    facts = a_letter(
        "uwv", "beschikking", "2026-11-06", [within(6, "weeks", action=Action.BEZWAAR)], None, "Z-12345678"
    )
    text = said(ready_sentence(understood(facts), purpose, K, TODAY))
    assert READY[purpose] in text
    assert "Goedendag. Ik heb uw brief van vrijdag 6 november 2026 gekregen." in text
    assert "Mijn nummer is Z-12345678." in text
    if purpose == "bezwaar":
        assert "Stuur het naar het UWV." in text
        assert "op zijn laatst op vrijdag 18 december" in text


def test_bezwaar_is_not_offered_against_a_private_bill() -> None:
    text = said(ready_sentence(understood(a_letter("telecom", "factuur")), "bezwaar", K, TODAY))
    assert "kan bij deze brief niet" in text
    assert "Ik maak bezwaar" not in text
    assert "waar dit bedrag vandaan komt" in text


def test_a_late_bezwaar_says_why_it_is_late() -> None:
    facts = a_letter("uwv", "beschikking", "2026-09-01", [on("2026-10-13", action=Action.BEZWAAR)])
    assert "waarom het later is" in said(ready_sentence(understood(facts), "bezwaar", K, TODAY))


def test_an_unsure_reference_is_not_told() -> None:
    facts = replace(a_letter(reference="55501234"), reference=Found("55501234", sure=False))
    assert "55501234" not in said(ready_sentence(understood(facts), "payment_plan", K, TODAY))


def test_names_from_paper_are_shown_as_plain_text() -> None:
    nasty = "Woon\u202ezicht\n<b>{deadline}</b>\x07 " + "x" * 200
    letter = understood(a_letter("woningcorporatie", "aanmaning", name=nasty, clues=[on("2026-12-03")]))
    text = said(explain_letter(letter, K, TODAY))
    assert "\u202e" not in text
    assert "\x07" not in text
    assert len(clean_name(nasty)) <= 48
    assert len(text.split("\n")[0]) < 90


def test_a_sort_of_sender_is_not_told_as_a_name() -> None:
    for name in ("gerechtsdeurwaarders", "Deurwaarderskantoor"):
        letter = understood(a_letter("gerechtsdeurwaarder", "incasso", name=name, clues=[on("2026-12-03")]))
        assert "Deze brief is van de deurwaarder." in said(explain_letter(letter, K, TODAY))
    letter = understood(a_letter("gerechtsdeurwaarder", "incasso", name="Van Wessem & Tol", clues=[on("2026-12-03")]))
    assert "Deze brief is van Van Wessem & Tol." in said(explain_letter(letter, K, TODAY))


def test_amounts() -> None:
    assert say_euros(Decimal(842)) == "842 euro"
    assert say_euros(Decimal("172.7")) == "172,70 euro"
    assert say_euros(Decimal("1234567.05")) == "1.234.567,05 euro"
    letter = understood(a_letter(amount=None))
    assert "niet lezen" in said(tell_amount(letter, K, TODAY))


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "vandaag"), (1, "morgen"), (3, "over 3 dagen"), (-1, "gisteren"), (-3, "3 dagen geleden")],
)
def test_days_away(days: int, expected: str) -> None:
    assert say_days_away(days, TEXTS) == expected


def test_dates_as_people_say_them() -> None:
    assert say_day(date(2026, 11, 26)) == "donderdag 26 november 2026"
    assert say_day(date(2026, 11, 26), TODAY) == "donderdag 26 november"
    assert say_day(date(2027, 1, 4), TODAY) == "maandag 4 januari 2027"


def test_every_word_of_the_explanations_is_dutch_text_not_code() -> None:
    for entry in K.combinations.values():
        text = said(explain_letter(understood(facts_for(entry)), K, TODAY))
        assert not re.search(r"[{}_]|None|onbekend/", text)
        assert words_of(text)
