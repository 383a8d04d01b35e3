"""JSON whose texts are templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

from hookrouter.domain.lead import Json
from hookrouter.wire.config.json_shapes import Shape
from hookrouter.wire.messages.sandbox import Escaping
from hookrouter.wire.messages.template import Template

Node = Template | int | float | bool | None | list["Node"] | dict[str, "Node"]
DEEPEST = 20

EscapingAt = Callable[[Mapping[str, object], str], Escaping]
"""How the values in a text are escaped, by the map that it stands in and its key there."""


def plainly(_within: Mapping[str, object], _key: str) -> Escaping:
    """Not at all."""
    return Escaping.TEXT


class JsonTemplateField(fields.Field[Node]):
    """A text that is a template, or a map or list with templates for texts."""

    def __init__(self, escaping_at: EscapingAt = plainly, **options: Any) -> None:
        super().__init__(**options)
        self.escaping_at = escaping_at

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Node:  # noqa: ARG002 - the library's signature
        if not isinstance(value, str | dict | list):
            raise ValidationError("a text, a map or a list is needed here")
        faults: dict[str, list[str]] = {}
        node = _Compiler(self.escaping_at, faults).compile(value, (), Escaping.TEXT)
        if faults:
            raise ValidationError([f"{place}: {fault}" if place else fault for place, (fault,) in faults.items()])
        return node

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return {"type": ["string", "object", "array"]}


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


@dataclass(frozen=True, slots=True)
class _Compiler:
    escaping_at: EscapingAt
    faults: dict[str, list[str]]

    def compile(self, value: Any, path: tuple[str, ...], escaping: Escaping) -> Node:
        if len(path) > DEEPEST:
            self._refuse(path, f"nested more than {DEEPEST} deep")
            return None
        match value:
            case str():
                try:
                    return Template(value, escaping)
                except ValueError as fault:
                    self._refuse(path, str(fault))
                    return None
            case dict():
                return {
                    str(name): self.compile(part, (*path, str(name)), self.escaping_at(value, str(name)))
                    for name, part in value.items()
                }
            case list():
                return [self.compile(part, (*path, str(place)), escaping) for place, part in enumerate(value)]
            case None | bool() | int() | float():
                return value
            case _:
                self._refuse(path, "this is no JSON value")
                return None

    def _refuse(self, path: tuple[str, ...], fault: str) -> None:
        self.faults[".".join(path)] = [fault]
