"""What the configuration says of the CRM's API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate, validates_schema

from hookrouter.domain.subscription import WhenToSubscribe
from hookrouter.wire.config.address_fields import WebAddress
from hookrouter.wire.config.canary_schema import CanarySchema
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.strict_fields import Choice, StrictSchema, WholeNumber
from hookrouter.wire.config.timezones import ZoneField
from hookrouter.wire.config.unit_fields import RateField

OLD_VERSION, USUAL_VERSION = "v1", "v1.2"
"""The old one writes times in the zone of the company's profile, the usual one in UTC (crm-api 3)."""

MOST_DAILY_CALLS = 10_000_000

NEVER = "never"
SWEEPS = {NEVER: None, "daily": timedelta(days=1), "weekly": timedelta(days=7)}


class ReconcileSchema(StrictSchema):
    """How changes that no push brought are found."""

    example: ClassVar[str] = "{every: 15m}"

    every = DurationField(
        most=timedelta(days=7), least=timedelta(minutes=1), metadata={"description": "the time between two looks"}
    )
    overlap = DurationField(
        most=timedelta(days=1),
        metadata={"description": "how far each look reaches back behind the former, for what the CRM shows late"},
    )
    sweep = Choice(
        (*SWEEPS,), metadata={"description": "how often leads are looked for that were deleted or deactivated"}
    )
    source = fields.String(
        validate=validate.Length(1, 100), metadata={"description": "whose pushes the CRM sends, of several sources"}
    )


class CrmSchema(StrictSchema):
    """How the CRM is called."""

    account_id = fields.String(
        required=True, validate=validate.Length(1, 200), metadata={"description": "the API's account id"}
    )
    secret_key = fields.String(
        required=True, validate=validate.Length(1, 200), metadata={"description": "the API's secret key"}
    )
    url = WebAddress(metadata={"description": "where the API is; a simulator or proxy elsewhere"})
    version = Choice(
        (OLD_VERSION, USUAL_VERSION),
        metadata={"description": "the API's version: v1.2 writes times in UTC, v1 in the company's timezone"},
    )
    timezone = ZoneField(metadata={"description": "with version v1: the timezone of the company's profile in the CRM"})
    rate_limit = RateField(metadata={"description": "the most calls, such as 4/s or 240/min"})

    daily_limit = WholeNumber(
        1,
        MOST_DAILY_CALLS,
        metadata={"description": "the most calls a day; near it histories give way first, then reconcile, then all"},
    )

    reconcile = fields.Nested(
        ReconcileSchema, metadata={"description": "ask the CRM regularly what changed, and bring what no push brought"}
    )

    subscribe = Choice(
        tuple(WhenToSubscribe),
        metadata={
            "description": "when the CRM is asked by itself to push to receiver.public_url: at the start, once for "
            "each address (on_start), when a canary does not come back (when_silent), or never"
        },
    )
    canary = fields.Nested(
        CanarySchema, metadata={"description": "change a lead regularly, to see whether its push comes back"}
    )

    @validates_schema
    def _knows_its_times(self, loaded: dict[str, Any], **_: Any) -> None:
        version = loaded.get("version", USUAL_VERSION)
        if version == OLD_VERSION and "timezone" not in loaded:
            text = "v1 writes times in the company's timezone: say which, as in `timezone: America/New_York`"
            raise ValidationError(text, "version")
        if version != OLD_VERSION and "timezone" in loaded:
            raise ValidationError(f"{USUAL_VERSION} writes times in UTC: take it out, or say `version: v1`", "timezone")

    @validates_schema
    def _calls_the_version_that_it_names(self, loaded: dict[str, Any], **_: Any) -> None:
        named = urlsplit(loaded.get("url", "")).path.rstrip("/").rpartition("/pubapi/")[2]
        version = loaded.get("version", USUAL_VERSION)
        if named in {OLD_VERSION, USUAL_VERSION} and named != version:
            too = " and its `timezone`" if named == OLD_VERSION else ""
            raise ValidationError(f"this is the address of {named}: say `version: {named}`{too}", "url")
