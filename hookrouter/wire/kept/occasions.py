"""Where and when a lead was pushed, as a part of records."""

from __future__ import annotations

from typing import Any

from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Via
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds


def occasion_values(occasion: Occasion) -> dict[str, object]:
    """An occasion's part of a record."""
    return {
        "push": occasion.push,
        "source": occasion.source,
        "place": occasion.place,
        "at": in_milliseconds(occasion.received_at),
        **({} if occasion.via is Via.PUSH else {"via": occasion.via}),
    }


def occasion_of(values: Any) -> Occasion:
    """The occasion in a record; raises what wrong values raise, for `Reading` to judge."""
    return Occasion(
        push=PushId(of_kind(str, values["push"])),
        source=SourceName(of_kind(str, values["source"])),
        place=of_kind(int, values["place"]),
        received_at=of_milliseconds(values["at"]),
        via=Via(values.get("via", Via.PUSH)),
    )


def of_kind(kind: type, value: Any) -> Any:
    """The value, if it is of a kind. Raises `TypeError` if not."""
    if not isinstance(value, kind):
        raise TypeError
    return value
