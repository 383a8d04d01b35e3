"""A push as its leads, each judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.account_times import IN_UTC, AccountTimes
from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Batch
from hookrouter.wire.pushes.lead_schema import read_batch
from hookrouter.wire.pushes.push_body import Label, read_push_body


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReader:
    """How pushes are read: how large they may be, and how the account writes its times."""

    bounds: Bounds = USUAL
    times: AccountTimes = IN_UTC

    def read(self, body: bytes, headers: Mapping[str, str], received_at: datetime) -> Batch:
        """The leads of a push, good and bad.

        Raises:
            PushRefused: as `read_push_body` does.
        """
        return self.judge(read_push_body(body, Label.of(headers), self.bounds), received_at)

    def judge(self, leads: list[Json], received_at: datetime) -> Batch:
        """Part good leads from bad ones."""
        return self.times.of_batch(read_batch(leads, self.bounds), received_at)


USUAL_READER = PushReader()
