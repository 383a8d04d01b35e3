"""The sink type `stdout`: one line of JSON a delivery, for trying things out or for a log collector."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import orjson

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Answer, Delivered, Outcome, Reason, Retry
from hookrouter.ports.sinks import Message
from hookrouter.sinks.kinds import SinkTools, SinkType
from hookrouter.wire.sink_schema import SinkSchema
from hookrouter.wire.standard_body import standard_message


class StdoutSchema(SinkSchema):
    """A stdout sink has no options of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StdoutMessage:
    """One line."""

    content: Json = field(repr=False)

    def preview(self) -> Json:
        """What the line says."""
        return self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class StdoutSink:
    """The standard output of the worker."""

    name: SinkName

    def render(self, delivery: Delivery) -> StdoutMessage:
        """The standard body, with the delivery's id and the sink's name."""
        return StdoutMessage(content={"delivery": delivery.id, "sink": self.name, **standard_message(delivery)})

    async def send(self, delivery: Delivery, message: Message) -> Outcome:  # noqa: ARG002 - the line names its delivery
        """Write the line at once."""
        line = orjson.dumps(cast("StdoutMessage", message).content, option=orjson.OPT_APPEND_NEWLINE).decode()
        try:
            await asyncio.to_thread(_write, line)  # a pipe that nobody empties must not stop the other sinks
        except (OSError, ValueError):  # ValueError: it is closed
            return Retry(reason=Reason.NETWORK, answer=Answer(text="standard output cannot be written"))
        return Delivered()


def build(name: SinkName, options: Mapping[str, object], tools: SinkTools) -> StdoutSink:  # noqa: ARG001 - every sink type's signature
    """Build a stdout sink."""
    return StdoutSink(name=name)


def _write(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


SINK = SinkType(name="stdout", schema=StdoutSchema, build=build)
