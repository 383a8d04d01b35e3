"""Servers in front of others, in threads of their own: one speaks TLS, one can be cut off or turned."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hookrouter.supervise.free_port import LOOPBACK

AT_ONCE = 65536


class Front:
    """Hands bytes to and fro between its own port and that of a server.

    While it is cut off, connections stand and nothing gets through, in neither direction, as with a network that is
    divided; what is new finds nobody.
    """

    def __init__(self, behind: int, tls: ssl.SSLContext | None = None) -> None:
        """Listen."""
        self._behind = behind
        self._loop = asyncio.new_event_loop()
        self._goes, self._comes = asyncio.Event(), asyncio.Event()
        self.held_back = 0
        self._writers: set[asyncio.StreamWriter] = set()
        serving = asyncio.start_server(self._serve, LOOPBACK, 0, ssl=tls)
        self._mend()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def cut(self, *, only_answers: bool = False) -> None:
        """Let nothing through, or nothing that comes back."""
        self._loop.call_soon_threadsafe(self._comes.clear)
        if not only_answers:
            self._loop.call_soon_threadsafe(self._goes.clear)

    def hold_back(self) -> Callable[[], None]:
        """Keep what comes back from here on, until the returned is called."""
        self.held_back, held = 0, self._comes
        self.cut(only_answers=True)
        return lambda: self._loop.call_soon_threadsafe(held.set)

    def let_new_through(self) -> None:
        """Keep nothing back on connections that are new from here on."""
        self._comes = asyncio.Event()
        self._comes.set()

    def turn_to(self, behind: int) -> None:
        """Lead what is new to another server, as a name or a proxy does after a failover; what stands goes on."""
        self._behind = behind

    def mend(self) -> None:
        """Let all through again, that which waits first."""
        self._loop.call_soon_threadsafe(self._mend)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()
        self._loop.close()

    def _mend(self) -> None:
        self._goes.set()
        self._comes.set()

    def _end(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_later(0.05, self._loop.stop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            await self._goes.wait()
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._behind)
            self._writers.add(far_writer)
            await asyncio.gather(
                self._hand(reader, far_writer, self._goes), self._hand(far_reader, writer, self._comes)
            )

    async def _hand(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, may_pass: asyncio.Event) -> None:
        with suppress(OSError):
            while some := await reader.read(AT_ONCE):
                self.held_back += not may_pass.is_set()
                await may_pass.wait()
                writer.write(some)
                await writer.drain()
        writer.close()


class TlsFront(Front):
    """Speaks TLS in front of a server that does not."""

    def __init__(self, behind: int, certificate: Path) -> None:
        """Listen, with a certificate and its key in one file."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        super().__init__(behind, tls)
