"""What a letter asks to be paid: amounts with how likely each is the one, instalments, accounts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ocr.clues import sentences
from ocr.cues import cues
from ocr.kind import may_come
from ocr.lines import Piece, Token, label_above, plain
from ocr.money import NEVER, is_today, of_a_whole, worth
from ocr.sheet import Run, Sheet
from ocr.tally import Part, tallies

_CUES = cues("payments")

ASKED_NOW = 11.4
"""Worth of an amount that is said to be due now, not in all."""


@dataclass(frozen=True, slots=True)
class MoneyFound:
    """An amount of the letter with how much says that it is to be paid now."""

    value: Decimal
    tokens: tuple[Token, ...]
    score: float
    total: bool = False
    """Whether the rows above it in a table add up to it."""
    now: bool = False
    """Whether its label says that it is due today: "nu te betalen"."""


def amounts_to_pay(sheet: Sheet) -> list[MoneyFound]:
    """Return the amounts of the letter, the one to be paid now first; equal amounts strengthen each other."""
    best: dict[int, MoneyFound] = {}
    sides: dict[int, int] = {}
    heading = ""
    for run in (*sheet.rows, *sheet.flows):
        # A question that stands by itself opens the text below it: "Betaalt u te laat?"
        opened, heading = heading, f"{run.text.text} " if not run.row and run.text.text.endswith("?") else ""
        for number, seen in enumerate(run.amounts):
            tokens = run.tokens[seen.first : seen.last + 1]
            mark = run.text.text.find(f"<a{number}>")
            before, after = opened + run.text.text[:mark], run.text.text[mark + len(f"<a{number}>") :]
            if not run.row and tokens[-1].index in best and not re.sub(r"<\w+>|[^a-z]", "", before[-70:]):
                continue  # a column of figures: their rows say what they are
            # "Totaal  € 54,91  € 66,45": the label is that of every amount of its row.
            label = _CELLS_BEFORE.sub("", before) if run.row else before
            score = worth(label.rstrip(), after, run.row)
            if label != before and _is_rest(run, number):
                score += 1.5
            if (
                run.row
                and not before.strip()
                or (not run.row and run.text.tokens and tokens[0].index == run.tokens[0].index)
            ):
                above = label_above(sheet.layout, Piece(tuple(tokens))).rstrip(" :")
                if above:
                    score = max(score, worth(above, after, True) - 0.5)
            if seen.value <= 0:
                score -= 8
            if not seen.cents and not seen.currency:
                score -= 3
            key = tokens[-1].index
            sides[key] = sides.get(key, 0) or of_a_whole(label, after)
            found = MoneyFound(seen.value, tuple(tokens), score, now=score >= 9 and is_today(label[-60:]))
            # A printed line of running text passes for a row; what its sentence says goes before.
            if key not in best or best[key].score < score or score <= NEVER:
                best[key] = found
    for slip in _slip_amounts(sheet):
        best.setdefault(slip.tokens[-1].index, slip)
    parts = parts_in(sheet)
    times = Counter(m.value for m in best.values())
    largest = max((m.value for m in best.values()), default=Decimal(0))
    in_order = sorted(best.values(), key=lambda m: m.tokens[0].index)
    asked_for = asks_money(sheet)
    subtotals = {abs(m.value) for m in best.values() if parts.get(m.tokens[-1].index) is Part.SUBTOTAL}
    later = {abs(m.value) for m in best.values() if parts.get(m.tokens[-1].index) is Part.LATER}

    behind = any(sides.get(key) == -1 and m.score >= 5 for key, m in best.items())

    def weighed(m: MoneyFound) -> MoneyFound:
        part = parts.get(m.tokens[-1].index)
        more = 0.8 * min(3, times[m.value] - 1) + (0.6 if m.value == largest else 0)
        named = m.score < 9 and any(o.score >= 9 and o.value != m.value for o in best.values())
        if part is Part.TOTAL and asked_for:
            # What is said to be due now is asked before any total; a total goes before what else has a good label.
            asked = any(o.score >= ASKED_NOW and o.value != m.value for o in best.values())
            more += 0 if asked else 10 if m.score < 5 else 6
        elif part in {Part.PART, Part.SUBTOTAL} or (part is None and m.score < 9 and m.value in subtotals):
            # A row of a table that is in its total: its label is not the letter's.
            more -= max(0.0, m.score - 3.0) + 1.5
        elif part is Part.STANDING:
            more -= 5
        elif part in {Part.LATER, Part.CREDIT} or m.value in later:
            more -= max(0.0, m.score) + 8
        elif part is None and m.score > -3 and m.value == largest and _adds_up_in_text(in_order, m):
            more += 2 if named else 7
        if behind and sides.get(m.tokens[-1].index) == 1:
            more -= 6  # what is behind is asked, not the whole of the debt
        return replace(m, score=m.score + more, total=part is Part.TOTAL)

    return sorted((weighed(m) for m in best.values()), key=lambda m: (-m.score, -m.value, m.tokens[0].index))


_EUROS = re.compile(r"^\d{1,3}(?:\.?\d{3})?$")
_CENTS = re.compile(r"^\d{2}$")
PAYABLE = 5.0
"""Worth of an account from which it is one to pay to."""
SLIP = 12.5
"""Worth of the boxes of a payment slip: they hold what is to be paid."""


def _slip_amounts(sheet: Sheet) -> list[MoneyFound]:
    """Return the amounts in the boxes of payment slips whose comma stands in the form: "82 | 00" under "euro / cent"."""
    found: list[MoneyFound] = []
    for number, row in enumerate(sheet.layout.rows):
        label = next((p for p in row if _SLIP_LABEL.search(plain(p.text))), None)
        if label is None:
            continue
        for below in sheet.layout.rows[number + 1 : number + 3]:
            reach = label.x1 + 2 * label.height
            tokens = [t for p in below for t in p.tokens if label.x0 - 2 * label.height < t.x0 and t.x1 < reach]
            boxes = [t for t in tokens if any(c.isdigit() for c in t.text)]
            near = bool(boxes) and boxes[0].page == label.page and boxes[0].y0 - label.y1 < 4 * label.height
            if near and len(boxes) == 2 and _EUROS.match(boxes[0].text) and _CENTS.match(boxes[1].text):
                value = Decimal(boxes[0].text.replace(".", "")) + Decimal(boxes[1].text) / 100
                found.append(MoneyFound(value, tuple(boxes), SLIP))
                break
    return found


_CELLS_BEFORE = re.compile(r"(?:<a\d+>[^a-z<]*)+$")


def _is_rest(run: Run, number: int) -> bool:
    """Return whether an amount of a row is what the two before it leave: owed, paid, open."""
    if number < 2:
        return False
    owed, paid, rest = (a.value for a in run.amounts[number - 2 : number + 1])
    return rest > 0 and paid != 0 and owed - abs(paid) == rest


_ASKED = _CUES.phrases["asked"]
_ORDERED = _CUES.phrases["ordered"]
_NOT_BY_HAND = _CUES.phrases["not_by_hand"]
_NOT_ASKED = _CUES.phrases["nothing_asked"]
_LATER_BILL = _CUES.phrases["billed_later"]
_WAIVED = _CUES.phrases["waived"]
_ADDED_UP = _CUES.phrases["added_up"]
_CLAIMED = _CUES.phrases["claimed"]
_NEVER_ASKED = _CUES.phrases["never_asked"]


def taken_without_reader(sheet: Sheet) -> bool:
    """Return whether a letter says that the reader need not pay by hand: the wage or the account is seized."""
    return any(_NOT_BY_HAND.search(run.text.text) for run in sheet.flows)


def pays_nothing(sheet: Sheet) -> bool:
    """Return whether a letter says in so many words that nothing is to be paid now."""
    text = " ".join(run.text.text for run in sheet.flows)
    # A part that is forgiven leaves the rest: "die hoeft u niet te betalen. Betaal de rest voor 1 december."
    waived = _WAIVED.search(text) is not None and not _ORDERED.search(_WAIVED.sub(" ", text))
    if waived or any(_NOT_ASKED.search(run.text.text) for run in sheet.flows):
        return True
    # "Over die periode rekenen wij rente. Daarvoor krijgt u een rekening": the account is for what is asked besides.
    return any(_LATER_BILL.search(run.text.text) for run in sheet.flows) and not _names_own_account(sheet)


def _names_own_account(sheet: Sheet) -> bool:
    """Return whether an account of the sender's stands on the letter."""
    return any(account.score >= PAYABLE for account in accounts_in(sheet))


def asks_money(sheet: Sheet, strictly: bool = False) -> bool:
    """Return whether a letter asks for money at all: it names an account of the sender's, or an act of paying.

    `strictly`: an act is asked, it is not enough that a debt is named.
    """
    if pays_nothing(sheet):
        return False
    # A row of a table that names a day and an amount: "Aanbetaling, voor 15 december 2026  € 294,00".
    dated = [run.text.text for run in sheet.rows if len(run.dates) == 1 and len(run.amounts) == 1]
    text = _NEVER_ASKED.sub(" ", " ".join([*(run.text.text for run in sheet.flows), *dated]))
    return _names_own_account(sheet) or bool(_ORDERED.search(text) or (not strictly and _ASKED.search(text)))


def claims_money(sheet: Sheet) -> bool:
    """Return whether a sentence claims an amount in words of its own: "dit bedrag halen wij terug", "contant aan de balie".

    Wider than `asks_money`: enough to doubt that a letter asks nothing, not to say that it asks.
    """
    if pays_nothing(sheet):
        return False
    said = (one for run in sheet.flows for _, one in sentences(run.text.text))
    return any(_CLAIMED.search(one) and not may_come(one) for one in said)


def adds_unprinted(sheet: Sheet, value: Decimal) -> bool:
    """Return whether an amount is asked together with another, of which the sum stands nowhere: "€ 120 plus € 8"."""
    printed = {seen.value for run in (*sheet.rows, *sheet.flows) for seen in run.amounts}
    for run in sheet.flows:
        for _, said in sentences(run.text.text):
            for match in () if may_come(said) else _ADDED_UP.finditer(said):
                first, second = (run.amounts[int(number)].value for number in match.groups())
                if value in {first, second} and first + second not in printed:
                    return True
    return False


_WHOLE_FIRST = re.compile(r"<a(\d+)>[^.<:;]{0,90}: ?((?:[^.<:;]{0,60}<a\d+>[^.<:;]{0,60}[,;]?){2,7})")


def _wholes(sheet: Sheet) -> tuple[frozenset[int], frozenset[int]]:
    """Return the amounts that are named before their parts, and those parts, by the index of their last word.

    "€ 204,18 bij u te innen: € 160,18 hoofdsom, € 4,00 rente en € 40,00 incassokosten".
    """
    wholes: set[int] = set()
    parts: set[int] = set()
    for run in sheet.flows:
        for match in _WHOLE_FIRST.finditer(run.text.text):
            whole = run.amounts[int(match.group(1))]
            named = [run.amounts[int(n)] for n in re.findall(r"<a(\d+)>", match.group(2))]
            for count in range(2, len(named) + 1):
                if sum((a.value for a in named[:count]), Decimal(0)) == whole.value:
                    wholes.add(run.tokens[whole.last].index)
                    parts.update(run.tokens[a.last].index for a in named[:count])
    return frozenset(wholes), frozenset(parts)


def parts_in(sheet: Sheet) -> dict[int, Part]:
    """Return what amounts are in tables and sentences that add up, by the index of their last word."""
    wholes, pieces = _wholes(sheet)
    return {**tallies(sheet), **dict.fromkeys(pieces, Part.PART), **dict.fromkeys(wholes, Part.TOTAL)}


def _adds_up_in_text(in_order: Sequence[MoneyFound], money: MoneyFound) -> bool:
    """Return whether an amount is the plain sum of those named right before it, in running text."""
    place = next((n for n, m in enumerate(in_order) if m.tokens == money.tokens), 0)
    running = Decimal(0)
    for count, before in enumerate(reversed(in_order[max(0, place - 12) : place]), 1):
        running += before.value
        if running == money.value and count > 1:
            return True
    return False


_SLIP_LABEL = _CUES.phrases["slip_label"]
_PER_TERM = _CUES.phrases["instalment_near"]


_TERM_OF = _CUES.phrases["instalment_before"]
_EACH = _CUES.phrases["instalment_behind"]
_BESIDE = _CUES.phrases["beside_instalments"]
_FIRST_TERM = _CUES.phrases["first_instalment"]
_OFFERED = _CUES.phrases["instalments_offered"]
_ALL_OF_IT = _CUES.phrases["all_of_it"]
_PROPOSED = _CUES.phrases["own_proposal"]
_MISSED = _CUES.phrases["instalments_missed"]
_GOES_ON = _CUES.phrases["goes_on"]
LEAST_ROWS = 3
"""Rows with a day and an amount each that make a list of instalments."""


def _listed(sheet: Sheet) -> list[tuple[Token, ...]]:
    """Return the amounts of the longest list of days, each with its amount, in the order of the days.

    "uiterlijk 30 november 2026  € 154 | uiterlijk 31 december 2026  € 190 | ..": at least three rows below each other,
    or one above a row that goes on ("Op 30 november  € 500 | Daarna iedere maand  € 150").
    """
    for run, below in pairwise(sheet.rows):
        if len(run.dates) == 1 and len(run.amounts) == 1 and below.amounts and _GOES_ON.match(below.text.text):
            return [run.tokens[run.amounts[0].first : run.amounts[0].last + 1]]
    longest: list[tuple[Token, ...]] = []
    here: list[tuple[Token, ...]] = []
    before: date | None = None
    for run in sheet.rows:
        days = [day.on(None) for day in run.dates]
        day = days[0] if len(days) == 1 and len(run.amounts) == 1 else None
        if day is None or (before is not None and day <= before):
            here = []
        before = day
        if day is not None:
            here = [*here, run.tokens[run.amounts[0].first : run.amounts[0].last + 1]]
        longest = max(longest, here, key=len)
    return longest if len(longest) >= LEAST_ROWS else []


FIRST_LISTED = 16.0
"""Worth of the first of listed instalments; the others strengthen each other by being alike."""


def instalments(sheet: Sheet) -> list[MoneyFound]:
    """Return the amounts of single instalments, most likely first: what is to be paid next in an arrangement."""
    found: dict[int, MoneyFound] = {}
    for run in (*sheet.rows, *sheet.flows):
        for number, seen in enumerate(run.amounts):
            if seen.value <= 0:
                continue
            tokens = run.tokens[seen.first : seen.last + 1]
            mark = run.text.text.find(f"<a{number}>")
            before = re.split(r"[.!?;] ", run.text.text[max(0, mark - 60) : mark])[-1].rstrip()
            after = run.text.text[mark : mark + 45]
            score = 8.0 if _TERM_OF.search(before) or _EACH.search(after) else 0.0
            score = score or (5.5 if _PER_TERM.search(before + after) else 0.0)
            score = max(score, 8.0) + 4.0 if _FIRST_TERM.search(before) else score
            whole_sentence = re.split(r"[.!?;] ", run.text.text[max(0, mark - 120) : mark])[-1] + after
            if _BESIDE.search(before) or _OFFERED.search(whole_sentence) or _MISSED.search(whole_sentence):
                score -= 6
            if _PROPOSED.search(before):
                score -= 3
            if _ALL_OF_IT.search(run.text.text[max(0, mark - 30) : mark]):
                score -= 4
            key = tokens[-1].index
            if key not in found or found[key].score < score:
                found[key] = MoneyFound(seen.value, tuple(tokens), score)
    for place, tokens in enumerate(_listed(sheet)):
        if tokens[-1].index in found:
            listed = found[tokens[-1].index]
            found[tokens[-1].index] = replace(listed, score=max(listed.score, FIRST_LISTED if not place else 5.5))
    times = Counter(m.value for m in found.values())
    ranked = [MoneyFound(m.value, m.tokens, m.score + 2.5 * min(3, times[m.value] - 1)) for m in found.values()]
    return sorted(ranked, key=lambda m: (-m.score, m.tokens[0].index))


def sums_up(values: Iterable[Decimal], total: Decimal) -> bool:
    """Return whether the parts of a table printed before a total add up to it: proof that every figure is right."""
    parts = [v for v in values if v != total]
    for start in range(len(parts)):
        running = Decimal(0)
        for end in range(start, min(len(parts), start + 12)):
            running += parts[end]
            if running == total and end > start:
                return True
    return False


@dataclass(frozen=True, slots=True)
class AccountFound:
    """An IBAN of the letter with how likely it is the payee's."""

    value: str
    tokens: tuple[Token, ...]
    valid: bool
    repaired: bool
    score: float


_OWN = _CUES.phrases["own_account"]
_NO_MORE = _CUES.phrases["no_more"]
_OURS = _CUES.phrases["our_account"]
_PAYEE = _CUES.phrases["payee_before"]
_PAYEE_BEHIND = _CUES.phrases["payee_behind"]
_FOR_OTHERS = _CUES.phrases["for_others"]


def accounts_in(sheet: Sheet) -> list[AccountFound]:
    """Return the IBANs of the letter, the payee's first."""
    best: dict[int, AccountFound] = {}
    owned: set[int] = set()
    for run in (*sheet.flows, *sheet.rows):
        for number, seen in enumerate(run.ibans):
            tokens = run.tokens[seen.first : seen.last + 1]
            mark = run.text.text.find(f"<i{number}>")
            before = re.split(r"[.;] ", run.text.text[max(0, mark - 140) : mark])[-1]
            after = run.text.text[mark : mark + 90]
            score = 2.0 + (3 if seen.valid else -4)
            others = _FOR_OTHERS.match(after) is not None
            if others or ((_OWN.search(before) or _NO_MORE.match(after)) and not _OURS.search(before)):
                owned.add(tokens[0].index)  # a sentence says so, also when its last line alone does not
            elif _PAYEE.search(before):
                score += 2
            if _PAYEE_BEHIND.search(after):
                score += 1
            found = AccountFound(seen.value, tuple(tokens), seen.valid, seen.repaired, score)
            if tokens[0].index not in best or best[tokens[0].index].score < score:
                best[tokens[0].index] = found
    found_all = [replace(a, score=a.score - 7) if a.tokens[0].index in owned else a for a in best.values()]
    return sorted(found_all, key=lambda a: (-a.score, a.tokens[0].index))


_TOTAL_LABEL = _CUES.phrases["total_label"]
_MONEY_LIKE = re.compile(r"\d[\d.,]*[.,]\d\d\b|€.*\d|[\dOolISZzBA][\dOolISZzBA.]*[.,][\dOolIS]{2}$")


def total_half_read(sheet: Sheet, chosen: MoneyFound) -> bool:
    """Return whether a total stands on the letter that was not read as an amount: then another amount is no sure answer.

    A row that ends in a label of a total and print that looks like money, of which no amount came; on photos only.
    """
    if sheet.layout.digital:
        return False
    own = {(t.page, t.line) for t in chosen.tokens}
    for run in sheet.rows:
        known = {i for a in run.amounts for i in range(a.first, a.last + 1)}
        for place, token in enumerate(run.tokens):
            if place in known or (token.page, token.line) in own or not _MONEY_LIKE.search(token.text):
                continue
            before = " ".join(plain(t.text) for t in run.tokens[max(0, place - 6) : place])
            if _TOTAL_LABEL.search(before.replace("€", "").strip()):
                return True
    return False
