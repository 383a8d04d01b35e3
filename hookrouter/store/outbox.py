"""The outbox of a sink: deliveries under way, their retries, and what became of each attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.events import EntryUnreadable
from hookrouter.domain.ids import EntryId, SinkName
from hookrouter.domain.outcome import Dead, Delivered, Retry
from hookrouter.domain.schedule import Bury, Finish, Wait
from hookrouter.ports.streams import OutboxEntry, Settlement
from hookrouter.ports.surroundings import Observer
from hookrouter.store import streams
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.lease import Lease
from hookrouter.wire import records

PROMOTED_AT_ONCE = 500
MOST_ATTEMPTS_LOGGED = 100_000
"""The log of attempts is for looking things up, not the truth: it forgets the oldest beyond this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisOutbox:
    """The outbox of one sink; see `ports.streams.Outbox`."""

    lease: Lease
    keys: Keys
    sink: SinkName
    keep_dead: timedelta
    observer: Observer

    async def read(self, after: EntryId | None, count: int) -> Sequence[OutboxEntry]:
        """The oldest entries behind `after`; what cannot be read is set aside."""
        entries: list[OutboxEntry] = []
        for entry, record in await streams.read(self.lease.server, self.lease.stream, after, count):
            try:
                entries.append(OutboxEntry(id=entry, delivery=records.read_delivery(record)))
            except records.Unreadable:
                await streams.set_aside(self.lease, self.keys, entry, record)
                self.observer.report(EntryUnreadable(stream=self.lease.stream, entry=entry))
        return entries

    async def promote(self) -> int:
        """Put the retries that are due back into the outbox."""
        keys = [
            self.lease.key,
            self.keys.retries(self.sink),
            self.keys.retry_records(self.sink),
            self.lease.stream,
        ]
        return max(0, int(await self.lease.server.run("promote", keys, [self.lease.token, PROMOTED_AT_ONCE])))

    async def settle(self, settlements: Sequence[Settlement]) -> bool:
        """Write what becomes of entries, in one step with their removal."""
        commands: list[Command] = []
        for settlement in settlements:
            commands.extend(self._successor(settlement))
            commands.append(self._log(settlement))
        commands.append(streams.remove(self.lease.stream, [settlement.entry for settlement in settlements]))
        return await self.lease.write(commands)

    async def renew(self) -> bool:
        """Keep the lease for another while; False if somebody else has it."""
        return await self.lease.renew()

    async def release(self) -> bool:
        """Give the lease back; True if entries wait that nobody serves now."""
        return await self.lease.release()

    def _successor(self, settlement: Settlement) -> list[Command]:
        delivery = settlement.delivery
        match settlement.step:
            case Finish():
                return []
            case Wait(until=until):
                due = int(until.timestamp() * 1000)
                return [
                    ("ZADD", self.keys.retries(self.sink), due, delivery.id),
                    ("HSET", self.keys.retry_records(self.sink), delivery.id, records.write_delivery(delivery)),
                ]
            case Bury():
                return self._bury(settlement)

    def _bury(self, settlement: Settlement) -> list[Command]:
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

    def _log(self, settlement: Settlement) -> Command:
        record = records.write_values(_attempt_values(settlement))
        key = self.keys.attempts()
        return ("XADD", key, "MAXLEN", "~", MOST_ATTEMPTS_LOGGED, "*", streams.FIELD, record)


def _attempt_values(settlement: Settlement) -> dict[str, object]:
    delivery, attempt = settlement.delivery, settlement.attempt
    outcome = attempt.outcome
    return {
        "id": delivery.id,
        "push": delivery.push,
        "sink": delivery.sink,
        "route": delivery.route,
        "key": delivery.lead_key,
        "attempts": delivery.attempts,
        "at": attempt.at.isoformat(),
        "seconds": round(attempt.seconds, 4),
        "outcome": outcome_word(outcome),
        "reason": "" if isinstance(outcome, Delivered) else outcome.reason,
        "status": outcome.answer.status,
        "answer": outcome.answer.text,
    }


def outcome_word(outcome: Delivered | Retry | Dead) -> str:
    """An outcome in one word."""
    return type(outcome).__name__.lower()
