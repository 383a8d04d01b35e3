"""Reconcile and the sweep of a desk, held against a simulated CRM over HTTP on a real server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from enrich_support import Desk, crm_id
from notes import Notes

from hookrouter.clock import SystemClock
from hookrouter.crm.changes import CrmActiveLeads, CrmChanges
from hookrouter.crm.leads import CrmLeadCopies
from hookrouter.crm.spans import SpanReader
from hookrouter.domain.errors import CrmAway
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import Json
from hookrouter.domain.quota import Purpose
from hookrouter.domain.reconciling import Kind, ReconcileTally, Span
from hookrouter.ports.turns import Turns
from hookrouter.runtime.crm_side import crm_turns
from hookrouter.store.reconciling import RedisBring, RedisKnownLeads, RedisReconcileMemory
from hookrouter.telemetry.observer import NoObserver
from hookrouter.usecases.reconciling.reconcile import Reconcile
from hookrouter.usecases.reconciling.sweep import Sweep

CRM = SourceName("crm")
DAY = timedelta(days=1)


def ago(**span: float) -> str:
    return f"{SystemClock().now() - timedelta(**span):%Y-%m-%d %H:%M:%S}"


def touch(lead: Any, *, created: float | None = None, **span: float) -> None:
    """Have a lead changed so long ago, and created so many days ago."""
    lead["updateTimestamp"] = ago(**span)
    if created is not None:
        lead["createTimestamp"] = ago(days=created)


def change(desk: Desk, number: int, *, score: int = 77, **span: float) -> Any:
    """Have a lead's score changed so long ago; its copy in the CRM."""
    lead: Any = desk.simulator.book.by_id(crm_id(number))
    lead["leadScore"] = str(score)
    touch(lead, **span)
    return lead


@dataclass
class Changes(CrmChanges):
    """The CRM's changes, with a note of what was asked for; it may fail, or give a page some other way."""

    desk: Desk
    asked: list[tuple[Kind, int, int]] = field(default_factory=list)
    failures: int = 0
    largest: int = 500
    knows_places: bool = True
    newest_first: bool = False

    def __post_init__(self) -> None:
        super().__init__(self.desk.client)

    async def page(self, kind: Kind, span: Span, offset: int, limit: int) -> Sequence[dict[str, Json]]:
        self.asked.append((kind, offset, limit))
        if self.failures or limit > self.largest:
            self.failures = max(0, self.failures - 1)
            raise CrmAway("the CRM is not available for getLeadsDateRange (HTTP 500)")
        page = await super().page(kind, span, offset if self.knows_places else 0, limit)
        return list(reversed(page)) if self.newest_first else page


class Run:
    """A run of reconcile, with what it told."""

    def __init__(self, desk: Desk, **crm: Any) -> None:
        runtime, store = desk.runtime, desk.side.store
        self.changes = Changes(desk, **crm)
        self.told: list[ReconcileTally] = []
        self.stop_after: int | None = None
        self.memory = RedisReconcileMemory(server=store, keys=runtime.keys, layouts=runtime.layouts)
        turns = Turns(
            permits=crm_turns(store, runtime.keys, runtime.config.crm, Purpose.RECONCILE),
            clock=SystemClock(),
            should_stop=lambda: self.stop_after is not None and len(self.told) > self.stop_after,
        )
        self.case = Reconcile(
            changes=SpanReader(
                changes=self.changes, turn=turns.wait, sleep=turns.sleep, first_pause=timedelta(milliseconds=1)
            ),
            memory=self.memory,
            bring=RedisBring(pushes=runtime.push_log(), wake=runtime.wake),
            clock=SystemClock(),
            observer=NoObserver(),
            every=timedelta(minutes=15),
            overlap=timedelta(minutes=10),
        )

    async def since(self, **span: float) -> ReconcileTally:
        return await self.case.run(CRM, since=SystemClock().now() - timedelta(**span), tell=self.told.append)

    async def go_on(self) -> ReconcileTally:
        return await self.case.run(CRM, tell=self.told.append)


class Broom:
    """The sweep of a desk."""

    def __init__(self, desk: Desk) -> None:
        runtime = desk.runtime
        self.noted = Notes()
        self.known = RedisKnownLeads(server=desk.side.store, keys=runtime.keys)
        self.case = Sweep(
            active=CrmActiveLeads(desk.client),
            copies=CrmLeadCopies(desk.client),
            known=self.known,
            bring=RedisBring(pushes=runtime.push_log(), wake=runtime.wake),
            clock=SystemClock(),
            observer=self.noted,
            every=DAY,
        )
