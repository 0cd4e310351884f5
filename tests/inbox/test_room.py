"""What stands beside the answer, over HTTP: each form works once, refuses strangers, and says what happened."""

from __future__ import annotations

import re

import pdfplumber
import pytest

from briefbrug.usecases.demo_letters import CARE, EVICTION, RENT
from briefbrug.usecases.room_to_act import set_fund
from inbox.plain import advice_on
from inbox.ready import all_ready
from tests.inbox.conftest import Desk

REASON = {
    "need": "Het gezin raakt de woning kwijt.",
    "help": "De helft van de huur betalen helpt.",
    "effects": "Dan stopt de ontruiming.",
    "law": "",
    "plain": "Wij betalen de helft. Zo blijft u in uw huis.",
}


def test_a_day_of_acting_beside_the_answer(desk: Desk, browse) -> None:
    case_ref = desk.case(letters=(EVICTION, CARE, RENT))
    path = f"/inbox/zaak/{case_ref}"
    melissa = browse("melissa")
    assert melissa.post("/inbox/potje/wijzigen", naam="Calamiteitenpot", budget="1.000", klein="250").status_code == 303
    fund = re.search(r'name="pot" value="([^"]+)"', melissa.get(path).text)
    assert fund is not None
    samir = browse("samir")
    asked = samir.post(f"{path}/betalen", pot=fund[1], bedrag="120", reden="Boodschappen.", eenmalig="a")
    assert asked.headers["location"].startswith(f"{path}?gedaan=geld-asked")
    log = melissa.get("/inbox/potje").text
    payment = re.search(r'action="/inbox/betaling/([^"]+)"', log)
    assert payment is not None and "Boodschappen." in log
    assert samir.post(f"/inbox/betaling/{payment[1]}", besluit="ja").status_code == 403
    assert melissa.post(f"/inbox/betaling/{payment[1]}", besluit="ja").status_code == 303
    again = melissa.post(f"{path}/reden", **{**REASON, "need": "Een. Twee. Drie."})
    assert again.status_code == 422 and "Een. Twee. Drie." in again.text and "Nog niet goed" in again.text
    assert melissa.post(f"{path}/reden", **REASON, deel="ja").status_code == 303
    refused = melissa.post(f"{path}/signaal", verhaal="Mevrouw Kroos kreeg niets.", regel="")
    assert refused.status_code == 422 and "<q>Kroos</q>" in refused.text
    assert melissa.post(f"{path}/signaal", verhaal="Eerst betalen, dan pas praten.", regel="").status_code == 303
    assert melissa.post(f"{path}/tijd", tijd="helping-15").status_code == 303
    assert melissa.post(f"{path}/tijd", tijd="helping-16").status_code == 400
    assert melissa.post(f"{path}/geholpen", wat="stopped").status_code == 303
    assert melissa.post(f"{path}/vraag", collega=desk.refs["joke"], vraag="Mag dit?").status_code == 303
    assert melissa.post(f"{path}/wacht", organisatie="uwv", waarop="besluit", verwacht="2026-11-30").status_code == 303
    assert melissa.post(f"{path}/stap", stap="Bel de bank.", dag="2026-11-30", wie="resident").status_code == 303
    page = melissa.get(path).text
    for words in (
        "Bel de bank.",
        "UWV",
        "15 min",
        "Mag dit?",
        "Eerst betalen, dan pas praten.",
        "Dreiging",
        REASON["need"],
    ):
        assert words in page, words
    step = re.search(rf'action="{path}/stap/(\d+)"', page)
    waiting = re.search(rf'action="{path}/wacht/(\d+)"', page)
    assert step is not None and waiting is not None
    assert melissa.post(f"{path}/stap/{step[1]}").status_code == 303
    assert case_ref in melissa.get("/inbox?toon=elders").text
    assert melissa.post(f"{path}/wacht/{waiting[1]}").status_code == 303
    assert case_ref not in melissa.get("/inbox?toon=elders").text
    joke = browse("joke")
    thread = joke.get("/inbox/overleg").text
    assert "Mag dit?" in thread and case_ref not in thread
    assert joke.get(path).status_code == 404
    ref = re.search(r'action="/inbox/overleg/([^"/]+)"', thread)
    assert ref is not None
    assert joke.post(f"/inbox/overleg/{ref[1]}", tekst="Nee, niet zonder rechter.").status_code == 303
    assert "Nee, niet zonder rechter." in melissa.get("/inbox/overleg").text


@pytest.mark.parametrize(
    "path", ["betalen", "reden", "signaal", "tijd", "geholpen", "vraag", "wacht", "wacht/1", "stap", "stap/1", "typt"]
)
def test_another_team_and_a_form_without_token_get_nothing(desk: Desk, browse, path: str) -> None:
    case_ref = desk.case()
    before = desk.kinds(case_ref)
    joke = browse("joke")
    fields = {"verhaal": "x", "wat": "other", "tijd": "helping-5", "bedrag": "1", "reden": "x", "pot": "x", **REASON}
    assert joke.post(f"/inbox/zaak/{case_ref}/{path}", **fields).status_code == 404
    melissa = browse("melissa")
    assert melissa.post(f"/inbox/zaak/{case_ref}/{path}", **{**fields, "csrf": "no"}).status_code == 403
    assert desk.kinds(case_ref) == before


def test_a_case_on_paper_is_tagged_and_carries_its_fonts(desk: Desk, browse, tmp_path) -> None:
    case_ref = desk.case(letters=(EVICTION, CARE), goal="In ons huis blijven <b>.")
    set_fund(desk.house, desk.refs["melissa"], "Pot", "100", "10")
    melissa = browse("melissa")
    answer = melissa.get(f"/inbox/zaak/{case_ref}/dossier.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert "attachment" in answer.headers["content-disposition"]
    file = tmp_path / "case.pdf"
    file.write_bytes(answer.content)
    with pdfplumber.open(file) as pdf:
        catalog = pdf.doc.catalog
        assert "StructTreeRoot" in catalog and "MarkInfo" in catalog and "Lang" in catalog
        assert b"pdfuaid" in catalog["Metadata"].resolve().get_data()
        text = "\n".join(page.extract_text() for page in pdf.pages)
        assert all("Noto" in char["fontname"] for char in pdf.pages[0].chars)
        assert sum(len(page.images) for page in pdf.pages) == 2
    for words in ("In ons huis blijven <b>.", "28 november 2026", "Woonstichting De Akker"):
        assert words in text
    assert browse("joke").get(f"/inbox/zaak/{case_ref}/dossier.pdf").status_code == 404


def test_the_ready_sentences_pass_our_own_check() -> None:
    for situation in all_ready():
        for sentence in situation.sentences:
            assert advice_on(sentence).tips == (), sentence
