"""The municipality's figures: how long residents waited for a human, from appended events, without small groups."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import select

from briefbrug.case import Actor, CaseEvent, EventKind
from briefbrug.clock import AMSTERDAM
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.response_time import Wait, summarise, waits_of
from briefbrug.store.tables import CaseEventRow, CaseRow
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.roster import team_hours
from briefbrug.working_hours import WorkingHours

MONTHS_SHOWN = 12
URGENCIES = (1, 2, 3, 4)
AGE_BANDS = (("day", 24.0), ("three_days", 72.0), ("week", 168.0), ("longer", float("inf")))
"""How long a resident has been waiting: the upper bound of each band in hours of calendar time."""

DEFINITIONS: Mapping[str, str] = {
    "clock": (
        "De klok begint als de inwoner op 'Ja, stuur naar een mens' drukt en haar zaak bevestigt. De klok "
        "stopt alleen bij een eigen bericht van een mens aan de inwoner. Berichten van de computer, "
        "notities, overdracht en sluiten stoppen de klok niet. Er is geen pauze."
    ),
    "waits": (
        "Wachttijden die in deze maand begonnen. Gaat een zaak na het antwoord weer open, dan begint een "
        "nieuwe wachttijd."
    ),
    "answered": "Wachttijden die eindigden met een bericht van een mens.",
    "waiting": (
        "Wachttijden zonder bericht van een mens, ook als de zaak is gesloten. Trekt de inwoner haar "
        "vraag zelf terug, dan telt het wachten niet mee."
    ),
    "median": "De helft van de beantwoorde inwoners wachtte korter, de helft langer.",
    "p90": "Negen van de tien beantwoorde inwoners wachtten niet langer dan dit.",
    "calendar": "Kalendertijd: alle uren, ook nacht en weekend, zoals de inwoner het wachten meemaakt.",
    "working": (
        "Werktijd: alleen de uren waarop het team werkt; pauzes, vrije dagen en wettelijke feestdagen tellen niet."
    ),
    "share_kept": (
        "Het deel van de beloften dat is gehaald. Een belofte is dag en uur die de inwoner hoorde. Een "
        "belofte telt mee als er antwoord is, of als het beloofde uur voorbij is."
    ),
    "broken": "Beloften die niet zijn gehaald: het antwoord kwam later dan beloofd, of het is er nog niet.",
    "small": (
        "Een groep van 1 tot {below} inwoners wordt niet getoond, en ook niet wat haar door aftrekken zou verraden."
    ),
}
"""What each figure means; shown beside the figure, and part of every export."""


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

    def holds(self, moment: datetime) -> bool:
        """Return whether an aware time lies in this month in the Netherlands."""
        return _month_of(moment) == self


def _month_of(moment: datetime) -> Month:
    local = moment.astimezone(AMSTERDAM)
    return Month(local.year, local.month)


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
    wait: Wait
    month: str


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
    """Everything the monitor shows of one month, and the months before it as a trend."""

    month: str
    made_at: datetime
    minimum_group: int
    total: Figures
    teams: tuple[Group, ...]
    urgencies: tuple[Group, ...]
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
    split = _any_small(minimum, summary.answered, summary.waiting)
    open_promises = _any_small(minimum, decided, len(waits) - decided)
    telling = open_promises or _any_small(minimum, summary.broken, decided - summary.broken)
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


def _any_small(minimum: int, *counts: int) -> bool:
    return any(0 < count < minimum for count in counts)


def small_cells(cells: Mapping[str, int], minimum: int) -> tuple[set[str], bool]:
    """Return the cells that must stay hidden, and whether their total must too (S45).

    Cells of 1 to `minimum` - 1 are hidden; then further ones, the smallest first, until what is hidden counts at least
    two cells and `minimum` residents, so that the total minus the shown cells says nothing.
    """
    filled = {key: count for key, count in cells.items() if count > 0}
    hidden = {key for key, count in filled.items() if count < minimum}
    if not hidden:
        return set(), False
    while len(hidden) < 2 or sum(filled[key] for key in hidden) < minimum:
        rest = sorted((count, key) for key, count in filled.items() if key not in hidden)
        if not rest:
            return hidden, True
        hidden.add(rest[0][1])
    return hidden, False


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


def counted_waits(house: House, work: Work, now: datetime) -> list[Counted]:
    """Return every wait of every case, from its events; what a resident took back herself does not count."""
    columns = (CaseEventRow.case_ref, CaseEventRow.team_ref, *EVENT_COLUMNS)
    query = select(*columns).where(CaseEventRow.kind.in_(DECIDING)).order_by(CaseEventRow.case_ref, CaseEventRow.id)
    hours = {team.ref: team_hours(house, team) for team in work.people.teams()}
    living = set(work.session.scalars(select(CaseRow.ref)))
    counted: list[Counted] = []
    for case_ref, rows in groupby(work.session.execute(query), key=lambda row: row[0]):
        history = list(rows)
        team_ref = history[0][1]
        events = [CaseEvent(EventKind(row[2]), row[3], Actor(row[4]), row[5], dict(row[6])) for row in history]
        urgency = next((int(event.detail["urgency"]) for event in events if "urgency" in event.detail), 3)
        for wait in waits_of(events, hours.get(team_ref) or NO_HOURS, now):
            if wait.answered_at is not None or case_ref in living:
                counted.append(Counted(case_ref, team_ref, urgency, wait, _month_of(wait.sent_at).code))
    return counted


EVENT_COLUMNS = (
    CaseEventRow.kind,
    CaseEventRow.at,
    CaseEventRow.actor_kind,
    CaseEventRow.actor_ref,
    CaseEventRow.detail,
)
DECIDING = [
    kind.value
    for kind in (
        EventKind.SENT,
        EventKind.HUMAN_ANSWERED,
        EventKind.REOPENED,
        EventKind.CLOSED,
        EventKind.CONSENT_WITHDRAWN,
    )
]
NO_HOURS = WorkingHours({})


def report_response_times(house: House, period: Month, team: str | None = None) -> Report:
    """Return the monitor's figures for the waits that began in `period`.

    Args:
        house: the house.
        period: a calendar month.
        team: the team that the viewer leads; its line and its waiting residents always show. None shows no own line.
    """
    now, minimum = house.clock.now(), house.settings.minimum_group
    with house.look() as work:
        counted = counted_waits(house, work, now)
        names = {each.ref: each.name for each in work.people.teams()}
        cases = {case.ref: case for case in work.session.scalars(select(CaseRow).where(CaseRow.team_ref == team))}
    months = [_month_of(now)]
    while len(months) < MONTHS_SHOWN:
        months.append(months[-1].before)
    one = _of_month(counted, period, names, minimum, team)
    trend = [
        Group(month.code, month.code, _of_month(counted, month, names, minimum, team).total)
        for month in reversed(months)
    ]
    waiting = [each for each in counted if each.wait.answered_at is None]
    bands = {code: (code, [each.wait for each in waiting if _band(each.wait) == code]) for code, _ in AGE_BANDS}
    hidden, _ = small_cells({code: len(waits) for code, (_, waits) in bands.items()}, minimum)
    ages = tuple(
        Group(code, code, NOTHING if code in hidden else Figures(waits=len(waits)))
        for code, (_, waits) in bands.items()
    )
    return Report(
        month=period.code,
        made_at=now,
        minimum_group=minimum,
        total=one.total,
        teams=one.teams,
        urgencies=one.urgencies,
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


@dataclass(frozen=True, slots=True)
class _Table:
    total: Figures
    teams: tuple[Group, ...]
    urgencies: tuple[Group, ...]


def _of_month(
    counted: Sequence[Counted], month: Month, names: Mapping[str, str], minimum: int, own: str | None
) -> _Table:
    code = month.code
    here = [each for each in counted if each.month == code]
    refs = sorted({*names, *(each.team_ref for each in here)}, key=lambda ref: (ref != own, names.get(ref, ""), ref))
    by_team = {ref: (names.get(ref, "-"), [each.wait for each in here if each.team_ref == ref]) for ref in refs}
    teams, hide_total = breakdown(by_team, minimum, own)
    by_urgency = {
        str(level): (str(level), [each.wait for each in here if each.urgency == level]) for level in URGENCIES
    }
    urgencies, hide_urgencies = breakdown(by_urgency, minimum)
    # What she knows of her own team must not show the urgency of a few residents of the other teams.
    foreign = {
        level: sum(1 for each in here if str(each.urgency) == level and each.team_ref != own) for level in by_urgency
    }
    if own is not None and _any_small(minimum, *foreign.values()):
        hide_urgencies = True
    total = figures_of([each.wait for each in here], minimum)
    if own is not None:
        rest = figures_of([each.wait for each in here if each.team_ref != own], minimum)
        total = _without(Group("", "", total), rest.answered is None, rest.broken is None).figures
    if hide_total or (len(here) < minimum and own is None):
        total = NOTHING if here else total
    if hide_total or hide_urgencies:
        urgencies = tuple(
            replace(group, figures=NOTHING if group.figures.waits != 0 else group.figures) for group in urgencies
        )
    return _Table(total, teams, urgencies)


def _band(wait: Wait) -> str:
    hours = wait.calendar_seconds / 3600
    return next(code for code, longest in AGE_BANDS if hours <= longest)


def definitions(house: House) -> dict[str, str]:
    """Return what each figure means, for this installation."""
    below = house.settings.minimum_group - 1
    return {
        key: text.format(below=below) if key == "small" else text
        for key, text in DEFINITIONS.items()
        if key != "small" or below
    }


def as_json(house: House, report: Report) -> str:
    """Return the report as JSON with its definitions; `null` is: not shown or not known."""
    whole = asdict(report)
    for each in whole["waiting"]:
        del each["professional_ref"]
    whole["definitions"] = definitions(house)
    whole["unit"] = "seconds"
    return json.dumps(whole, ensure_ascii=False, indent=1, default=lambda value: value.isoformat())


def as_csv(report: Report) -> str:
    """Return the report's tables as CSV; an empty cell is: not shown or not known. Times in whole seconds."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    names = [each.name for each in fields(Figures)]
    writer.writerow(["month", "table", "code", "name", *names])
    tables: list[tuple[str, Sequence[Group]]] = [
        ("total", (Group("all", "all", report.total),)),
        ("team", report.teams),
        ("urgency", report.urgencies),
        ("trend", report.trend),
        ("waiting_age", report.ages),
    ]
    for table, groups in tables:
        for group in groups:
            values = [getattr(group.figures, name) for name in names]
            writer.writerow([report.month, table, safe_cell(group.code), safe_cell(group.name), *map(_cell, values)])
    return out.getvalue()


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula (S18)."""
    return f"'{text}" if text[:1] in set("=+-@\t\r") else text
