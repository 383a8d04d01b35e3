"""Reads the routes, with all that ties them to sources, sinks and the CRM."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from marshmallow import ValidationError

from hookrouter.config.follow_up_section import FollowUpReader
from hookrouter.config.sinks_section import SinkReader
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.sample import Sampled
from hookrouter.domain.follow_up import FollowUp
from hookrouter.domain.ids import RouteName, TeamName
from hookrouter.domain.lead import Json
from hookrouter.domain.once import Once
from hookrouter.domain.routing import UNMATCHED, USUAL_EVENTS, Enrichment, HistoryMatch, Objective, Route, Target
from hookrouter.wire.config.duration import write_duration
from hookrouter.wire.config.faults import Fault, Faults, Path, known_names
from hookrouter.wire.config.route_schema import MOST_TARGETS, read_target
from hookrouter.wire.config.strict_fields import is_name
from hookrouter.wire.rules.during import RouteTime, read_during
from hookrouter.wire.rules.history import read_match_timeline
from hookrouter.wire.rules.language import read_match
from hookrouter.wire.rules.names import MOST_JUDGED, NamedConditions
from hookrouter.wire.rules.times import NamedTimes
from hookrouter.wire.rules.values import Place

SECTION = "routes"

ASKING_THE_CRM = ("enrich", "match_timeline")

MOST_FAULTS = 200
"""Nobody reads more, and each costs a search for the nearest name."""

EVERY_LEAD = 100
"""Per cent: a sample of all leads asks nothing."""

Match = tuple[tuple[Condition, ...], frozenset[LeadEvent] | None]


@dataclass(slots=True)
class RouteReader:
    """The routes; each part is read for itself, so that all faults are found at once.

    Attributes:
        teams: the names of all.
        where: says of a route by its number where it stands.
    """

    sources: Sequence[str]
    teams: Sequence[str]
    conditions: NamedConditions
    times: NamedTimes
    sinks: SinkReader
    has_crm: bool
    where: Callable[[int], str]
    faults: list[Fault] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)
    _matches: dict[int, Match] = field(default_factory=dict)
    _histories: dict[int, HistoryMatch] = field(default_factory=dict)
    _times: dict[int, RouteTime] = field(default_factory=dict)
    _follow_ups: FollowUpReader = field(init=False)

    def __post_init__(self) -> None:
        """Read the follow-up steps with the same names."""
        self._follow_ups = FollowUpReader(self.conditions, self.sinks.written.keys(), self.faults)

    def read_all(self, written: object) -> None:
        """Read every route as it is written."""
        if not isinstance(written, list):
            return
        for number, route in enumerate(written):
            if isinstance(route, dict) and len(self.faults) < MOST_FAULTS:
                self._read_one(number, route)

    def read_unmatched(self, written: object) -> None:
        """Read where leads go that no route takes."""
        if isinstance(written, dict):
            self._read_targets(written.get("to"), UNMATCHED, (UNMATCHED, "to"))

    def routes(
        self, loaded: Sequence[Mapping[str, Any]], unmatched: Mapping[str, Any] | None = None
    ) -> tuple[Route, ...]:
        """The routes as their schema loaded them, joined with their conditions; behind them that of `unmatched`."""
        routes = tuple(self._route(number, options) for number, options in enumerate(loaded))
        if unmatched is None:
            return routes
        return (*routes, Route(name=UNMATCHED, conditions=(), to=unmatched["to"], for_unmatched=True))

    def _read_one(self, number: int, route: Mapping[str, object]) -> None:
        path: Path = (SECTION, number)
        self._check_name(route.get("name"), number)
        self._check_sources(route.get("source"), (*path, "source"))
        for word in ASKING_THE_CRM:
            if word in route and not self.has_crm:
                self._fault((*path, word), f"`{word}` asks the CRM: it needs the section `crm`", at_key=True)
        if "match" in route:
            self._read_match(route["match"], number)
        if "match_timeline" in route:
            self._read_match_timeline(route["match_timeline"], number)
        if "during" in route:
            self._read_during(route["during"], number)
        self._follow_ups.read(route.get("follow_up"), number, (*path, "follow_up"), has_team="assign" in route)
        self._check_team(route.get("assign"), (*path, "assign"))
        self._read_targets(route.get("to"), str(route.get("name")), (*path, "to"))

    def _check_team(self, name: object, path: Path) -> None:
        if isinstance(name, (str, int)) and is_name(str(name)) and str(name) not in self.teams:  # else the schema tells
            known = known_names(str(name), self.teams) if self.teams else ": the section `teams` names none"
            self._fault(path, f"there is no team `{name}`{known}")

    def _check_name(self, name: object, number: int) -> None:
        if not isinstance(name, (str, int)):
            return
        if name == UNMATCHED:
            text = f"the name `{UNMATCHED}` belongs to the leads that no route takes: choose another"
            self._fault((SECTION, number, "name"), text)
        first = self._names.setdefault(str(name), number)
        if first != number:
            self._fault((SECTION, number, "name"), f"the name `{name}` is taken by {self.where(first)}")

    def _check_sources(self, written: object, path: Path) -> None:
        if not isinstance(written, list):
            self._check_source(written, path)
            return
        for place, source in enumerate(written):
            self._check_source(source, (*path, place))

    def _check_source(self, source: object, path: Path) -> None:
        if isinstance(source, (str, int)) and str(source) not in self.sources:
            self._fault(path, f"there is no source `{source}`{known_names(str(source), self.sources)}")

    def _read_match(self, written: object, number: int) -> None:
        path: Path = (SECTION, number, "match")
        before = self.conditions.judged
        try:
            self._matches[number] = read_match(cast("Json", written), path, self.conditions, self.conditions.zone)
        except Faults as found:
            self.faults += found.faults
        if self.conditions.judged - before > MOST_JUDGED:
            text = f"it leads to more than {MOST_JUDGED} conditions, each counted as often as it is named"
            self._fault(path, text, at_key=True)

    def _read_match_timeline(self, written: object, number: int) -> None:
        try:
            self._histories[number] = read_match_timeline(cast("Json", written), (SECTION, number, "match_timeline"))
        except Faults as found:
            self.faults += found.faults

    def _read_during(self, written: object, number: int) -> None:
        try:
            time = read_during(cast("Json", written), Place(path=(SECTION, number, "during")), self.times)
        except Faults as found:
            self.faults += found.faults
        else:
            if time is not None:
                self._times[number] = time

    def _read_targets(self, written: object, route: str, path: Path) -> None:
        for place, target in enumerate(written[:MOST_TARGETS] if isinstance(written, list) else ()):
            self._read_target(target, route, (*path, place))

    def _read_target(self, written: object, route: str, path: Path) -> None:
        try:
            target = read_target(written)
        except ValidationError:
            return  # the schema tells it
        if target.sink in self.sinks.written:
            self.sinks.read_variant(target, route, path)
            return
        place = (*path, "sink") if isinstance(written, dict) else path
        self._fault(place, self._no_such_sink(target))

    def _no_such_sink(self, target: Target) -> str:
        names = list(self.sinks.written)
        known = known_names(target.sink, names) if names else ": the section `sinks` names none"
        return f"there is no sink `{target.sink}`{known}"

    def _route(self, number: int, options: Mapping[str, Any]) -> Route:
        conditions, events = self._matches.get(number, ((), None))
        time = self._times.get(number)
        if time is not None and time.drops:
            conditions = (*conditions, time.during)
        if options.get("sample", EVERY_LEAD) < EVERY_LEAD:
            conditions = (*conditions, Sampled(route=RouteName(options["name_"]), percent=options["sample"]))
        return Route(
            name=RouteName(options["name_"]),
            conditions=conditions,
            to=options.get("to", ()),
            events=USUAL_EVENTS if events is None else events,
            sources=frozenset(options.get("source", ())),
            match_timeline=self._histories.get(number),
            enrichment=_enrichment(options),
            once=_once(options["once"]) if "once" in options else None,
            follow_up=self._follow_up(options, number),
            assign=TeamName(options["assign"]) if "assign" in options else None,
            objective=_objective(options["objective"]) if "objective" in options else None,
            held_outside=None if time is None or time.drops else time.during,
            stop=options["stop"],
            shadow=options["shadow"],
        )

    def _follow_up(self, options: Mapping[str, Any], number: int) -> FollowUp | None:
        if "follow_up" not in options:
            return None
        time = self._times.get(number)
        team = TeamName(options["assign"]) if "assign" in options else None
        read = self._follow_ups.follow_up(options["follow_up"], number, None if time is None else time.during, team)
        route = options["name_"]
        return read.with_writers([each.sink for each in options["to"] if self.sinks.writes_assigned(each.sink, route)])

    def _fault(self, path: Path, message: str, *, at_key: bool = False) -> None:
        self.faults.append(Fault(path=path, message=message, at_key=at_key))


def _once(said: Mapping[str, Any]) -> Once:
    every: timedelta = said["every"]
    return Once(every=every, label=f"once per {said['per']} every {write_duration(every)}")


def _objective(said: Mapping[str, timedelta]) -> Objective:
    [(word, within)] = said.items()
    return Objective(percent=int(word.removeprefix("p")), within=within)


def _enrichment(options: Mapping[str, Any]) -> Enrichment | None:
    if "enrich" not in options:
        return None
    wanted: Mapping[str, Any] = options["enrich"]
    timeline = wanted.get("timeline")
    of = timeline or {}
    return Enrichment(
        timeline=timeline is not None,
        sources=tuple(of.get("sources", ())),
        last=cast("timedelta | None", of.get("last")),
        lists=wanted.get("lists", False),
        patience=cast("timedelta | None", wanted.get("on_failure")),
    )
