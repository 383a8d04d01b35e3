"""Pausing: hold the deliveries of a sink or a route, let them go on, and have a sink asked at once."""

from __future__ import annotations

from flask import Response, request

from hookrouter.domain.audit import Act
from hookrouter.domain.errors import NotFound
from hookrouter.domain.pause import Pause
from hookrouter.usecases.pauses import ROUTE, SINK
from hookrouter.web.console.shell import Console
from hookrouter.wire.moments import ahead_of, read_said

LONGEST_REASON = 200
MOMENTS = "write how long, such as 2h, or a time ahead such as 2026-11-25T08:00 (UTC)"


def add_pausing(console: Console) -> None:
    """Add the page on which a sink or a route is paused."""

    @console.page("flow/pause")
    def ask() -> Response:
        return _show(console, _known(console, request.args.get("of", "")))

    @console.change("flow/pause")
    def pause() -> Response:
        form, now = console.form(), console.runtime.clock.now()
        name = _known(console, form.get("of", ""))
        reason, until = form.get("reason", "").strip()[:LONGEST_REASON], form.get("until", "").strip()
        try:
            end = ahead_of(now, read_said(until)) if until else None
        except (ValueError, OverflowError):
            return _show(console, name, reason=reason, until=until, fault=MOMENTS)
        with console.audit.deed(console.operator, Act.PAUSE, name) as result:
            console.desk.pauses().pause(name, by=console.operator.name, reason=reason, until=end)
            result.say("until resumed" if end is None else f"until {end:%Y-%m-%d %H:%M} UTC")
        return console.back_to("flow", f"{name} is paused; what is for it waits, and nothing is lost")

    @console.change("flow/resume")
    def resume() -> Response:
        name = console.form().get("of", "")
        with console.audit.deed(console.operator, Act.RESUME, name):
            console.desk.pauses().resume(name)
        return console.back_to("flow", f"{name} goes on")

    @console.change("flow/retry")
    def retry() -> Response:
        name = _known(console, console.form().get("of", ""))
        with console.audit.deed(console.operator, Act.RETRY, name) as result:
            said = console.desk.pauses().retry(name)
            result.say(said)
        return console.back_to("flow", said)


def _known(console: Console, name: str) -> str:
    """The whole name of a sink or a route of the configuration."""
    config = console.runtime.config
    known = {f"{SINK}:{sink}" for sink in config.sinks} | {f"{ROUTE}:{route.name}" for route in config.routes}
    if name not in known:
        raise NotFound("There is no such sink or route.")
    return name


def _show(console: Console, name: str, *, reason: str = "", until: str = "", fault: str = "") -> Response:
    pause = console.desk.pauses().pauses.all().get(name)
    holds: Pause | None = pause if pause is not None and pause.holds(console.runtime.clock.now()) else None
    kind, _, of = name.partition(":")
    return console.show(
        "flow_pause.html", whole=name, kind=kind, name=of, pause=holds, reason=reason, until=until, fault=fault
    )
