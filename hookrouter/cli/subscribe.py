"""`hookrouter subscribe`."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import click

from hookrouter.cli.audited import note_if_there
from hookrouter.cli.command import Command
from hookrouter.cli.interrupted import run_until_interrupted
from hookrouter.cli.opening import ask_crm, open_cli, settings_at_work
from hookrouter.cli.screen import screen
from hookrouter.config.model import Config
from hookrouter.configuration import read_config
from hookrouter.crm.client import CrmClient
from hookrouter.crm.subscription import CrmSubscriptions
from hookrouter.domain.audit import Act
from hookrouter.domain.errors import HookrouterError
from hookrouter.domain.ids import SourceName
from hookrouter.runtime.desk import Desk
from hookrouter.usecases.watching.subscribe import Subscribe
from hookrouter.usecases.watching.verify import CameBack, NotChanged, NothingCame

NO_WORKER = "no worker lives, and it is a worker that would notice the push: start `hookrouter worker`"
NO_RECEIVER = "no receiver lives, so no push could come in: start `hookrouter serve`"
ELSEWHERE = (
    "no push came here: does the CRM reach {where}, and does its account push? A lead that you change in the CRM shows "
    "whether it is only what the API changes that it does not push"
)
OTHERS_CAME = (
    "other pushes came: the CRM seems not to push what its API changes, or not with the field that crm.canary names"
)


@click.command("subscribe", cls=Command)
@click.option("--source", metavar="NAME", help="Which source's hook, when there are several.")
@click.option("--verify", is_flag=True, help="Change the lead in crm.canary, and wait for its push to come back.")
@click.option(
    "--within",
    metavar="SECONDS",
    type=click.FloatRange(1, 3600),
    help="How long to wait for it; by default crm.canary.within.",
)
def command(*, source: str | None, verify: bool, within: float | None) -> None:
    """Ask the CRM to push lead updates to receiver.public_url.

    Once is enough: the CRM adds a subscription with every call, and its API can neither list nor end one. With
    `--verify` the CRM is asked only if, as far as is known here, it was not yet asked to push to this address.
    """
    if verify:
        _verify(source, within)
    else:
        _subscribe(read_config(settings_at_work()), source)


def _subscribe(config: Config, source: str | None) -> None:
    async def subscribe(client: CrmClient) -> tuple[SourceName, str]:
        tokens = {name: known.tokens[0] for name, known in config.receiver.sources.items()}
        url, subscriptions = config.receiver.public_url, CrmSubscriptions(client)
        case = Subscribe(public_url=url, tokens=tokens, subscriptions=subscriptions)
        chosen = await case.run(source)
        return chosen, case.address(chosen)

    chosen, address = ask_crm(config, subscribe)
    with suppress(HookrouterError):  # without Redis nobody can be told, and at worst the CRM is asked once more
        runtime = open_cli()
        run_until_interrupted(Desk(runtime).note_subscribed(chosen, address))
        note_if_there(runtime, Act.SUBSCRIBE, chosen)
    click.echo(f"the CRM will push lead updates to {_shown(config, chosen)}")


def _verify(source: str | None, within: float | None) -> None:
    runtime = open_cli()
    desk = Desk(runtime)
    plan = desk.watched(source)
    alive = runtime.presence.alive()
    for role, lacking in (("receiver", NO_RECEIVER), ("worker", NO_WORKER)):
        if not alive.get(role):
            raise HookrouterError(lacking)
    if not run_until_interrupted(desk.is_subscribed()):
        _subscribe(runtime.config, plan.source)
    with screen(stderr=True).status("waiting for the push"):
        found = run_until_interrupted(desk.verify(None if within is None else timedelta(seconds=within)))
    where = _shown(runtime.config, plan.source)
    if not isinstance(found, CameBack):
        raise HookrouterError(_in_words(found, where))
    click.echo(f"a push came to {where} {found.after.total_seconds():.1f} s after the change")


def _in_words(found: NotChanged | NothingCame, where: str) -> str:
    if isinstance(found, NotChanged):
        return f"the lead could not be changed: {found.reason}"
    nothing = f"nothing came within {found.within.total_seconds():.0f} s"
    if found.others_came and not (found.hindrance and found.hindrance.is_proven):
        return f"{nothing} of it, but {OTHERS_CAME}"
    if found.hindrance is None:
        return f"{nothing}: {ELSEWHERE.format(where=where)}"
    return (
        f"the push is refused here: {found.hindrance.text}"
        if found.hindrance.is_proven
        else f"{nothing}, but {found.hindrance.text}"
    )


def _shown(config: Config, source: SourceName) -> str:
    return f"{config.receiver.public_url}/hooks/{source}/(token)"
