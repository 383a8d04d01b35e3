"""Whether messages arrive in time: how long each lead waited, against the objectives of the routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lead import UPDATED_FIELD, crm_time
from hookrouter.domain.routing import Objective, Route


@dataclass(frozen=True, slots=True)
class Objectives:
    """Those of the routes, and the hours outside of which a route's deliveries are held on purpose."""

    of: Mapping[RouteName, Objective] = field(default_factory=dict)
    hours: Hours = ALWAYS

    def waited(self, delivery: Delivery, now: datetime) -> timedelta:
        """How long a lead waited that is delivered now.

        It began with the change in the CRM, as that tells; with the push, if it tells nothing or a moment yet to come;
        and for a route that was not open then, with its opening: nobody waits for a message at night.
        """
        began = delivery.received_at
        updated = crm_time(delivery.lead.get(UPDATED_FIELD))
        if updated is not None and updated < began:
            began = updated
        if delivery.route in self.hours.times:
            began = self.hours.opens(delivery.route, began) or now
        return max(now - began, timedelta())

    def are_missed(self, route: RouteName, waited: timedelta) -> bool:
        """Whether a route's lead waited for too long."""
        objective = self.of.get(route)
        return objective is not None and waited > objective.within


NO_OBJECTIVES = Objectives()


def objectives_of(routes: Iterable[Route], hours: Hours) -> Objectives:
    """The objectives of these routes."""
    return Objectives({route.name: route.objective for route in routes if route.objective is not None}, hours)
