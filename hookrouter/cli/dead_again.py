"""`hookrouter dead replay` and `dead drop`: what is done with the letters that the operator chose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click
from rich.progress import track

from hookrouter.cli.audited import deed
from hookrouter.cli.command import Command
from hookrouter.cli.interrupted import stopped_by_interrupt
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import screen, show_json
from hookrouter.cli.wanted import Meant, insist_on_names, meaning
from hookrouter.domain.audit import Act
from hookrouter.domain.errors import HookrouterError
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk
from hookrouter.usecases.dead_letters import Tended
from hookrouter.wire.config.unit_fields import read_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which letters are meant."""

    ids: tuple[str, ...]
    meant: Meant

    @property
    def words(self) -> str:
        """Which, for the audit log."""
        return ", ".join(self.ids) or self.meant.words or "all"

    def of(self, runtime: Runtime) -> Sequence[str]:
        """Their ids, each once."""
        if self.ids:
            return list(dict.fromkeys(self.ids))
        found = Desk(runtime).dead_letters().select(self.meant.at(runtime.clock.now()))
        if not found:
            insist_on_names(self.meant, runtime.config)
        return found


def selecting(action: Callable[..., int]) -> Callable[..., int]:
    """Give a command the arguments that choose letters, as its `selection`."""

    @click.argument("ids", metavar="[ID]...", nargs=-1)
    @meaning
    @click.option("--all", "every", is_flag=True, help="All there are.")
    @wraps(action)
    def with_selection(*, ids: tuple[str, ...], meant: Meant, every: bool, **others: Any) -> int:
        if bool(ids) == (every or meant.is_anything):
            raise click.UsageError("name letters by ID, or say --sink, --route, --since, --until or --all")
        return action(selection=Selection(ids=ids, meant=meant), **others)

    return with_selection


def _rate(text: str) -> float:
    try:
        return read_rate(text)
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from None


@click.command("replay", cls=Command, short_help="Try dead letters again.")
@selecting
@click.option("--rate", default="100/s", show_default=True, metavar="RATE", type=_rate, help="No faster than this.")
@AS_JSON
def replay_dead(*, selection: Selection, rate: float, as_json: bool) -> int:
    """Try dead letters again, under the same delivery ids, as if for the first time; the oldest first.

    Ctrl-C stops it between two letters; the same command goes on with those that are left.
    """
    runtime = open_cli()
    desk, chosen = Desk(runtime), selection.of(runtime)
    with stopped_by_interrupt(runtime), deed(runtime, Act.REPLAY_DEAD, selection.words) as result:
        tended = desk.dead_letters().replay(_with_progress(chosen), desk.pace(rate))
        result.say(tended.words("replayed"))
    code = _report(tended, "replayed", as_json=as_json)
    if tended.left:
        raise click.Abort
    return code


@click.command("drop", cls=Command)
@selecting
@click.option("--yes", is_flag=True, help="Do not ask for confirmation; nothing can be undone.")
@AS_JSON
def drop_dead(*, selection: Selection, yes: bool, as_json: bool) -> int:
    """Forget dead letters for good."""
    runtime = open_cli()
    chosen = selection.of(runtime)
    if chosen and not yes:
        try:
            agreed = click.confirm(f"Forget {_letters(len(chosen))} for good?", err=True)
        except click.Abort:  # nobody is there to answer, or Ctrl-C
            agreed = False
        if not agreed:
            raise HookrouterError("nothing is dropped; --yes drops without asking")
    with deed(runtime, Act.DROP_DEAD, selection.words) as result:
        tended = Desk(runtime).dead_letters().drop(_with_progress(chosen))
        result.say(tended.words("dropped"))
    return _report(tended, "dropped", as_json=as_json)


def _with_progress(ids: Sequence[str]) -> Iterable[str]:
    console = screen(stderr=True)
    return track(ids, description="", console=console, transient=True, disable=not console.is_terminal)


def _report(tended: Tended, done: str, *, as_json: bool) -> int:
    """Say what became of the letters; 1 when some could not be done."""
    if as_json:
        left = {"left": tended.left} if tended.left else {}
        show_json({done: tended.done, "gone": tended.gone, "no_such_sink": tended.homeless, **left})
    else:
        rest = f", {len(tended.left)} left: the same command goes on with them" if tended.left else ""
        click.echo(f"{_letters(len(tended.done))} {done}{rest}")
        if tended.gone:
            click.echo(f"not among the dead letters: {', '.join(tended.gone)}", err=True)
        if tended.homeless:
            homeless = _letters(len(tended.homeless))
            click.echo(f"{homeless} left: the configuration has no sink of that name any more", err=True)
    return 1 if tended.gone or tended.homeless else 0


def _letters(count: int) -> str:
    return f"{count} dead letter" + ("" if count == 1 else "s")
