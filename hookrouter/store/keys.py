"""Every key of hookrouter in Redis; each function says the key's type, who writes, who deletes, what bounds it."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.ids import DeliveryId, LeadKey, PushId, RouteName, SinkName, SourceName
from hookrouter.ports.stages import Stage
from hookrouter.store.chat_keys import ChatKeys
from hookrouter.store.team_keys import digest_of


@dataclass(frozen=True, slots=True)
class Keys(ChatKeys):
    """The keys under one prefix."""

    def intake(self, partition: int) -> str:
        """Stream; receive and hydrate write, route deletes; bounded by being drained."""
        return f"{self.prefix}:intake:{partition}"

    def begun(self, partition: int) -> str:
        """String, the entry of `intake` some of whose leads are routed, with how many; route writes; expires."""
        return f"{self.prefix}:begun:{partition}"

    def hydrate(self) -> str:
        """Stream; receive writes, hydrate deletes; bounded by being drained.

        It has no partitions, for it is as fast as the CRM lets it be: gathered in one place, its leads take the
        fewest calls.
        """
        return f"{self.prefix}:hydrate"

    def enrich(self, partition: int) -> str:
        """Stream; route and assign write, enrich deletes; bounded by being drained."""
        return f"{self.prefix}:enrich:{partition}"

    def pending(self, partition: int) -> str:
        """Stream; route writes, enrich deletes; bounded by being drained."""
        return f"{self.prefix}:pending:{partition}"

    def outbox(self, sink: SinkName) -> str:
        """Stream; route, assign, enrich and replay write, deliver deletes; bounded by being drained."""
        return f"{self.prefix}:outbox:{sink}"

    def again(self, sink: SinkName) -> str:
        """Stream of what waited, of digests and reports; promote, gather, replay write; bounded by being drained."""
        return f"{self.prefix}:again:{sink}"

    def let_in(self, sink: SinkName) -> str:
        """Stream of deliveries that were shut out; deliver writes and deletes; bounded by being drained.

        It is read behind `again`: what failed before others of its lead that were let in comes due before these.
        """
        return f"{self.prefix}:let-in:{sink}"

    def retries(self, sink: SinkName) -> str:
        """Sorted set of delivery ids by due time; deliver writes, promote deletes; bounded by retry.for."""
        return f"{self.prefix}:retry:{sink}"

    def retry_records(self, sink: SinkName) -> str:
        """Hash of delivery records by id; lives and dies with `retries`."""
        return f"{self.prefix}:retry-records:{sink}"

    def lane(self, sink: SinkName, lane: str) -> str:
        """List of the deliveries of one lead that wait, the foremost first; deliver writes; expires."""
        return f"{self.prefix}:lane:{sink}:{digest_of(lane)}"

    def shut(self, sink: SinkName, route: RouteName) -> str:
        """Stream of deliveries of a paused or closed route; deliver writes and deletes; bounded by being drained."""
        return f"{self.prefix}:shut:{sink}:{route}"

    def shut_first(self, sink: SinkName, route: RouteName) -> str:
        """Stream before `shut`, of those that waited before; deliver writes and deletes; bounded by being drained."""
        return f"{self.prefix}:shut:{sink}:{route}:first"

    def shut_routes(self, sink: SinkName) -> str:
        """Set of the routes that `shut` has streams for; deliver writes and deletes; bounded by their number."""
        return f"{self.prefix}:shut:{sink}"

    def confirmed(self, delivery: DeliveryId) -> str:
        """String, there while a delivery counts as just made; deliver writes; expires after minutes."""
        return f"{self.prefix}:confirmed:{delivery}"

    def circuit(self, sink: SinkName) -> str:
        """String, how a sink's far side did of late; deliver writes; expires after days."""
        return f"{self.prefix}:circuit:{sink}"

    def tide(self, sink: SinkName) -> str:
        """String, the flow of a sink's messages, for its `burst`; deliver writes; expires after a day."""
        return f"{self.prefix}:tide:{sink}"

    def pauses(self) -> str:
        """Hash of pauses by `sink:NAME` or `route:NAME`; pause and deliver write; bounded by the number of both."""
        return f"{self.prefix}:pauses"

    def silences(self) -> str:
        """Hash of silences by id; `silence` writes, and trims what is long over."""
        return f"{self.prefix}:silences"

    def silenced(self) -> str:
        """Hash of how many deliveries each silence kept back; route and enrich write, `silence` trims it."""
        return f"{self.prefix}:silenced"

    def told_orders(self) -> str:
        """Set of the pauses and silences that were reported; the kick writes, and trims those that are over."""
        return f"{self.prefix}:told-orders"

    def serving(self, sink: SinkName) -> str:
        """String, there while a drain serves an outbox; the drain writes and deletes it; expires after days."""
        return f"{self.prefix}:serving:{sink}"

    def suspects(self, sink: SinkName) -> str:
        """Hash of how many drains died while they attempted a delivery; drains write and delete it; expires."""
        return f"{self.prefix}:suspects:{sink}"

    def outboxes(self) -> str:
        """Set of all sinks that ever had an outbox here; workers write; bounded by the number of sinks."""
        return f"{self.prefix}:outboxes"

    def lease(self, stream: str) -> str:
        """String, the token of the drain that serves a stream, which writes and deletes it; expires by itself."""
        return f"{stream}:lease"

    def wake(self, stage: Stage) -> str:
        """String, there while a wake-up of the stage is under way; the doorbell writes, the drain deletes; expires."""
        return f"{self.prefix}:wake:{stage}"

    def push(self, push: PushId) -> str:
        """Hash of a push: body, headers, receipt; receive writes; expires after retention.pushes."""
        return f"{self.prefix}:push:{push}"

    def before(self, push: PushId, place: int) -> str:
        """String, how leads of a push were before it, from a place on; route writes; expires after retention.pushes."""
        return f"{self.prefix}:before:{push}:{place}"

    def pushes(self) -> str:
        """Sorted set of push ids by arrival; receive writes, the kick trims it to retention.pushes."""
        return f"{self.prefix}:pushes"

    def sent_before(self, source: SourceName, digest: str) -> str:
        """String, the receipt of a push with this body; receive writes; expires after receiver.dedup_window."""
        return f"{self.prefix}:sent-before:{source}:{digest}"

    def snapshot(self, source: SourceName, lead: LeadKey) -> str:
        """String, a lead as last seen; route writes; expires after retention.snapshots.

        The lead is named by a digest: a key may show up in a slow log, and an e-mail address must not.
        """
        return f"{self.snapshots_of(source)}{digest_of(lead)}"

    def snapshots_of(self, source: SourceName) -> str:
        """String, the beginning of the names of a source's snapshots; lives and dies with them."""
        return f"{self.prefix}:snapshot:{source}:"

    def marks(self, source: SourceName, lead: LeadKey) -> str:
        """Hash of the pushes by which routes with `once` last told of a lead; route and enrich write; expires."""
        return f"{self.prefix}:marks:{source}:{digest_of(lead)}"

    def baseline(self, source: SourceName) -> str:
        """String, how many leads a baseline has read; it writes, and deletes it at its end; expires after a day."""
        return f"{self.prefix}:baseline:{source}"

    def reconcile(self, source: SourceName) -> str:
        """Hash of when a source is due, and up to when accounted for; reconcile writes; bounded by its fields."""
        return f"{self.prefix}:reconcile:{source}"

    def reconciled(self, source: SourceName) -> str:
        """List of what the last runs found, the newest first; reconcile writes; capped, expires after weeks."""
        return f"{self.prefix}:reconciled:{source}"

    def attempts(self) -> str:
        """Stream of attempts; deliver writes; capped, and trimmed by the kick to retention.deliveries."""
        return f"{self.prefix}:attempts"

    def dead_letter(self, delivery: str) -> str:
        """String, a dead letter; deliver writes, replay deletes; expires after retention.dead."""
        return f"{self.prefix}:dead:{delivery}"

    def dead_letters(self) -> str:
        """Sorted set of dead deliveries by the moment of death; deliver writes, the kick trims it to retention.dead."""
        return f"{self.prefix}:dead"

    def replicated(self) -> str:
        """String, written behind a push so that replicas can be waited for; receive writes; expires after a minute."""
        return f"{self.prefix}:replicated"

    def refused_pushes(self) -> str:
        """List of refused pushes, the newest first; receive writes; capped, expires after retention.pushes."""
        return f"{self.prefix}:refused"

    def rejected_lead(self, rejection: str) -> str:
        """String, a rejected lead; receive writes; expires after retention.rejected."""
        return f"{self.prefix}:rejected:{rejection}"

    def rejected_leads(self) -> str:
        """Sorted set of rejections by arrival; receive writes, the kick trims it to retention.rejected."""
        return f"{self.prefix}:rejected"

    def timeline(self, lead: str, source: str | None) -> str:
        """String, a lead's history as the CRM told it; enrich writes; expires after minutes."""
        return f"{self.prefix}:timeline:{digest_of(lead)}:{source or 'all'}"

    def memberships(self, lead: str) -> str:
        """String, the lists that a lead is on as the CRM told them; enrich writes; expires after minutes."""
        return f"{self.prefix}:memberships:{digest_of(lead)}"

    def crm_away(self) -> str:
        """String, why the CRM does not tell; hydrate and enrich write, and delete it then; expires after minutes."""
        return f"{self.prefix}:crm-away"

    def crm_calls(self) -> str:
        """Hash of the CRM's turns and the day's calls; who takes a turn writes; expires after two days."""
        return f"{self.prefix}:crm-calls"

    def written(self, source: SourceName, lead: LeadKey) -> str:
        """Hash of the fields that we wrote to a lead at the CRM; deliver writes, route deletes; expires after a day."""
        return f"{self.prefix}:written:{source}:{digest_of(lead)}"

    def rounds(self, lead: LeadKey) -> str:
        """Hash of how often what was written to a lead at the CRM; deliver writes; expires with the sink's `loop`."""
        return f"{self.prefix}:rounds:{digest_of(lead)}"

    def call_begun(self, delivery: DeliveryId) -> str:
        """String, the attempt at which a delivery began to log a call; deliver writes; expires after days."""
        return f"{self.prefix}:call-begun:{delivery}"

    def loops(self) -> str:
        """Hash of the routes whose loops were broken, by `sink:route`, with when; deliver writes; expires in hours."""
        return f"{self.prefix}:loops"

    def arrivals(self, source: SourceName) -> str:
        """Sorted set of when a push came last, one by each token, and callers refused; receive writes and trims it."""
        return f"{self.prefix}:arrivals:{source}"

    def busy(self, source: SourceName, hour: int) -> str:
        """String of bits, the minutes of an hour in which a push came; receive writes; expires after two days."""
        return f"{self.prefix}:busy:{source}:{hour}"

    def watch(self, source: SourceName) -> str:
        """Hash of how the way of pushes is and what is usual; who watches it writes; bounded by a week's hours."""
        return f"{self.prefix}:watch:{source}"

    def watching(self, source: SourceName) -> str:
        """Stream that is never there: its lease is what who watches a source writes; it expires."""
        return f"{self.prefix}:watching:{source}"

    def canary(self, mark: str) -> str:
        """String, when the push of a canary came; route writes; expires after a day."""
        return f"{self.prefix}:canary:{mark}"

    def speed(self, week: str) -> str:
        """Hash of how fast people reacted in a week, by route and person; route writes; expires after months."""
        return f"{self.prefix}:speed:{week}"

    def clocks(self) -> str:
        """Sorted set of the clocks that run by when they are due; route and follow-up write; bounded by their ends.

        A clock ends with its last step, or when somebody reacts to its lead.
        """
        return f"{self.prefix}:clocks"

    def clock(self, clock: str) -> str:
        """Hash of a lead's clock by a route; route and follow-up write, either deletes; expires weeks later."""
        return f"{self.prefix}:clock:{clock}"

    def reminding(self) -> str:
        """Stream that is never there: its lease is what who serves `clocks` writes; it expires."""
        return f"{self.prefix}:reminding"

    def permits(self, name: str) -> str:
        """Hash of a token bucket; who takes a permit writes; expires when it would be full again."""
        return f"{self.prefix}:permits:{name}"

    def writable(self) -> str:
        """String; probes write it to see whether anything can be written; expires after seconds."""
        return f"{self.prefix}:writable"

    def heartbeats(self) -> str:
        """Sorted set of `role:process` by last beat; processes write and trim it; expires."""
        return f"{self.prefix}:alive"

    def unreadable(self) -> str:
        """Stream of records that this version could not read; drains write; capped."""
        return f"{self.prefix}:unreadable"


def queue_name(prefix: str) -> str:
    """The one RQ queue; its own keys are RQ's (`rq:*`) and hold no lead."""
    return f"{prefix}-wake"
