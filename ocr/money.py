"""Amounts of money on paper, and which of them is to be paid now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ocr.dates import NUMBER_WORDS
from ocr.lines import plain

_NUMBER = re.compile(
    r"^([(\-+]{0,2})(€|eur|euro|£|[ec](?=\d{1,3}[.,]))?([-+]?)(\d{1,3}(?:[.' ]\d{3})+|\d{1,7})(?:([,.])(\d{2}|-{1,2}|=|—))?(-?)[)\].,;:*]*$"
)
_CURRENCY = {"€", "eur", "euro", "£", "e", "(€", "eur.", "-€", "€-", "c", "(eur"}
_SPLIT_CENTS = re.compile(r"^\d{1,3}(?:\.\d{3})*,$")
_HYPHEN = {"-", "--", "–", "—", "-.", "--."}
_MINUS = {"-", "-/-", "min", "minus", "af"}
_AFTER = {"euro", "euro.", "euro,", "eur", "euro's"}


@dataclass(frozen=True, slots=True)
class AmountSeen:
    """An amount in a run of words, at places `first` to `last`; `currency` tells whether a sign or word says euro."""

    first: int
    last: int
    value: Decimal
    currency: bool
    cents: bool


def find_amounts(texts: Sequence[str]) -> list[AmountSeen]:
    """Return the amounts in a run of words, in order. Negative ones (credit) keep their sign."""
    found: list[AmountSeen] = []
    taken = -1
    for index, text in enumerate(texts):
        if index <= taken:
            continue
        if not any(c.isdigit() for c in text):
            seen = _in_words(texts, index) if index and plain(text).strip(",.;:)") in _EURO_WORD else None
            if seen and seen.first > taken:
                found.append(seen)
                taken = seen.last
            continue
        if len(text) > 16:
            continue
        seen = _at(texts, index, taken)
        if seen:
            found.append(seen)
            taken = seen.last
    return found


_EURO_WORD = {"euro", "euro's", "eur"}
_HUNDREDS = re.compile(r"^(?:([a-z]*?)duizend)?(?:([a-z]*?)honderd)?(?:en)?([a-z]*)$")


def number_in_words(text: str) -> int | None:
    """Return the whole number below 100,000 that Dutch words say ("twaalfhonderdvijftig"); None when they say none."""
    bare = re.sub(r"[^a-z]", "", text)
    if not bare:
        return None
    match = _HUNDREDS.match(bare)
    if match is None:
        return None
    total = 0
    for part, times in ((match.group(1), 1000), (match.group(2), 100)):
        if part is None:
            continue
        count = 1 if part in {"", "een"} else NUMBER_WORDS.get(part.removeprefix("en"))
        if count is None:
            return None
        total += count * times
    rest = match.group(3)
    if rest:
        count = NUMBER_WORDS.get(rest)
        if count is None:
            return None
        total += count
    return total or None


def _in_words(texts: Sequence[str], index: int) -> AmountSeen | None:
    """Return the amount said in words before the word "euro" at `index`: "driehonderd euro", "een duizend euro"."""
    for length in (3, 2, 1):
        first = index - length
        if first < 0:
            continue
        words = [plain(t).strip(",.;:()") for t in texts[first:index]]
        if not all(w.isalpha() for w in words):
            continue
        value = number_in_words("".join(words))
        if value is not None and value > 4:
            return AmountSeen(first, index, Decimal(value), True, False)
    return None


def _at(texts: Sequence[str], index: int, taken: int) -> AmountSeen | None:
    text = plain(texts[index]).replace("−", "-").lstrip("|[")
    last = index
    # "1.283 , 00" in the boxes of a payment slip
    if (
        re.fullmatch(r"\d{1,3}(?:\.\d{3})*", text)
        and index + 2 < len(texts)
        and texts[index + 1] == ","
        and re.match(r"^\d{2}[|\]]*$", texts[index + 2])
    ):
        text, last = f"{text},{texts[index + 2][:2]}", index + 2
    # "1.234, 56" and "50, -": the blank is the recogniser's
    if _SPLIT_CENTS.match(text) and index + 1 < len(texts):
        follow = texts[index + 1]
        if re.fullmatch(r"\d{2}[.)]?|-{1,2}", follow):
            text, last = text + follow, index + 1
    match = _NUMBER.match(text)
    if not match:
        return None
    sign_a, glued, sign_b, whole, point, cents, tail = match.groups()
    before = plain(texts[index - 1]) if index - 1 > taken else ""
    # "€ 1 234,56"
    first = index
    if point is None and re.fullmatch(r"\d{1,3}", whole) and last + 1 < len(texts) and before in _CURRENCY:
        follow = re.fullmatch(r"(\d{3}),(\d{2}|-{1,2})[.;]?", texts[last + 1])
        if follow:
            whole, point, cents, last = whole + follow.group(1), ",", follow.group(2), last + 1
    currency = bool(glued)
    if before in _CURRENCY and not (before in {"e", "c"} and cents is None):
        currency, first = True, index - 1
    if last + 1 < len(texts) and plain(texts[last + 1]) in _AFTER:
        currency, last = True, last + 1
    if (
        cents is None
        and last == index
        and index + 1 < len(texts)
        and texts[index + 1] in _HYPHEN
        and currency
        and text.endswith(",")
    ):
        last = index + 1
    if point == "." and cents and not cents.isdigit():
        return None
    if not currency and not (cents and cents.isdigit() and point == ","):
        return None
    if point == "." and cents and not currency:
        return None
    value = Decimal(re.sub(r"\D", "", whole)) + (Decimal(cents) / 100 if cents and cents.isdigit() else Decimal(0))
    negative = "-" in sign_a or sign_b == "-" or tail == "-" or before in _MINUS or before.startswith("-€")
    if first < index and index - 2 > taken and plain(texts[index - 2]).replace("−", "-") in _MINUS:
        # "- € 25,00" and "-/- € 25,00", but not the span "€ 20 - € 40".
        negative = negative or not re.search(r"\d$", texts[index - 3] if index > 2 else "")
    if last + 1 < len(texts) and texts[last + 1] in {"CR", "Cr", "cr", "-/-", "−/−", "-/-.", "C"}:
        negative = True
    # "€ 524,95 -": a minus behind the cents, as long as no other amount follows (that would be a span).
    if cents and cents.isdigit() and texts[last + 1 : last + 2] in (["-"], ["−"], ["–"]):
        negative = negative or not any(c.isdigit() or c == "€" for c in "".join(texts[last + 2 : last + 3]))
    return AmountSeen(first, last, -value if negative else value, currency, bool(cents))


# ---------------------------------------------------------------- which one is to be paid now

NOW = re.compile(
    r"totaal\s*(?:nu )?te (?:betalen|voldoen)|totaal(?:bedrag)? (?:verschuldigd|openstaand)|(?:te betalen|openstaand|verschuldigd) totaal"
    r"|in totaal (?:nog |nu )?(?:te betalen|verschuldigd)?|nu te (?:betalen|voldoen)|te betalen bedrag|totaal te ontvangen van u"
    r"|u (?:moet|dient)(?: nu)?(?: nog)?(?: in totaal)?(?: het bedrag van| betalen| voldoen| te betalen| te voldoen)?:?$|(?:u|je) betaalt(?: nu| bij| in totaal| ons| dus| daarom| zelf| nog| alleen)*:?$"
    r"|(?:bij|na|terug|aan ons )?(?:te ?(?:betalen|storten|innen|vorderen)|te voldoen|over te (?:maken|boeken))(?: bedrag)?:?$|nog (?:te betalen|te voldoen|open(?:staand)?|over te maken)(?: bedrag)?"
    r"|openstaand(?: bedrag| saldo)?:?$|\b(?:eind|generaal |algeheel )?totaal:?$|\btotaal(?:bedrag| bedrag)?(?: is| bedraagt| van deze \w+)?:?$|total (?:amount )?due|amount (?:due|payable|outstanding)|please pay"
    r"|(?:dit|dat|wat|bedrag dat) (?:moet|dient) (?:u|je)(?: nu| nog| ons)*(?: te)? (?:betalen|voldoen)(?: is)?:?$|(?:moet|dient) (?:u|je)(?: nu| nog| ons| dus)*(?: te)? (?:betalen|voldoen)(?: is)?:?$"
    r"|(?:voor (?:u|jou|uw rekening) )?\b(?:resteert|resterend|restant|rest(?:ant)?bedrag|restschuld|tezamen|alles bij elkaar|al met al|eindbedrag|eindsaldo|eindafrekening|notabedrag|factuurbedrag|nota ?totaal|factuur ?totaal|rekeningbedrag|aanslagbedrag|opeisbaar)(?: bedrag)?(?: voor (?:u|jou|uw rekening))?(?: is| bedraagt)?:?$"
    r"|\b(?:blijft|blijven)(?: er| u| dan| dus| nog)*(?: over| open| te betalen| staan):?$|nog (?:voor|aan|bij) ons:?$|(?:schikkings|boete|afkoop|betaal|sanctie|termijn|vorderings|naheffings|eind|minimum|transactie|terugbetaal|terugvorderings|af te lossen )bedrag:?$"
    r"|(?:met|inclusief) (?:de |alle |deze )?kosten (?:is|wordt|bedraagt|komt)(?: het| de| uw| dat| nu)*(?: bedrag| schuld| totaal| uit)*(?: nu| op)?$"
    r"|minimum(?:bedrag)?(?: voor deze maand| deze maand| dat u betaalt)?(?: is| bedraagt| van)?:?$|minimaal te betalen:?$"
    r"|bedrag (?:in )?(?:euro|eur)(?: ?/ ?cent)?:?$"
    r"|(?:de )?(?:totale )?(?:vordering|\bschuld|achterstand)(?: op dit moment)? (?:bedraagt|is|beloopt)(?: (?:nu|inmiddels|totaal|in totaal|thans|dus|daarmee|daarom|op dit moment))*$"
    r"|(?:\b(?:huur|belasting|premie|betalings)?schuld|vordering|(?:huur|betalings|premie)?achterstand|tekort)[^.]{0,40} (?:bedraagt|beloopt|komt uit op|staat op)(?: op heden| per heden| nu| thans| inmiddels| totaal| dus| daarmee)*$"
    r"|(?:samen|bij elkaar|alles bij elkaar|in totaal|kosten|cent|rente) (?:is|maakt|komt|wordt) (?:dat|het|u)(?: samen| nu)?(?: uit op| neer op)?:?$|(?:dat|dit) is (?:samen|in totaal|totaal|bij elkaar)$"
    r"|(?:uw |de |het )?(?:volledige|hele|gehele|totale|openstaande|verschuldigde|achterstallige|onbetaalde|resterende) (?:schuld|achterstand|vordering|bedrag|rekening|factuur|nota|saldo|som|huur|premie)(?: \w+)?(?: van| ad| groot| is| bedraagt| ter hoogte van| ten bedrage van)?:?$"
    r"|(?:het )?(?:verschuldigde|openstaande|achterstallige)(?: \w+){0,2} (?:ad|van|groot|ter hoogte van|ten bedrage van)$"
    r"|(?:is|zijn|werd|was|daarmee|inmiddels|nu)\b[^.]{0,50}(?:verhoogd|opgelopen|gestegen)[^.]{0,40} (?:tot|naar)(?: een bedrag van)?$"
    r"|(?:ontvangen|verwachten|zien)(?: wij| we| ik)?(?: nog| daarom| dan| dus)* (?:graag|gaarne)(?: nog)?$"
    r"|thans(?: in totaal)? verschuldigd|totaal van de vordering|totaal te (?:innen|vorderen)|balance due"
)
NOW_LABEL = re.compile(
    r"^(?:er |dan )?(?:blijft|blijven|rest|som|de som|totaalsom|verschil|arrears|total|nog|saldo)(?: in euro(?:'s)?| te voldoen)?$|\bsom(?: in euro(?:'s)?)?$"
)
"""Whole labels of a table's row that are too short to mean anything in running text."""
GOOD = re.compile(
    r"(?:samen|tezamen)(?: nu)?$|tekort(?: is| van| bedraagt)?$|achterstand[^.]{0,70} (?:is|bedraagt|van)(?: \w+)?$|niet (?:op tijd )?(?:betaald|voldaan|ontvangen)|(?:belasting)?schuld van$|rekening van$|nota van$|boete van$|is van$|wilt u$|verzoeken (?:wij )?u$|vragen wij u$|te betalen|te voldoen|openstaand|nog open|verschuldigd|bedrag(?: van)?:?$|totaal|saldo|betaal(?:t u)?(?: (?:dan|nu|daarom|het bedrag van|minimaal))*$"
    r"|maak(?:t u)?(?: dan| nu)?(?: het bedrag(?: van)?)?$|overmaken|terug ?te ?betalen|terugbetalen|terugvorder(?:ing|en)|achterstand|vordering|sanctie|notabedrag|factuurbedrag"
    r"|aanslagbedrag|eindbedrag|u betaalt (?:daarom )?bij|bijbetalen|please pay|pay(?:ment)? of|wij schrijven|afgeschreven|incasseren wij|boete(?:bedrag)?(?: van| is| bedraagt)?:?$"
    r"|(?:het )?(?:gaat|betreft|handelt)(?: het| mij| ons| hierbij| hier| dus| nu| nog| alleen)* om(?: een bedrag van| nog)?$|(?:te weten|namelijk|ten bedrage van|ter hoogte van|ter grootte van|groot|\bad|\bzijnde|dus|bedrag ad)$|(?:een|de|uw|die|deze|het|je) (?:open(?:staande)? |onbetaalde |laatste )?(?:factuur|nota|rekening|schuld|vordering|premie|huur|boete|bon|post|aanslag|termijn|bijdrage|contributie|pacht|lidmaatschap|dwangbevel|premies|belasting|motorrijtuigenbelasting)(?: \w+){0,3}? (?:van|ad|a|groot)$"
    r"|som van$|rekening (?:open)?staa[nt][^.]{0,12} van$|moeten wij[^.]{0,30} hebben$|nog (?:van u )?(?:tegoed|te goed|te ontvangen)(?: van u)?$|krijgen wij (?:nog )?(?:van u )?$"
)
BAD = re.compile(
    r"maxima(?:al|le)|hoogstens|ten hoogste|per maand|per week|per jaar|per kind|maandbedrag|waarvan|inclusief|incl\.? |btw|hoofdsom|subtotaal|\brente\b|incassokosten"
    r"|administratiekosten|aanmaningskosten|invorderingskosten|\bkosten\b|verhoging|verhoogd met|(?<!niet )al betaald|u betaalde|reeds (?:betaald|voldaan|ontvangen)|termijnbedrag|voorschot|(?<!niet )(?<!tijd )ontvangen(?!(?: wij| we)?(?: nog| daarom| dan| dus)* (?:graag|gaarne))|betalingen|korting|creditering"
    r"|beslagvrije|inkomen|vorige|oorspronkelijk|eerder|begroot|griffierecht|salaris|schadevergoeding|vermogen|beslagvrij|huurprijs|kale huur|eigen risico|termijn(?:en)? van|regeling van|in \d+ termijnen"
    r"|loopt op (?:tot|naar)|klacht kost|dat kost|geschillencommissie|dan (?:wordt|betaalt|komt|komen|moet(?! (?:uw|de|het) (?:volledige|hele|gehele|totale|openstaande)|$))|anders|wordt het|verhoogd tot|extra|bovenop|u krijgt (?!een boete)|u ontvangt|krijgt u (?!(?:van ons |hierbij |daarom |nu )*(?:een|de) (?:boete|rekening|nota|factuur|aanslag|naheffing))|voorschot|wij betalen|uitbetaald|recht op|wordt verhoogd|kunnen? oplopen"
    r"|ongeveer|circa|\bbruto\b|\bnetto\b|scheelt|bespaar|(?:meer|minder|hoger|lager|boven|vanaf|onder) (?:dan|de)?$|minstens|ten minste|delen van|keer|saldo van uw|kredietlimiet|limiet|ruimte|te vermeerderen|vermeerderd met|afgelost|tarief|waarde|ter waarde|vergoed(?:t|ing)|verzekerd|loon|begrepen|is nu|was |had |vordert|vorderde|gevorderd|vordering (?:van|bestaat)|uitbetaald|borg|tegoed|spaargeld|huurtoeslag|zorgtoeslag|eigen bijdrage is"
)
BAD_AFTER = re.compile(
    r"^ ?(?:(?:per|in de|in het|elke|iedere) (?:maand|week|jaar|dag|kind|kilometer|uur|keer)|aan (?:rente|incassokosten|kosten)|p/m|incassokosten|(?:incasso|administratie)kosten|rente|korting|btw|extra|hoger|meer|duurder|goedkoper|bruto|netto|(?:is|werd|wordt) (?:nu |inmiddels |daarom |door ons )*(?:verhoogd|vermeerderd)|(?:is|zijn|was) (?:in|niet in) )"
)
UNPAID = re.compile(
    r"^[^.;]{0,60}?(?:nog (?:steeds )?niet|niet (?:op tijd |tijdig )?(?:is |zijn |werd )?(?:ontvangen|betaald|voldaan|binnen|bijgeschreven|gelukt)|(?:nog|steeds) open|openstaa|onbetaald|(?:is|zijn) blijven (?:liggen|openstaan)|(?:is|zijn)[^.;]{0,20} uitgebleven|ontbreekt|nooit (?:is )?(?:betaald|voldaan|ontvangen|binnen)|missen (?:wij|we)|hebben (?:wij|we) (?:nog )?(?:niet|nooit)|zien (?:wij|we) (?:nog )?(?:niet|nergens))"
)
"""What is said of a sum that was never paid, behind it."""
_SETTLED = re.compile(
    r"^(?:(?!moet|dien|nog|niet|graag|uiterlijk|\bvoor\b|binnen|zijn$)[^.;]){0,45}?\b(?:door (?:ons|u|je)|aan ons|op <d\d+>|al|reeds|inmiddels|met dank|in dank)\b(?:(?!moet|dien|nog|niet|graag|uiterlijk|binnen)[^.;]){0,30}?(?:ontvangen|betaald|voldaan|bijgeschreven|overgemaakt|afgelost|terugbetaald)(?! (?:zijn|worden|hebben))"
)
"""What is said of a sum that was paid, behind it."""
_DUE_IN = re.compile(
    r"^ ?(?:moet(?:en)?|dien(?:t|en)|behoort)\b[^.;]{0,70}(?:rekening|ontvangen|betaald|voldaan|binnen (?:te )?zijn|bijgeschreven|overgemaakt|<i\d)|^ ?(?:is|zijn) (?:uiterlijk|voor|binnen|dan|per) "
)
_MUST = re.compile(
    r"\b(?:moet(?:en)?|dien(?:t|en)|behoort|zorg(?:t u)?(?: er)?(?: voor| ervoor)?,? dat|willen (?:wij|we)(?: graag)?(?: dat)?|verwachten (?:wij|we)(?: dat)?|zien (?:wij|we) graag(?: dat)?)(?: (?:er|wel|nu|nog|dan|dus|daarom|u|je|de|het|bedrag|som|van|wij|we|op|uw|rekening|<d\d+>,?|voor|uiterlijk|daarvoor)){0,7}$"
)
_MUST_AFTER = re.compile(
    r"^[^.;]{0,110}?(?:rekening|<i\d+>|ontvangen|bijgeschreven|betaald|voldaan|overgemaakt|overmaakt|binnen (?:is|zijn|hebben)|gestort|staan)(?!\w)"
)
_SUMMONED = re.compile(
    r"\b(?:sommeren|verzoeken|vragen|manen|sommeer|verzoek|maan|request|ask) (?:wij |we |ik )?(?:u|je|you)\b[^<.;]{0,90}(?:<d\d+>[^<.;]{0,40})?$|\b(?:u|je) (?:wordt|bent) (?:verzocht|gesommeerd|aangemaand)\b[^<.;]{0,80}$"
)
_IMPERATIVE = re.compile(
    r"^(?:(?:wij verzoeken u|gelieve|u voorkomt dit door|wilt u|kunt u|graag) )?(?:stort|betaal|voldoe|maak|boek)(?:t u)?(?: [a-z<>0-9]+,?){0,9}$"
)
"""A sentence that begins with the order to pay and runs on to the amount."""
_SUMMONED_AFTER = re.compile(
    r"^[^.;]{0,60}?(?:(?:bij |terug |over )?te (?:storten|betalen|maken|voldoen|boeken)|terugbetalen|overmaken|voldoen|to (?:pay|transfer))"
)
_HYPOTHETICAL = re.compile(
    r"\b(?:wordt|worden|bedraagt|bent u|betaalt u|komt|komen|kost|kosten|zou|zouden|loopt|stijgt)\b[^.]{0,40}\bdan\b[^.]{0,25}$|\bdan\b[^.]{0,40}\b(?:wordt|worden|bedraagt|verschuldigd|kost|loopt|stijgt|genoodzaakt)\b[^.]{0,60}$|\bzou(?:den)?\b[^.]{0,40}$"
    r"|(?:riskeer|risico|kans op|dreig)[^.]{0,60}$|(?:kan|kunnen)[^.]{0,30}(?:boete|naheffing|maatregel|kosten)[^.]{0,30}$|(?:na|bij) (?:die|deze) (?:termijn|datum)[^.]{0,40}$"
)
"""An amount of what may come."""
_AFTER_ALL = re.compile(
    r"voor (?:u|jou|uw rekening)\b|resteert|bedrag (?:in )?(?:euro|eur) ?/ ?cent|minimum|blijft (?:er )?(?:dan |nu |nog )*(?:over|te betalen)"
)
"""Labels of what is left when everything else is taken off, and of the boxes of a payment slip."""
_THIS_SUM = re.compile(
    r"(?:maak|betaal|stort|voldoe|overmak|ontvangen|te betalen|over te maken|schrijven (?:wij|we))[^.<]{0,60}\b(?:dit|dat|deze|het|uw) (?:bedrag|som|achterstand|schuld|rekening|factuur|nota|premie|huur)\b"
    r"|\b(?:dit|dat|het|deze) (?:bedrag|som|achterstand|schuld)\b[^.<]{0,60}(?:betal|betaal|maak|ontvang|voldo|storten|gestort|over te|overma|bijgeschreven|vorder|terug)"
)
"""The sentence behind an amount that asks for "this amount"."""
_CALLED_IN = re.compile(
    r"^ ?(?:op te eisen|op(?:ge)?eis|in rekening (?:te )?brengen|vorderen|te vorderen|opleggen|op te leggen)"
)
_TODAY = re.compile(r"\bnu\b|\bthans\b|vandaag")
_OUGHT = re.compile(
    r"\b(?:u|je|gedaagde|gerekwireerde|debiteur) (?:moet|dient|bent|hoort|behoort)(?: [a-z]+){0,3}$|\b(?:moet|dient|bent|ben) (?:u|je)(?: [a-z]+){0,3}$"
)
_TO_PAY = re.compile(
    r"^ ?(?:aan [a-z]+ )?(?:(?:te )?(?:betalen|voldoen|overmaken|terugbetalen)|over te maken|verschuldigd|schuldig|achter\b)\b"
)
_PLANNED = re.compile(
    r"voornemen|van plan|overweegt|overwegen|kan (?:de |uw )?boete|kan oplopen|maximaal|tot een maximum"
)
_ASIDE = re.compile(r" ?\((?:[^()<]{0,40})\)|,? ?(?:inclusief|incl\.?|exclusief) (?:\d+ ?% ?)?(?:btw|kosten|rente)")
"""What a label says between brackets does not change whose it is: "te betalen (incl. 21% btw)"."""


def _next_sentence(after: str) -> str:
    """Return the sentence behind the one in which an amount stands; "" when it names an amount of its own."""
    parts = re.split(r"(?<=[.!?]) ", after[:220])
    return parts[1] if len(parts) > 1 and len(parts[0]) < 120 and "<a" not in parts[1] else ""


def worth(before: str, after: str, in_row: bool) -> float:
    """Return how much the words beside an amount say that it is to be paid now (about -10 to 15).

    `before` is plain text that ends at the amount; `after` begins behind it; `in_row` tells that `before` is the label
    of a table's row instead of running text.
    """
    near = before[-70:] if not in_row else before
    # Only the sentence itself speaks.
    near = _ASIDE.sub("", near) if in_row else near
    near = re.split(r"[.!?;] ", near)[-1].strip().rstrip("( ")
    following = _next_sentence(after)
    sentence = re.split(r"[.!?;] |[.!?;]$", after[:140])[0]
    after = re.split(r"[.!?;] |[.!?;]$", after[:60])[0]
    score = 0.0
    if not in_row and _MUST.search(near) and _MUST_AFTER.match(sentence):
        # "Zorg dat <a> op onze rekening staat": whatever else the words before it may mean.
        return 11.0
    if not in_row and _SUMMONED.search(near) and _SUMMONED_AFTER.match(sentence):
        return 12.0
    if not in_row and _IMPERATIVE.match(near) and not BAD_AFTER.match(sentence):
        score += 9
    elif NOW.search(near) or (in_row and NOW_LABEL.search(near.rstrip(" :"))):
        score += 10 if in_row else 9
        # "Openstaand saldo" above "nu te betalen": the second is asked for.
        score += 2.5 if _TODAY.search(near) or _AFTER_ALL.search(near) else 0
    elif not in_row and _OUGHT.search(near) and _TO_PAY.match(after):
        score += 9 + (2.5 if re.search(r"minimaal|minstens|ten minste", near) else 0)
    elif (
        not in_row
        and re.search(r"\btot(?:dat)?$", near)
        and re.match(r" ?(?:is|zijn) (?:afgelost|betaald|voldaan)", after)
    ):
        score += 9
    elif GOOD.search(near):
        score += 5
    if not in_row and re.match(
        r" ?(?:(?:vóór|voor|uiterlijk|binnen)\b.*)?\b(?:te )?(?:betalen|betaalt|voldoet|overmaakt|voldoen|over(?:maken)?|terugbetalen)",
        after,
    ):
        score += 4 if score < 9 else 0
    elif not in_row and _DUE_IN.match(sentence):
        score += 7
    elif not in_row and UNPAID.match(sentence):
        score += 2.5
    if _PLANNED.search(near):
        score -= 8
    if not in_row and _HYPOTHETICAL.search(near):
        score -= 10
    if not in_row and _SETTLED.match(sentence):
        score -= 9
    elif not in_row and following and _THIS_SUM.search(following):
        score += 6 if score < 9 else 1
    if not in_row and _CALLED_IN.match(after) and re.search(r"mogen|kunnen|kan |mag ", near):
        score -= 10
    if BAD.search(near):
        # A word such as "kosten" before a total tells what is in it; what stands right before the amount decides.
        score -= 6 if not NOW.search(near) else 2
    if BAD_AFTER.match(after):
        score -= 7
    return score
