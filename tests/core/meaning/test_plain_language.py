"""Every Dutch text that a resident can meet is easy: short sentences, known words, always "u", no blame."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
import yaml

from briefbrug.plain_language import (
    EASY,
    explained_terms,
    filled,
    flesch_douma,
    measure,
    remarks,
    sentences,
    syllables,
    table,
    wording,
)
from briefbrug.speech import TEXTS_FOLDER

TERMS = frozenset(word.lower() for word in explained_terms())
FILES = sorted((TEXTS_FOLDER / "nl").glob("*.yaml"))


def load_texts_of(file: Path) -> dict[str, str]:
    content = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {key: str(text) for key, text in cast(dict[str, dict[str, str]], content)["texts"].items()}


def texts_of(file: Path) -> dict[str, str]:
    return {key: filled(text) for key, text in load_texts_of(file).items()}


TEXTS = [pytest.param(text, id=f"{file.stem}.{key}") for file in FILES for key, text in texts_of(file).items()]


@pytest.mark.parametrize("text", TEXTS)
def test_text(text: str) -> None:
    found = measure(text, TERMS)
    assert found.longest <= 15
    if found.sentences >= 3:
        assert found.mean <= 10
        assert found.ease >= EASY
    assert found.difficult == ()
    assert [r for r in remarks(text, TERMS) if r.code not in {"long_sentence", "difficult_word"}] == []


SENTENCES = [file for file in FILES if file.name != "senders.yaml"]
"""Files with sentences; names of senders are no sentences, and their words are fixed by the senders."""


@pytest.mark.parametrize("file", SENTENCES, ids=lambda f: f.name)
def test_file(file: Path) -> None:
    whole = measure("\n".join(texts_of(file).values()), TERMS)
    assert whole.mean <= 10
    assert whole.ease >= EASY


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("brief", 1),
        ("betalen", 3),
        ("gemeente", 3),
        ("uw", 1),
        ("huis", 1),
        ("deurwaarder", 3),
        ("leeuw", 1),
        ("nieuwe", 2),
        ("mooi", 1),
        ("bezwaar", 2),
        ("aanmaning", 3),
        ("koeien", 2),
        ("12", 2),
    ],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_sentences() -> None:
    assert sentences("3. De gemeente: kom om 10.00 uur. Neem uw brief mee!\nGoed?") == (
        "3 De gemeente: kom om 10.00 uur.",
        "Neem uw brief mee!",
        "Goed?",
    )


def test_hard_text_scores_low_and_easy_text_high() -> None:
    hard = (
        "Ingevolge voornoemde beschikking dient u binnen de gestelde termijn zorg te dragen voor integrale voldoening."
    )
    assert flesch_douma(hard) < 40
    assert flesch_douma("U kunt nu bellen. Wij lezen de brief met u. Dat is gratis.") > 90


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Je moet bellen.", "not_u"),
        ("Stuur bijv. een kopie.", "abbreviation"),
        ("Het is uw eigen schuld.", "blame"),
        ("Ik garandeer dat dit lukt.", "promise"),
        ("Dat kan niet volgens de regels.", "rule_as_excuse"),
        ("U dient dit te doen.", "difficult_word"),
        ("De aanvraag wordt bekeken en daarna wordt er besloten.", "passive"),
        ("Dit is een zin die veel te lang is omdat er steeds maar weer nieuwe woorden bij komen.", "long_sentence"),
    ],
)
def test_remarks_on_a_reply(text: str, code: str) -> None:
    assert code in {remark.code for remark in remarks(text, TERMS)}


def test_a_remark_gives_a_plain_form() -> None:
    assert [r.better for r in remarks("U dient te bellen.", TERMS) if r.code == "difficult_word"] == ["moet"]


def test_a_kind_reply_has_no_remarks() -> None:
    assert remarks("Dag. Ik heb uw brieven gelezen. Ik bel morgen de gemeente voor u. Dan bel ik u.", TERMS) == ()


def test_the_table_shows_every_text_with_its_measures() -> None:
    lines = list(table())
    shown = "\n".join(lines)
    for file in FILES:
        for key, text in load_texts_of(file).items():
            row = next(line for line in lines if line[2:].split(" ")[0] == key)
            assert re.search(r" +\d+ +\d+ +\d+\.\d +\d+ +-?\d+\.\d", row), key
            assert text.split("\n")[0][:60] in shown, key
    assert "texts that do not pass: 0" in lines[-1]
    assert not [line for line in lines if line.startswith("!")]


def test_a_native_reader_gets_the_dutch_beside_her_language() -> None:
    shown = "\n".join(table(language="pl"))
    assert "nl: Eerst de brief van {sender}." in shown


def test_the_lists_do_not_contradict_each_other() -> None:
    lists = wording()
    assert not set(lists.difficult) & (lists.allowed | lists.names)
