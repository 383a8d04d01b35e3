"""Traces that are asked for where none can be made; those that can be are held by `checks/traces`."""

from __future__ import annotations

import pytest

from hookrouter.domain.events import Event
from hookrouter.domain.process_events import TracesMissing
from hookrouter.telemetry import traces
from hookrouter.telemetry.traces import HTTP, traces_of


def test_another_protocol_is_refused_in_words() -> None:
    said: list[Event] = []

    assert traces_of("grpc", said.append) is None
    assert said == [TracesMissing(text=traces.OTHER_PROTOCOL)]


def test_traces_without_the_extra_are_missed_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "PACKAGES", ("no_such_package.sdk",))
    said: list[Event] = []

    assert traces_of(HTTP, said.append) is None
    assert said == [TracesMissing(text=traces.NO_PACKAGES)]
