"""Clocks of leads, as the fields of their hash."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson

from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SourceName
from hookrouter.domain.lead import Fields
from hookrouter.domain.lead_clock import LeadClock
from hookrouter.domain.push import Via
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds
from hookrouter.wire.kept.records import Reading, read_record, write_values

BEGAN, OWN, HANDLED, SAID, HAD = "began", "own", "handled", "said", "had"
"""The fields of a hash. Each has one writer, so that none overwrites what another found out meanwhile."""


def write_began(clock: LeadClock) -> bytes:
    """Who it is of, and how it began."""
    occasion = clock.occasion
    return write_values(
        {
            "route": clock.route,
            "push": occasion.push,
            "source": occasion.source,
            "place": occasion.place,
            "at": in_milliseconds(occasion.received_at),
            **({} if occasion.via is Via.PUSH else {"via": occasion.via}),
            "key": clock.key,
            "began": in_milliseconds(clock.began),
            "lead": clock.lead,
        }
    )


def write_own(own: Fields) -> bytes:
    """What we wrote to the lead."""
    return write_values({"fields": own})


def write_steps(names: Collection[str]) -> bytes:
    """Some steps, or some people."""
    return orjson.dumps(sorted(names))


def read_clock(fields: Mapping[bytes, bytes]) -> LeadClock | None:
    """The clock in a hash; None in one that has none, for it ended.

    Raises:
        Unreadable: this version cannot read it.
    """
    record = fields.get(BEGAN.encode())
    if record is None:
        return None
    values = read_record(record)
    with Reading("clock"):
        occasion = Occasion(
            push=PushId(_a(str, values["push"])),
            source=SourceName(_a(str, values["source"])),
            place=_a(int, values["place"]),
            received_at=of_milliseconds(values["at"]),
            via=Via(values.get("via", Via.PUSH)),
        )
        return LeadClock(
            route=RouteName(_a(str, values["route"])),
            occasion=occasion,
            key=LeadKey(_a(str, values["key"])),
            began=of_milliseconds(values["began"]),
            lead=_a(dict, values["lead"]),
            own=_own(fields.get(OWN.encode())),
            handled=_steps(fields.get(HANDLED.encode())),
            said=_steps(fields.get(SAID.encode())),
            had=tuple(sorted(_steps(fields.get(HAD.encode())))),
        )


def _own(record: bytes | None) -> Fields:
    return {} if record is None else _a(dict, read_record(record)["fields"])


def _steps(record: bytes | None) -> frozenset[str]:
    return frozenset() if record is None else frozenset(_a(str, name) for name in _a(list, orjson.loads(record)))


def _a(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError
    return value
