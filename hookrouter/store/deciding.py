"""Who decides on the layout where several schedulers run: the first of them, for as long as it lives."""

from __future__ import annotations

from hookrouter.store.holding import Holding
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer


class Deciding:
    """The right of one process to decide; it runs out when nobody asks for seconds."""

    def __init__(self, server: RedisServer, keys: Keys, token: str) -> None:
        """Have no right yet."""
        stream = keys.deciding()
        lease, before = keys.lease(stream), keys.lease_before(stream)
        self.token = token
        self._holding = Holding(server=server, key=lease, before=before, stream=stream, token=token)

    def is_ours(self) -> bool:
        """Whether this process decides from now on."""
        return self._holding.renew() or self._holding.take()

    def leave(self) -> None:
        """Let another decide."""
        self._holding.release()
