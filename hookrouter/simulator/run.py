"""The simulator as a process of its own."""

from __future__ import annotations

import asyncio
import signal

import click

from hookrouter.simulator.server import Simulator, serving
from hookrouter.simulator.shapes import Shape


def run(  # noqa: PLR0917 - the options of one command, given by name
    host: str,
    port: int,
    push_rate: float,
    leads: int,
    account_id: str,
    secret_key: str,
    batch_delay: float,
    shape: str,
    seed: int,
) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        ConfigurationError: when the address cannot be had.
    """
    simulator = Simulator(
        account_id=account_id,
        secret_key=secret_key,
        leads=leads,
        push_rate=push_rate,
        batch_delay=batch_delay,
        shape=Shape(shape),
        seed=seed,
    )
    asyncio.run(_serve(simulator, host, port))


async def _serve(simulator: Simulator, host: str, port: int) -> None:
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, enough.set)
    async with serving(simulator, host, port):
        click.echo(f"CRM simulator: {simulator.api_url} (status at {simulator.url}/)")
        await enough.wait()
