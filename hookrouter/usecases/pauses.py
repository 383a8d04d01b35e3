"""Pauses: hold the deliveries of a sink or a route, let them go on, and have a sink tried at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hookrouter.domain.errors import ConfigurationError, HookrouterError, NotFound
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.pause import Pause
from hookrouter.domain.personal import Mask
from hookrouter.ports.stages import Stage, Wake
from hookrouter.ports.surroundings import Clock

SINK, ROUTE = "sink", "route"


class Pauses(Protocol):
    """The pauses by `sink:NAME` or `route:NAME`."""

    def all(self) -> Mapping[str, Pause]:
        """Those that were not lifted; some may be over."""

    def keep(self, name: str, pause: Pause) -> None:
        """Pause a sink or a route; a pause that it has already is replaced."""

    def lift(self, name: str) -> bool:
        """End a pause; False if there is none."""


class Retries(Protocol):
    """What waits for its next attempt, and the circuits for whose end it waits."""

    def ask_now(self, sink: SinkName) -> tuple[int, int]:
        """Make all of it due, and end the wait of the sink's circuit; how many they were, and what waits besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TendPauses:
    """Pauses and resumes; `sinks` and `routes` are those of the configuration."""

    pauses: Pauses
    retries: Retries
    sinks: Collection[SinkName]
    routes: Collection[RouteName]
    wake: Wake
    clock: Clock

    def pause(self, name: str, *, by: str, reason: str, until: datetime | None) -> str:
        """Pause a sink or a route; its whole name, such as `sink:sales`.

        The reason stands in logs, alerts and `/health`, where no address belongs.

        Raises:
            ConfigurationError: the configuration knows no such name, or two.
        """
        whole = self._whole_name(name)
        self.pauses.keep(whole, Pause(by=by, reason=Mask().text(reason), since=self.clock.now(), until=until))
        return whole

    def resume(self, name: str) -> str:
        """Let a sink or a route go on, also one that the configuration names no more; its whole name.

        Raises:
            ConfigurationError: there is no such name, or two.
            NotFound: it is not paused.
        """
        whole = self._whole_name(name, self.pauses.all())
        if not self.pauses.lift(whole):
            raise NotFound(f"{whole} is not paused")
        self.wake.ring(Stage.DELIVER)
        return whole

    def retry(self, name: str) -> str:
        """Have a sink asked now, whatever its circuit and what waits for its next attempt wait for; what that means.

        Raises:
            ConfigurationError: the configuration knows no such sink.
            HookrouterError: it is paused.
        """
        sink = SinkName(name.removeprefix(f"{SINK}:"))
        if sink not in self.sinks:
            raise ConfigurationError(f"there is no sink {name}; there are {', '.join(self.sinks) or 'none'}")
        pause = self.pauses.all().get(f"{SINK}:{sink}")
        if pause is not None and pause.holds(self.clock.now()):
            raise HookrouterError(f"{SINK}:{sink} is {pause}: `hookrouter resume {sink}` lets it go on")
        again, besides = self.retries.ask_now(sink)
        self.wake.ring(Stage.DELIVER)
        if not again + besides:
            return f"nothing waits for {SINK}:{sink}; its next message asks it at once"
        waiting = "1 delivery waits" if again + besides == 1 else f"{again + besides} deliveries wait"
        return f"{SINK}:{sink} is asked now; {waiting} for it, and all goes out once it takes one"

    def _whole_name(self, name: str, paused: Iterable[str] = ()) -> str:
        known = [f"{SINK}:{sink}" for sink in self.sinks] + [f"{ROUTE}:{route}" for route in self.routes]
        meant = [whole for whole in dict.fromkeys([*known, *paused]) if name in {whole, whole.partition(":")[2]}]
        if len(meant) == 1:
            return meant[0]
        if meant:
            raise ConfigurationError(f"both a sink and a route are called {name}: say {SINK}:{name} or {ROUTE}:{name}")
        raise ConfigurationError(f"there is no sink or route {name}; there are {', '.join(known) or 'none'}")
