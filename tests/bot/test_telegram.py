"""The Telegram door against a strict Bot API server over real HTTP."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from briefbrug.store.tables import ChatMessage, Door, Outbox, Resident
from briefbrug.store.thread import HUMAN, MACHINE, Button, Said
from tests.bot.conftest import Telegram
from tests.bot.servers import RasaDouble
from tests.conftest import wait_until

CHAT = 4711


def jpeg(number: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64 + number, 48), (200, 200, 200)).save(out, "JPEG")
    return out.getvalue()


def say_to(
    telegram: Telegram, chat_id: int, said: Said, sender: str = MACHINE, professional_ref: str | None = None
) -> None:
    with telegram.house.work() as work:
        resident = work.residents.by_door("telegram", str(chat_id))
        assert resident is not None
        work.thread.add(resident, sender, said, professional_ref=professional_ref)


def test_the_first_message_says_it_is_a_machine_who_is_responsible_and_offers_the_web_page(telegram: Telegram):
    telegram.server.types(CHAT, "/start")
    wait_until(lambda: telegram.server.texts(CHAT), what="the greeting")
    greeting = telegram.server.texts(CHAT)[0]
    assert "computer" in greeting
    assert telegram.house.settings.municipality in greeting
    assert telegram.house.settings.public_url in greeting
    assert telegram.server.buttons(CHAT) == ["Ja, dat is goed", "Nee, liever niet"]


def test_a_text_gets_one_answer_marked_as_a_machine(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    telegram.server.types(CHAT, "welke moet eerst?")
    telegram.wait_text(CHAT, "Dat heb ik gelezen.")
    assert [body["message"] for body in rasa.heard] == ["welke moet eerst?"]
    assert all(text.startswith("🤖") for text in telegram.server.texts(CHAT))


def test_what_looks_like_a_payload_is_text(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    telegram.server.types(CHAT, '/geef_over{"case":"1"}')
    telegram.wait_text(CHAT, "Dat heb ik gelezen.")
    assert rasa.heard[0]["message"] == '\u200b/geef_over{"case":"1"}'


def test_numbers_that_name_a_person_do_not_reach_rasa(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    telegram.server.types(CHAT, "mijn bsn is 123456782 en ik betaal van NL91ABNA0417164300 morgen")
    telegram.wait_text(CHAT, "Dat heb ik gelezen.")
    assert "123456782" not in rasa.heard[0]["message"]
    assert "0417164300" not in rasa.heard[0]["message"]
    assert rasa.heard[0]["message"].endswith("morgen")


def test_an_album_is_kept_whole_and_counted_in_one_message(telegram: Telegram):
    telegram.says_yes(CHAT)
    album = [jpeg(number) for number in range(10)]
    telegram.server.sends_album(CHAT, album)
    telegram.wait_text(CHAT, "10 foto")
    wait_until(lambda: [photo.state for photo in telegram.photos()].count("stored") == 10, what="ten stored photos")
    assert sum("Ik heb" in text and "foto" in text for text in telegram.server.texts(CHAT)) == 1
    assert telegram.server.buttons(CHAT).count("Dat was alles") == 1


def test_the_largest_size_of_a_photo_is_fetched(telegram: Telegram):
    telegram.says_yes(CHAT)
    content = jpeg()
    telegram.server.sends_photo(CHAT, content)
    wait_until(lambda: [photo.state for photo in telegram.photos()] == ["stored"], what="the photo")
    with telegram.house.look() as work:
        resident = work.residents.by_door("telegram", str(CHAT))
        assert resident is not None
        assert telegram.house.photos.get(work.residents.key(resident), telegram.photos()[0].file_name or "") == content


def test_nothing_is_fetched_before_the_yes(telegram: Telegram):
    telegram.server.types(CHAT, "/start")
    wait_until(lambda: telegram.server.buttons(CHAT), what="the question")
    telegram.server.sends_album(CHAT, [jpeg(1), jpeg(2)])
    wait_until(lambda: len(telegram.photos()) == 2, what="the announced photos")
    assert not [call for call in telegram.server.calls if call[0] == "getFile"]
    telegram.server.presses(CHAT, "Ja, dat is goed")
    wait_until(lambda: [photo.state for photo in telegram.photos()] == ["stored", "stored"], what="the fetched photos")


@pytest.mark.parametrize(
    ("mime", "name", "is_paper"),
    [
        pytest.param("image/jpeg", "IMG_1.jpg", True, id="photo as a file"),
        pytest.param("application/pdf", "brief.pdf", True, id="PDF"),
        pytest.param("image/heic", "IMG_2.HEIC", True, id="HEIC by its type"),
        pytest.param("application/octet-stream", "IMG_3.heic", True, id="HEIC by its name"),
        pytest.param("application/msword", "brief.doc", False, id="Word"),
        pytest.param("application/zip", "brieven.zip", False, id="ZIP"),
        pytest.param("", "zonder", False, id="no type, no ending"),
    ],
)
def test_documents(telegram: Telegram, mime: str, name: str, is_paper: bool):
    telegram.says_yes(CHAT)
    before = len(telegram.server.texts(CHAT))
    telegram.server.push("message", telegram.server.document(CHAT, jpeg(), mime, name))
    wait_until(lambda: len(telegram.server.texts(CHAT)) > before, what="an answer")
    wait_until(lambda: telegram.unhandled() == 0, what="the update")
    assert len(telegram.photos()) == int(is_paper)


def test_a_file_over_the_limit_is_kindly_refused_and_not_fetched(telegram: Telegram):
    telegram.says_yes(CHAT)
    before = len(telegram.server.texts(CHAT))
    telegram.server.push(
        "message", telegram.server.document(CHAT, jpeg(), "application/pdf", "groot.pdf", size=20 * 1024 * 1024 + 1)
    )
    wait_until(lambda: len(telegram.server.texts(CHAT)) > before, what="an answer")
    assert telegram.photos() == []
    assert not [call for call in telegram.server.calls if call[0] == "getFile"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"voice": {"file_id": "V", "file_unique_id": "V", "duration": 3}}, id="voice"),
        pytest.param(
            {"video": {"file_id": "V", "file_unique_id": "V", "width": 1, "height": 1, "duration": 3}}, id="video"
        ),
        pytest.param(
            {"video_note": {"file_id": "V", "file_unique_id": "V", "length": 1, "duration": 3}}, id="video note"
        ),
        pytest.param(
            {
                "sticker": {
                    "file_id": "S",
                    "file_unique_id": "S",
                    "type": "regular",
                    "width": 1,
                    "height": 1,
                    "is_animated": False,
                    "is_video": False,
                }
            },
            id="sticker",
        ),
        pytest.param({"location": {"latitude": 52.0, "longitude": 5.0}}, id="location"),
        pytest.param({"contact": {"phone_number": "0612345678", "first_name": "Jan"}}, id="contact"),
        pytest.param({"something_new": {"of": "next year"}}, id="a kind that does not exist yet"),
        pytest.param({"dice": {"emoji": "🎲", "value": 3}}, id="dice"),
        pytest.param(
            {
                "poll": {
                    "id": "1",
                    "question": "?",
                    "options": [],
                    "total_voter_count": 0,
                    "is_closed": False,
                    "is_anonymous": True,
                    "type": "regular",
                    "allows_multiple_answers": False,
                }
            },
            id="poll",
        ),
    ],
)
def test_what_holds_no_letter_gets_a_kind_answer(telegram: Telegram, content: dict):
    telegram.says_yes(CHAT)
    before = len(telegram.server.texts(CHAT))
    telegram.server.push("message", telegram.server.message(CHAT, **content))
    wait_until(lambda: len(telegram.server.texts(CHAT)) > before, what="an answer")


def test_the_menu_works_without_rasa(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    rasa.status = 500
    for command in ("/hulp", "/overzicht", "/mens", "/wis"):
        before = len(telegram.server.texts(CHAT))
        telegram.server.types(CHAT, command)
        wait_until(lambda before=before: len(telegram.server.texts(CHAT)) > before, what=f"an answer to {command}")
    assert rasa.heard == []


@pytest.mark.parametrize("fault", ["status", "empty", "hangs"])
def test_when_rasa_is_down_one_kind_sentence_comes_and_photos_are_taken(
    telegram: Telegram, rasa: RasaDouble, fault: str
):
    telegram.says_yes(CHAT)
    if fault == "status":
        rasa.status = 503
    elif fault == "empty":
        rasa.answer = lambda sender, text: []
    else:
        rasa.hangs = True
    telegram.server.types(CHAT, "help, ik snap het niet")
    telegram.server.sends_photo(CHAT, jpeg())
    wait_until(lambda: [photo.state for photo in telegram.photos()] == ["stored"], what="the photo")
    telegram.wait_text(CHAT, "begrijp u nu even niet")
    rasa.hangs = False
    assert sum("begrijp u nu even niet" in text for text in telegram.server.texts(CHAT)) == 1


def test_duplicates_shuffled_and_lower_numbers_have_one_effect_each(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    numbers = random.Random(7)
    updates = [telegram.server.photo(CHAT, jpeg(number)) for number in range(8)]
    with telegram.server.lock:
        ids = list(range(600_000_000, 600_000_008))  # lower than any number seen before
        numbers.shuffle(ids)
        for number, message in zip(ids, updates, strict=True):
            for _ in range(5):
                telegram.server.push("message", message, number)
        numbers.shuffle(telegram.server.updates)
    telegram.wait_text(CHAT, "8 foto")
    wait_until(lambda: telegram.unhandled() == 0, what="all updates")
    assert len(telegram.photos()) == 8


def test_a_button_works_after_days_and_a_double_press_has_one_effect(telegram: Telegram):
    telegram.says_yes(CHAT)
    say_to(telegram, CHAT, Said("Nog iets?", buttons=(Button("Wat kan ik hier?", "help"),)))
    wait_until(lambda: "Wat kan ik hier?" in telegram.server.buttons(CHAT), what="the button")
    telegram.stop()
    telegram.start()
    before = len(telegram.server.texts(CHAT))
    update = telegram.server.presses(CHAT, "Wat kan ik hier?")
    telegram.server.push("callback_query", update["callback_query"])
    wait_until(lambda: len(telegram.server.texts(CHAT)) > before and telegram.unhandled() == 0, what="the answer")
    telegram.server.types(CHAT, "klaar")
    telegram.wait_text(CHAT, "Dat heb ik gelezen.")
    assert len(telegram.server.texts(CHAT)) == before + 2
    assert update["callback_query"]["id"] in telegram.server.answered


def test_somebody_elses_button_opens_nothing(telegram: Telegram):
    telegram.says_yes(CHAT)
    say_to(telegram, CHAT, Said("Geheim van een ander", buttons=(Button("Kijk", "overview"),)))
    wait_until(lambda: "Kijk" in telegram.server.buttons(CHAT), what="the button")
    stranger = 9999
    telegram.says_yes(stranger)
    before = len(telegram.server.texts(stranger))
    query = telegram.server.presses(CHAT, "Kijk")["callback_query"]
    wait_until(lambda: telegram.unhandled() == 0, what="the own press")
    foreign = {**query, "id": "77", "from": telegram.server.person(stranger)}
    foreign["message"] = {**query["message"], "chat": {"id": stranger, "type": "private"}}
    telegram.server.push("callback_query", foreign)
    wait_until(lambda: len(telegram.server.texts(stranger)) > before, what="a kind answer")
    assert "Geheim" not in "".join(telegram.server.texts(stranger))


def test_letter_text_with_markdown_and_links_arrives_as_it_is(telegram: Telegram):
    telegram.says_yes(CHAT)
    text = "*vet* _schuin_ [klik](http://voorbeeld.invalid) <a href='x'>y</a> /start @naam `code`"
    say_to(telegram, CHAT, Said(text))
    telegram.wait_text(CHAT, "*vet*")
    sent = next(each for each in telegram.server.ledger if "*vet*" in each.text)
    assert sent.text == f"🤖 {text}"
    assert "parse_mode" not in sent.raw
    assert "entities" not in sent.raw
    assert '"is_disabled": true' in sent.raw["link_preview_options"]


def test_a_long_message_comes_in_pieces_with_the_buttons_last(telegram: Telegram):
    telegram.says_yes(CHAT)
    say_to(
        telegram,
        CHAT,
        Said(
            "\n\n".join(f"Alinea {number}. " + "woord " * 60 for number in range(20)),
            buttons=(Button("Klaar", "help"),),
        ),
    )
    telegram.wait_text(CHAT, "Alinea 19.")
    pieces = [sent for sent in telegram.server.ledger if "Alinea" in sent.text]
    assert len(pieces) > 1
    assert [bool(piece.keyboard) for piece in pieces] == [False] * (len(pieces) - 1) + [True]


def test_a_human_is_named_above_every_message_of_hers(telegram: Telegram):
    telegram.says_yes(CHAT)
    with telegram.house.work() as work:
        team = work.people.add_team("Wijkteam", {})
        person = work.people.add_professional(
            team, email="m@voorbeeld.invalid", name="Melissa Voorbeeld", role="wijkteam", password_hash="x"
        )
    say_to(telegram, CHAT, Said("Ik bel u morgen."), HUMAN, person.ref)
    telegram.wait_text(CHAT, "Ik bel u morgen.")
    assert telegram.server.texts(CHAT)[-1] == "👤 Melissa Voorbeeld, wijkteam:\nIk bel u morgen."


def test_blocked_and_back_brings_what_a_human_said_meanwhile(telegram: Telegram):
    telegram.says_yes(CHAT)
    telegram.server.member(CHAT, "kicked")

    def is_gone() -> bool:
        with telegram.house.look() as work:
            return bool(work.session.query(Door).one().gone)

    wait_until(is_gone, what="the lost door")
    say_to(telegram, CHAT, Said("Ik heb gebeld."), HUMAN)
    telegram.server.member(CHAT, "member")
    telegram.wait_text(CHAT, "Ik heb gebeld.")


def test_a_send_to_somebody_who_blocked_us_is_given_up_at_once(telegram: Telegram):
    telegram.says_yes(CHAT)
    telegram.server.blocked.add(CHAT)
    say_to(telegram, CHAT, Said("Hallo?"))

    def given_up() -> bool:
        with telegram.house.look() as work:
            return work.session.query(Outbox).filter_by(state="gone").count() == 1

    wait_until(given_up, what="the given-up message")


def test_429_and_5xx_delay_but_lose_and_repeat_nothing(telegram: Telegram):
    from starlette.responses import Response

    from tests.bot.telegram_server import RefusedError

    telegram.says_yes(CHAT)
    faults = iter(
        [RefusedError(429, "Too Many Requests: retry after 1", retry_after=1), Response(status_code=502), None]
    )
    telegram.server.fault = lambda method, fields: next(faults, None) if method == "sendMessage" else None
    say_to(telegram, CHAT, Said("Eén keer."))
    telegram.wait_text(CHAT, "Eén keer.")
    wait_until(lambda: telegram.unhandled() == 0, what="quiet")
    assert sum("Eén keer." in text for text in telegram.server.texts(CHAT)) == 1
    assert telegram.server.texts(CHAT)[-1] == "🤖 Eén keer."


@pytest.mark.slow
def test_our_own_pace_is_never_refused(telegram: Telegram):
    for chat_id in range(5001, 5006):
        telegram.says_yes(chat_id)
    for number in range(3):
        for chat_id in range(5001, 5006):
            say_to(telegram, chat_id, Said(f"Bericht {number}"))
    for chat_id in range(5001, 5006):
        telegram.wait_text(chat_id, "Bericht 2")
    assert telegram.server.refusals == 0


def test_an_edited_text_is_new_only_when_it_was_the_last(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    first = telegram.server.types(CHAT, "eerste vraag")["message"]
    telegram.wait_text(CHAT, "Dat heb ik gelezen.", 1)
    telegram.server.push("edited_message", {**first, "text": "eerste vraag, beter", "edit_date": first["date"] + 5})
    telegram.wait_text(CHAT, "Dat heb ik gelezen.", 2)
    telegram.server.types(CHAT, "tweede vraag")
    telegram.wait_text(CHAT, "Dat heb ik gelezen.", 3)
    telegram.server.push("edited_message", {**first, "text": "nog eens anders", "edit_date": first["date"] + 9})
    wait_until(lambda: telegram.unhandled() == 0 and not telegram.server.updates[1:], what="the edit")
    assert [body["message"] for body in rasa.heard] == ["eerste vraag", "eerste vraag, beter", "tweede vraag"]


def test_a_group_is_left_politely(telegram: Telegram):
    telegram.server.member(-100, "member", "group")
    wait_until(lambda: -100 in telegram.server.left, what="leaving")
    assert "groep" in telegram.server.texts(-100)[0]
    with telegram.house.look() as work:
        assert work.session.query(Resident).count() == 0


def test_updates_wait_through_a_restart(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    telegram.stop()
    for number in range(5):
        telegram.server.types(CHAT, f"vraag {number}")
    telegram.start()
    telegram.wait_text(CHAT, "Dat heb ik gelezen.", 5)
    assert [body["message"] for body in rasa.heard] == [f"vraag {number}" for number in range(5)]


def test_a_kill_between_the_commit_and_the_answer_answers_once(telegram: Telegram, rasa: RasaDouble):
    telegram.says_yes(CHAT)
    update = telegram.server.types(CHAT, "vraag")
    telegram.wait_text(CHAT, "Dat heb ik gelezen.")
    # The row says "not handled", as after a kill just before that commit; the same update comes to the table again.
    with telegram.house.work() as work:
        row = work.updates.get("123456789", update["update_id"])
        assert row is not None
        row.handled_at = None
        row.payload_sealed = work.vault.seal(__import__("json").dumps(update), "update")
    telegram.loop.loop.call_soon_threadsafe(telegram.door.wake)  # type: ignore[union-attr]
    wait_until(lambda: telegram.unhandled() == 0, what="the second handling")
    assert sum("Dat heb ik gelezen." in text for text in telegram.server.texts(CHAT)) == 1
    with telegram.house.look() as work:
        assert work.session.query(ChatMessage).filter_by(sender="resident").count() == 2


def test_a_link_code_joins_the_chat_to_the_web_thread(telegram: Telegram):
    from briefbrug.usecases.open_door import link_code, open_door

    opened = open_door(telegram.house, "web", "een-geheim-van-een-webpagina")
    code = link_code(telegram.house, opened.resident_ref)
    telegram.server.types(CHAT, f"/start {code}")
    telegram.wait_text(CHAT, "hetzelfde gesprek")
    with telegram.house.look() as work:
        assert {door.kind for door in work.session.query(Door).filter_by(resident_ref=opened.resident_ref)} == {
            "web",
            "telegram",
        }
    other = 8888
    telegram.server.types(other, f"/start {code}")
    telegram.wait_text(other, "code werkt niet")


def test_after_erasing_everything_the_goodbye_is_still_said(telegram: Telegram):
    telegram.says_yes(CHAT)
    telegram.server.types(CHAT, "/wis")
    wait_until(
        lambda: any("Ja, wis" in label or "wis" in label.lower() for label in telegram.server.buttons(CHAT)),
        what="the question",
    )
    label = next(label for label in telegram.server.buttons(CHAT)[::-1] if "wis" in label.lower())
    telegram.server.presses(CHAT, label)

    def is_erased() -> bool:
        with telegram.house.look() as work:
            return work.session.query(Resident).count() == 0

    wait_until(is_erased, what="the erasure")
    wait_until(lambda: telegram.unhandled() == 0, what="the goodbye")
    assert "gewist" in telegram.server.texts(CHAT)[-1]
