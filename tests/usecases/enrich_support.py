"""A receiver, the stages that prepare deliveries, a real server, and a simulated CRM over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import uuid4

from hookrouter.clock import SystemClock
from hookrouter.config.settings import read_settings
from hookrouter.crm.client import CrmClient, open_crm_session
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import LeadKey, SinkName, SourceName
from hookrouter.domain.layout import ENRICHING, enriching_place
from hookrouter.domain.lead import Json
from hookrouter.ports.outbox import Cursor
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.runtime.crm_side import crm_client
from hookrouter.runtime.lead_side import LeadSide
from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.leads import FIRST_ID, ID_STEP
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.server import Simulator, serving

ACCOUNT, SECRET = "2_0A1B2C3D", "SECRET0KEY0OF0TESTS"
CRM = SourceName("crm")
FRAME = """
version: 1
receiver: {{sources: {{crm: {{token: pending-leads-01234567, read_back: never}}}}}}
crm: {{account_id: {account}, secret_key: {secret}, url: "{url}", rate_limit: 1000/s}}
sinks: {{all: {{type: stdout}}, some: {{type: stdout}}}}
routes:
"""
PLAIN = "  - {name: plain, to: [all]}\n"


def crm_id(number: int) -> str:
    return str(FIRST_ID + number * ID_STEP)


def alike(count: int) -> list[int]:
    """The numbers of leads that wait for their history in the same stream."""
    numbers = (number for number in range(100_000) if enriching_place((CRM, LeadKey(crm_id(number)))) == 0)
    return list(islice(numbers, count))


class DeafWake:
    """Nobody to wake: the test drains by itself."""

    def __init__(self) -> None:
        self.rings: list[Stage] = []

    def ring(self, stage: Stage) -> None:
        self.rings.append(stage)


@dataclass
class Desk:
    """A receiver, the stages that prepare deliveries, and the CRM."""

    simulator: Simulator
    client: CrmClient
    folder: Path
    runtime: Runtime
    wake: DeafWake = field(default_factory=DeafWake)
    sides: list[LeadSide] = field(default_factory=list)

    @property
    def side(self) -> LeadSide:
        return self.sides[-1]

    def configure(self, routes: str) -> None:
        """As an edit of the file, and what a process does about it."""
        write_configuration(self.folder, self.simulator, routes)
        assert [self.runtime.look_for_edits() for _ in range(2)] == [False, True]  # an edit must have settled
        self.sides.append(self.runtime.open_lead_side(self.wake))

    async def call_happens(self, lead: str, *, times: int = 1) -> None:
        now = SystemClock().now()
        moments = [f"{now - timedelta(seconds=number):%Y-%m-%d %H:%M:%S}" for number in range(times)]
        calls = [
            {"userID": "1", "leadID": lead, "direction": "outgoing", "createTimestamp": moment} for moment in moments
        ]
        for start in range(0, times, 500):
            await self.client.call("logCalls", {"objects": calls[start : start + 500]})

    def push(self, *leads: Mapping[str, Json]) -> str:
        return str(self.runtime.receive().take(CRM, json.dumps(leads).encode(), {}).receipt.push)

    async def route(self) -> None:
        intake = await self.side.leases.intake(0)
        assert intake is not None
        await self.side.route.drain(intake, "intake:0")
        await intake.release()

    async def decide(self, side: LeadSide | None = None) -> bool:
        side = side or self.side
        return all([await self._decide(side, number) for number in range(ENRICHING)])

    async def _decide(self, side: LeadSide, number: int) -> bool:
        pendings = await side.leases.pendings(number)
        assert pendings is not None
        decided = await side.decide.drain(pendings, f"pending:{number}")
        await pendings.release()
        return decided

    async def assign(self) -> bool:
        assigner = await self.side.leases.assigner()
        assert assigner is not None
        through = await self.side.assign.drain(assigner, "assign")
        await assigner.release()
        return through

    async def enrich(self) -> int:
        return sum([await self._enrich(number) for number in range(ENRICHING)])

    async def _enrich(self, number: int) -> int:
        enricher = await self.side.leases.enricher(number)
        assert enricher is not None
        enriched = await self.side.enrich.drain(enricher, f"enrich:{number}")
        await enricher.release()
        return enriched.entries

    async def handed(self, sink: str) -> list[tuple[str, str]]:
        """The routes and pushes of what a sink is given, in its order."""
        return [(delivery.route, delivery.push) for delivery in await self.deliveries(sink)]

    async def deliveries(self, sink: str, *, most: int = 100) -> list[Delivery]:
        """What a sink is given, in its order."""
        box = await self.side.leases.outbox(SinkName(sink))
        assert box is not None
        entries = await box.read(Cursor(), most)
        await box.release()
        return [entry.delivery for entry in entries]

    def waiting(self) -> int:
        return self.runtime.backlog.depth(Stage.ENRICH)

    async def let_patience_return(self) -> None:
        """As if the CRM had been left alone long enough."""
        self.side.decide.patience.until = 0.0
        await self.side.store.call("HDEL", self.runtime.keys.crm_calls(), "spent")


def write_configuration(folder: Path, simulator: Simulator, routes: str) -> None:
    frame = FRAME.format(account=ACCOUNT, secret=SECRET, url=simulator.api_url)
    (folder / "hookrouter.yaml").write_text(frame + routes)


@asynccontextmanager
async def desk_at(folder: Path, redis_url: str, *, leads: int = 5) -> AsyncIterator[Desk]:
    simulator = Simulator(
        account_id=ACCOUNT,
        secret_key=SECRET,
        leads=leads,
        pushing=Pushing(batch_delay=0.01),
        allowance=Allowance(per_second=0),
    )
    async with serving(simulator), open_crm_session() as session:
        write_configuration(folder, simulator, PLAIN)
        environment = {
            "HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"),
            "HOOKROUTER_DATA_DIR": str(folder),
            "HOOKROUTER_REDIS_URL": redis_url,
            "HOOKROUTER_KEY_PREFIX": f"t{uuid4().hex[:12]}",
            "HOOKROUTER_PARTITIONS": "1",
        }
        runtime = open_runtime(read_settings(environment), quiet=True)
        assert runtime.config.crm is not None
        made = Desk(simulator, crm_client(runtime.config.crm, session), folder, runtime)
        yield made
        for side in made.sides:
            await side.close()
        runtime.server.client.close()
