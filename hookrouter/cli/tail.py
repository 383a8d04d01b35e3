"""`hookrouter tail`."""

from __future__ import annotations

from collections.abc import Mapping

import click
import orjson
from rich.text import Text

from hookrouter.cli.command import Command
from hookrouter.cli.interrupted import stopped_by_interrupt
from hookrouter.cli.lists import masked
from hookrouter.cli.opening import mask_of, open_cli
from hookrouter.cli.screen import screen
from hookrouter.cli.wanted import Meant, insist_on_names
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.logged_attempt import Result
from hookrouter.domain.personal import Mask
from hookrouter.ports.tailing import News
from hookrouter.runtime.desk import Desk
from hookrouter.usecases.tail import Followed
from hookrouter.wire.messages.plain_text import one_line, printable, shorten

COLOURS = {Result.DELIVERED: "green", Result.RETRY: "yellow", Result.DEAD: "red"}
WIDEST_WORD = 10
LONGEST_ANSWER = 80


@click.command("tail", cls=Command, short_help="Follow pushes and deliveries as they happen.")
@click.option("--sink", metavar="NAME", type=SinkName, help="Only deliveries for this sink.")
@click.option("--route", metavar="NAME", type=RouteName, help="Only deliveries by this route.")
@click.option("--outcome", type=click.Choice([each.value for each in Result]), help="Only attempts with this outcome.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def command(*, sink: SinkName | None, route: RouteName | None, outcome: str | None, as_json: bool) -> None:
    """Follow pushes and deliveries as they happen, with what is personal masked, until Ctrl-C.

    While Redis is away it says so and waits; what comes meanwhile is shown when it is back.
    """
    runtime = open_cli()
    insist_on_names(Meant(sink=sink, route=route, since=None, until=None), runtime.config)
    mask = mask_of(runtime.config)
    is_away = False
    with stopped_by_interrupt(runtime):
        for news in Desk(runtime).tail().run(Followed(sink=sink, route=route, outcome=outcome)):
            if isinstance(news, StoreAway):
                click.echo(f"Redis is away: {news}; waiting until it is back (Ctrl-C ends)", err=True)
                is_away = True
                continue
            if is_away:
                click.echo("Redis is back", err=True)
                is_away = False
            _show(news, mask, as_json=as_json)


def _show(news: News, mask: Mask, *, as_json: bool) -> None:
    rows = [{"kind": "push", **push.summary()} for push in news.pushes]
    rows += [{"kind": "delivery", **attempt.summary()} for attempt in news.attempts]
    for row in sorted((masked(row, mask, reveal=False) for row in rows), key=lambda row: str(row["at"])):
        if as_json:
            click.echo(orjson.dumps(row).decode())
        else:
            screen().print(_line(row), soft_wrap=True)


def _line(row: Mapping[str, Json]) -> Text:
    word, colour = ("push", "cyan") if row["kind"] == "push" else (str(row["outcome"]), COLOURS.get(_result(row), ""))
    told = _push(row) if row["kind"] == "push" else _delivery(row)
    return Text.assemble(f"{str(row['at'])[11:19]}  ", (word.ljust(WIDEST_WORD), colour), f"  {printable(told)}")


def _result(row: Mapping[str, Json]) -> Result:
    return Result(str(row["outcome"]))


def _push(row: Mapping[str, Json]) -> str:
    if row["refused"]:
        return f"{row['id']}  {row['source']}  refused: {row['refused']}"
    rejected = f", {row['rejected']} rejected" if row["rejected"] else ""
    via = "" if row["via"] == "push" else f", by {row['via']}"
    return f"{row['id']}  {row['source']}  {row['leads']} lead{'' if row['leads'] == 1 else 's'}{rejected}{via}"


def _delivery(row: Mapping[str, Json]) -> str:
    parts = [f"{row['id']}  {row['sink']} by {row['route']}", f"lead {row['lead']}"]
    parts += [f"attempt {row['attempts']}"] if isinstance(row["attempts"], int) and row["attempts"] > 1 else []
    parts += [f"{row['seconds']} s"] if row["seconds"] is not None else []
    parts += [f"{row[name]}" for name in ("reason", "status") if row[name]]
    answer = one_line(str(row["answer"] or "")) if row["reason"] else ""
    return ", ".join(parts) + (f": {shorten(answer, LONGEST_ANSWER)}" if answer else "")
