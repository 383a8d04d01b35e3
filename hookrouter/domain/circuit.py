"""A sink's circuit: a far side that keeps failing is left alone, and then tried by one delivery at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hookrouter.domain.outcome import Outcome, Reason, Retry
from hookrouter.domain.schedule import LONGEST_RETRY_AFTER

IN_A_ROW = 10
"""How many failures without a success between them open it."""
WINDOW = timedelta(seconds=30)
LEAST_TRIED = 20
FAILED_SHARE = 0.7
"""This share of at least that many attempts within a window opens it too: some far sides fail only in part."""
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
MOST_DOUBLINGS = 7
"""The pause before the first probe is doubled after each that fails, this often, which takes it to the longest."""
SPREAD = 0.2
"""Each pause is shortened by up to a fifth, so that sinks that failed together are not probed together."""

CLOCKS_AGREE = timedelta(minutes=1)
"""How far the clocks of workers may differ without its meaning anything."""

FAILURES = frozenset(
    {
        Reason.NETWORK,
        Reason.TIMEOUT,
        Reason.TLS,
        Reason.UNAUTHORIZED,
        Reason.THROTTLED,
        Reason.SERVER_ERROR,
        Reason.BROKEN,
    }
)
"""Reasons that say the far side is not well; any other answer says that it is, whatever it thinks of the lead."""


class CircuitState(StrEnum):
    """Whether a sink is called."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"
    RESTING = "resting"


CIRCUIT_SAYS = {
    CircuitState.OPEN: "its circuit is open: the far side keeps failing",
    CircuitState.PROBING: "its circuit is open: one delivery at a time asks whether the far side is back",
    CircuitState.RESTING: "the far side asked for a rest",
}
"""What a circuit that is not closed means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """How a sink's far side has been doing lately.

    Attributes:
        failures: how many in a row.
        window_from: since when `tried` and `failed` are counted.
        trips: how often it opened without a success in between.
        opened_at: since when it is open; None when it is not.
        until: no attempt is made before this; set on a closed circuit, too, if the far side asked for rest
            (Retry-After).
        waits_from: when that was decided; a clock well behind this was set back or is another worker's, and `until`,
            which may be hours ahead of it, does not hold for it.
        reason: why it opened or rests, a word of `Reason`.
    """

    failures: int = 0
    window_from: datetime | None = None
    tried: int = 0
    failed: int = 0
    trips: int = 0
    opened_at: datetime | None = None
    until: datetime | None = None
    waits_from: datetime | None = None
    reason: str = ""

    def state(self, now: datetime) -> CircuitState:
        """Whether the sink is called at a moment."""
        waits = self.waits(now)
        if self.opened_at is None:
            return CircuitState.RESTING if waits else CircuitState.CLOSED
        return CircuitState.OPEN if waits else CircuitState.PROBING

    def waits(self, now: datetime) -> bool:
        """Whether `until` is still to come."""
        if self.until is None or now >= self.until:
            return False
        return self.waits_from is None or now >= self.waits_from - CLOCKS_AGREE

    def places(self, now: datetime, concurrency: int) -> int:
        """How many attempts may be under way at a moment."""
        match self.state(now):
            case CircuitState.CLOSED:
                return concurrency
            case CircuitState.PROBING:
                return 1
            case CircuitState.OPEN | CircuitState.RESTING:
                return 0

    def after(self, outcome: Outcome, now: datetime, roll: float) -> Circuit:
        """The circuit after an attempt.

        Args:
            outcome: what the attempt came to.
            now: when it ended.
            roll: from 0 to 1, how much of `SPREAD` the pause is shortened by.
        """
        if not isinstance(outcome, Retry) or outcome.reason not in FAILURES:
            return self._well(now) if self.failures or self.failed or self.opened_at else self
        if self.state(now) is CircuitState.OPEN:  # it was already under way when others failed
            return self
        counted = self._counted(now)
        return _opened(counted, outcome, now, roll) if _is_bad(counted) else _rested(counted, outcome, now)

    def asked_now(self, now: datetime) -> Circuit:
        """The circuit with its wait ended by somebody who knows that the far side is back.

        If it is not back after all, the next pause is no longer than this one was.
        """
        if not self.waits(now):
            return self
        if self.opened_at is None:
            return replace(self, until=None, waits_from=None, reason="")
        return replace(self, until=now, waits_from=now, trips=max(0, self.trips - 1))

    def _well(self, now: datetime) -> Circuit:
        if self.opened_at is not None:
            return CLOSED
        if self._is_window_over(now):
            return replace(CLOSED, until=self.until, waits_from=self.waits_from, reason=self.reason)
        return replace(self, failures=0, trips=0, tried=self.tried + 1)

    def _is_window_over(self, now: datetime) -> bool:
        return self.window_from is None or now - self.window_from > WINDOW

    def _counted(self, now: datetime) -> Circuit:
        is_new = self._is_window_over(now)
        return replace(
            self,
            failures=self.failures + 1,
            window_from=now if is_new else self.window_from,
            tried=1 if is_new else self.tried + 1,
            failed=1 if is_new else self.failed + 1,
        )


CLOSED = Circuit()


def _wish(outcome: Retry) -> timedelta:
    return min(outcome.after or timedelta(), LONGEST_RETRY_AFTER)


def _is_bad(circuit: Circuit) -> bool:
    if circuit.opened_at is not None or circuit.failures >= IN_A_ROW:
        return True
    return circuit.tried >= LEAST_TRIED and circuit.failed >= circuit.tried * FAILED_SHARE


def _opened(circuit: Circuit, outcome: Retry, now: datetime, roll: float) -> Circuit:
    pause = min(FIRST_PAUSE * 2**circuit.trips, LONGEST_PAUSE) * (1 - SPREAD * roll)
    return replace(
        circuit,
        trips=min(circuit.trips + 1, MOST_DOUBLINGS),
        opened_at=circuit.opened_at or now,
        until=now + max(pause, _wish(outcome)),
        waits_from=now,
        reason=outcome.reason,
    )


def _rested(circuit: Circuit, outcome: Retry, now: datetime) -> Circuit:
    wish = _wish(outcome)
    if not wish:
        return circuit
    until = max(now + wish, circuit.until) if circuit.until is not None and circuit.waits(now) else now + wish
    return replace(circuit, until=until, waits_from=now, reason=outcome.reason)
