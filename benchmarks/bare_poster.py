"""The ceiling: one process that posts bodies made beforehand, with no queue and nothing to lose.

python -m benchmarks.bare_poster --url URL --leads COUNT [--loop uvloop]
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator

import aiohttp
import uvloop

from benchmarks.leads import standard_bodies

AT_ONCE = 32
"""As many as a sink of hookrouter has under way unless told otherwise."""


async def post_all(url: str, leads: int) -> None:
    """Post them, as many at once as a sink would."""
    bodies = list(standard_bodies(leads))
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        waiting = iter(bodies)
        await asyncio.gather(*(_post(session, url, waiting) for _ in range(AT_ONCE)))


async def _post(session: aiohttp.ClientSession, url: str, bodies: Iterator[tuple[str, bytes]]) -> None:
    for name, body in bodies:
        headers = {"webhook-id": name, "Content-Type": "application/json"}
        async with session.post(url, data=body, headers=headers) as answer:
            answer.raise_for_status()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--leads", type=int, required=True)
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    given = parser.parse_args()
    run = uvloop.run if given.loop == "uvloop" else asyncio.run
    run(post_all(given.url, given.leads))


if __name__ == "__main__":
    main()
