"""Reads the sinks, each by its type's own schema."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from hookrouter.config.defaults_section import SinkDefaults
from hookrouter.config.model import CRM_SINK, SinkConfig
from hookrouter.config.secrets import sink_secrets
from hookrouter.config.sink_types import no_such_type
from hookrouter.config.templates import templates_in
from hookrouter.domain.burst import Burst
from hookrouter.domain.fallback import Fallback
from hookrouter.domain.ids import SinkName
from hookrouter.domain.order import Order
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.domain.routing import Target
from hookrouter.wire.config.faults import Fault, Faults, Path, known_names
from hookrouter.wire.config.schema_faults import load_by
from hookrouter.wire.config.sink_schema import SinkSchema
from hookrouter.wire.messages.template import ASSIGNED, speaks_of

SECTION = "sinks"
OF_THE_SINK = (
    "type",
    "concurrency",
    "shards",
    "timeout",
    "retry",
    "only",
    "order",
    "rate_limit",
    "digest",
    "burst",
    "expire_after",
    "fallback",
)
"""What all deliveries of a sink share, so that no route can say otherwise."""

KINDS = {"email": "an e-mail sink", "crm": "a sink that writes to the CRM"}

Options = Mapping[str, object]


@dataclass(slots=True)
class SinkReader:
    """The sinks: what was written, what was read, what is wrong.

    Attributes:
        sections: those that the file has.
        looks_outside: judge the files that the sinks name, too.
    """

    written: Mapping[str, object]
    schemas: Mapping[str, type[SinkSchema]]
    defaults: SinkDefaults
    sections: Collection[str]
    looks_outside: bool = False
    faults: list[Fault] = field(default_factory=list)
    _read: dict[str, Options] = field(default_factory=dict)
    _variants: dict[str, dict[str, Options]] = field(default_factory=dict)
    _overrides: dict[str, list[Options]] = field(default_factory=dict)

    def read_all(self) -> None:
        """Read every sink by itself."""
        for name, options in self.written.items():
            if isinstance(options, dict):
                self._read_one(name, options)
        self._check_fallbacks()

    def read_variant(self, target: Target, route: str, path: Path) -> None:
        """Read a sink as one route sees it; `path` is the target's."""
        said = self.written[target.sink]
        if not target.overrides or not isinstance(said, dict):
            return
        options = self._completed(said)
        own = [key for key in target.overrides if key in OF_THE_SINK]
        for key in own:
            text = f"`{key}` belongs to the sink: a route cannot change it; make a second sink"
            self.faults.append(Fault(path=(*path, key), message=text, at_key=True))
        schema = self._schema_of(options)
        if own or schema is None:
            return
        try:
            loaded = load_by(schema(), {**options, **target.overrides}, path)
        except Faults as found:
            self.faults += self._faults_of_route(found.faults, target, path)
            return
        self._miss_sections(schema, loaded, path)
        self._look_outside(schema, loaded, path)
        self._variants.setdefault(target.sink, {})[route] = loaded
        self._overrides.setdefault(target.sink, []).append(target.overrides)

    def writes_assigned(self, sink: SinkName, route: str) -> bool:
        """Whether a sink tells the CRM, as one route sees it, whom a lead was given to."""
        options = self._variants.get(sink, {}).get(route, self._read.get(sink, {}))
        if options.get("type") != CRM_SINK:
            return False
        return any(speaks_of(template, ASSIGNED) for template, _ in templates_in(options, ()))

    def sinks(self) -> dict[SinkName, SinkConfig]:
        """The sinks that could be read."""
        return {
            SinkName(name): SinkConfig(
                name=SinkName(name),
                type=str(options["type"]),
                policy=_policy(
                    options,
                    self.schemas[str(options["type"])],
                    sink_secrets(self._all_written(name)),
                ),
                options=options,
                variants=self._variants.get(name, {}),
                is_for_people=self.schemas[str(options["type"])].is_for_people,
            )
            for name, options in self._read.items()
        }

    def _all_written(self, name: str) -> list[Options]:
        return [self._completed(cast("Options", self.written[name])), *self._overrides.get(name, ())]

    def _completed(self, said: Options) -> Options:
        """A sink's options with the defaults that it takes."""
        return said if self._schema_of(said) is None else self.defaults.completed(str(said["type"]), said)

    def _read_one(self, name: str, options: Options) -> None:
        schema = self._schema_of(options)
        if schema is None:
            self.faults.append(self._type_fault(name, options))
            return
        if schema.needs_section and schema.needs_section not in self.sections:
            text = f"{KINDS.get(str(options['type']), 'this sink')} needs the section `{schema.needs_section}`"
            self.faults.append(Fault(path=(SECTION, name, "type"), message=text))
        try:
            self._read[name] = load_by(schema(), self._completed(options), (SECTION, name))
        except Faults as found:
            self.faults += [fault for fault in found.faults if not self._is_told(fault, options)]
            return
        self._miss_sections(schema, self._read[name], (SECTION, name))
        self._look_outside(schema, self._read[name], (SECTION, name))

    @property
    def fallbacks(self) -> Mapping[str, str]:
        """The sinks that have a fallback, each with it."""
        found = {name: _fallback(options.get("fallback")) for name, options in self._read.items()}
        return {name: fallback.to for name, fallback in found.items() if fallback is not None}

    def _check_fallbacks(self) -> None:
        """Each leads to a sink that there is, and none back to where it began."""
        leads_to = self.fallbacks
        for name, to in leads_to.items():
            path = (SECTION, name, "fallback", "to")
            if to not in self.written:
                text = f"there is no sink `{to}`{known_names(to, sorted(self.written))}"
                self.faults.append(Fault(path=path, message=text))
            elif self._read.get(to, {}).get("type") == CRM_SINK:
                text = f"`{to}` writes to the CRM: it does not say there what `{name}` would have said"
                self.faults.append(Fault(path=path, message=text))
            elif (way := _way_round(name, leads_to)) is not None:
                text = f"it leads back to `{name}` ({' → '.join(way)}): nobody would be told while all of them are dead"
                self.faults.append(Fault(path=path, message=text))

    def _miss_sections(self, schema: type[SinkSchema], options: Options, path: Path) -> None:
        for key, sections in schema.sections_of_keys.items():
            if options.get(key) and (missing := [name for name in sections if name not in self.sections]):
                which = "section" if len(missing) == 1 else "sections"
                text = f"`{key}` needs the {which} {' and '.join(f'`{name}`' for name in missing)}"
                self.faults.append(Fault(path=(*path, key), message=text, at_key=True))

    def _is_told(self, fault: Fault, said: Options) -> bool:
        """Whether a fault of a sink is that of a default which it takes."""
        _, _, *inner = fault.path
        return bool(inner) and inner[0] not in said and self.defaults.tells(str(said["type"]), inner[0])

    def _look_outside(self, schema: type[SinkSchema], options: Options, path: Path) -> None:
        if self.looks_outside:
            found = schema.outside_faults(options)
            self.faults += [Fault(path=(*path, *inner), message=message) for inner, message in found]

    def _schema_of(self, options: Options) -> type[SinkSchema] | None:
        kind = options.get("type")
        return self.schemas.get(kind) if isinstance(kind, str) else None

    def _type_fault(self, name: str, options: Options) -> Fault:
        known = ", ".join(sorted(self.schemas))
        if "type" not in options:
            return Fault(path=(SECTION, name), message=f"`type` is missing: one of {known}", at_key=True)
        kind = options["type"]
        path = (SECTION, name, "type")
        if not isinstance(kind, str):
            return Fault(path=path, message=f"give one of {known}")
        return Fault(path=path, message=no_such_type(kind, self.schemas))

    def _faults_of_route(self, faults: Iterable[Fault], target: Target, path: Path) -> list[Fault]:
        """A fault that the sink has by itself is told once, at the sink."""
        sink_is_sound = target.sink in self._read
        depth = len(path)
        return [
            fault
            for fault in faults
            if sink_is_sound or (len(fault.path) > depth and fault.path[depth] in target.overrides)
        ]


def _way_round(start: str, leads_to: Mapping[str, str]) -> list[str] | None:
    """The way from a sink over fallbacks to itself; None when it ends elsewhere."""
    way = [start]
    while (following := leads_to.get(way[-1])) is not None:
        way.append(following)
        if following == start:
            return way
        if following in way[:-1]:
            return None
    return None


def _policy(options: Options, kind: type[SinkSchema], secrets: tuple[str, ...]) -> SinkPolicy:
    usual = SinkPolicy()
    timeout = cast("Mapping[str, timedelta]", options["timeout"])
    retry = cast("Mapping[str, timedelta]", options.get("retry", {}))
    only = cast("list[str] | None", options.get("only_"))
    said_rate = cast("float | None", options.get("rate_limit"))
    return SinkPolicy(
        concurrency=cast("int", options["concurrency"]),
        shards=cast("int", options["shards"]),
        timeout=timeout["total"],
        connect_timeout=timeout.get("connect"),
        read_timeout=timeout.get("read"),
        retry_for=retry.get("for_", usual.retry_for),
        only=None if only is None else tuple(only),
        order=Order(cast("str", options.get("order", kind.usual_order))),
        rate_limit=said_rate or kind.usual_rate,
        rate_place="" if said_rate else kind.rate_place(options),
        digest=_digest(cast("Mapping[str, object] | None", options.get("digest"))),
        fallback=_fallback(options.get("fallback")),
        burst=_burst(cast("Mapping[str, object] | None", options.get("burst"))),
        expire_after=cast("timedelta | None", options.get("expire_after")),
        secrets=secrets,
    )


def _fallback(given: object) -> Fallback | None:
    if not isinstance(given, dict):
        return None
    return Fallback(to=SinkName(cast("str", given["to"])), after=cast("timedelta", given["after"]))


def _digest(given: Mapping[str, object] | None) -> Digest | None:
    if given is None:
        return None
    return Digest(
        every=cast("timedelta", given["every"]), most=cast("int", given["max"]), by=cast("str | None", given.get("by"))
    )


def _burst(given: Mapping[str, object] | None) -> Burst | None:
    if given is None:
        return None
    over, per = cast("tuple[int, timedelta]", given["over"])
    return Burst(over=over, per=per)
