"""A person who is in Redis in many places, and who erases her."""

from __future__ import annotations

from pathlib import Path

from hookrouter.clock import SystemClock
from hookrouter.domain.bounds import USUAL
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.domain.lead import Json
from hookrouter.ports.stages import Stage
from hookrouter.spool.forgetting import SpooledPeople
from hookrouter.store.forgetting.people import RedisPeople
from hookrouter.store.keys import Keys
from hookrouter.store.server import RedisServer
from hookrouter.telemetry.observer import NoObserver
from hookrouter.testing.builders import a_change, a_delivery, a_lead, an_occasion
from hookrouter.usecases.forget import ForgetPerson

CRM, SHOP = SourceName("crm"), SourceName("shop")
SALES = SinkName("sales")
ADA: dict[str, Json] = {
    "id": "718281920514",
    "emailAddress": "ada.zzyzx@acme.example",
    "firstName": "Adazzyzx",
    "phoneNumber": "+1 555 0100 777",
}
BEN: dict[str, Json] = {"id": "718281920515", "emailAddress": "ben@acme.example", "firstName": "Benjamin"}
HER = [str(value) for value in ADA.values()]


class Bell:
    def __init__(self) -> None:
        self.rung: list[Stage] = []

    def ring(self, stage: Stage) -> None:
        self.rung.append(stage)


def forgetting(server: RedisServer, keys: Keys, folder: Path, bell: Bell, *sources: SourceName) -> ForgetPerson:
    people = RedisPeople(server=server, keys=keys, wake=bell, clock=SystemClock(), bounds=USUAL, patience=0.2)
    return ForgetPerson(
        people=[SpooledPeople(folder=folder / "spool", bounds=USUAL), people],
        oblivion=people,
        sources=sources or (CRM,),
        observer=NoObserver(),
    )


def of(fields: dict[str, Json], number: int = 1, route: str = "hot", **more: object) -> Delivery:
    """A delivery of a lead."""
    lead, occasion = a_lead(**fields), an_occasion(push=f"p_{number}")
    return a_delivery(change=a_change(lead=lead), occasion=occasion, route=route, **more)


def put(server: RedisServer, stream: str, record: bytes) -> str:
    return str(server.call("XADD", stream, "*", "r", record).decode())


def entries(server: RedisServer, stream: str) -> list[tuple[str, bytes]]:
    return [(entry.decode(), fields[b"r"]) for entry, fields in server.call("XRANGE", stream, "-", "+")]
