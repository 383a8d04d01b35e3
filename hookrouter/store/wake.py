"""The doorbell: an RQ job that says only which stage has work."""

from __future__ import annotations

from datetime import timedelta

import redis
from rq import Queue
from rq.serializers import JSONSerializer

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import NeighbourFailed
from hookrouter.ports.stages import Stage
from hookrouter.ports.surroundings import Observer
from hookrouter.store.failures import failure
from hookrouter.store.keys import Keys, queue_name
from hookrouter.store.server import RedisServer

FLAG_LIFE = timedelta(seconds=5)
"""How long a lost wake-up may keep the next one from being rung; after that the kick rings."""

JOBS = {
    Stage.HYDRATE: "workers.jobs.hydrate",
    Stage.ROUTE: "workers.jobs.route",
    Stage.ASSIGN: "workers.jobs.assign",
    Stage.ENRICH: "workers.jobs.enrich",
    Stage.DELIVER: "workers.jobs.deliver",
    Stage.REMIND: "workers.jobs.remind",
    Stage.RECONCILE: "workers.jobs.reconcile",
    Stage.WATCH: "workers.jobs.watch",
    Stage.CLAIM: "workers.jobs.claim",
}
KICK = "workers.jobs.kick"
JOB_SECONDS = 60
"""RQ's own limit for a job: several times a drain's slice, so that only a hanging drain comes near it."""
MOST_WAITING = 32
"""Wake-ups beyond this many add nothing, because those that wait will find the work."""


class RqWake:
    """The doorbell over RQ; see `ports.stages.Wake`."""

    def __init__(self, server: RedisServer, keys: Keys, observer: Observer) -> None:
        """Ring on the one queue of `keys`' prefix."""
        self._server = server
        self._keys = keys
        self._observer = observer
        self._queue = Queue(queue_name(keys.prefix), connection=server.client, serializer=JSONSerializer)

    def ring(self, stage: Stage) -> None:
        """Ring unless a ring is under way; a failure is reported, not raised, because the kick makes up for it."""
        life = int(FLAG_LIFE.total_seconds() * 1000)
        try:
            is_first = self._server.call("SET", self._keys.wake(stage), "1", "NX", "PX", life)
        except StoreAway as fault:
            self._report(fault)
        else:
            if is_first:
                self.send(stage)

    def send(self, stage: Stage) -> None:
        """Ring for a flag that is already set."""
        try:
            if self._queue.count < MOST_WAITING:
                self._queue.enqueue_call(
                    JOBS[stage], timeout=JOB_SECONDS, result_ttl=0, failure_ttl=60, description=stage
                )
        except redis.RedisError as fault:
            self._report(failure(fault))

    def lower(self, stage: Stage) -> None:
        """Take the flag down, so that new work rings again from now on."""
        self._server.call("DEL", self._keys.wake(stage))

    def _report(self, fault: StoreAway) -> None:
        self._observer.report(NeighbourFailed(neighbour="redis", reason=f"a wake-up could not be rung: {fault}"))
