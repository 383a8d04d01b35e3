"""A mail server that keeps to a script, and to no rule."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

Answering = bytes | list[bytes] | Callable[[asyncio.StreamWriter], None] | None

GOOD = {"": b"220 mail.test", "EHLO": b"250 mail.test", "DATA": b"354 go on", ".": b"250 taken"}
"""What a server says to whom: `` is the greeting, `.` the end of a mail."""


def cut(writer: asyncio.StreamWriter) -> None:
    """The connection is reset."""
    writer.transport.abort()


def end(writer: asyncio.StreamWriter) -> None:
    """The connection is closed."""
    writer.close()


@dataclass(slots=True)
class RawServer:
    """Serves on a free port of 127.0.0.1.

    Attributes:
        script: the answer by the command's first word; a list is used up one by one, None is silence.
        piecemeal: bytes go out one at a time.
        heard: the commands, without those that hand over a mail's lines.
        mails: the mails, as they came over the wire.
    """

    script: dict[str, Answering]
    piecemeal: bool = False
    heard: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    port: int = 0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[RawServer]:
        self.script = {**GOOD, **self.script}
        conversations: set[asyncio.Task[None]] = set()

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            conversations.add(asyncio.current_task())
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await self._converse(reader, writer)

        server = await asyncio.start_server(converse, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
            for conversation in conversations:
                conversation.cancel()
            await asyncio.gather(*conversations, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer("", writer)
            while line := await reader.readline():
                word = line.split()[0].decode().upper() if line.split() else "?"
                self.heard.append(line.decode().strip())
                await self._answer(word, writer)
                if word == "DATA" and is_open(self.script["DATA"]):
                    self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                    await self._answer(".", writer)
        finally:
            writer.close()

    async def _answer(self, word: str, writer: asyncio.StreamWriter) -> None:
        answer = self.script.get(word, b"250 ok")
        if isinstance(answer, list):
            answer = answer.pop(0)
        if answer is None:
            await asyncio.Event().wait()
        elif callable(answer):
            answer(writer)
        else:
            for piece in [bytes([byte]) for byte in answer + b"\r\n"] if self.piecemeal else [answer + b"\r\n"]:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)


def is_open(answer: Answering) -> bool:
    """Whether a mail may follow upon it."""
    return isinstance(answer, bytes) and answer.startswith(b"354")
