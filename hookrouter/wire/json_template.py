"""JSON whose texts are templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from hookrouter.domain.lead import Json
from hookrouter.wire.template import Template

Node = Template | int | float | bool | None | list["Node"] | dict[str, "Node"]
DEEPEST = 20


class JsonTemplateField(fields.Field[Node]):
    """A text that is a template, or a map or list with templates for texts."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Node:  # noqa: ARG002 - the library's signature
        if not isinstance(value, str | dict | list):
            raise ValidationError("a text, a map or a list is needed here")
        faults: dict[str, list[str]] = {}
        node = _compile(value, (), faults)
        if faults:
            raise ValidationError([f"{place}: {fault}" if place else fault for place, (fault,) in faults.items()])
        return node


def render_json(node: Node, context: Mapping[str, object]) -> Json:
    """Fill every template; each stays one text, so that no value of a lead can become JSON's own marks.

    Raises:
        RenderingFailed: one of them cannot be filled.
    """
    match node:
        case Template():
            return node.render(context)
        case dict():
            return {name: render_json(part, context) for name, part in node.items()}
        case list():
            return [render_json(part, context) for part in node]
        case _:
            return node


def _compile(value: Any, path: tuple[str, ...], faults: dict[str, list[str]]) -> Node:
    if len(path) > DEEPEST:
        faults[".".join(path)] = [f"nested more than {DEEPEST} deep"]
        return None
    match value:
        case str():
            try:
                return Template(value)
            except ValueError as fault:
                faults[".".join(path)] = [str(fault)]
                return None
        case dict():
            return {str(name): _compile(part, (*path, str(name)), faults) for name, part in value.items()}
        case list():
            return [_compile(part, (*path, str(place)), faults) for place, part in enumerate(value)]
        case None | bool() | int() | float():
            return value
        case _:
            faults[".".join(path)] = ["this is no JSON value"]
            return None
