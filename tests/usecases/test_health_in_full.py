"""`/health`: every part of the contract, in the words of the draft, with what to do; `status` tells the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from runtimes import runtime_at

from hookrouter import __version__
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.health import Part, Status
from hookrouter.domain.ids import PushId, RouteName, SinkName, SourceName
from hookrouter.domain.layout import outbox_of
from hookrouter.domain.push import Push
from hookrouter.domain.streams_health import sharing_part, spread_part
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.store.standing import keep_circuit
from hookrouter.store.turns import RedisTurns
from hookrouter.testing.builders import a_delivery
from hookrouter.web.app import create_app
from hookrouter.wire.kept.records import read_record, write_delivery, write_values
from hookrouter.wire.pushes.lead_schema import read_batch

CONFIG = """
version: 1
receiver: {{sources: {{crm: {{token: health-0123456789-0123456789}}}}}}
{crm}
sinks: {{billing: {{type: http, url: "http://127.0.0.1:9/"}}, log: {{type: stdout}}}}
routes: [{{name: hot-lead, to: [billing, log]}}]
alerts: {{to: [log, billing], on: [circuit_open, dead, no_push_for: 2h]}}
"""
CRM = 'crm: {account_id: "2_0A1B2C3D", secret_key: "0A1B2C3D4E5F", daily_limit: 100}'
PARTS = {
    "redis",
    "receiver",
    "workers",
    "scheduler",
    *(f"stream:{stage}" for stage in ("hydrate", "route", "assign", "enrich", "claim")),
    "sink:billing",
    "sink:log",
    "crm",
    "subscription",
    "last_push",
    "spool",
    "dead",
    "rejected",
    "unreadable",
    "configuration",
    "metrics",
    "alerts",
}
"""What is always told of."""


@pytest.fixture(params=[CRM, ""], ids=["crm", "no crm"])
def runtime(tmp_path: Path, valkey: Any, request: pytest.FixtureRequest) -> Iterator[Runtime]:
    made = runtime_at(tmp_path, valkey.url, CONFIG.format(crm=request.param), role="web")
    made.backlog.know_sinks(made.config.sinks)
    yield made
    made.server.client.close()


def health(runtime: Runtime) -> Any:
    answer = create_app(runtime).test_client().get("/health")
    assert answer.content_type == "application/health+json"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_json(force=True)


def check(runtime: Runtime, name: str) -> Any:
    [found] = health(runtime)["checks"][name]
    return found


def test_every_part_is_there_in_the_words_of_the_draft(runtime: Runtime) -> None:
    report = health(runtime)

    assert set(report["checks"]) >= PARTS
    assert (report["version"], report["releaseId"], report["serviceId"]) == ("1", __version__, runtime.keys.prefix)
    assert report["status"] == "fail"
    assert report["output"].startswith(
        "workers: 0 processes, no worker lives: pushes are kept, none delivered; start `hookrouter"
    )
    for name, [found] in report["checks"].items():
        assert found["componentType"] in {"component", "datastore", "system"}, name
        assert found["componentId"]
        assert datetime.fromisoformat(found["time"]).tzinfo is not None
        assert ("output" in found) == (found["status"] != "pass"), name


def test_without_the_right_to_details_how_well_it_does_is_all_that_is_told(runtime: Runtime) -> None:
    answer = create_app(runtime).test_client().get("/health", environ_base={"REMOTE_ADDR": "203.0.113.9"})

    assert answer.get_json(force=True) == {"status": "fail"}


def test_what_waits_says_since_when_and_what_to_do(runtime: Runtime) -> None:
    waited = runtime.backlog.now() - timedelta(minutes=12)
    entry = f"{int(waited.timestamp() * 1000)}-0"
    runtime.server.call("XADD", runtime.keys.intake(0), entry, "r", b"{}")
    runtime.server.call("XADD", runtime.keys.outbox(SinkName("log")), entry, "r", write_delivery(a_delivery()))

    stage, sink = check(runtime, "stream:route"), check(runtime, "sink:log")
    assert (stage["status"], stage["observedValue"], stage["observedUnit"]) == ("warn", 1, "entries")
    assert stage["output"].startswith("the oldest waits for 12 min: see that workers live")
    assert sink["output"].startswith("the oldest waits for 12 min: see whether its far side is slow")


def test_a_change_of_the_partitions_is_seen_while_it_is_under_way(runtime: Runtime) -> None:
    runtime.keep_layout.run()
    runtime.server.call("XADD", runtime.keys.intake(0), "*", "r", b"{}")
    runtime.settings = replace(runtime.settings, partitions=8)
    runtime.keep_layout.run()

    changing = check(runtime, "spread:intake")
    assert (changing["status"], changing["observedValue"]) == ("pass", "from 4 to 8 streams")
    assert changing["note"] == "1 waiting in the former ones go first"
    metrics = create_app(runtime).test_client().get("/metrics").get_data(as_text=True)
    assert 'hookrouter_streams{what="intake"} 8.0' in metrics
    assert 'hookrouter_former_entries{what="intake"} 1.0' in metrics

    runtime.server.call("XTRIM", runtime.keys.intake(0), "MAXLEN", 0)
    runtime.keep_layout.run()
    assert "spread:intake" not in {part.name for part in runtime.examine().all()}


def test_partitions_and_shards_in_force_are_told(runtime: Runtime) -> None:
    runtime.keep_layout.run()
    book = runtime.keep_layout.book
    was = book.read()
    assert book.swap(was, was.toward({outbox_of(SinkName("log")): 3}))

    checks = health(runtime)["checks"]

    told = {name: found["streams"] for name, [found] in checks.items() if "streams" in found}
    assert told == {"stream:route": runtime.settings.partitions, "sink:log": 3}


def test_which_worker_serves_how_much_is_told_where_there_are_several(runtime: Runtime) -> None:
    for stage, worker in ((Stage.ROUTE, "ada"), (Stage.ROUTE, "ben"), (Stage.DELIVER, "ada")):
        RedisTurns(server=runtime.server, keys=runtime.keys, stage=stage, worker=worker).look([], seeks=False)
    runtime.server.call("SET", runtime.keys.lease(runtime.keys.intake(0)), "ben_0123456789ab")

    checks = health(runtime)["checks"]

    [sharing] = checks["sharing:intake"]
    assert (sharing["status"], sharing["observedValue"]) == ("pass", "0 by ada, 1 by ben")
    assert "sharing:sinks" not in checks


def test_of_many_workers_some_are_named() -> None:
    part = sharing_part("sinks", {f"worker-{number:02}": number for number in range(14)})

    assert part is not None
    assert str(part.value).startswith("0 by worker-00, 1 by worker-01, ")
    assert str(part.value).endswith(", 11 by worker-11, 25 by 2 more")


def test_a_full_redis_is_named_with_what_to_do(runtime: Runtime) -> None:
    client = create_app(runtime).test_client()
    runtime.server.call("CONFIG", "SET", "maxmemory", "1")
    try:
        report = client.get("/health").get_json(force=True)
        metrics = client.get("/metrics").get_data(as_text=True)
    finally:
        runtime.server.call("CONFIG", "SET", "maxmemory", "0")

    [redis] = report["checks"]["redis"]
    assert (redis["status"], redis["observedValue"]) == ("fail", "Redis is full")
    assert redis["output"].startswith("raise its maxmemory, at once by `CONFIG SET maxmemory`")
    assert "\nhookrouter_redis_memory_limit_bytes 1.0\n" in metrics
    used = next(line for line in metrics.splitlines() if line.startswith("hookrouter_redis_memory_bytes "))
    assert float(used.split()[1]) > 1
    assert "\nhookrouter_redis_memory_limit_bytes " not in client.get("/metrics").get_data(as_text=True)


@pytest.mark.parametrize(
    ("text", "value", "advice"),
    [
        (b'{"v":99}', "a later release of hookrouter wrote", "run that release here too"),
        (b"{{{", "something else wrote over it", "put back what stood at"),
    ],
)
def test_streams_that_are_laid_out_unreadably_are_told_of(
    runtime: Runtime, text: bytes, value: str, advice: str
) -> None:
    runtime.server.call("SET", runtime.keys.layout(), text)

    redis = check(runtime, "redis")

    assert redis["status"] == "fail"
    assert value in redis["observedValue"]
    assert redis["output"].startswith(advice)


def test_a_change_that_makes_no_progress_says_since_when_and_what_to_do(runtime: Runtime) -> None:
    sink = SinkName("log")
    shut = runtime.keys.shut(sink, RouteName("hot-lead"))
    runtime.server.call("XADD", runtime.keys.outbox(sink), "*", "r", write_delivery(a_delivery()))
    runtime.server.call("XADD", shut, "*", "r", write_delivery(a_delivery()))
    runtime.server.call("SADD", runtime.keys.shut_routes(sink), "hot-lead")
    runtime.server.call("ZADD", runtime.keys.retries(sink), 1, "d_1", 2, "d_2")
    book = runtime.keep_layout.book
    was = book.read()
    assert book.swap(was, was.toward({outbox_of(sink): 4}))
    census, began = runtime.census, runtime.backlog.now()

    def part(minutes: float) -> Part:
        now, layout = began + timedelta(minutes=minutes), census.layout()
        [(name, spread)] = layout.changing.items()
        return spread_part(name, spread, census.left_behind(layout, now)[name], now)

    assert check(runtime, "spread:outbox:log")["status"] == "pass"
    assert (part(0.9).status, part(0.9).advice) == (Status.PASS, "4 waiting in the former ones go first")
    assert part(3).status is Status.WARN
    assert part(3).advice.startswith("4 waiting in the former ones go first, as many as 3 min ago: workers move them")
    runtime.server.call("ZREM", runtime.keys.retries(sink), "d_1")
    assert part(3).status is Status.PASS
    assert part(5).status is Status.WARN
    runtime.server.call("DEL", runtime.keys.outbox(sink), runtime.keys.retries(sink), runtime.keys.shut_routes(sink))
    assert not runtime.keep_layout.go_on()
    assert census.layout().changing == {}
    assert runtime.server.call("EXISTS", runtime.keys.left_behind()) == 0


def test_dead_letters_say_of_what_they_are_why_and_what_to_do(runtime: Runtime) -> None:
    for number in range(3):
        delivery = read_record(write_delivery(a_delivery()))
        at = "2026-11-18T12:00:00+00:00"
        letter = {"id": f"d_{number}", "delivery": delivery, "reason": "rendering", "status": None, "answer": "line 1"}
        record = write_values({**letter, "first_at": at, "last_at": at})
        runtime.server.call("SET", runtime.keys.dead_letter(f"d_{number}"), record)
        runtime.server.call("ZADD", runtime.keys.dead_letters(), number, f"d_{number}")

    dead = check(runtime, "dead")
    known = a_delivery()
    assert dead["observedValue"] == 3
    assert dead["output"].startswith(f"3 for {known.sink} by {known.route}: the rule's template cannot be filled; ")
    assert f"then `hookrouter dead replay --sink {known.sink}` sends them" in dead["output"]


def test_a_sink_that_fails_and_an_old_push_are_told_as_the_alerts_tell_them(runtime: Runtime) -> None:
    now = runtime.backlog.now()
    circuit = Circuit(failures=10, opened_at=now - timedelta(minutes=9), until=now + timedelta(hours=1), reason="tls")
    runtime.server.call(*keep_circuit(runtime.keys, SinkName("billing"), circuit))
    runtime.server.call("ZADD", runtime.keys.pushes(), (now - timedelta(hours=3)).timestamp(), "p_1")
    case = runtime.send_alerts(runtime.wake)
    assert case is not None
    for ago in (timedelta(minutes=2), timedelta()):
        case.run(now - ago)

    assert "(tls): have its certificate mended" in check(runtime, "sink:billing")["output"]
    assert check(runtime, "last_push")["output"].startswith("no push for 3 h: `hookrouter subscribe --verify` tells")
    assert check(runtime, "alerts")["observedValue"] == (
        "The sink billing takes no messages (9 min ago); No push for 3 h (3 h ago)"
    )


def test_of_rejected_leads_it_is_told_what_is_wrong_with_the_newest(runtime: Runtime) -> None:
    push = Push(id=PushId("p_1"), source=SourceName("crm"), received_at=runtime.backlog.now(), body=b"[]", headers={})
    runtime.push_log().accept(push, read_batch([{"firstName": "Ada"}, {"id": "1", "leadScore": "Ada"}]))

    told = check(runtime, "rejected")

    assert told["observedValue"] == 2
    assert told["output"].startswith(
        "of the newest: not a number (leadScore); `hookrouter rejected show p_1-1` shows it"
    )
    assert "Ada" not in told["output"]


def test_the_days_calls_that_run_out_say_who_must_do_without(runtime: Runtime) -> None:
    day = int(runtime.backlog.now().timestamp()) // 86_400
    runtime.server.call("HSET", runtime.keys.crm_calls(), "day", day, "used", 97)
    told = health(runtime)["checks"].get("crm_calls")

    if runtime.config.crm is None:
        assert told is None
    else:
        assert told[0]["observedValue"] == "97 of 100 today"
        assert told[0]["output"].startswith("neither histories nor missed changes are asked for any more; ")
        assert "`crm.daily_limit` may say more" in told[0]["output"]
