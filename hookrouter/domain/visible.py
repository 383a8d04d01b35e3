"""What a sink may see of a lead."""

from __future__ import annotations

from dataclasses import replace

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import ID_FIELDS
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.short_names import called, whole_path


def as_allowed(delivery: Delivery, policy: SinkPolicy) -> Delivery:
    """The delivery as the sink may see it: who the lead is, and the fields it is allowed."""
    if policy.only is None:
        return delivery
    seen = {*policy.only, *ID_FIELDS}
    missing = [name for name in policy.only if name not in delivery.lead]
    if missing:  # perhaps custom fields, named without the CRM's digits
        known = called(delivery.lead)
        seen.update(whole_path(name, delivery.lead, known) for name in missing)
    return replace(
        delivery,
        lead={name: value for name, value in delivery.lead.items() if name in seen},
        previous={name: value for name, value in delivery.previous.items() if name in seen},
        changed=tuple(name for name in delivery.changed if name in seen),
    )
