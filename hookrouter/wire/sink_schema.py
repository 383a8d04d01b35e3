"""What every sink may say in YAML, whatever its type."""

from __future__ import annotations

from datetime import timedelta

from marshmallow import RAISE, Schema, fields, validate

from hookrouter.domain.policy import MOST_IN_A_DIGEST, SinkPolicy
from hookrouter.wire.duration import DurationField
from hookrouter.wire.strict_fields import WholeNumber

LONGEST_TIMEOUT = timedelta(minutes=5)
"""An attempt that takes longer holds its place, and its lead's later deliveries, for nothing."""


LONGEST_GATHERING = timedelta(days=7)
"""The longest a digest may gather: as long as pushes are kept unless said otherwise."""


class RetrySchema(Schema):
    """How long a delivery may still be tried."""

    class Meta:
        unknown = RAISE

    for_ = DurationField(data_key="for", required=True)


class DigestSchema(Schema):
    """When the leads gathered so far go out as one message; for sinks that can word several as one."""

    class Meta:
        unknown = RAISE

    every = DurationField(least=timedelta(seconds=1), most=LONGEST_GATHERING, required=True)
    max = WholeNumber(1, MOST_IN_A_DIGEST, load_default=50)


class SinkSchema(Schema):
    """The options common to all sinks; a kind of sink adds its own."""

    class Meta:
        unknown = RAISE

    type = fields.String(required=True)
    concurrency = WholeNumber(1, 1000, load_default=SinkPolicy().concurrency)
    timeout = DurationField(most=LONGEST_TIMEOUT, load_default=SinkPolicy().timeout)
    retry = fields.Nested(RetrySchema)
    only_ = fields.List(
        fields.String(validate=validate.Length(min=1)), data_key="only", validate=validate.Length(min=1)
    )
