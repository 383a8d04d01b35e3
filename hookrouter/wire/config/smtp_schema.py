"""What the configuration says of the mail server."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from hookrouter.wire.config.address_fields import HostField, MailAddress
from hookrouter.wire.config.json_shapes import Shape
from hookrouter.wire.config.strict_fields import Choice, StrictSchema, WholeNumber


class SmtpSchema(StrictSchema):
    """Where mail is handed over, and as whom."""

    json_rules: ClassVar[Shape] = {"dependentRequired": {"username": ["password"], "password": ["username"]}}

    host = HostField(required=True, metadata={"description": "the mail server"})
    port = WholeNumber(1, 65535, metadata={"description": "587 for starttls, 465 for tls, 25 for none unless said"})
    username = fields.String(validate=validate.Length(1, 300), metadata={"description": "who signs in"})
    password = fields.String(validate=validate.Length(1, 1000), metadata={"description": "the password"})
    tls = Choice(("starttls", "tls", "none"), metadata={"description": "how the connection is secured"})
    from_ = MailAddress(data_key="from", required=True, metadata={"description": "the sender of every mail"})

    @validates_schema
    def _whole_login(self, loaded: dict[str, Any], **_: Any) -> None:
        if ("username" in loaded) != ("password" in loaded):
            raise ValidationError("`username` and `password` are given together or not at all")
