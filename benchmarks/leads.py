"""Makes pushes of invented leads, none of which was ever pushed before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from hookrouter.domain.change import compare
from hookrouter.domain.delivery import Occasion, make_delivery
from hookrouter.domain.ids import PushId, RouteName, SinkName, SourceName
from hookrouter.domain.lead import Json, Lead, lead_key
from hookrouter.simulator.lead_fields import blank_lead
from hookrouter.simulator.leads import FIRST_ID, ID_STEP
from hookrouter.simulator.people import People
from hookrouter.simulator.push_body import php_json
from hookrouter.wire.messages.standard_body import standard_body

PEOPLE = 100
"""Different people in a run; beyond, they come again under new ids."""
SEED = 20_260_304
ID = b"718281920000"
"""Stands in the templates where each lead gets an id of its own."""
CREATED = "2026-03-04 15:20:11"
RECEIVED_AT = datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC)


class LeadSeries:
    """Leads with ascending ids, from a place in the series on: two series that do not overlap share no lead."""

    def __init__(self, start: int) -> None:
        """Begin with the lead number `start`."""
        self._next = start
        self._templates = [php_json(fields) for fields in some_leads(PEOPLE)]

    def push(self, leads: int) -> bytes:
        """A push of this many new leads, as the CRM writes it."""
        first, self._next = self._next, self._next + leads
        return b"[" + b",".join(self._lead(number) for number in range(first, self._next)) + b"]"

    def _lead(self, number: int) -> bytes:
        return self._templates[number % PEOPLE].replace(ID, b"%d" % (FIRST_ID + number * ID_STEP))


def some_leads(count: int) -> list[dict[str, Json]]:
    """Leads of 38 fields, all with the id of the templates."""
    people = People(SEED)
    number = ID.decode()
    own = {"id": number, "createTimestamp": CREATED, "updateTimestamp": CREATED, "leadStatus": "open"}
    found: list[dict[str, Json]] = []
    for place in range(count):
        person = people.a_person()
        address = str(person["emailAddress"]).replace("@", f".{number}@")
        found.append({**blank_lead(), **person, **own, "emailAddress": address, "leadScore": str(place % 100)})
    return found


def standard_bodies(count: int) -> Iterator[tuple[str, bytes]]:
    """What hookrouter would send for leads that were never seen before: `webhook-id` and body."""
    templates = [_delivery_of(fields) for fields in some_leads(PEOPLE)]
    for number in range(count):
        yield f"d_{number:032x}", templates[number % PEOPLE].replace(ID, b"%d" % (FIRST_ID + number * ID_STEP))


def _delivery_of(fields: dict[str, Json]) -> bytes:
    key = lead_key(fields)
    assert key is not None  # an invented lead has an id
    change = compare(Lead(key=key, fields=fields), None)
    occasion = Occasion(
        push=PushId("p_0190aabbccddeeff00112233"), source=SourceName("crm"), place=0, received_at=RECEIVED_AT
    )
    return standard_body(make_delivery(occasion, change, RouteName("every"), SinkName("sink")))
