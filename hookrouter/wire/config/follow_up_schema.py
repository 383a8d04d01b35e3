"""What the configuration says of a route's follow-up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate

from hookrouter.domain.ids import SinkName
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.json_shapes import Shape, one_or_more, reference
from hookrouter.wire.config.strict_fields import Choice, StrictSchema
from hookrouter.wire.messages.template import TemplateField

MOST_STEPS = 10
MOST_SINKS = 50
SOONEST, LATEST = timedelta(minutes=1), timedelta(days=30)
"""The kick looks every two seconds; and who has waited for a month is no lead any more."""


class SinkNames(fields.Field[tuple[SinkName, ...]]):
    """Sinks by their names alone: what a route says otherwise of one holds for its reminders too."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[SinkName, ...]:  # noqa: ARG002 - the library's signature
        if not isinstance(value, list):
            suggestion = f" (did you mean [{value}]?)" if isinstance(value, str) else ""
            raise ValidationError(f"a list of sinks is needed here{suggestion}")
        if not 1 <= len(value) <= MOST_SINKS:
            raise ValidationError(f"name at least one sink and at most {MOST_SINKS}")
        faults: dict[int, list[str]] = {}
        names: dict[SinkName, None] = {}
        for number, written in enumerate(value):
            if isinstance(written, bool) or not isinstance(written, (str, int)):
                faults[number] = ["give a sink's name: what the route's `to` says otherwise of it holds here too"]
            elif SinkName(str(written)) in names:
                faults[number] = [f"the sink `{written}` stands twice in this step"]
            else:
                names[SinkName(str(written))] = None
        if faults:
            raise ValidationError(faults)
        return tuple(names)

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        name = {"type": ["string", "integer"]}
        return {"type": "array", "items": name, "minItems": 1, "maxItems": MOST_SINKS, "uniqueItems": True}


class UnlessField(fields.Raw):
    """A condition or several, which `wire/rules` reads."""

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return one_or_more(reference("condition"))


class FollowUpStepSchema(StrictSchema):
    """What is done when nobody has reacted for so long."""

    after = DurationField(
        LATEST,
        least=SOONEST,
        required=True,
        metadata={"description": "how long after the route took the lead, in its working time, such as 15m"},
    )
    unless = UnlessField(
        metadata={"description": "not when this holds of the lead as it is then, against how it was when it was taken"}
    )
    assign = Choice(("next",), metadata={"description": "next: the lead goes to another person of the route's team"})
    to = SinkNames(required=True, metadata={"description": "the sinks that are reminded"})
    say = TemplateField(metadata={"description": "what they are told; the usual text unless said"})


def follow_up_field() -> fields.List[dict[str, Any]]:
    """The steps of a route."""
    return fields.List(
        fields.Nested(FollowUpStepSchema),
        validate=validate.Length(1, MOST_STEPS),
        metadata={"description": "what is done when nobody reacts in time"},
    )
