"""What the configuration says of the weekly report."""

from __future__ import annotations

import re
from datetime import time
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate

from hookrouter.domain.weekly import DAYS
from hookrouter.wire.config.json_shapes import Shape, text
from hookrouter.wire.config.strict_fields import Name, StrictSchema

MOST_REPORTED = 20
_MOMENT = re.compile(r"([A-Za-z]{3,9}) +([0-9]{1,2}):([0-9]{2})")
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WeeklyField(fields.Field[tuple[int, time]]):
    """A day of the week and a time, as in `mon 08:00`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[int, time]:  # noqa: ARG002 - the library's signature
        written = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
        if written is None:
            raise ValidationError("a day and a time are needed, such as mon 08:00: a report comes once a week")
        day, hour, minute = written[1].lower(), int(written[2]), int(written[3])
        for known in (DAYS, _LONG_DAYS):
            if day in known and hour < 24 and minute < 60:  # noqa: PLR2004 - of a clock
                return known.index(day), time(hour, minute)
        wrong = (
            f"`{written[2]}:{written[3]}` is no time" if day in {*DAYS, *_LONG_DAYS} else f"`{written[1]}` is no day"
        )
        raise ValidationError(f"{wrong}: a day and a time are needed, such as mon 08:00")

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(_MOMENT.pattern, example="mon 08:00")


class ReportSchema(StrictSchema):
    """The weekly report: to whom, and when."""

    example: ClassVar[str] = "{to: [SINK], every: mon 08:00}"

    to = fields.List(
        Name(),
        required=True,
        validate=validate.Length(1, MOST_REPORTED),
        metadata={"description": "the sinks: of the types email, slack or stdout"},
    )
    every = WeeklyField(required=True, metadata={"description": "when, such as mon 08:00"})
    timezone = fields.String(
        validate=validate.Length(min=1),
        metadata={"description": "in which that is, and in which days begin; or a time of `times`, for its timezone"},
    )
