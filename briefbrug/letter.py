"""What stands on a letter: words, findings with their proof, and the facts of one letter."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

UNKNOWN_SENDER = "onbekend"
"""The sender code of a letter whose sender could not be read (design.md section 4)."""

FIELDS = ("sender", "kind", "letter_date", "deadline", "amount", "reference", "iban", "urgency")
"""The eight fields that `sure` speaks about, in the order of the command line's JSON."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page: x0, y0, x1, y1 in pixels, origin top left, x1 and y1 exclusive.

    For a photo these are pixels of the picture as stored in the file, before any EXIF turn; for a PDF page pixels
    of the page at 200 dpi.
    """

    x0: int
    y0: int
    x1: int
    y1: int


KEPT_SIDE_PX = 3000
"""Long side of a kept page image: fine print stays readable, a bag of letters stays small."""


def turned(box: Box, width: int, height: int, turn: int) -> Box:
    """Return where `box` lies after the page is turned clockwise.

    Args:
        width, height: of the page before the turn, in pixels.
        turn: 0, 90, 180 or 270 degrees.
    """
    if turn == 90:
        return Box(height - box.y1, box.x0, height - box.y0, box.x1)
    if turn == 180:
        return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
    if turn == 270:
        return Box(box.y0, width - box.x1, box.y1, width - box.x0)
    return box


@dataclass(frozen=True, slots=True)
class Word:
    """One word as the recogniser saw it.

    `page` is the index of the page inside its letter (from 0), `line` numbers the printed lines of a page from top
    to bottom (from 0), `confidence` runs from 0 to 100.
    """

    text: str
    box: Box
    confidence: float
    page: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value and the words it was read from, so that a person can check it.

    `sure` is True only where two independent reasons agree (promises.md, `sure`). `candidates` are other values
    that could be meant, best first; the resident or professional chooses. `by` is "machine", "resident" or
    "professional": who said so last.
    """

    value: T
    words: tuple[Word, ...] = ()
    sure: bool = False
    candidates: tuple[T, ...] = ()
    by: str = "machine"

    @property
    def page(self) -> int:
        """The index of the page that carries the proof."""
        return self.words[0].page if self.words else 0

    @property
    def text(self) -> str:
        """The proof as printed, words joined by single blanks."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box | None:
        """The smallest box round the words of the first page that carries them; None without words."""
        here = [word.box for word in self.words if word.page == self.page]
        if not here:
            return None
        return Box(min(b.x0 for b in here), min(b.y0 for b in here), max(b.x1 for b in here), max(b.y1 for b in here))


class DeadlineBasis(StrEnum):
    """Where a deadline comes from (design.md section 6)."""

    EXPLICIT = "explicit"
    TERM = "term"
    APPOINTMENT = "appointment"


class Action(StrEnum):
    """What the letter asks of the resident (design.md section 6)."""

    BETALEN = "betalen"
    REAGEREN = "reageren"
    BEZWAAR = "bezwaar"
    VERSCHIJNEN = "verschijnen"
    OPSTUREN = "opsturen"
    BELLEN = "bellen"
    NIETS = "niets"


@dataclass(frozen=True, slots=True)
class DeadlineClue:
    """A phrase on the paper that sets a time, before any counting.

    `regime` is one of the regimes of the deadline vectors (domain/letters.yaml): before, on_or_before,
    until_ambiguous, start_date, event_date, statutory_awb, tax_payment_no_atw, statutory_civil, contractual,
    working_days, immediate, this_week, end_of_month, receipt, and so on; "" when only the term is known and the
    regime follows from sender and kind. `printed` is a date named in the phrase; `n` and `unit` ("days", "weeks",
    "months", "working_days", "hours") a term; `anchor` what it counts from ("dagtekening", "verzending",
    "ontvangst", "betekening", "heden", ...), `start` the day, where the paper counts
    from another than its own. `action` is what must be done by then, when the phrase says it.
    """

    regime: str
    printed: date | None = None
    n: int | None = None
    unit: str | None = None
    anchor: str | None = None
    action: Action | None = None
    start: date | None = None


@dataclass(frozen=True, slots=True)
class DayChance:
    """How likely a day or a term is the one that a letter sets, judged by letters with a known answer.

    `clue` is None for: it sets none. `chance` is 0 to 1; those of one letter are together at most 1.
    """

    clue: Found[DeadlineClue] | None
    chance: float


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What stands on the paper of one letter, each fact with its proof. None is: not found.

    `sender` and `kind` are codes of the knowledge (senders.yaml, kinds.yaml); `sender_name` is the name as printed.
    `clues` are all phrases that set a time, most likely deadline first; `day_chances` what known letters make of its
    days, empty where they were not asked. `amount` is the total to pay now in euros.
    `on_behalf_of` is the creditor for whom a bailiff or collector writes. `served` is the date of service of an
    exploot. `notes` are machine-made marks such as "advertising", "no_action_needed", "suspect".
    `words` are all words of all pages.
    """

    sender: Found[str] | None = None
    sender_name: Found[str] | None = None
    kind: Found[str] | None = None
    letter_date: Found[date] | None = None
    served: Found[date] | None = None
    clues: tuple[Found[DeadlineClue], ...] = ()
    day_chances: tuple[DayChance, ...] = ()
    amount: Found[Decimal] | None = None
    reference: Found[str] | None = None
    iban: Found[str] | None = None
    on_behalf_of: Found[str] | None = None
    references: tuple[Found[str], ...] = ()
    dates: tuple[Found[date], ...] = ()
    amounts: tuple[Found[Decimal], ...] = ()
    notes: tuple[str, ...] = ()
    pages: int = 1
    words: tuple[Word, ...] = ()
    deadline_said: Found[date] | None = None
    """The deadline as a person corrected it; it wins over every clue."""

    def corrected(self, field_name: str, value: object, by: str) -> LetterFacts:
        """Return these facts with one field as a person says it is.

        Args:
            field_name: sender, kind, letter_date, deadline, amount, reference or iban.
            value: of that field's type (`date`, `Decimal`, `str`).
            by: "resident" or "professional".
        """
        target = "deadline_said" if field_name == "deadline" else field_name
        return replace(self, **{target: Found(value, sure=True, by=by)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Reread:
    """What the second reader saw where some words of a page stand.

    `words` are indexes into the words of the page, `confidence` runs from 0 to 100.
    """

    words: tuple[int, ...]
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class PageReading:
    """What the reading room says about one page of a photo or PDF.

    `problem` is a code of `Reason` when the page could not be read, else None. `advice` is for the log and the
    command line only; residents hear the text of the reason. `width` and `height` are pixels of the picture as
    stored; `turn` is the clockwise turn in degrees (0, 90, 180, 270) that makes it upright.
    """

    width: int
    height: int
    words: tuple[Word, ...] = ()
    problem: str | None = None
    turn: int = 0
    mean_confidence: float = 0.0
    sender_hint: str | None = None
    fingerprint: str = ""
    seconds: float = 0.0
    sheets: tuple[Box, ...] = field(default=())
    """The sheets of paper in a photo of several (F2), this reading's own first; empty when there is one."""
    rereads: tuple[Reread, ...] = field(default=())
    """The words that decide, as the second reader saw them."""
    flat: tuple[Box, ...] = field(default=())
    """The box of each word on the flattened, upright sheet (sheet pixels); empty when the words' own boxes are flat."""
    digital: bool = False
    """Whether the words are a PDF's own text layer: no recogniser can have misread them."""
    whole: bool = True
    """Whether the whole sheet seems to be in sight: what is not read on another may still be printed on it."""
    stages: dict[str, float] = field(default_factory=dict[str, float])
    """Seconds that each step of the reading took; empty when nobody measured."""


FACTS: TypeAdapter[LetterFacts] = TypeAdapter(LetterFacts)
"""Reads and writes `LetterFacts` as JSON, for the encrypted column."""

READINGS: TypeAdapter[tuple[PageReading, ...]] = TypeAdapter(tuple[PageReading, ...])
"""Reads and writes the readings of one file as JSON, for the encrypted column."""
