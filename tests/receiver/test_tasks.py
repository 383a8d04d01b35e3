"""What a receiver does beside answering goes on whatever goes wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import gevent

from hookrouter.domain.events import Event
from hookrouter.domain.process_events import TaskFailed
from hookrouter.runtime import Runtime
from hookrouter.web.tasks import go_on_with


@dataclass
class Watched:
    """As much of a runtime as a task is given here."""

    reported: list[Event] = field(default_factory=list)

    @property
    def observer(self) -> Watched:
        return self

    def report(self, event: Event) -> None:
        self.reported.append(event)


def test_a_task_that_fails_is_reported_and_tried_again() -> None:
    watched, tries = Watched(), []

    def feed(_: Runtime) -> None:
        tries.append(1)
        if len(tries) == 3:
            raise gevent.GreenletExit
        raise ValueError("a lead's name")

    gevent.spawn(go_on_with, feed, cast("Runtime", watched), 0.0).join(timeout=10)

    assert len(tries) == 3
    [first, second] = watched.reported
    assert isinstance(first, TaskFailed)
    assert (first.task, first.kind, first.place.partition(":")[0]) == ("feed", "ValueError", "test_tasks.py")
    assert second == first
