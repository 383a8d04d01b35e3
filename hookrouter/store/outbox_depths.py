"""What waits in the outboxes, shard by shard, counted without taking anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hookrouter.domain.burst import Tide
from hookrouter.domain.hours import Hours
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.layout import Layout, Place
from hookrouter.domain.pause import Pause
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.ports.outbox_depth import OutboxDepth, whole_depth
from hookrouter.store import streams
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.server import RedisServer
from hookrouter.store.shard import Shard, shards_of
from hookrouter.store.standing import ROUTE, SINK, circuit_of, pauses_of, tide_of

Asked = Mapping[str, Command]
"""The commands that ask about one shard, by what they tell."""


@dataclass(frozen=True, slots=True)
class ShardDepths:
    """What waits for each sink, by its shards, former ones first, and by the layout of that moment."""

    layout: Layout
    depths: Mapping[SinkName, Mapping[Place, OutboxDepth]]

    def whole(self) -> dict[SinkName, OutboxDepth]:
        """What waits for each sink, whatever it is split into."""
        return {
            sink: replace(whole_depth([*shards.values()]), shards=self.layout.outbox(sink).streams)
            for sink, shards in self.depths.items()
        }

    def ready(self, now: datetime) -> Iterator[tuple[SinkName, Place]]:
        """The shards with work that may be served at a moment, without those of sinks whose shards are being moved."""
        for sink, shards in self.depths.items():
            if self.layout.outbox(sink).former is None:
                yield from ((sink, place) for place, depth in shards.items() if depth.work(now))


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthsLook:
    """One look at what waits."""

    server: RedisServer
    keys: Keys
    layouts: Layouts
    policies: Callable[[SinkName], SinkPolicy]
    hours: Callable[[], Hours]

    def at(self, sinks: Sequence[SinkName], now: datetime, *, ages: bool = True) -> ShardDepths:
        """What waits for some sinks at a moment; since when only if `ages` asks for that."""
        policies = {sink: self.policies(sink) for sink in sinks}  # others may be in force once the answers are there

        def asked(layout: Layout) -> dict[Shard, Asked]:
            shards = [shard for sink in sinks for shard in shards_of(self.keys, layout, sink)]
            return {shard: _questions(shard, policies[shard.sink], now, ages=ages) for shard in shards}

        layout, (said, *answers) = self.layouts.ask(
            self.server,
            lambda layout: [
                ("HGETALL", self.keys.pauses()),
                *(question for each in asked(layout).values() for question in each.values()),
            ],
        )
        pauses, rest = pauses_of(said), iter(answers)
        told = {shard: {name: next(rest) for name in each} for shard, each in asked(layout).items()}
        depths = {
            shard: _depth(each, policies[shard.sink], pauses.get(f"{SINK}{shard.sink}"), now)
            for shard, each in told.items()
        }
        names = [(shard, name) for shard, each in told.items() for name in each["shut"]]
        shut = [(shard, RouteName(name.decode("utf-8", "replace"))) for shard, name in names]
        depths |= self._with_what_is_shut(depths, shut, pauses, now)
        found: dict[SinkName, dict[Place, OutboxDepth]] = {sink: {} for sink in sinks}
        for shard, depth in depths.items():
            found[shard.sink][shard.place] = depth
        return ShardDepths(layout, found)

    def _with_what_is_shut(
        self,
        depths: Mapping[Shard, OutboxDepth],
        shut: Sequence[tuple[Shard, RouteName]],
        pauses: Mapping[str, Pause],
        now: datetime,
    ) -> dict[Shard, OutboxDepth]:
        """The depths of shards with deliveries that wait for their route's time, or for it to be resumed."""
        changed: dict[Shard, OutboxDepth] = {}
        hours = self.hours()
        places = [place(route) for shard, route in shut for place in (shard.shut_first, shard.shut)]
        lengths = self.server.call_all([("XLEN", place) for place in places]) if shut else []
        for (shard, route), *parts in zip(shut, lengths[::2], lengths[1::2], strict=True):
            count = sum(parts)
            pause = pauses.get(f"{ROUTE}{route}")
            paused = {} if pause is None or not pause.holds(now) else {route: pause}
            depth = changed.get(shard, depths[shard])
            let_in = depth.let_in + (count if hours.is_open(route, now) and not paused else 0)
            changed[shard] = replace(
                depth, shut={**depth.shut, route: count}, pauses={**depth.pauses, **paused}, let_in=let_in
            )
        return changed


def _questions(shard: Shard, policy: SinkPolicy, now: datetime, *, ages: bool) -> Asked:
    """What to ask about a shard, and nothing that is not needed: every worker asks for every shard many times a second.

    Since when something waits, only an entry can tell, which comes with its record of some kilobytes.
    """
    gathers = policy.gathers is not None
    asked: dict[str, Command] = {
        "new": ("XLEN", shard.outbox),
        "again": ("XLEN", shard.again),
        "let_in": ("XLEN", shard.let_in),
        "retrying": ("ZCARD", shard.retries),
        "due": ("ZCOUNT", shard.retries, "-inf", int(now.timestamp() * 1000)),
        "circuit": ("GET", shard.keys.circuit(shard.sink)),
        "shut": ("SMEMBERS", shard.shut_routes),
    }
    if shard.has_moved:
        asked["moved"] = ("XLEN", shard.moved)
    if ages or gathers:
        asked["first"] = streams.oldest_id(shard.outbox)
        if shard.has_moved:
            asked["first_moved"] = streams.oldest_id(shard.moved)
    if gathers:
        asked |= {"newest": streams.newest_id(shard.outbox), "tide": ("GET", shard.keys.tide(shard.sink))}
    return asked


def _depth(told: Mapping[str, Any], policy: SinkPolicy, pause: Pause | None, now: datetime) -> OutboxDepth:
    new, again, let_in = told["new"] + told.get("moved", 0), told["again"], told["let_in"]
    oldest, digest = told.get("first_moved") or told.get("first", ()), policy.gathers
    is_all_shared = policy.digest is not None or (
        digest is not None and _waits_to_share(tide_of(told["tide"]), oldest, told["newest"])
    )
    since = streams.oldest_added_at(oldest)
    is_gathering = (
        digest is not None and is_all_shared and not again and not let_in and not digest.is_due(new, since, now)
    )
    return OutboxDepth(
        waiting=new + again + let_in,
        retrying=told["retrying"],
        due=told["due"],
        circuit=circuit_of(told["circuit"]),
        pause=pause,
        fallback=policy.fallback,
        is_gathering=is_gathering,
        due_since=None if since is None or is_gathering else _due_since(since, digest, is_all_shared=is_all_shared),
    )


def _due_since(since: datetime, digest: Digest | None, *, is_all_shared: bool) -> datetime:
    """Since when what was added at a moment could have gone out; what is gathered waits for a while on purpose."""
    return since + digest.every if digest is not None and is_all_shared else since


def _waits_to_share(tide: Tide, oldest: streams.Found, newest: streams.Found) -> bool:
    """Whether everything in an outbox waits to be gathered, and nothing for its turn to go out alone."""
    first, last = streams.entry_of(oldest), streams.entry_of(newest)
    return first is not None and last is not None and tide.has_judged(last) and not tide.goes_alone(first)
