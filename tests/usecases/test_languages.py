"""The whole way in each language: from the first yes to a person's name and hour, with no Dutch of our own code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from actions.table import ACTIONS
from briefbrug.house import LANGUAGES, House
from briefbrug.letter import Box, DeadlineClue, Found, PageReading, Word
from briefbrug.speech import END_ISOLATE, ISOLATE
from briefbrug.usecases.answer import Answer, Asked, answer_kindly
from briefbrug.usecases.buttons import press
from briefbrug.usecases.keep_watch import send_reminders
from briefbrug.usecases.listen import speak
from briefbrug.usecases.open_door import open_door
from briefbrug.usecases.receive_photo import receive_photo
from briefbrug.usecases.record_reading import bag_to_join, photo_to_read, record_letters, record_reading
from tests.conftest import MakeHouse, add_team
from tests.usecases.test_chain import JPEG, eviction, fine

OTHERS = LANGUAGES[1:]
DUTCH = re.compile(
    r"\b(maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|januari|februari|maart|juni|juli|augustus|oktober|"
    r"vandaag|gisteren|dagen|geleden|uur|uiterlijk|uw|het)\b"
)
"""Words that our own code could leave behind in another language."""


def ask(house: House, ref: str, action: str, text: str = "", **entities: str) -> tuple[str, ...]:
    """Run an action as Rasa would and let the resident hear it."""
    spoken = answer_kindly(ACTIONS[action], house, Asked(ref, text=text, entities=entities))
    speak(house, ref, spoken, f"{action}/{text}/{entities}")
    return spoken.texts


def tap(house: House, ref: str, do: str) -> None:
    """Press the newest button that does this, whatever it says."""
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None
        thread = work.thread.lines(resident)
    for line in reversed(thread):
        for index, button in enumerate(line.said.buttons):
            if button.do == do:
                assert press(house, ref, line.ref, index, "web", f"{line.ref}:{index}").spoken is not None
                return
    raise AssertionError(f"no button does {do}: {[b.do for line in thread for b in line.said.buttons]}")


def told(house: House, ref: str) -> list[str]:
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None
        return [line.said.text for line in work.thread.lines(resident)]


def the_whole_way(house: House, language: str) -> tuple[str, list[str]]:
    """Go from the first yes to a person in this language; return the resident and what she heard after choosing it."""
    add_team(house)
    ref = open_door(house, "web", f"secret-{language}").resident_ref
    ask(house, ref, "action_change_language", language=language)
    before = len(told(house, ref))
    tap(house, ref, "consent_yes")
    word = Word("Woonzicht", Box(10, 20, 110, 40), 95.0)
    second = replace(
        fine(),
        sender=Found("duo", (word,), True),
        kind=Found("aanmaning", (word,), True),
        clues=(Found(DeadlineClue("on_or_before", printed=date(2026, 12, 1)), (word,), True),),
    )
    letters = [fine(), eviction(), second]
    photos: list[str] = []
    for number, _ in enumerate(letters):
        receipt = receive_photo(house, ref, JPEG + bytes([number]), "web", f"upload-{number}")
        assert receipt.photo_ref
        photos.append(receipt.photo_ref)
    tap(house, ref, "all_photos")
    for photo in photos:
        assert photo_to_read(house, photo, "w#1") is not None
        reading = PageReading(1000, 1400, words=(Word("brief", Box(0, 0, 9, 9), 90.0),))
        record_reading(house, photo, (reading,), [b"page"])
    with house.look() as work:
        row = work.papers.photo(photos[0])
        assert row is not None
        bag = row.bag_ref
    pages = bag_to_join(house, bag)
    assert pages is not None
    record_letters(house, bag, [([(p, i)], facts) for (p, i, _), facts in zip(pages, letters, strict=True)])
    for place in ("1", "2", "3"):
        ask(house, ref, "action_explain_letter", letter_ref=place)
    ask(house, ref, "action_what_to_do")
    ask(house, ref, "action_tell_deadline")
    ask(house, ref, "action_tell_amount")
    ask(house, ref, "action_explain_word", term="dwangbevel")
    ask(house, ref, "action_correct_fact", "het bedrag is 140 euro", letter_ref="3")
    tap(house, ref, "request_human")
    return ref, told(house, ref)[before:]


def of_names(text: str) -> str:
    """Return a text without what rightly stays Dutch: names of people, offices and organisations, words in brackets."""
    names = r"\([^)]*\)|Deurwaarderskantoor De Wit|De Wit|Melissa de Boer|hulpverlener|gemeente Voorbeeld|[Gg]emeente"
    return re.sub(names, "", text)


@pytest.mark.parametrize("language", OTHERS)
def test_the_whole_way_in_each_language(make_house: MakeHouse, language: str) -> None:
    house = make_house()
    ref, heard = the_whole_way(house, language)
    assert len(heard) > 8
    assert "26" in next(line for line in heard if "De Wit" in line)
    tap(house, ref, "ready_sentence")
    ready = told(house, ref)[-1]
    assert "Goedendag. Ik heb uw brief van" in ready
    assert house.texts_in(language)["ready_in_your_language"] in ready

    before = len(told(house, ref))
    send_reminders(make_house(TODAY="2026-11-24"))
    tap(house, ref, "skip_goal")
    tap(house, ref, "confirm_hand_over")
    later = told(house, ref)[before:]
    assert any("De Wit" in line for line in later)
    assert any("Melissa de Boer" in line for line in later)
    with house.look() as work:
        person = work.residents.get(ref)
        assert person is not None
        assert work.cases.open_for(person) is not None

    for line in (*heard, *later):
        assert not DUTCH.search(of_names(line)), line
        if language == "ar":
            assert line.count(ISOLATE) == line.count(END_ISOLATE)
    if language in {"ar", "uk"}:
        letters = [c for line in (*heard, *later) for c in of_names(line) if c.isalpha()]
        assert sum("LATIN" not in unicodedata.name(c, "") for c in letters) / len(letters) > 0.85


def test_a_failure_is_told_in_the_readers_language(house: House) -> None:
    ref = open_door(house, "web", "secret").resident_ref
    ask(house, ref, "action_change_language", language="uk")

    def breaks(house: House, asked: Asked) -> Answer:
        raise RuntimeError

    spoken = answer_kindly(breaks, house, Asked(ref))
    assert spoken.texts == (house.texts_in("uk")["problem_unexpected"],)
    assert answer_kindly(breaks, house, Asked("R-nobody")).texts == (house.texts["nl"]["problem_unexpected"],)
