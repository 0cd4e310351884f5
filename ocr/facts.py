"""From the words of a letter to its facts, each with the words that prove it and whether two reasons agree on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from briefbrug.knowledge.load import Knowledge
from briefbrug.letter import UNKNOWN_SENDER, Action, DeadlineClue, Found, LetterFacts, PageReading, Word
from ocr.agreement import AGREE, date_agreed, figures, half_lost, is_clear, second_text
from ocr.amount import PAYING, WordsOf, amount_asked, asks_nothing_surely, gives_back
from ocr.clues import ClueSeen, sentences
from ocr.cues import cues
from ocr.days import all_clues, answer_demanded, faint_days, letter_dates, own_day, perhaps_a_day
from ocr.due import Day, Place, chances
from ocr.half_dates import half_read
from ocr.kind import KindSeen, find_kind, may_come
from ocr.letters import page_number
from ocr.lines import Token
from ocr.numbers import begun_ibans, find_ibans, kenmerk_is_valid
from ocr.payments import AccountFound, accounts_in, amounts_to_pay, asks_money, sums_up
from ocr.references import ReferenceFound, references_of
from ocr.sender import SenderSeen, find_creditor
from ocr.sent_by import sent_by
from ocr.sheet import Sheet, above_salutation, see

_CUES = cues("facts")

Times = Callable[[date], int]

TIMED = frozenset({"afsluiting", "betalingsregeling", "informatieverzoek", "uitnodiging", "ontruiming", "dagvaarding"})
"""Other kinds that ask for something by a day."""


def spans_that_decide(page: PageReading) -> list[tuple[int, ...]]:
    """Return the words of one page that decide and deserve a second look: places in its words, most important first.

    The deadline's date, the amount to pay, the letter's date, an account number whose check digits fail, and figures
    beside something like a month while the letter's own date is lost.
    """
    if not page.words:
        return []
    sheet = see([page])
    spans: list[tuple[int, ...]] = []

    def add(tokens: Sequence[Token]) -> None:
        span = tuple(sorted(t.index for t in tokens))
        if span and not any(set(span) & set(s) for s in spans):
            spans.append(span)

    days = letter_dates(sheet)
    own = own_day(days)
    clues = all_clues(sheet, own.value if own else None)
    printed = [c for c in clues if c.clue.printed]
    for clue in printed[:2] if len({c.clue.printed for c in printed[:2]}) > 1 else printed[:1]:
        if not (clue.seen and clue.seen.weekday_right and is_clear(clue.date_tokens)):
            add(clue.date_tokens)
    payable = amounts_to_pay(sheet)
    in_order = [m.value for m in sorted(payable, key=lambda m: m.tokens[0].index)]
    # Printed twice proves little: half of a total may happen to be another row of its table.
    summed = bool(payable) and is_clear(payable[0].tokens, 70) and sums_up(in_order, payable[0].value)
    if payable and payable[0].score >= 4 and not summed:
        add(payable[0].tokens)
    # A printed deadline stands by itself; a term is counted from the date of the letter, which then decides as much.
    if own and (
        not printed
        or any(c.clue.n is not None for c in clues)
        or not is_clear(own.tokens, 90)
        or half_lost(sheet, own.seen, own.tokens)
    ):
        add(own.tokens)
    accounts = accounts_in(sheet)[:2]
    for account in accounts:
        if not account.valid or _half_read(account):
            add(account.tokens)
    if not any(account.valid for account in accounts):
        for run in sheet.flows:
            for first, last in begun_ibans([t.text for t in run.tokens]):
                add(run.tokens[first : last + 1])
    if own is None or own.seen.repaired:
        for run in sheet.flows:
            texts, certain = [t.text for t in run.tokens], [t.confidence for t in run.tokens]
            for half in half_read(texts, certain):
                add(run.tokens[half.first : half.last + 1])
    if references := references_in(sheet):
        best = references[0]
        if best.score >= 60 and not kenmerk_is_valid(figures(best.value)) and not is_clear(best.tokens, 94):
            add(best.tokens)
    return spans[:5]


def read_facts(pages: Sequence[PageReading], knowledge: Knowledge) -> LetterFacts:
    """Return the facts of one letter from the readings of its pages, in order. Pure."""
    if not any(page.words for page in pages):
        return LetterFacts(pages=len(pages))
    sheet = see(pages)
    layout = sheet.layout

    def words_of(tokens: Sequence[Token]) -> tuple[Word, ...]:
        return layout.words_of(tokens)

    accounts = accounts_in(sheet)
    sender = sent_by(layout, knowledge, [a.value for a in accounts if a.valid])
    kind = find_kind(layout, sender.sender if sender else None, knowledge, sender.name if sender else "")
    days = letter_dates(sheet)
    own = own_day(days, any(not page.digital and page.mean_confidence < WEAKLY_READ for page in pages))
    letter_date = own.value if own else None
    clues = all_clues(sheet, letter_date)
    notes = (*_notes(sheet, sender), *_absent(sheet, pages, clues, letter_date))
    asks = kind is not None and kind.kind in PAYING | TIMED and not {"no_action_needed", "settled"} & set(notes)
    if asks and kind is not None and all(c.clue.action is Action.BEZWAAR for c in clues):
        clues = [*clues, *faint_days(sheet, letter_date, clues, kind.kind in INVITING)]
    if perhaps_a_day(sheet, letter_date, clues):
        notes = (*notes, "perhaps_a_day")
    if answer_demanded(clues):
        notes = (*notes, "answer_demanded")
    amount, amounts, nothing = amount_asked(sheet, kind, sender, words_of)
    credited = kind is not None and kind.kind in {"factuur", "aanslag"} and gives_back(sheet)
    if amount is None and credited and not clues and "no_action_needed" not in notes:
        notes = (*notes, "no_action_needed")
    if amount is None and gives_back(sheet):
        notes = (*notes, "money_comes")
    if amount is None and "no_amount" not in notes and asks_nothing_surely(sheet, nothing) and _is_clear_print(pages):
        notes = (*notes, "no_amount")

    whole = [d for run in sheet.flows for d in run.dates if d.year is not None and not d.half]
    seen_dates = Counter((d.year, d.month, d.day) for d in whole)

    def times(value: date) -> int:
        return seen_dates[(value.year, value.month, value.day)]

    found_date: Found[date] | None = None
    if own is not None:
        rivals = tuple(dict.fromkeys(d.value for d in days if d.value != own.value and d.score >= own.score - 3))
        plain_place = own.labelled or own.score >= 7
        agreed = date_agreed(sheet, own.tokens, own.value, own.seen, times(own.value))
        above = own.labelled or above_salutation(sheet, own.tokens[0])
        later = any(d.value < own.value and d.score >= 3 for d in days) and not own.labelled
        sure_date = agreed and plain_place and above and not later and not (rivals and not own.labelled)
        found_date = Found(own.value, words_of(own.tokens), sure_date, rivals[:3])

    found_clues = tuple(_clue(sheet, clue, letter_date, times, words_of) for clue in clues)
    if not all(page.digital or page.mean_confidence >= LEGIBLE for page in pages):
        # The day that counts may stand among the words that were not read.
        found_clues = tuple(replace(clue, sure=False) for clue in found_clues)
    if kind is not None and kind.kind in INVITING:
        found_clues = tuple(
            replace(clue, sure=clue.sure and not _before_another(sheet, clue.value, letter_date))
            for clue in found_clues
        )
    served = None
    if (
        own is not None
        and _SERVED.search(" ".join(r.text.text for r in sheet.flows))
        and sender
        and sender.sender == "gerechtsdeurwaarder"
    ):
        served = found_date

    reference, references = _reference(sheet, sender.sender if sender else None, words_of)
    held = kind is not None and kind.kind == "beslag" and sender is not None and sender.sender == "bank"
    iban = None if held else _iban(sheet, accounts, words_of)
    if held and "no_amount" in notes and "no_account" not in notes and not asks_money(sheet, strictly=True):
        notes = (*notes, "no_account")  # the account that a bank names is the one it holds
    behalf = _behalf(sheet, sender, words_of)
    return LetterFacts(
        sender=_sender(sender, words_of),
        sender_name=Found(sender.name, words_of(sender.tokens), sender.places > 1) if sender and sender.name else None,
        kind=_kind(kind, words_of),
        letter_date=found_date,
        served=served,
        clues=found_clues,
        day_chances=chances(
            sheet,
            letter_date,
            what_is_known(notes, amount),
            kind.kind if kind else "",
            sender.sender if sender else "",
            words_of,
            lambda day, place: _proven(sheet, day, place, times),
        ),
        amount=amount,
        reference=reference,
        iban=iban,
        on_behalf_of=behalf,
        references=references,
        dates=tuple(
            Found(date(d.year, d.month, d.day), words_of(run.tokens[d.first : d.last + 1]), not d.repaired)
            for run in sheet.flows
            for d in run.dates
            if d.year is not None
        ),
        amounts=amounts,
        notes=(*notes, *_print(pages)),
        pages=len(pages),
        words=layout.words,
    )


def what_is_known(notes: Sequence[str], amount: Found[Decimal] | None) -> list[str]:
    """Return what is known of a letter as a whole when its days are weighed."""
    return [*notes, "amount" if amount else "no amount"]


CLEAR_LEAD = 3.5
"""How far names and known letters together must put a sender before the next, in factors e."""
LEAD_OF_NONE = 4.0
"""The same for a sender that is none of the groups."""
NAMED_AT_ALL = 3.0
"""Points of the names from which a sender names itself somewhere (less, and only its words speak for it)."""


def _sender(seen: SenderSeen | None, words_of: WordsOf) -> Found[str] | None:
    if seen is None:
        return None
    # Names and known letters together: of 1,151 letters that the latter did not know 958 from here on, 2 of them wrong; with
    # a clear lead of the names asked besides 899, the same 2 wrong.
    needed = LEAD_OF_NONE if seen.sender == UNKNOWN_SENDER else CLEAR_LEAD
    sure = min(seen.score, seen.margin) >= NAMED_AT_ALL and seen.lead >= needed
    others = tuple(name for name, score in seen.ranking[1:4] if score >= 0.5 * seen.score)
    return Found(seen.sender, words_of(seen.tokens), sure, others)


def _kind(seen: KindSeen | None, words_of: WordsOf) -> Found[str] | None:
    if seen is None:
        return None
    # Rules and likeness agree: on 439 letters that neither knew wrong in 1 of 290; from a chance of 0.45 on in 5 of 313.
    sure = seen.alike and seen.chance >= LIKE_THOSE and seen.margin >= 4
    others = tuple(name for name, score in seen.ranking[1:4] if score >= 0.5 * seen.score)
    return Found(seen.kind, words_of(seen.tokens), sure, others)


def _before_another(sheet: Sheet, clue: DeadlineClue, letter_date: date | None) -> bool:
    """Return whether a later day is named than the one by which something is to be done: perhaps the day of the hearing."""
    if clue.printed is None or clue.regime in APPOINTED:
        return False
    return any((day.on(letter_date) or date.min) > clue.printed for run in sheet.flows for day in run.dates)


def _clue(
    sheet: Sheet, clue: ClueSeen, letter_date: date | None, times: Times, words_of: WordsOf
) -> Found[DeadlineClue]:
    value = clue.clue
    if value.printed is not None:
        tokens = clue.date_tokens or clue.tokens
        agreed = date_agreed(sheet, tokens, value.printed, clue.seen, times(value.printed))
        plausible = letter_date is not None and 0 <= (value.printed - letter_date).days <= 400
        sure = agreed and plausible and clue.score >= 5
    else:
        # A right to object stands behind what a letter asks; where it is all there is, its term is said as plainly.
        firm = clue.score >= (3 if value.action is Action.BEZWAAR else 5)
        sure = firm and value.action is not None and (sheet.layout.digital or is_clear(list(clue.tokens), 70))
    return Found(value, words_of(clue.tokens), sure)


def _proven(sheet: Sheet, day: Day, place: Place, times: Times) -> bool:
    """Return whether the figures of a day, or the words of a term, are surely read, whatever they are said for."""
    if day.printed is None:
        return sheet.layout.digital or is_clear(place.tokens, 70)
    # A day whose month stands only in the date of the letter is read into it.
    inferred = place.seen is not None and place.seen.inferred
    return not inferred and date_agreed(sheet, place.tokens, day.printed, place.seen, times(day.printed))


def references_in(sheet: Sheet, sender: str | None = None) -> list[ReferenceFound]:
    """Return the references of the letter, the one to quote when paying or calling first."""
    return references_of(
        sheet.layout, [r.tokens for r in sheet.flows], [r.tokens for r in sheet.rows], court=sender == "rechtbank"
    )


def _reference(sheet: Sheet, sender: str | None, words_of: WordsOf) -> tuple[Found[str] | None, tuple[Found[str], ...]]:
    ranked = references_in(sheet, sender)
    every = tuple(Found(r.value, words_of(r.tokens)) for r in ranked)
    if not ranked:
        return None, ()
    best = ranked[0]
    digits = figures(best.value)
    proven = len(digits) == 16 and kenmerk_is_valid(digits)
    same = sum(1 for r in ranked if _bare(r.value) == _bare(best.value))
    labelled = best.score >= 75
    second = second_text(sheet, best.tokens)
    agreed = second is not None and second[1] >= AGREE and _bare(second[0]) == _bare(best.value)
    doubted = second is not None and second[1] >= AGREE and not agreed
    clear = sheet.layout.digital or agreed or is_clear(best.tokens, 90)
    others = [r for r in ranked if _bare(r.value) != _bare(best.value)]
    # A number of its own kind that is worth nearly as much may be the one to quote.
    alone = not any(r.score > best.score - 14 for r in others)
    # "771204" beside "BR-771204-2": a piece of a number is not the number.
    mine = _bare(best.value)
    whole = not any(mine in _bare(r.value) or _bare(r.value) in mine for r in others)
    case = best.score < 105 and any(r.label == "zaaknummer" for r in others)
    sure = (proven and not case) or (not doubted and whole and (same > 1 or (labelled and clear) or (alone and clear)))
    # Sixteen figures in fours of which some were not read: "3305 5187".
    fours = re.fullmatch(r"\d{4}(?: \d{4}){0,2}", best.value.strip()) is not None
    cut = best.label in {"betalingskenmerk", "cjib-nummer"} and len(digits) != KENMERK_FIGURES
    sure = sure and (sheet.layout.digital or proven or not (fours or cut))
    candidates = tuple(dict.fromkeys(r.value for r in ranked[1:] if _bare(r.value) != _bare(best.value)))[:3]
    # The only number of a letter whose words are all known is its own, whatever stands beside it.
    only = all(_bare(r.value) == mine for r in ranked)
    needed = (ONLY_ONE if sheet.layout.digital else ONLY_ONE_SEEN) if only else NAMED
    return Found(best.value, words_of(best.tokens), sure and best.score >= needed, candidates), every


def _bare(value: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", value).upper()


def _iban(sheet: Sheet, accounts: Sequence[AccountFound], words_of: WordsOf) -> Found[str] | None:
    if not accounts or accounts[0].score < 1:
        return None
    best = accounts[0]
    rivals = tuple(
        dict.fromkeys(a.value for a in accounts[1:] if a.value != best.value and a.valid and a.score >= best.score - 2)
    )
    return Found(best.value, words_of(best.tokens), best.valid and not rivals and not _half_read(best), rivals)


def _half_read(account: AccountFound) -> bool:
    """Return whether a figure of an account was not read, so that the check digits alone tell it."""
    seen = find_ibans([t.text for t in account.tokens])
    return any(one.half and one.value == account.value for one in seen)


def _behalf(sheet: Sheet, sender: SenderSeen | None, words_of: WordsOf) -> Found[str] | None:
    if sender is None or sender.sender not in {
        "gerechtsdeurwaarder",
        "incassobureau",
        "ziekenhuis_zorgverlener",
        "cjib",
    }:
        return None
    for run in (*sheet.flows, *sheet.rows):
        text = run.text
        named = find_creditor(text.text, lambda start, text=text: text.tokens_at(start, len(text.text)))
        if named:
            name = " ".join(t.text for t in named).strip(" ,.;:")
            return Found(name, words_of(named), sheet.layout.digital or is_clear(named))
    return None


def _print(pages: Sequence[PageReading]) -> tuple[str, ...]:
    """Return how well the pages were read, as notes: "clear_print", "half_read", "page_missing" or nothing."""
    if any(not page.digital and page.mean_confidence < HALF_READ for page in pages):
        return ("half_read",)
    return ("page_missing",) if _page_missing(pages) else ("clear_print",) if _is_clear_print(pages) else ()


def _page_missing(pages: Sequence[PageReading]) -> bool:
    """Return whether a page says that the letter has more of them: "pagina 1 van 2", and the other is not here."""
    marks = (page_number(page) for page in pages)
    return any(mark is not None and (mark[1] or 0) > len(pages) for mark in marks)


def _is_clear_print(pages: Sequence[PageReading]) -> bool:
    """Return whether what was not seen on these pages is rightly said not to be there."""
    seen = all(page.digital or (page.whole and page.mean_confidence >= CLEAR_PAGE) for page in pages)
    return seen and not _page_missing(pages)


_NO_ACTION = _CUES.phrases["no_action"]
_SETTLED = _CUES.phrases["settled"]
_UNSETTLED = _CUES.phrases["unsettled"]
_ADVERTISING = _CUES.phrases["advertising"]


LIKE_THOSE = 0.6
"""Chance by likeness from which rules that say the same are believed."""
NAMED = 60.0
"""Worth of a reference from which its label is known, so that it is sure beside others."""
ONLY_ONE = 40.0
"""The same for the only number of a letter (right in 174 of 174 letters under 60)."""
ONLY_ONE_SEEN = 56.0
"""The same on a photo, where another may not have been read."""
KENMERK_FIGURES = 16
"""Figures of a betalingskenmerk and of a CJIB number."""
WEAKLY_READ = 85.0
"""Mean confidence of a page under which the letter's own day is perhaps lost."""
HALF_READ = 60.0
"""Mean confidence of a page under which nothing of the letter is sure: a person looks at every fact."""
LEGIBLE = 75.0
"""Mean confidence of a page under which a fifth of its words are lost, perhaps with the day that counts (measured)."""
APPOINTED = {"event_date", "court_summons"}
INVITING = {"uitnodiging", "dagvaarding"}
"""Kinds whose own time is the day to come; other days on them are for those who write before."""
CLEAR_PAGE = 88.0
"""Mean confidence of a page from which what was not seen is rightly said not to be there."""
_ACCOUNT = _CUES.phrases["account"]
_MONEY = _CUES.phrases["money"]
_TIME = _CUES.phrases["time"]
_TERM = _CUES.phrases["term"]
_SERVED = _CUES.phrases["served"]


def _absent(
    sheet: Sheet, pages: Sequence[PageReading], clues: Sequence[ClueSeen], letter_date: date | None
) -> tuple[str, ...]:
    """Return what is surely not on the paper: "no_account", "no_amount", "no_term"; nothing where print is unclear.

    "no_time": no words of any time to come stand there. "one_term": one phrase sets a time and no other words do; "no_day": no day after the letter's own is named.
    """
    if not _is_clear_print(pages):
        return ()
    text = " ".join(run.text.text for run in sheet.flows)
    found: list[str] = []
    if not _ACCOUNT.search(text) and not any(run.ibans for run in sheet.flows):
        found.append("no_account")
        if not _MONEY.search(text) and not any(run.amounts for run in sheet.flows):
            found.append("no_amount")
    if not clues and not _TERM.search(text):
        found.append("no_term")
    if len(clues) == 1 and not _TERM.search(text.replace(clues[0].sentence, " ")):
        found.append("one_term")
    if letter_date is not None and all(
        (d.on(letter_date) or date.min) <= letter_date for r in sheet.flows for d in r.dates
    ):
        found.append("no_day")
        if "no_term" in found and not _TIME.search(text):
            found.append("no_time")
    return tuple(found)


def _notes(sheet: Sheet, sender: SenderSeen | None) -> tuple[str, ...]:
    text = " ".join(run.text.text for run in sheet.flows)
    notes: list[str] = []
    if _NO_ACTION.search(text):
        notes.append("no_action_needed")
    said = [one for run in sheet.flows for _, one in sentences(run.text.text) if not may_come(one)]
    if any(_SETTLED.search(one) for one in said) and not any(_UNSETTLED.search(one) for one in said):
        notes.append("settled")
    if sender is not None and sender.sender == "reclame" or len(_ADVERTISING.findall(text)) >= 2:
        notes.append("advertising")
    return tuple(notes)
