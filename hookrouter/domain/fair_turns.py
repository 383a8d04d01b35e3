"""Fair turns: whoever is behind their share comes next, so that nobody is ever a whole lead off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FINE = 1000
"""Parts that a share's unit is divided into, so that claims are carried over exactly enough when the shares change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Whose turn it is, and what is owed to each afterwards, in parts of a lead of which `unit` make one."""

    whose: str
    unit: int
    credits: Mapping[str, int]


def next_turn(shares: Mapping[str, int], credits_now: Mapping[str, int], unit: int) -> Turn:
    """The next turn among those who may take one.

    With each turn everybody who may take it earns their share of a lead, and whoever takes it pays a whole one. Of all
    who are owed anything, the one comes next who would otherwise be the first to be owed a whole lead. Tijdeman showed
    ("The chairman assignment problem", 1980) that everybody can be kept within one lead of their share at every moment,
    and serving the earliest deadline first does so whenever that is possible. The usual smooth weighted round robin,
    which takes whoever is owed the most, exceeds one lead among five and more. Whoever may not take a turn neither
    earns nor loses: nobody finds a pile after a holiday.

    Args:
        shares: of those who may, in their order; one at least.
        credits_now: what is owed to each, by the `unit` of then.
        unit: 0 when nothing is owed to anybody.
    """
    whole = sum(shares.values()) * FINE
    owed = {name: _rescaled(credits_now.get(name, 0), unit, whole) + share * FINE for name, share in shares.items()}
    behind = [name for name in shares if owed[name] > 0] or list(shares)
    first = min(behind, key=lambda name: ((whole - 1 - owed[name]) // (shares[name] * FINE), -owed[name]))
    owed[first] -= whole
    others = {name: _rescaled(credit, unit, whole) for name, credit in credits_now.items() if name not in shares}
    return Turn(whose=first, unit=whole, credits={**others, **owed})


def without(gone: Mapping[str, int], credits_now: Mapping[str, int], shares: Mapping[str, int]) -> dict[str, int]:
    """What is owed to those who stay when some go for good: what the others claimed or owed, too, by their shares."""
    left = sum(gone.values())
    whole = sum(shares.values())
    if not left or not whole:
        return dict(credits_now)
    return {name: credits_now.get(name, 0) + left * share // whole for name, share in shares.items()}


def _rescaled(credit: int, unit: int, whole: int) -> int:
    if unit in {0, whole}:
        return credit if unit else 0
    return (2 * credit * whole + unit) // (2 * unit)
