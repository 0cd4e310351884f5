"""The desk in English: whole pieces are exchanged, codes and what people wrote are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from briefbrug.usecases.work_on_case import note, reply_to_case
from inbox.language import tongue_of
from inbox.pages import HERE
from inbox.translate import WORDS, exchanged
from tests.inbox.conftest import MONDAY, Desk

ENGLISH = tongue_of("en")
SAME = {
    "Briefbrug",
    "· Briefbrug",
    "Monitor",
    "Enter",
    "min",
    "page page--wide",
    "page page--text",
    "page page--narrow",
}
"""Names, and words that are the same in both languages."""


def pieces_of(file: Path) -> set[str]:
    """Return the pieces of text of a template."""
    found: set[str] = set()

    def keep(piece: str) -> str:
        found.add(piece)
        return piece

    exchanged(file.read_text(encoding="utf-8"), keep, lambda quoted: quoted)
    return found


def test_nearly_every_piece_of_the_desk_has_its_english() -> None:
    pieces = set[str]().union(*(pieces_of(file) for file in (HERE / "templates").glob("*.html"))) - SAME
    missing = sorted(piece for piece in pieces if piece not in ENGLISH.pieces and piece not in ENGLISH.pieces.values())
    assert len(pieces) > 200
    assert len(missing) <= len(pieces) // 20, missing


def test_a_template_keeps_its_tags_expressions_and_blanks() -> None:
    source = (
        '<p title="Zoek hier" class="Zoek">\n  Zoek {{ "Zoek" if a == "zoek" else b }} Zoek.'
        "<b>{% if x > 1 %}Zoek{% endif %}</b></p>"
    )
    said = exchanged(source, str.upper, lambda quoted: "Find" if quoted == "Zoek" else quoted)
    assert said == (
        '<p title="ZOEK HIER" class="Zoek">\n  ZOEK {{ "Find" if a == "zoek" else b }} ZOEK.'
        "<b>{% if x > 1 %}ZOEK{% endif %}</b></p>"
    )
    for file in (HERE / "templates").glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert exchanged(text, lambda piece: piece, lambda quoted: quoted).split() == text.split(), file.name


@pytest.mark.parametrize(
    ("dutch", "english"),
    [
        ("vandaag 14.30 uur", "today 14:30"),
        ("do 26 november 9.00 uur", "Thu 26 November 9:00"),
        ("maandag 23 november 2026", "Monday 23 November 2026"),
        ("nog 3 u 4 min", "3 h 4 min left"),
        ("2 d 3 u te laat", "2 d 3 h late"),
        ("Wacht op een mens", "Waits for a person"),
        ("iets van een inwoner", "iets van een inwoner"),
    ],
)
def test_what_the_code_says(dutch: str, english: str) -> None:
    assert ENGLISH.say(dutch) == english
    assert tongue_of("nl").say(dutch) == dutch


def test_no_code_is_exchanged() -> None:
    """A word that is quoted in an expression may be a code; only words of that list are exchanged."""
    assert not {"wacht", "nieuw", "niets", "open", "closed", "machine", "resident"} & set(ENGLISH.quoted)
    assert all(WORDS.search(text) for text in ENGLISH.pieces)


def test_the_desk_speaks_english_and_quotes_dutch(desk: Desk, browse) -> None:
    case_ref = desk.case(goal="Gesloten", note="Zaak")
    note(desk.at(MONDAY), case_ref, desk.refs["melissa"], "Spoed", "a")
    browser = browse("melissa")
    browser.post("/inbox/taal", taal="en")
    page = browser.get("/inbox").text
    for words in ("Worklist", "All open cases", "Urgent", "Log out"):
        assert words in page
    assert "?toon=wacht" in page, "an address keeps its code"
    case = browser.get(f"/inbox/zaak/{case_ref}").text
    for words in ("Answer to the resident", "Send answer", "This comes first", "Notes for colleagues", "Room to act"):
        assert words in case
    assert "“Gesloten”" in case, "what the resident said stays as she said it"
    assert ">Spoed</p>" in case, "and so does a note"
    reply_to_case(desk.at(MONDAY), case_ref, desk.refs["melissa"], "Klaar", "b")
    assert (
        "<bdi>Klaar</bdi>" in browser.get(f"/inbox/zaak/{case_ref}").text
        or "Klaar" in browser.get(f"/inbox/zaak/{case_ref}").text
    )
    for path in ("/inbox/overleg", "/inbox/potje", "/inbox?toon=gesloten", "/inbox/zaak/C-x"):
        assert '<html lang="en"' in browser.get(path).text
