"""A simulated CRM at work beside a test, in a thread of its own, so that any client may speak to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any, TypeVar

from hookrouter.ports.surroundings import Clock
from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.quirks import Quirks
from hookrouter.simulator.server import Simulator

ACCOUNT_ID = "simulated-account"
SECRET_KEY = "simulated-secret"  # noqa: S105 - it opens nothing
AT_ONCE = Pushing(batch_delay=0.01)
ANY_RATE = Allowance(per_second=0)
LOOK_EVERY = 0.01  # seconds

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class SimulatedCrm:
    """A CRM with invented leads; what is done here is done as by a person in the CRM, and is pushed.

    Attributes:
        simulator: the thing itself; touch it by `do` alone, for it lives in another thread.
    """

    simulator: Simulator
    _loop: asyncio.AbstractEventLoop
    account_id: str = ACCOUNT_ID
    secret_key: str = SECRET_KEY

    @property
    def url(self) -> str:
        """Where its page is."""
        return self.simulator.url

    @property
    def api_url(self) -> str:
        """Where its API is: what `crm.url` is set to."""
        return self.simulator.api_url

    def do(self, doing: Callable[[Simulator], Answer]) -> Answer:
        """Do something with the simulator in its own thread, and give what came of it."""

        async def main() -> Answer:
            return doing(self.simulator)

        return self.run(main())

    def run(self, doing: Coroutine[Any, Any, Answer]) -> Answer:
        """Wait for something that its thread does."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result()

    def status(self) -> dict[str, Any]:
        """Its counts: changes, leads pushed, lost and doubled, calls, and more."""
        return self.do(lambda simulator: simulator.status())

    def leads(self) -> dict[str, dict[str, str | None]]:
        """All leads by id, as they are now."""
        return self.do(lambda simulator: {lead["id"] or "": dict(lead) for lead in simulator.book})

    def create(self, **fields: str) -> str:
        """Add a lead; its id."""
        return self.do(lambda simulator: simulator.book.create(fields))

    def edit(self, lead_id: str, **fields: str) -> None:
        """Change a lead."""
        self.do(lambda simulator: simulator.book.update({**fields, "id": lead_id}, strict=True))

    def delete(self, lead_id: str) -> None:
        """Remove a lead; that is never pushed."""
        self.do(lambda simulator: simulator.book.delete(lead_id))

    def make_changes(self, count: int) -> None:
        """Make so many believable changes."""
        self.run(self.simulator.make_changes(count))

    def turn(self, **sections: dict[str, Any]) -> None:
        """Turn dials, such as `turn(pushing={"lost": 0.3}, quirks={"range_lag": 5.0})`."""
        self.do(lambda simulator: simulator.dials.turn(sections))

    def fault(self, mode: str, seconds: float | None = None, **limits: Any) -> None:
        """Let the API misbehave, until `fault("none")` or as long as `share`, `calls` and `methods` say."""
        self.do(lambda simulator: simulator.faults.switch(mode, seconds, **limits))

    def unheard(self) -> list[str]:
        """The ids of the leads whose last change no push brought."""
        return self.do(lambda simulator: simulator.pushes.ledger.unheard())

    def wait_until_pushed(self, seconds: float = 10) -> None:
        """Wait until nothing is to be pushed any more.

        Raises:
            TimeoutError: when that takes longer.
        """

        async def main() -> None:
            async with asyncio.timeout(seconds):
                while self.simulator.pushes.waiting_leads:  # noqa: ASYNC110 - it is a count, not an event
                    await asyncio.sleep(LOOK_EVERY)

        self.run(main())


@contextmanager
def simulated_crm(
    *,
    leads: int = 20,
    pushing: Pushing = AT_ONCE,
    allowance: Allowance = ANY_RATE,
    quirks: Quirks | None = None,
    seed: int = 1,
    clock: Clock | None = None,
) -> Iterator[SimulatedCrm]:
    """A simulated CRM on a free port of 127.0.0.1, as long as the block runs; its clock may be another than ours."""
    simulator = Simulator(
        account_id=ACCOUNT_ID,
        secret_key=SECRET_KEY,
        leads=leads,
        pushing=pushing,
        allowance=allowance,
        quirks=quirks,
        seed=seed,
        clock=clock,
    )
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="simulated CRM", daemon=True)
    thread.start()
    crm = SimulatedCrm(simulator, loop)
    try:
        crm.run(simulator.start("127.0.0.1", 0))
        try:
            yield crm
        finally:
            crm.run(simulator.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
