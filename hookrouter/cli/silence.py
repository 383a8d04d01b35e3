"""`hookrouter silence`."""

from __future__ import annotations

from typing import cast

import click

from hookrouter.cli.audited import deed
from hookrouter.cli.command import Group
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.moments import ahead, read_moment
from hookrouter.cli.opening import open_cli
from hookrouter.cli.operator import BY, REASON, whoever
from hookrouter.cli.screen import show_json, show_rows
from hookrouter.config.field_doubts import FieldDoubts
from hookrouter.config.findings import FileFaults
from hookrouter.config.yaml_text import read_yaml
from hookrouter.domain.audit import Act
from hookrouter.domain.field_names import NOT_ASKED
from hookrouter.domain.lead import Json
from hookrouter.runtime.desk import Desk
from hookrouter.wire.config.faults import Faults
from hookrouter.wire.moments import Said
from hookrouter.wire.rules.language import read_match

OF_BEGIN = frozenset({"--match", "--for", "--sink", "--reason", "--by"})
"""Options by any of which `silence` begins one; what is missing then is said."""


class SilenceGroup(Group):
    """`silence --match …` begins one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `silence --match …` as `silence begin --match …`."""
        begins = bool(args) and args[0].startswith("-") and any(each.partition("=")[0] in OF_BEGIN for each in args)
        return super().parse_args(ctx, ["begin", *args] if begins else args)


def _read(_context: click.Context, _parameter: click.Parameter, text: str) -> Json:
    """What is written as the `match` of a route."""
    try:
        value = cast("Json", read_yaml("--match", text.encode("utf-8", "surrogateescape")).value)
        read_match(value, ("match",))
    except FileFaults as found:
        raise click.BadParameter("; ".join(str(found).splitlines())) from None
    except Faults as found:
        told = (f"{'.'.join(map(str, fault.path[1:]))}: {fault.message}".removeprefix(": ") for fault in found.faults)
        raise click.BadParameter("; ".join(told)) from None
    return value


@click.group("silence", cls=SilenceGroup)
def command() -> None:
    """Keep people from being told of some leads for a while.

    `hookrouter silence --match '{leadSource: import}' --for 2h --reason 'a list is imported'` begins one. What it keeps
    back is recorded, and not sent later.
    """


@command.command("begin", short_help="Begin a silence.")
@click.option(
    "--match", required=True, callback=_read, metavar="CONDITIONS", help="Which leads, written as in a route."
)
@click.option(
    "--for", "until", required=True, type=read_moment, metavar="TIME", help="How long, such as 2h, or until when."
)
@click.option("--sink", "sinks", multiple=True, metavar="NAME", help="Only this sink; by default all that people read.")
@REASON
@BY
def begin(match: Json, until: Said, sinks: tuple[str, ...], reason: str, by: str | None) -> None:
    """Begin a silence: sinks are not told of the leads that match."""
    runtime = open_cli()
    end = ahead(until, runtime.clock.now(), option="--for")
    with deed(runtime, Act.SILENCE, ", ".join(sinks) or "all sinks that people read", by=by) as result:
        silence = Desk(runtime).silences().begin(match, sinks, by=by or whoever(), reason=reason, until=end)
        result.say(silence.id)
    about = "" if match else " about every lead"
    until_when = f"{silence.until:%Y-%m-%d %H:%M:%S} UTC"
    click.echo(f"{silence.id} keeps {', '.join(silence.sinks)} silent{about} until {until_when}")
    _warn(match)


def _warn(match: Json) -> None:
    """Say what is doubtful, as `check` does: a silence that fits no lead lets all through that it is to keep back."""
    doubts = FieldDoubts({}, NOT_ASKED)
    doubts.look_at_match(match, ("match",))
    for doubt in doubts.found:
        click.echo(f"warning: {doubt.message}", err=True)


@command.command("list", short_help="List the silences that hold, and what each kept back.")
@AS_JSON
def list_silences(as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """List the silences, each with how many deliveries it kept back; those of the last week, too."""
    runtime = open_cli()
    now, found = runtime.clock.now(), Desk(runtime).silences().list()
    rows = [{**silence.summary(), "holds": silence.holds(now), "silenced": count} for silence, count in found]
    if as_json:
        show_json(rows)
        return
    show_rows(
        ("ID", "UNTIL", "MATCH", "SINKS", "SILENCED", "BY", "REASON"),
        [
            (
                silence.id,
                f"{silence.until:%Y-%m-%d %H:%M}" if silence.holds(now) else "over",
                silence.match or "all",
                ", ".join(silence.sinks),
                str(count),
                silence.by,
                silence.reason,
            )
            for silence, count in found
        ],
    )


@command.command("end", short_help="End a silence now.")
@click.argument("silence", metavar="ID")
def end(silence: str) -> None:
    """End a silence now."""
    runtime = open_cli()
    with deed(runtime, Act.END_SILENCE, silence):
        ended = Desk(runtime).silences().end(silence)
    click.echo(f"{ended.id} is over")
