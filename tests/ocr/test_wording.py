"""The same matter in other words: synonyms, another order, another register; nothing may be sure and wrong."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from briefbrug.deadline import Deadline
from briefbrug.letter import PageReading
from briefbrug.meaning import Understood
from tests.ocr.build import short_letter, understood

TODAY = date(2026, 11, 21)


def _letter(
    paragraphs: list[str],
    subject: str = "Uw rekening",
    sender: str = "Waterbedrijf Zuidkust",
    dated: str = "Datum: 12 november 2026",
) -> PageReading:
    return short_letter(sender, subject, paragraphs, dated=dated)


def _deadline(letter: Understood) -> str | None:
    return letter.deadline.last_day.isoformat() if isinstance(letter.deadline, Deadline) else None


DEADLINES: tuple[tuple[str, str | None], ...] = (
    ("Wij verzoeken u het bedrag van € 80,00 binnen acht dagen na heden te voldoen.", "2026-11-20"),
    ("Gelieve het verschuldigde bedrag van € 80,00 per 26 november 2026 te voldoen.", "2026-11-26"),
    ("Betaling van € 80,00 dient te geschieden binnen 14 dagen na dagtekening dezes.", "2026-11-26"),
    ("Betaling van € 80,00 zien wij gaarne vóór 26 november a.s. tegemoet.", "2026-11-25"),
    ("Wij zien uw betaling van € 80,00 graag tegemoet vóór 26 november 2026.", "2026-11-25"),
    ("Wilt u € 80,00 betalen? Dat moet uiterlijk op 26 november.", "2026-11-26"),
    ("Betaal € 80,00. De uiterste datum daarvoor is 26 november 2026.", "2026-11-26"),
    ("Betaal € 80,00. U hebt daarvoor tot en met donderdag 26 november de tijd.", "2026-11-26"),
    ("Zorg ervoor dat € 80,00 uiterlijk 26-11-2026 is bijgeschreven.", "2026-11-26"),
    ("Het bedrag van € 80,00 moet op 26 november 2026 op onze rekening staan.", "2026-11-26"),
    ("Wij moeten uw betaling van € 80,00 op 26 november 2026 ontvangen hebben.", "2026-11-26"),
    ("Na ontvangst van deze brief hebt u veertien dagen om € 80,00 te betalen.", "2026-11-28"),
    ("Vanaf de dag nadat u deze brief hebt ontvangen, hebt u veertien dagen om € 80,00 te betalen.", "2026-11-28"),
    (
        "U hebt 14 dagen de tijd om € 80,00 te betalen. Die termijn begint de dag nadat u deze brief hebt ontvangen.",
        "2026-11-28",
    ),
    ("Betaal € 80,00 binnen twee weken na de datum bovenaan deze brief.", "2026-11-26"),
    ("Wij verwachten € 80,00 binnen een week na vandaag op onze rekening.", "2026-11-19"),
    ("U dient € 80,00 te betalen binnen 14 (veertien) dagen na verzending van deze brief.", "2026-11-26"),
    ("Betaalt u € 80,00 alstublieft binnen drie weken, te rekenen vanaf de dagtekening van deze brief.", "2026-12-03"),
    ("De betaaltermijn van de nota van € 80,00 bedraagt 30 dagen na factuurdatum.", "2026-12-12"),
    ("Maak € 80,00 over. Doe dit voor vrijdag 27 november 2026.", "2026-11-26"),
    ("Maak € 80,00 over, en wel uiterlijk de 26e november 2026.", "2026-11-26"),
    ("Wij geven u tot 26 november 2026 de gelegenheid € 80,00 te betalen.", "2026-11-25"),
    ("Vóór 26 november 2026 dient € 80,00 door ons te zijn ontvangen.", "2026-11-25"),
    ("Reageer voor 1 december 2026 op deze brief, anders stopt uw uitkering.", "2026-11-30"),
    ("Stuur het formulier uiterlijk maandag 30 november 2026 terug.", "2026-11-30"),
    ("Het formulier moet uiterlijk 30 november 2026 door ons zijn ontvangen.", "2026-11-30"),
    ("Wij verwachten uw antwoord uiterlijk op 30 november 2026.", "2026-11-30"),
    ("Laat ons voor 30 november 2026 weten of u akkoord gaat.", "2026-11-29"),
    ("U kunt tot en met 24 december 2026 bezwaar maken.", "2026-12-24"),
    ("Een bezwaarschrift moet binnen zes weken na de dag van verzending van dit besluit zijn ingediend.", "2026-12-24"),
    ("De afspraak staat op dinsdag 1 december 2026, 10.15 uur.", "2026-12-01"),
    ("Wij verwachten u op dinsdag 1 december om kwart over tien.", "2026-12-01"),
    ("U wordt op 1 december 2026 om 10.15 uur verwacht op ons kantoor.", "2026-12-01"),
    ("Op 1 december 2026 om 9 uur komt onze monteur bij u langs. Zorg dat u thuis bent.", "2026-12-01"),
    ("De zitting is op 1 december 2026 te 13.30 uur in zaal 4.", "2026-12-01"),
    ("Wij sluiten uw water af op dinsdag 1 december 2026.", "2026-12-01"),
    ("Rond 27 november 2026 schrijven wij € 80,00 van uw rekening af.", "2026-11-27"),
    ("U ontvangt uiterlijk 1 december 2026 bericht van ons.", None),
    ("Wij nemen voor 1 december 2026 een beslissing.", None),
    ("Deze kaart is geldig tot en met 31 december 2026.", None),
    ("Uw contract loopt tot 1 maart 2027.", None),
    ("Betalingen tot en met 9 november 2026 zijn in dit overzicht verwerkt.", None),
    ("Wij maken het geld vóór 1 december 2026 naar u over.", None),
    ("U had € 80,00 uiterlijk 1 november 2026 moeten betalen.", None),
    ("Over de periode 1 november tot en met 30 november 2026 was uw verbruik 12 m3.", None),
    ("Pay the amount of € 80,00 within 14 days of the date of this letter.", "2026-11-26"),
    ("Payment of € 80,00 is due on 26 November 2026.", "2026-11-26"),
    ("We must receive € 80,00 by 26 November 2026.", "2026-11-26"),
)


@pytest.mark.parametrize(("body", "expected"), DEADLINES, ids=[body[:60] for body, _ in DEADLINES])
def test_a_last_day_in_many_words(body: str, expected: str | None) -> None:
    assert _deadline(understood(_letter([body]), TODAY)) == expected


AMOUNTS: tuple[tuple[str, str, float | None], ...] = (
    ("Herinnering", "Wij hebben uw betaling van € 45,50 nog niet ontvangen. Betaal binnen 14 dagen.", 45.5),
    ("Herinnering", "De rekening van 3 oktober 2026 ten bedrage van € 45,50 is nog niet voldaan.", 45.5),
    ("Herinnering", "U bent ons nog € 45,50 verschuldigd over oktober.", 45.5),
    ("Herinnering", "Wij hebben nog € 45,50 van u te goed.", 45.5),
    ("Herinnering", "Uw rekening staat nog open. Het gaat om € 45,50.", 45.5),
    ("Herinnering", "Nog niet betaald: € 45,50. Doe dit uiterlijk 26 november 2026.", 45.5),
    ("Aanmaning", "U dient per omgaande een bedrag van € 45,50 over te maken.", 45.5),
    (
        "Aanmaning",
        "De oorspronkelijke rekening was € 35,50. Daar komt € 10,00 aan kosten bij. Daarmee is uw schuld nu € 45,50.",
        45.5,
    ),
    ("Aanmaning", "De rekening van € 35,50 is verhoogd met € 10,00 kosten tot € 45,50.", 45.5),
    ("Aanmaning", "U moet ons € 45,50 betalen: € 35,50 premie en € 10,00 kosten.", 45.5),
    ("Aanmaning", "Betaal daarom vóór 26 november 2026 het bedrag van € 45,50. Anders wordt het € 85,50.", 45.5),
    (
        "Aanmaning",
        "Als u nu € 45,50 betaalt, rekenen wij geen extra kosten. Betaalt u later, dan betaalt u € 85,50.",
        45.5,
    ),
    ("Aanmaning", "Uw betalingsachterstand: € 45,50. Uw maandbedrag blijft € 22,75.", 45.5),
    ("Factuur", "Voor onze werkzaamheden brengen wij u € 45,50 in rekening.", 45.5),
    ("Factuur", "Het factuurbedrag van € 45,50 ontvangen wij graag binnen 30 dagen.", 45.5),
    ("Factuur", "Wilt u € 45,50 overmaken? Hierin is € 7,90 btw begrepen.", 45.5),
    ("Factuur", "U betaalde al € 100,00 voorschot. De kosten waren € 145,50. U betaalt dus nog € 45,50.", 45.5),
    ("Factuur", "Wij verzoeken u vriendelijk om € 45,50 te storten op onderstaande rekening.", 45.5),
    ("Factuur", "Te voldoen: EUR 45,50", 45.5),
    ("Factuur", "Uw bijdrage voor november bedraagt € 45,50.", 45.5),
    ("Factuur", "Wij schrijven op 27 november € 45,50 van uw rekening af.", 45.5),
    (
        "Beslissing over terugbetaling",
        "Wij vorderen daarom € 450,00 van u terug. U kunt betalen in termijnen van € 25,00 per maand.",
        450,
    ),
    ("Beslissing over terugbetaling", "U kreeg € 450,00 te veel. Dit moet u aan ons terugbetalen.", 450),
    ("Boete", "Wij leggen u een boete op van € 150,00.", 150),
    ("Boete", "U krijgt een bestuurlijke boete. De hoogte daarvan is € 150,00.", 150),
    (
        "Incasso",
        "De hoofdsom is € 100,00. De rente bedraagt € 1,20 en de incassokosten € 40,00. In totaal bent u € 141,20 verschuldigd.",
        141.2,
    ),
    ("Incasso", "Ons is opgedragen € 141,20 bij u te incasseren.", 141.2),
    ("Betalingsregeling", "U betaalt vanaf 1 december 2026 elke maand € 30,00. Uw schuld is nu € 360,00.", 30),
    ("Betalingsregeling", "Wij gaan akkoord met twaalf termijnen van € 30,00. De totale schuld is € 360,00.", 30),
    (
        "Betalingsregeling vervallen",
        "U betaalde de termijn van € 30,00 niet. De regeling is vervallen. U moet nu het hele bedrag van € 330,00 ineens betalen.",
        330,
    ),
    ("Uw huur verandert", "Uw huur gaat per 1 juli van € 600,00 naar € 624,00 per maand. U hoeft niets te doen.", None),
    ("Toekenning bijzondere bijstand", "U krijgt € 250,00 voor een bril.", None),
    ("Uw uitkering", "Uw uitkering is € 1.230,00 per maand.", None),
    ("Creditnota", "U krijgt € 45,50 van ons terug.", None),
    ("Offerte", "Voor slechts € 19,95 per maand hebt u al internet.", None),
    ("Jaaropgave 2025", "Uw loon was € 18.230,00. Ingehouden loonheffing: € 1.200,00.", None),
)


@pytest.mark.parametrize(("subject", "body", "expected"), AMOUNTS, ids=[body[:60] for _, body, _ in AMOUNTS])
def test_what_is_to_be_paid_in_many_words(subject: str, body: str, expected: float | None) -> None:
    amount = understood(_letter([body], subject), TODAY).facts.amount
    assert (float(amount.value) if amount else None) == expected


WATER = "Waterbedrijf Zuidkust"
TOWN = "Gemeente Zuidkust"
KINDS: tuple[tuple[str, str, str, str], ...] = (
    (
        WATER,
        "Wij hebben nog geen betaling gezien",
        "De rekening van oktober van € 45,50 staat nog open. Misschien bent u het vergeten.",
        "herinnering",
    ),
    (
        WATER,
        "Betaling",
        "Bij controle bleek dat uw rekening van € 45,50 niet is betaald. Wilt u dat alsnog doen? Er zijn nog geen kosten.",
        "herinnering",
    ),
    (
        WATER,
        "Laatste waarschuwing",
        "U hebt ondanks onze herinnering niet betaald. Betaal nu € 45,50 of wij geven uw dossier aan een incassobureau.",
        "aanmaning",
    ),
    (WATER, "Uw betalingsachterstand", "Wij sommeren u om binnen 5 dagen € 45,50 te betalen.", "aanmaning"),
    (
        WATER,
        "Voorkom incassokosten",
        "U krijgt nog 14 dagen de tijd vanaf de dag nadat deze brief is bezorgd. Betaalt u niet, dan bent u € 40,00 incassokosten verschuldigd.",
        "veertiendagenbrief",
    ),
    (
        WATER,
        "Rekening drinkwater",
        "Hierbij ontvangt u de rekening voor het derde kwartaal. Te betalen: € 45,50.",
        "factuur",
    ),
    (WATER, "Uw jaarafrekening", "U betaalt bij: € 45,50.", "factuur"),
    (
        WATER,
        "Wij sluiten het water af",
        "Op 1 december 2026 sluiten wij uw water af omdat u niet betaalde.",
        "afsluiting",
    ),
    (
        WATER,
        "Uw betaalafspraak",
        "U betaalt ons voortaan € 20,00 per maand, zoals u met ons hebt afgesproken.",
        "betalingsregeling",
    ),
    (
        WATER,
        "Uw verzoek om in delen te betalen",
        "Wij gaan akkoord met uw verzoek. U betaalt in zes termijnen van € 20,00.",
        "betalingsregeling",
    ),
    (
        WATER,
        "Werkzaamheden in uw straat",
        "Op 3 december 2026 vervangen wij de waterleiding. U hebt die ochtend geen water.",
        "informatie",
    ),
    (
        WATER,
        "Nieuwe algemene voorwaarden",
        "Vanaf 1 januari 2027 gelden nieuwe voorwaarden. U hoeft niets te doen.",
        "informatie",
    ),
    (
        WATER,
        "Geef uw meterstand door",
        "Wij willen graag uw meterstand weten. Vul de bijgevoegde kaart in en stuur die terug.",
        "informatieverzoek",
    ),
    (WATER, "Profiteer nu van onze actie", "Bestel nu een waterfilter met 20% korting. Vrijblijvend.", "reclame"),
    (
        TOWN,
        "Uw aanvraag",
        "Op 3 november 2026 vroeg u bijstand aan. Wij hebben besloten u geen uitkering te geven. Bezwaar maken kan binnen zes weken.",
        "beschikking",
    ),
    (
        TOWN,
        "Beëindiging uitkering",
        "Vanaf 1 december 2026 krijgt u geen bijstand meer. Bent u het niet eens met dit besluit? Maak bezwaar.",
        "beschikking",
    ),
    (
        TOWN,
        "Gegevens ontbreken",
        "Stuur ons vóór 1 december 2026 uw bankafschriften. Doet u dat niet, dan stopt uw uitkering.",
        "informatieverzoek",
    ),
    (
        TOWN,
        "Herziening en terugvordering",
        "U hebt te veel bijstand gekregen. U moet € 450,00 terugbetalen.",
        "terugvordering",
    ),
    (
        TOWN,
        "Boete wegens schending inlichtingenplicht",
        "U gaf uw inkomsten niet door. Wij leggen u een boete op van € 150,00.",
        "boete",
    ),
    (
        TOWN,
        "Oproep voor een gesprek",
        "Wij verwachten u op 1 december 2026 om 10.15 uur op het gemeentehuis.",
        "uitnodiging",
    ),
    (
        TOWN,
        "Heronderzoek",
        "Binnenkort komt onze consulent bij u langs, op 1 december 2026 om 10.15 uur. Neem uw paspoort mee.",
        "uitnodiging",
    ),
    (TOWN, "Dwangbevel", "Wij bevelen u € 450,00 te betalen binnen twee dagen.", "dwangbevel"),
    (
        TOWN,
        "Aanmaning terugbetaling bijstand",
        "U hebt de terugvordering van € 450,00 niet betaald. Betaal binnen twee weken.",
        "aanmaning",
    ),
    (
        TOWN,
        "Energietoeslag",
        "Dit jaar keert de gemeente weer een toeslag uit. U hoeft niets te doen. U krijgt het bedrag vanzelf.",
        "informatie",
    ),
    (
        "Gerechtsdeurwaarderskantoor De Wit",
        "Beslag op uw bankrekening",
        "Wij hebben beslag gelegd op uw rekening bij de Rabobank voor een schuld van € 450,00 aan KPN.",
        "beslag",
    ),
    (
        "Gerechtsdeurwaarderskantoor De Wit",
        "Uw dossier Ziggo",
        "Namens onze opdrachtgever Ziggo verzoeken wij u € 145,00 te betalen.",
        "incasso",
    ),
    (
        "Gerechtsdeurwaarderskantoor De Wit",
        "Aanzegging ontruiming",
        "Op 3 december 2026 om 9.00 uur zullen wij uw woning ontruimen.",
        "ontruiming",
    ),
    (
        "Gerechtsdeurwaarderskantoor De Wit",
        "Vonnis",
        "Hierbij ontvangt u het vonnis van de kantonrechter van 4 november 2026. U bent veroordeeld tot betaling van € 450,00.",
        "vonnis",
    ),
    (
        "Gerechtsdeurwaarderskantoor De Wit",
        "Dagvaarding",
        "U bent gedagvaard om te verschijnen op 9 december 2026 om 10.00 uur bij de kantonrechter.",
        "dagvaarding",
    ),
    ("Belastingdienst", "Aanslag inkomstenbelasting 2025", "U moet € 345,00 betalen vóór 1 januari 2027.", "aanslag"),
    (
        "Belastingdienst",
        "Herinnering aangifte",
        "Wij hebben uw aangifte 2025 nog niet ontvangen. Doe aangifte vóór 1 december 2026.",
        "informatieverzoek",
    ),
    (
        "Belastingdienst",
        "Aanmaning inkomstenbelasting 2025",
        "U hebt de aanslag van € 345,00 niet op tijd betaald. Betaal binnen 14 dagen.",
        "aanmaning",
    ),
    (
        "Belastingdienst",
        "Vordering op uw bank",
        "Wij hebben € 345,00 van uw bankrekening laten afschrijven omdat u uw belasting niet betaalde.",
        "beslag",
    ),
    ("CJIB", "Verkeersboete", "U reed te hard. De boete is € 112,00.", "boete"),
    (
        "CJIB",
        "Tweede aanmaning",
        "U hebt uw boete nog niet betaald. Het bedrag is nu verhoogd tot € 336,00.",
        "aanmaning",
    ),
    (
        "Menzis",
        "Uw premie is niet betaald",
        "U moest op 1 november uw premie van € 151,00 betalen. Wij hebben nog niets ontvangen.",
        "herinnering",
    ),
    ("Menzis", "Eigen risico 2026", "U betaalt € 120,00 eigen risico voor uw bezoek aan het ziekenhuis.", "factuur"),
    (
        "UWV",
        "Uw WIA-uitkering",
        "Wij hebben besloten dat u per 1 januari 2027 geen WIA-uitkering meer krijgt. U kunt bezwaar maken.",
        "beschikking",
    ),
    ("UWV", "Afspraak met de verzekeringsarts", "U wordt verwacht op 1 december 2026 om 10.00 uur.", "uitnodiging"),
    (
        "DUO",
        "Betaaloverzicht",
        "Hierbij ziet u wat u nog moet terugbetalen aan studieschuld. U hoeft nu niets te doen.",
        "informatie",
    ),
)


@pytest.mark.parametrize(("sender", "subject", "body", "kind"), KINDS, ids=[f"{s}: {k}" for _, s, _, k in KINDS])
def test_the_kind_in_many_words(sender: str, subject: str, body: str, kind: str) -> None:
    assert understood(_letter([body], subject, sender), TODAY).kind == kind


WHOLE: tuple[tuple[str, str, str, str, str | None, float | None], ...] = (
    (
        "Stichting Woonpalet",
        "Achterstallige huur",
        "Uw huur over oktober ad € 612,00 is nog steeds niet op onze rekening bijgeschreven. U krijgt nog tot uiterlijk 27 november 2026 de gelegenheid om te betalen. Daarna dragen wij de vordering over aan onze deurwaarder.",
        "aanmaning",
        "2026-11-27",
        612,
    ),
    (
        "Stichting Woonpalet",
        "Bevestiging betalingsafspraak",
        "Vandaag spraken wij af dat u de achterstand van € 600,00 in zes gelijke delen van € 100,00 voldoet. Het eerste deel verwachten wij op 1 december 2026.",
        "betalingsregeling",
        "2026-12-01",
        100,
    ),
    (
        "Stichting Woonpalet",
        "Kom langs op ons spreekuur",
        "Wij nodigen u uit voor een gesprek over uw woning op woensdag 2 december 2026 om 11.00 uur.",
        "uitnodiging",
        "2026-12-02",
        None,
    ),
    (
        "Vitens",
        "Aankondiging afsluiting",
        "U heeft niet gereageerd op onze brieven. Daarom sluiten wij op 8 december 2026 uw water af. Betaal vóór die datum € 98,20 om dit te voorkomen.",
        "afsluiting",
        "2026-12-07",
        98.2,
    ),
    (
        "Essent",
        "Termijnbedrag november",
        "Uw bank kon de incasso van € 140,00 niet uitvoeren. Maakt u dit bedrag zelf over? Doe dat voor 1 december 2026.",
        "herinnering",
        "2026-11-30",
        140,
    ),
    (
        "UWV",
        "Terugbetalen WW",
        "Over september kreeg u € 320,00 te veel WW. Wij willen dat u dit bedrag binnen zes weken terugbetaalt.",
        "terugvordering",
        "2026-12-24",
        320,
    ),
    (
        "SVB",
        "Geef door of uw situatie is veranderd",
        "Wilt u het bijgevoegde formulier binnen drie weken invullen en aan ons terugsturen?",
        "informatieverzoek",
        "2026-12-03",
        None,
    ),
    (
        "Gemeente Zuidkust",
        "Aanvraag bijzondere bijstand toegekend",
        "U krijgt € 250,00 voor een wasmachine. Niet mee eens? U heeft zes weken de tijd om bezwaar te maken.",
        "beschikking",
        "2026-12-24",
        None,
    ),
    (
        "CJIB",
        "Beschikking",
        "U heeft geparkeerd waar dat niet mag. Het bedrag van de sanctie is € 120,00, inclusief € 9,00 administratiekosten. Betalen kan tot en met 7 januari 2027.",
        "boete",
        "2027-01-07",
        120,
    ),
    (
        "CJIB",
        "Laatste aanmaning",
        "Uw boete is nu € 360,00. Betaalt u dit bedrag niet uiterlijk 10 december 2026, dan leggen wij beslag.",
        "aanmaning",
        "2026-12-10",
        360,
    ),
    (
        "Belastingdienst",
        "Betalingsherinnering voorlopige aanslag",
        "De termijn van oktober, € 55,00, hebben wij nog niet ontvangen. Betaal deze binnen twee weken na de datum van deze brief.",
        "herinnering",
        "2026-11-26",
        55,
    ),
    (
        "Belastingdienst",
        "Uitstel van betaling",
        "U mag de aanslag van € 1.200,00 in twaalf maandelijkse termijnen van € 100,00 betalen. De eerste termijn betaalt u uiterlijk 31 december 2026.",
        "betalingsregeling",
        "2026-12-31",
        100,
    ),
    (
        "Zilveren Kruis",
        "Declaratie ziekenhuis",
        "Een deel van uw ziekenhuisrekening valt onder het eigen risico. Wij ontvangen daarom graag € 215,30 van u, uiterlijk op 12 december 2026.",
        "factuur",
        "2026-12-12",
        215.3,
    ),
    (
        "Syncasso gerechtsdeurwaarders",
        "Inzake: Achmea / uw rekening",
        "Onze cliënte Achmea heeft ons de inning opgedragen. U bent € 312,45 verschuldigd, te betalen binnen vijf dagen na heden.",
        "incasso",
        "2026-11-17",
        312.45,
    ),
    (
        "Syncasso gerechtsdeurwaarders",
        "Beslaglegging",
        "Op 10 november 2026 is ten laste van u beslag gelegd onder de SVB. Iedere maand wordt een deel van uw AOW ingehouden. De vordering beloopt € 900,10.",
        "beslag",
        None,
        900.1,
    ),
    (
        "Intrum",
        "Uw openstaande schuld bij Bol",
        "Wij namen deze vordering over van Bol. Het totaal is € 88,00: € 48,00 hoofdsom en € 40,00 kosten. Betaal voor 26 november 2026.",
        "incasso",
        "2026-11-25",
        88,
    ),
    (
        "Rechtbank Overijssel",
        "Kennisgeving",
        "Het onderzoek ter zitting in uw zaak is op maandag 7 december 2026 om 9.00 uur. U mag daarbij zijn.",
        "uitnodiging",
        "2026-12-07",
        None,
    ),
    (
        "Rabobank",
        "Achterstand hypotheek",
        "U loopt twee maanden achter met uw hypotheek. De achterstand is € 1.480,00. Zorg dat dit bedrag voor 1 december 2026 op uw rekening staat.",
        "aanmaning",
        "2026-11-30",
        1480,
    ),
    (
        "Huisartsenpraktijk De Brug",
        "Nota",
        "Voor uw reisvaccinatie op 3 november 2026 betaalt u € 42,75. Wilt u dit binnen 30 dagen na notadatum voldoen?",
        "factuur",
        "2026-12-12",
        42.75,
    ),
    (
        "Kinderopvang De Boom",
        "Laatste herinnering",
        "Ook na onze herinnering is de factuur van € 410,20 niet voldaan. Betaal binnen zeven dagen na vandaag, anders kunnen wij de plaats van uw kind niet vrijhouden.",
        "aanmaning",
        "2026-11-19",
        410.2,
    ),
    (
        "LBIO",
        "U moet alimentatie betalen",
        "De achterstand bedraagt € 490,00. Betaal dit binnen 14 dagen na dagtekening, anders nemen wij de inning over.",
        "aanmaning",
        "2026-11-26",
        490,
    ),
    (
        "CAK",
        "Factuur eigen bijdrage Wmo",
        "U betaalt € 21,80 voor november. Dit bedrag wordt rond 27 november 2026 automatisch afgeschreven.",
        "factuur",
        "2026-11-27",
        21.8,
    ),
)


@pytest.mark.parametrize(
    ("sender", "subject", "body", "kind", "deadline", "amount"), WHOLE, ids=[f"{row[0]}: {row[1]}" for row in WHOLE]
)
def test_senders_in_their_own_words(
    sender: str, subject: str, body: str, kind: str, deadline: str | None, amount: float | None
) -> None:
    letter = understood(_letter([body], subject, sender), TODAY)
    paid = letter.facts.amount
    assert (letter.kind, _deadline(letter), float(paid.value) if paid else None) == (kind, deadline, amount)


OPENINGS = (
    "Tot op heden hebben wij uw betaling niet ontvangen.",
    "Ondanks onze brief van 19 oktober 2026 staat uw rekening nog open.",
    "Wij schreven u op 20 oktober 2026. Daarop kwam geen reactie.",
    "",
)
DEMANDS = (
    "Wij verzoeken u {euro} {when} over te maken.",
    "Wilt u {euro} {when} betalen?",
    "Het openstaande bedrag is {euro}. Betaal dit {when}.",
    "U dient {when} een bedrag van {euro} te voldoen.",
    "{euro} moet {when} op onze rekening staan.",
    "Uw schuld bedraagt {euro}. Deze moet {when} zijn voldaan.",
)
WHENS = (
    ("uiterlijk 27 november 2026", "2026-11-27"),
    ("vóór 28 november 2026", "2026-11-27"),
    ("uiterlijk op vrijdag 27 november a.s.", "2026-11-27"),
    ("binnen veertien dagen na dagtekening", "2026-11-26"),
    ("binnen 14 dagen na heden", "2026-11-26"),
    ("per 27-11-2026", "2026-11-27"),
)
EUROS = ("€ 1.284,50", "EUR 1284,50", "1.284,50 euro")
CLOSINGS = (
    "Betaalt u niet, dan komen er € 40,00 kosten bij en wordt het € 1.324,50.",
    "U mag ook in drie termijnen van € 428,17 betalen. Bel ons dan vóór 20 november 2026.",
    "Betalingen na 9 november 2026 zijn niet verwerkt. Uw contract loopt tot 1 maart 2027.",
)
DATED = ("Datum: 12 november 2026", "Dagtekening 12-11-2026", "Voorbeeld, 12 november 2026", "12 nov. 2026")


def test_the_same_letter_in_shifted_words() -> None:
    """Of 432 ways to say one thing nearly all are read right, and none is wrong and sure."""
    right = {"deadline": 0, "amount": 0, "letter_date": 0}
    wrong: list[str] = []
    everything = list(product(DEMANDS, WHENS, CLOSINGS, range(4)))
    for number, (demand, (when, expected), closing, opening) in enumerate(everything):
        euro = EUROS[number % 3]
        said = demand.format(euro=euro, when=when)
        paragraphs = [text for text in (OPENINGS[opening], said[0].upper() + said[1:], closing) if text]
        if number % 5 == 0:
            paragraphs[-1], paragraphs[-2] = paragraphs[-2], paragraphs[-1]
        page = _letter(paragraphs, "Uw betaling", dated=DATED[number % 4])
        letter = understood(page, TODAY)
        own = letter.facts.letter_date
        amount = letter.facts.amount
        for name, value, wanted in (
            ("deadline", _deadline(letter), expected),
            ("amount", float(amount.value) if amount else None, 1284.50),
            ("letter_date", own.value.isoformat() if own else None, "2026-11-12"),
        ):
            if value == wanted:
                right[name] += 1
            elif letter.sure[name]:
                wrong.append(f"{name} {value}: {said} / {closing}")
    assert wrong == []
    assert all(count >= 0.97 * len(everything) for count in right.values()), right
