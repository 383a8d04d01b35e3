"""A worker's place of work: what its wake-ups call upon."""

from __future__ import annotations

from hookrouter.domain.events import Event
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from workers.background import Background
from workers.door import reported

_stations: list[Station] = []


class Station:
    """What one worker process does when it is woken."""

    def __init__(self, runtime: Runtime) -> None:
        """Take up no work yet."""
        self._runtime = runtime
        self._background = Background(runtime, wake=self)

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

    def report(self, event: Event) -> None:
        """Tell what happened to this process' observer."""
        self._runtime.observer.report(event)

    def ring(self, stage: Stage) -> None:
        """Ring the doorbell: of this process directly, or through RQ when it takes up nothing new."""
        if not self._background.poke(stage):
            self._runtime.wake.ring(stage)

    def kick(self) -> None:
        """Wake every stage with work."""
        with reported(self._runtime, "kick"):
            self._runtime.kick(wake=self).run()


def station() -> Station:
    """The station of this process."""
    return _stations[0]
