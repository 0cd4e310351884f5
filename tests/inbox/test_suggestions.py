"""First steps and regelingen in the page's language, and photos that a person must look at."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image

from briefbrug.errors import Reason
from briefbrug.house import House
from briefbrug.store.papers import STORED
from briefbrug.usecases.record_reading import record_problem
from inbox.first_steps import first_steps
from tests.inbox.conftest import Browser, Desk


def test_every_entry_of_the_knowledge_has_a_dutch_step_and_nothing_else_has(house: House) -> None:
    told = first_steps()
    assert set(told.steps) == set(house.knowledge.combinations)
    assert set(told.sources) <= set(house.knowledge.sources)
    for scheme in told.schemes:
        assert scheme.source in house.knowledge.sources
        assert scheme.senders <= set(house.knowledge.senders)
        assert scheme.kinds <= set(house.knowledge.kinds)
        assert scheme.at_stake <= {entry.severity for entry in house.knowledge.combinations.values()}
    english = ("Call ", "Ask ", "Pay ", "Send ", "Check ", " the ", " and ")
    assert not [text for text in told.steps.values() if any(word in text for word in english)]


def test_the_first_step_speaks_the_language_of_the_page(desk: Desk, browse: Callable[..., Browser]) -> None:
    case_ref = desk.case()
    melissa = browse("melissa")
    dutch = melissa.get(f"/inbox/zaak/{case_ref}").text
    assert "Bel nu de gemeente (schuldhulpverlening, wijkteam) en de verhuurder." in dutch
    assert "Moratorium: de rechtbank kan" in dutch
    assert "Faillissementswet art. 287 lid 4, 287b (moratorium, hoogstens zes maanden), 305" in dutch
    assert "Call the municipality" not in dutch
    melissa.client.cookies.set("bb-language", "en")
    english = melissa.get(f"/inbox/zaak/{case_ref}").text
    assert "Call the municipality (schuldhulpverlening, wijkteam) and the landlord now" in english
    assert "the court can put off an eviction" in english


def test_a_photo_the_machine_gave_up_on_is_shown_with_the_reason(desk: Desk, browse: Callable[..., Browser]) -> None:
    case_ref, other_ref = desk.case(), desk.case()
    exif = Image.Exif()
    exif[0x010E] = "GEHEIME-PLAATS"
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "JPEG", exif=exif)
    with desk.house.work() as work:
        resident = work.residents.get(desk.row(case_ref).resident_ref)
        assert resident is not None
        bag = work.papers.open_bag(resident)
        photo = work.papers.add_photo(resident, bag, "s-unread", "web", STORED)
        photo.file_name = desk.house.photos.put(work.residents.key(resident), out.getvalue())
    record_problem(desk.house, photo.ref, Reason.READING_TOO_SLOW)
    melissa, joke = browse("melissa"), browse("joke")
    page = melissa.get(f"/inbox/zaak/{case_ref}").text
    assert "Lezen duurde te lang." in page
    address = f"/inbox/zaak/{case_ref}/foto/{photo.ref}"
    assert address in page
    shown = melissa.get(address)
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"GEHEIM" not in shown.content
    assert joke.get(address).status_code == 404
    assert melissa.get(address.replace(case_ref, other_ref)).status_code == 404
    with desk.house.look() as work:
        looked = [look.object_ref for look in work.cases.looks(resident) if look.what == "page"]
    assert looked == [photo.ref]
