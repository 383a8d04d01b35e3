"""A call of the operator API: by one table it is served, refused and described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Response
from marshmallow import Schema, ValidationError

from hookrouter.domain.audit import Act
from hookrouter.domain.errors import HookrouterError, NotFound
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.lead import Fields, Json
from hookrouter.domain.operator import Operator, Role
from hookrouter.domain.personal import NO_VALUES, masked
from hookrouter.ports.desk import Page, Wanted
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk
from hookrouter.usecases.audit import Result
from hookrouter.web.discreet import Discreet
from hookrouter.web.masks import Looked, Masked
from hookrouter.wire.api.questions import Question, span_of
from hookrouter.wire.config.faults import known_names

PREFIX = "/api/v1"
WITHIN = 5.0
"""Seconds for a call, of which Redis takes nearly all."""
MOST_WORDS = 50
"""Things that a question may say; the longest has a dozen."""


class CallRefused(HookrouterError):  # noqa: N818 - it reads as what happened
    """A call is not done: `status` says of which kind the fault is, `faults` what is wrong with which part."""

    def __init__(self, status: int, detail: str, faults: Mapping[str, Json] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question: who asks, and what, as the schemas of its call read it."""

    runtime: Runtime
    operator: Operator
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    looked: Looked = field(default_factory=Looked)

    @property
    def desk(self) -> Desk:
        """The use cases."""
        return Desk(self.runtime)

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.runtime.clock.now()

    @property
    def wanted(self) -> Wanted:
        """Which deliveries are meant."""
        asked = {**self.query, **self.body}
        since, until = span_of(asked, self.now)
        sink, route = asked.get("sink"), asked.get("route")
        return Wanted(
            sink=None if sink is None else SinkName(sink),
            route=None if route is None else RouteName(route),
            reason=asked.get("reason"),
            since=since,
            until=until,
        )

    def deed(self, act: Act, of: str) -> AbstractContextManager[Result]:
        """What is done inside stands in the audit log."""
        return self.desk.audit().deed(self.operator, act, of)

    def shown(self, values: dict[str, Json]) -> dict[str, Json]:
        """The values, without what is personal unless that was asked for."""
        return values if self.query.get("unmask") else masked(values, self.desk.mask)

    def discreet(self, value: Json, lead: Fields, previous: Fields | None = None) -> Json:
        """A message or a text about a lead, without its personal values wherever they stand in it."""
        return self._telling(lead, previous).value(value)

    def told(self, values: dict[str, Json], lead: Fields, previous: Fields | None = None) -> dict[str, Json]:
        """What is known of a lead, without its personal values, also where they stand in notes and answers."""
        telling = self._telling(lead, previous)
        return {name: value if name in NO_VALUES else telling.value(value, name) for name, value in values.items()}

    def _telling(self, lead: Fields, previous: Fields | None) -> Discreet:
        masked_ = Masked(self.desk.mask, is_open=bool(self.query.get("unmask")), looked=self.looked)
        return Discreet(shown=masked_, lead=lead, previous=previous or {})

    def page(self, page: Page[Any]) -> dict[str, Any]:
        """A page of what has a summary."""
        looked = None if page.looked_back_to is None else {"looked_back_to": page.looked_back_to.isoformat()}
        found = [self.shown(each.summary()) for each in page.found]
        return {"found": found, "next": page.end, **(looked or {})}

    def sink(self, name: str) -> SinkName:
        """The sink that is meant.

        Raises:
            NotFound: the configuration names none so.
        """
        known = list(self.runtime.config.sinks)
        if name not in known:
            raise NotFound(f"there is no sink {name}{known_names(name, known)}")
        return SinkName(name)

    def route(self, name: str) -> RouteName:
        """The route that is meant.

        Raises:
            NotFound: the configuration names none so.
        """
        known = [route.name for route in self.runtime.config.routes]
        if name not in known:
            raise NotFound(f"there is no route {name}{known_names(name, known)}")
        return RouteName(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call.

    Attributes:
        path: behind `/api/v1`, as Flask writes it.
        does: makes the answer, as its schema writes it; given the question and the names in the path.
        about: what it does, in a line.
        notes: what must be known besides.
        role: who may.
        refusals: the statuses that it may answer with, besides those of every call.
        within: seconds that it may take.
        content_type: of an answer that is no JSON; then `answer` is None.
    """

    method: str
    path: str
    does: Callable[..., dict[str, Any] | Response]
    answer: type[Schema] | None
    about: str
    notes: str = ""
    role: Role = Role.READ
    query: type[Question] = Question
    body: type[Question] | None = None
    refusals: tuple[int, ...] = ()
    within: float = WITHIN
    content_type: str = "application/json"

    @property
    def rule(self) -> str:
        """Its whole path."""
        return PREFIX + self.path

    @property
    def name(self) -> str:
        """Its name, such as `replay_dead`."""
        return self.does.__name__

    @property
    def part(self) -> str:
        """The part of the API that it belongs to, such as `dead`."""
        return self.path.split("/")[1]

    def read(self, kind: type[Question] | None, said: object, what: str) -> dict[str, Any]:
        """A question as its schema reads it.

        Raises:
            CallRefused: 422, with all that is wrong.
        """
        if kind is None:
            return {}
        if isinstance(said, dict) and len(said) > MOST_WORDS:  # each that is not known would be told
            raise CallRefused(422, f"{what} says more than {MOST_WORDS} things, and no call knows so many")
        try:
            loaded: dict[str, Any] = kind().load(said)  # type: ignore[arg-type]  # what it is, is what it checks
        except ValidationError as fault:
            raise refused_as_wrong(fault, what) from None
        return loaded


def refused_as_wrong(fault: ValidationError, what: str) -> CallRefused:
    """The refusal of a question that its schema, or a use case, does not take."""
    faults: dict[str, Any] = fault.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow leaves it open
    if list(faults) == ["_schema"]:
        return CallRefused(422, f"{what}: {'; '.join(map(str, faults['_schema']))}", faults)
    return CallRefused(422, f"{what} is not as it must be: `errors` says what is wrong with which part", faults)
