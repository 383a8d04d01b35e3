"""Figures of the whole, for health, metrics and `status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hookrouter.domain.dead_letter import DeadGroup, grouped
from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.domain.kept_health import NewestRejected, newest_of
from hookrouter.domain.layout import Layout, LeftBehind
from hookrouter.domain.pause import Pause
from hookrouter.domain.quota import Quota
from hookrouter.domain.reconciling import PushTrust
from hookrouter.domain.silence import Silence
from hookrouter.domain.speed import SpeedReport
from hookrouter.domain.watch_report import WatchPlan, WatchReport
from hookrouter.domain.withheld import Withheld
from hookrouter.ports.desk import ALL
from hookrouter.ports.outbox_depth import OutboxDepth
from hookrouter.ports.stages import Stage
from hookrouter.store.backlog import RedisBacklog
from hookrouter.store.crm_calls import quota_of
from hookrouter.store.dead_letters import RedisDeadLetters
from hookrouter.store.footfall import PUSH
from hookrouter.store.keys import Keys
from hookrouter.store.left_behind import LeftBehindLook
from hookrouter.store.newest_first import newest_first
from hookrouter.store.presence import Presence
from hookrouter.store.pushes import REPLICATED_WITHIN
from hookrouter.store.reconciling import sweep_doubt, trust_of
from hookrouter.store.rejected import RedisRejected
from hookrouter.store.server import RedisServer, Wait
from hookrouter.store.silences import RedisSilences
from hookrouter.store.speed import speed_in, week_of
from hookrouter.store.standing import ROUTE, pauses_of
from hookrouter.store.watching import report_of
from hookrouter.wire.kept.moments import of_milliseconds

PUSHED = "p_"
"""How the ids of what was pushed begin."""
STREAMED = (Stage.HYDRATE, Stage.ROUTE, Stage.ASSIGN, Stage.ENRICH, Stage.CLAIM)
"""The stages between receiver and sinks, and beside them."""
MOST_LETTERS = 100
"""That are read to tell why they died."""
TRUST_OVER = timedelta(days=1)
"""The time over which the CRM's pushes are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisCensus:
    """The census from Redis; see `ports.census.Census`."""

    server: RedisServer
    keys: Keys
    backlog: RedisBacklog
    presence: Presence
    daily_calls: int | None = None
    watch: WatchPlan | None = None
    reconciled: SourceName | None = None

    def check_writable(self) -> None:
        """Write something: a replica, or a server out of memory, reads well and takes nothing."""
        self.server.call("SET", self.keys.writable(), 1, "PX", 10_000)

    def confirming(self, replicas: int) -> int:
        """How many of so many replicas have what is written now, within the time that a push waits for them."""
        return self.server.confirmed_by(
            Wait(replicas=replicas, within=REPLICATED_WITHIN, marker=self.keys.replicated())
        )

    def alive(self) -> Mapping[str, int]:
        """How many processes of each role live."""
        return self.presence.alive()

    def lags(self) -> Mapping[Stage, int]:
        """How many entries the streams of the stages between receiver and sinks hold."""
        return {stage: self.backlog.depth(stage) for stage in STREAMED}

    def oldest(self) -> Mapping[Stage, datetime | None]:
        """Since when the oldest entry in the streams of each of these stages waits; None where none does."""
        return self.backlog.oldest(STREAMED)

    def layout(self) -> Layout:
        """Over how many streams everything is spread."""
        return self.backlog.layouts.read(self.server).layout

    def served(self) -> Mapping[Stage, Mapping[str, int]]:
        """How many streams each worker serves at this moment, of each stage whose streams workers share."""
        return self.backlog.served()

    def left_behind(self, layout: Layout, now: datetime) -> Mapping[str, LeftBehind]:
        """What waits in former streams, of each that is being spread anew."""
        return LeftBehindLook(server=self.server, keys=self.keys).at(layout, now)

    def crm_away(self) -> str | None:
        """Why the CRM gives no leads to those who ask; None when it does, or nobody asked lately."""
        found = self.server.call("GET", self.keys.crm_away())
        return None if found is None else found.decode("utf-8", "replace")

    def withheld(self) -> Withheld:
        """What waits for the CRM to tell of its leads."""
        since = self.backlog.oldest([Stage.ENRICH])[Stage.ENRICH]
        return Withheld(waiting=self.backlog.depth(Stage.ENRICH), since=since)

    def crm_quota(self) -> Quota | None:
        """The CRM's calls of this day; None without a CRM."""
        return None if self.daily_calls is None else quota_of(self.server, self.keys, self.daily_calls)

    def push_trust(self, now: datetime) -> PushTrust | None:
        """What reconcile measured of the CRM's pushes lately; None where nothing is reconciled."""
        source = self.reconciled
        return None if source is None else trust_of(self.server, self.keys, source, now - TRUST_OVER)

    def sweep_doubt(self) -> str:
        """Why the last sweep was not believed, if it was not."""
        return "" if self.reconciled is None else sweep_doubt(self.server, self.keys, self.reconciled)

    def crm_loops(self) -> Mapping[str, datetime]:
        """The sinks and routes whose loops were broken lately, each with when."""
        found = self.server.call("HGETALL", self.keys.loops())
        return {name.decode("utf-8", "replace"): datetime.fromisoformat(at.decode()) for name, at in found.items()}

    def watch_report(self, now: datetime) -> WatchReport | None:
        """What is known of whether the CRM pushes; None where nobody watches."""
        return None if self.watch is None else report_of(self.server, self.keys, self.watch, now)

    def depths(self, now: datetime) -> Mapping[SinkName, OutboxDepth]:
        """What waits for each sink."""
        return self.backlog.outboxes(now)

    def paused_routes(self, now: datetime) -> Mapping[RouteName, Pause]:
        """The routes that are paused at a moment."""
        pauses = pauses_of(self.server.call("HGETALL", self.keys.pauses()))
        return {
            RouteName(name.removeprefix(ROUTE)): pause
            for name, pause in pauses.items()
            if name.startswith(ROUTE) and pause.holds(now)
        }

    def silences(self, now: datetime) -> Sequence[Silence]:
        """The silences that hold at a moment."""
        kept = RedisSilences(server=self.server, keys=self.keys).all()
        return [silence for silence, _ in kept if silence.holds(now)]

    def clocks(self, now: datetime) -> tuple[int, datetime | None]:
        """How many leads are waited for, and since when the first of those that are due is."""
        running, first = self.server.call_all(
            [("ZCARD", self.keys.clocks()), ("ZRANGE", self.keys.clocks(), 0, 0, "WITHSCORES")]
        )
        due = of_milliseconds(int(float(first[1]))) if first else None
        return running, due if due is not None and due <= now else None

    def speed(self, now: datetime) -> SpeedReport:
        """How fast people reacted to leads in this week and the last."""
        return speed_in(self.server, self.keys, [week_of(now), week_of(now - timedelta(weeks=1))])

    def set_aside(self) -> Mapping[str, int]:
        """How many dead letters, rejected leads and unreadable records are kept."""
        dead, rejected, unreadable = self.server.call_all(
            [
                ("ZCARD", self.keys.dead_letters()),
                ("ZCARD", self.keys.rejected_leads()),
                ("XLEN", self.keys.unreadable()),
            ]
        )
        return {"dead": dead, "rejected": rejected, "unreadable": unreadable}

    def dead_groups(self) -> Sequence[DeadGroup]:
        """Of which routes and sinks the newest dead letters are, and why."""
        letters = RedisDeadLetters(server=self.server, keys=self.keys, layouts=self.backlog.layouts)
        return grouped(letters.list(ALL, limit=MOST_LETTERS).found)

    def last_pushes(self, sources: Sequence[SourceName]) -> Mapping[SourceName, datetime]:
        """When the last push of each source came, as the receivers tell every few seconds."""
        found = self.server.call_all([("ZSCORE", self.keys.arrivals(source), PUSH) for source in sources])
        pairs = zip(sources, found, strict=True)
        return {source: datetime.fromtimestamp(float(at), UTC) for source, at in pairs if at is not None}

    def newest_rejected(self) -> NewestRejected | None:
        """The newest of the rejected leads that can be read; None if there is none."""
        found = self.server.call("ZREVRANGE", self.keys.rejected_leads(), 0, 0)
        rejected = RedisRejected(server=self.server, keys=self.keys)
        kept = rejected.find(found[0].decode("utf-8", "replace")) if found else None
        return None if kept is None else newest_of(kept)

    def last_push(self) -> datetime | None:
        """When the last push came."""
        for places in newest_first(self.server, self.keys.pushes(), None):
            for place in places:
                if place.member.startswith(PUSHED):  # what reconcile brought stands among them
                    return datetime.fromtimestamp(place.score, UTC)
        return None
