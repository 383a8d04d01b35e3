"""The CRM's quirks, each as in the real CRM unless it is switched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class EventDetail(StrEnum):
    """What an event of getEvents has as `eventData`; all three were seen (crm-api 5.1)."""

    NULL = "null"
    TEXT = "text"  # JSON with single quotes
    OBJECT = "object"


class MembershipShape(StrEnum):
    """What getLeadListMemberships answers; nobody has shown one (crm-api 3.10)."""

    OBJECTS = "objects"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What an honest API would not do, and what is known of one version or one report only.

    Attributes:
        success_without_lead: updateLeads calls it a success when it names no lead (3.2).
        clash_is_success: giving a lead another one's address moves its timestamp, and is called a success (3.2).
        no_op_is_refused: writing what is there already is error 302 (3.2).
        status_is_locked: the status of a contactWithOpp lead stays, whatever is written (3.2).
        addresses_ignore_case: an address is known however its letters are cased (3.1).
        rich_creates_are_few: createLeads takes 250 objects where one has ten custom fields or more (2).
        bare_ids: deleteLeads takes ids as well as objects, as the vendor's article has it (3.4).
        flat_calls: logCalls takes one call's fields without `objects` (3.9).
        silent_cap: getLeads gives 500 of the leads when asked for more; else that is error 209 (2).
        largest_page: leads that lists give at once, whatever is asked for; fewer than 500 nobody has documented (2).
        inactive_hidden: lists leave inactive leads out; by id or address they are found (2.1).
        pseudo_leads: getLead gives an object without an id for an unknown lead; else an empty list (3.5).
        pseudo_leads_in_lists: getLeads does so as well, when asked for one id or address (3.6).
        range_pages: getLeadsDateRange heeds limit and offset (2.2).
        range_above_500: it gives more than 500 when asked (2.2).
        range_in_utc: it tells times in UTC in v1 too, as until 2017 (2.3).
        range_lag: seconds until it shows a change (2.2).
        errors_on_top: the errors of a write's objects stand at the top as well (1.4).
        call_counts: answers tell callCount and queryLimit (1.3).
        documented_keys: results stand where the vendor's article has them, not where they are on the wire (3).
        timeline_grouped: a timeline is grouped by source; else it is in the order of time (5.2).
        timeline_duplicates: the share of invented events that stand there twice, exactly (5.2).
        mail_sync_hidden: getEvents leaves out what came by Mail Sync (3.11).
        get_events_gone: getEvents is no method any more (3.11).
        event_detail: what an event's eventData is (5.1).
        memberships: the shape of memberships (3.10).
        typed_is_encoded: what is typed in the application comes back with HTML entities (4.5).
        less_than_is_encoded: a `<` written through the API comes back as `&lt;`, unless it is the last letter (4.5).
        zone: the company's timezone: in v1 all times are in it, in v1.2 they are in UTC (1.1).
        pushes_in_zone: pushes have times in the company's timezone too (6.1).
    """

    success_without_lead: bool = True
    clash_is_success: bool = True
    no_op_is_refused: bool = True
    status_is_locked: bool = True
    addresses_ignore_case: bool = True
    rich_creates_are_few: bool = True
    bare_ids: bool = False
    flat_calls: bool = False
    silent_cap: bool = True
    largest_page: int = 500
    inactive_hidden: bool = True
    pseudo_leads: bool = True
    pseudo_leads_in_lists: bool = False
    range_pages: bool = True
    range_above_500: bool = True
    range_in_utc: bool = False
    range_lag: float = 0.0
    errors_on_top: bool = True
    call_counts: bool = True
    documented_keys: bool = False
    timeline_grouped: bool = True
    timeline_duplicates: float = 0.012
    mail_sync_hidden: bool = True
    get_events_gone: bool = False
    event_detail: EventDetail = EventDetail.NULL
    memberships: MembershipShape = MembershipShape.OBJECTS
    typed_is_encoded: bool = True
    less_than_is_encoded: bool = True
    zone: str = "America/New_York"
    pushes_in_zone: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.timeline_duplicates <= 1:
            raise ValueError("timeline_duplicates is a share from 0 to 1")
        if not 1 <= self.largest_page <= 500:  # noqa: PLR2004 - as documented
            raise ValueError("largest_page is a number from 1 to 500")
        if not 0 <= self.range_lag <= 3600:  # noqa: PLR2004 - an hour
            raise ValueError("range_lag is seconds from 0 to 3600")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("zone must be the name of a timezone, such as Europe/Berlin") from None


def switched_quirks(wanted: Mapping[str, str]) -> Quirks:
    """Quirks as they are named on a command line.

    Raises:
        ValueError: for a value that a quirk cannot have.
    """
    return replace(Quirks(), **{name: _value(name, text) for name, text in wanted.items()})


def _value(name: str, text: str) -> Any:
    usual = getattr(Quirks(), name)
    if isinstance(usual, bool):
        if text.lower() not in _TRUTHS:
            raise ValueError(f"{name} must be one of {', '.join(_TRUTHS)}")
        return _TRUTHS[text.lower()]
    return type(usual)(text)


_TRUTHS = {"true": True, "false": False, "on": True, "off": False}
