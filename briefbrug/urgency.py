"""Ranks a pile by what is lost and how soon, gives each letter its level of haste, and says why as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.knowledge.load import UNKNOWN_KIND, Knowledge
from briefbrug.letter import Action

BASIC = frozenset({"home", "liberty", "water", "energy", "income"})
"""What nobody can do without: a threat to it goes before everything else."""

TITLES = frozenset({"vonnis", "ontruiming", "dwangbevel", "beslag"})
"""Kinds that a bailiff can execute without another judge."""

METERED = frozenset({"waterbedrijf", "energieleverancier"})
"""Who asks for the reading of a meter."""

KEEPERS = METERED | {"woningcorporatie", "telecom"}
"""Who comes by for the upkeep of a house and its pipes."""

RECENTLY_DAYS = 60
"""How many days after its end a right still counts as recently lapsed (a late objection may still work)."""

LONG_AGO_DAYS = 28
"""How many days after its date a demand still counts as a loss of this very week."""

ANNOUNCED_DAYS = 21
"""How many days ahead the announced end of water, heat or income already is the first thing to do."""

DEMANDS = frozenset({"herinnering", "aanmaning", "veertiendagenbrief", "incasso"})
"""Kinds that ask again for what was not paid: never without haste when their day is near."""

FAR = 10_000
"""Days left of a letter that asks for nothing: behind every real date."""


def is_advertising(sender: str, kind: str) -> bool:
    """Return whether a letter is advertising; a grave kind never is, whatever the sender seems to be."""
    return kind == "reclame" or (sender == "reclame" and kind in {"factuur", "informatie", UNKNOWN_KIND})


@dataclass(frozen=True, slots=True)
class Because:
    """One reason of a position, as data: `code` names it, `values` hold numbers and codes, never words of a letter.

    Codes: loses (severity), days_left, passed, no_date, estimated, title, seizure, suspect, advertising, nothing_asked,
    without_judge, roof, before_next (key: the part of the order that decided against the next letter).
    """

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])


@dataclass(frozen=True, slots=True)
class Claim:
    """What the order has to know of one letter.

    `last_day` is the deadline or None; `amount` and `growth` are euros (growth: what is added when the date passes).
    `default` is the hint of the knowledge for a letter without a date. `named`: the paper itself says that what is
    lost in the end (home, energy, water, the account) is the next thing to go.
    """

    ref: str
    sender: str
    kind: str
    severity: str
    last_day: date | None = None
    letter_date: date | None = None
    amount: Decimal = Decimal(0)
    growth: Decimal = Decimal(0)
    suspect: bool = False
    action: Action = Action.REAGEREN
    default: str = "within_term"
    stops_on: date | None = None
    named: bool = False

    @property
    def advertising(self) -> bool:
        """Whether the letter is advertising, which stands at the very end."""
        return is_advertising(self.sender, self.kind)

    @property
    def asks_nothing(self) -> bool:
        """Whether nothing is lost or asked."""
        return (self.severity == "none" and self.kind not in DEMANDS) or self.action is Action.NIETS


@dataclass(frozen=True, slots=True)
class Position:
    """Where a letter stands: `tier` 0 (today) to 6 (advertising), and the reasons for it.

    `days_left` is negative after the date; `estimated` says that no date is known and a plausible one was used.
    """

    ref: str
    tier: int
    days_left: int
    estimated: bool
    reasons: tuple[Because, ...]


def days_left(claim: Claim, today: date, knowledge: Knowledge) -> tuple[int, bool]:
    """Return the days until the deadline and whether they are estimated.

    Without a date a title counts as today, and another kind gets the earliest plausible term of that kind, which
    never counts as passed: a missing date is not a missing urgency, and not a date either.
    """
    if claim.last_day is not None:
        return (claim.last_day - today).days, False
    if claim.advertising or claim.asks_nothing:
        return FAR, False
    if claim.kind in TITLES:
        return 0, True
    plausible = knowledge.terms.plausible_days.get(claim.kind, 7)
    if plausible is None:
        return FAR, True
    start = claim.letter_date or today
    return max(0, (start + timedelta(days=plausible) - today).days), True


def tier_of(claim: Claim, days: int) -> int:
    """Return the tier of a letter (ranking principles 4 to 8)."""
    title = claim.kind in TITLES
    if claim.advertising:
        return 6
    if claim.suspect or claim.asks_nothing:
        return 5
    if claim.kind == "beslag":
        return 0
    if claim.severity in BASIC:
        if days <= 7:
            return 0
        if claim.kind == "factuur" and days > 14:
            return 4  # a first bill for rent or heat that is not due soon is planned ("plan: pay before other bills")
        return 1 if days <= 28 or title else 4
    if claim.severity == "bank_wage":
        return 1 if title or days <= 14 else 4
    court = claim.sender in {"rechtbank", "gerechtsdeurwaarder"} and claim.kind in {"dagvaarding", "uitnodiging"}
    if claim.severity == "rights_lost" and court and 0 <= days <= 7:
        return 1  # a day in court this week is a letter of today: it never stands behind what can be planned
    if claim.severity == "rights_lost":
        return 2 if -RECENTLY_DAYS <= days <= 14 else 4
    return 3 if days <= 14 else 4


def _roof_first(claim: Claim, tier: int) -> int:
    """Return 0 when the letter is about home or liberty in tier 0, or about home in tier 1, else 1."""
    first = (tier == 0 and claim.severity in {"home", "liberty"}) or (tier == 1 and claim.severity == "home")
    return 0 if first else 1


Key = Callable[[Claim, int, int, Knowledge], "int | Decimal | str"]

KEYS: Mapping[str, Key] = {
    "tier": lambda claim, tier, days, knowledge: tier,
    "roof_first": lambda claim, tier, days, knowledge: _roof_first(claim, tier),
    "days_left": lambda claim, tier, days, knowledge: days,
    "severity_rank": lambda claim, tier, days, knowledge: knowledge.severities[claim.severity].rank,
    "creditor_without_judge_first": lambda claim, tier, days, knowledge: int(
        claim.sender not in knowledge.ranking.creditors_without_judge
    ),
    "growth_descending": lambda claim, tier, days, knowledge: -claim.growth,
    "amount_descending": lambda claim, tier, days, knowledge: -claim.amount,
    "older_letter_first": lambda claim, tier, days, knowledge: (claim.letter_date or date.max).toordinal(),
    "id": lambda claim, tier, days, knowledge: claim.ref,
}
"""The parts of the order by the names of ranking.yaml; smaller comes first."""


def rank(claims: Iterable[Claim], today: date, knowledge: Knowledge) -> tuple[Position, ...]:
    """Return the letters in the order of `ranking.key_order`, each with its reasons.

    The order does not depend on the order of `claims`; `ref` breaks the last tie, so it must be unique.

    Raises:
        BriefbrugError: KNOWLEDGE, when key_order names an unknown part.
    """
    order = knowledge.ranking.key_order
    for name in order:
        if name not in KEYS:
            raise BriefbrugError(Reason.KNOWLEDGE, f"ranking.yaml: ranking.key_order: no part {name}")
    rows: list[tuple[tuple[int | Decimal | str, ...], Claim, int, int, bool]] = []
    for claim in claims:
        days, estimated = days_left(claim, today, knowledge)
        tier = tier_of(claim, days)
        rows.append((tuple(KEYS[name](claim, tier, days, knowledge) for name in order), claim, tier, days, estimated))
    rows.sort(key=lambda row: row[0])
    positions: list[Position] = []
    for place, (key, claim, tier, days, estimated) in enumerate(rows):
        reasons = list(why(claim, tier, days, estimated, knowledge))
        if place + 1 < len(rows):
            pairs = zip(order, key, rows[place + 1][0], strict=True)
            decided = next((name for name, mine, other in pairs if mine != other), "id")
            reasons.append(Because("before_next", {"key": decided}))
        positions.append(Position(claim.ref, tier, days, estimated, tuple(reasons)))
    return tuple(positions)


def why(claim: Claim, tier: int, days: int, estimated: bool, knowledge: Knowledge) -> Iterable[Because]:
    """Yield the reasons of one letter's tier, the weightiest first."""
    if claim.advertising:
        yield Because("advertising")
        return
    if claim.suspect:
        yield Because("suspect")
        return
    if claim.asks_nothing:
        yield Because("nothing_asked")
        return
    yield Because("loses", {"severity": claim.severity, "rank": knowledge.severities[claim.severity].rank})
    if claim.kind == "beslag":
        yield Because("seizure")
    elif claim.kind in TITLES:
        yield Because("title", {"kind": claim.kind})
    if claim.last_day is None:
        yield Because("no_date")
        if estimated and days != FAR:
            yield Because("estimated", {"days": days})
    elif days < 0:
        yield Because("passed", {"days": -days})
    else:
        yield Because("days_left", {"days": days})
    if _roof_first(claim, tier) == 0:
        yield Because("roof")
    if claim.sender in knowledge.ranking.creditors_without_judge:
        yield Because("without_judge")


ANY_DAY = (-RECENTLY_DAYS, -3, 2, 6, 10, 20, 60)
"""Days from today that stand for all."""


def same_level(claim: Claim, days: Iterable[date], today: date, knowledge: Knowledge) -> bool:
    """Return whether a letter's level of haste is the same on each of these days, or on any day at all.

    A seizure is of today whenever it began; for the most the level hangs on the date.
    """

    def levels(last_days: Iterable[date]) -> set[int]:
        return {level_of(replace(claim, last_day=day), today, knowledge) for day in last_days}

    # Where nothing may be lost or owed, the question is whether there is anything to do, not when.
    if claim.severity == "none" or (claim.action is Action.BETALEN and claim.amount <= 0):
        return False
    mine = {level_of(claim, today, knowledge)}
    return mine in (levels(days), levels(today + timedelta(days=n) for n in ANY_DAY))


def level_of(claim: Claim, today: date, knowledge: Knowledge) -> int:
    """Return the level of haste: 1 spoed, 2 snel, 3 plannen, 4 bewaren (design.md section 6).

    It looks at this letter only, so no other letter of the pile can change it.
    """
    if claim.advertising or claim.action is Action.NIETS:
        return 4
    if claim.suspect or (claim.severity == "none" and claim.kind not in DEMANDS):
        return 3
    if claim.kind == "informatieverzoek" and claim.sender in METERED and claim.severity == "money_increase":
        return 3  # a meter that is not read is estimated
    if claim.kind == "uitnodiging" and claim.sender in KEEPERS and claim.severity == "rights_lost":
        return 3  # a visit for upkeep that is missed is planned again
    days, _ = days_left(claim, today, knowledge)
    if claim.stops_on is not None:
        days = min(days, (claim.stops_on - today).days)
    if claim.kind == "beslag":
        return 1
    home = claim.severity == "home"
    # A judgment as the court sends it still has to be served; a day in it that lies further on gives time.
    unserved = claim.kind == "vonnis" and claim.sender == "rechtbank" and claim.last_day is not None and days > 7
    if claim.kind in TITLES and (home or days <= 14) and not (unserved and not home):
        return 1
    if claim.severity == "liberty" and days <= 14:
        return 1
    if claim.kind == "afsluiting" and claim.severity in BASIC | {"bank_wage"} and days <= ANNOUNCED_DAYS:
        return 1
    court = claim.sender in {"rechtbank", "gerechtsdeurwaarder"} or home
    in_court = court and claim.kind in {"dagvaarding", "uitnodiging", "vonnis"}
    if claim.last_day is None and claim.stops_on is None:
        if claim.kind == "factuur":
            return 3
        # What was to be done at once months ago, and is no title, is no longer a matter of today.
        stale = claim.letter_date is not None and (today - claim.letter_date).days > RECENTLY_DAYS
        match claim.default:
            case "today" | "two_working_days":
                return 2 if stale and claim.kind not in TITLES | {"dagvaarding"} else 1
            case "this_week":
                return 2
            case "plan":
                return 3
            case "none":
                return 4
            case _:
                return 2 if days <= 14 else 3
    if in_court:
        return 1 if days <= 7 else 2 if days <= 14 or home else 3
    if claim.kind == "beschikking" and claim.stops_on is not None and days <= 14:
        return 1  # the day on which an income ends is named
    if claim.kind in {"aanmaning", "veertiendagenbrief", "incasso"}:
        # A demand comes before any title: costs or a bailiff come next, unless it says itself what is about to go.
        # The water company comes by before it closes the tap, and only after further letters.
        soon = 14 if claim.severity == "energy" else 7
        lost_now = claim.named and claim.severity in BASIC - {"water"} and -LONG_AGO_DAYS <= days <= soon
    elif claim.kind == "betalingsregeling":
        lost_now = claim.named and claim.severity == "bank_wage" and -LONG_AGO_DAYS <= days <= 7
    else:
        lost_now = claim.severity in BASIC | {"bank_wage"} and -LONG_AGO_DAYS <= days <= 7
    if lost_now and claim.kind not in {"herinnering", "factuur"}:
        return 1
    if claim.severity in BASIC and days <= 28 and claim.kind in TITLES | {"afsluiting"}:
        return 2
    if claim.severity == "rights_lost" and days < -RECENTLY_DAYS:
        return 3
    return 2 if days <= 14 else 3
