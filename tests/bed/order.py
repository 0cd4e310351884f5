"""The right order of a pile: `ranking.key_order` over the true facts of its letters, not over what was read of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from briefbrug.knowledge.load import Knowledge
from briefbrug.letter import Action
from briefbrug.urgency import Claim, rank

DECIDES = frozenset({"sender", "kind", "deadline"})
"""Fields that decide the order: a letter in which careful readers may differ on one of them has no certain place."""


def true_order(letters: Iterable[dict[str, Any]], today: date, knowledge: Knowledge) -> list[str]:
    """Return the ids of letters, what comes first first; those without a certain place are left out.

    What is lost follows from sender and kind alone (`combinations.yaml`), so that what the reader finds on a paper does
    not judge itself.
    """
    claims = (_claim(one, knowledge) for one in letters if not DECIDES & set(one["open"]))
    return [position.ref for position in rank(claims, today, knowledge)]


def _claim(letter: dict[str, Any], knowledge: Knowledge) -> Claim:
    known = knowledge.combination(letter["sender"], letter["kind"])
    sign = knowledge.signs.kinds[letter["kind"]]
    return Claim(
        ref=letter["id"],
        sender=letter["sender"],
        kind=letter["kind"],
        severity=known.severity if known else sign.severity,
        last_day=date.fromisoformat(letter["deadline"]) if letter["deadline"] else None,
        letter_date=date.fromisoformat(letter["letter_date"]) if letter["letter_date"] else None,
        amount=Decimal(str(letter["amount"] or 0)),
        action=Action(letter.get("action") or "reageren"),
        default=known.urgency_default if known else sign.urgency_default,
    )
