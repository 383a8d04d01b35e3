"""The kinds of KEDA and the Prometheus operator as JSON Schema, read from the models that a package publishes of them.

The models are read and not imported: they would bring a client of Kubernetes along, and with it a plug-in of pytest.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

PLAIN = {"str": "string", "bool": "boolean", "int": "integer", "float": "number"}
Schema = dict[str, Any]


def schema_of(package: str, module: str, kind: str) -> Schema:
    """The schema of one kind; a field that the kind does not have is wrong."""
    return {"$ref": f"#/$defs/{kind}", "$defs": dict(_wanted(_classes(package, module), kind))}


@functools.cache
def _classes(package: str, module: str) -> dict[str, str]:
    """The text of each class by its name: of megabytes only what is wanted is read on."""
    source = Path(str(distribution(package).locate_file(module))).read_text(encoding="utf-8")
    return {text.split("(", 1)[0]: text for text in re.split(r"^class ", source, flags=re.MULTILINE)[1:]}


def _wanted(classes: dict[str, str], kind: str) -> Iterator[tuple[str, Schema]]:
    """This class, and all that its fields lead to."""
    waiting, seen = [kind], {kind}
    while waiting:
        name = waiting.pop()
        found, *_ = ast.parse(f"class {classes[name]}").body
        assert isinstance(found, ast.ClassDef)
        yield name, _object(found)
        fields = [field for field in found.body if isinstance(field, ast.AnnAssign)]
        named = {node.id for field in fields for node in ast.walk(field.annotation) if isinstance(node, ast.Name)}
        waiting += sorted((named & classes.keys()) - seen)
        seen |= named


def _object(found: ast.ClassDef) -> Schema:
    properties, required = {}, []
    for field in found.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            name, kind = field.target.id, field.annotation
            if isinstance(kind, ast.Subscript) and ast.unparse(kind.value) == "Annotated":
                kind, *besides = kind.slice.elts  # type: ignore[attr-defined]  # a tuple, as it is written
                aliases = [each.value.value for one in besides for each in one.keywords if each.arg == "alias"]
                name = aliases[0] if aliases else name
            properties[name] = _type(kind)
            required += [name] if field.value is None else []
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _type(kind: ast.expr) -> Schema:
    if isinstance(kind, ast.Name):
        return {"type": PLAIN[kind.id]} if kind.id in PLAIN else {"$ref": f"#/$defs/{kind.id}"}
    if not isinstance(kind, ast.Subscript):
        return {}  # of Kubernetes itself, such as its ObjectMeta
    inner = kind.slice.elts if isinstance(kind.slice, ast.Tuple) else [kind.slice]
    match ast.unparse(kind.value):
        case "Optional":
            return _type(inner[0])
        case "List":
            return {"type": "array", "items": _type(inner[0])}
        case "Dict":
            return {"type": "object", "additionalProperties": _type(inner[1])}
        case "Union":
            return {"anyOf": [_type(each) for each in inner]}
        case "Literal":
            return {"enum": [ast.literal_eval(each) for each in inner]}
        case other:
            raise AssertionError(f"{other} is not known here")
