"""What a move of deliveries writes: under the lease of the stream they leave, and by the layout that says where to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hookrouter.domain.ids import EntryId, RouteName
from hookrouter.store.commands import Argument, Command, flatten
from hookrouter.store.holding import Holding
from hookrouter.store.shard import Shard

FIRST_TARGET = 4
"""The number of the first target among a script's keys, after the lease, the layout and what the deliveries leave."""

Going = Sequence[tuple[EntryId | bytes, str]]
"""Entries, or the names of deliveries, each with the key that it goes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """Moves portions; a move returns False, and moves nothing, if the lease was lost or the layout has changed.

    Attributes:
        layout: the key of the layout.
        text: the layout by which deliveries are moved; if it is out of date nothing is moved.
    """

    holding: Holding
    layout: str
    text: bytes

    def move_entries(self, stream: str, going: Going, besides: Sequence[Command]) -> bool:
        """Move entries of a stream to the ends of others, and run commands besides."""
        return self._move("move", stream, going, besides)

    def move_waiting(self, waiting: str, going: Going, besides: Sequence[Command]) -> bool:
        """Move what waits for its due time to where it goes on waiting, and run commands besides."""
        return self._move("move_waiting", waiting, going, besides)

    def vacate(self, shard: Shard, routes: Sequence[RouteName], besides: Sequence[Command]) -> None:
        """Remove a shard's routes for whose time nothing waits, whatever the layout, and run commands besides."""
        streams = [stream for route in routes for stream in (shard.shut_first(route), shard.shut(route))]
        keys = [self.holding.key, shard.shut_routes, *streams]
        self.holding.server.run("vacate", keys, [self.holding.token, *routes, *flatten(besides)])

    def _move(self, script: str, leave: str, going: Going, besides: Sequence[Command]) -> bool:
        targets = list(dict.fromkeys(to for _, to in going))
        pairs: list[Argument] = [part for name, to in going for part in (name, FIRST_TARGET + targets.index(to))]
        return self._run(script, [leave, *targets], [len(going), *pairs, *flatten(besides)])

    def _run(self, script: str, keys: Sequence[str], arguments: Sequence[Argument]) -> bool:
        held = self.holding
        if not held.renew():
            return False
        return int(held.server.run(script, [held.key, self.layout, *keys], [held.token, self.text, *arguments])) == 1
