"""One shard of a sink's outbox, by its keys; a sink that is not split has one shard, the whole outbox."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.layout import Layout, Place
from hookrouter.store.keys import Keys

WHOLE = Place()
"""The only shard of a sink that has never been split."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard; the sink's circuit, pauses, lanes and records of retries belong to the sink as a whole."""

    keys: Keys
    sink: SinkName
    place: Place = WHOLE

    @property
    def outbox(self) -> str:
        """The stream of what is new; its lease is the shard's."""
        return self.keys.outbox(self.sink, *self.place)

    @property
    def moved(self) -> str:
        """The stream of what was new in a former shard, which goes before what is new here."""
        return self.keys.moved(self.sink, *self.place)

    @property
    def has_moved(self) -> bool:
        """Whether anything can have been moved here."""
        return self.place.generation > 0

    @property
    def new(self) -> tuple[str, ...]:
        """The streams of what was never attempted, in the order in which they are read."""
        return (self.moved, self.outbox) if self.has_moved else (self.outbox,)

    @property
    def again(self) -> str:
        """The stream of what has waited for its next attempt, and of what must not be gathered."""
        return self.keys.again(self.sink, *self.place)

    @property
    def let_in(self) -> str:
        """The stream of what has waited for its route's time."""
        return self.keys.let_in(self.sink, *self.place)

    @property
    def entries(self) -> tuple[str, ...]:
        """All streams of what can be attempted, in the order in which they are read."""
        return (self.again, self.let_in, *self.new)

    @property
    def retries(self) -> str:
        """What waits for its next attempt, by due time."""
        return self.keys.retries(self.sink, *self.place)

    @property
    def shut_routes(self) -> str:
        """The routes of which deliveries wait for the route's time."""
        return self.keys.shut_routes(self.sink, *self.place)

    @property
    def serving(self) -> str:
        """The mark of a drain that is under way."""
        return self.keys.serving(self.sink, *self.place)

    @property
    def suspects(self) -> str:
        """The notes on deliveries that may have killed drains."""
        return self.keys.suspects(self.sink, *self.place)

    def shut(self, route: RouteName) -> str:
        """The stream of what waits for a route's time."""
        return self.keys.shut(self.sink, route, *self.place)

    def shut_first(self, route: RouteName) -> str:
        """The stream of what waits for a route's time and goes before all of `shut`."""
        return self.keys.shut_first(self.sink, route, *self.place)


def shards_of(keys: Keys, layout: Layout, sink: SinkName) -> list[Shard]:
    """All shards of a sink in which anything may wait, former ones first."""
    return [Shard(keys, sink, place) for place in layout.outbox(sink).places]
