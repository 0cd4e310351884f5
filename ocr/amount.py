"""Which amount is to be paid now, or none: what labels and sums say, put together with what known letters say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from briefbrug.letter import Found, Word
from ocr.agreement import amount_agreed, is_clear, second_text
from ocr.asked import RULED, RULED_NONE, RULED_SURELY, RULED_TERM, SAID_NOTHING, Described, choose, describe
from ocr.clues import sentences
from ocr.cues import cues
from ocr.kind import KindSeen, may_come
from ocr.lines import Token, plain
from ocr.payments import (
    MoneyFound,
    adds_unprinted,
    amounts_to_pay,
    asks_money,
    claims_money,
    instalments,
    parts_in,
    pays_nothing,
    sums_up,
    taken_without_reader,
    total_half_read,
)
from ocr.sender import SenderSeen
from ocr.sheet import Sheet

WordsOf = Callable[[Sequence[Token]], tuple[Word, ...]]

PAYING = frozenset(
    {
        "factuur",
        "herinnering",
        "aanmaning",
        "veertiendagenbrief",
        "incasso",
        "dwangbevel",
        "aanslag",
        "boete",
        "terugvordering",
    }
)
CLAIMING = PAYING | {"beslag", "afsluiting", "ontruiming", "dagvaarding", "vonnis", "betalingsregeling"}
"""Kinds in which an amount is as a rule the one to pay."""
ASKING = frozenset({"informatieverzoek", "uitnodiging", "informatie", "reclame"})
SURE_TOGETHER = 0.9
"""Chance from which an amount is sure that words and rules tell alike (measured on letters that neither knew)."""
SURE_ALONE = 0.97
"""The same where the rules tell another."""
SURE_OF_NOTHING = 0.93
"""Chance from which it is sure that nothing is to be paid."""
RULES_DOUBT = 0.95
"""The same where the rules see an amount that is asked."""
DOUBTED = 0.9
"""The most that it is where a reason speaks against it."""
PLAIN = 0.985
"""The same where something speaks against it: an act of paying is asked, or the kind is in doubt."""
ONLY_SUM = 11.0
"""Worth under which a total has it from the rows that add up to it, not from its label."""
TOLD_SUM = 12.0
"""Worth of a total with a label that may be one to pay ("Samen"), not one that asks ("Nog te betalen")."""

_CUES = cues("facts")
_BROKEN = _CUES.phrases["ended"]
_IF_MISSED = _CUES.phrases["if_missed"]
_CREDIT = _CUES.phrases["credit"]
_INTENDED = _CUES.phrases["intended"]
_OPTIONAL = _CUES.phrases["optional"]


def amount_asked(
    sheet: Sheet, kind: KindSeen | None, sender: SenderSeen | None, words_of: WordsOf
) -> tuple[Found[Decimal] | None, tuple[Found[Decimal], ...], float]:
    """Return what is to be paid now, all amounts, and the chance that nothing is to be paid (0 to 1)."""
    ranked = amounts_to_pay(sheet)
    ruled, every = _amount_by_rules(sheet, kind, sender, words_of)
    if ruled is None and (_pays_otherwise(sheet, kind, sender) or (ranked and ranked[0].value == 0)):
        return None, every, _nothing_otherwise(sheet, kind, sender)  # "te betalen € 0,00", an advertisement, a seizure
    letter = describe_amounts(sheet, kind, sender)
    terms = {term.value for term in instalments(sheet) if term.score >= 5}
    arranged = kind is not None and kind.kind == "betalingsregeling" and not _is_broken(sheet)
    more = RULED_NONE + (SAID_NOTHING if pays_nothing(sheet) else 0.0)
    if ruled is not None:
        more = (
            RULED + (RULED_SURELY if ruled.sure else 0.0) + (RULED_TERM if arranged and ruled.value in terms else 0.0)
        )
    choice = choose(letter, ruled.value if ruled else None, more)
    nothing = next((chance for value, chance in ((choice.value, choice.chance), *choice.others) if value is None), 0.0)
    best = next((m for m in ranked if m.value == choice.value), None)
    if choice.value is None or best is None:
        # An amount that the rules see asked keeps "nothing" from being sure.
        doubted = ruled is not None and nothing < RULES_DOUBT
        return None, every, min(nothing, DOUBTED) if doubted else nothing
    agrees = ruled is not None and ruled.value == best.value
    firm = choice.chance >= (SURE_TOGETHER if agrees else SURE_ALONE)
    others = tuple(value for value, chance in choice.others if value is not None and chance > 0.05)[:3]
    sure = firm and _well_read(sheet, best, ranked) and not adds_unprinted(sheet, best.value)
    sure = sure and not any(_OPTIONAL.search(run.text.text) for run in sheet.flows)
    return Found(best.value, words_of(best.tokens), sure, others), every, nothing


def _nothing_otherwise(sheet: Sheet, kind: KindSeen | None, sender: SenderSeen | None) -> float:
    """Return the chance (0 to 1) that nothing is to be paid, of a letter whose kind or whose total of nought says so."""
    words = choose(describe_amounts(sheet, kind, sender), None, 0.0)
    chance = next(much for value, much in ((words.value, words.chance), *words.others) if value is None)
    known = kind is not None and kind.alike and kind.margin >= 3
    # A kind that only the rules see ("Inschrijving verlengen" as advertising) is no second reason.
    return max(chance, SURE_OF_NOTHING) if known and chance >= 0.5 else min(chance, DOUBTED if chance < PLAIN else 1.0)


def describe_amounts(sheet: Sheet, kind: KindSeen | None, sender: SenderSeen | None) -> Described:
    """Return what tells the amounts of a letter apart, for choosing among them and for learning to."""
    facets = {
        "broken": _is_broken(sheet),
        "asks": asks_money(sheet),
        "orders": asks_money(sheet, strictly=True),
        "pays nothing": pays_nothing(sheet),
        "credit": gives_back(sheet),
    }
    return describe(
        sheet,
        parts_in(sheet),
        [term.value for term in instalments(sheet) if term.score >= 5],
        [name for name, is_so in facets.items() if is_so],
        kind.kind if kind else "",
        sender.sender if sender else "",
    )


def gives_back(sheet: Sheet) -> bool:
    """Return whether a letter says that money comes back to the reader."""
    return any(_CREDIT.search(run.text.text) for run in sheet.flows)


def asks_nothing_surely(sheet: Sheet, nothing: float) -> bool:
    """Return whether a chance that nothing is to be paid (0 to 1) is enough to say so."""
    needed = PLAIN if asks_money(sheet, strictly=True) else SURE_OF_NOTHING
    return nothing >= needed and not claims_money(sheet)


def _pays_otherwise(sheet: Sheet, kind: KindSeen | None, sender: SenderSeen | None) -> bool:
    """Return whether a letter is of a kind that asks nothing, or says that the wage or the account pays."""
    code = kind.kind if kind else ""
    if code == "beslag":
        return taken_without_reader(sheet) or (sender is not None and sender.sender == "bank")
    # An advertisement that looks like a bill asks nothing; a bill that looks like one does.
    return code == "reclame" and (
        (kind is not None and kind.titled) or (sender is not None and sender.sender == "reclame")
    )


def _well_read(sheet: Sheet, best: MoneyFound, ranked: Sequence[MoneyFound]) -> bool:
    """Return whether the figures of an amount are proven, and the place where they stand is right."""
    in_order = [m.value for m in sorted(ranked, key=lambda m: m.tokens[0].index)]
    times = sum(1 for m in ranked if m.value == best.value)
    added = sums_up(in_order, best.value)
    agreed = amount_agreed(sheet, best.tokens, best.value, times) or (added and is_clear(best.tokens, 60))
    # "€ 44, 58" read as € 44: on a photo an amount without its cents may be half of one.
    whole = (
        sheet.layout.digital
        or times > 1
        or second_text(sheet, best.tokens) is not None
        or any(re.search(r"[.,](?:\d{2}|[-=])", t.text) for t in best.tokens)
    )
    # Where the paper bends, a label can fall on the line of its neighbour: amounts that stand alone betray it.
    shifted = not added and _stands_in_shifted_rows(sheet, best)
    return agreed and whole and not shifted and not total_half_read(sheet, best)


def _amount_by_rules(
    sheet: Sheet, kind: KindSeen | None, sender: SenderSeen | None, words_of: WordsOf
) -> tuple[Found[Decimal] | None, tuple[Found[Decimal], ...]]:
    code = kind.kind if kind else ""
    ranked = amounts_to_pay(sheet)
    broken = bool(ranked) and ranked[0].score >= 9 and (_is_broken(sheet) or (ranked[0].now and ranked[0].total))
    arranged = False
    if code == "betalingsregeling" and not broken and (terms := instalments(sheet)) and terms[0].score >= 5:
        ranked, arranged = terms, True
    elif code == "betalingsregeling" and not broken and ranked and ranked[0].score < 9:
        ranked = [replace(m, score=min(m.score, 4.4)) for m in ranked]  # a debt, an instalment: nobody is sure which
    every = tuple(Found(m.value, words_of(m.tokens)) for m in sorted(ranked, key=lambda m: m.tokens[0].index))
    if not ranked or _pays_otherwise(sheet, kind, sender):
        return None, every
    best = ranked[0]
    if best.value == 0:
        return None, every  # "te betalen € 0,00"
    needed = 4.0 if code in CLAIMING else 8.0 if code in ASKING else 6.0
    guessed = False
    if best.score < needed:
        # Somebody asks for money and one amount stands out: worth showing, never worth trusting.
        intended = any(_INTENDED.search(run.text.text) for run in sheet.flows)
        marked_euro = any("€" in t.text or plain(t.text).startswith("eur") for t in best.tokens)
        only = len({abs(m.value) for m in ranked if m.score > -7.5}) == 1 and best.score >= -5.5
        unlikely = best.score < -1.5 and not (only and code in PAYING)
        unlikely = unlikely or (best.score < 0 and code not in PAYING and not asks_money(sheet, strictly=True))
        if code in ASKING or code in {"beschikking", ""} or unlikely or intended or not marked_euro:
            return None, every
        guessed = True
    credited = gives_back(sheet)
    asked = asks_money(sheet, strictly=code in ASKING or (code == "beschikking" and best.total))
    # A total whose label asks for nothing ("Kosten samen") on a letter that gives money back.
    only_sum = best.total and best.score < ONLY_SUM
    # An arrangement says what becomes of money that comes back; its instalment is asked all the same.
    if credited and not arranged and (best.score < 9 or only_sum or not asked):
        return None, every
    # What a letter that only tells something adds up, such as a new premium, is not asked by its sum alone.
    told = code in ASKING and best.total and best.score < TOLD_SUM
    if told and kind is not None and kind.titled:
        return None, every
    if not asked and (code not in CLAIMING or pays_nothing(sheet)):
        return None, every
    rivals = [m for m in ranked if m.value != best.value and m.score >= 4 and m.score >= min(best.score - 2.2, 9)]
    candidates = tuple(dict.fromkeys(m.value for m in ranked if m.value != best.value and m.score > 0))[:3]
    # The one amount of a letter that claims money: enough when something beside it says so, or all words are known.
    lone = code in CLAIMING and len({abs(m.value) for m in ranked if m.score > -5}) == 1
    stands_out = (lone and best.score >= 3) or (not guessed and best.score >= 4.5)
    # A debt of which instalments are named beside it may be asked only in parts.
    parted = best.score < 9 and any(m.score >= 8 and 0 < m.value < best.value for m in instalments(sheet))
    sure = bool(code) and not parted and not told and (asked or best.total) and not rivals and stands_out
    sure = sure and _well_read(sheet, best, ranked)
    return Found(best.value, words_of(best.tokens), sure, candidates), every


def _is_broken(sheet: Sheet) -> bool:
    """Return whether an arrangement has ended; that it would end when a month is missed is said on every one."""
    every = (one for run in sheet.flows for _, one in sentences(run.text.text))
    return any(_BROKEN.search(one) and not may_come(one) and not _IF_MISSED.search(one) for one in every)


def _stands_in_shifted_rows(sheet: Sheet, money: MoneyFound) -> bool:
    """Return whether a line near an amount holds nothing but an amount, so that labels may belong elsewhere."""
    if sheet.layout.digital:
        return False
    page, line = money.tokens[0].page, money.tokens[0].line
    for run in sheet.rows:
        if run.tokens[0].page != page or abs(run.tokens[0].line - line) > 3 or not run.amounts:
            continue
        covered = sum(a.last - a.first + 1 for a in run.amounts)
        if covered >= len([t for t in run.tokens if re.search(r"\w", t.text) or t.text == "€"]):
            return True
    return False
