"""Routes that no lead takes, as the operator is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hookrouter.domain.reach.conditions import Conflict
from hookrouter.domain.reach.routes import Stoppers, takes_all_of, why_impossible
from hookrouter.domain.routing import UNMATCHED, Route
from hookrouter.wire.config.faults import Fault

MOST_NAMED = 4
"""Conditions that one sentence names."""


def doubt_routes(routes: Sequence[Route]) -> Iterator[Fault]:
    """The routes that can never match, and those that are never reached."""
    stoppers = Stoppers()
    for number, route in enumerate(routes):
        if route.for_unmatched:
            yield from _never_unmatched(routes[:number], route)
            return
        reason = why_impossible(route)
        if reason is not None:
            yield _impossible(number, route, reason)
            continue
        stopper = stoppers.before(route)
        if stopper is not None:
            text = f"the route `{route.name}` is never reached: `{stopper.name}` takes all its leads and stops"
            yield Fault(path=("routes", number), message=text)
        stoppers.add(route)


def _never_unmatched(earlier: Sequence[Route], route: Route) -> Iterator[Fault]:
    taker = next((each for each in earlier if not each.shadow and takes_all_of(each, route)), None)
    if taker is not None:
        yield Fault(path=(UNMATCHED,), message=f"no lead is unmatched: `{taker.name}` takes all", at_key=True)


def _impossible(number: int, route: Route, reason: Conflict) -> Fault:
    labels = reason.labels
    if not labels:
        told = "no lead has both the `event` and the changes that it asks for"
    elif len(labels) == 1:
        told = f"no value passes `{labels[0]}`"
    else:
        more = " and more" if len(labels) > MOST_NAMED else ""
        told = f"{' and '.join(f'`{label}`' for label in labels[:MOST_NAMED])}{more} exclude each other"
    place = ("match", reason.field) if reason.field else ("match",)
    return Fault(path=("routes", number, *place), message=f"the route `{route.name}` can never match: {told}")
