"""Differ: what other rules would have done with the same leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.routing import NO_OTHER
from hookrouter.usecases.explaining.explain import Explain, ExplainedDelivery, ExplainedRoute
from hookrouter.usecases.explaining.recall import Recalled

MOST_PLACES = 20
"""Places that are told of one message that changes: nobody reads more."""

Where = tuple[RouteName, SinkName]


class Turn(StrEnum):
    """What becomes of a delivery when the rules change."""

    COMES = "comes"
    GOES = "goes"
    CHANGES = "changes"
    STAYS = "stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One value of a message that changes; None stands for one that is not there, too."""

    path: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One delivery that the two rules do not have alike.

    Attributes:
        why: it comes or goes, by the conditions that decided; without any value of the lead.
        places: what changes in its message.
    """

    turn: Turn
    recalled: Recalled
    route: RouteName
    sink: SinkName
    why: str = ""
    places: tuple[Place, ...] = ()


@dataclass(slots=True, kw_only=True)
class Tally:
    """How many deliveries come, go, change and stay, by route."""

    pushes: int = 0
    leads: int = 0
    doubtful: int = 0
    turns: dict[RouteName, Counter[Turn]] = field(default_factory=dict)

    def count(self, turn: Turn) -> int:
        """Of all routes."""
        return sum(each[turn] for each in self.turns.values())

    def note(self, route: RouteName, turn: Turn) -> None:
        """Count one delivery."""
        self.turns.setdefault(route, Counter())[turn] += 1

    def as_json(self) -> dict[str, Json]:
        """As `explain --diff --json` prints it."""
        routes: dict[str, Json] = {
            route: {turn.value: turns[turn] for turn in Turn} for route, turns in sorted(self.turns.items())
        }
        totals: dict[str, Json] = {turn.value: self.count(turn) for turn in Turn}
        return {"pushes": self.pushes, "leads": self.leads, "doubtful": self.doubtful, **totals, "routes": routes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Differ:
    """Judges leads by the rules of before and of after."""

    before: Explain
    after: Explain

    def lead(self, recalled: Recalled, tally: Tally) -> Iterator[Difference]:
        """What differs for one lead; what stays is but counted."""
        tally.leads += 1
        tally.doubtful += bool(recalled.doubt)
        was, now = _sent(self.before, recalled), _sent(self.after, recalled)
        for where in dict.fromkeys((*was, *now)):
            turn, places = _turn(was.get(where), now.get(where))
            tally.note(where[0], turn)
            if turn is not Turn.STAYS:
                yield Difference(
                    turn=turn,
                    recalled=recalled,
                    route=where[0],
                    sink=where[1],
                    why=self._why(turn, recalled, where),
                    places=places,
                )

    def _why(self, turn: Turn, recalled: Recalled, where: Where) -> str:
        """What decided, by the rules that do not have the delivery."""
        if turn is Turn.CHANGES:
            return ""
        explain, when = (self.before, "before") if turn is Turn.COMES else (self.after, "now")
        verdicts = explain.lead(
            recalled.lead, recalled.snapshot, recalled.occasion, names=where[:1], own=recalled.own
        ).routes
        verdict = next((each for each in verdicts if each.route == where[0]), None)
        if verdict is None:
            return f"there {'was' if turn is Turn.COMES else 'is'} no such route {when}"
        return _reason(verdict, where[1], when)


def _reason(verdict: ExplainedRoute, sink: SinkName, when: str) -> str:
    if verdict.otherwise:
        wanted = " and ".join(each.label if each.held else f"not {each.label}" for each in verdict.otherwise)
        return f"{when} it needs {wanted}" if when == "now" else f"before it needed {wanted}"
    first = next((part for part in verdict.judgement.parts if not part.held), None)
    if first is not None and first.label == NO_OTHER:
        return f"{when} {first.found}"
    if verdict.failed is not None:
        return f"{when} {verdict.failed}"
    return f"{when} the route is a shadow" if verdict.shadow else f"{when} the route does not name {sink}"


def _sent(explain: Explain, recalled: Recalled) -> dict[Where, ExplainedDelivery]:
    sent = explain.sent(recalled.lead, recalled.snapshot, recalled.occasion, recalled.own)
    return {(each.route, each.sink): each for each in sent if not each.shadow}


def _turn(was: ExplainedDelivery | None, now: ExplainedDelivery | None) -> tuple[Turn, tuple[Place, ...]]:
    if was is None:
        return Turn.COMES, ()
    if now is None:
        return Turn.GOES, ()
    places = [*_places("", was.content, now.content)]
    if was.held != now.held:
        places.append(Place(path="held", before=was.held or None, after=now.held or None))
    return (Turn.CHANGES, tuple(places[:MOST_PLACES])) if places else (Turn.STAYS, ())


def _places(path: str, before: Json, after: Json) -> Iterator[Place]:
    """The innermost places where two contents differ."""
    if before == after:
        return
    match before, after:
        case dict(), dict():
            yield from _in_maps(path, before, after)
        case list(), list() if len(before) == len(after):
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from _places(f"{path}[{number}]", one, other)
        case _:
            yield Place(path=path, before=before, after=after)


def _in_maps(path: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Place]:
    for name in dict.fromkeys((*before, *after)):
        yield from _places(f"{path}.{name}" if path else name, before.get(name), after.get(name))
