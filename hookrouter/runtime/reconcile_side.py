"""Reconcile and sweep as a process does them: of one source, and nobody else at the same time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from hookrouter.config.model import ReconcileConfig
from hookrouter.crm.changes import CrmActiveLeads, CrmChanges
from hookrouter.crm.leads import CrmLeadCopies
from hookrouter.crm.spans import SpanReader
from hookrouter.domain.errors import ConfigurationError, CrmAway, CrmRefused, HookrouterError
from hookrouter.domain.ids import SourceName
from hookrouter.domain.quota import Purpose
from hookrouter.domain.reconciling import ReconcileTally
from hookrouter.ports.reconciling import Bring, ReconcileMemory
from hookrouter.runtime.crm_side import NO_CRM, CrmSide
from hookrouter.store.lease import Lease
from hookrouter.store.reconciling import RedisBring, RedisKnownLeads, RedisReconcileMemory
from hookrouter.usecases.reconciling.reconcile import Reconcile, Tell
from hookrouter.usecases.reconciling.sweep import Sweep


class UnderWay(HookrouterError):  # noqa: N818 - it reads as what happened
    """Another process does the same at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciling:
    """Reconcile as a worker does it: of one source, under a lease."""

    source: SourceName
    case: Reconcile
    lease: Callable[[], Awaitable[Lease | None]]
    sweep: Sweep | None = None

    async def run_if_free(self) -> None:
        """Reconcile once if that is due still, unless another process does, and sweep if that is due.

        A CRM that is away has it done again soon.
        """
        with suppress(UnderWay, CrmAway, CrmRefused):  # a fault is reported, and the run due again in a minute
            async with self._alone():
                if not await self.case.is_due(self.source):  # it was found due while another run was under way
                    return
                await self.case.run(self.source)
                if self.sweep is not None:
                    await self.sweep.run_if_due(self.source)

    async def run(
        self, *, since: datetime | None = None, is_dry: bool = False, tell: Tell | None = None
    ) -> ReconcileTally:
        """Reconcile once.

        Raises:
            UnderWay: another process does.
            CrmAway: the CRM does not answer.
            CrmRefused: it refuses.
        """
        async with self._alone():
            return await self.case.run(self.source, since=since, is_dry=is_dry, tell=tell)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        lease = await self.lease()
        if lease is None:
            raise UnderWay("another process reconciles at this moment; try again when it has ended")
        try:
            async with lease.kept():
                yield
        finally:
            await lease.release()


def reconciling_of(crm: CrmSide, wanted: ReconcileConfig) -> Reconciling:
    """Reconcile of one source, over the connections of a side.

    Raises:
        ConfigurationError: no CRM is configured.
    """
    parts = crm.parts
    memory = RedisReconcileMemory(server=crm.store, keys=parts.keys, layouts=parts.layouts)
    bring = RedisBring(pushes=parts.push_log(), wake=parts.wake)
    return Reconciling(
        source=wanted.source,
        case=_reconcile(crm, wanted, memory, bring),
        sweep=None if wanted.sweep is None else _sweep(crm, wanted.sweep, bring),
        lease=partial(memory.lease, wanted.source, parts.clock.new_id(parts.process)),
    )


def _reconcile(crm: CrmSide, wanted: ReconcileConfig, memory: ReconcileMemory, bring: Bring) -> Reconcile:
    client = crm.client()
    if client is None:
        raise ConfigurationError(NO_CRM)
    turns = crm.turns(Purpose.RECONCILE)
    return Reconcile(
        changes=SpanReader(changes=CrmChanges(client), turn=turns.wait, sleep=turns.sleep),
        memory=memory,
        bring=bring,
        clock=crm.parts.clock,
        observer=crm.parts.observer,
        every=wanted.every,
        overlap=wanted.overlap,
        bounds=crm.parts.config.receiver.bounds,
    )


def _sweep(crm: CrmSide, every: timedelta, bring: Bring) -> Sweep | None:
    client = crm.client(crm.turns(Purpose.RECONCILE).wait)
    if client is None:
        return None
    return Sweep(
        active=CrmActiveLeads(client),
        copies=CrmLeadCopies(client),
        known=RedisKnownLeads(server=crm.store, keys=crm.parts.keys),
        bring=bring,
        clock=crm.parts.clock,
        observer=crm.parts.observer,
        every=every,
        bounds=crm.parts.config.receiver.bounds,
    )
