"""What is remembered of leads, as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import orjson

from hookrouter.domain.ids import PushId, RouteName
from hookrouter.domain.remembered import NEVER_SEEN, Before, Snapshot
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds
from hookrouter.wire.kept.records import FORMAT, Reading, read_record


def write_snapshot(snapshot: Snapshot) -> bytes:
    """A lead as last seen."""
    waiting = {route: in_milliseconds(since) for route, since in snapshot.waiting.items()}
    return orjson.dumps(
        {
            "v": FORMAT,
            "fields": snapshot.fields,
            **({"push": snapshot.push} if snapshot.push else {}),
            **({"waiting": waiting} if waiting else {}),
        }
    )


def read_snapshot(record: bytes) -> Snapshot:
    """What `write_snapshot` wrote."""
    values = read_record(record)
    with Reading("snapshot"):
        fields, push = values["fields"], values.get("push", "")
        if not isinstance(fields, dict) or not isinstance(push, str):
            raise TypeError
        waiting = {RouteName(route): of_milliseconds(since) for route, since in values.get("waiting", {}).items()}
        return Snapshot(fields=fields, push=PushId(push), waiting=waiting)


def write_before(leads: Mapping[int, Before]) -> bytes:
    """How some leads of a push were before it, by their places therein."""
    told = {str(place): [each.fields, each.absent] if each.is_known else None for place, each in leads.items()}
    own = {str(place): each.own for place, each in leads.items() if each.own}
    by = {str(place): each.push for place, each in leads.items() if each.push}
    return orjson.dumps({"v": FORMAT, "leads": told, **({"own": own} if own else {}), **({"by": by} if by else {})})


def read_before(record: bytes) -> dict[int, Before]:
    """What `write_before` wrote."""
    values = read_record(record)
    with Reading("earlier state"):
        own, by = dict(values.get("own", {})), dict(values.get("by", {}))
        return {
            int(place): replace(
                _before(told), own=tuple(map(str, own.get(place, ()))), push=PushId(str(by.get(place, "")))
            )
            for place, told in dict(values["leads"]).items()
        }


def _before(told: list[object] | None) -> Before:
    if told is None:
        return NEVER_SEEN
    fields, absent = told
    if not isinstance(fields, dict) or not isinstance(absent, list):
        raise TypeError
    return Before(fields=fields, absent=tuple(map(str, absent)))
