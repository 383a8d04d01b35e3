"""The scheduler kicks again as soon as Redis is there."""

from __future__ import annotations

from pathlib import Path

from ports import free_ports
from runtimes import runtime_at

from hookrouter.clock import SystemClock
from hookrouter.supervise.free_port import LOOPBACK
from workers.cron import KICK_EVERY, KickScheduler
from workers.pulse import Loop, Pulse


class Impatient(SystemClock):
    """Sleeps are over at once."""

    def sleep(self, seconds: float) -> None:
        """Do not."""


def test_a_scheduler_that_starts_before_redis_does_not_sleep_for_a_minute(tmp_path: Path) -> None:
    [port] = free_ports(1)
    runtime = runtime_at(
        tmp_path,
        f"redis://{LOOPBACK}:{port}/0",
        "version: 1\nreceiver: {sources: {crm: {token: a-token-for-tests-0123456789}}}\n"
        "sinks: {log: {type: stdout}}\nroutes: [{name: all, to: [log]}]\n",
        role="scheduler",
    )
    runtime.clock = Impatient()
    scheduler = KickScheduler(runtime, Pulse(runtime.clock, Loop.MAIN))

    assert scheduler.enqueue_jobs() == []
    assert scheduler.calculate_sleep_interval() <= KICK_EVERY
