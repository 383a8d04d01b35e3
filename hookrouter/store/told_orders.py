"""Which pauses and silences were told of, so that each is reported once, by one of all processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.events import Event
from hookrouter.domain.order_events import PauseBegan, PauseEnded, SilenceBegan, SilenceEnded
from hookrouter.domain.pause import Pause
from hookrouter.domain.silence import Silence
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.store.silences import silences_of
from hookrouter.store.standing import pauses_of

PAUSE, SILENCE = "pause", "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisToldOrders:
    """What was told in Redis; see `usecases.kick.Orders`."""

    server: RedisServer
    keys: Keys

    def news(self, now: datetime) -> Sequence[Event]:
        """What began or ended since anybody asked; whoever notes a change first tells it."""
        pauses, silences, told = self.server.call_all(
            [("HGETALL", self.keys.pauses()), ("HVALS", self.keys.silences()), ("SMEMBERS", self.keys.told_orders())]
        )
        paused = {name: pause for name, pause in pauses_of(pauses).items() if pause.holds(now)}
        began: dict[str, Event] = {_of_pause(name, pause): _begun(name, pause) for name, pause in paused.items()}
        began |= {f"{SILENCE} {each.id}": _silent(each) for each in silences_of(silences) if each.holds(now)}
        known = {name.decode("utf-8", "replace") for name in told}
        new, gone = [name for name in began if name not in known], [name for name in known if name not in began]
        if not new and not gone:
            return []
        noted: list[Command] = [("SADD", self.keys.told_orders(), name) for name in new]
        noted += [("SREM", self.keys.told_orders(), name) for name in gone]
        first = [name for name, is_first in zip(new + gone, self.server.call_all(noted), strict=True) if is_first]
        events = [began.get(name) or _ended(name) for name in first]
        # A pause that took the place of another does not let anything go on.
        return [event for event in events if not (isinstance(event, PauseEnded) and event.what in paused)]


def _of_pause(name: str, pause: Pause) -> str:
    """What one pause is known by: another one of the same sink is another."""
    return f"{PAUSE} {pause.since.timestamp():.3f} {name}"


def _begun(name: str, pause: Pause) -> Event:
    until = "" if pause.until is None else pause.until.isoformat()
    return PauseBegan(what=name, by=pause.by, reason=pause.reason, until=until)


def _silent(silence: Silence) -> Event:
    return SilenceBegan(
        silence=silence.id,
        sinks=silence.sinks,
        by=silence.by,
        reason=silence.reason,
        until=silence.until.isoformat(),
    )


def _ended(name: str) -> Event:
    kind, _, rest = name.partition(" ")
    return SilenceEnded(silence=rest) if kind == SILENCE else PauseEnded(what=rest.partition(" ")[2])
