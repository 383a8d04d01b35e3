"""What the book of leads tells of each change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hookrouter.simulator.lead_fields import SimulatedLead


class Hand(StrEnum):
    """Who wrote in the book."""

    API = "api"
    PEOPLE = "people"  # a form, an import, an automation: what was meant stands there as it is
    TYPED = "typed"  # a user in the application, which encodes what is typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A lead as it stood right after one change."""

    lead: SimulatedLead
    created: bool
    changed: frozenset[str]  # names of fields
    hand: Hand
