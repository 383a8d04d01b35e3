"""A collector of traces: what it is sent by OTLP over HTTP, as the standard has it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookrouter.supervise.free_port import LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One span."""

    trace: str
    name: str
    id: str
    parent: str
    kind: int
    began: int
    ended: int
    is_fault: bool
    told: dict[str, Any]
    service: str
    process: int


@dataclass
class Collector:
    spans: list[Seen] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                assert self.headers["Content-Type"] == "application/x-protobuf"
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.bodies.append(body)
                collector.spans += spans_in(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def named(self, name: str) -> list[Seen]:
        return [span for span in list(self.spans) if span.name == name]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def spans_in(body: bytes) -> list[Seen]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        Seen(
            trace=span.trace_id.hex(),
            name=span.name,
            id=span.span_id.hex(),
            parent=span.parent_span_id.hex(),
            kind=span.kind,
            began=span.start_time_unix_nano,
            ended=span.end_time_unix_nano,
            is_fault=span.status.code == 2,
            told={one.key: value_of(one.value) for one in span.attributes},
            service=of_resource["service.name"],
            process=of_resource["process.pid"],
        )
        for resource in request.resource_spans
        for of_resource in [{one.key: value_of(one.value) for one in resource.resource.attributes}]
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def value_of(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return tuple(value_of(one) for one in value.array_value.values)
    return getattr(value, kind) if kind else None
