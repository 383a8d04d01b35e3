"""The events that hookrouter reports of leads' histories; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsFetched(Event):
    """The lists that a lead is on were asked for by `deliveries`; `result` is fetched or missing."""

    name: ClassVar[str] = "lists.fetched"
    level: ClassVar[str] = "debug"
    push: str
    deliveries: tuple[str, ...]
    result: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoriesWithheld(Event):
    """Leads wait for what the CRM does not tell of them; each counts for each of its routes, of one stream."""

    name: ClassVar[str] = "histories.withheld"
    level: ClassVar[str] = "warning"
    stream: str
    waiting: int
    since: str
    reason: str
