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
    """A message that can be marked as a test, whatever the operator's templates make of its lead."""

    def as_test(self, note: str) -> Message:
        """The same message with a note that people, or programs, see first."""


class Sink(Protocol):
    """A configured target."""

    def render(self, delivery: Delivery) -> Message:
        """Make the exact message; pure. Raises `RenderingFailed` (wire.template) if a template cannot be filled."""

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        """Try once. A far side that refuses or is away is an outcome, not an exception."""


@runtime_checkable
class DigestSink(Sink, Protocol):
    """A sink that can word several deliveries as one message."""

    def digest_key(self, delivery: Delivery) -> str:
        """The key of a delivery; those with the same key, and no others, may share a message. Pure.

        It is short and names nobody, so that it may be part of a name in the store. Raises `RenderingFailed`.
        """

    def render_digest(self, deliveries: Sequence[Delivery]) -> Message:
        """Make one message of deliveries with the same key; pure, and always the same for the same deliveries.

        It is sent with any one of them, and its outcome, with its remainder, counts for them all.
        """


class Sinks(Protocol):
    """The configured sinks."""

    def find(self, sink: SinkName, route: str) -> Sink | None:
        """The sink as this route addresses it; None if the configuration no longer has it."""


class SharedRate(Protocol):
    """The rate of a sink, kept by all workers together."""

    async def take_up_to(self, wanted: int) -> tuple[int, timedelta]:
        """Take as many permits as wanted, or as there are; returns how many, and how long to wait if none."""
