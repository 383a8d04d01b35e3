"""What those see who look over the whole: the flow, the rules, the CRM; joined from the parts of a runtime."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.flow import FlowPlan
from hookrouter.runtime import Runtime
from hookrouter.store.figures import RedisFigures
from hookrouter.store.flow_history import RedisFlowHistory
from hookrouter.usecases.flowing.watch import WatchFlow


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
