"""Silences: keep sinks from being told of some leads for a while, and end that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import orjson

from hookrouter.domain.errors import ConfigurationError, NotFound
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.personal import Mask
from hookrouter.domain.silence import MOST_SILENCES, Silence
from hookrouter.ports.surroundings import Clock
from hookrouter.wire.config.faults import known_names

LONGEST_MATCH = 16 * 1024
"""Bytes of a condition as JSON."""


class Silences(Protocol):
    """The silences, also those that were over not long ago."""

    def all(self) -> Sequence[tuple[Silence, int]]:
        """Each with how many deliveries it kept back, the oldest first."""

    def keep(self, silence: Silence, now: datetime) -> None:
        """Begin one, or change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TendSilences:
    """Begins and ends silences; `sinks` are those of the configuration, each with whether people read it."""

    silences: Silences
    sinks: Mapping[SinkName, bool]
    clock: Clock
    new_id: Callable[[], str]

    def begin(self, match: Json, sinks: Sequence[str], *, by: str, reason: str, until: datetime) -> Silence:
        """Begin one; without `sinks`, of all that people read.

        The reason stands in logs, alerts and `/health`, where no address belongs.

        Raises:
            ConfigurationError: there is no such sink, none that people read, or there are too many silences; or the
                condition is so long that each lead would be judged by it for a while.
        """
        now = self.clock.now()
        if len(orjson.dumps(match)) > LONGEST_MATCH:
            raise ConfigurationError(f"the condition is longer than {LONGEST_MATCH} bytes: write a route instead")
        if sum(silence.holds(now) for silence, _ in self.silences.all()) >= MOST_SILENCES:
            raise ConfigurationError(f"there are {MOST_SILENCES} silences already: end some, or write a route")
        silence = Silence(
            id=self.new_id(),
            match=match,
            sinks=self._sinks(sinks),
            by=by,
            reason=Mask().text(reason),
            since=now,
            until=until,
        )
        self.silences.keep(silence, now)
        return silence

    def end(self, name: str) -> Silence:
        """End one now.

        Raises:
            NotFound: there is no such silence, or it is over.
        """
        now = self.clock.now()
        found = [silence for silence, _ in self.silences.all() if silence.id == name and silence.holds(now)]
        if not found:
            raise NotFound(
                f"there is no silence {name}, or it is over; `hookrouter silence list` tells which there are"
            )
        ended = replace(found[0], until=now)
        self.silences.keep(ended, now)
        return ended

    def list(self) -> Sequence[tuple[Silence, int]]:
        """Those that hold, and those that were over not long ago."""
        return self.silences.all()

    def _sinks(self, wanted: Sequence[str]) -> tuple[SinkName, ...]:
        for name in wanted:
            if name not in self.sinks:
                raise ConfigurationError(f"there is no sink {name}{known_names(name, list(self.sinks))}")
        chosen = tuple(dict.fromkeys(map(SinkName, wanted)))
        chosen = chosen or tuple(name for name, is_for_people in self.sinks.items() if is_for_people)
        if not chosen:
            raise ConfigurationError("no sink is one that people read: say which are meant, by --sink")
        return chosen
