"""The `match_timeline` of a route, read into conditions on the lead's history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.combine import AllOf, AnyOf
from hookrouter.domain.conditions.compare import Comparison, compared
from hookrouter.domain.conditions.field import ValueTest
from hookrouter.domain.conditions.happened import Happened
from hookrouter.domain.lead import Json
from hookrouter.domain.routing import HistoryMatch
from hookrouter.wire.config.faults import Path, did_you_mean
from hookrouter.wire.config.gathering import Gathering
from hookrouter.wire.config.json_shapes import Shape, reference, told
from hookrouter.wire.rules.events import source_fault
from hookrouter.wire.rules.operators import read_field_test
from hookrouter.wire.rules.shapes import COUNTED, SPAN
from hookrouter.wire.rules.values import Place, read_each, read_number, read_span

COUNT, LAST, WITHIN = "count", "last", "within"
WORDS: Mapping[str, Shape] = {
    COUNT: told(reference("count"), "how many there must be; one unless said"),
    LAST: told(COUNTED, "only among so many newest events of the lead, of whatever kind"),
    WITHIN: told(SPAN, "only those that had passed no longer than this when the lead was pushed"),
}
"""What may be asked of one kind of events, and what it looks like."""

COUNTING = ("gt", "gte", "lt", "lte", "between", "in", "not")
MOST_EVENTS = 1000
AT_LEAST_ONE: ValueTest = compared(Comparison.GTE, 1)
EXAMPLE = "as in {formSubmit: {count: {gte: 1}, within: 30d}}"


def read_match_timeline(value: Json, path: Path) -> HistoryMatch:
    """Read the plain value of a route's `match_timeline`: a map of event sources, or a list of such maps (any of).

    Raises:
        Faults: with all of them.
    """
    place = Place(path=path)
    if isinstance(value, list):
        conditions: tuple[Condition, ...] = (AnyOf(parts=tuple(read_each(value, place, _read_group))),)
    else:
        conditions = _read_sources(value, place)
    return HistoryMatch(conditions=conditions, sources=_sources_of(conditions))


def _read_group(value: Json, place: Place) -> Condition:
    conditions = _read_sources(value, place)
    return conditions[0] if len(conditions) == 1 else AllOf(parts=conditions)


def _read_sources(value: Json, place: Place) -> tuple[Condition, ...]:
    if not isinstance(value, dict) or not value:
        raise place.fault(f"event sources are needed, {EXAMPLE}")
    conditions: list[Condition] = []
    gathering = Gathering()
    for source, asked in value.items():
        with gathering:
            conditions.append(_read_source(source, asked, place.at(source)))
    gathering.finish()
    return tuple(conditions)


def _read_source(source: str, asked: Json, place: Place) -> Condition:
    fault = source_fault(source)
    if fault is not None:
        raise place.fault(fault, at_key=True)
    if not isinstance(asked, dict) or not asked:
        raise place.fault(f"say how often it must have happened, {EXAMPLE}")
    gathering = Gathering()
    for word in asked:
        with gathering:
            _insist_on_word(word, place.at(word))
    count, span, newest = AT_LEAST_ONE, None, None
    with gathering:
        count = _read_count(asked[COUNT], place.at(COUNT)) if COUNT in asked else count
    with gathering:
        newest = _read_newest(asked[LAST], place.at(LAST)) if LAST in asked else None
    with gathering:
        span = read_span(asked[WITHIN], place.at(WITHIN)) if WITHIN in asked else None
    gathering.finish()
    return Happened(source=source, count=count, span=span, newest=newest, limits=_limits(asked))


def _insist_on_word(word: str, place: Place) -> None:
    if word in COUNTING:
        raise place.fault(f"write count: {{{word}: …}}", at_key=True)
    if word not in WORDS:
        raise place.fault(f"there are {', '.join(WORDS)}{did_you_mean(word, WORDS)}", at_key=True)


def _read_count(value: Json, place: Place) -> ValueTest:
    _insist_on_numbers(value, place)
    return read_field_test(COUNT, value, place)


def _insist_on_numbers(value: Json, place: Place) -> None:
    """How often something happened is a number: of the operators those for numbers alone say anything of it."""
    match value:
        case dict():
            for word, operand in value.items():
                if word not in COUNTING:
                    raise place.at(word).fault(f"a number is counted with {', '.join(COUNTING)}", at_key=True)
                _insist_on_numbers(operand, place.at(word))
        case list():
            read_each(value, place, _insist_on_numbers)
        case _:
            read_number(value, place)


def _read_newest(value: Json, place: Place) -> int:
    if isinstance(value, bool) or not str(value).isdecimal():
        hint = "; for a span of time there is within" if isinstance(value, str) else ""
        raise place.fault(f"a number of events is needed, such as 10{hint}")
    newest = int(str(value)) if len(str(value)) <= len(str(MOST_EVENTS)) else MOST_EVENTS + 1
    if not 1 <= newest <= MOST_EVENTS:
        raise place.fault(f"give 1 to {MOST_EVENTS} events")
    return newest


def _limits(asked: Mapping[str, Json]) -> str:
    span = f" within {asked[WITHIN]}" if WITHIN in asked else ""
    newest = f" among the last {asked[LAST]} events" if LAST in asked else ""
    return span + newest


def _sources_of(conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    """The sources to be fetched; none, which means all, where the newest of all events are looked at."""
    leaves = list(_leaves(conditions))
    if any(leaf.newest is not None for leaf in leaves):
        return ()
    return tuple(dict.fromkeys(leaf.source for leaf in leaves))


def _leaves(conditions: tuple[Condition, ...]) -> Iterator[Happened]:
    for condition in conditions:
        match condition:
            case Happened():
                yield condition
            case AllOf(parts=parts) | AnyOf(parts=parts):
                yield from _leaves(parts)
