"""Room to act beside the answer (F59, F60, F62): a fund for what cannot wait, the reason, time, real help."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from briefbrug.case import Actor, EventKind
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.plain_language import sentences
from briefbrug.said import said_amount
from briefbrug.speech import Message
from briefbrug.store.tables import CaseRow, Fund, FundPayment, Professional, ReasonRecord, Resident, TimeSpent
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.at_the_desk import Done, clean, open_case, tell, was_done

LONGEST_REASON = 600
REASON_SENTENCES = 2
MINUTES = (5, 15, 30, 60)
HELPING, ADMINISTRATION = "helping", "administration"
HELP_KINDS = ("paid", "arranged", "stopped", "applied", "visited", "other")
LARGEST_CENTS = 5_000_000
"""Fifty thousand euros: more is a slip of the finger."""

REASON_FIELDS = ("need", "help", "effects", "law", "plain")
"""The order of deciding: need, what would help, effects, the law last; then the same for the resident."""


@dataclass(frozen=True, slots=True)
class Purse:
    """A fund as a professional sees it. Amounts in cents; `alone` is what she may pay with one tap."""

    ref: str
    name: str
    year: int
    budget: int
    paid: int
    asked: int
    alone: int

    @property
    def left(self) -> int:
        """Return what is neither paid nor asked for."""
        return self.budget - self.paid - self.asked


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment of a fund, with its reason ("" when the resident was forgotten) and who asked and decided."""

    ref: str
    fund: str
    case_ref: str
    amount: int
    reason: str
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    may_decide: bool


def set_fund(house: House, lead_ref: str, name: str, budget: str, small: str) -> str:
    """Make or change this year's fund of a lead's own team; return its reference. Amounts as typed, in euros.

    Raises:
        BriefbrugError: NOT_ALLOWED for who is no lead; NOT_UNDERSTOOD for a name or amount that is none.
    """
    called = clean(name, 120)
    budget_cents, small_cents = cents_of(budget), cents_of(small, zero=True)
    with house.work() as work:
        lead = work.people.professional(lead_ref)
        if lead is None or not lead.active or "lead" not in lead.roles:
            raise BriefbrugError(Reason.NOT_ALLOWED, f"professional_ref={lead_ref} is no lead")
        year = house.clock.today().year
        query = select(Fund).where(Fund.team_ref == lead.team_ref, Fund.name == called, Fund.year == year)
        fund = work.session.scalar(query)
        if fund is None:
            fund = Fund(ref=f"F-{secrets.token_hex(8)}", team_ref=lead.team_ref, name=called, year=year)
            work.session.add(fund)
        fund.budget_cents, fund.small_cents = budget_cents, small_cents
        return fund.ref


def cents_of(typed: str, *, zero: bool = False) -> int:
    """Return an amount as typed ("125", "1.234,56") in cents.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD, when it is none, too large, or zero without `zero`.
    """
    text = typed.strip().removeprefix("€").strip()
    if zero and text in {"0", "0,00"}:
        return 0
    amount = said_amount(text) if text else None
    cents = int((amount * 100).to_integral_value()) if isinstance(amount, Decimal) else 0
    if not 0 < cents <= LARGEST_CENTS:
        raise BriefbrugError(Reason.NOT_UNDERSTOOD, "no amount")
    return cents


def purses(house: House, work: Work, person: Professional) -> list[Purse]:
    """Return this year's funds of a professional's team."""
    year = house.clock.today().year
    funds = work.session.scalars(
        select(Fund).where(Fund.team_ref == person.team_ref, Fund.year == year).order_by(Fund.name)
    )
    return [_purse(work, fund, person) for fund in funds]


def _purse(work: Work, fund: Fund, person: Professional) -> Purse:
    query = (
        select(FundPayment.state, func.sum(FundPayment.amount_cents))
        .where(FundPayment.fund_ref == fund.ref)
        .group_by(FundPayment.state)
    )
    spent = {row[0]: int(row[1]) for row in work.session.execute(query)}
    alone = min(fund.small_cents, person.mandate_cents)
    return Purse(fund.ref, fund.name, fund.year, fund.budget_cents, spent.get("paid", 0), spent.get("asked", 0), alone)


def pay(
    house: House, case_ref: str, professional_ref: str, fund_ref: str, amount: str, reason: str, source_key: str
) -> str:
    """Pay a small amount at once, or ask a second pair of eyes for a larger one; once per `source_key`.

    Returns:
        "paid", "asked", or "short" when the fund has too little left (nothing happened then).

    Raises:
        BriefbrugError: NOT_UNDERSTOOD without an amount or reason; NOT_FOUND for another team's fund.
    """
    cents, why = cents_of(amount), clean(reason, LONGEST_REASON)
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        # Locked: two payments at the same moment must not both see the last money.
        fund = work.session.scalar(select(Fund).where(Fund.ref == fund_ref).with_for_update())
        if fund is None or fund.team_ref != case.team_ref or fund.year != house.clock.today().year:
            raise BriefbrugError(Reason.NOT_FOUND, f"fund_ref={fund_ref[:40]}")
        before = next((e for e in work.cases.events(case.ref) if e.detail.get("once") == source_key), None)
        if before is not None:
            return "paid" if before.kind == EventKind.FUND_PAID.value else "asked"
        purse = _purse(work, fund, person)
        if cents > purse.left:
            return "short"
        now = house.clock.now()
        is_small = cents <= purse.alone
        payment = FundPayment(
            ref=f"U-{secrets.token_hex(16)}",
            fund_ref=fund.ref,
            case_ref=case.ref,
            resident_ref=resident.ref,
            asked_by=person.ref,
            asked_at=now,
            amount_cents=cents,
            reason_sealed=work.residents.seal(resident, why, "fund-payment"),
            state="paid" if is_small else "asked",
            decided_by=person.ref if is_small else None,
            decided_at=now if is_small else None,
        )
        work.session.add(payment)
        kind = EventKind.FUND_PAID if is_small else EventKind.FUND_ASKED
        detail = {"once": source_key, "payment": payment.ref, "cents": cents}
        work.cases.record(case, kind, Actor.HUMAN, person.ref, detail)
        return payment.state


def decide_payment(house: House, payment_ref: str, professional_ref: str, source_key: str, *, agree: bool) -> Done:
    """Let a second pair of eyes decide about a payment.

    Raises:
        BriefbrugError: NOT_FOUND for another team's payment; NOT_ALLOWED for who asked it herself or has no mandate
            for the amount; WRONG_STATE when it was decided before in the other way.
    """
    with house.work() as work:
        payment = work.session.get(FundPayment, payment_ref)
        if payment is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"payment_ref={payment_ref[:40]}")
        case, _, person = open_case(house, work, payment.case_ref, professional_ref)
        if not may_decide(person, payment):
            raise BriefbrugError(Reason.NOT_ALLOWED, f"professional_ref={professional_ref} payment_ref={payment_ref}")
        state = "paid" if agree else "refused"
        if payment.state != "asked":
            if payment.state == state:
                return Done(is_new=False)
            raise BriefbrugError(Reason.WRONG_STATE, f"payment_ref={payment_ref} is {payment.state}")
        payment.state, payment.decided_by, payment.decided_at = state, person.ref, house.clock.now()
        kind = EventKind.FUND_PAID if agree else EventKind.FUND_REFUSED
        detail = {"once": source_key, "payment": payment.ref, "cents": payment.amount_cents}
        work.cases.record(case, kind, Actor.HUMAN, person.ref, detail)
        return Done(is_new=True)


def may_decide(person: Professional, payment: FundPayment) -> bool:
    """Return whether somebody is the second pair of eyes: not who asked, but a lead or with a mandate for it."""
    has_mandate = "lead" in person.roles or person.mandate_cents >= payment.amount_cents
    return payment.asked_by != person.ref and has_mandate


def payments(work: Work, person: Professional, *, case_ref: str | None = None, limit: int = 200) -> list[Payment]:
    """Return the payments of a professional's team, newest first; of one case with `case_ref`."""
    query = (
        select(FundPayment, Fund)
        .join(Fund, Fund.ref == FundPayment.fund_ref)
        .where(Fund.team_ref == person.team_ref)
        .order_by(FundPayment.asked_at.desc(), FundPayment.ref)
        .limit(limit)
    )
    if case_ref is not None:
        query = query.where(FundPayment.case_ref == case_ref)
    people = {each.ref: each.name for each in work.people.professionals(active_only=False)}
    found: list[Payment] = []
    for payment, fund in work.session.execute(query):
        resident = work.residents.get(payment.resident_ref) if payment.resident_ref else None
        reason = work.residents.open(resident, payment.reason_sealed, "fund-payment") if resident else ""
        found.append(
            Payment(
                payment.ref,
                fund.name,
                payment.case_ref,
                payment.amount_cents,
                reason,
                payment.state,
                people.get(payment.asked_by, ""),
                payment.asked_at,
                people.get(payment.decided_by or "", ""),
                payment.decided_at,
                payment.state == "asked" and may_decide(person, payment),
            )
        )
    return found


# --- why --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A record of why, opened."""

    by: str
    at: datetime
    need: str
    help: str
    effects: str
    law: str
    plain: str
    shared_at: datetime | None


def too_long(told: dict[str, str]) -> tuple[str, ...]:
    """Return the fields of a reason that are empty or longer than two sentences; the law alone may be empty."""
    return tuple(
        name
        for name in REASON_FIELDS
        if len(sentences(told.get(name, "").strip())) > REASON_SENTENCES
        or (name != "law" and not told.get(name, "").strip())
        or len(told.get(name, "")) > LONGEST_REASON
    )


def record_reason(
    house: House, case_ref: str, professional_ref: str, told: dict[str, str], source_key: str, *, share: bool
) -> tuple[str, ...]:
    """Keep why something was done, once per `source_key`; with `share` the resident reads the plain version.

    Args:
        house: the house.
        case_ref: the case.
        professional_ref: who decides.
        told: need, help, effects, law and plain, two sentences each at most; the law may be "".
        source_key: of this click.
        share: whether the plain version goes to the resident now.

    Returns:
        The fields that are too long or missing; nothing is kept then. Empty when it is kept.
    """
    wrong = too_long(told)
    if wrong:
        return wrong
    kept = {name: clean(told[name], LONGEST_REASON) for name in REASON_FIELDS if told.get(name, "").strip()}
    with house.work() as work:
        case, resident, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return ()
        now = house.clock.now()

        def seal(name: str) -> bytes:
            return work.residents.seal(resident, kept[name], f"reason-{name}")

        work.session.add(
            ReasonRecord(
                case_ref=case.ref,
                resident_ref=resident.ref,
                by_ref=person.ref,
                at=now,
                need_sealed=seal("need"),
                help_sealed=seal("help"),
                effects_sealed=seal("effects"),
                law_sealed=seal("law") if "law" in kept else None,
                plain_sealed=seal("plain"),
                shared_at=now if share else None,
            )
        )
        work.cases.record(case, EventKind.REASON_RECORDED, Actor.HUMAN, person.ref, {"once": source_key})
        if share:
            work.cases.record(case, EventKind.REASON_SHARED, Actor.HUMAN, person.ref)
            message = Message("desk_reason", {"name": person.name, "words": kept["plain"]})
            tell(house, work, resident, case, f"{source_key}/told", message)
        return ()


def reasons(work: Work, resident: Resident, case: CaseRow) -> list[ReasonView]:
    """Return the reasons kept with a case, newest first."""
    people = {each.ref: each.name for each in work.people.professionals(active_only=False)}
    rows = work.session.scalars(
        select(ReasonRecord).where(ReasonRecord.case_ref == case.ref).order_by(ReasonRecord.id.desc())
    )

    def opened(sealed: bytes | None, name: str) -> str:
        return work.residents.open(resident, sealed, f"reason-{name}") if sealed else ""

    return [
        ReasonView(
            people.get(row.by_ref, ""),
            row.at,
            opened(row.need_sealed, "need"),
            opened(row.help_sealed, "help"),
            opened(row.effects_sealed, "effects"),
            opened(row.law_sealed, "law"),
            opened(row.plain_sealed, "plain"),
            row.shared_at,
        )
        for row in rows
    ]


# --- time and real help -----------------------------------------------------------------------------------------------


def spend_time(house: House, case_ref: str, professional_ref: str, kind: str, minutes: int, source_key: str) -> Done:
    """Note one tap of time, helping or administration; once per `source_key`.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD for another kind or number of minutes.
    """
    if kind not in {HELPING, ADMINISTRATION} or minutes not in MINUTES:
        raise BriefbrugError(Reason.NOT_UNDERSTOOD, f"kind={kind[:20]} minutes={minutes}")
    with house.work() as work:
        case, _, person = open_case(house, work, case_ref, professional_ref)
        if work.session.scalar(select(TimeSpent.id).where(TimeSpent.once == source_key)) is not None:
            return Done(is_new=False)
        work.session.add(
            TimeSpent(
                case_ref=case.ref,
                team_ref=case.team_ref,
                professional_ref=person.ref,
                kind=kind,
                minutes=minutes,
                at=house.clock.now(),
                once=source_key,
            )
        )
        return Done(is_new=True)


def minutes_of(work: Work, case_ref: str) -> dict[str, int]:
    """Return the minutes of a case by kind."""
    query = (
        select(TimeSpent.kind, func.sum(TimeSpent.minutes))
        .where(TimeSpent.case_ref == case_ref)
        .group_by(TimeSpent.kind)
    )
    found = {row[0]: int(row[1]) for row in work.session.execute(query)}
    return {HELPING: found.get(HELPING, 0), ADMINISTRATION: found.get(ADMINISTRATION, 0)}


def mark_helped(house: House, case_ref: str, professional_ref: str, what: str, source_key: str) -> Done:
    """Note that something really changed for the resident (F70); it does not stop the clock of the answer.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD for another kind of help.
    """
    if what not in HELP_KINDS:
        raise BriefbrugError(Reason.NOT_UNDERSTOOD, "no such help")
    with house.work() as work:
        case, _, person = open_case(house, work, case_ref, professional_ref)
        if was_done(work, case, source_key):
            return Done(is_new=False)
        work.cases.record(case, EventKind.HELPED, Actor.HUMAN, person.ref, {"once": source_key, "what": what})
        return Done(is_new=True)
