"""What every sink may say in YAML, whatever its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from hookrouter.domain.fallback import USUAL_PATIENCE
from hookrouter.domain.order import Order
from hookrouter.domain.policy import SinkPolicy
from hookrouter.wire.config.duration import DurationField, write_duration
from hookrouter.wire.config.faults import Path
from hookrouter.wire.config.field_shapes import shape_of_schema
from hookrouter.wire.config.json_shapes import Shape
from hookrouter.wire.config.strict_fields import Choice, WholeNumber
from hookrouter.wire.config.unit_fields import RateField

MOST_SHARDS = 64
LONGEST_TIMEOUT = timedelta(minutes=5)
"""An attempt that takes longer holds its place, and its lead's later deliveries, for nothing."""


class RetrySchema(Schema):
    """How long a delivery may still be tried."""

    class Meta:
        unknown = RAISE

    example: ClassVar[str] = "{for: 3d}"

    for_ = DurationField(
        data_key="for", required=True, metadata={"description": "how long a delivery is tried before it is dead"}
    )


class FallbackSchema(Schema):
    """Where deliveries go when the sink has been dead for long."""

    class Meta:
        unknown = RAISE

    example: ClassVar[str] = "{to: OTHER_SINK, after: 30m}"

    to = fields.String(required=True, validate=validate.Length(min=1), metadata={"description": "the other sink"})
    after = DurationField(
        least=timedelta(minutes=1),
        load_default=USUAL_PATIENCE,
        metadata={"description": "how long the sink must have been dead"},
    )


class TimeoutSchema(Schema):
    """How long an attempt may take in all, until it is connected, and without a byte from the far side."""

    class Meta:
        unknown = RAISE

    total = DurationField(
        most=LONGEST_TIMEOUT, load_default=SinkPolicy().timeout, metadata={"description": "the whole attempt"}
    )
    connect = DurationField(most=LONGEST_TIMEOUT, metadata={"description": "until it is connected"})
    read = DurationField(most=LONGEST_TIMEOUT, metadata={"description": "without a byte from the far side"})

    @validates_schema
    def _parts_end_before_the_whole(self, limits: Mapping[str, timedelta], **_: object) -> None:
        late = [name for name in ("connect", "read") if name in limits and limits[name] > limits["total"]]
        if late:
            text = f"longer than the total of {write_duration(limits['total'])}: it would never be reached"
            raise ValidationError(dict.fromkeys(late, text))


class TimeoutField(fields.Nested):
    """One duration, which is the total, or a map of several."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(TimeoutSchema, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, dict):
            return super()._deserialize(value, attr, data, *args, **kwargs)
        return {"total": self.schema.fields["total"].deserialize(value)}

    def json_schema(self) -> Shape:
        """What an editor takes."""
        return {"anyOf": [DurationField.json_schema(), shape_of_schema(self.schema)]}


class SinkSchema(Schema):
    """The options common to all sinks; a kind of sink adds its own.

    `usual_order` is the kind's, unless a sink says otherwise: `LATEST` where the far side keeps the lead's state,
    `NONE` where people read each message. `is_for_people` says that they do, `carries_reports` that its kind words
    weekly reports (`Delivery.report`), `carries_alerts` that it words alerts (`Delivery.alert`). `usual_rate` is how
    many attempts a second its far side takes, if that is known, and `rate_place` names what it is of.
    `needs_section` names the section of the file without which it cannot send, `sections_of_keys` those that an option
    needs.
    """

    usual_order: ClassVar[Order] = Order.NONE
    usual_rate: ClassVar[float | None] = None
    is_for_people: ClassVar[bool] = True
    carries_reports: ClassVar[bool] = False
    carries_alerts: ClassVar[bool] = False
    needs_section: ClassVar[str] = ""
    sections_of_keys: ClassVar[Mapping[str, Sequence[str]]] = {}

    class Meta:
        unknown = RAISE

    type = fields.String(required=True, metadata={"description": "the kind of sink"})
    concurrency = WholeNumber(
        1, 1000, load_default=SinkPolicy().concurrency, metadata={"description": "attempts at the same time"}
    )
    shards = WholeNumber(
        1,
        MOST_SHARDS,
        load_default=SinkPolicy().shards,
        metadata={"description": "over how many workers a busy sink's deliveries are spread"},
    )
    timeout = TimeoutField(
        load_default=lambda: {"total": SinkPolicy().timeout},
        metadata={"description": "how long an attempt may take: in all, or {total, connect, read}"},
    )
    retry = fields.Nested(RetrySchema, metadata={"description": "how long a delivery may still be tried"})
    order = Choice(
        tuple(Order),
        metadata={
            "description": "of one lead's deliveries: each waits for the one before (strict), a later one replaces "
            "those that wait (latest), or none"
        },
    )
    rate_limit = RateField(metadata={"description": "the most attempts, such as 50/s or 20/min"})
    fallback = fields.Nested(
        FallbackSchema, metadata={"description": "another sink, told when this one has been dead for long"}
    )
    only_ = fields.List(
        fields.String(validate=validate.Length(min=1)),
        data_key="only",
        validate=validate.Length(min=1),
        metadata={"description": "the fields of a lead that this sink sees; all of them unless said"},
    )

    @staticmethod
    def rate_place(options: Mapping[str, Any]) -> str:  # noqa: ARG004 - for those that override it
        """What loaded options lead to, as one name for all sinks that lead there; '' when it is the sink's own."""
        return ""

    @staticmethod
    def outside_faults(options: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:  # noqa: ARG004 - for those that override it
        """What is wrong with the files that loaded options name, each with the way to its key.

        Asked by `hookrouter check` alone: a process that does not use a sink need not have its files.
        """
        yield from ()
