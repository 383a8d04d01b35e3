"""The number by which a cluster chooses how many workers it wants, as it is scraped: real Redis, real records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from runtimes import runtime_at

from hookrouter.domain.circuit import Circuit
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import INTAKE, Layout, Spread, outbox_of
from hookrouter.runtime import Runtime
from hookrouter.store.standing import keep_circuit
from hookrouter.testing.builders import a_delivery
from hookrouter.web.app import create_app
from hookrouter.wire.kept.layout import write_layout
from hookrouter.wire.kept.records import write_delivery

CONFIG = """
version: 1
receiver: {sources: {crm: {token: backlog-0123456789-0123456789}}}
sinks:
  log: {type: stdout}
  billing: {type: http, url: "http://127.0.0.1:9/"}
  slow: {type: http, url: "http://127.0.0.1:9/", rate_limit: 6/min}
  mail: {type: stdout, digest: {every: 1h}}
routes: [{name: hot-lead, to: [log, billing, slow, mail]}]
"""


@pytest.fixture
def runtime(tmp_path: Path, valkey: Any) -> Iterator[Runtime]:
    made = runtime_at(tmp_path, valkey.url, CONFIG, role="web")
    made.backlog.know_sinks(made.config.sinks)
    yield made
    made.server.client.close()


def backlog(runtime: Runtime) -> float:
    """As one who scrapes the page reads it: one value, without labels."""
    page = create_app(runtime).test_client().get("/metrics").get_data(as_text=True)
    [family] = [each for each in text_string_to_metric_families(page) if each.name == "hookrouter_backlog"]
    [sample] = family.samples
    assert sample.labels == {}
    return sample.value


def fill(runtime: Runtime, key: str, entries: int) -> None:
    record = write_delivery(a_delivery())
    runtime.server.call_all([("XADD", key, "*", "r", record)] * entries)


def test_an_idle_system_wants_nobody(runtime: Runtime) -> None:
    assert backlog(runtime) == 0


def test_what_waits_to_be_routed_and_delivered_counts_and_what_waits_for_the_crm_does_not(runtime: Runtime) -> None:
    fill(runtime, runtime.keys.intake(0), 3)
    fill(runtime, runtime.keys.intake(2), 4)
    fill(runtime, runtime.keys.outbox(SinkName("log")), 50)
    for stream in (runtime.keys.hydrate(), runtime.keys.enrich(0)):
        fill(runtime, stream, 7)

    assert backlog(runtime) == 3 + 4 + 50


def test_what_no_worker_could_hasten_does_not_count(runtime: Runtime) -> None:
    now = runtime.clock.now()
    away = Circuit(failures=10, opened_at=now, until=now + timedelta(hours=1), reason="network")
    runtime.server.call(*keep_circuit(runtime.keys, SinkName("billing"), away))
    fill(runtime, runtime.keys.outbox(SinkName("billing")), 80)
    fill(runtime, runtime.keys.outbox(SinkName("slow")), 70)
    fill(runtime, runtime.keys.outbox(SinkName("mail")), 5)
    due = int((now + timedelta(hours=1)).timestamp() * 1000)
    runtime.server.call("ZADD", runtime.keys.retries(SinkName("log")), due, "d_1")

    assert backlog(runtime) == 6  # what the slow one's rate lets out in a minute


def test_a_sink_in_shards_has_work_for_as_many_workers(runtime: Runtime) -> None:
    split = Spread(2, generation=1)
    layout = Layout({INTAKE: Spread(4), outbox_of(SinkName("log")): split})
    runtime.server.call("SET", runtime.keys.layout(), write_layout(layout))

    for place, entries in zip(split.own, (600, 700), strict=True):
        fill(runtime, runtime.keys.outbox(SinkName("log"), *place), entries)

    assert backlog(runtime) == 600 + 700


def test_a_stream_counts_as_much_as_its_one_worker_can_take(runtime: Runtime) -> None:
    fill(runtime, runtime.keys.intake(1), 1500)
    fill(runtime, runtime.keys.intake(3), 200)
    fill(runtime, runtime.keys.outbox(SinkName("log")), 1500)

    assert backlog(runtime) == 1000 + 200 + 1000
