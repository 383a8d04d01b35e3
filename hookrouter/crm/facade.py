"""The CRM from Python: every method of its API, with keys and nothing else needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from hookrouter.crm import events, fields, leads, memberships, subscription, timeline, writes
from hookrouter.crm.batches import WriteObject
from hookrouter.crm.client import CrmClient, open_crm_session
from hookrouter.crm.pace import Pace
from hookrouter.crm.patience import USUAL_TRIES, Patience
from hookrouter.crm.records import CrmEvent, CrmField, CrmLead, event_of, field_of, lead_of
from hookrouter.crm.spans import leads_in_span
from hookrouter.domain.account_times import IN_UTC, AccountTimes
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.quota import CallCount
from hookrouter.domain.reconciling import Kind
from hookrouter.wire.config.timezones import read_zone
from hookrouter.wire.crm.envelope import WriteResult

Each = TypeVar("Each")
OLD_VERSION, USUAL_VERSION = "v1", "v1.2"
POLITE = 4.0  # calls a second; the vendor's limit is ten, or four, depending on where one reads (crm-api 2)
NO_KEYS = "account_id and secret_key must be text that is not empty; is a variable that they come from not set?"


class Client:
    """Every method of the API, under its name, between `async with Client(...) as crm:` and the end of the block.

    What does not answer is asked again where that is safe. All times are in UTC. No error, log or repr shows the key.

    Args:
        account_id: from Settings > API Settings in the CRM.
        secret_key: likewise.
        version: of the API: `v1.2` tells times in UTC, `v1` in the zone of the company's profile.
        timezone: with `v1`, that zone, such as `Europe/Kyiv`.
        url: of the API, if it is another than the vendor's.
        calls_a_second: the most that this client makes.
        timeout: seconds that a call may take.
        tries: calls made for one answer, when the CRM does not serve.

    Raises:
        ConfigurationError: keys that are no text, `v1` without a timezone, a timezone with another version, a url
            that is none, or no call a second.
    """

    def __init__(
        self,
        *,
        account_id: str,
        secret_key: str,
        version: str = USUAL_VERSION,
        timezone: str | None = None,
        url: str | None = None,
        calls_a_second: float = POLITE,
        timeout: float = 30.0,
        tries: int = USUAL_TRIES,
    ) -> None:
        keys: tuple[object, ...] = (account_id, secret_key)  # whatever an environment gave
        if not all(isinstance(key, str) and key.strip() for key in keys):
            raise ConfigurationError(NO_KEYS)
        self._settings: dict[str, Any] = {
            "url": url or f"https://api.sharpspring.com/pubapi/{version}/",
            "account_id": account_id,
            "secret_key": secret_key,
            "timeout": timeout,
            "times": _times_of(version, timezone),
            "patience": Patience(tries=tries),
            "turn": Pace(calls_a_second).turn,
            "on_answer": self._heard,
        }
        self._session: aiohttp.ClientSession | None = None
        self._client: CrmClient | None = None
        self.call_count: CallCount | None = None
        """What the CRM last told of the day's calls."""

    async def __aenter__(self) -> Self:
        session = open_crm_session()
        try:
            self._client = CrmClient(session=session, **self._settings)
        except ConfigurationError:
            await session.close()
            raise
        self._session = session
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client, session = None, self._session
        if session is not None:
            await session.close()

    async def get_lead(self, lead_id: str | int) -> CrmLead | None:
        """The lead with this id, active or not; None if there is none."""
        row = await leads.get_lead(self._open, str(lead_id))
        return None if row is None else lead_of(row)

    async def get_leads(
        self, *, ids: Sequence[str | int] = (), emails: Sequence[str] = (), only: Sequence[str] = ()
    ) -> list[CrmLead]:
        """The leads with these ids or addresses, active or not; of each only some fields, if any are named."""
        found = await leads.get_leads(self._open, [str(each) for each in _several(ids)], _several(only))
        found += await leads.get_leads_by_email(self._open, _several(emails), _several(only))
        return list({lead.id: lead for lead in map(lead_of, found)}.values())

    async def all_leads(self, *, only: Sequence[str] = ()) -> AsyncIterator[CrmLead]:
        """Every active lead, by getLeads page by page."""
        async for row in leads.all_leads(self._open, _several(only)):
            yield lead_of(row)

    async def get_leads_date_range(
        self, since: datetime, until: datetime, *, by: str = Kind.UPDATE, only: Sequence[str] = ()
    ) -> AsyncIterator[CrmLead]:
        """The active leads created or updated (`by="update"`), or created (`by="create"`), in a span of time."""
        async for row in leads_in_span(self._open, since, until, Kind(by), _several(only)):
            yield lead_of(row)

    async def create_leads(self, given: Sequence[WriteObject]) -> list[WriteResult]:
        """Create leads, each with its `emailAddress`; 301 says that it exists."""
        return await writes.create_leads(self._open, _several(given))

    async def update_leads(self, given: Sequence[WriteObject]) -> list[WriteResult]:
        """Update leads by `id` or `emailAddress`; of one that does not exist the CRM says success."""
        return await writes.update_leads(self._open, _several(given))

    async def update_leads_v2(self, given: Sequence[WriteObject]) -> list[WriteResult]:
        """Update leads by `id` or `emailAddress`; 404 says that there is none, 302 that it was so already."""
        return await writes.update_leads_v2(self._open, _several(given))

    async def delete_leads(self, ids: Sequence[str | int]) -> list[WriteResult]:
        """Delete leads for good; 302 says that there was none."""
        return await writes.delete_leads(self._open, [str(each) for each in _several(ids)])

    async def log_calls(self, calls: Sequence[WriteObject]) -> list[WriteResult]:
        """Log calls, each with `userID`, `leadID`, `direction` (incoming, outgoing) and `createTimestamp`."""
        return await writes.log_calls(self._open, _several(calls))

    async def get_events(
        self, *, lead_id: str | int | None = None, after: datetime | None = None
    ) -> AsyncIterator[CrmEvent]:
        """Events of one lead or of all, after a moment or of all times."""
        async for row in events.events(self._open, _text(lead_id), after):
            yield event_of(row)

    async def get_events_by_type(
        self, sources: Sequence[str], *, lead_id: str | int | None = None, after: datetime | None = None
    ) -> AsyncIterator[CrmEvent]:
        """Events of some event sources, of one lead or after a moment, or both; what is to come after getEvents."""
        async for row in events.events_by_type(self._open, _several(sources), _text(lead_id), after):
            yield event_of(row)

    async def get_lead_timeline(self, lead_id: str | int, source: str | None = None) -> AsyncIterator[CrmEvent]:
        """What a lead did, of one event source or of all, in the CRM's order: by source, not by time."""
        async for row in timeline.whole_timeline(self._open, str(lead_id), source):
            yield event_of(row)

    async def get_lead_list_memberships(self, ids: Sequence[str | int]) -> dict[str, list[str]]:
        """The names of the lists of each lead, by its id."""
        return await memberships.lists_of_all(self._open, [str(each) for each in _several(ids)])

    async def get_fields(self) -> list[CrmField]:
        """The fields that leads have, custom ones too."""
        return [field_of(row) for row in await fields.get_fields(self._open) if fields.is_of_leads(row)]

    async def subscribe_to_lead_updates(self, url: str) -> bool:
        """Have lead updates pushed to a URL too, from now on; whether the CRM says it will. Nothing can end it."""
        return await subscription.subscribe_to_lead_updates(self._open, url)

    async def call(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Call any method of the API, and give its result object as it is."""
        return await self._open.call(method, params)

    @property
    def _open(self) -> CrmClient:
        if self._client is None:
            raise RuntimeError("this client is not open: use it within `async with Client(...) as crm:`")
        return self._client

    def _heard(self, count: CallCount) -> None:
        self.call_count = count


def _times_of(version: str, timezone: str | None) -> AccountTimes:
    if version not in (OLD_VERSION, USUAL_VERSION):
        raise ConfigurationError(f"the API has the versions {OLD_VERSION} and {USUAL_VERSION}")
    if (version == OLD_VERSION) != (timezone is not None):
        raise ConfigurationError("v1 tells times in the company's timezone: say which; v1.2 tells them in UTC")
    if timezone is None:
        return IN_UTC
    try:
        return AccountTimes(timezone=read_zone(timezone))
    except ValueError as fault:
        raise ConfigurationError(str(fault)) from None


def _text(lead_id: str | int | None) -> str | None:
    return None if lead_id is None else str(lead_id)


def _several(given: Sequence[Each]) -> Sequence[Each]:
    """What is a list; the letters of one id, or the names of one lead's fields, are none, and nobody is to delete them.

    Raises:
        TypeError: it is one alone.
    """
    if isinstance(given, str | bytes | Mapping):
        raise TypeError("give a list, also of one: [...]")
    return given
