"""The shape of the whole configuration file; sink types bring the shape of their own options."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate

from hookrouter.wire.config.address_fields import NetworkField
from hookrouter.wire.config.alerts_schema import AlertsSchema
from hookrouter.wire.config.crm_schema import CrmSchema
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.json_shapes import Shape
from hookrouter.wire.config.receiver_schema import ReceiverSchema
from hookrouter.wire.config.report_schema import ReportSchema
from hookrouter.wire.config.route_schema import ReadElsewhere, RouteSchema, UnmatchedSchema
from hookrouter.wire.config.route_test_schema import RouteTestSchema
from hookrouter.wire.config.slack_schema import SlackAppSchema
from hookrouter.wire.config.smtp_schema import SmtpSchema
from hookrouter.wire.config.strict_fields import Name, StrictSchema
from hookrouter.wire.config.team_schema import TeamSchema

VERSION = 1
MOST_ROUTES = 10_000
MOST_SINKS = 500
MOST_TIMES = 500
MOST_TEAMS = 200
MOST_CONDITIONS = 1000
MOST_TESTS = 2_000
MOST_INCLUDES = 100

MAPS = ("conditions", "times", "teams", "sinks")
LISTS = ("routes", "tests")
MAY_BE_INCLUDED = (*MAPS, *LISTS)
"""What an included file may say; all else stands in the main file."""


class VersionField(fields.Field[int]):
    """The format's number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002 - the library's signature
        if value is True or value != VERSION:
            raise ValidationError(f"this version reads `version: {VERSION}` only")
        return VERSION

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return {"const": VERSION}


class EgressSchema(StrictSchema):
    """Which private networks sinks may reach."""

    allow = fields.List(
        NetworkField(),
        load_default=list,
        metadata={"description": "private networks that sinks may reach all the same"},
    )


class RetentionSchema(StrictSchema):
    """How long what was seen is kept."""

    pushes = DurationField(metadata={"description": "received bodies"})
    deliveries = DurationField(metadata={"description": "deliveries that are over"})
    dead = DurationField(metadata={"description": "dead letters"})
    rejected = DurationField(metadata={"description": "rejected leads"})
    snapshots = DurationField(metadata={"description": "leads as last seen"})


class ConfigSchema(StrictSchema):
    """The main configuration file, with what the included ones say besides."""

    json_rules: ClassVar[Shape] = {
        "required": [],
        "if": {"anyOf": [{"required": [key]} for key in ("version", "receiver", "include")]},
        "then": {"required": ["version", "receiver"], "anyOf": [{"required": ["routes"]}, {"required": ["include"]}]},
        "else": {"propertyNames": {"enum": list(MAY_BE_INCLUDED)}},
    }
    """An editor takes a file that begins like none for one that is included."""

    version = VersionField(required=True, metadata={"description": "the format of this file"})
    include = fields.List(
        fields.String(validate=validate.Length(min=1)),
        validate=validate.Length(max=MOST_INCLUDES, error=f"{MOST_INCLUDES} entries are the most"),
        metadata={"description": "further files, by paths or patterns from this file's folder on"},
    )
    receiver = fields.Nested(ReceiverSchema, required=True, metadata={"description": "how pushes are taken"})
    crm = fields.Nested(CrmSchema, metadata={"description": "how the CRM's API is called"})
    smtp = fields.Nested(SmtpSchema, metadata={"description": "the mail server of e-mail sinks"})
    slack = fields.Nested(SlackAppSchema, metadata={"description": "the Slack app whose buttons are answered"})
    egress = fields.Nested(EgressSchema, metadata={"description": "what sinks may reach"})
    redact = fields.List(
        fields.String(validate=validate.Length(min=1)),
        metadata={"description": "lead fields, beside the built-in list, that are never shown unmasked"},
    )
    retention = fields.Nested(RetentionSchema, metadata={"description": "how long what was seen is kept"})
    defaults = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String()),
        metadata={"description": "what sinks of a type, or `all` of them, say unless they say otherwise"},
    )
    conditions = fields.Dict(
        keys=Name(),
        values=ReadElsewhere("definition"),
        validate=validate.Length(max=MOST_CONDITIONS, error=f"{MOST_CONDITIONS} conditions are the most"),
        metadata={"description": "conditions by name, which stand wherever a route's `match` may have one"},
    )
    times = fields.Dict(
        keys=Name(),
        values=ReadElsewhere("time"),
        validate=validate.Length(max=MOST_TIMES, error=f"{MOST_TIMES} times are the most"),
        metadata={"description": "times of the week by name, for the `during` of routes"},
    )
    teams = fields.Dict(
        keys=Name(),
        values=fields.Nested(TeamSchema),
        validate=validate.Length(max=MOST_TEAMS, error=f"{MOST_TEAMS} teams are the most"),
        metadata={"description": "people whom leads are given to, by the name of their team, for `assign`"},
    )
    sinks = fields.Dict(
        keys=Name(),
        values=fields.Dict(keys=fields.String()),
        validate=validate.Length(max=MOST_SINKS, error=f"{MOST_SINKS} sinks are the most"),
        metadata={"description": "whom leads are sent to, by name"},
    )
    routes = fields.List(
        fields.Nested(RouteSchema),
        required=True,
        validate=validate.Length(1, MOST_ROUTES, error=f"give at least one route and at most {MOST_ROUTES}"),
        metadata={"description": "which leads go where; all that match fire"},
    )
    unmatched = fields.Nested(
        UnmatchedSchema, metadata={"description": "where created and updated leads go that no route takes"}
    )
    report = fields.Nested(ReportSchema, metadata={"description": "a weekly report of what became of the leads"})
    alerts = fields.Nested(
        AlertsSchema, metadata={"description": "who is told when something is wrong with hookrouter"}
    )
    tests = fields.List(
        fields.Nested(RouteTestSchema),
        validate=validate.Length(max=MOST_TESTS, error=f"{MOST_TESTS} tests are the most"),
        metadata={"description": "leads with where they must go; `hookrouter test` tells whether they do"},
    )
