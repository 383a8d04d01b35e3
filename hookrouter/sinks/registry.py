"""The sink types there are: ours, and those of installed plug-ins."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from hookrouter.domain.errors import ConfigurationError
from hookrouter.sinks.kinds import SinkType
from hookrouter.wire.config.sink_schema import SinkSchema

GROUP = "hookrouter.sinks"

FAULTS = (
    ArithmeticError,
    ImportError,
    SyntaxError,
    NameError,
    AttributeError,
    TypeError,
    ValueError,
    LookupError,
    OSError,
    RuntimeError,
)
"""What importing somebody else's module may raise."""


def load_sink_types(found: Iterable[EntryPoint] | None = None) -> dict[str, SinkType]:
    """All sink types by name, from the entry points `hookrouter.sinks`.

    Raises:
        ConfigurationError: a plug-in cannot be loaded, or two want the same name; the text names them.
    """
    types: dict[str, SinkType] = {}
    origins: dict[str, str] = {}
    for entry in sorted(_installed() if found is None else found):
        kind = _load(entry)
        if kind.name in types and types[kind.name] is not kind:
            raise ConfigurationError(
                f"two plug-ins bring a sink type {kind.name!r}: {origins[kind.name]} and {entry.value}; uninstall one"
            )
        types[kind.name] = kind
        origins[kind.name] = entry.value
    return types


@cache
def _installed() -> tuple[EntryPoint, ...]:
    """What was installed when it was first asked: a process keeps what it imported, and what it found here."""
    return tuple(entry_points(group=GROUP))


def _load(entry: EntryPoint) -> SinkType:
    try:
        kind = entry.load()
    except FAULTS as fault:
        raise ConfigurationError(
            f"the sink plug-in {entry.name!r} ({entry.value}) cannot be loaded: {type(fault).__name__}: {fault}"
        ) from fault
    if not isinstance(kind, SinkType) or not issubclass(kind.schema, SinkSchema):
        raise ConfigurationError(f"the sink plug-in {entry.name!r} ({entry.value}) is no SinkType with a SinkSchema")
    if kind.name != entry.name:
        raise ConfigurationError(f"the sink plug-in {entry.name!r} ({entry.value}) calls itself {kind.name!r}")
    return kind
