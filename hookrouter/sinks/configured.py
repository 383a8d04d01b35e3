"""The configured sinks, each as its routes address it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hookrouter.domain.ids import SinkName
from hookrouter.ports.sinks import Sink
from hookrouter.sinks.kinds import SinkTools, SinkType

Options = Mapping[str, object]
Configured = tuple[SinkName, str, Options, Mapping[str, Options], SinkTools]
"""A sink's name, its type's, its options, the options as certain routes see them, and its tools."""


@dataclass(frozen=True, slots=True)
class ConfiguredSinks:
    """Finds sinks by name and route; see `ports.sinks.Sinks`."""

    plain: Mapping[SinkName, Sink]
    variants: Mapping[tuple[SinkName, str], Sink]

    @classmethod
    def build(cls, sinks: Iterable[Configured], types: Mapping[str, SinkType]) -> ConfiguredSinks:
        """Build every sink, and once more for each route that says something otherwise."""
        plain: dict[SinkName, Sink] = {}
        variants: dict[tuple[SinkName, str], Sink] = {}
        for name, kind, options, by_route, tools in sinks:
            plain[name] = types[kind].build(name, options, tools)
            for route, changed in by_route.items():
                variants[name, route] = types[kind].build(name, changed, tools)
        return cls(plain, variants)

    def find(self, sink: SinkName, route: str) -> Sink | None:
        """The sink as this route addresses it; None when the configuration knows it no more."""
        return self.variants.get((sink, route)) or self.plain.get(sink)
