"""Flow: whether leads flow, what is wrong and what to do, and the course of the last hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.flow import FLOWS, Flow, Tone, troubles
from hookrouter.domain.flow_history import Point
from hookrouter.domain.flow_seen import PAUSED
from hookrouter.domain.health import Part, Status, worst
from hookrouter.domain.spans import span_in_words
from hookrouter.runtime.overview import Overview
from hookrouter.web.console.course import drawn, hours_of
from hookrouter.web.console.picture import Picture, picture_of, rate
from hookrouter.web.console.shell import HOME, Console

SPANS = (1, 6, 24)
"""Hours."""
USUAL_SPAN = 6
MOST_ROUTES = 25
"""In the table; all are on the page of the rules."""
WORDS = {Tone.FLOWS: "good", Tone.QUIET: "", Tone.SLOW: "poor", Tone.STOPPED: "bad"}
"""How each tone is coloured, beside its word."""
SHARING = "sharing:"
"""How the parts' names begin that tell how workers share."""
PLACES = {
    "dead": "dead",
    "rejected": "rejected",
    "stream:hydrate": "crm",
    "stream:enrich": "crm",
    "crm": "crm",
    "crm_calls": "crm",
    "crm_loops": "crm",
    "histories": "crm",
    "canary": "crm",
    "silence": "crm",
    "subscription": "crm",
    "pushes": "crm",
    "sweep": "crm",
    "last_push": "pushes",
    "configuration": "rules",
}
"""The page that tells more of a part."""

SET_ASIDE = {
    "dead": ("message was given up", "messages were given up"),
    "rejected": ("lead could not be read", "leads could not be read"),
}
"""What did not arrive and will not by itself: of one, and of more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is not well, and where to look."""

    part: Part
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The live part of the page; `flow` and `picture` are None while Redis is away.

    Attributes:
        sharing: how many partitions, and outboxes of sinks, each worker serves; of each where there are several.
    """

    flow: Flow | None
    picture: Picture | None
    troubles: Sequence[Trouble]
    status: Status
    headline: str
    sharing: Mapping[str, Part] = field(default_factory=dict)


def add_flow(console: Console) -> None:
    """Add the page of the flow."""

    @console.page("flow")
    def flow() -> Response:
        hours, points = _charted(console)
        charted: dict[str, Any] = {
            "hours": hours,
            "spans": SPANS,
            "drawn": drawn(points),
            "by_hour": hours_of(points),
            "is_known": points is not None,
        }
        return console.show("flow.html", **_live(console), **charted)

    @console.page("flow/live")
    def live() -> Response:
        return console.show("flow_live.html", **_live(console))

    @console.page("flow/course")
    def course() -> Response:
        points = _course(console, _asked_hours() or USUAL_SPAN) or ()
        rows = [
            [int(point.at.timestamp()), _short(point.leads), _short(point.delivered), _short(point.dead), point.waiting]
            for point in points
        ]
        return Response(orjson.dumps(list(zip(*rows, strict=True))), content_type="application/json")


def _live(console: Console) -> dict[str, Any]:
    return {
        "seen": _seen(console),
        "is_still": "still" in request.args,
        "words": WORDS,
        "rate": rate,
        "span": span_in_words,
        "most_routes": MOST_ROUTES,
    }


def _seen(console: Console) -> Seen:
    parts = console.runtime.examine().all()
    status, wrong = worst(parts), troubles(parts)
    try:
        flow = Overview(console.runtime).flow().look()
    except StoreAway:
        told = _told(wrong, console, frozenset())
        return Seen(flow=None, picture=None, troubles=told, status=status, headline="Nothing flows: Redis is away")
    paused = frozenset(f"sink:{sink.name}" for sink in flow.sinks if sink.facts.standing == PAUSED)
    return Seen(
        flow=flow,
        picture=picture_of(flow),
        troubles=_told(wrong, console, paused),
        status=status,
        headline=_headline(flow, parts),
        sharing={part.name: part for part in parts if part.name.startswith(SHARING)},
    )


def _headline(flow: Flow, parts: Sequence[Part]) -> str:
    """Whether leads flow; a process that is missing says it before anything that was counted."""
    failed = {part.name for part in parts if part.status is Status.FAIL}
    if "redis" in failed:
        return "Nothing flows: Redis takes nothing"
    if "workers" in failed:
        return "Nothing flows: no worker lives"
    if any(part.name == "receiver" and part.status is not Status.PASS for part in parts):
        return "Nothing comes in: no receiver lives"
    if flow.names_sinks:
        return flow.headline
    lost = [
        f"{part.value} {SET_ASIDE[part.name][part.value != 1]}"
        for part in parts
        if part.name in SET_ASIDE and part.value
    ]
    joint = ", but" if flow.headline == FLOWS else ";"
    return f"{flow.headline}{joint} {' and '.join(lost)}" if lost else flow.headline


def _named(name: str) -> str:
    """A part as a person calls it."""
    kind, _, of = name.partition(":")
    return f"{kind} {of}" if of else kind.replace("_", " ")


def _told(wrong: Sequence[Part], console: Console, paused: Collection[str]) -> list[Trouble]:
    return [Trouble(part=part, name=_named(part.name), address=_address(part.name, console, paused)) for part in wrong]


def _address(name: str, console: Console, paused: Collection[str]) -> str:
    """Where more is told of a part, or it is mended."""
    kind, _, of = name.partition(":")
    if kind == "route" or name in paused:
        page = f"flow/pause?{urlencode({'of': name})}"
    else:
        page = f"deliveries?{urlencode({'sink': of})}" if kind == "sink" else PLACES.get(name, "")
    return f"{HOME}/{page}" if page.partition("?")[0].partition("/")[0] in console.offered else ""


def _charted(console: Console) -> tuple[int, Sequence[Point] | None]:
    """Of how many hours the chart tells, and what; of one where there is no more to see and nobody asked for more."""
    asked = _asked_hours()
    points = _course(console, asked or USUAL_SPAN)
    known = [point.at for point in points or () if point.leads is not None]
    if asked or not points or not known or points[-1].at - known[0] >= timedelta(hours=SPANS[0]):
        return asked or USUAL_SPAN, points
    return SPANS[0], _course(console, SPANS[0])


def _asked_hours() -> int | None:
    asked = request.args.get("hours", "")
    return int(asked) if asked in map(str, SPANS) else None


def _course(console: Console, hours: int) -> Sequence[Point] | None:
    try:
        return Overview(console.runtime).flow().course(timedelta(hours=hours))
    except StoreAway:
        return None


def _short(number: float | None) -> float | None:
    return None if number is None else round(number, 2)
