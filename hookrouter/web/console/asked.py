"""What a list's page was asked for: its filters, and where it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import request

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.ports.desk import Wanted
from hookrouter.web.console.shell import Console
from hookrouter.wire.config.duration import read_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The filters of a list.

    Attributes:
        wanted: what they mean.
        texts: as they were written, by the names of their fields: `sink`, `route`, `since`, `until`.
        faults: what is wrong in them, by the same names.
        sinks: the names to choose from; as `routes`.
        after: where the page goes on; None at the beginning.
    """

    wanted: Wanted
    texts: Mapping[str, str]
    faults: Mapping[str, str]
    sinks: tuple[str, ...]
    routes: tuple[str, ...]
    after: str | None

    @classmethod
    def of_request(cls, console: Console) -> Asked:
        """As the request's query says."""
        return cls.of(console, request.args, after=request.args.get("after") or None)

    @classmethod
    def of(cls, console: Console, said: Mapping[str, str], *, after: str | None = None) -> Asked:
        """As the fields of a query or a form say."""
        config, now = console.runtime.config, console.runtime.clock.now()
        texts = {name: said.get(name, "").strip() for name in ("sink", "route", "since", "until")}
        faults: dict[str, str] = {}
        moments = {name: _moment(texts[name], name, now, faults) for name in ("since", "until")}
        wanted = Wanted(
            sink=SinkName(texts["sink"]) if texts["sink"] else None,
            route=RouteName(texts["route"]) if texts["route"] else None,
            since=moments["since"],
            until=moments["until"],
        )
        return cls(
            wanted=wanted,
            texts=texts,
            faults=faults,
            sinks=tuple(config.sinks),
            routes=tuple(route.name for route in config.routes),
            after=after,
        )

    @property
    def said(self) -> dict[str, str]:
        """The filters that were set."""
        return {name: text for name, text in self.texts.items() if text}


def _moment(text: str, name: str, now: datetime, faults: dict[str, str]) -> datetime | None:
    if not text:
        return None
    try:
        return now - read_duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        made = datetime.fromisoformat(text)
        return (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        faults[name] = "write 2h, 3d, or a time such as 2026-11-25T08:00 (UTC)"
        return None
