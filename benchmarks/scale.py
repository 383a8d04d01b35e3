"""How much is measured: everything in some minutes, or the same in less than two."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The sizes of one run; seconds unless it says otherwise.

    Attributes:
        sizes: leads a push.
        textbook_sizes: the same for the textbook stack, which takes seconds for 500 and has one round only.
        rounds: how often each comparison is repeated; all stacks take their turn in each round.
        saturated: one receiver under load.
        paced: one receiver at a steady rate.
        leads: leads delivered at once answers; `slow_leads` at slow ones.
        textbook_leads: the same for the textbook stack, which would take minutes for more.
        isolated: leads for each of nine slow sinks (quick ones get more), with and without a tenth that is silent.
        singles: leads pushed into an idle system.
        entries: entries of the stream comparison.
        logged: deliveries in the store while the console's pages are looked at; `looks`, how often at each.
    """

    sizes: tuple[int, ...] = (1, 25, 500)
    textbook_sizes: tuple[int, ...] = (1, 25, 500)
    rounds: int
    saturated: float
    paced: float
    leads: int
    slow_leads: int
    textbook_leads: int
    isolated: int
    singles: int
    entries: int
    logged: int
    looks: int


FULL = Scale(
    rounds=3,
    saturated=2.0,
    paced=4.0,
    leads=20_000,
    slow_leads=2_000,
    textbook_leads=75,
    isolated=500,
    singles=30,
    entries=5_000,
    logged=100_000,
    looks=20,
)
QUICK = Scale(
    textbook_sizes=(1, 25),
    rounds=1,
    saturated=0.8,
    paced=1.5,
    leads=5_000,
    slow_leads=400,
    textbook_leads=25,
    isolated=50,
    singles=10,
    entries=1_000,
    logged=10_000,
    looks=5,
)

USUAL = 25
"""Leads a push, where nothing else is said."""
PACE = 50.0
"""Pushes a second."""
SLOW = 50
"""Milliseconds that a slow sink takes."""
