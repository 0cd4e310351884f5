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
    if last + 1 < len(texts) and texts[last + 1] in {"CR", "Cr", "cr"}:
        negative = True
    return AmountSeen(first, last, -value if negative else value, currency, bool(cents))


# ---------------------------------------------------------------- which one is to be paid now

NOW = re.compile(
    r"totaal\s*(?:nu )?te (?:betalen|voldoen)|totaal(?:bedrag)? (?:verschuldigd|openstaand)|(?:te betalen|openstaand|verschuldigd) totaal"
    r"|in totaal (?:nog |nu )?(?:te betalen|verschuldigd)?|nu te (?:betalen|voldoen)|te betalen bedrag|totaal te ontvangen van u"
    r"|u (?:moet|dient)(?: nu)?(?: nog)?(?: in totaal)?(?: het bedrag van| betalen| voldoen| te betalen| te voldoen)?:?$|u betaalt(?: nu| bij)?:?$|(?:bij|na)?te ?betalen:?$|nog (?:te betalen|open(?:staand)?)|openstaand(?: bedrag| saldo)?:?$|totaal:?$|totaal(?:bedrag| bedrag)?(?: is| bedraagt)?:?$|total (?:amount )?due|amount (?:due|payable)"
    r"|(?:de )?(?:totale )?(?:vordering|schuld|achterstand)(?: op dit moment)? (?:bedraagt|is)(?: (?:nu|inmiddels|totaal|in totaal))*$"
    r"|(?:schuld|vordering|achterstand)[^.]{0,40} bedraagt(?: op heden| per heden| nu| thans| inmiddels| totaal)*$"
    r"|(?:samen|bij elkaar|alles bij elkaar|in totaal|kosten|cent|rente) (?:is|maakt|komt) (?:dat|het|u)(?: samen| nu)?(?: uit op| neer op)?:?$|dat is (?:samen|in totaal|totaal)$"
    r"|(?:uw |de |het )?(?:volledige|hele|gehele|totale|openstaande) (?:schuld|achterstand|vordering|bedrag|rekening)(?: van| is| bedraagt)?:?$"
    r"|thans(?: in totaal)? verschuldigd|totaal van de vordering|totaal te (?:innen|vorderen)|balance due"
)
GOOD = re.compile(
    r"samen$|tekort(?: is| van| bedraagt)?$|achterstand[^.]{0,70} (?:is|bedraagt|van)$|niet (?:op tijd )?(?:betaald|voldaan|ontvangen)|(?:belasting)?schuld van$|rekening van$|nota van$|boete van$|is van$|wilt u$|verzoeken (?:wij )?u$|vragen wij u$|te betalen|te voldoen|openstaand|nog open|verschuldigd|bedrag(?: van)?:?$|bedrag euro(?: ?/ ?cent)?|totaal|saldo|betaal(?:t u)?(?: (?:dan|nu|daarom|het bedrag van|minimaal))*$"
    r"|maak(?:t u)?(?: dan| nu)?(?: het bedrag(?: van)?)?$|overmaken|terug ?te ?betalen|terugbetalen|terugvorder(?:ing|en)|achterstand|vordering|sanctie|notabedrag|factuurbedrag"
    r"|aanslagbedrag|eindbedrag|u betaalt (?:daarom )?bij|bijbetalen|please pay|pay(?:ment)? of|wij schrijven|afgeschreven|incasseren wij|boete(?:bedrag)?(?: van| is| bedraagt)?:?$"
)
BAD = re.compile(
    r"maxima(?:al|le)|hoogstens|ten hoogste|per maand|per week|per jaar|per kind|maandbedrag|waarvan|inclusief|incl\.? |btw|hoofdsom|subtotaal|\brente\b|incassokosten"
    r"|administratiekosten|aanmaningskosten|invorderingskosten|\bkosten\b|verhoging|verhoogd met|(?<!niet )al betaald|u betaalde|reeds (?:betaald|voldaan|ontvangen)|termijnbedrag|voorschot|(?<!niet )(?<!tijd )ontvangen|betalingen|korting|creditering"
    r"|beslagvrije|inkomen|vorige|oorspronkelijk|eerder|begroot|griffierecht|salaris|schadevergoeding|vermogen|beslagvrij|huurprijs|kale huur|eigen risico|termijn(?:en)? van|regeling van|in \d+ termijnen"
    r"|loopt op (?:tot|naar)|klacht kost|dat kost|geschillencommissie|dan (?:wordt|betaalt|komt|komen|moet(?! (?:uw|de|het) (?:volledige|hele|gehele|totale|openstaande)))|anders|wordt het|verhoogd tot|extra|bovenop|u krijgt (?!een boete)|u ontvangt|krijgt u|voorschot|wij betalen|uitbetaald|recht op|wordt verhoogd|kunnen? oplopen"
)
BAD_AFTER = re.compile(
    r"^ ?(?:per (?:maand|week|jaar|dag|kind)|aan (?:rente|incassokosten|kosten)|p/m|incassokosten|(?:incasso|administratie)kosten|rente|korting|btw|extra|hoger|meer)"
)


def worth(before: str, after: str, in_row: bool) -> float:
    """Return how much the words beside an amount say that it is to be paid now (about -10 to 15).

    `before` is plain text that ends at the amount; `after` begins behind it; `in_row` tells that `before` is the label
    of a table's row instead of running text.
    """
    near = before[-70:] if not in_row else before
    # Only the sentence itself speaks.
    near = re.split(r"[.!?;] ", near)[-1].strip()
    after = re.split(r"[.!?;] |[.!?;]$", after[:60])[0]
    score = 0.0
    if NOW.search(near):
        score += 10 if in_row else 9
    elif GOOD.search(near):
        score += 5
    if not in_row and re.match(
        r" ?(?:(?:vóór|voor|uiterlijk|binnen)\b.*)?\b(?:te )?(?:betalen|voldoen|over(?:maken)?|terugbetalen)", after
    ):
        score += 4
    if BAD.search(near):
        # A word such as "kosten" before a total tells what is in it; what stands right before the amount decides.
        score -= 6 if not NOW.search(near) else 2
    if BAD_AFTER.match(after):
        score -= 7
    return score
