"""The weekly report: sent once, at its moment, as a delivery like all others; by mail through a real server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from runtimes import runtime_at

from hookrouter.domain.figures import LEADS, NEW, ROUTED, Figure, Kind, Tally
from hookrouter.domain.ids import SinkName
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.runtime.sink_side import open_sink_side
from hookrouter.store.figures import add_figures
from hookrouter.store.reported import RedisReported
from hookrouter.testing.mail_server import Mailbox, mail_server
from hookrouter.usecases.report import ROUTE, SendReport
from hookrouter.wire.kept.records import read_delivery

CONFIG = """
version: 1
receiver: {{sources: {{crm: {{token: report-0123456789-0123456789}}}}}}
smtp: {{host: 127.0.0.1, port: {port}, from: crm@example.com, tls: none}}
sinks:
  manager:
    type: email
    to: ["{{{{ lead.owner_email }}}}", boss@example.com]
    digest: {{every: 15m}}
    expire_after: 1h
  log: {{type: stdout}}
times: {{desk: {{timezone: America/New_York}}}}
routes:
  - {{name: hot-lead, during: desk, objective: {{p95: 60s}}, to: [manager, log]}}
report: {{to: [manager, log], every: {every}, timezone: desk}}
"""
DUE = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
"""Eight o'clock in New York, on the day after the clock there was moved; the week before it was 13:00 UTC."""
BEFORE = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Bell:
    """Hears what is rung."""

    def __init__(self) -> None:
        self.rings: list[Stage] = []

    def ring(self, stage: Stage) -> None:
        self.rings.append(stage)


def opened(folder: Path, url: str, prefix: str, *, every: str = "mon 08:00", port: int = 25) -> Runtime:
    return runtime_at(folder, url, CONFIG.format(every=every, port=port), prefix=prefix)


@pytest.fixture
def prefix() -> str:
    return f"t{uuid4().hex[:12]}"


@pytest.fixture
def runtime(tmp_path: Path, valkey: Any, prefix: str) -> Iterator[Runtime]:
    made = opened(tmp_path, valkey.url, prefix)
    yield made
    made.server.client.close()


def sending(runtime: Runtime, bell: Bell | None = None) -> SendReport:
    case = runtime.send_report(bell or Bell())
    assert case is not None
    return case


def waiting(runtime: Runtime, sink: str = "manager") -> list[bytes]:
    entries = runtime.server.call("XRANGE", runtime.keys.again(SinkName(sink)), "-", "+")
    return [fields[b"r"] if isinstance(fields, dict) else fields[1] for _, fields in entries]


def count(runtime: Runtime, day: datetime) -> None:
    tally = Tally(runtime.days.of(day))
    told = Figure(Kind.DELIVERED, "hot-lead", "manager", "", "7 Ada Brown")
    tally.counts.update({LEADS: 12, NEW: 5, ROUTED: 11, told: 9})
    for command in add_figures(runtime.keys, tally):
        runtime.server.call(*command)


def test_it_goes_out_once_a_week_at_its_moment_on_the_wall_also_when_the_clock_was_moved(runtime: Runtime) -> None:
    bell = Bell()
    case = sending(runtime, bell)
    sent = []
    now = BEFORE - timedelta(days=1)
    while now < DUE + timedelta(days=8):
        if case.run(now):
            sent.append(now)
        now += timedelta(minutes=30)

    assert sent == [BEFORE, DUE, DUE + timedelta(days=7)]
    assert bell.rings == [Stage.DELIVER] * 3
    assert len(waiting(runtime)) == len(waiting(runtime, "log")) == 3


def test_whoever_writes_the_rule_gets_no_report_of_the_week_before_it(runtime: Runtime) -> None:
    assert not sending(runtime).run(DUE + timedelta(days=2))
    assert not sending(runtime).run(DUE + timedelta(days=6))
    assert sending(runtime).run(DUE + timedelta(days=7))


def test_another_rule_begins_anew(runtime: Runtime, tmp_path: Path, valkey: Any, prefix: str) -> None:
    assert not sending(runtime).run(DUE)
    edited = opened(tmp_path, valkey.url, prefix, every="tue 09:30")
    wednesday = DUE + timedelta(days=2)

    assert not sending(edited).run(wednesday)
    assert sending(edited).run(wednesday + timedelta(days=7))


def test_after_weeks_without_anybody_who_sends_the_last_report_goes_out_alone(runtime: Runtime) -> None:
    sending(runtime).run(BEFORE)
    late = DUE + timedelta(days=21, hours=5)

    assert sending(runtime).run(late)
    assert not sending(runtime).run(late + SECOND)
    assert len(waiting(runtime)) == 1
    report = read_delivery(waiting(runtime)[0]).report
    assert report is not None
    assert (str(report.first), str(report.last)) == ("2026-03-23", "2026-03-29")


def test_of_many_that_send_at_the_same_time_one_does(runtime: Runtime) -> None:
    sending(runtime).run(BEFORE)
    cases = [sending(runtime) for _ in range(8)]
    start = threading.Barrier(len(cases))
    sent: list[bool] = []

    def run(case: SendReport) -> None:
        start.wait()
        sent.append(case.run(DUE))

    threads = [threading.Thread(target=run, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(sent) == [False] * 7 + [True]
    assert len(waiting(runtime)) == 1


class Killed(BaseException):
    """Stands for SIGKILL."""


def test_one_who_is_killed_right_before_or_right_after_it_is_written_sends_it_once(runtime: Runtime) -> None:
    sending(runtime).run(BEFORE)
    real = RedisReported(server=runtime.server, keys=runtime.keys, layouts=runtime.layouts)

    class DiesBefore:
        last = staticmethod(real.last)

        def send(self, *_: Any) -> bool:
            raise Killed

    class DiesAfter(DiesBefore):
        def send(self, *given: Any) -> bool:
            real.send(*given)
            raise Killed

    for dying in (DiesBefore(), DiesAfter()):
        with pytest.raises(Killed):
            replace(sending(runtime), reported=dying).run(DUE)
    assert not sending(runtime).run(DUE + SECOND)

    [record] = waiting(runtime)
    assert read_delivery(record).route == ROUTE


def test_the_kick_sends_it(runtime: Runtime) -> None:
    now = runtime.backlog.now()
    case = sending(runtime)
    earlier = case.rule.last_due(case.rule.last_due(now) - SECOND)
    case.run(earlier)

    runtime.kick(Bell()).run()
    runtime.kick(Bell()).run()

    assert len(waiting(runtime)) == 1


def test_it_is_looked_after_at_once_though_its_sink_waits_to_gather_others(runtime: Runtime) -> None:
    sending(runtime).run(BEFORE)
    assert sending(runtime).run(DUE)

    outboxes = runtime.backlog.outboxes(runtime.backlog.now())
    assert {sink: (depth.work(runtime.backlog.now()), depth.is_gathering) for sink, depth in outboxes.items()} == {
        "manager": (1, False),
        "log": (1, False),
    }


async def test_a_manager_gets_it_by_mail_at_once_whatever_is_gathered_there(
    tmp_path: Path, valkey: Any, prefix: str
) -> None:
    box = Mailbox()
    async with mail_server(box):
        runtime = opened(tmp_path, valkey.url, prefix, port=box.port)
        for day in (DUE - timedelta(days=1), DUE - timedelta(days=9)):
            count(runtime, day)
        sending(runtime).run(BEFORE)
        assert sending(runtime).run(DUE)
        side = open_sink_side(runtime, lambda: False)
        outbox = await side.leases.outbox(SinkName("manager"))
        assert outbox is not None
        async with asyncio.timeout(20):
            await side.deliver.drain(outbox, SinkName("manager"), asyncio.Event())
        await side.close()

    [envelope] = box.mails
    content = envelope.original_content or envelope.content
    mail = message_from_bytes(content if isinstance(content, bytes) else content.encode(), policy=policy.default)
    assert envelope.rcpt_tos == ["boss@example.com"]
    assert mail["subject"] == "12 leads: 2 to 8 Mar 2026"
    text, page = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "  12 leads came in, 5 of them new, as many as the week before (12)" in text
    assert "  Sun 8  ██████████████████████████████ 12" in text.splitlines()
    assert "Ada Brown" in page
    figures = runtime.make_report().of(sending(runtime).rule.reported(DUE))
    assert figures.totals.delivered == 9  # a report is no message about a lead
    runtime.server.client.close()
