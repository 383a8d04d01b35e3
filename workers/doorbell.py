"""The doorbell within a worker: rings a stage where it is served."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.ports.stages import Stage
from hookrouter.store.wake import RqWake
from workers.background import Background
from workers.line import Line


@dataclass(frozen=True, slots=True)
class Doorbell:
    """Rings in this process, at the other end of the line, or through RQ if neither takes up anything new."""

    background: Background
    line: Line
    anywhere: RqWake

    def ring(self, stage: Stage) -> None:
        """Ring for a stage; see `ports.stages.Wake`."""
        is_ours = stage in self.background.stages
        if not (self.background.poke(stage) if is_ours else self.line.ring(stage)):
            self.anywhere.send(stage)  # whatever its flag says: a wake-up that was taken here left it up
