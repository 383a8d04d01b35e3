"""Routes that no lead takes: by their own conditions, or because an earlier one takes all their leads and stops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, fields

from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.changed import Changed
from hookrouter.domain.conditions.combine import AllOf, AnyOf, NoneOf
from hookrouter.domain.conditions.equal import OneOf
from hookrouter.domain.conditions.field import FieldIs
from hookrouter.domain.conditions.named import Named
from hookrouter.domain.reach.conditions import Claim, Conflict, Facts, conflict, refutes
from hookrouter.domain.reach.values import spellings
from hookrouter.domain.routing import Route

MOST_COMPARED = 20
"""Earlier routes that one route is compared with; with more, nothing is said of the others."""

MOST_COMPARED_IN_ALL = 20_000
"""In a file: a whole one is judged within a second."""

DECIDING = frozenset({"name", "conditions", "to", "events", "sources", "enrichment", "held_outside", "once", "stop"})
"""What of a route is known to say which leads it takes, or not to matter for that."""

Key = tuple[Hashable, ...]
CHANGES: Key = ("changes",)
"""Where a route stands that asks for any of several changes: one on one of them fulfils it."""


def facts_of(route: Route) -> Facts:
    """What must be so of a lead that takes the route, before its history is looked at."""
    facts = Facts(events=route.events)
    for condition in route.conditions:
        facts.add(Claim(condition))
    return facts


def why_impossible(route: Route) -> Conflict | None:
    """Why no lead can take the route; None when one could, or when nobody can tell."""
    found = conflict(facts_of(route))
    if found is None and route.match_timeline is not None:
        history = Facts(events=route.events)
        for condition in route.match_timeline.conditions:
            history.add(Claim(condition))
        found = conflict(history)
    return found


def takes_all_of(earlier: Route, later: Route) -> bool:
    """Whether a route surely takes every lead that could take another one."""
    return _is_plain(earlier) and _covers(earlier, later) and _asks_no_more(earlier, facts_of(later))


@dataclass(slots=True)
class Stoppers:
    """The routes so far that stop, found again by what they ask for.

    Attributes:
        by_key: a route that asks a field for some values stands under each of them, any other under its first field.
        left: how many more routes are compared.
    """

    by_key: dict[Key, list[Route]] = field(default_factory=lambda: defaultdict(list))
    left: int = MOST_COMPARED_IN_ALL

    def add(self, route: Route) -> None:
        """Remember a route that stops."""
        if route.stop and _is_plain(route):
            for key in set(_keys_of(route.conditions)):
                self.by_key[key].append(route)

    def before(self, route: Route) -> Route | None:
        """One of them that takes every lead of a later route."""
        if not self.by_key:
            return None
        facts = facts_of(route)
        for earlier in self._candidates(facts):
            self.left -= 1
            if _covers(earlier, route) and _asks_no_more(earlier, facts):
                return earlier
        return None

    def _candidates(self, facts: Facts) -> Iterator[Route]:
        left = min(MOST_COMPARED, self.left)
        for key in dict.fromkeys(_keys_in(facts)):
            found = self.by_key.get(key, ())[:left]
            left -= len(found)
            yield from found


def _keys_in(facts: Facts) -> Iterator[Key]:
    """Where a route stands that these facts could fulfil."""
    yield ()
    for condition in facts.holding:
        yield _opaque(condition)
        yield CHANGES
    for choice in facts.choices:
        yield from (_keys_of((choice[0].condition,)) if choice[0].holds else ())
    for path, asked in facts.tests.items():
        yield ("field", path)
        for _, test in asked:
            if isinstance(test, OneOf):
                yield from [("value", path, spelled) for spelled in sorted(spellings(test), key=str)[:1]]


def _keys_of(conditions: Iterable[Condition]) -> Iterable[Key]:
    """Where a route with these conditions stands."""
    leaves = list(_leaves(conditions))
    for leaf in leaves:
        if isinstance(leaf, FieldIs) and isinstance(leaf.test, OneOf):
            return [("value", leaf.path, spelled) for spelled in spellings(leaf.test)]
    match leaves:
        case []:
            return [()]
        case [FieldIs(path=path), *_] | [NoneOf(parts=(FieldIs(path=path), *_)), *_]:
            return [("field", path)]
        case [AnyOf(parts=parts), *_]:
            return [key for part in parts for key in _keys_of((part,))]
    return [CHANGES if isinstance(leaves[0], Changed) else _opaque(leaves[0])]


def _opaque(condition: Condition) -> Key:
    return type(condition), condition.label


def _leaves(conditions: Iterable[Condition]) -> Iterator[Condition]:
    for condition in conditions:
        if isinstance(condition, Named | AllOf):
            yield from _leaves(condition.parts)
        else:
            yield condition


def _is_plain(route: Route) -> bool:
    """Whether its conditions alone say which leads it takes: whatever else a route may have is as if it had none."""
    others = (one for one in fields(route) if one.name not in DECIDING)
    return all(getattr(route, one.name) == one.default for one in others)


def _covers(earlier: Route, later: Route) -> bool:
    of_all_sources = not earlier.sources or (bool(later.sources) and earlier.sources >= later.sources)
    return earlier.events >= later.events and of_all_sources


def _asks_no_more(earlier: Route, later: Facts) -> bool:
    return all(refutes(later, Claim(condition, holds=False)) for condition in earlier.conditions)
