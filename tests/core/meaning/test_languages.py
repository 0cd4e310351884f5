"""Six languages: the same keys and placeholders, days and amounts in the reader's own words, right to left right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from functools import cache

import pytest
import yaml

from briefbrug.explanation import (
    PURPOSES,
    WAYS,
    explain_can_wait,
    explain_first,
    explain_letter,
    explain_place,
    explain_rest,
    explain_shared,
    explain_word,
    ready_sentence,
)
from briefbrug.house import LANGUAGES
from briefbrug.knowledge.load import load_knowledge
from briefbrug.meaning import Pile, understand_pile
from briefbrug.speech import (
    END_ISOLATE,
    ISOLATE,
    RIGHT_TO_LEFT,
    TEXTS_FOLDER,
    Day,
    DaysAway,
    Euros,
    Message,
    Numbers,
    SenderName,
    Texts,
    load_texts,
    placeholders,
    say,
    say_all,
)
from tests.core.meaning.letters import KROOS, TODAY, a_letter, on, within

K = load_knowledge()
OTHERS = LANGUAGES[1:]
MARK = "# Machine-written, check with a native reader."
FILES = sorted(file.name for file in (TEXTS_FOLDER / "nl").glob("*.yaml"))
WHOLE_FILES = frozenset(
    {"letters.yaml", "pile.yaml", "problems.yaml", "reasons.yaml", "senders.yaml", "sentences.yaml", "steps.yaml",
     "words.yaml"}
)  # fmt: skip
"""Files of the main path that have every key in every language; the others may lack a new one for a while."""

MAIN_PATH = re.compile(
    r"greeting|ask_consent|consent_|send_letters|photos_|photo_|reading_|still_reading|ask_all|rest_heading|offer_human|"
    r"proof|new_order|cannot_pay|payment_plan|not_mine_|paid_|what_is_wrong|ask_right_|corrected_|way_|preview_|sent|"
    r"nobody_call|who_|promise_|human_|crisis_|reminder|button_|deleted|stopped"
)
"""Keys of the conversation from the first hello to the answer of a person."""

DUTCH_DAY_WORDS = (
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart april mei juni juli augustus "
    "september oktober november december vandaag morgen gisteren over dagen geleden uur en"
).split()


@cache
def texts_in(language: str) -> Texts:
    dutch = load_texts("nl")
    return dutch if language == "nl" else load_texts(language, fallback=dutch)


@cache
def keys_of(language: str, file: str) -> dict[str, str]:
    return yaml.load((TEXTS_FOLDER / language / file).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["texts"]


@cache
def texts_with_x(language: str) -> Texts:
    """Return the texts of a language with one more that says nothing but its value."""
    return Texts({**texts_in(language), "x": "{x}"}, language)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("file", FILES)
def test_each_language_has_the_keys_of_the_main_path(language: str, file: str) -> None:
    dutch, mine = keys_of("nl", file), keys_of(language, file)
    wanted = dutch if file in WHOLE_FILES else {key: text for key, text in dutch.items() if MAIN_PATH.match(key)}
    assert sorted(wanted.keys() - mine.keys()) == []
    for key in mine.keys() & dutch.keys():
        assert placeholders(str(mine[key])) == placeholders(str(dutch[key])), key
        assert str(mine[key]).strip(), key


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("file", FILES)
def test_each_file_says_that_a_machine_wrote_it(language: str, file: str) -> None:
    assert (TEXTS_FOLDER / language / file).read_text(encoding="utf-8").splitlines()[0] == MARK


def said_of_a_pile(pile: Pile) -> Iterator[Message]:
    """Yield every message about a whole pile: the overview, each letter, its place, the ready sentences."""
    for part in (explain_first(pile, K), explain_shared(pile, K), explain_rest(pile, K), explain_can_wait(pile, K)):
        yield from part
    for letter in pile.letters:
        for way in WAYS:
            yield from explain_letter(letter, K, pile.today, way)
        yield from explain_place(letter, pile)
        for purpose in PURPOSES:
            yield from ready_sentence(letter, purpose, K, pile.today)


def values_in(message: Message, language: str) -> str:
    """Return the composed values of a message as they are said: days, distances, amounts, lists and sorts of sender."""
    composed = (Day, DaysAway, Euros, Numbers)
    kept = {
        name: value
        for name, value in message.values.items()
        if isinstance(value, composed) or (isinstance(value, SenderName) and not value.printed)
    }
    texts = texts_with_x(language)
    return " | ".join(say(Message("x", {"x": value}), texts) for value in kept.values())


@pytest.mark.parametrize("language", OTHERS)
def test_a_whole_pile_is_told_in_the_readers_language_with_no_dutch_left(language: str) -> None:
    texts, pile = texts_in(language), understand_pile(KROOS, K, TODAY)
    paragraphs = 0
    for message in said_of_a_pile(pile):
        assert texts.source(message.key).language == language, f"{message.key} is told in Dutch"
        paragraphs += bool(say(Message(message.key, message.values), texts))
        own = values_in(message, language).lower()
        names = r"\([^)]*\)|cak|svb|uwv|duo|cjib|belastingdienst|rechtbank"
        words = set(re.findall(r"[^\W\d_]+", re.sub(names, "", own)))
        shared = {"en": {"over", "april", "september", "november", "december"}, "tr": set[str]()}.get(language, set())
        assert not (words & set(DUTCH_DAY_WORDS)) - shared, own
        if language in {"ar", "uk"}:
            assert not any("LATIN" in unicodedata.name(c, "") for word in words for c in word), own
    assert paragraphs > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_combination_is_explained_in_each_language(language: str) -> None:
    texts = texts_in(language)
    for entry in K.combinations.values():
        sign = K.signs.variants.get(entry.id)
        for clues in ((on("2026-12-03"),), (on("2026-11-02"),), ()):
            facts = a_letter(
                entry.sender, entry.kind, "2026-11-10", clues, "172.70", text=sign.words[0] if sign else ""
            )
            letter = understand_pile({"L": facts}, K, TODAY).letters[0]
            for message in (*explain_letter(letter, K, TODAY), *ready_sentence(letter, "payment_plan", K, TODAY)):
                assert texts.source(message.key).language == language, message.key
                assert not re.search(r"[{}]|None", say(message, texts))


@pytest.mark.parametrize(
    ("language", "day", "away", "past", "amount"),
    [
        ("nl", "donderdag 26 november", "over 5 dagen", "3 dagen geleden", "1.234,50 euro"),
        ("en", "Thursday, 26 November", "in 5 days", "3 days ago", "1,234.50 euros"),
        ("tr", "26 Kasım Perşembe", "5 gün sonra", "3 gün önce", "1.234,50 Euro"),
        ("pl", "czwartek, 26 listopada", "za 5 dni", "3 dni temu", "1\u00a0234,50 euro"),
        ("uk", "четвер, 26 листопада", "через 5 днів", "3 дні тому", "1\u00a0234,50 євро"),
        ("ar", "الخميس، 26 نوفمبر", "خلال 5 أيام", "قبل 3 أيام", "1,234.50 يورو"),
    ],
)
def test_days_and_amounts_as_people_say_them(language: str, day: str, away: str, past: str, amount: str) -> None:
    texts = texts_with_x(language)

    def heard(value: Day | DaysAway | Euros) -> str:
        return say(Message("x", {"x": value}), texts).strip(ISOLATE + END_ISOLATE)

    assert heard(Day(date(2026, 11, 26), TODAY)) == day
    assert "2027" in heard(Day(date(2027, 1, 4), TODAY))
    assert heard(DaysAway(5)) == away
    assert heard(DaysAway(-3)) == past
    assert heard(Euros(Decimal("1234.50"))) == amount
    assert len({heard(DaysAway(n)) for n in (-1, 0, 1)}) == 3
    assert not re.search(r"\d", heard(DaysAway(0)))


def test_plural_forms_follow_the_language() -> None:
    said = [say(Message("x", {"x": DaysAway(n)}), Texts({"x": "{x}"}, "uk")) for n in (2, 5, 21)]
    assert said == ["через 2 дні", "через 5 днів", "через 21 день"]


@pytest.mark.parametrize("language", sorted(RIGHT_TO_LEFT))
def test_in_right_to_left_text_every_name_and_number_is_set_apart(language: str) -> None:
    texts, pile = texts_in(language), understand_pile(KROOS, K, TODAY)
    isolated = 0
    for message in said_of_a_pile(pile):
        if message.to_send:
            continue
        text = say(message, texts)
        assert text.count(ISOLATE) == text.count(END_ISOLATE) == len(message.values), message.key
        isolated += text.count(ISOLATE)
        outside = re.sub(f"{ISOLATE}[^{END_ISOLATE}]*{END_ISOLATE}", "", text)
        # Outside the isolates the first strong sign decides how the line runs; it must be of this language.
        strong = [c for c in outside if unicodedata.bidirectional(c) in {"L", "R", "AL"}]
        assert not strong or unicodedata.bidirectional(strong[0]) == "AL", text
    assert isolated > 50


def test_a_link_stays_bare_and_a_right_to_left_word_cannot_turn_a_dutch_line() -> None:
    arabic = Texts({"x": "{x}"}, "ar")
    assert say(Message("x", {"x": "https://example.nl/a"}), arabic) == "https://example.nl/a"
    assert say(Message("x", {"x": "0800 64 64 644"}), arabic) == f"{ISOLATE}0800 64 64 644{END_ISOLATE}"
    assert say(Message("x", {"x": "سلام"}), Texts({"x": "{x}"}, "nl")) == f"{ISOLATE}سلام{END_ISOLATE}"
    assert say(Message("x", {"x": "Ymere"}), Texts({"x": "{x}"}, "nl")) == "Ymere"


def test_the_hour_is_said_in_each_language() -> None:
    assert say(Message("x", {"x": time(9, 5)}), texts_with_x("nl")) == "9.05 uur"
    for language in OTHERS:
        assert "uur" not in say(Message("x", {"x": time(9, 5)}), texts_with_x(language))


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_sentence_to_send_is_dutch_with_its_meaning_under_it(language: str, purpose: str) -> None:
    facts = a_letter("uwv", "beschikking", "2026-11-06", [within(6, "weeks")], "80", "Z-12345678")
    messages = ready_sentence(understand_pile({"L": facts}, K, TODAY).letters[0], purpose, K, TODAY)
    said = say_all(messages, texts_in(language))
    dutch = [say(message, texts_in("nl")) for message in messages if message.to_send]
    assert "Goedendag. Ik heb uw brief van vrijdag 6 november 2026 gekregen." in dutch
    start = said.index(dutch[0])
    assert list(said[start : start + len(dutch)]) == dutch
    under = said[start + len(dutch)]
    assert under.startswith(texts_in(language)["ready_in_your_language"])
    assert "Goedendag" not in under
    assert "vrijdag" not in under
    assert len(under.split("\n")) == len(dutch) + 1
    assert say_all(messages, texts_in("nl")).count(dutch[0]) == 1


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(
    "term", ["dwangbevel", "dagvaarding", "aanmaning", "beslag", "bezwaar", "vonnis", "ontruiming"]
)
def test_a_word_that_stays_dutch_is_explained(language: str, term: str) -> None:
    """The reader finds the word of her letter, and behind it what it means in her own language."""
    texts = texts_in(language)
    explained = explain_word(term, K)
    assert explained is not None
    assert texts.source(explained[0].key).language == language
    assert term in say(explained[0], texts).lower()
    if f"kind_{term}" in texts:
        line = texts[f"kind_{term}"]
        assert term in line.lower(), line
        assert len(line.replace(term, "")) > 15, line


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_key_is_said_in_dutch_with_a_dutch_day(language: str) -> None:
    poor = Texts({}, language, fallback=texts_in("nl"))
    said = say(Message("because_home_by", {"deadline": Day(date(2026, 11, 26), TODAY)}), poor)
    assert said == "Het gaat om uw huis, en de dag is donderdag 26 november."


def test_a_name_with_a_full_stop_ends_a_sentence_with_one() -> None:
    texts = {"first_is": "Eerst de brief van {sender}.", "wait": "Even wachten ... {sender}"}
    assert say(Message("first_is", {"sender": "De Wit B.V."}), texts) == "Eerst de brief van De Wit B.V."
    assert say(Message("wait", {"sender": "Jansen"}), texts) == "Even wachten ... Jansen"
