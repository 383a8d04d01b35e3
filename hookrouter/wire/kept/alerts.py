"""An alert, as part of a record and as programs read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hookrouter.domain.alert import Alert, AlertKind, News
from hookrouter.domain.lead import Json


def alert_values(alert: Alert) -> dict[str, Json]:
    """As JSON values; moments are texts."""
    return {
        "kind": alert.kind.value,
        "about": alert.about,
        "news": alert.news.value,
        "title": alert.title,
        "wrong": alert.wrong,
        "todo": alert.todo,
        "since": alert.since.isoformat(),
        "at": alert.at.isoformat(),
    }


def alert_of_values(values: Any) -> Alert:
    """What `alert_values` made.

    Raises:
        LookupError, TypeError, ValueError: it is something else.
    """
    return Alert(
        kind=AlertKind(values["kind"]),
        news=News(values["news"]),
        since=datetime.fromisoformat(values["since"]),
        at=datetime.fromisoformat(values["at"]),
        **{name: _text(values[name]) for name in ("about", "title", "wrong", "todo")},
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
