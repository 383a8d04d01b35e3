"""What the configuration says of the CRM's API."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate

from hookrouter.wire.address_fields import WebAddress
from hookrouter.wire.strict_fields import Choice, StrictSchema
from hookrouter.wire.unit_fields import RateField


def _not_the_old_version(url: str) -> None:
    if url.rstrip("/").endswith("/pubapi/v1"):
        raise ValidationError("the API's version v1 is not supported by this version (did you mean …/pubapi/v1.2/?)")


class CrmSchema(StrictSchema):
    """How the CRM is called."""

    account_id = fields.String(
        required=True, validate=validate.Length(1, 200), metadata={"description": "the API's account id"}
    )
    secret_key = fields.String(
        required=True, validate=validate.Length(1, 200), metadata={"description": "the API's secret key"}
    )
    url = WebAddress(
        validate=_not_the_old_version, metadata={"description": "where the API is; a simulator or proxy elsewhere"}
    )
    version = Choice(("v1.2",), later=("v1",), metadata={"description": "the API's version"})
    rate_limit = RateField(metadata={"description": "the most calls, such as 4/s or 240/min"})
