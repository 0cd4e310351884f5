"""References on paper: which number to quote, by its label, by what the letter says to quote, and by its shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from briefbrug.bsn import bsn_spans
from ocr.citing import asked_in
from ocr.cues import cues
from ocr.dates import find_dates, letters_apart, month_of
from ocr.lines import Layout, Token, label_above, plain, words_above
from ocr.numbers import find_ibans, kenmerk_is_valid
from ocr.sender import speakable

_CUES = cues("references")

LABELS: tuple[tuple[re.Pattern[str], str, int], ...] = tuple(
    (pattern, str(name), int(rank)) for pattern, (name, rank) in _CUES.rows["labels"]
)
"""What a label can look like, the name we give it, and how much it says that this is the number to quote."""

CITE = _CUES.phrases["quoted"]
_CITED_BEFORE = _CUES.phrases["quoted_behind"]

NOT_THESE = _CUES.phrases["no_reference"]

_ADDRESS = _CUES.phrases["no_reference_above"]
_ZAAK = _CUES.phrases["case_number"]
_NAMES_FILE = _CUES.phrases["names_file"]
_NAMES_FILE_BEHIND = _CUES.phrases["names_file_behind"]
_LIKE_FILE = re.compile(
    r"(?=(?:\D*\d){4})(?=.*[A-Z])[A-Z0-9][A-Z0-9&]*(?:[-./][A-Z0-9]+)+|[A-Z]{1,4}\d{5,12}"
    r"|\d{2,4}[.]\d{1,4}[.]\d{4,6}(?:[.]\d{1,4})?"
)
"""Capitals and figures with strokes (L26.09.31177, 26-B-4417), or figures whose points part no thousands (41.77.2093)."""
_LIKE_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9&]*(?:[-./ ][A-Z0-9]+)*")
_NO_FILE = re.compile(
    r"[A-Z]{1,3}-\d{1,3}-[A-Z]{1,3}|\d-[A-Z]{3}-\d{2}|\d{2}-[A-Z]{2,3}-\d{1,2}|20\d\d[-/](?:20)?\d\d"
    r"|\d{1,3}(?:[.]\d{3})+|\d{1,2}[.:]\d{2}|\d{4}|(?:ISO|EN|NEN|AVG|COVID)[- ].*"
)
"""Number plates, years, thousands and hours are no number of a file."""
_LONG_POINTED = re.compile(r"\d{1,3}(?:[.]\d{3}){2,3}")
"""Figures with points that are no thousands where the text says that they are a number: 26.588.377."""
_VALUE_WORD = re.compile(r"^[(\[/]?(?=[^\s]*\d)[0-9A-Za-z][0-9A-Za-z.\-/\\_:*]*[0-9A-Za-z]?[)\].,;:*]*$")
_FIGURE = re.compile(r"\d")
_PREFIX_WORD = re.compile(r"^[A-Z](?:[A-Z]{0,5}|&[A-Z])(?:[-.][A-Z]{1,5})?[-./]?$")
"""Capitals before the figures of a reference: Z, ARD-, B&B-WW, EB-WLZ, ONG.ROOD."""
_STROKES = frozenset("/\\-|")
_LAST_CAPITALS = re.compile(r"^[A-Z]{1,3}[.,;:)]*$")
"""Capitals behind a loose stroke: 26-44.810 / K."""
_GROUP = re.compile(r"^\d{2,9}[.,;:)]*$")
_FIRST_GROUP = re.compile(r"^\d{1,6}$")
_TAIL = re.compile(r"^(?:\d|[A-Z]{1,3}|[A-Z]&[A-Z])[.,;:)]*$")
"""One figure or some capitals that end a reference: 7710 4482 9, AKW 2611 0457 K, 26.118.407 KA."""
_DOTTED = re.compile(r"^\d{2,4}(?:[.\-/]\d{2,6})+$")
_HEADED = re.compile(r"^(?=.{3,9}$)(?:[A-Z]{1,5}[-./]?\d{1,4}(?:[-./]\d{2,4})?|\d{2,4}[-.]\d{2,4})$")
"""A word that can head more groups of figures: RV-77 1180 442, N26-7741 0092, 204-118 77."""
_BROKEN_OFF = re.compile(r"^[A-Z0-9]*\d[A-Z0-9.\-/]*[.,;:)]*$")
_AMOUNT = re.compile(r"^€?\d{1,3}(?:\.\d{3})*,(?:\d{2}|-)")
_NO_PREFIX = _CUES.words["no_prefix"]

_LABEL_WORDS = tuple(sorted(_CUES.words["label_words"]))


@lru_cache(maxsize=4096)
def label_word(text: str) -> str:
    """Return a printed word in small letters; a label of which one or two letters were misread is set right."""
    word = plain(text)
    bare = word.strip(" .,:;'\"|_")
    if len(bare) < 7 or bare in _LABEL_WORDS or sum(c.isdigit() for c in bare) > 2:
        return word
    allowed = 1 if len(bare) < 10 else 2
    for known in _LABEL_WORDS:
        # One or two slips leave one end of a word whole: a quick look spares most comparisons.
        if known[:2] != bare[:2] and known[-2:] != bare[-2:] and (known[0], known[-1]) != (bare[0], bare[-1]):
            continue
        if abs(len(known) - len(bare)) <= allowed and letters_apart(known, bare, allowed) <= allowed:
            return word.replace(bare, known)
    return word


@lru_cache(maxsize=4096)
def _may_begin(text: str) -> bool:
    """Return whether a reference can begin with a word: one with figures, capitals, or three letters ("scc 26/1234")."""
    small = plain(text)
    return len(small) == 3 or _FIGURE.search(text + small) is not None or _PREFIX_WORD.match(text) is not None


def value_at(texts: Sequence[str], index: int, limit: int = 6) -> tuple[int, int] | None:
    """Return first and last place of the reference that begins at `index`; None when none begins there.

    A reference is one word with figures, or groups of figures (1234 5678 ...), or capitals before figures (Z 26 1234),
    or a headed row of groups (RV-77 1180 442).
    """
    if index >= len(texts) or not _may_begin(texts[index]):
        return None
    joined = " ".join(plain(t) for t in texts[index : index + 8])
    zaak = _ZAAK.match(joined)
    if zaak:
        count = len(zaak.group(0).split(" "))
        return index, min(len(texts) - 1, index + count - 1)
    first = index
    steps = 0
    while index < len(texts) and steps < 2 and _PREFIX_WORD.match(texts[index]) and texts[index] not in _NO_PREFIX:
        index += 1
        steps += 1
    if first < index < len(texts) - 1 and texts[index] in {"/", "-"} and _VALUE_WORD.match(texts[index + 1]):
        index += 1  # "AOW / 3381.0927.4"
    if index >= len(texts) or not _VALUE_WORD.match(texts[index]) or _AMOUNT.match(texts[index]):
        return None
    last = index
    if texts[index][-1] in ".,;:)]" and texts[index][-1] != ":":
        return first, last
    while last + 1 < len(texts) and last + 1 - first < limit:
        word, here = texts[last + 1], texts[last]
        joins = word in _STROKES and last + 2 < len(texts) and _follows_stroke(texts, last + 2)
        plain_group = _GROUP.match(here.strip("(")) or (last == index and _FIRST_GROUP.match(here))
        headed = last == index and _HEADED.match(here) is not None
        # A small number before the name of a month is a date beside the reference.
        dated = last + 2 < len(texts) and len(word) <= 2 and month_of(texts[last + 2]) is not None
        grows = (plain_group or headed) and _GROUP.match(word) and not dated
        # One figure or capital more only where nothing follows: "4471 2 keer" counts something.
        ends = last + 2 >= len(texts) or word[-1] in ".,;:)"
        tail = ends and _TAIL.match(word) and word[0] != "O" and word not in _NO_PREFIX
        grows = grows or (tail and plain_group and last > index) or (tail and word.isupper() and _DOTTED.match(here))
        # A number that breaks off at the end of a line: "ARD26-3H2-" and "0447".
        grows = grows or (here[-1] == "-" and last + 1 - index < 3 and _BROKEN_OFF.match(word) is not None)
        if not (joins or grows or here in _STROKES):
            break
        last += 1
        if word[-1] in ".,;:)":
            break
    return first, last


def _follows_stroke(texts: Sequence[str], index: int) -> bool:
    """Return whether the word at `index` goes on with a reference behind a stroke: figures, or capitals that end it."""
    if any(c.isdigit() for c in texts[index]):
        return True
    ends = index + 1 >= len(texts) or not texts[index + 1][:1].islower()
    return ends and _LAST_CAPITALS.match(texts[index]) is not None


def as_printed(texts: Sequence[str]) -> str:
    """Return the words of a reference as printed, without the punctuation around it."""
    return _case_number(re.sub(r"(?<=\w)- (?=\w)", "-", " ".join(texts).strip(" .,;:()[]*")))


_CANTON = re.compile(r"(\d{5,10}) ?[|] ?([A-Za-z]{2} (?:EXPL|VERZ|RK|ZA) \d{2}[-/.]\d{1,6})", re.IGNORECASE)
_CHAMBER = re.compile(r"C[/\\|]\d{2}[/\\|]\d[\d.]{3,8} ?[/\\|] ?[A-Z]{2,3} [A-Z]{2} \d{2}[./-]\d{1,5}", re.IGNORECASE)


def _case_number(value: str) -> str:
    r"""Return a court's case number with the strokes of its format, which a recogniser confuses; others unchanged.

    The kantonrechter writes "11512345 \ CV EXPL 26-4321", other chambers "C/13/778201 / FT RK 26.441".
    """
    if canton := _CANTON.fullmatch(value):
        return f"{canton.group(1)} \\ {canton.group(2)}"
    if _CHAMBER.fullmatch(value):
        return re.sub(r"[\\|]", "/", value)
    return value


def _ends_a_thought(texts: Sequence[str], last: int) -> bool:
    """Return whether no word of the same thought follows: the end, a mark, or words between brackets."""
    return last + 1 >= len(texts) or texts[last][-1] in ".,;:)" or not texts[last + 1][:1].isalnum()


@dataclass(frozen=True, slots=True)
class ReferenceFound:
    """A reference as printed, with its label and how likely it is the one to quote."""

    value: str
    tokens: tuple[Token, ...]
    label: str
    score: float
    word: str = ""
    """The label as printed, in small letters."""


def _bare(value: str) -> str:
    return re.sub(r"[^0-9a-z]", "", plain(value))


def _is_bsn(value: str) -> bool:
    """Return whether a value is a citizen's number, never one to quote: nine digits, printed in groups as those are.

    One of eleven numbers of nine digits passes the proof; strokes (800-41.7720) say that it is another's.
    """
    return bsn_spans(value) == [(0, len(value))]


_PHONE = re.compile(r"(?:[TFM]|tel\.?|Tel\.?)?:? ?0[\d -]{9,13}|0[89]00[ -].*|088[ -].*|\+31.*|14 ?0\d{2,3}|06[- ].*")
PHONE_FIGURES = 10
"""Figures of a Dutch telephone number with its area code."""


def _is_phone(value: str) -> bool:
    """Return whether a value is a telephone number: "0447118-02" has a figure too few."""
    digits = re.sub(r"\D", "", value)
    plain_number = value[0] == "0" and digits[:4] not in {"0800", "0900"}
    return _PHONE.fullmatch(value) is not None and not (plain_number and len(digits) < PHONE_FIGURES)


_DAY_LIKE = re.compile(r"[0-3]?\d\W[01]?\d\W(?:19|20)\d{2}\W?|(?:19|20)\d{2}\W[01]?\d\W[0-3]?\d\W?")
"""A day whose marks may be misread: "17:11-2026"."""
_PHONE_END = re.compile(r"\d{3}[ -]\d{2}[ -]\d{2}")
"""A telephone number whose area code was not read."""
_POSTCODE = re.compile(r"\d{4} [A-Z]{2}.*")
_STOPS = _CUES.words["between"]
SHORTEST_LOOSE = 5
"""Letters and figures of a reference without a label; fewer count something else."""
SHORTEST_CITED = 4
"""The same where the letter says to quote it: "o.v.v. leerling 3381"."""
SHORTEST_WRITTEN = 3
"""The same where it says where to write it: "kamer 4.07 in de omschrijving"."""
_SALUTES = _CUES.phrases["salutation"]


class _Search:
    """Collects the references of one letter; the best reason for each stays."""

    def __init__(self, layout: Layout, taken: frozenset[int]) -> None:
        self.layout = layout
        self.taken = taken
        self.found: dict[tuple[int, ...], ReferenceFound] = {}

    def keep(
        self, tokens: Sequence[Token], label: str, score: float, word: str = "", least: int = SHORTEST_LOOSE
    ) -> bool:
        """Keep a value unless it is no reference; `least` is how short one may be of which no label tells what it is."""
        value = as_printed([t.text for t in tokens])
        digits = re.sub(r"\D", "", value)
        proven = len(digits) == 16 and kenmerk_is_valid(digits)
        if proven and not value[0].isdigit():
            # A ruled line or a frame read as a letter before sixteen figures that prove themselves.
            tokens = [t for t in tokens if any(c.isdigit() for c in t.text)]
            value = as_printed([t.text for t in tokens])
        if (
            len(digits) < 3
            or len(value) > 45
            or re.fullmatch(r"20[0-4]\d(?:[-/]20[0-4]\d)?", value)
            or find_dates([t.text for t in tokens])
        ):
            return False
        if self.taken & {t.index for t in tokens} or _POSTCODE.fullmatch(value):
            return False
        if label not in {"betalingskenmerk", "dossiernummer"} and _is_phone(value):
            return False
        if label in {"", "bare", "vermelding", "loose"} and (len(_bare(value)) < least or _is_bsn(value)):
            return False
        if label == "bare" and len(digits) < 4:
            return False
        if _DAY_LIKE.fullmatch(value) or (not label and _PHONE_END.fullmatch(value)):
            return False
        score += 6 if proven else -1 if label == "betalingskenmerk" and len(digits) != 16 else 0
        key = tuple(t.index for t in tokens)
        if key not in self.found or self.found[key].score < score:
            self.found[key] = ReferenceFound(value, tuple(tokens), label, score, word)
        return True

    def labelled(
        self, tokens: Sequence[Token], texts: Sequence[str], text: str, starts: Sequence[int], row: bool
    ) -> None:
        """Keep what stands behind a label on the same line or in the same sentence."""
        for pattern, name, rank in LABELS:
            for match in pattern.finditer(text):
                if NOT_THESE.search(text[max(0, match.start() - 1) : match.end()]):
                    continue
                index = next(
                    (
                        i
                        for i, s in enumerate(starts)
                        if s >= match.end() or s <= match.end() - 1 < s + len(label_word(texts[i]))
                    ),
                    None,
                )
                if index is None:
                    continue
                token_end = starts[index] + len(label_word(texts[index]))
                glued = text[match.end() : token_end].strip(" :.-/")
                if glued and any(c.isdigit() for c in glued):
                    candidates: list[int] = [index]
                else:
                    candidates = [index + 1, index + 2, index + 3, index + 4]
                for place in candidates:
                    if place - 1 > index and plain(texts[min(place - 1, len(texts) - 1)]).strip(":.") not in _STOPS:
                        break
                    span = value_at(texts, place)
                    if span:
                        worth = rank - (3 if row else 0) - (place - index - 1)
                        self.keep(tokens[span[0] : span[1] + 1], name, worth, match.group(0))
                        break

    def proven(self, tokens: Sequence[Token], texts: Sequence[str]) -> None:
        """Keep sixteen figures that prove themselves wherever they stand: nothing else looks like that by chance."""
        for place in range(len(texts)):
            span = value_at(texts, place) if texts[place][:1].isdigit() else None
            if span is None:
                continue
            digits = re.sub(r"\D", "", "".join(texts[span[0] : span[1] + 1]))
            if len(digits) == 16 and kenmerk_is_valid(digits):
                self.keep(tokens[span[0] : span[1] + 1], "betalingskenmerk", 84)

    def cited(self, tokens: Sequence[Token], texts: Sequence[str], text: str, starts: Sequence[int]) -> None:
        """Keep what the letter says to quote: "onder vermelding van H26.3317", "zet er 0088-4471 bij"."""
        for match in CITE.finditer(text):
            index = next((i for i, s in enumerate(starts) if s >= match.end()), None)
            if index is None:
                continue
            for skip in range(6):
                place = index + skip
                if place >= len(texts) or (skip and texts[place - 1].endswith((".", "!", "?"))):
                    break
                span = value_at(texts, place)
                # "Geef 1180 punten": a short number that counts something is none.
                ends = span is not None and _ends_a_thought(texts, span[1])
                least = SHORTEST_CITED if ends and skip <= 1 else SHORTEST_LOOSE
                if span and self.keep(tokens[span[0] : span[1] + 1], "vermelding", 97 - 2 * skip, "", least):
                    break
        for match in _CITED_BEFORE.finditer(text):
            index = next((i for i, s in enumerate(starts) if s >= match.start()), 0)
            for place in range(max(0, index - 5), index):  # the longest: "2430 0811 7265 9940 bij de omschrijving"
                span = value_at(texts[:index], place)
                written = tokens[place:index]
                if span and span[1] == index - 1 and self.keep(written, "vermelding", 94, "", SHORTEST_WRITTEN):
                    break

    def loose(self, tokens: Sequence[Token], texts: Sequence[str], text: str, starts: Sequence[int]) -> None:
        """Keep what looks like a number of a file wherever the text names it: "sluiten wij uw aanmelding 26-0815"."""
        for place in range(len(texts)):
            span = value_at(texts, place)
            if span is None or (place and value_at(texts, place - 1) == (place - 1, span[1])):
                continue
            value = as_printed(texts[place : span[1] + 1])
            end = starts[span[1]] + len(texts[span[1]])
            named = _NAMES_FILE.search(text[max(0, starts[place] - 60) : starts[place]])
            named = named or _NAMES_FILE_BEHIND.match(text[end : end + 30])
            # "(4471.26.903)" at the end of a line: what it is about stands before it.
            enclosed = place > 0 and texts[place][0] in "([" and texts[-1][-1] in ")]" and span[1] == len(texts) - 1
            none = _NO_FILE.fullmatch(value) and not ((named or enclosed) and _LONG_POINTED.fullmatch(value))
            if none or NOT_THESE.search(text[max(0, starts[place] - 30) : starts[place]]):
                continue
            if _LIKE_FILE.fullmatch(value) or ((named or enclosed) and _LIKE_NUMBER.fullmatch(value)):
                self.keep(tokens[place : span[1] + 1], "loose", 56 if named else 46 if enclosed else 40)

    def below_labels(self) -> None:
        """Keep values under their label, and in the head of the letter also values whose label cannot be read."""
        layout = self.layout
        salutation = next(
            (layout.depth(row[0]) for row in layout.rows if row[0].page == 0 and _SALUTES.match(plain(row[0].text))),
            0.5,
        )
        for row in layout.rows:
            for column, piece in enumerate(row):
                texts = [t.text for t in piece.tokens]
                beside = plain(row[column - 1].text).strip(" :.") if column else ""
                place = 0
                while place < len(texts):
                    span = value_at(texts, place)
                    if span is None:
                        place += 1
                        continue
                    value = piece.tokens[place : span[1] + 1]
                    above = (
                        label_above(layout, piece).rstrip(" :")
                        if place == 0
                        else plain(" ".join(t.text for t in words_above(layout, next(iter(value)))))
                    )
                    above = " ".join(label_word(w) for w in above.split())
                    named = None
                    if above and len(above) <= 40 and not NOT_THESE.search(above):
                        for pattern, name, rank in LABELS:
                            named = pattern.search(above)
                            if named:
                                whole = (
                                    place == 0
                                    and len(piece.tokens) <= 4
                                    and all(re.fullmatch(r"[A-Z0-9./\\|-]+", t.text) for t in piece.tokens)
                                )
                                self.keep(piece.tokens if whole else value, name, rank - 1, named.group(0))
                                break
                    head = piece.page == 0 and layout.depth(piece) < min(0.5, salutation)
                    if named is None and head and span == (0, len(texts) - 1):
                        left = beside if beside and len(beside) <= 30 and not any(c.isdigit() for c in beside) else ""
                        self.alone(value, plain(above), left)
                    elif named is None and head and place and span[1] == len(texts) - 1:
                        # "Aanslagbiljet 6620417" without a wide gap: the words before it are its label.
                        before = plain(" ".join(texts[:place])).strip(" :.")
                        if place <= 3 and not any(c.isdigit() for c in before):
                            self.alone(value, "", before)
                    place = span[1] + 1

    def whole_lines(self) -> None:
        """Let a value that goes on to the end of its line ("26.118.407 KA") take the place of its beginning."""
        for key, short in list(self.found.items()):
            for longer in list(self.found.values()):
                more = tuple(t.index for t in longer.tokens)
                one_line = len({(t.page, t.line) for t in longer.tokens}) == 1
                if one_line and len(more) == len(key) + 1 and more[: len(key)] == key and short.score >= longer.score:
                    self.found[more] = replace(longer, label=short.label, score=short.score, word=short.word)
                    self.found.pop(key, None)
                    break

    def alone(self, tokens: Sequence[Token], above: str, beside: str = "") -> None:
        """Keep a value that stands by itself in the head of the letter under or beside no label that is known."""
        value = as_printed([t.text for t in tokens])
        digits = re.sub(r"\D", "", value)
        label = beside or above
        if NOT_THESE.search(label) or NOT_THESE.search(above) or _ADDRESS.search(label):
            return
        if len(digits) < (4 if label else 5) or _is_bsn(value):
            return
        if len(digits) == 16 and kenmerk_is_valid(digits):
            self.keep(tokens, "betalingskenmerk", 84)
        elif not _is_phone(value) and min(t.confidence for t in tokens) >= 40:
            self.keep(tokens, "", 44, label)


def references_of(
    layout: Layout, flows: Sequence[Sequence[Token]], rows: Sequence[Sequence[Token]], court: bool = False
) -> list[ReferenceFound]:
    """Return the references of the letter, the one to quote when paying or calling first.

    Args:
        layout: the letter.
        flows: runs of text, in reading order.
        rows: printed lines, as label and value.
        court: a court writes, so that the number of the case is its own.
    """
    taken: set[int] = set()
    for tokens in (*flows, *rows):
        for iban in find_ibans([t.text for t in tokens]):
            taken.update(t.index for t in tokens[iban.first : iban.last + 1])
    search = _Search(layout, frozenset(taken))
    printed: list[str] = []
    running: list[str] = []
    for number, tokens in enumerate((*flows, *rows)):
        row = number >= len(flows)
        texts = [t.text for t in tokens]
        words = [label_word(t) for t in texts]
        text = " ".join(words)
        starts: list[int] = []
        at = 0
        for word in words:
            starts.append(at)
            at += len(word) + 1
        if not row:
            printed.append(re.sub(r"[^0-9a-z]", "", text))
            running.append(speakable(text))
            search.cited(tokens, texts, text, starts)
            search.loose(tokens, texts, text, starts)
        search.labelled(tokens, texts, text, starts, row)
        search.proven(tokens, texts)
    search.below_labels()
    search.whole_lines()
    everything = "|".join(printed)
    asked = asked_in(running)
    head_ends = min(
        (row[0].tokens[0].index for row in layout.rows if row[0].page == 0 and _SALUTES.match(plain(row[0].text))),
        default=0,
    )
    own = any(r.label in {"dossiernummer", "ons kenmerk"} for r in search.found.values())

    # A court's bill is paid with the number of the bill, when it says so.
    other_asked = any(
        r.label == "factuurnummer" and asked.of(r.word) >= (0 if r.tokens[-1].index < head_ends else 1)
        for r in search.found.values()
    )

    def weighed(r: ReferenceFound) -> ReferenceFound:
        more = 0
        if r.word and r.label != "betalingskenmerk":
            more = {1: 25, 0: 0, -1: -25}[asked.of(r.word)]
        if r.label == "zaaknummer" and not court and own:
            more -= 20  # the court's number, on the letter of somebody who has a number of his own
        if court and not other_asked and (r.label == "zaaknummer" or _ZAAK.match(plain(r.value))):
            more += 40
        # What stands in the head and comes back in the text is what the letter is about.
        bare = _bare(r.value)
        more += 8 if len(bare) >= 5 and everything.count(bare) > 1 else 0
        return replace(r, score=r.score + more)

    return sorted((weighed(r) for r in search.found.values()), key=lambda r: (-r.score, r.tokens[0].index))
