"""Phrases that set a time: told apart from the many other dates on a letter, each with the words that prove it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from briefbrug.letter import Action, DeadlineClue
from ocr.dates import NUMBER_WORDS, DateSeen
from ocr.lines import Marked, Token

_D = r"<d(\d+)>"
_WEEKDAY = r"(?:(?:maan|dins|woens|donder|vrij|zater|zon)dag )?"

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=\S)")
_ABBREVIATED = re.compile(
    r"\b(?:nr|art|mr|dhr|mevr|dr|drs|ing|p/a|t\.n\.v|o\.v\.v|i\.v\.m|m\.b\.t|d\.d|jl|a\.s|tel|incl|excl|ca|blz|lid|st|sub|no)\.$"
)


FIRM = 7.0
"""Score from which a phrase surely sets the letter's own time."""
ACT_REACH = 400
"""How many letters from a phrase the act that it sets a time for can stand."""
FAR_OFF_DAYS = 150
"""A day without a year that would lie further ahead is one of the past year."""


@dataclass(frozen=True, slots=True)
class ClueSeen:
    """One phrase: what it says, the tokens that say it, and how likely it is the letter's deadline (higher is more)."""

    clue: DeadlineClue
    tokens: tuple[Token, ...]
    score: float
    seen: DateSeen | None = None
    date_tokens: tuple[Token, ...] = ()
    sentence: str = ""


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield start and text of each sentence."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if _ABBREVIATED.search(text[start : match.start()][-12:]):
            continue
        yield start, text[start : match.start()]
        start = match.end()
    if start < len(text):
        yield start, text[start:]


_ACTIONS: tuple[tuple[Action, re.Pattern[str]], ...] = (
    (Action.BEZWAAR, re.compile(r"\bbezwaar|bezwaarschrift|\bberoep\b|beroepschrift|\bverzet\b|hoger beroep|\bobject(?:ion)?\b|\bappeal\b")),
    (Action.VERSCHIJNEN, re.compile(r"verschijn|afspraak|zitting|hoorzitting|spreekuur|\bgesprek\b|aanwezig|langs(?:komen| te komen)|uitgenodigd|nodigen|rechtbank|kantonrechter|appointment|hearing")),
    (Action.BETALEN, re.compile(r"betal|betaal|voldaan|voldoen|overma|over te (?:maken|boeken)|overboek|boek[^.]{0,30} over\b|stort|\btransfer|\bgeld\b|maak[^.]{0,30} over\b|bijgeschreven|te ontvangen|bedrag|vervaldatum|vervaldag|verschuldigd|\bpay|afgeschreven|schrijven wij|incasse|aflos|termijn van|achterstand")),
    (Action.OPSTUREN, re.compile(r"(?<!ver)stuur|(?<!ver)sturen|opgestuurd|toezend|toe te zenden|zenden|inlever|lever|aanlever|indien|formulier|gegevens|bewijsstuk|kopie|upload|invul|vragenlijst|\bsend\b|\bsubmit\b|informatie (?:te )?(?:geven|verstrekken)|verstrek|retour")),
    (Action.BELLEN, re.compile(r"\bbelt?\b|bellen|telefonisch|telefoon|\bcall\b")),
    (Action.REAGEREN, re.compile(r"reage|reactie|antwoord|contact|zienswijze|laat[^.]{0,20}weten|aanmelden|akkoord|accepte|melden|\bmeldt?\b|doorgeven|geef[^.]{0,30}door|opzeg|wijzig|reply|respond|kenbaar|aanvra")),
)  # fmt: skip


_PROTEST = re.compile(
    r"(?:bezwaar|beroep|verzet)schrift[^.]{0,60}(?:stuur|sturen|zenden|indien)|(?:stuur|sturen|zenden|indien)[^.]{0,80}(?:bezwaar|beroep|verzet)schrift"
)


def action_in(sentence: str, at: int | None = None) -> Action | None:
    """Return what a sentence asks for; of several acts the one nearest to place `at`, rights before other acts."""
    if at is not None:
        # A sentence without end (a table, a hostile page) costs no more than a long one.
        begin = max(0, at - ACT_REACH)
        sentence, at = sentence[begin : at + ACT_REACH], at - begin
    if _PROTEST.search(sentence):
        return Action.BEZWAAR  # "stuur dan binnen zes weken een bezwaarschrift": what is sent tells the act
    best: tuple[float, Action] | None = None
    for action, pattern in _ACTIONS:
        for match in pattern.finditer(sentence):
            distance = 0.0 if at is None else float(min(abs(match.start() - at), abs(match.end() - at)))
            if action is Action.BEZWAAR:
                distance *= 0.5
            if best is None or distance < best[0]:
                best = (distance, action)
            if at is None:
                return action
    return best[1] if best else None


# What stands before a date that makes it a last day. The order matters: the first that fits counts.
_BEFORE_DATE: tuple[tuple[str, str, float], ...] = (
    (r"(?:op of (?:voor|uiterlijk)|voor of (?:uiterlijk )?op|uiterlijk (?:voor of )?op of (?:voor|tegen)|(?:voor|op) (?:of|en) uiterlijk(?: op)?)", "on_or_before", 10),
    (r"(?:tot en met|t/m|t\.e\.m\.?|t/m\.|tot uiterlijk(?: op)?|tot en met uiterlijk)", "on_or_before", 8),
    (r"uiterlijk(?: op| per| tot| binnen zijn op| ontvangen op| is| betalen op)?:?", "on_or_before", 10),
    (r"(?:niet later dan|ten laatste(?: op)?|op zijn laatst(?: op)?|no later than|not later than|on or before|at the latest(?: on)?|due (?:by|on|date)?:?|deadline(?: is)?:?)", "on_or_before", 10),
    (r"(?:uiterste|laatste) (?:betaal|reactie|inlever|antwoord|inzend|aanlever|in|bezwaar)?-?(?:datum|dag|dag om te betalen)(?: van betaling| om te reageren| om te betalen| waarop u kunt \w+| voor \w+|(?: [a-z]+){1,4}?(?= (?:is|was|blijft) ))?(?: is| was| blijft)?:?", "on_or_before", 11),
    (r"(?:\w?erval(?:datum|dag)|betaaldatum|betaaltermijn(?: eindigt(?: op)?)?|reactiedatum|inleverdatum|te betalen (?:op|per|uiterlijk)|betaald (?:zijn )?(?:op|per)|expiry date|due date|payment due(?: date)?)(?: is| valt op)?:?", "on_or_before", 9),
    (r"(?:te )?(?:betalen|voldoen|reageren|betaald|binnen|reageer|retourneren|insturen|inleveren|opsturen|terugsturen|antwoorden) voor:?", "before", 10),
    (r"(?:zodat|dat) (?:wij|we) (?:ze|het|die|deze|dit|alles|uw \w+)(?: op zijn laatst| uiterlijk)? op", "on_or_before", 9),
    (r"(?:niet|nog niet|moeten|hebben) (?:hebben )?(?:ontvangen|binnen|teruggekregen|gekregen) (?:hebben )?op", "on_or_before", 8),
    (r"(?:by|not later than|until and including)", "on_or_before", 9),
    (r"(?:before|prior to)", "before", 7),
    (r"(?:termijn|inschrijving|gelegenheid|mogelijkheid|reactietijd|tijd om[^.;<]{3,30})\b[^.;<]{0,40}(?:eindigt|loopt af|loopt|verloopt|verstrijkt|sluit|stopt)(?: op| per| tot en met)?:?", "on_or_before", 8),
    (r"(?:voor|vóór|vòòr)", "before", 8),
    (r"(?:kunt?|hebt|heeft|(?<!die )(?<!hij )(?<!zij )krijgt|tijd|gelegenheid|mogelijkheid|uitstel|geven wij u|(?:geven|gunnen|bieden|verlenen) u|mag)\b[^.]{0,50}\btot", "until_ambiguous", 7),
    (r"(?:betaal|reageer|stuur|bezwaar|betalen|reageren|geldt)\b[^.]{0,40}\btot", "until_ambiguous", 6),
)  # fmt: skip

_LAST_DAY = [
    (re.compile(pattern + r" (?:de |the )?" + _WEEKDAY + _D), regime, score) for pattern, regime, score in _BEFORE_DATE
]

# "De stukken moeten op <d> bij ons zijn", "zorg dat het bedrag op <d> op onze rekening staat": a last day without its word.
_RECEIVED = re.compile(
    r"(?:moet(?:en)?|dien(?:t|en)|behoort|behoren|zorg(?:t|en)?|verwachten|zodat|willen|wilt|graag|verzoeken|vragen|gelieve|must)\b(?:[^.;<]|<(?!d)){0,110}?(?:(?:op|per|tegen|er|dan|voor of op|on) )?"
    + _WEEKDAY
    + _D
    + r"[,.]? ?(?:[a-z]+ ){0,3}?(?:bij ons|in ons bezit|in huis|binnen|ontvangen|bijgeschreven|op (?:onze|de|deze|bovenstaande) (?:bank)?rekening|(?:zijn|is|hebben|staan|staat)\b|terug|te (?:voldoen|betalen|ontvangen)|betaald|voldaan)"
)
# "Per 27 november te voldoen", "betaal dit per 27 november".
# "De papieren liggen op <d> bij ons op kantoor", "uw betaling is op <d> binnen": said as if it were so already.
_LIES_BY = re.compile(
    r"\b(?:ligt|liggen|is|zijn|staat|staan|hebben (?:wij|we)|ontvangen (?:wij|we))\b(?:[^.;<]|<(?!d)){0,60}? (?:(?:uiterlijk )?(?:op|per|voor of op|tegen)|uiterlijk) "
    + _WEEKDAY
    + _D
    + r"[,.]? ?(?:[a-z]+ ){0,2}?(?:bij ons|bij mij|in ons bezit|in huis|binnen\b|op (?:onze|de|deze|mijn) (?:bank)?rekening|op kantoor|terug\b|in bezit)"
)
_PER = re.compile(r"(?:^|[ ,])per (?:uiterlijk )?" + _WEEKDAY + _D)
_PAY_BY = re.compile(
    r"te (?:voldoen|betalen|ontvangen)|over te maken|overmaken|voldaan|betaald|\bbetaal\b|betalen|voldoen|bijgeschreven|op (?:onze|mijn) rekening"
)
_FIRST_PART = re.compile(
    r"(?:(?:eerste|volgende) (?:termijn|deel|betaling|maandbedrag|bedrag|keer)|voor het eerst|\bde eerste(?= op| per| uiterlijk))\b(?:[^.;<]|<(?!d)){0,60}?\b(?:op|per|rond) "
    + _WEEKDAY
    + _D
)
_WE_PAY = re.compile(
    r"\b(?:lossen|lost|schrijven|storten|betalen|maken|boeken) (?:wij|we)\b|\b(?:wij|we) (?:lossen|schrijven|storten|betalen|maken|boeken)\b|\b(?:krijgt|ontvangt) u\b|\bu (?:krijgt|ontvangt)\b"
)
_CALLED_OFF = re.compile(
    r"gaat[^.]{0,20} niet door|gaan[^.]{0,20} niet door|is (?:geannuleerd|afgelast|vervallen)|komt te vervallen|vindt niet plaats|hoeft niet meer"
)
_CHANGES = re.compile(r"wijzig|verander|verhog|verlag|wordt|gaat|geldt|gelden|eindig|stop|ingaand|opgezegd|beeindig")
_EVENT_WORDS = (
    r"afspraak|zitting|gesprek|hoorzitting|spreekuur|onderzoek|ontruim|behandel|roldatum|rolzitting|verschijn|uitnodig|verwacht(?:en)?(?: wij)? u|nodig(?:en)?(?: wij)? u|langs|keuring|bezoek|huisbezoek|oproep|veiling|verkoop"
    r"|afsluit|afgesloten|sluiten|sluit|afgeschreven|schrijven|schrijft|incasse|ingehouden|stoppen|stopt|beeindig|eindigt|blokker|verwijder|dagvaard|comparitie|appointment|hearing|meeting|verlaten|leveren|bespreking|intake|proberen (?:wij|we) het|opnieuw (?:af|incass)|ouderavond|bijeenkomst|vergadering|informatieavond|maken (?:\w+ )?kennis|kennismak|kennis maken|spreekt|zitten wij|ontvangen (?:wij|we|ik) u|zien (?:wij|we|ik) (?:u|je)|kom(?:t|en)? "
)
_EVENT = re.compile(rf"(?:{_EVENT_WORDS})")
_HOURS = "een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf"
_CLOCK_WORDS = rf"(?:(?:om|te|vanaf) )?(?:(?:kwart|vijf|tien) (?:over|voor) (?:half )?(?:{_HOURS}|\d{{1,2}})|half (?:{_HOURS}|\d{{1,2}})|(?:{_HOURS}) uur)\b"
"""A time of day in words: "om kwart over een", "om half tien"."""
_ON_DATE = re.compile(
    r"(?:\bop|\btegen|\bper|\bvan|\bon|\bdatum|\bdag|:|\bwanneer|\bop of rond|\brond)(?: de)? (?:een )?"
    + _WEEKDAY
    + _D
    + r"(?P<time>[,.]? ?(?:(?:van |om |te |at |tussen |vanaf |, |\()? ?(?:\d{1,2}[.:u]\d{2}|\d{1,2} uur)[^.]{0,20}?(?:uur)?|"
    + _CLOCK_WORDS
    + r"))?"
)
_BARE_WITH_TIME = re.compile(
    _D
    + r"[,.]? ?"
    + _CLOCK_WORDS
    + r"|"
    + _D
    + r"[,.]? ?(?:om|te|at|van|tussen|tijd:?|aanvang:?|vanaf|-)? ?(?:\d{1,2}[.:]\d{2})(?: ?uur| ?u\b|$|\s)"
)
_START = re.compile(
    r"(?:met ingang van|ingaande|vanaf|per|with effect from|as of|starting(?: on)?) (?:de )?" + _WEEKDAY + _D
)
_STOPS = re.compile(
    r"non-actief|niet langer|geen toegang|op slot|buiten gebruik|intrek|trekken (?:wij|we)|opheff|verliest|verliezen|zonder (?:stroom|gas|water|verzekering|uitkering)|stop|beeindig|eindig|afgesloten|afsluit|sluiten|verlaag|verlaging|lager|geen (?:recht|uitkering|energie|water|levering|dekking)|opgeschort|blokker|vervalt|ontbind|opgezegd|ingetrokken|ingehouden|niet meer|terminate|stopped|suspend"
)

UNIT = r"(?P<unit>(?:kalender|werk)?dagen|(?:werk)?dag|weken|week|maanden|maand|uur|uren|(?:working |business )?days|weeks?|months?|hours)"
_WORDS = "|".join(sorted((w for w in NUMBER_WORDS if NUMBER_WORDS[w] <= 60), key=len, reverse=True))
NUMBER = rf"(?P<n>\d{{1,3}}|{_WORDS}|two|three|four|six|eight|ten|fourteen)(?: ?\(\w+\))?"
_TERM = re.compile(
    rf"\b(?:binnen|within|gedurende|uiterlijk(?: binnen)?|tot en met|tot uiterlijk|tot|niet later dan|in|een termijn van|uiterlijk over|(?:betalings?|betaal|reactie|bezwaar)?termijn(?: (?!is|bedraagt)[a-z<>0-9]+){0, 6}? (?:is|bedraagt)|betalingstermijn(?: is| van| bedraagt|:)?|betaaltermijn(?: is| van|:)?|(?:betalings?|betaal|reactie|bezwaar)termijn[^.;]{{0,40}}? (?:is|bedraagt)|reactietermijn(?: is| van|:)?|bezwaartermijn(?: is| van|:)?|termijn(?: is| van|:)?|termijn om te \w+ is|(?:krijgt (?:u|je)|heb(?:t u|t je| je)|heeft (?:u|je)|(?:u|je) (?:hebt|heeft|krijgt|heb)|(?:geven|gunnen|bieden|verlenen|stellen) (?:wij|we|ik) (?:u|je)|(?:wij|we|ik) (?:geven|geef|gunnen|gun|bieden|bied|verlenen|stellen) (?:u|je))(?: (?:nog|hiervoor|daarvoor|hierop|dan|nu|daartoe|in totaal|om te betalen|voor betaling|ruim|precies))*|uitstel van|bevel[^.]{{0,40}}) ?(?:een (?:termijn|periode) van )?(?:uiterlijk )?(?:de )?{NUMBER} ?(?:volle |hele |gehele )?{UNIT}"
    r"(?=(?P<tail>[^.;]{0,110}))"
)
_ENGLISH = {"two": 2, "three": 3, "four": 4, "six": 6, "eight": 8, "ten": 10, "fourteen": 14}
_ANCHORS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("betekening", re.compile(r"^[^.]{0,14}\b(?:na|vanaf|sinds|na de|after)\b[^.]{0,25}(?:beteken|exploot|\bbevel\b|dwangbevel|service)|^[^.]{0,10}\bna heden")),
    ("ontvangst", re.compile(r"^[^.]{0,14}\b(?:na|nadat|vanaf|after|van)\b[^.]{0,45}(?:ontvang|ontvangst|bezorg|bereikt|bij u is|gekregen|receipt|receiv|krijgt)")),
    ("verzending", re.compile(r"^[^.]{0,14}\b(?:na|nadat|vanaf|after|van)\b[^.]{0,45}(?:verzend|verzond|verstuur|versturen|toezend|bekendma|bekendgemaakt|postmerk|sending|sent)")),
    ("uitspraak", re.compile(r"^[^.]{0,14}\b(?:na|vanaf|after)\b[^.]{0,35}(?:uitspraak|vonnis|arrest)")),
    ("dagtekening", re.compile(r"^[^.]{0,14}\b(?:na|vanaf|after|of|te rekenen|gerekend)\b[^.]{0,45}(?:dagtekening|datum|deze (?:brief|aanmaning|nota|factuur|beslissing|herinnering|aanslag|acceptgiro)(?! (?:[a-z]+ ){0,4}(?:ontvang|bezorg|gekregen|kreeg|krijgt|verzonden|verstuurd|bereikt|is bij u))|deze[n]?[.,]?$|dezes|dit (?:besluit|schrijven)|date|letter|heden|vandaag|besluit|beschikking)")),
    ("dagtekening", re.compile(r"^[^.]{0,6}\b(?:na|vanaf|after) (?:de )?<d\d+>")),
)  # fmt: skip

_HISTORY = re.compile(
    r"(?:betalingen|stortingen|boekingen|mutaties|betaling(?:en)? (?:die|tot))[^.]{0,60}(?:verwerkt|ontvangen|bijgewerkt|meegenomen|bekend)|(?:verwerkt|bijgewerkt) (?:tot|t/m|voor|na)"
    r"|hadd?(?:en)? (?:u|dit|deze)?[^.]{0,60}moeten|moest u|verstreken|is (?:inmiddels )?verlopen|vroegen wij|verzochten wij|hebben wij u (?:gevraagd|verzocht|geschreven|gewezen)|heb(?:t|ben) u[^.]{0,30}gevraagd"
    r"|had(?:den)?[^.]{0,40}(?:betaald|ontvangen|binnen) moeten|is niet (?:betaald|ontvangen|voldaan)|wij u (?:op|in) <d"
)
_PERIOD = re.compile(
    r"(?:van|vanaf|periode:?|tijdvak:?|over|tussen|between|from|loopt van|maand) (?:de )?(?:periode (?:van )?)?"
    + _WEEKDAY
    + r"<d\d+>,? ?(?:tot en met|t/m|tot|en|-|until|to|up to and including) ?"
    + _WEEKDAY
    + _D
)
_RANGE = re.compile(r"<d\d+>,? ?(?:tot en met|t/m|tot|-|until|to) ?" + _WEEKDAY + _D)
_VALID = re.compile(
    r"\b(?:geldig|geldt|loopt|contract|abonnement|actie|aanbieding|aanbod|polis|verzekerd|overeenkomst|looptijd|verzekering|korting|regeling|valid|offer|indicatie|beslagvrije voet)\b[^.]{0,50}(?:tot en met|t/m|tot|uiterlijk|until|voor)"
)
_OURS = re.compile(
    r"wij (?:beslissen|nemen|reageren|beantwoorden|sturen|behandelen|laten|streven|betalen|maken)|(?:geld|bedrag) (?:staat|komt) |ontvangt u|u ontvangt|u (?:hoort|verneemt)|krijgt u (?:van ons|antwoord|bericht|een|uw|de )|hoort u|hoor(?:t|en) u|nemen wij contact|beslist|wordt uitbetaald|storten wij"
)

_OFFER = re.compile(
    r"^(?:u (?:kunt|mag) (?:ook|het|dit|de rekening|in|een|eventueel|desgewenst)|liever|wilt u (?:liever|een|in|gebruik)|lukt|kunt u (?:het |dit |dat |de \w+ )?(?:bedrag )?niet|heeft u moeite|betalen in|is (?:het|dit) (?:bedrag )?te veel)\b|(?:gespreid|in termijnen|later) betalen\b[^.]{0,30}\b(?:als|indien|wanneer) u\b"
)
_LAST_OF = re.compile(
    r"(?:laatste dag|einddatum|ingangsdatum|einde) van (?:uw|de|het|je) (?:huur\w*|contract|overeenkomst|verzekering|polis|abonnement|dienstverband|werk|opvang|lidmaatschap|uitkering)[^<]{0,30}<d\d+>"
)
_NEXT = re.compile(
    r"\b(?:volgende|nieuwe|next|regular|komende) (?:\w+ )?(?:termijn|factuur|nota|rekening|betaling|incasso|instal+ment|payment|invoice|afschrijving)\b[^.<]{0,30}$"
)
_ASKED = re.compile(
    r"\b(?:u|jij|je|partijen|gedaagde|gerekwireerde|debiteur) (?:moet|dient|kunt|kan|hebt|heeft|wordt|mag)\b|\b(?:moet|moeten|dient|dienen|kunt|wilt|hebt|heeft) (?:u|je)\b|(?:^|[,:] )(?:betaal|stuur|maak|reageer|neem|geef|bel|lever|vul|zorg|laat|meld|schrijf|graag|wilt)\b|verzoeken|vragen wij|wij vragen|wij verwachten|bezwaar|moet(?:en)?\b|dien(?:t|en)\b"
)
"""The resident is asked for something."""
_TO_YOU = re.compile(
    r"(?:wij|we) (?:maken|storten|betalen|boeken)[^.]{0,60}<d\d+>[^.]{0,30}(?:over|uit|terug|op uw)|(?:staat|hebt u|heeft u|krijgt u) (?:het|uw) (?:geld|bedrag)[^.]{0,40}<d"
)
"""Money that comes to the resident."""


def _paid_in(previous: str) -> Action | None:
    """Return paying when the sentence before names an amount: "Het minimum is € 35. Dat moet zaterdag binnen zijn."."""
    return Action.BETALEN if "<a" in previous else None


def number_of(text: str) -> int | None:
    """Return the number that figures or a word (Dutch or English) say; None when they say none."""
    if text.isdigit():
        return int(text)
    return NUMBER_WORDS.get(text) or _ENGLISH.get(text)


def unit_of(text: str) -> str:
    """Return the unit of a term ("days", "weeks", "months", "working_days", "hours") that a word names."""
    if text.startswith(("werk", "working", "business")):
        return "working_days"
    if text.startswith(("week", "weken")):
        return "weeks"
    if text.startswith(("maand", "month")):
        return "months"
    if text.startswith(("uur", "uren", "hour")):
        return "hours"
    return "days"


def find_clues(
    run: Marked, dates: Sequence[DateSeen], letter_date: date | None, in_row: bool = False
) -> list[ClueSeen]:
    """Return the phrases of one run of text that set a time.

    Args:
        run: text in which `<d0>` stands for `dates[0]`, and so on.
        dates: the dates of this run.
        letter_date: gives a year to a day without one, and tells what is past; None when unknown.
        in_row: the run is a printed line with a label and a value, not running text.
    """
    found: list[ClueSeen] = []
    previous = ""
    for start, sentence in sentences(run.text):
        found.extend(_dated(run, start, sentence, previous, dates, letter_date, in_row))
        if not in_row or TERM_ROW.match(sentence):
            found.extend(_terms(run, start, sentence, previous, dates))
        previous = sentence
    return found


def _dated(
    run: Marked,
    start: int,
    sentence: str,
    previous: str,
    dates: Sequence[DateSeen],
    letter_date: date | None,
    in_row: bool,
) -> Iterator[ClueSeen]:
    if "<d" not in sentence:
        return
    used: set[int] = set()
    periods = {int(m.group(m.lastindex or 1)) for p in (_PERIOD, _RANGE) for m in p.finditer(sentence)}

    def make(match: re.Match[str], number: int, regime: str, score: float, action: Action | None) -> ClueSeen | None:
        seen = dates[number]
        printed = seen.on(letter_date)
        if printed is None or number in used:
            return None
        if letter_date is not None and printed < letter_date:
            return None
        if seen.year is None and letter_date is not None and (printed - letter_date).days > FAR_OFF_DAYS:
            return None  # "op 4 augustus spraken wij af" in November looks back
        used.add(number)
        tokens = run.tokens_at(start + match.start(), start + match.end())
        mark = sentence.find(f"<d{number}>")
        date_tokens = run.tokens_at(start + mark, start + mark + 3)
        return ClueSeen(
            DeadlineClue(regime, printed=printed, action=action), tokens, score, seen, date_tokens, sentence
        )

    past = bool(_HISTORY.search(sentence))
    for pattern, regime, score in _LAST_DAY:
        for match in pattern.finditer(sentence):
            number = int(match.group(1))
            if number in periods or number in used:
                continue
            context = sentence[max(0, match.start() - 90) : match.end()]
            if _VALID.search(context) and not re.search(
                r"betaal|betal|reage|bezwaar|stuur|\bsluit\b|\bregel\b|\bgeef\b|\bmeld\b|\bvraag\b|lever", context
            ):
                continue
            # "de factuur voor 1 december" names a bill; "betaal de factuur vóór 1 december" sets a time.
            if (
                regime == "before"
                and re.search(
                    r"(?:afspraak|uitnodiging|factuur|termijn|premie|huur|rekening|nota|zitting|oproep|dagvaarding) $",
                    sentence[max(0, match.start() - 14) : match.start()],
                )
                and not re.search(
                    r"(?:beta+l|voldoe|reage|stuur|maak)(?![^<]*(?:termijn|afspraak|zitting) $)",
                    sentence[max(0, match.start() - 50) : match.start()],
                )
            ):
                continue
            # What follows behind a comma ("dan krijgt u ..") is what comes of it.
            behind = re.split(r", dan |, want |, zodat ", sentence[match.end() : match.end() + 70])[0]
            before_after = sentence[max(0, match.start() - 60) : match.end()] + behind
            if _LAST_OF.search(sentence[: match.end()]):
                continue
            action = action_in(sentence, match.start()) or action_in(previous) or _paid_in(previous)
            value = score - (12 if past else 0) - (6 if _OURS.search(before_after) else 0)
            # "U mag ook in termijnen betalen. Bel ons dan voor ...": the day of an offer, not of the letter.
            offered = _OFFER.search(sentence[: match.start()]) or (
                _OFFER.search(previous) and re.search(r"\bdan\b|hiervoor|daarvoor", sentence)
            )
            value -= 7.5 if offered else 0
            value -= 8 if _TO_YOU.search(before_after) else 0
            # What falls due after this letter's own matter: "the next instalment is due on".
            value -= 6 if _NEXT.search(sentence[max(0, match.start() - 50) : match.start()]) else 0
            value -= 6 if _OURS.search(before_after) and not _ASKED.search(sentence) else 0
            # A favour that one may ask for is no deadline of the letter itself.
            value -= 3 if re.search(r"kwijtschelding|overstap|opzeg", context) else 0
            value -= 4 if re.search(r"overstap|opzegg|op te zeggen|opzeggen", sentence[match.end() :]) else 0
            if re.search(
                r"(?:hebt|heeft|had|is) (?:u )?[^.]{0,40}(?:voor|uiterlijk|op) <d\d+> (?:al |niet )?(?:betaald|ontvangen|voldaan)",
                sentence,
            ):
                value -= 1
            if (
                re.search(r"^(?:als|indien|wanneer|hebt|heeft|betaalt|reageert) ", sentence)
                and action is Action.BETALEN
            ):
                value -= 0.5
            clue = make(match, number, regime, value, action)
            if clue:
                yield clue
    for match in _RECEIVED.finditer(sentence):
        number = int(match.group(1))
        if number in periods or number in used or past or _OURS.search(sentence[match.start() : match.start() + 60]):
            continue
        if re.search(
            r"\b(?:na|van|vanaf|sinds|over|tussen|d\.d\.) (?:de )?(?:\w+dag )?$", sentence[: match.start(1) - 2]
        ):
            continue
        if re.search(r"\b(?:om|van|tussen) ?\d{1,2}[.:]\d{2}", sentence[match.start() : match.end() + 30]):
            continue
        if _EVENT.search(match.group(0)) and not re.search(r"ontvangen|binnen|bij ons|rekening", match.group(0)):
            continue
        action = action_in(sentence, match.start()) or action_in(previous) or _paid_in(previous)
        clue = make(match, number, "on_or_before", 8, action)
        if clue:
            yield clue
    for match in _LIES_BY.finditer(sentence):
        number = int(match.group(1))
        if number not in periods and number not in used and not past:
            clue = make(match, number, "on_or_before", 8, action_in(sentence, match.start()) or action_in(previous))
            if clue:
                yield clue
    for match in _FIRST_PART.finditer(sentence):
        number = int(match.group(1))
        if _WE_PAY.search(sentence[: match.start()]) or (match.start() < 20 and _WE_PAY.search(previous)):
            continue
        if number not in periods and number not in used and not past:
            clue = make(match, number, "on_or_before", 8, Action.BETALEN)
            if clue:
                yield clue
    for match in _PER.finditer(sentence):
        number = int(match.group(1))
        near = sentence[max(0, match.start() - 80) : match.end() + 60]
        if number in periods or number in used or past or not _PAY_BY.search(near) or _CHANGES.search(near):
            continue
        clue = make(match, number, "on_or_before", 7, action_in(sentence, match.start()))
        if clue:
            yield clue
    for match in _START.finditer(sentence):
        number = int(match.group(1))
        if number in periods or number in used or not _STOPS.search(sentence):
            continue
        clue = make(match, number, "start_date", 3, action_in(sentence[match.end() :]) if not past else None)
        if clue:
            yield replace(clue, clue=replace(clue.clue, action=None))
    for pattern in (_ON_DATE, _BARE_WITH_TIME):
        for match in pattern.finditer(sentence):
            number = int(match.group(match.lastindex or 1)) if pattern is _BARE_WITH_TIME else int(match.group(1))
            if number in periods or number in used:
                continue
            timed = pattern is _BARE_WITH_TIME or bool(match.group("time"))
            near = sentence[max(0, match.start() - 110) : match.end() + 70]
            if re.search(r"gedagvaard|exploot|voormiddag|namiddag|in persoon|gemachtigde", run.text):
                near = sentence[max(0, match.start() - 260) : match.end() + 190]
            event = _EVENT.search(near)
            if not timed and not event:
                continue
            if past and not timed:
                continue
            if re.search(r"uitgebracht|werd gehouden|heeft plaatsgevonden|is gehouden", near) and not timed:
                continue
            if _CALLED_OFF.search(sentence):
                continue
            court = bool(re.search(r"verschijn|gedagvaard|roldatum|terechtzitting|rolzitting", near))
            debit = bool(re.search(r"schrij|afgeschreven|incasse|ingehouden|afschrijv", near))
            action = Action.BETALEN if debit and not court else action_in(near) if event else Action.VERSCHIJNEN
            score = 8 + (2 if timed else 0) + (2 if court else 0) - (5 if _OURS.search(near) and not timed else 0)
            clue = make(match, number, "court_summons" if court else "event_date", score - (3 if debit else 0), action)
            if clue:
                yield clue
    if in_row:
        return


def _anchor(tail: str) -> str | None:
    """Return what a term counts from: of the anchors that fit, the one whose word comes first."""
    best: tuple[int, str] | None = None
    for name, pattern in _ANCHORS:
        match = pattern.search(tail)
        if match and (best is None or match.end() < best[0]):
            best = (match.end(), name)
    return best[1] if best else None


TERM_ROW = re.compile(
    r"^(?:betalings?termijn|betaaltermijn|betalingsconditie|reactietermijn|termijn|te betalen binnen|betaling)\b[^.]{0,30}\d+ ?(?:dagen|weken|maand)"
)
_STARTS = re.compile(
    r"^ ?(?:die|deze|de) (?:\w*termijn|periode|tijd|dagen|weken) (?:begint|gaat in|start|loopt|telt)([^.]{0,110})"
)
_FROM = re.compile(r"\b(?:vanaf|na|nadat|gerekend vanaf|te rekenen vanaf|sinds|met ingang van)\b[^.;]{0,70}$")


def _anchor_before(text: str) -> str | None:
    """Return what a term counts from when that stands first: "na ontvangst van deze brief hebt u 14 dagen"."""
    match = _FROM.search(text)
    return _anchor(" " + match.group(0)) if match else None


def _terms(run: Marked, start: int, sentence: str, previous: str, dates: Sequence[DateSeen]) -> Iterator[ClueSeen]:
    for match in _TERM.finditer(sentence):
        n = number_of(match.group("n"))
        if n is None or n == 0 or n > 365:
            continue
        lead = match.group(0).split(" ", 1)[0]
        tail = match.group("tail") or ""
        if lead in {"in", "tot", "niet"} and not tail.strip().startswith(("na ", "vanaf", "nadat")):
            continue
        if re.match(r" ?(?:voor|voorafgaand|van tevoren|vooraf|eerder|ervoor|daarvoor|before)\b", tail):
            continue  # counted back from another day
        unit = unit_of(match.group("unit"))
        anchor = _anchor(tail) or _anchor_before(sentence[: match.start()])
        if anchor is None and (later := _STARTS.match(run.text[start + len(sentence) : start + len(sentence) + 150])):
            anchor = _anchor(" na " + later.group(1))
        # Only the clause itself: what comes after the next comma is another matter.
        clause_start = max(0, match.start() - 120)
        clause = sentence[clause_start : match.end("unit") + 90]
        if _OURS.search(sentence[max(0, match.start() - 70) : match.end("unit") + 60]):
            continue
        if re.search(
            r"(?:afgelopen|laatste|vorige|eerste|elke|iedere|per|minimaal|maximaal) (?:\w+ )?$",
            sentence[: match.start()][-20:],
        ):
            continue
        if (
            re.search(
                r"(?:termijnen|regeling|aflossen|spreiden|jaar|looptijd|contract)\b",
                sentence[max(0, match.start() - 30) : match.end("unit") + 12],
            )
            and anchor is None
            and lead not in {"binnen", "within"}
        ):
            continue
        action = action_in(clause, match.start() - clause_start) or action_in(sentence) or action_in(previous)
        if action is None:
            # "U hebt hiervoor zes weken. Boek het bedrag over naar ..": the next sentence says what for.
            after = run.text[start + len(sentence) : start + len(sentence) + 110]
            action = action_in(re.split(r"(?<=[.!?]) ", after.strip())[0]) or _paid_in(previous)
        if re.search(r"declar|reiskosten|onkosten|retourneren|bedenktijd|herroep", clause) and action not in {
            Action.BETALEN,
            Action.BEZWAAR,
        }:
            continue  # a favour: travelling money, goods sent back
        if lead in {
            "u",
            "je",
            "heb",
            "hebt",
            "heeft",
            "krijgt",
            "gedurende",
            "in",
            "geven",
            "gunnen",
            "bieden",
            "wij",
            "we",
            "ik",
        } and (
            action is None
            or not re.match(
                r"^[,.]? ?(?:de |nog |extra |te )*(?:$|tijd|om |uitstel|gelegenheid|respijt|de gelegenheid|na |nadat|vanaf|rekenen|gerekend|ingaande|beginnend)",
                tail,
            )
            and not _anchor_before(sentence[: match.start()])
        ):
            continue
        printed: date | None = None
        named = re.search(r"<d(\d+)>", tail)
        regime = ""
        if unit == "working_days":
            regime = "working_days"
        elif unit == "hours":
            regime = "hours"
        if (
            named
            and re.search(r"(?:dat is|dus|uiterlijk|namelijk|te weten|voor|op|uiterste)[^<]{0,20}<d", tail)
            and anchor != "dagtekening"
        ):
            printed = None
        score = (
            6.0
            + (1 if anchor else 0)
            - (4 if action is Action.BEZWAAR else 0)
            - (10 if _HISTORY.search(sentence) else 0)
        )
        if (
            anchor == "betekening"
            and re.search(r"^[^.]{0,10}\bna heden", tail)
            and not re.search(r"exploot|beteken|heb ik,", run.text)
        ):
            anchor = "dagtekening"
        tokens = run.tokens_at(start + match.start(), start + match.end("unit"))
        yield ClueSeen(DeadlineClue(regime, printed, n, unit, anchor, action), tokens, score, sentence=sentence)


def best_first(clues: Iterable[ClueSeen]) -> list[ClueSeen]:
    """Return the clues without doubles, most likely deadline first; hopeless ones are left out."""
    kept: list[ClueSeen] = []
    every = list(clues)
    if max((c.score for c in every), default=0.0) >= FIRM:
        # The day of an offer is told only where the letter sets no other.
        every = [c for c in every if c.score >= 3 or c.clue.printed is None or c.clue.action is Action.BEZWAAR]
    for clue in sorted(every, key=lambda c: (-c.score, c.tokens[0].index if c.tokens else 0)):
        if clue.score <= -1:
            continue
        same = next((k for k in kept if _alike(k, clue)), None)
        if same is None:
            kept.append(clue)
        elif same.clue.action is None and clue.clue.action is not None:
            kept[kept.index(same)] = replace(same, clue=replace(same.clue, action=clue.clue.action))
    return kept


def _alike(one: ClueSeen, other: ClueSeen) -> bool:
    a, b = one.clue, other.clue
    same_words = bool({t.index for t in one.tokens} & {t.index for t in other.tokens})
    if a.printed is not None and a.printed == b.printed:
        return same_words or (a.regime == b.regime and (a.action == b.action or a.action is None or b.action is None))
    return same_words and (a.n, a.unit, a.printed) == (b.n, b.unit, b.printed)
