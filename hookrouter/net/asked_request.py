"""A request that asks, right before its bytes leave, whether it may still be made."""

from __future__ import annotations

from aiohttp import ClientRequest, ClientResponse
from aiohttp.abc import AbstractStreamWriter
from aiohttp.connector import Connection

from hookrouter.ports.last_word import STILL_OURS, PassedOn, insist_it_is_ours


class AskedRequest(ClientRequest):
    """As aiohttp's own, with a last look at the lease.

    A connection may have taken long, and a process that was frozen goes on at any line. From these looks to the system
    call that hands the bytes to the kernel nothing is waited for.
    """

    async def send(self, conn: Connection) -> ClientResponse:
        """Write the head, and the body if that can be done at once.

        Raises:
            PassedOn: it may not be made any more.
        """
        insist_it_is_ours()
        return await super().send(conn)

    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> None:
        """Write the head with the body, before Python 3.12 a turn of the event loop later."""
        if not STILL_OURS.get()() and conn.protocol is not None:
            conn.protocol.set_exception(PassedOn())  # whoever waits for the answer closes the connection then
            return
        await super().write_bytes(writer, conn, content_length)
