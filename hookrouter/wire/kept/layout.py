"""The layout, as a record: its text is compared to see whether it is still the same."""

from __future__ import annotations

from typing import Any

from hookrouter.domain.layout import UNKNOWN, Layout, Spread, Strays
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_layout(layout: Layout) -> bytes:
    """A layout; equal ones are written alike."""
    spreads = {name: _values(layout.spreads[name]) for name in sorted(layout.spreads)}
    strays = {"intake": sorted(layout.strays.intake), "enriching": sorted(layout.strays.enriching)}
    return write_values({"spreads": spreads, **({"strays": strays} if any(strays.values()) else {})})


def read_layout(record: bytes) -> Layout:
    """What `write_layout` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("layout"):
        spreads = {str(name): _spread(each) for name, each in {**values["spreads"]}.items()}
        strays = values.get("strays", {})
        intake, enriching = (frozenset(map(int, strays.get(kind, ()))) for kind in ("intake", "enriching"))
        return Layout(spreads, Strays(intake, enriching))


def _values(spread: Spread) -> dict[str, object]:
    former = {} if spread.former is None else {"former": _values(spread.former)}
    return {"streams": spread.streams, "generation": spread.generation, **former}


def _spread(values: Any) -> Spread:
    former = values.get("former")
    streams = int(values["streams"])
    generation = int(values["generation"])
    if not 1 <= streams <= UNKNOWN.streams or generation < 0:
        raise ValueError
    return Spread(streams, generation, None if former is None else _spread(former))
