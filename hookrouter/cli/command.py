"""What all commands share: `--config` and `--debug` at any place, and being imported only when run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from hookrouter.cli.usage import NoSuchCommand
from hookrouter.config.settings import name_config_file
from hookrouter.garbage import garbage_left_alone


@dataclass(slots=True)
class Invocation:
    """What was said beside the command."""

    debug: bool = False


def _use_config(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> None:
    if path is not None:
        name_config_file(path)


def _use_debug(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted:
        context.ensure_object(Invocation).debug = True


def _shared_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--config"],
            type=click.Path(path_type=Path),
            metavar="FILE",
            is_eager=True,
            expose_value=False,
            callback=_use_config,
            help="The configuration file, instead of HOOKROUTER_CONFIG or hookrouter.yaml.",
        ),
        click.Option(
            ["--debug"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_use_debug,
            help="Show the traceback of an error.",
        ),
    ]


class Command(click.Command):
    """A command with the shared options."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own options, then the shared ones."""
        *own, help_option = super().get_params(ctx)
        return [*own, *_shared_options(), help_option]


class Family(click.Group):
    """Commands that share options, and whose names may be mistyped."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own options, then the shared ones."""
        *own, help_option = super().get_params(ctx)
        return [*own, *_shared_options(), help_option]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        known = self.list_commands(ctx)
        if args[0] not in known:
            raise NoSuchCommand(args[0], known, ctx)
        return super().resolve_command(ctx, args)


class Group(Family):
    """A family of commands with the shared options; without a command it lists."""

    command_class = Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `dead --json` as `dead list --json`."""
        return super().parse_args(ctx, ["list", *args] if _names_no_command(args) else args)


def _names_no_command(arguments: Sequence[str]) -> bool:
    rest = list(arguments)
    while rest and rest[0] in {"--config", "--debug"}:
        rest = rest[2 if rest[0] == "--config" else 1 :]
    return not rest or (rest[0].startswith("-") and rest[0] != "--help" and not rest[0].startswith("--config="))


class LazyGroup(Family):
    """The commands of a table, each imported only when it is run."""

    def __init__(self, name: str, *, commands_of: str, table: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(name, **settings)
        self._package = commands_of
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, as the table has them."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of this name, imported now."""
        if cmd_name not in self._table:
            return None
        with garbage_left_alone():
            command: click.Command = import_module(f"{self._package}.{self._table[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands with the table's help, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._table.items()])
