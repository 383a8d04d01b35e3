"""Route tests that may pass today and fail tomorrow, as the operator is told of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hookrouter.config.tests_section import SECTION
from hookrouter.domain.conditions.during import During
from hookrouter.domain.route_tests import RouteTest
from hookrouter.domain.routing import Route
from hookrouter.wire.config.faults import Fault


def doubt_tests(tests: Sequence[RouteTest], routes: Iterable[Route]) -> Iterator[Fault]:
    """The tests that say no moment, of routes that have hours."""
    with_hours = {
        route.name
        for route in routes
        if route.held_outside or any(isinstance(each, During) for each in route.conditions)
    }
    for number, test in enumerate(tests):
        for route in test.expected:
            if test.at is None and route in with_hours:
                text = f"`{route}` has hours: say the moment of the test by `at`, or it passes at some times only"
                yield Fault(path=(SECTION, number, "expect", route), message=text, at_key=True)
