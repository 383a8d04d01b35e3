"""The flow, the rules and the CRM, as the operator API tells of them."""

from __future__ import annotations

from datetime import timedelta

from marshmallow import Schema, fields

from hookrouter.domain.flow import Tone
from hookrouter.wire.api.questions import Question
from hookrouter.wire.api.standing import PartSchema
from hookrouter.wire.api.told import (
    a_or_none,
    by_name,
    count,
    count_or_none,
    many,
    maybe,
    moment,
    moment_or_none,
    number_or_none,
    one_of,
    text,
    texts,
    truth,
)
from hookrouter.wire.config.duration import DurationField

LONGEST = timedelta(hours=26)
USUAL = timedelta(hours=3)


class FlowSourceSchema(Schema):
    """A source."""

    name = text("Its name.")
    pushes = count("Pushes.")
    quiet_for = number_or_none("Seconds since its last push.")
    tone = one_of(tuple(Tone), "How it does.")
    says = text("The same in words.")


class FlowRouteSchema(Schema):
    """A route."""

    name = text("Its name.")
    taken = count("Leads that it took.")
    shadowed = count("Leads that it would have taken, were it no shadow.")
    delivered = count("Messages that arrived.")
    late = count("Messages that came later than promised.")
    dead = count("Deliveries that were given up.")
    repeated = count("Messages that `once` held back.")
    silenced = count("Messages that a silence held back.")
    half = text("Within what time at most half of its messages were there; counted coarsely.")
    is_shadow = truth("Whether it sends nothing.")
    to = texts("The sinks that it leads to.")
    tone = one_of(tuple(Tone), "How it does.")
    says = text("The same in words.")


class FlowSinkSchema(Schema):
    """A sink."""

    name = text("Its name.")
    type = text("Its type.")
    delivered = count("Messages that arrived.")
    reminded = count("Reminders.")
    dead = count("Deliveries that were given up.")
    waiting = count("Deliveries that wait.")
    shards = count("How many its outbox is split into; 1 where it is not.")
    standing = text("`paused`, or the state of its circuit.")
    tone = one_of(tuple(Tone), "How it does.")
    says = text("The same in words.")


class LinkSchema(Schema):
    """A way from a route to a sink."""

    route = text("From this route.")
    sink = text("To this sink.")
    delivered = count("Messages that arrived.")
    dead = count("Deliveries that were given up.")


class PointSchema(Schema):
    """A stretch of time; null where nobody took samples."""

    at = moment("Its end.")
    leads = number_or_none("Leads a minute.")
    delivered = number_or_none("Messages a minute.")
    dead = number_or_none("Deliveries given up a minute.")
    waiting = count_or_none("The most that waited.")


class FlowSchema(Schema):
    """The picture of the flow."""

    at = moment("When it was looked at.")
    since = moment_or_none("From when on it counts: some minutes; null before the first sample.")
    headline = text("Whether leads flow.")
    pushes = count("Pushes.")
    counts = by_name("What came and went, by kind.")
    staged = by_name("Leads on their way from the receiver to the sinks, by stage.")
    waiting = count("All that waits anywhere.")
    partitions = count("Over how many the intake is spread.")
    sources = many(FlowSourceSchema, "The sources.")
    routes = many(FlowRouteSchema, "The routes.")
    sinks = many(FlowSinkSchema, "The sinks.")
    links = many(LinkSchema, "From which route to which sink.")
    course = many(PointSchema, "The last hours.")


class FlowQuery(Question):
    """How far back."""

    last = DurationField(
        most=LONGEST,
        least=timedelta(minutes=1),
        metadata={
            "description": "How long a course, such as `1h`; 3 hours, if not said, and 26 at most.",
            "type": "string",
        },
    )


class FileSchema(Schema):
    """A file of the configuration."""

    name = text("Its name.")
    lines = texts("Its lines, without secrets.")
    routes = fields.Dict(
        keys=fields.Str(),
        values=fields.Str(),
        required=True,
        metadata={"description": "The route that begins in a line, by its number from 1."},
    )


class RulesSchema(Schema):
    """The configuration that is in force."""

    revision = text("It changes with every edit.")
    refused = text("Why what stands in the files now is not in force; '' when it is.")
    files = many(FileSchema, "The main one first.")


class QuotaSchema(Schema):
    """The day's calls."""

    used = count("Made, by everybody who uses the account.")
    limit = count("The most that may be made.")
    gives_way = text("Who must not call any more; '' while everybody may.")


class TrustSchema(Schema):
    """What reconcile measured of the CRM's pushes."""

    changes = count("Leads that changed.")
    missed = count("Those that no push brought.")
    lag = number_or_none("Seconds from a change to its push, the median.")
    last_run = moment_or_none("When it last came to its end.")


class CrmSchema(Schema):
    """What is known of the CRM."""

    at = moment("When it was looked at.")
    is_configured = truth("Whether there is one.")
    parts = many(PartSchema, "How each part of it does, and what to do.")
    quota = a_or_none(QuotaSchema, "The day's calls.")
    trust = a_or_none(TrustSchema, "Over a day; null where nothing is reconciled.")
    reconciled_up_to = maybe(moment_or_none("Up to when all changes are accounted for."))
    reconciled_next = maybe(moment_or_none("When reconcile runs next."))
