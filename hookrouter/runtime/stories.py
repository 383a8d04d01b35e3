"""The stories of leads and what waits, joined from the parts of a runtime."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hookrouter.domain.routing import RouteTable
from hookrouter.runtime.desk import Desk
from hookrouter.runtime.parts import Runtime
from hookrouter.store.lead_trail import RedisLeadTrail
from hookrouter.store.on_the_way import RedisOnTheWay
from hookrouter.store.rejected import RedisRejected
from hookrouter.store.silences import RedisSilences
from hookrouter.store.teams import RedisTeams
from hookrouter.store.waiting_look import RedisWaitingLook
from hookrouter.usecases.explaining.lead_story import TellLeadStory
from hookrouter.usecases.waiting import LookUpWaiting

PUSHES_FOR_AN_ADDRESS = 300
"""Pushes that are looked through for an address while somebody waits for a page."""
BYTES_FOR_AN_ADDRESS = 16 * 1024 * 1024
"""Of their bodies, in all."""


@dataclass(frozen=True, slots=True)
class Stories:
    """The use cases that tell them, by the configuration of the moment."""

    runtime: Runtime

    def of_leads(self) -> TellLeadStory:
        """The use case of leads' stories."""
        runtime, desk = self.runtime, Desk(self.runtime)
        server, keys = runtime.server, runtime.keys
        return TellLeadStory(
            recall=replace(desk.recall(), searched=PUSHES_FOR_AN_ADDRESS, searched_bytes=BYTES_FOR_AN_ADDRESS),
            explain=replace(runtime.explain(), secrets=runtime.config.written.mask),
            trail=RedisLeadTrail(server=server, keys=keys, layouts=runtime.layouts),
            set_aside=RedisRejected(server=server, keys=keys),
            silences=RedisSilences(server=server, keys=keys),
            turns=desk.turns,
            given=RedisTeams(server=server, keys=keys).given,
            follow_ups=RouteTable(runtime.config.routes).follow_ups,
            revision=runtime.config.revision,
            on_the_way=RedisOnTheWay(server=server, keys=keys, layouts=runtime.layouts).of_lead,
            clock=runtime.clock,
            hours=runtime.hours,
        )

    def waiting(self) -> LookUpWaiting:
        """The use case of what sinks have not been told of yet."""
        runtime = self.runtime
        return LookUpWaiting(
            look=RedisWaitingLook(server=runtime.server, keys=runtime.keys, layouts=runtime.layouts),
            sinks=runtime.config.sinks.keys(),
            clock=runtime.clock,
            hours=runtime.hours,
        )
