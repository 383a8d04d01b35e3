"""The `match` of a route, read into conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.combine import AllOf, AnyOf, NoneOf
from hookrouter.domain.conditions.event import EventIs
from hookrouter.domain.conditions.field import FieldIs
from hookrouter.domain.conditions.moment import FieldWithin
from hookrouter.domain.lead import Json
from hookrouter.wire.config.faults import Path, did_you_mean
from hookrouter.wire.config.gathering import Gathering
from hookrouter.wire.config.json_shapes import Shape, one_or_more, reference
from hookrouter.wire.rules.changes import CHANGED, CROSSED, read_changed, read_crossed
from hookrouter.wire.rules.operators import read_field_tests
from hookrouter.wire.rules.values import NO_NAMES, Names, Place, read_each, read_span
from hookrouter.wire.rules.words import CONDITION_NEEDED, WITHIN, field_fault, misspelt_word


def read_match(
    value: Json, path: Path, names: Names = NO_NAMES, zone: tzinfo = UTC
) -> tuple[tuple[Condition, ...], frozenset[LeadEvent] | None]:
    """Read the plain value of a route's `match`.

    Args:
        value: a map of what must all hold, a list of maps any of which may, or a condition's name.
        path: of the value.
        names: where names are looked up.
        zone: in which a time without one is meant.

    Returns:
        The conditions, all of which must hold, and the events if it names some.

    Raises:
        Faults: with all of them.
    """
    place = Place(path=path, names=names, zone=zone)
    if isinstance(value, str | list):
        return read_definition(value, place), None
    if not isinstance(value, dict):
        raise place.fault("conditions are needed, as in {leadStatus: open}; without `match` every lead matches")
    events: frozenset[LeadEvent] | None = None
    conditions: tuple[Condition, ...] = ()
    gathering = Gathering()
    with gathering:
        if "event" in value:
            events = _read_events(value["event"], place.at("event"))
            place = replace(place, events=events)
    with gathering:
        conditions = _read_entries({name: part for name, part in value.items() if name != "event"}, place)
    gathering.finish()
    return conditions, events


def read_definition(value: Json, place: Place) -> tuple[Condition, ...]:
    """Read what stands for a condition: a map of what must all hold, a list of maps any of which may, or a name.

    Raises:
        Faults: with all of them.
    """
    match value:
        case str():
            return (place.names.find(value, place),)
        case list():
            return _read_any(value, place)
        case dict() if value:
            return _read_entries(value, place)
        case _:
            raise place.fault(CONDITION_NEEDED)


def _read_entries(entries: Mapping[str, Json], place: Place) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    gathering = Gathering()
    for name, value in entries.items():
        with gathering:
            conditions.extend(_read_entry(name, value, place.at(name)))
    gathering.finish()
    return tuple(conditions)


def _read_entry(name: str, value: Json, place: Place) -> tuple[Condition, ...]:
    word = WORDS.get(name)
    if word is not None:
        return word.read(value, place)
    message = field_fault(name) or (misspelt_word(name, value) if isinstance(value, dict) else None)
    if message is not None:
        raise place.fault(message, at_key=True)
    if isinstance(value, dict) and WITHIN in value:
        return _read_timely(name, value, place)
    return _read_field(name, value, place)


def _read_field(name: str, value: Json, place: Place) -> tuple[Condition, ...]:
    return tuple(FieldIs(path=name, test=test) for test in read_field_tests(name, value, place))


def _read_timely(name: str, value: dict[str, Json], place: Place) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    others: dict[str, Json] = {word: operand for word, operand in value.items() if word != WITHIN}
    gathering = Gathering()
    with gathering:
        conditions.append(_read_within(name, value[WITHIN], place.at(WITHIN)))
    with gathering:
        conditions.extend(_read_field(name, others, place) if others else ())
    gathering.finish()
    return tuple(conditions)


def _read_within(name: str, value: Json, place: Place) -> Condition:
    span = read_span(value, place)
    return FieldWithin(label=f"{name} within {value}", path=name, span=span)


def _read_all(value: Json, place: Place) -> tuple[Condition, ...]:
    return _read_alternatives(value, place)


def _read_any(value: Json, place: Place) -> tuple[Condition, ...]:
    return (AnyOf(parts=_read_alternatives(value, place)),)


def _read_none(value: Json, place: Place) -> tuple[Condition, ...]:
    return (NoneOf(parts=_read_alternatives(value, place)),)


def _read_not(value: Json, place: Place) -> tuple[Condition, ...]:
    if isinstance(value, list):
        raise place.fault("one condition is needed, as in {state: CA}; `none` takes a list")
    return (NoneOf(parts=(_read_group(value, place.deeper()),)),)


def _read_alternatives(value: Json, place: Place) -> tuple[Condition, ...]:
    if not isinstance(value, list):
        raise place.fault("a list of conditions is needed, as in [{state: CA}, {country: Canada}]")
    return tuple(read_each(value, place.deeper(), _read_group))


def _read_group(value: Json, place: Place) -> Condition:
    if isinstance(value, list):
        raise place.fault(CONDITION_NEEDED)
    conditions = read_definition(value, place)
    return conditions[0] if len(conditions) == 1 else AllOf(parts=conditions)


def _read_event(value: Json, place: Place) -> tuple[Condition, ...]:
    events = _read_events(value, place)
    untaken = sorted(events - place.events)
    if untaken:
        raise place.fault(f"the route takes no {untaken[0]} lead: name {untaken[0]} in the `event` of its `match` too")
    return (EventIs(events=events),)


def _read_events(value: Json, place: Place) -> frozenset[LeadEvent]:
    return frozenset(read_each(value, place, _read_event_name))


def _read_event_name(value: Json, place: Place) -> LeadEvent:
    known = [event.value for event in LeadEvent]
    if not isinstance(value, str) or value not in known:
        hint = did_you_mean(value, known) if isinstance(value, str) else ""
        raise place.fault(f"no such event; there are {', '.join(known)}{hint}")
    return LeadEvent(value)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of `match` that is no field: what it asks, how what stands behind it is read, and what that looks like."""

    asks: str
    read: Callable[[Json, Place], tuple[Condition, ...]]
    takes: Shape


GROUP = reference("condition")
GROUPS: Shape = {"type": "array", "items": GROUP, "minItems": 1}

WORDS: Mapping[str, Word] = {
    "all": Word("all of these conditions hold", _read_all, GROUPS),
    "any": Word("at least one of these conditions holds", _read_any, GROUPS),
    "none": Word("none of these conditions holds", _read_none, GROUPS),
    "not": Word("this condition does not hold", _read_not, GROUP),
    "event": Word(
        "what happened to the lead; created or updated unless said", _read_event, one_or_more({"enum": [*LeadEvent]})
    ),
    "changed": Word("at least one of these fields changed, or: all of them, from this to that", read_changed, CHANGED),
    "crossed": Word("the field is beyond the limit now and was not before", read_crossed, CROSSED),
}
"""The one table of these words: for reading them, and for editors."""
