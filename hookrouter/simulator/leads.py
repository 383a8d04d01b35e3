"""The book of leads, with the CRM's rules for writing in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random  # noqa: TID251 - a seeded world
from typing import Any

from hookrouter.ports.surroundings import Clock
from hookrouter.simulator.addresses import Addresses
from hookrouter.simulator.dials import Dials
from hookrouter.simulator.lead_fields import LOCKED_STATUS, STATUSES, SimulatedLead, blank_lead, flags_of
from hookrouter.simulator.readable import readable
from hookrouter.simulator.refusals import Refused
from hookrouter.simulator.written import Hand, Written

FIRST_ID = 718281920514
ID_STEP = 1024  # ids of one account leave the same remainder: 2 here
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"

Listener = Callable[[Written], None]
RemovalListener = Callable[[str], None]


class LeadBook:
    """All leads by id, in the order of their ids; each change is told to the listeners."""

    def __init__(self, clock: Clock, dials: Dials) -> None:
        self._clock = clock
        self._dials = dials
        self._leads: dict[str, SimulatedLead] = {}
        self._addresses = Addresses(dials)
        self._next_id = FIRST_ID
        self.listeners: list[Listener] = []
        self.removal_listeners: list[RemovalListener] = []

    def __len__(self) -> int:
        return len(self._leads)

    def __iter__(self) -> Iterator[SimulatedLead]:
        return iter(self._leads.values())

    def by_id(self, lead_id: object) -> SimulatedLead | None:
        """The lead with this id, given as text or number."""
        return self._leads.get(str(lead_id).strip())

    def by_email(self, address: object) -> SimulatedLead | None:
        """The lead with this e-mail address, however its letters are cased."""
        return self._leads.get(self._addresses.holder(address) or "")

    def any_lead(self, dice: Random) -> SimulatedLead | None:
        """A lead drawn at random, or None from an empty book."""
        while self._leads:
            lead = self.by_id(dice.randrange(FIRST_ID, self._next_id, ID_STEP))
            if lead is not None:
                return lead
        return None

    def changed_between(self, start: str, end: str, field: str) -> list[SimulatedLead]:
        """The leads whose timestamp lies in a span, bounds included, the oldest first."""
        found = (lead for lead in self if start <= (lead[field] or "") <= end)
        return sorted(found, key=lambda lead: (lead[field] or "", int(lead["id"] or 0)))

    def create(self, given: Mapping[str, Any], *, at: str | None = None, hand: Hand = Hand.PEOPLE) -> str:
        """Add a lead and give its id; `at` is a moment of the past, of which nobody is told.

        Raises:
            Refused: 205 without an e-mail address or with an impossible value, 301 when the address is known.
        """
        wanted = {name: value for name, value in given.items() if (name, value) != ("leadStatus", "")}
        values = readable(wanted, hand, self._dials.quirks)
        address = values.get("emailAddress")
        if not address:
            raise Refused(205)
        if self.by_email(address):
            raise Refused(301)
        lead_id = str(self._next_id)
        self._next_id += ID_STEP
        moment = at or self._now()
        lead = {**blank_lead(), **values, "id": lead_id, "createTimestamp": moment, "updateTimestamp": moment}
        lead |= flags_of(lead["leadStatus"] or STATUSES[0])
        self._leads[lead_id] = lead
        self._addresses.note(lead["emailAddress"], lead_id)
        if at is None:
            self._tell(lead, hand, created=True, changed=frozenset(lead))
        return lead_id

    def update(self, given: Mapping[str, Any], *, strict: bool = False, hand: Hand = Hand.PEOPLE) -> None:
        """Change a lead as updateLeads does, which calls much a success that changes nothing; strict is updateLeadsV2.

        Raises:
            Refused: 205/217 for an impossible value, 302 when nothing differs; strict also 404 for an unknown lead.
        """
        if given.get("id") == "":
            raise Refused(205)
        quirks = self._dials.quirks
        values = readable(given, hand, quirks)
        lead = self.by_id(given["id"]) if given.get("id") is not None else self.by_email(given.get("emailAddress"))
        if lead is None:
            if strict or not quirks.success_without_lead:
                raise Refused(404)
            return
        holder = self.by_email(values["emailAddress"]) if values.get("emailAddress") else None
        if holder is not None and holder is not lead:
            if not quirks.clash_is_success:
                raise Refused(301)
            self._write(lead, {}, hand)  # the clash moves the timestamp, changes nothing, and is called a success
            return
        self._write_differences(lead, values, hand)

    def delete(self, lead_id: object) -> None:
        """Remove a lead; it is never pushed, and no read shows that it ever was.

        Raises:
            Refused: 302 for an unknown id.
        """
        lead = self._leads.pop(str(lead_id).strip(), None)
        if lead is None:
            raise Refused(302)
        self._addresses.forget(lead["emailAddress"])
        for listener in self.removal_listeners:
            listener(lead["id"] or "")

    def _write_differences(self, lead: SimulatedLead, values: SimulatedLead, hand: Hand) -> None:
        quirks = self._dials.quirks
        locked = quirks.status_is_locked and lead["leadStatus"] == LOCKED_STATUS and "leadStatus" in values
        if locked:
            values = {name: value for name, value in values.items() if name != "leadStatus"}
        changed = {name: value for name, value in values.items() if (value or "") != (lead[name] or "")}
        if changed:
            self._write(lead, changed, hand)
        elif quirks.no_op_is_refused and not locked:
            raise Refused(302)

    def _write(self, lead: SimulatedLead, changed: SimulatedLead, hand: Hand) -> None:
        if "emailAddress" in changed:
            self._addresses.forget(lead["emailAddress"])
            self._addresses.note(changed["emailAddress"], lead["id"] or "")
        lead |= changed
        if changed.get("leadStatus"):
            lead |= flags_of(changed["leadStatus"] or "")
        lead["updateTimestamp"] = self._now()
        self._tell(lead, hand, created=False, changed=frozenset(changed))

    def _tell(self, lead: SimulatedLead, hand: Hand, *, created: bool, changed: frozenset[str]) -> None:
        written = Written(lead=dict(lead), created=created, changed=changed, hand=hand)
        for listener in self.listeners:
            listener(written)

    def _now(self) -> str:
        return self._clock.now().strftime(TIME_FORMAT)
