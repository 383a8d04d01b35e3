"""What `retention` of the configuration says is what becomes of each kind of record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from runtimes import runtime_at

from hookrouter.domain.ids import LeadKey, PushId, SinkName, SourceName
from hookrouter.domain.outcome import Answer, Dead, Reason
from hookrouter.domain.push import Push
from hookrouter.domain.schedule import Bury
from hookrouter.ports.outbox import Attempt, Attempted, Cursor
from hookrouter.runtime import Runtime
from hookrouter.store.async_server import AsyncRedisServer

CONFIGURATION = """
version: 1
receiver: {sources: {crm: {token: a-token-only-for-tests-000}}}
sinks: {log: {type: stdout}}
routes: [{name: all, to: [log]}]
retention: {pushes: 1h, deliveries: 2h, dead: 3h, rejected: 4h, snapshots: 5h}
"""
CRM, LOG = SourceName("crm"), SinkName("log")
HOUR = 3600


@pytest.fixture
def runtime(valkey: Any, tmp_path: Path, keys: Any) -> Runtime:
    return runtime_at(tmp_path, valkey.url, CONFIGURATION, role="cli", prefix=keys.prefix, HOOKROUTER_PARTITIONS="1")


async def test_each_kind_of_record_expires_when_it_should(runtime: Runtime) -> None:
    store = AsyncRedisServer(runtime.url)
    await go_the_whole_way(runtime, store)
    keys, [rejection] = runtime.keys, runtime.server.call("ZRANGE", runtime.keys.rejected_leads(), 0, -1)
    [letter] = runtime.server.call("ZRANGE", runtime.keys.dead_letters(), 0, -1)

    lives = {
        name: runtime.server.call("TTL", key)
        for name, key in {
            "push": keys.push(PushId("p_1")),
            "refused push": keys.push(PushId("p_2")),
            "refused pushes": keys.refused_pushes(),
            "before": keys.before(PushId("p_1"), 0),
            "rejected": keys.rejected_lead(rejection.decode()),
            "dead": keys.dead_letter(letter.decode()),
            "snapshot": keys.snapshot(CRM, LeadKey("1")),
        }.items()
    }

    assert {name: round(life / HOUR) for name, life in lives.items()} == {
        "push": 1,
        "refused push": 1,
        "refused pushes": 1,
        "before": 1,
        "rejected": 4,
        "dead": 3,
        "snapshot": 5,
    }
    await store.close()


async def go_the_whole_way(runtime: Runtime, store: AsyncRedisServer) -> None:
    """A push with a good and a bad lead is taken and routed, another refused, a delivery dies."""
    body = b'[{"id":"1","leadStatus":"open"},{"id":"2","leadScore":"none"}]'
    push = Push(id=PushId("p_1"), source=CRM, received_at=datetime.now(UTC), body=body, headers={})
    runtime.push_log().accept(push, runtime.push_reader.read(body, {}, push.received_at))
    refused = Push(id=PushId("p_2"), source=CRM, received_at=datetime.now(UTC), body=b"{", headers={})
    runtime.push_log().keep_refused(refused, "not JSON")
    leases = runtime.leases(store)
    intake = await leases.intake(0)
    assert intake is not None
    await runtime.router(runtime.wake).drain(intake, "intake:0")
    outbox = await leases.outbox(LOG)
    assert outbox is not None
    [entry] = await outbox.read(Cursor(), 10)
    at = datetime.now(UTC)
    attempt = Attempt(at=at, seconds=0.1, outcome=Dead(reason=Reason.REFUSED, answer=Answer(status=404, text="no")))
    tried = entry.delivery.with_attempt(at)
    await outbox.settle([Attempted(entry=entry, delivery=tried, attempt=attempt, step=Bury(reason=Reason.REFUSED))])


@pytest.mark.parametrize(("index", "hours"), [("pushes", 1), ("dead_letters", 3), ("rejected_leads", 4)], ids=str)
def test_an_index_is_trimmed_when_its_time_is_over_and_no_sooner(runtime: Runtime, index: str, hours: int) -> None:
    key, at = getattr(runtime.keys, index)(), datetime.now(UTC)
    runtime.server.call("ZADD", key, at.timestamp(), "old", (at + timedelta(seconds=2)).timestamp(), "new")

    runtime.backlog.forget_old(at + timedelta(hours=hours, seconds=-1))
    assert runtime.server.call("ZRANGE", key, 0, -1) == [b"old", b"new"]
    runtime.backlog.forget_old(at + timedelta(hours=hours, seconds=1))

    assert runtime.server.call("ZRANGE", key, 0, -1) == [b"new"]


@pytest.mark.parametrize("log", ["attempts", "decisions"])
def test_a_log_is_trimmed_to_the_moment_also_where_it_has_few_entries(runtime: Runtime, log: str) -> None:
    key, at = getattr(runtime.keys, log)(), datetime.now(UTC)
    ids = [f"{int((at + timedelta(seconds=number)).timestamp() * 1000)}-0" for number in range(3)]
    for each in ids:
        runtime.server.call("XADD", key, each, "r", "{}")

    runtime.backlog.forget_old(at + timedelta(hours=2, seconds=-1))
    assert runtime.server.call("XLEN", key) == 3
    runtime.backlog.forget_old(at + timedelta(hours=2, seconds=1.5))

    assert [entry.decode() for entry, _ in runtime.server.call("XRANGE", key, "-", "+")] == ids[2:]


def test_the_kick_trims(runtime: Runtime) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    runtime.server.call("ZADD", runtime.keys.pushes(), long_ago.timestamp(), "p_old")
    runtime.server.call("XADD", runtime.keys.attempts(), f"{int(long_ago.timestamp() * 1000)}-0", "r", "{}")

    runtime.kick(runtime.wake).run()

    assert not runtime.server.call("ZCARD", runtime.keys.pushes())
    assert not runtime.server.call("XLEN", runtime.keys.attempts())
