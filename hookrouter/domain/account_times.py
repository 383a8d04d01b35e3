"""The times of an account whose API writes them as the clock on its wall shows them, brought to UTC.

API v1 writes all times in the zone of the company's profile, v1.2 in UTC (crm-api 3). From its edge inwards hookrouter
knows UTC alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hookrouter.domain.lead import CLOCKS_DIFFER, CREATED_FIELD, CRM_TIME_FORMAT, UPDATED_FIELD, Json, Lead, plain_time
from hookrouter.domain.push import Batch

Event = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTimes:
    """How an account writes the moments of its leads and events.

    Only the CRM's own times are in the zone: it does not convert those of custom fields (crm-api 4).

    Attributes:
        timezone: of the company's profile; None when times are in UTC.
    """

    timezone: ZoneInfo | None = None

    def of_batch(self, batch: Batch, now: datetime) -> Batch:
        """The good leads of a push with their times in UTC; `now` is when it came."""
        if self.timezone is None:
            return batch
        return replace(batch, accepted=[(place, self._of_lead(lead, now)) for place, lead in batch.accepted])

    def of_copies(self, leads: list[dict[str, Json]], now: datetime) -> list[dict[str, Json]]:
        """Leads as the API gives them, with their times in UTC; `now` is when it was asked."""
        if self.timezone is None:
            return leads
        return [{**lead, **self._told(lead, now)} for lead in leads]

    def of_events(self, events: Sequence[Event], now: datetime) -> list[Event]:
        """Events of a history, with their times in UTC; `now` is when it was asked for."""
        if self.timezone is None:
            return list(events)
        return [{**event, **self._told(event, now)} for event in events]

    def written(self, moment: datetime) -> str:
        """A moment as the account writes it."""
        return moment.astimezone(self.timezone or UTC).strftime(CRM_TIME_FORMAT)

    def _of_lead(self, lead: Lead, now: datetime) -> Lead:
        return replace(lead, fields={**lead.fields, **self._told(lead.fields, now)})

    def _told(self, fields: Mapping[str, Json], now: datetime) -> dict[str, Json]:
        return {name: self._in_utc(fields[name], now) for name in (CREATED_FIELD, UPDATED_FIELD) if name in fields}

    def _in_utc(self, value: Json, now: datetime) -> Json:
        time = plain_time(value)
        if time is None or time.tzinfo is not None:
            return value
        # In the hour that the clock shows twice a time has two meanings: the later one, unless that is yet to come.
        # The other way round, a lead's second update in that hour would be taken for older than its first, and dropped.
        try:
            first, second = (time.replace(tzinfo=self.timezone, fold=fold).astimezone(UTC) for fold in (0, 1))
        except OverflowError:
            return value  # at the very beginning or end of all years: nobody means a moment by it
        moment = second if first < second <= now + CLOCKS_DIFFER else first
        return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


IN_UTC = AccountTimes()
