"""The JSON Schema of the whole configuration file, by which editors complete and check it as you type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hookrouter.config.defaults_section import ALL, TYPE
from hookrouter.config.sinks_section import OF_THE_SINK
from hookrouter.wire.config.config_schema import ConfigSchema
from hookrouter.wire.config.field_shapes import properties_of, shape_of_schema
from hookrouter.wire.config.json_shapes import VARIABLE, Shape, a_map, reference, told
from hookrouter.wire.config.sink_schema import SinkSchema
from hookrouter.wire.rules.during import during_definition, working_time_definition
from hookrouter.wire.rules.schema import match_definitions
from hookrouter.wire.rules.times import days_off_definition, time_definition

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "hookrouter.yaml"
"""By which a file is known to be a schema of ours."""

SinkSchemas = Mapping[str, type[SinkSchema]]


def editor_schema(sink_schemas: SinkSchemas) -> Shape:
    """Describe the configuration with these types of sinks."""
    schema = shape_of_schema(ConfigSchema())
    sinks = schema["properties"]["sinks"]
    sinks["additionalProperties"] = reference("sink")
    defaults = schema["properties"]["defaults"]
    schema["properties"]["defaults"] = told(_defaults(sink_schemas), defaults["description"])
    return {
        "$schema": DIALECT,
        "title": TITLE,
        "description": "Which leads go where. Lists mean any of, maps mean all of; all routes that match fire.",
        **schema,
        "allOf": [_whole_sinks()],
        "$defs": {
            "variable": told({"type": "string", "pattern": VARIABLE}, "${NAME} or ${NAME:-default}"),
            **match_definitions(),
            "time": time_definition(),
            "during": during_definition(),
            "days-off": days_off_definition(),
            "working-time": working_time_definition(),
            "sink": _sink(sorted(sink_schemas)),
            "whole-sink": {"allOf": [*_options_needed(sink_schemas)]},
            "target": _target(sink_schemas.values()),
            **{_name(kind): _sink_type(kind, schema) for kind, schema in sorted(sink_schemas.items())},
        },
    }


def _whole_sinks() -> Shape:
    """In a main file without defaults each sink must have all that it needs by itself."""
    has_no_defaults: Shape = {"required": ["version"], "not": {"required": ["defaults"]}}
    whole = {"properties": {"sinks": {"additionalProperties": reference("whole-sink")}}}
    return {"if": has_no_defaults, "then": whole}


def _options_needed(sink_schemas: SinkSchemas) -> Iterator[Shape]:
    """The options that a sink must have, where no defaults can stand in for them."""
    for kind, schema in sorted(sink_schemas.items()):
        needed = shape_of_schema(schema()).get("required", [])
        yield {"if": {"properties": {TYPE: {"const": kind}}, "required": [TYPE]}, "then": {"required": needed}}


def _sink(kinds: Iterable[str]) -> Shape:
    """A sink says its type, by which its other options are known."""
    type_of = {"type": told({"enum": [*kinds]}, "the kind of sink")}
    rules = [
        {"if": {"properties": {"type": {"const": kind}}, "required": ["type"]}, "then": reference(_name(kind))}
        for kind in type_of["type"]["enum"]
    ]
    return {"type": "object", "required": ["type"], "properties": type_of, "allOf": rules}


def _sink_type(kind: str, schema: type[SinkSchema]) -> Shape:
    shape = shape_of_schema(schema())
    del shape["required"]
    shape["properties"]["type"] = {"const": kind}
    return told(shape, (schema.__doc__ or "").strip().split("\n")[0])


def _target(schemas: Iterable[type[SinkSchema]]) -> Shape:
    """A sink as one route wants it; which options it has its type tells, which stands elsewhere in the file."""
    said_here = {key: shape for key, shape in _options_of_any(schemas).items() if key not in OF_THE_SINK}
    sink = told({"type": ["string", "integer"]}, "the sink's name")
    return {
        "type": "object",
        "required": ["sink"],
        "properties": {"sink": sink, **said_here},
        "additionalProperties": False,
    }


def _defaults(sink_schemas: SinkSchemas) -> Shape:
    """What sinks of each type take, and what all of them may."""
    kinds = {kind: _defaults_of([schema], f"of {kind} sinks") for kind, schema in sorted(sink_schemas.items())}
    return a_map({ALL: _defaults_of(sink_schemas.values(), "of all sinks whose type has the option"), **kinds})


def _defaults_of(schemas: Iterable[type[SinkSchema]], description: str) -> Shape:
    return told(a_map({key: one for key, one in _options_of_any(schemas).items() if key != TYPE}), description)


def _options_of_any(schemas: Iterable[type[SinkSchema]]) -> dict[str, Shape]:
    options: dict[str, list[Shape]] = {}
    for schema in schemas:
        for key, shape in properties_of(schema()).items():
            said = options.setdefault(key, [])
            said += [] if shape in said else [shape]
    return {key: _any_of(shapes) for key, shapes in sorted(options.items())}


def _any_of(shapes: list[Shape]) -> Shape:
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _name(kind: str) -> str:
    return f"sink-{kind}"
