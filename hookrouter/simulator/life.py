"""What happens in the simulated CRM when nobody calls it: leads come, ripen, or are corrected."""

from __future__ import annotations

import asyncio
from random import Random  # noqa: TID251 - a seeded world

from hookrouter.ports.surroundings import Clock
from hookrouter.simulator.lead_fields import SimulatedLead
from hookrouter.simulator.leads import LeadBook
from hookrouter.simulator.people import OWNERS, People
from hookrouter.simulator.timeline import FORMS, Timelines

TICK = 0.05  # seconds; changes that fall due in between are made together
ARRIVALS = 0.15  # the share of changes that are new leads
STEPS = {"unqualified": "open", "open": "qualified", "qualified": "contact", "contact": "customer"}
REASONS_TO_SCORE = ("formSubmit", "importantPageVisit", "emailOpened", "emailClick", "pageVisit")
HIGHEST_SCORE = 100


class Life:
    """Changes leads in believable ways; every change differs from what was there."""

    def __init__(self, book: LeadBook, timelines: Timelines, people: People, clock: Clock, dice: Random) -> None:
        self._book = book
        self._timelines = timelines
        self._people = people
        self._clock = clock
        self._dice = dice

    async def run(self, rate: float) -> None:
        """Make `rate` changes a second until cancelled."""
        owed, last = 0.0, self._clock.monotonic()
        while True:
            await asyncio.sleep(TICK)
            now = self._clock.monotonic()
            owed, last = owed + (now - last) * rate, now
            while owed >= 1:
                self.change_one()
                owed -= 1

    def change_one(self) -> None:
        """One change of one lead, or a new lead."""
        lead = self._book.any_lead(self._dice)
        if lead is None or self._dice.random() < ARRIVALS:
            self._arrive()
            return
        changes = (self._score, self._advance, self._correct_phone, self._hand_over)
        self._dice.choices(changes, weights=(45, 30, 15, 10))[0](lead)

    def _arrive(self) -> None:
        person = self._people.a_person()
        while self._book.by_email(person["emailAddress"]):  # somebody created it through the API
            person = self._people.a_person()
        given = {name: value for name, value in person.items() if value is not None}
        lead_id = self._book.create({**given, "leadStatus": "open", "leadScore": str(self._dice.randint(5, 30))})
        lead = self._book.by_id(lead_id)
        if lead is not None:
            self._timelines.note(lead, "formSubmit", form=self._dice.choice(FORMS))

    def _score(self, lead: SimulatedLead) -> None:
        before = int(lead["leadScore"] or 0)
        if before >= HIGHEST_SCORE:
            self._correct_phone(lead)
            return
        score = min(HIGHEST_SCORE, before + self._dice.randint(3, 25))
        self._timelines.note(lead, self._dice.choice(REASONS_TO_SCORE), form=self._dice.choice(FORMS))
        self._update(lead, leadScore=str(score), leadScoreWeighted=str(score * 2 // 3))

    def _advance(self, lead: SimulatedLead) -> None:
        step = STEPS.get(lead["leadStatus"] or "")
        if step is None:
            self._score(lead)
            return
        self._timelines.note(lead, "changeLeadStatus")
        self._update(lead, leadStatus=step)

    def _correct_phone(self, lead: SimulatedLead) -> None:
        number = self._people.a_phone_number()
        while number == lead["phoneNumber"]:
            number = self._people.a_phone_number()
        self._update(lead, phoneNumber=number)

    def _hand_over(self, lead: SimulatedLead) -> None:
        self._update(lead, ownerID=self._dice.choice([owner for owner in OWNERS if owner != lead["ownerID"]]))

    def _update(self, lead: SimulatedLead, **changed: str) -> None:
        self._book.update({"id": lead["id"], **changed})
