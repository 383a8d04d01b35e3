"""What fails each second for the same reason is said at once, and then once a minute with how often it came."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from hookrouter.domain.events import Event, LeaseLost, NeighbourFailed
from hookrouter.telemetry.log import EventLog, quieten_libraries
from hookrouter.telemetry.repeats import AGAIN_AFTER, Repeats

AWAY = NeighbourFailed(neighbour="redis", reason="Redis is not reachable")
REFUSED = NeighbourFailed(neighbour="redis", reason="Redis refuses the user or password of its URL")


class Log:
    """A log at a moment that the test chooses."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._stream = io.StringIO()
        self._log = EventLog("info", "json", self._stream, repeats=Repeats(lambda: self.now))

    def at(self, seconds: float, event: Event) -> None:
        self.now = 1000.0 + seconds
        self._log.report(event)

    def flush_at(self, seconds: float) -> None:
        self.now = 1000.0 + seconds
        self._log.flush()

    def said(self) -> list[tuple[str, int]]:
        lines = [json.loads(line) for line in self._stream.getvalue().splitlines()]
        return [(line.get("reason", line["event"]), line.get("times", 1)) for line in lines]


@pytest.fixture
def log() -> Log:
    return Log()


def test_the_same_is_said_once_a_minute_with_how_often_it_came(log: Log) -> None:
    for second in range(int(2 * AGAIN_AFTER) + 1):
        log.at(second, AWAY)

    assert log.said() == [(AWAY.reason, 1), (AWAY.reason, 60), (AWAY.reason, 60)]


def test_another_reason_is_said_at_once(log: Log) -> None:
    for second in range(3):
        log.at(second, AWAY)
        log.at(second, REFUSED)

    assert log.said() == [(AWAY.reason, 1), (REFUSED.reason, 1)]


def test_what_came_no_more_is_told_of_when_its_minute_is_over(log: Log) -> None:
    for second in range(4):
        log.at(second, AWAY)
    log.at(4, REFUSED)

    for second in (AGAIN_AFTER - 1, AGAIN_AFTER, AGAIN_AFTER + 1, 3 * AGAIN_AFTER):
        log.flush_at(second)

    assert log.said() == [(AWAY.reason, 1), (REFUSED.reason, 1), (AWAY.reason, 3)]


def test_what_happens_again_after_a_while_is_news(log: Log) -> None:
    for second in (0, AGAIN_AFTER, 10 * AGAIN_AFTER):
        log.at(second, AWAY)

    assert log.said() == [(AWAY.reason, 1)] * 3


def test_facts_that_are_no_repeated_failure_are_said_each_time(log: Log) -> None:
    for _ in range(3):
        log.at(0, LeaseLost(stream="intake:3"))

    assert log.said() == [("lease.lost", 1)] * 3


@pytest.fixture
def root_log() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("root_log")
def test_a_library_does_not_repeat_itself_either() -> None:
    stream = io.StringIO()
    quieten_libraries(stream)

    for wait in (1, 2, 2, 2):
        logging.getLogger("rq.worker").error("could not connect, retrying in %d seconds", wait)

    lines = [json.loads(line)["text"] for line in stream.getvalue().splitlines()]
    assert lines == [f"could not connect, retrying in {wait} seconds" for wait in (1, 2)]
