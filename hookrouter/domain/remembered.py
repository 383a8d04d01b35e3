"""What is remembered of a lead: how it was last seen, and how it was before a push."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hookrouter.domain.ids import PushId
from hookrouter.domain.lead import Fields, Json
from hookrouter.domain.speed import Waiting

NOBODY = PushId("")
_NOTHING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A lead as last seen.

    Attributes:
        waiting: since when it waits for somebody to react, by the routes that told of it.
        push: the one that last changed it; '' when that is not known, as for what a baseline laid down.
    """

    fields: Fields
    push: PushId = NOBODY
    waiting: Waiting = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How a lead was before a push, told by its difference from what was pushed.

    Attributes:
        fields: what it had otherwise, and what the push left out.
        absent: what it did not have.
        is_known: False when it was never seen before.
        own: the fields whose change was our own writing, which came back.
        push: the one that had last changed it before; '' when that is not known. So a lead's pushes are a chain, along
            which its story is told without a search.
    """

    fields: Fields
    absent: tuple[str, ...]
    is_known: bool = True
    own: tuple[str, ...] = ()
    push: PushId = NOBODY

    def of(self, pushed: Fields) -> dict[str, Json] | None:
        """The lead as it was; None when it was never seen."""
        if not self.is_known:
            return None
        gone = {*self.absent, *self.fields}
        return {**{name: value for name, value in pushed.items() if name not in gone}, **self.fields}


NEVER_SEEN = Before(fields={}, absent=(), is_known=False)


def before(pushed: Fields, snapshot: Snapshot | None, own: tuple[str, ...] = ()) -> Before:
    """How a lead was, by its last snapshot; `own` are the fields whose change was ours."""
    if snapshot is None:
        return replace(NEVER_SEEN, own=own) if own else NEVER_SEEN
    was = snapshot.fields
    otherwise = {name: value for name, value in was.items() if pushed.get(name, _NOTHING) != value}
    return Before(fields=otherwise, absent=tuple(pushed.keys() - was.keys()), own=own, push=snapshot.push)
