"""Amounts of money on paper, and which of them is to be paid now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ocr.cues import cues
from ocr.dates import NUMBER_WORDS
from ocr.lines import plain

_CUES = cues("money")

_NUMBER = re.compile(
    r"^([(\-+]{0,2})(€|eur|euro|£|[ec](?=\d{1,3}[.,]))?([-+]?)(\d{1,3}(?:[.' ]\d{3})+|[1-9]\d{0,2}(?:,\d{3})+(?!\d|,\d)|\d{1,7})(?:([,.])(\d{2}|-{1,2}|=|—))?(-?)[)\].,;:*]*$"
)
_CURRENCY = _CUES.words["currency"]
_SPLIT_CENTS = re.compile(r"^\d{1,3}(?:\.\d{3})*,$")
_PER = re.compile(r"(?:/|per$|a$|de$|het$|ct|cent|m3|kwh|gj)")
_HYPHEN = {"-", "--", "–", "—", "-.", "--."}
_MINUS = _CUES.words["minus"]
_MINUS_BEHIND = _CUES.words["minus_behind"]
_AFTER = _CUES.words["euro_behind"]


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
            seen = _in_words(texts, index) if index and _bare(text) in _EURO_WORD else None
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


_EURO_WORD = _CUES.words["euro_word"]
_CENT_WORD = _CUES.words["cent_word"]
_AND = _CUES.words["and_cents"]
_HUNDREDS = _CUES.phrases["hundreds_in_words"]


def _bare(text: str) -> str:
    """Return a word in plain letters without the marks round it: "(Euro)," is "euro"."""
    return plain(text).strip(",.;:!?()[]")


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
    """Return the amount said in words before the word "euro" at `index`: "driehonderd euro en vijftig cent"."""
    for length in (3, 2, 1):
        first = index - length
        if first < 0:
            continue
        words = [_bare(t) for t in texts[first:index]]
        if not all(w.isalpha() for w in words):
            continue
        value = number_in_words("".join(words))
        if value is not None:
            last, cents = _cents_behind(texts, index)
            if value > 4 or cents:
                return AmountSeen(first, last, value + Decimal(cents) / 100, True, cents > 0)
    return None


def _cents_behind(texts: Sequence[str], euro: int) -> tuple[int, int]:
    """Return the place of the last word and the cents said behind the word "euro" at `euro`; (euro, 0) for none.

    "euro en vijftig cent", "euro vijftig", "euro en 50 cent".
    """
    if re.search(r"[.;:!?]$", texts[euro]):
        return euro, 0
    first = euro + 2 if euro + 1 < len(texts) and plain(texts[euro + 1]) in _AND else euro + 1
    for last in range(first, min(first + 3, len(texts))):
        words = [_bare(t) for t in texts[first : last + 1]]
        if words[-1] in _CENT_WORD and len(words) > 1:
            said = "".join(words[:-1])
            cents = int(said) if said.isdigit() else number_in_words(said)
            return (last, cents) if cents is not None and cents < 100 else (euro, 0)
    # "zeven euro vijftig.": with nothing behind it that is counted.
    if first == euro + 1 and first < len(texts) and re.search(r"[a-z][.,;:!?)]$", texts[first]):
        cents = number_in_words(_bare(texts[first]))
        if cents is not None and 10 <= cents < 100:
            return first, cents
    return euro, 0


def _euro_behind(texts: Sequence[str], last: int) -> bool:
    """Return whether the word behind the number at `last` says euro of it: not in "oktober 2026 (EUR 80,00)"."""
    apart = re.search(r"[;:!?)]$", texts[last]) or texts[last + 1][:1] in "(["
    year = re.fullmatch(r"(?:19|20)\d\d", texts[last]) and re.match(r"\d", "".join(texts[last + 2 : last + 3]))
    return _bare(texts[last + 1]) in _AFTER and not apart and not year


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
    said = 0
    if last + 1 < len(texts) and _euro_behind(texts, last):
        currency, last = True, last + 1
        if cents is None:
            last, said = _cents_behind(texts, last)
    if "," in whole and cents is None and last + 1 < len(texts) and _PER.match(plain(texts[last + 1])):
        return None  # "€ 1,150 per m3" is a price in three decimals, "EUR 1,150" is English
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
    value = Decimal(re.sub(r"\D", "", whole)) + (
        Decimal(cents) / 100 if cents and cents.isdigit() else Decimal(said) / 100
    )
    negative = "-" in sign_a or sign_b == "-" or tail == "-" or before in _MINUS or before.startswith("-€")
    if first < index and index - 2 > taken and plain(texts[index - 2]).replace("−", "-") in _MINUS:
        # "- € 25,00" and "-/- € 25,00", but not the span "€ 20 - € 40".
        spanned = re.search(r"\d$", texts[index - 3] if index > 2 else "")
        negative = negative or not (spanned or _is_listed(texts, index - 2, last))
    if last + 1 < len(texts) and texts[last + 1] in _MINUS_BEHIND:
        negative = True
    # "€ 524,95 -": a minus behind the cents, as long as no other amount follows (that would be a span).
    if cents and cents.isdigit() and texts[last + 1 : last + 2] in (["-"], ["−"], ["–"]):
        negative = negative or not any(c.isdigit() or c == "€" for c in "".join(texts[last + 2 : last + 3]))
    return AmountSeen(first, last, -value if negative else value, currency, bool(cents or said))


def _is_listed(texts: Sequence[str], dash: int, last: int) -> bool:
    """Return whether a dash before an amount opens a line of a list: "- € 100,34 voor 10 december"."""
    opens = dash == 0 or texts[dash - 1][-1:] in set(".:;,")
    follows = texts[last + 1] if last + 1 < len(texts) else ""
    return texts[dash] in _HYPHEN and opens and (follows[:1].islower() or texts[last][-1:] == ",")


# ---------------------------------------------------------------- which one is to be paid now

NOW = _CUES.phrases["due_now"]
NOW_LABEL = _CUES.phrases["due_now_in_row"]
GOOD = _CUES.phrases["may_be_due"]
BAD = _CUES.phrases["not_due"]
BAD_AFTER = _CUES.phrases["not_due_behind"]
UNPAID = _CUES.phrases["never_paid"]
_SETTLED = _CUES.phrases["was_paid"]
_IN_FULL = _CUES.phrases["was_paid_in_full"]
_DUE_IN = _CUES.phrases["due_behind"]
_MUST = _CUES.phrases["must_be"]
_MUST_AFTER = _CUES.phrases["must_be_behind"]
_SUMMONED = _CUES.phrases["asked"]
_IMPERATIVE = _CUES.phrases["order_to_pay"]
_SUMMONED_AFTER = _CUES.phrases["asked_behind"]
_HYPOTHETICAL = _CUES.phrases["only_if"]
_ONLY_THEN = _CUES.phrases["only_then"]
_WHAT_IF = _CUES.phrases["asks_what_if"]
_AFTER_ALL = _CUES.phrases["after_all"]
_THIS_SUM = _CUES.phrases["this_sum"]
_CALLED_IN = _CUES.phrases["may_be_claimed"]
_TODAY = _CUES.phrases["today"]
_OUGHT = _CUES.phrases["ought"]
_TO_PAY = _CUES.phrases["to_pay"]
_COSTS = _CUES.phrases["costs_only_then"]
_WHOLE = _CUES.phrases["whole_of_it"]
_ARREARS = _CUES.phrases["arrears_before"]
_ARREARS_BEHIND = _CUES.phrases["arrears_behind"]
_CHARGED = _CUES.phrases["charged"]
_PLANNED = _CUES.phrases["planned"]
_ASIDE = _CUES.phrases["aside"]
_AT_LEAST = _CUES.phrases["at_least"]
_UNTIL = _CUES.phrases["until"]
_UNTIL_BEHIND = _CUES.phrases["until_behind"]
_PAY_BEHIND = _CUES.phrases["pay_behind"]
_CAN = _CUES.phrases["can"]


NEVER = -15.0
"""Worth of an amount that is not even guessed: it was paid, or is asked only if something happens."""


def _next_sentence(after: str) -> str:
    """Return the sentence behind the one in which an amount stands; "" when it names an amount of its own."""
    parts = re.split(r"(?<=[.!?]) ", after[:220])
    return parts[1] if len(parts) > 1 and len(parts[0]) < 120 and "<a" not in parts[1] else ""


def is_today(label: str) -> bool:
    """Return whether the words before an amount (plain) say that it is due now."""
    return bool(_TODAY.search(label))


def of_a_whole(before: str, after: str) -> int:
    """Return 1 when an amount is the whole of a debt, -1 when it is what is behind, else 0 (both texts plain)."""
    near = re.split(r"[.!?;] ", before[-70:])[-1].strip()
    if _ARREARS_BEHIND.match(after) or _ARREARS.search(near):
        return -1
    return 1 if _WHOLE.search(near) else 0


def worth(before: str, after: str, in_row: bool) -> float:
    """Return how much the words beside an amount say that it is to be paid now (about -15 to 15).

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
    if not in_row and (_ONLY_THEN.search(near) or _IN_FULL.match(sentence)):
        return NEVER
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
        score += 9 + (2.5 if _AT_LEAST.search(near) else 0)
    elif not in_row and _UNTIL.search(near) and _UNTIL_BEHIND.match(after):
        score += 9
    elif GOOD.search(near):
        score += 5
    elif not in_row and _CHARGED.search(near):
        score += 7
    if not in_row and _PAY_BEHIND.match(after):
        score += 4 if score < 9 else 0
    elif not in_row and _DUE_IN.match(sentence):
        score += 7
    elif not in_row and UNPAID.match(sentence):
        score += 2.5
    if _COSTS.search(near):
        score -= 6
    if _PLANNED.search(near):
        score -= 8
    if not in_row and (_HYPOTHETICAL.search(near) or (_WHAT_IF.search(before[-300:]) and not _IMPERATIVE.match(near))):
        score -= 10
    if not in_row and _SETTLED.match(sentence):
        score -= 9
    elif not in_row and following and _THIS_SUM.search(following):
        score += 6 if score < 9 else 1
    if not in_row and _CALLED_IN.match(after) and _CAN.search(near):
        score -= 10
    if BAD.search(near):
        # A word such as "kosten" before a total tells what is in it; what stands right before the amount decides.
        score -= 6 if not NOW.search(near) else 2
    if BAD_AFTER.match(after):
        score -= 7
    return score
