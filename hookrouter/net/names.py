"""Host names, each looked up in a thread of its own, so that one that hangs holds up nothing else.

The event loop's look-ups share threads, uvloop's no more than two: as many names whose servers do not answer would hold
up all other sinks that connect, and the end of the process, which waits for them.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

from aiohttp.abc import AbstractResolver, ResolveResult

AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]
Found = asyncio.Future[list[AddressInfo]]
Question = tuple[str, int, int]

NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Names(AbstractResolver):
    """Looks names up for one event loop; who asks what is asked already waits for that answer."""

    def __init__(self) -> None:
        """Ask nothing yet."""
        self._asked: dict[Question, Found] = {}

    async def look_up(self, host: str, port: int, family: int = socket.AF_UNSPEC) -> list[AddressInfo]:
        """The addresses of a host.

        Raises:
            OSError: it has none, or nobody knows.
        """
        question = (host, port, int(family))
        found = self._asked.get(question)
        if found is None:
            found = self._asked[question] = asyncio.get_running_loop().create_future()
            found.add_done_callback(lambda done: self._answered(question, done))
            threading.Thread(target=_ask, args=(question, found), name="name", daemon=True).start()
        return await asyncio.shield(found)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """As aiohttp's connector wants it."""
        return [
            ResolveResult(hostname=host, host=address[0], port=port, family=kin, proto=protocol, flags=NUMERIC)
            for kin, _, protocol, _, address in await self.look_up(host, port, family)
        ]

    async def close(self) -> None:
        """Leave what is under way: nobody waits for it."""

    async def connect(self, host: str, port: int) -> socket.socket:
        """A socket that is connected to the first of a host's addresses that takes it.

        Raises:
            OSError: none does.
        """
        fault = OSError("the name has no address")
        for family, kind, protocol, _, address in await self.look_up(host, port):
            made = socket.socket(family, kind, protocol)
            try:
                made.setblocking(False)
                await asyncio.get_running_loop().sock_connect(made, address)
            except OSError as refusal:
                made.close()
                fault = refusal
            except asyncio.CancelledError:
                made.close()
                raise
            else:
                return made
        raise fault

    def _answered(self, question: Question, done: Found) -> None:
        del self._asked[question]
        if not done.cancelled():
            done.exception()  # looked at, in case nobody waits for it any more


def _ask(question: Question, found: Found) -> None:
    host, port, family = question
    answer: list[AddressInfo] | OSError
    try:
        answer = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)  # type: ignore[assignment]  # without IPv6 its addresses would be others
    except OSError as fault:
        answer = fault
    except UnicodeError:
        answer = socket.gaierror(socket.EAI_NONAME, "no name of a host")
    with suppress(RuntimeError):  # the loop is closed: nobody waits
        found.get_loop().call_soon_threadsafe(_tell, found, answer)


def _tell(found: Found, answer: list[AddressInfo] | OSError) -> None:
    if found.done():
        return
    if isinstance(answer, OSError):
        found.set_exception(answer)
    else:
        found.set_result(answer)
