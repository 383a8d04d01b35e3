"""A pending lead: its history must be known before all its routes can be told."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.change import Change
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import RouteName


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What is to be decided; `routes` are those that were left open, `is_routed` says that another took the lead."""

    occasion: Occasion
    change: Change
    routes: tuple[RouteName, ...]
    is_routed: bool = False
