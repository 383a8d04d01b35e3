"""The alerts that the documentation shows."""

from __future__ import annotations

from datetime import timedelta

from hookrouter.domain.alert import Alert, AlertMemory
from hookrouter.domain.alerting import look
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.dead_letter import DeadGroup
from hookrouter.domain.ids import DeliveryId, RouteName, SinkName
from hookrouter.domain.troubles import FarSide, dead_trouble, sink_trouble
from hookrouter.testing.builders import RECEIVED_AT

NEWEST = DeliveryId("d_5c0e9b1f7a3d4e6280b1c9f3a7d2e4b6")


def alerts_of_an_hour() -> list[Alert]:
    """A sink that fails, messages that were given up, and the first one over."""
    at = RECEIVED_AT + timedelta(minutes=1)
    open_ = Circuit(failures=10, opened_at=RECEIVED_AT, until=at, reason="unauthorized")
    billing = FarSide(circuit=open_, pause=None, fallback=None, waiting=12)
    fails = sink_trouble(SinkName("billing"), billing, at)
    groups = [
        DeadGroup(sink=SinkName("billing"), route=RouteName("hot-lead"), reason="rendering", count=9, newest=NEWEST),
        DeadGroup(sink=SinkName("notes"), route=RouteName("everybody-else"), reason="refused", count=3, newest=NEWEST),
    ]
    dead = dead_trouble(12, groups)
    assert fails is not None
    assert dead is not None
    memory, _ = look([fails], AlertMemory(), RECEIVED_AT)
    memory, raised = look([fails, dead], memory, at)
    memory, given_up = look([fails, dead], memory, at + timedelta(minutes=1))
    memory, _ = look([dead], memory, at + timedelta(minutes=34))
    _, over = look([dead], memory, at + timedelta(minutes=36))
    return [*raised, *given_up, *over]
