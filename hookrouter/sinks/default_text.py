"""What Slack and mail say of a lead unless they are told otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from hookrouter.domain.change import LeadEvent, telling
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import EMAIL_FIELD, Fields, Json, crm_time, text_of
from hookrouter.wire.messages.field_label import field_label
from hookrouter.wire.messages.plain_text import one_line, shorten

MOST_CHANGES = 10
MOST_HISTORY = 5
LONGEST_VALUE = 200
SHORT_ID = 10
EMPTY = "(empty)"

FOREMOST = (
    "leadStatus",
    "leadScore",
    "title",
    EMAIL_FIELD,
    "phoneNumber",
    "officePhoneNumber",
    "mobilePhoneNumber",
    "website",
    "industry",
    "city",
    "state",
    "country",
)
"""What whoever calls a lead wants to know first: only so many fields are told."""
LAST = frozenset({"ownerID", "campaignID", "isUnsubscribed"})
"""What tells people little."""
SAID_ALREADY = frozenset(
    {"firstName", "lastName", "companyName", "active", "status", "isQualified", "isContact", "isCustomer"}
    | {"leadScoreWeighted", "trackingID", "accountID"}
)
"""What the headline or the status says of a new lead, and what the CRM sets by itself."""

HEADLINES = {
    LeadEvent.CREATED: "New lead",
    LeadEvent.UPDATED: "Lead updated",
    LeadEvent.ECHO: "What was written to the CRM came back",
    LeadEvent.UNCHANGED: "Lead pushed again, nothing changed",
    LeadEvent.STALE: "An older state of a lead arrived",
    LeadEvent.DELETED: "Lead deleted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One changed field, as people call it; `values` reads `open → qualified`, for a new lead `qualified` alone."""

    name: str
    values: str

    def __str__(self) -> str:
        """`Lead status: open → qualified`."""
        return f"{self.name}: {self.values}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom the lead was given to, and why.

    Attributes:
        name: '' when nobody may take it.
        slack: the person's id in Slack; '' when it is not known.
    """

    name: str
    slack: str
    reason: str

    def __str__(self) -> str:
        """`For Ada Brown (Ben away, Ada next)`."""
        return f"For {self.name} ({self.reason})" if self.name else f"For nobody yet: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultText:
    """The parts of a default text; `more` counts the fields that were left out, which of a new lead are all new."""

    headline: str
    name: str
    changes: tuple[FieldChange, ...]
    more: int
    history: tuple[str, ...]
    origin: str
    link: str
    person: Person | None = None
    is_new: bool = False

    @property
    def summary(self) -> str:
        """One line for a notification or a subject: `Lead updated: Ada Brown (Acme), Lead status: open → qualified`."""
        line = f"{self.headline}: {self.name}"
        return f"{line}, {self.changes[0]}" if self.changes and not self.is_new else line

    @property
    def remainder(self) -> str:
        """What was left out, in words, or ''."""
        return self.left_out(0)

    def left_out(self, besides: int) -> str:
        """The same where so many of the changes are not told either."""
        count = self.more + besides
        return f"and {count} more{'' if self.is_new else ' changed'}" if count > 0 else ""


def default_text(delivery: Delivery, link: str) -> DefaultText:
    """Word a delivery."""
    changes, more = field_changes(delivery)
    return DefaultText(
        headline=_headline(delivery),
        name=lead_name(delivery.lead),
        changes=changes,
        more=more,
        history=history_lines(delivery.timeline, delivery.timeline_missing),
        origin=_origin(delivery),
        link=link,
        person=_person(delivery),
        is_new=delivery.event is LeadEvent.CREATED,
    )


def _headline(delivery: Delivery) -> str:
    """What happened to the lead; for a reminder that nothing did, in the words of its step if that has some."""
    if not delivery.step:
        return HEADLINES[delivery.event]
    return shorten(one_line(delivery.say), LONGEST_VALUE) or f"No reaction after {delivery.step}"


def _person(delivery: Delivery) -> Person | None:
    given = delivery.assigned
    if given is None:
        return None
    return Person(name=_shown(given.name), slack=given.slack, reason=_shown(given.reason))


def _origin(delivery: Delivery) -> str:
    """By which route it came, in whose place, and what it is called."""
    instead = f" · in place of {delivery.in_place_of}, which does not answer" if delivery.in_place_of else ""
    return f"route {delivery.route}{instead} · {short_id(delivery)}"


def lead_name(lead: Fields) -> str:
    """How people call the lead: `Ada Brown (Acme)`, else its e-mail address, company or id."""
    person = " ".join(filter(None, (_shown(lead.get("firstName")), _shown(lead.get("lastName")))))
    company = _shown(lead.get("companyName"))
    person = person or _shown(lead.get(EMAIL_FIELD))
    if person and company:
        return f"{person} ({company})"
    return person or company or f"lead {_shown(lead.get('id')) or 'without a name'}"


def field_changes(delivery: Delivery) -> tuple[tuple[FieldChange, ...], int]:
    """What changed from what to what, and how many changes were left out."""
    names = sorted(_worth_a_word(delivery), key=_weight)
    changes = tuple(
        FieldChange(name=one_line(field_label(name, delivery.lead)), values=_values(delivery, name))
        for name in names[:MOST_CHANGES]
    )
    return changes, len(names) - len(changes)


def _worth_a_word(delivery: Delivery) -> list[str]:
    names = telling(delivery.changed)
    if delivery.event is not LeadEvent.CREATED:
        return names
    return [name for name in names if name not in SAID_ALREADY]


def _weight(name: str) -> int:
    if name in FOREMOST:
        return FOREMOST.index(name)
    return len(FOREMOST) + (name in LAST)


def history_lines(timeline: Sequence[Mapping[str, Json]], missing: str) -> tuple[str, ...]:
    """The latest events of a lead's history, or why there is none."""
    if missing:
        return (f"history not available: {one_line(missing)}",)
    return tuple(
        f"{_when(event.get('createTimestamp'))} {_shown(event.get('eventName')) or _shown(event.get('eventSource'))}"
        for event in timeline[:MOST_HISTORY]
    )


def _when(stamp: Json) -> str:
    """A time of the CRM's with its zone, which the CRM does not write: it is UTC."""
    time = crm_time(stamp)
    return _shown(stamp) if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _values(delivery: Delivery, name: str) -> str:
    after = _shown(delivery.lead.get(name)) or EMPTY
    if delivery.event is LeadEvent.CREATED:
        return after
    return f"{_shown(delivery.previous.get(name)) or EMPTY} → {after}"


def short_id(delivery: Delivery) -> str:
    """Enough of the delivery's id to find it again."""
    return delivery.id[:SHORT_ID]


def _shown(value: Json) -> str:
    return shorten(one_line(text_of(value)), LONGEST_VALUE)
