"""How long residents waited for a human, per month, team, urgency and threat (F64 to F69, F75)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from briefbrug.case import THREATS
from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.response_time import Wait, summarise, wait_of
from briefbrug.small_groups import Tally, any_small, small_cells, tally
from briefbrug.store.tables import CaseRow
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.read_histories import CAUSES, NO_HOURS, Histories, living_cases, month_of
from briefbrug.usecases.roster import team_hours

MONTHS_SHOWN = 12
URGENCIES = (1, 2, 3, 4)
AGE_BANDS = (("day", 24.0), ("three_days", 72.0), ("week", 168.0), ("longer", float("inf")))
"""How long a resident has been waiting: the upper bound of each band in hours of calendar time."""


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in Dutch local time. Months do not overlap, so that no two questions differ by one resident."""

    year: int
    month: int

    @property
    def first_on(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def next(self) -> Month:
        """The month after."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def before(self) -> Month:
        """The month before."""
        last = self.first_on - timedelta(days=1)
        return Month(last.year, last.month)

    @property
    def code(self) -> str:
        """As 2026-11."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def starts_at(self) -> datetime:
        """The first moment of the month, aware UTC."""
        return datetime.combine(self.first_on, time(), AMSTERDAM).astimezone(UTC)

    def holds(self, moment: datetime) -> bool:
        """Return whether an aware time lies in this month in the Netherlands."""
        return month_of(moment) == self.code


def this_month(house: House) -> Month:
    """Return the month of today."""
    return month_from(month_of(house.clock.now()))


def month_from(code: str) -> Month:
    """Return the month of a code like 2026-11.

    Raises:
        BriefbrugError: NOT_UNDERSTOOD, for anything else.
    """
    year, _, month = code.partition("-")
    if (
        len(year) == 4
        and year.isdigit()
        and len(month) == 2
        and month.isdigit()
        and 1 <= int(month) <= 12
        and int(year) >= 2000
    ):
        return Month(int(year), int(month))
    raise BriefbrugError(Reason.NOT_UNDERSTOOD, "a month is written as 2026-11")


@dataclass(frozen=True, slots=True)
class Counted:
    """One wait with what it is grouped by; `team_ref` is the team that gave the promise."""

    case_ref: str
    team_ref: str
    urgency: int
    threat: str
    wait: Wait
    month: str
    cause: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one group. None is: not shown, because a group would be too small; or nobody was answered.

    Seconds. `share_kept` is 0..1; `share_at_least` stands in for it when a small group would show through.
    """

    waits: int | None
    answered: int | None = None
    waiting: int | None = None
    broken: int | None = None
    median_calendar: float | None = None
    p90_calendar: float | None = None
    median_working: float | None = None
    p90_working: float | None = None
    share_kept: float | None = None
    share_at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A line of a table: its code, its name, its figures; `own` is the viewer's own team, which always shows."""

    code: str
    name: str
    figures: Figures
    own: bool = False


@dataclass(frozen=True, slots=True)
class StillWaiting:
    """A resident of the viewer's own team who still waits for a human."""

    case_ref: str
    professional_ref: str
    urgency: int
    is_closed: bool
    sent_at: datetime
    promised_at: datetime | None
    age_seconds: float
    working_seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """How long residents waited: of one month, and of the months before it as a trend."""

    month: str
    made_at: datetime
    minimum_group: int
    total: Figures
    photo_median: float | None
    """Median calendar seconds from the first photo to the first answer of a human: the second clock."""
    teams: tuple[Group, ...]
    urgencies: tuple[Group, ...]
    threats: tuple[Group, ...]
    causes: Tally
    """Why promises were broken; `total` is how many were."""
    trend: tuple[Group, ...]
    ages: tuple[Group, ...]
    """Residents who wait now, of all months, by how long they have been waiting."""
    waiting: tuple[StillWaiting, ...]
    """The viewer's own team only: work to do, no statistics."""
    months: tuple[str, ...]
    """The months that can be chosen, newest first."""


def figures_of(waits: Sequence[Wait], minimum: int) -> Figures:
    """Return the figures of a group, without the parts of it that are too small (S44)."""
    summary = summarise(waits)
    decided = sum(1 for wait in waits if wait.kept is not None)
    split = any_small(minimum, summary.answered, summary.waiting)
    open_promises = any_small(minimum, decided, len(waits) - decided)
    telling = open_promises or any_small(minimum, summary.broken, decided - summary.broken)
    few = summary.answered < minimum
    at_least = None
    if telling and not open_promises and summary.broken < minimum:
        at_least = max(0.0, 1 - (minimum - 1) / decided)
    return Figures(
        waits=len(waits),
        answered=None if split else summary.answered,
        waiting=None if split else summary.waiting,
        broken=None if telling else summary.broken,
        median_calendar=None if few else summary.median_calendar,
        p90_calendar=None if few else summary.p90_calendar,
        median_working=None if few else summary.median_working,
        p90_working=None if few else summary.p90_working,
        share_kept=None if telling else summary.share_kept,
        share_at_least=at_least,
    )


def breakdown(
    parts: Mapping[str, tuple[str, Sequence[Wait]]], minimum: int, own: str | None = None
) -> tuple[tuple[Group, ...], bool]:
    """Return the lines of a table and whether its total must be hidden.

    A split (answered or waiting, kept or broken) that is hidden in one line is hidden in all lines: else the total
    would give it away. `own` is the viewer's own team: it always shows, and counts as known to her.
    """
    others = {key: len(waits) for key, (_, waits) in parts.items() if key != own}
    hidden, hide_total = small_cells(others, minimum)
    groups = [
        Group(key, name, NOTHING if key in hidden else figures_of(waits, 1 if key == own else minimum), own=key == own)
        for key, (name, waits) in parts.items()
    ]
    foreign = [group.figures for group in groups if not group.own and group.figures.waits]
    no_split = any(figures.answered is None for figures in foreign)
    no_share = any(figures.broken is None for figures in foreign)
    return tuple(
        _without(group, no_split and not group.own, no_share and not group.own) for group in groups
    ), hide_total


def _without(group: Group, split: bool, share: bool) -> Group:
    figures = group.figures
    if split:
        figures = replace(figures, answered=None, waiting=None)
    if share:
        figures = replace(figures, broken=None, share_kept=None)
    return replace(group, figures=figures)


NOTHING = Figures(waits=None)


def counted_waits(
    house: House, work: Work, now: datetime, histories: Histories, month: str | None = None
) -> list[Counted]:
    """Return every wait of every case (of one month), from its events; what a resident took back does not count."""
    hours = {team.ref: team_hours(house, team) for team in work.people.teams()}
    living = living_cases(work)
    counted: list[Counted] = []
    for case in histories.read(work):
        for asked in case.asked:
            wait = asked.answered
            if month is not None and asked.month != month:
                continue
            if wait is None:
                if case.case_ref not in living:
                    continue
                wait = wait_of(asked.question, hours.get(case.team_ref) or NO_HOURS, now)
            counted.append(
                Counted(case.case_ref, case.team_ref, case.urgency, case.threat, wait, asked.month, asked.cause)
            )
    return counted


def report_response_times(
    house: House,
    period: Month,
    team: str | None = None,
    *,
    known: str | None = None,
    histories: Histories | None = None,
) -> Report:
    """Return the monitor's figures for the waits that began in `period`.

    Args:
        house: the house.
        period: a calendar month.
        team: the team that the viewer leads; its line and its waiting residents always show. None shows no own line.
        known: the team whose cases the viewer sees at the desk; nothing may be found by subtracting these.
        histories: what was read before; None reads all events anew.
    """
    now, minimum = house.clock.now(), house.settings.minimum_group
    known = known or team
    with house.look() as work:
        counted = counted_waits(house, work, now, histories or Histories(house))
        names = {each.ref: each.name for each in work.people.teams()}
        cases = (
            {
                case.ref: case
                for case in work.session.scalars(
                    select(CaseRow).where(CaseRow.team_ref == team, CaseRow.first_human_at.is_(None))
                )
            }
            if team
            else {}
        )
    months = [this_month(house)]
    while len(months) < MONTHS_SHOWN:
        months.append(months[-1].before)
    by_month: dict[str, list[Counted]] = {}
    for each in counted:
        by_month.setdefault(each.month, []).append(each)
    here = by_month.get(period.code, [])
    one = _of_month(here, names, minimum, team, known)
    trend = [
        Group(month.code, month.code, _total_of(by_month.get(month.code, ()), names, minimum, team, known)[0])
        for month in reversed(months)
    ]
    waiting = [each for each in counted if each.wait.answered_at is None]
    bands = {code: [each for each in waiting if _band(each.wait) == code] for code, _ in AGE_BANDS}
    sizes = {code: len(each) for code, each in bands.items()}
    mine = {code: sum(1 for each in waits if each.team_ref == known) for code, waits in bands.items()}
    ages = tuple(
        Group(cell.code, cell.code, NOTHING if cell.count is None else Figures(waits=cell.count))
        for cell in tally(sizes, minimum, mine if known else None).cells
    )
    return Report(
        month=period.code,
        made_at=now,
        minimum_group=minimum,
        total=one.total,
        photo_median=_photo_median(here, minimum, known),
        teams=one.teams,
        urgencies=one.urgencies,
        threats=one.threats,
        causes=one.causes,
        trend=tuple(trend),
        ages=ages,
        waiting=tuple(
            StillWaiting(
                case_ref=each.case_ref,
                professional_ref=cases[each.case_ref].professional_ref,
                urgency=cases[each.case_ref].urgency,
                is_closed=cases[each.case_ref].closed_at is not None,
                sent_at=each.wait.sent_at,
                promised_at=each.wait.promised_at,
                age_seconds=each.wait.calendar_seconds,
                working_seconds=each.wait.working_seconds,
            )
            for each in sorted(waiting, key=lambda each: each.wait.sent_at)
            if each.case_ref in cases
        ),
        months=tuple(month.code for month in months),
    )


def personal_figures(
    house: House, period: Month, professionals: Sequence[tuple[str, str]], histories: Histories | None = None
) -> tuple[Group, ...]:
    """Return the figures of professionals by name, each for herself: for her own eyes and her lead's, in no ranking.

    An answered wait is hers who answered, an open one hers who is responsible now.

    Args:
        house: the house.
        period: a calendar month.
        professionals: (reference, name) of those that the viewer may see.
        histories: what was read before.
    """
    with house.look() as work:
        counted = counted_waits(house, work, house.clock.now(), histories or Histories(house), period.code)
        waiting = select(CaseRow.ref, CaseRow.professional_ref).where(CaseRow.first_human_at.is_(None))
        responsible = {row[0]: row[1] for row in work.session.execute(waiting)}
    waits: dict[str, list[Wait]] = {}
    for each in counted:
        open_wait = each.wait.answered_at is None
        whose = responsible.get(each.case_ref) if open_wait else each.wait.professional_ref
        waits.setdefault(whose or "", []).append(each.wait)
    return tuple(Group(ref, name, figures_of(waits.get(ref, []), 1), own=True) for ref, name in professionals)


def _photo_median(here: Sequence[Counted], minimum: int, known: str | None) -> float | None:
    """Return the median time since the first photo, when enough residents were answered who sent one."""
    found = [each for each in here if each.wait.answered_at is not None and each.wait.photo_seconds is not None]
    others = sum(1 for each in found if each.team_ref != known)
    if len(found) < minimum or any_small(minimum, others):
        return None
    return summarise(
        [replace(each.wait, calendar_seconds=each.wait.photo_seconds or 0.0) for each in found]
    ).median_calendar


@dataclass(frozen=True, slots=True)
class _Table:
    total: Figures
    teams: tuple[Group, ...]
    urgencies: tuple[Group, ...]
    threats: tuple[Group, ...]
    causes: Tally


NO_TALLY = Tally((), None)


def _total_of(
    here: Sequence[Counted], names: Mapping[str, str], minimum: int, own: str | None, known: str | None
) -> tuple[Figures, tuple[Group, ...], bool]:
    """Return the figures of a month, those of its teams, and whether the month is too small to be broken down."""
    refs = sorted({*names, *(each.team_ref for each in here)}, key=lambda ref: (ref != own, names.get(ref, ""), ref))
    by_team: dict[str, tuple[str, list[Wait]]] = {ref: (names.get(ref, "-"), []) for ref in refs}
    for each in here:
        by_team[each.team_ref][1].append(each.wait)
    teams, hide_total = breakdown(by_team, minimum, own)
    waits = [each.wait for each in here]
    total = figures_of(waits, minimum)
    if known is not None:
        rest = figures_of([each.wait for each in here if each.team_ref != known], minimum)
        total = _without(Group("", "", total), rest.answered is None, rest.broken is None).figures
    if hide_total or (len(here) < minimum and own is None):
        total = NOTHING if here else total
    return total, teams, hide_total


def _of_month(
    here: Sequence[Counted], names: Mapping[str, str], minimum: int, own: str | None, known: str | None
) -> _Table:
    total, teams, hide_total = _total_of(here, names, minimum, own, known)
    urgencies = _one_way(here, [str(level) for level in URGENCIES], _urgency, minimum, known, hide_all=hide_total)
    threats = _one_way(here, THREATS, _threat, minimum, known, hide_all=hide_total)
    broken = [each for each in here if each.wait.kept is False]
    causes = NO_TALLY
    if total.broken is not None:
        counts = {cause: sum(1 for each in broken if each.cause == cause) for cause in CAUSES}
        mine = {cause: sum(1 for each in broken if each.cause == cause and each.team_ref == known) for cause in CAUSES}
        causes = tally(counts, minimum, mine if known else None)
    return _Table(total, teams, urgencies, threats, causes)


def _urgency(each: Counted) -> str:
    return str(each.urgency)


def _threat(each: Counted) -> str:
    return each.threat


def _one_way(
    here: Sequence[Counted],
    codes: Sequence[str],
    code_of: Callable[[Counted], str],
    minimum: int,
    known: str | None,
    *,
    hide_all: bool,
) -> tuple[Group, ...]:
    """Return the lines of a breakdown of the whole month; what the viewer knows herself reveals no few others."""
    parts: dict[str, tuple[str, list[Wait]]] = {code: (code, []) for code in codes}
    foreign = dict.fromkeys(codes, 0)
    for each in here:
        code = code_of(each)
        parts.setdefault(code, (code, []))[1].append(each.wait)
        foreign[code] = foreign.get(code, 0) + (each.team_ref != known)
    groups, hide_total = breakdown(parts, minimum)
    if hide_all or hide_total or (known is not None and any_small(minimum, *foreign.values())):
        return tuple(replace(group, figures=NOTHING if group.figures.waits != 0 else group.figures) for group in groups)
    return groups


def _band(wait: Wait) -> str:
    hours = wait.calendar_seconds / 3600
    return next(code for code, longest in AGE_BANDS if hours <= longest)
