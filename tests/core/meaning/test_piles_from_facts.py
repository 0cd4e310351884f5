"""Bags of letters as they are read come out in the right order, each debt as one story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from briefbrug.deadline import Deadline
from briefbrug.knowledge.load import load_knowledge
from briefbrug.letter import Action, Found, LetterFacts
from briefbrug.meaning import Pile, understand_pile
from briefbrug.printed import creditor_code
from tests.core.meaning.letters import KROOS, TODAY, a_letter, on, within

K = load_knowledge()
PAY, SEND, ANSWER, OBJECT = Action.BETALEN, Action.OPSTUREN, Action.REAGEREN, Action.BEZWAAR


def understood(letters: Mapping[str, LetterFacts]) -> Pile:
    return understand_pile(letters, K, TODAY)


def order(letters: Mapping[str, LetterFacts]) -> str:
    """Return the references in order; older letters of a debt stand in brackets behind their newest."""
    return " ".join(f"({letter.ref})" if letter.history else letter.ref for letter in understood(letters).letters)


INFO = a_letter("svb", "informatie", "2026-11-02", notes=["no_action_needed"])
AD = a_letter("reclame", "reclame", None, amount="15000", notes=["advertising"])
RENT = "huurachterstand"

PILES: dict[str, tuple[dict[str, LetterFacts], str]] = {
    "the bag of the family Kroos": (KROOS, "L1 (L9) (L8) L2 L4 L5 L7 L3 L6"),
    "the bag of the family Kroos with the exploot": (
        {
            "E1": a_letter(
                "gerechtsdeurwaarder",
                "ontruiming",
                "2026-11-19",
                [on("2026-11-26", "event_date")],
                text="aanzegging ontruiming van de woning",
            ),
            "E2": KROOS["L1"],
            "E3": KROOS["L2"],
            "E4": KROOS["L3"],
        },
        "E1 (E2) E3 E4",
    ),
    "home today before water tomorrow": (
        {
            "a": a_letter("waterbedrijf", "afsluiting", clues=[on("2026-11-22", "event_date")]),
            "b": a_letter("gerechtsdeurwaarder", "ontruiming", clues=[on("2026-11-27", "event_date")]),
        },
        "b a",
    ),
    "income within days before a dwangbevel whose days passed": (
        {
            "a": a_letter(
                "belastingdienst", "dwangbevel", "2026-11-16", [within(2, "days", "heden", action=PAY)], "842"
            ),
            "b": a_letter("uwv", "informatieverzoek", clues=[on("2026-11-24", action=SEND)]),
        },
        "b a",
    ),
    "two steps of one energy bill": (
        {
            "old": a_letter(
                "energieleverancier",
                "herinnering",
                "2026-10-01",
                [on("2026-10-15", action=PAY)],
                "180",
                "871623405",
                "Stroomland",
            ),
            "new": a_letter(
                "energieleverancier",
                "aanmaning",
                "2026-11-02",
                [on("2026-11-25", action=PAY)],
                "195",
                "871623405",
                "Stroomland",
            ),
        },
        "new (old)",
    ),
    "three steps of one traffic fine": (
        {
            "first": a_letter(
                "cjib", "boete", "2026-06-01", [on("2026-07-27", action=PAY)], "100", "8234 5678 9012 3456"
            ),
            "second": a_letter(
                "cjib", "aanmaning", "2026-08-20", [on("2026-09-17", action=PAY)], "150", "8234567890123456"
            ),
            "third": a_letter(
                "cjib",
                "aanmaning",
                "2026-10-25",
                [on("2026-11-28", action=PAY)],
                "300",
                "8234 5678 9012 3456",
                text="Tweede aanmaning",
            ),
        },
        "third (second) (first)",
    ),
    "two traffic fines are two debts": (
        {
            "a": a_letter(
                "cjib", "boete", clues=[on("2026-12-20", action=PAY)], amount="100", reference="8234567890123456"
            ),
            "b": a_letter(
                "cjib", "boete", clues=[on("2026-12-10", action=PAY)], amount="60", reference="1234567890123457"
            ),
        },
        "b a",
    ),
    "a bureau collects for the phone company": (
        {
            "a": a_letter("telecom", "aanmaning", "2026-08-01", [on("2026-08-15", action=PAY)], "80", name="Belmij"),
            "b": a_letter(
                "incassobureau",
                "incasso",
                "2026-11-05",
                [on("2026-11-30", action=PAY)],
                "121",
                name="Rondom Incasso",
                behalf="Belmij B.V.",
            ),
        },
        "b (a)",
    ),
    "one bureau for two creditors is two debts": (
        {
            "a": a_letter(
                "incassobureau", "incasso", "2026-11-05", [on("2026-11-30", action=PAY)], "121", behalf="Belmij"
            ),
            "b": a_letter(
                "incassobureau", "incasso", "2026-11-06", [on("2026-11-28", action=PAY)], "77", behalf="Stroomland"
            ),
        },
        "b a",
    ),
    "the rent of this month is not the old debt": (
        {
            "judgment": KROOS["L1"],
            "rent": a_letter(
                "woningcorporatie", "factuur", "2026-11-20", [on("2026-12-24", action=PAY)], "610", name="Woonzicht"
            ),
        },
        "judgment rent",
    ),
    "a letter nobody can read stays above information": (
        {"a": INFO, "b": a_letter(None, None, None), "c": AD},
        "b a c",
    ),
    "an unreadable letter of a bailiff goes before a phone bill": (
        {
            "a": a_letter("telecom", "aanmaning", clues=[on("2026-11-24", action=PAY)]),
            "b": a_letter("gerechtsdeurwaarder", None, None, sure=False),
        },
        "b a",
    ),
    "the amount never decides": (
        {
            "a": a_letter("belastingdienst", "aanslag", clues=[on("2026-12-21", action=PAY)], amount="18000"),
            "b": a_letter(
                "ziekenhuis_zorgverlener", "veertiendagenbrief", clues=[on("2026-11-30", action=PAY)], amount="87"
            ),
        },
        "b a",
    ),
    "a letter that may be false is no debt": (
        {
            "a": a_letter("cjib", "dwangbevel", clues=[on("2026-11-22", action=PAY)], amount="900", notes=["suspect"]),
            "b": a_letter("waterbedrijf", "factuur", clues=[on("2026-12-20", action=PAY)], amount="54"),
        },
        "b a",
    ),
    "advertising is last, whatever it offers": ({"a": AD, "b": INFO}, "b a"),
    "an account that is already seized goes before an eviction in three weeks": (
        {
            "a": a_letter("gerechtsdeurwaarder", "ontruiming", clues=[on("2026-12-11", "event_date")]),
            "b": a_letter("bank", "beslag", "2026-11-19"),
        },
        "b a",
    ),
    "detention in five days goes before an eviction in six": (
        {
            "a": a_letter("gerechtsdeurwaarder", "ontruiming", clues=[on("2026-11-27", "event_date")]),
            "b": a_letter("cjib", "uitnodiging", clues=[on("2026-11-26", "event_date")], text="zitting over gijzeling"),
        },
        "b a",
    ),
    "a passed chance to repair a benefit goes before a fine": (
        {
            "a": a_letter("cjib", "aanmaning", clues=[on("2026-11-23", action=PAY)], amount="225"),
            "b": a_letter(
                "gemeente", "informatieverzoek", clues=[on("2026-11-18", action=SEND)], text="hersteltermijn"
            ),
        },
        "b a",
    ),
    "a decision that lapsed long ago goes behind money that grows": (
        {
            "a": a_letter("rechtbank", "beschikking", "2026-05-01", [on("2026-08-01", action=OBJECT)]),
            "b": a_letter("telecom", "aanmaning", clues=[on("2026-11-28", action=PAY)]),
        },
        "b a",
    ),
    "a later arrangement takes the place of the collection": (
        {
            "a": a_letter("incassobureau", "incasso", "2026-09-05", [on("2026-09-20", action=PAY)], "300", "55123456"),
            "b": a_letter(
                "incassobureau", "betalingsregeling", "2026-11-01", [on("2026-11-28", action=PAY)], "50", "55123456"
            ),
        },
        "b (a)",
    ),
    "two landlords are two homes": (
        {
            "a": a_letter(
                "woningcorporatie", "aanmaning", "2026-11-10", [on("2026-11-24", action=PAY)], "900", name="Woonzicht"
            ),
            "b": a_letter(
                "woningcorporatie", "incasso", "2026-11-12", [on("2026-11-26", action=PAY)], "700", name="Thuishaven"
            ),
        },
        "a b",
    ),
    "letters of one bailiff about the rent are one story": (
        {
            "a": a_letter(
                "woningcorporatie", "aanmaning", "2026-07-10", [on("2026-07-24", action=PAY)], "900", name="Woonzicht"
            ),
            "b": a_letter(
                "gerechtsdeurwaarder",
                "dagvaarding",
                "2026-11-12",
                [on("2026-12-02", "court_summons")],
                "1700",
                name="Kade Gerechtsdeurwaarders",
                behalf="Stichting Woonzicht",
                text=f"wegens {RENT}",
            ),
        },
        "b (a)",
    ),
    "only the nearest of two equal days and then the creditor without a judge": (
        {
            "a": a_letter("telecom", "aanmaning", clues=[on("2026-11-30", action=PAY)], amount="900"),
            "b": a_letter("lokale_belastingen", "aanmaning", clues=[on("2026-11-30", action=PAY)], amount="12"),
        },
        "b a",
    ),
}


@pytest.mark.parametrize("name", PILES)
def test_pile(name: str) -> None:
    letters, expected = PILES[name]
    assert order(letters) == expected


@pytest.mark.parametrize("name", PILES)
def test_pile_in_any_order_and_with_harmless_letters(name: str) -> None:
    letters, _ = PILES[name]
    backwards = dict(reversed(letters.items()))
    assert order(backwards) == order(letters)
    first = understood(letters).letters[0]
    more = understood({**letters, "zz-info": INFO, "zz-ad": AD}).letters
    if first.urgency < 4:
        assert more[0].ref == first.ref


@pytest.mark.parametrize("name", PILES)
def test_ranks_groups_and_reasons(name: str) -> None:
    pile = understood(PILES[name][0])
    assert [letter.rank for letter in pile.letters] == list(range(1, len(pile.letters) + 1))
    heads = {letter.ref for letter in pile.letters if not letter.history}
    for before, letter in zip(pile.letters, pile.letters[1:], strict=False):
        if letter.history:
            assert letter.group in heads
            assert before.group == letter.group
    assert all(letter.reasons for letter in pile.letters)
    assert not [letter for letter in pile.letters if letter.group and letter.group not in heads]


def test_the_judgment_about_rent_is_about_the_home_and_speaks_so() -> None:
    first = understood(KROOS).letters[0]
    assert (first.severity, first.urgency, first.needs_person) == ("home", 1, True)
    assert first.voice is not None
    assert first.voice.id == "woningcorporatie/vonnis"
    assert first.combination is not None
    assert first.combination.id == "rechtbank/vonnis"


@pytest.mark.parametrize("sender", [None, *sorted(K.senders)])
@pytest.mark.parametrize("kind", [None, *sorted(K.kinds)])
def test_every_sender_and_kind_has_a_meaning(sender: str | None, kind: str | None) -> None:
    letter = understood({"L": a_letter(sender, kind)}).letters[0]
    assert 1 <= letter.urgency <= 4
    if letter.combination is None and kind != "reclame":
        assert letter.needs_person
    if kind in {"ontruiming", "dwangbevel", "beslag", "vonnis", "dagvaarding"}:
        assert letter.needs_person
        assert letter.urgency <= 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Stichting Eigen Haard", "woningcorporatie"),
        ("Woningstichting Thuis", "woningcorporatie"),
        ("Thuis Bezorgd Holding B.V.", None),
        ("Odido", "telecom"),
        ("VGZ", "zorgverzekeraar"),
        ("Niemand Weet Het", None),
    ],
)
def test_the_creditor_behind_a_collector(name: str, code: str | None) -> None:
    assert creditor_code(name, K) == code


def test_a_summons_for_a_landlord_is_about_the_home() -> None:
    clues = [on("2026-12-02", "court_summons")]
    rent = a_letter("gerechtsdeurwaarder", "dagvaarding", clues=clues, behalf="Stichting Eigen Haard")
    phone = a_letter("gerechtsdeurwaarder", "dagvaarding", clues=clues, behalf="Odido")
    assert understood({"L": rent}).letters[0].severity == "home"
    assert understood({"L": phone}).letters[0].severity == "rights_lost"


def test_a_correction_ranks_anew() -> None:
    letters = {
        "a": a_letter("telecom", "aanmaning", clues=[on("2026-11-28", action=PAY)]),
        "b": a_letter("uwv", "informatieverzoek", clues=[on("2027-02-01", action=SEND)]),
    }
    assert order(letters) == "a b"
    letters["b"] = letters["b"].corrected("deadline", date(2026, 11, 25), "resident")
    assert order(letters) == "b a"
    letters["a"] = (
        letters["a"].corrected("sender", "gerechtsdeurwaarder", "resident").corrected("kind", "ontruiming", "resident")
    )
    assert order(letters) == "a b"


def test_what_could_not_be_read_is_never_sure() -> None:
    letter = understood({"L": a_letter(None, None, None)}).letters[0]
    assert set(letter.sure) == {"sender", "kind", "letter_date", "deadline", "amount", "reference", "iban", "urgency"}
    assert not any(letter.sure.values())


def test_an_unsure_sender_or_kind_or_day_makes_the_level_unsure() -> None:
    sure = a_letter("telecom", "aanmaning", clues=[on("2026-11-28", action=PAY)])
    assert understood({"L": sure}).letters[0].sure["urgency"]
    for field in ("sender", "kind"):
        doubtful = replace(sure, **{field: Found("telecom" if field == "sender" else "aanmaning", sure=False)})
        assert not understood({"L": doubtful}).letters[0].sure["urgency"]
    late = a_letter("telecom", "aanmaning", clues=[on("2026-11-28", action=PAY, sure=False)])
    assert not understood({"L": late}).letters[0].sure["urgency"]


def test_a_benefit_that_stops_within_days_is_urgent_before_its_bezwaar_term() -> None:
    clues = [within(6, "weeks", action=OBJECT), on("2026-11-25", "start_date")]
    stops = a_letter("gemeente", "beschikking", "2026-11-18", clues, text="wij hebben uw uitkering ingetrokken")
    stays = a_letter("gemeente", "beschikking", "2026-11-18", clues, text="uw uitkering wordt hoger")
    assert understood({"L": stops}).letters[0].urgency == 1
    assert understood({"L": stays}).letters[0].urgency == 3


def test_the_day_told_is_the_earlier_one_and_ranks_too() -> None:
    clues = [on("2026-12-20", action=PAY), within(14, "days", action=PAY)]
    letter = understood({"L": a_letter("telecom", "aanmaning", "2026-11-10", clues)}).letters[0]
    assert isinstance(letter.deadline, Deadline)
    assert letter.deadline.last_day == date(2026, 12, 20)
    assert letter.deadline.heard == date(2026, 11, 24)
    assert letter.urgency == 2


FACTS = st.builds(
    a_letter,
    sender=st.sampled_from([None, *sorted(K.senders)]),
    kind=st.sampled_from([None, *sorted(K.kinds)]),
    dated=st.one_of(st.none(), st.dates(date(2026, 6, 1), date(2026, 11, 21)).map(str)),
    clues=st.one_of(
        st.just([]),
        st.dates(date(2026, 9, 1), date(2027, 2, 1)).map(lambda d: [on(str(d))]),
        st.integers(1, 60).map(lambda n: [within(n, "days")]),
    ),
    amount=st.one_of(st.none(), st.integers(1, 9999).map(str)),
    reference=st.one_of(st.none(), st.sampled_from(["10203040", "99887766", "8234567890123456"])),
)
BAGS = st.dictionaries(st.sampled_from([f"L{i}" for i in range(8)]), FACTS, min_size=1, max_size=6)


@settings(max_examples=80, deadline=None)
@given(BAGS, FACTS)
def test_adding_a_letter_makes_no_other_more_urgent(bag: dict[str, LetterFacts], extra: LetterFacts) -> None:
    before = {letter.ref: letter for letter in understood(bag).letters}
    after = {letter.ref: letter for letter in understood({**bag, "extra": extra}).letters}
    for ref, letter in before.items():
        if not after[ref].history:
            assert after[ref].urgency >= letter.urgency or letter.history
            assert after[ref].tier == letter.tier or letter.history


@settings(max_examples=80, deadline=None)
@given(BAGS)
def test_nothing_is_lost_and_one_is_first(bag: dict[str, LetterFacts]) -> None:
    pile = understood(bag)
    assert {letter.ref for letter in pile.letters} == set(bag)
    assert not pile.letters[0].history
    assert understood(dict(reversed(bag.items()))) == pile


@settings(max_examples=80, deadline=None)
@given(BAGS, st.sampled_from([("svb", "informatie"), ("reclame", "reclame"), ("duo", "informatie")]))
def test_a_harmless_letter_never_changes_what_is_first(bag: dict[str, LetterFacts], what: tuple[str, str]) -> None:
    first = understood(bag).letters[0]
    if first.tier < 5:
        assert understood({**bag, "harmless": a_letter(*what, amount="18400")}).letters[0].ref == first.ref
