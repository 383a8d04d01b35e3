"""What the configuration says of alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate

from hookrouter.domain.alert import USUAL_LAG, AlertKind
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.config.json_shapes import Shape, a_map, or_variable
from hookrouter.wire.config.strict_fields import Name, StrictSchema

MOST_ALERTED = 20
TIMED = (AlertKind.LAG, AlertKind.NO_PUSH_FOR)
"""Those that take a time."""
PLAIN = (AlertKind.CIRCUIT_OPEN, AlertKind.LAG, AlertKind.DEAD, AlertKind.CRM_QUOTA)
"""Those that need none; all of them are meant where nothing else is said."""
Wanted = tuple[AlertKind, timedelta | None]
LEAST = timedelta(minutes=1)
KNOWN = ", ".join([*PLAIN, "no_push_for: 2h"])


class AlertField(fields.Field[Wanted]):
    """What is told: a word such as `dead`, or one with a time, as in `no_push_for: 2h`."""

    example: ClassVar[str] = "no_push_for: 2h"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Wanted:
        if isinstance(value, dict) and len(value) == 1:
            [(word, span)] = value.items()
            return _timed(_kind(word), span)
        if isinstance(value, dict):
            raise ValidationError("one word each is needed here, as in [dead, no_push_for: 2h]")
        kind = _kind(value)
        if kind is AlertKind.NO_PUSH_FOR:
            raise ValidationError("say for how long, as in `no_push_for: 2h`")
        return kind, USUAL_LAG if kind is AlertKind.LAG else None

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        span = DurationField.json_schema()
        timed = [{**a_map({kind.value: span}), "required": [kind.value]} for kind in TIMED]
        return {"anyOf": [or_variable({"enum": [kind.value for kind in PLAIN]}), *timed]}


def _kind(word: object) -> AlertKind:
    try:
        return AlertKind(str(word))
    except ValueError:
        suggestion = did_you_mean(str(word), [kind.value for kind in AlertKind])
        raise ValidationError(f"nothing is told of `{word}`{suggestion or f'; known are {KNOWN}'}") from None


def _timed(kind: AlertKind, span: object) -> tuple[AlertKind, timedelta]:
    if kind not in TIMED:
        raise ValidationError({kind.value: [f"`{kind}` takes no time: write it alone"]})
    try:
        return kind, DurationField(least=LEAST).deserialize(span)
    except ValidationError as fault:
        raise ValidationError({kind.value: fault.messages}) from None


class AlertsSchema(StrictSchema):
    """Alerts: to whom, and of what."""

    example: ClassVar[str] = "{to: [SINK], on: [circuit_open, dead, no_push_for: 2h]}"

    to = fields.List(
        Name(),
        required=True,
        validate=validate.Length(1, MOST_ALERTED),
        metadata={"description": "the sinks, each of which is told: of the types email, slack, http or stdout"},
    )
    on = fields.List(
        AlertField(),
        validate=validate.Length(1, len(AlertKind)),
        load_default=lambda: [(kind, USUAL_LAG if kind is AlertKind.LAG else None) for kind in PLAIN],
        metadata={"description": f"of what: {KNOWN}; a time beside `lag` says what waits too long"},
    )
