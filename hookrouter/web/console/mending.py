"""The fields of a lead in a form: shown to be mended, and read back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson
from werkzeug.datastructures import MultiDict

from hookrouter.domain.lead import Json
from hookrouter.web.discreet import Discreet

OF_FIELD, NEW_NAME, NEW_VALUE = "field.", "new-name", "new-value"
ROOM_FOR = 3
"""Fields that a form has room to add."""
_BREAK = re.compile(r"\r\n|\r|\n")
LONG = 80
"""Characters from which on a value gets lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mendable:
    """One field as a form shows it.

    Attributes:
        text: what stands in the form; '' where the value is hidden.
        hidden: what stands there instead, as a hint; left empty it stays as it is.
    """

    name: str
    text: str
    hidden: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it needs lines."""
        return len(self.text) > LONG or bool(_BREAK.search(self.text))


def mendable(fields: Mapping[str, Json], changes: Mapping[str, Json], telling: Discreet) -> Iterator[Mendable]:
    """The fields, with what was changed of them so far."""
    for name, value in {**fields, **changes}.items():
        visible = telling.value(value, name)
        if visible == value or name in changes:
            yield Mendable(name=name, text=_written(value))
        else:
            yield Mendable(name=name, text="", hidden=_written(visible))


def read_changes(given: MultiDict[str, str], fields: Mapping[str, Json], telling: Discreet) -> dict[str, Json]:
    """What a form changes of the fields."""
    changes: dict[str, Json] = {}
    for name, text in given.items():
        field = name.removeprefix(OF_FIELD)
        if field == name:
            continue
        value, said = fields.get(field), _as_sent(text)
        is_hidden = telling.value(value, field) != value
        if said == _as_sent(_written(value)) or (is_hidden and not said):
            continue
        changes[field] = _read(said, value)
    names = zip(given.getlist(NEW_NAME), given.getlist(NEW_VALUE), strict=False)
    return changes | {name.strip(): text for name, text in names if name.strip()}


def _as_sent(text: str) -> str:
    """A text as a browser sends it, but for the kind of its line breaks, which browsers choose."""
    return _BREAK.sub("\n", text).replace("\0", "\N{REPLACEMENT CHARACTER}")


def _written(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _read(text: str, former: Json) -> Json:
    """A text as the kind of value that stood there before, if it can be read as one."""
    if former is None or isinstance(former, str):
        return text
    try:
        read: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return read
