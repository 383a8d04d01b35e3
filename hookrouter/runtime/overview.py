"""What those see who look over the whole: the flow, the rules, the CRM; joined from the parts of a runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hookrouter.config.shown import ShownFile, shown
from hookrouter.domain.flow import FlowPlan
from hookrouter.runtime.parts import Runtime
from hookrouter.store.figures import RedisFigures
from hookrouter.store.flow_history import RedisFlowHistory
from hookrouter.store.reconcile_log import RedisReconcileLog
from hookrouter.usecases.flowing.watch import WatchFlow
from hookrouter.usecases.look_at_crm import LookAtCrm, ReconcilePlan


@dataclass(frozen=True, slots=True)
class Overview:
    """The use cases that only look, by the configuration of this moment."""

    runtime: Runtime

    def flow(self) -> WatchFlow:
        """The use case of the flow."""
        runtime, config = self.runtime, self.runtime.config
        return WatchFlow(
            plan=FlowPlan(
                sources=list(config.receiver.sources),
                routes=config.routes,
                kinds={name: sink.type for name, sink in config.sinks.items()},
            ),
            figures=RedisFigures(server=runtime.server, keys=runtime.keys),
            history=RedisFlowHistory(server=runtime.server, keys=runtime.keys),
            census=runtime.census,
            days=runtime.days,
            clock=runtime.clock,
        )

    def rules(self, rest: Callable[[], None] = lambda: None) -> Sequence[ShownFile]:
        """The configuration in force, as it may be shown; `rest` gives others their turn meanwhile."""
        return shown(self.runtime.config.written, rest)

    def crm(self) -> LookAtCrm:
        """The use case of the CRM."""
        runtime, crm = self.runtime, self.runtime.config.crm
        asked = None if crm is None else crm.reconcile
        return LookAtCrm(
            census=runtime.census,
            log=RedisReconcileLog(server=runtime.server, keys=runtime.keys),
            clock=runtime.clock,
            is_configured=crm is not None,
            plan=None if asked is None else ReconcilePlan(source=asked.source, every=asked.every, sweep=asked.sweep),
        )
