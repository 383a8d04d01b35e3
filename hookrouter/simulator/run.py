"""The simulator as a process of its own."""

from __future__ import annotations

import asyncio
import signal

import click

from hookrouter.simulator.server import Simulator, serving


def run(simulator: Simulator, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        ConfigurationError: when the address cannot be had.
    """
    asyncio.run(_serve(simulator, host, port))  # noqa: TID251 - it takes signals itself


async def _serve(simulator: Simulator, host: str, port: int) -> None:
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, enough.set)
    async with serving(simulator, host, port):
        click.echo(f"CRM simulator: {simulator.api_url} (page at {simulator.url}/)")
        await enough.wait()
