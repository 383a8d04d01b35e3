"""A worker's place of work: the drains it runs, whichever wake-up asked for them."""

from __future__ import annotations

from contextlib import ExitStack

from hookrouter.ports import Stage
from hookrouter.runtime import Runtime
from hookrouter.store.intake import RedisIntake
from workers.background import Background
from workers.door import reported

SLICE = 2.0
"""Seconds that one wake-up may route; well under any grace period, and under the life of a wake flag."""
LOOKS = 4
"""How often an empty intake is looked at again before the drain ends: it spares a ring for each push of a stream."""
PAUSE = 0.01
"""Seconds between these looks."""

_stations: list[Station] = []


class Station:
    """What one worker process drains: the intake in its main thread, the rest on its event loop."""

    def __init__(self, runtime: Runtime) -> None:
        """Take up no work yet."""
        self._runtime = runtime
        self._background = Background(runtime)
        self._router = runtime.router(wake=self)

    def open(self) -> None:
        """Start the event loop, and look for what a killed worker left."""
        self._runtime.backlog.know_sinks(self._runtime.config.sinks)
        self._background.start()
        _stations[:] = [self]
        self.kick()

    def close(self) -> None:
        """Finish what is under way or give it back."""
        self._background.finish()
        _stations.clear()

    def stop(self) -> None:
        """Take up nothing new; safe in a signal handler."""
        self._runtime.stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Whether the process was told to stop."""
        return self._runtime.stopping.is_set()

    def ring(self, stage: Stage) -> None:
        """Ring the doorbell: for a stage of this process directly, else through RQ."""
        if stage is Stage.ROUTE or not self._background.poke(stage):
            self._runtime.wake.ring(stage)

    def poke(self, stage: Stage) -> None:
        """Serve a stage on the event loop."""
        with reported(self._runtime, stage):
            self._runtime.wake.lower(stage)
            self._background.poke(stage)

    def kick(self) -> None:
        """Wake every stage with work."""
        with reported(self._runtime, "kick"):
            self._runtime.kick(wake=self).run()

    def route(self) -> None:
        """Route for one slice, as long as leads keep coming."""
        with reported(self._runtime, "intake"):
            self._route()

    def _route(self) -> None:
        clock, wake = self._runtime.clock, self._runtime.wake
        until = clock.monotonic() + SLICE
        with ExitStack() as leases:
            taken: dict[int, RedisIntake] = {}
            idle = 0
            while idle < LOOKS and clock.monotonic() < until and not self._runtime.stopping.is_set():
                if self._route_once(taken, leases, until):
                    idle = 0
                else:
                    idle += 1
                    clock.sleep(PAUSE)
            wake.lower(Stage.ROUTE)
            if self._route_once(taken, leases, until):
                wake.ring(Stage.ROUTE)

    def _route_once(self, taken: dict[int, RedisIntake], leases: ExitStack, until: float) -> int:
        routed = 0
        for partition, depth in enumerate(self._runtime.backlog.partition_depths(Stage.ROUTE)):
            if not depth:
                continue
            intake = taken.get(partition) or self._runtime.take_intake(partition)
            if intake is None:
                continue
            if partition not in taken:
                taken[partition] = intake
                leases.callback(self._release, intake)
            if intake.renew():
                routed += self._router.drain(intake, f"intake:{partition}", until=until)
        return routed

    def _release(self, intake: RedisIntake) -> None:
        with reported(self._runtime, "intake"):
            intake.release()


def station() -> Station:
    """The station of this process."""
    return _stations[0]
