"""The ceiling: one process that posts leads it has in memory, with no queue and nothing to lose.

python -m benchmarks.bare_poster --url URL --leads COUNT [--beforehand] [--loop uvloop]

As aiohttp comes it writes each lead as JSON itself; with `--beforehand` all bodies are made before the first is sent.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator

import aiohttp
import orjson
import uvloop

from benchmarks.leads import standard_bodies

AT_ONCE = 32
"""As many as a sink of hookrouter has under way unless told otherwise."""


async def post_all(url: str, leads: int, *, beforehand: bool) -> None:
    """Post them, as many at once as a sink would."""
    bodies = list(standard_bodies(leads))
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        if beforehand:
            made = iter(bodies)
            await asyncio.gather(*(_post(session, url, made) for _ in range(AT_ONCE)))
        else:
            leads_in_hand = iter([(name, orjson.loads(body)) for name, body in bodies])
            await asyncio.gather(*(_write_and_post(session, url, leads_in_hand) for _ in range(AT_ONCE)))


async def _post(session: aiohttp.ClientSession, url: str, bodies: Iterator[tuple[str, bytes]]) -> None:
    for name, body in bodies:
        headers = {"webhook-id": name, "Content-Type": "application/json"}
        async with session.post(url, data=body, headers=headers) as answer:
            answer.raise_for_status()


async def _write_and_post(session: aiohttp.ClientSession, url: str, messages: Iterator[tuple[str, object]]) -> None:
    for name, message in messages:
        async with session.post(url, json=message, headers={"webhook-id": name}) as answer:
            answer.raise_for_status()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--leads", type=int, required=True)
    parser.add_argument("--beforehand", action="store_true")
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    given = parser.parse_args()
    run = uvloop.run if given.loop == "uvloop" else asyncio.run
    run(post_all(given.url, given.leads, beforehand=given.beforehand))


if __name__ == "__main__":
    main()
