"""What the demonstration's invented months are made of: letters by what they threaten, signals, words at the end."""

from __future__ import annotations

from dataclasses import dataclass

THREAT_WEIGHTS = {"home": 22, "energy": 16, "water": 4, "income": 17, "bank_wage": 12, "care": 14, "money": 15}
"""How often each threat brings somebody here, of a hundred."""

LETTERS_BY_THREAT: dict[str, tuple[tuple[str, str], ...]] = {
    "home": (
        ("woningcorporatie", "aanmaning"), ("woningcorporatie", "ontruiming"), ("gerechtsdeurwaarder", "dagvaarding"),
        ("rechtbank", "vonnis"),
    ),
    "energy": (("energieleverancier", "afsluiting"), ("energieleverancier", "aanmaning")),
    "water": (("waterbedrijf", "afsluiting"), ("waterbedrijf", "aanmaning")),
    "income": (("uwv", "informatieverzoek"), ("gemeente", "beschikking"), ("svb", "beschikking")),
    "bank_wage": (("gerechtsdeurwaarder", "beslag"), ("belastingdienst", "dwangbevel")),
    "care": (("zorgverzekeraar", "aanmaning"), ("cak", "dwangbevel")),
    "money": (("cjib", "boete"), ("incassobureau", "aanmaning"), ("telecom", "aanmaning")),
}  # fmt: skip
OTHER_LETTERS = (
    ("cjib", "boete"), ("belastingdienst", "aanslag"), ("zorgverzekeraar", "aanmaning"), ("duo", "informatie"),
    ("incassobureau", "aanmaning"), ("energieleverancier", "factuur"),
)  # fmt: skip
"""What lies in the same bag."""

QUOTES = (
    "Ik slaap weer. Dat is alles.",
    "Zij belde terug toen zij het zei. Dat had ik nog nooit meegemaakt.",
    "We wonen hier nog. De kinderen weten van niks.",
    "Ik doe nu elke vrijdag mijn post. Met koffie.",
    "Eerst dacht ik: weer een loket. Maar het was iemand met een naam.",
    "De verwarming bleef aan. Mijn moeder is 84.",
    "Ik hoefde mijn verhaal maar één keer te vertellen.",
    "Er lag meer dan ik durfde te kijken. Nu ligt er niks meer.",
    "Het is nog niet klaar, maar ik weet wat er komt.",
    "Hij zei niet dat het mijn schuld was.",
    "Ik heb zelf gebeld. Dat had ik nooit gedaan zonder haar.",
    "Mijn loon komt weer gewoon binnen.",
)
"""In residents' own words, invented."""


@dataclass(frozen=True, slots=True)
class InventedSignal:
    """A signal of the demonstration; days count back from today, `replied_after` in days, None is not yet."""

    team: str
    days_ago: int
    threat: str
    sender: str
    kind: str
    story: str
    rule: str
    reply: str = ""
    replied_after: int | None = None


PAID_FOR = (
    "Anders raakt zij haar huis kwijt.",
    "Boodschappen tot het loon weer binnenkomt.",
    "De eerste termijn, zodat de regeling kan beginnen.",
    "De borg voor het nieuwe energiecontract.",
    "De huur van deze maand; het loon kwam te laat.",
    "Reisgeld naar de zitting en terug.",
    "De meter opnieuw aansluiten, voor de kinderen.",
)
"""Why money was given, invented."""

FIRST_TEAM = ("melissa@demo.example", "samir@demo.example", "fatima@demo.example")
"""Who gets the cases of new residents, in this order: the demonstration asks nobody for a neighbourhood."""

NORTH, RIVER, HARBOUR = "Wijkteam Noord", "Schuldhulp Rivierwijk", "Wijkteam Haven"
SIGNALS = (
    InventedSignal(
        NORTH, 3, "home", "woningcorporatie", "ontruiming",
        "Een gezin kon de huurschuld ineens betalen met hulp van familie. De corporatie neemt na het vonnis alleen "
        "het hele bedrag met de kosten erbij aan. Over die kosten van 640 euro ging het bijna mis.",
        "Na een vonnis geen regeling meer",
    ),
    InventedSignal(
        RIVER, 24, "income", "gemeente", "beschikking",
        "Iemand kreeg pas na vijf weken leefgeld, omdat het loon van vorige maand op papier nog meetelde. In die vijf "
        "weken kwamen er drie schulden bij.",
        "Inkomen van de vorige maand telt mee",
    ),
    InventedSignal(
        HARBOUR, 6, "care", "cak", "dwangbevel",
        "De toeslag van een vrouw gaat naar de oude rekening waar beslag op ligt. Zij kan de rekening alleen met DigiD "
        "wijzigen en haar telefoon is afgesloten.",
        "Rekening wijzigen kan alleen met DigiD",
    ),
    InventedSignal(
        NORTH, 38, "energy", "energieleverancier", "afsluiting",
        "De leverancier wil een borg van 450 euro voor een nieuw contract. Bijzondere bijstand duurt acht weken. De "
        "stroom gaat er na tien dagen af.",
        "Borg valt niet onder de noodhulp",
        "Vanaf deze maand mag de borg uit de calamiteitenpot, tot 500 euro. De beleidsregel is aangepast en staat bij "
        "het fonds op de werkplek.", 8,
    ),
    InventedSignal(
        RIVER, 52, "bank_wage", "gerechtsdeurwaarder", "beslag",
        "Twee deurwaarders rekenden elk een eigen beslagvrije voet. Samen lieten zij te weinig over voor eten. Niemand "
        "vond dat het zijn taak was.",
        "",
        "Wij hebben met beide kantoren een vast aanspreekpunt afgesproken. Bel dat nummer; het staat in de kennisbank.",
        11,
    ),
    InventedSignal(
        NORTH, 75, "money", "cjib", "boete",
        "Een man kreeg een boete omdat zijn brommer niet verzekerd was. De brommer was al lang gestolen. Het bewijs "
        "daarvan kost 35 euro aan leges, en die had hij niet.",
        "Leges voor een bewijs van aangifte",
        "Wij mogen geen leges kwijtschelden voor andere organisaties. Wel betaalt het wijkteam ze voortaan direct.", 21,
    ),
    InventedSignal(
        HARBOUR, 88, "home", "gemeente", "beschikking",
        "Wie bij familie in huis slaapt om een ontruiming te overbruggen, wordt gekort op de uitkering. Daarom slaapt "
        "een moeder met haar kind nu in de auto.",
        "Kostendelersnorm bij tijdelijk inwonen",
        "De eerste drie maanden korten wij niet meer. Het college heeft dat vastgesteld.", 12,
    ),
)  # fmt: skip
