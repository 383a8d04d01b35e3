"""Receipts of pushes, as records."""

from __future__ import annotations

import orjson

from hookrouter.domain.ids import PushId
from hookrouter.domain.push import Receipt
from hookrouter.wire.kept.records import FORMAT, Reading, read_record


def write_receipt(receipt: Receipt) -> bytes:
    """What the sender was told."""
    return orjson.dumps({"v": FORMAT, "push": receipt.push, "n": (receipt.leads, receipt.accepted, receipt.rejected)})


def read_receipt(record: bytes, *, duplicate: bool) -> Receipt:
    """What `write_receipt` wrote."""
    values = read_record(record)
    with Reading("receipt"):
        leads, accepted, rejected = values["n"]
        push = PushId(values["push"])
        return Receipt(push=push, leads=leads, accepted=accepted, rejected=rejected, duplicate=duplicate)
