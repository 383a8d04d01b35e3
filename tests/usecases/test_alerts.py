"""Alerts: sent once, through hookrouter's own sinks, also when it is one of these that fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from runtimes import runtime_at

from hookrouter.domain.alert import Alert, AlertKind, AlertMemory, News
from hookrouter.domain.circuit import CLOSED, Circuit
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.pause import Pause
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.runtime.sink_side import open_sink_side
from hookrouter.store.alert_book import RedisAlertBook
from hookrouter.store.standing import SINK, keep_circuit, keep_pause
from hookrouter.testing.builders import a_delivery
from hookrouter.testing.mail_server import Mailbox, mail_server
from hookrouter.usecases.alerts import SendAlerts
from hookrouter.wire.kept.records import read_delivery, write_delivery

CONFIG = """
version: 1
receiver: {{sources: {{crm: {{token: alerts-0123456789-0123456789}}}}}}
smtp: {{host: 127.0.0.1, port: {port}, from: crm@example.com, tls: none}}
sinks:
  ops: {{type: email, to: [ops@example.com], digest: {{every: 15m}}, expire_after: 1h, fallback: {{to: log}}}}
  log: {{type: stdout}}
  billing: {{type: http, url: "http://127.0.0.1:9/"}}
routes: [{{name: hot-lead, to: [billing, ops]}}]
alerts: {{to: {to}, on: [circuit_open, lag, dead, no_push_for: 2h, crm_quota]}}
"""
OPS, LOG, BILLING = SinkName("ops"), SinkName("log"), SinkName("billing")
SECOND = timedelta(seconds=1)


class Bell:
    """Hears what is rung."""

    def __init__(self) -> None:
        self.rings: list[Stage] = []

    def ring(self, stage: Stage) -> None:
        self.rings.append(stage)


def opened(folder: Path, url: str, *, to: str = "[ops]", port: int = 25, prefix: str = "") -> Runtime:
    runtime = runtime_at(folder, url, CONFIG.format(to=to, port=port), prefix=prefix)
    runtime.backlog.know_sinks(runtime.config.sinks)
    return runtime


@pytest.fixture
def runtime(tmp_path: Path, valkey: Any) -> Iterator[Runtime]:
    made = opened(tmp_path, valkey.url)
    yield made
    made.server.client.close()


def alerting(runtime: Runtime, bell: Bell | None = None) -> SendAlerts:
    case = runtime.send_alerts(bell or Bell())
    assert case is not None
    return case


def stands(runtime: Runtime, sink: SinkName, now: datetime, *, broken: bool = True) -> None:
    circuit = Circuit(failures=10, trips=3, opened_at=now, until=now + 10 * SECOND, reason="unauthorized")
    runtime.server.call(*keep_circuit(runtime.keys, sink, circuit if broken else CLOSED))


def waiting(runtime: Runtime, sink: SinkName) -> list[Delivery]:
    entries = runtime.server.call("XRANGE", runtime.keys.again(sink), "-", "+")
    return [read_delivery(fields[b"r"]) for _, fields in entries]


def told(runtime: Runtime, sink: SinkName) -> list[tuple[str, str]]:
    return [(each.alert.kind, each.alert.news) for each in waiting(runtime, sink) if each.alert is not None]


def looks(case: SendAlerts, since: datetime, span: timedelta) -> list[Alert]:
    """What is told over a while in which it is looked every two seconds."""
    found: list[Alert] = []
    now = since
    while now <= since + span:
        found += case.run(now)
        now += 2 * SECOND
    return found


def test_a_sink_that_fails_is_told_once_with_what_to_do_and_once_when_it_is_back(runtime: Runtime) -> None:
    now, bell = runtime.backlog.now(), Bell()
    case = alerting(runtime, bell)
    stands(runtime, BILLING, now)
    [alert] = looks(case, now, timedelta(minutes=30))
    assert alert.title == "The sink billing takes no messages"
    assert "it refuses our credentials. No messages for it wait" in alert.wrong
    assert alert.todo.startswith("Renew the sink's token, password or secret; `hookrouter send-test billing` tries it")

    stands(runtime, BILLING, now, broken=False)
    [over] = looks(case, now + timedelta(minutes=31), timedelta(minutes=10))
    assert over.title == "Over: the sink billing takes messages again"
    assert told(runtime, OPS) == [("circuit_open", "raised"), ("circuit_open", "cleared")]
    assert bell.rings == [Stage.DELIVER] * 2


def test_a_sink_that_a_person_paused_is_no_alert_one_that_is_gone_is(runtime: Runtime) -> None:
    now = runtime.backlog.now()
    runtime.server.call(*keep_pause(runtime.keys, f"{SINK}{BILLING}", Pause(by="ada", reason="", since=now)))
    assert looks(alerting(runtime), now, timedelta(minutes=5)) == []

    runtime.server.call(*keep_pause(runtime.keys, f"{SINK}{BILLING}", Pause(by="hookrouter", reason="", since=now)))
    [alert] = looks(alerting(runtime), now + timedelta(minutes=6), timedelta(minutes=5))
    assert "it says that it is gone" in alert.wrong
    assert "`hookrouter resume billing`" in alert.todo


def test_what_is_about_the_sink_that_tells_it_goes_to_its_fallback_at_once(runtime: Runtime) -> None:
    now = runtime.backlog.now()
    stands(runtime, OPS, now)
    [alert] = looks(alerting(runtime), now, timedelta(minutes=2))

    assert alert.about == OPS
    assert told(runtime, OPS) == []
    [delivery] = waiting(runtime, LOG)
    assert (delivery.in_place_of, delivery.alert) == (OPS, alert)


def test_while_somebody_paused_the_sink_that_tells_it_its_fallback_does(runtime: Runtime) -> None:
    now = runtime.backlog.now()
    runtime.server.call(*keep_pause(runtime.keys, f"{SINK}{OPS}", Pause(by="ada", reason="", since=now)))
    stands(runtime, BILLING, now)
    looks(alerting(runtime), now, timedelta(minutes=2))

    assert (told(runtime, OPS), told(runtime, LOG)) == ([], [("circuit_open", "raised")])


@pytest.mark.parametrize("is_given_up", [False, True])
async def test_what_the_sink_that_tells_it_fails_to_take_goes_to_its_fallback_once(
    tmp_path: Path, valkey: Any, *, is_given_up: bool
) -> None:
    box = Mailbox(reply="550 no" if is_given_up else "451 later")
    async with mail_server(box):
        runtime = opened(tmp_path, valkey.url, port=box.port)
        now = runtime.backlog.now()
        stands(runtime, BILLING, now)
        looks(alerting(runtime), now, timedelta(minutes=2))
        side = open_sink_side(runtime, lambda: False)
        outbox = await side.leases.outbox(OPS)
        assert outbox is not None
        async with asyncio.timeout(20):
            await side.deliver.drain(outbox, OPS, asyncio.Event())
        await side.close()
    assert waiting(runtime, LOG) == []

    looks(alerting(runtime), now + timedelta(minutes=3), timedelta(minutes=20))
    [told_instead] = waiting(runtime, LOG)
    assert (told_instead.in_place_of, told_instead.attempts, told_instead.tries) == (OPS, 0, ())
    assert told_instead.alert is not None
    runtime.server.client.close()


def test_of_several_sinks_each_is_told_and_one_in_whose_place_another_of_them_stands_only_there(
    tmp_path: Path, valkey: Any
) -> None:
    runtime = opened(tmp_path, valkey.url, to="[ops, log, billing]")
    now = runtime.backlog.now()
    stands(runtime, OPS, now)
    looks(alerting(runtime), now, timedelta(minutes=2))

    assert [told(runtime, sink) for sink in (OPS, LOG, BILLING)] == [
        [],
        [("circuit_open", "raised")],
        [("circuit_open", "raised")],
    ]
    assert [delivery.in_place_of for delivery in waiting(runtime, LOG)] == [None]
    runtime.server.client.close()


def test_what_waits_too_long_is_told_with_where(runtime: Runtime) -> None:
    now = runtime.backlog.now()
    runtime.server.call("XADD", runtime.keys.outbox(BILLING), "*", "r", write_delivery(a_delivery()))
    runtime.server.call("XADD", runtime.keys.intake(0), "*", "r", b"{}")
    case = alerting(runtime)
    assert looks(case, now, timedelta(minutes=4)) == []

    alerts = looks(case, now + timedelta(minutes=6), timedelta(minutes=1))
    assert {alert.about: alert.title for alert in alerts} == {
        "route": "Leads wait to be judged by the routes",
        "billing": "Messages wait for the sink billing",
    }


def test_what_waits_to_be_gathered_waits_on_purpose(runtime: Runtime) -> None:
    now = runtime.backlog.now()
    runtime.server.call("XADD", runtime.keys.outbox(OPS), "*", "r", write_delivery(a_delivery()))
    assert looks(alerting(runtime), now, timedelta(minutes=19)) == []

    [alert] = looks(alerting(runtime), now + timedelta(minutes=21), SECOND)
    assert (alert.kind, alert.about) == (AlertKind.LAG, OPS)


async def test_people_get_it_by_mail_at_once_whatever_is_gathered_there(tmp_path: Path, valkey: Any) -> None:
    box = Mailbox()
    async with mail_server(box):
        runtime = opened(tmp_path, valkey.url, port=box.port)
        now = runtime.backlog.now()
        stands(runtime, BILLING, now - timedelta(hours=3))
        looks(alerting(runtime), now - timedelta(hours=3), timedelta(minutes=2))
        side = open_sink_side(runtime, lambda: False)
        outbox = await side.leases.outbox(OPS)
        assert outbox is not None
        async with asyncio.timeout(20):
            await side.deliver.drain(outbox, OPS, asyncio.Event())
        await side.close()
        runtime.server.client.close()

    [envelope] = box.mails
    assert b"Subject: hookrouter: The sink billing takes no messages" in (envelope.original_content or b"")


def test_of_many_that_look_at_the_same_time_one_tells(runtime: Runtime) -> None:
    now = runtime.backlog.now()
    stands(runtime, BILLING, now)
    alerting(runtime).run(now)
    cases = [alerting(runtime) for _ in range(8)]
    start = threading.Barrier(len(cases))

    def run(case: SendAlerts) -> None:
        start.wait()
        case.run(now + timedelta(minutes=2))

    threads = [threading.Thread(target=run, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(runtime, OPS) == [("circuit_open", "raised")]


class Killed(BaseException):
    """Stands for SIGKILL."""


def test_one_who_is_killed_right_before_or_right_after_it_is_written_tells_it_once(runtime: Runtime) -> None:
    real = RedisAlertBook(server=runtime.server, keys=runtime.keys, layouts=runtime.layouts)

    class Dies:
        def __init__(self, *, before: bool) -> None:
            self.before = before

        def read(self) -> tuple[bytes, AlertMemory]:
            return real.read()

        failed = staticmethod(real.failed)

        def write(self, was: bytes, memory: AlertMemory, deliveries: Sequence[Delivery]) -> bool:
            if not self.before:
                real.write(was, memory, deliveries)
            raise Killed

    now = runtime.backlog.now()
    stands(runtime, BILLING, now)
    alerting(runtime).run(now)
    for number, before in enumerate((True, False)):
        with pytest.raises(Killed):
            replace(alerting(runtime), book=Dies(before=before)).run(now + timedelta(minutes=2 + number))
    assert looks(alerting(runtime), now + timedelta(minutes=4), timedelta(minutes=2)) == []

    assert told(runtime, OPS) == [("circuit_open", "raised")]


def test_the_kick_looks(runtime: Runtime) -> None:
    stands(runtime, BILLING, runtime.backlog.now() - timedelta(hours=1))
    alerting(runtime).run(runtime.backlog.now() - timedelta(hours=1))

    runtime.kick(Bell()).run()
    runtime.kick(Bell()).run()

    assert told(runtime, OPS) == [("circuit_open", "raised")]


def test_memory_that_cannot_be_read_begins_anew_and_stops_nothing(runtime: Runtime) -> None:
    now = runtime.backlog.now()
    runtime.server.call("SET", runtime.keys.alerts(), b'{"v":1,"looked":"x"}')
    stands(runtime, BILLING, now)

    [alert] = looks(alerting(runtime), now, timedelta(minutes=2))
    assert alert.news is News.RAISED
