"""What the configuration says of taking pushes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate

from hookrouter.wire.address_fields import NetworkField, WebAddress
from hookrouter.wire.duration import DurationField
from hookrouter.wire.strict_fields import Choice, Name, StrictSchema
from hookrouter.wire.unit_fields import SizeField

EXAMPLE_TOKEN = "replace-me-with-a-long-random-text"  # noqa: S105 - the starter file's; refused
LEAST_TOKEN = 16
MOST_TOKEN = 256
MOST_TOKENS = 5
LONGEST_WINDOW = timedelta(days=7)
_TOKEN_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_MAKE_ONE = "make a random one as the starter file shows"


def token_fault(token: str) -> None:
    """Refuse a token that anybody could guess, or that cannot stand in an address; never repeat it.

    Raises:
        ValidationError: with what is wrong.
    """
    if token == EXAMPLE_TOKEN:
        raise ValidationError(f"this is the example's token, which everybody knows; {_MAKE_ONE}")
    if not LEAST_TOKEN <= len(token) <= MOST_TOKEN:
        raise ValidationError(f"a token has {LEAST_TOKEN} to {MOST_TOKEN} characters; {_MAKE_ONE}")
    if not _TOKEN_CHARACTERS.issuperset(token):
        raise ValidationError(f"a token stands in an address: letters, digits, - and _ only; {_MAKE_ONE}")


class TokensField(fields.Field[list[str]]):
    """One token, or several while they are being rotated."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:  # noqa: ARG002 - the library's signature
        tokens = value if isinstance(value, list) else [value]
        if not 1 <= len(tokens) <= MOST_TOKENS:
            raise ValidationError(f"give one token, or a list of up to {MOST_TOKENS}")
        for token in tokens:
            if not isinstance(token, str):
                raise ValidationError("a text is needed here: put it in quotes")
            token_fault(token)
        return tokens


class SourceSchema(StrictSchema):
    """One sender of pushes."""

    token = TokensField(
        required=True,
        metadata={
            "description": "the last part of the hook address, which only the sender knows; or a list, the newest first"
        },
    )
    allow = fields.List(
        NetworkField(),
        validate=validate.Length(min=1, max=100, error="name at least one network and at most 100, or leave it out"),
        metadata={"description": "networks that may push; everywhere unless said"},
    )


def _not_too_long(window: timedelta) -> None:
    if window > LONGEST_WINDOW:
        raise ValidationError("7d is the longest window")


class ReceiverSchema(StrictSchema):
    """How pushes are taken."""

    public_url = WebAddress(metadata={"description": "where the CRM reaches this service, without /hooks"})
    sources = fields.Dict(
        keys=Name(),
        values=fields.Nested(SourceSchema),
        required=True,
        validate=validate.Length(min=1, max=100, error="name at least one source and at most 100"),
        metadata={"description": "who may push: each name makes an address /hooks/<name>/<token>"},
    )
    trusted_proxies = fields.List(
        NetworkField(),
        validate=validate.Length(max=100),
        metadata={"description": "networks of the proxies in front, whose X-Forwarded-For is believed"},
    )
    max_body = SizeField(metadata={"description": "the largest push, such as 16MiB"})
    max_spool = SizeField(metadata={"description": "pushes kept on disk while Redis is away, such as 512MiB"})
    dedup_window = DurationField(
        validate=_not_too_long, metadata={"description": "how long an exact re-send counts as a duplicate"}
    )
    durability = Choice(
        ("memory", "everysec", "fsync"),
        later=("replicated",),
        metadata={"description": "what must have happened before a push is answered"},
    )
