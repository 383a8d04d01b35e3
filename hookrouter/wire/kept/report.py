"""A report, as part of a record and as programs read it."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date
from typing import Any, TypeVar

from hookrouter.domain.lead import Json
from hookrouter.domain.report import DayRow, PersonRow, Report, RouteRow, Totals

Row = TypeVar("Row", Totals, RouteRow, PersonRow)


def report_values(report: Report) -> dict[str, Json]:
    """As JSON values; days are texts."""
    values: dict[str, Any] = asdict(report)
    return values | {
        "first": report.first.isoformat(),
        "last": report.last.isoformat(),
        "days": [{**asdict(day), "day": day.day.isoformat()} for day in report.days],
        "routes": list(values["routes"]),
        "people": list(values["people"]),
    }


def report_of_values(values: Any) -> Report:
    """What `report_values` made; what another version tells besides is left out.

    Raises:
        LookupError, TypeError, ValueError: it is something else.
    """
    return Report(
        first=date.fromisoformat(values["first"]),
        last=date.fromisoformat(values["last"]),
        totals=_row(Totals, values["totals"]),
        before=_row(Totals, values["before"]),
        days=tuple(
            DayRow(day=date.fromisoformat(each["day"]), leads=int(each["leads"]), delivered=int(each["delivered"]))
            for each in values["days"]
        ),
        routes=tuple(_row(RouteRow, each) for each in values["routes"]),
        people=tuple(_row(PersonRow, each) for each in values["people"]),
    )


def _row(kind: type[Row], values: Any) -> Row:
    known = {each.name: values[each.name] for each in fields(kind) if each.name in values}
    wanted = {each.name: {"int": int, "bool": bool}.get(str(each.type), str) for each in fields(kind)}
    if any(type(value) is not wanted[name] for name, value in known.items()):
        raise TypeError
    return kind(**known)
