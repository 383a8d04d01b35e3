"""The canary: a lead of our own whose field is changed regularly, to see whether pushes come back.

Its own changes are no news to people: they lead to no delivery. What else changes of the lead is routed as ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from hookrouter.domain.change import Change, LeadEvent
from hookrouter.domain.ids import LeadKey, SourceName, Who
from hookrouter.domain.lead import text_of

USUAL_FIELD = "description"
MARK = "canary"
"""What the value of its field begins with; the rest makes each change another one."""
TELL_NOTHING = frozenset({LeadEvent.CREATED, LeadEvent.ECHO, LeadEvent.UNCHANGED, LeadEvent.STALE})
"""Of a lead that bears a mark: it was never seen before, or nothing changed but that and what we wrote."""
_MARKED = re.compile(rf"{MARK}_[0-9a-f]{{24}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """Which lead is changed, in which field, and how long its push may take.

    Attributes:
        every: the time between two changes.
    """

    source: SourceName
    lead: LeadKey
    field: str = USUAL_FIELD
    every: timedelta = timedelta(hours=1)
    within: timedelta = timedelta(minutes=2)

    @property
    def who(self) -> Who:
        """Who it is among all leads."""
        return (self.source, self.lead)

    def mark_in(self, change: Change) -> str:
        """The mark that its field has; '' when it has none."""
        text = text_of(change.lead.fields.get(self.field))
        return text if _MARKED.fullmatch(text) else ""

    def judge(self, change: Change) -> tuple[Change, bool]:
        """The change as people are to see it, and whether nothing of it is for them."""
        seen = without_field(change, self.field)
        has_mark = bool(self.mark_in(change))
        tells_nothing = seen.event in TELL_NOTHING or (seen.event is LeadEvent.UPDATED and not seen.changed)
        return seen, has_mark and tells_nothing


def for_people(canary: Canary | None, source: SourceName, change: Change) -> tuple[Change, str]:
    """A change as people are to see it; and the canary's mark, when nothing else is in it for them."""
    if canary is None or canary.who != (source, change.lead.key):
        return change, ""
    seen, is_own = canary.judge(change)
    return seen, canary.mark_in(change) if is_own else ""


def mark_of(canary: Canary | None, source: SourceName, change: Change) -> str:
    """The mark that a change of the canary's lead brings, whatever else is in it: its push has come; '' when none."""
    return "" if canary is None or canary.who != (source, change.lead.key) else canary.mark_in(change)


def without_field(change: Change, field: str) -> Change:
    """A change as if it had not touched a field."""
    if field not in change.changed:
        return change
    changed = tuple(name for name in change.changed if name != field)
    is_left = bool(changed) or change.event is not LeadEvent.UPDATED
    return replace(
        change,
        event=change.event if is_left else LeadEvent.UNCHANGED,
        changed=changed,
        previous={name: value for name, value in change.previous.items() if name != field},
    )
