"""What became of the changes and the pushes, counted exactly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class PushCounts:
    """Counts since the start; a lead pushed to two subscribers counts twice among those pushed.

    With one subscriber, once nothing waits: pushed = changes - unsaid - lost + doubled.

    Attributes:
        sent: pushes that set out.
        acked: pushes answered with 2xx.
        failed: pushes that were not.
        leads_pushed: leads in the pushes that set out.
        leads_acked: leads in the pushes answered with 2xx.
        unsaid: changes that are never pushed by rule: nobody subscribed, or such changes are switched off.
        lost: changes that were to be pushed and were not.
        doubled: changes that were pushed twice.
        reordered: changes that were held for a newer one to pass.
        delayed: changes that were held for a time.
        leads_overtaken: leads taken after a newer change of theirs had been.
    """

    sent: int = 0
    acked: int = 0
    failed: int = 0
    leads_pushed: int = 0
    leads_acked: int = 0
    unsaid: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    delayed: int = 0
    leads_overtaken: int = 0
