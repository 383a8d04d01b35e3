"""Whatever leads, people, operators and killed workers do: clocks agree with a model that fits on a screen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from drain_support import Killed, Reports
from follow_up_support import ToldServer, ToldTime
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from hookrouter.domain.conditions.changed import changed
from hookrouter.domain.follow_up import FollowUp, FollowUpStep
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SinkName, SourceName
from hookrouter.domain.layout import Place
from hookrouter.domain.lead import Json, Lead
from hookrouter.domain.routing import Route, RouteTable, Target
from hookrouter.ports.clocks import Settled, Settling
from hookrouter.ports.stages import Stage
from hookrouter.ports.turns import Turns
from hookrouter.store.clock_book import RedisClockBook
from hookrouter.store.intake import RedisIntake
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.lease import take_lease
from hookrouter.store.reminding import RedisDueBook
from hookrouter.store.server import RedisServer
from hookrouter.usecases.reminding.latest import LatestLeads
from hookrouter.usecases.reminding.remind import Remind
from hookrouter.usecases.routing.route import RouteLeads
from hookrouter.wire.kept.records import read_delivery, write_intake
from hookrouter.wire.kept.written import write_written
from hookrouter.wire.rules.language import read_match

CRM, HOT, SALES = SourceName("crm"), RouteName("hot"), SinkName("sales")
LEADS = [LeadKey("1"), LeadKey("2")]
STEPS = {"10m": (10, "status"), "30m": (30, "owner"), "1h": (60, "status")}
"""Each step with its minutes, and the field whose change spares it."""

IS_HOT, _ = read_match({"score": "hot"}, ("match",))
leads, values = st.sampled_from(LEADS), st.sampled_from(["a", "b", "c"])


Said = tuple[LeadKey, datetime, str]


class NoLimit:
    """A CRM that takes any number of calls."""

    async def take(self) -> timedelta:
        return timedelta()


class Unheard:
    """Nobody to wake: the machine drains by itself."""

    def ring(self, stage: Stage) -> None:
        """Let nobody hear it."""


@dataclass
class ModelClock:
    began: datetime
    base: dict[str, str]
    until: datetime
    over: set[str] = field(default_factory=set)

    def due(self, step: str) -> datetime:
        return self.began + timedelta(minutes=STEPS[step][0])


@dataclass
class Model:
    """What ought to be: every clock, every lead as last seen, and what was said."""

    steps: list[str] = field(default_factory=lambda: [*STEPS])
    seen: dict[LeadKey, dict[str, str]] = field(default_factory=dict)
    clocks: dict[LeadKey, ModelClock] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)

    def push(self, lead: LeadKey, fields: dict[str, str], now: datetime, *, ours: str) -> None:
        before = self.seen.get(lead, {})
        seen = self.seen[lead] = {**before, **fields}
        different = {name for name in seen if seen[name] != before.get(name)}
        runs = lead in self.clocks
        if runs and self.steps:
            if ours in different:
                self.clocks[lead].base[ours] = seen[ours]
            self.spare(lead, rewinds=ours in different)
        if not runs and self.steps and different - {ours} and seen["score"] == "hot":
            clock = self.clocks[lead] = ModelClock(now, dict(seen), now)
            clock.until = clock.due(self.steps[0])

    def spare(self, lead: LeadKey, *, rewinds: bool) -> None:
        """Leave out what a change has spared; the clock ends with its last step."""
        clock = self.clocks[lead]
        left = [step for step in self.steps if step not in clock.over]
        spared = {step for step in left if self.seen[lead][STEPS[step][1]] != clock.base[STEPS[step][1]]}
        clock.over |= spared
        if len(spared) == len(left):
            del self.clocks[lead]
        elif spared or rewinds:
            clock.until = min(clock.due(step) for step in left if step not in spared)

    def remind(self, now: datetime) -> None:
        for lead, clock in list(self.clocks.items()):
            if clock.until > now:
                continue
            self.spare(lead, rewinds=True)
            if lead not in self.clocks:
                continue
            due = [step for step in self.steps if step not in clock.over and clock.due(step) <= now]
            clock.over |= set(due)
            if due:
                self.said.append((lead, clock.began, due[-1]))  # of what came due together the sink hears the last
            self.spare(lead, rewinds=True)


@dataclass
class Dying:
    """A book whose worker is killed after so many writes."""

    book: RedisDueBook
    writes: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.book, name)

    async def settle(self, settled: Settled) -> Settling:
        if not self.writes:
            raise Killed
        self.writes -= 1
        return await self.book.settle(settled)


class ClockMachine(RuleBasedStateMachine):
    """Pushes, edits, time and deaths, each done to the real parts and to the model."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.time, self.keys, self.reports = ToldTime(), Keys(f"t{uuid4().hex[:12]}"), Reports()
        self.server = ToldServer(self.url)
        self.server.told = self.time
        self.desk = RedisServer(self.url, answer_within=5.0)
        self.model, self.pushed = Model(), dict[PushId, datetime]()

    def teardown(self) -> None:
        self.do(self.server.close())
        self.desk.client.close()
        self.loop.close()

    def do(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    @rule(lead=leads, score=st.sampled_from(["hot", "cold"]), status=values, owner=values)
    def a_person_works(self, lead: LeadKey, score: str, status: str, owner: str) -> None:
        self.push(lead, {"score": score, "status": status, "owner": owner}, ours="")

    @rule(lead=leads, owner=values)
    def what_we_wrote_comes_back(self, lead: LeadKey, owner: str) -> None:
        if lead in self.model.seen:
            mark = write_written("owner", owner, self.time.at)
            self.do(self.server.call("HSET", self.keys.written(CRM, lead), *mark))
            self.push(lead, {"owner": owner}, ours="owner")

    @rule(minutes=st.sampled_from([1, 5, 10, 20, 45]))
    def time_passes(self, minutes: int) -> None:
        self.time.at += timedelta(minutes=minutes)

    @rule()
    def what_is_due_is_served(self) -> None:
        self.do(self.remind())
        self.model.remind(self.time.at)
        assert self.heard() == sorted(self.model.said)

    @rule(writes=st.integers(0, 1))
    def a_worker_is_killed_while_it_serves(self, writes: int) -> None:
        """Its successor does the rest, in the same minute, and nothing is said twice."""
        try:
            self.do(self.remind(writes))
        except Killed:
            self.do(self.server.call("DEL", self.keys.lease(self.keys.reminding())))
        self.what_is_due_is_served()

    @rule(steps=st.lists(st.sampled_from([*STEPS]), unique=True))
    def an_operator_edits_the_steps(self, steps: list[str]) -> None:
        self.model.steps = [step for step in STEPS if step in steps]

    @precondition(lambda self: self.model.clocks)
    @rule(lead=leads)
    def a_lead_is_forgotten(self, lead: LeadKey) -> None:
        ended = RedisClockBook(server=self.desk, keys=self.keys).forget(lead)
        assert ended == int(self.model.clocks.pop(lead, None) is not None)

    @invariant()
    def only_the_clocks_that_run_are_kept(self) -> None:
        names = self.do(self.server.call("ZCARD", self.keys.clocks()))
        kept = self.do(self.server.call("KEYS", f"{self.keys.clock('*')}"))
        assert names == len(kept) == len(self.model.clocks)

    def heard(self) -> list[Said]:
        found = self.do(self.server.call("XRANGE", self.keys.outbox(SALES), "-", "+"))
        told = [read_delivery(fields[b"r"]) for _, fields in found]
        assert len({each.id for each in told}) == len(told)
        return sorted((each.lead_key, self.pushed[each.push], each.step) for each in told if each.step)

    def push(self, lead: LeadKey, fields: dict[str, str], *, ours: str) -> None:
        push, values = PushId(f"p_{len(self.pushed)}"), dict[str, Json]({"id": lead, **fields})
        self.pushed[push] = self.time.at
        self.do(self.route(push, Lead(key=lead, fields=values)))
        self.model.push(lead, fields, self.time.at, ours=ours)

    async def route(self, push: PushId, lead: Lead) -> None:
        record = write_intake(push, CRM, self.time.at, [(0, lead)])
        await self.server.call("XADD", self.keys.intake(0), "*", "r", record)
        lease = await take_lease(self.server, self.keys, self.keys.intake(0), "router")
        assert lease is not None
        week = timedelta(days=7)
        intake = RedisIntake(
            lease=lease,
            keys=self.keys,
            layouts=Layouts(self.keys, 1),
            place=Place(),
            keep_snapshots=week,
            keep_pushes=week,
            keep_rejected=week,
            clock=self.time,
            observer=self.reports,
        )
        router = RouteLeads(
            table=self.table(),
            wake=Unheard(),
            clock=self.time,
            observer=self.reports,
            should_stop=lambda: False,
            knows_echoes=True,
        )
        await router.drain(intake, "intake:0")
        await intake.release()

    async def remind(self, writes: int | None = None) -> None:
        lease = await take_lease(self.server, self.keys, self.keys.reminding(), "reminder")
        assert lease is not None
        book = RedisDueBook(lease=lease, keys=self.keys, layouts=Layouts(self.keys, 1))
        turns = Turns(permits=NoLimit(), clock=self.time, should_stop=lambda: False)
        remind = Remind(
            table=self.table(),
            revision="",
            latest=LatestLeads(copies=None, turns=turns, clock=self.time, observer=self.reports, source=CRM),
            lead_link=lambda _: None,
            wake=Unheard(),
            observer=self.reports,
            should_stop=lambda: False,
        )
        assert await remind.drain(book if writes is None else Dying(book, writes), "remind")
        await book.release()

    def table(self) -> RouteTable:
        steps = tuple(
            FollowUpStep(after=timedelta(minutes=minutes), name=name, to=(SALES,), unless=(changed([watched]),))
            for name, (minutes, watched) in STEPS.items()
            if name in self.model.steps
        )
        route = Route(
            name=HOT,
            conditions=IS_HOT,
            to=(Target(sink=SALES),),
            follow_up=FollowUp(steps=steps) if steps else None,
        )
        return RouteTable((route,))


def test_clocks_agree_with_the_model(valkey: Any) -> None:
    machine = type("OnThisServer", (ClockMachine,), {"url": valkey.url})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
