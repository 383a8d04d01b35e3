"""What the configuration says of the canary, the lead by which pushes are proven to come through."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate

from hookrouter.domain.lead import CREATED_FIELD, EMAIL_FIELD, ID_FIELDS, UPDATED_FIELD
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.json_shapes import Shape, also, text
from hookrouter.wire.config.strict_fields import StrictSchema

_ID = r"\d{1,20}"
UNFIT = frozenset(
    {*ID_FIELDS, EMAIL_FIELD, CREATED_FIELD, UPDATED_FIELD, "accountID", "active", "campaignID", "isContact"}
    | {
        "isCustomer",
        "isQualified",
        "isUnsubscribed",
        "leadScore",
        "leadScoreWeighted",
        "leadStatus",
        "ownerID",
        "status",
    }
)
"""Fields that say who a lead is or what becomes of it, or that the CRM does not let be changed."""


class LeadIdField(fields.Field[str]):
    """A lead's id in the CRM."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        if isinstance(value, bool) or not re.fullmatch(_ID, str(value)):
            raise ValidationError("give the lead's id in the CRM, such as 718281920514")
        return str(value)

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return also("integer", text(_ID))


def _is_harmless(field: str) -> None:
    if field in UNFIT:
        raise ValidationError(f"{field} is not to be changed for a test: name a text field of your own, or description")


class CanarySchema(StrictSchema):
    """Which lead is changed again and again, to see its push come back."""

    example: ClassVar[str] = "{lead: ID, every: 1h}"

    lead = LeadIdField(required=True, metadata={"description": "the id of a lead that serves for nothing else"})
    field = fields.String(
        validate=[validate.Length(1, 100), _is_harmless],
        metadata={"description": "its text field that is written over; description unless said"},
    )
    every = DurationField(
        most=timedelta(days=7), least=timedelta(minutes=5), metadata={"description": "the time between two changes"}
    )
    within = DurationField(
        most=timedelta(hours=1), least=timedelta(seconds=5), metadata={"description": "how long its push may take"}
    )
    source = fields.String(
        validate=validate.Length(1, 100), metadata={"description": "by which its pushes come, of several sources"}
    )
