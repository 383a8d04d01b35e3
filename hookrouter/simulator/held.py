"""Changes that are held back: until their time comes, or until a newer change of their lead has passed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hookrouter.simulator.ledger import Noted


@dataclass(slots=True)
class Held:
    """What is held back; `let_go` gets each change once, in the end."""

    let_go: Callable[[Noted], None]
    _timers: dict[int, tuple[Noted, asyncio.TimerHandle]] = field(default_factory=dict)
    _passable: dict[str, list[Noted]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._timers)

    def hold(self, noted: Noted, seconds: float) -> None:
        """Hold a change for so long."""
        timer = asyncio.get_running_loop().call_later(seconds, self._release, noted)
        self._timers[noted.number] = noted, timer

    def hold_for_newer(self, noted: Noted, seconds: float) -> None:
        """Hold a change until a newer one of its lead has passed, but no longer than this."""
        self._passable.setdefault(noted.lead_id, []).append(noted)
        self.hold(noted, seconds)

    def pass_by(self, taken: Iterable[Noted]) -> None:
        """These changes were taken: let go what waited for that."""
        for newer in taken:
            for older in list(self._passable.get(newer.lead_id, ())):
                if older.number < newer.number:
                    self._release(older)

    def release_all(self) -> None:
        """Let everything go now."""
        for noted, _ in list(self._timers.values()):
            self._release(noted)

    def _release(self, noted: Noted) -> None:
        _, timer = self._timers.pop(noted.number)
        timer.cancel()
        waiting = self._passable.get(noted.lead_id, [])
        if noted in waiting:
            waiting.remove(noted)
        if not waiting:
            self._passable.pop(noted.lead_id, None)
        self.let_go(noted)
