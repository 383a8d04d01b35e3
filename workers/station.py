"""A worker's place of work: what its wake-ups call upon."""

from __future__ import annotations

import threading
from functools import partial

from hookrouter.domain.events import Event
from hookrouter.domain.process_events import RouterEnded
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from workers.background import Background
from workers.delivering import Delivering
from workers.door import reported
from workers.doorbell import Doorbell
from workers.pulse import Loop, Pulse
from workers.router import Router
from workers.signs import SignsOfLife

_stations: list[Station] = []


class Station:
    """What one worker process does when woken: deliver, and pass everything else on to its router."""

    def __init__(self, runtime: Runtime, router: Router, pulse: Pulse) -> None:
        """Take up no work yet."""
        self._runtime = runtime
        self._router = router
        self._pulse = pulse
        turned = partial(pulse.turn, Loop.BACKGROUND)
        self._background = Background(runtime, turned, SignsOfLife(runtime, pulse))
        self._doorbell = Doorbell(self._background, router.line, runtime.wake)
        self.has_lost_its_router = False

    def open(self) -> None:
        """Start the event loop, and look for what a killed worker left behind."""
        self._runtime.backlog.know_sinks(self._runtime.config.sinks)
        self._background.start(Delivering(self._runtime, self._background.begin))
        threading.Thread(target=self._heed_router, name="router", daemon=True).start()
        _stations[:] = [self]
        self.kick()

    def close(self) -> None:
        """Finish what is under way, or give it back."""
        self._router.line.hang_up()
        self._background.finish()
        self._router.end()
        _stations.clear()

    def turn(self) -> None:
        """Note that the main loop came round."""
        self._pulse.turn(Loop.MAIN)

    @property
    def is_stopping(self) -> bool:
        """Whether the process was told to stop."""
        return self._runtime.stopping.is_set()

    def report(self, event: Event) -> None:
        """Report an event to this process' observer."""
        self._runtime.observer.report(event)

    def ring(self, stage: Stage) -> None:
        """Ring the doorbell for a stage."""
        self._doorbell.ring(stage)

    def kick(self) -> None:
        """Wake every stage that has work."""
        with reported(self._runtime, "kick"):
            self._runtime.kick(wake=self._doorbell).run()

    def _heed_router(self) -> None:
        """Ring for the stages the router rings for; without its router the worker is of no use, and ends."""
        for stage in self._router.line.rings():
            self._doorbell.ring(stage)
        if not self.is_stopping:
            self.has_lost_its_router = True
            self.report(RouterEnded(reason=self._router.how_it_ended()))
            self._runtime.stopping.set()


def station() -> Station:
    """The station of this process."""
    return _stations[0]
