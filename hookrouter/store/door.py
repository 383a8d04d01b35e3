"""Sessions and wrong tokens in Redis, for all processes that have a door for operators."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.session import Session
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.sessions import read_session, write_session

BUCKETS = 65_536
"""Addresses share as many counters, however many come: two that do are slowed by each other's guesses."""
OF_ALL = BUCKETS
"""The counter of all addresses together."""
COUNTED_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSessions:
    """The sessions in Redis; see `ports.door.Sessions`."""

    server: RedisServer
    keys: Keys

    def begin(self, family: str, life: timedelta) -> None:
        """Let ids of a family be good."""
        self.server.call("SET", self.keys.session_family(family), "", "PX", _milliseconds(life))

    def keep(self, digest: str, session: Session, life: timedelta) -> None:
        """Keep what an id stands for."""
        self.server.call("SET", self.keys.session(digest), write_session(session), "PX", _milliseconds(life))

    def find(self, digest: str) -> Session | None:
        """What an id stands for, while its family is good."""
        record = self.server.call("GET", self.keys.session(digest))
        try:
            session = None if record is None else read_session(record)
        except Unreadable:
            return None
        if session is None or not self.server.call("EXISTS", self.keys.session_family(session.family)):
            return None
        return session

    def end(self, family: str) -> None:
        """Let no id of a family be good any more; what they stood for expires."""
        self.server.call("DEL", self.keys.session_family(family))


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisWrongTokens:
    """The wrong tokens in Redis; see `ports.door.WrongTokens`."""

    server: RedisServer
    keys: Keys

    def of(self, address: str) -> int:
        """How many came from an address."""
        return int(self.server.call("GET", self.keys.wrong_tokens(_bucket(address))) or 0)

    def note(self, address: str) -> tuple[int, int]:
        """One more from an address; how many came from it, and from all addresses."""
        seconds = int(COUNTED_FOR.total_seconds())
        own, every = self.keys.wrong_tokens(_bucket(address)), self.keys.wrong_tokens(OF_ALL)
        answers = self.server.transaction(
            [
                ("SET", own, 0, "EX", seconds, "NX"),
                ("INCR", own),
                ("SET", every, 0, "EX", seconds, "NX"),
                ("INCR", every),
            ]
        )
        return int(answers[1]), int(answers[-1])


def _milliseconds(life: timedelta) -> int:
    return max(1, int(life.total_seconds() * 1000))


def _bucket(address: str) -> int:
    return int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big") % BUCKETS
