"""What sinks may say in YAML that people read: when several leads share a message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates, validates_schema

from hookrouter.domain.digest import OF_ASSIGNED
from hookrouter.domain.policy import MOST_IN_A_DIGEST
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.config.json_shapes import Shape
from hookrouter.wire.config.sink_schema import SinkSchema
from hookrouter.wire.config.strict_fields import Choice, WholeNumber
from hookrouter.wire.config.unit_fields import CountField

LONGEST_GATHERING = timedelta(days=7)
"""The longest a digest may gather: as long as pushes are kept unless said otherwise."""
MOST_ONE_BY_ONE = 1000
"""In the time of a burst's rate: far more than people read."""
EXPIRES = timedelta(days=30)
NOT_BOTH: Shape = {"required": ["digest", "burst"]}
"""What an editor is told not to take."""


class DigestSchema(Schema):
    """When the leads gathered so far go out as one message; for sinks that can word several as one."""

    class Meta:
        unknown = RAISE

    example: ClassVar[str] = "{every: 15m, max: 50}"

    every = DurationField(
        least=timedelta(seconds=1),
        most=LONGEST_GATHERING,
        required=True,
        metadata={"description": "how long leads are gathered"},
    )
    max = WholeNumber(1, MOST_IN_A_DIGEST, load_default=50, metadata={"description": "leads in one message"})
    by = fields.String(
        validate=validate.Length(1, 100),
        metadata={"description": "a field of the lead, or assigned.name: a message for each of its values"},
    )

    @validates("by")
    def _is_known_of_the_assigned(self, by: str, data_key: str) -> None:  # noqa: ARG002 - the library's signature
        if by.startswith("assigned.") and by not in OF_ASSIGNED:
            raise ValidationError(f"there is no `{by}`{did_you_mean(by, sorted(OF_ASSIGNED))}")


class BurstSchema(Schema):
    """How many messages may go out one by one before the others are gathered into one."""

    class Meta:
        unknown = RAISE

    example: ClassVar[str] = "{over: 20/min, then: digest}"

    over = CountField(
        MOST_ONE_BY_ONE, required=True, metadata={"description": "so many may go out one by one, such as 20/min"}
    )
    then = Choice(("digest",), load_default="digest", metadata={"description": "what the others become: one summary"})


class MessageSinkSchema(SinkSchema):
    """The options common to sinks that word several leads as one message; see `ports.sinks.DigestSink`."""

    json_rules: ClassVar[Shape] = {"not": NOT_BOTH}

    digest = fields.Nested(DigestSchema, metadata={"description": "several leads in one message"})
    burst = fields.Nested(
        BurstSchema, metadata={"description": "over a rate, the other leads share one message: {over: 20/min}"}
    )
    expire_after = DurationField(
        least=timedelta(minutes=1),
        most=EXPIRES,
        metadata={"description": "how long a message is news; one that comes later is a line of the next digest"},
    )

    @validates_schema
    def _gathers_in_one_way(self, options: Mapping[str, Any], **_: object) -> None:
        if "digest" in options and "burst" in options:
            text = "`digest` gathers all leads already: leave one of the two out"
            raise ValidationError(text, "burst")
        gathers = next((key for key in ("digest", "burst") if key in options), None)
        if gathers is not None and options["shards"] > 1:
            text = f"`{gathers}` gathers all leads in one place, which shards are not: leave one of the two out"
            raise ValidationError(text, "shards")
