"""The keys of what waits; documented as in `keys`."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.layout import Place
from hookrouter.ports.stages import Stage
from hookrouter.store.chat_keys import ChatKeys
from hookrouter.store.team_keys import digest_of


@dataclass(frozen=True, slots=True)
class WaitingKeys(ChatKeys):
    """The keys of streams, outboxes and who serves them, and of chats, under one prefix."""

    def layout(self) -> str:
        """String, over how many streams everything is spread; scheduler writes; bounded by the number of sinks.

        Who finds none writes the first.

        Forget: it names nobody.
        """
        return f"{self.prefix}:layout"

    def deciding(self) -> str:
        """Stream that is never there: its lease is what the scheduler that decides on `layout` writes; it expires.

        Forget: it names nobody.
        """
        return f"{self.prefix}:deciding"

    def left_behind(self) -> str:
        """Hash of what was counted last in former streams; who looks writes, changes delete it; expires after days.

        Forget: it names nobody.
        """
        return f"{self.prefix}:left-behind"

    def intake(self, number: int, generation: int = 0) -> str:
        """Stream; receive and hydrate write, route deletes; bounded by being drained.

        Forget: the lead leaves its entries.
        """
        return f"{self.prefix}:intake:{Place(number, generation)}"

    def begun(self, number: int, generation: int = 0) -> str:
        """String, the entry of `intake` some of whose leads are routed, with how many; route writes; expires.

        Forget: it names nobody; it is set right when an entry loses leads.
        """
        return f"{self.prefix}:begun:{Place(number, generation)}"

    def hydrate(self) -> str:
        """Stream; receive writes, hydrate deletes; bounded by being drained.

        It has no partitions, for it is as fast as the CRM lets it be: gathered in one place, its leads take the
        fewest calls.

        Forget: the lead leaves its entries.
        """
        return f"{self.prefix}:hydrate"

    def enrich(self, number: int) -> str:
        """Stream; route and assign write, enrich deletes; bounded by being drained. Forget: the lead's entries go."""
        return f"{self.prefix}:enrich:{number}"

    def pending(self, number: int) -> str:
        """Stream; route writes, enrich deletes; bounded by being drained. Forget: the lead's entries go."""
        return f"{self.prefix}:pending:{number}"

    def outbox(self, sink: SinkName, number: int = 0, generation: int = 0) -> str:
        """Stream; route, assign, enrich and replay write, deliver deletes; bounded by being drained.

        Forget: the lead's deliveries go.
        """
        return f"{self.prefix}:outbox:{_shard(sink, number, generation)}"

    def moved(self, sink: SinkName, number: int = 0, generation: int = 0) -> str:
        """Stream read before `outbox`: what was new in the shards before these; the mover writes, deliver deletes.

        It is bounded by being drained.

        Forget: the lead's deliveries go.
        """
        return f"{self.prefix}:moved:{_shard(sink, number, generation)}"

    def again(self, sink: SinkName, number: int = 0, generation: int = 0) -> str:
        """Stream of what waited, digests, reports, alerts; promote, gather, replay write; bounded by being drained.

        Forget: the lead's deliveries go, also out of digests.
        """
        return f"{self.prefix}:again:{_shard(sink, number, generation)}"

    def let_in(self, sink: SinkName, number: int = 0, generation: int = 0) -> str:
        """Stream of deliveries that were shut out; deliver writes and deletes; bounded by being drained.

        It is read behind `again`: what failed before others of its lead that were let in comes due before these.

        Forget: the lead's deliveries go, also out of digests.
        """
        return f"{self.prefix}:let-in:{_shard(sink, number, generation)}"

    def retries(self, sink: SinkName, number: int = 0, generation: int = 0) -> str:
        """Sorted set of delivery ids by due time; deliver and retry write, promote deletes; bounded by retry.for.

        Forget: the ids of the lead's deliveries go.
        """
        return f"{self.prefix}:retry:{_shard(sink, number, generation)}"

    def retry_records(self, sink: SinkName) -> str:
        """Hash of delivery records by id; lives and dies with `retries`.

        Forget: the lead's deliveries go, also out of digests.
        """
        return f"{self.prefix}:retry-records:{sink}"

    def lane(self, sink: SinkName, lane: str) -> str:
        """List of the deliveries of one lead that wait, the foremost first; deliver writes; expires.

        Forget: the lead's go.
        """
        return f"{self.prefix}:lane:{sink}:{digest_of(lane)}"

    def shut(self, sink: SinkName, route: RouteName, number: int = 0, generation: int = 0) -> str:
        """Stream of deliveries of a paused or closed route; deliver writes and deletes; bounded by being drained.

        Forget: the lead's deliveries go, also out of digests.
        """
        return f"{self.prefix}:shut:{_shard(sink, number, generation)}:{route}"

    def shut_first(self, sink: SinkName, route: RouteName, number: int = 0, generation: int = 0) -> str:
        """Stream before `shut`, of those that waited before; deliver writes and deletes; bounded by being drained.

        Forget: as from `shut`.
        """
        return f"{self.prefix}:shut:{_shard(sink, number, generation)}:{route}:first"

    def shut_routes(self, sink: SinkName, number: int = 0, generation: int = 0) -> str:
        """Set of the routes that `shut` has streams for; deliver writes and deletes; bounded by their number.

        Forget: it names nobody.
        """
        return f"{self.prefix}:shut:{_shard(sink, number, generation)}"

    def confirmed(self, sink: SinkName, span: int) -> str:
        """Set, the deliveries just made of leads that came in a span of time; deliver writes; expires after minutes.

        Forget: it names nobody.
        """
        return f"{self.prefix}:confirmed:{sink}:{span}"

    def circuit(self, sink: SinkName) -> str:
        """String, how a sink's far side did lately; deliver and retry write; expires after days.

        Forget: it names nobody.
        """
        return f"{self.prefix}:circuit:{sink}"

    def tide(self, sink: SinkName) -> str:
        """String, the flow of a sink's messages, for its `burst`; deliver writes; expires after a day.

        Forget: it names nobody.
        """
        return f"{self.prefix}:tide:{sink}"

    def serving(self, sink: SinkName, number: int = 0, generation: int = 0) -> str:
        """String, there while a drain serves an outbox; the drain writes and deletes it; expires after days.

        Forget: it names nobody.
        """
        return f"{self.prefix}:serving:{_shard(sink, number, generation)}"

    def suspects(self, sink: SinkName, number: int = 0, generation: int = 0) -> str:
        """Hash of how many drains died while they attempted a delivery; drains write and delete it; expires.

        Forget: it names nobody.
        """
        return f"{self.prefix}:suspects:{_shard(sink, number, generation)}"

    def outboxes(self) -> str:
        """Set of all sinks that ever had an outbox here; workers write; bounded by the number of sinks.

        Forget: it names nobody.
        """
        return f"{self.prefix}:outboxes"

    def sharing(self, stage: Stage) -> str:
        """Sorted set of workers that share a stage, by their last sign of life; each writes and trims it; expires.

        Forget: it names nobody.
        """
        return f"{self.prefix}:sharing:{stage}"

    def seeking(self, stage: Stage) -> str:
        """Sorted set of workers that would serve more streams, by when they said so; each writes and trims it; expires.

        Forget: it names nobody.
        """
        return f"{self.prefix}:seeking:{stage}"

    def lease(self, stream: str) -> str:
        """String, the token of the drain that serves a stream, which writes and deletes it; expires by itself.

        Forget: it names nobody.
        """
        return f"{stream}:lease"

    def lease_before(self, stream: str) -> str:
        """String, the token of the drain that took a stream's lease last; expires after a day.

        That drain writes it, and deletes it as it gives the lease back.

        Forget: it names nobody.
        """
        return f"{stream}:lease-before"

    def copied(self, stream: str) -> str:
        """Stream, a copy of another; forget writes, and puts it in the other's place; expires within the hour.

        The word stands in front: behind the stream's name a sink or a route may be called `copy`.

        Forget: one that was left by somebody who was killed goes.
        """
        return f"{self.prefix}:copy:{stream.removeprefix(f'{self.prefix}:')}"

    def wake(self, stage: Stage) -> str:
        """String, there while a wake-up of the stage is under way; the doorbell writes, the drain deletes; expires.

        Forget: it names nobody.
        """
        return f"{self.prefix}:wake:{stage}"

    def unreadable(self) -> str:
        """Stream of records that this version could not read; drains write; capped.

        Forget: entries that name the person go.
        """
        return f"{self.prefix}:unreadable"


def _shard(sink: SinkName, number: int, generation: int) -> str:
    """A sink, or one of its shards: names of sinks and routes have no dots."""
    return f"{sink}:{Place(number, generation)}" if generation else sink
