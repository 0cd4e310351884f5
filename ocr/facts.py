"""From the words of a letter to its facts, each with the words that prove it and whether two reasons agree on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from briefbrug.knowledge.load import Knowledge
from briefbrug.letter import Action, DeadlineClue, Found, LetterFacts, PageReading, Word
from ocr.clues import TERM_ROW, ClueSeen, best_first, find_clues
from ocr.dates import DateSeen, find_dates, same_date
from ocr.kind import KindSeen, find_kind
from ocr.lines import Layout, Mark, Marked, Piece, Token, label_above, lay_out, marked, plain
from ocr.money import DEDUCTED, AmountSeen, find_amounts, worth
from ocr.numbers import IbanSeen, find_ibans, kenmerk_is_valid
from ocr.references import ReferenceFound, references_of
from ocr.sender import SenderSeen, find_creditor, find_sender

CLEAR = 85.0
"""Word confidence from which a single reader is nearly always right on figures."""
AGREE = 80.0
"""Confidence of the second reader from which its view counts."""

WordsOf = Callable[[Sequence[Token]], tuple[Word, ...]]
Times = Callable[[date], int]

ASKED_NOW = 11.4
"""Worth of an amount that is said to be due now, not in all."""

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


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words with what was found in it, as marked text."""

    tokens: tuple[Token, ...]
    dates: tuple[DateSeen, ...]
    amounts: tuple[AmountSeen, ...]
    ibans: tuple[IbanSeen, ...]
    text: Marked
    row: bool


def _run(tokens: Sequence[Token], row: bool) -> Run:
    texts = [t.text for t in tokens]
    dates = find_dates(texts)
    ibans = find_ibans(texts)
    taken = {i for d in dates for i in range(d.first, d.last + 1)} | {
        i for b in ibans for i in range(b.first, b.last + 1)
    }
    amounts = [a for a in find_amounts(texts) if not taken & set(range(a.first, a.last + 1))]
    date_places = {i for d in dates for i in range(d.first, d.last + 1)}
    ibans = [b for b in ibans if not date_places & set(range(b.first, b.last + 1))]
    marks = [Mark(d.first, d.last, "d", n) for n, d in enumerate(dates)]
    marks += [Mark(b.first, b.last, "i", n) for n, b in enumerate(ibans)]
    marks += [Mark(a.first, a.last, "a", n) for n, a in enumerate(amounts)]
    return Run(tuple(tokens), tuple(dates), tuple(amounts), tuple(ibans), marked(tokens, marks), row)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The layout of a letter and its runs: flows of text, and printed lines as label and value."""

    layout: Layout
    flows: tuple[Run, ...]
    rows: tuple[Run, ...]
    rereads: Mapping[int, tuple[tuple[int, ...], str, float]]
    """Word index to (all words re-read with it, what the second reader saw, its confidence)."""

    @property
    def second_reader(self) -> bool:
        """Whether the second reader looked at anything on these pages."""
        return bool(self.rereads)


def see(pages: Sequence[PageReading]) -> Sheet:
    """Return the pages of one letter, laid out and searched."""
    layout = lay_out(pages)
    flows = tuple(_run([t for piece in flow for t in piece.tokens], False) for flow in layout.flows)
    rows = tuple(
        _run([t for piece in row for t in piece.tokens], True)
        for row in layout.rows
        if len(row) != 1 or len(next(iter(row)).tokens) <= 12
    )
    rereads: dict[int, tuple[tuple[int, ...], str, float]] = {}
    base = 0
    for page in pages:
        for reread in page.rereads:
            words = tuple(base + i for i in reread.words)
            for index in words:
                rereads[index] = (words, reread.text, reread.confidence)
        base += len(page.words)
    return Sheet(layout, flows, rows, rereads)


# ---------------------------------------------------------------- agreement of readers


def _second_text(sheet: Sheet, tokens: Sequence[Token]) -> tuple[str, float] | None:
    """Return what the second reader saw over these tokens, and its lowest confidence; None when it did not look."""
    parts: list[str] = []
    lowest = 100.0
    seen: set[tuple[int, ...]] = set()
    for token in tokens:
        entry = sheet.rereads.get(token.index)
        if entry is None:
            return None
        words, text, confidence = entry
        if words in seen:
            continue
        seen.add(words)
        parts.append(text)
        lowest = min(lowest, confidence)
    return " ".join(parts), lowest


def _clear(tokens: Sequence[Token], least: float = CLEAR) -> bool:
    return bool(tokens) and min(t.confidence for t in tokens if re.search(r"\w", t.text) or True) >= least


def _figures(text: str) -> str:
    return re.sub(r"\D", "", text)


def _half_lost(sheet: Sheet, seen: DateSeen, tokens: Sequence[Token]) -> bool:
    """Return whether a day printed as one figure may be the second half of an "18": room for a figure before it.

    Both readers then see the same half, so only the place tells: the gap to the word before, or the edge of the column.
    """
    day = next((t for t in tokens if t.text.lstrip("(")[:1].isdigit()), None)
    if day is None or seen.day > 9 or not re.match(r"\(?\d(?:\D|$)", day.text):
        return False
    layout = sheet.layout
    for row in layout.rows:
        for piece in row:
            if piece.page != day.page or not any(t.index == day.index for t in piece.tokens):
                continue
            place = next(n for n, t in enumerate(piece.tokens) if t.index == day.index)
            if place:
                return day.x0 - piece.tokens[place - 1].x1 > 0.75 * day.height
            return not any(
                abs(other.x0 - day.x0) < 0.35 * day.height and 0 < abs(other.y0 - day.y0) < 9 * day.height
                for line in layout.rows
                for other in line
                if other.page == day.page
            )
    return True


def _date_agreed(sheet: Sheet, tokens: Sequence[Token], value: date, seen: DateSeen | None, times: int) -> bool:
    """Return whether two independent reasons speak for a date."""
    if sheet.layout.digital:
        return True
    if seen is not None and seen.weekday_right is False:
        return False
    if seen is not None and not seen.weekday_right and times < 2 and _half_lost(sheet, seen, tokens):
        return False
    second = _second_text(sheet, tokens)
    if second is not None:
        agreed = same_date(second[0], value)
        if agreed is False and second[1] >= 60:
            return False
        if agreed:
            return seen is None or not seen.repaired or second[1] >= AGREE
        if agreed is None and seen is not None and seen.year is None:
            wanted = f"{value.day}"
            return wanted in re.findall(r"\d+", second[0]) and _clear(tokens, 60)
        return bool(seen and seen.weekday_right and _clear(tokens)) or (times > 1 and _clear(tokens))
    if seen is not None and seen.repaired:
        return False
    if seen is not None and seen.weekday_right and _clear(tokens, 60):
        return True
    return times > 1 and _clear(tokens, 70) or _clear(tokens, 93)


def _amount_agreed(sheet: Sheet, tokens: Sequence[Token], value: Decimal, times: int) -> bool:
    if sheet.layout.digital:
        return True
    second = _second_text(sheet, tokens)
    wanted = f"{abs(value):.2f}"
    if second is not None:
        seen = find_amounts(_spaced(second[0]).split())
        if seen:
            return any(abs(a.value) == abs(value) for a in seen)
        digits = _figures(second[0])
        if digits in {_figures(wanted), str(int(abs(value)))}:
            return True
        return False
    return times > 1 and _clear(tokens, 65) or _clear(tokens, 90)


def _spaced(text: str) -> str:
    return re.sub(r"(€|EUR)(?=\d)", r"\1 ", re.sub(r"(?<=[a-z])(?=[€\d])", " ", text))


# ---------------------------------------------------------------- letter date

_DATE_LABEL = re.compile(
    r"(?:^|\b)(?:datum(?! van)|dagtekening|dagtekening/verzenddatum|verzenddatum|verzonden(?: op)?|factuurdatum|notadatum|briefdatum|vonnis(?: van)?|uitspraak(?: van)?|datum (?:brief|factuur|nota|van verzending|verzending|dagtekening|besluit|beschikking|van deze brief)|date|invoice date|dated|d\.d\.)\s*:?$"
)
_OTHER_LABEL = re.compile(
    r"uiterlijk|uiterste|verval|betaal|voor$|geboren|geboorte|ingang|periode|overtreding|pleeg|tot|van|afspraak|zitting|geldig|incasso|uw brief|bezwaar|einde|start|boekdatum|behandel|vonnis|uitspraak"
)
_OWN_LABEL = re.compile(
    r"dagtekening|verzenddatum|verzonden|briefdatum|datum (?:brief|van deze brief|factuur|nota|van verzending|verzending|dagtekening|besluit|beschikking)|factuurdatum|notadatum|invoice date"
)
"""Labels that name the letter's own date wherever they stand."""
_HEDEN = re.compile(
    r"\bheden(?:,? de| de|,)? ?(?:\w+dag,? )?(?:de )?<d(\d+)>|(?:in het jaar|op heden)[^<]{0,40}<d(\d+)>"
)
_PLACE = re.compile(r"^[a-z' \-]{3,30},? ?(?:de |d\.d\. )?<d(\d+)>[.,]?$")


@dataclass(frozen=True, slots=True)
class DayFound:
    """A date of the letter: value, tokens, how it was printed, and how likely it is the letter's own date."""

    value: date
    tokens: tuple[Token, ...]
    seen: DateSeen
    score: float
    labelled: bool = False


def letter_dates(sheet: Sheet) -> list[DayFound]:
    """Return the dates that can be the letter's own, most likely first."""
    layout = sheet.layout
    own_place = _salutation(sheet)
    found: list[DayFound] = []
    for run in (*sheet.flows, *sheet.rows):
        heden = _HEDEN.search(run.text.text)
        for number, seen in enumerate(run.dates):
            if seen.year is None or not 2015 <= seen.year <= 2040:
                continue
            tokens = run.tokens[seen.first : seen.last + 1]
            if tokens[0].page > 0 and not heden:
                continue
            depth = layout.depth(tokens[0])
            line = [t for t in run.tokens if t.line == tokens[0].line and t.page == tokens[0].page]
            before_tokens = [t for t in line if t.index < tokens[0].index]
            before = plain(" ".join(t.text for t in before_tokens)).rstrip(" :")
            after = [t for t in line if t.index > tokens[-1].index]
            score = 0.0
            labelled = False
            label = before
            if not before_tokens:
                piece = Piece(tuple(tokens))
                label = label_above(layout, piece)
            near = label.rstrip(" :")
            if _DATE_LABEL.search(near) and not (run.row and _OTHER_LABEL.search(near[-40:]) and "factuur" not in near):
                # A label in the running text or in a table of costs ("vonnis 4 maart") is seldom the letter's own.
                below = own_place < tokens[0].y0 and tokens[0].page == 0 and not _OWN_LABEL.search(near)
                score += 4 if below else 10
                labelled = not below
            elif near and _OTHER_LABEL.search(near[-30:]):
                score -= 5
            if heden and str(number) in {heden.group(1), heden.group(2)}:
                score += 12
                labelled = True
            alone = not before_tokens and not after
            if not run.row or alone:
                if (
                    _PLACE.match(plain(" ".join(t.text for t in before_tokens)) + f" <d{number}>")
                    and not after
                    and len(before_tokens) <= 4
                    and before_tokens
                    and before_tokens[0].text[:1].isupper()
                ):
                    score += 7 if depth < 0.5 else 4
            if alone:
                score += 4 if depth < 0.45 else 0
            score += 3 if depth < 0.35 else 1.5 if depth < 0.5 else -1 if depth < 0.85 else 0
            if seen.weekday_right:
                score += 0.5
            found.append(DayFound(date(seen.year, seen.month, seen.day), tokens, seen, score, labelled))
    best: dict[tuple[int, ...], DayFound] = {}
    for item in found:
        key = tuple(t.index for t in item.tokens)
        if key not in best or best[key].score < item.score:
            best[key] = item
    return sorted(best.values(), key=lambda d: (-d.score, d.tokens[0].index))


def _letter_date(days: Sequence[DayFound]) -> DayFound | None:
    return days[0] if days and days[0].score >= 3 else None


# ---------------------------------------------------------------- deadline phrases

_ROW_LABEL = re.compile(
    r"(?:uiterlijk|uiterste|uiterste betaal\w*|betalen (?:voor|uiterlijk|op)|te betalen (?:voor|uiterlijk)|betaal (?:voor|uiterlijk)|verval(?:datum|dag)|betaaldatum|reageren? (?:voor|uiterlijk)|reactie(?:datum|termijn)|inlever|due date|pay(?:ment)? (?:by|due)|datum (?:en tijd|afspraak|zitting|ontruiming|afsluiting|gesprek)|zittingsdatum|roldatum|afspraak|afsluitdatum|ontruimingsdatum|wanneer|antwoord voor|terugsturen voor|voor:?$)"
)


_DAY_ROW = re.compile(r"^(?:dag|datum|wanneer|op|dag en datum|date)\b ?:? ?<d(\d+)>[.,]?(?: |$)")
_TIME_ROW = re.compile(r"^(?:tijd(?:stip)?|aanvang|hoe laat|om|uur|time)\b ?:? ?\d{1,2}[.:u]")


def all_clues(sheet: Sheet, letter_date: date | None) -> list[ClueSeen]:
    """Return the phrases of the letter that set a time, most likely deadline first."""
    found: list[ClueSeen] = []
    for run in sheet.flows:
        found.extend(find_clues(run.text, run.dates, letter_date))
    for run in sheet.rows:
        if not run.dates and not TERM_ROW.match(run.text.text):
            continue
        found.extend(find_clues(run.text, run.dates, letter_date, in_row=True))
    # A table of an appointment: "Dag | dinsdag 1 december" with "Tijd | 11.40 uur" beside it.
    for number, run in enumerate(sheet.rows):
        match = _DAY_ROW.match(run.text.text)
        beside = sheet.rows[max(0, number - 2) : number + 3]
        if not match or not any(_TIME_ROW.match(r.text.text) for r in beside):
            continue
        seen = run.dates[int(match.group(1))]
        printed = seen.on(letter_date)
        if printed is None or (letter_date is not None and printed < letter_date):
            continue
        tokens = run.tokens[seen.first : seen.last + 1]
        clue = DeadlineClue("event_date", printed=printed, action=Action.VERSCHIJNEN)
        found.append(ClueSeen(clue, tuple(tokens), 10, seen, tuple(tokens), run.text.text))
    # A label over its value: "Uiterste betaaldatum" above "3 december 2026".
    for run in sheet.flows:
        for seen in run.dates:
            tokens = run.tokens[seen.first : seen.last + 1]
            line = [t for t in run.tokens if t.line == tokens[0].line and t.page == tokens[0].page]
            if line[0].index != tokens[0].index:
                continue
            label = label_above(sheet.layout, Piece(tuple(tokens))).rstrip(" :")
            if not label or len(label) > 45 or not _ROW_LABEL.search(label):
                continue
            printed = seen.on(letter_date)
            if printed is None or (letter_date is not None and printed < letter_date):
                continue
            event = re.search(r"afspraak|zitting|ontruiming|afsluit|roldatum|gesprek|wanneer|datum en tijd", label)
            regime = "event_date" if event else "before" if re.search(r"\bvoor$", label) else "on_or_before"
            action = (
                Action.VERSCHIJNEN
                if event
                else Action.BETALEN
                if re.search(r"betaal|betal|verval|pay|due", label)
                else Action.REAGEREN
            )
            found.append(
                ClueSeen(
                    DeadlineClue(regime, printed=printed, action=action), tuple(tokens), 9.5, seen, tuple(tokens), label
                )
            )
    return best_first(found)


# ---------------------------------------------------------------- amount to pay now


@dataclass(frozen=True, slots=True)
class MoneyFound:
    """An amount of the letter with how much says that it is to be paid now."""

    value: Decimal
    tokens: tuple[Token, ...]
    score: float
    deducted: bool = False
    """Whether its label says that it is taken off, though no minus is printed."""


def amounts_to_pay(sheet: Sheet) -> list[MoneyFound]:
    """Return the amounts of the letter, the one to be paid now first; equal amounts strengthen each other."""
    best: dict[int, MoneyFound] = {}
    for run in (*sheet.rows, *sheet.flows):
        for number, seen in enumerate(run.amounts):
            tokens = run.tokens[seen.first : seen.last + 1]
            mark = run.text.text.find(f"<a{number}>")
            before, after = run.text.text[:mark], run.text.text[mark + len(f"<a{number}>") :]
            if not run.row and tokens[-1].index in best and not re.sub(r"<\w+>|[^a-z]", "", before[-70:]):
                continue  # a column of figures: their rows say what they are
            score = worth(before.rstrip(), after, run.row)
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
            deducted = run.row and bool(DEDUCTED.search(before)) or (key in best and best[key].deducted)
            found = MoneyFound(seen.value, tuple(tokens), score, deducted)
            if key not in best or best[key].score < score or deducted:
                best[key] = replace(found, score=max(score, best[key].score if key in best else score))
    times = Counter(m.value for m in best.values())
    largest = max((m.value for m in best.values()), default=Decimal(0))
    in_order = sorted(best.values(), key=lambda m: m.tokens[0].index)

    def weighed(m: MoneyFound) -> MoneyFound:
        total = m.score > -3 and _proven(in_order, m)
        # "samen" adds up the items; what is left "te betalen" after payments is another amount.
        named = m.score < 9 and any(o.score >= 9 and o.value != m.value for o in best.values())
        more = 0.8 * min(3, times[m.value] - 1) + (0.6 if m.value == largest else 0)
        asked = any(o.score >= ASKED_NOW and o.value != m.value for o in best.values())
        more += (0 if asked else 2 if named else 7) if total else 0
        return replace(m, score=m.score + more)

    return sorted((weighed(m) for m in best.values()), key=lambda m: (-m.score, -m.value, m.tokens[0].index))


_PER_TERM = re.compile(
    r"per maand|maandbedrag|termijnbedrag|termijnen van|termijn(?:bedrag)? (?:van|is|bedraagt)|elke maand|maandelijks|iedere maand|\btermijn\b"
)


_TERM_OF = re.compile(
    r"(?:termijn(?:en|bedrag)?|delen?|bedragen|keer|maanden|maal)(?: \w+)?(?: van| is| a| bedraagt)?$|(?:per|elke|iedere) (?:maand|week|termijn)[^<]{0,25}$|maandbedrag[^<]{0,12}$|termijnbedrag[^<]{0,12}$"
)
_EACH = re.compile(r"^<\w+>[.,]? (?:per|elke|iedere) (?:maand|week|termijn|vier weken)")


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
            if re.search(
                r"schuld van|totaal|hele bedrag|achterstand van|in totaal", run.text.text[max(0, mark - 30) : mark]
            ):
                score -= 4
            key = tokens[-1].index
            if key not in found or found[key].score < score:
                found[key] = MoneyFound(seen.value, tuple(tokens), score)
    times = Counter(m.value for m in found.values())
    ranked = [MoneyFound(m.value, m.tokens, m.score + 2.5 * min(3, times[m.value] - 1)) for m in found.values()]
    return sorted(ranked, key=lambda m: (-m.score, m.tokens[0].index))


def _proven(in_order: Sequence[MoneyFound], money: MoneyFound) -> bool:
    """Return whether an amount is the sum of those above it, with what is taken off counted as such."""
    place = next((n for n, m in enumerate(in_order) if m.tokens == money.tokens), len(in_order))
    above = in_order[:place]
    if not above or money.value <= 0:
        return False
    plainly = [m.value for m in above]
    signed = [-m.value if m.deducted and m.value > 0 else m.value for m in above]
    largest = max(m.value for m in in_order)
    for values in (plainly, signed):
        running = Decimal(0)
        for count, value in enumerate(reversed(values[-12:]), 1):
            running += value
            if running == money.value and count > 1 and (money.value == largest or min(values) < 0):
                return True
    return False


def _sums_up(values: Iterable[Decimal], total: Decimal) -> bool:
    """Return whether the parts of a table printed before a total add up to it: proof that every figure is right."""
    parts = [v for v in values if v != total]
    for start in range(len(parts)):
        running = Decimal(0)
        for end in range(start, min(len(parts), start + 12)):
            running += parts[end]
            if running == total and end > start:
                return True
    return False


# ---------------------------------------------------------------- accounts


@dataclass(frozen=True, slots=True)
class AccountFound:
    """An IBAN of the letter with how likely it is the payee's."""

    value: str
    tokens: tuple[Token, ...]
    valid: bool
    repaired: bool
    score: float


_OWN = re.compile(
    r"(?:\buw (?:bank|betaal|spaar)?rekening(?:nummer)?|van (?:de )?(?:bank|betaal)?rekening|uw iban|bij ons bekende rekening|beslag[^<]{0,30}rekening)[^<]{0,40}$"
)
_PAYEE = re.compile(
    r"(?:overmaken|over op|over naar|storten|betal\w*|rekeningnummer|iban|bankrekening|t\.?n\.?v|ten name|naar rekening|naar)[^<]{0,60}$"
)


def accounts_in(sheet: Sheet) -> list[AccountFound]:
    """Return the IBANs of the letter, the payee's first."""
    best: dict[int, AccountFound] = {}
    for run in (*sheet.flows, *sheet.rows):
        for number, seen in enumerate(run.ibans):
            tokens = run.tokens[seen.first : seen.last + 1]
            mark = run.text.text.find(f"<i{number}>")
            before = re.split(r"[.;] ", run.text.text[max(0, mark - 90) : mark])[-1]
            after = run.text.text[mark : mark + 60]
            score = 2.0 + (3 if seen.valid else -4)
            if _OWN.search(before) and not re.search(r"onze rekening|ons rekeningnummer", before):
                score -= 5
            elif _PAYEE.search(before):
                score += 2
            if re.search(r"t\.?n\.?v|ten name van|op naam van", after):
                score += 1
            found = AccountFound(seen.value, tuple(tokens), seen.valid, seen.repaired, score)
            if tokens[0].index not in best or best[tokens[0].index].score < score:
                best[tokens[0].index] = found
    return sorted(best.values(), key=lambda a: (-a.score, a.tokens[0].index))


# ---------------------------------------------------------------- what the second reader should look at


def spans_that_decide(page: PageReading) -> list[tuple[int, ...]]:
    """Return the words of one page that decide and deserve a second look: places in its words, most important first.

    The deadline's date, the amount to pay, the letter's date, and an account number whose check digits fail.
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
    own = _letter_date(days)
    clues = all_clues(sheet, own.value if own else None)
    printed = [c for c in clues if c.clue.printed]
    for clue in printed[:2] if len({c.clue.printed for c in printed[:2]}) > 1 else printed[:1]:
        if not (clue.seen and clue.seen.weekday_right and _clear(clue.date_tokens)):
            add(clue.date_tokens)
    payable = amounts_to_pay(sheet)
    in_order = [m.value for m in sorted(payable, key=lambda m: m.tokens[0].index)]
    if (
        payable
        and payable[0].score >= 4
        and not (
            _clear(payable[0].tokens, 70)
            and (in_order.count(payable[0].value) > 1 or _sums_up(in_order, payable[0].value))
        )
    ):
        add(payable[0].tokens)
    # A printed deadline stands by itself; a term is counted from the date of the letter, which then decides as much.
    if own and (
        not printed
        or any(c.clue.n is not None for c in clues)
        or not _clear(own.tokens, 90)
        or _half_lost(sheet, own.seen, own.tokens)
    ):
        add(own.tokens)
    for account in accounts_in(sheet)[:2]:
        if not account.valid:
            add(account.tokens)
    if references := references_in(sheet):
        best = references[0]
        if best.score >= 60 and not kenmerk_is_valid(_figures(best.value)) and not _clear(best.tokens, 94):
            add(best.tokens)
    return spans[:5]


# ---------------------------------------------------------------- all together


def read_facts(pages: Sequence[PageReading], knowledge: Knowledge) -> LetterFacts:
    """Return the facts of one letter from the readings of its pages, in order. Pure."""
    if not any(page.words for page in pages):
        return LetterFacts(pages=len(pages))
    sheet = see(pages)
    layout = sheet.layout

    def words_of(tokens: Sequence[Token]) -> tuple[Word, ...]:
        return layout.words_of(tokens)

    accounts = accounts_in(sheet)
    sender = find_sender(layout, knowledge, [a.value for a in accounts if a.valid])
    kind = find_kind(layout, sender.sender if sender else None, knowledge)
    days = letter_dates(sheet)
    own = _letter_date(days)
    letter_date = own.value if own else None
    clues = all_clues(sheet, letter_date)
    notes = (*_notes(sheet, sender), *_absent(sheet, pages, clues))
    amount, amounts = _amount(sheet, kind, words_of)
    credited = (
        kind is not None
        and kind.kind in {"factuur", "aanslag"}
        and any(_CREDIT.search(r.text.text) for r in sheet.flows)
    )
    if amount is None and credited and not clues and "no_action_needed" not in notes:
        notes = (*notes, "no_action_needed")
    if amount is None and "no_amount" not in notes and _asks_no_money(sheet, pages, kind):
        notes = (*notes, "no_amount")

    seen_dates = Counter((d.year, d.month, d.day) for run in sheet.flows for d in run.dates if d.year is not None)

    def times(value: date) -> int:
        return seen_dates[(value.year, value.month, value.day)]

    found_date: Found[date] | None = None
    if own is not None:
        rivals = tuple(dict.fromkeys(d.value for d in days if d.value != own.value and d.score >= own.score - 3))
        plain_place = own.labelled or own.score >= 7
        agreed = _date_agreed(sheet, own.tokens, own.value, own.seen, times(own.value))
        above = own.labelled or _above_salutation(sheet, own.tokens[0])
        later = any(d.value < own.value and d.score >= 3 for d in days) and not own.labelled
        sure_date = agreed and plain_place and above and not later and not (rivals and not own.labelled)
        found_date = Found(own.value, words_of(own.tokens), sure_date, rivals[:3])

    found_clues = tuple(_clue(sheet, clue, letter_date, times, words_of) for clue in clues)
    served = None
    if (
        own is not None
        and re.search(r"\bexploot\b|\bheden\b", " ".join(r.text.text for r in sheet.flows))
        and sender
        and sender.sender == "gerechtsdeurwaarder"
    ):
        served = found_date

    reference, references = _reference(sheet, words_of)
    iban = _iban(sheet, accounts, words_of)
    behalf = _behalf(sheet, sender, words_of)
    return LetterFacts(
        sender=_sender(sender, words_of),
        sender_name=Found(sender.name, words_of(sender.tokens), sender.places > 1) if sender and sender.name else None,
        kind=_kind(kind, words_of),
        letter_date=found_date,
        served=served,
        clues=found_clues,
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
        notes=notes,
        pages=len(pages),
        words=layout.words,
    )


_SALUTES = re.compile(r"^(?:geachte|beste|hallo|dear|mevrouw,|mijnheer,|l\.s\.)")


def _salutation(sheet: Sheet) -> float:
    """Return where the salutation of the first page stands; far down when there is none."""
    for row in sheet.layout.rows:
        if row[0].page == 0 and any(_SALUTES.match(plain(p.text)) for p in row):
            return row[0].y0
    return float("inf")


def _above_salutation(sheet: Sheet, token: Token) -> bool:
    """Return whether a word stands above the salutation of its page: where a letter carries its own date."""
    for row in sheet.layout.rows:
        if row[0].page == token.page and any(_SALUTES.match(plain(p.text)) for p in row):
            return row[0].y0 > token.y0
    return False


def _sender(seen: SenderSeen | None, words_of: WordsOf) -> Found[str] | None:
    if seen is None:
        return None
    sure = (seen.margin >= 5 and seen.places >= 2 and seen.score >= 9) or (
        seen.margin >= 8.5 and seen.places >= 1 and seen.score >= 12
    )
    others = tuple(name for name, score in seen.ranking[1:4] if score >= 0.5 * seen.score)
    return Found(seen.sender, words_of(seen.tokens), sure, others)


def _kind(seen: KindSeen | None, words_of: WordsOf) -> Found[str] | None:
    if seen is None:
        return None
    sure = seen.titled and seen.margin >= 6
    others = tuple(name for name, score in seen.ranking[1:4] if score >= 0.5 * seen.score)
    return Found(seen.kind, words_of(seen.tokens), sure, others)


def _clue(
    sheet: Sheet, clue: ClueSeen, letter_date: date | None, times: Times, words_of: WordsOf
) -> Found[DeadlineClue]:
    value = clue.clue
    if value.printed is not None:
        tokens = clue.date_tokens or clue.tokens
        agreed = _date_agreed(sheet, tokens, value.printed, clue.seen, times(value.printed))
        plausible = letter_date is not None and 0 <= (value.printed - letter_date).days <= 400
        sure = agreed and plausible and clue.score >= 5
    else:
        sure = clue.score >= 5 and value.action is not None and (sheet.layout.digital or _clear(list(clue.tokens), 70))
    return Found(value, words_of(clue.tokens), sure)


def _amount(
    sheet: Sheet, kind: KindSeen | None, words_of: WordsOf
) -> tuple[Found[Decimal] | None, tuple[Found[Decimal], ...]]:
    code = kind.kind if kind else ""
    ranked = amounts_to_pay(sheet)
    broken = any(_BROKEN.search(run.text.text) for run in sheet.flows) and bool(ranked) and ranked[0].score >= 9
    if code == "betalingsregeling" and not broken and (terms := instalments(sheet)) and terms[0].score >= 5:
        ranked = terms
    elif code == "betalingsregeling" and not broken and ranked and ranked[0].score < 9:
        ranked = [replace(m, score=min(m.score, 4.4)) for m in ranked]  # a debt, an instalment: nobody is sure which
    every = tuple(Found(m.value, words_of(m.tokens)) for m in sorted(ranked, key=lambda m: m.tokens[0].index))
    if not ranked:
        return None, every
    best = ranked[0]
    needed = 4.0 if code in CLAIMING else 8.0 if code in ASKING else 6.0
    guessed = False
    if best.score < needed:
        # Somebody asks for money and one amount stands out: worth showing, never worth trusting.
        intended = any(_INTENDED.search(run.text.text) for run in sheet.flows)
        marked_euro = any("€" in t.text or plain(t.text).startswith("eur") for t in best.tokens)
        only = len({abs(m.value) for m in ranked if m.score > -7.5}) == 1 and best.score >= -7.5
        unlikely = best.score < -1.5 and not (only and code in PAYING)
        if code in ASKING or code in {"beschikking", ""} or unlikely or intended or not marked_euro:
            return None, every
        guessed = True
    if best.score < 9 and any(_CREDIT.search(run.text.text) for run in sheet.flows):
        return None, every
    times = sum(1 for m in ranked if m.value == best.value)
    in_order = [m.value for m in sorted(ranked, key=lambda m: m.tokens[0].index)]
    agreed = _amount_agreed(sheet, best.tokens, best.value, times) or (
        _sums_up(in_order, best.value) and _clear(best.tokens, 60)
    )
    rivals = [m for m in ranked if m.value != best.value and m.score >= 4 and m.score >= min(best.score - 2.2, 9)]
    candidates = tuple(dict.fromkeys(m.value for m in ranked if m.value != best.value and m.score > 0))[:3]
    # Where the paper bends, a label can fall on the line of its neighbour: amounts that stand alone betray it.
    shifted = not _sums_up(in_order, best.value) and _stands_in_shifted_rows(sheet, best)
    sure = agreed and not rivals and not guessed and not shifted and best.score >= 4.5
    return Found(best.value, words_of(best.tokens), sure, candidates), every


_BROKEN = re.compile(
    r"(?:regeling|afspraak)[^.]{0,30}(?:is|zijn|wordt)[^.]{0,20}(?:vervallen|verbroken|beeindigd|gestopt)|\bineens\b"
)
"""An arrangement that has ended: everything is due."""
_CREDIT = re.compile(
    r"u (?:krijgt|ontvangt)[^.]{0,50}\bterug\b|u (?:krijgt|ontvangt) (?:dit|het|een|van ons|nog)[^.]{0,40}(?:geld|bedrag|<a\d+>) ?(?:terug|van ons)"
    r"|u ontvangt van ons|creditnota|creditfactuur|(?:in|te) uw voordeel|uw tegoed|geld terug\b|u hoeft[^.]{0,20} niet(?:s)? te betalen|teruggave|storten wij[^.]{0,40} (?:op uw rekening|terug)|betalen wij[^.]{0,30} (?:aan u )?(?:uit|terug)"
)
"""The sender pays: then the amount is none to be paid."""
_INTENDED = re.compile(r"voornemen|van plan[^.]{0,30}(?:boete|terug)|willen wij[^.]{0,30}boete geven|zienswijze")


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


def references_in(sheet: Sheet) -> list[ReferenceFound]:
    """Return the references of the letter, the one to quote when paying or calling first."""
    return references_of(sheet.layout, [r.tokens for r in sheet.flows], [r.tokens for r in sheet.rows])


def _reference(sheet: Sheet, words_of: WordsOf) -> tuple[Found[str] | None, tuple[Found[str], ...]]:
    ranked = references_in(sheet)
    every = tuple(Found(r.value, words_of(r.tokens)) for r in ranked)
    if not ranked:
        return None, ()
    best = ranked[0]
    digits = _figures(best.value)
    proven = len(digits) == 16 and kenmerk_is_valid(digits)
    same = sum(1 for r in ranked if _bare(r.value) == _bare(best.value))
    labelled = best.score >= 75
    second = _second_text(sheet, best.tokens)
    agreed = second is not None and second[1] >= AGREE and _bare(second[0]) == _bare(best.value)
    doubted = second is not None and second[1] >= AGREE and not agreed
    clear = sheet.layout.digital or agreed or _clear(best.tokens, 90)
    others = [r for r in ranked if _bare(r.value) != _bare(best.value)]
    # A number of its own kind that is worth nearly as much may be the one to quote.
    alone = not any(r.score > best.score - 14 for r in others)
    # "771204" beside "BR-771204-2": a piece of a number is not the number.
    mine = _bare(best.value)
    whole = not any(mine in _bare(r.value) or _bare(r.value) in mine for r in others)
    case = best.score < 105 and any(r.label == "zaaknummer" for r in others)
    sure = (proven and not case) or (not doubted and whole and (same > 1 or (labelled and clear) or (alone and clear)))
    candidates = tuple(dict.fromkeys(r.value for r in ranked[1:] if _bare(r.value) != _bare(best.value)))[:3]
    return Found(best.value, words_of(best.tokens), sure and best.score >= 60, candidates), every


def _bare(value: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", value).upper()


def _iban(sheet: Sheet, accounts: Sequence[AccountFound], words_of: WordsOf) -> Found[str] | None:
    if not accounts or accounts[0].score < 1:
        return None
    best = accounts[0]
    rivals = tuple(
        dict.fromkeys(a.value for a in accounts[1:] if a.value != best.value and a.valid and a.score >= best.score - 2)
    )
    return Found(best.value, words_of(best.tokens), best.valid and not rivals, rivals)


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
            return Found(name, words_of(named), sheet.layout.digital or _clear(named))
    return None


def _asks_no_money(sheet: Sheet, pages: Sequence[PageReading], kind: KindSeen | None) -> bool:
    """Return whether the amounts of a letter are surely none to pay: its kind asks for none, and no words do."""
    if kind is None or kind.kind not in {*ASKING, "beschikking"} or not kind.titled or kind.margin < 3:
        return False
    if not all(page.digital or (page.whole and page.mean_confidence >= CLEAR_PAGE) for page in pages):
        return False
    ranked = amounts_to_pay(sheet)
    return not ranked or max(m.score for m in ranked) < 3.5


_NO_ACTION = re.compile(
    r"hoeft (?:u )?(?:[a-z]+ ){0,4}?(?:niets|geen actie)(?: [a-z]+){0,2} te (?:doen|regelen|ondernemen|betalen)|u hoeft geen actie|geen actie (?:nodig|vereist)|niet te (?:betalen|reageren)|uw reactie is niet nodig|hoeft (?:u )?niet in actie te komen|no action (?:is )?(?:needed|required)|you do not (?:need|have) to do anything|alleen ter informatie|dit is geen (?:rekening|factuur|aanmaning)"
)
_ADVERTISING = re.compile(
    r"aan de bewoners? van|actiecode|vrijblijvend(?:e)? (?:aanbod|offerte)|maak kans op|u bent geselecteerd|exclusief aanbod|gefeliciteerd, u|zonder bkr"
)


CLEAR_PAGE = 88.0
"""Mean confidence of a page from which what was not seen is rightly said not to be there."""
_ACCOUNT = re.compile(
    r"\bn[l1i|] ?\d[\do]|\biban\b|overma(?:ken|akt)|\b(?:abna|ingb|rabo|bngh|snsb|trio|knab|asnb|bunq|rbrb|fvlb)\b|rekening(?:nummer)? (?:van|op|nl)|acceptgiro"
)
_MONEY = re.compile(r"€|\beur\b|\beuro\b|\d,\d\d\b")


def _absent(sheet: Sheet, pages: Sequence[PageReading], clues: Sequence[ClueSeen]) -> tuple[str, ...]:
    """Return what is surely not on the paper: "no_account", "no_amount", "no_term"; nothing where print is unclear."""
    if not all(page.digital or (page.whole and page.mean_confidence >= CLEAR_PAGE) for page in pages):
        return ()
    text = " ".join(run.text.text for run in sheet.flows)
    found: list[str] = []
    if not _ACCOUNT.search(text) and not any(run.ibans for run in sheet.flows):
        found.append("no_account")
        if not _MONEY.search(text) and not any(run.amounts for run in sheet.flows):
            found.append("no_amount")
    if not clues and not re.search(r"uiterlijk|voor <d|binnen |tot en met|t/m|termijn", text):
        found.append("no_term")
    return tuple(found)


def _notes(sheet: Sheet, sender: SenderSeen | None) -> tuple[str, ...]:
    text = " ".join(run.text.text for run in sheet.flows)
    notes: list[str] = []
    if _NO_ACTION.search(text):
        notes.append("no_action_needed")
    if sender is not None and sender.sender == "reclame" or len(_ADVERTISING.findall(text)) >= 2:
        notes.append("advertising")
    return tuple(notes)
