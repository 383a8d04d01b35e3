"""Reads `defaults`: what the sinks of a type, or all sinks, say unless they say otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hookrouter.config.sink_types import no_such_type
from hookrouter.wire.config.faults import Fault, Path, did_you_mean
from hookrouter.wire.config.known_words import unknown_key
from hookrouter.wire.config.schema_faults import known_keys, option_faults
from hookrouter.wire.config.sink_schema import SinkSchema

SECTION = "defaults"
ALL = "all"
TYPE = "type"

Options = Mapping[str, object]


@dataclass(slots=True)
class SinkDefaults:
    """The defaults of one configuration; what is wrong in them is told at their own places."""

    written: Mapping[str, object]
    schemas: Mapping[str, type[SinkSchema]]
    faults: list[Fault] = field(default_factory=list)
    _faulty: set[tuple[str, str]] = field(default_factory=set)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def read_all(self) -> None:
        """Judge each by itself, whether a sink takes it or not."""
        for kind, options in self.written.items():
            if kind != ALL and kind not in self.schemas:
                message = no_such_type(kind, self.schemas, also=(ALL,))
                self.faults.append(Fault(path=(SECTION, kind), message=message, at_key=True))
            elif isinstance(options, dict):
                for key, value in options.items():
                    found = self._faults_of(kind, key, value)
                    self.faults += found
                    self._faulty |= {(kind, key)} if found else set()

    def completed(self, kind: str, options: Options) -> Options:
        """A sink's options, with the defaults for what it does not say itself."""
        if not self.written:
            return options
        found = dict(options)
        known = known_keys(self.schemas[kind]())
        for group in (kind, ALL):
            for key, value in self._of(group).items():
                if key not in found and key in known and key != TYPE:
                    found[key] = value
                    self._taken.add((group, key))
        return found

    def tells(self, kind: str, key: object) -> bool:
        """Whether it is told of a default already that the option which sinks of this type take from it is wrong."""
        return next(((group, key) in self._faulty for group in (kind, ALL) if key in self._of(group)), False)

    def unused(self) -> Iterator[Fault]:
        """A doubt of each default that no sink takes."""
        for kind, options in self.written.items():
            keys = [key for key in self._of(kind) if (kind, key) not in self._taken]
            if options and len(keys) == len(self._of(kind)):
                yield Fault(path=(SECTION, kind), message="no sink takes anything from here", at_key=True)
            else:
                for key in keys:
                    yield Fault(path=(SECTION, kind, key), message=f"no sink takes `{key}` from here", at_key=True)

    def _of(self, group: str) -> Options:
        options = self.written.get(group)
        return options if isinstance(options, dict) else {}

    def _faults_of(self, kind: str, key: str, value: object) -> list[Fault]:
        path: Path = (SECTION, kind, key)
        if key == TYPE:
            return [Fault(path=path, message="`type` is for each sink to say", at_key=True)]
        kinds = sorted(self.schemas) if kind == ALL else [kind]
        having = [schema for schema in (self.schemas[each]() for each in kinds) if key in known_keys(schema)]
        if not having:
            known = {name for each in kinds for name in known_keys(self.schemas[each]())} - {TYPE}
            if kind == ALL:
                text = f"no type of sinks has an option `{key}`{did_you_mean(key, known)}"
            else:
                text = unknown_key(key, sorted(known))
            return [Fault(path=path, message=text, at_key=True)]
        judged = (option_faults(schema, key, value, (SECTION, kind)) for schema in having)
        return next((faults for faults in judged if faults), [])
