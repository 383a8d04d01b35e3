"""Writes cut into as many objects as the CRM takes at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

LARGEST_WRITE = 500
LARGEST_RICH_WRITE = 250
"""What the CRM takes of leads "with much custom data" (crm-api 2)."""
MUCH = 10
"""Custom fields from which on a lead counts as having much: the vendor gives no number."""

CRM_FIELD = re.compile(r".*_[0-9a-f]{13}", re.DOTALL)
"""The name of a custom field ends in thirteen hexadecimal digits (crm-api 4.3)."""

WriteObject = Mapping[str, Any]


def batches(objects: Sequence[WriteObject]) -> Iterator[Sequence[WriteObject]]:
    """The objects in order, as many at once as may go into one call."""
    start = 0
    while start < len(objects):
        batch = objects[start : start + LARGEST_WRITE]
        if len(batch) > LARGEST_RICH_WRITE and any(map(_is_rich, batch)):
            batch = batch[:LARGEST_RICH_WRITE]
        yield batch
        start += len(batch)


def _is_rich(given: WriteObject) -> bool:
    custom = (name for name in given if CRM_FIELD.fullmatch(name))
    return next(islice(custom, MUCH - 1, None), None) is not None
