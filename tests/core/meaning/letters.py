"""Invented letters as facts, with fixed values, for the tests of meaning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from briefbrug.letter import Action, Box, DeadlineClue, Found, LetterFacts, Word

TODAY = date(2026, 11, 21)


def words(text: str) -> tuple[Word, ...]:
    """Return the words of a text as one printed line, each 10 pixels wide."""
    return tuple(Word(w, Box(10 * i, 0, 10 * i + 9, 12), 95.0) for i, w in enumerate(text.split()))


def on(
    day: str, regime: str = "on_or_before", action: Action | None = None, *, sure: bool = True
) -> Found[DeadlineClue]:
    """Return a clue with a printed date."""
    return Found(DeadlineClue(regime, date.fromisoformat(day), action=action), words(f"uiterlijk {day}"), sure)


def within(
    n: int,
    unit: str,
    anchor: str = "dagtekening",
    regime: str = "",
    action: Action | None = None,
    *,
    sure: bool = True,
) -> Found[DeadlineClue]:
    """Return a clue with a term."""
    return Found(DeadlineClue(regime, None, n, unit, anchor, action), words(f"binnen {n} {unit}"), sure)


def a_letter(
    sender: str | None = "telecom",
    kind: str | None = "aanmaning",
    dated: str | None = "2026-11-10",
    clues: Sequence[Found[DeadlineClue]] = (),
    amount: str | None = None,
    reference: str | None = None,
    name: str | None = None,
    behalf: str | None = None,
    text: str = "",
    notes: Sequence[str] = (),
    *,
    sure: bool = True,
) -> LetterFacts:
    """Return the facts of one invented letter; all findings are sure unless said otherwise."""
    return LetterFacts(
        sender=Found(sender, sure=sure) if sender else None,
        sender_name=Found(name, sure=sure) if name else None,
        kind=Found(kind, sure=sure) if kind else None,
        letter_date=Found(date.fromisoformat(dated), sure=sure) if dated else None,
        clues=tuple(clues),
        amount=Found(Decimal(amount), sure=sure) if amount else None,
        reference=Found(reference, sure=sure) if reference else None,
        on_behalf_of=Found(behalf, sure=sure) if behalf else None,
        notes=tuple(notes),
        words=words(text),
    )


KROOS: dict[str, LetterFacts] = {
    "L1": a_letter(
        "rechtbank",
        "vonnis",
        "2026-10-28",
        amount="3480",
        reference="11234567 \\ CV EXPL 26-1234",
        text="VONNIS De kantonrechter ontbindt de huurovereenkomst en veroordeelt tot ontruiming van de woning "
        "wegens huurschulden Stichting Woonzicht eiseres",
    ),
    "L2": a_letter("uwv", "informatieverzoek", "2026-11-06", [on("2026-11-27", action=Action.OPSTUREN)]),
    "L3": a_letter(
        "cjib",
        "aanmaning",
        "2026-11-05",
        [on("2026-12-03", action=Action.BETALEN)],
        "597",
        "8234567890123456",
        text="Tweede aanmaning verkeersboete",
    ),
    "L4": a_letter(
        "belastingdienst", "dwangbevel", "2026-11-16", [within(2, "days", "betekening", action=Action.BETALEN)], "842"
    ),
    "L5": a_letter(
        "svb", "informatieverzoek", "2026-11-13", [on("2026-12-05", action=Action.OPSTUREN)], text="kinderbijslag"
    ),
    "L6": a_letter("cak", "beschikking", "2026-11-10", [within(6, "weeks", action=Action.BEZWAAR)], "172.70"),
    "L7": a_letter("duo", "aanmaning", "2026-11-03", [on("2026-12-01", action=Action.BETALEN)], "412"),
    "L8": a_letter(
        "woningcorporatie",
        "aanmaning",
        "2026-08-12",
        [on("2026-08-26", action=Action.BETALEN)],
        "2320",
        name="Woonzicht",
        text="huurachterstand",
    ),
    "L9": a_letter(
        "woningcorporatie",
        "aanmaning",
        "2026-09-09",
        [on("2026-09-23", action=Action.BETALEN)],
        "2900",
        name="Woonzicht",
        text="huurachterstand",
    ),
}
"""The bag of the family Kroos as facts."""
