"""What is known of a step's leads before they are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hookrouter.domain.delivery import Occasion
from hookrouter.domain.handing import Handed
from hookrouter.domain.ids import Who
from hookrouter.domain.lead import Lead
from hookrouter.domain.lead_clock import KnownClocks
from hookrouter.domain.once import Marks
from hookrouter.domain.own_writes import OwnWrites, names_of
from hookrouter.domain.remembered import Snapshot
from hookrouter.domain.routing import RouteTable
from hookrouter.domain.silence import Listening
from hookrouter.ports.streams import Intake, IntakeEntry


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a step's leads, updated as they are routed one after another."""

    snapshots: dict[Who, Snapshot | None]
    marks: dict[Who, Marks]
    own: OwnWrites
    silences: Sequence[Listening]
    clocks: dict[Who, KnownClocks]

    def learn(self, who: Who, handed: Handed) -> None:
        """Learn what became of a lead, for its later pushes in the same step."""
        if handed.clocks:
            self.clocks[who] = self.clocks[who].after(handed.clocks)
        if handed.marks:
            self.marks[who] = {**self.marks[who], **handed.marks[who]}


async def look_up(intake: Intake, waiting: Sequence[IntakeEntry], table: RouteTable, *, knows_echoes: bool) -> Known:
    """Look up what is known of the leads that wait, as far as any route of the table asks for it."""
    pushed = [each for entry in waiting for each in zip(entry.occasions, entry.leads, strict=True)]
    leads = list(dict.fromkeys((occasion.source, lead.key) for occasion, lead in pushed))
    snapshots = dict(zip(leads, await intake.snapshots(leads), strict=True))
    marks: dict[Who, Marks] = {}
    if table.longest_once is not None:
        marks = dict(zip(leads, await intake.marks(leads), strict=True))
    clocks: dict[Who, KnownClocks] = {}
    if table.follow_ups:
        clocks = dict(zip(leads, await intake.clocks(leads, table.follow_ups), strict=True))
    own = await _own_writes(intake, pushed) if knows_echoes else OwnWrites({})
    return Known(snapshots, marks, own, await intake.silences(), clocks)


async def _own_writes(intake: Intake, pushed: Sequence[tuple[Occasion, Lead]]) -> OwnWrites:
    """What we wrote lately to the waiting leads, under all their names."""
    names = list(dict.fromkeys((occasion.source, name) for occasion, lead in pushed for name in names_of(lead)))
    found = zip(names, await intake.written(names), strict=True)
    return OwnWrites({who: list(written) for who, written in found if written})
