"""Superseding: a later delivery that replaces an earlier one which never arrived."""

from __future__ import annotations

from dataclasses import replace

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import same_value


def is_later(delivery: Delivery, than: Delivery) -> bool:
    """Whether a delivery was pushed no earlier than another: one that was dead and is replayed may be the older."""
    return delivery.received_at >= than.received_at


def _event_of_both(earlier: LeadEvent, later: LeadEvent) -> LeadEvent:
    return LeadEvent.CREATED if earlier is LeadEvent.CREATED and later is not LeadEvent.DELETED else later


def superseding(later: Delivery, earlier: Delivery) -> Delivery:
    """The later delivery, telling also what the earlier one would have told.

    The far side never saw the lead as the earlier one had it: what changed counts from before both, and a lead that was
    new is still new to it. What changed and was changed back did not change. A reminder is not lost behind later news:
    these tell, too, that nobody had reacted, in the step's usual words, for its own spoke of the lead as it was.
    """
    before = {**later.previous, **earlier.previous}
    changed = tuple(
        name
        for name in dict.fromkeys((*earlier.changed, *later.changed))
        if not same_value(before.get(name), later.lead.get(name))
    )
    return replace(
        later,
        step=later.step or earlier.step,
        event=_event_of_both(earlier.event, later.event),
        changed=changed,
        previous={name: before[name] for name in changed if name in before},
        timeline=later.timeline or earlier.timeline,
        lists=later.lists or earlier.lists,
    )
