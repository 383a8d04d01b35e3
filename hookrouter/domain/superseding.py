"""Superseding: a later delivery that replaces an earlier one which never arrived."""

from __future__ import annotations

from dataclasses import replace

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import same_value


def is_later(delivery: Delivery, than: Delivery) -> bool:
    """Whether a delivery was pushed no earlier than another; a replayed dead letter may be the older one."""
    return delivery.received_at >= than.received_at


def _event_of_both(earlier: LeadEvent, later: LeadEvent) -> LeadEvent:
    return LeadEvent.CREATED if earlier is LeadEvent.CREATED and later is not LeadEvent.DELETED else later


def superseding(later: Delivery, earlier: Delivery) -> Delivery:
    """The later delivery, which also tells the news of the earlier one.

    The far side never saw the lead as the earlier delivery had it. So changes count from before both, a new lead is
    still new, and what was changed back did not change. A reminder is not lost behind later news: the later delivery
    tells, too, that nobody had reacted, but in the step's usual words, because its own spoke of the lead as it was.
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
