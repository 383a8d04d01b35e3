"""Clocks of leads, as the fields of their hash."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import orjson

from hookrouter.domain.ids import LeadKey, RouteName
from hookrouter.domain.lead import Fields
from hookrouter.domain.lead_clock import LeadClock
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds
from hookrouter.wire.kept.occasions import occasion_of, occasion_values, of_kind
from hookrouter.wire.kept.records import Reading, read_record, write_values

BEGAN, OWN, HANDLED, SAID, HAD = "began", "own", "handled", "said", "had"
"""The fields of a hash. Each has one writer, so that none overwrites what another found out meanwhile."""


def write_began(clock: LeadClock) -> bytes:
    """Who it is of, and how it began."""
    occasion = clock.occasion
    return write_values(
        {
            "route": clock.route,
            **occasion_values(occasion),
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
        return LeadClock(
            route=RouteName(of_kind(str, values["route"])),
            occasion=occasion_of(values),
            key=LeadKey(of_kind(str, values["key"])),
            began=of_milliseconds(values["began"]),
            lead=of_kind(dict, values["lead"]),
            own=_own(fields.get(OWN.encode())),
            handled=_steps(fields.get(HANDLED.encode())),
            said=_steps(fields.get(SAID.encode())),
            had=tuple(sorted(_steps(fields.get(HAD.encode())))),
        )


def _own(record: bytes | None) -> Fields:
    return {} if record is None else of_kind(dict, read_record(record)["fields"])


def _steps(record: bytes | None) -> frozenset[str]:
    names = [] if record is None else of_kind(list, orjson.loads(record))
    return frozenset(of_kind(str, name) for name in names)
