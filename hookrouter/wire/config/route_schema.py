"""What the configuration says of one route."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from hookrouter.domain.ids import SinkName
from hookrouter.domain.routing import AT_ONCE, Target
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.field_shapes import shape_of_schema
from hookrouter.wire.config.follow_up_schema import follow_up_field
from hookrouter.wire.config.json_shapes import Shape, one_or_more, reference, text
from hookrouter.wire.config.strict_fields import Choice, Name, StrictSchema, Truth
from hookrouter.wire.rules.events import source_fault

MOST_TARGETS = 50
LONGEST_ONCE = timedelta(days=366)
LONGEST_PATIENCE = timedelta(days=7)
"""Who is ready to wait longer for the CRM waits as long as it takes."""

_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")


def read_target(written: object) -> Target:
    """Read `sales`, or `{sink: sales, channel: "#vip"}`.

    Raises:
        ValidationError: when it is neither.
    """
    if isinstance(written, dict):
        if "sink" not in written:
            raise ValidationError("`sink` is missing: the name of the sink that this changes")
        overrides = {key: value for key, value in written.items() if key != "sink"}
        return Target(sink=_sink_name(written["sink"]), overrides=overrides)
    return Target(sink=_sink_name(written))


def _sink_name(written: object) -> SinkName:
    if isinstance(written, bool) or not isinstance(written, (str, int)):
        raise ValidationError("give a sink's name, or {sink: name, …} with what this route says otherwise")
    return SinkName(str(written))  # a plain number is spelt as it was written


class TargetsField(fields.Field[tuple[Target, ...]]):
    """The sinks of a route."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[Target, ...]:  # noqa: ARG002 - the library's signature
        if not isinstance(value, list):
            suggestion = f" (did you mean [{value}]?)" if isinstance(value, str) else ""
            raise ValidationError(f"a list of sinks is needed here{suggestion}")
        if not 1 <= len(value) <= MOST_TARGETS:
            raise ValidationError(f"name at least one sink and at most {MOST_TARGETS}")
        targets: list[Target] = []
        faults: dict[int, list[str]] = {}
        for number, written in enumerate(value):
            try:
                target = read_target(written)
            except ValidationError as fault:
                faults[number] = [str(message) for message in fault.messages]
                continue
            if any(target.sink == earlier.sink for earlier in targets):
                faults[number] = [f"the sink `{target.sink}` stands twice in this route"]
            targets.append(target)
        if faults:
            raise ValidationError(faults)
        return tuple(targets)

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        target = {"anyOf": [{"type": ["string", "integer"]}, reference("target")]}
        return {"type": "array", "items": target, "minItems": 1, "maxItems": MOST_TARGETS}


class ShareField(fields.Field[float]):
    """A share of the leads, in percent."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:  # noqa: ARG002 - the library's signature
        written = _SHARE.fullmatch(value) if isinstance(value, str) else None
        if written is None or not 0 < float(written[1]) <= 100:  # noqa: PLR2004 - per cent
            raise ValidationError("a share above 0% and up to 100% is needed, such as 10%")
        return float(written[1])

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(_SHARE.pattern, example="10%")


class Sources(fields.Field[tuple[str, ...]]):
    """The name of a source, or a list of some."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:  # noqa: ARG002 - the library's signature
        if isinstance(value, list):
            if not value:
                raise ValidationError("name a source, or leave it out for leads of all")
            return tuple(map(str, fields.List(Name()).deserialize(value) or ()))
        return (Name().deserialize(value),)

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return one_or_more(Name.json_schema())


class ReadElsewhere(fields.Raw):
    """A value that wire/rules/language.py or its like reads, described under a name of its own."""

    def __init__(self, name: str, **settings: Any) -> None:
        super().__init__(**settings)
        self.described_as = name

    def json_schema(self) -> Shape:
        """What an editor takes."""
        return reference(self.described_as)


def _known_source(name: str) -> None:
    fault = source_fault(name)
    if fault is not None:
        raise ValidationError(fault)


class TimelineSchema(StrictSchema):
    """Which part of a lead's history a route wants."""

    example: ClassVar[str] = "{last: 30d}"

    sources = fields.List(
        fields.String(validate=_known_source),
        validate=validate.Length(min=1),
        metadata={"description": "the kinds of events; all of them unless said"},
    )
    last = DurationField(metadata={"description": "how far back, such as 30d; without end unless said"})


class DeliverAfterSchema(StrictSchema):
    """How long a lead waits for a CRM that does not tell of it."""

    deliver_after = DurationField(
        LONGEST_PATIENCE, required=True, metadata={"description": "deliver without after so long, such as 1m"}
    )


class OnFailure(fields.Nested):
    """`wait`, `deliver`, or `{deliver_after: 1m}`: how long a lead waits, None being as long as it takes."""

    WORDS: ClassVar[Mapping[str, timedelta | None]] = {"wait": None, "deliver": AT_ONCE}

    def __init__(self, **settings: Any) -> None:
        super().__init__(DeliverAfterSchema, **settings)
        self._word = Choice(tuple(self.WORDS))

    def _deserialize(self, value: Any, attr: str | None, data: Any, *args: Any, **kwargs: Any) -> timedelta | None:
        if isinstance(value, dict):
            patience: timedelta = super()._deserialize(value, attr, data, *args, **kwargs)["deliver_after"]
            return patience
        return self.WORDS[self._word.deserialize(value)]

    def json_schema(self) -> Shape:
        """What an editor takes."""
        return {"anyOf": [self._word.json_schema(), shape_of_schema(self.schema)]}


class EnrichSchema(StrictSchema):
    """What a route wants to know besides."""

    example: ClassVar[str] = "{timeline: {last: 30d}}"

    timeline = fields.Nested(TimelineSchema, metadata={"description": "the lead's history"})
    lists = Truth(metadata={"description": "the names of the lists that the lead is on"})
    on_failure = OnFailure(
        metadata={
            "description": "while the CRM does not tell: wait as long as it takes (unless said), or deliver without, "
            "at once or after a while"
        }
    )

    @validates_schema
    def _wants_something(self, loaded: dict[str, Any], **_: Any) -> None:
        if "timeline" not in loaded and not loaded.get("lists"):
            raise ValidationError("say what is wanted: `timeline: {}`, `lists: true`, or both")


class OnceSchema(StrictSchema):
    """How long a route does not tell of the same again."""

    example: ClassVar[str] = "{per: lead, every: 1d}"

    per = Choice(("lead",), load_default="lead", metadata={"description": "what counts as the same"})
    every = DurationField(
        LONGEST_ONCE, required=True, metadata={"description": "once in so long, such as 1d, counted from the last time"}
    )


class ObjectiveSchema(StrictSchema):
    """How soon a route's messages are to be there: so many of a hundred within so long."""

    example: ClassVar[str] = "{p95: 60s}"

    json_rules: ClassVar[Shape] = {"minProperties": 1, "maxProperties": 1}

    p50 = DurationField(metadata={"description": "half of them"})
    p90 = DurationField(metadata={"description": "nine in ten"})
    p95 = DurationField(metadata={"description": "95 of a hundred, such as 60s"})
    p99 = DurationField(metadata={"description": "99 of a hundred"})

    @validates_schema
    def _is_one(self, loaded: dict[str, Any], **_: Any) -> None:
        if len(loaded) != 1:
            raise ValidationError("give one of p50, p90, p95 and p99, as in {p95: 60s}")


class RouteSchema(StrictSchema):
    """One rule: who takes it, and where it leads."""

    json_rules: ClassVar[Shape] = {"anyOf": [{"required": ["to"]}, {"required": ["stop"]}]}

    name_ = Name(data_key="name", required=True, metadata={"description": "seen in metrics, logs and messages"})
    source = Sources(metadata={"description": "only leads of this source, or of these"})
    match = ReadElsewhere("match", metadata={"description": "what must hold; every lead unless said"})
    match_timeline = ReadElsewhere("match_timeline", metadata={"description": "what must stand in the lead's history"})
    during = ReadElsewhere("during", metadata={"description": "at which times; always unless said"})
    sample = ShareField(metadata={"description": "a share of the leads, such as 10%: always the same ones"})
    enrich = fields.Nested(EnrichSchema, metadata={"description": "what the sinks' messages need besides the lead"})
    once = fields.Nested(OnceSchema, metadata={"description": "do not repeat for the same lead for a while"})
    assign = Name(metadata={"description": "the team of which somebody gets the lead"})
    to = TargetsField(metadata={"description": "the sinks"})
    follow_up = follow_up_field()
    objective = fields.Nested(
        ObjectiveSchema, metadata={"description": "how soon messages are to be there; measured and reported"}
    )
    stop = Truth(load_default=False, metadata={"description": "later routes are not tried"})
    shadow = Truth(load_default=False, metadata={"description": "decided and recorded, nothing sent"})

    @validates_schema
    def _leads_somewhere(self, loaded: dict[str, Any], **_: Any) -> None:
        if "once" in loaded and "to" not in loaded:
            raise ValidationError("`once` holds back deliveries, and this route makes none", "once")
        if "follow_up" in loaded and "to" not in loaded:
            raise ValidationError("`follow_up` reminds those who were told, and this route tells nobody", "follow_up")
        if "assign" in loaded and "to" not in loaded:
            raise ValidationError(
                "nobody would hear of it: name in `to` who is told whom the lead is given to", "assign"
            )
        if "objective" in loaded and "to" not in loaded:
            raise ValidationError("`objective` is of deliveries, and this route makes none", "objective")
        if "to" not in loaded and not loaded["stop"]:
            raise ValidationError(
                "`to` is missing: name sinks, or say `stop: true` when its leads go nowhere on purpose"
            )


class UnmatchedSchema(StrictSchema):
    """Where the leads go that no route takes."""

    to = TargetsField(required=True, metadata={"description": "the sinks"})
