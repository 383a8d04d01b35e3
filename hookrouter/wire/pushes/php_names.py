"""Names with brackets, as PHP reads and writes them: `leads[0][id]` is the id of the first of the leads."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.lead import Json

LARGEST_PLACE = 100_000
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


def nest(pairs: Iterable[tuple[str, str]], depth: int) -> dict[str, Json]:
    """Fields of a form by their names; a map whose keys are all numbers becomes a list in their order.

    A name that comes again with another value gets both, joined by a comma: the CRM's own way for fields
    with several values (crm-api 7, row 12).

    Raises:
        PushRefused: 400 for names that contradict each other or nest without end.
    """
    root: dict[str, Json] = {}
    for name, value in pairs:
        *holders, last = _path(name, depth)
        place = root
        for holder in holders:
            place = _inner(place, holder)
        _put(place, last, value)
    return {name: _listed(value) for name, value in root.items()}


def _path(name: str, depth: int) -> list[str]:
    match = _NAME.fullmatch(name)
    if match is None:
        return [name]
    path = [match[1], *_BRACKETS.findall(match[2])]
    if len(path) > depth:
        raise PushRefused(400, "nested too deeply", f"the name of a field has more than {depth} levels")
    return path


def _inner(place: dict[str, Json], name: str) -> dict[str, Json]:
    inner = place.setdefault(name or _next(place), {})
    if not isinstance(inner, dict):
        raise PushRefused(400, "names contradict", "a field of the form is both a value and a list or map")
    return inner


def _put(place: dict[str, Json], name: str, value: str) -> None:
    name = name or _next(place)
    earlier = place.get(name)
    if isinstance(earlier, dict):
        raise PushRefused(400, "names contradict", "a field of the form is both a value and a list or map")
    repeated = earlier is not None and earlier != value
    place[name] = f"{earlier},{value}" if repeated and earlier and value else value or str(earlier or "")


def _next(place: dict[str, Json]) -> str:
    return str(len(place))


def _listed(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(each) for name, each in value.items()}
    if inner and all(name.isascii() and name.isdigit() and len(name) <= len(str(LARGEST_PLACE)) for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
