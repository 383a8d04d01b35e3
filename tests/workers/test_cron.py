"""The scheduler kicks again as soon as Redis is there."""

from __future__ import annotations

from pathlib import Path

from ports import free_ports

from hookrouter.clock import SystemClock
from hookrouter.config.settings import read_settings
from hookrouter.runtime import open_runtime
from hookrouter.supervise.free_port import LOOPBACK
from workers.cron import KICK_EVERY, KickScheduler
from workers.pulse import Loop, Pulse


class Impatient(SystemClock):
    """Sleeps are over at once."""

    def sleep(self, seconds: float) -> None:
        """Do not."""


def test_a_scheduler_that_starts_before_redis_does_not_sleep_for_a_minute(tmp_path: Path) -> None:
    (tmp_path / "hookrouter.yaml").write_text(
        "version: 1\nreceiver: {sources: {crm: {token: a-token-for-tests-0123456789}}}\n"
        "sinks: {log: {type: stdout}}\nroutes: [{name: all, to: [log]}]\n"
    )
    [port] = free_ports(1)
    environment = {
        "HOOKROUTER_CONFIG": str(tmp_path / "hookrouter.yaml"),
        "HOOKROUTER_DATA_DIR": str(tmp_path),
        "HOOKROUTER_REDIS_URL": f"redis://{LOOPBACK}:{port}/0",
    }
    runtime = open_runtime(read_settings(environment), role="scheduler", quiet=True)
    runtime.clock = Impatient()
    scheduler = KickScheduler(runtime, Pulse(runtime.clock, Loop.MAIN))

    assert scheduler.enqueue_jobs() == []
    assert scheduler.calculate_sleep_interval() <= KICK_EVERY
