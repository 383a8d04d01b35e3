"""Spans, as OpenTelemetry makes and sends them by its variables; their ids follow from what they are about."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from hookrouter import __version__

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

SENT_WITHIN = 2000
"""Milliseconds that the end of a process may take for the spans in hand; a collector may be away."""

REMEMBERED = 1024
"""Pushes of which it is remembered whether their traces are wanted."""

Value = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Something about a push that is over.

    Attributes:
        told: what is known of it, by its names in the trace.
        name: its id, if others stand under it; else it gets any.
        under: the id of the one that it stands under; None for the first of a trace.
        began, end: in nanoseconds since 1970.
        kind: in OpenTelemetry's words.
    """

    push: str
    title: str
    told: Mapping[str, Value]
    name: bytes | None = None
    under: bytes | None = None
    began: int
    end: int
    kind: str = "INTERNAL"
    is_fault: bool = False


class Spans:
    """What makes spans and sends them, by the library and the standard variables."""

    def __init__(self) -> None:
        """Open it; imported only here, for who has no traces need not have the library."""
        from opentelemetry import trace  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415

        self.process = os.getpid()
        self._trace = trace
        self._ids = _Ids(RandomIdGenerator().generate_span_id)
        self._provider = TracerProvider(
            id_generator=self._ids,
            resource=_resource(),
            shutdown_on_exit=False,
        )
        _send_by(self._provider)
        self._tracer = self._provider.get_tracer("hookrouter", __version__)
        self.wants = lru_cache(REMEMBERED)(self._is_wanted)
        """Whether the sampler wants the trace of a push."""

    def _is_wanted(self, push: str) -> bool:
        judged = self._provider.sampler.should_sample(None, trace_of(push), "receive")
        return bool(judged.decision.is_sampled())

    def make(self, span: Span) -> None:
        """Make one."""
        trace, of = self._trace, trace_of(span.push)
        self._ids.next_trace, self._ids.next_span = of, span.name
        made = self._tracer.start_span(
            span.title,
            context=None if span.under is None else self._below(of, span.under),
            kind=trace.SpanKind[span.kind],
            attributes=span.told,
            start_time=span.began,
        )
        if span.is_fault:
            made.set_status(trace.StatusCode.ERROR, str(span.told.get("hookrouter.reason", "")))
        made.end(span.end)

    def _below(self, of: int, above: bytes) -> Context:
        trace = self._trace
        parent = trace.SpanContext(
            trace_id=of,
            span_id=int.from_bytes(above, "big"),
            is_remote=True,
            trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
        )
        context: Context = trace.set_span_in_context(trace.NonRecordingSpan(parent))
        return context


class _Ids(threading.local):
    """Gives the next span the ids that follow from what it is about; one that nothing stands under gets any."""

    next_trace = 0
    next_span: bytes | None = None

    def __init__(self, any_span: Callable[[], int]) -> None:
        self._any_span = any_span

    def generate_trace_id(self) -> int:
        return self.next_trace

    def generate_span_id(self) -> int:
        return self._any_span() if self.next_span is None else int.from_bytes(self.next_span, "big")

    def is_trace_id_random(self) -> bool:
        return True  # as good as: the samplers may judge by it


def trace_of(push: str) -> int:
    """The id of a push's trace."""
    return int.from_bytes(blake2b(push.encode(), digest_size=16).digest(), "big")


def name_of(of: str, *parts: object) -> bytes:
    """The id of a span that others stand under: of a push, a lead of it, or a delivery."""
    return blake2b("\x1f".join((of, *map(str, parts))).encode(), digest_size=8).digest()


def _resource() -> Resource:
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource  # noqa: PLC0415

    given = Resource.create()  # by OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES
    if str(given.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        given = given.merge(Resource({SERVICE_NAME: "hookrouter"}))
    return Resource({SERVICE_VERSION: __version__, "process.pid": os.getpid()}).merge(given)


def _send_by(provider: TracerProvider) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    batches = BatchSpanProcessor(OTLPSpanExporter())
    provider.add_span_processor(batches)
    # Beside `atexit`, this is what a forked process ends with.
    Finalize(None, _shut_down, args=(batches,), exitpriority=1)


def _shut_down(batches: BatchSpanProcessor) -> None:
    """Send what is in hand; the library's own end waits half a minute for a collector that is away."""
    inner = getattr(batches, "_batch_processor", None)
    if inner is None:
        batches.shutdown()
    else:
        inner.shutdown(SENT_WITHIN)
