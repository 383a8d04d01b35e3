"""A digest: several deliveries of one sink that go out as one message."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from hookrouter.domain.assignment import Assigned
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import DeliveryId, LeadKey, RouteName, Who
from hookrouter.domain.lead import text_of
from hookrouter.domain.policy import Digest
from hookrouter.domain.short_names import called, whole_path
from hookrouter.domain.superseding import is_later, superseding

OF_ASSIGNED: Mapping[str, Callable[[Assigned], str]] = {
    "assigned.owner": lambda assigned: assigned.owner,
    "assigned.name": lambda assigned: assigned.name,
    "assigned.slack": lambda assigned: assigned.slack,
    "assigned.email": lambda assigned: assigned.email,
    "assigned.team": lambda assigned: assigned.team,
}
"""What a digest may be `by` besides the fields of a lead: the person it was given to."""
SEVERAL_ROUTES = RouteName("digest")
"""Stands for the route of a digest whose members came by different routes."""


def digest_id(members: Sequence[Delivery]) -> DeliveryId:
    """The digest's name, which is the same for the same deliveries in any order."""
    names = "\n".join(sorted(delivery.id for delivery in members))
    return DeliveryId("g_" + hashlib.sha256(names.encode()).hexdigest()[:32])


def shared_by(delivery: Delivery, digest: Digest | None) -> str:
    """What the leads of one digest have in common: the value of its `by`, whose field may have a short name."""
    if digest is None or digest.by is None:
        return ""
    if (part := OF_ASSIGNED.get(digest.by)) is not None:
        return "" if delivery.assigned is None else part(delivery.assigned)
    value = delivery.lead.get(whole_path(digest.by, delivery.lead, called(delivery.lead)))
    return text_of(value).strip()


def latest_of(deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
    """The latest delivery of each lead by each route, which also tells the news of the earlier ones."""
    latest: dict[tuple[Who, RouteName], Delivery] = {}
    for delivery in deliveries:
        name = (delivery.who, delivery.route)
        earlier = latest.pop(name, None)
        if earlier is None or not is_later(delivery, earlier):
            latest[name] = delivery if earlier is None else superseding(earlier, delivery)
        else:
            latest[name] = superseding(delivery, earlier)
    return tuple(latest.values())


def gather(members: Sequence[Delivery]) -> Delivery:
    """One delivery made of one or more, which are attempted, retried and given up together."""
    name, first = digest_id(members), members[0]
    routes = {delivery.route for delivery in members}
    return Delivery(
        id=name,
        sink=first.sink,
        route=first.route if len(routes) == 1 else SEVERAL_ROUTES,
        push=first.push,
        source=first.source,
        received_at=min(delivery.received_at for delivery in members),
        event=LeadEvent.UPDATED,
        lead_key=LeadKey(name),
        lead={},
        changed=(),
        previous={},
        revision=members[-1].revision,
        members=tuple(members),
    )
