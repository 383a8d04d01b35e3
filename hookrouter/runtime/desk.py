"""What lies on the operator's desk, joined from the parts of a runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex

from hookrouter.config.model import ReconcileConfig
from hookrouter.crm.client import open_crm_session
from hookrouter.crm.leads import CrmLeadPages
from hookrouter.domain.baseline import BaselineTally
from hookrouter.domain.echo import Discretion
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.ids import SinkName, SourceName, Who
from hookrouter.domain.lead import Lead
from hookrouter.domain.personal import Mask
from hookrouter.domain.quota import Purpose
from hookrouter.domain.reconciling import ReconcileTally
from hookrouter.domain.routing import RouteTable
from hookrouter.domain.subscription import subscribed
from hookrouter.domain.watch_report import WatchPlan
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.ports.turns import Turns
from hookrouter.runtime.crm_side import NO_CRM, CrmSide, crm_client, crm_turns
from hookrouter.runtime.lookout import NO_CANARY, Lookout, lookout_of
from hookrouter.runtime.parts import Runtime
from hookrouter.runtime.reconcile_side import reconciling_of
from hookrouter.runtime.sink_side import configured_sinks
from hookrouter.spool.forgetting import SpooledPeople
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.audit import RedisAuditLog
from hookrouter.store.clock_book import RedisClockBook
from hookrouter.store.crm_calls import HeardCounts
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.store.deliveries import RedisDeliveries
from hookrouter.store.forgetting.people import RedisPeople
from hookrouter.store.lead_memory import RedisLeadMemory
from hookrouter.store.pauses import RedisPauses
from hookrouter.store.push_archive import RedisPushArchive
from hookrouter.store.rejected import RedisRejected
from hookrouter.store.retrying import RedisRetries
from hookrouter.store.server import RedisServer
from hookrouter.store.silences import RedisSilences
from hookrouter.store.snapshots import RedisSnapshots
from hookrouter.store.tailing import RedisTail
from hookrouter.store.teams import RedisTeams
from hookrouter.store.watching import RedisWatchMemory
from hookrouter.usecases.audit import KeepAudit
from hookrouter.usecases.baseline import LayBaseline, Tell
from hookrouter.usecases.dead_letters import Pace, TendDeadLetters
from hookrouter.usecases.deliveries import LookUpDeliveries
from hookrouter.usecases.explaining.recall import Recall
from hookrouter.usecases.explaining.turns import KnownTurns
from hookrouter.usecases.follow_ups import LookUpFollowUps
from hookrouter.usecases.forget import ForgetPerson
from hookrouter.usecases.pauses import TendPauses
from hookrouter.usecases.pushes import TendPushes
from hookrouter.usecases.reconciling.reconcile import Tell as TellReconciled
from hookrouter.usecases.rejected import TendRejected
from hookrouter.usecases.send_test import SendTest, Tested
from hookrouter.usecases.silences import TendSilences
from hookrouter.usecases.tail import FollowTail
from hookrouter.usecases.teams import LookUpTeams
from hookrouter.usecases.watching.verify import Verified

TOLD_AWAY_WITHIN = 2.0
"""Seconds without an answer after which who follows what happens is told; one of them the follower waits for news."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases that only operators have."""

    runtime: Runtime

    def audit(self) -> KeepAudit:
        """The use case of the audit log."""
        log = RedisAuditLog(server=self.runtime.server, keys=self.runtime.keys)
        return KeepAudit(log=log, clock=self.runtime.clock, mask=self.mask)

    @property
    def mask(self) -> Mask:
        """Hides what is personal, as the configuration wants it."""
        return Mask(frozenset(self.runtime.config.redact))

    def dead_letters(self) -> TendDeadLetters:
        """The use case of the dead letters."""
        letters = RedisDeadLetters(server=self.runtime.server, keys=self.runtime.keys, layouts=self.runtime.layouts)
        return TendDeadLetters(letters=letters, sinks=self.runtime.config.sinks.keys(), wake=self.runtime.wake)

    def deliveries(self) -> LookUpDeliveries:
        """The use case of the deliveries."""
        runtime = self.runtime
        return LookUpDeliveries(
            RedisDeliveries(server=runtime.server, keys=runtime.keys, layouts=runtime.layouts),
            runtime.clock,
            runtime.hours,
        )

    def forget(self) -> ForgetPerson:
        """The use case that erases a person."""
        runtime, bounds = self.runtime, self.runtime.config.receiver.bounds
        stored = RedisPeople(
            server=runtime.server, keys=runtime.keys, wake=runtime.wake, clock=runtime.clock, bounds=bounds
        )
        return ForgetPerson(
            people=[SpooledPeople(folder=runtime.settings.data_dir / "spool", bounds=bounds), stored],
            oblivion=stored,
            sources=list(runtime.config.receiver.sources),
            observer=runtime.observer,
        )

    def follow_ups(self) -> LookUpFollowUps:
        """The use case of the clocks that run."""
        book = RedisClockBook(server=self.runtime.server, keys=self.runtime.keys)
        return LookUpFollowUps(book=book, follow_ups=RouteTable(self.runtime.config.routes).follow_ups)

    def teams(self) -> LookUpTeams:
        """The use case of the teams."""
        memory = RedisTeams(server=self.runtime.server, keys=self.runtime.keys)
        return LookUpTeams(teams=self.runtime.config.teams, memory=memory)

    def turns(self, who: Who) -> KnownTurns:
        """Whose turn it is in all teams, and who has a lead, as a lead of it is explained."""
        memory = RedisTeams(server=self.runtime.server, keys=self.runtime.keys)
        at = memory.now()
        return KnownTurns(board=memory.board(self.runtime.config.teams, at), given={who: memory.given(who)}, at=at)

    def pace(self, rate: float) -> Pace:
        """So many times a second, until the process is asked to stop."""
        return Pace(rate=rate, clock=self.runtime.clock, should_stop=self.runtime.stopping.is_set)

    def pauses(self) -> TendPauses:
        """The use case of the pauses."""
        return TendPauses(
            pauses=RedisPauses(server=self.runtime.server, keys=self.runtime.keys),
            retries=RedisRetries(server=self.runtime.server, keys=self.runtime.keys, layouts=self.runtime.layouts),
            sinks=self.runtime.config.sinks.keys(),
            routes=[route.name for route in self.runtime.config.routes],
            wake=self.runtime.wake,
            clock=self.runtime.clock,
        )

    def silences(self) -> TendSilences:
        """The use case of the silences."""
        return TendSilences(
            silences=RedisSilences(server=self.runtime.server, keys=self.runtime.keys),
            sinks={name: sink.is_for_people for name, sink in self.runtime.config.sinks.items()},
            clock=self.runtime.clock,
            new_id=lambda: f"s_{token_hex(3)}",
        )

    def rejected(self) -> TendRejected:
        """The use case of the rejected leads."""
        rejected = RedisRejected(server=self.runtime.server, keys=self.runtime.keys)
        return TendRejected(
            rejected=rejected,
            pushes=self.runtime.push_log(),
            wake=self.runtime.wake,
            clock=self.runtime.clock,
            reader=self.runtime.push_reader,
        )

    def pushes(self) -> TendPushes:
        """The use case of the pushes as they came."""
        archive = RedisPushArchive(server=self.runtime.server, keys=self.runtime.keys)
        return TendPushes(archive, self.runtime.push_log(), self.runtime.wake, self.runtime.push_reader)

    def tail(self) -> FollowTail:
        """The use case that follows what happens."""
        stopping = self.runtime.stopping
        server = RedisServer(self.runtime.url, answer_within=TOLD_AWAY_WITHIN)
        tail = RedisTail(server=server, keys=self.runtime.keys)
        return FollowTail(tail=tail, clock=self.runtime.clock, should_stop=stopping.is_set, wait=stopping.wait)

    def recall(self) -> Recall:
        """The use case that recalls stored leads."""
        runtime, receiver = self.runtime, self.runtime.config.receiver
        return Recall(
            archive=RedisPushArchive(server=runtime.server, keys=runtime.keys),
            memory=RedisLeadMemory(server=runtime.server, keys=runtime.keys),
            sources=list(receiver.sources),
            read_backs=receiver.read_backs,
            reader=runtime.push_reader,
            clock=runtime.clock,
        )

    async def lay_baseline(self, source: SourceName, tell: Tell, *, from_start: bool) -> BaselineTally:
        """Read all leads of the CRM into snapshots, over connections of its own."""
        runtime, crm = self.runtime, self.runtime.config.crm
        if crm is None:
            raise ConfigurationError(NO_CRM)
        store, session, heard = AsyncRedisServer(runtime.url), open_crm_session(), HeardCounts()
        case = LayBaseline(
            pages=CrmLeadPages(crm_client(crm, session, heard)),
            snapshots=RedisSnapshots(
                server=store,
                keys=runtime.keys,
                layouts=runtime.layouts,
                keep=runtime.config.retention.snapshots,
            ),
            turns=Turns(
                permits=crm_turns(store, runtime.keys, crm, Purpose.OPERATOR, heard),
                clock=runtime.clock,
                should_stop=runtime.stopping.is_set,
            ),
            clock=runtime.clock,
            bounds=runtime.config.receiver.bounds,
        )
        try:
            return await case.run(source, tell, from_start=from_start)
        finally:
            await session.close()
            await store.close()

    async def reconcile(
        self, source: SourceName, tell: TellReconciled, *, since: datetime | None, is_dry: bool
    ) -> ReconcileTally:
        """Bring what changed in the CRM and no push brought, over connections of its own."""
        runtime, crm = self.runtime, self.runtime.config.crm
        wanted = crm.reconcile if crm and crm.reconcile else ReconcileConfig(source=source)
        store = AsyncRedisServer(runtime.url)
        side = CrmSide(parts=runtime, store=store, should_stop=runtime.stopping.is_set)
        try:
            reconciling = reconciling_of(side, replace(wanted, source=source))
            return await reconciling.run(since=since, is_dry=is_dry, tell=tell)
        finally:
            for session in side.sessions:
                await session.close()
            await store.close()

    def watched(self, source: str | None = None) -> WatchPlan:
        """Over whose pushes is watched by a canary.

        Raises:
            ConfigurationError: over none, or over another source's.
        """
        plan = self.runtime.watch_plan
        if self.runtime.config.crm is None:
            raise ConfigurationError(NO_CRM)
        if plan is None or plan.canary is None:
            raise ConfigurationError(NO_CANARY)
        if source is not None and source != plan.source:
            raise ConfigurationError(f"the lead in crm.canary is pushed to the source {plan.source}, not to {source}")
        return plan

    async def is_subscribed(self) -> bool:
        """Whether the CRM was asked to push to the address that is watched, for all that is known here."""
        async with self._lookout() as lookout:
            known = await lookout.memory.subscription(lookout.plan.source)
        return lookout.plan.address is not None and known.is_of(lookout.plan.address)

    async def note_subscribed(self, source: SourceName, address: str) -> None:
        """Remember that the CRM was asked to push to an address."""
        store = AsyncRedisServer(self.runtime.url)
        memory = RedisWatchMemory(server=store, desk=self.runtime.server, keys=self.runtime.keys)
        try:
            await memory.note_subscription(source, subscribed(address, self.runtime.clock.now()))
        finally:
            await store.close()

    async def verify(self, within: timedelta | None = None) -> Verified:
        """Change the canary, and wait for its push."""
        async with self._lookout() as lookout:
            return await lookout.verify().run(within or lookout.usual_patience)

    @asynccontextmanager
    async def _lookout(self) -> AsyncIterator[Lookout]:
        """What watches over pushes, over connections of its own."""
        store, session = AsyncRedisServer(self.runtime.url), open_crm_session()
        try:
            lookout = lookout_of(self.runtime, store, session)
            if lookout is None:
                raise ConfigurationError(NO_CANARY)
            yield lookout
        finally:
            await session.close()
            await store.close()

    async def send_test(self, sink: SinkName, lead: Lead | None) -> Tested:
        """Send a test through a sink, over a connection of its own."""
        config, clock = self.runtime.config, self.runtime.clock
        session = open_session(EgressGuard(config.egress_allow))
        case = SendTest(
            sinks=configured_sinks(config, clock, lambda: session),
            policies=self.runtime.policy_of,
            source=next(iter(config.receiver.sources)),
            clock=clock,
            discretion=Discretion(Mask(frozenset(config.redact))),
        )
        try:
            return await case.run(sink, lead)
        finally:
            await session.close()
