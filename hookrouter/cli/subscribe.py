"""`hookrouter subscribe`."""

from __future__ import annotations

import click

from hookrouter.cli.command import Command
from hookrouter.cli.opening import ask_crm
from hookrouter.config.settings import read_settings
from hookrouter.configuration import read_config
from hookrouter.crm.client import CrmClient
from hookrouter.crm.subscription import CrmSubscriptions
from hookrouter.domain.ids import SourceName
from hookrouter.usecases.watching.subscribe import Subscribe


@click.command("subscribe", cls=Command)
@click.option("--source", metavar="NAME", help="Which source's hook, when there are several.")
def command(source: str | None) -> None:
    """Ask the CRM to push lead updates to receiver.public_url.

    Once is enough: the CRM adds a subscription with every call, and its API can neither list nor end one.
    """
    config = read_config(read_settings())
    receiver = config.receiver
    tokens = {name: known.tokens[0] for name, known in receiver.sources.items()}

    async def subscribe(client: CrmClient) -> SourceName:
        case = Subscribe(public_url=receiver.public_url, tokens=tokens, subscriptions=CrmSubscriptions(client))
        return await case.run(source)

    chosen = ask_crm(config, subscribe)
    click.echo(f"the CRM will push lead updates to {receiver.public_url}/hooks/{chosen}/(token)")
