"""The workshop: where operators try and mend things, joined from the parts of a runtime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hookrouter.runtime.desk import Desk
from hookrouter.runtime.parts import Runtime
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.usecases.explaining.playground import Playground, go_on
from hookrouter.usecases.repair import RepairDead


@dataclass(frozen=True, slots=True)
class Workshop:
    """The use cases by which things are tried and mended."""

    runtime: Runtime

    def playground(self, rest: Callable[[], None] = go_on) -> Playground:
        """The use case that explains what somebody gives, and what is stored; `rest` gives others their turn."""
        runtime, desk = self.runtime, Desk(self.runtime)
        return Playground(
            explain=replace(runtime.explain(), secrets=runtime.config.written.mask),
            recall=desk.recall,
            turns=desk.turns,
            reader=runtime.push_reader,
            clock=runtime.clock,
            sources=list(runtime.config.receiver.sources),
            rest=rest,
        )

    def repair(self) -> RepairDead:
        """The use case that mends dead letters."""
        runtime = self.runtime
        return RepairDead(
            letters=RedisDeadLetters(server=runtime.server, keys=runtime.keys, layouts=runtime.layouts),
            sinks=runtime.sinks,
            policies=runtime.policy_of,
            wake=runtime.wake,
            secrets=runtime.config.written.mask,
        )
