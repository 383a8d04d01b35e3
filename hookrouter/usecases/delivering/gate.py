"""How many attempts a sink may have now: by its circuit, its pauses and its rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hookrouter.domain.circuit import CLOSED, Circuit, CircuitState
from hookrouter.domain.events import CircuitChanged, SinkPaused
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.outcome import Dead, Outcome, Reason
from hookrouter.domain.pause import ITSELF, Pause
from hookrouter.ports.outbox import Standing
from hookrouter.ports.sinks import SharedRate
from hookrouter.ports.surroundings import Clock, Observer

OLD_AFTER = timedelta(minutes=1)


class Gate:
    """Lets attempts through while the sink may be called."""

    def __init__(
        self, sink: SinkName, rate: SharedRate | None, clock: Clock, observer: Observer, hours: Hours = ALWAYS
    ) -> None:
        """Stand open until `look` tells how the sink stands."""
        self._hours = hours
        self._shut: set[RouteName] = set()
        self._let_in: set[RouteName] = set()
        self._sink = sink
        self._rate = rate
        self._clock = clock
        self._observer = observer
        self._standing = Standing(circuit=CLOSED, pause=None, routes={}, now=clock.now())
        self._circuit = CLOSED
        self._permits = 0
        self._ask_again_at = 0.0
        self._has_recovered = False
        self._news: tuple[Circuit | None, Pause | None] = (None, None)

    def begin(self, standing: Standing) -> None:
        """Learn how the sink stood when the last drain left it."""
        self.look(standing)
        self._circuit = standing.circuit

    def look(self, standing: Standing) -> None:
        """Learn what was paused or resumed; the circuit is this drain's own unless other drains serve the sink too."""
        self._standing = standing
        if standing.is_split and self._news[0] is None:
            self._circuit = standing.circuit
        self._shut |= standing.shut

    def is_shut(self, route: RouteName) -> bool:
        """Whether a route is paused, or its time is not open."""
        if not self._standing.routes and not self._hours.times:
            return False
        now = self._clock.now()
        pause = self._standing.routes.get(route)
        return (pause is not None and pause.holds(now)) or not self._hours.is_open(route, now)

    def is_queueing(self, route: RouteName) -> bool:
        """Whether deliveries of a route were shut out and have not all been let in again."""
        return route in self._shut

    def shut_out(self, route: RouteName) -> None:
        """Note that a delivery of a route was shut out."""
        self._shut.add(route)
        self._let_in.discard(route)

    @property
    def reopened(self) -> list[RouteName]:
        """The routes whose deliveries were shut out and may be let in."""
        return [route for route in self._shut if not self.is_shut(route)]

    def all_are_in(self, route: RouteName) -> None:
        """Note that all deliveries of a route that were shut out are entries again, and about to be read."""
        self._let_in.add(route)

    def note_queues(self) -> None:
        """Note that those let in were read: new deliveries come behind them now and need not queue any more."""
        self._shut -= self._let_in
        self._let_in.clear()

    def places(self, concurrency: int) -> int:
        """How many attempts may be under way at once."""
        pause = self._standing.pause
        if pause is None and self._circuit.until is None:
            return concurrency
        now = self._clock.now()
        if pause is not None and pause.holds(now):
            return 0
        return self._circuit.places(now, concurrency)

    def is_old(self, added_at: datetime) -> bool:
        """Whether an entry added at this moment has waited for long, as a rule because the sink was paused or away."""
        return self._clock.now() - added_at > OLD_AFTER

    @property
    def is_probing(self) -> bool:
        """Whether attempts are made one at a time, to find out if the far side is back."""
        return self._circuit.state(self._clock.now()) is CircuitState.PROBING

    def take_recovery(self) -> bool:
        """Whether the far side has come back since this was last called."""
        has_recovered, self._has_recovered = self._has_recovered, False
        return has_recovered

    @property
    def lets_through(self) -> bool:
        """Whether one more attempt may begin where a place is free."""
        return self.places(1) > 0 and self.permits(1) > 0

    def permits(self, wanted: int) -> int:
        """How many of the wanted attempts the rate allows now."""
        return wanted if self._rate is None else min(wanted, self._permits)

    def use_permit(self) -> None:
        """Use up one permit, for an attempt."""
        self._permits -= 1

    async def ask_for_permits(self, wanted: int) -> None:
        """Ask for permits if none is left and it is time to ask again."""
        if self._rate is None or not wanted or self._permits > 0 or self._clock.monotonic() < self._ask_again_at:
            return
        self._permits, wait = await self._rate.take_up_to(wanted)
        self._ask_again_at = self._clock.monotonic() + wait.total_seconds()

    @property
    def wait_for_permits(self) -> float | None:
        """Seconds until there may be permits again; None when none are needed."""
        if self._rate is None or self._permits > 0 or self.places(1) == 0:
            return None
        return max(0.0, self._ask_again_at - self._clock.monotonic())

    def judge(self, outcome: Outcome, now: datetime) -> None:
        """Learn from an attempt how the far side is doing."""
        after = self._circuit.after(outcome, now, self._clock.roll())
        if after is not self._circuit:
            self._change_circuit(after, now)
        if isinstance(outcome, Dead) and outcome.reason is Reason.GONE:
            self._pause(Pause(by=ITSELF, reason="the far side says that it is gone", since=now))

    @property
    def news(self) -> tuple[Circuit | None, Pause | None]:
        """The circuit and the pause that must be written; None for what did not change."""
        return self._news

    def told(self, circuit: Circuit | None, pause: Pause | None) -> None:
        """Note that news was written; what has changed since is still news."""
        if self._news == (circuit, pause):
            self._news = (None, None)

    def _change_circuit(self, after: Circuit, now: datetime) -> None:
        before, state = self._circuit.state(now), after.state(now)
        self._circuit = after
        self._news = (after, self._news[1])
        self._has_recovered = self._has_recovered or (state is CircuitState.CLOSED and before is CircuitState.PROBING)
        if state is not before:
            waits = after.until - now if after.until is not None and state is not CircuitState.CLOSED else timedelta()
            self._observer.report(
                CircuitChanged(sink=self._sink, state=state, reason=after.reason, seconds=waits.total_seconds())
            )

    def _pause(self, pause: Pause) -> None:
        self._standing = replace(self._standing, pause=pause)
        self._news = (self._news[0], pause)
        self._observer.report(SinkPaused(sink=self._sink, by=pause.by, reason=pause.reason))
