"""The `conditions` of a configuration, found by their names wherever a condition may stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.combine import AllOf, AnyOf, NoneOf
from hookrouter.domain.conditions.event import EventIs
from hookrouter.domain.conditions.named import Named
from hookrouter.domain.lead import Json
from hookrouter.wire.config.faults import Fault, Faults, Path
from hookrouter.wire.rules.language import read_definition
from hookrouter.wire.rules.values import Place
from hookrouter.wire.rules.words import condition_fault

SECTION = "conditions"
ALL_EVENTS = frozenset(LeadEvent)

MOST_LEVELS = 20
"""Named conditions within each other; nobody can read more, and each costs a call."""

MOST_JUDGED = 1000
"""Named conditions that one route may lead to, each counted as often as it is asked: names can double and double."""


@dataclass(slots=True)
class NamedConditions:
    """All that one configuration names; each is read once, and its faults are told at its own place.

    Attributes:
        zone: in which a time without one is meant.
        judged: how many the routes read so far lead to.
    """

    written: Mapping[str, Json]
    zone: tzinfo = UTC
    faults: list[Fault] = field(default_factory=list)
    judged: int = 0
    _read: dict[str, Named] = field(default_factory=dict)
    _events: dict[str, frozenset[LeadEvent]] = field(default_factory=dict)
    _parts: dict[str, list[Named]] = field(default_factory=dict)
    _reading: list[str] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)

    def read_all(self) -> None:
        """Read every condition, whether a route asks for it or not."""
        for name in self.written:
            self._condition(name)

    def find(self, name: str, place: Place) -> Named:
        """The condition that a text at `place` names.

        Raises:
            Faults: there is none, it would be within itself, or the route takes no lead of which it asks.
        """
        if name not in self.written:
            raise place.fault(condition_fault(name, self.written))
        if name in self._reading:
            chain = " → ".join([*self._reading[self._reading.index(name) :], name])
            raise place.fault(f"the condition `{name}` refers to itself: {chain}")
        if len(self._reading) >= MOST_LEVELS:
            raise place.fault(f"more than {MOST_LEVELS} conditions stand within each other")
        found = self._condition(name)
        if self._reading:
            self._parts[self._reading[-1]].append(found)
        else:
            self._asked.add(name)
            self.judged += found.size
        untaken = sorted(self._events[name] - place.events)
        if untaken:
            text = f"`{name}` asks for {untaken[0]} leads, which the route does not take: name {untaken[0]}"
            raise place.fault(f"{text} in the `event` of its `match`")
        return found

    def unused(self) -> Iterator[Fault]:
        """A doubt of each condition that no route leads to."""
        used: set[str] = set()
        to_see = [name for name in self._asked if name in self._read]
        while to_see:
            name = to_see.pop()
            if name not in used:
                used.add(name)
                to_see += [part.name for part in self._parts[name]]
        for name in self.written:
            if name not in used:
                yield Fault(path=(SECTION, name), message=f"no route asks for the condition `{name}`", at_key=True)

    def _condition(self, name: str) -> Named:
        if name not in self._read:
            self._read[name] = self._read_one(name)
        return self._read[name]

    def _read_one(self, name: str) -> Named:
        path: Path = (SECTION, name)
        self._reading.append(name)
        self._parts[name] = []
        parts: tuple[Condition, ...] = ()
        try:
            parts = read_definition(self.written[name], Place(path=path, events=ALL_EVENTS, names=self, zone=self.zone))
        except Faults as found:
            self.faults += found.faults
        self._reading.pop()
        within = self._parts[name]
        self._events[name] = frozenset(self._events_of(parts))
        size = 1 + sum(each.size for each in within)
        levels = 1 + max((each.levels for each in within), default=0)
        if levels > MOST_LEVELS:
            self._fault(path, f"more than {MOST_LEVELS} conditions stand within each other")
        elif size > MOST_JUDGED:
            self._fault(path, f"it leads to more than {MOST_JUDGED} conditions, each counted as often as it is named")
        else:
            return Named(name=name, parts=parts, size=size, levels=levels)
        return Named(name=name, parts=parts)

    def _fault(self, path: Path, message: str) -> None:
        self.faults.append(Fault(path=path, message=message, at_key=True))

    def _events_of(self, conditions: Iterable[Condition]) -> Iterator[LeadEvent]:
        for condition in conditions:
            match condition:
                case Named(name=name):
                    yield from self._events[name]
                case EventIs(events=events):
                    yield from events
                case AllOf(parts=parts) | AnyOf(parts=parts) | NoneOf(parts=parts):
                    yield from self._events_of(parts)
