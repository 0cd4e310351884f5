"""The monitor's figures as CSV and JSON, with their published definitions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields

from briefbrug.house import House
from briefbrug.usecases.report_response_times import Figures, Group, Report

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
