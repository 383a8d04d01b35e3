"""Decides what is told of what is wrong: once, not at every flicker, again after a day, and when it is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.alert import Alert, AlertKind, AlertMemory, Known, News, Trouble
from hookrouter.domain.spans import span_in_words

AGAIN_AFTER = timedelta(days=1)
MORE_AFTER = timedelta(hours=1)
"""More of the same is told when the last time is so long ago: one that nobody sees to must not hide what is new."""
TENFOLD = 10
"""Ten times as much of the same is told before the day is over."""
MOST_ALONE = 3
"""More of one kind that are found at one look share a message: where the network is away, every sink is."""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Patience:
    """How long something must be seen before it is told, and not be seen before it is told to be over."""

    bad: timedelta = timedelta()
    well: timedelta = timedelta()


PATIENCE = {
    AlertKind.CIRCUIT_OPEN: Patience(bad=timedelta(minutes=1), well=timedelta(minutes=2)),  # a restart tells nobody
    AlertKind.LAG: Patience(well=timedelta(minutes=2)),  # its own measure is a time already
    AlertKind.DEAD: Patience(bad=timedelta(seconds=20)),  # so that the first of a hundred does not come alone
    AlertKind.NO_PUSH_FOR: Patience(),
    AlertKind.CRM_QUOTA: Patience(well=timedelta(minutes=5)),  # a refused call is asked again each minute
}


def look(troubles: Sequence[Trouble], memory: AlertMemory, now: datetime) -> tuple[AlertMemory, list[Alert]]:
    """What is remembered after a look at what is wrong, and what is told of it.

    What is remembered of kinds that are not looked for any more is to be left out of `memory` before.
    """
    before = {known.name: known for known in memory.known}
    after: list[Known] = []
    alerts: list[Alert] = []
    for trouble in troubles:
        known, news = _seen(trouble, before.pop(trouble.name, None), now)
        after.append(known)
        if news is not None:
            alerts.append(_alert_of(trouble, known, news, now))
    for gone in before.values():
        left, is_over = _not_seen(gone, now)
        after += [left] if left is not None else []
        alerts += [_over(gone, now)] if is_over else []
    return replace(memory, looked_at=now, known=after), list(_bundled(alerts))


def _seen(trouble: Trouble, known: Known | None, now: datetime) -> tuple[Known, News | None]:
    since = trouble.since or (now if known is None else known.since)
    if known is None:
        known = Known(
            kind=trouble.kind, about=trouble.about, since=since, seen_at=now, title=trouble.title, over=trouble.over
        )
    known = replace(known, since=min(since, known.since), title=trouble.title, over=trouble.over, well_since=None)
    told = replace(known, told_at=now, told_size=trouble.size)
    if known.told_at is None:
        is_due = now - known.seen_at >= PATIENCE[trouble.kind].bad
        return (told, News.RAISED) if is_due else (known, None)
    age = now - known.told_at
    known = replace(known, told_size=min(known.told_size, trouble.size))
    is_more = trouble.size > known.told_size and (age >= MORE_AFTER or 0 < known.told_size * TENFOLD <= trouble.size)
    return (told, News.STILL) if is_more or age >= AGAIN_AFTER else (known, None)


def _not_seen(known: Known, now: datetime) -> tuple[Known | None, bool]:
    """What is left to remember of something that is seen no more, and whether it is over for those who were told."""
    if known.told_at is None:
        return None, False
    well_since = known.well_since or now
    if now - well_since >= PATIENCE[known.kind].well:
        return None, True
    return replace(known, well_since=well_since), False


def _alert_of(trouble: Trouble, known: Known, news: News, now: datetime) -> Alert:
    return Alert(
        kind=trouble.kind,
        about=trouble.about,
        news=news,
        title=trouble.title if news is News.RAISED else f"Still: {trouble.title[:1].lower()}{trouble.title[1:]}",
        wrong=trouble.wrong,
        todo=trouble.todo,
        since=known.since,
        at=now,
    )


def _over(known: Known, now: datetime) -> Alert:
    ended = known.well_since or now
    lasted = span_in_words(max(0.0, (ended - known.since).total_seconds()))
    return Alert(
        kind=known.kind,
        about=known.about,
        news=News.CLEARED,
        title=f"Over: {known.over}",
        wrong=f"It took {lasted}.",
        todo="",
        since=known.since,
        at=now,
    )


def _bundled(alerts: Sequence[Alert]) -> Iterator[Alert]:
    """The alerts; those of one kind as one where they are many."""
    groups: dict[tuple[AlertKind, News], list[Alert]] = {}
    for alert in alerts:
        groups.setdefault((alert.kind, alert.news), []).append(alert)
    for group in groups.values():
        if len(group) <= MOST_ALONE:
            yield from group
        else:
            yield _bundle(group)


def _bundle(group: Sequence[Alert]) -> Alert:
    first = group[0]
    more = f" (and {len(group) - MOST_NAMED} more)" if len(group) > MOST_NAMED else ""
    return replace(
        first,
        about=", ".join(alert.about for alert in group),
        title=f"{first.title}; {len(group) - 1} others likewise",
        wrong="\n".join(f"{alert.title}. {alert.wrong}" for alert in group[:MOST_NAMED]) + more,
        todo=" ".join(dict.fromkeys(alert.todo for alert in group[:MOST_NAMED] if alert.todo)),
        since=min(alert.since for alert in group),
    )
