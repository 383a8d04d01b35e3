"""The sinks."""

from __future__ import annotations

from typing import Protocol

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Outcome


class Message(Protocol):
    """What a sink is given, ready to send; `preview` is its content as JSON values, without secrets."""

    def preview(self) -> Json: ...


class Sink(Protocol):
    """A configured target."""

    def render(self, delivery: Delivery) -> Message:
        """Make the exact message; pure. Raises `RenderingFailed` (wire.template) when a template cannot be filled."""

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        """Try once. What the far side refuses, or that it is away, is an outcome; nothing is raised for it."""


class Sinks(Protocol):
    """The configured sinks."""

    def find(self, sink: SinkName, route: str) -> Sink | None:
        """The sink as this route addresses it; None when the configuration knows it no more."""
