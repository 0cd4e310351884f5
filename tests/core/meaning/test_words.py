"""The dictionary explains the words of letters, also when they are asked for with a slip of the pen."""

from __future__ import annotations

import pytest

from briefbrug.explanation import explain_word
from briefbrug.knowledge.load import load_knowledge
from briefbrug.speech import load_texts, say

K = load_knowledge()
TEXTS = load_texts("nl")


@pytest.mark.parametrize("word", sorted(K.words))
def test_each_word_is_explained(word: str) -> None:
    found = explain_word(word.replace("_", " "), K)
    assert found is not None
    assert [message.key for message in found] == [f"word_{word}"]
    assert say(found[0], TEXTS)


def test_each_other_name_leads_to_its_word() -> None:
    for name, word in K.words.items():
        for also in word.also:
            found = explain_word(also, K)
            assert found is not None, also
            assert found[0].key == f"word_{name}", also


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("wat is een dwangbevel?", "dwangbevel"),
        ("Wat betekent DWANGBEVEL", "dwangbevel"),
        ("dwang bevel", "dwangbevel"),
        ("aanmaningen", "aanmaning"),
        ("wat is nou weer een vonis", "vonnis"),
        ("deurwarder", "deurwaarder"),
        ("gerechtsdeurwaarders", "deurwaarder"),
        ("kwijtscheldig", "kwijtschelding"),
        ("beslag vrije voet", "beslagvrije_voet"),
        ("beslagvrijevoet", "beslagvrije_voet"),
        ("uitvoerbaar bij voorraad?", "uitvoerbaar_bij_voorraad"),
        ("wat houdt uithuiszetting in", "ontruiming"),
        ("betalings regeling", "betalingsregeling"),
        ("toeslagen", "toeslag"),
        ("W.S.N.P.", "schuldsanering"),
        ("dagvaardingen", "dagvaarding"),
        ("bezwaarschrift", "bezwaar"),
        ("wat is beslag op loon", "loonbeslag"),
    ],
)
def test_asked_in_other_ways(asked: str, word: str) -> None:
    found = explain_word(asked, K)
    assert found is not None
    assert found[0].key == f"word_{word}"


@pytest.mark.parametrize("asked", ["", "?", "paspoort", "wat is dat", "xyz", "fiets kopen", "123", "huis", "   "])
def test_an_unknown_word_is_not_guessed(asked: str) -> None:
    assert explain_word(asked, K) is None


def test_a_very_long_question_is_answered_at_once() -> None:
    assert explain_word("wat is " + "a" * 100_000, K) is None
