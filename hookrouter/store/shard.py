"""One shard of a sink's outbox, by its keys; a sink that is not split has one shard, the whole outbox."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.layout import Layout, Place
from hookrouter.store.keys import Keys

WHOLE = Place()
"""The only shard of a sink that was never split."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard; what belongs to the sink as a whole (its circuit, pauses, lanes, records of retries) is not its own."""

    keys: Keys
    sink: SinkName
    place: Place = WHOLE

    @property
    def outbox(self) -> str:
        """What is new; the stream whose lease is the shard's."""
        return self.keys.outbox(self.sink, *self.place)

    @property
    def moved(self) -> str:
        """What was new in a former shard; it goes before what is new here."""
        return self.keys.moved(self.sink, *self.place)

    @property
    def has_moved(self) -> bool:
        """Whether anything can have been moved here."""
        return self.place.generation > 0

    @property
    def new(self) -> tuple[str, ...]:
        """The streams of what was never attempted, the first to be read first."""
        return (self.moved, self.outbox) if self.has_moved else (self.outbox,)

    @property
    def again(self) -> str:
        """What waited for its next attempt, and what may not be gathered."""
        return self.keys.again(self.sink, *self.place)

    @property
    def let_in(self) -> str:
        """What waited for its route's time."""
        return self.keys.let_in(self.sink, *self.place)

    @property
    def entries(self) -> tuple[str, ...]:
        """All streams of what can be attempted, the first to be read first."""
        return (self.again, self.let_in, *self.new)

    @property
    def retries(self) -> str:
        """What waits for its next attempt, by its time."""
        return self.keys.retries(self.sink, *self.place)

    @property
    def shut_routes(self) -> str:
        """The routes some of whose deliveries wait for their time."""
        return self.keys.shut_routes(self.sink, *self.place)

    @property
    def serving(self) -> str:
        """Where a drain stands that is under way."""
        return self.keys.serving(self.sink, *self.place)

    @property
    def suspects(self) -> str:
        """What may have killed drains."""
        return self.keys.suspects(self.sink, *self.place)

    def shut(self, route: RouteName) -> str:
        """What waits for a route's time."""
        return self.keys.shut(self.sink, route, *self.place)

    def shut_first(self, route: RouteName) -> str:
        """What waits for a route's time, and goes before that."""
        return self.keys.shut_first(self.sink, route, *self.place)


def shards_of(keys: Keys, layout: Layout, sink: SinkName) -> list[Shard]:
    """All shards of a sink in which anything may wait, the former first."""
    return [Shard(keys, sink, place) for place in layout.outbox(sink).places]
