"""Watch: learn how often pushes come, send the canary in time, and ask the CRM to push again when it stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from hookrouter.domain.errors import CrmAway, CrmRefused
from hookrouter.domain.ids import SourceName
from hookrouter.domain.push_path import LOOK_EVERY, LOOK_FOR_IT_EVERY, Path, Step, Verdict
from hookrouter.domain.rhythm import Quiet, Rhythm
from hookrouter.domain.subscription import WhenToSubscribe, subscribed
from hookrouter.domain.watch_events import CanaryLost, CanaryReturned, PushesSilent, SourceSubscribed
from hookrouter.domain.watched import Arrivals
from hookrouter.ports.crm import Subscriptions
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.watching import WatchMemory
from hookrouter.usecases.watching.flight import Flights
from hookrouter.usecases.watching.subscribe import UNCONFIRMED

BROKEN = frozenset({Verdict.BROKEN, Verdict.REFUSED})
STILL_LOOKED_FOR = BROKEN | {Verdict.UNECHOED}
"""A canary that comes late, out of a spool or a queue of the CRM's, shows all the same that the way is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Watches one source, a look at a time.

    Attributes:
        address: where the CRM pushes to; None when that is not said.
        flights: of the canary; None without one.
    """

    source: SourceName
    address: str | None
    when: WhenToSubscribe
    flights: Flights | None
    memory: WatchMemory
    subscriptions: Subscriptions
    clock: Clock
    observer: Observer

    async def run(self) -> None:
        """Look once."""
        is_asked = await self._subscribe_at_start()
        watched, now = await self.memory.read(self.source), self.clock.now()
        arrivals = await self.memory.arrivals(self.source, now)
        quiet = watched.rhythm.judge(arrivals.last_push, now)
        path = await self._follow(watched.path, quiet, arrivals.last_push)
        rhythm = _learned(watched.rhythm, path, quiet, arrivals, now)
        told = self._tell(watched.told, quiet, path)
        due = now + LOOK_EVERY if self.flights is None else path.look_again_at(self.flights.canary, now)
        if not is_asked or self._awaits_receiver(path, quiet, now):
            due = min(due, now + LOOK_FOR_IT_EVERY)
        await self.memory.write(self.source, replace(watched, path=path, rhythm=rhythm, told=told), due)

    async def _follow(self, path: Path, quiet: Quiet | None, last_push: datetime | None) -> Path:
        """Take the canary's next step."""
        if self.flights is None:
            return Path()
        if path.is_waiting or path.verdict in STILL_LOOKED_FOR:
            path = await self._look_for(path)
        now = self.clock.now()
        match path.next_step(self.flights.canary, quiet, now, may_subscribe=await self._may_renew(path)):
            case Step.SEND:
                # Where nobody could take its push, it says nothing of the CRM: at a start the worker is up first.
                return await self._send(path, self.flights) if await self.memory.receivers() else path
            case Step.GIVE_UP:
                return await self._give_up(path, self.flights, last_push)
            case Step.SUBSCRIBE:
                await self._subscribe("silence")
                return path.renewed(now)
            case Step.WAIT:
                return path

    def _awaits_receiver(self, path: Path, quiet: Quiet | None, now: datetime) -> bool:
        """Whether a canary is to be sent still: then there was nobody to take its push."""
        if self.flights is None:
            return False
        return path.next_step(self.flights.canary, quiet, now, may_subscribe=False) is Step.SEND

    async def _look_for(self, path: Path) -> Path:
        back = await self.memory.came_back(path.mark)
        if back is None:
            return path
        path = path.came_back(back)
        self.observer.report(CanaryReturned(source=self.source, seconds=path.took or 0.0))
        return path

    async def _send(self, path: Path, flights: Flights) -> Path:
        mark, at = flights.new_mark(), self.clock.now()
        reason = await flights.begin(mark)
        return self._not_written(path, reason) if reason else path.sent(mark, at)

    async def _give_up(self, path: Path, flights: Flights, last_push: datetime | None) -> Path:
        if reason := await flights.not_written(path.mark):
            return self._not_written(path, reason)
        path = path.lost(last_push, await flights.hindrance(path.mark, path.sent_at or self.clock.now()))
        self.observer.report(CanaryLost(source=self.source, result=path.verdict, reason=path.reason))
        return path

    def _not_written(self, path: Path, reason: str) -> Path:
        self.observer.report(CanaryLost(source=self.source, result=Verdict.UNWRITTEN, reason=reason))
        return path.not_written(reason, self.clock.now())

    async def _may_renew(self, path: Path) -> bool:
        """Whether asking the CRM anew could help: not while nobody here could take a push."""
        if path.verdict is not Verdict.BROKEN or self.address is None or self.when is WhenToSubscribe.NEVER:
            return False
        return await self.memory.receivers() > 0

    async def _subscribe_at_start(self) -> bool:
        """Ask the CRM to push to this address, once for each, whatever processes there are: the lease is one's.

        Returns False while it is to be asked and no receiver lives: a worker may be up first.
        """
        if self.when is not WhenToSubscribe.ON_START or self.address is None:
            return True
        known, now = await self.memory.subscription(self.source), self.clock.now()
        if not known.is_due(self.address, now):
            return True
        if not await self.memory.receivers():
            return False
        await self._subscribe("start")
        return True

    async def _subscribe(self, why: str) -> None:
        if self.address is None:
            return
        fault = await self._asked_to_push(self.address)
        now = self.clock.now()
        if fault:
            known = await self.memory.subscription(self.source)
            await self.memory.note_subscription(self.source, known.failed(self.address, fault, now))
        else:
            await self.memory.note_subscription(self.source, subscribed(self.address, now))
        result = "failed" if fault else "subscribed"
        self.observer.report(SourceSubscribed(source=self.source, why=why, result=result, reason=fault))

    async def _asked_to_push(self, address: str) -> str:
        try:
            return "" if await self.subscriptions.subscribe(address) else UNCONFIRMED
        except (CrmAway, CrmRefused) as fault:
            return str(fault)

    def _tell(self, told: datetime | None, quiet: Quiet | None, path: Path) -> datetime | None:
        """Tell once of each silence that chance does not explain, unless the canary does: then it is just Sunday."""
        if quiet is None or not quiet.is_improbable or quiet.since == told:
            return told
        if self.flights is not None and not is_settled(path, quiet):
            return told
        if path.verdict is Verdict.OPEN:
            return told
        canary = "off" if self.flights is None else str(path.verdict)
        self.observer.report(
            PushesSilent(
                source=self.source, since=quiet.since.isoformat(), expected=round(quiet.expected, 1), canary=canary
            )
        )
        return quiet.since


def is_settled(path: Path, quiet: Quiet) -> bool:
    """Whether the canary has said something of a quiet: one that was sent since it began is over."""
    return not path.is_waiting and path.sent_at is not None and path.sent_at >= quiet.since


def _learned(rhythm: Rhythm, path: Path, quiet: Quiet | None, arrivals: Arrivals, now: datetime) -> Rhythm:
    """The rhythm with the hours that were as usual: what did not come because the way was broken teaches nothing."""
    if path.verdict in BROKEN:
        return rhythm.skip(now)
    is_in_doubt = quiet is not None and quiet.is_improbable and path.verdict is not Verdict.OPEN
    return rhythm if is_in_doubt else rhythm.learn(arrivals.busy, now)
