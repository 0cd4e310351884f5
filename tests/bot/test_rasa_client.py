"""What Rasa may see, and what is made of its answers."""

from __future__ import annotations

import pytest

from bot.rasa_client import for_rasa, mask_iban, said_in


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("betaal op NL91ABNA0417164300 graag", "betaal op rekeningnummer graag", id="Dutch"),
        pytest.param("NL91 ABNA 0417 1643 00 klopt niet", "rekeningnummer klopt niet", id="Dutch in groups"),
        pytest.param("nl91abna0417164301", "rekeningnummer", id="Dutch with a typing error"),
        pytest.param("van DE89 3704 0044 0532 0130 00 naar mij", "van rekeningnummer naar mij", id="German"),
        pytest.param("BE68 5390 0754 7034.", "rekeningnummer.", id="Belgian"),
        pytest.param("ik heb 2 kinderen en 3 katten thuis", "ik heb 2 kinderen en 3 katten thuis", id="none"),
        pytest.param("kenmerk AB12 3456 7890 1234", "kenmerk AB12 3456 7890 1234", id="a reference"),
    ],
)
def test_account_numbers_become_a_word(text: str, masked: str):
    assert mask_iban(text) == masked


@pytest.mark.parametrize("text", ["/start", "  /stop", '/geef_over{"case":"1"}', "//x", "\x00/restart"])
def test_a_typed_slash_is_never_a_payload(text: str):
    assert for_rasa(text).startswith("\u200b/")


def test_a_long_text_is_bounded_and_masked_fast():
    assert len(for_rasa("NL91 " * 100_000)) <= 4096


def test_a_whole_message_replaces_its_own_plain_pieces():
    said = {"text": "Eerst.\n\nDan.", "buttons": [], "pictures": [], "links": [], "key": "k"}
    answer = [{"text": "Hallo."}, {"text": "Eerst."}, {"text": "Dan."}, {"custom": {"said": said}}]
    assert [part.text for part in said_in(answer)] == ["Hallo.", "Eerst.\n\nDan."]
    assert said_in(answer)[1].key == "k"


def test_a_whole_message_with_buttons_replaces_its_uncut_text():
    """Rasa cuts a text at blank lines only when it has no buttons."""
    said = {"text": "Eerst.\n\nDan.", "buttons": [], "pictures": [], "links": []}
    answer = [{"text": "Eerst.\n\nDan.", "buttons": [{"title": "Ja", "payload": "Ja"}]}, {"custom": {"said": said}}]
    assert [part.text for part in said_in(answer)] == ["Eerst.\n\nDan."]


@pytest.mark.parametrize("answer", [[], {}, None, "x", [{"text": ""}], [{"custom": {}}]])
def test_silence_is_nothing(answer: object):
    assert said_in(answer) == ()
