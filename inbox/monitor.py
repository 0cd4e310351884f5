"""The municipality's monitor: how long residents wait for a human, as a page, JSON and CSV."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from briefbrug.house import House
from briefbrug.usecases.report_response_times import month_from, report_response_times
from inbox import access as door
from inbox import charts
from inbox.access import Asking, desk_route, origin_of
from inbox.export import as_csv, as_json
from inbox.export import definitions as definitions_of
from inbox.pages import Pages, as_attachment


def monitor_routes(house: House, pages: Pages) -> list[BaseRoute]:
    """Return the routes of the monitor; none of them shows a case, so policy makers may see them too."""
    desk = partial(desk_route, house, fail=pages.problem)

    def report_for(asking: Asking) -> Any:
        now = house.clock.today()
        month = month_from(asking.request.query_params.get("maand") or f"{now.year:04d}-{now.month:02d}")
        return report_response_times(house, month, asking.visitor.team_ref if asking.visitor.is_lead else None)

    def monitor(asking: Asking) -> Response:
        report = report_for(asking)
        values: dict[str, Any] = {"report": report, "definitions": definitions_of(house), "now": house.clock.now()}
        values["trend"] = charts.trend_chart(report)
        values["teams"] = charts.team_chart(report)
        values["people"] = _names(house, report)
        return pages.draw("monitor.html", asking.visitor, **values)

    def monitor_json(asking: Asking) -> Response:
        report = report_for(asking)
        door.note(
            "figures_exported", report.month, "json", origin_of(house, asking.request), asking.visitor.professional_ref
        )
        headers = as_attachment(f"wachttijden-{report.month}.json")
        return Response(as_json(house, report), media_type="application/json", headers=headers)

    def monitor_csv(asking: Asking) -> Response:
        report = report_for(asking)
        door.note(
            "figures_exported", report.month, "csv", origin_of(house, asking.request), asking.visitor.professional_ref
        )
        headers = as_attachment(f"wachttijden-{report.month}.csv")
        return Response(as_csv(report), media_type="text/csv; charset=utf-8", headers=headers)

    return [
        desk("/monitor", monitor, figures_only=True),
        desk("/monitor.json", monitor_json, figures_only=True),
        desk("/monitor.csv", monitor_csv, figures_only=True),
    ]


def _names(house: House, report: Any) -> dict[str, str]:
    """Return the names of those who are responsible for the waiting cases of the viewer's own team."""
    with house.look() as work:
        found = {each.professional_ref: work.people.professional(each.professional_ref) for each in report.waiting}
    return {ref: person.name if person else "niemand" for ref, person in found.items()}
