"""What an HTTP sink may say in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates, validates_schema

from hookrouter.domain.order import Order
from hookrouter.net.tls import TlsFiles, UnusableTlsFile
from hookrouter.wire.config.faults import Path
from hookrouter.wire.config.json_shapes import Shape, text
from hookrouter.wire.config.sink_schema import SinkSchema
from hookrouter.wire.config.strict_fields import WholeNumber
from hookrouter.wire.messages.json_template import JsonTemplateField
from hookrouter.wire.messages.plain_text import one_line
from hookrouter.wire.messages.sandbox import Escaping
from hookrouter.wire.messages.template import Template, TemplateField

METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET")
LONGEST_URL = 8000
MOST_REDIRECTS = 10

_WORDS = (
    "connection content-length expect host te trailer transfer-encoding upgrade "
    "webhook-id webhook-timestamp webhook-signature"
)
OWN_HEADERS = frozenset(_WORDS.split())
"""Headers that are hookrouter's or the connection's to set."""

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_FIXED_HOST = re.compile(r"https?://[^/?#@{}\s\\]+(?:[/?#].*)?", re.DOTALL | re.IGNORECASE)


class BasicSchema(Schema):
    """Name and password of HTTP's Basic scheme."""

    class Meta:
        unknown = RAISE

    username = fields.String(required=True, validate=validate.Length(1, 200), metadata={"description": "who signs in"})
    password = fields.String(required=True, validate=validate.Length(1, 1000), metadata={"description": "the password"})


class ApiKeySchema(Schema):
    """A key in a header or in the query of the URL."""

    class Meta:
        unknown = RAISE

    header = fields.String(metadata={"description": "the header that the key is sent in"})
    query = fields.String(validate=validate.Length(1, 100), metadata={"description": "or its name in the query"})
    value = fields.String(required=True, validate=validate.Length(1, 5000), metadata={"description": "the key"})

    @validates("header")
    def _header_is_ours_to_set(self, name: str, data_key: str) -> None:  # noqa: ARG002 - the library's signature
        _judge_header(name)

    @validates_schema
    def _one_place(self, key: Mapping[str, str], **_: object) -> None:
        if ("header" in key) == ("query" in key):
            raise ValidationError("give either `header` or `query`: the name under which the key is sent")


class TlsSchema(Schema):
    """Files in PEM: who vouches for the far side, and who for us."""

    class Meta:
        unknown = RAISE

    ca = fields.String(validate=validate.Length(min=1), metadata={"description": "file: who vouches for the far side"})
    cert = fields.String(validate=validate.Length(min=1), metadata={"description": "file: who we are"})
    key = fields.String(
        validate=validate.Length(min=1), metadata={"description": "file: the private key, unless it stands in cert"}
    )

    @validates_schema
    def _something_to_do(self, files: Mapping[str, str], **_: object) -> None:
        if "key" in files and "cert" not in files:
            raise ValidationError("a `key` needs the `cert` that it belongs to")
        if not files:
            raise ValidationError("give `ca`, `cert` or both")


class SecretsField(fields.Field[list[str]]):
    """One signing secret, or several while they are being rotated."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:  # noqa: ARG002 - the library's signature
        secrets = value if isinstance(value, list) else [value]
        if not 1 <= len(secrets) <= 5 or not all(isinstance(secret, str) and len(secret) >= 8 for secret in secrets):  # noqa: PLR2004 - the text says them
            raise ValidationError("one secret or a list of up to five is needed, each of at least 8 characters")
        return [str(secret) for secret in secrets]

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        one = text(r".{8,}")
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": 5}]}


class HttpSchema(SinkSchema):
    """The options of an HTTP sink."""

    usual_order = Order.LATEST
    is_for_people = False
    carries_alerts = True

    url = TemplateField(
        Escaping.URL,
        required=True,
        metadata={"description": "where the request goes; templates may fill path and query"},
    )
    method = fields.String(
        load_default="POST", validate=validate.OneOf(METHODS), metadata={"description": "the HTTP method"}
    )
    headers = fields.Dict(
        keys=fields.String(),
        values=TemplateField(),
        load_default=dict,
        validate=validate.Length(max=50),
        metadata={"description": "headers of the request; their values are templates"},
    )
    body = JsonTemplateField(
        metadata={"description": "JSON whose texts are templates, or one template; the standard body unless said"}
    )
    signing_secret = SecretsField(
        metadata={"description": "signs as Standard Webhooks do: whsec_ and base64, or a list, the newest first"}
    )
    token = fields.String(
        validate=validate.Length(1, 5000), metadata={"description": "sent as Authorization: Bearer …"}
    )
    basic = fields.Nested(BasicSchema, metadata={"description": "name and password by the scheme Basic"})
    api_key = fields.Nested(ApiKeySchema, metadata={"description": "a key in a header or in the query"})
    tls = fields.Nested(TlsSchema, metadata={"description": "files in PEM"})
    redirects = WholeNumber(0, MOST_REDIRECTS, load_default=0, metadata={"description": "how many are followed"})

    @validates("url")
    def _host_is_fixed(self, url: Template, data_key: str) -> None:  # noqa: ARG002 - the library's signature
        if not _FIXED_HOST.fullmatch(url.source):
            raise ValidationError(
                "a URL with http:// or https:// and a fixed host is needed, without name or password in it; "
                "templates may fill its path and query"
            )
        try:
            port = urlsplit(url.source).port
        except ValueError:
            port = 0
        if port == 0:
            raise ValidationError("the URL's port is no number from 1 to 65535, or its host is not well-formed")
        if len(url.source) > LONGEST_URL:
            raise ValidationError(f"a URL may have {LONGEST_URL} characters at most")

    @validates("headers")
    def _headers_are_ours_to_set(self, headers: Mapping[str, Template], data_key: str) -> None:  # noqa: ARG002 - the library's signature
        for name in headers:
            _judge_header(name)

    @validates_schema
    def _one_way_to_authenticate(self, options: Mapping[str, Any], **_: object) -> None:
        given = [name for name in ("token", "basic") if name in options]
        given += [name for name in options.get("headers", ()) if name.lower() == "authorization"]
        key = options.get("api_key", {}).get("header", "").lower()
        if key == "authorization":
            given.append("api_key")
        elif key in {name.lower() for name in options.get("headers", ())}:
            raise ValidationError("the header stands among `headers`, too", "api_key")
        if len(given) > 1:
            raise ValidationError(f"give one of {' and '.join(given)}: both set the Authorization header")

    @validates_schema
    def _request_makes_sense(self, options: Mapping[str, Any], **_: object) -> None:
        if options.get("method") == "GET" and "body" in options:
            raise ValidationError("a GET request has no body", "body")
        if "tls" in options and options["url"].source.lower().startswith("http:"):
            raise ValidationError("without https:// in the URL there is no TLS", "tls")

    @staticmethod
    def outside_faults(options: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
        """The TLS files that cannot be used."""
        try:
            if "tls" in options:
                TlsFiles(**options["tls"]).context()
        except UnusableTlsFile as fault:
            yield ("tls", fault.key), str(fault)


def _judge_header(name: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise ValidationError(f"{one_line(name)!r} is no name of a header")
    if name.lower() in OWN_HEADERS:
        raise ValidationError(f"{name} is set by hookrouter")
