"""A push as its leads, each judged."""

from __future__ import annotations

from collections.abc import Mapping

from hookrouter.domain.bounds import Bounds
from hookrouter.domain.push import Batch
from hookrouter.wire.lead_schema import read_batch
from hookrouter.wire.push_body import Label, read_push_body


def read_push(body: bytes, headers: Mapping[str, str], bounds: Bounds) -> Batch:
    """The leads of a push, good and bad.

    Raises:
        PushRefused: as `read_push_body` does.
    """
    return read_batch(read_push_body(body, Label.of(headers), bounds), bounds)
