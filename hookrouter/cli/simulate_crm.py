"""`hookrouter simulate-crm`."""

from __future__ import annotations

import click

from hookrouter.cli.command import Command
from hookrouter.simulator.run import run
from hookrouter.simulator.server import Simulator
from hookrouter.simulator.shapes import Shape


@click.command("simulate-crm", cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0 takes a free one.")
@click.option("--push-rate", type=click.FloatRange(min=0), default=1.0, show_default=True, help="Changes a second.")
@click.option("--leads", type=click.IntRange(min=0), default=200, show_default=True, help="Leads to begin with.")
@click.option("--account-id", default="simulated-account", show_default=True, help="Who may call.")
@click.option("--secret-key", default="simulated-secret", show_default=True, help="By which key.")
@click.option(
    "--batch-delay", type=click.FloatRange(min=0), default=0.2, show_default=True, help="Seconds a push waits."
)
@click.option(
    "--shape",
    type=click.Choice([shape.value for shape in Shape]),
    default="list",
    show_default=True,
    help="What a push looks like.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed invents the same leads.")
def command(
    *,
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
    """Run the CRM simulator: the API, invented leads that change by themselves, and pushes to who subscribed."""
    simulator = Simulator(
        account_id=account_id,
        secret_key=secret_key,
        leads=leads,
        push_rate=push_rate,
        batch_delay=batch_delay,
        shape=Shape(shape),
        seed=seed,
    )
    run(simulator, host, port)
