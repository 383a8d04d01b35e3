"""A marshmallow schema's complaints as faults, each with its path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from hookrouter.wire.config.faults import Fault, Faults, Path
from hookrouter.wire.config.known_words import unknown_key

MISSING = "Missing data for required field."
UNKNOWN = "Unknown field."
WHOLE = "_schema"
NO_KEY = "\0"

_MAP = "a map is needed here, lines of `key: value`"
_TEXT = "a text is needed here"
_PLAIN_WORDS = {
    "Field may not be null.": "a value is missing here; a text that begins with # needs quotes",
    "Not a valid string.": _TEXT,
    _TEXT: _TEXT,
    "Not a valid integer.": "a whole number is needed here",
    "Not a valid number.": "a number is needed here",
    "Not a valid boolean.": "give true or false",
    "Not a valid list.": "a list is needed here, such as [a, b]",
    "Not a valid mapping type.": _MAP,
    "Invalid input type.": _MAP,
    "Invalid type.": _MAP,
    "Shorter than minimum length 1.": "this must not be empty",
}
_LENGTH = re.compile(r"(?:Length must be between (?P<least>\d+) and |Longer than maximum length )(?P<most>\d+)\.")


def load_by(schema: Schema, value: Any, path: Path = ()) -> dict[str, Any]:
    """Load a value that stands at `path`.

    Raises:
        Faults: with all that the schema finds wrong.
    """
    try:
        loaded: dict[str, Any] = schema.load(value)
    except ValidationError as error:
        raise Faults(tuple(_faults(error.messages, schema, value, path))) from None
    return loaded


def known_keys(shape: object) -> tuple[str, ...]:
    """The keys that a schema takes; none of what is no schema."""
    if not isinstance(shape, Schema):
        return ()
    return tuple(part.data_key or name for name, part in shape.load_fields.items())


def option_faults(schema: Schema, key: str, value: Any, path: Path) -> list[Fault]:
    """What is wrong with one key of a schema, whatever stands beside it.

    The key that no schema has makes the library skip what a schema asks of its keys together.
    """
    others = [name for name, part in schema.load_fields.items() if (part.data_key or name) != key]
    try:
        schema.load({key: value, NO_KEY: None}, partial=others, unknown=RAISE)
    except ValidationError as error:
        told = error.messages_dict.get(key, [])
        return list(_faults({key: told} if told else {}, schema, {key: value}, path))
    return []


def _faults(errors: Any, shape: object, value: object, path: Path) -> Iterator[Fault]:
    if not isinstance(errors, dict):
        for message in errors if isinstance(errors, list) else [errors]:
            yield Fault(path=path, message=_with_example(_in_plain_words(str(message), value, path), shape))
        return
    for key, inner in errors.items():
        if inner == [UNKNOWN]:
            yield Fault(path=(*path, key), message=unknown_key(str(key), known_keys(shape)), at_key=True)
        elif inner == [MISSING]:
            yield Fault(path=path, message=f"`{key}` is missing", at_key=True)
        elif key == WHOLE and isinstance(value, dict):
            yield from (Fault(path=path, message=str(message), at_key=True) for message in inner)
        elif key == WHOLE:
            yield from _faults(inner, shape, value, path)
        elif isinstance(shape, fields.Dict):
            yield from _map_faults(inner, shape, _child(value, key), (*path, key))
        else:
            yield from _faults(inner, _part(shape, key), _child(value, key), (*path, key))


def _with_example(message: str, shape: object) -> str:
    """What is wrong, with what would be right where a map is needed that is written in one line."""
    example = getattr(shape, "example", "")
    return f"a map is needed here, as in {example}" if message == _MAP and example else message


def _map_faults(errors: Any, shape: fields.Dict, value: object, path: Path) -> Iterator[Fault]:
    for message in errors.get("key", []):
        yield Fault(path=path, message=str(message), at_key=True)
    if "value" in errors:
        yield from _faults(errors["value"], _unwrapped(shape.value_field), value, path)


def _part(shape: object, key: object) -> object:
    if isinstance(shape, fields.List):
        return _unwrapped(shape.inner)
    if isinstance(shape, Schema):
        for name, part in shape.load_fields.items():
            if (part.data_key or name) == key:
                return _unwrapped(part)
    return None


def _unwrapped(shape: object) -> object:
    return shape.schema if isinstance(shape, fields.Nested) else shape


def _child(value: object, key: object) -> object:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _in_plain_words(message: str, value: object, path: Path) -> str:
    plain = _PLAIN_WORDS.get(message)
    if plain == _TEXT and isinstance(value, (bool, int, float)):
        return f"{_TEXT}: put it in quotes"
    if plain is not None:
        return plain
    bounds = _LENGTH.fullmatch(message)
    if bounds and isinstance(value, (str, list, dict)):
        return _on_length(value, _called(path), bounds["least"], bounds["most"])
    if message.startswith(("Must ", "Length ", "Shorter ", "Longer ", "Not ", "String ")):
        return (message[0].lower() + message[1:]).rstrip(".")
    return message


def _on_length(value: str | list[Any] | dict[Any, Any], name: str, least: str | None, most: str) -> str:
    """What to do about a value of the wrong length; the value itself may be secret and is not told."""
    parts = "characters" if isinstance(value, str) else "entries"
    if not value:
        return f"{name} is empty: give {least} to {most} {parts}"
    remedy = "shorten it" if isinstance(value, str) else f"take out {len(value) - int(most)}"
    return f"{name} has {len(value)} {parts}, and {most} are the most: {remedy}"


def _called(path: Path) -> str:
    names = [part for part in path if isinstance(part, str)]
    called = f"`{names[-1]}`" if names else "this"
    return f"an entry of {called}" if names and not isinstance(path[-1], str) else called
