"""The chain from photo to human answer, through the use cases alone, on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from briefbrug.house import House
from briefbrug.letter import Box, DeadlineClue, Found, LetterFacts, PageReading, Word
from briefbrug.usecases.answer import Asked, answer_kindly
from briefbrug.usecases.buttons import press
from briefbrug.usecases.hand_over import confirm_hand_over, request_human
from briefbrug.usecases.listen import hear, speak, take_free_text
from briefbrug.usecases.open_door import open_door
from briefbrug.usecases.receive_photo import receive_photo
from briefbrug.usecases.record_reading import bag_to_join, photo_to_read, record_letters, record_reading
from tests.conftest import add_team

JPEG = b"\xff\xd8\xff\xe0 no real picture, only its first bytes"


def lines(house: House, ref: str) -> list[str]:
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None
        return [line.said.text for line in work.thread.lines(resident)]


def choose(house: House, ref: str, words: str) -> None:
    """Press the newest button with these words."""
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None
        all_lines = work.thread.lines(resident)
    for line in reversed(all_lines):
        for index, button in enumerate(line.said.buttons):
            if button.label == words:
                assert press(house, ref, line.ref, index, "web", f"{line.ref}:{index}").spoken is not None
                return
    raise AssertionError(f"no button {words!r} in {[b.label for line in all_lines for b in line.said.buttons]}")


def eviction() -> LetterFacts:
    word = Word("ontruiming", Box(10, 20, 110, 40), 95.0)
    return LetterFacts(
        sender=Found("gerechtsdeurwaarder", (word,), True),
        sender_name=Found("Deurwaarderskantoor De Wit", (word,), True),
        kind=Found("ontruiming", (word,), True),
        letter_date=Found(date(2026, 11, 19), (word,), True),
        clues=(Found(DeadlineClue("event_date", printed=date(2026, 11, 26)), (word,), True),),
        words=(word,),
    )


def fine() -> LetterFacts:
    word = Word("boete", Box(10, 20, 110, 40), 95.0)
    return LetterFacts(
        sender=Found("cjib", (word,), True),
        kind=Found("boete", (word,), True),
        letter_date=Found(date(2026, 11, 16), (word,), True),
        amount=Found(Decimal("120.00"), (word,), True),
        clues=(Found(DeadlineClue("on_or_before", printed=date(2027, 1, 11)), (word,), True),),
        words=(word,),
    )


def send_bag(house: House, ref: str, letters: list[LetterFacts], mark: str = "") -> None:
    """Send a photo for each letter and let a reader say what stands on it."""
    photos: list[str] = []
    for number, _ in enumerate(letters):
        receipt = receive_photo(house, ref, JPEG + bytes([number]), "web", f"upload-{mark}{number}")
        assert receipt.problem is None and receipt.photo_ref
        photos.append(receipt.photo_ref)
    choose(house, ref, "Dat was alles")
    for photo in photos:
        assert photo_to_read(house, photo, "w#1") is not None
        record_reading(
            house, photo, (PageReading(1000, 1400, words=(Word("brief", Box(0, 0, 9, 9), 90.0),)),), [b"page"]
        )
    with house.look() as work:
        photo_row = work.papers.photo(photos[0])
        assert photo_row is not None
        bag = photo_row.bag_ref
    pages = bag_to_join(house, bag)
    assert pages is not None and len(pages) == len(letters)
    record_letters(
        house, bag, [([(photo, index)], facts) for (photo, index, _), facts in zip(pages, letters, strict=True)]
    )


def test_a_bag_becomes_a_case_with_a_name_and_an_hour(any_house: House) -> None:
    house = any_house
    melissa = add_team(house)
    ref = open_door(house, "web", "secret").resident_ref
    assert "computer, geen mens" in lines(house, ref)[0]
    choose(house, ref, "Ja, dat is goed")
    send_bag(house, ref, [fine(), eviction()])
    told = lines(house, ref)
    first = next(line for line in told if "26 november" in line)
    assert "De Wit" in first
    choose(house, ref, "Ja, stuur naar een mens")
    hear(house, ref, "Ik wil weer rustig slapen", "web", "t1")
    spoken = answer_kindly(take_free_text, house, Asked(ref, text="Ik wil weer rustig slapen"))
    speak(house, ref, spoken, "t1")
    assert "Melissa de Boer" in lines(house, ref)[-2] and "“Ik wil weer rustig slapen”" in lines(house, ref)[-1]
    choose(house, ref, "Klopt, verstuur dit")
    # Saturday 21 November: three working hours end on Monday at 12.00.
    assert "maandag 23 november" in lines(house, ref)[-1] and "12.00 uur" in lines(house, ref)[-1]
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None
        case = work.cases.open_for(resident)
        assert case is not None and case.professional_ref == melissa and case.urgency == 1
        assert [event.kind for event in work.cases.events(case.ref)] == ["sent", "assigned"]


def test_the_same_upload_twice_is_one_photo(any_house: House) -> None:
    house = any_house
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    first = receive_photo(house, ref, JPEG, "web", "upload-1")
    again = receive_photo(house, ref, JPEG, "web", "upload-1")
    assert first.is_new and not again.is_new and first.photo_ref == again.photo_ref
    assert sum("1 foto" in line for line in lines(house, ref)) == 1


def test_two_confirmations_are_one_case(any_house: House) -> None:
    house = any_house
    add_team(house)
    ref = open_door(house, "web", "secret").resident_ref
    answer_kindly(request_human, house, Asked(ref))
    answer_kindly(request_human, house, Asked(ref))
    for _ in range(2):
        answer_kindly(confirm_hand_over, house, Asked(ref))
    with house.look() as work:
        events = work.cases.all_events()
    assert [event.kind.value for _, _, event in events].count("sent") == 1


def test_nothing_is_kept_before_the_plain_yes(any_house: House) -> None:
    house = any_house
    ref = open_door(house, "web", "secret").resident_ref
    assert receive_photo(house, ref, JPEG, "web", "u").problem is not None
    assert house.photos.names() == set()


def test_the_same_photo_sent_twice_is_read_twice_and_never_lost(any_house: House) -> None:
    """One file, two rows: settling the first must not take the second one's bytes away."""
    house = any_house
    ref = open_door(house, "web", "secret").resident_ref
    choose(house, ref, "Ja, dat is goed")
    photos = [receive_photo(house, ref, JPEG, "web", f"upload-{number}").photo_ref for number in range(2)]
    page = PageReading(1000, 1400, words=(Word("brief", Box(0, 0, 9, 9), 90.0),))
    for photo in photos:
        assert photo is not None
        assert photo_to_read(house, photo, "w#1") == JPEG
        record_reading(house, photo, (page,), [b"page"])
    with house.look() as work:
        assert work.papers.count_by_state() == {"read": 2}
        resident = work.residents.get(ref)
        assert resident is not None
        assert not work.papers.is_file_used(resident, next(iter(house.photos.names())))
    assert len(house.photos.names()) == 1, "the page image is kept, the file as sent is gone"
