"""What the configuration says of the Slack app whose buttons people press."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from hookrouter.wire.config.json_shapes import Shape, text
from hookrouter.wire.config.strict_fields import StrictSchema

LEAST, MOST = 16, 256
MOST_SECRETS = 2


class SecretsField(fields.Field[list[str]]):
    """A secret, or two while it is being changed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:  # noqa: ARG002 - the library's signature
        secrets = value if isinstance(value, list) else [value]
        if not 1 <= len(secrets) <= MOST_SECRETS:
            raise ValidationError("give the app's signing secret, or a list of the new one and the former")
        for secret in secrets:
            if not isinstance(secret, str) or not LEAST <= len(secret) <= MOST or not secret.isascii():
                raise ValidationError("give the signing secret as Slack shows it under Basic Information")
        return secrets

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        one = text(rf"[ -~]{{{LEAST},{MOST}}}")
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_SECRETS}]}


class SlackAppSchema(StrictSchema):
    """By which secret Slack signs what it sends to /slack/actions."""

    signing_secret = SecretsField(
        required=True, metadata={"description": "by which Slack signs its requests; or a list, the newest first"}
    )
