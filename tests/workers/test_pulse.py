"""What the probes of workers and schedulers are told."""

from __future__ import annotations

import os
from dataclasses import dataclass

from hookrouter.clock import SystemClock
from workers.pulse import OUT_OF_REACH_AFTER, STUCK_AFTER, Loop, Pulse


@dataclass
class ToldClock(SystemClock):
    """A clock that is set by hand."""

    seconds: float = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def test_a_process_lives_while_all_its_loops_turn() -> None:
    clock = ToldClock()
    pulse = Pulse(clock, *Loop)
    clock.seconds += STUCK_AFTER - 1
    pulse.turn(Loop.MAIN)
    pulse.turn(Loop.ROUTER)
    assert pulse.lives()

    clock.seconds += 2

    assert not pulse.lives()
    pulse.turn(Loop.BACKGROUND)
    assert pulse.lives()


def test_a_process_is_ready_while_redis_takes_its_signs_of_life_and_lives_without() -> None:
    clock = ToldClock()
    pulse = Pulse(clock, Loop.MAIN)
    assert not pulse.is_ready()

    pulse.reach()

    assert pulse.is_ready()
    clock.seconds += OUT_OF_REACH_AFTER
    assert not pulse.is_ready()
    assert pulse.lives()


def test_a_process_with_a_stuck_loop_is_not_ready_though_it_reaches_redis() -> None:
    clock = ToldClock()
    pulse = Pulse(clock, Loop.MAIN, Loop.BACKGROUND)
    clock.seconds += STUCK_AFTER
    pulse.turn(Loop.BACKGROUND)

    pulse.reach()

    assert not pulse.is_ready()


def test_what_a_forked_process_turns_is_seen_by_its_parent() -> None:
    clock = ToldClock()
    pulse = Pulse(clock, Loop.ROUTER)
    clock.seconds += STUCK_AFTER
    assert not pulse.lives()

    child = os.fork()
    if child == 0:
        pulse.turn(Loop.ROUTER)
        os._exit(0)
    os.waitpid(child, 0)

    assert pulse.lives()
