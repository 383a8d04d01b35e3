"""`hookrouter simulate-crm`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import click

from hookrouter.cli.command import Command
from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.quirks import Quirks, switched_quirks
from hookrouter.simulator.run import run
from hookrouter.simulator.server import Simulator
from hookrouter.simulator.shapes import Coverage, Labelling, Shape, Transfer

SHAPE = click.Choice(Shape, case_sensitive=False)
LABELLING = click.Choice(Labelling, case_sensitive=False)
TRANSFER = click.Choice(Transfer, case_sensitive=False)
COVERAGE = click.Choice(Coverage, case_sensitive=False)
SHARE = click.FloatRange(0, 1)
SECONDS = click.FloatRange(min=0)
COUNT = click.IntRange(min=0)


@click.command("simulate-crm", cls=Command, context_settings={"show_default": True})
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, help="0 takes a free one.")
@click.option("--push-rate", type=SECONDS, default=1.0, help="Changes per second.")
@click.option("--leads", type=COUNT, default=200, help="Leads to begin with.")
@click.option("--account-id", default="simulated-account", help="The account ID that callers must give.")
@click.option("--secret-key", default="simulated-secret", help="The secret key that callers must give.")
@click.option("--batch-delay", type=SECONDS, default=0.2, help="Seconds for which a push gathers changes.")
@click.option("--shape", type=SHAPE, default="list", help="What a push looks like.")
@click.option("--labelling", type=LABELLING, default="right", help="What its Content-Type says.")
@click.option("--transfer", type=TRANSFER, default="plain", help="How its body goes over the wire.")
@click.option("--coverage", type=COVERAGE, default="whole", help="How much of a lead is in it.")
@click.option("--numbers/--texts", default=False, help="Push ids, scores and flags as numbers.")
@click.option("--creates/--no-creates", default=True, help="Push new leads too.")
@click.option("--own-writes/--no-own-writes", default=True, help="Push what is written through the API too.")
@click.option("--lost", type=SHARE, default=0.0, help="Share of changes that are never pushed.")
@click.option("--doubled", type=SHARE, default=0.0, help="Share that is pushed twice.")
@click.option("--reordered", type=SHARE, default=0.0, help="Share held until a newer one of the lead was pushed.")
@click.option("--delayed", type=SHARE, default=0.0, help="Share that is pushed late.")
@click.option(
    "--held", type=SECONDS, default=2.0, help="The longest, in seconds, that late and reordered changes are held."
)
@click.option("--calls-per-second", type=COUNT, default=10, help="Calls allowed in any one second; 0: any number.")
@click.option("--calls-per-day", type=COUNT, default=50_000, help="Calls allowed per day.")
@click.option(
    "--quirk",
    "quirks",
    type=(click.Choice([quirk.name for quirk in fields(Quirks)]), str),
    multiple=True,
    metavar="NAME VALUE",
    help="Switch a quirk, such as `--quirk no_op_is_refused false`; docs/simulator.md names them all.",
)
@click.option("--seed", type=int, default=1, help="The same seed invents the same leads and the same fates.")
def command(
    *,
    host: str,
    port: int,
    push_rate: float,
    leads: int,
    account_id: str,
    secret_key: str,
    calls_per_second: int,
    calls_per_day: int,
    seed: int,
    quirks: tuple[tuple[str, str], ...],
    **pushing: Any,  # options of pushes are named as what they set
) -> None:
    """Run the CRM simulator: the API, invented leads that change by themselves, and pushes to whoever subscribed."""
    try:
        pushes = Pushing(**pushing)
        allowance = Allowance(per_second=calls_per_second, per_day=calls_per_day)
        switched = switched_quirks(dict(quirks))
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    simulator = Simulator(
        account_id=account_id,
        secret_key=secret_key,
        leads=leads,
        push_rate=push_rate,
        pushing=pushes,
        allowance=allowance,
        quirks=switched,
        seed=seed,
    )
    run(simulator, host, port)
