"""Which worker serves which streams, and which workers want more than they have."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hookrouter.ports.stages import Stage
from hookrouter.store.commands import Argument
from hookrouter.store.keys import Keys
from hookrouter.store.lease import LEASE_LIFE, milliseconds
from hookrouter.store.server import RedisServer

GONE_AFTER = LEASE_LIFE + timedelta(seconds=2)
"""Two signs of life missed: by then the leases of one that died have run out, too."""
SEEKS_FOR = timedelta(seconds=5)
"""So long a worker that seeks counts as one: it says so again at each look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """How things stand between the workers, as one of them sees them.

    Attributes:
        workers: that live, the one that asks among them.
        seekers: the others that seek.
        served: of the streams that were asked for those that somebody serves, and who that is.
    """

    workers: int
    seekers: Collection[str] = ()
    served: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisTurns:
    """The workers that share the streams of one stage, as one of them sees them."""

    server: RedisServer
    keys: Keys
    stage: Stage
    worker: str

    def look(self, streams: Sequence[str], *, seeks: bool) -> Turns:
        """Say that this worker lives, and whether it would serve more; and see how things stand."""
        leases = [self.keys.lease(stream) for stream in streams]
        said: list[Argument] = [self.worker, int(seeks), milliseconds(GONE_AFTER), milliseconds(SEEKS_FOR)]
        workers, seekers, tokens = self.server.run("turns", [*self._own(), *leases], said)
        return Turns(
            workers=workers,
            seekers={name.decode() for name in seekers} - {self.worker},
            served={stream: holder_of(token) for stream, token in zip(streams, tokens, strict=True) if token},
        )

    def leave(self) -> None:
        """Say that this worker serves nothing more."""
        self.server.transaction([("ZREM", key, self.worker) for key in self._own()])

    def _own(self) -> Sequence[str]:
        return [self.keys.sharing(self.stage), self.keys.seeking(self.stage)]


def holder_of(token: bytes) -> str:
    """The worker that made a token: it begins with its name."""
    return token.decode().rpartition("_")[0]
