"""The sink type `http`: any HTTP API, signed as the Standard Webhooks specification wants it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Outcome
from hookrouter.net.answers import exchange
from hookrouter.net.terms import Terms
from hookrouter.net.tls import TlsFiles
from hookrouter.ports.sinks import Message
from hookrouter.sinks.http_options import LONGEST_URL, HttpSchema
from hookrouter.sinks.kinds import SinkTools, SinkType
from hookrouter.sinks.signature import Signer
from hookrouter.wire.messages.json_template import Node, render_json
from hookrouter.wire.messages.plain_text import one_line
from hookrouter.wire.messages.standard_body import standard_body
from hookrouter.wire.messages.template import RenderingFailed, Template, template_context

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain; charset=utf-8"
MASK = "***"

_SECRET_WORD = re.compile(r"auth|key|token|secret|cookie|password|signature", re.IGNORECASE)


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

    def as_test(self, note: str) -> HttpMessage:
        """With the note as a header, for the body is as the far side wants it."""
        return replace(self, headers={**self.headers, "Hookrouter-Test": note})


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSink:
    """An HTTP API."""

    method: str
    url: Template = field(repr=False)
    headers: Mapping[str, Template] = field(repr=False)
    content_type: str
    body: Node = field(repr=False)
    authorization: Mapping[str, str] = field(repr=False)
    key_in_query: str = field(repr=False)
    terms: Terms | None
    signer: Signer = field(repr=False)
    tools: SinkTools = field(repr=False)

    def render(self, delivery: Delivery) -> HttpMessage:
        """Fill the URL, the headers and the body."""
        if self.body is None and not self.headers and self.url.is_constant:  # the common case needs no context
            return HttpMessage(
                method=self.method, url=self.url.source, headers=_TYPED[JSON_TYPE], body=self._standard(delivery)
            )
        context = template_context(delivery, self.tools.lead_link)
        headers = {"Content-Type": JSON_TYPE if delivery.alert is not None else self.content_type}
        headers |= {name: one_line(template.render(context)) for name, template in self.headers.items()}
        url = self.url.render(context)
        if len(url) > LONGEST_URL:
            raise RenderingFailed(f"the URL would have more than {LONGEST_URL} characters")
        return HttpMessage(method=self.method, url=url, headers=headers, body=self._filled(delivery, context))

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        """Send the request once."""
        request = cast("HttpMessage", message)
        clock = self.tools.clock
        headers = {
            **request.headers,
            **self.authorization,
            **self.signer.headers(delivery.id, clock.now(), request.body),
        }
        if self.tools.trace is not None:
            headers = {**self.tools.trace(delivery.push, delivery.id), **headers}
        return await exchange(
            self.tools.session(),
            method=request.method,
            url=_with_key(request.url, self.key_in_query) if self.key_in_query else request.url,
            headers=headers,
            body=request.body,
            timeout=self.tools.timeout,
            clock=clock,
            terms=self.terms,
        )

    def _standard(self, delivery: Delivery) -> bytes:
        return b"" if self.method == "GET" else standard_body(delivery)

    def _filled(self, delivery: Delivery, context: Mapping[str, object]) -> bytes:
        match None if delivery.alert is not None else self.body:  # the operator's body is of a lead
            case None:
                return self._standard(delivery)
            case Template() as template:
                return template.render(context).encode("utf-8", "replace")
            case body:
                return orjson.dumps(render_json(body, context))


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
        key_in_query=_key_in_query(given),
        terms=_terms(given, tools.terms),
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
    key = options.get("api_key", {})
    return {key["header"]: one_line(key["value"])} if "header" in key else {}


def _key_in_query(options: Mapping[str, Any]) -> str:
    key = options.get("api_key", {})
    return urlencode({key["query"]: key["value"]}) if "query" in key else ""


def _with_key(url: str, key: str) -> str:
    address = url.partition("#")[0]
    return f"{address}{'&' if '?' in address else '?'}{key}"


def _terms(options: Mapping[str, Any], usual: Terms | None) -> Terms | None:
    files, redirects = options.get("tls"), options["redirects"]
    if files is None and not redirects:
        return usual
    return replace(usual or Terms(), redirects=redirects, tls=None if files is None else TlsFiles(**files))


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
