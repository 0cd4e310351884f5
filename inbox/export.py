"""The monitor's figures as CSV and JSON with their published definitions, and the signals as a short dossier."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from briefbrug.house import House
from briefbrug.small_groups import Tally
from briefbrug.usecases.report_help import HelpReport
from briefbrug.usecases.report_response_times import Figures, Group, Report
from briefbrug.usecases.signal import SignalView
from inbox.language import Definition, Tongue

FIGURES = tuple(each.name for each in fields(Figures))
MORE = ("count", "share", "cents", "minutes")


def definitions(house: House, tongue: Tongue) -> dict[str, Definition]:
    """Return what each figure means, for this installation."""
    below = house.settings.minimum_group - 1
    rate = tongue.euros(100 * house.settings.hour_cost)
    return {
        key: Definition(each.name, each.text.format(below=below, rate=rate) if key in {"small", "cost"} else each.text)
        for key, each in tongue.definitions.items()
        if key != "small" or below
    }


def as_json(house: House, report: Report, help_report: HelpReport, tongue: Tongue) -> str:
    """Return all figures as JSON with their definitions; `null` is: not shown or not known."""
    waits = asdict(report)
    for each in waits["waiting"]:
        del each["professional_ref"]
    whole: dict[str, Any] = {
        **waits,
        "help": asdict(help_report),
        "definitions": {key: asdict(each) for key, each in definitions(house, tongue).items()},
        "unit": "seconds; money in cents; shares of 0 to 1",
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def definitions_json(house: House, tongue: Tongue) -> str:
    """Return the published definitions alone."""
    told = {key: asdict(each) for key, each in definitions(house, tongue).items()}
    return json.dumps(told, ensure_ascii=False, indent=1)


def as_csv(report: Report, help_report: HelpReport | None = None) -> str:
    """Return all tables as CSV; an empty cell is: not shown or not known. Times in whole seconds, money in cents."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["month", "table", "code", "name", *FIGURES, *MORE])
    tables: list[tuple[str, Sequence[Group]]] = [
        ("total", (Group("all", "all", report.total),)),
        ("team", report.teams),
        ("urgency", report.urgencies),
        ("threat", report.threats),
        ("trend", report.trend),
        ("waiting_age", report.ages),
    ]
    for table, groups in tables:
        for group in groups:
            values = [_cell(getattr(group.figures, name)) for name in FIGURES]
            writer.writerow(
                [report.month, table, safe_cell(group.code), safe_cell(group.name), *values, *[""] * len(MORE)]
            )
    for table, code, more in _more_rows(report, help_report):
        values = [_cell(more.get(name)) for name in (*FIGURES, *MORE)]
        writer.writerow([report.month, table, safe_cell(code), safe_cell(code), *values])
    return out.getvalue()


def _more_rows(report: Report, told: HelpReport | None) -> Iterator[tuple[str, str, dict[str, float | None]]]:
    yield from _tally_rows("cause", report.causes)
    if told is None:
        return
    first = told.help
    yield (
        "first_help",
        "all",
        {
            "waits": first.cases,
            "answered": first.helped,
            "waiting": first.waiting,
            "median_calendar": first.median_calendar,
            "p90_calendar": first.p90_calendar,
            "median_working": first.median_working,
        },
    )
    yield from _tally_rows("hands", told.hands)
    yield from _tally_rows("outcome", told.outcomes)
    time = told.time
    yield "time", "helping", {"minutes": time.helping_minutes, "share": time.share_helping}
    yield "time", "administration", {"minutes": time.administration_minutes}
    yield "money", "fund_payments", {"count": time.payments, "cents": time.paid_cents}
    yield "money", "cost_of_deciding", {"cents": time.cost_cents}
    yield "money", "cost_of_deciding_per_100_euro", {"cents": time.cost_per_100_cents}
    for table, rows in (("sender", told.senders), ("kind", told.kinds), ("sender_and_kind", told.pairs)):
        for each in rows:
            code = "/".join(part for part in (each.sender, each.kind) if part)
            yield table, code, {"count": each.residents}


def _tally_rows(table: str, found: Tally) -> Iterator[tuple[str, str, dict[str, float | None]]]:
    for cell in found.cells:
        yield table, cell.code, {"count": cell.count, "share": cell.share}


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula (S18)."""
    return f"'{text}" if text[:1] in set("=+-@\t\r") else text


def dossier_text(signals: Sequence[SignalView], municipality: str, now: datetime, tongue: Tongue) -> str:
    """Return the signals as a short dossier in plain text: story, rule, and what policy said to it."""
    lines = [tongue.text("signals_dossier_title"), f"{municipality}, {tongue.day(now)}", ""]
    for number, each in enumerate(signals, 1):
        lines += [
            f"{number}. {tongue.text('signal_of', team=each.team, date=tongue.day(each.at))}",
            each.story,
            f"{tongue.text('signal_rule')}: {each.rule}" if each.rule else tongue.text("signal_rule_unknown"),
        ]
        if each.replied_at is None:
            lines.append(f"{tongue.text('signal_no_reply')} {state_of(each, now, tongue)}")
        else:
            lines += [f"{state_of(each, now, tongue)}:", each.reply]
        lines.append("")
    return "\n".join(lines)


def state_of(signal: SignalView, now: datetime, tongue: Tongue) -> str:
    """Return how a signal stands: how long it waits, or who answered it after how long."""
    if signal.replied_at is not None:
        key = "signal_answered" if signal.in_time else "signal_answered_late"
        age = tongue.span((signal.replied_at - signal.at).total_seconds())
        return tongue.text(key, name=signal.reply_by, age=age)
    due = tongue.moment(signal.due_at, now)
    if signal.is_late:
        return tongue.text("signal_late", moment=due)
    return tongue.text("signal_waits", age=tongue.span((now - signal.at).total_seconds()), moment=due)
