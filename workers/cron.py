"""The scheduler process: RQ's cron with one entry, the kick."""

from __future__ import annotations

import redis
from rq import Queue
from rq.cron import CronJob, CronScheduler
from rq.job import Job
from rq.serializers import JSONSerializer

from hookrouter import __version__
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.process_events import ProcessStarted, ProcessStopped
from hookrouter.runtime import Runtime
from hookrouter.store.failures import failure
from hookrouter.store.keys import queue_name
from hookrouter.store.wake import JOB_SECONDS, KICK, MOST_WAITING
from workers.leaving import leave_in_time, stop_on_signals
from workers.pulse import Loop, Pulse
from workers.scrapes import serve_scrapes

KICK_EVERY = 2
"""Seconds: the longest that a due retry, or work whose wake-up was lost, waits beyond its time."""


class KickJob(CronJob):
    """A cron entry whose jobs are JSON; RQ's own would pickle them."""

    def enqueue(self, connection: redis.Redis) -> Job:
        """Enqueue one kick."""
        queue = Queue(self.queue_name, connection=connection, serializer=JSONSerializer)
        return queue.enqueue_call(KICK, timeout=JOB_SECONDS, result_ttl=0, failure_ttl=60, description="kick")


class KickScheduler(CronScheduler):
    """RQ's cron, made to survive Redis' absence."""

    def __init__(self, runtime: Runtime, pulse: Pulse) -> None:
        """Hold the one entry."""
        self._pulse = pulse
        super().__init__(connection=runtime.new_server().client, logging_level="WARNING")
        self._runtime = runtime
        self._queue = Queue(queue_name(runtime.keys.prefix), connection=self.connection, serializer=JSONSerializer)
        self._cron_jobs = [KickJob(queue_name(runtime.keys.prefix), func_name=KICK, interval=KICK_EVERY)]

    def start(self) -> None:
        """Kick until the process is to stop; RQ's own loop would end wherever its signal handlers happen to raise.

        Unlike RQ's, this saves no copy of the table and registers nowhere but in our own heartbeats.
        """
        try:
            while not self._runtime.stopping.is_set():
                self.enqueue_jobs()
                self.heartbeat()
                self._runtime.stopping.wait(self.calculate_sleep_interval())
        finally:
            self.register_death()

    def enqueue_jobs(self) -> list[CronJob]:
        """Enqueue what is due, unless so many wake-ups wait that one more adds nothing."""
        try:
            if self._queue.count < MOST_WAITING:
                return super().enqueue_jobs()
        except redis.RedisError as fault:
            self._report(failure(fault))
        self._runtime.stopping.wait(KICK_EVERY)
        return []

    def calculate_sleep_interval(self) -> float:
        """Sleep until the next kick; RQ's cron would sleep a minute if Redis was away at the first."""
        return min(float(KICK_EVERY), super().calculate_sleep_interval())

    def heartbeat(self) -> None:
        """Say that the scheduler lives."""
        self._pulse.turn(Loop.MAIN)
        self._runtime.look_for_edits()
        try:
            self._runtime.preflight.once_there()  # first: a process without its rights must not look alive
            self._runtime.presence.beat("scheduler", self._runtime.process)
            self._pulse.reach()
            self._runtime.keep_layout.run()
        except StoreAway as fault:
            self._runtime.preflight.is_due = True
            self._report(fault)
        self._runtime.observer.flush()

    def register_death(self, pipeline: redis.client.Pipeline | None = None) -> None:  # noqa: ARG002 - RQ's signature
        """Leave our own heartbeats, and leave to another scheduler what only one of them does."""
        try:
            self._runtime.deciding.leave()
            self._runtime.presence.leave("scheduler", self._runtime.process)
        except StoreAway as fault:
            self._report(fault)

    def _report(self, fault: StoreAway) -> None:
        self._runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))


def run_scheduler(runtime: Runtime) -> int:
    """Kick until SIGTERM or SIGINT."""
    runtime.observer.report(ProcessStarted(role="scheduler", version=__version__))
    pulse = Pulse(runtime.clock, Loop.MAIN)
    serve_scrapes(runtime, pulse)
    runtime.observer.flush()
    stop_on_signals(runtime.stopping)
    leave_in_time(runtime)
    KickScheduler(runtime, pulse).start()
    runtime.observer.report(ProcessStopped(role="scheduler"))
    runtime.observer.flush()
    return 0
