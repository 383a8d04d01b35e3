"""Reads all that changed in a span, though the CRM gives 500 at a time and leads leave the span while it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookrouter.crm.changes import CrmChanges
from hookrouter.crm.client import CrmClient, at_once
from hookrouter.crm.leads import LeadRow
from hookrouter.domain.errors import CrmAway, CrmQuotaSpent, CrmThrottled
from hookrouter.domain.lead import crm_time, text_of
from hookrouter.domain.reconciling import Kind, Span
from hookrouter.ports.reconciling import Page

MOST_A_CALL = 500
LEAST_A_CALL = 50
"""Leads; after a failure half as many are asked for, for large pages alone have been seen to fail (crm-api 2)."""
MOST_OF_A_SECOND = 10_000
"""Leads that may be asked for at once where places count for nothing: date ranges give more than 500 (crm-api 2.2)."""
TRIES = 6
FIRST_PAUSE = timedelta(seconds=1)
"""How long the CRM is left alone after it did not answer; twice as long each time, half a minute in all."""


async def leads_in_span(
    client: CrmClient, since: datetime, until: datetime, by: Kind = Kind.UPDATE, fields: Sequence[str] = ()
) -> AsyncIterator[LeadRow]:
    """The active leads created, or created or updated, in a span of time, the oldest first.

    Whoever is updated while this reads comes a second time, as it is then.

    Raises:
        CrmAway: as all reads; also when more leads have one and the same time than the CRM gives.
    """
    seen: set[Hashable] = set()
    reader = SpanReader(changes=CrmChanges(client, fields), tries=2, first_pause=timedelta())
    async for page in reader.pages(by, Span(since, until)):
        for lead in page:
            state = text_of(lead.get("id")), text_of(lead.get(by.field))
            if state[0] and state not in seen:
                seen.add(state)
                yield lead


async def _sleep(pause: timedelta) -> None:
    await asyncio.sleep(pause.total_seconds())


@dataclass(slots=True, kw_only=True)
class SpanReader:
    """Reads spans.

    A row that is read by its place in the list may be missed when one before it leaves the list, as a lead does that
    is changed again. So a full page is followed by the span from its last time on, or, where the CRM's order does not
    allow that, by both halves of the span; only within one second are places counted.

    Attributes:
        turn: awaited before each call.
        sleep: how the CRM is left alone for a while.
        tries: how often a page is asked for.
        calls: how many were made.
    """

    changes: CrmChanges
    turn: Callable[[], Awaitable[None]] = at_once
    sleep: Callable[[timedelta], Awaitable[None]] = _sleep
    tries: int = TRIES
    first_pause: timedelta = FIRST_PAUSE
    calls: int = 0
    _limit: int = field(default=MOST_A_CALL, init=False)
    _cap: int = field(default=MOST_OF_A_SECOND, init=False)
    """So many leads the CRM was seen to give where there were more, though it was asked for more (crm-api 2)."""

    async def pages(self, kind: Kind, span: Span) -> AsyncIterator[Page]:
        """All leads of a span, some of them more than once.

        Raises:
            CrmAway: it does not answer.
            CrmRefused: it refuses.
            ToldToStop: where `turn` and `sleep` raise it.
        """
        spans = [span]
        while spans:
            now = spans.pop()
            page, is_full = await self._ask(kind, now, 0)
            if not is_full:
                yield page
            elif now.is_one_second:
                yield page
                async for more in self._rest_of_second(kind, now, page):
                    yield more
            elif (last := _last_time(page, kind)) is not None and now.start < last <= now.end:
                yield page
                spans.append(Span(last, now.end))
            else:
                spans += reversed(now.halves())

    async def _rest_of_second(self, kind: Kind, span: Span, page: Page) -> AsyncIterator[Page]:
        first, read, is_full = page[0].get("id"), len(page), True
        while is_full:
            page, is_full = await self._ask(kind, span, read)
            if page and page[0].get("id") == first:  # it minds no place (crm-api 2.2)
                yield await self._second_at_once(kind, span, read)
                return
            yield page
            read += len(page)

    async def _second_at_once(self, kind: Kind, span: Span, read: int) -> Page:
        """All of one second in one page, larger than any other: a CRM that minds no place may give it."""
        await self.turn()
        self.calls += 1
        page: Page = ()
        with suppress(CrmAway):
            page = await self.changes.page(kind, span, 0, MOST_OF_A_SECOND)
        if read < len(page) < MOST_OF_A_SECOND:
            return page
        raise CrmAway(f"the CRM gives only {read} of the leads that changed at {span.start:%Y-%m-%d %H:%M:%S}")

    async def _ask(self, kind: Kind, span: Span, offset: int) -> tuple[Page, bool]:
        """A page, and whether it is full, so that there may be more."""
        page = await self._page(kind, span, offset)
        if not page or len(page) >= min(self._limit, self._cap):
            return page, bool(page)
        if not await self._is_followed(kind, span, offset, page):
            return page, False
        self._cap = len(page)
        return page, True

    async def _is_followed(self, kind: Kind, span: Span, offset: int, page: Page) -> bool:
        """Whether more than a page tells is there; only that no more comes shows that a short one is the last."""
        known = {each.get("id") for each in page}
        more = await self._page(kind, span, offset + len(page))
        if more and more[0].get("id") == page[0].get("id"):  # it minds no place (crm-api 2.2)
            last = _last_time(page, kind)
            more = () if last is None or last <= span.start else await self._page(kind, Span(last, span.end), 0)
        return any(each.get("id") not in known for each in more)

    async def _page(self, kind: Kind, span: Span, offset: int) -> Page:
        """So many leads as may be, half as many after each failure that their number may explain."""
        pause = self.first_pause
        for left in reversed(range(self.tries)):
            await self.turn()
            self.calls += 1
            try:
                return await self.changes.page(kind, span, offset, self._limit)
            except CrmAway as fault:
                if not left or isinstance(fault, CrmQuotaSpent):  # which lasts until the next day
                    raise
                if not isinstance(fault, CrmThrottled):
                    self._limit = max(LEAST_A_CALL, self._limit // 2)
                await self.sleep(pause)
                pause *= 2
        raise AssertionError("the last try returns or raises")


def _last_time(page: Page, kind: Kind) -> datetime | None:
    """The last time of a page, if the page is in the order of its times."""
    times = [crm_time(lead.get(kind.field)) for lead in page]
    known = [time for time in times if time is not None]
    return known[-1] if len(known) == len(times) and known == sorted(known) else None
