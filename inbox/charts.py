"""The geometry of the monitor's charts; the templates draw them as SVG, each with a table of the same figures."""

from __future__ import annotations

from dataclasses import dataclass

from briefbrug.usecases.report_response_times import Report
from inbox.words import MONTHS, month_name, percent, working_span

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 14, 30
FEWEST_MONTHS = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A month: its bar and its words. `height` 0 is: nothing to show, `why` says so."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    told: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class TrendChart:
    """The share within the promise and the median working time, month by month."""

    width: int
    height: int
    left: int
    base: float
    right: int
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Reach:
    """A team: half of its residents were answered before `median`, nine of ten before `p90` (pixels)."""

    name: str
    y: float
    median: float | None
    p90: float | None
    told: str
    own: bool


@dataclass(frozen=True, slots=True)
class TeamChart:
    """How long residents waited per team, in working time."""

    width: int
    height: int
    left: int
    right: int
    base: float
    ticks: tuple[Tick, ...]
    rows: tuple[Reach, ...]
    summary: str


def trend_chart(report: Report) -> TrendChart:
    """Return the chart of the share within the promise per month."""
    base, high = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    known = [place for place, group in enumerate(report.trend) if group.figures.waits != 0]
    shown = report.trend[min([*known, len(report.trend) - FEWEST_MONTHS]) :]
    step = (WIDTH - LEFT - RIGHT) / max(1, len(shown))
    bars: list[Bar] = []
    for place, group in enumerate(shown):
        figures = group.figures
        share = figures.share_kept if figures.share_kept is not None else figures.share_at_least
        tall = 0.0 if share is None else share * high
        month = MONTHS[int(group.code[5:]) - 1][:3]
        if share is None:
            value, told = "", "geen cijfer" if figures.waits == 0 else "te klein om te tonen"
        else:
            value = percent(share) if figures.share_kept is not None else f"≥{percent(share)}"
            told = f"{value} binnen de belofte, de helft binnen {working_span(figures.median_working)} werktijd"
        bars.append(
            Bar(
                x=round(LEFT + place * step + step * 0.16, 1),
                y=round(base - tall, 1),
                width=round(step * 0.68, 1),
                height=round(tall, 1),
                label=month,
                value=value,
                told=f"{month_name(group.code)}: {told}",
                chosen=group.code == report.month,
            )
        )
    ticks = tuple(Tick(round(base - high * part / 4, 1), f"{part * 25}%") for part in range(5))
    told = "; ".join(bar.told for bar in bars if bar.height)
    return TrendChart(WIDTH, HEIGHT, LEFT, base, WIDTH - RIGHT, ticks, tuple(bars), told or "Nog geen cijfers.")


def _nice(longest_hours: float) -> float:
    """Return the distance between two ticks in hours, so that at most six fit."""
    return next((step for step in (1, 2, 4, 8, 16, 24, 40, 80) if longest_hours / step <= 6), longest_hours / 6)


def team_chart(report: Report) -> TeamChart:
    """Return the chart of median and 90th percentile per team, in working hours."""
    shown = [group for group in report.teams if group.figures.median_working is not None]
    longest = max([1.0, *((group.figures.p90_working or 0) / 3600 for group in shown)])
    step = _nice(longest)
    top = step * (int(longest / step) + 1)
    left, line = 8, 64
    height = TOP + line * max(1, len(report.teams)) + BOTTOM
    base = height - BOTTOM

    def at(seconds: float | None) -> float | None:
        return None if seconds is None else round(left + (WIDTH - left - RIGHT - 8) * seconds / 3600 / top, 1)

    rows: list[Reach] = []
    for place, group in enumerate(report.teams):
        figures = group.figures
        if figures.median_working is None:
            told = "geen cijfer" if figures.waits == 0 else "te klein om te tonen"
        else:
            half, most = working_span(figures.median_working), working_span(figures.p90_working)
            told = f"helft binnen {half}, negen van de tien binnen {most}"
        rows.append(
            Reach(
                group.name,
                TOP + line * place + 40,
                at(figures.median_working),
                at(figures.p90_working),
                told,
                group.own,
            )
        )
    ticks = tuple(Tick(at(hours * 3600) or 0, f"{hours:g} u") for hours in _range(top, step))
    summary = "; ".join(f"{row.name}: {row.told}" for row in rows) or "Nog geen cijfers."
    return TeamChart(WIDTH, height, left, WIDTH - RIGHT, base, ticks, tuple(rows), summary)


def _range(top: float, step: float) -> list[float]:
    return [step * part for part in range(round(top / step) + 1)]
