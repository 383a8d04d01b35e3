"""`hookrouter dead replay` and `dead drop`: what is done with the letters that the operator means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps

import click
from rich.progress import track

from hookrouter.cli.command import Command
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import screen, show_json
from hookrouter.desk import Desk
from hookrouter.domain.errors import HookrouterError
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.usecases.dead_letters import TendDeadLetters, Tended

SINK = click.option("--sink", metavar="NAME", type=SinkName, help="Of this sink.")
ROUTE = click.option("--route", metavar="NAME", type=RouteName, help="Of this route.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which letters are meant."""

    ids: tuple[str, ...]
    sink: SinkName | None
    route: RouteName | None

    def of(self, letters: TendDeadLetters) -> list[str]:
        """Their ids, each once."""
        return list(dict.fromkeys(self.ids)) or list(letters.select(sink=self.sink, route=self.route))


def selecting(action: Callable[..., int]) -> Callable[..., int]:
    """Give a command the arguments that choose letters, as its `selection`."""

    @click.argument("ids", metavar="[ID]...", nargs=-1)
    @SINK
    @ROUTE
    @click.option("--all", "every", is_flag=True, help="All there are.")
    @wraps(action)
    def with_selection(
        *, ids: tuple[str, ...], sink: SinkName | None, route: RouteName | None, every: bool, **flags: bool
    ) -> int:
        by_filter = every or sink is not None or route is not None
        if bool(ids) == by_filter:
            raise click.UsageError("name letters by ID, or say --sink, --route or --all")
        return action(selection=Selection(ids=ids, sink=sink, route=route), **flags)

    return with_selection


@click.command("replay", cls=Command, short_help="Try dead letters again.")
@selecting
@AS_JSON
def replay_dead(*, selection: Selection, as_json: bool) -> int:
    """Try dead letters again, under the same delivery ids, as if for the first time."""
    letters = Desk(open_cli()).dead_letters()
    return _report(letters.replay(_with_progress(selection.of(letters))), "replayed", as_json=as_json)


@click.command("drop", cls=Command)
@selecting
@click.option("--yes", is_flag=True, help="Do not ask; they are gone for good.")
@AS_JSON
def drop_dead(*, selection: Selection, yes: bool, as_json: bool) -> int:
    """Forget dead letters for good."""
    letters = Desk(open_cli()).dead_letters()
    chosen = selection.of(letters)
    if chosen and not yes:
        try:
            agreed = click.confirm(f"Forget {_letters(len(chosen))} for good?", err=True)
        except click.Abort:  # nobody is there to answer, or Ctrl-C
            agreed = False
        if not agreed:
            raise HookrouterError("nothing is dropped; --yes drops without asking")
    return _report(letters.drop(_with_progress(chosen)), "dropped", as_json=as_json)


def _with_progress(ids: list[str]) -> Iterable[str]:
    console = screen(stderr=True)
    return track(ids, description="", console=console, transient=True, disable=not console.is_terminal)


def _report(tended: Tended, done: str, *, as_json: bool) -> int:
    """Say what became of the letters; 1 when some could not be done."""
    if as_json:
        show_json({done: tended.done, "gone": tended.gone, "no_such_sink": tended.homeless})
    else:
        click.echo(f"{_letters(len(tended.done))} {done}")
        if tended.gone:
            click.echo(f"not among the dead letters: {', '.join(tended.gone)}", err=True)
        if tended.homeless:
            left = _letters(len(tended.homeless))
            click.echo(f"{left} left: the configuration has no sink of that name any more", err=True)
    return 1 if tended.gone or tended.homeless else 0


def _letters(count: int) -> str:
    return f"{count} dead letter" + ("" if count == 1 else "s")
