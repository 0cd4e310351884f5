"""A pile is ranked by what is lost and how soon; every position says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import Action
from briefbrug.urgency import Claim, level_of, rank, same_level

K = load_knowledge()
TODAY = date(2026, 11, 21)
PILES = cast(
    list[dict[str, Any]],
    yaml.load((Path(__file__).parent / "piles.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["piles"],
)


def claim(letter: dict[str, Any]) -> Claim:
    return Claim(
        letter["id"],
        letter["sender"],
        letter["kind"],
        letter["consequence"],
        date.fromisoformat(letter["deadline"]) if letter.get("deadline") else None,
        date.fromisoformat(letter["dagtekening"]) if letter.get("dagtekening") else None,
        Decimal(str(letter.get("amount", 0))),
        Decimal(str(letter.get("growth", 0))),
        letter.get("suspect", False),
    )


@pytest.mark.parametrize("pile", PILES, ids=lambda p: f"{p['id']} {p['title']}")
def test_worked_pile(pile: dict[str, Any]) -> None:
    older = {ref for refs in pile["grouped"].values() for ref in refs}
    claims = [claim(letter) for letter in pile["letters"] if letter["id"] not in older]
    found = rank(claims, date.fromisoformat(pile["as_of"]), K)
    assert [position.ref for position in found] == pile["expected_order"]
    assert all(position.reasons for position in found)


CLAIMS = st.builds(
    Claim,
    ref=st.uuids().map(str),
    sender=st.sampled_from(sorted(K.senders)),
    kind=st.sampled_from(sorted(K.kinds)),
    severity=st.sampled_from(sorted(K.severities)),
    last_day=st.one_of(st.none(), st.integers(-90, 90).map(lambda n: TODAY + timedelta(days=n))),
    letter_date=st.one_of(st.none(), st.integers(0, 90).map(lambda n: TODAY - timedelta(days=n))),
    amount=st.integers(0, 20000).map(Decimal),
    suspect=st.booleans(),
    action=st.sampled_from(list(Action)),
    default=st.sampled_from(["today", "two_working_days", "this_week", "this_month", "within_term", "plan", "none"]),
)
BAGS = st.lists(CLAIMS, max_size=12, unique_by=lambda c: c.ref)


@given(BAGS, st.randoms(use_true_random=False))
def test_ranking_ignores_the_order_of_the_pile(bag: list[Claim], chance: Any) -> None:
    mixed = list(bag)
    chance.shuffle(mixed)
    assert rank(bag, TODAY, K) == rank(mixed, TODAY, K)


@given(BAGS, CLAIMS)
def test_adding_a_letter_keeps_the_order_and_tier_of_the_others(bag: list[Claim], extra: Claim) -> None:
    before = [(p.ref, p.tier) for p in rank(bag, TODAY, K)]
    after = [(p.ref, p.tier) for p in rank([*bag, extra], TODAY, K) if p.ref != extra.ref]
    assert before == after


@given(BAGS.filter(bool), st.sampled_from(["informatie", "reclame"]))
def test_a_harmless_letter_is_never_first_before_something_that_asks(bag: list[Claim], kind: str) -> None:
    harmless = Claim("harmless", "svb" if kind == "informatie" else "reclame", kind, "none", action=Action.NIETS)
    first = rank(bag, TODAY, K)[0]
    if first.tier < 5:
        assert rank([*bag, harmless], TODAY, K)[0].ref == first.ref


@given(CLAIMS, st.integers(1, 60))
def test_a_nearer_day_is_never_less_urgent(one: Claim, days: int) -> None:
    far = replace(one, last_day=TODAY + timedelta(days=days + 1))
    near = replace(one, last_day=TODAY + timedelta(days=days))
    assert level_of(near, TODAY, K) <= level_of(far, TODAY, K)


@given(CLAIMS, st.integers(0, 20000))
def test_the_amount_never_changes_level_or_tier(one: Claim, amount: int) -> None:
    other = replace(one, amount=Decimal(amount))
    assert level_of(one, TODAY, K) == level_of(other, TODAY, K)
    assert rank([one], TODAY, K)[0].tier == rank([other], TODAY, K)[0].tier


@given(BAGS)
def test_advertising_is_last_and_level_four(bag: list[Claim]) -> None:
    tiers = [p.tier for p in rank(bag, TODAY, K)]
    assert tiers == sorted(tiers)
    assert all(level_of(c, TODAY, K) == 4 for c in bag if c.advertising)


LEVELS: list[Any] = [
    pytest.param("gerechtsdeurwaarder", "ontruiming", "home", 5, 1, id="eviction within days"),
    pytest.param("rechtbank", "vonnis", "home", None, 1, id="judgment about the home without a date"),
    pytest.param("belastingdienst", "dwangbevel", "bank_wage", -3, 1, id="dwangbevel whose two days passed"),
    pytest.param("bank", "beslag", "bank_wage", None, 1, id="an account already seized"),
    pytest.param("uwv", "informatieverzoek", "income", 6, 1, id="income stops within a week"),
    pytest.param("svb", "informatieverzoek", "income", 14, 2, id="income within fourteen days"),
    pytest.param("waterbedrijf", "afsluiting", "water", 5, 1, id="water cut off within days"),
    pytest.param("rechtbank", "dagvaarding", "rights_lost", 6, 1, id="court within seven days"),
    pytest.param("rechtbank", "dagvaarding", "rights_lost", 12, 2, id="court within fourteen days"),
    pytest.param("telecom", "aanmaning", "money_increase", 9, 2, id="costs within fourteen days"),
    pytest.param("telecom", "aanmaning", "money_increase", -9, 2, id="the day passed and costs rise"),
    pytest.param("telecom", "aanmaning", "money_increase", 20, 3, id="costs later"),
    pytest.param("waterbedrijf", "factuur", "money_increase", 9, 2, id="a first bill within fourteen days"),
    pytest.param("waterbedrijf", "factuur", "money_increase", 15, 3, id="a first bill later"),
    pytest.param("energieleverancier", "aanmaning", "energy", 5, 2, id="energy asked again, no more than costs follow"),
    pytest.param("woningcorporatie", "aanmaning", "home", 5, 2, id="rent asked again, no more than a bailiff follows"),
    pytest.param("school_kinderopvang", "herinnering", "none", 5, 2, id="a reminder has haste whatever is lost"),
    pytest.param("bank", "afsluiting", "bank_wage", 9, 1, id="the account itself is closed"),
    pytest.param("woningcorporatie", "uitnodiging", "rights_lost", 9, 3, id="a visit for the boiler"),
    pytest.param("gemeente", "uitnodiging", "rights_lost", 9, 2, id="a hearing within fourteen days"),
    pytest.param("uwv", "beschikking", "income", 30, 3, id="bezwaar with time left"),
    pytest.param("dienst_toeslagen", "terugvordering", "money_increase", 35, 3, id="paying back later"),
]


@pytest.mark.parametrize(("sender", "kind", "severity", "days", "level"), LEVELS)
def test_level(sender: str, kind: str, severity: str, days: int | None, level: int) -> None:
    day = None if days is None else TODAY + timedelta(days=days)
    assert level_of(Claim("L", sender, kind, severity, day, default="today"), TODAY, K) == level


@pytest.mark.parametrize(
    ("kind", "severity", "days", "level"),
    [
        pytest.param("aanmaning", "home", 6, 1, id="the lease is about to end"),
        pytest.param("aanmaning", "home", 10, 2, id="the lease ends, with time left"),
        pytest.param("aanmaning", "energy", 13, 1, id="the supply stops after a fortnight"),
        pytest.param("aanmaning", "energy", 20, 3, id="the supply stops much later"),
        pytest.param("betalingsregeling", "bank_wage", 3, 1, id="the account is seized unless this term comes"),
    ],
)
def test_a_demand_that_names_what_goes_next(kind: str, severity: str, days: int, level: int) -> None:
    claim = Claim("L", "onbekend", kind, severity, TODAY + timedelta(days=days), named=True)
    assert level_of(claim, TODAY, K) == level


def test_an_income_that_ends_within_a_fortnight_is_of_today() -> None:
    decision = Claim("L", "uwv", "beschikking", "income", TODAY + timedelta(days=35))
    assert level_of(decision, TODAY, K) == 3
    assert level_of(replace(decision, stops_on=TODAY + timedelta(days=9)), TODAY, K) == 1


def test_an_old_demand_without_a_day_is_not_of_today_but_a_title_is() -> None:
    old = date(2026, 8, 12)
    demand = Claim("A", "woningcorporatie", "aanmaning", "home", letter_date=old, default="two_working_days")
    assert level_of(demand, TODAY, K) == 2
    assert level_of(replace(demand, letter_date=date(2026, 11, 12)), TODAY, K) == 1
    assert level_of(replace(demand, kind="vonnis"), TODAY, K) == 1


def test_a_tie_is_explained_by_the_part_that_decided() -> None:
    one = Claim("A", "telecom", "aanmaning", "money_increase", date(2026, 11, 30), amount=Decimal(50))
    two = Claim("B", "telecom", "aanmaning", "money_increase", date(2026, 11, 30), amount=Decimal(90))
    first = rank([one, two], TODAY, K)[0]
    assert first.ref == "B"
    assert [r.values for r in first.reasons if r.code == "before_next"] == [{"key": "amount_descending"}]


@given(BAGS, st.sampled_from(["vonnis", "ontruiming", "dwangbevel", "beslag", "dagvaarding"]), st.booleans())
def test_a_grave_letter_with_an_unreadable_day_stays_high(bag: list[Claim], kind: str, has_date: bool) -> None:
    """It never stands behind a letter that plans, informs or advertises, and it never waits."""
    severity = K.signs.kinds[kind].severity
    letter_date = TODAY - timedelta(days=4) if has_date else None
    grave = Claim(
        "grave", "gerechtsdeurwaarder", kind, severity, None, letter_date, action=Action.BELLEN,
        default=K.signs.kinds[kind].urgency_default,
    )  # fmt: skip
    order = [position.ref for position in rank([*bag, grave], TODAY, K)]
    tiers = {position.ref: position.tier for position in rank([*bag, grave], TODAY, K)}
    assert tiers["grave"] <= 2
    assert level_of(grave, TODAY, K) <= 2
    assert all(tiers[ref] <= tiers["grave"] for ref in order[: order.index("grave")])


@given(CLAIMS)
def test_a_day_that_cannot_be_read_is_never_calmer_than_a_day_far_away(one: Claim) -> None:
    unread = replace(one, last_day=None, letter_date=None, default=K.signs.kinds[one.kind].urgency_default)
    far = replace(one, last_day=TODAY + timedelta(days=85))
    if unread.kind in {"vonnis", "ontruiming", "dwangbevel", "beslag"}:
        assert level_of(unread, TODAY, K) <= level_of(far, TODAY, K)
        assert rank([unread], TODAY, K)[0].tier <= rank([far], TODAY, K)[0].tier


def test_a_level_is_known_without_its_day_only_where_no_day_changes_it() -> None:
    bill = Claim("L", "telecom", "factuur", "money_increase", amount=Decimal(30), action=Action.BETALEN)
    seized = replace(bill, kind="beslag", severity="bank_wage")
    assert same_level(replace(seized, last_day=TODAY + timedelta(days=3)), (), TODAY, K)
    demand = replace(bill, kind="aanmaning", last_day=TODAY + timedelta(days=3))
    assert not same_level(demand, (), TODAY, K)
    near, far = TODAY + timedelta(days=5), TODAY + timedelta(days=30)
    assert same_level(demand, (near, TODAY + timedelta(days=9)), TODAY, K)
    assert not same_level(demand, (near, far), TODAY, K)
    # What has no amount may be none to pay at all.
    assert not same_level(replace(bill, amount=Decimal(0), last_day=near), (near,), TODAY, K)
