"""Which letter, which sender, which date: the facts in a resident's sentence, each with its place."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from rasa_parts.wording import sound

PHRASES = Path(__file__).resolve().parent.parent / "phrases.yml"
NAMES = Path(__file__).resolve().parent.parent / "names.yml"
SENTENCES = Path(__file__).resolve().parent.parent / "nlu"


@dataclass(frozen=True)
class Fact:
    """One fact: `start` and `end` are places in the text as typed, `value` is its code or its plain form."""

    kind: str
    start: int
    end: int
    value: str
    is_weak: bool = False


_NUMBER_WORDS = {
    "een": 1, "één": 1, "eentje": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6, "zeven": 7, "acht": 8,
    "negen": 9, "tien": 10, "elf": 11, "twaalf": 12, "dertien": 13, "veertien": 14, "vijftien": 15, "twintig": 20,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
}  # fmt: skip
_ORDINALS = {
    "eerste": "1", "eertse": "1", "eesrte": "1", "eerst'n": "1", "urste": "1", "uurste": "1", "irste": "1",
    "first": "1", "1st": "1", "bovenste": "1",
    "tweede": "2", "twede": "2", "tweedde": "2", "tweete": "2", "tweeede": "2", "twidde": "2", "second": "2",
    "2nd": "2", "derde": "3", "darde": "3", "dirde": "3", "dedre": "3", "derdde": "3", "third": "3", "3rd": "3",
    "vierde": "4", "virde": "4", "fourth": "4", "vijfde": "5", "vyfde": "5", "veifde": "5", "fifth": "5",
    "zesde": "6", "sixth": "6", "zevende": "7", "seventh": "7", "achtste": "8", "eighth": "8", "negende": "9",
    "ninth": "9", "tiende": "10", "tenth": "10", "elfde": "11", "twaalfde": "12", "dertiende": "13",
    "veertiende": "14", "vijftiende": "15", "laatste": "laatste", "laaste": "laatste", "latste": "laatste",
    "leste": "laatste", "last": "laatste", "onderste": "laatste", "voorlaatste": "voorlaatste",
    "eennalaatste": "voorlaatste",
}  # fmt: skip
# "de laatste keer", "de eerste termijn", "mijn laatste geld": counted things that are no letters.
_NOT_LETTERS = (
    r"keer|keren|dag|dagen|week|weken|maand|maanden|jaar|jaren|uur|tijd|tijden|termijn|termijnen|datum|hulp|stap|"
    r"stappen|vraag|ding|dingen|helft|bedrag|kans|nieuws|geld|cent|centen|euro|druppel|herinnering|moment|baan|kind|"
    r"kinderen|man|vrouw|verdieping|kerstdag|plaats|instantie|mei|juni|juli|januari|februari|maart|april|augustus|"
    r"september|oktober|november|december|zitting|afspraak|gesprek|persoon|mevrouw|meneer|bericht|antwoord|loket|"
    r"klas|groep|graad|rang|bel|telefoontje|mens|levensbehoefte|betaling|aflossing|time|day|week|month|name|"
    r"weekend|vakantie|verhaal|regel|zin|bladzijde|pagina|kantje|etage|ronde|collega|medewerker|huurder|bewoner|"
    r"maal|dagg|mogelijkheid|waarschuwing|kinderen|rekeningnummer|huis|auto|telefoon|boterham|brood|restje|pak|blik|luier|instantie|hond|partij"
)
_BEFORE_ORDINAL = (
    r"(?:de|die|dat|deze|den|dien|diejen|dieje|the|that|da|d'n|van|en|brief|over|mijn|uw|je|een|to|explain|leg|met|bij)"
)

_MONTHS = (
    r"januari|jan|februari|feb|febr|maart|mrt|april|apr|mei|juni|jun|juli|jul|augustus|aug|september|sept|sep|oktober|okt|"
    r"november|nov|december|dec|desember|decembr|novemer|novembr|octobre|oktobr|january|february|march|may|june|july|"
    r"august|october|januarie|februarie"
)
_DAYS = (
    r"maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|monday|tuesday|wednesday|thursday|friday|saturday|"
    r"sunday|maandach|vrydag|dondedag|woesdag"
)
_DAY_NUMBER = (
    r"(?:0?[1-9]|[12]\d|3[01])(?:e|ste|de|st|nd|rd|th)?|een(?:tje)?(?=\s+(?:{m}))|eerste|twee|drie|derde|vier|vierde|vijf|vijfde|zes|zesde|zeven|"
    r"zevende|acht|achtste|negen|negende|tien|tiende|elf|twaalf|twaalfde|dertien|veertien|vijftien|vijftiende|zestien|"
    r"zeventien|achttien|negentien|twintig|twintigste|eenentwintig|tweeentwintig|drieentwintig|vierentwintig|"
    r"vijfentwintig|zesentwintig|zevenentwintig|achtentwintig|negenentwintig|dertig|eenendertig"
).replace("{m}", _MONTHS)
_DATES = [
    re.compile(
        rf"\b(?:(?:{_DAYS})\s+)?(?:de\s+)?(?<![\d.,/-])(?:{_DAY_NUMBER})\s+(?:van\s+)?(?:{_MONTHS})\b\.?(?:\s+(?:19|20)\d\d\b)?"
    ),
    re.compile(rf"\b(?:{_MONTHS})\s+(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\b(?:,?\s+20\d\d\b)?"),
    re.compile(
        r"(?<![\d.,/-])(?:0?[1-9]|[12]\d|3[01])\s?[-/.]\s?(?:0?[1-9]|1[0-2])(?:\s?[-/.]\s?(?:20)?\d\d)?(?![\d%]|[.,/-]\d)"
    ),
    re.compile(r"\b20\d\d-[01]\d-[0-3]\d\b"),
    re.compile(rf"\b(?:(?:volgende|komende|aanstaande|deze|next|aankomende)\s+)(?:week\s+)?(?:{_DAYS})\b"),
    re.compile(r"\b(?:de|den|the)\s+((?:[1-9]|[12]\d|3[01])(?:e|ste|de|th|st|nd|rd))(?=\W|$)"),
]
_WEAK_DATES = [
    re.compile(
        r"\b(?:januari|februari|april|juni|juli|augustus|september|oktober|november|december|january|february|october|"
        r"(?<=in )maart|(?<=in )mei|(?<=staat )maart|(?<=staat )mei|(?<=is )maart|(?<=is )mei|(?<=pas )mei)\b"
    ),
    re.compile(rf"\b(?:{_DAYS})\b(?:\s+(?:aanstaande|a\.s\.))?"),
    re.compile(r"\b(?:overmorgen|eergisteren)\b"),
    re.compile(
        r"(?:(?<=is )|(?<=moet )|(?<=wordt )|(?<=tot )|(?<=op )|(?<=voor )|(?<=maar )|(?<=naar ))(?:vandaag|morgen|volgende week|volgende maand)\b"  # noqa: E501 - a list of words reads best whole
    ),
    re.compile(r"\b(?:gisteren|gister|yesterday)\b"),
]
_SOME_TIME_AGO = re.compile(r"gister|yesterday")
_HUNDREDS = (
    r"(?:(?:een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|dertien|veertien|vijftien|zestien|zeventien|"
    r"achttien|negentien)?\s?(?:honderd|duizend)(?:\s?en)?\s?[a-zë]*|tien|vijftien|twintig|dertig|veertig|vijftig|zestig|zeventig|"
    r"tachtig|negentig|vijfentwintig|vijfendertig|vijfenzeventig|vijf|twaalf)"
)
_NUMBER = r"\d{1,3}(?:[. ]\d{3})+(?:,\d\d)?|\d+(?:[.,]\d{1,2})?"
_AMOUNTS = [
    re.compile(rf"€\s?(?:{_NUMBER})(?:,-|,--|,=)?"),
    re.compile(
        rf"(?<![\d.,])(?:{_NUMBER})(?:,-)?\s?(?:€|euro's|eurootjes|euros|euroos|euro|eur|eu|piek|pegels|ballen|dollar)(?:\s\d\d\b)?(?!\w)"
    ),
    re.compile(r"(?<![\d.,])\d+,(?:-|=|--)(?!\d)"),
    re.compile(rf"\b{_HUNDREDS}\s(?:euro's|eurootjes|euros|euro|eur|piek|pegels)\b"),
    re.compile(r"(?<![\d.,/-])\d{1,3}(?:\.\d{3})*,\d\d(?![\d])"),
    re.compile(r"\b(?:\d+|een|twee|drie|vier|vijf)\s?(?:barkies?|doezoe|donnies?|meier|ruggen|rug|joet)\b"),
    re.compile(r"(?<![\d.,])\d{1,3}k\b"),
]
_UNITS = "een|één|twee|drie|vier|vijf|zes|zeven|acht|negen"
_TENS = "twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig"
_TO_99 = (
    rf"(?:(?:{_UNITS})(?:en|ën)(?:{_TENS})|{_TENS}|tien|elf|twaalf|dertien|veertien|vijftien|zestien|zeventien|achttien|"
    rf"negentien)"
)
# "honderdtwintig", "twaalfhonderd", "vijfentachtig": spoken numbers from twenty on, where money is spoken of.
_SPOKEN = re.compile(
    rf"(?<![\w-])(?:(?:(?:{_TO_99}|{_UNITS})?\s?(?:honderd|duizend)(?:\s?en)?(?:\s?(?:{_UNITS})?honderd)?"
    rf"(?:{_TO_99}|{_UNITS})?)|(?:(?:{_UNITS})(?:en|ën))?(?:{_TENS}))(?![\w-])"
    r"(?!\s(?:dagen|weken|maanden|uur|jaar|jaren|keer|kinderen|brieven|minuten|jan|feb|maart|april|mei|juni|juli|aug|sep|okt|"
    r"nov|dec|brief|procent|man|mensen))"
)
_PER_MONTH = re.compile(
    r"(?<![\d.,])(\d{1,4})\s?(?:pm|p/m|p\.m\.|per maand|per week|in de maand|elke maand|euri)(?!\w)"
)
# In a correction every number that is no date, no year and no letter is money.
_ANY_NUMBER = re.compile(
    r"(?<![\d.,/:-])(?<!brief )(?<!nummer )(?<!nr )(?<!regel )(?<!de )(?<!jaar )(\d{2,6})(?![\d.,/:-]*\d)"
    r"(?!\s*(?:dagen|weken|maanden|"
    r"uur|jaar|keer|kinderen|brieven|%|e\b|ste\b|de\b|/|-))"
)
_YEAR = re.compile(r"(?:(?<=jaar )|(?<=in )|(?<=uit )|(?<=is )|(?<=niet )|(?<=van ))(20[12]\d)(?![\d.,/-])")
# A bare number is an amount only where money is spoken of, and never where a letter or a day is counted.
_BARE_AMOUNT = re.compile(
    r"(?:(?<=bedrag is )|(?<=bedrag moet )|(?<=geen )|(?<=er staat )|(?<=niet )|(?<=maar )|(?<=is nu )|(?<=moet )|(?<=amount is ))"  # noqa: E501 - a list of words reads best whole
    r"(?<![\d.,/-])(\d{2,6})(?![\d.,/:-]|\s*(?:dagen|weken|maanden|uur|jaar|keer|kinderen|brieven|december|%|/))"
)
_NUMBERED = re.compile(
    r"\b(?:brief|brieven|brif|nummer|nummertje|numer|nr|no|letter|number|envelop|foto)\.?\s?(?:nummer|nr|number|no)?\.?\s?#?"
    r"(\d{1,2}|" + "|".join(_NUMBER_WORDS) + r")(?![\w€]|[.,]\d|\s?(?:euro|dagen|weken|keer|december|januari))"
)
_ORDINAL = re.compile(rf"\b({'|'.join(re.escape(o) for o in sorted(_ORDINALS, key=len, reverse=True))})(?!\w)")
_DIGIT_ORDINAL = re.compile(
    r"(?:\b(?:de|die|dat)\s|^)(\d{1,2})(?:e|de|ste)(?=\s(?:brief|envelop|foto|rekening|letter)|\s*[?!.]*$)"
)

_KIN = (
    r"zusje|zussen|zus|zuster|broertje|broers|broer|dochter|dogter|zoontje|zoon|moeder|vader|mama|papa|ma|pa|tante|oom|neefje|neef|nichtje|nicht|buurvrouw|"
    r"buurman|buurmeisje|buuf|buur|vriendin|vriend|kennis|echtgenoot|echtgenote|man|vrouw|schoonzus|schoonzoon|schoondochter|"
    r"schoonmoeder|schoonvader|zwager|opa|oma|partner|sister|brother|daughter|son|friend|neighbour|neighbor|mother|"
    r"father|mum|mom|dad|husband|wife|mentor|bewindvoerder|begeleider|begeleidster|vrijwilliger|schuldhulpmaatje|schuldmaatje|"
    r"maatje|maatschappelijk werker|maatschappelijk werkster|casemanager|thuishulp|verzorger|verzorgster|ome|kleinzoon|kleindochter|collega|vent|mantelzorger|coach|buren|familie|moekes|moeke|"  # noqa: E501 - a list of words reads best whole
    r"ouders|kinderen|peetoom|stiefvader|stiefmoeder|zwagerin|schoonbroer|schoonouders|huisgenoot|advocaat|thuisbegeleider|aunt|uncle|cousin|nephew|niece"
)
_KIN_PERSON = re.compile(
    rf"\b(?:mijn|mij|me|mn|m'n|mien|mijne|my|ons|onze|onzen|een|n|'n|a|de|zijn|haar|ne|ook)\s(?:(?:oudste|jongste|kleine|grote|lieve|beste|goede|older|younger|big|little|eigen|aardige)\s)?({_KIN})\b"
)
# "een vrouw", "een man": nobody in particular.
_ANY_MAN = re.compile(r"(?:een|n|'n|a|ne|de|ook)\s(?:man|vrouw|vent|man's)$")
_TITLE_PERSON = re.compile(
    r"\b((?:mevrouw|mevr|mvr|mw|meneer|mijnheer|dhr|mr|mrs|ms|heer|juffrouw)\.?\s(?:(?:van|de|den|der|ten|ter|el|al|van de|van der|van den)\s)*"  # noqa: E501 - a list of words reads best whole
    r"(?!van\b|de\b|die\b|dat\b|weer\b|is\b|of\b|aan\b|en\b|en\b|niet\b|aub\b|graag\b|terug\b|te\b|zijn\b|mij\b|me\b|spreken\b|spreekt\b|uit\b|voor\b|mag\b|gaat\b|wil\b|"
    r"kan\b|heeft\b|was\b|hier\b|ook\b|ik\b|met\b|die\b|bij\b|op\b|nog\b|alstublieft\b|goedendag\b|goedemorgen\b|hallo\b|krijgen\b|hebben\b|helpt\b|helpen\b|"
    r"want\b|maar\b|als\b|liever\b|belt\b|mee\b|erbij\b|from\b|who\b|please\b|again\b|last\b|komt\b|zou\b|moet\b|wilde\b|kunt\b|u\b)[^\W\d_]{2,})"
)
_ROLE_PERSON = re.compile(
    r"\b((?:(?:andere|vorige|zelfde|dezelfde|aardige|lieve|jonge|oude|oudere|blonde|vriendelijke|lange|same|other|nice)\s)*"
    r"(?:mevrouw|meneer|mijnheer|man|vrouw|dame|heer|jongen|jongeman|meisje|juffrouw|gast|gozer|kerel|vent|lady|woman|guy|mevr|mvr|medewerkster|collega)"
    r"(?:\s(?:van|uit|from)\s(?:de\s|the\s)?(?:vorige\s(?:keer|week|maand)|laatste\s(?:keer|tijd)|toen|laatst|gisteren|eerst|eerder|vorig\s(?:jaar|keer)|net|last\stime|before|yesterday))?)\b"
)
_ASKED_NAME = re.compile(
    r"\b(?:is|met|wil|niet|spreken|door|aan|heet|naar|van|heeft|zou|belt|blijft|doet|vertrouw|krijgen|voor|krijg|mag|kan|weer|dat|als|to|want|about|does|en|of|hoort|komt|wie|wanneer|waar|alleen|liever|geef|doe|ik|bij|vraag|naast|zonder)\s([^\W\d_]{3,})\b"
)
_CAPITAL_NAME = re.compile(r"(?<!^)(?<![.!?]\s)\b([A-ZÀ-Þ][a-zß-ÿ]{2,}(?:-[A-Z][a-z]+)?)\b")
PERSON_INTENTS = frozenset({"prefer_other_person", "involve_network", "request_human", "ask_who", "ask_status"})
DATE_INTENTS = frozenset({"correct_fact", "already_paid", "ask_deadline"})
# Where a number without "euro" may be money.
MONEY_INTENTS = frozenset({"correct_fact", "already_paid", "ask_payment_plan", "cannot_pay"})
SENDERLESS = frozenset(
    {"greet", "goodbye", "thank", "chitchat", "bot_challenge", "out_of_scope", "crisis_self_harm", "crisis_violence",
     "change_language", "share_goal", "request_human", "ask_who", "ask_privacy", "delete_my_data", "stop",
     "ask_explain_word"}
)  # fmt: skip
_WEAK_SENDERS = frozenset(
    """verzekering bank school opvang kinderopvang energie belasting belastingen huisarts ziekenhuis apotheek tandarts
    kinderbijslag aow huurtoeslag zorgtoeslag kinderopvangtoeslag toeslagen wmo leerplicht alimentatie reclame
    loterij kindgebonden budget studieschuld studiefinanciering gerecht rechter huisbaas huisbazin huurbaas
    verhuurder wijkteam justitie incasso court judge council landlord stadhuis gemeentehuis woonplaats actium
    talis ben just thuis portaal yards trudo stadswarmte creditcard famed casade bso fysio innova basisschool
    fiscus kliniek dentist hospital pharmacy daycare""".split()
)
_BEFORE_WEAK = re.compile(
    r"(?:\b(?:de|het|een|van|bij|aan|mijn|die|the|of|from|door|naar|met|t|'t|den|me|mn|onze|to|with|ons|my)\s+(?:(?:oude|nieuwe|eigen|lokale|duitse|blauwe)\s+)?|^)$"
)
# "iemand van de gemeente" is a person, "achter de bank" a place, "via de bank" a way.
_NO_SENDER_BEFORE = re.compile(
    r"\b(?:(?:iemand|medewerker|medewerkster|mens|man|vrouw|mevrouw|meneer|persoon|ambtenaar|collega|hulp)\s(?:van|bij|uit)|"
    r"achter|onder|naast|via|op)\s(?:(?:de|het|'t|t|mijn)\s)?$"
)
# A school or a hospital is a sender only where something comes from it or goes to it.
_ALSO_PLACES = frozenset(
    "school huisarts ziekenhuis apotheek aow kinderbijslag rechter wijkteam opvang stadhuis gemeentehuis energie".split()  # noqa: E501
)
# A bailiff comes by and calls; he is a sender where a letter is spoken of.
_ALSO_CALLERS = frozenset({"deurwaarder", "deurwaarders", "bailiff", "gerechtsdeurwaarder"})
_ABOUT_A_LETTER = frozenset({"ask_explain_letter", "ask_amount", "ask_deadline", "correct_fact", "ask_most_urgent"})
_BEFORE_PLACE = re.compile(
    r"(?:\b(?:van|bij|aan|from|to|die|afzender|door)\s+(?:(?:de|het|een|mijn|die|the|den)\s+)?|^(?:en\s)?(?:de\s|het\s)?)$"
)
# Street words that are also everyday words; in a short message after "van" they still mean the sender.
_NEVER_FUZZY = frozenset(
    {"intrum", "famed", "school", "brief", "rechten", "rechter", "energiek", "toeslag", "betaling"}
)


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], dict[str, str], frozenset[str], frozenset[str]]:
    """Return sender names, language names (each with its code), terms and first names."""
    import rasa.shared.utils.io

    told = rasa.shared.utils.io.read_yaml_file(NAMES)
    senders = {str(name).lower(): code for code, names in told["senders"].items() for name in names}
    languages = {str(name).lower(): code for code, names in told["languages"].items() for name in names}
    return senders, languages, frozenset(told["terms"]), frozenset(told["first_names"])


@lru_cache(maxsize=4)
def _by_sound(kind: str) -> dict[str, tuple[str, str]]:
    """Return, by sound, the longer names of a kind: what a wrong letter may turn them from."""
    senders, languages, terms, _ = _names()
    pairs = {"sender": senders, "language": languages, "term": {term: term for term in terms}}[kind]
    return {sound(name): (name, code) for name, code in pairs.items() if " " not in name and len(name) >= 5}


def _one_edit(a: str, b: str) -> bool:
    """Whether `a` becomes `b` by one letter more, less, other, or by two neighbours changing places."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    rest_a, rest_b = a[start : len(a) - end], b[start : len(b) - end]
    return len(rest_a) <= 1 and len(rest_b) <= 1 or (len(rest_a) == 2 and rest_a == rest_b[::-1])


_LOOK_LIKE_NAMES = frozenset("enige enigste geleegd geleend incasseren toeslaan dus duur does doe dou eos gaas".split())
_TOKEN = re.compile(r"[^\W_]+(?:[.'-][^\W_]+)*")


@lru_cache(maxsize=1)
def _everyday() -> frozenset[str]:
    """Return the words of the sentences: whoever writes one of these means that word, not a name that looks like it.

    From nlu/ a word counts when two lines have it: a slip of the finger stands in one.
    """
    found = set(re.findall(r"[^\W\d_]+", PHRASES.read_text(encoding="utf-8").lower()))
    written: Counter[str] = Counter()
    for file in sorted(SENTENCES.glob("*.yml")):
        written.update(re.findall(r"[^\W\d_]+", file.read_text(encoding="utf-8").lower()))
    return frozenset(found | {word for word, times in written.items() if times > 1} | _LOOK_LIKE_NAMES)


@lru_cache(maxsize=1)
def _slips() -> dict[str, str]:
    """Return the usual slips in short names ("cjiib", "uvw", "essnt") with the code of the sender.

    Doubled letters and neighbours that changed places; in names of five letters and more also one letter missing.
    """
    found: dict[str, str] = {}
    senders = _names()[0]
    for name, code in senders.items():
        if not 3 <= len(name) <= 11 or " " in name or "." in name or name in _WEAK_SENDERS or name in _NEVER_FUZZY:
            continue
        made = {name[: i + 1] + name[i:] for i in range(len(name))}
        made |= {name[:i] + name[i + 1] + name[i] + name[i + 2 :] for i in range(len(name) - 1)}
        if len(name) >= 5:
            made |= {name[:i] + name[i + 1 :] for i in range(1, len(name))}
        for slip in made - senders.keys() - _everyday():
            found.setdefault(slip, code)
    return found


@lru_cache(maxsize=1)
def _several() -> tuple[tuple[str, str], ...]:
    """Return the names of two words and their codes."""
    return tuple((name, code) for name, code in _names()[0].items() if name.count(" ") == 1 and len(name) >= 10)


@lru_cache(maxsize=20_000)
def _nearly(name: str, whole: str) -> bool:
    """Whether two words are `whole` with one slip, or with a small ending ("kruisje")."""
    return _one_edit(name, whole) or name in {whole + "je", whole + "s", whole + "en"}


@lru_cache(maxsize=1)
def _together() -> dict[str, str]:
    """Return names of several words as they are written together or small: "zilverenkruis", "brabantwater"."""
    senders = _names()[0]
    return {name.replace(" ", ""): code for name, code in senders.items() if " " in name and len(name) >= 9}


@lru_cache(maxsize=20_000)
def _forgiven(kind: str, word: str) -> tuple[str, str] | None:
    """Return name and code of the one longer name that `word` nearly is."""
    if len(word) < 6 or word in _NEVER_FUZZY or word in _everyday():
        return None
    heard = sound(word)
    table = _by_sound(kind)
    if heard in table:
        return table[heard]
    if len(word) < 7:
        return None
    near = {
        code: (name, code)
        for key, (name, code) in table.items()
        if len(key) >= 6 and key[0] == heard[0] and _one_edit(heard, key)
    }
    return next(iter(near.values())) if len(near) == 1 else None


def _listed(kind: str, low: str, names: dict[str, str]) -> list[Fact]:
    """Return the listed names in `low`, the longest first, then words that nearly are one."""
    found: list[Fact] = []
    tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(low)]
    used: set[int] = set()
    for size in (4, 3, 2, 1):
        for i in range(len(tokens) - size + 1):
            if used & set(range(i, i + size)):
                continue
            name = low[tokens[i][1] : tokens[i + size - 1][2]]
            code = names.get(name) or names.get(name.replace("-", " "))
            # "cjib's" and "gemeentes" are the same sender, "deurwaarders" stands in the list.
            if code is None and size == 1:
                code = names.get(re.sub(r"('s|s)$", "", name)) if len(name) > 4 and name != "kosten" else None
            if code is None and size == 1 and kind == "sender":
                code = _slips().get(name) or _together().get(name)
            if code is None and size == 1:
                near = _forgiven(kind, name)
                code = near[1] if near else None
            if code is None and size == 2 and kind == "sender" and len(name) >= 10:
                # "zilveren kruisje", "zilvere kruis", "brabants water"
                code = next((c for whole, c in _several() if name[0] == whole[0] and _nearly(name, whole)), None)
            if code is not None:
                used |= set(range(i, i + size))
                found.append(Fact(kind, tokens[i][1], tokens[i + size - 1][2], code))
    return found


def _dates(low: str) -> list[Fact]:
    found = []
    for pattern in _DATES:
        for match in pattern.finditer(low):
            start, end = (match.start(1), match.end(1)) if pattern.groups else (match.start(), match.end())
            piece = low[start:end]
            inner = re.match(r"de\s+", piece)
            start += inner.end() if inner else 0
            found.append(Fact("date", start, start + len(low[start:end].rstrip(" .")), low[start:end].rstrip(" .")))
    for pattern in _WEAK_DATES:
        found += [Fact("date", m.start(), m.end(), m.group(), is_weak=True) for m in pattern.finditer(low)]
    found += [Fact("date", m.start(1), m.end(1), m.group(1), is_weak=True) for m in _YEAR.finditer(low)]
    return found


def _amounts(low: str) -> list[Fact]:
    found = []
    for pattern in _AMOUNTS:
        for m in pattern.finditer(low):
            start = m.start() + len(m.group()) - len(m.group().lstrip())
            found.append(Fact("amount", start, m.end(), low[start : m.end()]))
    found += [Fact("amount", m.start(1), m.end(1), m.group(1), is_weak=True) for m in _BARE_AMOUNT.finditer(low)]
    found += [Fact("amount", m.start(1), m.end(1), m.group(1), is_weak=True) for m in _PER_MONTH.finditer(low)]
    found += [
        Fact("amount", m.start(1), m.end(1), m.group(1), is_weak=True)
        for m in _ANY_NUMBER.finditer(low)
        if not re.fullmatch(r"20[12]\d", m.group(1))
    ]
    for m in _SPOKEN.finditer(low):
        start = m.start() + len(m.group()) - len(m.group().lstrip())
        found.append(Fact("amount", start, m.end(), low[start : m.end()], is_weak=True))
    return found


def _letter_refs(low: str) -> list[Fact]:
    found = []
    for match in _NUMBERED.finditer(low):
        if match.group(1) == "een" and not re.match(
            r"\b(?:brief|nummer|nr)\s(?:nummer\s)?(?:een|één)\s*(?:$|\?|,|uit|is|voor)", low[match.start() :]
        ):
            continue
        value = str(_NUMBER_WORDS.get(match.group(1), match.group(1)))
        found.append(Fact("letter_ref", match.start(1), match.end(1), value))
    for match in _ORDINAL.finditer(low):
        before, after = low[: match.start()].rstrip(), low[match.end() :]
        if re.match(rf"\W*(?:{_NOT_LETTERS})\b", after) or re.search(
            r"\b(?:als|voor het|het|t|'t|op z'n|ten|op het|pas de|op de|tot de|sinds de|rond de)$", before
        ):
            continue
        if re.match(r"\s+(?:van|wat|waar|die|dat|dingen)\s+(?:ik|wat|er|de week|de maand|mijn leven)", after):
            continue
        if (
            before
            and not re.search(rf"\b{_BEFORE_ORDINAL}$", before)
            and not re.match(r"\s*(?:brief|brieven|envelop|letter|one|foto|rekening)\b", after)
        ):
            continue
        if re.search(r"\b(?:mijn|uw|je|een|met|bij)$", before) and not re.match(
            r"\s*(?:brief|envelop|letter|foto|rekening)\b", after
        ):
            continue
        if match.group(1) in {"last", "eerst'n"} and not re.search(r"\b(?:the|that|de|die)$", before):
            continue
        found.append(Fact("letter_ref", match.start(), match.end(), _ORDINALS[match.group(1)]))
    found += [Fact("letter_ref", m.start(1), m.end(1), m.group(1)) for m in _DIGIT_ORDINAL.finditer(low)]
    return found


def _people(text: str, low: str) -> list[Fact]:
    found = [Fact("person", m.start(1), m.end(1), text[m.start(1) : m.end(1)]) for m in _TITLE_PERSON.finditer(low)]
    found += [
        Fact("person", m.start(1), m.end(1), m.group(1), is_weak=True)
        for m in _KIN_PERSON.finditer(low)
        if not _ANY_MAN.match(m.group())
    ]
    found += [
        Fact("person", m.start(1), m.end(1), m.group(1), is_weak=True)
        for m in _ROLE_PERSON.finditer(low)
        if " " in m.group(1) or not re.search(r"\b(?:een|n|'n|geen|ne|a|liever|door|of)\s$", low[: m.start()])
    ]
    firsts = _names()[3]
    for match in _TOKEN.finditer(low):
        if match.group() in firsts:
            found.append(Fact("person", match.start(), match.end(), text[match.start() : match.end()]))
    known = frozenset(_names()[0]) | frozenset(_names()[1])
    for match in _CAPITAL_NAME.finditer(text):
        if match.group().lower() not in known and match.group().lower() not in {
            "nederland",
            "nederlands",
            "turkije",
            "god",
            "allah",
            "digid",
        }:
            found.append(Fact("person", match.start(), match.end(), match.group(), is_weak=True))
    return found


def _without_overlap(facts: list[Fact]) -> list[Fact]:
    """Return the facts from left to right; where two share letters, the longer stays."""
    kept: list[Fact] = []
    for fact in sorted(facts, key=lambda f: (-(f.end - f.start), f.is_weak, f.start)):
        if all(fact.end <= other.start or fact.start >= other.end for other in kept):
            kept.append(fact)
    return sorted(kept, key=lambda f: f.start)


def _in_small_letters(text: str) -> str:
    """Return `text` in small letters, or as it is where that would move its places (a few letters change length)."""
    low = text.lower()
    return low if len(low) == len(text) else text


def _about_letters(low: str) -> list[Fact]:
    """Return the dates, amounts, numbers of letters and senders in `low`."""
    facts = _without_overlap(_dates(low) + _amounts(low))
    taken = [(fact.start, fact.end) for fact in facts if not fact.is_weak]
    facts += [f for f in _letter_refs(low) if all(f.end <= a or f.start >= b for a, b in taken)]
    for fact in _listed("sender", low, _names()[0]):
        weak = low[fact.start : fact.end] in _WEAK_SENDERS
        facts.append(Fact("sender", fact.start, fact.end, fact.value, weak))
    return facts


def find_facts(text: str) -> list[Fact]:
    """Return every fact in `text`, whatever the intent; overlapping facts of different kinds may both be there."""
    low = _in_small_letters(text)
    _, languages, terms, _ = _names()
    facts = _about_letters(low)
    facts += _listed("language", low, languages)
    facts += _listed("term", low, {term: term for term in terms})
    facts += _without_overlap(_people(text, low))
    return facts


def _is_other_language_meant(low: str, facts: list[Fact], dutch: Fact) -> bool:
    """Whether Dutch is only what the resident does not speak."""
    if any(fact.kind == "language" and fact.value != "nl" for fact in facts):
        return True
    behind = re.match(
        r"\s(?:is|gaat|lukt|spreek|niet|kan|lezen)?\s?(?:niet|moeilijk|lastig|slecht|te)\b", low[dutch.end :]
    )
    return bool(
        behind
        or re.search(r"\b(?:geen|niet|niet goed|weinig|slecht|no|not|don't speak|bijna geen)\s$", low[: dutch.start])
    )


_ASKED_WORD = re.compile(
    r"\b(?:wat is|wat zijn|wa is|wat betekent|wat betekend|betekent|what is|what does|het woord|bedoelen ze met|wat houdt|uitleg van|"  # noqa: E501 - a list of words reads best whole
    r"betekenis van|uitleggen wat|er staat|leg)\s(?:een |de |het |dat |nou |eigenlijk |dat nou |nen |ne |a |n |voor iets |ergens |es |uit wat |woord |in hemelsnaam |in godsnaam |toch |nou weer |dan |precies )*"  # noqa: E501 - a list of words reads best whole
    r"([^\W\d_]{5,}(?: stelling| aansprakelijk| titel| rente| beroep)?)"
)
# "invordering wat is dat", "zienswijze snap ik niet"
_WORD_FIRST = re.compile(
    r"^([^\W\d_]{6,})\W+(?:wat is (?:da|det|dah|zo)|wat betek|wat houdt|wat wil|snap ik|begrijp ik|ken ik|"
    r"nooit van|dat woord|is dat|betekent|hoezo|huh)"
)
_NO_WORD = frozenset(
    "betekent betekend betekenis woord precies eigenlijk dit deze brief volgende bedoeling betekenen verschil moeilijk uitleg zeggen".split()  # noqa: E501
)


def _asked_word(low: str) -> list[Fact]:
    """Return the word that is asked about when no known term stands in the question."""
    return [
        Fact("term", m.start(1), m.end(1), m.group(1))
        for m in (*_ASKED_WORD.finditer(low), *_WORD_FIRST.finditer(low))
        if m.group(1) not in _NO_WORD
    ][:1]


def _is_money(low: str, fact: Fact, intent: str) -> bool:
    """Whether a number without "euro" is money: spoken or monthly where money is the matter, any in a correction."""
    if intent == "correct_fact":
        return True
    if intent not in MONEY_INTENTS:
        return False
    return not fact.value.isdigit() or bool(_PER_MONTH.match(low, fact.start))


def keep_facts(text: str, facts: list[Fact], intent: str) -> list[Fact]:
    """Return the facts that belong to what was meant: a term where a word is asked, a person where people are."""
    low = text.lower()
    kept: list[Fact] = []
    for fact in facts:
        if fact.kind == "term" and intent != "ask_explain_word":
            continue
        if fact.kind == "sender":
            if intent in SENDERLESS and (fact.is_weak or intent in {"ask_explain_word", "chitchat"}):
                continue
            if fact.is_weak and not _BEFORE_WEAK.search(low[: fact.start]):
                continue
            if _NO_SENDER_BEFORE.search(low[: fact.start]) or intent == "ask_privacy":
                continue
            if low[fact.start : fact.end] in _ALSO_PLACES and not _BEFORE_PLACE.search(low[: fact.start]):
                continue
            if (
                low[fact.start : fact.end] in _ALSO_CALLERS
                and intent not in _ABOUT_A_LETTER
                and not _BEFORE_PLACE.search(low[: fact.start])
            ):
                continue
            if intent.startswith("crisis_") and fact.value in {"gerechtsdeurwaarder", "woningcorporatie"}:
                continue
        if fact.kind == "person" and intent not in PERSON_INTENTS:
            continue
        if fact.kind == "person" and fact.is_weak and intent == "ask_status":
            continue
        if fact.kind == "person" and intent in {"request_human", "ask_who"} and fact.is_weak:
            continue
        if fact.kind == "date" and fact.is_weak and intent not in DATE_INTENTS:
            continue
        if fact.kind == "date" and fact.is_weak and intent == "ask_deadline":
            continue
        if fact.kind == "date" and _SOME_TIME_AGO.match(fact.value) and intent != "correct_fact":
            continue
        if fact.kind == "amount" and fact.is_weak and not _is_money(low, fact, intent):
            continue
        if fact.kind == "language" and fact.value == "nl" and _is_other_language_meant(low, facts, fact):
            continue
        if fact.kind == "language" and intent not in {"change_language", "prefer_other_person", "request_human"}:
            continue
        kept.append(fact)
    if intent == "ask_explain_word" and not any(fact.kind == "term" for fact in kept):
        kept += _asked_word(low)
    return _without_overlap(kept)


def masked(text: str) -> str:
    """Return `text` with dates, amounts, senders and numbers of letters as their kind, so that all read alike."""
    pieces, at = [], 0
    wanted = [fact for fact in _about_letters(_in_small_letters(text)) if not fact.is_weak]
    for fact in _without_overlap(wanted):
        pieces += [
            text[at : fact.start],
            {"date": "xdatum", "amount": "xbedrag", "sender": "xafzender", "letter_ref": "xnummer"}[fact.kind],
        ]
        at = fact.end
    return "".join([*pieces, text[at:]])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class FactReader(GraphComponent, EntityExtractorMixin):
    """Rasa's door to the facts: stands last in the pipeline, where the intent is known."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FactReader:
        """Return a reader; it learns nothing, its names come from names.yml."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the entities of each message."""
        for message in messages:
            text = str(message.get(TEXT) or "")
            intent = (message.get(INTENT) or {}).get(INTENT_NAME_KEY) or ""
            entities = [
                {"entity": f.kind, "start": f.start, "end": f.end, "value": f.value, "extractor": "FactReader"}
                for f in keep_facts(text, find_facts(text), intent)
            ]
            message.set(ENTITIES, entities, add_to_output=True)
        return messages
