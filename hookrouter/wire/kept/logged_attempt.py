"""Entries of the log of attempts, read."""

from __future__ import annotations

from datetime import datetime

from hookrouter.domain.delivery import Try
from hookrouter.domain.ids import DeliveryId, EntryId, LeadKey, PushId, RouteName, SinkName, added_at
from hookrouter.domain.logged_attempt import LoggedAttempt
from hookrouter.wire.kept.assigned import assigned_of
from hookrouter.wire.kept.records import Reading, read_record


def read_attempt(entry: EntryId, record: bytes) -> LoggedAttempt:
    """An entry of the log.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("attempt"):
        # What ended without an attempt has no moment of its own.
        at = datetime.fromisoformat(values["at"]) if "at" in values else added_at(entry)
        return LoggedAttempt(
            delivery=DeliveryId(values["id"]),
            push=PushId(values["push"]),
            sink=SinkName(values["sink"]),
            route=RouteName(values["route"]),
            lead_key=LeadKey(values["key"]),
            revision=str(values.get("revision", "")),
            assigned=assigned_of(values["assigned"]) if "assigned" in values else None,
            attempts=int(values["attempts"]),
            came_to=Try(
                at=at,
                seconds=values.get("seconds"),
                outcome=str(values["outcome"]),
                reason=str(values["reason"]),
                status=values.get("status"),
                text=str(values.get("answer", "")),
            ),
        )
