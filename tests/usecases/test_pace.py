"""The pace at which an operator has something done, on a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest

from hookrouter.testing.builders import RECEIVED_AT
from hookrouter.usecases.dead_letters import Pace


@dataclass
class Watch:
    """A clock on which nothing but sleep takes time."""

    seconds: float = 0.0
    stop_at: float = float("inf")

    def now(self) -> datetime:
        return RECEIVED_AT

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def roll(self) -> float:
        return 0.0

    def new_id(self, prefix: str) -> str:
        return prefix

    def is_over(self) -> bool:
        return self.seconds >= self.stop_at


@pytest.mark.parametrize(("rate", "turns", "seconds"), [(100.0, 1000, 9.99), (0.5, 3, 4.0), (1000.0, 1, 0.0)])
def test_turns_come_at_the_rate_and_the_first_one_at_once(rate: float, turns: int, seconds: float) -> None:
    watch = Watch()
    pace = Pace(rate=rate, clock=watch, should_stop=watch.is_over)

    assert all(pace.wait() for _ in range(turns))

    assert watch.seconds == pytest.approx(seconds, abs=0.2)


def test_a_long_delay_is_not_made_up_for_in_a_rush() -> None:
    watch = Watch()
    pace = Pace(rate=10.0, clock=watch, should_stop=watch.is_over)
    pace.wait()
    watch.seconds += 60

    assert all(pace.wait() for _ in range(11))

    assert watch.seconds == pytest.approx(61, abs=0.2)


def test_a_turn_far_off_is_given_up_soon_after_it_is_stopped() -> None:
    watch = Watch(stop_at=1.0)
    pace = Pace(rate=1 / 3600, clock=watch, should_stop=watch.is_over)

    assert [pace.wait(), pace.wait(), pace.wait()] == [True, False, False]

    assert watch.seconds < 2
