"""What the tests of HTTP exchanges share."""

import asyncio
from contextlib import suppress

from hookrouter.clock import SystemClock
from hookrouter.net.answers import exchange
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.testing.sinks import ENOUGH, LOOPBACK


async def post(session, url, limit=ENOUGH, terms=None, **request):
    usual = {"method": "POST", "headers": {"X-A": "b"}, "body": b"{}"}
    return await exchange(session, url=url, timeout=limit, clock=SystemClock(), terms=terms, **{**usual, **request})


async def post_once(url, *, allow=LOOPBACK, **request):
    """An exchange through a session of its own, which may reach this machine."""
    async with open_session(EgressGuard(allow)) as session:
        outcome = await post(session, url, **request)
    await asyncio.sleep(0)  # lets the connections close
    return outcome


def raw_outcome(*pieces, timeout=ENOUGH, then_close=True, terms=None, forever=False, pause=0.0):
    """The outcome of a server that writes these bytes, whatever was asked, once or for as long as it is
    listened to, with a pause after each piece."""

    over = asyncio.Event()

    async def serve(reader, writer):
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            while True:
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    if pause:
                        await asyncio.sleep(pause)
                if not forever:
                    break
            if not then_close:
                await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        over.set()

    async def posting():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            outcome = await post_once(
                f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", limit=timeout, terms=terms
            )
            await asyncio.wait_for(over.wait(), 10)
        return outcome

    return asyncio.run(posting())
