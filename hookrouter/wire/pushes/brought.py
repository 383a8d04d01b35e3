"""Leads that no push brought, as the push that they would have come by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson

from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.lead import Lead
from hookrouter.domain.push import Batch, Push, Via


def brought(name: str, source: SourceName, at: datetime, leads: Sequence[Lead], via: Via) -> tuple[Push, Batch]:
    """A push of this name, and the leads in it."""
    body = orjson.dumps([dict(lead.fields) for lead in leads])
    push = Push(id=PushId(name), source=source, received_at=at, body=body, headers={}, via=via)
    return push, Batch(accepted=list(enumerate(leads)), rejected=())
