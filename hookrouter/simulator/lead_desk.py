"""What a person does at the page: look at leads, edit, add and delete them, let something happen to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hookrouter.simulator.entities import shown
from hookrouter.simulator.json_bodies import json_answer, object_in
from hookrouter.simulator.lead_fields import NULLABLE, READ_ONLY, STATUSES, SimulatedLead, describe_fields
from hookrouter.simulator.refusals import Refused
from hookrouter.simulator.timeline import HABITS
from hookrouter.simulator.world import World
from hookrouter.simulator.written import Hand
from hookrouter.wire.crm.errors import ENTRY_EXISTS, NOTHING_CHANGED

PAGE = 25
LATEST_EVENTS = 30
IN_LISTS = ("id", "firstName", "lastName", "emailAddress", "companyName", "leadStatus", "leadScore", "updateTimestamp")
SEARCHED = ("id", "firstName", "lastName", "emailAddress", "companyName", "phoneNumber", "city")
CHOICES = {"leadStatus": STATUSES, "active": ("1", "0"), "isUnsubscribed": ("0", "1")}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadDesk:
    """Calls of the page; what is done through them was typed by a person."""

    world: World

    def routes(self) -> list[web.RouteDef]:
        """The calls."""
        return [
            web.get("/leads", self._list),
            web.post("/leads", self._create),
            web.get("/leads/{id}", self._show),
            web.patch("/leads/{id}", self._edit),
            web.delete("/leads/{id}", self._delete),
            web.post("/leads/{id}/events", self._let_happen),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        """A page of the leads in which all words of `search` stand, those changed last first."""
        words = request.query.get("search", "").casefold().split()
        found = [lead for lead in self.world.book if _has(lead, words)]
        found.sort(key=lambda lead: (lead["updateTimestamp"] or "", int(lead["id"] or 0)), reverse=True)
        pages = max(1, -(-len(found) // PAGE))
        number = min(_number(request.query.get("page", "")), pages)
        rows = found[(number - 1) * PAGE : number * PAGE]
        leads = [{name: shown(lead[name] or "") for name in IN_LISTS} for lead in rows]
        return json_answer({"leads": leads, "total": len(found), "page": number, "pages": pages})

    async def _show(self, request: web.Request) -> web.Response:
        return json_answer(self._whole(self._named(request)))

    async def _create(self, request: web.Request) -> web.Response:
        given = _typed(await object_in(request))
        lead_id = self._write(lambda: self.world.book.create(given, hand=Hand.TYPED))
        return json_answer({"id": lead_id})

    async def _edit(self, request: web.Request) -> web.Response:
        lead, given = self._named(request), _typed(await object_in(request))
        holder = self.world.book.by_email(given.get("emailAddress"))
        if holder is not None and holder is not lead:
            raise web.HTTPUnprocessableEntity(text=str(Refused(ENTRY_EXISTS)))
        status = lead["leadStatus"]
        self._write(lambda: self.world.book.update({**given, "id": lead["id"]}, hand=Hand.TYPED))
        if lead["leadStatus"] != status:
            self.world.timelines.note(lead, "changeLeadStatus")
        return json_answer(self._whole(lead))

    async def _delete(self, request: web.Request) -> web.Response:
        self.world.book.delete(self._named(request)["id"])
        return json_answer({})

    async def _let_happen(self, request: web.Request) -> web.Response:
        lead, source = self._named(request), (await object_in(request)).get("source")
        if source not in HABITS:
            raise web.HTTPUnprocessableEntity(text=f"source must be one of {', '.join(HABITS)}")
        self.world.timelines.note(lead, str(source))
        return json_answer(self._whole(lead))

    def _named(self, request: web.Request) -> SimulatedLead:
        lead = self.world.book.by_id(request.match_info["id"])
        if lead is None:
            raise web.HTTPNotFound(text="there is no lead with this id")
        return lead

    def _whole(self, lead: SimulatedLead) -> dict[str, Any]:
        """A lead as the application would show it, with what is known of its fields and what happened last."""
        events = sorted(self.world.timelines.of_lead(lead["id"]), key=lambda event: event.at, reverse=True)
        return {
            "id": lead["id"],
            "fields": [_field(each, lead) for each in describe_fields()],
            "events": [
                {"at": event.at, "source": event.source, "name": event.name} for event in events[:LATEST_EVENTS]
            ],
            "sources": sorted(HABITS),
        }

    @staticmethod
    def _write(write: Any) -> Any:
        try:
            return write()
        except Refused as refused:
            if refused.code == NOTHING_CHANGED:
                return None
            raise web.HTTPUnprocessableEntity(text=str(refused)) from None


def _typed(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed; an emptied field that cannot hold '' is null."""
    return {name: None if value == "" and name in NULLABLE else value for name, value in given.items()}


def _field(described: Mapping[str, str], lead: SimulatedLead) -> dict[str, Any]:
    name = described["systemName"]
    return {
        "name": name,
        "label": described["label"],
        "value": shown(lead[name] or ""),
        "choices": CHOICES.get(name),
        "read_only": name in READ_ONLY,
    }


def _has(lead: SimulatedLead, words: list[str]) -> bool:
    text = " ".join(lead[name] or "" for name in SEARCHED).casefold() if words else ""
    return all(word in text for word in words)


def _number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1  # noqa: PLR2004 - enough
