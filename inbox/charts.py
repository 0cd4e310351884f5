"""The geometry of the monitor's charts; the templates draw them as SVG, each with a table of the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from briefbrug.usecases.report_response_times import Report
from inbox.language import Tongue

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


def trend_chart(report: Report, tongue: Tongue) -> TrendChart:
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
        if share is None:
            value, told = "", tongue.text("no_figure" if figures.waits == 0 else "too_small")
        else:
            value = tongue.percent(share) if figures.share_kept is not None else f"≥{tongue.percent(share)}"
            told = tongue.text("trend_bar", share=value, half=tongue.working(figures.median_working))
        bars.append(
            Bar(
                x=round(LEFT + place * step + step * 0.16, 1),
                y=round(base - tall, 1),
                width=round(step * 0.68, 1),
                height=round(tall, 1),
                label=tongue.short_month(group.code),
                value=value,
                told=f"{tongue.month(group.code)}: {told}",
                chosen=group.code == report.month,
            )
        )
    ticks = tuple(Tick(round(base - high * part / 4, 1), f"{part * 25}%") for part in range(5))
    told = "; ".join(bar.told for bar in bars if bar.height)
    return TrendChart(
        WIDTH, HEIGHT, LEFT, base, WIDTH - RIGHT, ticks, tuple(bars), told or tongue.text("no_figures_yet")
    )


def _nice(longest_hours: float) -> float:
    """Return the distance between two ticks in hours, so that at most six fit."""
    return next((step for step in (1, 2, 4, 8, 16, 24, 40, 80) if longest_hours / step <= 6), longest_hours / 6)


def team_chart(report: Report, tongue: Tongue) -> TeamChart:
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
            told = tongue.text("no_figure" if figures.waits == 0 else "too_small")
        else:
            half, most = tongue.working(figures.median_working), tongue.working(figures.p90_working)
            told = tongue.text("team_reach", half=half, most=most)
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
    ticks = tuple(Tick(at(hours * 3600) or 0, f"{hours:g} {tongue.text('hour_short')}") for hours in _range(top, step))
    summary = "; ".join(f"{row.name}: {row.told}" for row in rows) or tongue.text("no_figures_yet")
    return TeamChart(WIDTH, height, left, WIDTH - RIGHT, base, ticks, tuple(rows), summary)


def _range(top: float, step: float) -> list[float]:
    return [step * part for part in range(round(top / step) + 1)]


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a whole: `share` is the length of its bar in percent; `value` and `more` are its words."""

    label: str
    share: float | None
    value: str
    more: str
    y: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Horizontal bars under their labels; widths are percents, so that the words keep their size on a phone."""

    height: int
    reach: int
    """How far the longest bar reaches, in percent; the figures stand behind it."""
    rows: tuple[Line, ...]
    summary: str


LINE_HIGH, REACH = 46, 72


def lines_chart(parts: Sequence[tuple[str, float | None, str, str]], tongue: Tongue) -> Lines:
    """Return horizontal bars for (label, size, value in words, more in words); a size of None is not shown."""
    longest = max((size for _, size, _, _ in parts if size), default=0) or 1
    rows = tuple(
        Line(
            label,
            None if size is None else round(REACH * size / longest, 1),
            value if size is not None else tongue.text("too_small"),
            more if size is not None else "",
            place * LINE_HIGH,
        )
        for place, (label, size, value, more) in enumerate(parts)
    )
    summary = "; ".join(f"{row.label}: {row.value} {row.more}".strip() for row in rows)
    return Lines(LINE_HIGH * len(rows), REACH, rows, summary or tongue.text("no_figures_yet"))
