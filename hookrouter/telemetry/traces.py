"""Traces: one from each push to its deliveries, made of the facts that are reported anyway (extra `otel`).

Nothing is carried along for them: the ids of a trace and of the spans that others stand under follow from those of the
push, its leads and its deliveries, which every process knows. So the standard samplers, which judge by a trace's id,
judge alike in all of them; and where no traces are wanted, nobody here is told anything.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from importlib.util import find_spec

from hookrouter.domain.clock_events import ReminderDue
from hookrouter.domain.events import (
    DeliveryAttempted,
    DeliverySuperseded,
    DeliverySuppressed,
    DigestGathered,
    Event,
    LeadHydrated,
    LeadUnconfirmed,
    PushReceived,
    TimelineFetched,
)
from hookrouter.domain.history_events import ListsFetched
from hookrouter.domain.process_events import ProcessStarted, TracesMissing
from hookrouter.domain.routing_events import LeadAssigned, LeadDecided, LeadRouted, LeadUnroutable
from hookrouter.telemetry.spans import Span, Spans, name_of, trace_of

PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
NO_PACKAGES = "traces are asked for and hookrouter is installed without them: pip install 'hookrouter[otel]'"
OTHER_PROTOCOL = (
    "OTEL_EXPORTER_OTLP_PROTOCOL asks for another than http/protobuf, which is the only one here: no traces"
)
HTTP = "http/protobuf"
REMEMBERED = 4096
"""Deliveries of which it is known here when they were routed, so that what follows begins then."""


def traces_of(protocol: str, say: Callable[[Event], None]) -> Traces | None:
    """The traces of this process; None where they cannot be made, which is said."""
    if protocol != HTTP:
        say(TracesMissing(text=OTHER_PROTOCOL))
        return None
    if not _is_installed():
        say(TracesMissing(text=NO_PACKAGES))
        return None
    return Traces(say)


def _is_installed() -> bool:
    try:
        return all(find_spec(package) is not None for package in PACKAGES)
    except ModuleNotFoundError:  # of what is around it
        return False


class Traces:
    """Makes spans of facts; opens what sends them with the first one, in the process whose they are."""

    def __init__(self, say: Callable[[Event], None]) -> None:
        """Open nothing yet: the process may still fork. `say` is told if none can be made."""
        self._say = say
        self._spans: Spans | None = None
        self._is_broken = False
        self._routed: OrderedDict[str, int] = OrderedDict()

    def flush(self) -> None:
        """Do nothing: spans are sent by a thread of their own."""

    def headers(self, push: str, delivery: str) -> Mapping[str, str]:
        """The headers by which a far side adds its own spans to those of a delivery; none if its trace is not sent."""
        spans = self._opened()
        if spans is None or not spans.wants(push):
            return {}
        return {"traceparent": f"00-{trace_of(push):032x}-{name_of(delivery).hex()}-01"}

    def report(self, event: Event) -> None:
        """Make a span of a fact that is a stage's."""
        match event:
            case PushReceived():
                self._received(event)
            case LeadRouted() | LeadDecided():
                self._judged(event)
            case DeliveryAttempted():
                self._attempted(event)
            case TimelineFetched() | ListsFetched():
                self._enriched(event)
            case ReminderDue():
                self._reminded(event)
            case ProcessStarted(role="web"):  # here nothing forks any more, and no push is to wait for the imports
                self._opened()
            case _:
                self._told(event)

    def _told(self, event: Event) -> None:
        """Make a span of what happens between the stages."""
        match event:
            case DigestGathered():
                self._span(event, "deliver", name_of(event.delivery), under=name_of(event.push))
            case DeliverySuperseded() | DeliverySuppressed():
                self._span(event, event.name.partition(".")[2], None, under=name_of(event.delivery))
            case LeadHydrated() | LeadUnconfirmed():
                self._span(event, "hydrate", None, under=name_of(event.push))
            case LeadAssigned():
                self._span(event, "assign", None, under=name_of(event.push, event.place))
            case LeadUnroutable():
                self._span(event, "route", None, under=name_of(event.push), is_fault=True)

    def _received(self, event: PushReceived) -> None:
        name = None if event.duplicate else name_of(event.push)  # the first has that name
        under = name_of(event.push) if event.duplicate else None
        self._span(event, "receive", name, under=under, seconds=event.seconds, kind="SERVER")

    def _judged(self, event: LeadRouted | LeadDecided) -> None:
        """A lead's span, and one for each delivery, under which its attempts will stand."""
        lead = name_of(event.push, event.place)
        if isinstance(event, LeadRouted):
            judged = self._span(event, "route", lead, under=name_of(event.push), since=pushed_at(event.push))
        else:
            lead, above = name_of(event.push, event.place, "decided"), lead
            judged = self._span(event, "enrich", lead, under=above, since=pushed_at(event.push))
        if judged:
            self._begin(event, event.deliveries, lead)

    def _reminded(self, event: ReminderDue) -> None:
        reminder = name_of(event.push, event.place, f"{event.route} {event.step}")
        if self._span(event, "remind", reminder, under=name_of(event.push, event.place)):
            self._begin(event, event.deliveries, reminder)

    def _begin(self, event: LeadRouted | LeadDecided | ReminderDue, deliveries: tuple[str, ...], under: bytes) -> None:
        spans, now = self._opened(), time.time_ns()
        if spans is None:
            return
        for delivery in deliveries:
            told = {"hookrouter.push": event.push, "hookrouter.delivery": delivery}
            name = name_of(delivery)
            spans.make(Span(push=event.push, title="deliver", told=told, name=name, under=under, began=now, end=now))
            self._routed[delivery] = now
        while len(self._routed) > REMEMBERED:
            self._routed.popitem(last=False)

    def _enriched(self, event: TimelineFetched | ListsFetched) -> None:
        what = event.name.partition(".")[0]
        if not event.deliveries:
            self._span(event, f"enrich {what}", None, under=name_of(event.push))
        for delivery in event.deliveries:
            since = self._routed.get(delivery)
            self._span(event, f"enrich {what}", None, under=name_of(delivery), since=since)

    def _attempted(self, event: DeliveryAttempted) -> None:
        under, failed = name_of(event.delivery), event.outcome != "delivered"
        self._span(event, "attempt", None, under=under, seconds=event.seconds, kind="CLIENT", is_fault=failed)

    def _span(
        self,
        event: Event,
        title: str,
        name: bytes | None,
        *,
        under: bytes | None,
        since: int | None = None,
        seconds: float = 0.0,
        kind: str = "INTERNAL",
        is_fault: bool = False,
    ) -> bool:
        """Make the span of a fact about a push; whether its trace is among those that are sent."""
        push: str = getattr(event, "push")  # noqa: B009 - not all events have one, but all that come here
        spans = self._opened()
        if spans is None or not spans.wants(push):
            return False
        fields = {f"hookrouter.{one.name}": getattr(event, one.name) for one in dataclasses.fields(event)}
        end = time.time_ns()
        span = Span(
            push=push,
            title=title,
            told={name: value for name, value in fields.items() if value is not None and value != ""},
            name=name,
            under=under,
            began=min(end - int(seconds * 1e9) if since is None else since, end),
            end=end,
            kind=kind,
            is_fault=is_fault,
        )
        spans.make(span)
        return True

    def _opened(self) -> Spans | None:
        """What makes spans in this process; None if it cannot be opened."""
        if self._is_broken or (self._spans is not None and self._spans.process == os.getpid()):
            return self._spans
        try:
            self._spans = Spans()
        except Exception as fault:  # noqa: BLE001 - no variable of the library's may cost a push
            self._spans, self._is_broken = None, True
            self._say(TracesMissing(text=f"the variables OTEL_… cannot be used ({type(fault).__name__}): no traces"))
        return self._spans


def pushed_at(push: str) -> int | None:
    """When a push came, in nanoseconds, as its id tells."""
    try:
        return int(push[2:14], 16) * 1_000_000
    except ValueError:
        return None
