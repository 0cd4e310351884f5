"""What the help was like: when it came, how many hands, how the time went, how it ended, and which letters led here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import select

from briefbrug.house import House
from briefbrug.response_time import percentile
from briefbrug.small_groups import Tally, any_small, overlapping, tally
from briefbrug.store.tables import Fund, FundPayment, OutcomeWords, TimeSpent
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.read_histories import CaseHistory, Histories, living_cases, month_of
from briefbrug.usecases.report_response_times import Month

OUTCOMES = ("solved", "arranged", "handed_on", "no_contact", "other")
HANDS = ("1", "2", "3", "4+")
HELPING, ADMINISTRATION = "helping", "administration"
PAID = "paid"
MOST_SENDERS = 12
MOST_PAIRS = 20


@dataclass(frozen=True, slots=True)
class FirstHelp:
    """The time to the first real help (F70), in seconds. None is: not shown, or nobody was helped yet."""

    cases: int | None
    helped: int | None
    waiting: int | None
    median_calendar: float | None
    p90_calendar: float | None
    median_working: float | None


@dataclass(frozen=True, slots=True)
class TimeUse:
    """How professionals used the time that they noted, and what deciding cost (F73). None is: not shown.

    Money in whole cents; `cost_per_100_cents` is the cost of deciding for each 100 euro from the emergency fund.
    """

    helping_minutes: int | None
    administration_minutes: int | None
    share_helping: float | None
    payments: int | None
    paid_cents: int | None
    cost_cents: int | None
    cost_per_100_cents: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """How many residents brought a letter: of a sender, of a kind, or of a sender and a kind together."""

    sender: str | None
    kind: str | None
    residents: int


@dataclass(frozen=True, slots=True)
class Quote:
    """How it ended in a resident's own words, which she let us show; `threat` is what was at stake."""

    words: str
    month: str


@dataclass(frozen=True, slots=True)
class HelpReport:
    """Everything the monitor shows of the help of one month."""

    month: str
    cases: int | None
    help: FirstHelp
    hands: Tally
    hands_mean: float | None
    time: TimeUse
    hour_cents: int
    """What an hour of a professional costs, for the cost of deciding; a setting."""
    outcomes: Tally
    quotes: tuple[Quote, ...]
    senders: tuple[Sent, ...]
    kinds: tuple[Sent, ...]
    pairs: tuple[Sent, ...]


def report_help(
    house: House, period: Month, *, known: str | None = None, histories: Histories | None = None
) -> HelpReport:
    """Return the figures about the help to residents whose case began in `period`.

    Args:
        house: the house.
        period: a calendar month.
        known: the team whose cases the viewer sees at the desk; nothing may be found by subtracting these.
        histories: what was read before; None reads all events anew.
    """
    minimum = house.settings.minimum_group
    with house.look() as work:
        everything = (histories or Histories(house)).read(work)
        here = [case for case in everything if case.month == period.code]
        living = living_cases(work)
        ended = [case for case in everything if _ended_in(case, period)]
        size, others = len(here), sum(1 for case in here if case.team_ref != known)
        hidden = any_small(minimum, size, others)
        return HelpReport(
            month=period.code,
            cases=None if hidden else size,
            help=_first_help(here, living, minimum, known),
            hands=_hands(here, minimum, known),
            hands_mean=None if hidden or not here else sum(len(case.hands) for case in here) / size,
            time=_time_use(house, work, period, minimum, known),
            hour_cents=100 * house.settings.hour_cost,
            outcomes=_by_code(ended, OUTCOMES, lambda case: case.outcome or "other", minimum, known),
            quotes=_quotes(work, period) if len(ended) >= minimum else (),
            senders=_sent(here, minimum, known, lambda pair: (pair[0], None))[:MOST_SENDERS],
            kinds=_sent(here, minimum, known, lambda pair: (None, pair[1]))[:MOST_SENDERS],
            pairs=_pairs(here, minimum, known),
        )


def _ended_in(case: CaseHistory, period: Month) -> bool:
    return case.closed_at is not None and month_of(case.closed_at) == period.code


def _by_code(
    cases: Sequence[CaseHistory],
    codes: Sequence[str],
    code_of: Callable[[CaseHistory], str],
    minimum: int,
    known: str | None,
) -> Tally:
    counts, mine = dict.fromkeys(codes, 0), dict.fromkeys(codes, 0)
    for case in cases:
        code = code_of(case)
        counts[code] = counts.get(code, 0) + 1
        mine[code] = mine.get(code, 0) + (case.team_ref == known)
    return tally(counts, minimum, mine if known else None)


def _hands(cases: Sequence[CaseHistory], minimum: int, known: str | None) -> Tally:
    def code_of(case: CaseHistory) -> str:
        return "4+" if len(case.hands) > 3 else str(max(1, len(case.hands)))

    return _by_code(cases, HANDS, code_of, minimum, known)


def _first_help(here: Sequence[CaseHistory], living: frozenset[str], minimum: int, known: str | None) -> FirstHelp:
    """Return the time to first real help; who took her question back or left before it came does not count."""
    owed = [case for case in here if case.helped_at is not None or (not case.withdrawn and case.case_ref in living)]
    helped = [case for case in owed if case.helped_at is not None]
    foreign = [case for case in owed if case.team_ref != known]
    foreign_helped = sum(1 for case in foreign if case.helped_at is not None)
    if any_small(minimum, len(owed), len(foreign)):
        return FirstHelp(None, None, None, None, None, None)
    split = any_small(minimum, len(helped), len(owed) - len(helped), foreign_helped, len(foreign) - foreign_helped)
    spans = [_since(case, case.helped_at) for case in helped if case.helped_at is not None]
    few = len(helped) < max(1, minimum) or any_small(minimum, foreign_helped)
    return FirstHelp(
        cases=len(owed),
        helped=None if split else len(helped),
        waiting=None if split else len(owed) - len(helped),
        median_calendar=None if few else median(spans),
        p90_calendar=None if few else percentile(spans, 0.9),
        median_working=None if few else median(case.help_working for case in helped),
    )


def _since(case: CaseHistory, moment: datetime) -> float:
    return (moment - case.sent_at).total_seconds()


def _time_use(house: House, work: Work, period: Month, minimum: int, known: str | None) -> TimeUse:
    rows = work.session.execute(
        select(TimeSpent.case_ref, TimeSpent.team_ref, TimeSpent.kind, TimeSpent.minutes).where(
            TimeSpent.at >= period.starts_at, TimeSpent.at < period.next.starts_at
        )
    ).all()
    cases = {row[0] for row in rows}
    foreign = {row[0] for row in rows if row[1] != known}
    helping = sum(row[3] for row in rows if row[2] == HELPING)
    administration = sum(row[3] for row in rows if row[2] == ADMINISTRATION)
    shown = bool(rows) and not any_small(minimum, len(cases), len(foreign))
    paid = [
        (amount, team)
        for amount, team in work.session.execute(
            select(FundPayment.amount_cents, Fund.team_ref)
            .join(Fund, Fund.ref == FundPayment.fund_ref)
            .where(
                FundPayment.state == PAID,
                FundPayment.decided_at >= period.starts_at,
                FundPayment.decided_at < period.next.starts_at,
            )
        )
    ]
    money = not any_small(minimum, len(paid), sum(1 for _, team in paid if team != known))
    total = sum(amount for amount, _ in paid)
    cost = round(administration * 100 * house.settings.hour_cost / 60)
    return TimeUse(
        helping_minutes=helping if shown else None,
        administration_minutes=administration if shown else None,
        share_helping=helping / (helping + administration) if shown and helping + administration else None,
        payments=len(paid) if money else None,
        paid_cents=total if money else None,
        cost_cents=cost if shown else None,
        cost_per_100_cents=round(cost * 10_000 / total) if shown and money and total else None,
    )


def _quotes(work: Work, period: Month) -> tuple[Quote, ...]:
    """Return what residents said about how it ended, only where they let us show it."""
    rows = work.session.scalars(
        select(OutcomeWords).where(
            OutcomeWords.may_share.is_(True),
            OutcomeWords.words_sealed.is_not(None),
            OutcomeWords.answered_at >= period.starts_at,
            OutcomeWords.answered_at < period.next.starts_at,
        )
    )
    quotes: list[Quote] = []
    for row in rows:
        resident = work.residents.get(row.resident_ref)
        if resident is not None and row.words_sealed is not None:
            quotes.append(Quote(work.residents.open(resident, row.words_sealed, "outcome"), period.code))
    # Sorted by their words: their order must not say which case they belong to.
    return tuple(sorted(quotes, key=lambda quote: quote.words))


Pair = tuple[str, str]


def _sent(
    here: Sequence[CaseHistory],
    minimum: int,
    known: str | None,
    code_of: Callable[[Pair], tuple[str | None, str | None]],
) -> tuple[Sent, ...]:
    groups: dict[tuple[str | None, str | None], set[str]] = {}
    for case in here:
        for pair in case.letters:
            groups.setdefault(code_of(pair), set()).add(case.case_ref)
    everybody = {case.case_ref for case in here}
    mine = {case.case_ref for case in here if case.team_ref == known}
    sizes = overlapping(groups, everybody, minimum, mine)
    return tuple(Sent(sender, kind, count) for (sender, kind), count in sizes.items())


def _pairs(here: Sequence[CaseHistory], minimum: int, known: str | None) -> tuple[Sent, ...]:
    """Return sender and kind together; of each sender, the residents outside the shown kinds are no small group."""
    shown = list(_sent(here, minimum, known, lambda pair: pair))
    with_pair: dict[Pair, set[str]] = {}
    for case in here:
        for pair in case.letters:
            with_pair.setdefault(pair, set()).add(case.case_ref)
    mine = {case.case_ref for case in here if case.team_ref == known}
    kept: list[Sent] = []
    for sender, count in Counter(each.sender for each in shown).items():
        of_sender = [each for each in shown if each.sender == sender]
        everyone = set[str]().union(*(refs for (name, _), refs in with_pair.items() if name == sender))
        while count:
            inside = set[str]().union(*(with_pair[sender or "", each.kind or ""] for each in of_sender))
            left = everyone - inside
            if not any_small(minimum, len(left), len(left - mine)):
                break
            of_sender.remove(min(of_sender, key=lambda each: (each.residents, each.kind or "")))
            count = len(of_sender)
        kept += of_sender
    kept.sort(key=lambda each: (-each.residents, each.sender or "", each.kind or ""))
    return tuple(kept[:MOST_PAIRS])
