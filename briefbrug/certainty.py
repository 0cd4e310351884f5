"""Which facts of a letter a person need not look at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from briefbrug.deadline import AGREED, EVENTS, NEVER_WITHOUT, WITHOUT_DEADLINE, Deadline, DeadlineUnknown
from briefbrug.letter import Action, Found, LetterFacts
from briefbrug.urgency import is_advertising

CLAIMANTS = frozenset({"gerechtsdeurwaarder", "incassobureau", "rechtbank"})
"""Who collects or judges: they never advertise."""

NO_AMOUNT = frozenset({"informatieverzoek", "uitnodiging", "informatie", "reclame"})
"""Kinds that rightly carry no amount to pay and no account."""


NEVER_NULL = frozenset({"ontruiming", "dagvaarding", "afsluiting", "dwangbevel"})
"""Kinds that set a day by their nature: where none was found a person looks."""
NOTHING = 0.9
"""Chance that no day is set from which that is sure (none of 60 such letters that the weights did not know set one)."""
OF_FORCE = 0.98
"""Chance that no day is set from which that is sure on a judgment, a seizure or an invitation."""

FIELDS = ("sender", "kind", "letter_date", "deadline", "amount", "reference", "iban", "urgency")


def _is_sure(found: Found[str] | Found[date] | Found[Decimal] | None, *, rightly_none: bool) -> bool:
    return found.sure if found is not None else rightly_none


def sure_fields(
    facts: LetterFacts, kind: str, deadline: Deadline | DeadlineUnknown | None, level_stands: bool
) -> dict[str, bool]:
    """Return for each of the eight fields whether a person need not look; a null is sure where it rightly is none.

    `level_stands`: the level of haste is the same whichever day it is.
    """
    if "half_read" in facts.notes:
        return dict.fromkeys(FIELDS, False)
    # Advertising sends no writ, and who collects does not advertise: one of the two was read wrong.
    from_whom = facts.sender.value if facts.sender is not None else ""
    at_odds = from_whom == "reclame" and not is_advertising("reclame", kind)
    at_odds = at_odds or (kind == "reclame" and from_whom in CLAIMANTS)
    # Whoever is to be paid by a day does not only advertise.
    owed = facts.iban is not None and any(c.value.action is Action.BETALEN and c.value.printed for c in facts.clues)
    at_odds = at_odds or (kind == "reclame" and owed)
    kind_sure = facts.kind is not None and facts.kind.sure and not at_odds
    # "None of the groups" is sure, too, where the paper names another trade: an owners' association, a lawyer.
    sender_sure = facts.sender is not None and facts.sender.sure and not at_odds
    nothing_to_pay = kind_sure and kind in NO_AMOUNT
    if isinstance(deadline, Deadline):
        deadline_sure = deadline.sure
    else:
        # A day by which something can be done, on a letter that asks for nothing: a person looks.
        offered = kind != "reclame" and any(
            c.value.n is not None
            or (c.value.printed is not None and (c.value.regime not in {*EVENTS, "start_date"} or c.sure))
            for c in facts.clues
        )
        offered = offered or "perhaps_a_day" in facts.notes
        # Letters with a known answer must see no day either.
        offered = offered or any(one.clue is None and one.chance < AGREED for one in facts.day_chances)
        deadline_sure = deadline is None and (kind_sure or "no_term" in facts.notes) and not offered
        if deadline == DeadlineUnknown("no_term") and {"no_term", "no_day"} <= set(facts.notes):
            # Every word is known and none sets a time: rightly so where all has been decided.
            deadline_sure = kind_sure and (kind in {"beslag", "vonnis"} or "no_time" in facts.notes)
        # No phrase sets a time, every word is known, and letters with a known answer leave no doubt that none is set.
        nothing = next((one.chance for one in facts.day_chances if one.clue is None), 0.0)
        told_none = deadline is None or deadline == DeadlineUnknown("no_term")
        needed = OF_FORCE if kind in NEVER_WITHOUT else NOTHING
        # Where no day or term was seen at all, "none" proves nothing: words may tell a time that nobody understood.
        demands = kind not in {"beschikking", *WITHOUT_DEADLINE}
        chosen = "no_time" in facts.notes or not demands or any(one.clue is not None for one in facts.day_chances)
        # Words that half ask for something by a day outweigh what known letters make of them.
        chosen = chosen and not (kind in WITHOUT_DEADLINE and "perhaps_a_day" in facts.notes)
        if told_none and chosen and kind not in NEVER_NULL and nothing >= needed and "clear_print" in facts.notes:
            deadline_sure = True
    if "page_missing" in facts.notes:
        # What does not stand here may stand on the page that is not here.
        deadline_sure = deadline_sure and deadline is not None
        nothing_to_pay = False
    level_sure = kind_sure and sender_sure and (deadline_sure or level_stands)
    return {
        "sender": sender_sure,
        "kind": kind_sure,
        "letter_date": _is_sure(facts.letter_date, rightly_none=kind_sure and kind == "reclame" and not facts.dates),
        "deadline": deadline_sure,
        "amount": _is_sure(
            facts.amount, rightly_none=(nothing_to_pay and not facts.amounts) or "no_amount" in facts.notes
        ),
        "reference": _is_sure(facts.reference, rightly_none=kind_sure and kind == "reclame"),
        "iban": _is_sure(facts.iban, rightly_none=nothing_to_pay or "no_account" in facts.notes),
        "urgency": level_sure,
    }


def days_told(deadline: Deadline | DeadlineUnknown | None, facts: LetterFacts) -> tuple[date, ...]:
    """Return the days between which nobody may be sure; () where a day may be missing altogether."""
    read = facts.letter_date is not None and any(c.sure for c in facts.clues)
    if not isinstance(deadline, Deadline) or not read:
        return ()
    counted = (deadline.last_day, deadline.printed, deadline.computed, deadline.other_reading)
    named = (c.value.printed for c in facts.clues)
    return tuple({day for day in (*counted, *named) if day is not None})
