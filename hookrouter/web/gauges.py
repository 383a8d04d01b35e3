"""The gauges of `/metrics`: how things stand at the moment of the scrape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hookrouter import __version__
from hookrouter.domain.errors import SpoolAway, StoreAway
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import Layout
from hookrouter.domain.scaling import sink_backlog, streams_backlog
from hookrouter.ports.census import Census
from hookrouter.ports.outbox_depth import OutboxDepth
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime


class StandingCollector(Collector):
    """Gauges of how things stand at the moment of the scrape; those of what is in Redis not while it is away."""

    def __init__(self, runtime: Runtime) -> None:
        """Count for one runtime."""
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        """Count."""
        yield from _own_gauges(self._runtime)
        up = GaugeMetricFamily("hookrouter_redis_up", "Whether Redis answers.")
        try:
            yield from _gauges(self._runtime.census, self._runtime)
            up.add_metric([], 1)
        except StoreAway:
            up.add_metric([], 0)
        yield up


def _own_gauges(runtime: Runtime) -> Iterator[Metric]:
    """What this process knows without Redis."""
    build = GaugeMetricFamily("hookrouter_build_info", "Always 1.", labels=["version"])
    build.add_metric([__version__], 1)
    refused = GaugeMetricFamily("hookrouter_config_refused", "Whether the configuration as it stands is refused.")
    refused.add_metric([], bool(runtime.watch.refused))
    spooled = GaugeMetricFamily("hookrouter_spool_pushes", "Pushes that wait on this machine's disk for Redis.")
    with suppress(SpoolAway):
        spooled.add_metric([], runtime.spool.depth().pushes)
    yield from (build, refused, spooled)


def _gauges(census: Census, runtime: Runtime) -> list[Metric]:
    now = runtime.clock.now()
    lag = GaugeMetricFamily("hookrouter_stream_entries", "Entries that wait in a stage's streams.", labels=["stage"])
    since = GaugeMetricFamily("hookrouter_stream_lag_seconds", "Since the oldest entry waits.", labels=["stage"])
    oldest, layout = census.oldest(), census.layout()
    lags, depths = census.lags(), census.depths(now)
    for stage, entries in lags.items():
        lag.add_metric([stage], entries)
        since.add_metric([stage], _seconds_since(oldest.get(stage), now))
    waiting = GaugeMetricFamily("hookrouter_outbox_deliveries", "Deliveries that wait.", labels=["sink", "state"])
    standing = GaugeMetricFamily("hookrouter_sink_state", "The state a sink is in.", labels=["sink", "state"])
    late = GaugeMetricFamily("hookrouter_outbox_lag_seconds", "Since the oldest could have gone out.", labels=["sink"])
    for sink, depth in depths.items():
        late.add_metric([sink], _seconds_since(depth.due_since, now))
        waiting.add_metric([sink, "waiting"], depth.waiting)
        waiting.add_metric([sink, "retrying"], depth.retrying)
        waiting.add_metric([sink, "held"], sum(depth.shut.values()))
        standing.add_metric([sink, depth.standing(now)], 1)
    backlog = GaugeMetricFamily("hookrouter_backlog", "What workers could do at once; for choosing their number.")
    backlog.add_metric([], _backlog(runtime, lags, depths, now))
    kept = GaugeMetricFamily("hookrouter_kept", "What was set aside for the operator.", labels=["kind"])
    for kind, count in census.set_aside().items():
        kept.add_metric([kind], count)
    last = GaugeMetricFamily("hookrouter_last_push_timestamp_seconds", "When the last push came, in Unix time.")
    if (came := census.last_push()) is not None:
        last.add_metric([], came.timestamp())
    alive = GaugeMetricFamily("hookrouter_processes", "Processes that live.", labels=["role"])
    for role, count in census.alive().items():
        alive.add_metric([role], count)
    others = [*_spread_gauges(census, layout, now), *_crm_gauges(census, runtime), *_memory_gauges(runtime)]
    return [backlog, lag, since, late, waiting, standing, kept, last, alive, *others]


def _memory_gauges(runtime: Runtime) -> Iterator[Metric]:
    """How full Redis is; without a value where it does not tell, or may use all there is."""
    used = GaugeMetricFamily("hookrouter_redis_memory_bytes", "What Redis uses of its memory.")
    limit = GaugeMetricFamily("hookrouter_redis_memory_limit_bytes", "The most that Redis may use: maxmemory.")
    for gauge, found in zip((used, limit), runtime.inspection.memory(), strict=True):
        if found:
            gauge.add_metric([], found)
    yield from (used, limit)


def _spread_gauges(census: Census, layout: Layout, now: datetime) -> Iterator[Metric]:
    """Over how many streams what is split is spread, and what waits in former ones while that changes."""
    streams = GaugeMetricFamily("hookrouter_streams", "Streams that something is spread over.", labels=["what"])
    former = GaugeMetricFamily("hookrouter_former_entries", "Entries that wait in former streams.", labels=["what"])
    left = census.left_behind(layout, now)
    for name, spread in layout.spreads.items():
        streams.add_metric([name], spread.streams)
        former.add_metric([name], left[name].count if name in left else 0)
    yield from (streams, former)


def _backlog(runtime: Runtime, lags: Mapping[Stage, int], depths: Mapping[SinkName, OutboxDepth], now: datetime) -> int:
    """Without what waits for the CRM: its pace is set, and more workers would not hasten it."""
    intakes = runtime.backlog.intakes()
    routing = streams_backlog([*intakes.depths.values(), lags[Stage.ASSIGN]])
    sinks, shards = runtime.config.sinks, intakes.layout.outbox
    rates = {sink: sinks[sink].policy.rate_limit if sink in sinks else None for sink in depths}
    return routing + sum(
        sink_backlog(depth.work(now), rates[sink], shards(sink).streams) for sink, depth in depths.items()
    )


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def _crm_gauges(census: Census, runtime: Runtime) -> list[Metric]:
    """How the CRM does, and its pushes; each without a value where nobody knows."""
    up = GaugeMetricFamily("hookrouter_crm_up", "Whether the CRM gives the leads that it is asked for.")
    calls = GaugeMetricFamily("hookrouter_crm_calls_today", "Calls of the CRM's API made today, by all who use it.")
    limit = GaugeMetricFamily("hookrouter_crm_calls_limit", "The most calls of the CRM's API that may be made today.")
    missed = GaugeMetricFamily("hookrouter_push_missed_share", "The share of a day's changes that no push brought.")
    lag = GaugeMetricFamily("hookrouter_push_lag_seconds", "From a change in the CRM to its push, the median.")
    path = GaugeMetricFamily("hookrouter_push_path_up", "Whether the CRM's pushes come through, by the canary.")
    tokens = GaugeMetricFamily("hookrouter_token_unused_seconds", "Since the last push by a token.", labels=["token"])
    if runtime.config.crm is not None:
        up.add_metric([], census.crm_away() is None)
    if (quota := census.crm_quota()) is not None:
        calls.add_metric([], quota.used)
        limit.add_metric([], quota.limit)
    trust = census.push_trust(runtime.clock.now())
    if trust is not None and trust.share_missed is not None:
        missed.add_metric([], trust.share_missed)
    if trust is not None and trust.lag is not None:
        lag.add_metric([], trust.lag)
    report = census.watch_report(runtime.clock.now())
    if report is not None and (is_open := report.is_open()) is not None:
        path.add_metric([], is_open)
    for place, age in () if report is None else report.unused_for(runtime.clock.now()):
        if age is not None:
            tokens.add_metric([str(place)], age)
    return [path, tokens, up, calls, limit, missed, lag]
