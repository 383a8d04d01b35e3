"""Reads the route tests, with all that ties them to routes, sinks and sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from marshmallow import ValidationError

from hookrouter.domain.change import compare
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import CREATED_FIELD, UPDATED_FIELD, Fields, Json, Lead
from hookrouter.domain.route_tests import RouteTest
from hookrouter.wire.config.faults import Fault, Path, known_names
from hookrouter.wire.config.route_test_schema import NEVER_SEEN, read_previous
from hookrouter.wire.pushes.lead_schema import read_lead

SECTION = "tests"
MOST_FAULTS = 200
"""Nobody reads more, and each costs a search for the nearest name."""


@dataclass(slots=True)
class RouteTestReader:
    """The tests of one configuration; each part is read for itself, so that all faults are found at once.

    Attributes:
        where: a test stands, by its number.
    """

    sources: Sequence[str]
    sinks: Sequence[str]
    routes: Sequence[str]
    where: Callable[[int], str]
    faults: list[Fault] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)

    def read_all(self, written: object) -> None:
        """Read every test as it is written."""
        if not isinstance(written, list):
            return
        for number, test in enumerate(written):
            if isinstance(test, dict) and len(self.faults) < MOST_FAULTS:
                self._read_one((SECTION, number), test)

    def tests(self, loaded: Sequence[Mapping[str, Any]]) -> tuple[RouteTest, ...]:
        """The tests as their schema loaded them."""
        return tuple(map(self._test, loaded))

    def _read_one(self, path: Path, test: Mapping[str, object]) -> None:
        self._check_name(test.get("name"), path)
        source = test.get("source")
        if isinstance(source, (str, int)) and str(source) not in self.sources:
            self._fault((*path, "source"), _no_such("source", str(source), self.sources))
        self._check_previous(test, (*path, "previous"))
        expect = test.get("expect")
        for route, outcome in expect.items() if isinstance(expect, dict) else ():
            self._check_outcome(route, outcome, (*path, "expect", route))

        follow_up = test.get("follow_up")
        for route in follow_up if isinstance(follow_up, dict) else ():
            if route not in self.routes:
                self._fault((*path, "follow_up", route), _no_such("route", route, self.routes), at_key=True)

    def _check_name(self, name: object, path: Path) -> None:
        if not isinstance(name, str):
            return
        number = cast("int", path[-1])
        first = self._names.setdefault(name, number)
        if first != number:
            self._fault((*path, "name"), f"the name `{name}` is taken by {self.where(first)}")

    def _check_previous(self, test: Mapping[str, object], path: Path) -> None:
        previous = test.get("previous")
        try:
            lead = read_lead(cast("Json", test.get("lead")))
        except ValidationError:
            return  # the schema tells it
        if isinstance(previous, dict):
            try:
                read_previous(lead, previous)
            except ValidationError as fault:
                self.faults += _by_field(fault, path)
        elif previous == NEVER_SEEN and lead.created_at and lead.updated_at and not compare(lead, None).earlier_known:
            self._fault(path, f"a new lead has one {CREATED_FIELD} and {UPDATED_FIELD}: leave them out")

    def _check_outcome(self, route: str, outcome: object, path: Path) -> None:
        if route not in self.routes:
            self._fault(path, _no_such("route", route, self.routes), at_key=True)
        for place, sink in enumerate(outcome if isinstance(outcome, list) else ()):
            if isinstance(sink, (str, int)) and str(sink) not in self.sinks:
                self._fault((*path, place), _no_such("sink", str(sink), self.sinks))

    def _test(self, options: Mapping[str, Any]) -> RouteTest:
        return RouteTest(
            name=options["name_"],
            lead=options["lead"],
            snapshot=_snapshot(options["lead"], options.get("previous")),
            is_new=options.get("previous") == NEVER_SEEN,
            source=SourceName(options.get("source", self.sources[0])),
            at=options.get("at"),
            timeline=tuple(options["timeline"]) if "timeline" in options else None,
            expected=options["expect"],
            follow_up=options.get("follow_up", {}),
        )

    def _fault(self, path: Path, message: str, *, at_key: bool = False) -> None:
        self.faults.append(Fault(path=path, message=message, at_key=at_key))


def _snapshot(lead: Lead, previous: Any) -> Fields | None:
    return read_previous(lead, previous) if isinstance(previous, dict) else None


def _no_such(what: str, name: str, known: Sequence[str]) -> str:
    return f"there is no {what} `{name}`{known_names(name, known)}"


def _by_field(fault: ValidationError, path: Path) -> Iterator[Fault]:
    messages = fault.messages
    for name, texts in messages.items() if isinstance(messages, dict) else [("_schema", messages)]:
        place = path if name == "_schema" else (*path, name)
        for text in texts if isinstance(texts, list) else [texts]:
            yield Fault(path=place, message=str(text))
