"""Judges the sinks that are told of something other than a lead: a report, or alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hookrouter.wire.config.faults import Fault, Path, known_names
from hookrouter.wire.config.sink_schema import SinkSchema
from hookrouter.wire.config.strict_fields import is_name


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSinks:
    """The sinks as they are written.

    Attributes:
        fallbacks: which of them stand in for others.
        section: where they are named, under `to`.
        carries: whether a kind of sink can tell it.
        nothing: what one that cannot carries, such as `no report`.
    """

    written: Mapping[str, object]
    schemas: Mapping[str, type[SinkSchema]]
    fallbacks: Mapping[str, str]
    section: str
    carries: Callable[[type[SinkSchema]], bool]
    nothing: str

    def faults(self, to: object) -> Iterator[Fault]:
        """What is wrong with those that are named."""
        names = to if isinstance(to, list) else []
        for place, name in enumerate(names):
            if isinstance(name, (str, int)) and is_name(str(name)):  # else the schema tells it
                yield from self._faults_of(str(name), names[:place], (self.section, "to", place))

    def _faults_of(self, name: str, earlier: Sequence[object], path: Path) -> Iterator[Fault]:
        if name not in self.written:
            known = known_names(name, sorted(self.written)) if self.written else ": the section `sinks` names none"
            yield Fault(path=path, message=f"there is no sink `{name}`{known}")
        elif name in earlier:
            yield Fault(path=path, message=f"the sink `{name}` stands twice here")
        elif (kind := _type(self.written[name])) is not None and not self._can(kind):
            text = f"a sink of the type {kind} carries {self.nothing}: those that do are {self._able}"
            yield Fault(path=path, message=text)
        else:
            yield from self._faults_of_fallbacks(name, path)

    def _faults_of_fallbacks(self, name: str, path: Path) -> Iterator[Fault]:
        """Whoever stands in for a sink must be able to tell it as well."""
        passed = {name}
        while (name := self.fallbacks.get(name, name)) not in passed:
            passed.add(name)
            kind = _type(self.written.get(name))
            if kind is not None and not self._can(kind):
                text = f"its fallback `{name}`, a sink of the type {kind}, carries {self.nothing}"
                yield Fault(path=path, message=f"{text}: those that do are {self._able}")
                return

    @property
    def _able(self) -> str:
        return ", ".join(sorted(kind for kind in self.schemas if self._can(kind)))

    def _can(self, kind: object) -> bool:
        schema = self.schemas.get(kind) if isinstance(kind, str) else None
        return schema is None or self.carries(schema)  # what is no type is told at the sink


def _type(options: object) -> object:
    """The type of a sink as it is written; None of one that has none, which is told there."""
    return options.get("type") if isinstance(options, dict) else None
