"""The worker process: RQ's loop around a station, alive through whatever Redis does."""

from __future__ import annotations

import redis
from redis.client import Pipeline
from rq import Queue
from rq.exceptions import StopRequested
from rq.job import Job
from rq.registry import BaseRegistry
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker import SimpleWorker

from hookrouter import __version__
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.process_events import ProcessStarted, ProcessStopped
from hookrouter.domain.redis_events import JobRefused
from hookrouter.garbage import look_for_garbage_rarely
from hookrouter.runtime import Runtime
from hookrouter.stopping import held_back
from hookrouter.store.failures import failure
from hookrouter.store.keys import queue_name
from workers.allowed import UNKNOWN, DrainJob
from workers.leaving import leave_in_time, stop_on_signals
from workers.pulse import Loop, Pulse
from workers.router import start_router
from workers.scrapes import serve_scrapes
from workers.station import Station

WORKER_TTL = 60
"""Seconds after which RQ forgets a killed worker; our own heartbeats notice sooner."""
MAINTENANCE_EVERY = 30
"""Seconds between RQ's own clean-ups of jobs that a killed worker left behind."""
PAUSE_AFTER_FAILURE = 1.0
WAITS_AT_ONCE = 1
"""Seconds that RQ blocks at the server for a job; an idle worker takes that long to notice that it is to stop."""
ANSWERS_WITHIN = 2
"""Seconds that the answer may take beyond that; RQ would wait 55 for a primary whose machine is gone."""
IN_THE_WAY = "it was in the way of RQ's clean-up"


class DrainWorker(SimpleWorker):
    """RQ's worker on our one queue, without forks: jobs are wake-ups and take milliseconds."""

    station: Station
    _waits = False
    max_connection_wait_time = 2.0  # seconds; RQ's minute would leave a worker deaf long after Redis is back

    @property
    def dequeue_timeout(self) -> int:
        """How many seconds to block at the server for a job."""
        return WAITS_AT_ONCE

    @property
    def connection_timeout(self) -> int:
        """After how many seconds without an answer to give up."""
        return WAITS_AT_ONCE + ANSWERS_WITHIN

    def subscribe(self) -> None:
        """Take no orders through Redis: RQ's channel can stop a worker."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run our wake-ups; delete and report any other job."""
        refusal = job.refusal if isinstance(job, DrainJob) else UNKNOWN
        if not refusal:
            super().execute_job(job, queue)
            return
        self.station.report(JobRefused(reason=refusal))
        self.connection.delete(job.key)
        queue.intermediate_queue.remove(job.id)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Note that the loop came round, and beat as RQ does before each look for a job, unless it is to stop."""
        self.station.turn()
        if self._waits and self._stop_requested:
            raise StopRequested
        super().heartbeat(timeout, pipeline)

    def run_maintenance_tasks(self) -> None:
        """Clean up as RQ does; what it stumbles over is not ours and is deleted, or it would stumble for ever."""
        try:
            super().run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ leaves it open
        except redis.exceptions.NoPermissionError:
            raise  # nothing is in the way; a right is missing
        except (redis.ResponseError, ValueError):
            self.station.report(JobRefused(reason=IN_THE_WAY))
            for queue in self.queues:  # losing any of RQ's own records loses no lead
                self.connection.delete(queue.intermediate_queue_key, *(each.key for each in _registries(queue)))
                queue.release_maintenance_lock()  # type: ignore[no-untyped-call]  # RQ leaves it open
            self.last_cleaned_at = now()  # type: ignore[assignment]  # RQ has it begin as none

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Wait for a wake-up, as RQ does until one comes and while Redis is away."""
        self._waits = True
        try:
            return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
        finally:
            self._waits = False

    def reorder_queues(self, reference_queue: Queue) -> None:
        """Note that a job was taken, which is when RQ calls this: even a worker that is to stop passes it on."""
        self._waits = False
        super().reorder_queues(reference_queue)

    def _install_signal_handlers(self) -> None:
        """Leave the process' own handlers in place: RQ's raise anywhere, and ask Redis."""

    @property
    def _stop_requested(self) -> bool:
        return self.station.is_stopping

    @_stop_requested.setter
    def _stop_requested(self, _: bool) -> None:
        """Ignore RQ, which sets it to false before there is a station."""


def _registries(queue: Queue) -> list[BaseRegistry]:
    return [
        queue.started_job_registry,
        queue.finished_job_registry,
        queue.failed_job_registry,
        queue.deferred_job_registry,
    ]


def run_worker(runtime: Runtime) -> int:
    """Drain until SIGTERM or SIGINT; RQ's loop ends at many a hiccup of Redis and is started again.

    Returns:
        The exit code: 1 when the worker had to end because its router did.
    """
    runtime.observer.report(ProcessStarted(role="worker", version=__version__))
    runtime.observer.flush()
    pulse = Pulse(runtime.clock, *Loop)
    with held_back():
        station = Station(runtime, start_router(runtime, pulse), pulse)
        stop_on_signals(runtime.stopping)
    leave_in_time(runtime)
    serve_scrapes(runtime, pulse)
    look_for_garbage_rarely()
    try:
        _work(runtime, station)
    finally:  # otherwise the interpreter would wait for the router, which nobody told to end
        station.close()
    runtime.observer.report(ProcessStopped(role="worker"))
    runtime.observer.flush()
    return int(station.has_lost_its_router)


def _work(runtime: Runtime, station: Station) -> None:
    while not runtime.stopping.is_set():
        station.turn()
        try:
            station.open()
            break
        except StoreAway as fault:
            _pause(runtime, str(fault))
    while not runtime.stopping.is_set():
        station.turn()
        try:
            _make_worker(runtime, station).work(logging_level="WARNING")
        except redis.RedisError as fault:
            _pause(runtime, str(failure(fault)))
        else:
            runtime.stopping.wait(PAUSE_AFTER_FAILURE)


def _make_worker(runtime: Runtime, station: Station) -> DrainWorker:
    queue = Queue(
        queue_name(runtime.keys.prefix),
        connection=runtime.server.client,
        serializer=JSONSerializer,
        job_class=DrainJob,
    )
    worker = DrainWorker(
        [queue],
        connection=runtime.new_server().client,
        serializer=JSONSerializer,
        job_class=DrainJob,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_EVERY,
        log_job_description=False,
    )
    worker.station = station
    return worker


def _pause(runtime: Runtime, reason: str) -> None:
    runtime.observer.report(NeighbourFailed(neighbour="redis", reason=reason))
    runtime.stopping.wait(PAUSE_AFTER_FAILURE)
