"""What the configuration says of taking pushes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate

from hookrouter.wire.config.address_fields import NetworkField, WebAddress
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.json_shapes import Shape, text
from hookrouter.wire.config.strict_fields import Choice, Name, StrictSchema, WholeNumber
from hookrouter.wire.config.unit_fields import SizeField

EXAMPLE_TOKEN = "replace-me-with-a-long-random-text"  # noqa: S105 - the starter file's; refused
LEAST_TOKEN = 16
MOST_TOKEN = 256
MOST_TOKENS = 5
LARGEST_SPOOL = 1024 * 1024 * 1024 * 1024
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

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        one = text(rf"[A-Za-z0-9_-]{{{LEAST_TOKEN},{MOST_TOKEN}}}")
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_TOKENS}]}


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
    read_back = Choice(
        ("never", "auto", "always"),
        metadata={
            "description": "fetch leads from the CRM before they are routed: those of which the push has only a part "
            "(auto), or all, and reject what the CRM does not know (always)"
        },
    )


def _body_time(time: timedelta) -> None:
    if not timedelta(seconds=1) <= time <= timedelta(minutes=5):
        raise ValidationError("give a time from 1s to 5m")


class LimitsSchema(StrictSchema):
    """How large a push and its parts may be, and how many may come at once."""

    leads = WholeNumber(1, 100_000, metadata={"description": "leads in one push"})
    fields = WholeNumber(10, 10_000, metadata={"description": "fields of one lead"})  # type: ignore[assignment]  # the library has a name of its own so
    field_name = WholeNumber(64, 1000, metadata={"description": "characters in a field's name"})
    field_value = WholeNumber(1000, 1_000_000, metadata={"description": "characters in a field's value"})
    lead = WholeNumber(1000, 1_000_000, metadata={"description": "characters in all values of one lead"})
    depth = WholeNumber(4, 100, metadata={"description": "lists and maps within each other"})
    form_fields = WholeNumber(10, 100_000, metadata={"description": "fields of one form"})
    headers = WholeNumber(10, 1000, metadata={"description": "headers of one request"})
    body_within = DurationField(validate=_body_time, metadata={"description": "the time in which a body must come in"})
    requests = WholeNumber(1, 10_000, metadata={"description": "pushes taken at once by one receiver process"})


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
    limits = fields.Nested(LimitsSchema, metadata={"description": "bounds of a push and its parts"})
    max_spool = SizeField(
        LARGEST_SPOOL, metadata={"description": "pushes kept on disk while Redis is away, such as 512MiB"}
    )
    dedup_window = DurationField(
        validate=_not_too_long, metadata={"description": "how long an exact re-send counts as a duplicate"}
    )
    durability = Choice(
        ("memory", "everysec", "fsync", "replicated"),
        metadata={"description": "what must have happened before a push is answered"},
    )
    replicas = WholeNumber(
        1, 10, metadata={"description": "replicas of Redis that must have a push, where durability is replicated"}
    )
