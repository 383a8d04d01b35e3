"""Pieces of JSON Schema (2020-12), by which editors know what may stand where."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]
"""A JSON Schema."""

VARIABLE = r"\$\{"
"""What a text has in it that the environment fills: only `check` can tell what it will be."""

MOST_SURELY_SHORT = 4
"""`${X}` has so many characters: a text that must have more may be a variable instead."""

TRUTH: Shape = {"type": "boolean"}


def reference(name: str) -> Shape:
    """What is described under this name."""
    return {"$ref": f"#/$defs/{name}"}


def text(pattern: str | None = None, *, example: str = "") -> Shape:
    """A text, or one that a variable is to make; the example tells of what kind."""
    if pattern is None:
        return {"type": "string"}
    told = {"patternErrorMessage": f"such as {example}"} if example else {}
    return {"type": "string", "pattern": f"^(?:{pattern})$|{VARIABLE}", **told}


def also(kind: str, shape: Shape) -> Shape:
    """A text that may be written without quotes although YAML then takes it for another kind, such as `number`."""
    return {**shape, "type": [kind, "string"]}


def or_variable(shape: Shape) -> Shape:
    """What is no text by itself, or what a variable is to make it."""
    return {"anyOf": [shape, reference("variable")]}


def one_or_more(shape: Shape) -> Shape:
    """A value, or a list of some."""
    return {"anyOf": [shape, {"type": "array", "items": shape, "minItems": 1}]}


def a_map(properties: dict[str, Shape], *, required: tuple[str, ...] = ()) -> Shape:
    """A map with these keys and no others."""
    shape: Shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "required": list(required)} if required else shape


def told(shape: Shape, description: str) -> Shape:
    """A shape with what an editor says of it."""
    return {"description": description, **shape} if description else shape
