"""The only jobs this worker restores from Redis: its own wake-ups, with nothing else that RQ would act upon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rq.job import Job

from hookrouter.store.wake import JOBS, KICK

ALLOWED = frozenset({*JOBS.values(), KICK})
KEPT = frozenset(
    {
        b"data",
        b"created_at",
        b"origin",
        b"description",
        b"enqueued_at",
        b"started_at",
        b"ended_at",
        b"last_heartbeat",
        b"worker_name",
        b"status",
        b"timeout",
        b"result_ttl",
        b"failure_ttl",
    }
)
"""RQ also stores callbacks, web hooks, dependencies and metadata with a job: whoever can write to Redis could
name any function or address there."""


class ForbiddenJob(Exception):  # noqa: N818 - it reads as what happened
    """Raised for a job that is none of ours."""


class DrainJob(Job):
    """A job that can be nothing but one of our wake-ups, without arguments."""

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Restore what a wake-up needs and nothing else."""
        super().restore({name: value for name, value in raw_data.items() if name in KEPT})

    @property
    def func(self) -> Callable[..., Any]:
        """The function to run.

        Raises:
            ForbiddenJob: when it is none of ours, or comes with arguments.
        """
        if self.func_name not in ALLOWED or self.instance or self.args or self.kwargs:
            raise ForbiddenJob("a job that is none of hookrouter's was refused")
        found: Callable[..., Any] = super().func
        return found
