"""Reads the follow-up steps of routes, with what ties them to conditions and sinks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from hookrouter.domain.condition import Condition
from hookrouter.domain.conditions.during import During
from hookrouter.domain.follow_up import FollowUp, FollowUpStep
from hookrouter.domain.ids import TeamName
from hookrouter.domain.lead import Json
from hookrouter.wire.config.duration import read_duration, write_duration
from hookrouter.wire.config.faults import Fault, Faults, Path, known_names
from hookrouter.wire.rules.language import read_definition
from hookrouter.wire.rules.names import ALL_EVENTS, NamedConditions
from hookrouter.wire.rules.values import Place

AFTER, UNLESS, TO, ASSIGN = "after", "unless", "to", "assign"


@dataclass(slots=True)
class FollowUpReader:
    """The steps of all routes; each is known by its route's number and its own."""

    conditions: NamedConditions
    sinks: Collection[str]
    faults: list[Fault] = field(default_factory=list)
    _unless: dict[tuple[int, int], tuple[Condition, ...]] = field(default_factory=dict)

    def read(self, written: object, number: int, path: Path, *, has_team: bool) -> None:
        """Read the steps of a route as they are written; `has_team` if it says `assign`."""
        spans: set[timedelta] = set()
        for place, step in enumerate(written if isinstance(written, list) else ()):
            if isinstance(step, dict):
                self._check_after(step.get(AFTER), spans, (*path, place, AFTER))
                self._check_sinks(step.get(TO), (*path, place, TO))
                if ASSIGN in step and not has_team:
                    text = "the next of whom? say which team in the `assign` of the route"
                    self.faults.append(Fault(path=(*path, place, ASSIGN), message=text, at_key=True))
                if UNLESS in step:
                    self._read_unless(step[UNLESS], (number, place), (*path, place, UNLESS))

    def follow_up(
        self, loaded: Sequence[Mapping[str, Any]], number: int, time: During | None, team: TeamName | None
    ) -> FollowUp:
        """The steps of a route as their schema loaded them, with the time in which its clock runs, and its team."""
        steps = [
            FollowUpStep(
                after=step[AFTER],
                name=write_duration(step[AFTER]),
                to=step[TO],
                unless=self._unless.get((number, place), ()),
                say=step.get("say"),
                to_next=ASSIGN in step,
            )
            for place, step in enumerate(loaded)
        ]
        return FollowUp(steps=tuple(sorted(steps, key=lambda step: step.after)), time=time, team=team)

    def _check_after(self, written: object, spans: set[timedelta], path: Path) -> None:
        try:
            span = read_duration(str(written))
        except ValueError:
            return  # the schema tells it
        if span in spans:
            text = f"two steps are due after {write_duration(span)}: name all their sinks in one"
            self.faults.append(Fault(path=path, message=text))
        spans.add(span)

    def _check_sinks(self, written: object, path: Path) -> None:
        for place, name in enumerate(written if isinstance(written, list) else ()):
            if isinstance(name, (str, int)) and str(name) not in self.sinks:
                names = list(self.sinks)
                known = known_names(str(name), names) if names else ": the section `sinks` names none"
                self.faults.append(Fault(path=(*path, place), message=f"there is no sink `{name}`{known}"))

    def _read_unless(self, written: object, step: tuple[int, int], path: Path) -> None:
        place = Place(path=path, names=self.conditions, zone=self.conditions.zone, events=ALL_EVENTS)
        try:
            self._unless[step] = read_definition(cast("Json", written), place)
        except Faults as found:
            self.faults += found.faults
