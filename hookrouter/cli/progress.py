"""How far a long command has come, shown on a terminal and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hookrouter.cli.screen import screen


@contextmanager
def leads_read() -> Iterator[Callable[[int], None]]:
    """What shows how many leads were read; how many there are the CRM does not say."""
    console = screen(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} leads read"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=None)
        yield lambda count: shown.update(task, completed=count)
