"""The sinks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, runtime_checkable

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Outcome


class Message(Protocol):
    """What a sink is given, ready to send; `preview` is its content as JSON values, without secrets."""

    def preview(self) -> Json: ...


@runtime_checkable
class MarkableMessage(Message, Protocol):
    """A message that can say that it is a test, whatever the operator's templates make of its lead."""

    def as_test(self, note: str) -> Message:
        """The same message with a note that people, or programs, see first."""


class Sink(Protocol):
    """A configured target."""

    def render(self, delivery: Delivery) -> Message:
        """Make the exact message; pure. Raises `RenderingFailed` (wire.template) when a template cannot be filled."""

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        """Try once. What the far side refuses, or that it is away, is an outcome; nothing is raised for it."""


@runtime_checkable
class DigestSink(Sink, Protocol):
    """A sink that can word several deliveries as one message."""

    def digest_key(self, delivery: Delivery) -> str:
        """Tell which deliveries may share a message: those of one key, and no others; pure.

        The key is short and names nobody, so that it may be part of a name in the store. Raises `RenderingFailed`.
        """

    def render_digest(self, deliveries: Sequence[Delivery]) -> Message:
        """Make one message of deliveries of one key; pure, and the same for the same deliveries.

        It is sent with any of them, and what comes of it comes of them all: the outcome's remainder too.
        """


class Sinks(Protocol):
    """The configured sinks."""

    def find(self, sink: SinkName, route: str) -> Sink | None:
        """The sink as this route addresses it; None when the configuration knows it no more."""


class SharedRate(Protocol):
    """The rate of a sink, kept by all workers together."""

    async def take_up_to(self, wanted: int) -> tuple[int, timedelta]:
        """Take so many permits or as many as there are; how many, and how long to wait before asking again if none."""
