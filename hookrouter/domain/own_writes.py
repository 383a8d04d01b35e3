"""Our own writes, recognised when the CRM pushes them back.

A push that follows a write of ours is an echo. What was written to which lead tells, not the time alone: where a person
changed something else meanwhile, only that counts as changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hookrouter.domain.change import Change, LeadEvent, telling
from hookrouter.domain.crm_write import by_address
from hookrouter.domain.html_entities import decoded_value
from hookrouter.domain.ids import LeadKey, SourceName, Who
from hookrouter.domain.lead import EMAIL_FIELD, Json, Lead, same_value, text_of

FOLLOWERS = {"leadStatus": ("isQualified", "isContact", "isCustomer")}
"""What the CRM changes by itself when a field is written."""

MADE, GONE = "+", "-"
"""Stand for the name of a field where the lead itself was created, or deleted."""
WHOLE = {LeadEvent.CREATED: MADE, LeadEvent.DELETED: GONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A field of a lead that we wrote, and when.

    Attributes:
        mark: by which the store knows it.
        name: of the field; `MADE` or `GONE` for the lead itself.
    """

    mark: str
    name: str
    value: Json = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A change without what we wrote.

    Attributes:
        change: an `echo` where nothing else changed; else what else did.
        spent: the marks of writes that have come back, or that the lead has moved on from.
        own: the fields whose change is ours.
    """

    change: Change
    spent: tuple[Written, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(slots=True)
class OwnWrites:
    """What we wrote lately, by the names of leads in their sources."""

    by_name: dict[Who, list[Written]]

    def recognise(self, change: Change, pushed: Lead, source: SourceName) -> Recognised:
        """Tell what of a change is our own doing."""
        if not self.by_name:
            return Recognised(change=change)
        written = [each for name in names_of(pushed) for each in self.by_name.get((source, name), ())]
        return recognise(change, pushed, written)

    def spend(
        self, pushed: Lead, source: SourceName, spent: Sequence[Written]
    ) -> Iterator[tuple[LeadKey, tuple[str, ...]]]:
        """Forget what came back; under which name which marks were."""
        for name in names_of(pushed) if spent else ():
            written = self.by_name.get((source, name), [])
            marks = tuple(each.mark for each in written if each in spent)
            if marks:
                self.by_name[source, name] = [each for each in written if each not in spent]
                yield name, marks


def names_of(lead: Lead) -> list[LeadKey]:
    """The names under which something may have been written to a lead: its own, and its e-mail address."""
    address = text_of(decoded_value(lead.fields.get(EMAIL_FIELD)))
    return list(dict.fromkeys([lead.key, by_address(address)])) if address else [lead.key]


def recognise(change: Change, pushed: Lead, written: Sequence[Written]) -> Recognised:
    """Tell what of a change is our own doing.

    Args:
        change: the lead compared with its last snapshot.
        pushed: the lead as it was pushed.
        written: what we wrote to it lately, and has not come back.
    """
    if not written or change.event is LeadEvent.STALE:
        return Recognised(change=change)
    if change.event in WHOLE:
        ours = WHOLE[change.event]
        if not any(each.name == ours for each in written):
            return Recognised(change=change)
        return Recognised(change=replace(change, event=LeadEvent.ECHO), spent=tuple(written), own=(ours,))
    came = tuple(each for each in written if each.name in pushed.fields and _shows(pushed, each))
    spent = (*came, *_overtaken(written, came, pushed))
    own = tuple(name for name in change.changed if any(each.name == name for each in came))
    return Recognised(change=without_own(change, own), spent=spent, own=own)


def without_own(change: Change, own: Iterable[str]) -> Change:
    """The change without what we wrote; an echo, which tells of all of it, where that is all."""
    ours = frozenset(own)
    if not ours:
        return change
    if change.event in WHOLE:
        return replace(change, event=LeadEvent.ECHO) if WHOLE[change.event] in ours else change
    theirs = {follower for name in ours for follower in FOLLOWERS.get(name, ())}
    rest = tuple(name for name in change.changed if name not in ours and name not in theirs)
    if not telling(rest):
        return replace(change, event=LeadEvent.ECHO)
    return replace(change, changed=rest, previous={name: change.previous.get(name) for name in rest})


def _shows(pushed: Lead, written: Written) -> bool:
    """Whether a field says what we wrote; the CRM encodes some characters, and compares addresses in any case."""
    now, then = decoded_value(pushed.fields[written.name]), decoded_value(written.value)
    if written.name == EMAIL_FIELD:
        return text_of(now).strip().lower() == text_of(then).strip().lower()
    return same_value(now, then) or text_of(now).strip() == text_of(then).strip()


def _overtaken(written: Sequence[Written], came: Sequence[Written], pushed: Lead) -> list[Written]:
    """Marks that nothing will come back for: of before the write that came, or of before the pushed change."""
    came_at = {each.name: max(one.at for one in came if one.name == each.name) for each in came}
    updated_at = pushed.updated_at
    return [
        each
        for each in written
        if each not in came and each.name in pushed.fields
        if (each.name in came_at and each.at <= came_at[each.name]) or (updated_at is not None and updated_at > each.at)
    ]
