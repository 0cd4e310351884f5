"""Kinds by likeness: what is learnt from labelled letters, how it is kept, and that rules and likeness must agree."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from briefbrug.knowledge.load import load_knowledge
from ocr.likeness import features, likeness, words_of
from tests.bed.learning.kinds import Example, learned
from tests.ocr.build import short_letter, understood

TODAY = date(2026, 11, 21)
KNOWN = (
    ("factuur", "voor uw abonnement brengen wij € 12,50 in rekening. betaal voor 1 december."),
    ("factuur", "wij brengen de reparatie in rekening, samen € 300,00. wij ontvangen het bedrag graag."),
    ("factuur", "de kosten van november brengen wij in rekening."),
    ("uitnodiging", "u wordt verwacht op 3 december om 10.00 uur. neem uw pas mee."),
    ("uitnodiging", "wij verwachten u op het spreekuur. neem uw brieven mee."),
    ("uitnodiging", "u bent welkom, u wordt verwacht om 9.00 uur."),
)


def _example(kind: str, body: str, sender: str | None = None) -> Example:
    return Example("here", features(body, [], sender), kind)


def test_amounts_and_days_are_alike_whatever_they_are() -> None:
    one = words_of("betaal € 1.284,50 voor 27 november 2026")
    other = words_of("betaal € 7,- voor 3-12-2026")
    assert one == other == ["betaal", "AMOUNT", "voor", "DAY"]


def test_what_is_learnt_comes_back_from_its_file_and_knows_a_letter_it_never_saw(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text(learned([_example(kind, body) for kind, body in KNOWN]), "utf-8")
    found = likeness(path)
    bill = found.chances("de behandeling brengen wij in rekening: € 88,00", [], None)
    visit = found.chances("u wordt verwacht op 4 januari. neem uw papieren mee.", [], None)
    assert sum(bill.values()) == pytest.approx(1)
    assert max(bill, key=lambda kind: bill[kind]) == "factuur"
    assert max(visit, key=lambda kind: visit[kind]) == "uitnodiging"


def test_learning_twice_gives_the_same() -> None:
    examples = [_example(kind, body) for kind, body in KNOWN]
    assert learned(examples) == learned(examples)


def test_the_weights_that_are_shipped_know_every_kind() -> None:
    assert set(likeness().kinds) == set(load_knowledge().kinds) - {"onbekend"}


@pytest.mark.parametrize(
    ("sender", "subject", "body", "kind"),
    [
        ("Ziekenhuis Berkenhof", "Uw rekening gaat naar de verzekeraar", "De behandeling kostte € 512,00. De nota gaat "
         "rechtstreeks naar uw zorgverzekeraar. U hoeft ons niets te betalen.", "informatie"),
        ("UWV", "Beslissing op uw bezwaar", "Uw bezwaar is gegrond. Wij trekken de terugvordering van € 640,00 in. U hoeft "
         "dit bedrag niet terug te betalen.", "beschikking"),
        ("CJIB", "Uw boete is verhoogd", "U betaalde de boete niet op tijd. Het bedrag is met de helft verhoogd tot € 180,00. "
         "Betaal dit voor 20 december 2026.", "aanmaning"),
        ("SVB", "Wij komen bij u langs", "Twee medewerkers komen bij u langs op 3 december 2026 tussen 13.00 en 15.00 uur. Leg "
         "uw bankafschriften klaar.", "uitnodiging"),
        ("LBIO", "Einde van onze inning", "De achterstand is volledig voldaan. Daarom stoppen wij met de incasso. U betaalt de "
         "alimentatie weer zelf aan de andere ouder.", "informatie"),
        ("Gemeente Lindenveen", "Uw schuld bij ons", "U betaalde de teruggevorderde uitkering van € 512,00 niet, ondanks een "
         "aanmaning. Wij bevelen u daarom dit bedrag en € 48,00 kosten binnen twee dagen te betalen.", "dwangbevel"),
        ("Belastingdienst", "Inkomstenbelasting 2024", "Uw werkgever heeft vandaag van ons de opdracht gekregen om elke maand een "
         "deel van uw loon in te houden en aan ons te betalen.", "beslag"),
        ("Gemeente Lindenveen", "Besluit over uw bijstand", "U solliciteerde te weinig. Daarvoor geldt een maatregel: in december "
         "krijgt u dertig procent minder bijstand. Bezwaar maken kan binnen zes weken.", "boete"),
        ("Gemeente Lindenveen", "Wij stoppen uw bijstand", "U leverde de papieren niet in. Vanaf 1 november krijgt u geen bijstand "
         "meer. U kunt bezwaar maken tot en met 24 december.", "beschikking"),
        ("SVB", "AIO-aanvulling", "U had een spaarrekening die u niet had gemeld. Wij vorderen € 840,00 aan AIO van u terug, te "
         "betalen binnen zes weken.", "terugvordering"),
        ("Gemeente Lindenveen", "Terugbetaling bijstand", "U stelde voor om in tien termijnen terug te betalen. Wij stemmen daarmee "
         "in. Wij houden elke maand € 52,00 in op uw uitkering.", "betalingsregeling"),
        ("Gemeentebelastingen Lindenveen", "Aanslag 2026 nummer 41.880", "Wij ontvingen de betaling van € 88,00 nog steeds niet. "
         "Met deze aanmaning krijgt u nog twee weken. De kosten zijn € 10,00, samen € 98,00.", "aanmaning"),
        ("Gemeentebelastingen Lindenveen", "Naheffing parkeren", "U stond geparkeerd zonder dat u betaalde. Wij leggen u een "
         "naheffingsaanslag parkeerbelasting op van € 78,90, te betalen voor 5 december.", "aanslag"),
        ("Gerechtsdeurwaarders Marsman", "Ontruiming van de baan", "De ontruiming van 2 december 2026, aangezegd om 9.30 uur, is "
         "ingetrokken. De verhuurder heeft zijn geld. U kunt blijven wonen.", "informatie"),
        ("Waterschap Vechtstroom", "Ons dwangbevel", "Het dwangbevel van 3 november geldt niet meer. Er was al betaald. Onze "
         "excuses voor de schrik.", "informatie"),
        ("Gerechtsdeurwaarder Polman", "Opheffing van het beslag", "Het beslag op uw auto is met ingang van vandaag opgeheven. "
         "Uw schuld is tot nul teruggebracht.", "informatie"),
        ("Energie Morgenrood", "Uw betaling", "Uw achterstand van € 212,00 is op 11 november bijgeschreven. U loopt weer gelijk. "
         "Onze aanmaning van 2 november heeft uw betaling gekruist.", "informatie"),
        ("Incassobureau Vos", "Uw brief", "U betwist de vordering van € 95,00. Wij hebben dit voorgelegd aan onze opdrachtgever. "
         "Zolang ligt het dossier stil.", "informatie"),
        ("Incassobureau Kwadrant", "Sluiting dossier", "Onze opdrachtgever heeft de vordering van € 140,00 ingetrokken. Wij hebben "
         "uw naam uit ons bestand verwijderd.", "informatie"),
        ("Waterschap Vechtstroom", "Vermindering van uw aanslag", "Uw aanslag van € 356,00 wordt verlaagd tot € 211,00, want u "
         "woont alleen. Het verschil krijgt u terug.", "beschikking"),
        ("Gemeente Lindenveen", "Gesprek over uw uitkering", "Wij spreken u graag op dinsdag 1 december 2026 om 10.15 uur, balie 3. "
         "Neem uw bankafschriften en uw paspoort mee.", "uitnodiging"),
        ("Basisschool De Wilg", "Nieuwsbrief december", "Op donderdag 17 december om 16.00 uur zingen de kinderen op het plein. "
         "Koffie is er ook.", "informatie"),
        ("Gerechtsdeurwaarders Marsman", "Aanzegging ontruiming", "Op woensdag 2 december 2026 om 9.30 uur ontruim ik uw woning. "
         "De ontruiming gaat niet door als u voor die dag € 2.310,00 betaalt.", "ontruiming"),
    ],
)  # fmt: skip
def test_what_a_letter_does_goes_before_what_it_names(sender: str, subject: str, body: str, kind: str) -> None:
    assert understood(short_letter(sender, subject, [body]), TODAY).kind == kind


def test_a_grant_leaves_nothing_to_do() -> None:
    body = "Wij kennen u een individuele inkomenstoeslag toe van € 515,00. Het bedrag wordt in november bijgeschreven."
    granted = understood(short_letter("Gemeente Lindenveen", "Inkomenstoeslag toegekend", [body]), TODAY)
    stopped = "Wij schorten uw bijstandsuitkering op, omdat u de bankafschriften niet inleverde. Tegen dit besluit kunt u bezwaar maken."
    taken = understood(short_letter("Gemeente Lindenveen", "Besluit over uw bijstand", [stopped]), TODAY)
    assert (granted.kind, granted.urgency) == ("beschikking", 4)
    assert taken.urgency < 3
