"""`hookrouter status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import click
from rich.text import Text

from hookrouter.cli.command import Command
from hookrouter.cli.opening import settings_at_work
from hookrouter.cli.screen import screen, show_json, show_line
from hookrouter.config.findings import FileFaults
from hookrouter.config.model import Config, ReceiverConfig
from hookrouter.domain.health import Part, Status, badness, worst
from hookrouter.domain.hours import Hours
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.spans import span_in_words
from hookrouter.ports.outbox_depth import OutboxDepth
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.telemetry.observer import NoObserver

MARKS = {Status.PASS: ("ok", "green"), Status.WARN: ("warn", "yellow"), Status.FAIL: ("fail", "red")}
ONE_OF = {"processes": "process", "entries": "entry", "pushes": "push"}
SINK_PARTS = "sink:"
MARGIN = 6


@click.command("status", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:  # noqa: FBT001 - a flag of the command line
    """Show how everything is doing: Redis, processes, streams, sinks, what was set aside, the last push."""
    runtime = _open()
    parts = runtime.examine().all()
    away = any(part.name == "redis" and part.status is Status.FAIL for part in parts)
    now = runtime.clock.now()
    sinks = {} if away else runtime.census.depths(now)
    if as_json:
        show_json(_values(parts, sinks, now, runtime.hours))
    else:
        _show(parts, sinks, runtime.hours, now)
    return 1 if away else 0


def _open() -> Runtime:
    """The parts for this command; a broken configuration is part of the picture: the processes run on without it."""
    settings = settings_at_work()
    try:
        return open_runtime(settings, role="cli", quiet=True)
    except FileFaults as faults:
        unknown = Config(revision="", receiver=ReceiverConfig(sources={}), sinks={}, routes=())
        runtime = Runtime(settings=settings, config=unknown, role="cli", observer=NoObserver())
        runtime.watch.refused = str(faults).splitlines()[0]
        return runtime


def _values(
    parts: Sequence[Part], sinks: Mapping[SinkName, OutboxDepth], now: datetime, hours: Hours
) -> dict[str, object]:
    return {
        "status": worst(parts).value,
        "parts": [
            {
                "name": part.name,
                "status": part.status.value,
                "value": part.value,
                "unit": part.unit,
                "advice": part.advice,
                "streams": part.streams,
            }
            for part in parts
        ],
        "sinks": [
            {
                "sink": sink,
                "shards": depth.shards,
                "waiting": depth.waiting,
                "retrying": depth.retrying,
                "due": depth.due,
                "held": [
                    {"route": route, "deliveries": count, "until": _moment(_goes_on(depth, hours, route, now))}
                    for route, count in sorted(depth.shut.items())
                ],
                "circuit": depth.circuit.state(now).value,
                "paused": None if depth.pause is None else depth.pause.summary(),
            }
            for sink, depth in sinks.items()
        ],
    }


def _goes_on(depth: OutboxDepth, hours: Hours, route: RouteName, now: datetime) -> datetime | None:
    return hours.goes_on(route, depth.pauses.get(route), now)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _show(parts: Sequence[Part], sinks: Mapping[SinkName, OutboxDepth], hours: Hours, now: datetime) -> None:
    width, is_terminal = max(len(part.name) for part in parts), screen().is_terminal
    for part in sorted(parts, key=lambda part: -badness(part.status)):  # what is wrong is seen first
        word, colour = MARKS[part.status]
        sink = SinkName(part.name.removeprefix(SINK_PARTS))
        value = _depth(sinks[sink], hours, now) if part.name.startswith(SINK_PARTS) and sink in sinks else _value(part)
        line = Text.assemble((f"{word:<{MARGIN}}", colour), f"{part.name:<{width}}  {value}{_spread(part)}")
        if part.advice and is_terminal:
            show_line("", line)
            show_line(" " * MARGIN, Text(part.advice))
        else:  # whoever searches for a part finds all of it in its line
            show_line("", Text.assemble(line, "  ", part.advice))


def _depth(depth: OutboxDepth, hours: Hours, now: datetime) -> str:
    held = (
        f"{count} {depth.pauses.get(route) or hours.held(route, now)} ({route})"
        for route, count in sorted(depth.shut.items())
        if count
    )
    waiting = f"{depth.waiting} gathered for a digest" if depth.is_gathering else f"{depth.waiting} waiting"
    return ", ".join((waiting, f"{depth.retrying} retrying", *held))


def _spread(part: Part) -> str:
    """Over how many streams it is spread, by what these are called."""
    if part.streams is None:
        return ""
    one = "shard" if part.name.startswith(SINK_PARTS) else "partition"
    return f" in {part.streams} {one}{'s' if part.streams != 1 else ''}"


def _value(part: Part) -> str:
    if part.name == "last_push":
        return "never" if part.value is None else f"{span_in_words(float(part.value))} ago"
    unit = ONE_OF.get(part.unit, part.unit) if part.value == 1 else part.unit
    return "" if part.value is None else f"{part.value} {unit}".strip()
