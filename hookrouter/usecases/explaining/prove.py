"""Prove: run route tests, and say of each route that did otherwise what it did and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import PushId, RouteName, SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.route_tests import Fate, Outcome, RouteTest, in_words
from hookrouter.usecases.explaining.explain import Explain, ExplainedRoute, Explanation

PUSH = PushId("p_tested")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One route that did otherwise than expected.

    Attributes:
        expected: None when the test does not name the route, which is to say that it must not take the lead.
        advice: what to do if the route is right, or why its messages cannot be sent; may be ''.
    """

    route: ExplainedRoute
    expected: Outcome | None
    actual: Outcome
    advice: str = ""

    def as_json(self) -> dict[str, Json]:
        """As `test --json` prints it."""
        return {
            **self.route.as_json(),
            "expected": _plain(self.expected if self.expected is not None else Fate.NONE),
            "actual": _plain(self.actual),
            "advice": self.advice,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a test came to."""

    test: RouteTest
    explanation: Explanation
    disagreements: tuple[Disagreement, ...]

    @property
    def passed(self) -> bool:
        """Whether each route did as expected."""
        return not self.disagreements

    def as_json(self) -> dict[str, Json]:
        """As `test --json` prints it."""
        return {
            "test": self.test.name,
            "where": self.test.where,
            "passed": self.passed,
            "event": self.explanation.event.value,
            "changed": list(self.explanation.changed),
            "disagreements": [each.as_json() for each in self.disagreements],
        }


def prove(test: RouteTest, explain: Explain, now: datetime) -> Proof:
    """Run one test, by the same code as the running router."""
    at = test.at or now
    occasion = Occasion(push=PUSH, source=test.source, place=0, received_at=at)
    explanation = explain.lead(test.pushed(at), test.snapshot, occasion, test.timeline, names=test.expected)
    return Proof(test=test, explanation=explanation, disagreements=tuple(_disagreements(test, explanation)))


def _disagreements(test: RouteTest, explanation: Explanation) -> Iterator[Disagreement]:
    for route in explanation.routes:
        expected, actual = test.expected.get(route.route), _outcome(route, explanation)
        if expected is None and (isinstance(actual, frozenset) or actual is Fate.HELD):
            advice = f"if that is right, add `{route.route}: {in_words(actual)}` to `expect`"
            yield Disagreement(route=route, expected=None, actual=actual, advice=advice)
        elif expected is not None and expected != actual:
            yield Disagreement(route=route, expected=expected, actual=actual)
        elif wrong := _broken(route.route, explanation) or _otherwise_due(test.follow_up.get(route.route, {}), route):
            yield Disagreement(route=route, expected=expected, actual=actual, advice=wrong)


def _outcome(route: ExplainedRoute, explanation: Explanation) -> Outcome:
    if route.failed is not None:
        return Fate.NONE
    if route.shadow:
        return Fate.SHADOW
    if route.held:
        return Fate.HELD
    sinks: frozenset[SinkName] = frozenset(each.sink for each in explanation.deliveries if each.route == route.route)
    return sinks or Fate.STOP


def _broken(route: RouteName, explanation: Explanation) -> str:
    """Why a message of the route cannot be made; '' when all can."""
    for each in explanation.deliveries:
        if each.route == route and each.fault:
            return f"the message for {each.sink} cannot be made: {each.fault}"
    return ""


def _otherwise_due(expected: Mapping[str, datetime], route: ExplainedRoute) -> str:
    """Which step of a route is due at another moment than expected; '' when all are due then."""
    steps = {step.step: step for step in route.follow_up}
    for name, moment in expected.items():
        if name not in steps:
            known = ", ".join(steps) or "none"
            return f"no follow-up is due after {name}; its steps are: {known}"
        if steps[name].due != moment:
            return f"the follow-up after {name} is due on {steps[name].due_in_words}"
    return ""


def _plain(outcome: Outcome) -> Json:
    return outcome.value if isinstance(outcome, Fate) else [*sorted(outcome)]
