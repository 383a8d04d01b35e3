"""What was set aside for the operator, what is told of it, and the last push, as parts of health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from hookrouter.domain.alert import AlertMemory
from hookrouter.domain.dead_letter import DeadGroup
from hookrouter.domain.health import Part, Status
from hookrouter.domain.rejection import Rejection
from hookrouter.domain.spans import ago
from hookrouter.domain.troubles import NO_PUSH_ADVICE, no_push_trouble, of_dead, todo_of_dead

REJECTED = (
    "of the newest: {1}; `hookrouter rejected show {0}` shows it; "
    "`hookrouter rejected replay {0} --set FIELD=VALUE` sends it on mended, "
    "`hookrouter rejected drop {0}` forgets it"
)
UNREADABLE = "another version of hookrouter wrote them: let that one go on until its work is done"
MOST_TOLD = 5
LONGEST_NAME = 64
"""Characters of a field that is named in a line."""


class NewestRejected(NamedTuple):
    """The newest of the rejected leads, and the first thing that is wrong with it: a text of ours, without values."""

    id: str
    why: str


def newest_of(rejection: Rejection) -> NewestRejected:
    """What is told of a rejected lead; the field's name only where it looks like one, for senders choose it."""
    field, why = next(iter(rejection.errors.items()), ("", "nothing"))
    return NewestRejected(
        rejection.id, f"{why} ({field})" if field.isidentifier() and len(field) <= LONGEST_NAME else why
    )


def kept_parts(counts: Mapping[str, int], dead: Sequence[DeadGroup], rejected: NewestRejected | None) -> list[Part]:
    """What was set aside, by kind, with what to do; of dead letters with why, `rejected` is the newest of those."""
    advice = {
        "dead": f"{of_dead(dead)}; {todo_of_dead(dead)}",
        "rejected": _of_rejected(rejected),
        "unreadable": UNREADABLE,
    }
    return [
        Part(
            name=name,
            status=Status.WARN if count else Status.PASS,
            value=count,
            unit="kept",
            advice=advice.get(name, "") if count else "",
        )
        for name, count in counts.items()
    ]


def _of_rejected(newest: NewestRejected | None) -> str:
    name, why = newest or NewestRejected("ID", "not told by this version")
    return REJECTED.format(name, why)


def last_push_part(last: datetime | None, longest: timedelta | None, now: datetime) -> Part:
    """How old the last push is; `longest` is how old one may be before somebody wants to know."""
    age = None if last is None else max(timedelta(), now - last).total_seconds()
    trouble = None if longest is None else no_push_trouble(last, longest, now)
    if trouble is None:
        return Part(name="last_push", status=Status.PASS, value=age, unit="s")
    advice = f"{trouble.title[:1].lower()}{trouble.title[1:]}: {NO_PUSH_ADVICE}"
    return Part(name="last_push", status=Status.WARN, value=age, unit="s", advice=advice)


def alerts_part(memory: AlertMemory, now: datetime) -> Part:
    """What people were told of and is not over; each is a warning of its own elsewhere."""
    told = [f"{known.title} ({ago(now - known.since)})" for known in memory.known if known.told_at is not None]
    more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    value = "; ".join(told[:MOST_TOLD]) + more if told else "nothing to tell"
    return Part(name="alerts", status=Status.PASS, value=value)
