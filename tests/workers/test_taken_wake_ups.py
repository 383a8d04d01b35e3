"""A worker that is told to stop just when it takes a wake-up has it in hand: thrown away, its work would wait."""

from __future__ import annotations

from typing import cast

import pytest
from rq import Queue
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys, queue_name
from hookrouter.store.server import RedisServer
from hookrouter.store.wake import RqWake
from hookrouter.telemetry.observer import NoObserver
from workers.allowed import DrainJob
from workers.station import Station
from workers.worker import DrainWorker


class Told:
    """A place of work that is told to stop at a turn of the loop."""

    def __init__(self, at: int) -> None:
        self._left = at

    def turn(self) -> None:
        self._left -= 1

    @property
    def is_stopping(self) -> bool:
        return self._left <= 0


@pytest.fixture
def worker(server: RedisServer, keys: Keys) -> DrainWorker:
    queue = Queue(queue_name(keys.prefix), connection=server.client, job_class=DrainJob, serializer=JSONSerializer)
    return DrainWorker([queue], connection=server.client, job_class=DrainJob, serializer=JSONSerializer)


def test_it_takes_none_once_it_is_to_stop(worker: DrainWorker, server: RedisServer, keys: Keys) -> None:
    RqWake(server, keys, NoObserver()).ring(Stage.DELIVER)
    worker.station = cast("Station", Told(at=1))

    with pytest.raises(StopRequested):
        worker.dequeue_job_and_maintain_ttl(1)

    assert worker.queues[0].count == 1


def test_it_passes_on_the_one_that_it_took_before_it_knew(worker: DrainWorker, server: RedisServer, keys: Keys) -> None:
    RqWake(server, keys, NoObserver()).ring(Stage.DELIVER)
    worker.station = cast("Station", Told(at=2))

    taken = worker.dequeue_job_and_maintain_ttl(1)

    assert taken is not None
    assert worker.queues[0].count == 0
