"""The sink type `stdout`: one line of JSON a delivery, for trying things out or for a log collector."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from queue import SimpleQueue
from typing import ClassVar, cast

import orjson

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import digest_id
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Answer, Delivered, Outcome, Reason, Retry
from hookrouter.domain.policy import Digest
from hookrouter.ports.last_word import STILL_OURS, PassedOn, StillOurs
from hookrouter.ports.sinks import Message
from hookrouter.sinks.digest_wording import word_digest
from hookrouter.sinks.kinds import SinkTools, SinkType
from hookrouter.wire.config.message_schema import MessageSinkSchema
from hookrouter.wire.messages.standard_body import standard_message


class StdoutSchema(MessageSinkSchema):
    """A stdout sink has no options of its own."""

    carries_reports: ClassVar[bool] = True
    carries_alerts: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StdoutMessage:
    """One line."""

    content: Json = field(repr=False)

    def preview(self) -> Json:
        """What the line says."""
        return self.content

    def as_test(self, note: str) -> StdoutMessage:
        """With the note in it."""
        return StdoutMessage(content={"test": note, "of": self.content})


@dataclass(frozen=True, slots=True, kw_only=True)
class StdoutSink:
    """The standard output of the worker."""

    name: SinkName
    patience: timedelta
    digest: Digest | None = None

    def render(self, delivery: Delivery) -> StdoutMessage:
        """The standard body, with the delivery's id and the sink's name."""
        return StdoutMessage(content={"delivery": delivery.id, "sink": self.name, **standard_message(delivery)})

    def digest_key(self, delivery: Delivery) -> str:  # noqa: ARG002 - all go the same way
        """All leads may share a line."""
        return ""

    def render_digest(self, deliveries: Sequence[Delivery]) -> StdoutMessage:
        """One line with all of them, and what is said above them."""
        wording = word_digest(deliveries, self.digest, "the output")
        return StdoutMessage(
            content={
                "delivery": digest_id(deliveries),
                "sink": self.name,
                "type": "digest",
                "title": wording.title,
                "notes": list(wording.notes),
                "missed": [each.id for each in deliveries if each.late],
                "deliveries": [{"delivery": each.id, **standard_message(each)} for each in deliveries],
            }
        )

    async def send(self, delivery: Delivery, message: Message) -> Outcome:  # noqa: ARG002 - the line names its delivery
        """Write the line at once."""
        line = orjson.dumps(cast("StdoutMessage", message).content, option=orjson.OPT_APPEND_NEWLINE).decode()
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                await _WRITER.write(line)
        except TimeoutError:
            return Retry(reason=Reason.TIMEOUT, answer=Answer(text="nobody reads standard output"))
        except (OSError, ValueError):  # ValueError: it is closed
            return Retry(reason=Reason.NETWORK, answer=Answer(text="standard output cannot be written"))
        return Delivered()


class _Writer:
    """Writes lines one after the other, in a thread of its own.

    Into a pipe that nobody empties it writes for ever: that must hold up no other sink, and not the end of the process.
    """

    def __init__(self) -> None:
        self._lines: SimpleQueue[tuple[str, asyncio.Future[None], StillOurs]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def write(self, line: str) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_all, name="stdout", daemon=True)
            self._thread.start()
        written = asyncio.get_running_loop().create_future()
        self._lines.put((line, written, STILL_OURS.get()))
        await written

    def _write_all(self) -> None:
        while True:
            line, written, still_ours = self._lines.get()
            if written.cancelled():  # whoever wanted it written waits no more, and wants it again later
                continue
            fault = _print(line) if still_ours() else PassedOn()
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                written.get_loop().call_soon_threadsafe(_tell, written, fault)


def _print(line: str) -> Exception | None:
    """Why it could not be written, if it could not."""
    try:
        sys.stdout.write(line)
        sys.stdout.flush()
    except (OSError, ValueError) as refusal:
        return refusal
    return None


_WRITER = _Writer()
"""The one for the one standard output."""


def _tell(written: asyncio.Future[None], fault: Exception | None) -> None:
    if written.done():
        return
    if fault is None:
        written.set_result(None)
    else:
        written.set_exception(fault)


def build(name: SinkName, options: Mapping[str, object], tools: SinkTools) -> StdoutSink:  # noqa: ARG001 - every sink type's signature
    """Build a stdout sink."""
    return StdoutSink(name=name, patience=tools.timeout, digest=tools.digest)


SINK = SinkType(name="stdout", schema=StdoutSchema, build=build)
