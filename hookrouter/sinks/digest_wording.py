"""The heading of a message about several leads, whatever the sink: how many they are, by route, and why together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hookrouter.domain.change import LeadEvent, telling
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import OF_ASSIGNED, shared_by
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lateness import UNDELIVERED
from hookrouter.domain.outcome import Reason
from hookrouter.domain.policy import Digest
from hookrouter.domain.short_names import called, whole_path
from hookrouter.wire.messages.field_label import field_label
from hookrouter.wire.messages.plain_text import one_line, shorten

MOST_FIELDS_COUNTED = 3
MOST_PEOPLE_COUNTED = 8
LONGEST_FIELD_NAME = 60
LEAST_IMPORT = 20
IMPORT_SHARE = 0.8
LONGEST_IMPORT = timedelta(minutes=15)
"""So many leads, so large a part of them new and of one source, that came within so long a time look like an import."""

EVENTS = {
    LeadEvent.CREATED: "new",
    LeadEvent.UPDATED: "updated",
    LeadEvent.ECHO: "written back",
    LeadEvent.UNCHANGED: "unchanged",
    LeadEvent.STALE: "outdated",
    LeadEvent.DELETED: "deleted",
}
REMINDED = "without a reaction"
"""What a reminder tells of a lead."""
NOBODY = "nobody yet"
CAUSES = {
    UNDELIVERED: "messages were held up",
    Reason.UNAUTHORIZED: "{} refused us",
    Reason.THROTTLED: "{} asked for fewer messages",
}
AWAY = "{} could not be reached"
"""Why leads were missed, in words; any other reason means that nobody took them."""

Gathered = Digest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Leads under one heading; `is_late` when they are no news any more."""

    heading: str
    deliveries: tuple[Delivery, ...]
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWording:
    """The parts of a message of several leads.

    Attributes:
        is_summary: there are too many to tell what changed of each.
    """

    title: str
    notes: tuple[str, ...]
    groups: tuple[Group, ...]
    is_summary: bool


def word_digest(deliveries: Sequence[Delivery], digest: Gathered, far_side: str) -> DigestWording:
    """Word deliveries as one message: by route in the order of first appearance, what was missed behind the news.

    Args:
        deliveries: of one digest.
        digest: how the sink gathers all of its deliveries; None when it gathers those that are too many, or late.
        far_side: what takes the messages, as people call it.
    """
    news: dict[RouteName, list[Delivery]] = {}
    missed: dict[tuple[RouteName, str], list[Delivery]] = {}
    for delivery in deliveries:
        if delivery.late:
            missed.setdefault((delivery.route, _cause(delivery, far_side)), []).append(delivery)
        else:
            news.setdefault(delivery.route, []).append(delivery)
    is_summary = digest is None and bool(news)
    groups = [
        Group(heading=_heading(route, part, is_summary=is_summary), deliveries=tuple(part))
        for route, part in news.items()
    ]
    groups += [_missed(route, cause, part) for (route, cause), part in missed.items()]
    counts = {route: len(part) for route, part in news.items()}
    late = sum(map(len, missed.values()))
    return DigestWording(
        title=_title(deliveries, counts, late, digest),
        notes=_notes([each for each in deliveries if not each.late], is_summary=is_summary),
        groups=tuple(groups),
        is_summary=is_summary,
    )


def leads(count: int) -> str:
    """`1 lead`, `4,980 leads`."""
    return f"{count:,} {'lead' if count == 1 else 'leads'}"


def more_leads(count: int) -> str:
    """`1 more lead`, `4,980 more leads`."""
    return f"{count:,} more {'lead' if count == 1 else 'leads'}"


def moment(at: datetime) -> str:
    """`Tue 24 Nov 09:12 UTC`."""
    return f"{at.astimezone(UTC):%a %-d %b %H:%M} UTC"


def _title(deliveries: Sequence[Delivery], counts: dict[RouteName, int], late: int, digest: Gathered) -> str:
    of = _what_all_share(deliveries[0], digest) if digest is not None else " at once" if counts else ""
    if all(delivery.step for delivery in deliveries):
        of = f"{of if digest is not None else ''} {REMINDED}"
    if digest is None and len(counts) == 1 and not late:
        return f"{_how_many(deliveries, more_leads)}{of}: {next(iter(counts))}"
    parts = [f"{count:,} {route}" for route, count in counts.items()]
    if late and not counts:
        return f"{_how_many(deliveries, leads)} missed"
    many = _how_many(deliveries, more_leads if digest is None else leads)
    return f"{many}{of}: {', '.join([*parts, *([f'{late:,} missed'] if late else [])])}"


def _how_many(deliveries: Sequence[Delivery], as_leads: Callable[[int], str]) -> str:
    """`5 leads`; `5 messages about 3 leads`, where one is told of more than once, as by its reminder."""
    different = len({delivery.who for delivery in deliveries})
    if different == len(deliveries):
        return as_leads(different)
    return f"{as_leads(len(deliveries)).replace('lead', 'message')} about {leads(different)}"


def _what_all_share(delivery: Delivery, digest: Digest) -> str:
    """` with owner 313499604`, ` for Ada Brown`: what `by` says of all of them."""
    value = shorten(one_line(shared_by(delivery, digest)), LONGEST_FIELD_NAME)
    if not value or digest.by is None:
        return ""
    if digest.by in OF_ASSIGNED:
        return f" for {value}"
    label = field_label(whole_path(digest.by, delivery.lead, called(delivery.lead)), delivery.lead)
    return f" with {label[:1].lower()}{label[1:]} {value}" if label != digest.by else f" with {digest.by} {value}"


def _heading(route: RouteName, deliveries: Sequence[Delivery], *, is_summary: bool) -> str:
    if not is_summary:
        return f"{route} ({len(deliveries):,})"
    events = Counter(REMINDED if delivery.step else EVENTS[delivery.event] for delivery in deliveries)
    fields = Counter(
        one_line(field_label(name, delivery.lead))
        for delivery in deliveries
        if delivery.event is not LeadEvent.CREATED
        for name in telling(delivery.changed)
    )
    said = ", ".join(f"{count:,} {event}" for event, count in events.most_common())
    most = fields.most_common(MOST_FIELDS_COUNTED)
    changes = [
        f"{shorten(name, LONGEST_FIELD_NAME)} {'' if at else 'changed '}in {count:,}"
        for at, (name, count) in enumerate(most)
    ]
    return f"{route}: {'; '.join(filter(None, [said, ', '.join(changes), _people(deliveries)]))}"


def _people(deliveries: Sequence[Delivery]) -> str:
    """`for Ada Brown 75, Cem Diaz 38`: how many of the leads were given to whom."""
    given = Counter(one_line(each.assigned.name) or NOBODY for each in deliveries if each.assigned is not None)
    most = given.most_common(MOST_PEOPLE_COUNTED)
    said = [f"{shorten(name, LONGEST_FIELD_NAME)} {count:,}" for name, count in most]
    others = given.total() - sum(count for _, count in most)
    return f"for {', '.join([*said, *([f'others {others:,}'] if others else [])])}" if said else ""


def _missed(route: RouteName, cause: str, deliveries: Sequence[Delivery]) -> Group:
    first = min(delivery.received_at for delivery in deliveries)
    last = max(delivery.received_at for delivery in deliveries)
    heading = f"{route}, missed while {cause}, {_span(first, last)} ({len(deliveries):,})"
    return Group(heading=heading, deliveries=tuple(deliveries), is_late=True)


def _span(first: datetime, last: datetime) -> str:
    """`Tue 24 Nov 09:12 to 11:40 UTC`."""
    begin, end = moment(first), moment(last)
    if begin == end:
        return begin
    is_one_day = first.astimezone(UTC).date() == last.astimezone(UTC).date()
    return f"{begin.removesuffix(' UTC')} to {f'{last.astimezone(UTC):%H:%M} UTC' if is_one_day else end}"


def _cause(delivery: Delivery, far_side: str) -> str:
    return CAUSES.get(delivery.late, AWAY).format(far_side)


def _notes(news: Sequence[Delivery], *, is_summary: bool) -> tuple[str, ...]:
    created = [delivery for delivery in news if delivery.event is LeadEvent.CREATED]
    if not is_summary or len(created) < max(LEAST_IMPORT, IMPORT_SHARE * len(news)):
        return ()
    sources = {delivery.source for delivery in created}
    span = max(delivery.received_at for delivery in created) - min(delivery.received_at for delivery in created)
    if len(sources) != 1 or span > LONGEST_IMPORT:
        return ()
    within = max(1, round(span.total_seconds()))
    return (f"This looks like an import: {len(created):,} new leads from {sources.pop()} within {within:,} s.",)
