"""The `during` of a route: at which times it is open, and what becomes of a lead outside of them."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.calendar import OpenTime
from hookrouter.domain.conditions.during import During
from hookrouter.domain.lead import Json
from hookrouter.wire.config.faults import Fault, Faults, did_you_mean
from hookrouter.wire.config.gathering import Gathering
from hookrouter.wire.config.json_shapes import Shape, a_map, or_variable, reference, text, told
from hookrouter.wire.config.strict_fields import KEBAB
from hookrouter.wire.rules.times import KEYS, NamedTimes, WrittenTime, never_opens, read_time, time_shape
from hookrouter.wire.rules.values import Place

TIME, OUTSIDE, NOT = "time", "outside", "not"
HOLD, DROP = "hold", "drop"
_OUTSIDE = {"delay": HOLD, "wait": HOLD, "queue": HOLD, "keep": HOLD, "mute": DROP, "skip": DROP, "discard": DROP}


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTime:
    """When a route is open; `drops` if it takes no lead at other times, instead of holding its deliveries."""

    during: During
    drops: bool = False


def read_during(value: Json, place: Place, times: NamedTimes) -> RouteTime | None:
    """Read a time's name, `{time: name, outside: drop}`, a time's own keys, or `{not: …}`.

    Returns:
        None when the time that is named has faults, which are told already.

    Raises:
        Faults: with all of them.
    """
    if isinstance(value, str):
        return _opening(times.find(value, place), place, outside=False, drops=False)
    if not isinstance(value, dict) or not value:
        raise place.fault("a time is needed: the name of one in `times`, or {days: …, hours: …, timezone: …}")
    drops, found, is_not = False, None, NOT in value
    gathering = Gathering()
    with gathering:
        drops = _drops(value.get(OUTSIDE, HOLD), place.at(OUTSIDE))
    with gathering:
        rest: Json = {key: part for key, part in value.items() if key != OUTSIDE}
        if is_not:
            _refuse_beside(NOT, value, place)
            found = _read_which(value[NOT], place.at(NOT), times)
        else:
            found = _read_which(rest, place, times)
    gathering.finish()
    return _opening(found, place, outside=is_not, drops=drops)


def read_working_time(value: Json, place: Place, times: NamedTimes) -> OpenTime | None:
    """Read the time at which a person works: a time's name, or its own keys.

    Returns:
        None when the time that is named has faults, which are told already.

    Raises:
        Faults: with all of them.
    """
    if not isinstance(value, (str, dict)) or not value:
        raise place.fault("a time is needed: the name of one in `times`, or {days: …, hours: …, timezone: …}")
    found = _read_which(value, place, times)
    if found is not None and never_opens(found.time, outside=False):
        raise place.fault("this time never opens")
    return None if found is None else found.time


def _opening(found: WrittenTime | None, place: Place, *, outside: bool, drops: bool) -> RouteTime | None:
    if found is None:
        return None
    if never_opens(found.time, outside=outside):
        raise place.fault("it is open all the time, so this never is" if outside else "this time never opens")
    return RouteTime(during=During(time=found.time, name=found.name, outside=outside), drops=drops)


def _read_which(value: Json, place: Place, times: NamedTimes) -> WrittenTime | None:
    match value:
        case str():
            return times.find(value, place)
        case dict() if TIME in value:
            _refuse_beside(TIME, value, place)
            name = value[TIME]
            if not isinstance(name, str):
                raise place.at(TIME).fault("the name of one of the file's `times` is needed")
            return times.find(name, place.at(TIME))
        case _:
            return read_time(value, place)


def _refuse_beside(word: str, value: dict[str, Json], place: Place) -> None:
    """Refuse what would be left unread."""
    faults: list[Fault] = []
    for key in value:
        if key not in {word, OUTSIDE}:
            known = (TIME, NOT, OUTSIDE, *KEYS)
            hint = "" if key in known else did_you_mean(key, known)
            message = f"`{key}` cannot stand beside `{word}`{hint}"
            faults.append(Fault(path=(*place.path, key), message=message, at_key=True))
    if faults:
        raise Faults(faults)


def _drops(value: Json, place: Place) -> bool:
    word = value if isinstance(value, str) else ""
    if word not in {HOLD, DROP}:
        called = f" (did you mean {_OUTSIDE[word]}?)" if word in _OUTSIDE else did_you_mean(word, (HOLD, DROP))
        raise place.fault(f"give hold (deliveries wait until it opens) or drop (the route takes no lead){called}")
    return word == DROP


def working_time_definition() -> Shape:
    """What an editor takes for the time at which a person works."""
    return {"anyOf": [told(text(KEBAB, example="sales-desk"), "one of the file's `times`"), reference("time")]}


def during_definition() -> Shape:
    """What an editor takes for `during`."""
    name = told(text(KEBAB, example="sales-desk"), "one of the file's `times`")
    outside = told(
        or_variable({"enum": [HOLD, DROP]}),
        "at other times: hold (deliveries wait, the usual) or drop",
    )
    inverse = told({"anyOf": [name, reference("time")]}, "open when this is not")
    return {
        "anyOf": [
            name,
            a_map({TIME: name, OUTSIDE: outside}, required=(TIME,)),
            a_map({NOT: inverse, OUTSIDE: outside}, required=(NOT,)),
            a_map({**time_shape(), OUTSIDE: outside}, required=("timezone",)),
        ]
    }
