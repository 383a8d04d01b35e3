"""What the stand-ins received, and what it says is still due."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

KEPT = 200  # arrivals of each kind that are kept for the page
MEASURED = 5000  # latest latencies that the percentiles are taken from
HOT_SCORE = 80
HOT_FIELDS = frozenset({"leadScore", "leadStatus"})
REMEMBERED = 100_000  # deliveries that are recognised when they come again
EVERY_CHANGE = "every-change"


class Kind(StrEnum):
    """Which stand-in received it."""

    SLACK = "slack"
    MAIL = "mail"
    HTTP = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message that came in.

    Attributes:
        delivery: what the sender calls it, the same when it comes again; '' when it does not say.
        body: what the page shows: blocks, text or an envelope.
    """

    at: datetime
    kind: Kind
    title: str
    summary: str
    body: Any
    lead: str = ""
    delivery: str = ""
    number: int = 0


@dataclass(slots=True)
class Arrivals:
    """The last messages of each kind, counters of all, and the deliveries that must follow.

    Every lead goes to the HTTP stand-in by the route `every-change`; that message tells whether Slack and mail are
    due too, so the demo can say what is missing without asking the store.
    """

    latest: dict[Kind, deque[Arrival]] = field(default_factory=lambda: {kind: deque(maxlen=KEPT) for kind in Kind})
    received: Counter[Kind] = field(default_factory=Counter)
    repeated: Counter[Kind] = field(default_factory=Counter)
    refused: Counter[Kind] = field(default_factory=Counter)
    due: Counter[Kind] = field(default_factory=Counter)
    every_change: int = 0
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=MEASURED))
    _seen: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, arrival: Arrival) -> bool:
        """Keep a message and count it; false when the same delivery came before."""
        with self._lock:
            self._number += 1
            self.latest[arrival.kind].append(replace(arrival, number=self._number))
            if arrival.delivery and not self._is_first(arrival.delivery):
                self.repeated[arrival.kind] += 1
                return False
            self.received[arrival.kind] += 1
            if arrival.kind is Kind.HTTP and isinstance(arrival.body, Mapping):
                self._learn(arrival.body, arrival.at)
            return True

    def refuse(self, kind: Kind) -> None:
        """Count a message that the stand-in did not accept."""
        with self._lock:
            self.refused[kind] += 1

    def since(self, number: int) -> list[Arrival]:
        """The kept messages after a number, oldest first."""
        with self._lock:
            found = [arrival for kept in self.latest.values() for arrival in kept if arrival.number > number]
        return sorted(found, key=lambda arrival: arrival.number)

    def missing(self) -> dict[Kind, int]:
        """How many messages are still due, by kind."""
        with self._lock:
            return {kind: max(0, self.due[kind] - self.received[kind]) for kind in Kind}

    def percentile(self, share: float) -> float | None:
        """Seconds from a push's arrival to its message's, for this share of the latest messages."""
        with self._lock:
            ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None

    def _is_first(self, delivery: str) -> bool:
        if delivery in self._seen:
            return False
        self._seen[delivery] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def _learn(self, envelope: Mapping[str, Any], at: datetime) -> None:
        inside = envelope.get("data")
        if not isinstance(inside, Mapping):
            return
        pushed = pushed_at(inside.get("push"))
        if pushed is not None:
            self.latencies.append(max(0.0, at.timestamp() - pushed))
        if inside.get("route") != EVERY_CHANGE:
            return
        self.every_change += 1
        is_hot = _is_hot(inside)
        is_new = envelope.get("type") == "lead.created"
        self.due[Kind.HTTP] += 1 + is_hot
        self.due[Kind.SLACK] += is_new + is_hot
        self.due[Kind.MAIL] += is_hot


def pushed_at(push: object) -> float | None:
    """When a push was received, as its id says: `<prefix>_` and twelve hex digits of milliseconds first."""
    digits = push.partition("_")[2][:12] if isinstance(push, str) else ""
    try:
        return int(digits, 16) / 1000
    except ValueError:
        return None


def _is_hot(inside: Mapping[str, Any]) -> bool:
    """Whether the demo's route `hot-lead` matches."""
    lead, changed = inside.get("lead"), inside.get("changed")
    if not isinstance(lead, Mapping) or not isinstance(changed, list):
        return False
    try:
        score = float(lead.get("leadScore") or 0)
    except (TypeError, ValueError):
        return False
    return score >= HOT_SCORE and not HOT_FIELDS.isdisjoint(changed)
