"""The municipality's monitor: waiting times, the help, signals with their reply, and what the figures mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from briefbrug.house import House
from briefbrug.small_groups import Tally
from briefbrug.usecases.log_in import Visitor
from briefbrug.usecases.read_histories import Histories
from briefbrug.usecases.report_help import HelpReport, Sent, report_help
from briefbrug.usecases.report_response_times import (
    Month,
    Report,
    month_from,
    personal_figures,
    report_response_times,
    this_month,
)
from briefbrug.usecases.signal import SignalView, answer_signal, list_signals
from inbox import access as door
from inbox import charts
from inbox.access import Asking, desk_route, origin_of
from inbox.export import as_csv, as_json, definitions, definitions_json, dossier_text, state_of
from inbox.language import DUTCH, LANGUAGES, Tongue, tongue
from inbox.pages import Pages, as_attachment

YEAR_SECONDS = 365 * 24 * 3600
SIGNALS_SHOWN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Rows:
    """A chart with the table behind it: its lines, and (name, count, share) of each."""

    chart: charts.Lines
    table: tuple[tuple[str, str, str], ...]


def monitor_routes(house: House, pages: Pages) -> list[BaseRoute]:
    """Return the routes of the monitor; none of them shows a case, so policy makers may see them too."""
    desk = partial(desk_route, house, fail=pages.problem)
    histories = Histories(house)

    def month_asked(asking: Asking) -> Month:
        code = asking.request.query_params.get("maand")
        return month_from(code) if code else this_month(house)

    def waits(asking: Asking) -> Report:
        led = asking.visitor.team_ref if asking.visitor.is_lead else None
        return report_response_times(house, month_asked(asking), led, known=_known(asking.visitor), histories=histories)

    def helped(asking: Asking) -> HelpReport:
        return report_help(house, month_asked(asking), known=_known(asking.visitor), histories=histories)

    def signals(asking: Asking) -> list[SignalView]:
        visitor = asking.visitor
        everything = "policy" in visitor.roles
        since = (house.clock.now() - SIGNALS_SHOWN).date()
        return list_signals(house, team_ref=None if everything else visitor.team_ref, since=since)

    def waits_page(asking: Asking) -> Response:
        report, speech = waits(asking), tongue()
        people = _professionals(house, asking.visitor)
        values: dict[str, Any] = {
            "report": report,
            "period": report.month,
            "minimum": report.minimum_group,
            "definitions": definitions(house, speech),
            "now": house.clock.now(),
            "trend": charts.trend_chart(report, speech),
            "teams": charts.team_chart(report, speech),
            "threats": [each for each in report.threats if each.figures.waits != 0],
            "causes": rows_of(report.causes, partial(_named, "cause", speech), speech),
            "people": _names(house, report, speech),
            "personal": personal_figures(house, month_from(report.month), people, histories) if people else (),
        }
        return pages.draw("monitor.html", asking.visitor, **values)

    def help_page(asking: Asking) -> Response:
        told, speech = helped(asking), tongue()
        values: dict[str, Any] = {
            "told": told,
            "period": told.month,
            "minimum": house.settings.minimum_group,
            "months": _months(house),
            "definitions": definitions(house, speech),
            "hands": rows_of(told.hands, partial(_hands_named, speech), speech),
            "outcomes": rows_of(told.outcomes, partial(_named, "outcome", speech), speech),
            "time": _time_rows(told, speech),
            "senders": _sent_rows(house, told.senders, speech),
            "kinds": _sent_rows(house, told.kinds, speech),
            "pairs": [(*_names_of(house, each, speech), each.residents) for each in told.pairs],
        }
        return pages.draw("monitor_help.html", asking.visitor, **values)

    def signals_page(asking: Asking) -> Response:
        return _signals(asking, "monitor_signals.html")

    def dossier_page(asking: Asking) -> Response:
        return _signals(asking, "monitor_dossier.html")

    def _signals(asking: Asking, template: str) -> Response:
        now, speech = house.clock.now(), tongue()
        found = signals(asking)
        replied = [each for each in found if each.in_time is not None]
        values: dict[str, Any] = {
            "signals": [(each, state_of(each, now, speech)) for each in found],
            "waiting": sum(1 for each in found if each.replied_at is None),
            "replied": len(replied),
            "in_time": sum(1 for each in replied if each.in_time),
            "may_reply": "policy" in asking.visitor.roles,
            "sent": asking.request.query_params.get("gedaan") == "antwoord",
            "definitions": definitions(house, speech),
            "now": now,
        }
        return pages.draw(template, asking.visitor, **values)

    def dossier_file(asking: Asking) -> Response:
        text = dossier_text(signals(asking), house.settings.municipality, house.clock.now(), tongue())
        headers = as_attachment(f"signalen-{house.clock.today().isoformat()}.txt")
        return Response(text, media_type="text/plain; charset=utf-8", headers=headers)

    def reply(asking: Asking) -> Response:
        ref = asking.request.path_params["signal"]
        answer_signal(house, ref, asking.visitor.professional_ref, asking.typed("antwoord"))
        door.note("signal_answered", ref, "ok", origin_of(house, asking.request), asking.visitor.professional_ref)
        return RedirectResponse(f"/monitor/signalen?gedaan=antwoord#{ref}", status_code=303)

    def meaning_page(asking: Asking) -> Response:
        return pages.draw("monitor_meaning.html", asking.visitor, definitions=definitions(house, tongue()))

    def meaning_json(asking: Asking) -> Response:
        return Response(definitions_json(house, tongue()), media_type="application/json")

    def exported(asking: Asking, kind: str) -> str:
        month = month_asked(asking).code
        door.note("figures_exported", month, kind, origin_of(house, asking.request), asking.visitor.professional_ref)
        return month

    def monitor_json(asking: Asking) -> Response:
        headers = as_attachment(f"monitor-{exported(asking, 'json')}.json")
        text = as_json(house, waits(asking), helped(asking), tongue())
        return Response(text, media_type="application/json", headers=headers)

    def monitor_csv(asking: Asking) -> Response:
        headers = as_attachment(f"monitor-{exported(asking, 'csv')}.csv")
        text = as_csv(waits(asking), helped(asking))
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    def speak(asking: Asking) -> Response:
        """Change the language and show the same page again."""
        chosen = asking.typed("taal")
        back = urlsplit(asking.request.headers.get("referer", ""))
        here = back.path + (f"?{back.query}" if back.query else "") if back.netloc == asking.request.url.netloc else ""
        otherwise = "/inbox" if asking.visitor.sees_cases else "/monitor"
        response = RedirectResponse(here or otherwise, status_code=303)
        door.set_cookie(house, response, door.LANGUAGE_COOKIE, chosen if chosen in LANGUAGES else DUTCH, YEAR_SECONDS)
        return response

    return [
        desk("/inbox/taal", speak, methods=("POST",), figures_only=True),
        desk("/monitor", waits_page, figures_only=True),
        desk("/monitor.json", monitor_json, figures_only=True),
        desk("/monitor.csv", monitor_csv, figures_only=True),
        desk("/monitor/hulp", help_page, figures_only=True),
        desk("/monitor/signalen", signals_page, figures_only=True),
        desk("/monitor/signalen/dossier", dossier_page, figures_only=True),
        desk("/monitor/signalen/dossier.txt", dossier_file, figures_only=True),
        desk("/monitor/signalen/{signal}/antwoord", reply, methods=("POST",), figures_only=True),
        desk("/monitor/betekenis", meaning_page, figures_only=True),
        desk("/monitor/betekenis.json", meaning_json, figures_only=True),
    ]


def _known(visitor: Visitor) -> str | None:
    """Return the team whose cases the visitor sees at the desk."""
    return visitor.team_ref if visitor.sees_cases else None


def _months(house: House) -> tuple[str, ...]:
    months = [this_month(house)]
    while len(months) < 12:
        months.append(months[-1].before)
    return tuple(month.code for month in months)


def _professionals(house: House, visitor: Visitor) -> list[tuple[str, str]]:
    """Return whose own figures a visitor may see: her own, and of a lead those of her team (F65)."""
    if not visitor.sees_cases:
        return []
    if not visitor.is_lead:
        return [(visitor.professional_ref, visitor.name)]
    with house.look() as work:
        team = work.people.professionals(visitor.team_ref)
    return [(person.ref, person.name) for person in team if "professional" in person.roles]


def _names(house: House, report: Report, speech: Tongue) -> dict[str, str]:
    """Return the names of those who are responsible for the waiting cases of the viewer's own team."""
    with house.look() as work:
        found = {each.professional_ref: work.people.professional(each.professional_ref) for each in report.waiting}
    return {ref: person.name if person else speech.text("nobody") for ref, person in found.items()}


def _named(what: str, speech: Tongue, code: str) -> str:
    return speech.text(f"{what}_{code}")


def _hands_named(speech: Tongue, code: str) -> str:
    return speech.text("hands_one") if code == "1" else speech.text("hands_many", count=code)


def rows_of(found: Tally, named: Callable[[str], str], speech: Tongue) -> Rows | None:
    """Return a whole in parts as a chart and its table; None when nothing of it may be shown, or nothing is there."""
    if not found.total:
        return None
    cells = [(named(cell.code), cell.count, cell.share) for cell in found.cells if cell.count != 0]
    chart = charts.lines_chart(
        [(name, count, str(count), speech.percent(share)) for name, count, share in cells], speech
    )
    hidden = speech.text("too_small")
    table = tuple(
        (name, hidden if count is None else str(count), speech.percent(share)) for name, count, share in cells
    )
    return Rows(chart, table)


def _time_rows(told: HelpReport, speech: Tongue) -> Rows | None:
    helping, rest = told.time.helping_minutes, told.time.administration_minutes
    if helping is None or rest is None or not helping + rest:
        return None

    def spoken(minutes: int) -> str:
        return speech.text("minutes", hours=minutes // 60, minutes=f"{minutes % 60:02d}")

    parts = [(speech.text("time_helping"), helping), (speech.text("time_administration"), rest)]
    shares = [speech.percent(minutes / (helping + rest)) for _, minutes in parts]
    chart = charts.lines_chart(
        [(f"{name}: {spoken(size)}", size, share, "") for (name, size), share in zip(parts, shares, strict=True)],
        speech,
    )
    return Rows(chart, tuple((name, str(size), share) for (name, size), share in zip(parts, shares, strict=True)))


def _names_of(house: House, each: Sent, speech: Tongue) -> tuple[str, str]:
    """Return sender and kind in short: what stands between brackets or behind a stroke is left out."""
    sender, kind = house.knowledge.senders.get(each.sender or ""), house.knowledge.kinds.get(each.kind or "")
    from_whom = sender.name_nl.split(" (")[0].split(" / ")[0] if sender else speech.text("unknown_sender")
    return from_whom, kind.spoken if kind else speech.text("unknown_kind")


def _sent_rows(house: House, sent: tuple[Sent, ...], speech: Tongue) -> Rows | None:
    """Return how many residents brought a letter of each sender, or of each kind."""
    if not sent:
        return None
    named = [(_names_of(house, each, speech)[0 if each.sender else 1], each.residents) for each in sent]
    chart = charts.lines_chart([(label, count, str(count), "") for label, count in named], speech)
    return Rows(chart, tuple((label, str(count), "") for label, count in named))
