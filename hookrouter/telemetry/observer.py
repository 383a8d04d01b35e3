"""The observer that the running product reports to."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.events import Event
from hookrouter.ports.surroundings import Observer
from hookrouter.telemetry.log import EventLog, quieten_libraries
from hookrouter.telemetry.metrics import EventMetrics
from hookrouter.telemetry.traces import Traces, traces_of


@dataclass(frozen=True, slots=True)
class Observers:
    """Tells several observers."""

    observers: tuple[Observer, ...]

    def report(self, event: Event) -> None:
        """Tell each."""
        for observer in self.observers:
            observer.report(event)

    @property
    def traces(self) -> Traces | None:
        """Who makes traces; None where nobody does."""
        return next((observer for observer in self.observers if isinstance(observer, Traces)), None)

    def flush(self) -> None:
        """Have each let go of what it holds back."""
        for observer in self.observers:
            observer.flush()


class NoObserver:
    """Tells nobody; for commands whose output is their own."""

    def report(self, event: Event) -> None:
        """Do nothing."""

    def flush(self) -> None:
        """Do nothing."""


def running_observer(
    level: str, style: str, *, redact: frozenset[str] = frozenset(), traces: str | None = None
) -> Observers:
    """The observer of a process that serves: log and metrics, and the traces if `traces` says how to send any."""
    quieten_libraries(redact=redact)
    log = EventLog(level, style, redact=redact)
    metrics = EventMetrics(log.report)
    made = None if traces is None else traces_of(traces, log.report)
    return Observers((log, metrics) if made is None else (log, metrics, made))
