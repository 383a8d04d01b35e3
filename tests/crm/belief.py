"""What somebody who only ever saw the client's answers believes of the CRM's leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hookrouter.crm import Client, CrmLead, WriteResult
from hookrouter.domain.lead import text_of

COLOR = "favorite_color_5a0dd86e6e290"
FIELDS = ("emailAddress", "firstName", "title", "companyName", "description", "leadStatus", "active", COLOR)
NEW = {**dict.fromkeys(FIELDS, ""), "leadStatus": "unqualified", "active": "1"}
LOCKED = "contactWithOpp"

Believed = dict[str, str]


def as_believed(fields: Mapping[str, Any]) -> Believed:
    """What fields say to people: as they were given to the client, or as it read them; addresses in any case."""
    told = {name: text_of(fields[name]) for name in FIELDS if name in fields}
    return {name: text.lower() if name == "emailAddress" else text for name, text in told.items()}


class Belief:
    """Leads by id and calls by lead, as results tell them; what they leave open is read."""

    def __init__(self, crm: Client) -> None:
        self._crm = crm
        self.leads: dict[str, Believed] = {}
        self.calls: Counter[tuple[str, str]] = Counter()

    def place(self, number: int) -> str:
        """The id of a lead, or of none when there are none."""
        ids = sorted(self.leads)
        return ids[number % len(ids)] if ids else "17"

    def holder(self, address: str) -> str | None:
        known = (each for each, lead in self.leads.items() if lead["emailAddress"] == address.lower())
        return next(known, None)

    def learn(self, lead: CrmLead) -> None:
        self.leads[lead.id] = as_believed(lead.fields)

    async def reread(self, given: Mapping[str, Any]) -> None:
        """Find out what a lead is like now, by id and by address."""
        ids = [str(given["id"])] if given.get("id") else []
        addresses = [given["emailAddress"]] if given.get("emailAddress") else []
        held = self.holder(addresses[0]) if addresses else None
        found = {lead.id: lead for lead in await self._crm.get_leads(ids=ids, emails=addresses)}
        for gone in {*ids, *([held] if held else [])} - found.keys():
            self.leads.pop(gone, None)
        for lead in found.values():
            self.learn(lead)

    async def created(self, given: Mapping[str, Any], result: WriteResult) -> None:
        if result.success:
            assert result.id is not None
            if result.id in self.leads:  # a lost answer was read back: what was wanted is so
                assert self.agrees(result.id, given)
            self.leads.setdefault(result.id, NEW | as_believed(given))
        elif result.code == 301:
            assert self.holder(given["emailAddress"]) is not None or not result.is_known
        else:
            assert not result.is_known or result.code in (217, 999)
            await self.reread(given)

    async def updated(self, given: Mapping[str, Any], result: WriteResult, *, strict: bool) -> None:
        target = str(given["id"]) if given.get("id") else self.holder(given.get("emailAddress", ""))
        lead = self.leads.get(target or "")
        if result.success:
            assert lead is not None or not strict
            if lead is not None:
                self._write(target, lead, as_believed(given))
        elif result.code == 302:
            assert target is not None
            assert self.agrees(target, given)
        elif result.code == 404:
            assert lead is None
        else:
            assert not result.is_known or result.code in (217, 999)
            await self.reread(given)

    def _write(self, target: str, lead: Believed, given: Believed) -> None:
        if self.holder(given.get("emailAddress", "")) not in (None, target):
            return  # another one's address: a success, and nothing is written
        if lead["leadStatus"] == LOCKED:
            given.pop("leadStatus", None)
        lead |= given

    async def deleted(self, lead: str, result: WriteResult) -> None:
        if result.success:
            self.leads.pop(lead, None)
        elif result.code == 302:
            assert lead not in self.leads
        else:
            assert not result.is_known or result.code == 999
            await self.reread({"id": lead})

    async def logged(self, call: Mapping[str, Any], result: WriteResult) -> None:
        key = (call["leadID"], call["createTimestamp"])
        if result.success:
            self.calls[key] += 1
        elif result.is_known:
            assert result.code == 303
            assert call["leadID"] not in self.leads
        else:
            events = [event async for event in self._crm.get_events(lead_id=call["leadID"])]
            at = [f"{event.at:%Y-%m-%d %H:%M:%S}" for event in events if event.source == "incomingCall" and event.at]
            self.calls[key] = at.count(call["createTimestamp"])

    def agrees(self, lead: str, given: Mapping[str, Any]) -> bool:
        told = as_believed(given)
        return all(self.leads[lead][name] == value for name, value in told.items())
