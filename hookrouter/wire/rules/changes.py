"""What `match` asks of how a lead was before: `changed` and `crossed`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.changed import (
    Crossed,
    changed,
    changed_from_to,
    crossed_above,
    crossed_below,
)
from hookrouter.domain.conditions.field import ValueTest
from hookrouter.domain.lead import Json
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.config.gathering import Gathering
from hookrouter.wire.config.json_shapes import Shape, a_map, one_or_more, reference
from hookrouter.wire.rules.operators import read_field_test
from hookrouter.wire.rules.shapes import FIELD_NAME, NUMBER
from hookrouter.wire.rules.values import Place, read_each, read_number

_SIDES: dict[str, Callable[[str, float], Crossed]] = {"above": crossed_above, "below": crossed_below}
_ENDS = ("from", "to")
_MEANT = dict.fromkeys(("gt", "gte", ">", ">=", "over"), "above") | dict.fromkeys(
    ("lt", "lte", "<", "<=", "under"), "below"
)
"""What people write for a limit, by the operators of fields."""

CHANGED: Shape = {
    "anyOf": [
        *one_or_more(FIELD_NAME)["anyOf"],
        {
            "type": "object",
            "additionalProperties": {**a_map(dict.fromkeys(_ENDS, reference("test"))), "minProperties": 1},
            "minProperties": 1,
        },
    ]
}
CROSSED: Shape = {
    "type": "object",
    "additionalProperties": {**a_map(dict.fromkeys(_SIDES, NUMBER)), "minProperties": 1, "maxProperties": 1},
    "minProperties": 1,
}


def read_changed(value: Json, place: Place) -> tuple[Condition, ...]:
    """`changed`: a list of fields, any of which; or a map of fields to from and to, all of them."""
    match value:
        case dict():
            return _read_fields(value, place, _read_from_to)
        case []:
            raise place.fault("`changed` names no field")
        case _:
            return (changed(read_each(value, place, _read_field_name)),)


def read_crossed(value: Json, place: Place) -> tuple[Condition, ...]:
    """`crossed`: a map of fields to a limit each, all of which must be crossed."""
    if not isinstance(value, dict):
        raise place.fault("a field with its limit is needed, as in {leadScore: {above: 80}}")
    return _read_fields(value, place, _read_limit)


def _read_fields(
    value: dict[str, Json], place: Place, read: Callable[[str, Json, Place], Condition]
) -> tuple[Condition, ...]:
    if not value:
        raise place.fault(f"`{place.path[-1]}` names no field")
    conditions: list[Condition] = []
    gathering = Gathering()
    for field, part in value.items():
        with gathering:
            conditions.append(read(field, part, place.at(field)))
    gathering.finish()
    return tuple(conditions)


def _read_field_name(value: Json, place: Place) -> str:
    if not isinstance(value, str) or not value.strip():
        raise place.fault("a field's name is needed, as in [leadStatus, leadScore]")
    return value


def _read_from_to(field: str, value: Json, place: Place) -> Condition:
    if not isinstance(value, dict) or not value:
        raise place.fault(f"say from what to what {field} changed, as in {{from: open, to: qualified}}")
    sides: dict[str, ValueTest] = {}
    gathering = Gathering()
    for word, part in value.items():
        with gathering:
            _known(word, _ENDS, place)
            sides[word] = read_field_test(field, part, place.at(word))
    gathering.finish()
    return changed_from_to(field, sides.get("from"), sides.get("to"))


def _read_limit(field: str, value: Json, place: Place) -> Condition:
    if not isinstance(value, dict) or not value:
        raise place.fault("a limit is needed, as in {above: 80} or {below: 20}")
    limits: list[Condition] = []
    gathering = Gathering()
    for word, part in value.items():
        with gathering:
            _known(word, _SIDES, place)
            limits.append(_SIDES[word](field, read_number(part, place.at(word))))
    gathering.finish()
    if len(limits) > 1:
        raise place.fault("a field crosses one limit at a time: give above or below; `any` takes both")
    return limits[0]


def _known(word: str, words: Iterable[str], place: Place) -> None:
    if word not in words:
        known, meant = " and ".join(words), _MEANT.get(word.removeprefix("$"), word)
        raise place.at(word).fault(f"`{word}` is not known here, {known} are{did_you_mean(meant, words)}", at_key=True)
