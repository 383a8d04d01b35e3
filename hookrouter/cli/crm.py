"""`hookrouter crm`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click
import orjson

from hookrouter.cli.audited import note_if_there
from hookrouter.cli.command import Command
from hookrouter.cli.opening import ask_crm, open_cli
from hookrouter.cli.screen import show_json
from hookrouter.config.model import Config
from hookrouter.config.settings import read_settings
from hookrouter.configuration import read_config
from hookrouter.crm.client import CrmClient
from hookrouter.crm.methods import METHODS, may_change, rows_of
from hookrouter.domain.audit import Act
from hookrouter.domain.errors import CrmAway, CrmRefused, HookrouterError
from hookrouter.usecases.audit import Result
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.crm.envelope import WriteResult
from hookrouter.wire.crm.errors import NO_SUCH_METHOD, text_of_code

_IS_METHOD = re.compile(r"[A-Za-z0-9]{1,64}")

EXAMPLES = "\b\nMethods, with params that are fit for them:\n" + "\n".join(
    f"  {name} '{orjson.dumps(method.example).decode()}'" for name, method in METHODS.items()
)


def read_params(text: str) -> dict[str, Any]:
    """Read the params."""
    try:
        params = orjson.loads(sys.stdin.read() if text == "-" else text)
    except orjson.JSONDecodeError as fault:
        raise click.BadParameter(f"this is no JSON ({fault.msg}, column {fault.colno})") from fault
    if not isinstance(params, dict):
        raise click.BadParameter('give an object, such as {"id": "718281920514"}')
    return params


@click.command("crm", cls=Command, epilog=EXAMPLES)
@click.argument("method")
@click.argument("params", metavar="[JSON]", type=read_params, default="{}")
@click.option("--all", "whole", is_flag=True, help="Read all pages of a list, and print one row per line.")
def command(method: str, params: dict[str, Any], *, whole: bool) -> None:
    """Call METHOD of the CRM's API with the params JSON, or those of standard input (-), and print its result as it is.

    Any number of objects may be written. It tells what became of each, and exits with 1 if one was not written.

    For example: hookrouter crm getLead '{"id": "718281920514"}'
    """
    config = read_config(read_settings())
    known = METHODS.get(method)
    objects = params.get("objects")
    if whole:
        _show_rows(config, method, params)
    elif known is not None and known.write is not None and isinstance(objects, list) and objects:
        write, key = known.write
        wanted = _all_objects(objects, known.needs)
        with _written_down(method) as came_to:
            results = ask_crm(config, lambda client: write(client, wanted))
            came_to.say(_counted(results))
        _show_written(key, results)
    else:
        with _written_down(method):
            result = ask_crm(config, lambda client: _call(client, method, params))
        show_json(result)


@contextmanager
def _written_down(method: str) -> Iterator[Result]:
    """What is done inside stands in the audit log if it may change something: which method, and how it ended.

    No word of the params or of the CRM's answer does, for either may name a person.
    """
    came_to, ended = Result(), "broken off"
    try:
        yield came_to
        ended = came_to.text
    except CrmRefused as refused:
        ended = f"refused, code {refused.code}"
        raise
    except CrmAway as away:
        ended = "not done: no answer" if away.did_nothing else "no answer: it may be done"
        raise
    finally:
        if may_change(method):
            with suppress(HookrouterError):  # what is done in the CRM is done, also where nothing can be written down
                note_if_there(open_cli(), Act.CALL_CRM, method if _IS_METHOD.fullmatch(method) else "a method", ended)


def _counted(results: Sequence[WriteResult]) -> str:
    """How many objects were written, and how many were not."""
    written = sum(each.success for each in results)
    unknown = sum(not each.is_known for each in results)
    refused = len(results) - written - unknown
    return ", ".join(
        f"{count} {word}" for count, word in ((written, "written"), (refused, "refused"), (unknown, "unknown")) if count
    )


async def _call(client: CrmClient, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return await client.call(method, params)
    except CrmRefused as refused:
        if refused.code != NO_SUCH_METHOD:
            raise
    meant = did_you_mean(method, METHODS)
    raise CrmRefused(NO_SUCH_METHOD, method, text_of_code(NO_SUCH_METHOD).rstrip(".") + meant)


def _show_rows(config: Config, method: str, params: Mapping[str, Any]) -> None:
    lists = [name for name, known in METHODS.items() if known.rows]
    if method not in lists:
        raise click.UsageError(f"--all is for lists, and {method} is none{did_you_mean(method, lists)}")

    async def show(client: CrmClient) -> None:
        async for row in rows_of(client, method, params).each():
            click.echo(orjson.dumps(row).decode())

    ask_crm(config, show)


def _all_objects(objects: Sequence[Any], needed: str | None) -> Sequence[Any]:
    if not all(isinstance(each, dict) for each in objects):
        raise click.UsageError('objects is a list of objects, such as [{"id": "718281920514"}]')
    if needed is not None and any(each.get(needed) in (None, "") for each in objects):
        raise click.UsageError(f"each of the objects needs its {needed}: nothing else tells which is meant")
    return objects


def _show_written(key: str, results: Sequence[WriteResult]) -> None:
    show_json({key: [_told(each) for each in results]})
    if not all(each.success for each in results):
        click.get_current_context().exit(1)


def _told(result: WriteResult) -> dict[str, Any]:
    if result.success:
        return {"success": True} | ({} if result.id is None else {"id": result.id})
    return {"success": False, "code": result.code, "message": result.message, "is_known": result.is_known}
