"""What every lead did: an invented past, and what happens from now on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251 - a seeded world
from typing import Any

from hookrouter.ports.surroundings import Clock
from hookrouter.simulator.dials import Dials
from hookrouter.simulator.lead_fields import SimulatedLead
from hookrouter.simulator.leads import TIME_FORMAT, LeadBook
from hookrouter.simulator.quirks import EventDetail
from hookrouter.simulator.refusals import Refused
from hookrouter.wire.rules.events import EVENT_SOURCES

FORMS = ("Contact us", "Request a quote", "Newsletter", "Book a demo")


@dataclass(frozen=True, slots=True)
class Habit:
    """How one kind of event looks, and how often at most it stands in an invented past."""

    what: str | None
    name: str | None
    most: int = 0


HABITS = {
    "leadCreation": Habit("import", "Added via Import"),
    "emailSent": Habit("email", "Lead was sent an email.", 6),
    "emailOpened": Habit("email", "Lead opened an email.", 4),
    "emailClick": Habit("email", "Lead clicked from an email.", 2),
    "emailVisit": Habit("email", "User visited page from email.", 2),
    "pageVisit": Habit("pageVisit", "User visited page.", 8),
    "importantPageVisit": Habit("pageVisit", "User visited an important page.", 2),
    "formSubmit": Habit("form", "Filled out the form", 2),
    "changeLeadStatus": Habit(None, None),
    "outgoingCall": Habit("call", "Lead was called."),
    "mailboxSend": Habit("mbox", "Mail was sent to lead.", 1),
    "incomingCall": Habit("call", "Lead called."),
}
MAIL_SYNC = frozenset({"mailboxRecv", "mailboxSend", "mailboxEmailOpen"})
DETAILS: dict[EventDetail, Any] = {
    EventDetail.NULL: None,
    EventDetail.TEXT: "{'isDelivered': 1, 'isOpened': 0}",
    EventDetail.OBJECT: {"isDelivered": 1, "isOpened": 0, "referrer": "", "url": "https://www.example.com/"},
}
TWICE_DATED = frozenset({"changeLeadStatus", "leadOwnerChange", "emailVisit", "pageVisit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event of one lead."""

    id: str
    who: str
    source: str
    what: str | None
    name: str | None
    at: str

    def as_timeline(self) -> dict[str, str | None]:
        """As getLeadTimeline gives it: nothing tells one from its duplicate."""
        doubled = {"__createTimestamp": self.at} if self.source in TWICE_DATED else {}
        return {
            "whoID": self.who,
            "createTimestamp": self.at,
            "whatType": self.what,
            "eventSource": self.source,
            "eventName": self.name,
            **doubled,
        }

    def as_event(self, detail: EventDetail = EventDetail.NULL) -> dict[str, Any]:
        """As getEvents gives it."""
        return {
            "id": self.id,
            "leadID": self.who,
            "eventName": self.name,
            "whatID": None,
            "whatType": self.what,
            "eventData": DETAILS[detail],
            "eventSource": self.source,
            "createTimestamp": self.at,
        }


class Timelines:
    """The events of all leads; a lead's past is invented when somebody first asks for it."""

    def __init__(self, book: LeadBook, dials: Dials, clock: Clock, seed: int) -> None:
        self._book = book
        self._dials = dials
        self._clock = clock
        self._seed = seed
        self._events: dict[str, list[Happening]] = {}
        self._next_id = 6_257_360_898

    def note(self, lead: SimulatedLead, source: str, *, form: str = FORMS[0], at: str | None = None) -> Happening:
        """Something happens to a lead, now unless a moment is given."""
        moment = at or self._clock.now().strftime(TIME_FORMAT)
        event = self._happening(lead["id"] or "", source, moment, form)
        self._past_of(lead).append(event)
        return event

    def of_lead(self, who_id: object, sources: Sequence[str] = ()) -> list[Happening]:
        """A lead's events grouped by source, within a source in no sure order.

        Raises:
            Refused: 219 for a source that the CRM does not know, 220 for an id that names no lead.
        """
        if not EVENT_SOURCES.issuperset(sources):
            raise Refused(219)
        lead = self._book.by_id(who_id)
        if lead is None:
            raise Refused(220)
        events = self._past_of(lead)
        wanted = [event for event in events if not sources or event.source in sources]
        if not self._dials.quirks.timeline_grouped:
            return sorted(wanted, key=lambda event: event.at)
        order = list(dict.fromkeys(event.source for event in events))
        return sorted(wanted, key=lambda event: order.index(event.source))

    def of_all(self) -> Iterator[Happening]:
        """Every event of every lead, lead by lead."""
        for lead in self._book:
            yield from self._past_of(lead)

    def _past_of(self, lead: SimulatedLead) -> list[Happening]:
        lead_id = lead["id"] or ""
        if lead_id not in self._events:
            self._events[lead_id] = list(self._invent(lead_id, lead["createTimestamp"] or ""))
        return self._events[lead_id]

    def _invent(self, lead_id: str, created: str) -> Iterator[Happening]:
        dice, doubling = Random(f"{self._seed}:{lead_id}"), Random(f"{self._seed}:{lead_id}:twice")
        birth = datetime.strptime(created, TIME_FORMAT).replace(tzinfo=UTC)
        age = (self._clock.now() - birth).total_seconds()
        yield self._happening(lead_id, "leadCreation", created, "")
        for source, habit in HABITS.items():
            for _ in range(dice.randint(0, habit.most) if age > 1 else 0):
                moment = (birth + timedelta(seconds=dice.uniform(0, age))).strftime(TIME_FORMAT)
                form = dice.choice(FORMS)
                yield self._happening(lead_id, source, moment, form)
                if doubling.random() < self._dials.quirks.timeline_duplicates:
                    yield self._happening(lead_id, source, moment, form)

    def _happening(self, lead_id: str, source: str, at: str, form: str) -> Happening:
        habit = HABITS[source]
        name = f"{habit.name} {form}" if source == "formSubmit" else habit.name
        self._next_id += 1024
        return Happening(id=str(self._next_id), who=lead_id, source=source, what=habit.what, name=name, at=at)
