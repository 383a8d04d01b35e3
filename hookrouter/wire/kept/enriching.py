"""Deliveries that wait for what the CRM knows of their lead, as a record in Redis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.routing import AT_ONCE, Enrichment
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds
from hookrouter.wire.kept.records import FORMAT, Reading, delivery_of, delivery_values, read_record, truth


def write_enriching(enrichment: Enrichment, deliveries: Sequence[Delivery], since: datetime) -> bytes:
    """Deliveries of one lead that wait for its history since a moment."""
    return orjson.dumps(
        {
            "v": FORMAT,
            **enrichment_values(enrichment),
            "since": in_milliseconds(since),
            "deliveries": [delivery_values(delivery) for delivery in deliveries],
        }
    )


def read_enriching(record: bytes) -> tuple[Enrichment, tuple[Delivery, ...], datetime]:
    """What `write_enriching` wrote."""
    values = read_record(record)
    with Reading("entry to enrich"):
        enrichment = enrichment_of(values)
        deliveries = tuple(delivery_of(each) for each in values["deliveries"])
        if not deliveries:
            raise ValueError
        return enrichment, deliveries, of_milliseconds(values["since"])


def enrichment_values(enrichment: Enrichment) -> dict[str, object]:
    """What is wanted to be known of a lead, as part of a record."""
    return {
        **({} if enrichment.timeline else {"timeline": False}),
        **({"lists": True} if enrichment.lists else {}),
        **_patience_values(enrichment.patience),
        "sources": enrichment.sources,
        "last": None if enrichment.last is None else enrichment.last.total_seconds(),
    }


def enrichment_of(values: Any) -> Enrichment:
    """What `enrichment_values` made of it."""
    last = values["last"]
    return Enrichment(
        timeline=truth(values.get("timeline", True)),
        sources=tuple(values["sources"]),
        last=None if last is None else timedelta(seconds=last),
        lists=truth(values.get("lists", False)),
        patience=_patience_of(values),
    )


def _patience_values(patience: timedelta | None) -> dict[str, object]:
    """In words that earlier versions know; the duration, which they do not, is a minute to them."""
    if patience is None:
        return {"on_failure": "wait"}
    return {"patience": patience.total_seconds()} if patience else {"on_failure": "deliver"}


def _patience_of(values: Any) -> timedelta | None:
    match values.get("on_failure"):
        case "wait":
            return None
        case "deliver":
            return AT_ONCE
        case None:  # what an earlier version wrote of a route that said nothing waits for a minute
            return timedelta(seconds=values.get("patience", 60))
        case _:
            raise ValueError
