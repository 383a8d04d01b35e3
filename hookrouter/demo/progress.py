"""Shows how the demo is going: a live table on a terminal, otherwise a plain line now and then."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.live import Live

from hookrouter.clock import SystemClock
from hookrouter.demo.figures import Figures
from hookrouter.demo.summary import progress_line, summary_table

LINE_EVERY = 5.0  # seconds

Show = Callable[[Figures], None]


@contextlib.contextmanager
def progress(console: Console, *, title: str) -> Iterator[Show]:
    """Gives what shows the numbers; call it as often as you like."""
    if not console.is_terminal:
        yield _lines(console)
        return
    with Live(console=console, transient=True, auto_refresh=False) as live:
        yield lambda figures: live.update(summary_table(figures, title=title), refresh=True)


def _lines(console: Console) -> Show:
    clock = SystemClock()
    last = clock.monotonic()

    def show(figures: Figures) -> None:
        nonlocal last
        if clock.monotonic() - last >= LINE_EVERY:
            last = clock.monotonic()
            console.print(progress_line(figures), soft_wrap=True, highlight=False)

    return show
