"""Whom a lead would be given to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hookrouter.domain.assignment import Assigned, Board, Wanted, decide
from hookrouter.domain.delivery import Delivery, Occasion, delivery_id
from hookrouter.domain.given_on import GivenBy
from hookrouter.domain.ids import SinkName, Who
from hookrouter.domain.lead import Json, Lead, text_of
from hookrouter.domain.routing import Route
from hookrouter.domain.teams import Teams

UNKNOWN = "whose turn it is is not known offline"
OWNER = "ownerID"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedAssignment:
    """Whom a lead would be given to.

    Attributes:
        to: the sink that would take it instead of the route's own, when nobody may.
        is_known: it is by the turns of now; else as if nobody had had one.
    """

    assigned: Assigned
    to: SinkName | None
    is_known: bool

    def as_json(self) -> dict[str, Json]:
        """As `explain --json` prints it."""
        of = self.assigned
        told: dict[str, Json] = {"team": of.team, "owner": of.owner, "name": of.name, "reason": of.reason}
        return {**told, "otherwise": self.to, "known": self.is_known}

    def __str__(self) -> str:
        """In words: `for Ada Brown (Ben away, Ada next)`."""
        of = self.assigned
        if self.is_known:
            return f"for {of.name} ({of.reason})" if of.is_somebody else f"for nobody ({of.reason})"
        first = f"if nobody had a lead before, for {of.name} ({of.reason})" if of.is_somebody else of.reason
        return f"{UNKNOWN}; {first}"


@dataclass(slots=True, kw_only=True)
class KnownTurns:
    """What is known of whose turn it is, and of who has which lead; it learns as leads are explained.

    Attributes:
        at: the moment of it; None when nobody looked.
    """

    board: Board = field(default_factory=Board)
    given: dict[Who, GivenBy] = field(default_factory=dict)
    at: datetime | None = None

    def explain(self, teams: Teams, route: Route, lead: Lead, occasion: Occasion) -> ExplainedAssignment | None:
        """Whom a route would give a lead to; None when it gives it to nobody."""
        if route.assign is None or route.shadow or not route.to:
            return None
        who = (occasion.source, lead.key)
        owner = text_of(lead.fields.get(OWNER)).strip()
        wanted = Wanted(team=route.assign, push=occasion.push, place=occasion.place, owner=owner)
        known = self.given.get(who, {})
        decided = decide(teams, self.board, wanted, known.get(route.assign), self.at or occasion.received_at)
        if decided.given is not None:
            self.given[who] = {**known, route.assign: decided.given}
        return ExplainedAssignment(assigned=decided.assigned, to=decided.to, is_known=self.at is not None)


def given_to(
    deliveries: Sequence[Delivery], assignment: ExplainedAssignment | None, occasion: Occasion
) -> Sequence[Delivery]:
    """A route's deliveries with whom their lead would be given to, or the one that would take their place."""
    if assignment is None or not deliveries:
        return deliveries
    if assignment.to is not None:
        first = deliveries[0]
        name = delivery_id(occasion, first.lead_key, first.route, assignment.to)
        deliveries = [replace(first, id=name, sink=assignment.to)]
    return [replace(delivery, assigned=assignment.assigned) for delivery in deliveries]


Assignments = Mapping[str, ExplainedAssignment | None]
"""By route."""
