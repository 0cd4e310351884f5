"""Files and photos in a professional's answer: harmless, hers alone, at both doors, each once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import httpx
import pypdfium2
import pytest
from PIL import Image

from briefbrug.house import House
from briefbrug.inert import acts
from briefbrug.store.tables import Attachment, Outbox
from briefbrug.usecases.enclose import own_name
from briefbrug.usecases.erase import export_resident, forget_resident
from briefbrug.usecases.keep_watch import remove_orphans
from briefbrug.usecases.work_on_case import close_case
from tests.bot.conftest import Telegram
from tests.bot.test_webchat import Browser, resident_of
from tests.conftest import wait_until
from tests.inbox.conftest import Browser as DeskBrowser
from tests.inbox.conftest import Desk, fill, serving

CHAT = 4712


def photo() -> bytes:
    """Return a photo lying on its side that says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "GEHEIME-PLAATS"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 40, 40)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def acting_pdf(text: str = "Afspraak op maandag") -> bytes:
    """Return a PDF with words, a script, a link, a program and a file inside."""
    content = f"BT /F1 18 Tf 20 200 Td ({text}) Tj ET".encode()
    return b"""%%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>\
/Names<</EmbeddedFiles<</Names[(a)5 0 R]>>>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R\
/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>\
/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 300 300]/A<</S/URI/URI(http://kwaad.invalid)>>>>\
<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/AA<</E<</S/Launch/F(kwaad.exe)>>>>>>]>>endobj
4 0 obj<</Length %d>>stream
%s
endstream endobj
5 0 obj<</Type/Filespec/F(kwaad.exe)/EF<</F 6 0 R>>>>endobj
6 0 obj<</Type/EmbeddedFile/Length 4>>stream
MZMZ
endstream endobj
trailer<</Root 1 0 R>>
%%%%EOF""" % (len(content), content)


def case_of(desk: Desk, resident_ref: str) -> str:
    """Return a new case of Melissa for a resident who is there already."""
    case_ref = desk.case(letters=())
    with desk.house.work() as work:
        row = work.cases.get(case_ref)
        assert row is not None
        row.resident_ref = resident_ref
        resident = work.residents.get(resident_ref)
        assert resident is not None
        row.preview_sealed = work.residents.seal(resident, '{"letters": [], "goal": "Rust."}', "preview")
        for event in work.cases.events(case_ref):
            event.resident_ref = resident_ref
    return case_ref


def send(desk_url: str, case_ref: str, text: str, *files: tuple[str, bytes], once: str = "e1") -> httpx.Response:
    """Answer at the desk, over HTTP, as a browser sends the form."""
    melissa = DeskBrowser(desk_url)
    assert melissa.log_in("melissa").status_code == 303
    fields = {"csrf": melissa.csrf, "antwoord": text, "eenmalig": once}
    chosen = [("bestanden", (name, content, "application/octet-stream")) for name, content in files]
    chosen = chosen or [("bestanden", ("", b"", "application/octet-stream"))]
    try:
        return melissa.client.post(f"/inbox/zaak/{case_ref}/antwoord", data=fields, files=chosen)
    finally:
        melissa.client.close()


def links(browser: Browser) -> list[str]:
    """Return the addresses of the files on a resident's page."""
    browser.visit()
    return list(dict.fromkeys(re.findall(r'"(/chat/file/F-[0-9a-f]{32})"', browser.html)))


def test_a_photo_and_a_pdf_reach_her_page_harmless_and_nobody_elses(pages: str, web_house: House):
    desk = fill(web_house)
    with Browser(pages) as owner, Browser(pages) as other, serving(web_house) as desk_url:
        case_ref = case_of(desk, resident_of(web_house, owner))
        told = ("mijn foto.png", photo()), ("..\\..\\brief\u202efdp.exe", acting_pdf())
        assert send(desk_url, case_ref, "Kijkt u hier eens naar.", *told).status_code == 303
        assert send(desk_url, case_ref, "Kijkt u hier eens naar.", *told).status_code == 303, "the same click again"
        picture, paper = links(owner)
        assert owner.html.count("Kijkt u hier eens naar.") == 1
        seen = owner.client.get(picture)
        assert seen.headers["content-type"] == "image/jpeg"
        assert "sandbox" in seen.headers["content-security-policy"]
        with Image.open(io.BytesIO(seen.content)) as shown:
            assert shown.size == (200, 300), "turned upright"
            assert not shown.getexif()
        assert b"GEHEIM" not in seen.content
        file = owner.client.get(paper)
        assert file.headers["content-type"] == "application/pdf"
        assert file.headers["content-disposition"].startswith('attachment; filename="brieffdp.pdf"')
        assert not acts(file.content)
        assert not any(word in file.content for word in (b"kwaad", b"JavaScript", b"EmbeddedFile", b"MZMZ"))
        assert "Afspraak op maandag" in pypdfium2.PdfDocument(file.content)[0].get_textpage().get_text_bounded()
        assert other.client.get(picture).status_code == 404
        assert httpx.get(pages + paper).status_code == 404
        assert owner.client.get("/chat/file/F-0").status_code == 404
        with web_house.look() as work:
            resident = work.residents.get(desk.row(case_ref).resident_ref)
            assert resident is not None
            rows = work.papers.attachments_of(resident)
            assert [row.position for row in rows] == [0, 1]
            on_disk = [web_house.photos.path(row.file_name) for row in rows]
            assert not any(b"Afspraak" in path.read_bytes() for path in on_disk)
        exported = export_resident(web_house, resident.ref)
        assert exported is not None
        assert [each["name"] for each in exported["files"]] == ["mijn foto.jpg", "brieffdp.pdf"]
        assert remove_orphans(web_house) == 0
        forget_resident(web_house, resident.ref, "asked")
        assert not any(path.exists() for path in on_disk)
        with web_house.look() as work:
            assert work.session.query(Attachment).count() == 0


def test_the_desk_shows_what_was_sent_to_her_own_team_only(pages: str, web_house: House):
    desk = fill(web_house)
    with Browser(pages) as owner, serving(web_house) as desk_url:
        case_ref = case_of(desk, resident_of(web_house, owner))
        send(desk_url, case_ref, "", ("foto.jpg", photo()))
        melissa, joke = DeskBrowser(desk_url), DeskBrowser(desk_url)
        melissa.log_in("melissa")
        joke.log_in("joke")
        address = re.search(
            rf'"(/inbox/zaak/{case_ref}/bestand/F-[0-9a-f]+)"', melissa.get(f"/inbox/zaak/{case_ref}").text
        )
        assert address is not None
        assert melissa.get(address[1]).headers["content-type"] == "image/jpeg"
        assert joke.get(address[1]).status_code == 404
        another = case_of(desk, desk.resident(desk.case(letters=())).ref)
        assert melissa.get(address[1].replace(case_ref, another)).status_code == 404
        melissa.client.close()
        joke.client.close()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(lambda: b"MZ" + b"\x00" * 400, "geen foto en geen PDF", id="a program"),
        pytest.param(lambda: b"<html><script>alert(1)</script>", "geen foto en geen PDF", id="a page"),
        pytest.param(lambda: b"\xff\xd8\xff" + b"\x00" * 400, "beschadigd", id="a broken photo"),
        pytest.param(lambda: b"%PDF-1.7\n1 0 obj", "beschadigd", id="a broken PDF"),
        pytest.param(lambda: b"%PDF-" + b"\x00" * (21 * 1024 * 1024), "te groot", id="too large"),
    ],
)
def test_what_cannot_go_is_said_and_her_text_is_kept(web_house: House, content: Callable[[], bytes], told: str):
    desk = fill(web_house)
    case_ref = desk.case()
    with serving(web_house) as desk_url:
        answer = send(desk_url, case_ref, "Mijn lange antwoord.", ("brief.pdf", content()))
    assert answer.status_code == 422
    assert told in answer.text
    assert "Mijn lange antwoord." in answer.text
    assert desk.lines(case_ref) == []
    assert desk.row(case_ref).first_human_at is None
    with web_house.look() as work:
        assert work.session.query(Attachment).count() == 0


def test_more_bytes_than_a_form_may_have_are_refused_without_a_word_about_their_number(web_house: House):
    desk = fill(web_house)
    case_ref = desk.case()
    with serving(web_house) as desk_url:
        melissa = DeskBrowser(desk_url)
        melissa.log_in("melissa")

        def endless():
            yield b"--x\r\nContent-Disposition: form-data; name=bestanden; filename=a.pdf\r\n\r\n"
            for _ in range(60):
                yield b"\x00" * (1024 * 1024)

        headers = {"content-type": "multipart/form-data; boundary=x"}
        answer = melissa.client.post(f"/inbox/zaak/{case_ref}/antwoord", content=endless(), headers=headers)
        melissa.client.close()
    assert answer.status_code == 413


def test_over_telegram_her_words_come_first_then_each_file_once(telegram: Telegram):
    telegram.says_yes(CHAT)
    desk = fill(telegram.house)
    with telegram.house.look() as work:
        resident = work.residents.by_door("telegram", str(CHAT))
        assert resident is not None
    case_ref = case_of(desk, resident.ref)
    refused = iter([True])

    def one_gateway_error(method: str, fields: object):
        from starlette.responses import Response

        return Response(status_code=502) if method == "sendDocument" and next(refused, False) else None

    telegram.server.fault = one_gateway_error
    with serving(telegram.house) as desk_url:
        send(desk_url, case_ref, "Dit is de afspraak.", ("foto.jpg", photo()), ("afspraak.pdf", acting_pdf()))
    wait_until(lambda: any(sent.kind == "document" for sent in telegram.server.ledger), what="the file")
    last = telegram.server.ledger[-3:]
    assert [sent.kind for sent in last] == ["message", "photo", "document"]
    by = "👤 Melissa Voorbeeld, hulpverlener:\n"
    assert [sent.text for sent in last] == [f"{by}Dit is de afspraak.", f"{by}foto.jpg", f"{by}afspraak.pdf"]
    assert last[2].raw["document.filename"] == "afspraak.pdf"
    assert last[2].picture is not None
    assert not acts(last[2].picture)
    assert b"GEHEIM" not in (last[1].picture or b"")

    def sent_state() -> bool:
        with telegram.house.look() as work:
            return {row.state for row in work.session.query(Outbox)} == {"sent"}

    wait_until(sent_state, what="the whole outbox sent")
    assert [sent.kind for sent in telegram.server.ledger].count("document") == 1


def test_a_file_that_may_have_arrived_comes_again_with_its_mark(telegram: Telegram):
    telegram.says_yes(CHAT)
    desk = fill(telegram.house)
    with telegram.house.look() as work:
        resident = work.residents.by_door("telegram", str(CHAT))
        assert resident is not None
    case_ref = case_of(desk, resident.ref)
    telegram.stop()
    with serving(telegram.house) as desk_url:
        send(desk_url, case_ref, "Hier is hij.", ("afspraak.pdf", acting_pdf()))
    with telegram.house.work() as work:
        # As after the kill of a worker that had sent the words, and maybe the file.
        row = work.session.query(Outbox).filter_by(state="waiting").one()
        row.claimed, row.parts_sent = True, 1
    telegram.start()
    wait_until(lambda: any(sent.kind == "document" for sent in telegram.server.ledger), what="the file")
    assert not any("Hier is hij." in text for text in telegram.server.texts(CHAT))
    assert telegram.server.texts(CHAT)[-1] == "👤 Melissa Voorbeeld, hulpverlener:\n(nogmaals) afspraak.pdf"


def test_nothing_is_sent_along_with_a_closed_case(web_house: House):
    desk = fill(web_house)
    case_ref = desk.case()
    close_case(web_house, case_ref, desk.refs["melissa"], "solved", "k1")
    with serving(web_house) as desk_url:
        assert send(desk_url, case_ref, "Nog iets.", ("foto.jpg", photo())).status_code == 409
    with web_house.look() as work:
        assert work.session.query(Attachment).count() == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\m\\brief.pdf.exe", "brief.pdf.jpg"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie x=1.jpg"),
        ("", "bestand.jpg"),
        ("\x00\u202e..", "bestand.jpg"),
        ("x" * 300 + ".png", "x" * 80 + ".jpg"),
    ],
)
def test_a_name_is_our_own(given: str, kept: str):
    assert own_name(given, "image/jpeg") == kept
