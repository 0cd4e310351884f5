"""What a letter asks of the resident first, and when it asks for nothing at all."""

from __future__ import annotations

from briefbrug.deadline import ASKING, EVENTS, Deadline, DeadlineUnknown
from briefbrug.knowledge.load import Combination, Knowledge
from briefbrug.letter import Action, DeadlineBasis, LetterFacts
from briefbrug.printed import plain
from briefbrug.urgency import BASIC, DEMANDS, TITLES

GRAVE = TITLES | {"dagvaarding"}
"""Kinds that always go to a professional: a title or a court date (ranking principle 16)."""

MONEY_COMES = frozenset({"aanslag", "informatie", "factuur"})
"""Kinds that may tell of money that the sender pays: then nothing is to be done."""

DEBT_KINDS = frozenset(
    {"factuur", "herinnering", "aanmaning", "veertiendagenbrief", "incasso", "dagvaarding", "vonnis", "ontruiming",
     "dwangbevel", "beslag", "terugvordering", "boete", "aanslag", "afsluiting", "betalingsregeling"}
)  # fmt: skip
"""Kinds about money that is owed."""

SETTLED = frozenset(
    {"beschikking", "aanslag", "factuur", "boete", "terugvordering", "betalingsregeling", "herinnering", "incasso"}
)
"""Kinds that may tell that all is granted, forgiven or withdrawn: then nothing is to be done."""


def _is_settled(kind: str, facts: LetterFacts) -> bool:
    """Return whether a letter grants or forgives all, and no payment, account or day of its own is left."""
    if "settled" not in facts.notes or kind not in SETTLED or facts.amount is not None or facts.iban is not None:
        return False
    own_day = {"start_date", *EVENTS}
    return all(
        c.value.action in {Action.BEZWAAR, Action.NIETS} or (c.value.action is None and c.value.regime in own_day)
        for c in facts.clues
    )


def _gets_money(kind: str, facts: LetterFacts) -> bool:
    """Return whether the sender pays and asks for nothing."""
    return "money_comes" in facts.notes and facts.iban is None and kind in MONEY_COMES


def action_of(kind: str, entry: Combination | None, facts: LetterFacts, knowledge: Knowledge) -> Action:
    """Return what the letter asks first."""
    if "suspect" in facts.notes:
        return Action.BELLEN
    if "advertising" in facts.notes:
        return Action.NIETS
    asked = [c.value.action for c in facts.clues if c.value.action not in {None, Action.NIETS}]
    firm = [action for action in asked if action in ASKING]
    if kind == "informatie" and "no_action_needed" in facts.notes:
        # What the bank collects by itself is named on many a letter that asks for nothing.
        firm = [c.value.action for c in facts.clues if c.value.action in ASKING and c.value.regime not in EVENTS]
    if entry is not None and entry.action is not None:
        action = entry.action
    elif kind in knowledge.kinds:
        action = knowledge.kinds[kind].action
    else:
        return asked[0] or Action.BELLEN if asked else Action.BELLEN
    # An answer by a day is wanted, whatever need not be done: "U hoeft nog niets te betalen. Reageren kan tot ..".
    by_day = any(c.value.printed is not None and c.value.regime not in {"start_date", *EVENTS} for c in facts.clues)
    if "no_action_needed" in facts.notes and kind not in GRAVE and not asked and not (by_day and kind in DEBT_KINDS):
        return Action.NIETS
    if _is_settled(kind, facts):
        return Action.NIETS
    by_hand = {c.value.action for c in facts.clues if c.value.action is not None and c.value.regime not in EVENTS}
    if _gets_money(kind, facts) and not by_hand - {Action.BEZWAAR, Action.REAGEREN, Action.BELLEN, Action.NIETS}:
        return Action.NIETS  # the sender pays; who does not agree may object
    if action is Action.BEZWAAR and facts.amount is not None and Action.BETALEN in firm:
        return Action.BETALEN  # a decision that leaves something to pay
    if action is Action.BEZWAAR and any(
        c.value.action is Action.OPSTUREN and c.sure and c.value.regime in {"on_or_before", "before"}
        for c in facts.clues
    ):
        return Action.OPSTUREN  # papers that are asked by a day come before the right to object
    if action is Action.NIETS and kind == "informatie" and "answer_demanded" in facts.notes and by_day and not firm:
        return Action.REAGEREN
    if action is Action.NIETS and kind == "informatie" and firm:
        told = set(facts.notes)
        if {"no_action_needed", "no_amount"} <= told:
            firm = [a for a in firm if a is not Action.BETALEN]
        if {"no_action_needed", "no_account"} <= told:
            firm = [a for a in firm if a is not Action.OPSTUREN]  # as with the deadline: what others will ask for
        return (firm[0] if firm else None) or action
    return action


def asked_by(deadline: Deadline | DeadlineUnknown | None, action: Action, kind: str, facts: LetterFacts) -> Action:
    """Return the action of the phrase that set the deadline where it is more precise than the kind's own."""
    if not isinstance(deadline, Deadline) or deadline.clue is None or deadline.clue.value.action is None:
        return action
    named = deadline.clue.value.action
    if action in {Action.VERSCHIJNEN, Action.OPSTUREN, Action.NIETS} or named is Action.NIETS:
        return action
    if kind in {"ontruiming", "afsluiting"} and deadline.basis is DeadlineBasis.APPOINTMENT:
        return action
    if action is Action.BETALEN and named in {Action.BELLEN, Action.REAGEREN}:
        return action
    if action is Action.BETALEN and facts.amount is not None and kind in DEBT_KINDS - {"betalingsregeling"}:
        return action  # money that is asked goes before the form or the objection by the same day
    return named


SEEN_BY = 0.8
"""Chance from which known letters see no day on a letter, so that its silence says that nothing is to be done."""
SEEN_SURELY = 0.95
"""The same where a phrase of the letter names a day all the same, and nothing proves that day."""
TAKES = frozenset({"beslag", "dwangbevel", "ontruiming", "dagvaarding"})
"""Kinds that take by force: no day and no amount does not make them harmless, unless they tell that it is over."""
CLAIMS = DEMANDS | {"vonnis", "afsluiting"}
"""Kinds that nearly always ask money: an amount that was not found is believed to be none only where that is sure."""
AWAITED = frozenset({"uitnodiging", "informatieverzoek", "reclame"})
"""Kinds of which a day that a phrase names is believed."""


def asks_nothing(
    kind: str,
    severity: str,
    facts: LetterFacts,
    deadline: Deadline | DeadlineUnknown | None,
    paper: str,
    knowledge: Knowledge,
) -> bool:
    """Return whether a letter that was read well sets no day and asks no money: then there is nothing to do.

    A decision that takes an income away is none of these, and neither is a demand in which an amount may stand.
    """
    if "suspect" in facts.notes or facts.amount is not None or facts.deadline_said is not None:
        return False
    no_day = next((one.chance for one in facts.day_chances if one.clue is None), 0.0)
    if isinstance(deadline, Deadline):
        if deadline.sure or no_day < SEEN_SURELY or kind in AWAITED:
            return False
    elif kind == "reclame" or (deadline is not None and deadline.why != "no_term"):
        return False
    elif kind == "informatie":
        return "clear_print" in facts.notes
    if no_day < SEEN_BY or "clear_print" not in facts.notes or kind in TAKES:
        return False
    if kind in CLAIMS and "no_amount" not in facts.notes:
        return False
    taken = (*knowledge.signs.stops, *knowledge.signs.threats.get(severity, ()))
    takes_away = any(plain(word) in paper for word in taken)
    return not (severity in BASIC and takes_away and "settled" not in facts.notes)


def asks_after_all(kind: str, sender: str, facts: LetterFacts, deadline: Deadline | DeadlineUnknown | None) -> bool:
    """Return whether a letter that seems to ask nothing may ask something: a day was read on it, or an amount.

    On information a day is enough; an offer counts only where its sender does not advertise; of the rest known
    letters must see a day, too, or the amount must be sure.
    """
    if "suspect" in facts.notes or sender == "reclame":
        return False
    if kind == "reclame":
        return facts.kind is not None and not facts.kind.sure and isinstance(deadline, Deadline)
    if kind == "informatie":
        return isinstance(deadline, Deadline)
    no_day = next((one.chance for one in facts.day_chances if one.clue is None), 1.0)
    if isinstance(deadline, Deadline):
        return no_day < 1 - SEEN_BY
    return kind in DEBT_KINDS and facts.amount is not None and facts.amount.sure


def asked_after_all(facts: LetterFacts, deadline: Deadline | DeadlineUnknown | None) -> Action:
    """Return what a letter that seems to ask nothing asks when it sets a day or surely asks for money."""
    if not isinstance(deadline, Deadline):
        return Action.BETALEN if facts.amount is not None and facts.amount.sure else Action.NIETS
    if facts.amount is not None:
        return Action.BETALEN
    named = deadline.clue.value.action if deadline.clue is not None else None
    return Action.REAGEREN if named is None or named is Action.NIETS else named
