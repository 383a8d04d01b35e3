"""What becomes of deliveries, as commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import DeliveryId, EntryId, SinkName
from hookrouter.domain.layout import Layout
from hookrouter.domain.logged_attempt import Result
from hookrouter.domain.order import Order, lane_of
from hookrouter.domain.outcome import Delivered, Outcome
from hookrouter.domain.schedule import Bury, Finish, Wait
from hookrouter.ports.outbox import (
    Attempted,
    Dissolved,
    Expired,
    FellBack,
    OutboxEntry,
    PutBehind,
    Settlement,
    ShutOut,
    Superseded,
    Suppressed,
)
from hookrouter.store import streams
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.shard import Shard
from hookrouter.wire.kept import records
from hookrouter.wire.kept.assigned import assigned_values

MOST_ATTEMPTS_LOGGED = 100_000
"""The log of attempts is for looking things up, not the truth, so it forgets the oldest beyond this."""
CONFIRMED_FOR = timedelta(minutes=10)
"""For at least this long a delivery that was made is not made again, whatever brings it back."""
BEHIND = 2**52
"""Due times, in ms, from here on mean no moment: these deliveries wait behind others, in the order of their arrival."""
LANE_LIFE = 90 * 86_400
"""Seconds; far longer than a delivery may wait, but it ends a lane whose records were lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """Writes what becomes of one sink's deliveries."""

    shard: Shard
    layout: Layout
    keep_dead: timedelta
    order: Order

    @property
    def keys(self) -> Keys:
        """The names of all keys."""
        return self.shard.keys

    @property
    def sink(self) -> SinkName:
        """The sink whose deliveries they are."""
        return self.shard.sink

    def commands(self, settlements: Sequence[Settlement]) -> list[Command]:
        """The commands that write what becomes of deliveries, with the removal of entries last."""
        commands = self._confirmations(settlements)
        for settlement in settlements:
            commands += self._successors(settlement)
        return commands + self._removals(settlements)

    def _confirmations(self, settlements: Sequence[Settlement]) -> list[Command]:
        """The commands that note which deliveries were made, all at once, because most settlements are of this kind."""
        made = [each.delivery for each in settlements if isinstance(each, Attempted) and isinstance(each.step, Finish)]
        keys = by_confirmed_key(self.keys, self.sink, made)
        life = _milliseconds(CONFIRMED_FOR)
        return [command for key, names in keys.items() for command in (("SADD", key, *names), ("PEXPIRE", key, life))]

    def _successors(self, settlement: Settlement) -> list[Command]:
        match settlement:
            case Attempted(step=Finish()):
                return [self._log(settlement)]
            case Attempted(entry=entry, delivery=delivery, step=Wait(until=until)):
                return [*self._wait(entry, delivery, _due(until)), self._log(settlement)]
            case Attempted():
                return [*self._bury(settlement), self._log(settlement)]
            case ShutOut(entry=entry, route=route):
                place = self.shard.shut_first if entry.again else self.shard.shut
                waits = streams.append(place(route), records.write_delivery(entry.delivery))
                return [("SADD", self.shard.shut_routes, route), waits]
            case PutBehind(entry=entry):
                return self._wait(entry, entry.delivery, BEHIND + _arrival(entry.id))
            case Superseded():
                return self._supersede(settlement)
            case Expired() | Suppressed() | Dissolved():
                return self._not_told(settlement)
            case FellBack(entry=entry, deliveries=elsewhere):
                return [*put_in_outboxes(self.keys, self.layout, elsewhere), *self._moved(entry.delivery, elsewhere)]

    def _not_told(self, settlement: Expired | Suppressed | Dissolved) -> list[Command]:
        delivery = settlement.entry.delivery
        match settlement:
            case Suppressed():
                return [log_end(self.keys, delivery, Result.SUPPRESSED, "")]
            case Expired():
                return [streams.append(self.shard.outbox, records.write_delivery(delivery))]
            case Dissolved(deliveries=members):
                ended = log_end(self.keys, delivery, Result.SUPERSEDED, members[0].id)
                return [ended, *put_in_outboxes(self.keys, self.layout, members)]

    def _supersede(self, settlement: Superseded) -> list[Command]:
        delivery = settlement.delivery
        logged = log_end(self.keys, delivery, Result.SUPERSEDED, settlement.by)
        if settlement.entry is not None:
            return [logged]
        waiting, waiting_records = self.shard.retries, self.keys.retry_records(self.sink)
        return [("ZREM", waiting, delivery.id), ("HDEL", waiting_records, delivery.id), logged]

    def _moved(self, delivery: Delivery, elsewhere: Sequence[Delivery]) -> list[Command]:
        """The log entries of what went elsewhere: one for each member, if it was a digest."""
        pairs = zip(delivery.members or (delivery,), elsewhere, strict=True)
        return [log_end(self.keys, was, Result.MOVED, now.id) for was, now in pairs]

    def _wait(self, entry: OutboxEntry, delivery: Delivery, due: int) -> list[Command]:
        commands: list[Command] = [
            ("ZADD", self.shard.retries, due, delivery.id),
            ("HSET", self.keys.retry_records(self.sink), delivery.id, records.write_delivery(delivery)),
        ]
        lane = lane_key(self.keys, self.sink, self.order, delivery)
        if lane is not None and not entry.again:  # what has waited before is in the lane already
            commands += [("RPUSH", lane, delivery.id), ("EXPIRE", lane, LANE_LIFE)]
        return commands

    def _bury(self, settlement: Attempted) -> list[Command]:
        delivery, at = settlement.delivery, settlement.attempt.at
        life = max(1, int(self.keep_dead.total_seconds()))
        letter = records.write_values(
            {
                **_attempt_values(settlement),
                "first_at": (delivery.first_attempt_at or at).isoformat(),
                "last_at": at.isoformat(),
                "delivery": records.read_record(records.write_delivery(delivery)),
            }
        )
        return [
            ("SET", self.keys.dead_letter(delivery.id), letter, "EX", life),
            ("ZADD", self.keys.dead_letters(), at.timestamp(), delivery.id),
        ]

    def _removals(self, settlements: Sequence[Settlement]) -> list[Command]:
        return remove_each(self.shard, filter(None, (settlement.entry for settlement in settlements)))

    def _log(self, settlement: Attempted) -> Command:
        return _logged(self.keys, _attempt_values(settlement))


def put_in_outboxes(keys: Keys, layout: Layout, deliveries: Sequence[Delivery]) -> list[Command]:
    """The commands that put deliveries into their sinks' outboxes, and make these known to those who serve them."""
    if not deliveries:
        return []
    puts = [
        streams.append(place_for(keys, layout, delivery), records.write_delivery(delivery)) for delivery in deliveries
    ]
    return [("SADD", keys.outboxes(), *{delivery.sink for delivery in deliveries}), *puts]


def place_for(keys: Keys, layout: Layout, delivery: Delivery) -> str:
    """The stream into which a delivery is put; what is a message of its own already must not be gathered once more.

    A digest inside a digest tells nobody of its leads, and among entries that wait to be gathered nobody would send it.
    """
    is_whole = bool(delivery.members) or not delivery.is_of_a_lead
    shard = layout.outbox(delivery.sink).place_of(delivery.who)
    return keys.again(delivery.sink, *shard) if is_whole else keys.outbox(delivery.sink, *shard)


def remove_each(shard: Shard, entries: Iterable[OutboxEntry]) -> list[Command]:
    """The commands that remove entries from their streams."""
    leave: dict[str, list[EntryId]] = {}
    for entry in entries:
        leave.setdefault(_stream_of(shard, entry), []).append(entry.id)
    return [streams.remove(stream, names) for stream, names in leave.items()]


def _stream_of(shard: Shard, entry: OutboxEntry) -> str:
    if entry.let_in:
        return shard.let_in
    if entry.again:
        return shard.again
    return shard.moved if entry.moved else shard.outbox


def lanes_left(keys: Keys, sink: SinkName, settlements: Sequence[Settlement]) -> list[tuple[str, str]]:
    """The lanes that deliveries leave for good, with their names, whatever the order was when they began to wait."""
    return [
        (keys.lane(sink, lane), delivery.id)
        for delivery in filter(None, map(_gone, settlements))
        for lane in filter(None, (lane_of(order, delivery.who, delivery.route) for order in Order))
    ]


def log_end(keys: Keys, delivery: Delivery, result: Result, reason: str) -> Command:
    """The command that logs how a delivery ended without an attempt."""
    return _logged(keys, {**_names(delivery), "outcome": result.value, "reason": reason})


def _logged(keys: Keys, values: dict[str, object]) -> Command:
    record = records.write_values(values)
    return ("XADD", keys.attempts(), "MAXLEN", "~", MOST_ATTEMPTS_LOGGED, "*", streams.FIELD, record)


def outcome_word(outcome: Outcome) -> str:
    """An outcome in one word."""
    return type(outcome).__name__.lower()


def _gone(settlement: Settlement) -> Delivery | None:
    """The delivery that has waited in a lane and no longer will, if there is one."""
    match settlement:
        case Attempted(entry=OutboxEntry(again=True), delivery=delivery, step=Finish() | Bury()):
            return delivery
        case Superseded(delivery=delivery, entry=None | OutboxEntry(again=True)):
            return delivery
        case Suppressed(entry=OutboxEntry(again=True, delivery=delivery)):
            return delivery
        case FellBack(entry=OutboxEntry(again=True, delivery=delivery)):
            return delivery
        case ShutOut(entry=OutboxEntry(again=True, delivery=delivery)):  # it takes a new place when it is let in
            return delivery
        case Expired(entry=OutboxEntry(again=True, delivery=delivery)):  # a digest has no place in its lane
            return delivery
        case _:
            return None


def _attempt_values(settlement: Attempted) -> dict[str, object]:
    attempt = settlement.attempt
    outcome = attempt.outcome
    return {
        **_names(settlement.delivery),
        "at": attempt.at,
        "seconds": round(attempt.seconds, 4),
        "outcome": outcome_word(outcome),
        "reason": "" if isinstance(outcome, Delivered) else outcome.reason,
        "status": outcome.answer.status,
        "answer": outcome.answer.text,
    }


def _names(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.id,
        "push": delivery.push,
        "sink": delivery.sink,
        "route": delivery.route,
        "key": delivery.lead_key,
        "attempts": delivery.attempts,
        **({"revision": delivery.revision} if delivery.revision else {}),
        **({} if delivery.assigned is None else {"assigned": assigned_values(delivery.assigned)}),
    }


def _arrival(entry: EntryId) -> int:
    """A number that puts entries in their order."""
    milliseconds, _, sequence = entry.partition("-")
    return int(milliseconds) * 1000 + min(int(sequence), 999)


def _due(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _milliseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)


def by_confirmed_key(keys: Keys, sink: SinkName, deliveries: Sequence[Delivery]) -> dict[str, list[DeliveryId]]:
    """The keys that note which deliveries were made; those of pushes that came about the same time share one."""
    span = CONFIRMED_FOR.total_seconds()
    names: dict[str, list[DeliveryId]] = {}
    for delivery in deliveries:
        key = keys.confirmed(sink, int(delivery.received_at.timestamp() // span))
        names.setdefault(key, []).append(delivery.id)
    return names


def lane_key(keys: Keys, sink: SinkName, order: Order, delivery: Delivery) -> str | None:
    """The lane of the deliveries that a delivery must stay in order with; None if there is no order to keep."""
    lane = lane_of(order, delivery.who, delivery.route)
    return None if lane is None else keys.lane(sink, lane)
