"""What an independent reader of YAML 1.2 sees in a file, and whether a value says the same."""

from __future__ import annotations

import io

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


def compose(text: str) -> Node | None:
    """The file as its nodes: what is a text and what a number is left open.

    Raises:
        ruamel.yaml.error.MarkedYAMLError: it is no YAML.
    """
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    node: Node | None = reader.compose(io.StringIO(text))
    return node


def says_the_same(value: object, node: Node | None) -> bool:
    """Whether the value is what was written, or what YAML 1.2 makes of it."""
    match node:
        case None:
            return value is None
        case ScalarNode():
            return _scalar_says(value, node.value, is_quoted=bool(node.style))
        case SequenceNode():
            return (
                isinstance(value, list) and len(value) == len(node.value) and all(map(says_the_same, value, node.value))
            )
        case MappingNode():
            pairs = [(key.value, part) for key, part in node.value]
            if not isinstance(value, dict) or list(value) != [name for name, _ in pairs]:
                return False
            return all(says_the_same(value[name], part) for name, part in pairs)
        case _:
            return False


def _scalar_says(value: object, written: str, *, is_quoted: bool) -> bool:
    if isinstance(value, str):
        return value == written
    if is_quoted:
        return False
    if value is None:
        return written in {"", "~", "null"}
    if isinstance(value, bool):
        return written == str(value).lower()
    return written == str(value)
