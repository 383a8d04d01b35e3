"""The history of the flow in Redis: one sample a minute, whoever takes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from hookrouter.domain.flow_history import DETAILED, KEPT, MINUTE, Minute, Reading, Sample, minute_of
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.store.commands import Command, flatten
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.flow import (
    read_minute,
    read_reading,
    read_sample,
    write_minute,
    write_reading,
    write_sample,
)
from hookrouter.wire.kept.records import Unreadable

LIFE = int(KEPT.total_seconds())
MOST_MINUTES = KEPT // MINUTE
MOST_SAMPLES = DETAILED // MINUTE
PUSHED = b"p_"
"""How the ids of what was pushed begin; what reconcile brought stands among them."""

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisFlowHistory:
    """The history in Redis; see `ports.flow.FlowHistory`."""

    server: RedisServer
    keys: Keys

    def is_over(self, now: datetime) -> bool:
        """Whether the minute of the last sample has passed, by its mark alone."""
        mark: bytes | None = self.server.call("GET", self.keys.flow_sampled())
        return mark is None or mark.decode() != str(minute_of(now))

    def last(self) -> tuple[str, Reading]:
        """What was read for the last sample; one that cannot be read is none."""
        mark, record = self.server.transaction([("GET", self.keys.flow_sampled()), ("GET", self.keys.flow_totals())])
        reading = Reading()
        with suppress(Unreadable):
            reading = Reading() if record is None else read_reading(record)
        return (mark or b"").decode(), reading

    def keep(self, mark: str, reading: Reading, sample: Sample | None) -> bool:
        """Keep both, unless another did since `mark`."""
        commands: list[Command] = [("SET", self.keys.flow_totals(), write_reading(reading), "EX", LIFE)]
        if sample is not None:
            commands += _put_first(self.keys.flow_minutes(), write_minute(sample.minute), MOST_MINUTES)
            commands += _put_first(self.keys.flow_samples(), write_sample(sample), MOST_SAMPLES)
        now = "" if reading.at is None else str(minute_of(reading.at))
        return bool(self.server.run("exchange", [self.keys.flow_sampled()], [mark, now, LIFE, *flatten(commands)]))

    def minutes(self, most: int) -> Sequence[Minute]:
        """The newest minutes."""
        found = self.server.call("LRANGE", self.keys.flow_minutes(), 0, most - 1)
        return _readable(found, read_minute)

    def samples(self, most: int) -> Sequence[Sample]:
        """The newest samples."""
        found = self.server.call("LRANGE", self.keys.flow_samples(), 0, most - 1)
        return _readable(found, read_sample)

    def pushes(self, since: datetime, until: datetime, most: int) -> Mapping[SourceName, int]:
        """How many pushes came, by source; a few of many tell for all."""
        span = (f"({since.timestamp()!r}", repr(until.timestamp()))
        asked: list[Command] = [
            ("ZCOUNT", self.keys.pushes(), *span),
            ("ZRANGEBYSCORE", self.keys.pushes(), *span, "LIMIT", 0, most),
        ]
        count, names = self.server.call_all(asked)
        pushed = [PushId(name.decode()) for name in names if name.startswith(PUSHED)]
        sources = self.server.call_all([("HGET", self.keys.push(push), "source") for push in pushed])
        found = Counter(SourceName(source.decode("utf-8", "replace")) for source in sources if source is not None)
        share = count / len(names) if names else 1
        return {source: round(number * share) for source, number in found.items()}


def _put_first(key: str, record: bytes, most: int) -> list[Command]:
    return [("LPUSH", key, record), ("LTRIM", key, 0, most - 1), ("EXPIRE", key, LIFE)]


def _readable(found: Iterable[bytes], read: Callable[[bytes], Read]) -> Sequence[Read]:
    """What can be read of it; a gap is no harm."""
    values = []
    for record in found:
        with suppress(Unreadable):
            values.append(read(record))
    return values
