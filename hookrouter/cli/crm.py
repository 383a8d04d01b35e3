"""`hookrouter crm`."""

from __future__ import annotations

from typing import Any

import click
import orjson

from hookrouter.cli.command import Command
from hookrouter.cli.opening import ask_crm
from hookrouter.cli.screen import show_json
from hookrouter.config.settings import read_settings
from hookrouter.configuration import read_config


def read_params(text: str) -> dict[str, Any]:
    """Read the params."""
    try:
        params = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise click.BadParameter(f"this is no JSON ({fault.msg}, column {fault.colno})") from fault
    if not isinstance(params, dict):
        raise click.BadParameter('give an object, such as {"id": "718281920514"}')
    return params


@click.command("crm", cls=Command)
@click.argument("method")
@click.argument("params", metavar="[JSON]", type=read_params, default="{}")
def command(method: str, params: dict[str, Any]) -> None:
    """Call METHOD of the CRM's API with the params JSON, and print its result as it is.

    For example: hookrouter crm getLead '{"id": "718281920514"}'
    """
    show_json(ask_crm(read_config(read_settings()), lambda client: client.call(method, params)))
