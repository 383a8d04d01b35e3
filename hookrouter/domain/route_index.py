"""An index of routes by the values they ask for, so that a lead is judged by those alone that could take it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from hookrouter.domain.case import Case
from hookrouter.domain.conditions.equal import OneOf, asked_for, could_equal
from hookrouter.domain.conditions.field import FieldIs
from hookrouter.domain.conditions.named import Named

Places = list[int]


@dataclass(slots=True)
class _Field:
    """The routes that ask for values of one field, by what a value must spell; `asking` is any of their conditions."""

    asking: FieldIs
    places: dict[str | float, Places] = field(default_factory=lambda: defaultdict(list))


class RouteIndex:
    """Finds, among routes by their place, those that a case could take."""

    def __init__(self, conditions: Sequence[Iterable[object]]) -> None:
        """Index routes by the conditions of each, all of which must hold."""
        self._always: Places = []
        self._fields: dict[str, _Field] = {}
        equalities = [list(_equalities(asked)) for asked in conditions]
        shared = Counter(key for found in equalities for equality in found for key in _keys(*equality))
        for place, found in enumerate(equalities):
            if found:
                # By what it shares with the fewest, for a route is asked whenever this one equality may hold.
                self._add(place, *min(found, key=lambda each: max((shared[key] for key in _keys(*each)), default=0)))
            else:
                self._always.append(place)

    def _add(self, place: int, asking: FieldIs, test: OneOf) -> None:
        found = self._fields.setdefault(asking.path, _Field(asking))
        for spelled in asked_for(test):
            found.places[spelled].append(place)

    def candidates(self, case: Case) -> Iterable[int]:
        """The places, in order, of all routes that could take it, and of some that do not."""
        found: set[int] = set()
        for each in self._fields.values():
            for spelled in could_equal(each.asking.value(case)):
                found.update(each.places.get(spelled, ()))
        return sorted(found.union(self._always)) if found else self._always


def _equalities(conditions: Iterable[object]) -> Iterator[tuple[FieldIs, OneOf]]:
    for condition in conditions:
        if isinstance(condition, FieldIs) and isinstance(condition.test, OneOf):
            yield condition, condition.test
        elif isinstance(condition, Named):
            yield from _equalities(condition.parts)


def _keys(asking: FieldIs, test: OneOf) -> set[tuple[str, str | float]]:
    return {(asking.path, spelled) for spelled in asked_for(test)}
