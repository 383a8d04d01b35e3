"""The line between a worker and its router."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from hookrouter.ports.stages import Stage
from workers.line import Line, pair_of_ends


@pytest.fixture
def ends() -> Iterator[tuple[Line, Line]]:
    """Both ends of a line, let go of in the end."""
    pair = pair_of_ends()
    yield pair
    for end in pair:
        end.close()


def heard(end: Line) -> list[Stage]:
    return list(end.rings())


@pytest.mark.parametrize("stage", list(Stage))
def test_a_ring_is_heard_at_the_other_end(ends: tuple[Line, Line], stage: Stage) -> None:
    ours, theirs = ends
    assert ours.ring(stage)
    ours.hang_up()
    assert heard(theirs) == [stage]


def test_rings_of_one_stage_that_came_together_are_one(ends: tuple[Line, Line]) -> None:
    ours, theirs = ends
    for _ in range(100):
        ours.ring(Stage.ROUTE)
        ours.ring(Stage.DELIVER)
    ours.hang_up()
    assert heard(theirs) == [Stage.ROUTE, Stage.DELIVER]


def test_an_end_that_hung_up_still_hears(ends: tuple[Line, Line]) -> None:
    ours, theirs = ends
    ours.hang_up()
    assert theirs.ring(Stage.ENRICH)
    theirs.close()
    assert heard(ours) == [Stage.ENRICH]


def test_nobody_is_there_once_the_other_end_is_closed(ends: tuple[Line, Line]) -> None:
    ours, theirs = ends
    theirs.close()
    assert not ours.ring(Stage.ROUTE)
    assert heard(ours) == []


def test_an_end_that_does_not_listen_holds_up_nobody(ends: tuple[Line, Line]) -> None:
    ours, theirs = ends
    ringing = threading.Thread(target=lambda: [ours.ring(Stage.ROUTE) for _ in range(1_000_000)], daemon=True)
    ringing.start()
    ringing.join(60)
    assert not ringing.is_alive()
    ours.hang_up()
    assert set(heard(theirs)) == {Stage.ROUTE}
