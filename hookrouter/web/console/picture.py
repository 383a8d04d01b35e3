"""Lays out the picture of the flow: boxes in columns, and lines between them that widen with what flows along them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log2
from typing import NamedTuple

from hookrouter.domain.figures import Kind
from hookrouter.domain.flow import Flow, RouteSeen, SinkSeen, Tone

WIDTH = 1000
ROW, BOX, GAP = 50, 42, 8
TOP = 26
"""Room for the columns' names."""
COLUMNS = {"sources": (0, 170), "stages": (240, 130), "routes": (440, 250), "sinks": (780, 220)}
"""Where each begins, and how wide its boxes are."""
MOST_ROUTES = MOST_SINKS = MOST_SOURCES = 10
"""Boxes of a column; what is left over shares one more."""
SIGN = 7.4
"""Pixels that a letter takes, on the average of a wide one."""
OTHERS = "others"
WIDEST = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Something of the picture.

    Attributes:
        name: in full; `title` is as much of it as there is room for.
        says: how it does, likewise cut.
        number: what went through, as text.
    """

    x: int
    y: int
    width: int
    name: str
    title: str
    says: str
    number: str
    tone: Tone

    @property
    def left(self) -> tuple[int, int]:
        """Where ways come in."""
        return self.x, self.y + BOX // 2

    @property
    def right(self) -> tuple[int, int]:
        """Where ways go out."""
        return self.x + self.width, self.y + BOX // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way between two boxes, as SVG draws it."""

    line: str
    stroke: float
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole; `says` tells the same in words."""

    height: int
    boxes: Sequence[Box]
    ways: Sequence[Way]
    says: str
    width: int = WIDTH
    box: int = BOX
    columns: Sequence[tuple[str, int]] = field(default_factory=list)


def rate(flow: Flow, count: int) -> str:
    """A count as so many a minute."""
    found = flow.a_minute(count)
    if found is None:
        return str(count)
    return f"{found:.0f}/min" if found >= 10 or not found else f"{found:.1f}/min"  # noqa: PLR2004 - one digit less


def picture_of(flow: Flow) -> Picture:
    """The picture, in which what is wrong or busy has a box of its own."""
    routes, other_routes = flow.routes[:MOST_ROUTES], flow.routes[MOST_ROUTES:]
    sinks, other_sinks = flow.sinks[:MOST_SINKS], flow.sinks[MOST_SINKS:]
    rows = max(len(routes) + bool(other_routes), len(sinks) + bool(other_sinks), 2)
    sources = _sources(flow, rows)
    hub = _hub(flow, rows)
    route_boxes = _routes(flow, routes, other_routes, rows)
    sink_boxes = _sinks(flow, sinks, other_sinks, rows)
    ways = [_way(box, hub, 0, box.tone) for box in sources]
    ways += [_way(hub, box, _taken(flow, name), box.tone) for name, box in route_boxes.items()]
    ways += _links(flow, route_boxes, sink_boxes)
    return Picture(
        height=TOP + rows * ROW,
        boxes=[*sources, hub, *route_boxes.values(), *sink_boxes.values()],
        ways=ways,
        says=_in_words(flow),
        columns=[(name.capitalize(), x) for name, (x, _) in COLUMNS.items() if name != "stages"],
    )


class Label(NamedTuple):
    """What stands in a box, uncut."""

    name: str
    says: str
    number: str
    tone: Tone


def _sources(flow: Flow, rows: int) -> list[Box]:
    shown, others = flow.sources[:MOST_SOURCES], flow.sources[MOST_SOURCES:]
    labels = [Label(each.name, each.says, rate(flow, each.pushes), each.tone) for each in shown]
    labels += _others(flow, [each.pushes for each in others])
    return _column("sources", labels, rows)


def _hub(flow: Flow, rows: int) -> Box:
    waiting, leads = sum(flow.staged.values()), flow.kinds.get(Kind.LEADS, 0)
    says = f"{waiting} on their way" if waiting else "nothing waits"
    [box] = _column("stages", [Label("leads", says, rate(flow, leads), Tone.FLOWS if leads else Tone.QUIET)], rows)
    return box


def _routes(flow: Flow, routes: Sequence[RouteSeen], others: Sequence[RouteSeen], rows: int) -> dict[str, Box]:
    labels = [Label(each.name, each.says, rate(flow, each.taken + each.shadowed), each.tone) for each in routes]
    labels += _others(flow, [each.taken for each in others])
    names = [each.name for each in routes] + [OTHERS] * bool(others)
    return dict(zip(names, _column("routes", labels, rows), strict=True))


def _sinks(flow: Flow, sinks: Sequence[SinkSeen], others: Sequence[SinkSeen], rows: int) -> dict[str, Box]:
    labels = [Label(each.name, _sink_says(each), rate(flow, each.delivered), each.tone) for each in sinks]
    labels += _others(flow, [each.delivered for each in others])
    names = [each.name for each in sinks] + [OTHERS] * bool(others)
    return dict(zip(names, _column("sinks", labels, rows), strict=True))


def _sink_says(sink: SinkSeen) -> str:
    waiting = sink.facts.waiting
    return f"{waiting} wait: {sink.says}" if waiting and sink.tone in {Tone.STOPPED, Tone.SLOW} else sink.says


def _others(flow: Flow, counts: Sequence[int]) -> list[Label]:
    """One box for what has none of its own: what is wrong stands first, and so none of them."""
    if not counts:
        return []
    tone = Tone.FLOWS if any(counts) else Tone.QUIET
    return [Label(f"{len(counts)} {OTHERS}", "", rate(flow, sum(counts)), tone)]


def _column(column: str, labels: Sequence[Label], rows: int) -> list[Box]:
    """The boxes of a column, in the middle of its height."""
    (x, width), top = COLUMNS[column], TOP + (rows - len(labels)) * ROW // 2 + GAP // 2
    room = int((width - 16) / SIGN)
    return [
        Box(
            x=x,
            y=top + place * ROW,
            width=width,
            name=each.name,
            title=_cut(each.name, room - len(each.number) - 1),
            says=_cut(each.says, int(room * 1.15)),  # it is written smaller
            number=each.number,
            tone=each.tone,
        )
        for place, each in enumerate(labels)
    ]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(1, room - 1)]}…"


def _taken(flow: Flow, name: str) -> int:
    if name != OTHERS:
        return next(each.taken for each in flow.routes if each.name == name)
    return sum(each.taken for each in flow.routes[MOST_ROUTES:])


def _links(flow: Flow, routes: Mapping[str, Box], sinks: Mapping[str, Box]) -> list[Way]:
    """The ways from routes to sinks; those of what shares a box are one."""
    shadows = {route.name for route in flow.routes if route.is_shadow}
    summed: dict[tuple[str, str], int] = {}
    for link in flow.links:
        if link.route not in shadows:
            ends = (
                link.route if link.route in routes else OTHERS,
                link.sink if link.sink in sinks else OTHERS,
            )
            summed[ends] = summed.get(ends, 0) + link.delivered
    return [
        _way(routes[route], sinks[sink], count, _tone_of(routes[route], sinks[sink], count))
        for (route, sink), count in summed.items()
        if route in routes and sink in sinks
    ]


def _tone_of(route: Box, sink: Box, count: int) -> Tone:
    if sink.tone is Tone.STOPPED or route.tone is Tone.STOPPED:
        return Tone.STOPPED
    return Tone.FLOWS if count else Tone.QUIET


def _way(begin: Box, end: Box, count: int, tone: Tone) -> Way:
    (x, y), (to_x, to_y) = begin.right, end.left
    middle = (x + to_x) // 2
    stroke = min(WIDEST, 1.5 + log2(1 + count) / 1.5)
    return Way(line=f"M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}", stroke=round(stroke, 1), tone=tone)


def _in_words(flow: Flow) -> str:
    parts = (
        f"{len(flow.sources)} sources, {rate(flow, flow.pushes)} pushes",
        f"{rate(flow, flow.kinds.get(Kind.LEADS, 0))} leads by {len(flow.routes)} routes",
        f"{rate(flow, flow.kinds.get(Kind.DELIVERED, 0))} messages to {len(flow.sinks)} sinks, {flow.waiting} wait",
    )
    return f"{flow.headline}. {'; '.join(parts)}. The tables below tell the same."
