"""What marshmallow's fields and schemas take, as JSON Schema.

A field of a class of ours says it itself, by its method `json_schema`; a schema may add what no field can say by its
class attribute `json_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, missing, validate

from hookrouter.wire.config.duration import write_duration
from hookrouter.wire.config.json_shapes import MOST_SURELY_SHORT, Shape, also, or_variable, text, told

KINDS: dict[type[fields.Field[Any]], Shape] = {
    fields.Integer: also("integer", text(r"-?[0-9]+")),
    fields.Float: also("number", text(r"-?[0-9]+(?:\.[0-9]+)?")),
    fields.Boolean: {},
    fields.String: text(),
    fields.Raw: {},
}
"""The library's own kinds; the others stand in terms of these."""

OURS = "hookrouter."


class UnknownField(TypeError):  # noqa: N818 - it reads as what happened
    """A field of ours does not say what it takes; the text names its class and what to do."""


def shape_of_schema(schema: Schema) -> Shape:
    """A map as a schema takes it."""
    shape: Shape = {"type": "object", "properties": properties_of(schema)}
    required = [_key(name, field) for name, field in schema.load_fields.items() if field.required]
    if required:
        shape["required"] = required
    if schema.unknown == RAISE:
        shape["additionalProperties"] = False
    return {**shape, **getattr(schema, "json_rules", {})}


def properties_of(schema: Schema) -> dict[str, Shape]:
    """The keys that a schema takes, each with its shape."""
    return {_key(name, field): shape_of(field) for name, field in schema.load_fields.items()}


def shape_of(field: fields.Field[Any]) -> Shape:
    """A value as a field takes it.

    Raises:
        UnknownField: a field of ours does not tell; one of a plug-in that does not may be anything.
    """
    description = str(field.metadata.get("description", ""))
    shape = told(_bare(field), description)
    default = _default(field)
    return shape if default is None else {**shape, "default": default}


def _bare(field: fields.Field[Any]) -> Shape:
    says = getattr(field, "json_schema", None)
    if says is not None:
        shape: Shape = says()
        return shape
    match field:
        case fields.Nested():
            return shape_of_schema(field.schema)
        case fields.List():
            return _bounded({"type": "array", "items": shape_of(field.inner)}, field, "Items")
        case fields.Dict():
            return _bounded(_map(field), field, "Properties")
    return _plain(field)


def _map(field: fields.Dict) -> Shape:
    shape: Shape = {"type": "object"}
    if field.key_field is not None:
        names = shape_of(field.key_field)
        shape["propertyNames"] = {name: said for name, said in names.items() if name != "type"}  # keys are texts
    if field.value_field is not None:
        shape["additionalProperties"] = shape_of(field.value_field)
    return shape


def _plain(field: fields.Field[Any]) -> Shape:
    kind = type(field)
    if kind.__module__.startswith(OURS):
        raise UnknownField(
            f"{kind.__module__}.{kind.__qualname__} does not say what it takes: "
            "give it a method `json_schema` (see hookrouter/wire/config/json_shapes.py for pieces)"
        )
    shape = next((KINDS[each] for each in kind.__mro__ if each in KINDS), {})
    choices = next((one.choices for one in field.validators if isinstance(one, validate.OneOf)), None)
    if choices is not None:
        return or_variable({"enum": list(choices)})
    return _bounded(shape, field, "Length") if isinstance(field, fields.String) else shape


def _bounded(shape: Shape, field: fields.Field[Any], of: str) -> Shape:
    for length in field.validators:
        if isinstance(length, validate.Length):
            bounds = {f"min{of}": length.equal or length.min, f"max{of}": length.equal or length.max}
            shape = {**shape, **{name: bound for name, bound in bounds.items() if bound is not None}}
    may_be_variable = of == "Length" and shape.get("minLength", 0) > MOST_SURELY_SHORT
    return or_variable(shape) if may_be_variable else shape


def _default(field: fields.Field[Any]) -> Any:
    """What holds unless the file says otherwise, where it is a plain value."""
    default = field.load_default
    if default is missing or callable(default) or isinstance(default, Mapping | list):
        return None
    if isinstance(default, str | int | float):
        return default
    return write_duration(default) if hasattr(default, "total_seconds") else None


def _key(name: str, field: fields.Field[Any]) -> str:
    return field.data_key or name
