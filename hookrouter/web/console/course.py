"""The chart of the last hours: drawn by the server for browsers without scripts, and told in words by the hour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from hookrouter.domain.flow_history import Point

WIDTH, HEIGHT = 1000, 200
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Lines of a chart in SVG; `most` is what its upper edge stands for.

    Attributes:
        lines: the name of each, its class, and its path.
        begin, end: the moments of its edges.
    """

    lines: Sequence[tuple[str, str, str]]
    most: float
    begin: datetime
    end: datetime
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """An hour of the chart in numbers; `waiting` is the most that waited."""

    begin: datetime
    leads: int
    delivered: int
    dead: int
    waiting: int


def drawn(points: Sequence[Point] | None) -> Drawn | None:
    """The lines of leads and messages a minute; None where nothing was sampled."""
    if not points or not any(point.leads is not None for point in points):
        return None
    most = max(max(point.leads or 0, point.delivered or 0, point.dead or 0) for point in points) or 1.0
    lines = [
        ("leads came in", "leads", _line(points, most, lambda point: point.leads)),
        ("messages delivered", "delivered", _line(points, most, lambda point: point.delivered)),
        ("given up", "dead", _line(points, most, lambda point: point.dead)),
    ]
    return Drawn(lines=lines, most=most, begin=points[0].at, end=points[-1].at)


def _line(points: Sequence[Point], most: float, of: Callable[[Point], float | None]) -> str:
    """A path that is broken where nobody took samples."""
    commands, is_broken = [], True
    for place, point in enumerate(points):
        value = of(point)
        if value is not None:
            x = WIDTH * place / max(1, len(points) - 1)
            y = HEIGHT - HEIGHT * value / most
            commands.append(f"{'M' if is_broken else 'L'}{x:.0f} {y:.0f}")
        is_broken = value is None
    return "".join(commands)


def hours_of(points: Sequence[Point] | None) -> Sequence[Hour]:
    """The same hour by hour, the newest first; what was not sampled is left out."""
    if not points:
        return []
    minutes = (points[1].at - points[0].at) / timedelta(minutes=1) if len(points) > 1 else 1.0
    known = [point for point in points if point.leads is not None]
    found = [_hour(begin, list(each), minutes) for begin, each in groupby(known, key=_begin)]
    return found[::-1]


def _begin(point: Point) -> datetime:
    """The hour in which a stretch ends, or ends with."""
    return (point.at - timedelta(seconds=1)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _hour(begin: datetime, points: Sequence[Point], minutes: float) -> Hour:
    return Hour(
        begin=begin,
        leads=round(sum(point.leads or 0 for point in points) * minutes),
        delivered=round(sum(point.delivered or 0 for point in points) * minutes),
        dead=round(sum(point.dead or 0 for point in points) * minutes),
        waiting=max(point.waiting or 0 for point in points),
    )
