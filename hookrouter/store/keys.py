"""Every key of hookrouter in Redis; each function says the key's type, who writes, who deletes, what bounds it."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.dialect import FIRST
from hookrouter.domain.ids import LeadKey, PushId, SourceName
from hookrouter.store.crm_keys import CrmKeys
from hookrouter.store.team_keys import digest_of


@dataclass(frozen=True, slots=True)
class Keys(CrmKeys):
    """The keys under one prefix."""

    def pauses(self) -> str:
        """Hash of pauses by `sink:NAME` or `route:NAME`; pause and deliver write; bounded by the number of both.

        Forget: it names nobody but who paused.
        """
        return f"{self.prefix}:pauses"

    def silences(self) -> str:
        """Hash of silences by id; `silence` writes, and trims what is long over.

        Forget: one whose `match` names the person is told of, for it is an order.
        """
        return f"{self.prefix}:silences"

    def silenced(self) -> str:
        """Hash of how many deliveries each silence kept back; route and enrich write, `silence` trims it.

        Forget: it names nobody.
        """
        return f"{self.prefix}:silenced"

    def told_orders(self) -> str:
        """Set of the pauses and silences that were reported; the kick writes, and trims those that are over.

        Forget: it names nobody.
        """
        return f"{self.prefix}:told-orders"

    def push(self, push: PushId) -> str:
        """Hash of a push: body, headers, receipt; receive writes; expires after retention.pushes.

        Forget: the lead leaves its body; one that holds no other lead, or cannot be read, goes.
        """
        return f"{self.prefix}:push:{push}"

    def before(self, push: PushId, place: int) -> str:
        """String, how leads of a push were before it, from a place on; route writes; expires after retention.pushes.

        Forget: the lead leaves it.
        """
        return f"{self.prefix}:before:{push}:{place}"

    def pushes(self) -> str:
        """Sorted set of push ids by arrival; receive writes, the kick trims it to retention.pushes.

        Forget: the pushes that go leave it.
        """
        return f"{self.prefix}:pushes"

    def sent_before(self, source: SourceName, digest: str) -> str:
        """String, the receipt of a push with this body; receive writes; expires after receiver.dedup_window.

        Forget: that of a push that held the lead goes.
        """
        return f"{self.prefix}:sent-before:{source}:{digest}"

    def snapshot(self, source: SourceName, lead: LeadKey) -> str:
        """String, a lead as last seen; route writes; expires after retention.snapshots.

        The lead is named by a digest: a key may show up in a slow log, and an e-mail address must not.

        Forget: the lead's goes.
        """
        return f"{self.snapshots_of(source)}{digest_of(lead)}"

    def snapshots_of(self, source: SourceName) -> str:
        """String, the beginning of the names of a source's snapshots; lives and dies with them.

        Forget: it is no key.
        """
        return f"{self.prefix}:snapshot:{source}:"

    def marks(self, source: SourceName, lead: LeadKey) -> str:
        """Hash of the pushes by which routes with `once` last told of a lead; route and enrich write; expires.

        Forget: the lead's go.
        """
        return f"{self.prefix}:marks:{source}:{digest_of(lead)}"

    def attempts(self) -> str:
        """Stream of attempts; deliver writes; capped, and trimmed by the kick to retention.deliveries.

        Forget: the lead's entries go; those of digests that it was in lose the answers.
        """
        return f"{self.prefix}:attempts"

    def dead_letter(self, delivery: str) -> str:
        """String, a dead letter; deliver writes, replay deletes; expires after retention.dead.

        Forget: the lead's go, and it leaves digests.
        """
        return f"{self.prefix}:dead:{delivery}"

    def dead_letters(self) -> str:
        """Sorted set of dead deliveries by the moment of death; deliver writes, the kick trims it to retention.dead.

        Forget: the letters that go leave it.
        """
        return f"{self.prefix}:dead"

    def replicated(self) -> str:
        """String, written behind a push so that replicas can be waited for; receive writes; expires after a minute.

        Forget: it names nobody.
        """
        return f"{self.prefix}:replicated"

    def refused_pushes(self) -> str:
        """List of refused pushes, the newest first; receive writes; capped, expires after retention.pushes.

        Forget: the pushes that go leave it.
        """
        return f"{self.prefix}:refused"

    def rejected_lead(self, rejection: str) -> str:
        """String, a rejected lead; receive writes; expires after retention.rejected. Forget: the lead's go."""
        return f"{self.prefix}:rejected:{rejection}"

    def rejected_leads(self) -> str:
        """Sorted set of rejections by arrival; receive writes, the kick trims it to retention.rejected.

        Forget: the rejections that go leave it.
        """
        return f"{self.prefix}:rejected"

    def speed(self, week: str) -> str:
        """Hash of how fast people reacted in a week, by route and person; route writes; expires after months.

        Forget: it names nobody but those who react.
        """
        return f"{self.prefix}:speed:{week}"

    def clocks(self) -> str:
        """Sorted set of the clocks that run by when they are due; route and follow-up write; bounded by their ends.

        A clock ends with its last step, or when somebody reacts to its lead.

        Forget: the lead's clocks leave it.
        """
        return f"{self.prefix}:clocks"

    def clock(self, clock: str) -> str:
        """Hash of a lead's clock by a route; route and follow-up write, either deletes; expires weeks later.

        Forget: the lead's go.
        """
        return f"{self.prefix}:clock:{clock}"

    def reminding(self) -> str:
        """Stream that is never there: its lease is what who serves `clocks` writes; it expires.

        Forget: it names nobody.
        """
        return f"{self.prefix}:reminding"

    def forgetting(self, asked: str) -> str:
        """String, who is being forgotten; forget writes, and deletes it at its end; expires after a day.

        Forget: the lead's goes as the last of all.
        """
        return f"{self.prefix}:forgetting:{digest_of(asked)}"

    def permits(self, name: str) -> str:
        """Hash of a token bucket; who takes a permit writes; expires when it would be full again.

        Forget: it names nobody.
        """
        return f"{self.prefix}:permits:{name}"

    def writable(self) -> str:
        """String; probes write it to see whether anything can be written; expires after seconds.

        Forget: it names nobody.
        """
        return f"{self.prefix}:writable"

    def heartbeats(self, dialect: int = FIRST) -> str:
        """Sorted set of `role:process` by last beat, of those that know a dialect; processes write, trim it; expires.

        Forget: it names nobody.
        """
        return f"{self.prefix}:alive" if dialect == FIRST else f"{self.prefix}:alive:{dialect}"

    def beats_by_own_clocks(self) -> str:
        """Hash of when those beat last that do so by their own clock, by `role:process`; processes write; expires.

        Forget: it names nobody.
        """
        return f"{self.prefix}:alive:by-own-clocks"


def queue_name(prefix: str) -> str:
    """The one RQ queue; its own keys are RQ's (`rq:*`) and hold no lead."""
    return f"{prefix}-wake"
