"""How everything stands, and what is held: as the operator API shows and changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from hookrouter.domain.audit import Act
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.errors import NotFound
from hookrouter.domain.health import Part, worst
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.operator import Role
from hookrouter.domain.pause import Pause
from hookrouter.domain.routing import Route
from hookrouter.ports.outbox_depth import OutboxDepth
from hookrouter.usecases.pauses import ROUTE, SINK
from hookrouter.web.api.calls import Asked, Call
from hookrouter.wire.api.standing import (
    PauseBody,
    PausedSchema,
    RetriedSchema,
    RouteSchema,
    RoutesSchema,
    SinkSchema,
    SinksSchema,
    StatusSchema,
    WhoSchema,
)
from hookrouter.wire.messages.plain_text import one_line
from hookrouter.wire.moments import Said, ahead_of

NOTHING_WAITS = OutboxDepth(waiting=0, retrying=0, due=0, circuit=Circuit(), pause=None)


def show_operator(asked: Asked) -> dict[str, Any]:
    """Who asks."""
    return {"name": asked.operator.name, "role": asked.operator.role.value}


def show_status(asked: Asked) -> dict[str, Any]:
    """How the whole does."""
    parts = asked.runtime.examine().all()
    return {"status": worst(parts).value, "parts": list(map(part_values, parts))}


def part_values(part: Part) -> dict[str, Any]:
    """How one part does."""
    return {
        "name": part.name,
        "status": part.status.value,
        "value": part.value,
        "unit": part.unit,
        "advice": part.advice,
        "streams": part.streams,
    }


def list_sinks(asked: Asked) -> dict[str, Any]:
    """All sinks."""
    depths = _depths(asked)
    return {"found": [_sink(asked, name, depths[name]) for name in sorted(depths)]}


def show_sink(asked: Asked, sink: str) -> dict[str, Any]:
    """One sink."""
    depths, name = _depths(asked), SinkName(sink)
    return _sink(asked, name, depths[name if name in depths else asked.sink(sink)])


def _depths(asked: Asked) -> Mapping[SinkName, OutboxDepth]:
    """What waits for each sink, also for those that nothing was ever sent to."""
    pauses = asked.desk.pauses().pauses.all()
    idle = {name: replace(NOTHING_WAITS, pause=pauses.get(f"{SINK}:{name}")) for name in asked.runtime.config.sinks}
    return {**idle, **asked.runtime.census.depths(asked.now)}


def _sink(asked: Asked, name: SinkName, depth: OutboxDepth) -> dict[str, Any]:
    now = asked.now
    configured = asked.runtime.config.sinks.get(name)
    return {
        "sink": name,
        "type": "" if configured is None else configured.type,
        "shards": depth.shards,
        "standing": depth.standing(now),
        "waiting": depth.waiting,
        "retrying": depth.retrying,
        "due": depth.due,
        "held": [_held(asked, route, count, depth, now) for route, count in sorted(depth.shut.items())],
        "circuit": depth.circuit.state(now).value,
        "circuit_reason": depth.circuit.reason,
        "asked_again_at": _text(depth.circuit.until if depth.circuit.waits(now) else None),
        "paused": _pause(depth.pause, now),
    }


def _held(asked: Asked, route: RouteName, count: int, depth: OutboxDepth, now: datetime) -> dict[str, Any]:
    until = asked.runtime.hours.goes_on(route, depth.pauses.get(route), now)
    return {"route": route, "deliveries": count, "until": _text(until)}


def list_routes(asked: Asked) -> dict[str, Any]:
    """All routes."""
    now, census = asked.now, asked.runtime.census
    depths, pauses = census.depths(now).values(), census.paused_routes(now)
    return {"found": [_route(route, depths, pauses.get(route.name)) for route in asked.runtime.config.routes]}


def show_route(asked: Asked, route: str) -> dict[str, Any]:
    """One route."""
    name = asked.route(route)
    found: list[dict[str, Any]] = [each for each in list_routes(asked)["found"] if each["route"] == name]
    return found[0]


def _route(route: Route, depths: Iterable[OutboxDepth], pause: Pause | None) -> dict[str, Any]:
    return {
        "route": route.name,
        "to": [target.sink for target in route.to],
        "stop": route.stop,
        "shadow": route.shadow,
        "follows_up": route.follow_up is not None,
        "held": sum(depth.shut.get(route.name, 0) for depth in depths),
        "paused": None if pause is None else pause.summary(),
    }


def pause_sink(asked: Asked, sink: str) -> dict[str, Any]:
    """Pause a sink."""
    return _pause_it(asked, f"{SINK}:{asked.sink(sink)}")


def pause_route(asked: Asked, route: str) -> dict[str, Any]:
    """Pause a route."""
    return _pause_it(asked, f"{ROUTE}:{asked.route(route)}")


def resume_sink(asked: Asked, sink: str) -> dict[str, Any]:
    """Let a sink go on."""
    return _resume_it(asked, SINK, sink)


def resume_route(asked: Asked, route: str) -> dict[str, Any]:
    """Let a route go on."""
    return _resume_it(asked, ROUTE, route)


def retry_sink(asked: Asked, sink: str) -> dict[str, Any]:
    """Have a sink asked now."""
    name = asked.sink(sink)
    with asked.deed(Act.RETRY, f"{SINK}:{name}") as result:
        said = asked.desk.pauses().retry(name)
        result.say(said)
    return {"name": f"{SINK}:{name}", "says": said}


def _pause_it(asked: Asked, name: str) -> dict[str, Any]:
    until, reason = moment_ahead(asked, asked.body.get("until")), one_line(asked.body["reason"])
    with asked.deed(Act.PAUSE, name) as result:
        pauses = asked.desk.pauses()
        pauses.pause(name, by=asked.operator.name, reason=reason, until=until)
        result.say("until it is resumed" if until is None else f"until {until:%Y-%m-%d %H:%M:%S} UTC")
    return {"name": name, "paused": pauses.pauses.all()[name].summary()}


def _resume_it(asked: Asked, kind: str, bare: str) -> dict[str, Any]:
    name, pauses = f"{kind}:{bare}", asked.desk.pauses()
    if name not in pauses.pauses.all():  # it is what was asked for, unless nobody ever had this name
        return {"name": f"{kind}:{asked.sink(bare) if kind == SINK else asked.route(bare)}", "paused": None}
    with asked.deed(Act.RESUME, name):
        try:
            pauses.resume(name)
        except NotFound:
            return {"name": name, "paused": None}  # somebody else was quicker
    return {"name": name, "paused": None}


def moment_ahead(asked: Asked, said: Said | None) -> datetime | None:
    """The moment that is meant, which must lie ahead.

    Raises:
        ValidationError: it is over.
    """
    try:
        return None if said is None else ahead_of(asked.now, said)
    except (ValueError, OverflowError) as fault:
        raise ValidationError(str(fault), "until") from None


def _pause(pause: Pause | None, now: datetime) -> dict[str, Any] | None:
    return pause.summary() if pause is not None and pause.holds(now) else None


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


AGAIN = "To ask twice changes nothing more."

CALLS = (
    Call(
        method="GET",
        path="/operator",
        does=show_operator,
        answer=WhoSchema,
        about="Tell who you are, and what you may do.",
    ),
    Call(
        method="GET",
        path="/status",
        does=show_status,
        answer=StatusSchema,
        about="Tell how every part is doing, and what to do about it.",
    ),
    Call(method="GET", path="/sinks", does=list_sinks, answer=SinksSchema, about="List sinks, and how each stands."),
    Call(
        method="GET", path="/sinks/<sink>", does=show_sink, answer=SinkSchema, about="Show one sink.", refusals=(404,)
    ),
    Call(
        method="PUT",
        path="/sinks/<sink>/pause",
        does=pause_sink,
        role=Role.OPERATE,
        body=PauseBody,
        answer=PausedSchema,
        about="Hold a sink's deliveries.",
        notes=f"They wait, and nothing is lost; a pause that it has already is replaced. {AGAIN}",
        refusals=(404,),
    ),
    Call(
        method="DELETE",
        path="/sinks/<sink>/pause",
        does=resume_sink,
        role=Role.OPERATE,
        answer=PausedSchema,
        about="Let a sink go on.",
        notes=AGAIN,
        refusals=(404,),
    ),
    Call(
        method="POST",
        path="/sinks/<sink>/retry",
        does=retry_sink,
        role=Role.OPERATE,
        answer=RetriedSchema,
        about="Try a sink now rather than later.",
        notes="Its circuit waits no longer, and what waits for its next attempt is due. 409 while it is paused.",
        refusals=(404, 409),
    ),
    Call(
        method="GET", path="/routes", does=list_routes, answer=RoutesSchema, about="List routes, and how each stands."
    ),
    Call(
        method="GET",
        path="/routes/<route>",
        does=show_route,
        answer=RouteSchema,
        about="Show one route.",
        refusals=(404,),
    ),
    Call(
        method="PUT",
        path="/routes/<route>/pause",
        does=pause_route,
        role=Role.OPERATE,
        body=PauseBody,
        answer=PausedSchema,
        about="Hold a route's deliveries.",
        notes=f"They wait, and nothing is lost; a pause that it has already is replaced. {AGAIN}",
        refusals=(404,),
    ),
    Call(
        method="DELETE",
        path="/routes/<route>/pause",
        does=resume_route,
        role=Role.OPERATE,
        answer=PausedSchema,
        about="Let a route go on.",
        notes=AGAIN,
        refusals=(404,),
    ),
)
