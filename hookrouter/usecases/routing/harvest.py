"""What the leads of one step led to, gathered until it is written together with their removal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.clock_events import LeadAnswered
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.figures import Tally
from hookrouter.domain.handing import Handed, told_besides
from hookrouter.domain.ids import EntryId, PushId, Who
from hookrouter.domain.pending import Pending
from hookrouter.domain.rejection import Rejection
from hookrouter.domain.remembered import Before, Snapshot
from hookrouter.domain.routing_events import LeadJudged, LeadRouted, LeadUnroutable
from hookrouter.ports.stages import Stage
from hookrouter.ports.streams import ComeBack, RoutedEntries

ENOUGH_FOR_A_STEP = 1000
"""Deliveries, of some kilobytes each; a step that has this many ends early. If hundreds of routes take every lead, it
would otherwise grow beyond what Redis accepts within its time limit, and be tried again for ever."""


@dataclass(slots=True)
class Harvest:
    """What has become of a step's leads so far."""

    tally: Tally
    entries: list[EntryId] = field(default_factory=list)
    begun: tuple[EntryId, int] | None = None
    snapshots: dict[Who, Snapshot] = field(default_factory=dict)
    before: dict[PushId, dict[int, Before]] = field(default_factory=dict)
    handed: Handed = field(default_factory=Handed)
    pending: list[Pending] = field(default_factory=list)
    come_back: list[ComeBack] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    canaries: dict[str, datetime] = field(default_factory=dict)
    events: list[LeadJudged | LeadAnswered | LeadUnroutable] = field(default_factory=list)

    @property
    def is_enough(self) -> bool:
        """Whether the harvest is large enough to be written."""
        handed = self.handed
        return handed.sinks + len(handed.shadows) + len(handed.repeats) + len(handed.silenced) >= ENOUGH_FOR_A_STEP

    @property
    def stages(self) -> Iterator[Stage]:
        """The stages that have work once it is written."""
        if self.handed.deliveries:
            yield Stage.DELIVER
        if self.handed.assigning:
            yield Stage.ASSIGN
        if self.handed.enriching or self.pending:
            yield Stage.ENRICH

    def note(self, occasion: Occasion, happened: LeadEvent, handed: Handed) -> None:
        """Note what is to be reported about a lead that was routed."""
        names = handed.names
        routed = LeadRouted(
            push=occasion.push,
            source=occasion.source,
            place=occasion.place,
            happened=happened,
            routes=tuple(handed.routes),
            sinks=len(names),
            deliveries=names,
        )
        answered = [
            LeadAnswered(
                push=occasion.push,
                source=occasion.source,
                place=occasion.place,
                route=each.route,
                seconds=each.took.total_seconds(),
            )
            for each in handed.reactions
        ]
        self.events += [routed, *told_besides(occasion, handed), *answered]

    def routed(self, *, keep_marks: timedelta) -> RoutedEntries:
        """The whole harvest, to be written in one step."""
        return RoutedEntries(
            entries=self.entries,
            begun=self.begun,
            snapshots=self.snapshots,
            before=self.before,
            handed=self.handed,
            pending=self.pending,
            rejected=self.rejected,
            come_back=self.come_back,
            canaries=self.canaries,
            tally=self.tally,
            keep_marks=keep_marks,
        )
