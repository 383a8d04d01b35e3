"""A burst: more messages in a while than people read; those beyond the rate are gathered into one summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import EntryId
from hookrouter.domain.lead import CREATED_FIELD, text_of

MOST_IMPORTS = 100
"""Imports that are remembered at once; a CRM that creates leads for a minute makes sixty."""
LEAST_ALONE = 100
"""At least this many messages that go alone are remembered by name, in case a drain is killed before it sends them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """At most `over` messages may go out one by one in each span of `per`."""

    over: int
    per: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A delivery that came into an outbox; `alike` is what it shares with other leads of the same import."""

    entry: EntryId
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tide:
    """What is known of a sink's flow of messages, kept from one drain to the next.

    Attributes:
        window_from: when the window began in which messages are counted.
        arrived: how many have come since, without those of imports.
        is_high: whether too many came, so that all are gathered until a whole window was calm.
        judged: the last entry of the outbox that was judged.
        names: the names of the latest entries that may go out by themselves.
        imports: what the leads of the latest imports have in common.
    """

    window_from: datetime | None = None
    arrived: int = 0
    is_high: bool = False
    judged: EntryId | None = None
    names: tuple[EntryId, ...] = ()
    imports: tuple[str, ...] = ()

    def goes_alone(self, entry: EntryId) -> bool:
        """Whether an entry that was judged goes out by itself."""
        return entry in self.names

    def has_judged(self, entry: EntryId) -> bool:
        """Whether an entry was judged."""
        return self.judged is not None and place_of(entry) <= place_of(self.judged)


LOW = Tide()


def after(tide: Tide, arrivals: Sequence[Arrival], burst: Burst, now: datetime) -> Tide:
    """The tide after arrivals, given in the order of their entries; ask its `goes_alone` what becomes of each.

    What was judged before keeps its judgement, because a new drain reads again what the last one left.
    """
    new = [arrival for arrival in arrivals if not tide.has_judged(arrival.entry)]
    if not new:
        return tide
    tide = _in_window(tide, burst, now)
    imports = (*tide.imports, *_imports(new, burst.over, tide.imports))[-MOST_IMPORTS:]
    known = frozenset(imports)
    arrived, is_high, names = tide.arrived, tide.is_high, list(tide.names)
    for arrival in new:
        if not known.isdisjoint(arrival.alike):
            continue
        arrived += 1
        is_high = is_high or arrived > burst.over
        if not is_high:
            names.append(arrival.entry)
    return replace(
        tide,
        arrived=arrived,
        is_high=is_high,
        judged=new[-1].entry,
        names=tuple(names[-max(LEAST_ALONE, 2 * burst.over) :]),
        imports=imports,
    )


def arrival_of(entry: EntryId, delivery: Delivery) -> Arrival:
    """A delivery as an arrival; leads of one push, or created in the same second, may belong to one import."""
    alike = [f"{delivery.source}:{delivery.push}"]
    created = text_of(delivery.lead.get(CREATED_FIELD))
    if delivery.event is LeadEvent.CREATED and created:
        alike.append(f"{delivery.source}:{created}")
    return Arrival(entry=entry, alike=tuple(alike))


def place_of(entry: EntryId) -> tuple[int, int]:
    """An entry's place in its stream, for comparisons."""
    milliseconds, _, sequence = entry.partition("-")
    return int(milliseconds), int(sequence or 0)


def _in_window(tide: Tide, burst: Burst, now: datetime) -> Tide:
    """The tide at a moment: a new window begins once the last is over, and high water ends after a calm one."""
    if tide.window_from is None:
        return replace(tide, window_from=now)
    since = now - tide.window_from
    if timedelta() <= since < burst.per:
        return tide
    was_calm = tide.arrived <= burst.over or since >= 2 * burst.per
    return replace(tide, window_from=now, arrived=0, is_high=tide.is_high and not was_calm)


def _imports(arrivals: Iterable[Arrival], over: int, known: Sequence[str]) -> list[str]:
    """What is common to more than `over` arrivals, which makes them one import."""
    counts: Mapping[str, int] = Counter(each for arrival in arrivals for each in arrival.alike)
    return [each for each, count in counts.items() if count > over and each not in known]
