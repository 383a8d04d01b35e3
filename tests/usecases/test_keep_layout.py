"""The layout follows what the operator wants, one change at a time, and says so."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from drain_support import Reports

from hookrouter.clock import SystemClock
from hookrouter.domain.dialect import LAYOUTS
from hookrouter.domain.layout import INTAKE, Layout, Spread, Strays
from hookrouter.domain.layout_events import SpreadBegan, SpreadDisputed, SpreadEnded, SpreadHeld
from hookrouter.store.deciding import Deciding
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts, RedisLayoutBook
from hookrouter.store.moving import OutboxMover
from hookrouter.store.presence import Presence
from hookrouter.store.server import RedisServer
from hookrouter.usecases.keep_layout import DISPUTED_AFTER, STRAYS_EVERY, KeepLayout


@dataclass
class Ahead(SystemClock):
    """A clock that is put forward by the test."""

    seconds: float = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Stage:
    """The scheduler's part of the layout."""

    server: RedisServer
    keys: Keys
    wishes: dict[str, int] = field(default_factory=lambda: {INTAKE: 4})
    reports: Reports = field(default_factory=Reports)
    clock: Ahead = field(default_factory=Ahead)

    def __post_init__(self) -> None:
        self.book = RedisLayoutBook(
            server=self.server,
            keys=self.keys,
            layouts=Layouts(self.keys, 4),
            mover=OutboxMover(server=self.server, keys=self.keys, clock=self.clock),
        )
        self.keep = KeepLayout(book=self.book, wishes=lambda: self.wishes, clock=self.clock, observer=self.reports)

    def fill(self, stream: str) -> None:
        self.server.call("XADD", stream, "*", "r", b"x")


@pytest.fixture
def stage(server: RedisServer, keys: Keys) -> Stage:
    return Stage(server, keys)


def test_a_change_begins_and_ends_and_both_are_told(stage: Stage) -> None:
    stage.keep.run()
    stage.fill(stage.keys.intake(3))
    stage.wishes[INTAKE] = 8

    stage.keep.run()
    stage.keep.run()
    assert stage.book.read() == Layout({INTAKE: Spread(8, 1, Spread(4))})
    assert stage.reports.events == [SpreadBegan(what=INTAKE, streams=8, before=4)]

    stage.server.call("XTRIM", stage.keys.intake(3), "MAXLEN", 0)
    stage.keep.run()
    assert stage.book.read() == Layout({INTAKE: Spread(8, 1)})
    assert stage.reports.events[1:] == [SpreadEnded(what=INTAKE, streams=8)]


def test_a_further_wish_waits_until_the_change_is_over(stage: Stage) -> None:
    stage.keep.run()
    stage.fill(stage.keys.intake(3))
    stage.wishes[INTAKE] = 8
    stage.keep.run()

    stage.wishes[INTAKE] = 3
    stage.keep.run()
    assert stage.book.read().intake == Spread(8, 1, Spread(4))

    stage.server.call("XTRIM", stage.keys.intake(3), "MAXLEN", 0)
    stage.keep.run()
    assert stage.book.read().intake == Spread(3, 2, Spread(8, 1))


def test_who_comes_after_one_that_was_killed_goes_on_where_it_was(stage: Stage) -> None:
    stage.wishes[INTAKE] = 8
    stage.keep.run()

    successor = Stage(stage.server, stage.keys, wishes={INTAKE: 8})
    successor.keep.run()

    assert successor.book.read() == Layout({INTAKE: Spread(8, 1)})


def test_streams_of_an_earlier_version_are_looked_for_now_and_then(stage: Stage) -> None:
    stage.keep.run()
    stage.fill(stage.keys.enrich(9))
    stage.keep.run()
    assert stage.book.read().strays == Strays()

    stage.clock.seconds += STRAYS_EVERY.total_seconds()
    stage.keep.run()
    assert stage.book.read().strays == Strays(enriching=frozenset({9}))

    stage.server.call("XTRIM", stage.keys.enrich(9), "MAXLEN", 0)
    stage.clock.seconds += STRAYS_EVERY.total_seconds()
    stage.keep.run()
    assert stage.book.read().strays == Strays()
    assert stage.reports.events == []


def test_a_server_that_was_emptied_is_laid_out_anew(stage: Stage) -> None:
    stage.wishes[INTAKE] = 8
    stage.keep.run()
    stage.server.call("DEL", stage.keys.layout())

    for _ in range(2):
        stage.keep.run()

    assert stage.book.read() == Layout({INTAKE: Spread(8, 1)})


def test_a_change_waits_for_processes_that_would_not_find_its_streams(stage: Stage, server: RedisServer) -> None:
    presence = Presence(server=server, keys=stage.keys)
    stage.keep.strangers = lambda: presence.strangers(LAYOUTS)
    late = SystemClock().now().timestamp() - 30  # as the release before layouts beats by a clock that is behind
    server.call("ZADD", stage.keys.heartbeats(), late, "worker:old")
    presence.beat("scheduler", "new")
    stage.keep.run()
    stage.wishes[INTAKE] = 8

    stage.keep.run()
    stage.keep.run()
    assert stage.book.read() == Layout({INTAKE: Spread(4)})
    assert stage.reports.events == [SpreadHeld(whom="worker:old")]

    server.call("ZREM", stage.keys.heartbeats(), "worker:old")
    stage.keep.run()
    assert stage.book.read() == Layout({INTAKE: Spread(8, 1, Spread(4))})


def rivals(stage: Stage, wanted: dict[str, int]) -> tuple[Stage, Deciding, Deciding]:
    """Another scheduler, that came later and is configured otherwise; and the right of both to decide."""
    second = Stage(stage.server, stage.keys, wishes=wanted)
    rights = [Deciding(stage.server, stage.keys, name) for name in ("first", "second")]
    for each, right in zip((stage, second), rights, strict=True):
        each.keep.decides, each.keep.decider = right.is_ours, right.token
        each.keep.run()
    return second, *rights


def test_of_two_schedulers_the_first_decides_and_the_other_says_that_it_would_not(stage: Stage) -> None:
    second, _, _ = rivals(stage, {INTAKE: 8})

    for _ in range(3):
        second.keep.run()
        stage.keep.run()
    assert (stage.reports.events, second.reports.events) == ([], [])
    for _ in range(3):
        second.clock.seconds += DISPUTED_AFTER.total_seconds()
        second.keep.run()
        stage.keep.run()

    assert stage.book.read() == Layout({INTAKE: Spread(4)})
    assert (stage.reports.events, second.reports.events) == ([], [SpreadDisputed(what=INTAKE)])


@pytest.mark.parametrize("is_killed", [False, True], ids=["ends", "killed"])
def test_when_the_first_scheduler_is_gone_the_second_decides(stage: Stage, is_killed: bool) -> None:
    second, first_right, _ = rivals(stage, {INTAKE: 8})

    if is_killed:  # as if the time of its lease had run out
        stage.server.call("DEL", stage.keys.lease(stage.keys.deciding()))
    else:
        first_right.leave()
    second.keep.run()
    second.keep.run()
    stage.keep.run()

    assert stage.book.read() == Layout({INTAKE: Spread(8, 1)})
    assert stage.reports.events == []


def test_a_scheduler_that_stood_still_after_it_asked_for_the_right_changes_nothing(stage: Stage) -> None:
    _, first_right, second_right = rivals(stage, {INTAKE: 4})

    def ask_and_stand_still() -> bool:
        decided = first_right.is_ours()
        stage.server.call("DEL", stage.keys.lease(stage.keys.deciding()))  # as if the time of its lease had run out
        return decided and second_right.is_ours()

    stage.wishes[INTAKE] = 8
    stage.keep.decides = ask_and_stand_still
    stage.keep.run()

    assert stage.book.read() == Layout({INTAKE: Spread(4)})
    assert stage.reports.events == []


def test_a_change_is_ended_also_by_who_does_not_decide(stage: Stage) -> None:
    second, _, _ = rivals(stage, {INTAKE: 4})
    stage.wishes[INTAKE] = 8
    stage.keep.run()

    second.keep.run()

    assert second.book.read() == Layout({INTAKE: Spread(8, 1)})
    assert second.reports.events == [SpreadEnded(what=INTAKE, streams=8)]


def test_two_schedulers_of_one_mind_have_no_dispute(stage: Stage) -> None:
    second, _, _ = rivals(stage, {INTAKE: 4})

    for _ in range(3):
        second.clock.seconds += DISPUTED_AFTER.total_seconds()
        second.keep.run()

    assert second.reports.events == []
