"""The only jobs this worker restores from Redis: its own wake-ups, of which the name alone is believed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from rq.exceptions import NoSuchJobError
from rq.job import Job

from hookrouter.store.wake import JOB_SECONDS, JOBS, KICK

ALLOWED = frozenset({*JOBS.values(), KICK})
MOST_BYTES = 1000
"""The largest field that is read at all; a wake-up's fields stay under a hundred bytes."""
MOST_TEXT = 200
"""The most characters it is unpacked to: too few to nest anything deeply."""
OURS = {b"timeout": str(JOB_SECONDS).encode(), b"result_ttl": b"0", b"failure_ttl": b"60"}
"""What a job may not say about itself. RQ would also read callbacks, web hooks, dependencies, metadata and limits from
Redis, where anyone who can write could name any function or address."""
NOTHING = b'["", null, [], {}]'

UNREADABLE = "it is unreadable or too large"
UNKNOWN = "it names none of hookrouter's functions"
ARGUMENTS = "it comes with arguments"


class ForbiddenJob(Exception):  # noqa: N818 - it reads as what happened
    """Raised for a job that is not ours."""


class DrainJob(Job):
    """A job that can only be one of our wake-ups, without arguments; `refusal` says why it is not one."""

    refusal = ""

    def refresh(self) -> None:
        """Read the two fields that matter, unless they are too large to be ours.

        Raises:
            NoSuchJobError: there is no such job.
        """
        with self.connection.pipeline(transaction=False) as pipeline:
            pipeline.hstrlen(self.key, "data")
            pipeline.hstrlen(self.key, "origin")
            pipeline.exists(self.key)
            *sizes, is_there = pipeline.execute()
        if not is_there:
            raise NoSuchJobError("no such job")
        found = self.connection.hmget(self.key, "data", "origin") if max(sizes) <= MOST_BYTES else [None, None]
        data, origin = found
        self.restore({b"data": _bytes(data), b"origin": _bytes(origin)})

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Restore the name of a wake-up and its queue, and nothing else."""
        name, self.refusal = _wake_up_in(raw_data.get(b"data", b""))
        origin = raw_data.get(b"origin", b"")
        data = json.dumps([name, None, [], {}]).encode() if name else NOTHING
        super().restore({b"data": data, b"origin": origin if origin.isascii() else b"", **OURS})

    @property
    def func(self) -> Callable[..., Any]:
        """The function to run.

        Raises:
            ForbiddenJob: it is not ours, or comes with arguments.
        """
        if self.refusal or self.func_name not in ALLOWED or self.instance or self.args or self.kwargs:
            raise ForbiddenJob("a job that is none of hookrouter's was refused")
        found: Callable[..., Any] = super().func
        return found


def _bytes(value: bytes | str | None) -> bytes:
    return value if isinstance(value, bytes) else b""


def _wake_up_in(data: bytes) -> tuple[str, str]:
    """The function that a job's data names, or why it is not our wake-up; unpacks no more than ours would need."""
    try:
        text = zlib.decompressobj().decompress(data, MOST_TEXT)
    except zlib.error:
        text = data
    try:
        name, *rest = json.loads(text[:MOST_TEXT])
    except (ValueError, TypeError):
        return "", UNREADABLE
    if not isinstance(name, str) or name not in ALLOWED:
        return "", UNKNOWN
    return (name, "") if rest == [None, [], {}] else ("", ARGUMENTS)
