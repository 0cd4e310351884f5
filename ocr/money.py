"""Amounts of money on paper, and which of them is to be paid now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ocr.lines import plain

_NUMBER = re.compile(
    r"^([(\-+]{0,2})(€|eur|euro|£|[ec](?=\d{1,3}[.,]))?([-+]?)(\d{1,3}(?:[.' ]\d{3})+|\d{1,7})(?:([,.])(\d{2}|-{1,2}|=|—))?(-?)[)\].,;:*]*$"
)
_CURRENCY = {"€", "eur", "euro", "£", "e", "(€", "eur.", "-€", "€-", "c", "(eur"}
_SPLIT_CENTS = re.compile(r"^\d{1,3}(?:\.\d{3})*,$")
_HYPHEN = {"-", "--", "–", "—", "-.", "--."}
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
        if index <= taken or not any(c.isdigit() for c in text) or len(text) > 16:
            continue
        seen = _at(texts, index, taken)
        if seen:
            found.append(seen)
            taken = seen.last
    return found


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
    negative = "-" in sign_a or sign_b == "-" or tail == "-" or before == "-" or before.startswith("-€")
    if last + 1 < len(texts) and texts[last + 1] in {"CR", "Cr", "cr", "-/-", "−/−"}:
        negative = True
    # "€ 524,95 -": a minus behind the cents, as long as no other amount follows (that would be a span).
    if cents and cents.isdigit() and texts[last + 1 : last + 2] in (["-"], ["−"], ["–"]):
        negative = negative or not any(c.isdigit() or c == "€" for c in "".join(texts[last + 2 : last + 3]))
    return AmountSeen(first, last, -value if negative else value, currency, bool(cents))


# ---------------------------------------------------------------- which one is to be paid now

NOW = re.compile(
    r"totaal\s*(?:nu )?te (?:betalen|voldoen)|totaal(?:bedrag)? (?:verschuldigd|openstaand)|(?:te betalen|openstaand|verschuldigd) totaal"
    r"|in totaal (?:nog |nu )?(?:te betalen|verschuldigd)?|nu te (?:betalen|voldoen)|te betalen bedrag|totaal te ontvangen van u"
    r"|u (?:moet|dient)(?: nu)?(?: nog)?(?: in totaal)?(?: het bedrag van| betalen| voldoen| te betalen| te voldoen)?:?$|u betaalt(?: nu| bij| in totaal| ons| dus| daarom)*:?$"
    r"|(?:bij|na|terug)?(?:te ?betalen|te voldoen)(?: bedrag)?:?$|nog (?:te betalen|te voldoen|open(?:staand)?)(?: bedrag)?"
    r"|openstaand(?: bedrag| saldo)?:?$|(?:eind)?totaal:?$|totaal(?:bedrag| bedrag)?(?: is| bedraagt| van deze \w+)?:?$|total (?:amount )?due|amount (?:due|payable)|please pay"
    r"|(?:dit|dat|wat|bedrag dat) (?:moet|dient) u(?: nu| nog| ons)*(?: te)? (?:betalen|voldoen)(?: is)?:?$|(?:moet|dient) u(?: nu| nog| ons| dus)*(?: te)? (?:betalen|voldoen)(?: is)?:?$"
    r"|(?:resteert|resterend|restant|rest(?:ant)?bedrag|restschuld|tezamen|alles bij elkaar|al met al|eindbedrag|eindsaldo|eindafrekening|notabedrag|factuurbedrag|nota ?totaal|factuur ?totaal|rekeningbedrag|aanslagbedrag|opeisbaar)(?: bedrag)?(?: is| bedraagt)?:?$"
    r"|(?:de )?(?:totale )?(?:vordering|\bschuld|achterstand)(?: op dit moment)? (?:bedraagt|is|beloopt)(?: (?:nu|inmiddels|totaal|in totaal|thans|dus|daarmee|daarom|op dit moment))*$"
    r"|(?:\b(?:huur|belasting)?schuld|vordering|achterstand|tekort)[^.]{0,40} (?:bedraagt|beloopt)(?: op heden| per heden| nu| thans| inmiddels| totaal| dus| daarmee)*$"
    r"|(?:samen|bij elkaar|alles bij elkaar|in totaal|kosten|cent|rente) (?:is|maakt|komt) (?:dat|het|u)(?: samen| nu)?(?: uit op| neer op)?:?$|dat is (?:samen|in totaal|totaal)$"
    r"|(?:uw |de |het )?(?:volledige|hele|gehele|totale|openstaande|verschuldigde|achterstallige|onbetaalde|resterende) (?:schuld|achterstand|vordering|bedrag|rekening|saldo|som|huur|premie)(?: \w+)?(?: van| ad| groot| is| bedraagt| ter hoogte van| ten bedrage van)?:?$"
    r"|(?:het )?(?:verschuldigde|openstaande|achterstallige)(?: \w+){0,2} (?:ad|van|groot|ter hoogte van|ten bedrage van)$"
    r"|(?:is|zijn|werd|was|daarmee|inmiddels|nu)\b[^.]{0,50}(?:verhoogd|opgelopen|gestegen)[^.]{0,40} (?:tot|naar)(?: een bedrag van)?$"
    r"|(?:ontvangen|verwachten|zien)(?: wij| we)?(?: nog| daarom| dan| dus)* (?:graag|gaarne)(?: nog)?$"
    r"|thans(?: in totaal)? verschuldigd|totaal van de vordering|totaal te (?:innen|vorderen)|balance due"
)
GOOD = re.compile(
    r"(?:samen|tezamen)(?: nu)?$|tekort(?: is| van| bedraagt)?$|achterstand[^.]{0,70} (?:is|bedraagt|van)(?: \w+)?$|niet (?:op tijd )?(?:betaald|voldaan|ontvangen)|(?:belasting)?schuld van$|rekening van$|nota van$|boete van$|is van$|wilt u$|verzoeken (?:wij )?u$|vragen wij u$|te betalen|te voldoen|openstaand|nog open|verschuldigd|bedrag(?: van)?:?$|bedrag euro(?: ?/ ?cent)?|totaal|saldo|betaal(?:t u)?(?: (?:dan|nu|daarom|het bedrag van|minimaal))*$"
    r"|maak(?:t u)?(?: dan| nu)?(?: het bedrag(?: van)?)?$|overmaken|terug ?te ?betalen|terugbetalen|terugvorder(?:ing|en)|achterstand|vordering|sanctie|notabedrag|factuurbedrag"
    r"|aanslagbedrag|eindbedrag|u betaalt (?:daarom )?bij|bijbetalen|please pay|pay(?:ment)? of|wij schrijven|afgeschreven|incasseren wij|boete(?:bedrag)?(?: van| is| bedraagt)?:?$"
    r"|(?:het )?(?:gaat|betreft|handelt)(?: het)?(?: hierbij| hier)? om(?: een bedrag van)?$|(?:te weten|namelijk|ten bedrage van|ter hoogte van|ter grootte van|groot|\bad|\bzijnde|dus|bedrag ad)$|(?:een|de|uw) (?:open(?:staande)? |onbetaalde )?(?:factuur|nota|rekening|schuld|vordering|premie|huur|boete|bon|post|aanslag|termijn)(?: \w+){0,3}? (?:van|ad)$"
    r"|som van$|rekening (?:open)?staa[nt][^.]{0,12} van$|moeten wij[^.]{0,30} hebben$|nog (?:van u )?(?:tegoed|te goed|te ontvangen)(?: van u)?$|krijgen wij (?:nog )?(?:van u )?$"
)
BAD = re.compile(
    r"maxima(?:al|le)|hoogstens|ten hoogste|per maand|per week|per jaar|per kind|maandbedrag|waarvan|inclusief|incl\.? |btw|hoofdsom|subtotaal|\brente\b|incassokosten"
    r"|administratiekosten|aanmaningskosten|invorderingskosten|\bkosten\b|verhoging|verhoogd met|(?<!niet )al betaald|u betaalde|reeds (?:betaald|voldaan|ontvangen)|termijnbedrag|voorschot|(?<!niet )(?<!tijd )ontvangen(?!(?: wij| we)?(?: nog| daarom| dan| dus)* (?:graag|gaarne))|betalingen|korting|creditering"
    r"|beslagvrije|inkomen|vorige|oorspronkelijk|eerder|begroot|griffierecht|salaris|schadevergoeding|vermogen|beslagvrij|huurprijs|kale huur|eigen risico|termijn(?:en)? van|regeling van|in \d+ termijnen"
    r"|loopt op (?:tot|naar)|klacht kost|dat kost|geschillencommissie|dan (?:wordt|betaalt|komt|komen|moet(?! (?:uw|de|het) (?:volledige|hele|gehele|totale|openstaande)))|anders|wordt het|verhoogd tot|extra|bovenop|u krijgt (?!een boete)|u ontvangt|krijgt u|voorschot|wij betalen|uitbetaald|recht op|wordt verhoogd|kunnen? oplopen"
    r"|ongeveer|circa|\bbruto\b|\bnetto\b|scheelt|bespaar|(?:meer|minder|hoger|lager) dan|minstens|ten minste|delen van|keer|saldo van uw|kredietlimiet|limiet|te vermeerderen|vermeerderd met|afgelost|tarief|waarde|ter waarde|vergoed(?:t|ing)|verzekerd|loon|begrepen|is nu|was "
)
BAD_AFTER = re.compile(
    r"^ ?(?:per (?:maand|week|jaar|dag|kind)|aan (?:rente|incassokosten|kosten)|p/m|incassokosten|(?:incasso|administratie)kosten|rente|korting|btw|extra|hoger|meer|bruto|netto|(?:is|werd|wordt) (?:nu |inmiddels |daarom |door ons )*(?:verhoogd|vermeerderd)|(?:is|zijn|was) (?:in|niet in) )"
)
UNPAID = re.compile(
    r"^[^.;]{0,60}?(?:nog (?:steeds )?niet|niet (?:op tijd |tijdig )?(?:is |zijn |werd )?(?:ontvangen|betaald|voldaan|binnen|bijgeschreven|gelukt)|(?:nog|steeds) open|openstaa|onbetaald)"
)
"""What is said of a sum that was never paid, behind it."""
_DUE_IN = re.compile(
    r"^ ?(?:moet(?:en)?|dien(?:t|en)|behoort)\b[^.;]{0,70}(?:rekening|ontvangen|betaald|voldaan|binnen (?:te )?zijn|bijgeschreven|overgemaakt)"
)
_TODAY = re.compile(r"\bnu\b|\bthans\b|vandaag")
_OUGHT = re.compile(
    r"\b(?:u|gedaagde|gerekwireerde|debiteur) (?:moet|dient|bent|hoort|behoort)(?: [a-z]+){0,3}$|\b(?:moet|dient|bent) u(?: [a-z]+){0,3}$"
)
_TO_PAY = re.compile(
    r"^ ?(?:aan [a-z]+ )?(?:(?:te )?(?:betalen|voldoen|overmaken|terugbetalen)|over te maken|verschuldigd|schuldig)\b"
)
_PLANNED = re.compile(
    r"voornemen|van plan|overweegt|overwegen|kan (?:de |uw )?boete|kan oplopen|maximaal|tot een maximum"
)
DEDUCTED = re.compile(
    r"afgelost|betaald|voldaan|ontvangen|ontvangst|korting|voorschot|termijnbedragen|betaalde termijnen|vermindering|teruggave|verrekend|verrekening|creditering|in mindering|aftrek|bijgeschreven|credit"
)
"""Labels of rows that are taken off in a sum although no minus is printed."""
_ASIDE = re.compile(r" ?\((?:[^()<]{0,40})\)|,? ?(?:inclusief|incl\.?|exclusief) (?:\d+ ?% ?)?(?:btw|kosten|rente)")
"""What a label says between brackets does not change whose it is: "te betalen (incl. 21% btw)"."""


def worth(before: str, after: str, in_row: bool) -> float:
    """Return how much the words beside an amount say that it is to be paid now (about -10 to 15).

    `before` is plain text that ends at the amount; `after` begins behind it; `in_row` tells that `before` is the label
    of a table's row instead of running text.
    """
    near = before[-70:] if not in_row else before
    # Only the sentence itself speaks.
    near = _ASIDE.sub("", near) if in_row else near
    near = re.split(r"[.!?;] ", near)[-1].strip().rstrip("( ")
    after = re.split(r"[.!?;] |[.!?;]$", after[:60])[0]
    score = 0.0
    if NOW.search(near):
        score += 10 if in_row else 9
        # "Openstaand saldo" above "nu te betalen": the second is asked for.
        score += 2.5 if _TODAY.search(near) else 0
    elif not in_row and _OUGHT.search(near) and _TO_PAY.match(after):
        score += 9
    elif GOOD.search(near):
        score += 5
    if not in_row and re.match(
        r" ?(?:(?:vóór|voor|uiterlijk|binnen)\b.*)?\b(?:te )?(?:betalen|betaalt|voldoet|overmaakt|voldoen|over(?:maken)?|terugbetalen)",
        after,
    ):
        score += 4 if score < 9 else 0
    elif not in_row and _DUE_IN.match(after):
        score += 7
    elif not in_row and UNPAID.match(after):
        score += 2.5
    if _PLANNED.search(near):
        score -= 8
    if BAD.search(near):
        # A word such as "kosten" before a total tells what is in it; what stands right before the amount decides.
        score -= 6 if not NOW.search(near) else 2
    if BAD_AFTER.match(after):
        score -= 7
    return score
