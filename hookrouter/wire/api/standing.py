"""How everything stands, as the operator API tells of it: parts, sinks, routes, pauses, silences."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from hookrouter.domain.circuit import CircuitState
from hookrouter.domain.health import Status
from hookrouter.domain.operator import Role
from hookrouter.wire.api.questions import LONGEST_REASON, Question, name, said
from hookrouter.wire.api.told import (
    a_or_none,
    anything,
    count,
    count_or_none,
    many,
    moment,
    moment_or_none,
    one_of,
    text,
    texts,
    truth,
)

STANDINGS = ("paused", *CircuitState)


class WhoSchema(Schema):
    """Who asks."""

    name = text("As the audit log tells it.")
    role = one_of(tuple(Role), "What you may do: read, or change things as well.")


class PartSchema(Schema):
    """How one part does."""

    name = text("The part, such as `redis`, `workers`, `sink:sales`.")
    status = one_of(tuple(Status), "How well it does.")
    value = anything("What was measured.")
    unit = text("In which unit.")
    advice = text("What to do when it is not well.")
    streams = count_or_none("How many partitions, or shards of a sink, it is split into; null where it is not.")


class StatusSchema(Schema):
    """How the whole does."""

    status = one_of(tuple(Status), "By the part that does worst.")
    parts = many(PartSchema, "Every part.")


class PauseSchema(Schema):
    """Who holds deliveries, and why."""

    by = text("Who paused it; `hookrouter` when the far side said that it is gone.")
    reason = text("Why.")
    since = moment("Since when.")
    until = moment_or_none("Until when; null is until it is resumed.")


class HeldSchema(Schema):
    """What is held of one route."""

    route = text("The route.")
    deliveries = count("How many.")
    until = moment_or_none("When they go on, if that is known.")


class SinkSchema(Schema):
    """A sink, and how it stands."""

    sink = text("Its name.")
    type = text("Its type; '' for one that the configuration names no more and for which deliveries wait.")
    shards = count("How many its outbox is split into; 1 where it is not.")
    standing = one_of(STANDINGS, "In one word: `paused`, or the state of its circuit.")
    waiting = count("Deliveries that can be attempted.")
    retrying = count("Deliveries that wait for their next attempt.")
    due = count("Those of them whose time has come.")
    held = many(HeldSchema, "Deliveries that wait for their route's time, or until it is resumed.")
    circuit = one_of(tuple(CircuitState), "Whether it is asked: `closed` is well.")
    circuit_reason = text("Why its circuit opened, in one word.")
    asked_again_at = moment_or_none("No attempt before.")
    paused = a_or_none(PauseSchema, "By whom it is paused, if it is.")


class SinksSchema(Schema):
    """All sinks."""

    found = many(SinkSchema, "By name.")


class RouteSchema(Schema):
    """A route, and how it stands."""

    route = text("Its name.")
    to = texts("Its sinks; of a route that assigns leads also that for what nobody may take.")
    stop = truth("Whether later routes are not tried when it matches.")
    shadow = truth("Whether it is decided and recorded, and nothing sent.")
    follows_up = truth("Whether it reminds people who do not react.")
    held = count("Deliveries that wait for its time, or until it is resumed.")
    paused = a_or_none(PauseSchema, "By whom it is paused, if it is.")


class RoutesSchema(Schema):
    """All routes."""

    found = many(RouteSchema, "In the order in which they are tried.")


class PauseBody(Question):
    """How long deliveries are held, and why."""

    until = said("Until a moment, or for a while, such as `2h`; until it is resumed, if not said.")
    reason = fields.Str(
        load_default="",
        validate=validate.Length(max=LONGEST_REASON),
        metadata={"description": "Why; shown to everybody who looks."},
    )


class RetriedSchema(Schema):
    """A sink that is asked now."""

    name = text("Its whole name, such as `sink:sales`.")
    says = text("What that means for what waits.")


class PausedSchema(Schema):
    """A sink or a route, and by whom it is paused now."""

    name = text("Its whole name, such as `sink:sales`.")
    paused = a_or_none(PauseSchema, "Null when it goes on.")


class SilenceSchema(Schema):
    """Who is not told of which leads, until when and why."""

    id = text("The silence.")
    match = anything("Of which leads, as in a route.")
    sinks = texts("Which sinks are not told.")
    by = text("Who began it.")
    reason = text("Why.")
    since = moment("Since when.")
    until = moment("Until when.")
    holds = truth("Whether it is not over.")
    silenced = count("Deliveries that it kept back.")


class SilencesSchema(Schema):
    """The silences, those of the last week too."""

    found = many(SilenceSchema, "The oldest first.")


class SilenceBody(Question):
    """Of which leads nobody is told, and how long."""

    match = fields.Dict(
        required=True, metadata={"description": "Of which leads, as a route's `match`; `{}` is all of them."}
    )
    until = said("Until a moment, or for a while, such as `2h`.", required=True)
    sinks = fields.List(
        name("A sink."),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "Of these sinks; of all that people read, if not said."},
    )
    reason = fields.Str(
        load_default="",
        validate=validate.Length(max=LONGEST_REASON),
        metadata={"description": "Why; shown to everybody who looks."},
    )
