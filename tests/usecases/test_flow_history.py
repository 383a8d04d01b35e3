"""The history of the flow: one sample a minute whoever takes it, in which every count is found once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from runtimes import runtime_at

from hookrouter.domain.figures import LEADS, Figure, Kind, Tally
from hookrouter.domain.flow_history import Reading, Sample
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.runtime import Runtime
from hookrouter.runtime.overview import Overview
from hookrouter.store.figures import add_figures
from hookrouter.store.flow_history import LIFE, MOST_MINUTES, MOST_SAMPLES, RedisFlowHistory
from hookrouter.usecases.flowing.sample import SampleFlow

CONFIG = """
version: 1
receiver: {sources: {crm: {token: flow-0123456789-0123456789}, web: {token: web-0123456789-0123456789}}}
sinks: {sales: {type: stdout}, log: {type: stdout}}
routes: [{name: hot-lead, to: [sales, log]}]
"""
NOON = datetime(2026, 3, 4, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOLD = Figure(Kind.DELIVERED, "hot-lead", "sales", "", "7 Ada Brown")
BY_HOT_LEAD = Figure(Kind.DELIVERED, "hot-lead", "sales")


class Bell:
    """Hears nothing."""

    def ring(self, stage: object) -> None:
        """Ring."""


@pytest.fixture
def runtime(tmp_path: Path, valkey: Any) -> Iterator[Runtime]:
    made = runtime_at(tmp_path, valkey.url, CONFIG)
    yield made
    made.server.client.close()


def count(runtime: Runtime, day: date, **counts: int) -> None:
    figures = {"leads": LEADS, "told": TOLD}
    tally = Tally(day, Counter({figures[name]: number for name, number in counts.items()}))
    for command in add_figures(runtime.keys, tally):
        runtime.server.call(*command)


def history(runtime: Runtime) -> RedisFlowHistory:
    return RedisFlowHistory(server=runtime.server, keys=runtime.keys)


def leads(runtime: Runtime) -> list[int]:
    """Of each minute, the first one first."""
    return [minute.leads for minute in reversed(history(runtime).minutes(100))]


def test_each_minute_has_what_was_counted_in_it_and_none_has_what_was_before_the_first(runtime: Runtime) -> None:
    sample, day = runtime.sample_flow(), NOON.date()
    count(runtime, day, leads=1000)
    assert sample.run(NOON)
    count(runtime, day, leads=3, told=2)
    assert not sample.run(NOON + timedelta(seconds=10))
    assert sample.run(NOON + MINUTE)
    assert sample.run(NOON + 2 * MINUTE)
    count(runtime, day, leads=4)
    assert sample.run(NOON + 3 * MINUTE)

    assert leads(runtime) == [3, 0, 4]
    newest, _, oldest = history(runtime).samples(10)
    assert (newest.counts, newest.seconds) == (Counter({LEADS: 4}), 60)
    assert oldest.counts == Counter({LEADS: 3, BY_HOT_LEAD: 2})  # and nobody's name


def test_a_minute_over_midnight_has_what_both_days_have_of_it(runtime: Runtime) -> None:
    sample, today = runtime.sample_flow(), NOON.date()
    late = NOON.replace(hour=23, minute=58)
    sample.run(late)
    count(runtime, today, leads=1)
    sample.run(late + MINUTE)
    count(runtime, today, leads=2)
    count(runtime, today + timedelta(days=1), leads=3)
    sample.run(late + 2 * MINUTE)
    count(runtime, today, leads=5)  # by a worker whose clock is behind
    sample.run(late + 3 * MINUTE)
    for later in range(20, 24):
        sample.run(late + later * MINUTE)

    assert leads(runtime) == [1, 5, 5, 0, 0, 0, 0]


def test_many_who_take_it_at_the_same_time_take_one(runtime: Runtime) -> None:
    sample = runtime.sample_flow()
    sample.run(NOON)
    for minute in range(1, 6):
        count(runtime, NOON.date(), leads=7)
        start, took = threading.Barrier(6), list[bool]()

        def run(start: threading.Barrier, took: list[bool], at: datetime) -> None:
            start.wait()
            took.append(sample.run(at))

        at = NOON + minute * MINUTE
        threads = [threading.Thread(target=run, args=(start, took, at)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(took) == [False] * 5 + [True]

    assert leads(runtime) == [7] * 5


class Killed(BaseException):
    """Stands for SIGKILL."""


def test_who_is_killed_right_before_or_right_after_it_is_written_loses_and_doubles_nothing(runtime: Runtime) -> None:
    real = history(runtime)

    class DiesBefore(RedisFlowHistory):
        def keep(self, _mark: str, _reading: Reading, _sample: Sample | None) -> bool:
            raise Killed

    class DiesAfter(RedisFlowHistory):
        def keep(self, mark: str, reading: Reading, sample: Sample | None) -> bool:
            real.keep(mark, reading, sample)
            raise Killed

    sample = runtime.sample_flow()
    sample.run(NOON)
    for minute, dying in enumerate((DiesBefore, DiesAfter), start=1):
        count(runtime, NOON.date(), leads=minute)
        dies: SampleFlow = replace(sample, history=dying(server=runtime.server, keys=runtime.keys))
        with pytest.raises(Killed):
            dies.run(NOON + minute * MINUTE)
        sample.run(NOON + minute * MINUTE + timedelta(seconds=2))

    assert leads(runtime) == [1, 2]


def test_while_nobody_looks_a_long_minute_has_all_of_it_and_after_days_it_begins_anew(runtime: Runtime) -> None:
    sample = runtime.sample_flow()
    sample.run(NOON)
    count(runtime, NOON.date(), leads=30)
    sample.run(NOON + 10 * MINUTE)
    [long] = history(runtime).minutes(9)
    assert (long.leads, long.seconds) == (30, 600)

    count(runtime, NOON.date(), leads=900)
    sample.run(NOON + timedelta(days=3))
    count(runtime, NOON.date() + timedelta(days=3), leads=2)
    sample.run(NOON + timedelta(days=3) + MINUTE)
    assert leads(runtime) == [30, 2]


def test_figures_that_shrank_with_a_redis_that_came_back_without_them_count_from_nothing(runtime: Runtime) -> None:
    sample, day = runtime.sample_flow(), NOON.date()
    count(runtime, day, leads=50)
    sample.run(NOON)
    runtime.server.call("DEL", runtime.keys.figures(day))
    count(runtime, day, leads=4)
    sample.run(NOON + MINUTE)

    assert leads(runtime) == [4]


def test_a_clock_that_is_set_back_stops_it_for_minutes_at_most(runtime: Runtime) -> None:
    sample = runtime.sample_flow()
    sample.run(NOON)
    assert not sample.run(NOON - 2 * MINUTE)
    assert sample.run(NOON - timedelta(hours=3))
    count(runtime, NOON.date(), leads=6)
    assert sample.run(NOON - timedelta(hours=3) + MINUTE)

    assert leads(runtime) == [6]


def test_it_is_capped_and_expires_and_records_that_cannot_be_read_leave_a_gap(runtime: Runtime) -> None:
    kept, sample = history(runtime), Sample(at=NOON, seconds=60)
    for minute in range(MOST_MINUTES + 5):
        mark, _ = kept.last()
        at = NOON + minute * MINUTE
        assert kept.keep(mark, Reading(at=at), replace(sample, at=at))
    runtime.server.call("LSET", runtime.keys.flow_minutes(), 0, b'{"v":1,"m":["soon"]}')
    runtime.server.call("LSET", runtime.keys.flow_samples(), 0, b"{")
    runtime.server.call("SET", runtime.keys.flow_totals(), b'{"v":9}')

    assert len(kept.minutes(10_000)) == MOST_MINUTES - 1
    assert len(kept.samples(10_000)) == MOST_SAMPLES - 1
    assert kept.last()[1] == Reading()
    names = [getattr(runtime.keys, f"flow_{name}")() for name in ("sampled", "totals", "minutes", "samples")]
    runtime.server.call("SET", names[1], b"", "EX", LIFE)
    assert all(0 < runtime.server.call("TTL", name) <= LIFE for name in names)


def test_the_kick_takes_it_and_pushes_are_told_by_their_source(runtime: Runtime) -> None:
    server, keys = runtime.server, runtime.keys
    runtime.kick(Bell()).run()
    before = runtime.backlog.now() - MINUTE
    mark, _ = history(runtime).last()
    assert history(runtime).keep(mark, Reading(at=before), None)
    for number in range(6):
        at = (before + timedelta(seconds=number + 1)).timestamp()
        server.call("ZADD", keys.pushes(), at, f"p_{number}")
        server.call("HSET", keys.push(f"p_{number}"), "source", "web" if number % 3 else "crm")  # type: ignore[arg-type]
    server.call("ZADD", keys.pushes(), before.timestamp() + 1, "r_1")
    server.call("XADD", keys.outbox(SinkName("sales")), "*", "r", b"{}")
    runtime.backlog.know_sinks([SinkName("sales")])
    runtime.kick(Bell()).run()

    [sample] = history(runtime).samples(5)
    assert sample.pushes == {"crm": 2, "web": 4}
    assert sample.waiting == {"sales": 1}
    assert sample.minute.waiting == 1
    few = history(runtime).pushes(before, before + MINUTE, 4)  # of which one was brought by reconcile
    assert sum(few.values()) in (5, 6)
    assert set(few) == {SourceName("crm"), SourceName("web")}


def test_a_picture_counts_the_last_minutes_and_what_came_since(runtime: Runtime) -> None:
    now = runtime.clock.now()
    sample, day = runtime.sample_flow(), runtime.days.of(now - 9 * MINUTE)
    sample.run(now - 9 * MINUTE)
    for ago in (8, 4, 3, 2, 1):
        count(runtime, day, leads=10, told=1)
        sample.run(now - ago * MINUTE)
    count(runtime, day, leads=5)
    flow = Overview(runtime).flow().look()

    assert flow.since is not None
    assert abs((flow.at - flow.since) - 8 * MINUTE) < timedelta(seconds=30)
    assert flow.kinds == {Kind.LEADS: 45, Kind.DELIVERED: 4}  # the first of the samples is too old
    assert {sink.name: sink.delivered for sink in flow.sinks} == {"sales": 4, "log": 0}
    assert flow.headline == "Leads flow"


def test_a_picture_by_a_clock_that_is_behind_that_of_the_samples_counts_all_the_same(runtime: Runtime) -> None:
    now = runtime.clock.now()
    sample, day = runtime.sample_flow(), runtime.days.of(now)
    sample.run(now - MINUTE)
    count(runtime, day, leads=7)
    sample.run(now + MINUTE)
    count(runtime, day, leads=2)
    flow = Overview(runtime).flow().look()

    assert flow.kinds == {Kind.LEADS: 9}
    assert flow.since is not None
    assert abs(flow.since - (now - MINUTE)) < timedelta(milliseconds=2)


def test_when_nobody_took_samples_for_days_nothing_was_counted(runtime: Runtime) -> None:
    now = runtime.clock.now()
    runtime.sample_flow().run(now - timedelta(days=2))
    count(runtime, runtime.days.of(now), leads=7)

    assert Overview(runtime).flow().look().headline == "Nothing was counted yet"


def test_the_course_of_the_last_hours_ends_with_the_last_whole_minute(runtime: Runtime) -> None:
    sample = runtime.sample_flow()
    end = runtime.clock.now().replace(second=0, microsecond=0)
    sample.run(end - 62 * MINUTE)
    for ago in (61, 60, 30, 0):
        at = end - ago * MINUTE
        count(runtime, runtime.days.of(at), leads=60)
        sample.run(at)
    points = Overview(runtime).flow().course(timedelta(hours=1))

    assert [point.at for point in points] == [end - ago * MINUTE for ago in range(59, -1, -1)]
    assert {point.leads for point in points} == {2.0}
    day_long = Overview(runtime).flow().course(timedelta(hours=24))
    assert len(day_long) <= 240
    assert [point.leads for point in day_long if point.leads is not None][-2:] == [2.0, 2.0]
    assert day_long[0].leads is None
