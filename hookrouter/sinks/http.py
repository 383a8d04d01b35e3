"""The sink type `http`: any HTTP API, signed as the Standard Webhooks specification wants it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates, validates_schema

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Outcome
from hookrouter.net.answers import exchange
from hookrouter.ports.sinks import Message
from hookrouter.sinks.kinds import SinkTools, SinkType
from hookrouter.sinks.signature import Signer
from hookrouter.wire.json_template import JsonTemplateField, Node, render_json
from hookrouter.wire.plain_text import one_line
from hookrouter.wire.sandbox import Escaping
from hookrouter.wire.sink_schema import SinkSchema
from hookrouter.wire.standard_body import standard_body
from hookrouter.wire.template import RenderingFailed, Template, TemplateField, template_context

METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET")
LONGEST_URL = 8000
JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain; charset=utf-8"
MASK = "***"

_WORDS = (
    "connection content-length expect host te trailer transfer-encoding upgrade "
    "webhook-id webhook-timestamp webhook-signature"
)
OWN_HEADERS = frozenset(_WORDS.split())
"""Headers that are hookrouter's or the connection's to set."""

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_FIXED_HOST = re.compile(r"https?://[^/?#@{}\s\\]+(?:[/?#].*)?", re.DOTALL | re.IGNORECASE)
_SECRET_WORD = re.compile(r"auth|key|token|secret|cookie|password|signature", re.IGNORECASE)


class BasicSchema(Schema):
    """Name and password of HTTP's Basic scheme."""

    class Meta:
        unknown = RAISE

    username = fields.String(required=True, validate=validate.Length(1, 200))
    password = fields.String(required=True, validate=validate.Length(1, 1000))


class SecretsField(fields.Field[list[str]]):
    """One signing secret, or several while they are being rotated."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:  # noqa: ARG002 - the library's signature
        secrets = value if isinstance(value, list) else [value]
        if not 1 <= len(secrets) <= 5 or not all(isinstance(secret, str) and len(secret) >= 8 for secret in secrets):  # noqa: PLR2004 - the text says them
            raise ValidationError("one secret or a list of up to five is needed, each of at least 8 characters")
        return [str(secret) for secret in secrets]


class HttpSchema(SinkSchema):
    """The options of an HTTP sink."""

    url = TemplateField(Escaping.URL, required=True)
    method = fields.String(load_default="POST", validate=validate.OneOf(METHODS))
    headers = fields.Dict(
        keys=fields.String(), values=TemplateField(), load_default=dict, validate=validate.Length(max=50)
    )
    body = JsonTemplateField()
    signing_secret = SecretsField()
    token = fields.String(validate=validate.Length(1, 5000))
    basic = fields.Nested(BasicSchema)

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
            if not _HEADER_NAME.fullmatch(name):
                raise ValidationError(f"{one_line(name)!r} is no name of a header")
            if name.lower() in OWN_HEADERS:
                raise ValidationError(f"{name} is set by hookrouter")

    @validates_schema
    def _one_way_to_authenticate(self, options: Mapping[str, Any], **_: object) -> None:
        given = [name for name in ("token", "basic") if name in options]
        given += [name for name in options.get("headers", ()) if name.lower() == "authorization"]
        if len(given) > 1:
            raise ValidationError(f"give one of {' and '.join(given)}: both set the Authorization header")
        if options.get("method") == "GET" and "body" in options:
            raise ValidationError("a GET request has no body", "body")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMessage:
    """A request without what authenticates it."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def preview(self) -> Json:
        """The request; values in the query and in headers that look secret are masked."""
        return {
            "method": self.method,
            "url": _masked(self.url),
            "headers": {name: MASK if _SECRET_WORD.search(name) else text for name, text in self.headers.items()},
            "body": _readable(self.body),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSink:
    """An HTTP API."""

    method: str
    url: Template = field(repr=False)
    headers: Mapping[str, Template] = field(repr=False)
    content_type: str
    body: Node = field(repr=False)
    authorization: Mapping[str, str] = field(repr=False)
    signer: Signer = field(repr=False)
    tools: SinkTools = field(repr=False)

    def render(self, delivery: Delivery) -> HttpMessage:
        """Fill the URL, the headers and the body."""
        if self.body is None and not self.headers and self.url.is_constant:  # the common case needs no context
            return HttpMessage(
                method=self.method, url=self.url.source, headers=_TYPED[JSON_TYPE], body=self._standard(delivery)
            )
        context = template_context(delivery, self.tools.lead_link)
        headers = {"Content-Type": self.content_type}
        headers |= {name: one_line(template.render(context)) for name, template in self.headers.items()}
        url = self.url.render(context)
        if len(url) > LONGEST_URL:
            raise RenderingFailed(f"the URL would have more than {LONGEST_URL} characters")
        return HttpMessage(method=self.method, url=url, headers=headers, body=self._filled(delivery, context))

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        """Send the request once."""
        request = cast("HttpMessage", message)
        clock = self.tools.clock
        signed = self.signer.headers(delivery.id, clock.now(), request.body)
        return await exchange(
            self.tools.session(),
            method=request.method,
            url=request.url,
            headers={**request.headers, **self.authorization, **signed},
            body=request.body,
            timeout=self.tools.timeout,
            clock=clock,
        )

    def _standard(self, delivery: Delivery) -> bytes:
        return b"" if self.method == "GET" else standard_body(delivery)

    def _filled(self, delivery: Delivery, context: Mapping[str, object]) -> bytes:
        match self.body:
            case None:
                return self._standard(delivery)
            case Template():
                return self.body.render(context).encode("utf-8", "replace")
            case _:
                return orjson.dumps(render_json(self.body, context))


def build(name: SinkName, options: Mapping[str, object], tools: SinkTools) -> HttpSink:  # noqa: ARG001 - every sink type's signature
    """Build an HTTP sink from what `HttpSchema` loaded."""
    given = cast("Mapping[str, Any]", options)
    body = given.get("body")
    headers = {_as_written(header): template for header, template in given["headers"].items()}
    return HttpSink(
        method=given["method"],
        url=given["url"],
        headers=headers,
        content_type=_content_type(body),
        body=body,
        authorization=_authorization(given),
        signer=Signer(cast("Sequence[str]", given.get("signing_secret", ()))),
        tools=tools,
    )


def _as_written(header: str) -> str:
    # One spelling, so that a content type of the operator's takes the place of ours.
    return "Content-Type" if header.lower() == "content-type" else header


def _content_type(body: Node) -> str:
    if not isinstance(body, Template):
        return JSON_TYPE
    start = body.source.lstrip()
    return JSON_TYPE if start.startswith(("{", "[")) and not start.startswith(("{{", "{%", "{#")) else TEXT_TYPE


def _authorization(options: Mapping[str, Any]) -> dict[str, str]:
    if token := options.get("token"):
        return {"Authorization": f"Bearer {one_line(token)}"}
    if basic := options.get("basic"):
        pair = f"{basic['username']}:{basic['password']}".encode()
        return {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    return {}


def _masked(url: str) -> str:
    parts = urlsplit(url)
    if not parts.query:
        return url
    query = urlencode([(name, MASK) for name, _ in parse_qsl(parts.query, keep_blank_values=True)], safe="*")
    return urlunsplit(parts._replace(query=query))


def _readable(body: bytes) -> Json:
    try:
        return cast("Json", orjson.loads(body))
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


_TYPED: Mapping[str, Mapping[str, str]] = {JSON_TYPE: {"Content-Type": JSON_TYPE}}

SINK = SinkType(name="http", schema=HttpSchema, build=build)
